//! `insight`: looks at records and says what stands out.

use serde::{Deserialize, Serialize};

/// What to look for.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// The language of whoever reads it: `en`, `hi` or `pa`.
    pub language: String,
}

/// What was found.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// What stands out.
    pub findings: Vec<Finding>,
}

/// One thing that stands out.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// In a few words.
    pub title: String,
    /// In more.
    pub text: String,
    /// The records it rests on.
    pub records: Vec<String>,
}
