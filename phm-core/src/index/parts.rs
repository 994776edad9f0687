//! A header in two parts: what many headers have in common, and what is the entry's own.
//!
//! What is folded comes in these parts, whether it was read from the journal, as whole headers, or from a checkpoint,
//! where the first part stands once for all entries that share it.

use serde::{Deserialize, Serialize};

use super::header::{Act, FileRef, Header, Identity, ImportMark, SampleMark};
use crate::id::RecordId;
use crate::model::{Provenance, Summary};
use crate::time::{Instant, When};

/// What many headers have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Shared {
    pub kind: Box<str>,
    pub form: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Box<str>>,
    pub provenance: Provenance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Box<str>>,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, String)>,
}

/// What a header has that others rarely share.
#[derive(Debug)]
pub(super) struct Own {
    pub at: Instant,
    pub act: Act,
    /// The record, or the import for the acts of imports.
    pub record: RecordId,
    pub version: u32,
    pub occurred: Option<When>,
    pub import: Option<ImportMark>,
    pub identity: Option<Identity>,
    pub origin: bool,
    pub value: Option<Box<str>>,
    pub file: Option<Box<FileRef>>,
    pub samples: Option<Box<SampleMark>>,
}

impl Header {
    /// The header in its two parts.
    pub(super) fn parted(self) -> (Shared, Own) {
        let Summary { title, value, unit, status, flag, codes } = self.summary;
        let shared = Shared {
            kind: self.kind,
            form: self.form,
            labels: self.labels,
            provenance: self.provenance,
            resource: self.resource,
            title,
            unit,
            status,
            flag,
            codes,
        };
        let own = Own {
            at: self.at,
            act: self.act,
            record: self.record,
            version: self.version,
            occurred: self.occurred,
            import: self.import,
            identity: self.identity,
            origin: self.origin,
            value: value.map(String::into_boxed_str),
            file: self.file.map(Box::new),
            samples: self.samples.map(Box::new),
        };
        (shared, own)
    }
}
