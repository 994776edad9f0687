//! Published formulas by name: what they take, what they answer, who says so.
//!
//! [`calculators`] lists them, [`calculate`] runs one. Every answer carries formula, year, source and the inputs it used.
//! Outside the validity of a formula the answer is "not applicable" with a reason and no number; a value that is only
//! plausible in another unit is an error that asks, never a guess. These inform; they do not diagnose.
//!
//! ```
//! use phm_core::analytics::calculators::calculate;
//!
//! let inputs = serde_json::json!({
//!     "creatinine": {"value": "1.0", "unit": "mg/dL"}, "age": {"value": "50", "unit": "a"}, "sex": "female",
//! });
//! let egfr = calculate("ckd-epi-2021", &inputs)?;
//! assert_eq!(egfr.shown.as_deref(), Some("69"));
//! assert_eq!((egfr.category, egfr.year), (Some("g2-range"), 2021));
//! # Ok::<(), phm_core::Error>(())
//! ```

mod acute;
mod blood;
mod body;
mod care;
mod diabetes;
mod given;
mod heart;
mod input;
mod kidney;
mod lipids;
mod mind;
mod pressure;
mod prevent;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};

use given::Given;
pub use input::{Input, Kind};

/// A published formula.
#[derive(Serialize)]
pub struct Calculator {
    /// Its name, for example `ckd-epi-2021`.
    pub name: &'static str,
    /// What it takes.
    pub inputs: &'static [Input],
    /// What the formula is called, or the formula itself where it is short.
    pub formula: &'static str,
    /// The unit of the answer in UCUM; nothing where the answer is a category.
    pub unit: Option<&'static str>,
    /// The year it was published.
    pub year: u16,
    /// Who published it where.
    pub source: &'static str,
    /// For whom and for which values it holds, in words.
    pub validity: &'static str,
    /// Digits after the point that are customary to show.
    #[serde(skip)]
    digits: usize,
    #[serde(skip)]
    run: fn(&Given<'_>) -> Outcome,
}

/// What a formula says: an answer, or the reason why it does not apply.
type Outcome = std::result::Result<Answer, &'static str>;

/// The answer of a formula.
#[derive(Default)]
struct Answer {
    value: Option<f64>,
    text: Option<String>,
    category: Option<&'static str>,
    parts: Vec<Part>,
    notes: Vec<&'static str>,
}

impl Answer {
    fn number(value: f64) -> Self {
        Self { value: Some(value), ..Self::default() }
    }

    fn category(category: &'static str) -> Self {
        Self { category: Some(category), ..Self::default() }
    }

    fn with_category(self, category: &'static str) -> Self {
        Self { category: Some(category), ..self }
    }

    fn part(mut self, name: &'static str, value: f64, unit: &'static str) -> Self {
        self.parts.push(Part { name, value: decimal(value), unit });
        self
    }

    fn note_if(mut self, condition: bool, note: &'static str) -> Self {
        self.notes.extend(condition.then_some(note));
        self
    }
}

/// One more number of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// The number.
    pub value: String,
    /// Its unit.
    pub unit: &'static str,
}

/// What came out, with everything needed to check it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calculation {
    /// The calculator.
    pub name: &'static str,
    /// Whether the formula holds for these inputs.
    pub applicable: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The answer, with up to six digits after the point; what shows fewer is in `shown`.
    pub value: Option<String>,
    /// Its unit.
    pub unit: Option<&'static str>,
    /// The answer with the digits that are customary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Which category that is, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// Further numbers of the same formula.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What has to be said beside it, as codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<&'static str>,
    /// The formula.
    pub formula: &'static str,
    /// The year it was published.
    pub year: u16,
    /// Who published it where.
    pub source: &'static str,
    /// For whom and for which values it holds.
    pub validity: &'static str,
    /// The inputs as they were given.
    pub inputs: BTreeMap<&'static str, Value>,
    /// Questions of yes or no that were not answered and that the formula takes for no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumed_no: Vec<&'static str>,
}

const ALL: &[&[Calculator]] = &[
    diabetes::ALL,
    kidney::ALL,
    body::ALL,
    pressure::ALL,
    lipids::ALL,
    heart::ALL,
    prevent::ALL,
    acute::ALL,
    blood::ALL,
    mind::ALL,
    care::ALL,
];

pub use pressure::{Pressure, Scheme};

/// Every calculator.
pub fn calculators() -> impl Iterator<Item = &'static Calculator> {
    ALL.iter().copied().flatten()
}

/// Runs a calculator by name; `inputs` is an object of quantities, words and flags.
///
/// # Errors
/// `NotFound` for a name that does not exist, `Invalid` with the place of every input that is missing, unknown, in a unit
/// of something else, or implausible in its unit; [`Error::data`] then lists the units in which the number would be
/// plausible.
pub fn calculate(name: &str, inputs: &Value) -> Result<Calculation> {
    let calculator = calculators().find(|one| one.name == name).ok_or_else(Error::not_found)?;
    let given = Given::read(calculator.inputs, inputs)?;
    let outcome = (calculator.run)(&given);
    let mut calculation = Calculation {
        name: calculator.name,
        applicable: outcome.is_ok(),
        reason: outcome.as_ref().err().copied(),
        value: None,
        unit: calculator.unit,
        shown: None,
        category: None,
        parts: Vec::new(),
        notes: Vec::new(),
        formula: calculator.formula,
        year: calculator.year,
        source: calculator.source,
        validity: calculator.validity,
        inputs: given.echo(),
        assumed_no: given.assumed(),
    };
    if let Ok(answer) = outcome {
        calculation.value = answer.text.clone().or_else(|| answer.value.map(decimal));
        calculation.shown = answer.text.or_else(|| answer.value.map(|value| shown(value, calculator.digits)));
        calculation.category = answer.category;
        calculation.parts = answer.parts;
        calculation.notes = answer.notes;
    }
    Ok(calculation)
}

/// Six digits after the point at most, and no zeros that say nothing.
fn decimal(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn shown(value: f64, digits: usize) -> String {
    // Away from zero at a half, as people round.
    let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    format!("{:.digits$}", (value * scale).round() / scale)
}

/// The first category whose bound a value does not reach; categories in rising order, the last without a bound.
fn first_below(value: f64, steps: &[(f64, &'static str)], last: &'static str) -> &'static str {
    steps.iter().find(|(bound, _)| !super::reaches(value, *bound)).map_or(last, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn every_calculator_says_what_it_is_and_who_says_so() {
        let mut names = HashSet::new();
        for one in calculators() {
            assert!(names.insert(one.name), "{} stands twice", one.name);
            assert!((1957..=2026).contains(&one.year), "{}", one.name);
            assert!(one.source.len() > 10 && one.formula.len() > 5 && one.validity.len() > 5, "{}", one.name);
            assert!(one.unit.is_none_or(|unit| unit.parse::<crate::model::Unit>().is_ok()), "{}", one.name);
            let mut inputs = HashSet::new();
            assert!(one.inputs.iter().all(|input| inputs.insert(input.name)), "{}", one.name);
            assert!(one.inputs.iter().all(Input::is_sound), "{}", one.name);
        }
        assert!(names.len() >= 40, "{}", names.len());
    }

    fn refused(name: &str, inputs: Value) -> String {
        let error = calculate(name, &inputs).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        error.details().iter().map(|detail| format!("{} {}", detail.path, detail.code)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn inputs_that_mean_nothing_are_refused() {
        let quantity = |value: &str, unit: &str| json!({"value": value, "unit": unit});
        let of = |creatinine: Value, age: Value, sex: Value| {
            refused("ckd-epi-2021", json!({"creatinine": creatinine, "age": age, "sex": sex}))
        };
        let (good, age) = (quantity("1.0", "mg/dL"), quantity("50", "a"));
        assert_eq!(
            refused("ckd-epi-2021", json!({})),
            "/inputs/creatinine required, /inputs/age required, /inputs/sex required"
        );
        assert_eq!(refused("ckd-epi-2021", json!([])), "/inputs wrong-type");
        assert_eq!(of(json!("1.0"), age.clone(), json!("female")), "/inputs/creatinine wrong-type");
        assert_eq!(of(json!({"value": "1.0"}), age.clone(), json!("female")), "/inputs/creatinine/unit required");
        assert_eq!(
            of(quantity("1.0", "bananas"), age.clone(), json!("female")),
            "/inputs/creatinine/unit unknown-unit"
        );
        assert_eq!(of(quantity("1.0", "mm[Hg]"), age.clone(), json!("female")), "/inputs/creatinine/unit wrong-unit");
        assert_eq!(of(good.clone(), age.clone(), json!("unsure")), "/inputs/sex invalid-choice");
        assert_eq!(of(good.clone(), json!(true), json!(true)), "/inputs/age wrong-type, /inputs/sex wrong-type");
        assert_eq!(of(good.clone(), quantity("500", "a"), json!("male")), "/inputs/age implausible-value");
        assert_eq!(
            of(json!({"value": "1", "unit": "mg/dL", "comparator": "<"}), age.clone(), json!("male")),
            "/inputs/creatinine/comparator not-exact"
        );
        let unknown = json!({"creatinine": good, "age": age, "sex": "male", "race": "x"});
        assert_eq!(refused("ckd-epi-2021", unknown), "/inputs/race unknown-field");
        assert_eq!(calculate("astrology", &json!({})).expect_err("unknown").kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_value_in_the_wrong_unit_is_asked_about_and_never_guessed() {
        let inputs = json!({
            "creatinine": {"value": "88", "unit": "mg/dL"}, "age": {"value": "50", "unit": "a"}, "sex": "female",
        });
        let error = calculate("ckd-epi-2021", &inputs).expect_err("a question");
        assert_eq!(error.details()[0].code, "implausible-value");
        let asks = error.data().expect("asks");
        assert_eq!(asks["asks"][0]["input"], "creatinine");
        assert_eq!(asks["asks"][0]["plausible_in"], json!(["umol/L"]));
    }

    #[test]
    fn what_was_not_answered_is_named() {
        let pressure = |value: &str| json!({"value": value, "unit": "mm[Hg]"});
        let inputs = json!({"systolic": pressure("150"), "diastolic": pressure("85"), "pregnant": false});
        let found = calculate("blood-pressure-category", &inputs).expect("applicable");
        assert_eq!(found.assumed_no, ["warning_signs"]);
        let inputs =
            json!({"systolic": pressure("150"), "diastolic": pressure("85"), "pregnant": false, "warning_signs": true});
        assert!(calculate("blood-pressure-category", &inputs).expect("applicable").assumed_no.is_empty());
    }

    #[test]
    fn categories_come_from_the_unrounded_value() {
        let inputs = json!({
            "creatinine": {"value": "3.5", "unit": "mg/dL"}, "age": {"value": "55", "unit": "a"}, "sex": "female",
        });
        let egfr = calculate("ckd-epi-2021", &inputs).expect("applicable");
        assert_eq!((egfr.shown.as_deref(), egfr.category), (Some("15"), Some("g5-range")));
    }
}
