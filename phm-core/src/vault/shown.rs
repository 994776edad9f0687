//! Records as the outside sees them: whole, as a row of a list, page by page.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::id::{ProfileId, RecordId};
use crate::model::{Provenance, Source};
use crate::time::{Instant, When};

/// How a fact came into the vault, as the caller says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum How {
    /// A person typed it.
    #[default]
    Typed,
    /// A device measured it.
    Device,
    /// It was read from a document.
    Document {
        /// The file it was read from.
        source: Source,
        /// The page, from 1.
        page: Option<u32>,
    },
    /// A plugin proposed it and a person accepted, or a rule that a person had made.
    Plugin {
        /// The plugin with its version: `pdf-text 0.1.0`.
        plugin: String,
        /// The file it was read from, where it was read from one.
        source: Option<Source>,
        /// The page, from 1.
        page: Option<u32>,
        /// Where on the page: left, top, width and height as parts of one.
        region: Option<[f32; 4]>,
        /// The rule it was accepted by, where nobody looked at it.
        rule: Option<String>,
    },
}

/// Whether removed records are found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Removed {
    /// They are not found.
    Hide,
    /// They are found, with the body they had.
    Show,
}

/// A record as the outside sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// The person it is about.
    pub profile: ProfileId,
    /// The version, from 1.
    pub version: u32,
    /// When the fact occurred.
    pub occurred: Option<When>,
    /// When the first version was recorded.
    pub recorded_at: Instant,
    /// When this version was recorded.
    pub updated_at: Instant,
    /// Whether it is removed.
    pub removed: bool,
    /// Sensitivity labels.
    pub labels: Vec<String>,
    /// Who said so and how.
    pub provenance: Provenance,
    /// The body, in the kind's form.
    pub body: Box<RawValue>,
}

/// A record as a list or a timeline shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: String,
    /// When the fact occurred.
    pub occurred: Option<When>,
    /// The record in a few words.
    pub title: String,
    /// Value, unit, status and flag, in that order, as far as there are any.
    pub summary: String,
    /// The value, where there is one.
    #[serde(skip)]
    pub value: Option<String>,
    /// The unit of the value.
    #[serde(skip)]
    pub unit: Option<String>,
    /// The status.
    #[serde(skip)]
    pub status: Option<String>,
    /// The interpretation.
    #[serde(skip)]
    pub flag: Option<String>,
    /// Its codes: system and code.
    #[serde(skip)]
    pub codes: Vec<(String, String)>,
    /// The version, from 1.
    #[serde(skip)]
    pub version: u32,
    /// When this version was recorded.
    #[serde(skip)]
    pub updated_at: Instant,
    /// Whether it is removed.
    #[serde(skip)]
    pub removed: bool,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What stands on the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// The page, from 1.
    pub page: u32,
    /// Items a page at most.
    pub per_page: u32,
}
