//! What a calculator takes.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use super::super::labs;
use super::super::units::Substance;

/// One input.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether the formula needs it.
    pub required: bool,
}

/// What an input is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An amount in this unit or one that can be brought to it, between the lowest and highest that people have.
    Quantity {
        /// The unit the formula works in.
        unit: &'static str,
        /// The lowest and highest plausible value.
        plausible: (f64, f64),
        /// The test of the catalogue, for molar masses.
        test: Option<&'static str>,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Yes or no; no when it is not given.
    Flag,
    /// A text of this form, given like a choice: `date`, or a list of `day:days`.
    Written(&'static str),
}

impl Input {
    /// An amount.
    pub(super) const fn quantity(name: &'static str, unit: &'static str, low: f64, high: f64) -> Self {
        Self { name, kind: Kind::Quantity { unit, plausible: (low, high), test: None }, required: true }
    }

    /// An amount of what a test of the catalogue measures, in the unit of that test.
    pub(super) const fn lab(name: &'static str, unit: &'static str, low: f64, high: f64, test: &'static str) -> Self {
        Self { name, kind: Kind::Quantity { unit, plausible: (low, high), test: Some(test) }, required: true }
    }

    /// A word of several.
    pub(super) const fn choice(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, kind: Kind::Choice(words), required: true }
    }

    /// Yes or no.
    pub(super) const fn flag(name: &'static str) -> Self {
        Self { name, kind: Kind::Flag, required: false }
    }

    /// A text of a form.
    pub(super) const fn written(name: &'static str, form: &'static str) -> Self {
        Self { name, kind: Kind::Written(form), required: true }
    }

    /// The same, but the formula works without it.
    pub(super) const fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// What conversions of it need to know.
    pub(super) fn substance(&self) -> Substance {
        match self.kind {
            Kind::Quantity { test: Some(test), .. } => {
                labs::by_key(test).map_or(Substance::NONE, labs::Test::substance)
            }
            _ => Substance::NONE,
        }
    }

    #[cfg(test)]
    pub(super) fn is_sound(&self) -> bool {
        match self.kind {
            Kind::Quantity { unit, plausible: (low, high), test } => {
                unit.parse::<crate::model::Unit>().is_ok()
                    && low < high
                    && test.is_none_or(|test| labs::by_key(test).is_some())
            }
            Kind::Choice(words) => words.len() > 1,
            Kind::Flag => !self.required,
            Kind::Written(form) => !form.is_empty(),
        }
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name)?;
        match self.kind {
            Kind::Quantity { unit, plausible: (low, high), .. } => {
                map.serialize_entry("unit", unit)?;
                map.serialize_entry("kind", "quantity")?;
                map.serialize_entry("low", &low.to_string())?;
                map.serialize_entry("high", &high.to_string())?;
            }
            Kind::Choice(words) => {
                map.serialize_entry("unit", &None::<&str>)?;
                map.serialize_entry("kind", "choice")?;
                map.serialize_entry("choices", words)?;
            }
            Kind::Flag => {
                map.serialize_entry("unit", &None::<&str>)?;
                map.serialize_entry("kind", "flag")?;
            }
            Kind::Written(form) => {
                map.serialize_entry("unit", &None::<&str>)?;
                map.serialize_entry("kind", "choice")?;
                map.serialize_entry("format", form)?;
            }
        }
        map.serialize_entry("required", &self.required)?;
        map.end()
    }
}
