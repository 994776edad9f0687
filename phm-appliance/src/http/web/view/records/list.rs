//! Lists of records of one kind, and of all kinds.

use std::collections::BTreeMap;

use askama::Template;

use super::super::page::Page;
use super::super::row::{Row, RowData};
use crate::http::web::forms::{self, Layout, OptionView, labels, layout, presets};
use crate::i18n::Locale;

/// Where in a long list.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// How many entries in all.
    pub total: usize,
    /// The query without `page`, ready to append to; empty or ending in `&`.
    pub query: String,
}

impl Pager {
    /// Whether there is something before.
    pub fn has_newer(&self) -> bool {
        self.page > 1
    }

    /// Whether there is something after.
    pub fn has_older(&self) -> bool {
        self.page < self.pages
    }

    /// Query of the page before.
    pub fn newer(&self) -> String {
        format!("?{}page={}", self.query, self.page.saturating_sub(1))
    }

    /// Query of the page after.
    pub fn older(&self) -> String {
        format!("?{}page={}", self.query, self.page + 1)
    }

    /// `Page 2 of 7`.
    pub fn words(&self, t: &Locale) -> String {
        t.with_all("pager-where", &[("page", &t.number(self.page)), ("pages", &t.number(self.pages))])
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words.
    pub q: String,
    /// Status.
    pub status: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// A list of records of one kind.
#[derive(Debug, Template)]
#[template(path = "list.html")]
pub struct List {
    /// Shared parts.
    pub page: Page,
    /// The collection.
    pub collection: String,
    /// Name of the list.
    pub heading: String,
    /// Its icon.
    pub icon: &'static str,
    /// `12 records`.
    pub count: String,
    /// What it is narrowed to.
    pub filter: Filter,
    /// Whether it is narrowed at all.
    pub narrowed: bool,
    /// Statuses to choose from.
    pub statuses: Vec<OptionView>,
    /// Short cuts to forms: address and name.
    pub quick: Vec<(String, String)>,
    /// The label of the button that adds one.
    pub add_label: String,
    /// Whether one may add.
    pub may_add: bool,
    /// The records.
    pub rows: Vec<Row>,
    /// Where in the list.
    pub pager: Pager,
}

impl List {
    /// A list of these rows.
    pub fn new(page: Page, layout: &'static Layout, rows: &[RowData], filter: Filter, pager: Pager) -> Self {
        let t = page.t.clone();
        let words = layout.fields().find(|field| field.path == "status").map_or(&[][..], |field| match field.input {
            forms::Input::Choice(words) => words,
            _ => &[],
        });
        let statuses = words.iter().map(|word| OptionView {
            value: (*word).to_owned(),
            label: labels::choice(&t, "status", word),
            chosen: *word == filter.status,
        });
        let statuses = statuses.collect();
        Self {
            collection: layout.collection.to_owned(),
            heading: labels::kinds(&t, layout.kind),
            icon: layout.icon,
            count: t.count("records-count", pager.total),
            narrowed: !(filter.q.is_empty()
                && filter.status.is_empty()
                && filter.from.is_empty()
                && filter.to.is_empty()),
            filter,
            statuses,
            quick: quick(&page, layout),
            add_label: add_label(&t, layout.kind),
            may_add: !matches!(layout.kind, "fhir-resource" | "series"),
            rows: rows.iter().map(|row| Row::new(&t, page.profile(), row)).collect(),
            pager,
            page,
        }
    }

    /// Whether this is the list of documents, which takes files.
    pub fn takes_files(&self) -> bool {
        self.collection == "documents" && self.may_add
    }
}

pub(super) fn add_label(t: &Locale, kind: &str) -> String {
    t.first_of(&[&format!("add-{kind}")]).unwrap_or_else(|| t.say("add-record"))
}

pub(super) fn quick(page: &Page, layout: &Layout) -> Vec<(String, String)> {
    presets::of_kind(layout.kind)
        .map(|preset| {
            let address = page.under(&format!("{}/new?of={}", layout.collection, preset.word));
            (address, page.t.say(&format!("preset-{}", preset.word)))
        })
        .collect()
}

/// All collections of a person, and what can be added.
#[derive(Debug, Template)]
#[template(path = "records.html")]
pub struct Overview {
    /// Shared parts.
    pub page: Page,
    /// Whether this is the choice of what to add.
    pub adding: bool,
    /// Address, name, icon, class and count in words of each collection.
    pub kinds: Vec<KindTile>,
    /// Ready-made starts: address and name.
    pub quick: Vec<(String, String)>,
}

/// One collection.
#[derive(Clone, Debug)]
pub struct KindTile {
    /// Address.
    pub href: String,
    /// Name.
    pub label: String,
    /// Icon.
    pub icon: &'static str,
    /// Class of the kind.
    pub kind_class: String,
    /// `12 records`, or empty.
    pub count: String,
}

impl Overview {
    /// All collections with their counts, or the choice of what to add.
    pub fn new(page: Page, adding: bool, counts: &BTreeMap<String, usize>) -> Self {
        let t = page.t.clone();
        let is_imported_only = |kind: &str| matches!(kind, "fhir-resource" | "series");
        let listed = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty());
        let shown = listed.filter(|layout| !adding || !is_imported_only(layout.kind));
        let kinds = shown.map(|layout| KindTile {
            href: page.under(&if adding { format!("{}/new", layout.collection) } else { layout.collection.to_owned() }),
            label: if adding { labels::kind(&t, layout.kind) } else { labels::kinds(&t, layout.kind) },
            icon: layout.icon,
            kind_class: format!("k-{}", layout.kind),
            count: counts
                .get(layout.kind)
                .filter(|_| !adding)
                .map(|count| t.count("records-count", *count))
                .unwrap_or_default(),
        });
        let kinds = kinds.collect();
        let quick =
            ["vital-sign", "lab-result"].iter().filter_map(|kind| layout::of_kind(kind)).flat_map(|l| quick(&page, l));
        let quick = if adding { quick.collect() } else { Vec::new() };
        Self { page, adding, kinds, quick }
    }
}
