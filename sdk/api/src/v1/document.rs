//! `document`: the text of a document in, proposed records out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// The record of the document.
    pub document: String,
    /// What it is: `application/pdf`.
    #[serde(default)]
    pub media_type: String,
    /// Its pages.
    pub pages: Vec<Page>,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// The number, from 1.
    pub number: u32,
    /// Its text.
    pub text: String,
    /// The words with their places.
    #[serde(default)]
    pub words: Vec<Word>,
}

/// A word on a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Word {
    /// The word.
    pub text: String,
    /// Left, top, width and height as parts of one.
    #[serde(rename = "box")]
    pub region: [f32; 4],
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// Proposed records.
    pub proposals: Vec<Proposal>,
}

/// A proposed record and where it was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    /// The kind.
    pub kind: String,
    /// The body, in the shape of the HTTP API.
    pub body: Value,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<super::calls::Evidence>,
}
