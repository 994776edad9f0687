//! Placeholder of the record kinds; the names below are what the rest of the core relies on.

use serde_json::Value;

use crate::error::Detail;
use crate::time::When;

/// What a list shows of a record without opening its body.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// The record in a few words: the test, the medicine, the reason of the visit.
    pub title: String,
    /// The value as a person reads it, with comparator and without unit; several components joined by `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The unit of the value, in UCUM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The record's status, by the word of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The interpretation of a result (`H`, `L`, …) or another short flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The codes one may search by: system and code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, String)>,
}

/// A body that obeys the rules of its kind.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The stored form: the body as JSON, fields in the order of the kind, absent fields left out.
    pub json: String,
    /// When the fact belongs in a person's history, where it is known.
    pub occurred: Option<When>,
    /// What lists show.
    pub summary: Summary,
}

/// One field of a kind, for forms, documents and tables.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Name in JSON.
    pub name: &'static str,
    /// Type of its value: `text`, `number`, `boolean`, `instant`, `when`, `date`, `quantity`, `concept`, `party`, `id`, …
    pub of: &'static str,
    /// Whether it is a list.
    pub many: bool,
    /// Whether the kind requires it.
    pub required: bool,
    /// The words it may hold, where it is a choice.
    pub choices: &'static [&'static str],
}

/// A kind of record.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// One name everywhere: stored bytes, JSON, capabilities.
    pub name: &'static str,
    /// Name of its collection in URLs.
    pub collection: &'static str,
    /// Version of the stored form.
    pub version: u8,
    /// Its fields, in order.
    pub fields: &'static [FieldInfo],
    /// Checks a body and brings it into stored form.
    pub check: fn(&Value) -> Result<Checked, Vec<Detail>>,
}
