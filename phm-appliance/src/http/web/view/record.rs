//! A record in the shape of the contract, and what is said about it in few words.

use serde::Deserialize;
use serde_json::Value;

use super::page::Tone;
use crate::http::web::forms::fill::{at, name_of, text_of};
use crate::http::web::forms::{labels, units};
use crate::i18n::Locale;

/// A record as the API answers it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its version.
    pub version: u32,
    /// When it belongs in the person's history.
    pub occurred: Option<String>,
    /// When its first version was recorded.
    pub recorded_at: String,
    /// When its newest version was recorded.
    pub updated_at: String,
    /// Whether it was removed.
    pub removed: bool,
    /// Who said so.
    pub provenance: Value,
    /// The body.
    pub body: Value,
}

/// A value for people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Figure {
    /// The number as written, comparator before it, in the reader's digits.
    pub value: String,
    /// The unit as people write it.
    pub unit: String,
}

/// A short mark on a record: `High`.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The word.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// The fields that name a record, in order of preference.
const NAMES: &[&str] = &[
    "concept",
    "drug",
    "substance",
    "vaccine",
    "title",
    "chief_complaint",
    "reason",
    "type",
    "text",
    "payer",
    "relation",
    "resource_type",
    "name",
];

/// The record in a few words.
pub fn title_of(locale: &Locale, kind: &str, body: &Value) -> String {
    let named = NAMES.iter().filter_map(|name| body.get(name)).map(name_of).find(|name| !name.is_empty());
    let item = || {
        let items = body.get("items")?.as_array()?;
        let drugs = items.iter().filter_map(|item| item.get("drug").or_else(|| item.get("concept"))).map(name_of);
        Some(drugs.collect::<Vec<_>>().join(", ")).filter(|drugs| !drugs.is_empty())
    };
    let short = |text: String| text.lines().next().unwrap_or_default().chars().take(120).collect::<String>();
    named.map(short).or_else(item).unwrap_or_else(|| labels::kind(locale, kind))
}

/// A quantity for people.
pub fn figure_of(locale: &Locale, quantity: &Value) -> Option<Figure> {
    let value = at(quantity, "value").map(text_of).filter(|value| !value.is_empty())?;
    let comparator = match at(quantity, "comparator").and_then(Value::as_str).unwrap_or_default() {
        "<=" => "≤ ",
        ">=" => "≥ ",
        "<" => "< ",
        ">" => "> ",
        _ => "",
    };
    let unit = at(quantity, "unit").map(|unit| units::of(locale, &text_of(unit), &value)).unwrap_or_default();
    Some(Figure { value: format!("{comparator}{}", locale.number(value)), unit })
}

/// The value a record is about: its quantity, its components joined, or its words.
pub fn main_figure(locale: &Locale, body: &Value) -> Option<Figure> {
    if let Some(quantity) = body.get("quantity") {
        return figure_of(locale, quantity);
    }
    if let Some(components) = body.get("components").and_then(Value::as_array) {
        let figures = components.iter().filter_map(|part| figure_of(locale, part.get("quantity")?)).collect::<Vec<_>>();
        let unit = figures.first()?.unit.clone();
        return Some(Figure { value: figures.into_iter().map(|f| f.value).collect::<Vec<_>>().join("/"), unit });
    }
    let words = body.get("text_value").or_else(|| body.get("coded_value"))?;
    Some(Figure { value: name_of(words), unit: String::new() })
}

/// The mark of an interpretation: `H` is high.
pub fn mark_of(locale: &Locale, flag: &str) -> Option<Mark> {
    let tone = match flag {
        "" => return None,
        "N" => Tone::Good,
        "HH" | "LL" | "AA" => Tone::Alert,
        _ => Tone::Warn,
    };
    Some(Mark { text: labels::choice(locale, "interpretation", flag), tone })
}

/// How a status is meant.
pub fn status_tone(status: &str) -> Tone {
    match status {
        "active" | "confirmed" | "taken" => Tone::Good,
        "recurrence" | "relapse" | "on-hold" | "requested" | "missed" | "no-show" | "skipped" => Tone::Warn,
        _ => Tone::Calm,
    }
}

/// How often a medicine is taken, in words.
pub fn frequency_of(locale: &Locale, body: &Value) -> String {
    let Some(frequency) = body.get("frequency") else { return String::new() };
    if let Some(text) = at(frequency, "text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let number = |name: &str| at(frequency, name).and_then(Value::as_u64);
    let unit = at(frequency, "unit").and_then(Value::as_str).unwrap_or("d");
    let often = match (number("times"), number("per").unwrap_or(1)) {
        (Some(times), 1) => locale.count(&format!("frequency-times-{unit}"), times),
        (Some(1) | None, per) if per > 1 => locale.count(&format!("frequency-every-{unit}"), per),
        (Some(times), per) => locale.with_all(
            &format!("frequency-times-in-{unit}"),
            &[("times", &locale.number(times)), ("per", &locale.number(per))],
        ),
        (None, _) => String::new(),
    };
    let as_needed = at(frequency, "as_needed") == Some(&Value::Bool(true));
    match (often.is_empty(), as_needed) {
        (false, true) => locale.with("frequency-as-needed-often", "often", often),
        (true, true) => locale.say("frequency-as-needed"),
        (_, false) => often,
    }
}

/// The dose and how often, for a list of medicines.
pub fn dosing_of(locale: &Locale, body: &Value) -> String {
    let dose =
        body.get("dose").and_then(|dose| figure_of(locale, dose)).map(|dose| format!("{} {}", dose.value, dose.unit));
    let parts = [dose.unwrap_or_default(), frequency_of(locale, body)];
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::i18n::{Digits, Language};

    fn english() -> Locale {
        Locale::new(Language::English, Digits::Latin, TimeZone::UTC)
    }

    #[test]
    fn a_blood_pressure_reads_as_one_value() {
        let body = json!({"components":[{"quantity":{"value":"128","unit":"mm[Hg]"}},{"quantity":{"value":"82","unit":"mm[Hg]"}}]});
        assert_eq!(main_figure(&english(), &body), Some(Figure { value: "128/82".into(), unit: "mmHg".into() }));
    }

    #[test]
    fn a_value_keeps_its_digits_and_its_comparator() {
        let body = json!({"quantity":{"value":"0.50","unit":"m[IU]/L","comparator":"<"}});
        assert_eq!(main_figure(&english(), &body), Some(Figure { value: "< 0.50".into(), unit: "mIU/L".into() }));
    }

    #[test]
    fn a_dosage_is_a_sentence_of_the_catalogue() {
        let body = json!({"dose":{"value":"1","unit":"{tablet}"},"frequency":{"times":2,"per":1,"unit":"d"}});
        assert_eq!(dosing_of(&english(), &body), "1 tablet · twice a day");
        let body = json!({"frequency":{"times":1,"per":8,"unit":"h","as_needed":true}});
        assert_eq!(dosing_of(&english(), &body), "every 8 hours, as needed");
    }
}
