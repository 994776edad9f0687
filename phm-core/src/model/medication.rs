//! A medicine that somebody takes, took, or is to take.

use crate::fields;
use crate::time::{PartialDate, When};

use super::macros::choice;
use super::{At, Concept, Count, Frequency, Kind, Party, Quantity, Report, Summary, Text};

choice! {
    /// Whether a medicine is taken.
    pub enum MedicationStatus {
        /// It is taken.
        Active = "active",
        /// It was taken to the end.
        Completed = "completed",
        /// It was ended early.
        Stopped = "stopped",
        /// It is interrupted.
        OnHold = "on-hold",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

fields! {
    /// A pack that was got.
    pub struct Pack {
        /// The day it was got.
        got_on: PartialDate,
        /// How much was in it.
        amount: Quantity,
    }
}

fields! {
    /// A medicine.
    pub struct Medication checked by in_order {
        /// Which medicine.
        drug: Concept,
        /// How much of it is in one piece.
        strength: Option<Text>,
        /// Tablet, drops …
        form: Option<Text>,
        /// How much at a time.
        dose: Option<Quantity>,
        /// How often.
        frequency: Option<Frequency>,
        /// By which way into the body.
        route: Option<Concept>,
        /// For how long.
        duration: Option<Quantity>,
        /// Since when.
        start: Option<When>,
        /// Until when.
        end: Option<When>,
        /// Who prescribed it.
        prescriber: Option<Party>,
        /// The day it was prescribed.
        prescribed_on: Option<PartialDate>,
        /// Whether it is taken.
        status: Option<MedicationStatus>,
        /// What for.
        reason: Option<Text>,
        /// How to take it, in words.
        instructions: Option<Text>,
        /// The packs that were got, for the supply.
        packs: Vec<Pack>,
        /// How many days before it runs out somebody should get more.
        refill_days: Option<Count>,
    }
}

fn in_order(medication: &Medication, at: &At<'_>, report: &mut Report) {
    super::in_order(medication.start, medication.end, at, "end", report);
    super::quantity::is_time(medication.duration(), &at.field("duration"), report);
    if medication.duration().and_then(years).is_some_and(|years| !(years > 0.0 && years <= LONGEST_COURSE_YEARS)) {
        report.say_of_new(&at.field("duration").field("value"), "invalid-length");
    }
    let times = medication.frequency().map_or(0, |frequency| frequency.at().len());
    if times > MOST_TIMES_A_DAY {
        report.say_of_new(&at.field("frequency").field("at"), "too-many");
    }
}

/// No course lasts longer than a life.
pub const LONGEST_COURSE_YEARS: f64 = 100.0;

/// One every quarter of an hour.
const MOST_TIMES_A_DAY: usize = 96;

/// About how many years a time is; `None` for what is no time.
fn years(time: &Quantity) -> Option<f64> {
    let days = match time.unit() {
        "ms" => 1.0 / 86_400_000.0,
        "s" => 1.0 / 86_400.0,
        "min" => 1.0 / 1_440.0,
        "h" => 1.0 / 24.0,
        "d" => 1.0,
        "wk" => 7.0,
        "mo" | "mo_s" | "mo_j" | "mo_g" => 365.25 / 12.0,
        "a" | "a_t" | "a_j" | "a_g" => 365.25,
        _ => return None,
    };
    Some(time.value().to_f64() * days / 365.25)
}

impl Kind for Medication {
    const NAME: &'static str = "medication";
    const COLLECTION: &'static str = "medications";

    fn occurred(&self) -> Option<When> {
        self.start.or(self.prescribed_on.map(When::Date))
    }

    fn summary(&self) -> Summary {
        let summary = self.drug.summarised().status(self.status.map(MedicationStatus::word));
        match &self.dose {
            Some(dose) => summary.quantity(dose),
            None => summary.value(self.strength()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_medication_keeps_its_stored_form() {
        let body = json!({
            "drug": "Metformin", "strength": "500 mg", "form": "tablet", "dose": {"value": "1.0", "unit": "{tablet}"},
            "frequency": {"times": 2, "per": 1, "unit": "d", "as_needed": false, "max_per_day": 2.5, "text": "1-0-1"},
            "route": "oral", "duration": {"value": "30", "unit": "d"}, "start": "2026-01-05", "end": "2026-02",
            "prescriber": "Dr Rao", "prescribed_on": "2026-01-04", "status": "on-hold", "reason": "diabetes",
            "instructions": "with food",
        });
        insta::assert_snapshot!(stored::<Medication>(&body), @r#"{"drug":{"text":"Metformin"},"strength":"500 mg","form":"tablet","dose":{"value":"1.0","unit":"{tablet}"},"frequency":{"times":2,"per":1,"unit":"d","as_needed":false,"max_per_day":2.5,"text":"1-0-1"},"route":{"text":"oral"},"duration":{"value":"30","unit":"d"},"start":"2026-01-05","end":"2026-02","prescriber":{"name":"Dr Rao"},"prescribed_on":"2026-01-04","status":"on-hold","reason":"diabetes","instructions":"with food"}"#);
        assert_eq!(listed::<Medication>(&body), "2026-01-05|Metformin|1.0 {tablet}|on-hold||");
        let body = json!({"drug": "Metformin", "strength": "500 mg", "prescribed_on": "2026-01-04"});
        assert_eq!(listed::<Medication>(&body), "2026-01-04|Metformin|500 mg|||");
    }

    #[test]
    fn packs_keep_their_stored_form() {
        let body = json!({
            "drug": "X", "packs": [{"got_on": "2026-01-05", "amount": {"value": "30", "unit": "{tablet}"}}], "refill_days": 5,
        });
        insta::assert_snapshot!(stored::<Medication>(&body), @r#"{"drug":{"text":"X"},"packs":[{"got_on":"2026-01-05","amount":{"value":"30","unit":"{tablet}"}}],"refill_days":5}"#);
        let bad = json!({"drug": "X", "packs": [{"amount": {"value": "30", "unit": "{tablet}"}}], "refill_days": -1});
        assert_eq!(refused::<Medication>(&bad), "/packs/0/got_on required, /refill_days invalid-number");
    }

    #[test]
    fn whole_numbers_of_a_frequency_stay_whole() {
        let body = json!({"drug": "X", "frequency": {"times": 1, "per": 8.0, "unit": "hours"}});
        assert_eq!(stored::<Medication>(&body), r#"{"drug":{"text":"X"},"frequency":{"times":1,"per":8,"unit":"h"}}"#);
    }

    #[test]
    fn a_medication_that_was_stored_before_a_rule_is_still_read() {
        let body = r#"{"drug":{"text":"X"},"duration":{"value":"-5","unit":"d"}}"#;
        assert!(Medication::from_stored(body).is_ok());
    }

    #[test]
    fn medications_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"strength": "500 mg"}), "/drug required"),
            (json!({"drug": "X", "status": "paused"}), "/status invalid-choice"),
            (json!({"drug": "X", "dose": "500 mg"}), "/dose wrong-type"),
            (json!({"drug": "X", "dose": {"value": "500", "unit": "mgg"}}), "/dose/unit unknown-unit"),
            (json!({"drug": "X", "duration": {"value": "5", "unit": "mg"}}), "/duration/unit not-a-time"),
            (json!({"drug": "X", "duration": {"value": "0", "unit": "d"}}), "/duration/value invalid-length"),
            (json!({"drug": "X", "duration": {"value": "-5", "unit": "d"}}), "/duration/value invalid-length"),
            (json!({"drug": "X", "duration": {"value": "1e9", "unit": "d"}}), "/duration/value invalid-length"),
            (json!({"drug": "X", "duration": {"value": "101", "unit": "a"}}), "/duration/value invalid-length"),
            (json!({"drug": "X", "frequency": {"at": vec!["08:00"; 97]}}), "/frequency/at too-many"),
            (json!({"drug": "X", "frequency": {"times": 0}}), "/frequency/times invalid-number"),
            (json!({"drug": "X", "frequency": {"times": -1}}), "/frequency/times invalid-number"),
            (json!({"drug": "X", "frequency": {"times": 1.5}}), "/frequency/times invalid-number"),
            (json!({"drug": "X", "frequency": {"times": "2"}}), "/frequency/times wrong-type"),
            (json!({"drug": "X", "frequency": {"per": 1}}), "/frequency/unit required"),
            (json!({"drug": "X", "frequency": {"per": 0, "unit": "d"}}), "/frequency/per invalid-number"),
            (json!({"drug": "X", "frequency": {"unit": "fortnight"}}), "/frequency/unit unknown-unit"),
            (json!({"drug": "X", "frequency": "daily"}), "/frequency wrong-type"),
            (json!({"drug": "X", "start": "2026-02", "end": "2026-01-31"}), "/end end-before-start"),
            (json!({"drug": "X", "prescribed_on": "2026-02-30"}), "/prescribed_on invalid-date"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Medication>(&body), expected, "{body}");
        }
    }
}
