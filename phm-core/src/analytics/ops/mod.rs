//! All of it by name, with JSON in and out: for bindings, plugins and test vectors.
//!
//! Medicines stand in [`taking`], results and what needs attention in [`findings`]. The names are those of the Python module and of the steps in `tests/vectors`; a name that is not here fails.

mod findings;
mod taking;

use serde_json::{Value, json};

use super::calculators::{calculate, calculators};
use super::labs::{self, Who, judge};
use super::medicines::{Resolved, resolve, same_substance};
use super::schedule::Notation;
use super::units::{Substance, convert};
use crate::error::{Detail, Error, Result};
use crate::model::{At, Kind as _, LabResult, Part as _, Quantity, Report, Unit};
use crate::time::Instant;

/// The names.
pub const OPS: &[&str] = &[
    "calculators",
    "calculate",
    "parse_dose",
    "convert",
    "recognise_test",
    "evaluate_result",
    "is_loinc",
    "normalise_unit",
    "resolve_medicine",
    "same_substance",
    "schedule",
    "supply",
    "daily_sums",
    "trend",
    "statistics",
    "home_average",
    "overdue_tests",
    "overdue_immunizations",
    "visit_figures",
    "visit_summary",
];

/// Calls one by its name.
///
/// # Errors
/// `NotFound` for a name that does not exist, `Invalid` for arguments that mean nothing.
pub fn call(op: &str, args: &Value) -> Result<Value> {
    match op {
        "calculators" => json_of(&calculators().collect::<Vec<_>>()),
        "calculate" => json_of(&calculate(text(args, "name")?, args.get("inputs").unwrap_or(&Value::Null))?),
        "parse_dose" => parse_dose(text(args, "text")?),
        "convert" => converted(args),
        "recognise_test" => {
            let found = labs::recognise(text(args, "text")?).test();
            Ok(found.map_or_else(
                || json!({"understood": false}),
                |test| json!({"understood": true, "test": test.key, "loinc": test.code()}),
            ))
        }
        "evaluate_result" => evaluate(args),
        "is_loinc" => Ok(json!(labs::is_loinc(text(args, "code")?))),
        "normalise_unit" => {
            let unit = Unit::as_written(text(args, "text")?).map_err(|_| invalid("/text", "unknown-unit"))?;
            Ok(json!(unit.as_str()))
        }
        "resolve_medicine" => Ok(match resolve(text(args, "name")?) {
            Resolved::Known(substances) => json!({"known": substances}),
            Resolved::Proposed(proposals) => json!({"proposed": proposals}),
            Resolved::Unknown => json!({"unknown": true}),
        }),
        "same_substance" => Ok(json!(same_substance(text(args, "a")?, text(args, "b")?))),
        "schedule" => taking::scheduled(args),
        "supply" => taking::supplied(args),
        "daily_sums" => taking::summed(args),
        "trend" => findings::trend(args),
        "home_average" => findings::home_average(args),
        "overdue_tests" => findings::overdue_tests(args),
        "overdue_immunizations" => findings::overdue_immunizations(args),
        "visit_figures" => findings::visit_figures(args),
        "visit_summary" => findings::visit_summary(args),
        "statistics" => findings::columns(args),
        _ => Err(Error::not_found()),
    }
}

fn json_of(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|_| Error::internal("an answer is not JSON"))
}

fn invalid(path: &str, code: &'static str) -> Error {
    Error::invalid(vec![Detail { path: path.to_owned(), code }])
}

fn text<'a>(args: &'a Value, name: &str) -> Result<&'a str> {
    match args.get(name) {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Err(invalid(&format!("/{name}"), "required")),
        Some(_) => Err(invalid(&format!("/{name}"), "wrong-type")),
    }
}

fn moment(args: &Value, name: &str) -> Result<Instant> {
    text(args, name)?.parse().map_err(|_| invalid(&format!("/{name}"), "invalid-instant"))
}

fn quantity(args: &Value) -> Result<Quantity> {
    let mut report = Report::default();
    let root = At::ROOT;
    let read = Quantity::read(args.get("quantity").unwrap_or(&Value::Null), &root.field("quantity"), &mut report);
    read.ok_or_else(|| Error::invalid(report.into_details()))
}

/// A notation as the API and the bindings answer it.
pub fn parse_dose(text: &str) -> Result<Value> {
    match super::schedule::parse(text) {
        Notation::NotUnderstood => Ok(json!({"understood": false})),
        Notation::Understood(found) => {
            let mut answer = json!({"understood": true, "frequency": found.frequency});
            let parts = [("duration", &found.duration), ("dose", &found.dose)];
            for (name, part) in parts {
                if let Some(part) = part {
                    answer[name] = json_of(part)?;
                }
            }
            Ok(answer)
        }
    }
}

fn converted(args: &Value) -> Result<Value> {
    let quantity = quantity(args)?;
    let to = text(args, "to")?.parse().map_err(|_| invalid("/to", "unknown-unit"))?;
    let substance = match args.get("test") {
        None | Some(Value::Null) => Substance::NONE,
        Some(_) => labs::by_key(text(args, "test")?).ok_or_else(|| invalid("/test", "unknown-test"))?.substance(),
    };
    let converted = convert(&quantity, &to, &substance).map_err(|refused| invalid("/to", refused.code()))?;
    Ok(json!({"value": converted.text, "unit": converted.unit.as_str(), "original": quantity}))
}

fn evaluate(args: &Value) -> Result<Value> {
    let result = LabResult::from_json(args.get("result").unwrap_or(&Value::Null))?;
    let who = who(args);
    let test = labs::of_result(&result);
    let judgement = judge(test, &result, who);
    let asked = test.zip(result.quantity()).and_then(|(test, quantity)| labs::understand(test, quantity).err());
    Ok(json!({"test": test.map(|test| &test.key), "judgement": judgement, "asked": asked}))
}

/// `sex` and `age` (in years) of the arguments, where they are known.
fn who(args: &Value) -> Who {
    let sex = match args.get("sex").and_then(Value::as_str) {
        Some("female") => Some("female"),
        Some("male") => Some("male"),
        _ => None,
    };
    Who { sex, age_years: args.get("age").and_then(Value::as_f64), youngest_years: None }
}

/// A list of the arguments; one that is missing is empty, a longer one than anybody has is refused.
fn list<'a>(args: &'a Value, name: &str) -> Result<&'a [Value]> {
    const MOST: usize = 100_000;
    match args.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) if list.len() > MOST => Err(invalid(&format!("/{name}"), "too-many")),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(invalid(&format!("/{name}"), "wrong-type")),
    }
}

/// The entries of a list, each read by `one`.
fn each<'a, T>(args: &'a Value, name: &str, one: impl Fn(&'a Value) -> Result<T>) -> Result<Vec<T>> {
    list(args, name)?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_name_that_does_not_exist_fails() {
        assert_eq!(call("guess", &json!({})).expect_err("fails").kind(), ErrorKind::NotFound);
        for op in OPS {
            let answer = call(op, &json!({}));
            let of_nothing = [
                "calculators",
                "daily_sums",
                "trend",
                "home_average",
                "overdue_tests",
                "overdue_immunizations",
                "visit_summary",
            ];
            let refused = answer.is_err_and(|error| error.kind() != ErrorKind::Internal);
            assert!(of_nothing.contains(op) || refused, "{op}");
        }
    }

    #[test]
    fn arguments_that_mean_nothing_are_refused() {
        let code = |op: &str, args: Value| call(op, &args).expect_err("refused").details()[0].code;
        assert_eq!(
            code("convert", json!({"quantity": {"value": "1", "unit": "mg/dL"}, "to": "bananas"})),
            "unknown-unit"
        );
        assert_eq!(
            code("convert", json!({"quantity": {"value": "1", "unit": "mg/dL"}, "to": "mmol/L"})),
            "no-molar-mass"
        );
        assert_eq!(code("convert", json!({"quantity": {"value": "1"}, "to": "mmol/L"})), "required");
        let beyond = json!({"quantity": {"value": "1e99", "unit": "10*300"}, "to": "1"});
        assert_eq!(code("convert", beyond), "out-of-range");
        assert_eq!(code("parse_dose", json!({"text": 7})), "wrong-type");
        let schedule = |to: &str, zone: &str| json!({"medication": {"drug": "X"}, "from": "2026-01-01T00:00:00Z", "to": to, "now": "2026-01-01T00:00:00Z", "zone": zone});
        assert_eq!(code("schedule", schedule("2099-01-01T00:00:00Z", "UTC0")), "too-long");
        assert_eq!(
            call("schedule", &schedule("2026-01-02T00:00:00Z", "Asia/Kolkata")).expect("an answer")["reason"],
            "no-frequency"
        );
        let nowhere = json!({"medication": {"drug": "X", "frequency": {"text": "OD"}}, "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "now": "2026-01-01T00:00:00Z", "zone": "Nowhere/Land"});
        assert_eq!(code("schedule", nowhere), "unknown-time-zone");
        let far = |shifts: Value| json!({"medication": {"drug": "X", "start": "2026-01-01", "frequency": {"text": "OD"}}, "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "now": "2026-01-01T00:00:00Z", "shifts": shifts});
        let shift = json!({"planned": "2026-01-01T08:00:00Z", "to": "9999-01-01T08:00:00Z"});
        assert_eq!(code("schedule", far(json!([shift]))), "too-far");
        assert_eq!(code("schedule", far(Value::Array(vec![shift; 1001]))), "too-many");
        let nowhere = json!({"planned": "2026-01-01T09:00:00Z", "to": "2026-01-01T10:00:00Z"});
        assert_eq!(code("schedule", far(json!([nowhere]))), "no-such-dose");
        let good = json!({"planned": "2026-01-01T08:00:00Z", "to": "2026-01-01T10:00:00Z"});
        let moved = call("schedule", &far(json!([good]))).expect("an answer");
        assert_eq!(
            (&moved["doses"][0]["due_at"], &moved["doses"][0]["planned_at"]),
            (&json!("2026-01-01T10:00:00.000Z"), &json!("2026-01-01T08:00:00.000Z"))
        );
    }
}
