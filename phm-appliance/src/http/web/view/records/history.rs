//! Every version of a record, with what changed.

use askama::Template;
use serde_json::Value;

use super::super::describe;
use super::super::page::Page;
use super::super::record::title_of;
use crate::http::web::forms::Layout;

/// One version of a record.
#[derive(Clone, Debug)]
pub struct VersionData {
    /// Its number.
    pub version: u32,
    /// `create`, `amend`, `remove`, `restore`.
    pub action: String,
    /// Who.
    pub actor: String,
    /// When.
    pub recorded_at: String,
    /// The body.
    pub body: Value,
}

/// One version, ready to print.
#[derive(Clone, Debug)]
pub struct VersionView {
    /// Its number.
    pub version: u32,
    /// Its number for people.
    pub number: String,
    /// What was done, by whom, in a sentence.
    pub sentence: String,
    /// When.
    pub when: String,
    /// What changed: label, before, after.
    pub changes: Vec<(String, String, String)>,
    /// Whether it is the current one.
    pub current: bool,
    /// Whether it says that the record was removed, and so holds nothing to go back to.
    pub removal: bool,
}

/// The history of one record.
#[derive(Debug, Template)]
#[template(path = "history.html")]
pub struct History {
    /// Shared parts.
    pub page: Page,
    /// The collection.
    pub collection: String,
    /// The record.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its current version, against overwriting.
    pub version: u32,
    /// Whether it is removed now.
    pub removed: bool,
    /// Versions, newest first.
    pub versions: Vec<VersionView>,
}

impl History {
    /// Address of the record's own page.
    fn here(&self) -> String {
        self.page.under(&format!("{}/{}", self.collection, self.id))
    }

    /// The history of these versions, oldest first.
    pub fn new(page: Page, layout: &'static Layout, id: &str, versions: &[VersionData]) -> Self {
        let t = page.t.clone();
        let nothing = Value::Object(serde_json::Map::new());
        let newest = versions.last();
        let mut views = Vec::new();
        for (n, version) in versions.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| versions.get(n)).map_or(&nothing, |version| &version.body);
            let key = format!("history-{}", version.action);
            let removal = version.action == "remove";
            views.push(VersionView {
                version: version.version,
                number: t.number(version.version),
                sentence: t.with(&key, "actor", &version.actor),
                when: t.when_text(&version.recorded_at),
                changes: if removal { Vec::new() } else { describe::changes(&t, layout, before, &version.body) },
                current: n + 1 == versions.len(),
                removal,
            });
        }
        views.reverse();
        let body = versions.iter().rev().map(|version| &version.body).find(|body| body.is_object()).unwrap_or(&nothing);
        Self {
            collection: layout.collection.to_owned(),
            id: id.to_owned(),
            title: title_of(&t, layout.kind, body),
            version: newest.map_or(0, |version| version.version),
            removed: newest.is_some_and(|version| version.action == "remove"),
            versions: views,
            page,
        }
    }
}
