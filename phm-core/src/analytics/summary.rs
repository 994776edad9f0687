//! What a person, or somebody who cares for them, should look at.
//!
//! Each function answers one question from records that the caller may read, as messages with their source. A reminder is
//! only given where a rule with a source exists and the record shows that it applies; nothing is inferred from silence.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Message;
use super::labs::{self, Judgement, Test};
use super::medicines::stock::Supply;
use super::schedule::{Scheduled, State};
use super::vitals::{Sign, pressure_of};
use crate::model::{Concept, Immunization, LabResult, VitalSign};
use crate::time::{Instant, PartialDate, When};

const ICD10: [&str; 2] = ["http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"];
const SNOMED: &str = "http://snomed.info/sct";
const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// How a condition is recognised: by the beginning of an ICD-10 code, a SNOMED CT code or words in its name.
struct Marks {
    icd10: &'static [&'static str],
    snomed: &'static [&'static str],
    /// Whole words, or with a `*` their beginnings.
    words: &'static [&'static str],
    /// Words beside them that make another condition of it.
    other: &'static [&'static str],
}

/// Before its name these say that somebody does not have a condition; `risk` and `screening` right behind it too.
const NOT_HAD: &[&str] = &["no", "not", "without", "non", "pre", "family", "risk", "screening", "rule", "suspected"];

impl Marks {
    fn fit(&self, concept: &Concept) -> bool {
        let coded = concept.codes().iter().any(|code| {
            let system = code.system().unwrap_or_default();
            ICD10.contains(&system) && self.icd10.iter().any(|start| code.code().starts_with(start))
                || system == SNOMED && self.snomed.contains(&code.code())
        });
        coded || self.named(concept.title())
    }

    /// Whether a part of a name says it: "Type 2 diabetes, no complications" does, "no diabetes" and "prediabetes" do not.
    fn named(&self, name: &str) -> bool {
        let name = labs::decomposed(name).to_lowercase();
        let parts = name.split([',', ';', '.', '(', ')', ':', '।']);
        let words = |text: &str| -> Vec<String> {
            text.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '/'))
                .map(str::to_owned)
                .collect()
        };
        let is = |word: &str, wanted: &str| match wanted.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == wanted,
        };
        if words(&name).iter().any(|word| self.other.contains(&word.trim_matches(','))) {
            return false;
        }
        parts.map(words).any(|part| {
            let part: Vec<&str> = part.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
            self.words.iter().any(|phrase| {
                let phrase = words(&labs::decomposed(phrase));
                let found = |window: &[&str]| window.iter().zip(&phrase).all(|(word, wanted)| is(word, wanted));
                part.windows(phrase.len()).enumerate().filter(|(_, window)| found(window)).any(|(at, _)| {
                    let behind = part.get(at + phrase.len()).copied().unwrap_or_default();
                    let had = !part[..at].iter().any(|word| NOT_HAD.contains(word));
                    had && !matches!(behind, "risk" | "screening")
                })
            })
        })
    }
}

const DIABETES: Marks = Marks {
    icd10: &["E10", "E11", "E13", "E14"],
    snomed: &["44054006", "46635009", "73211009"],
    words: &["diabetes", "मधुमेह", "ਸ਼ੂਗਰ ਦੀ ਬਿਮਾਰੀ"],
    other: &["insipidus"],
};
const KIDNEY: Marks = Marks {
    icd10: &["N18"],
    snomed: &["709044004", "431855005", "431856006", "433144002", "431857002", "433146000"],
    words: &["chronic kidney disease"],
    other: &[],
};
const THYROID: Marks = Marks { icd10: &["E03"], snomed: &["40930008"], words: &["hypothyroidism"], other: &[] };
const ALTERED_RED_CELLS: Marks = Marks {
    icd10: &["D50", "D55", "D56", "D57", "D58", "D59", "O", "Z33", "Z34", "N186", "N18.6", "Z992", "Z99.2"],
    snomed: &["87522002", "40108008", "127040003", "61261009", "77386006", "265764009"],
    words: &[
        "iron deficiency",
        "thalass*",
        "sickle",
        "haemoly*",
        "hemoly*",
        "haemoglobinopathy",
        "hemoglobinopathy",
        "pregnan*",
        "dialysis",
        "haemodialysis",
        "hemodialysis",
        "transfusion",
    ],
    other: &[],
};

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

/// Whether a condition on record makes HbA1c unreliable: variants and loss of red cells, iron deficiency, pregnancy, dialysis.
pub fn alters_red_cells<'a>(conditions: impl IntoIterator<Item = &'a Concept>) -> bool {
    conditions.into_iter().any(|concept| ALTERED_RED_CELLS.fit(concept))
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

/// The newest result of each test, among results in any order.
pub fn newest_of_each<'a, T>(
    results: impl IntoIterator<Item = T>,
    of: impl Fn(&T) -> Option<(&'static Test, When)>,
) -> BTreeMap<&'a str, T>
where
    T: Ord,
{
    let mut newest: BTreeMap<&str, (When, T)> = BTreeMap::new();
    for result in results {
        let Some((test, when)) = of(&result) else { continue };
        match newest.get_mut(test.key.as_str()) {
            Some((known, kept)) if (known.first(), &*kept) < (when.first(), &result) => {
                (*known, *kept) = (when, result);
            }
            Some(_) => {}
            None => _ = newest.insert(&test.key, (when, result)),
        }
    }
    newest.into_iter().map(|(key, (_, result))| (key, result)).collect()
}

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
    } else if let Some(words) = result.text_value() {
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
    let low = oxygen.read(quantity).is_ok_and(|value| value <= 91.0);
    low.then(|| {
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

/// Age in years at a time, from a birth date known to the day, month or year.
pub fn age_years(born: PartialDate, when: When) -> f64 {
    const DAYS_OF_YEAR: f64 = 365.25;
    let days = (when.first().millis() - born.first().millis()) / 86_400_000;
    f64::from(i32::try_from(days).unwrap_or(0)) / DAYS_OF_YEAR
}

/// Figures about a person's visits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// Visits that have begun.
    pub total_visits: usize,
    /// When the last of them began.
    pub last_visit: Option<When>,
}

/// Figures about visits by `now`; what is still to come is no visit yet.
pub fn figures(visits: impl IntoIterator<Item = When>, now: Instant) -> Figures {
    let mut figures = Figures::default();
    for when in visits.into_iter().filter(|when| when.first() <= now) {
        figures.total_visits += 1;
        let later = figures.last_visit.is_none_or(|last| (last.first(), last.end()) < (when.first(), when.end()));
        if later {
            figures.last_visit = Some(when);
        }
    }
    figures
}

/// What a doctor should know at a visit, in the order a doctor asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VisitSummary {
    /// Since when things are new: the visit before.
    pub since: Option<When>,
    /// Conditions that are not over.
    pub conditions: Vec<String>,
    /// Allergies; none recorded is not the same as none.
    pub allergies: Vec<String>,
    /// Medicines in use.
    pub medications: Vec<String>,
    /// Records since the visit before, by kind.
    pub new_records: BTreeMap<String, usize>,
    /// What needs attention.
    pub attention: Vec<Message>,
}

/// The summary for a visit, from titles and days of records.
pub fn for_visit(
    since: Option<When>,
    conditions: &[&str],
    allergies: &[&str],
    medications: &[&str],
    records: &[(&str, When)],
    attention: Vec<Message>,
) -> VisitSummary {
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let mut new_records = BTreeMap::new();
    for (kind, _) in records.iter().filter(|(_, when)| since.is_some_and(|since| when.first() >= since.end())) {
        *new_records.entry((*kind).to_owned()).or_insert(0) += 1;
    }
    VisitSummary {
        since,
        conditions: sorted(conditions),
        allergies: sorted(allergies),
        medications: sorted(medications),
        new_records,
        attention,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analytics::labs::{Who, judge, of_concept};
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
        for name in ["β-Thalassaemia minor", "Iron deficiency anaemia", "Pregnancy", "Sickle cell disease"] {
            let altered = concept(json!(name.replace("β-", "Beta ")));
            assert!(alters_red_cells([&altered]), "{name}");
        }
        assert!(!alters_red_cells([&concept(json!("No pregnancy"))]));
        assert!(overdue_tests([&diabetes], &BTreeMap::new(), day("2030-01-01")).is_empty());
    }

    #[test]
    fn a_booster_is_due_ten_years_after_the_last() {
        let (shot, other) = (concept(json!("Tetanus toxoid")), concept(json!("BCG")));
        let due =
            |today: &str| overdue_immunizations([(&shot, day("2015-06-01")), (&other, day("1990"))], day(today)).len();
        assert_eq!((due("2025-05-31"), due("2025-06-01")), (0, 1));
        assert_eq!(overdue_immunizations([(&other, day("1990"))], day("2026-01-01")), []);
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

    #[test]
    fn a_medicine_that_may_still_be_there_is_not_said_to_be_gone() {
        use crate::analytics::medicines::stock::Left;
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
            let judgement = judge(Some(test), &result, Who { sex: Some("male"), age_years: Some(50.0) });
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

    #[test]
    fn a_visit_to_come_is_no_visit_yet() {
        let visits = ["2026-01-02", "2025-03-01T10:00:00Z", "2026-12-01"].map(|when| when.parse().expect("a day"));
        let now: Instant = "2026-06-01T00:00:00Z".parse().expect("a moment");
        let found = figures(visits, now);
        assert_eq!(
            (found.total_visits, found.last_visit.map(|when| when.to_string()).as_deref()),
            (2, Some("2026-01-02"))
        );
        assert_eq!(figures([], now), Figures::default());
    }

    #[test]
    fn a_visit_summary_counts_what_is_new() {
        let when = |text: &str| text.parse::<When>().expect("a day");
        let records =
            [("lab-result", when("2026-02-01")), ("lab-result", when("2026-01-01")), ("visit", when("2026-03-01"))];
        let found = for_visit(Some(when("2026-01-15")), &["B", "A", "A"], &[], &["Metformin"], &records, Vec::new());
        assert_eq!(found.conditions, ["A", "B"]);
        assert_eq!(found.new_records, BTreeMap::from([("lab-result".to_owned(), 1), ("visit".to_owned(), 1)]));
        assert!(for_visit(None, &[], &[], &[], &records, Vec::new()).new_records.is_empty());
    }
}
