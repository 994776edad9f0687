//! A measured number, small enough to hold millions of and still exactly as it was written.

use std::cmp::Ordering;
use std::fmt;

use crate::bytes::{Bytes, put_signed, put_text};
use crate::model::Decimal;

/// Numbers of more digits are kept as text.
const MOST_DIGITS: usize = 18;
/// What stands in place of the number of decimals where a text follows.
pub(super) const TEXT: u8 = u8::MAX;
/// The longest text of a decimal.
const LONGEST_TEXT: usize = 48;

/// A number as it was written.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(crate) enum Written {
    /// `digits ÷ 10^scale`, written with `scale` decimals: `12.340` is 12340 with scale 3.
    Scaled { digits: i64, scale: u8 },
    /// Any other form: an exponent, more than 18 digits, a negative zero.
    Text(Box<str>),
}

impl Written {
    /// The number as it was written.
    pub fn of(decimal: &Decimal) -> Self {
        let text = decimal.as_str();
        scaled(text).unwrap_or_else(|| Self::Text(text.into()))
    }

    /// Adds the text to `out`.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Scaled { digits, scale } => {
                let (digits, scale) = (*digits, usize::from(*scale));
                let all = format!("{:0width$}", digits.unsigned_abs(), width = scale + 1);
                let (whole, part) = all.split_at(all.len() - scale);
                out.extend([if digits < 0 { "-" } else { "" }, whole, if scale > 0 { "." } else { "" }, part]);
            }
        }
    }

    /// The nearest floating-point number, for drawing and arithmetic.
    pub fn float(&self) -> f64 {
        match self {
            // Both are exact, so their quotient is the nearest number.
            Self::Scaled { digits, scale: 0 } if digits.unsigned_abs() < 1 << 53 => float(*digits),
            Self::Scaled { digits, scale } if digits.unsigned_abs() < 1 << 53 => {
                float(*digits) / POWERS[usize::from(*scale)]
            }
            Self::Scaled { .. } | Self::Text(_) => self.to_string().parse().expect("every decimal is a number"),
        }
    }

    /// Adds the stored form of one number that stands by itself: `scale ‖ digits`, or `255 ‖ length ‖ text`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Scaled { digits, scale } => {
                out.push(*scale);
                put_signed(out, *digits);
            }
            Self::Text(text) => {
                out.push(TEXT);
                put_text(out, text);
            }
        }
    }

    /// Reads the stored form of one number.
    pub(super) fn decode(bytes: &mut Bytes<'_>) -> Option<Self> {
        match bytes.byte()? {
            TEXT => read_text(bytes),
            scale => Self::checked(bytes.signed()?, scale),
        }
    }

    /// The number, where this is how [`Written::of`] keeps one.
    pub fn checked(digits: i64, scale: u8) -> Option<Self> {
        let fits = usize::from(scale) < MOST_DIGITS && digits.unsigned_abs() < 10_u64.pow(18);
        fits.then_some(Self::Scaled { digits, scale })
    }
}

/// Reads the text of a number that is kept as text.
pub(super) fn read_text(bytes: &mut Bytes<'_>) -> Option<Written> {
    let decimal: Decimal = bytes.text(LONGEST_TEXT)?.parse().ok()?;
    Some(Written::of(&decimal)).filter(|written| matches!(written, Written::Text(_)))
}

fn scaled(text: &str) -> Option<Written> {
    let (negative, number) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + part.len() > MOST_DIGITS {
        return None;
    }
    let mut digits = 0_i64;
    for byte in whole.bytes().chain(part.bytes()) {
        digits = digits * 10 + i64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    if negative && digits == 0 {
        return None;
    }
    Some(Written::Scaled { digits: if negative { -digits } else { digits }, scale: u8::try_from(part.len()).ok()? })
}

/// Powers of ten are exact up to the twenty-second.
const POWERS: [f64; MOST_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// The nearest floating-point number to a whole one.
pub(super) fn float(number: i64) -> f64 {
    let high = i32::try_from(number >> 32).expect("the upper half of 64 bits");
    let low = u32::try_from(number & 0xFFFF_FFFF).expect("the lower half of 64 bits");
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

// People's data never ends up in a log by way of `{:?}`.
impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(..)")
    }
}

/// By the nearest floating-point number, then by the text: one order for all forms, so that equal samples meet when sorted.
impl Ord for Written {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            return Ordering::Equal;
        }
        self.float().total_cmp(&other.float()).then_with(|| self.to_string().cmp(&other.to_string()))
    }
}

impl PartialOrd for Written {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Written {
        Written::of(&text.parse().expect("a decimal"))
    }

    #[test]
    fn numbers_keep_every_digit_and_only_odd_ones_are_texts() {
        for text in ["0", "72", "-3", "12.340", "0.001", "-0.50", "999999999999999999", "0.00000000000000001"] {
            assert_eq!(written(text).to_string(), text);
            assert!(matches!(written(text), Written::Scaled { .. }), "{text}");
        }
        for text in ["-0", "-0.00", "1e3", "1.5E-3", "1234567890123456789", "0.000000000000000001"] {
            assert_eq!(written(text).to_string(), text);
            assert!(matches!(written(text), Written::Text(_)), "{text}");
        }
    }

    #[test]
    fn the_same_amount_written_otherwise_is_another_number() {
        assert_ne!(written("72"), written("72.0"));
        assert!(
            written("71.9") < written("72.0") && written("72.0") < written("73") && written("-1e3") < written("-3")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_comes_back(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,12})?([eE]-?[0-9]{1,2})?") {
            let number = written(&text);
            prop_assert_eq!(number.to_string(), text.clone());
            let nearest: f64 = text.parse().expect("a number");
            prop_assert!(number.float().to_bits() == nearest.to_bits());
            let mut out = Vec::new();
            number.encode(&mut out);
            let mut bytes = Bytes(&out);
            prop_assert_eq!(Written::decode(&mut bytes).map(|back| back.to_string()), Some(text));
            prop_assert!(bytes.at_end());
        }

        #[test]
        fn a_whole_number_becomes_the_nearest_float(number in any::<i64>()) {
            let nearest: f64 = number.to_string().parse().expect("a number");
            prop_assert_eq!(float(number).to_bits(), nearest.to_bits());
        }
    }

    #[test]
    fn amounts_that_floating_point_cannot_tell_apart_still_have_one_order() {
        let texts = ["99999999999999999", "100000000000000000", "1e17", "100000000000000000.0"];
        let all: Vec<Written> = texts.iter().map(|text| Written::of(&text.parse().expect("a decimal"))).collect();
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a} {b}");
            assert_eq!(a == b, a.cmp(b).is_eq(), "{a} {b}");
            for c in &all {
                assert!(!(a <= b && b <= c) || a <= c, "{a} {b} {c}");
            }
        }
    }
}
