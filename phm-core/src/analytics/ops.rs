//! All of it by name, with JSON in and out: for bindings, plugins and test vectors.
//!
//! The names are those of the Python module and of the steps in `tests/vectors`; a name that is not here fails.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};

use super::calculators::{calculate, calculators};
use super::labs::{self, Who, judge};
use super::medicines::adherence::taken_of_due;
use super::medicines::stock::supply;
use super::medicines::{Resolved, resolve, same_substance};
use super::schedule::{Habits, Logged, Notation, Plan, Prescribed, Shift, schedule};
use super::units::{Substance, convert};
use crate::error::{Detail, Error, Result};
use crate::model::{At, Dose, Kind as _, LabResult, Medication, Part as _, Quantity, Report};
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
            let unit: crate::model::Unit = text(args, "text")?.parse().map_err(|_| invalid("/text", "unknown-unit"))?;
            Ok(json!(unit.as_str()))
        }
        "resolve_medicine" => Ok(match resolve(text(args, "name")?) {
            Resolved::Known(substances) => json!({"known": substances}),
            Resolved::Proposed(proposals) => json!({"proposed": proposals}),
            Resolved::Unknown => json!({"unknown": true}),
        }),
        "same_substance" => Ok(json!(same_substance(text(args, "a")?, text(args, "b")?))),
        "schedule" => scheduled(args),
        "supply" => supplied(args),
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
    let sex = match args.get("sex").and_then(Value::as_str) {
        Some("female") => Some("female"),
        Some("male") => Some("male"),
        _ => None,
    };
    let who = Who { sex, age_years: args.get("age").and_then(Value::as_f64) };
    let test = labs::of_concept(result.concept());
    let judgement = judge(test, &result, who);
    let asked = test.zip(result.quantity()).and_then(|(test, quantity)| labs::understand(test, quantity).err());
    Ok(json!({"test": test.map(|test| &test.key), "judgement": judgement, "asked": asked}))
}

/// A time zone by its name, from the data that is compiled in; or by its rule (`EST5EDT,M3.2.0,M11.1.0`).
fn zone(args: &Value) -> Result<TimeZone> {
    let Some(name) = args.get("zone").and_then(Value::as_str) else { return Ok(TimeZone::UTC) };
    let known = TimeZoneDatabase::bundled().get(name).or_else(|_| TimeZone::posix(name));
    known.map_err(|_| invalid("/zone", "unknown-time-zone"))
}

fn log(args: &Value) -> Result<Vec<Logged>> {
    let list = args.get("log").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().map(|entry| Dose::from_json(entry).map(|dose| Logged::of(&dose))).collect()
}

fn shifts(args: &Value) -> Result<Vec<Shift>> {
    let list = args.get("shifts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let one = |shift: &Value| {
        let later_too = shift.get("later_too").and_then(Value::as_bool).unwrap_or(false);
        Ok(Shift { planned: moment(shift, "planned")?, to: moment(shift, "to")?, later_too })
    };
    list.iter().map(one).collect()
}

/// Longer intervals are asked for in parts.
const LONGEST_INTERVAL: i64 = 400 * 86_400_000;

fn scheduled(args: &Value) -> Result<Value> {
    let medication = Medication::from_json(args.get("medication").unwrap_or(&Value::Null))?;
    let (from, to, now) = (moment(args, "from")?, moment(args, "to")?, moment(args, "now")?);
    if to.millis() - from.millis() > LONGEST_INTERVAL {
        return Err(invalid("/to", "too-long"));
    }
    let plan = match Plan::of(&Prescribed::of(&medication), &Habits::usual(zone(args)?)) {
        Ok(plan) => plan,
        Err(reason) => return Ok(json!({"planned": false, "reason": reason.code()})),
    };
    let log = log(args)?;
    let doses = schedule(&plan, &shifts(args)?, &log, from, to, now);
    let adherence = taken_of_due(&doses);
    let doses: Vec<Value> = doses
        .iter()
        .map(|dose| json!({"due_at": dose.due.at, "state": dose.state, "amount": dose.due.amount.map(|amount| amount.to_string())}))
        .collect();
    Ok(json!({"planned": true, "doses": doses, "adherence": adherence}))
}

fn supplied(args: &Value) -> Result<Value> {
    let medication = Medication::from_json(args.get("medication").unwrap_or(&Value::Null))?;
    let zone = zone(args)?;
    let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone.clone()));
    let plan = plan.as_ref().map_err(|reason| reason.code());
    json_of(&supply(&medication, plan, &zone, &shifts(args)?, &log(args)?, moment(args, "now")?))
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
            assert!(*op == "calculators" || answer.is_err_and(|error| error.kind() != ErrorKind::Internal), "{op}");
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
        assert_eq!(code("parse_dose", json!({"text": 7})), "wrong-type");
        let schedule = |to: &str, zone: &str| json!({"medication": {"drug": "X"}, "from": "2026-01-01T00:00:00Z", "to": to, "now": "2026-01-01T00:00:00Z", "zone": zone});
        assert_eq!(code("schedule", schedule("2099-01-01T00:00:00Z", "UTC0")), "too-long");
        assert_eq!(
            call("schedule", &schedule("2026-01-02T00:00:00Z", "Asia/Kolkata")).expect("an answer")["reason"],
            "no-frequency"
        );
        let nowhere = json!({"medication": {"drug": "X", "frequency": {"text": "OD"}}, "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "now": "2026-01-01T00:00:00Z", "zone": "Nowhere/Land"});
        assert_eq!(code("schedule", nowhere), "unknown-time-zone");
    }
}
