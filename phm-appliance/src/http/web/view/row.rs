//! One line of a list.

use phm_core::time::When;

use super::page::Tone;
use super::record::{Figure, Mark, mark_of, status_tone};
use crate::http::web::forms::{labels, layout, units};
use crate::i18n::Locale;

/// What a session's summaries say about a record.
#[derive(Clone, Debug, Default)]
pub struct RowData {
    /// The record.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When it belongs in the history.
    pub occurred: Option<When>,
    /// The record in a few words.
    pub title: String,
    /// Its value as written.
    pub value: Option<String>,
    /// Its unit in UCUM.
    pub unit: Option<String>,
    /// Its status.
    pub status: Option<String>,
    /// Its flag.
    pub flag: Option<String>,
    /// Its codes, without their systems.
    pub codes: Vec<String>,
    /// Whether others do not use it.
    pub restricted: bool,
}

impl RowData {
    /// Whether it carries a code.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }
}

/// One line, ready to print.
#[derive(Clone, Debug)]
pub struct Row {
    /// The record.
    pub id: String,
    /// Address of its page.
    pub href: String,
    /// Icon of its kind.
    pub icon: &'static str,
    /// Name of its kind.
    pub kind: String,
    /// Class of its kind, for its colour.
    pub kind_class: String,
    /// The record in a few words.
    pub title: String,
    /// Its value.
    pub figure: Option<Figure>,
    /// Its flag.
    pub mark: Option<Mark>,
    /// That others do not use it, in a word; empty where they may.
    pub restricted: String,
    /// Its status in words.
    pub status: String,
    /// How the status is meant.
    pub status_tone: Tone,
    /// Its day, short; empty when not known.
    pub date: String,
    /// Its time, for entries that have one.
    pub time: String,
    /// Its day for machines.
    pub datetime: String,
}

impl Row {
    /// A line for a reader.
    pub fn new(locale: &Locale, profile: &str, data: &RowData) -> Self {
        let layout = layout::of_kind(&data.kind);
        let collection = layout.map_or("", |layout| layout.collection);
        let text = data.value.as_deref();
        // The strength of a medicine is a text with its unit in it.
        let whole = text.filter(|_| data.unit.is_none() && data.kind == "medication").and_then(units::split);
        let (number, unit) = whole.map_or((text, data.unit.as_deref()), |(number, unit)| (Some(number), Some(unit)));
        let unit = unit.map(|unit| units::of(locale, unit, number.unwrap_or_default())).unwrap_or_default();
        let value = number.map(|number| Figure { value: locale.number(number), unit });
        let status = data.status.as_deref().unwrap_or_default();
        Self {
            id: data.id.clone(),
            href: format!("/p/{profile}/{collection}/{}", data.id),
            icon: layout.map_or("file-text", |layout| layout.icon),
            kind: labels::kind(locale, &data.kind),
            kind_class: format!("k-{}", data.kind),
            title: if data.title.is_empty() { labels::kind(locale, &data.kind) } else { data.title.clone() },
            figure: value.filter(|figure| !figure.value.is_empty()),
            mark: data.flag.as_deref().and_then(|flag| mark_of(locale, flag)),
            restricted: if data.restricted { locale.say("restrict-mark") } else { String::new() },
            status: if status.is_empty() { String::new() } else { labels::choice(locale, "status", status) },
            status_tone: status_tone(status),
            date: data.occurred.map(|when| locale.short_date(locale.day_of(when))).unwrap_or_default(),
            time: match data.occurred {
                Some(When::Instant(instant)) => locale.time(instant),
                _ => String::new(),
            },
            datetime: data.occurred.map(|when| locale.day_of(when).to_string()).unwrap_or_default(),
        }
    }
}
