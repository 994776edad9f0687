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
    /// Its pages, where the house knows its text. Where not, the plugin asks for the file by `documents.content` and answers
    /// with the pages it read.
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
    /// The text of the document, where the plugin read it out of the file. The house keeps it for `documents.text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// What looked like something to propose and was not understood. A person is shown it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_understood: Vec<NotUnderstood>,
    /// Why the document could not be read at all, as one of [`UNREADABLE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// Why a document cannot be read.
pub const UNREADABLE: &[&str] = &[
    // The file is of a kind that the plugin does not read.
    "other-kind",
    // It is cut off or damaged.
    "damaged",
    // It is locked with a password.
    "encrypted",
    // The file, or what it unpacks to, is larger than the plugin reads.
    "too-large",
    // It has more pages than the plugin reads.
    "too-many-pages",
    // It uses something that the plugin does not know.
    "unsupported",
    // There is no text in it: a scan.
    "no-text",
];

/// Something that was not understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotUnderstood {
    /// The words.
    pub text: String,
    /// The page, from 1.
    pub page: u32,
    /// Left, top, width and height as parts of one.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub region: Option<[f32; 4]>,
    /// What is wrong with it, as one of [`WHY`].
    pub why: String,
}

/// What keeps a line from being understood.
///
/// | code | what is wrong |
/// |---|---|
/// | `letters` | letters whose meaning the file does not tell |
/// | `name` | no name of a test, or one that does not say what was examined |
/// | `value` | no value, or one that can be read in two ways |
/// | `unit` | no unit, or one that is not known |
/// | `range` | a reference range that can be read in two ways |
/// | `date` | a day that can be read in two ways |
/// | `columns` | the words do not stand in the columns of the table |
/// | `sideways` | text that stands sideways and is not read |
/// | `too-many` | more than one document may have |
pub const WHY: &[&str] = &["letters", "name", "value", "unit", "range", "date", "columns", "sideways", "too-many"];

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
