//! `assistant`: a question in, an answer with citations out.

use serde::{Deserialize, Serialize};

/// A question.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// The question.
    pub question: String,
    /// The language of whoever asks: `en`, `hi` or `pa`.
    pub language: String,
}

/// An answer.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// The answer.
    pub text: String,
    /// The records it rests on.
    pub citations: Vec<Citation>,
}

/// A record an answer rests on.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Citation {
    /// The record.
    pub record: String,
    /// The words it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
