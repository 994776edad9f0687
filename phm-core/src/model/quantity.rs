//! Measured amounts, ranges and ratios.
//!
//! A quantity is a decimal as it was written, a unit of UCUM, and `<` or the like where the method could not tell.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

use crate::fields;

use super::macros::choice;
use super::{At, Decimal, Part, Report, Summary, Text, Unit};

choice! {
    /// On which side of the number the true value lies.
    pub enum Comparator {
        /// Below.
        Less = "<",
        /// At or below.
        AtMost = "<=",
        /// At or above.
        AtLeast = ">=",
        /// Above.
        More = ">",
    }
}

fields! {
    /// An amount and its unit, for example `12.340 mg/dL` or `< 0.1 ng/mL`.
    pub struct Quantity is "quantity" {
        /// The number, with the digits it was written with.
        value: Decimal,
        /// The unit in UCUM.
        unit: Unit,
        /// On which side of the number the true value lies, where the method could not tell.
        comparator: Option<Comparator>,
    }
}

impl Quantity {
    /// This much of a unit.
    pub const fn new(value: Decimal, unit: Unit) -> Self {
        Self { value, unit, comparator: None }
    }

    /// The value as a person reads it, without the unit: `<0.1`.
    pub fn shown(&self) -> String {
        format!("{}{}", self.comparator.map_or("", Comparator::word), self.value)
    }

    /// Which of two amounts in the same unit is larger; `None` for different units.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.unit == other.unit { self.value.to_f64().partial_cmp(&other.value.to_f64()) } else { None }
    }
}

impl Summary {
    /// The same with this amount as its value.
    pub(super) fn quantity(self, quantity: &Quantity) -> Self {
        Self { unit: Some(quantity.unit.to_string()), ..self.value(Some(&quantity.shown())) }
    }
}

/// Reports a quantity that should be a time and is none.
pub(super) fn is_time(quantity: Option<&Quantity>, at: &At<'_>, report: &mut Report) {
    if quantity.is_some_and(|quantity| !quantity.unit.is_time()) {
        report.say(&at.field("unit"), "not-a-time");
    }
}

fields! {
    /// Where a laboratory expects a value: from, to, or in words.
    pub struct Range is "range" checked by in_order {
        /// The lowest expected value.
        low: Option<Quantity>,
        /// The highest expected value.
        high: Option<Quantity>,
        /// The range in words.
        text: Option<Text>,
    }
}

fn in_order(range: &Range, at: &At<'_>, report: &mut Report) {
    match (&range.low, &range.high) {
        (None, None) if range.text.is_none() => report.say(at, "required"),
        (Some(low), Some(high)) if low.compare(high) == Some(Ordering::Greater) => {
            report.say(&at.field("high"), "low-above-high");
        }
        _ => {}
    }
}

fields! {
    /// Two amounts, one to the other.
    pub struct Parts {
        /// Of this.
        numerator: Quantity,
        /// To this.
        denominator: Quantity,
    }
}

/// A titre as it was written (`1:128`), or one amount to another.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Ratio {
    /// As it was written.
    Text(Text),
    /// One amount to another.
    Parts(Box<Parts>),
}

impl Ratio {
    /// The ratio as a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Parts(parts) => format!("{}:{}", parts.numerator.shown(), parts.denominator.shown()),
        }
    }
}

impl Part for Ratio {
    type View<'a> = &'a Self;

    const OF: &'static str = "ratio";
    const FIELDS: &'static [super::FieldInfo] = Parts::FIELDS;

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        if value.is_string() {
            Text::read(value, at, report).map(Self::Text)
        } else {
            Parts::read(value, at, report).map(|parts| Self::Parts(Box::new(parts)))
        }
    }

    fn view(&self) -> &Self {
        self
    }

    fn is_blank(value: &Value) -> bool {
        Text::is_blank(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    #[test]
    fn a_quantity_keeps_its_digits() {
        let body = json!({"value": "12.340", "unit": "mg/dL", "comparator": "<"});
        assert_eq!(stored::<Quantity>(&body), r#"{"value":"12.340","unit":"mg/dL","comparator":"<"}"#);
        assert_eq!(stored::<Quantity>(&json!({"value": 5, "unit": "mg"})), r#"{"value":"5","unit":"mg"}"#);
    }

    #[test]
    fn quantities_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"value": "12.340", "unit": "bananas"}), "/unit unknown-unit"),
            (json!({"value": "12.340"}), "/unit required"),
            (json!({"unit": "mg"}), "/value required"),
            (json!({"value": "", "unit": "mg"}), "/value invalid-decimal"),
            (json!({"value": 12.34, "unit": "mg"}), "/value invalid-decimal"),
            (json!({"value": true, "unit": "mg"}), "/value wrong-type"),
            (json!({"value": "1", "unit": 7}), "/unit wrong-type"),
            (json!({"value": "1", "unit": "mg", "comparator": "~"}), "/comparator invalid-choice"),
            (json!({"value": "1", "unit": "mg", "code": "mg"}), "/code unknown-field"),
            (json!("5 mg"), " wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Quantity>(&body), expected, "{body}");
        }
    }

    #[test]
    fn a_range_goes_upwards() {
        let of = |low: &str, high: &str, unit: &str| json!({"low": {"value": low, "unit": "mg"}, "high": {"value": high, "unit": unit}});
        assert_eq!(refused::<Range>(&of("5", "4.99", "mg")), "/high low-above-high");
        assert_eq!(refused::<Range>(&json!({})), " required");
        for good in [of("4", "4.0", "mg"), of("5", "4", "g"), json!({"text": "negative"}), of("-5", "1e1", "mg")] {
            stored::<Range>(&good);
        }
    }

    #[test]
    fn a_ratio_is_a_titre_or_two_amounts() {
        assert_eq!(stored::<Ratio>(&json!("1:128")), r#""1:128""#);
        let body = json!({"numerator": {"value": "1", "unit": "mg"}, "denominator": {"value": "2", "unit": "mL"}});
        assert_eq!(
            stored::<Ratio>(&body),
            r#"{"numerator":{"value":"1","unit":"mg"},"denominator":{"value":"2","unit":"mL"}}"#
        );
        assert_eq!(refused::<Ratio>(&json!({"numerator": {"value": "1", "unit": "mg"}})), "/denominator required");
    }
}
