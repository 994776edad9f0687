//! What needs attention in one record.

use super::super::Message;
use super::super::labs::{self, Judgement, Test};
use super::super::medicines::stock::Supply;
use super::super::schedule::{Scheduled, State};
use super::super::vitals::{Sign, pressure_of};
use crate::model::{Comparator, LabResult, VitalSign};
use crate::time::PartialDate;

/// What to say about a result that is not where it is expected; nothing about one that is.
pub fn about_result(test: &Test, result: &LabResult, judgement: &Judgement) -> Option<Message> {
    if judgement.code.is_expected() {
        return None;
    }
    let code = match judgement.code {
        labs::Judged::LL => "attention-critically-low",
        labs::Judged::L => "attention-low",
        labs::Judged::H => "attention-high",
        labs::Judged::HH => "attention-critically-high",
        labs::Judged::AA => "attention-critically-abnormal",
        labs::Judged::A | labs::Judged::N => "attention-abnormal",
    };
    let mut message = Message::new(code).text("test", test.key.as_str()).text("name", result.concept().title());
    if let Some(quantity) = result.quantity() {
        message = message.text("value", quantity.shown()).text("unit", quantity.unit());
    } else if let Some(words) = labs::words_of(result) {
        message = message.text("value", words);
    }
    message = message.when("when", result.collected_at().or(result.resulted_at()));
    message.source = judgement.source;
    Some(message)
}

/// What to say about a vital sign that cannot wait: oxygen in the blood at 91 % or less, a pressure above 180 or 120.
pub fn about_vital_sign(sign: &VitalSign) -> Option<Message> {
    let message = |code, value: String, unit: &str| {
        let message = Message::new(code).text("name", sign.concept().title()).text("value", value).text("unit", unit);
        message.when("when", Some(sign.measured_at()))
    };
    if let Some(Ok(pressure)) = pressure_of(sign) {
        let value = format!("{:.0}/{:.0}", pressure.systolic(), pressure.diastolic());
        return pressure.is_severe().then(|| {
            message("attention-severe-pressure", value, "mm[Hg]")
                .source("Whelton et al., ACC/AHA guideline, Hypertension 2018;71:e13: above 180 or 120")
        });
    }
    let oxygen = Sign::by_name("oxygen-saturation")?;
    let coded = sign.concept().codes().iter().any(|code| oxygen.loinc.contains(&code.code()));
    let named = sign.concept().codes().is_empty()
        && ["spo2", "oxygen saturation"].contains(&sign.concept().title().trim().to_lowercase().as_str());
    let quantity = sign.quantity().filter(|_| coded || named)?;
    // "> 90 %" may be 98 %.
    let at_most = matches!(quantity.comparator(), None | Some(Comparator::Less | Comparator::AtMost));
    let low = oxygen.read(quantity).is_ok_and(|value| value <= 91.0);
    (at_most && low).then(|| {
        message("attention-critically-low", quantity.shown(), quantity.unit())
            .source("Royal College of Physicians, National Early Warning Score 2 (2017): 91 % or less")
    })
}

/// Whether it is time to get more of a medicine.
///
/// What rests on doses that nobody logged is said so: there may still be some in the pack.
pub fn about_supply(medicine: &str, supply: &Supply, today: PartialDate) -> Option<Message> {
    let (run_out, refill) = (supply.run_out_on?, supply.refill_by?);
    if refill > today {
        return None;
    }
    let left = supply.remaining.is_some_and(|left| left.0 > 0.0);
    let code = match (left, run_out > today) {
        (true, true) => "attention-refill",
        (true, false) => "attention-runs-out-today",
        (false, _) if supply.assumed > 0 => "attention-run-out-assumed",
        (false, _) => "attention-run-out",
    };
    let message = Message::new(code).text("medicine", medicine).day("run_out_on", run_out);
    Some(if code == "attention-run-out-assumed" { message.count("doses", supply.assumed) } else { message })
}

/// Doses of a medicine that are late.
pub fn about_doses(medicine: &str, doses: &[Scheduled]) -> Option<Message> {
    about_late_doses(medicine, doses.iter().filter(|dose| dose.state == State::Late).count())
}

/// The same from the number of late doses.
pub fn about_late_doses(medicine: &str, late: usize) -> Option<Message> {
    (late > 0).then(|| Message::new("attention-late-dose").text("medicine", medicine).count("doses", late))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analytics::labs::{Who, judge, of_concept};
    use crate::analytics::medicines::stock::Left;
    use crate::model::Kind as _;

    fn day(text: &str) -> PartialDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_medicine_that_may_still_be_there_is_not_said_to_be_gone() {
        let code = |left: f64, assumed: usize, run_out: &str| {
            let supply = Supply {
                remaining: Some(Left(left)),
                unit: None,
                run_out_on: Some(day(run_out)),
                refill_by: Some(day("2026-01-01")),
                lead_days: 7,
                assumed,
                reason: None,
            };
            about_supply("X", &supply, day("2026-01-08")).map(|message| message.code)
        };
        assert_eq!(code(3.0, 0, "2026-01-10"), Some("attention-refill"));
        assert_eq!(code(1.0, 0, "2026-01-08"), Some("attention-runs-out-today"));
        assert_eq!(code(0.0, 0, "2026-01-08"), Some("attention-run-out"));
        assert_eq!(code(0.0, 0, "2026-01-09"), Some("attention-run-out"));
        assert_eq!(code(0.0, 9, "2026-01-08"), Some("attention-run-out-assumed"));
    }

    #[test]
    fn only_what_is_not_expected_needs_attention() {
        let of = |value: &str| {
            let body = json!({"concept": "Potassium", "quantity": {"value": value, "unit": "mmol/L"}, "collected_at": "2026-01-01"});
            let result = LabResult::from_json(&body).expect("a result");
            let test = of_concept(result.concept()).expect("a test");
            let man = Who { sex: Some("male"), age_years: Some(50.0), youngest_years: None };
            let judgement = judge(Some(test), &result, man);
            judgement.and_then(|judgement| about_result(test, &result, &judgement)).map(|message| message.code)
        };
        assert_eq!(of("4.0"), None);
        assert_eq!(of("5.4"), Some("attention-high"));
        assert_eq!(of("6.9"), Some("attention-critically-high"));
    }

    #[test]
    fn vital_signs_that_cannot_wait_are_named() {
        let code = |body: serde_json::Value| {
            about_vital_sign(&VitalSign::from_json(&body).expect("a sign")).map(|message| message.code)
        };
        let of = |loinc: &str| json!({"codes": [{"system": "http://loinc.org", "code": loinc}]});
        let oxygen = |value: &str| {
            code(
                json!({"concept": of("59408-5"), "measured_at": "2026-01-05", "quantity": {"value": value, "unit": "%"}}),
            )
        };
        assert_eq!((oxygen("91"), oxygen("92")), (Some("attention-critically-low"), None));
        for (sign, expected) in [("<", Some("attention-critically-low")), (">", None), (">=", None)] {
            let quantity = json!({"value": "90", "unit": "%", "comparator": sign});
            let body = json!({"concept": of("59408-5"), "measured_at": "2026-01-05", "quantity": quantity});
            assert_eq!(code(body), expected, "{sign} 90 %");
        }
        let typed = json!({"concept": "SpO2", "measured_at": "2026-01-05", "quantity": {"value": "88", "unit": "%"}});
        assert_eq!(code(typed), Some("attention-critically-low"));
        let pressure = |systolic: &str, diastolic: &str| {
            let part = |loinc: &str, value: &str| json!({"concept": of(loinc), "quantity": {"value": value, "unit": "mm[Hg]"}});
            let parts = [part("8480-6", systolic), part("8462-4", diastolic)];
            code(json!({"concept": of("85354-9"), "measured_at": "2026-01-05", "components": parts}))
        };
        assert_eq!(
            (pressure("181", "90"), pressure("150", "121")),
            (Some("attention-severe-pressure"), Some("attention-severe-pressure"))
        );
        assert_eq!((pressure("180", "120"), pressure("90", "120")), (None, None));
        let weight =
            json!({"concept": of("29463-7"), "measured_at": "2026-01-05", "quantity": {"value": "70", "unit": "kg"}});
        assert_eq!(code(weight), None);
    }
}
