//! Results in words: which words say that something is there, and whether that is what is wanted.
//!
//! Words are judged against words only: what is not wanted depends on the test, so a finding alone decides nothing unless the
//! report or the catalogue says what is expected.

use super::super::Test;
use super::super::name::decomposed;
use super::{Basis, Judged, Judgement};
use crate::model::{Concept, LabResult, Range};

/// The words of a result that is no number, as a text or as a concept.
pub(in crate::analytics) fn words_of(result: &LabResult) -> Option<&str> {
    result.text_value().or_else(|| result.coded_value().map(Concept::title))
}

/// Whether the laboratory found what it looked for: positive, detected, reactive, or none of it.
pub(super) fn presence(code: &str) -> Option<bool> {
    match code {
        "POS" | "DET" | "RR" | "WR" => Some(true),
        "NEG" | "ND" | "NR" => Some(false),
        _ => None,
    }
}

/// Whether what the laboratory found is what is wanted, as far as its range or the test says what that is: hCG in a pregnancy
/// is positive too, and so are antibodies after a vaccination. The catalogue's tests without a number look for what nobody
/// should have.
pub(super) fn wanted(test: Option<&Test>, result: &LabResult, found: bool) -> Option<Judgement> {
    let (expected, basis) = match result.range().and_then(Range::text).and_then(kind) {
        Some(expected) => (expected, Basis::OwnRange),
        None => test.filter(|test| test.unit.is_none()).map(|_| (false, Basis::Laboratory))?,
    };
    let code = if found == expected { Judged::N } else { Judged::A };
    Some(Judgement { code, basis, source: None })
}

const NEGATIVE: &[&str] = &[
    "negative",
    "nil",
    "absent",
    "not detected",
    "non reactive",
    "non-reactive",
    "nonreactive",
    "not seen",
    "none",
    "neg",
    "नेगेटिव",
    "नकारात्मक",
    "अनुपस्थित",
    "ਨੈਗੇਟਿਵ",
    "ਨਕਾਰਾਤਮਕ",
];
const POSITIVE: &[&str] = &[
    "positive",
    "present",
    "detected",
    "reactive",
    "pos",
    "+",
    "++",
    "+++",
    "++++",
    "1+",
    "2+",
    "3+",
    "4+",
    "trace",
    "पॉजिटिव",
    "पॉज़िटिव",
    "सकारात्मक",
    "उपस्थित",
    "ਪਾਜ਼ੇਟਿਵ",
    "ਸਕਾਰਾਤਮਕ",
];

/// A result in words is judged only against a range in words: what is not wanted depends on the test.
pub(super) fn in_words(value: &str, range: Option<&str>) -> Option<Judgement> {
    let (value, expected) = (kind(value)?, kind(range?)?);
    let code = if value == expected { Judged::N } else { Judged::A };
    Some(Judgement { code, basis: Basis::OwnRange, source: None })
}

/// Whether a word says that something is there, or that it is not.
fn kind(text: &str) -> Option<bool> {
    let text = decomposed(text.trim().trim_end_matches('.')).to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| decomposed(word) == text);
    match (is(NEGATIVE), is(POSITIVE)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    }
}
