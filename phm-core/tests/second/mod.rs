//! What stands in the second fixture: every form that format 1 stores things in on 29 November.
//!
//! Asha has records of several kinds, one of which was amended twice and one removed; a value of several parts, one
//! that is compressed and many that are not; a document, samples in blocks and samples that wait, and a grant to her
//! doctor. Ravi came by an import. Beside the journals stand a checkpoint of her index and columns of a table, and
//! behind these a few entries more. `maker` writes it, `held` reads it back.
//!
//! The archives hold just this, so nothing here is changed any more: a new form is another fixture.

mod held;
mod maker;

use std::ops::Range;

use phm_core::time::Instant;
use phm_core::vault::{Gathered, Vault};
use serde_json::{Value, json};

use crate::house::Dice;

pub use held::{documents, everything, goes_on, grants, known_form, records, samples, state, table};
pub use maker::make;

/// When most of it was written, 2026-11-28T10:00:00Z, and when the rest was.
const FIRST: Instant = Instant::from_millis(1_795_860_000_000);
const LATER: Instant = FIRST.plus_millis(24 * 3_600_000);

const ASHA: &str = "Asha Example";
const RAVI: &str = "Ravi Example";

/// Names of rows of state.
const DASHBOARD: &str = "fixture dashboard";
const OVER: &str = "fixture that is over";
const FORM: &str = "fixture form of columns";

/// Asha's results, and the one that was amended after a table had been made of them.
const RESULTS: usize = 60;
const AMENDED: usize = 7;

/// The imported condition of Ravi, as it came.
const ORIGINAL: &str = concat!(
    r#"{"resourceType":"Condition", "id":"c1", "subject":{"reference":"Patient/r1"}, "#,
    r#""code":{"text":"Hypertension"}, "onsetDateTime":"2015-06"}"#
);

/// Samples of the pulse, one a minute: so many stand in blocks, with those behind them shown, and more were taken back.
const IN_BLOCKS: i64 = 4_100;
const SHOWN: i64 = 4_140;
const TAKEN_BACK: i64 = 4_147;
/// 2026-01-01T00:00:00Z, a Thursday.
const BEGIN: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;

/// The three versions of Asha's condition.
fn asthma(version: u32) -> Value {
    let mut body = json!({"concept": {"text": "Asthma"}, "onset": "1999"});
    if version > 1 {
        body["status"] = json!("active");
        body["severity"] = json!("mild");
    }
    if version > 2 {
        body["status"] = json!("remission");
        body["notes"] = json!("nothing for a year; दमा");
    }
    body
}

/// What Asha has one of, or a few: kind and body.
fn others() -> Vec<(&'static str, Value)> {
    let codes = json!([{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7980"}]);
    let part = |code: &str, value: &str| {
        json!({
            "concept": {"codes": [{"system": "http://loinc.org", "code": code}]},
            "quantity": {"value": value, "unit": "mm[Hg]"},
        })
    };
    vec![
        (
            "allergy",
            json!({
                "substance": {"text": "Penicillin", "codes": codes}, "category": "medication", "criticality": "high",
                "status": "active", "reactions": [{"manifestation": {"text": "hives"}, "severity": "severe"}],
                "onset": "2001-02", "notes": "as a child",
            }),
        ),
        (
            "medication",
            json!({
                "drug": {"text": "Metformin"}, "strength": "500 mg", "dose": {"value": "1.0", "unit": "{tablet}"},
                "start": "2026-01-05", "prescriber": {"name": "Dr Rao"}, "prescribed_on": "2026-01-04",
                "reason": "diabetes",
            }),
        ),
        (
            "vital-sign",
            json!({
                "concept": {"text": "Blood pressure"}, "components": [part("8462-4", "80"), part("8480-6", "120")],
                "measured_at": "2026-04-03T08:00:00.000Z", "notes": "sitting",
            }),
        ),
        ("note", json!({"title": "Sleep", "text": "Slept well. ".repeat(4_000)})),
        ("note", json!({"title": "Letters", "text": letters(24_000)})),
    ]
}

/// The note that was removed.
fn removed_note() -> Value {
    json!({"title": "Taken out", "text": "written by mistake"})
}

/// What was added to Ravi's by hand.
fn note_of_ravi() -> Value {
    json!({"text": "ਰਵੀ ਲਈ: रक्तचाप हर सुबह"})
}

/// A result as it was added.
fn result(number: usize) -> Value {
    let (year, month, day) = (2010 + number / 12, 1 + number % 12, 1 + number % 28);
    json!({
        "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "quantity": {"value": format!("{}.50", 4 + number), "unit": "%"},
        "status": "final",
        "collected_at": format!("{year}-{month:02}-{day:02}"),
    })
}

/// The results as they are now, oldest first.
fn results() -> Vec<Value> {
    let mut all: Vec<Value> = (0..RESULTS).map(result).collect();
    all[AMENDED]["quantity"]["value"] = json!("7.75");
    all[AMENDED]["remarks"] = json!("read again");
    all
}

/// Letters in no order: they take more than one part, however they are compressed.
fn letters(length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut dice = Dice::new(2);
    (0..length).map(|_| char::from(LETTERS[usize::try_from(dice.below(64)).expect("a place")])).collect()
}

/// The content of the document: more than one chunk of a sealed file.
fn report() -> Vec<u8> {
    [b"%PDF-1.7\n".to_vec(), Dice::new(7).bytes(66_000)].concat()
}

fn tenths(number: i64) -> i64 {
    (60 + number * 7 % 41) * 10 + number % 10
}

fn with_one_decimal(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Samples of the pulse: moment and value as it was written.
fn pulse(range: Range<i64>) -> Vec<(i64, String)> {
    range.map(|number| (BEGIN + number * MINUTE, with_one_decimal(tenths(number)))).collect()
}

/// What these samples of the pulse come to, where a stretch from `at` on holds just them.
fn gathered(at: i64, range: Range<i64>) -> Gathered {
    let all: Vec<i64> = range.map(tenths).collect();
    let count = i64::try_from(all.len()).expect("few");
    let thousandths = (all.iter().sum::<i64>() * 100 + count / 2) / count;
    let mean = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    Gathered {
        at: Instant::from_millis(at),
        min: with_one_decimal(*all.iter().min().expect("some")),
        max: with_one_decimal(*all.iter().max().expect("some")),
        mean: mean.trim_end_matches('0').trim_end_matches('.').to_owned(),
        count: count.unsigned_abs(),
    }
}

/// Samples of the weight: steps and values in no order, so that nothing makes them shorter.
fn weight() -> Vec<(i64, String)> {
    let mut dice = Dice::new(3);
    let mut at = BEGIN;
    let mut one = || {
        at += 1 + i64::try_from(dice.below(8_000)).expect("small");
        let hundredths = dice.below(8_000);
        (at, format!("{}.{:02}", hundredths / 100, hundredths % 100))
    };
    (0..300).map(|_| one()).collect()
}

fn dashboard() -> Value {
    json!({"tiles": ["pulse", "HbA1c"], "since": "2026-01", "दिखाएँ": true})
}

/// What the columns of a table of results were made of. Columns of another form are made anew.
pub fn form(vault: &Vault) -> String {
    let info = vault.kinds().get("lab-result").expect("a kind");
    let field = |field: &phm_core::model::FieldInfo| {
        format!("{} {} {} {}\n", field.name, field.of, field.many, !field.choices.is_empty())
    };
    let fields: Vec<String> = info.fields.iter().map(field).collect();
    format!("{} {}\n{}", info.version, env!("CARGO_PKG_VERSION"), fields.concat())
}
