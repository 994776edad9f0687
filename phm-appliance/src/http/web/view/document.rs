//! A document's file: what it is and how to see it.

use serde_json::Value;

use super::record::Record;
use crate::http::web::forms::fill::{at, text_of};
use crate::i18n::Locale;

/// The file of a document.
#[derive(Clone, Debug)]
pub struct FileView {
    /// Address of the content; empty where there is none to open.
    pub href: String,
    /// Whether browsers show it as a picture.
    pub is_image: bool,
    /// What kind of file, in words.
    pub kind: String,
    /// Its size in words.
    pub size: String,
    /// Its pages in words; empty when not known.
    pub pages: String,
    /// Its SHA-256, for those who compare.
    pub sha256: String,
    /// The plugin that the reader may let read it, with its version; empty for none.
    pub reader: String,
}

impl FileView {
    /// The file of a document record.
    pub fn new(t: &Locale, profile: &str, record: &Record) -> Self {
        let text = |path: &str| at(&record.body, path).map(text_of).unwrap_or_default();
        let media = text("media_type");
        let kind = match media.as_str() {
            "application/pdf" => "PDF".to_owned(),
            "image/jpeg" => "JPEG".to_owned(),
            "image/png" => "PNG".to_owned(),
            "" => String::new(),
            other => other.to_owned(),
        };
        Self {
            href: format!("/p/{profile}/documents/{}/content", record.id),
            is_image: matches!(media.as_str(), "image/jpeg" | "image/png" | "image/webp" | "image/gif"),
            kind,
            size: at(&record.body, "bytes")
                .and_then(Value::as_u64)
                .map(|bytes| size_in_words(t, bytes))
                .unwrap_or_default(),
            pages: at(&record.body, "pages")
                .and_then(Value::as_u64)
                .map(|pages| t.count("pages-count", pages))
                .unwrap_or_default(),
            sha256: text("sha256"),
            reader: String::new(),
        }
    }

    /// Offers nothing to open: the record names a file that did not come with it.
    pub fn close(&mut self) {
        self.href.clear();
        self.is_image = false;
    }
}

/// A size in KB or MB, rounded up so that nothing is 0 KB.
pub fn size_in_words(t: &Locale, bytes: u64) -> String {
    if bytes < 1_000_000 {
        t.with("size-kb", "size", t.number(bytes.div_ceil(1000)))
    } else {
        let tenths = bytes.div_ceil(100_000);
        t.with("size-mb", "size", t.number(format!("{}.{}", tenths / 10, tenths % 10)))
    }
}
