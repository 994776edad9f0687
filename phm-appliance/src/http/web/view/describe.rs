//! A body as labelled values, in the order of its layout.
//!
//! What the layout does not name comes last under its own name: a page hides nothing a record holds.

use serde_json::Value;

use super::record::{figure_of, frequency_of};
use crate::http::web::forms::fill::{at, name_of, text_of};
use crate::http::web::forms::layout::{Field, Input, Layout};
use crate::http::web::forms::{labels, units};
use crate::i18n::Locale;

/// One labelled value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The label.
    pub label: String,
    /// One line, or several of a list.
    pub lines: Vec<String>,
    /// Address of a linked record; empty for none.
    pub href: String,
    /// Whether it takes the whole width.
    pub wide: bool,
}

/// Everything the body says, but the paths in `except` which the page shows by itself.
pub fn entries(locale: &Locale, layout: &Layout, profile: &str, body: &Value, except: &[&str]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut frequency = false;
    for field in layout.fields().filter(|field| !except.contains(&field.path)) {
        if field.path.starts_with("frequency.") {
            // The parts of a frequency make one sentence.
            if !frequency {
                frequency = true;
                let sentence = frequency_of(locale, body);
                if !sentence.is_empty() {
                    entries.push(entry(locale, layout.kind, "frequency", vec![sentence], false));
                }
            }
            continue;
        }
        let Some(value) = at(body, field.path) else { continue };
        let lines = shown(locale, field, value);
        if lines.iter().all(String::is_empty) {
            continue;
        }
        let mut entry = entry(locale, layout.kind, field.path, lines, field.wide);
        if let (Input::Link(collection), Some(id)) = (field.input, value.as_str()) {
            entry.href = format!("/p/{profile}/{collection}/{id}");
            entry.lines = vec![locale.say("link-open-record")];
        }
        entries.push(entry);
    }
    let known =
        |name: &str| except.contains(&name) || layout.fields().any(|field| field.path.split('.').next() == Some(name));
    for (name, value) in body.as_object().into_iter().flatten().filter(|(name, _)| !known(name)) {
        entries.push(entry(locale, layout.kind, name, vec![plain(locale, value)], true));
    }
    entries
}

fn entry(locale: &Locale, kind: &str, path: &str, lines: Vec<String>, wide: bool) -> Entry {
    Entry { label: labels::field(locale, kind, path), lines, href: String::new(), wide }
}

fn shown(locale: &Locale, field: &Field, value: &Value) -> Vec<String> {
    let one = match field.input {
        Input::Choice(_) => labels::choice(locale, field.path, &text_of(value)),
        Input::Flag => match value {
            Value::Bool(true) => locale.say("yes"),
            _ => locale.say("no"),
        },
        Input::Number => locale.number(text_of(value)),
        Input::Date | Input::When | Input::Instant => locale.when_text(&text_of(value)),
        Input::Quantity(_) => quantity(locale, value),
        Input::Range => return vec![range_of(locale, value)],
        Input::Concept | Input::Party => name_of(value),
        Input::Text if field.path == "strength" => units::in_words(locale, &text_of(value)),
        Input::Text | Input::Link(_) => text_of(value),
        Input::LongText => return text_of(value).lines().map(str::to_owned).collect(),
        Input::Lines | Input::Links(_) => {
            return match value {
                Value::Array(items) => items.iter().map(|item| plain(locale, item)).collect(),
                other => vec![text_of(other)],
            };
        }
        Input::Group(inner) => {
            let rows = value.as_array().into_iter().flatten();
            return rows.map(|row| group_row(locale, inner, row)).filter(|row| !row.is_empty()).collect();
        }
    };
    vec![one]
}

fn group_row(locale: &Locale, inner: &[Field], row: &Value) -> String {
    let parts = inner.iter().filter_map(|field| {
        let value = at(row, field.path)?;
        Some(shown(locale, field, value).join(", ")).filter(|text| !text.is_empty())
    });
    parts.collect::<Vec<_>>().join(" · ")
}

/// A quantity in one text.
pub fn quantity(locale: &Locale, value: &Value) -> String {
    figure_of(locale, value)
        .map(|figure| format!("{} {}", figure.value, figure.unit).trim_end().to_owned())
        .unwrap_or_default()
}

/// A reference range in one text.
pub fn range_of(locale: &Locale, range: &Value) -> String {
    if let Some(text) = at(range, "text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let bound = |name: &str| range.get(name).and_then(|bound| figure_of(locale, bound));
    let full = |name: &str| range.get(name).map(|bound| quantity(locale, bound)).unwrap_or_default();
    match (bound("low"), bound("high")) {
        (Some(low), Some(_)) => locale.with_all("range-between", &[("low", &low.value), ("high", &full("high"))]),
        (Some(_), None) => locale.with("range-at-least", "low", full("low")),
        (None, Some(_)) => locale.with("range-at-most", "high", full("high")),
        (None, None) => String::new(),
    }
}

fn plain(locale: &Locale, value: &Value) -> String {
    match value {
        Value::Object(map) if map.contains_key("value") && map.contains_key("unit") => quantity(locale, value),
        Value::Object(map) => {
            let name = name_of(value);
            if name.is_empty() {
                map.values().map(|value| plain(locale, value)).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
            } else {
                name
            }
        }
        Value::Array(items) => items.iter().map(|item| plain(locale, item)).collect::<Vec<_>>().join(", "),
        other => text_of(other),
    }
}

/// What changed between two bodies: label, before, after.
pub fn changes(locale: &Locale, layout: &Layout, before: &Value, after: &Value) -> Vec<(String, String, String)> {
    let (old, new) = (entries(locale, layout, "", before, &[]), entries(locale, layout, "", after, &[]));
    let text = |entries: &[Entry], label: &str| {
        entries.iter().find(|entry| entry.label == label).map(|entry| entry.lines.join("; ")).unwrap_or_default()
    };
    let mut names = new.iter().map(|entry| entry.label.clone()).collect::<Vec<_>>();
    names.extend(old.iter().map(|entry| entry.label.clone()).filter(|label| !new.iter().any(|e| e.label == *label)));
    names
        .into_iter()
        .map(|label| (text(&old, &label), text(&new, &label), label))
        .filter(|(before, after, _)| before != after)
        .map(|(before, after, label)| (label, before, after))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::http::web::forms::layout::of_kind;
    use crate::i18n::{Digits, Language};

    fn english() -> Locale {
        Locale::new(Language::English, Digits::Latin, TimeZone::UTC)
    }

    #[test]
    fn nothing_a_record_holds_is_hidden() {
        let layout = of_kind("condition").expect("a layout");
        let body = json!({"concept":{"text":"Asthma"},"status":"active","stage":{"text":"II"}});
        let entries = entries(&english(), layout, "p", &body, &["concept"]);
        let shown = entries.iter().map(|e| (e.label.as_str(), e.lines.join(" "))).collect::<Vec<_>>();
        assert_eq!(shown, [("Status", "Active".to_owned()), ("stage", "II".to_owned())]);
    }

    #[test]
    fn a_range_may_have_one_side() {
        let high = json!({"high":{"value":"200","unit":"mg/dL"}});
        assert_eq!(range_of(&english(), &high), "up to 200 mg/dL");
        let both = json!({"low":{"value":"4.0","unit":"%"},"high":{"value":"5.6","unit":"%"}});
        assert_eq!(range_of(&english(), &both), "4.0 to 5.6 %");
    }

    #[test]
    fn a_change_is_told_field_by_field() {
        let layout = of_kind("condition").expect("a layout");
        let (before, after) = (
            json!({"concept":"Asthma","status":"active"}),
            json!({"concept":"Asthma","status":"remission","notes":"better"}),
        );
        assert_eq!(
            changes(&english(), layout, &before, &after),
            [
                ("Status".to_owned(), "Active".to_owned(), "In remission".to_owned()),
                ("Notes".to_owned(), String::new(), "better".to_owned()),
            ]
        );
    }
}
