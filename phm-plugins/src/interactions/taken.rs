//! What bodies of medications, prescriptions and allergies say, in the form in which a drugs plugin takes it.

use phm_core::time::{Instant, When};
use phm_plugin_api::v1::drugs::{Code, Medicine, Named};
use serde_json::Value;

/// Days after which nothing that was stopped works any more; the plugin knows for each substance.
const STILL_WORKING: i64 = 400;
/// Days for which a medicine that is marked as taken is believed beyond its end: packs last longer, and courses go on without
/// anybody writing it down.
const GRACE: i64 = 90;
const DAY: i64 = 86_400_000;

/// What a medication means for the check.
pub(super) enum Taken {
    /// It is taken, or may still work.
    Matters(Medicine),
    /// It ended so long ago that it cannot matter, but its record says that it is taken.
    Over(Medicine),
    /// It ended so long ago that it cannot matter.
    LongAgo,
}

/// A medication as the plugin takes it, unless it is over; `said` is what somebody said that a name means.
pub(super) fn taken(body: &Value, updated_at: Instant, now: Instant, said: impl FnOnce(&str) -> Vec<String>) -> Taken {
    let stopped = stopped(body, updated_at, now);
    let name = title(&body["drug"]);
    let (strength_mg, per_day) = dosing(body);
    let medicine = Medicine {
        codes: codes(&body["drug"]),
        route: Some(title(&body["route"])).filter(|route| !route.is_empty()),
        strength_mg,
        per_day,
        stopped_on: stopped.map(day),
        confirmed: said(&name),
        name,
    };
    match stopped {
        Some(stopped) if now.millis() - stopped.millis() > STILL_WORKING * DAY => {
            if body["status"] == "active" {
                Taken::Over(medicine)
            } else {
                Taken::LongAgo
            }
        }
        _ => Taken::Matters(medicine),
    }
}

/// The medicines that a body of a medication or a prescription is about, without those that ended so long ago that they work no
/// more. One that is said to be taken counts, whenever it is said to have ended.
pub fn medicines_of(kind: &str, body: &Value, now: Instant) -> Vec<Medicine> {
    let bodies = match kind {
        "medication" => std::slice::from_ref(body),
        "prescription" => body["items"].as_array().map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let medicine = |body: &Value| match taken(body, now, now, |_| Vec::new()) {
        Taken::Matters(medicine) => Some(medicine),
        Taken::Over(medicine) => Some(Medicine { stopped_on: None, ..medicine }),
        Taken::LongAgo => None,
    };
    bodies.iter().filter_map(medicine).collect()
}

/// When a medicine was stopped: its end, where that is past, or, for one that is marked as ended, when that was written at
/// the latest. One that is marked as taken is believed for some time beyond its end.
fn stopped(body: &Value, updated_at: Instant, now: Instant) -> Option<Instant> {
    let end = body["end"].as_str().and_then(|end| end.parse::<When>().ok()).map(When::end).filter(|end| *end <= now);
    if body["status"] == "active" {
        return end.filter(|end| now.millis() - end.millis() > GRACE * DAY);
    }
    let ended = matches!(body["status"].as_str(), Some("stopped" | "completed"));
    end.or_else(|| ended.then_some(updated_at))
}

/// An allergy as the plugin takes it, unless it is over.
pub(super) fn allergy(body: &Value) -> Option<Named> {
    let over = matches!(body["status"].as_str(), Some("resolved" | "inactive" | "refuted" | "entered-in-error"));
    (!over).then(|| Named { name: title(&body["substance"]), codes: codes(&body["substance"]) })
}

/// Whether an allergy is to food or to what is around somebody, with which no medicine has to be compared.
pub(super) fn is_no_medicine(body: &Value) -> bool {
    matches!(body["category"].as_str(), Some("food" | "environment"))
}

/// What a person reads of a concept; a bare text is one too.
fn title(concept: &Value) -> String {
    let codes = || concept["codes"].as_array().into_iter().flatten();
    let text = concept.as_str().or_else(|| concept["text"].as_str());
    let named = text.or_else(|| codes().find_map(|code| code["display"].as_str()));
    named.or_else(|| codes().find_map(|code| code["code"].as_str())).unwrap_or_default().to_owned()
}

fn codes(concept: &Value) -> Vec<Code> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = |code: &Value| Code { system: text(&code["system"]), code: text(&code["code"]) };
    concept["codes"].as_array().into_iter().flatten().map(code).collect()
}

/// Milligrams of one dose, and how many a day. Where parts of the day take pieces by a number of their own, a dose is a piece.
fn dosing(body: &Value) -> (Option<String>, Option<String>) {
    let piece = body["strength"].as_str().and_then(milligrams);
    let (one, times) = match piece.zip(pieces_a_day(&body["frequency"]["slots"], &body["dose"])) {
        Some((piece, pieces)) => (Some(piece), Some(pieces.to_string())),
        None => (one_dose(&body["strength"], &body["dose"]), per_day(&body["frequency"])),
    };
    (one.map(|mg| mg.to_string()), times)
}

/// How many pieces all parts of the day take, where one of them says so: `2-0-1` is three.
fn pieces_a_day(slots: &Value, dose: &Value) -> Option<f64> {
    let slots = slots.as_array()?;
    let amounts: Vec<Option<f64>> = slots.iter().map(|slot| number(&slot["amount"])).collect();
    let usual = pieces(dose).unwrap_or(1.0);
    amounts.iter().any(Option::is_some).then(|| amounts.into_iter().map(|amount| amount.unwrap_or(usual)).sum())
}

/// How many pieces a dose has, where it says so.
fn pieces(dose: &Value) -> Option<f64> {
    let unit = dose["unit"].as_str().unwrap_or_default();
    number(&dose["value"]).filter(|_| unit == "1" || unit.starts_with('{'))
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Milligrams of one dose: as many as the dose says, or the strength of one piece times the pieces, which are one where nothing
/// is said of them. Two tablets of 500 mg are 1000 mg.
fn one_dose(strength: &Value, dose: &Value) -> Option<f64> {
    let said = number(&dose["value"]).and_then(|number| in_milligrams(number, dose["unit"].as_str()?));
    said.or_else(|| Some(milligrams(strength.as_str()?)? * pieces(dose).unwrap_or(1.0)))
}

/// `500 mg`, `1 g` and `0.5g` in milligrams; nothing for what holds several substances or another unit.
fn milligrams(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(split);
    in_milligrams(number.parse().ok()?, unit.trim())
}

fn in_milligrams(number: f64, unit: &str) -> Option<f64> {
    let factor = match unit {
        "mg" => 1.0,
        "g" => 1000.0,
        _ => return None,
    };
    Some(number * factor)
}

/// How many doses a day, where the frequency says so, also by the clock or by parts of the day; of one that is taken as
/// needed, as many as it may be at most.
fn per_day(frequency: &Value) -> Option<String> {
    let Some(times) = number(&frequency["times"]) else {
        let named = ["at", "slots"].into_iter().filter_map(|name| frequency[name].as_array());
        let named = named.map(Vec::len).find(|count| *count > 0).map(|count| count.to_string());
        return named.or_else(|| number(&frequency["max_per_day"]).map(|most| most.to_string()));
    };
    let per = number(&frequency["per"]).unwrap_or(1.0);
    let days = match frequency["unit"].as_str()? {
        "h" => 1.0 / 24.0,
        "d" => 1.0,
        "wk" => 7.0,
        _ => return None,
    };
    (per > 0.0).then(|| (times / (per * days)).to_string())
}

pub(super) fn day(at: Instant) -> String {
    at.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_read_only_where_they_are_plain() {
        for (text, mg) in
            [("500 mg", Some("500")), ("1 g", Some("1000")), ("0.5g", Some("500")), ("650MG", Some("650"))]
        {
            assert_eq!(milligrams(text).map(|mg| mg.to_string()).as_deref(), mg, "{text}");
        }
        for text in ["500/125 mg", "5 mg/5 ml", "100 IU", "mg", "", "a tablet", "5 %"] {
            assert_eq!(milligrams(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_marked_as_taken_is_not_over_the_day_after_its_end() {
        let now: Instant = "2026-11-28T10:00:00Z".parse().expect("an instant");
        let of =
            |status: &str, end: &str| stopped(&serde_json::json!({"status": status, "end": end}), now, now).map(day);
        assert_eq!(of("active", "2026-11-20"), None, "a pack that lasts longer");
        assert!(of("active", "2026-01-20").is_some());
        assert!(of("stopped", "2026-11-20").is_some() && of("unknown", "2026-11-20").is_some());
        assert_eq!(of("stopped", "2027-01-01").as_deref(), Some("2026-11-28"), "when that was written at the latest");
    }

    #[test]
    fn a_dose_of_two_tablets_holds_twice_their_strength() {
        let of = |strength: &str, value: &str, unit: &str| {
            one_dose(&serde_json::json!(strength), &serde_json::json!({"value": value, "unit": unit}))
                .map(|mg| mg.to_string())
        };
        assert_eq!(of("500 mg", "2", "{tablet}").as_deref(), Some("1000"));
        assert_eq!(of("500 mg", "1000", "mg").as_deref(), Some("1000"), "the dose itself says it");
        assert_eq!(of("500 mg", "10", "mL").as_deref(), Some("500"));
        assert_eq!(of("a tablet", "2", "{tablet}"), None);
        assert_eq!(one_dose(&serde_json::json!("1 g"), &Value::Null).map(|mg| mg.to_string()).as_deref(), Some("1000"));
    }

    #[test]
    fn doses_a_day_come_from_the_frequency() {
        let of = |value: Value| per_day(&value);
        assert_eq!(of(serde_json::json!({"times": 3, "per": 1, "unit": "d"})).as_deref(), Some("3"));
        assert_eq!(of(serde_json::json!({"times": 1, "per": 8, "unit": "h"})).as_deref(), Some("3"));
        assert_eq!(of(serde_json::json!({"times": 7, "per": 1, "unit": "wk"})).as_deref(), Some("1"));
        assert_eq!(of(serde_json::json!({"as_needed": true})), None);
        assert_eq!(of(serde_json::json!({"as_needed": true, "max_per_day": 4})).as_deref(), Some("4"));
        assert_eq!(of(serde_json::json!({"at": ["08:00", "20:00"], "max_per_day": 4})).as_deref(), Some("2"));
        assert_eq!(of(serde_json::json!({"slots": [{"part": "night"}]})).as_deref(), Some("1"));
    }

    #[test]
    fn parts_of_the_day_that_take_different_numbers_of_pieces_are_added_up() {
        let slots = |amounts: &[Value]| {
            let slots: Vec<Value> = amounts.iter().map(|amount| serde_json::json!({ "amount": amount })).collect();
            serde_json::json!({"times": slots.len(), "per": 1, "unit": "d", "slots": slots})
        };
        let of = |frequency: Value, dose: Value| {
            let body = serde_json::json!({"strength": "500 mg", "dose": dose, "frequency": frequency});
            let (mg, times) = dosing(&body);
            (mg.expect("milligrams"), times.expect("times"))
        };
        let said = |mg: &str, times: &str| (mg.to_owned(), times.to_owned());
        let two = serde_json::json!({"value": "2", "unit": "{tablet}"});
        assert_eq!(of(slots(&[Value::from(2), Value::from(1)]), Value::Null), said("500", "3"));
        assert_eq!(of(slots(&[Value::from(0.5), Value::Null]), two.clone()), said("500", "2.5"), "a dose");
        assert_eq!(of(slots(&[Value::Null, Value::Null]), two), said("1000", "2"), "none says its own");
    }

    #[test]
    fn what_is_about_to_be_written_down_is_checked_with_its_dose_and_route() {
        let now: Instant = "2026-11-28T10:00:00Z".parse().expect("an instant");
        let body = serde_json::json!({"drug": "paracetamol", "strength": "1 g", "route": "oral",
            "frequency": {"times": 4, "per": 1, "unit": "d"}});
        let medicines = medicines_of("medication", &body, now);
        let said = medicines
            .iter()
            .map(|one| (one.name.as_str(), one.strength_mg.as_deref(), one.per_day.as_deref(), one.route.as_deref()));
        assert_eq!(said.collect::<Vec<_>>(), [("paracetamol", Some("1000"), Some("4"), Some("oral"))]);
        let names = |kind: &str, body: Value| {
            medicines_of(kind, &body, now).into_iter().map(|one| one.name).collect::<Vec<String>>()
        };
        let items = serde_json::json!({"items": [body, {"drug": {"text": "ibuprofen"}}], "prescribed_on": "2026"});
        assert_eq!(names("prescription", items), ["paracetamol", "ibuprofen"]);
        let ended = |status: &str| serde_json::json!({"drug": "ibuprofen", "status": status, "end": "2020"});
        assert!(names("medication", ended("completed")).is_empty());
        assert_eq!(names("medication", ended("active")), ["ibuprofen"], "it is said to be taken");
        assert!(names("note", serde_json::json!({"text": "ibuprofen"})).is_empty());
    }
}
