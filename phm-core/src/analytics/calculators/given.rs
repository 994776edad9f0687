//! Reading the inputs of a calculator: everything that is wrong is found in one pass.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::units::{Conversion, Refused, Substance};
use super::input::{Input, Kind};
use crate::error::{Detail, Error, Result};
use crate::model::{At, Part as _, Quantity, Report, Unit};

/// Inputs that were read and are plausible.
pub(super) struct Given<'a> {
    values: BTreeMap<&'static str, One<'a>>,
    assumed: Vec<&'static str>,
}

enum One<'a> {
    Amount { value: f64, unit: Unit, original: f64, echo: Value },
    Word(&'a str),
    Flag(bool),
}

impl<'a> Given<'a> {
    pub(super) fn read(inputs: &'static [Input], from: &'a Value) -> Result<Self> {
        let mut reader = Reader { details: Vec::new(), asks: Vec::new() };
        let Some(map) = from.as_object() else {
            return Err(Error::invalid(vec![Detail { path: "/inputs".to_owned(), code: "wrong-type" }]));
        };
        let (mut values, mut assumed) = (BTreeMap::new(), Vec::new());
        for input in inputs {
            match map.get(input.name).filter(|value| !value.is_null()) {
                Some(value) => {
                    values.extend(reader.one(input, value).map(|one| (input.name, one)));
                }
                None if input.required => reader.say(input.name, "", "required"),
                None if matches!(input.kind, Kind::Flag) => assumed.push(input.name),
                None => {}
            }
        }
        for name in map.keys().filter(|name| inputs.iter().all(|input| input.name != name.as_str())) {
            // Names come from outside: keep the report small.
            reader.say(
                &name[..name.floor_char_boundary(100)].replace('~', "~0").replace('/', "~1"),
                "",
                "unknown-field",
            );
        }
        if reader.details.is_empty() {
            return Ok(Self { values, assumed });
        }
        let error = Error::invalid(reader.details);
        Err(if reader.asks.is_empty() { error } else { error.with_data(json!({"asks": reader.asks})) })
    }

    /// An amount in the unit of the calculator.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.maybe(name).expect("a required quantity was read")
    }

    /// An amount that may be missing.
    pub(super) fn maybe(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            One::Amount { value, .. } => Some(*value),
            One::Word(_) | One::Flag(_) => None,
        }
    }

    /// An amount as it was written, where it was written in `unit` by whatever spelling.
    pub(super) fn written_in(&self, name: &str, in_unit: &str) -> Option<f64> {
        let One::Amount { unit, original, .. } = self.values.get(name)? else { return None };
        let in_unit: Unit = in_unit.parse().expect("a test reads the units of every calculator");
        let same = Conversion::between(unit, &in_unit, &Substance::NONE).is_ok_and(Conversion::is_same);
        same.then_some(*original)
    }

    /// A word; empty where an optional one is missing.
    pub(super) fn word(&self, name: &str) -> &'a str {
        match self.values.get(name) {
            Some(One::Word(word)) => word,
            _ => "",
        }
    }

    /// Yes or no; no where it is missing.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(One::Flag(true)))
    }

    /// Whether the person is a woman, for formulas with two sets of numbers.
    pub(super) fn female(&self) -> bool {
        self.word("sex") == "female"
    }

    /// Flags that were not given and count as no.
    pub(super) fn assumed(&self) -> Vec<&'static str> {
        self.assumed.clone()
    }

    pub(super) fn echo(&self) -> BTreeMap<&'static str, Value> {
        let echo = |one: &One<'_>| match one {
            One::Amount { echo, .. } => echo.clone(),
            One::Word(word) => json!(word),
            One::Flag(flag) => json!(flag),
        };
        self.values.iter().map(|(name, one)| (*name, echo(one))).collect()
    }
}

struct Reader {
    details: Vec<Detail>,
    asks: Vec<Value>,
}

impl Reader {
    fn say(&mut self, name: &str, below: &str, code: &'static str) {
        self.details.push(Detail { path: format!("/inputs/{name}{below}"), code });
    }

    fn one<'a>(&mut self, input: &Input, value: &'a Value) -> Option<One<'a>> {
        match input.kind {
            Kind::Quantity { unit, plausible, .. } => self.amount(input, unit, plausible, value),
            Kind::Flag => {
                if value.as_bool().is_none() {
                    self.say(input.name, "", "wrong-type");
                }
                value.as_bool().map(One::Flag)
            }
            Kind::Choice(words) => {
                let word = value.as_str();
                let known = word.filter(|word| words.contains(word));
                if known.is_none() {
                    self.say(input.name, "", if word.is_none() { "wrong-type" } else { "invalid-choice" });
                }
                known.map(One::Word)
            }
            Kind::Written(form) => {
                let text = value.as_str();
                let good = text.filter(|text| super::care::is_form(form, text));
                if good.is_none() {
                    let bad = if form == "date" { "invalid-date" } else { "invalid-choice" };
                    self.say(input.name, "", if text.is_none() { "wrong-type" } else { bad });
                }
                good.map(One::Word)
            }
        }
    }

    fn amount<'a>(&mut self, input: &Input, unit: &str, (low, high): (f64, f64), value: &Value) -> Option<One<'a>> {
        let mut report = Report::default();
        let at = At::ROOT;
        let (inputs, name) = (at.field("inputs"), input.name);
        let Some(quantity) = Quantity::read(value, &inputs.field(name), &mut report) else {
            self.details.extend(report.into_details());
            return None;
        };
        if quantity.comparator().is_some() {
            self.say(name, "/comparator", "not-exact");
            return None;
        }
        let own: Unit = unit.parse().expect("a test reads the units of every calculator");
        let from: Unit = quantity.unit().parse().expect("a quantity's unit was read");
        let substance = input.substance();
        let original = quantity.value().to_f64();
        match Conversion::between(&from, &own, &substance) {
            Err(refused) => {
                let code = if refused == Refused::UnknownUnit { "unknown-unit" } else { "wrong-unit" };
                self.say(name, "/unit", code);
                None
            }
            Ok(conversion) => {
                let number = conversion.apply(original);
                // A conversion leaves the last bits uncertain; a bound itself is still inside.
                let slack = 1e-9 * high.abs();
                if number.is_finite() && number >= low - slack && number <= high + slack {
                    let echo = json!({"value": quantity.value(), "unit": quantity.unit()});
                    return Some(One::Amount { value: number, unit: from, original, echo });
                }
                self.say(name, "", "implausible-value");
                self.ask(input, unit, (low, high), &from, original);
                None
            }
        }
    }

    /// The units that the test of the input knows, in which the number would be plausible.
    fn ask(&mut self, input: &Input, unit: &str, (low, high): (f64, f64), from: &Unit, number: f64) {
        let own: Unit = unit.parse().expect("a test reads the units of every calculator");
        let test = match input.kind {
            Kind::Quantity { test: Some(test), .. } => super::super::labs::by_key(test),
            _ => None,
        };
        let others = test.into_iter().flat_map(|test| test.unit.iter().chain(&test.units));
        let plausible_in: Vec<&str> = others
            .filter(|other| *other != from)
            .filter(|other| {
                Conversion::between(other, &own, &input.substance())
                    .is_ok_and(|conversion| (low..=high).contains(&conversion.apply(number)))
            })
            .map(Unit::as_str)
            .collect();
        self.asks.push(json!({"input": input.name, "unit": from.as_str(), "plausible_in": plausible_in}));
    }
}
