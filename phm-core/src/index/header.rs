//! What stands in front of a body in a journal entry, and what the index keeps of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{FileId, RecordId};
use crate::model::{Provenance, Summary};
use crate::time::{Instant, When};

/// The record of an entry that is about none any more.
pub(super) const NOBODY: RecordId = RecordId::from_bytes([0; 16]);

/// What an entry does.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// The first version of a record.
    Create,
    /// A new version of a record.
    Amend,
    /// The record is removed; its history stays.
    Remove,
    /// A removed or amended record takes an earlier body again.
    Restore,
    /// All entries of an import become visible.
    ImportComplete,
    /// All entries of an import are hidden again.
    ImportUndo,
    /// Samples of a series are added.
    Append,
    /// Samples that one entry added are hidden again.
    AppendUndo,
    /// What stood here was destroyed; nothing is left of it but its place.
    Destroyed,
}

impl Act {
    /// The word of the act in a record's history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Amend => "amend",
            Self::Remove => "remove",
            Self::Restore => "restore",
            Self::ImportComplete => "import-complete",
            Self::ImportUndo => "import-undo",
            Self::Append => "append",
            Self::AppendUndo => "append-undo",
            Self::Destroyed => "destroyed",
        }
    }

    /// Whether the entry is a version of a record, and not about an import or about samples.
    pub fn is_version(self) -> bool {
        matches!(self, Self::Create | Self::Amend | Self::Remove | Self::Restore)
    }
}

/// The import an entry belongs to, and the place of the source item in the whole input.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ImportMark {
    /// The import.
    #[serde(rename = "i")]
    pub import: RecordId,
    /// Number of the item over all files of the import, from 0.
    #[serde(rename = "n")]
    pub item: u64,
}

/// How new a resource from outside says it is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Newness {
    /// `meta.lastUpdated`.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Instant>,
    /// `meta.versionId`, where it is a number.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// Who an imported resource is, and what it said.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Hash of base, type and id, or of the content where there is no id.
    #[serde(rename = "k")]
    pub key: [u8; 16],
    /// Hash of the exact bytes.
    #[serde(rename = "c")]
    pub content: [u8; 16],
    /// How new it says it is.
    #[serde(rename = "n", default)]
    pub newness: Newness,
}

/// The sealed file of a document.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its name in the documents folder.
    pub file: FileId,
    /// The random key it is sealed under.
    pub key: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
}

/// Shows neither the key nor what the content is.
impl fmt::Debug for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileRef").field("file", &self.file).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// What an entry says of the samples it adds or hides; the first of them was taken when the entry `occurred`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SampleMark {
    /// How many there are.
    #[serde(rename = "n")]
    pub count: u64,
    /// When the last one was taken.
    #[serde(rename = "t")]
    pub to: Instant,
    /// The entry whose samples are hidden.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
}

/// What stands in front of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// When it was recorded.
    #[serde(rename = "t")]
    pub at: Instant,
    /// What it does.
    #[serde(rename = "a")]
    pub act: Act,
    /// The record, or the import for the acts of imports.
    #[serde(rename = "r")]
    pub record: RecordId,
    /// The kind of the record.
    #[serde(rename = "k")]
    pub kind: Box<str>,
    /// The version this entry makes, from 1.
    #[serde(rename = "v")]
    pub version: u32,
    /// Version of the kind's stored form.
    #[serde(rename = "f")]
    pub form: u8,
    /// When the fact occurred.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<When>,
    /// Sensitivity labels.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Box<str>>,
    /// Who said so and how.
    #[serde(rename = "p")]
    pub provenance: Provenance,
    /// The import it belongs to.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportMark>,
    /// Who it is outside.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Whether original bytes stand in the origin table under the same seq.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub origin: bool,
    /// The FHIR resource type it came as.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Box<str>>,
    /// The sealed file of a document.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
    /// The samples it adds or hides.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<SampleMark>,
    /// What lists show.
    #[serde(rename = "s")]
    pub summary: Summary,
}

/// Whether a version is the bare file of something else: a FHIR Binary, which says of itself neither what nor whose it is.
/// One that was amended by hand is still known by its title.
pub(super) fn is_bare_file(kind: &str, resource: Option<&str>, title: &str) -> bool {
    kind == "fhir-resource" && resource.unwrap_or(title) == "Binary"
}

impl Header {
    /// Whether this version is the bare file of something else: a FHIR Binary.
    pub fn is_bare_file(&self) -> bool {
        is_bare_file(&self.kind, self.resource.as_deref(), &self.summary.title)
    }

    /// What stands at the place of a destroyed entry: when that was, and nothing else.
    pub fn destroyed(at: Instant) -> Self {
        Self {
            at,
            act: Act::Destroyed,
            record: NOBODY,
            kind: "".into(),
            version: 0,
            form: 1,
            occurred: None,
            labels: Vec::new(),
            provenance: Provenance::default(),
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: Summary::default(),
        }
    }
}
