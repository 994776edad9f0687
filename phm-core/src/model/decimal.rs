//! Numbers that somebody measured, kept exactly as they were written.
//!
//! `12.340` stays `12.340`: the digits say how precisely was measured. The form is that of FHIR R4's `decimal`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::{At, Part, Report};

/// Why a text is not a decimal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a decimal is written like `12.340`, `-3` or `1.5e-3`")]
pub struct NotADecimal;

/// A decimal number as it was written.
#[derive(Clone, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

impl Decimal {
    /// The digits as they were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest floating-point number, for drawing and arithmetic.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().expect("every decimal is a number")
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        if is_decimal(text) { Ok(Self(text.to_owned())) } else { Err(NotADecimal) }
    }
}

/// FHIR R4: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`, with at most 40 digits and an exponent of two.
fn is_decimal(text: &str) -> bool {
    if text.len() > 48 {
        return false;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, part) = match number.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (number, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && number.len() <= 41
        && part.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent) && exponent.len() <= 2)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decimal(..)")
    }
}

impl Part for Decimal {
    type View<'a> = &'a Self;

    const OF: &'static str = "decimal";

    /// Takes a text, and a whole JSON number; the text of other JSON numbers is already lost when they arrive.
    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let decimal = match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) if !number.is_f64() => Some(Self(number.to_string())),
            Value::Number(_) => None,
            _ => {
                report.say(at, "wrong-type");
                return None;
            }
        };
        if decimal.is_none() {
            report.say(at, "invalid-decimal");
        }
        decimal
    }

    fn view(&self) -> &Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_the_digits_it_was_given() {
        for text in ["12.340", "0", "-0.00", "1e3", "1.50E-12", "123456789012345678901234567890.10", "-40"] {
            assert_eq!(text.parse::<Decimal>().expect("a decimal").to_string(), text);
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "05",
            "+5",
            "1,5",
            "1e",
            "1e999",
            "NaN",
            "inf",
            " 1",
            "1 ",
            "0x1f",
            "1_000",
            "१२",
            "--1",
            "1.2.3",
            "1e1.5",
            "99999999999999999999999999999999999999999999999999",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }
}
