//! Calls about the documents of a person: their text, their files, and what a scanned page says.

use serde::{Deserialize, Serialize};

use super::records::first;
use super::{Operation, Text, operation};
use crate::v1::document::Page;

operation! {
    /// The text of a document of the person the call is about, as it was read before. Needs consent to read documents. One
    /// that nothing has read yet is refused with `not-read`.
    DocumentsText = "documents.text" -> DocumentText {
        /// The record of the document.
        pub document: String,
    }
}

/// The text of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentText {
    /// All of it.
    pub text: String,
    /// The same page by page, with the places of the words.
    #[serde(default)]
    pub pages: Vec<Page>,
    /// The plugin that read it, with its version; absent for a file that is text itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_by: Option<String>,
}

operation! {
    /// A piece of the file of a document of the person the call is about. Needs consent to read documents.
    DocumentsContent = "documents.content" -> Piece {
        /// The record of the document.
        pub document: String,
        /// Where the piece begins.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub from: u64,
        /// How many bytes, at most a MiB; the last piece is shorter.
        #[serde(default = "piece", skip_serializing_if = "is_piece")]
        pub length: u32,
    }
}

const fn piece() -> u32 {
    DocumentsContent::MOST
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_piece(length: &u32) -> bool {
    *length == piece()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(from: &u64) -> bool {
    *from == 0
}

impl DocumentsContent {
    /// Bytes of a piece at most.
    pub const MOST: u32 = 1 << 20;

    /// The largest piece that begins at `from`.
    pub fn at(document: impl Into<String>, from: u64) -> Self {
        Self { document: document.into(), from, length: Self::MOST }
    }
}

/// A piece of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Piece {
    /// The bytes in base64; none behind the end.
    pub bytes: String,
    /// The length of the whole file.
    pub size: u64,
    /// What the file is: `application/pdf`.
    pub media_type: String,
}

operation! {
    /// The text on a page of a scanned document. Needs consent to read documents.
    OcrRecognize = "ocr.recognize" -> Text {
        /// The record of the document.
        pub document: String,
        /// The page, from 1.
        #[serde(default = "first")]
        pub page: u32,
    }
}
