//! What a rule with a source asks for and the record shows to be too old: tests of a condition, boosters.

use std::collections::BTreeMap;

use super::super::Message;
use super::conditions::{DIABETES, KIDNEY, Marks, THYROID};
use crate::model::{Concept, Immunization};
use crate::time::PartialDate;

const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// A test that a condition asks for.
struct Due {
    of: &'static Marks,
    condition: &'static str,
    tests: &'static [&'static str],
    months: u32,
    source: &'static str,
}

const TESTS: &[Due] = &[
    Due {
        of: &DIABETES,
        condition: "diabetes",
        tests: &["hba1c"],
        months: 6,
        source: "ADA, Standards of Care in Diabetes 2025, section 6: at least twice a year",
    },
    Due {
        of: &DIABETES,
        condition: "diabetes",
        tests: &["urine-acr"],
        months: 12,
        source: "ADA, Standards of Care in Diabetes 2025, section 11: at least once a year",
    },
    Due {
        of: &DIABETES,
        condition: "diabetes",
        tests: &["egfr", "egfr-mdrd", "creatinine"],
        months: 12,
        source: "ADA, Standards of Care in Diabetes 2025, section 11: at least once a year",
    },
    Due {
        of: &KIDNEY,
        condition: "chronic-kidney-disease",
        tests: &["egfr", "egfr-mdrd", "creatinine"],
        months: 12,
        source: "KDIGO 2024 guideline for chronic kidney disease: at least once a year",
    },
    Due {
        of: &THYROID,
        condition: "hypothyroidism",
        tests: &["tsh"],
        months: 12,
        source: "American Thyroid Association, guideline on hypothyroidism (2012): at least every 12 months",
    },
];

/// The tests that any rule asks for.
pub fn tests_of_rules() -> impl Iterator<Item = &'static str> {
    let mut keys: Vec<&str> = TESTS.iter().flat_map(|rule| rule.tests).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
}

/// Tests that a condition asks for and whose newest value is too old.
///
/// A test that was never recorded is not called overdue: it may have been done elsewhere.
pub fn overdue_tests<'a>(
    conditions: impl IntoIterator<Item = &'a Concept>,
    newest: &BTreeMap<&str, PartialDate>,
    today: PartialDate,
) -> Vec<Message> {
    let conditions: Vec<&Concept> = conditions.into_iter().collect();
    let mut messages: BTreeMap<&str, Message> = BTreeMap::new();
    for rule in TESTS.iter().filter(|rule| conditions.iter().any(|concept| rule.of.fit(concept))) {
        let Some((test, last)) =
            rule.tests.iter().filter_map(|test| Some((*test, *newest.get(test)?))).max_by_key(|(_, last)| *last)
        else {
            continue;
        };
        if months_since(last, today) >= rule.months {
            let message = Message::new("attention-test-overdue").text("test", test).text("condition", rule.condition);
            messages.entry(test).or_insert_with(|| message.day("last", last).source(rule.source));
        }
    }
    messages.into_values().collect()
}

/// Boosters that are due after a vaccination on record.
pub fn overdue_immunizations<'a>(
    given: impl IntoIterator<Item = (&'a Concept, PartialDate)>,
    today: PartialDate,
) -> Vec<Message> {
    // Td and Tdap, and tetanus toxoid alone (35 adsorbed, 112 of no stated kind).
    const TETANUS: [&str; 8] = ["09", "35", "112", "113", "115", "138", "139", "196"];
    let tetanus = |concept: &Concept| {
        let coded = concept.codes().iter().any(|code| code.system() == Some(CVX) && TETANUS.contains(&code.code()));
        let name = concept.title().to_lowercase();
        // Antibodies of somebody else protect for weeks and are no vaccination.
        if ["globulin", "antitoxin"].iter().any(|word| name.contains(word)) {
            return false;
        }
        let named = ["tetanus", "tdap", "टिटनेस", "ਟੈਟਨਸ"].iter().any(|word| name.contains(word));
        coded || named || name.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "td")
    };
    let last = given.into_iter().filter(|(vaccine, _)| tetanus(vaccine)).map(|(_, given)| given).max();
    let due = last.filter(|last| months_since(*last, today) >= 120);
    let message = |last| {
        Message::new("attention-tetanus-booster")
            .day("last", last)
            .source("CDC, Adult Immunization Schedule 2025: Td or Tdap every 10 years")
    };
    due.map(message).into_iter().collect()
}

/// Whether a vaccination on record was given: one that was refused or entered by mistake was not.
pub fn was_given(immunization: &Immunization) -> bool {
    !matches!(immunization.status(), Some("not-done" | "entered-in-error"))
}

/// Whole months between two days; a month or year that is not known counts as its last, so that nothing is early.
fn months_since(from: PartialDate, to: PartialDate) -> u32 {
    let months =
        |date: PartialDate, unknown: u8| i32::from(date.year()) * 12 + i32::from(date.month().unwrap_or(unknown));
    let full = to.day_of_month().unwrap_or(1) >= from.day_of_month().unwrap_or(31);
    let between = months(to, 1) - months(from, 12) - i32::from(!full);
    u32::try_from(between).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{At, Kind as _, Part as _, Report};

    fn concept(body: serde_json::Value) -> Concept {
        Concept::read(&body, &At::ROOT, &mut Report::default()).expect("a concept")
    }

    fn day(text: &str) -> PartialDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_test_is_overdue_only_by_a_rule_and_a_record() {
        let diabetes = concept(json!({"codes": [{"system": "http://snomed.info/sct", "code": "44054006"}]}));
        let newest = BTreeMap::from([("hba1c", day("2026-01-10")), ("egfr", day("2026-03-01"))]);
        let due = |today: &str| overdue_tests([&diabetes], &newest, day(today)).len();
        assert_eq!(due("2026-07-09"), 0);
        assert_eq!(due("2026-07-10"), 1);
        assert_eq!(due("2027-03-01"), 2);
        for other in [
            "Prediabetes",
            "Pre-diabetes",
            "Family history of diabetes",
            "Diabetes insipidus",
            "Central diabetes insipidus",
            "No diabetes",
            "At risk of diabetes",
            "Diabetes screening",
            "Borderline diabetes",
            "Gestational diabetes mellitus",
            "गर्भावधि मधुमेह",
            "Asthma",
        ] {
            assert!(overdue_tests([&concept(json!(other))], &newest, day("2030-01-01")).is_empty(), "{other}");
        }
        for name in [
            "Diabetes",
            "Type 2 diabetes mellitus without complication",
            "Type 2 diabetes mellitus, no complications",
            "Diabetes mellitus (type 2), high cardiovascular risk",
            "मधुमेह",
            "ਸ਼ੂਗਰ ਦੀ ਬਿਮਾਰੀ",
        ] {
            assert_eq!(overdue_tests([&concept(json!(name))], &newest, day("2030-01-01")).len(), 2, "{name}");
        }
        assert!(overdue_tests([&diabetes], &BTreeMap::new(), day("2030-01-01")).is_empty());
    }

    #[test]
    fn a_booster_is_due_ten_years_after_the_last() {
        let (shot, other) = (concept(json!("Tetanus toxoid")), concept(json!("BCG")));
        let due =
            |today: &str| overdue_immunizations([(&shot, day("2015-06-01")), (&other, day("1990"))], day(today)).len();
        assert_eq!((due("2025-05-31"), due("2025-06-01")), (0, 1));
        assert_eq!(overdue_immunizations([(&other, day("1990"))], day("2026-01-01")), []);
        for name in ["Tetanus immunoglobulin", "Tetanus antitoxin"] {
            let passive = concept(json!(name));
            assert_eq!(overdue_immunizations([(&passive, day("2010-01-01"))], day("2026-01-01")), [], "{name}");
        }
        for code in ["35", "112"] {
            let coded = concept(json!({"codes": [{"system": CVX, "code": code}]}));
            assert_eq!(overdue_immunizations([(&coded, day("2010-01-01"))], day("2026-01-01")).len(), 1, "{code}");
        }
        let given = |status: Option<&str>| {
            let mut body = json!({"vaccine": "Td", "given_on": "2020-01-01"});
            if let Some(status) = status {
                body["status"] = json!(status);
            }
            was_given(&Immunization::from_json(&body).expect("an immunization"))
        };
        assert!(given(None) && given(Some("completed")));
        assert!(!given(Some("not-done")) && !given(Some("entered-in-error")));
    }
}
