//! Taking a value in the unit it was written in, or asking.
//!
//! A number that no living person has in the unit given, such as a creatinine of 88 mg/dL, is a question and not a value:
//! the answer names the units in which it would be plausible, and nobody picks one.

use serde::Serialize;

use super::super::units::{Conversion, Refused};
use super::Test;
use crate::model::{Comparator, Quantity, Unit};

/// A value that is understood, in the unit of its test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The value in the unit of the test, unrounded.
    pub value: f64,
}

/// Why a value has to be asked about.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Question {
    /// `wrong-unit`, `unknown-unit`, `no-molar-mass` or `implausible-value`.
    pub code: &'static str,
    /// The units in which the number would be plausible; empty where there is none.
    pub plausible_in: Vec<String>,
}

impl Question {
    /// Whether the number is one that people have, but in another unit.
    pub fn is_of_another_unit(&self) -> bool {
        self.code == "implausible-value" && !self.plausible_in.is_empty()
    }
}

/// The value of a quantity in the unit of its test, or a question.
pub fn understand(test: &Test, quantity: &Quantity) -> Result<Reading, Question> {
    let ask = |code| Question { code, plausible_in: plausible_in(test, quantity) };
    let (Some(own), Some((low, high))) = (&test.unit, test.plausible) else {
        return Err(ask(Refused::DifferentThings.code()));
    };
    let from: Unit = quantity.unit().parse().map_err(|_| ask(Refused::UnknownUnit.code()))?;
    let conversion = Conversion::between(&from, own, &test.substance()).map_err(|refused| ask(refused.code()))?;
    let value = conversion.apply(quantity.value().to_f64());
    if is_plausible(value, quantity.comparator(), (low, high)) {
        Ok(Reading { value })
    } else {
        Err(ask("implausible-value"))
    }
}

/// Whether people have a value between `low` and `high`, or one beyond the reach of the method: `< 0.01` says that it saw
/// nothing and `> 9000` that there was too much of it. `< 88` says nothing of the kind about a value of at most 30.
pub(in crate::analytics) fn is_plausible(value: f64, comparator: Option<Comparator>, (low, high): (f64, f64)) -> bool {
    let slack = |bound: f64| 1e-9 * bound.abs();
    let (too_low, too_high) = (value < low - slack(low), value > high + slack(high));
    let beyond = match comparator {
        None => false,
        Some(Comparator::Less | Comparator::AtMost) => too_low && value >= 0.0,
        Some(Comparator::More | Comparator::AtLeast) => too_high,
    };
    value.is_finite() && (beyond || !too_low && !too_high)
}

fn plausible_in(test: &Test, quantity: &Quantity) -> Vec<String> {
    let (Some(own), Some((low, high))) = (&test.unit, test.plausible) else { return Vec::new() };
    let number = quantity.value().to_f64();
    let fits = |unit: &&Unit| {
        let there = Conversion::between(unit, own, &test.substance());
        unit.as_str() != quantity.unit()
            && there.is_ok_and(|conversion| (low..=high).contains(&conversion.apply(number)))
    };
    std::iter::once(own).chain(&test.units).filter(fits).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::super::by_key;
    use super::*;

    fn read(key: &str, value: &str, unit: &str) -> Result<f64, Question> {
        let quantity = Quantity::new(value.parse().expect("a decimal"), unit.parse().expect("a unit"));
        understand(by_key(key).expect("in the catalogue"), &quantity).map(|reading| reading.value)
    }

    #[test]
    fn a_value_that_fits_another_unit_is_asked_about() {
        for (key, value, unit, other) in [
            ("creatinine", "88", "mg/dL", "umol/L"),
            ("glucose", "5.4", "mg/dL", "mmol/L"),
            ("hba1c", "53", "%", "mmol/mol"),
            ("platelets", "250000", "10*3/uL", "/uL"),
            ("haemoglobin", "135", "g/dL", "g/L"),
        ] {
            let question = read(key, value, unit).expect_err("a question");
            assert_eq!(question.code, "implausible-value", "{key}");
            assert!(question.plausible_in.iter().any(|unit| unit == other), "{key}: {question:?}");
        }
        assert_eq!(read("sodium", "5", "mg/dL").expect_err("asked").code, "implausible-value");
        assert_eq!(read("hba1c", "7", "mm[Hg]").expect_err("asked").code, "wrong-unit");
        assert_eq!(read("tsh", "3", "mmol/L").expect_err("asked").code, "wrong-unit");
    }

    #[test]
    fn a_comparator_excuses_only_what_lies_beyond_the_reach_of_a_method() {
        let creatinine = (0.1, 30.0);
        for (value, sign, plausible) in [
            (0.01, "<", true),
            (88.0, "<", false),
            (88.0, ">", true),
            (0.01, ">", false),
            (5.0, "<", true),
            (5.0, ">=", true),
            (-1.0, "<", false),
            (f64::INFINITY, ">", false),
        ] {
            let comparator = Comparator::from_word(sign);
            assert!(comparator.is_some());
            assert_eq!(is_plausible(value, comparator, creatinine), plausible, "{sign}{value}");
        }
    }

    #[test]
    fn units_of_fibrinogen_and_of_dimers_are_never_taken_for_each_other() {
        assert!(read("d-dimer", "500", "ng/mL{FEU}").is_ok());
        assert!(read("d-dimer", "0.5", "ug/mL{FEU}").is_ok());
        for unit in ["ng/mL", "ng/mL{DDU}", "ug/mL"] {
            let question = read("d-dimer", "500", unit).expect_err("a question");
            assert_eq!(question.code, "wrong-unit", "{unit}");
        }
    }

    #[test]
    fn a_plausible_value_is_taken_in_its_unit() {
        let near = |value: Result<f64, Question>, expected: f64| (value.expect("taken") - expected).abs() < 0.006;
        assert!(near(read("glucose", "6.99", "mmol/L"), 125.93));
        assert!(near(read("hba1c", "53", "mmol/mol"), 7.0));
        assert!(near(read("platelets", "2.5", "10*5/mm3"), 250.0));
        assert!(near(read("wbc", "8400", "/mm3"), 8.4));
        assert!(near(read("alt", "40", "[IU]/L"), 40.0));
    }
}
