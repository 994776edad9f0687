//! What of a person's records is kept and not used by others.

use askama::Template;
use phm_core::time::When;
use phm_core::vault::{RestrictedRecord, Restriction};

use super::page::Page;
use crate::http::web::forms::{labels, layout};

/// Records shown of one restriction; the rest is counted.
const SHOWN: usize = 20;

/// What is restricted, and the form that restricts everything.
#[derive(Debug, Template)]
#[template(path = "restrictions.html")]
pub struct Restrictions {
    /// Shared parts.
    pub page: Page,
    /// What is restricted, newest first.
    pub held: Vec<RestrictionView>,
    /// Whether everything is.
    pub everything: bool,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// A restriction, ready to print.
#[derive(Clone, Debug)]
pub struct RestrictionView {
    /// The restriction's id.
    pub id: String,
    /// How much it closes.
    pub title: String,
    /// Since when, by whom and why.
    pub facts: Vec<String>,
    /// The records: address, empty where there is none, and what they are.
    pub records: Vec<(String, String)>,
    /// How many more there are; empty for none.
    pub more: String,
}

impl Restrictions {
    /// The page of what is restricted.
    pub fn new(page: Page, held: &[Restriction]) -> Self {
        let views = held.iter().map(|one| RestrictionView::new(&page, one)).collect();
        Self { held: views, everything: held.iter().any(|one| one.everything), errors: Vec::new(), page }
    }
}

impl RestrictionView {
    fn new(page: &Page, held: &Restriction) -> Self {
        let t = &page.t;
        let name = if held.by.r#type == "operator" { t.say("actor-operator") } else { held.by.name.clone() };
        let mut facts = vec![
            t.with("restrict-since", "when", t.when(When::Instant(held.since))),
            t.with("restrict-by", "name", name),
        ];
        facts.extend(held.reason.clone());
        let count = |key: &str, many: usize| t.count(key, u32::try_from(many).unwrap_or(u32::MAX));
        let hidden = held.records.len().saturating_sub(SHOWN);
        Self {
            id: held.id.to_string(),
            title: if held.everything { t.say("restrict-all") } else { count("records-count", held.records.len()) },
            facts,
            records: held.records.iter().take(SHOWN).map(|record| named(page, record)).collect(),
            more: if hidden > 0 { count("restrict-more", hidden) } else { String::new() },
        }
    }
}

fn named(page: &Page, record: &RestrictedRecord) -> (String, String) {
    let Some(kind) = &record.kind else { return (String::new(), page.t.say("restrict-gone")) };
    let collection = layout::of_kind(kind).map_or("", |layout| layout.collection);
    let href = if collection.is_empty() { String::new() } else { page.under(&format!("{collection}/{}", record.id)) };
    (href, labels::kind(&page.t, kind))
}
