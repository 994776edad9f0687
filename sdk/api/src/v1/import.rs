//! `import`: a file in, proposed records out.

use serde::{Deserialize, Serialize};

pub use super::document::{Output, Proposal};

/// A file.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// Its name, without folders.
    pub file: String,
    /// Its bytes in base64.
    pub bytes: String,
}
