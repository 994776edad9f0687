//! Results of laboratories as reports print them: where each is, and what that rests on.

use serde_json::{Value, json};

use super::super::{of_concept, of_result};
use super::*;
use crate::model::Kind as _;

const WOMAN: Who = Who { sex: Some("female"), age_years: Some(50.0), youngest_years: None };

fn judged(body: Value) -> String {
    let result = LabResult::from_json(&body).expect("a result");
    let judgement = judge(of_concept(result.concept()), &result, WOMAN);
    judgement.map_or("-".to_owned(), |judgement| format!("{} {:?}", judgement.code.code(), judgement.basis))
}

fn of(test: &str, value: &str, unit: &str) -> Value {
    json!({"concept": test, "quantity": {"value": value, "unit": unit}})
}

#[test]
fn the_laboratorys_own_range_comes_first() {
    let mut body = of("Creatinine", "1.2", "mg/dL");
    assert_eq!(judged(body.clone()), "H UsualRange");
    body["range"] = json!({"text": "0.5 - 1.3"});
    assert_eq!(judged(body.clone()), "N OwnRange");
    body["range"] = json!({"high": {"value": "97", "unit": "umol/L"}});
    assert_eq!(judged(body.clone()), "H OwnRange");
    body["interpretation"] = json!("N");
    assert_eq!(judged(body), "N Laboratory");
}

#[test]
fn a_range_of_the_laboratorys_own_that_cannot_be_read_decides_nothing() {
    for range in ["Male: 0.7-1.3 Female: 0.6-1.1", "see below", "3,5 - 5,0", "0.6 - 1.1 mm[Hg]"] {
        let mut body = of("Creatinine", "1.2", "mg/dL");
        body["range"] = json!({"text": range});
        assert_eq!(judged(body), "-", "{range}");
    }
    let mut body = of("Glucose fasting", "5.3", "mmol/L");
    body["range"] = json!({"text": "70 - 99 mg/dL"});
    assert_eq!(judged(body), "N OwnRange");
}

#[test]
fn what_lies_below_a_bound_of_the_guideline_is_expected_in_every_unit() {
    for (test, value, unit) in [
        ("Glucose fasting", "5.5", "mmol/L"),
        ("HbA1c", "38", "mmol/mol"),
        ("Triglycerides", "1.69", "mmol/L"),
        ("Cholesterol", "5.15", "mmol/L"),
        ("LDL", "2.58", "mmol/L"),
        ("PPBS", "7.75", "mmol/L"),
        ("HbA1c", "5.65", "%"),
    ] {
        assert_eq!(judged(of(test, value, unit)), "N UsualRange", "{test}");
    }
    for (test, value, unit) in [
        ("Glucose fasting", "100", "mg/dL"),
        ("Glucose fasting", "5.6", "mmol/L"),
        ("HbA1c", "39", "mmol/mol"),
        ("Triglycerides", "150", "mg/dL"),
        ("Urine ACR", "30", "mg/g"),
    ] {
        assert_eq!(judged(of(test, value, unit)), "H UsualRange", "{test}");
    }
}

/// ADA, Standards of Care in Diabetes 2025, section 2: 200 mg/dL (11.1 mmol/L), though 11.1 mmol/L are 199.97 mg/dL;
/// KDIGO 2024: A2 from 30 mg/g (3 mg/mmol), though 3 mg/mmol are 26.5 mg/g.
#[test]
fn a_value_at_a_bound_is_at_it_in_every_unit_of_the_guideline() {
    for (test, unit, below, at) in [
        ("PPBS", "mg/dL", "139", "140"),
        ("PPBS", "mmol/L", "7.7", "7.8"),
        ("PPBS", "mmol/l", "7.79", "7.80"),
        ("Glucose fasting", "mmol/L", "5.5", "5.6"),
        ("Urine ACR", "mg/g", "29", "30"),
        ("Urine ACR", "mg/mmol", "2.9", "3.0"),
    ] {
        assert_eq!(judged(of(test, below, unit)), "N UsualRange", "{test}: {below} {unit}");
        assert_eq!(judged(of(test, at, unit)), "H UsualRange", "{test}: {at} {unit}");
    }
    assert_eq!(judged(of("Glucose fasting", "3.8", "mmol/L")), "L UsualRange");
    assert_eq!(judged(of("Glucose fasting", "3.9", "mmol/L")), "N UsualRange");
}

/// ADA, Standards of Care in Diabetes 2025: fasting from 100 mg/dL, at any time from 200 mg/dL (11.1 mmol/L) too
/// high.
#[test]
fn a_sugar_of_which_nobody_said_when_it_was_taken_is_judged_only_where_that_does_not_matter() {
    for name in ["Glucose", "Plasma glucose", "Random blood sugar", "रैंडम शुगर", "ਗਲੂਕੋਜ਼"]
    {
        for (value, unit, expected) in [
            ("69", "mg/dL", "L UsualRange"),
            ("70", "mg/dL", "N UsualRange"),
            ("99", "mg/dL", "N UsualRange"),
            ("100", "mg/dL", "-"),
            ("150", "mg/dL", "-"),
            ("199", "mg/dL", "-"),
            ("200", "mg/dL", "H UsualRange"),
            ("3.8", "mmol/L", "L UsualRange"),
            ("5.5", "mmol/L", "N UsualRange"),
            ("5.6", "mmol/L", "-"),
            ("11.0", "mmol/L", "-"),
            ("11.09", "mmol/l", "-"),
            ("11.1", "mmol/L", "H UsualRange"),
            ("11.10", "mmol/l", "H UsualRange"),
            ("1.5", "g/L", "-"),
            ("2.0", "g/L", "H UsualRange"),
        ] {
            assert_eq!(judged(of(name, value, unit)), expected, "{name}: {value} {unit}");
        }
    }
    let signed = |sign: &str, value: &str| {
        judged(json!({"concept": "Glucose", "quantity": {"value": value, "unit": "mg/dL", "comparator": sign}}))
    };
    assert_eq!((signed(">", "150"), signed("<", "150")), ("-".to_owned(), "-".to_owned()));
    assert_eq!(signed(">", "250"), "H UsualRange");
    // The range that a report prints decides.
    let mut body = of("Glucose", "150", "mg/dL");
    body["range"] = json!({"text": "70 - 140"});
    assert_eq!(judged(body), "H OwnRange");
}

#[test]
fn a_troponin_below_the_limit_of_an_assay_that_nobody_named_is_not_called_expected() {
    assert_eq!(judged(of("Troponin I", "0.03", "ng/mL")), "-");
    assert_eq!(judged(of("Troponin I", "30", "ng/L")), "-");
    assert_eq!(judged(of("Troponin I", "0.04", "ng/mL")), "H UsualRange");
    assert_eq!(judged(of("Troponin I", "520", "ng/L")), "H UsualRange");
    let mut body = of("Troponin I", "30", "ng/L");
    body["range"] = json!({"text": "< 16"});
    assert_eq!(judged(body), "H OwnRange");
    // Nobody said whether before a meal or after.
    assert_eq!(judged(of("Insulin", "60", "u[IU]/mL")), "-");
}

#[test]
fn critical_values_are_named_whatever_the_report_says() {
    let mut body = of("Potassium", "6.5", "mmol/L");
    body["interpretation"] = json!("N");
    assert_eq!(judged(body), "HH CriticalLimit");
    assert_eq!(judged(of("Potassium", "2.7", "meq/L")), "LL CriticalLimit");
    assert_eq!(judged(of("Platelets", "19", "10*3/uL")), "LL CriticalLimit");
    assert_eq!(judged(of("Potassium", "2.8", "mmol/L")), "L UsualRange");
    let result = LabResult::from_json(&of("Potassium", "6.9", "mmol/L")).expect("a result");
    let judgement = judge(of_concept(result.concept()), &result, WOMAN).expect("judged");
    assert!(judgement.source.is_some_and(|source| source.contains("Kost")));
    let mut body = of("Something", "5", "mg/dL");
    body["interpretation"] = json!("AA");
    assert_eq!(judged(body), "AA Laboratory");
    assert!(Judged::AA.is_critical());
}

#[test]
fn a_comparator_decides_only_what_it_can() {
    let with = |value: &str, sign: &str, range: &str| {
        judged(json!({
            "concept": "Something", "quantity": {"value": value, "unit": "mg/L", "comparator": sign}, "range": {"text": range},
        }))
    };
    assert_eq!(with("3", "<", "3 - 7"), "L OwnRange");
    assert_eq!(with("5", "<", "3 - 7"), "-");
    assert_eq!(with("5", "<", "< 5"), "N OwnRange");
    assert_eq!(with("9", "<", "< 5"), "-");
    assert_eq!(with("7", ">", "3 - 7"), "H OwnRange");
    assert_eq!(with("90", ">", ">= 60"), "N OwnRange");
    assert_eq!(with("50", ">", ">= 60"), "-");
    assert_eq!(with("7", ">=", "3 - 7"), "-");
}

#[test]
fn what_was_examined_is_part_of_a_name_without_a_code() {
    let of = |name: &str, specimen: &str, value: &str, unit: &str| {
        let mut body = of(name, value, unit);
        body["specimen"] = json!(specimen);
        let result = LabResult::from_json(&body).expect("a result");
        let test = of_result(&result);
        let judgement = judge(test, &result, WOMAN).map(|judgement| judgement.code);
        (test.map(|test| test.key.as_str()), judgement)
    };
    // 119 mmol/L of sodium are critical in blood and nothing in urine.
    assert_eq!(of("Sodium", "Serum", "119", "mmol/L"), (Some("sodium"), Some(Judged::LL)));
    assert_eq!(of("Sodium", "Urine", "119", "mmol/L"), (None, None));
    assert_eq!(of("Glucose", "Spot urine", "40", "mg/dL"), (None, None));
    assert_eq!(of("Glucose", "CSF", "40", "mg/dL"), (None, None));
    assert_eq!(of("Glucose", "urine", "40", "mg/dL").0, Some("urine-glucose"));
    assert_eq!(of("Urine glucose", "urine", "40", "mg/dL").0, Some("urine-glucose"));
    assert_eq!(of("Creatinine", "Venous blood specimen", "0.9", "mg/dL"), (Some("creatinine"), Some(Judged::N)));
    // A code says the specimen itself.
    let codes = json!([{"system": "http://loinc.org", "code": "2951-2"}]);
    let body = json!({
        "concept": {"codes": codes}, "specimen": "Venous", "quantity": {"value": "119", "unit": "mmol/L"},
    });
    let result = LabResult::from_json(&body).expect("a result");
    assert_eq!(of_result(&result).map(|test| test.key.as_str()), Some("sodium"));
}

#[test]
fn words_are_judged_against_words() {
    let with = |value: &str, range: Value| judged(json!({"concept": "HBsAg", "text_value": value, "range": range}));
    assert_eq!(with("Non-Reactive", json!({"text": "Negative"})), "N OwnRange");
    assert_eq!(with("POSITIVE", json!({"text": "Non reactive"})), "A OwnRange");
    assert_eq!(judged(json!({"concept": "HBsAg", "text_value": "Positive"})), "-");
    assert_eq!(with("see report", json!({"text": "Negative"})), "-");
    let coded = json!({"codes": [{"system": "http://snomed.info/sct", "code": "10828004", "display": "Positive"}]});
    let body = json!({"concept": "HBsAg", "coded_value": coded, "range": {"text": "Negative"}});
    assert_eq!(judged(body), "A OwnRange");
    // Composed and decomposed letters, with and without the dot below.
    for positive in ["पॉजिटिव", "पॉज़िटिव", "पॉ\u{95b}िटिव", "ਪਾ\u{a5b}ੇਟਿਵ", "ਪਾ\u{a1c}\u{a3c}ੇਟਿਵ"]
    {
        assert_eq!(with(positive, json!({"text": "नेगेटिव"})), "A OwnRange", "{positive}");
    }
}

#[test]
fn what_was_found_is_judged_only_where_it_is_known_what_is_wanted() {
    let with = |test: &str, code: &str| judged(json!({"concept": test, "text_value": "x", "interpretation": code}));
    for code in ["POS", "DET", "RR", "WR"] {
        assert_eq!(with("HBsAg", code), "A Laboratory", "{code}");
        // Blood group and immunity: positive is no fault.
        assert_eq!(with("Rh factor", code), "-", "{code}");
    }
    for code in ["NEG", "ND", "NR"] {
        assert_eq!(with("HBsAg", code), "N Laboratory", "{code}");
        assert_eq!(with("Anti-HBs", code), "-", "{code}");
    }
    assert_eq!((with("HBsAg", "IND"), with("HBsAg", "AA")), ("-".to_owned(), "AA Laboratory".to_owned()));
    // A pregnancy is no abnormal hCG.
    let mut body = of("Beta hCG", "25000", "m[IU]/mL");
    body["interpretation"] = json!("POS");
    assert_eq!(judged(body), "-");
    let range = |expected: &str| {
        judged(json!({
            "concept": "Anti-HBs", "text_value": "x", "interpretation": "POS", "range": {"text": expected},
        }))
    };
    assert_eq!((range("Positive"), range("Negative")), ("N OwnRange".to_owned(), "A OwnRange".to_owned()));
    // A number beside the code is held against the range of the report.
    let mut body = of("HBsAg index", "0.3", "1");
    body["interpretation"] = json!("NEG");
    body["range"] = json!({"text": "< 1.0"});
    assert_eq!(judged(body), "N OwnRange");
}

#[test]
fn what_is_asked_about_is_not_judged() {
    assert_eq!(judged(of("Creatinine", "88", "mg/dL")), "-");
    assert_eq!(judged(of("Glucose", "5.4", "mg/dL")), "-");
    assert_eq!(judged(of("Unheard of", "5", "mg/dL")), "-");
    // Also beside a range: who took one unit for the other did so for both.
    let with = |value: &str, range: &str| {
        let mut body = of("Creatinine", value, "mg/dL");
        body["range"] = json!({"text": range});
        judged(body)
    };
    assert_eq!((with("88", "60 - 110"), with("88", "0.6 - 1.1")), ("-".to_owned(), "-".to_owned()));
    assert_eq!(with("1.2", "0.6 - 1.1"), "H OwnRange");
}
