//! Submitted fields as a body.
//!
//! Starts from the body being edited, or from nothing, and puts in what the form says. A field the form did not
//! carry stays as it was; one it carried empty is taken out. Digits of any script are read; a local time becomes a
//! moment. Anything else is passed on as typed, and the model says what is wrong with it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::fill::{at, name_of};
use super::layout::{Field, Input, Layout};
use super::units;
use crate::i18n::to_latin;

/// The submitted pairs, in order; a name may stand more than once.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<'a>(pub &'a [(String, String)]);

impl<'a> Submitted<'a> {
    /// The last value under `name`, trimmed.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    fn all(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim()).filter(|v| !v.is_empty())
    }

    fn has_under(self, prefix: &str) -> bool {
        self.0
            .iter()
            .any(|(key, _)| key.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// How many rows the group at `name` was sent with.
    fn rows(self, name: &str) -> usize {
        self.0
            .iter()
            .filter_map(|(key, _)| key.strip_prefix(name)?.strip_prefix('.')?.split('.').next()?.parse::<usize>().ok())
            .filter(|row| *row < 200)
            .max()
            .map_or(0, |row| row + 1)
    }
}

/// The body a form describes, over `base` when something is being edited.
pub fn body(layout: &Layout, submitted: Submitted<'_>, base: Option<&Value>, zone: &TimeZone) -> Value {
    let mut body = base.cloned().unwrap_or_else(|| Value::Object(Map::new()));
    for field in layout.fields() {
        if submitted.has_under(field.path) {
            let value = value(field, field.path, submitted, at(&body, field.path), zone);
            put(&mut body, field.path, value);
        }
    }
    align_range(&mut body);
    body
}

/// Puts `value` at a dotted path, or takes out what is there; empty parents go with it.
pub fn put(body: &mut Value, path: &str, value: Option<Value>) {
    let Value::Object(map) = body else { return };
    match path.split_once('.') {
        None => {
            match value {
                Some(value) => map.insert(path.to_owned(), value),
                None => map.remove(path),
            };
        }
        Some((head, rest)) => {
            let child = map.entry(head).or_insert_with(|| json!({}));
            if !child.is_object() {
                *child = json!({});
            }
            put(child, rest, value);
            if child.as_object().is_some_and(Map::is_empty) {
                map.remove(head);
            }
        }
    }
}

fn value(field: &Field, name: &str, sent: Submitted<'_>, before: Option<&Value>, zone: &TimeZone) -> Option<Value> {
    let text = |name: &str| sent.get(name).filter(|text| !text.is_empty());
    match field.input {
        Input::Text | Input::LongText | Input::Choice(_) | Input::Link(_) => text(name).map(|text| json!(text)),
        Input::Lines => {
            let items = text(name)?.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
            (!items.is_empty()).then(|| json!(items))
        }
        Input::Number => text(name).map(|text| {
            let latin = to_latin(text);
            latin.parse::<i64>().map_or_else(|_| json!(latin), |number| json!(number))
        }),
        Input::Flag => Some(json!(matches!(sent.get(name), Some("true" | "on" | "1" | "yes")))),
        Input::Date => text(name).map(|text| json!(to_latin(text))),
        Input::When | Input::Instant => text(name).map(|text| json!(moment(text, before, zone))),
        Input::Quantity(_) => quantity(name, sent, before),
        Input::Range => range(name, sent),
        Input::Concept => concept(name, sent, before),
        Input::Party => {
            let typed = text(&format!("{name}.name")).or_else(|| text(name))?;
            match before {
                Some(before) if name_of(before) == typed => Some(before.clone()),
                _ => Some(json!({ "name": typed })),
            }
        }
        Input::Links(_) => {
            let ids = sent.all(name).collect::<Vec<_>>();
            (!ids.is_empty()).then(|| json!(ids))
        }
        Input::Group(inner) => {
            let rows = (0..sent.rows(name)).filter_map(|row| {
                let before = before.and_then(|before| before.get(row));
                group_row(inner, &format!("{name}.{row}"), sent, before, zone)
            });
            let rows = rows.collect::<Vec<_>>();
            (!rows.is_empty()).then_some(Value::Array(rows))
        }
    }
}

fn group_row(
    inner: &[Field],
    name: &str,
    sent: Submitted<'_>,
    before: Option<&Value>,
    zone: &TimeZone,
) -> Option<Value> {
    if let [field] = inner
        && field.path.is_empty()
    {
        return value(field, name, sent, before, zone);
    }
    let mut row = before.cloned().unwrap_or_else(|| json!({}));
    for field in inner {
        let path = format!("{name}.{}", field.path);
        if sent.has_under(&path) {
            let value = value(field, &path, sent, at(&row, field.path), zone);
            put(&mut row, field.path, value);
        }
    }
    row.as_object().is_some_and(|row| !row.is_empty()).then_some(row)
}

fn quantity(name: &str, sent: Submitted<'_>, before: Option<&Value>) -> Option<Value> {
    let part = |part: &str| sent.get(&format!("{name}.{part}")).filter(|text| !text.is_empty());
    let value = to_latin(part("value")?);
    // A comparator typed before the number is as good as one chosen.
    let digits = value.trim_start_matches(['<', '>', '=']).trim_start();
    let typed = value.get(..value.len() - digits.len()).unwrap_or_default().trim();
    let comparator = if typed.is_empty() { part("comparator").unwrap_or_default() } else { typed };
    let mut quantity = json!({ "value": digits });
    // A unit that was left as it was shown is the unit it was.
    let known = before.and_then(|before| at(before, "unit")).and_then(Value::as_str);
    let unit = |text: &str| {
        known.filter(|ucum| units::is_shown_as(ucum, text)).map_or_else(|| units::typed(text), str::to_owned)
    };
    put(&mut quantity, "unit", part("unit").map(|text| json!(unit(text))));
    put(&mut quantity, "comparator", (!comparator.is_empty() && comparator != "=").then(|| json!(comparator)));
    Some(quantity)
}

fn range(name: &str, sent: Submitted<'_>) -> Option<Value> {
    let part = |part: &str| sent.get(&format!("{name}.{part}")).filter(|text| !text.is_empty());
    let mut range = json!({});
    for bound in ["low", "high"] {
        let value = part(bound).or_else(|| part(&format!("{bound}.value")));
        put(&mut range, bound, value.map(|value| json!({ "value": to_latin(value) })));
        if let Some(unit) = part(&format!("{bound}.unit"))
            && range.get(bound).is_some()
        {
            put(&mut range, &format!("{bound}.unit"), Some(json!(units::typed(unit))));
        }
    }
    put(&mut range, "text", part("text").map(|text| json!(text)));
    range.as_object().is_some_and(|range| !range.is_empty()).then_some(range)
}

/// Bounds are typed without a unit: they are in the unit of the result.
fn align_range(body: &mut Value) {
    let Some(unit) = at(body, "quantity.unit").cloned() else { return };
    for bound in ["range.low", "range.high"] {
        if at(body, bound).is_some() && at(body, &format!("{bound}.unit")).is_none() {
            put(body, &format!("{bound}.unit"), Some(unit.clone()));
        }
    }
}

/// A concept keeps its codes while its name stays; a new name brings its own or none.
fn concept(name: &str, sent: Submitted<'_>, before: Option<&Value>) -> Option<Value> {
    let text = sent.get(&format!("{name}.text")).or_else(|| sent.get(name)).filter(|text| !text.is_empty())?;
    if let Some(before) = before
        && name_of(before) == text
    {
        return Some(before.clone());
    }
    let mut concept = json!({ "text": text });
    let renamed = sent.get(&format!("{name}.was")).is_some_and(|was| was != text);
    let codes = (0..sent.rows(&format!("{name}.codes")))
        .filter_map(|row| {
            let part = |part: &str| sent.get(&format!("{name}.codes.{row}.{part}")).filter(|text| !text.is_empty());
            let mut code = json!({ "system": part("system")?, "code": part("code")? });
            put(&mut code, "display", part("display").map(|display| json!(display)));
            Some(code)
        })
        .collect::<Vec<_>>();
    if !renamed && !codes.is_empty() {
        put(&mut concept, "codes", Some(Value::Array(codes)));
    } else if let Some(code) = super::presets::code_of(text) {
        put(&mut concept, "codes", Some(json!([code])));
    }
    Some(concept)
}

/// A typed moment: a local time becomes a moment, a date stays a date, and what was not touched stays exact.
fn moment(text: &str, before: Option<&Value>, zone: &TimeZone) -> String {
    let latin = to_latin(text);
    let Ok(local) = latin.replacen(' ', "T", 1).parse::<DateTime>() else { return latin };
    if !latin.contains(['T', ' ']) || latin.ends_with('Z') {
        return latin;
    }
    let Ok(zoned) = local.to_zoned(zone.clone()) else { return latin };
    let instant = phm_core::time::Instant::from_millis(zoned.timestamp().as_millisecond());
    // The form shows minutes; a moment within the same minute was not changed.
    let untouched = before.and_then(Value::as_str).filter(|before| before.len() > 10).filter(|before| {
        before.parse::<phm_core::time::Instant>().is_ok_and(|b| b.millis() / 60_000 == instant.millis() / 60_000)
    });
    untouched.map_or_else(|| instant.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::web::forms::layout::of_kind;

    fn read(kind: &str, pairs: &[(&str, &str)], base: Option<&Value>) -> Value {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("India's offset"));
        body(of_kind(kind).expect("a layout"), Submitted(&pairs), base, &zone)
    }

    #[test]
    fn names_are_paths_and_digits_of_any_script_are_read() {
        let sent = [
            ("csrf", "x"),
            ("concept.text", "HbA1c"),
            ("quantity.value", "७.20"),
            ("quantity.unit", "%"),
            ("range.low", "4.0"),
            ("range.high", ""),
            ("collected_at", "2026-04-03"),
            ("laboratory.name", "City Lab"),
        ];
        assert_eq!(
            read("lab-result", &sent, None),
            json!({"concept":{"text":"HbA1c","codes":[{"system":"http://loinc.org","code":"4548-4","display":"Hemoglobin A1c/Hemoglobin.total in Blood"}]},
                "quantity":{"value":"7.20","unit":"%"},"range":{"low":{"value":"4.0","unit":"%"}},
                "collected_at":"2026-04-03","laboratory":{"name":"City Lab"}})
        );
    }

    #[test]
    fn an_edit_leaves_alone_what_the_form_does_not_show() {
        let base = json!({"concept":{"text":"Asthma","codes":[{"system":"s","code":"c"}]},"status":"active","verification":"confirmed","notes":"old"});
        let edited =
            read("condition", &[("concept.text", "Asthma"), ("status", "remission"), ("notes", "")], Some(&base));
        assert_eq!(
            edited,
            json!({"concept":{"text":"Asthma","codes":[{"system":"s","code":"c"}]},"status":"remission","verification":"confirmed"})
        );
        let renamed = read("condition", &[("concept.text", "Bronchitis")], Some(&base));
        assert_eq!(renamed["concept"], json!({"text":"Bronchitis"}), "the old codes do not describe the new name");
    }

    #[test]
    fn rows_of_a_group_are_read_in_order_and_empty_ones_dropped() {
        let sent = [
            ("substance.text", "Penicillin"),
            ("reactions.0.manifestation.text", "Rash"),
            ("reactions.0.severity", "mild"),
            ("reactions.1.manifestation.text", ""),
            ("reactions.1.severity", ""),
            ("reactions.2.manifestation.text", "Swelling"),
        ];
        assert_eq!(
            read("allergy", &sent, None)["reactions"],
            json!([{"manifestation":{"text":"Rash"},"severity":"mild"},{"manifestation":{"text":"Swelling"}}])
        );
    }

    #[test]
    fn a_local_time_becomes_a_moment_and_an_untouched_one_stays_exact() {
        let sent = [("start", "2026-12-01T10:00")];
        assert_eq!(read("appointment", &sent, None)["start"], json!("2026-12-01T04:30:00.000Z"));
        let base = json!({"start":"2026-12-01T04:30:27.123Z"});
        assert_eq!(read("appointment", &sent, Some(&base))["start"], base["start"]);
    }

    #[test]
    fn a_comparator_may_be_typed() {
        let sent = [("quantity.value", "< 0.5"), ("quantity.unit", "mIU/L")];
        assert_eq!(
            read("lab-result", &sent, None)["quantity"],
            json!({"value":"0.5","unit":"m[IU]/L","comparator":"<"})
        );
    }

    #[test]
    fn ticks_are_read_also_when_taken_out() {
        assert_eq!(read("condition", &[("chronic", "false"), ("chronic", "true")], None)["chronic"], json!(true));
        assert_eq!(read("condition", &[("chronic", "false")], None)["chronic"], json!(false));
    }
}
