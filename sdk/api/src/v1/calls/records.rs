//! Calls about the records of a person: reading them, proposing new ones.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Operation, operation};

operation! {
    /// Records of one kind of the person the call is about, newest first. Needs consent to read that kind.
    RecordsList = "records.list" -> Records {
        /// The kind, for example `medication`.
        pub kind: String,
        /// The person; the one the call is about and no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile: Option<String>,
        /// Only with this code: `system|code` or bare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// Only from here on: a date or an instant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<String>,
        /// Only up to here, inclusive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<String>,
        /// The page, from 1.
        #[serde(default = "first", skip_serializing_if = "is_first")]
        pub page: u32,
        /// Records a page, at most 100.
        #[serde(default = "usual", skip_serializing_if = "is_usual")]
        pub per_page: u32,
    }
}

pub(super) const fn first() -> u32 {
    1
}

const fn usual() -> u32 {
    50
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_first(page: &u32) -> bool {
    *page == first()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_usual(per_page: &u32) -> bool {
    *per_page == usual()
}

impl RecordsList {
    /// The first page of all records of `kind`.
    pub fn of(kind: impl Into<String>) -> Self {
        let (page, per_page) = (first(), usual());
        Self { kind: kind.into(), profile: None, code: None, from: None, to: None, page, per_page }
    }
}

/// One page of records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Records {
    /// The records, in the shape of the HTTP API: `{"id","kind","occurred","body",…}`.
    pub records: Vec<Value>,
    /// How many there are on all pages.
    pub total: u64,
}

operation! {
    /// Proposes a record. It becomes one when a person accepts it, and its provenance names the plugin. Needs consent to
    /// add to that kind.
    RecordsPropose = "records.propose" -> Proposed {
        /// The kind.
        pub kind: String,
        /// The body, in the shape of the HTTP API.
        pub body: Value,
        /// The person; the one the call is about and no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile: Option<String>,
        /// Where it was found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub evidence: Option<Evidence>,
    }
}

/// Where something was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The record of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Left, top, width and height as parts of one.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub region: Option<[f32; 4]>,
    /// The words themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A proposal that waits for a person.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposed {
    /// Its id.
    pub proposal: String,
}
