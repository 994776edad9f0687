//! Numbers that count, and yes or no. What somebody measured is a [`Decimal`](super::Decimal) instead.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{At, FieldInfo, Part, Report, Slot};

/// A whole number that counts something, up to 2⁵³ − 1 so that every JSON reader keeps it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Count<const LEAST: u64 = 0>(u64);

impl<const LEAST: u64> Part for Count<LEAST> {
    type View<'a> = u64;

    const OF: &'static str = "integer";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let number = value.as_u64().filter(|number| (LEAST..1 << 53).contains(number));
        if number.is_none() {
            report.say(at, if value.is_number() { "invalid-number" } else { "wrong-type" });
        }
        number.map(Self)
    }

    fn view(&self) -> u64 {
        self.0
    }
}

/// Minutes that an appointment takes when nobody says otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ThirtyMinutes(Count<1>);

impl Slot for ThirtyMinutes {
    type View<'a> = u64;

    const INFO: FieldInfo = {
        let mut info = <Option<Count<1>> as Slot>::INFO;
        info.default = Some("30");
        info
    };

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        value.map_or(Some(Count(30)), |value| Count::read(value, at, report)).map(Self)
    }

    fn view(&self) -> u64 {
        self.0.0
    }

    fn is_absent(&self) -> bool {
        false
    }
}

/// A number above zero that nobody measured: how often, every how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(f64);

// Only finite numbers exist.
impl Eq for Number {}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if self.0.fract() == 0.0 { serializer.serialize_u64(self.0 as u64) } else { serializer.serialize_f64(self.0) }
    }
}

impl Part for Number {
    type View<'a> = f64;

    const OF: &'static str = "number";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let number = value.as_f64().filter(|number| *number > 0.0 && *number <= 1e9);
        if number.is_none() {
            report.say(at, if value.is_number() { "invalid-number" } else { "wrong-type" });
        }
        number.map(Self)
    }

    fn view(&self) -> f64 {
        self.0
    }
}

impl Part for bool {
    type View<'a> = Self;

    const OF: &'static str = "boolean";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        if !value.is_boolean() {
            report.say(at, "wrong-type");
        }
        value.as_bool()
    }

    fn view(&self) -> Self {
        *self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    #[test]
    fn a_count_is_a_whole_number_that_every_reader_keeps() {
        assert_eq!(stored::<Count>(&json!((1_u64 << 53) - 1)), "9007199254740991");
        for body in [json!(-1), json!(1.5), json!(1_u64 << 53), json!(1e300)] {
            assert_eq!(refused::<Count>(&body), " invalid-number", "{body}");
        }
        for body in [json!("1"), json!(true), json!([1])] {
            assert_eq!(refused::<Count>(&body), " wrong-type", "{body}");
        }
        assert_eq!(refused::<Count<1>>(&json!(0)), " invalid-number");
    }

    #[test]
    fn a_number_is_written_as_short_as_it_goes() {
        assert_eq!(stored::<Number>(&json!(8.0)), "8");
        assert_eq!(stored::<Number>(&json!(0.5)), "0.5");
        for body in [json!(0), json!(-2), json!(1e10)] {
            assert_eq!(refused::<Number>(&body), " invalid-number", "{body}");
        }
    }
}
