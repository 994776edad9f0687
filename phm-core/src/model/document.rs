//! A document: a file with what is known about it.
//!
//! The file itself is sealed apart; `media_type`, `bytes` and `sha256` are found by the server, not by the sender.

use serde::Serialize;
use serde_json::Value;

use crate::fields;
use crate::time::{PartialDate, When};

use super::macros::{choice, words};
use super::{At, Count, Kind, Link, Part, Party, Report, Summary, Text, Visit};

choice! {
    /// What sort of document it is.
    pub enum DocumentCategory {
        /// A report of a laboratory.
        LabReport = "lab-report",
        /// A prescription.
        Prescription = "prescription",
        /// An image, or a report of one.
        Imaging = "imaging",
        /// What a hospital wrote at the end of a stay.
        DischargeSummary = "discharge-summary",
        /// What was written at a visit.
        VisitNote = "visit-note",
        /// A paper of an insurer.
        Insurance = "insurance",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How an image was made.
    pub struct Modality: "xray" "mri" "ct" "ultrasound" "mammography" "pet" "ecg" "endoscopy" "photo"
}

/// A media type such as `application/pdf`, with parameters or without (RFC 9110, 8.3.1).
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MediaType(String);

impl Part for MediaType {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        read_text(value, is_media_type, "invalid-media-type", at, report).map(Self)
    }

    fn view(&self) -> &str {
        &self.0
    }
}

fn is_media_type(text: &str) -> bool {
    let token = |text: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !text.is_empty() && text.bytes().all(fits)
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let named = essence.trim_end().split_once('/').is_some_and(|(main, sub)| token(main) && token(sub));
    named && text.len() <= 255 && parameters.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// A SHA-256 as 64 lower-case hex digits.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Sha256(String);

impl Part for Sha256 {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let digits = |text: &str| {
            text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        read_text(value, digits, "invalid-sha256", at, report).map(Self)
    }

    fn view(&self) -> &str {
        &self.0
    }
}

fn read_text(
    value: &Value,
    fits: impl FnOnce(&str) -> bool,
    code: &'static str,
    at: &At<'_>,
    report: &mut Report,
) -> Option<String> {
    let code = match value.as_str() {
        None => "wrong-type",
        Some("") => "required",
        Some(text) if fits(text) => return Some(text.to_owned()),
        Some(_) => code,
    };
    report.say(at, code);
    None
}

fields! {
    /// A file with what is known about it.
    pub struct Document {
        /// What it is called.
        title: Text,
        /// What sort of document it is.
        category: Option<DocumentCategory>,
        /// How an image was made.
        modality: Option<Modality>,
        /// What sort of file it is; found by the server.
        media_type: MediaType,
        /// How many bytes the file has; found by the server.
        bytes: Option<Count>,
        /// SHA-256 of the file; found by the server.
        sha256: Option<Sha256>,
        /// The day that stands on it.
        dated_on: Option<PartialDate>,
        /// Who wrote it.
        author: Option<Party>,
        /// How many pages it has.
        pages: Option<Count<1>>,
        /// The visit it belongs to.
        visit: Option<Link<Visit>>,
        /// What a provider remarked.
        remarks: Option<Text>,
    }
}

impl Kind for Document {
    const NAME: &'static str = "document";
    const COLLECTION: &'static str = "documents";

    fn occurred(&self) -> Option<When> {
        self.dated_on.map(When::Date)
    }

    fn summary(&self) -> Summary {
        let category = self.category.map(DocumentCategory::word);
        Summary::of(self.title()).flag(self.modality().or(category))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_document_keeps_its_stored_form() {
        let body = json!({
            "title": "Chest x-ray", "category": "imaging", "modality": "xray", "media_type": "application/pdf",
            "bytes": 12345, "sha256": "0a".repeat(32), "dated_on": "2026-04-03", "author": "Dr Rao", "pages": 2,
            "visit": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "remarks": "clear",
        });
        insta::assert_snapshot!(stored::<Document>(&body), @r#"{"title":"Chest x-ray","category":"imaging","modality":"xray","media_type":"application/pdf","bytes":12345,"sha256":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","dated_on":"2026-04-03","author":{"name":"Dr Rao"},"pages":2,"visit":"6f9619ff-8b86-4011-b42d-00c04fc964ff","remarks":"clear"}"#);
        assert_eq!(listed::<Document>(&body), "2026-04-03|Chest x-ray|||xray|");
    }

    #[test]
    fn media_types_may_carry_parameters_and_modalities_be_new() {
        for media in ["text/plain; charset=utf-8", "image/svg+xml", "application/vnd.ms-excel", "application/fhir+json"]
        {
            stored::<Document>(&json!({"title": "T", "media_type": media, "modality": "thermography"}));
        }
    }

    #[test]
    fn documents_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/title required, /media_type required"),
            (json!({"title": "", "media_type": ""}), "/title required, /media_type required"),
            (json!({"title": "T", "media_type": "pdf"}), "/media_type invalid-media-type"),
            (json!({"title": "T", "media_type": "a/b/c"}), "/media_type invalid-media-type"),
            (json!({"title": "T", "media_type": "a/b;\n"}), "/media_type invalid-media-type"),
            (json!({"title": "T", "media_type": "a/b", "category": "x-ray"}), "/category invalid-choice"),
            (json!({"title": "T", "media_type": "a/b", "bytes": "7"}), "/bytes wrong-type"),
            (json!({"title": "T", "media_type": "a/b", "bytes": -7}), "/bytes invalid-number"),
            (json!({"title": "T", "media_type": "a/b", "pages": 0}), "/pages invalid-number"),
            (json!({"title": "T", "media_type": "a/b", "sha256": "0A".repeat(32)}), "/sha256 invalid-sha256"),
            (json!({"title": "T", "media_type": "a/b", "sha256": "0a"}), "/sha256 invalid-sha256"),
            (json!({"title": "T", "media_type": "a/b", "dated_on": "3.4.2026"}), "/dated_on invalid-date"),
            (json!({"title": "T", "media_type": "a/b", "content": "…"}), "/content unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Document>(&body), expected, "{body}");
        }
    }
}
