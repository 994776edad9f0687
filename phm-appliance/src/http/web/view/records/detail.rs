//! The page of one record: its value, everything it says, and where it comes from.

use std::collections::BTreeMap;

use askama::Template;
use phm_core::access::Sensitivity;
use serde_json::Value;

use super::super::describe::{self, Entry};
use super::super::page::{Page, Tone};
use super::super::record::{Figure, Mark, Record, main_figure, mark_of, status_tone, title_of};
use super::super::series::SeriesCard;
use super::super::source;
use super::super::taking::TakingView;
use crate::http::web::forms::fill::{at, text_of};
use crate::http::web::forms::{Layout, labels};
use crate::i18n::Locale;

/// The page of one record.
#[allow(clippy::struct_excessive_bools)] // each is a question the page asks by itself
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
    pub file: Option<super::super::document::FileView>,
    /// The samples of a series.
    pub series: Option<SeriesCard>,
    /// The next doses of a medicine and how long it lasts.
    pub taking: Option<TakingView>,
    /// Whether one may change it.
    pub may_amend: bool,
    /// Whether the reader may make a link to it.
    pub may_share: bool,
    /// That it is sensitive, in words; empty where it is not.
    pub sensitive: String,
    /// How it can be marked: word, name, and whether it is.
    pub labels: Vec<(String, String, bool)>,
    /// Whether the reader may mark it.
    pub may_mark: bool,
    /// Whether the reader may restrict what others do with it.
    pub may_restrict: bool,
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
            file: (layout.kind == "document")
                .then(|| super::super::document::FileView::new(&t, page.profile(), record)),
            series: None,
            taking: None,
            may_amend: layout.kind != "fhir-resource",
            may_share: false,
            sensitive: String::new(),
            labels: Vec::new(),
            may_mark: false,
            may_restrict: false,
            page,
        }
    }

    /// Says how sensitive the record is, by its labels, and offers marks.
    pub fn say_labels(&mut self, held: &[String]) {
        let t = &self.page.t;
        let name = |word: &str| t.say(&format!("label-{word}"));
        if !held.is_empty() {
            let names: Vec<String> = held.iter().map(|word| name(word)).collect();
            self.sensitive = t.with("mark-is", "labels", names.join(", "));
        }
        let is_held = |label: &Sensitivity| held.iter().any(|word| word == label.as_str());
        let offered = Sensitivity::ALL.iter().filter(|label| **label != Sensitivity::PrivateNote || is_held(label));
        self.labels = offered.map(|label| (label.to_string(), name(label.as_str()), is_held(label))).collect();
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
    (source::sentence(t, &record.provenance), facts)
}
