//! What a person may ask for about what is kept of them: a copy of everything, and its end.

use askama::Template;

use super::describe::{self, Entry};
use super::page::Page;
use super::record::{Record, title_of};
use super::source;
use crate::http::web::forms::Layout;
use crate::i18n::Locale;

/// The page of a person's rights.
#[derive(Debug, Template)]
#[template(path = "data.html")]
pub struct YourData {
    /// Shared parts.
    pub page: Page,
    /// Whether the reader may take a copy.
    pub may_export: bool,
    /// Whether the reader may restrict what others do.
    pub may_restrict: bool,
    /// Whether the reader may erase the person.
    pub may_erase: bool,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// The beginning of a copy that people read.
#[derive(Debug, Template)]
#[template(path = "readable_head.html")]
pub struct ReadableHead {
    /// The reader.
    pub t: Locale,
    /// Whose records they are.
    pub name: String,
    /// When the copy was made, in words.
    pub made: String,
}

/// The records of a kind begin.
#[derive(Debug, Template)]
#[template(path = "readable_kind.html")]
pub struct ReadableKind {
    /// The kind, as the name of a list.
    pub title: String,
}

/// A record in a copy that people read.
#[derive(Debug, Template)]
#[template(path = "readable_record.html")]
pub struct ReadableRecord {
    /// What it is.
    pub title: String,
    /// When it belongs in the history, in words.
    pub when: String,
    /// Everything it says.
    pub entries: Vec<Entry>,
    /// Where it comes from, in words.
    pub source: String,
    /// When it was last written, in words.
    pub written: String,
}

impl ReadableRecord {
    /// The record as people read it, with nothing left out.
    pub fn new(t: &Locale, layout: &'static Layout, record: &Record) -> Self {
        let mut entries = describe::entries(t, layout, "", &record.body, &[]);
        // Where a page would link to another record, a copy names it by its id.
        for entry in entries.iter_mut().filter(|entry| !entry.href.is_empty()) {
            entry.lines = entry.href.rsplit('/').next().map(str::to_owned).into_iter().collect();
            entry.href.clear();
        }
        Self {
            title: title_of(t, layout.kind, &record.body),
            when: record.occurred.as_deref().map(|when| t.when_text(when)).unwrap_or_default(),
            entries,
            source: source::sentence(t, &record.provenance),
            written: t.with("data-written", "when", t.when_text(&record.updated_at)),
        }
    }
}
