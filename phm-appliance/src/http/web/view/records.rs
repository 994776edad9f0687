//! Lists, pages, forms and histories of records of any kind.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use super::describe::{self, Entry};
use super::page::{Page, Tone};
use super::record::{Figure, Mark, Record, main_figure, mark_of, status_tone, title_of};
use super::row::{Row, RowData};
use crate::http::web::forms::fill::{at, text_of};
use crate::http::web::forms::{self, Layout, Links, OptionView, Problem, SectionView, labels, layout, presets};
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
        self.collection == "documents"
    }
}

fn add_label(t: &Locale, kind: &str) -> String {
    t.first_of(&[&format!("add-{kind}")]).unwrap_or_else(|| t.say("add-record"))
}

fn quick(page: &Page, layout: &Layout) -> Vec<(String, String)> {
    presets::of_kind(layout.kind)
        .map(|preset| {
            let address = page.under(&format!("{}/new?of={}", layout.collection, preset.word));
            (address, page.t.say(&format!("preset-{}", preset.word)))
        })
        .collect()
}

/// The page of one record.
#[derive(Debug, Template)]
#[template(path = "detail.html")]
pub struct Detail {
    /// Shared parts.
    pub page: Page,
    /// The collection.
    pub collection: String,
    /// Name of the list it is in.
    pub list_name: String,
    /// Name of the kind.
    pub kind_name: String,
    /// Icon of the kind.
    pub icon: &'static str,
    /// Class of the kind.
    pub kind_class: String,
    /// The record.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its name.
    pub title: String,
    /// When it belongs in the history, in words.
    pub when: String,
    /// Its value.
    pub figure: Option<Figure>,
    /// Its flag.
    pub mark: Option<Mark>,
    /// Reference range in words.
    pub range: String,
    /// The value within its range, drawn; empty when it cannot be.
    pub range_bar: String,
    /// Status in words.
    pub status: String,
    /// How the status is meant.
    pub status_tone: Tone,
    /// Everything else.
    pub entries: Vec<Entry>,
    /// Codes: name of the system, code, display.
    pub codes: Vec<(String, String, String)>,
    /// Where it comes from, in words.
    pub source: String,
    /// More about the source: label and value.
    pub source_facts: Vec<(String, String)>,
    /// Whether the imported original is kept.
    pub has_original: bool,
    /// Whether it was removed.
    pub removed: bool,
    /// A document's file.
    pub file: Option<super::document::FileView>,
    /// Whether one may change it.
    pub may_amend: bool,
}

/// Paths the head of the page shows by itself.
const HEAD: &[&str] = &[
    "concept",
    "drug",
    "substance",
    "vaccine",
    "title",
    "quantity",
    "range",
    "interpretation",
    "status",
    "media_type",
    "bytes",
    "sha256",
    "pages",
];

impl Detail {
    /// The page of `record`.
    pub fn new(page: Page, layout: &'static Layout, record: &Record, names: &BTreeMap<String, String>) -> Self {
        let t = page.t.clone();
        let body = &record.body;
        let text = |path: &str| at(body, path).map(text_of).unwrap_or_default();
        let status = text("status");
        // A family-history, visit or appointment is named by a field that also stands in the list below.
        let mut entries = describe::entries(&t, layout, page.profile(), body, HEAD);
        for entry in entries.iter_mut().filter(|entry| !entry.href.is_empty()) {
            let id = entry.href.rsplit('/').next().unwrap_or_default();
            entry.lines = names.get(id).map_or_else(|| std::mem::take(&mut entry.lines), |name| vec![name.clone()]);
        }
        for line in entries.iter_mut().flat_map(|entry| &mut entry.lines) {
            if let Some(name) = names.get(line) {
                line.clone_from(name);
            }
        }
        // A dose is known by its medicine.
        let medicine = (layout.kind == "dose").then(|| names.get(&text("medication")).cloned()).flatten();
        let (source, source_facts) = source_of(&t, record);
        Self {
            collection: layout.collection.to_owned(),
            list_name: labels::kinds(&t, layout.kind),
            kind_name: labels::kind(&t, layout.kind),
            icon: layout.icon,
            kind_class: format!("k-{}", layout.kind),
            id: record.id.clone(),
            version: record.version,
            title: medicine.unwrap_or_else(|| title_of(&t, layout.kind, body)),
            when: record.occurred.as_deref().map(|when| t.when_text(when)).unwrap_or_default(),
            figure: main_figure(&t, body),
            mark: mark_of(&t, &text("interpretation")),
            range: body.get("range").map(|range| describe::range_of(&t, range)).unwrap_or_default(),
            range_bar: range_bar(body),
            status_tone: status_tone(&status),
            status: if status.is_empty() { String::new() } else { labels::choice(&t, "status", &status) },
            entries,
            codes: codes_of(body),
            has_original: at(&record.provenance, "how").and_then(Value::as_str) == Some("import"),
            source,
            source_facts,
            removed: record.removed,
            file: (layout.kind == "document").then(|| super::document::FileView::new(&t, page.profile(), record)),
            may_amend: layout.kind != "fhir-resource",
            page,
        }
    }
}

/// The value's place in its range as a small drawing; nothing where a number is missing.
fn range_bar(body: &Value) -> String {
    let number = |path: &str| at(body, path).map(text_of).and_then(|text| text.parse::<f64>().ok());
    let Some(value) = number("quantity.value") else { return String::new() };
    let (low, high) = match (number("range.low.value"), number("range.high.value")) {
        (Some(low), Some(high)) if high > low => (low, high),
        (None, Some(high)) if high > 0.0 => (0.0, high),
        _ => return String::new(),
    };
    let room = high - low;
    let (start, end) = ((low - room * 0.5).min(value), (high + room * 0.5).max(value));
    let x = |value: f64| 8.0 + 304.0 * (value - start) / (end - start);
    format!(
        "<svg class=\"range-bar\" viewBox=\"0 0 320 24\" aria-hidden=\"true\"><path class=\"whole\" d=\"M8 12H312\"/><path class=\"good\" d=\"M{:.1} 12H{:.1}\"/><circle class=\"at{}\" cx=\"{:.1}\" cy=\"12\" r=\"7\"/></svg>",
        x(low),
        x(high),
        if value < low || value > high { " off" } else { "" },
        x(value)
    )
}

fn codes_of(body: &Value) -> Vec<(String, String, String)> {
    let main =
        ["concept", "drug", "substance", "vaccine", "type"].iter().find_map(|name| at(body, &format!("{name}.codes")));
    let system = |uri: &str| {
        let known = [
            ("loinc", "LOINC"),
            ("snomed", "SNOMED CT"),
            ("rxnorm", "RxNorm"),
            ("atc", "ATC"),
            ("icd-10", "ICD-10"),
            ("sid/cvx", "CVX"),
        ];
        known.iter().find(|(part, _)| uri.contains(part)).map_or_else(|| uri.to_owned(), |(_, name)| (*name).to_owned())
    };
    let part = |code: &Value, name: &str| code.get(name).map(text_of).unwrap_or_default();
    main.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|code| (system(&part(code, "system")), part(code, "code"), part(code, "display")))
        .collect()
}

/// Where a record comes from, in a sentence and in facts.
fn source_of(t: &Locale, record: &Record) -> (String, Vec<(String, String)>) {
    let text = |path: &str| at(&record.provenance, path).map(text_of).unwrap_or_default();
    let how = text("how");
    let sentence = match how.as_str() {
        "import" => t.say("source-import"),
        "document" if !text("page").is_empty() => t.with("source-document-page", "page", t.number(text("page"))),
        "document" => t.say("source-document"),
        "device" => t.say("source-device"),
        "plugin" => t.with("source-plugin", "plugin", text("plugin")),
        _ => t.say("source-typed"),
    };
    let mut facts = Vec::new();
    let mut fact = |label: String, value: String| {
        if !value.is_empty() {
            facts.push((label, value));
        }
    };
    fact(t.say("source-file"), text("source.file"));
    fact(t.say("source-recorded"), t.when_text(&record.recorded_at));
    if record.version > 1 {
        fact(t.say("source-changed"), t.when_text(&record.updated_at));
    }
    fact(t.say("source-version"), t.number(record.version));
    (sentence, facts)
}

/// The form of one record, new or being edited.
#[derive(Debug, Template)]
#[template(path = "form.html")]
pub struct Form {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// Where it is sent.
    pub action: String,
    /// Where cancelling leads.
    pub back: String,
    /// Name of the list.
    pub list_name: String,
    /// Icon of the kind.
    pub icon: &'static str,
    /// The version being edited; 0 for a new one.
    pub version: u32,
    /// Short cuts to ready-made starts: address, name, chosen.
    pub quick: Vec<(String, String, bool)>,
    /// The sections.
    pub sections: Vec<SectionView>,
    /// What is wrong beyond single fields.
    pub errors: Vec<String>,
    /// Whether a file is sent along.
    pub with_file: bool,
    /// Whether somebody else changed the record meanwhile.
    pub conflict: bool,
}

/// What a form is made of.
#[derive(Debug)]
pub struct FormData<'a> {
    /// The record's id and version, when it is edited.
    pub editing: Option<(&'a str, u32)>,
    /// The body so far.
    pub body: &'a Value,
    /// What was wrong with it.
    pub problems: &'a [Problem],
    /// Records to link to.
    pub links: &'a Links,
    /// The group that gets one row more.
    pub grow: Option<&'a str>,
    /// The ready-made start chosen.
    pub of: Option<&'a str>,
    /// Whether somebody else changed the record meanwhile.
    pub conflict: bool,
}

impl Form {
    /// A form for `layout`.
    pub fn new(page: Page, layout: &'static Layout, data: &FormData<'_>) -> Self {
        let t = page.t.clone();
        let filling = forms::fill::Filling {
            locale: &t,
            kind: layout.kind,
            body: data.body,
            problems: data.problems,
            links: data.links,
            grow: data.grow,
        };
        let mut errors = forms::fill::homeless(layout, &t, data.problems);
        if !data.problems.is_empty() && errors.is_empty() {
            errors.push(t.say("form-check-fields"));
        }
        let (heading, action, back) = match data.editing {
            Some((id, _)) => {
                let record = page.under(&format!("{}/{id}", layout.collection));
                (t.with("form-edit", "name", title_of(&t, layout.kind, data.body)), format!("{record}/edit"), record)
            }
            None => {
                let list = page.under(layout.collection);
                (add_label(&t, layout.kind), format!("{list}/new"), list)
            }
        };
        let quick = if data.editing.is_some() { Vec::new() } else { quick(&page, layout) };
        Self {
            heading,
            action,
            back,
            list_name: labels::kinds(&t, layout.kind),
            icon: layout.icon,
            version: data.editing.map_or(0, |(_, version)| version),
            quick: quick
                .into_iter()
                .map(|(address, name)| {
                    let chosen = data.of.is_some_and(|of| address.ends_with(&format!("={of}")));
                    (address, name, chosen)
                })
                .collect(),
            sections: forms::fill::sections(layout, filling),
            errors,
            with_file: layout.kind == "document" && data.editing.is_none(),
            conflict: data.conflict,
            page,
        }
    }
}

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
            views.push(VersionView {
                version: version.version,
                number: t.number(version.version),
                sentence: t.with(&key, "actor", &version.actor),
                when: t.when_text(&version.recorded_at),
                changes: if version.action == "remove" {
                    Vec::new()
                } else {
                    describe::changes(&t, layout, before, &version.body)
                },
                current: n + 1 == versions.len(),
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
