//! Trends, averages, what is overdue and what a visit needs to know, with JSON in and out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::calculators::{Pressure, Scheme};
use super::super::labs::{self, Bounds};
use super::super::trends::{Entry, Expected, explain, hba1c_story, series, statistics, statistics_of};
use super::super::{summary, vitals};
use super::{each, invalid, json_of, moment, text, who};
use crate::error::Result;
use crate::model::{At, Concept, Part as _, Report, Unit};
use crate::time::{Instant, PartialDate, When};

fn parsed<T: std::str::FromStr>(value: &Value, path: &str, code: &'static str) -> Result<T> {
    let text = value.as_str().ok_or_else(|| invalid(path, "wrong-type"))?;
    text.parse().map_err(|_| invalid(path, code))
}

fn day(args: &Value, name: &str) -> Result<PartialDate> {
    text(args, name)?.parse().map_err(|_| invalid(&format!("/{name}"), "invalid-date"))
}

fn concept(value: &Value) -> Result<Concept> {
    let mut report = Report::default();
    let read = Concept::read(value, &At::ROOT, &mut report).filter(|_| report.is_empty());
    read.ok_or_else(|| crate::error::Error::invalid(report.into_details()))
}

/// `{"test"?, "code"?, "unit"?, "entries": [{"value", "unit", "when"}], "sex"?, "age"?, "altered_red_cells"?}`.
///
/// The test is named by its key or by a LOINC code; without a unit it is the test's, or that of the first entry.
pub(super) fn trend<'a>(args: &'a Value) -> Result<Value> {
    let test = match (args.get("test"), args.get("code").and_then(Value::as_str)) {
        (None | Some(Value::Null), code) => code.and_then(labs::by_loinc),
        (Some(_), _) => Some(labs::by_key(text(args, "test")?).ok_or_else(|| invalid("/test", "unknown-test"))?),
    };
    let entry = |entry: &'a Value| {
        let when = text(entry, "when")?.parse().map_err(|_| invalid("/entries/when", "invalid-instant"))?;
        Ok(Entry { value: text(entry, "value")?, unit: text(entry, "unit")?, when })
    };
    let entries = each(args, "entries", entry)?;
    let unit = match args.get("unit") {
        None | Some(Value::Null) => {
            let first = entries.iter().find_map(|entry| entry.unit.parse::<Unit>().ok());
            test.and_then(|test| test.unit.clone()).or(first)
        }
        Some(_) => Some(text(args, "unit")?.parse().map_err(|_| invalid("/unit", "unknown-unit"))?),
    };
    let Some(unit) = unit else {
        return Ok(json!({"unit": null, "points": [], "asked": [], "statistics": null, "explanation": []}));
    };
    let found = series(test, &entries, &unit);
    let expected = test.and_then(|test| Expected::usual(test, who(args), &unit));
    let statistics = statistics_of(&found, expected.as_ref());
    let mut explanation = explain(&found, statistics.as_ref());
    if test.is_some_and(|test| test.key == "hba1c") {
        let altered = args.get("altered_red_cells").and_then(Value::as_bool).unwrap_or(false);
        explanation.extend(hba1c_story(&found, altered));
    }
    let point = |point: &super::super::trends::Point| {
        json!({
            "entry": point.entry, "at": Instant::from_millis(point.at), "value": point.value.to_string(),
            "comparator": point.comparator.map(crate::model::Comparator::word),
        })
    };
    Ok(json!({
        "unit": found.unit.as_str(),
        "points": found.points.iter().map(point).collect::<Vec<_>>(),
        "asked": found.asked.iter().map(|(entry, question)| json!({"entry": entry, "code": question.code})).collect::<Vec<_>>(),
        "statistics": json_of(&statistics)?,
        "explanation": json_of(&explanation)?,
    }))
}

/// What two columns come to: `{"times":[milliseconds since 1970],"values":[…],"low"?,"high"?}`.
pub(super) fn columns(args: &Value) -> Result<Value> {
    let list =
        |name: &str| args.get(name).and_then(Value::as_array).ok_or_else(|| invalid(&format!("/{name}"), "required"));
    let (times, values) = (list("times")?, list("values")?);
    if times.len() != values.len() {
        return Err(invalid("/values", "wrong-length"));
    }
    let times: Option<Vec<i64>> = times.iter().map(Value::as_i64).collect();
    let values: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
    let times = times.ok_or_else(|| invalid("/times", "wrong-type"))?;
    let values = values.ok_or_else(|| invalid("/values", "wrong-type"))?;
    let bound = |name: &str| args.get(name).and_then(Value::as_f64);
    let (low, high) = (bound("low"), bound("high"));
    let bounds = (low.is_some() || high.is_some()).then(|| Bounds::closed(low, high));
    json_of(&statistics(&times, &values, bounds.as_ref()))
}

/// `{"readings": [{"systolic", "diastolic"}], "scheme"?}` in mm\[Hg\]; nothing for fewer than two readings.
pub(super) fn home_average(args: &Value) -> Result<Value> {
    let scheme = match args.get("scheme") {
        None | Some(Value::Null) => Scheme::default(),
        Some(_) => Scheme::of_word(text(args, "scheme")?).ok_or_else(|| invalid("/scheme", "invalid-choice"))?,
    };
    let number = |reading: &Value, name: &str| {
        reading.get(name).and_then(Value::as_f64).ok_or_else(|| invalid(&format!("/readings/{name}"), "required"))
    };
    let reading = |reading: &Value| {
        let pressure = Pressure::new(number(reading, "systolic")?, number(reading, "diastolic")?);
        pressure.ok_or_else(|| invalid("/readings", "systolic-not-above-diastolic"))
    };
    let average = vitals::home_average(&each(args, "readings", reading)?);
    Ok(average.map_or(Value::Null, |average| {
        json!({
            "systolic": format!("{:.1}", average.systolic), "diastolic": format!("{:.1}", average.diastolic),
            "readings": average.readings, "scheme": scheme.word(), "raised": average.is_raised(scheme),
        })
    }))
}

/// `{"conditions": [Concept], "newest": {test: day}, "today"}`.
pub(super) fn overdue_tests(args: &Value) -> Result<Value> {
    let conditions = each(args, "conditions", concept)?;
    let mut newest = BTreeMap::new();
    for (key, last) in args.get("newest").and_then(Value::as_object).into_iter().flatten() {
        let test = labs::by_key(key).ok_or_else(|| invalid("/newest", "unknown-test"))?;
        newest.insert(test.key.as_str(), parsed(last, "/newest", "invalid-date")?);
    }
    json_of(&summary::overdue_tests(&conditions, &newest, day(args, "today")?))
}

/// `{"given": [{"vaccine": Concept, "given_on"}], "today"}`.
pub(super) fn overdue_immunizations(args: &Value) -> Result<Value> {
    let given =
        each(args, "given", |one| Ok((concept(one.get("vaccine").unwrap_or(&Value::Null))?, day(one, "given_on")?)))?;
    let given = given.iter().map(|(vaccine, day)| (vaccine, *day));
    json_of(&summary::overdue_immunizations(given, day(args, "today")?))
}

/// `{"visits": [moment or day], "now"}`.
pub(super) fn visit_figures(args: &Value) -> Result<Value> {
    let visits: Vec<When> = each(args, "visits", |when| parsed(when, "/visits", "invalid-instant"))?;
    json_of(&summary::figures(visits, moment(args, "now")?))
}

/// `{"since"?, "conditions": [text], "allergies": [text], "medications": [text], "records": [{"kind", "when"}]}`.
pub(super) fn visit_summary<'a>(args: &'a Value) -> Result<Value> {
    let words =
        |name: &str| each(args, name, |text| text.as_str().ok_or_else(|| invalid(&format!("/{name}"), "wrong-type")));
    let since = match args.get("since") {
        None | Some(Value::Null) => None,
        Some(since) => Some(parsed(since, "/since", "invalid-instant")?),
    };
    let record = |record: &'a Value| {
        let when = parsed(record.get("when").unwrap_or(&Value::Null), "/records/when", "invalid-instant")?;
        Ok((text(record, "kind")?, when))
    };
    let records = each(args, "records", record)?;
    let (conditions, allergies, medications) = (words("conditions")?, words("allergies")?, words("medications")?);
    json_of(&summary::for_visit(since, &conditions, &allergies, &medications, &records, Vec::new()))
}
