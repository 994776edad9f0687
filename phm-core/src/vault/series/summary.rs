//! What is kept of many samples: how many, the least, the greatest, their mean.
//!
//! Least and greatest keep the digits they were written with. The sum is exact, so that a mean does not depend on the
//! order samples are added in; only where numbers have an exponent, or do not fit, it is a floating-point number.

use super::written::Written;
use crate::bytes::Bytes;

/// Decimals of a mean beyond those of the samples.
const MORE_DECIMALS: u32 = 2;
const EXACT: u8 = 0;
const NEAR: u8 = 1;

/// What is kept of one sample or more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    pub count: u64,
    pub min: Written,
    pub max: Written,
    sum: Sum,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sum {
    /// `digits ÷ 10^scale`.
    Exact {
        digits: i128,
        scale: u8,
    },
    Near(f64),
}

impl Summary {
    /// Of one sample.
    pub fn of(value: &Written) -> Self {
        Self { count: 1, min: value.clone(), max: value.clone(), sum: Sum::of(value) }
    }

    /// Of all of these; `None` where there are none.
    pub fn of_all<'s>(values: impl IntoIterator<Item = &'s Written>) -> Option<Self> {
        let mut values = values.into_iter();
        let mut all = Self::of(values.next()?);
        values.for_each(|value| all.add(value));
        Some(all)
    }

    /// Adds one sample.
    pub fn add(&mut self, value: &Written) {
        self.count += 1;
        if *value < self.min {
            self.min = value.clone();
        } else if *value > self.max {
            self.max = value.clone();
        }
        self.sum = self.sum.plus(Sum::of(value));
    }

    /// Adds what is kept of others.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.min = std::cmp::min(&self.min, &other.min).clone();
        self.max = std::cmp::max(&self.max, &other.max).clone();
        self.sum = self.sum.plus(other.sum);
    }

    /// The mean, rounded to two decimals more than the samples have.
    pub fn mean(&self) -> String {
        self.sum.divided(self.count)
    }

    /// `least ‖ greatest ‖ 0 ‖ decimals ‖ sum (16)`, or `1 ‖ sum (8, IEEE 754)` at the end; without the count.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.min.encode(out);
        self.max.encode(out);
        match self.sum {
            Sum::Exact { digits, scale } => {
                out.extend([EXACT, scale]);
                out.extend_from_slice(&digits.to_be_bytes());
            }
            Sum::Near(sum) => {
                out.push(NEAR);
                out.extend_from_slice(&sum.to_be_bytes());
            }
        }
    }

    /// Reads what [`Summary::encode`] writes.
    pub fn decode(bytes: &mut Bytes<'_>, count: u64) -> Option<Self> {
        let (min, max) = (Written::decode(bytes)?, Written::decode(bytes)?);
        let sum = match bytes.byte()? {
            EXACT => Sum::Exact { scale: bytes.byte()?, digits: i128::from_be_bytes(bytes.array()?) },
            NEAR => Sum::Near(f64::from_be_bytes(bytes.array()?)),
            _ => return None,
        };
        Some(Self { count, min, max, sum })
    }
}

impl Sum {
    fn of(value: &Written) -> Self {
        match value {
            Written::Scaled { digits, scale } => Self::Exact { digits: i128::from(*digits), scale: *scale },
            Written::Text(_) => Self::Near(value.float()),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Exact { digits, scale } => format!("{digits}e-{scale}").parse().expect("digits and an exponent"),
            Self::Near(sum) => sum,
        }
    }

    fn plus(self, other: Self) -> Self {
        self.exactly(other).unwrap_or_else(|| Self::Near(self.float() + other.float()))
    }

    fn exactly(self, other: Self) -> Option<Self> {
        let (Self::Exact { digits, scale }, Self::Exact { digits: others, scale: theirs }) = (self, other) else {
            return None;
        };
        let widest = scale.max(theirs);
        let widened = |digits: i128, scale: u8| digits.checked_mul(10_i128.checked_pow(u32::from(widest - scale))?);
        let digits = widened(digits, scale)?.checked_add(widened(others, theirs)?)?;
        Some(Self::Exact { digits, scale: widest })
    }

    fn divided(self, count: u64) -> String {
        if let Self::Exact { digits, scale } = self
            && let Some(digits) = digits.checked_mul(10_i128.pow(MORE_DECIMALS))
        {
            let (count, half) = (i128::from(count), i128::from(count / 2));
            // Half a unit is rounded away from zero.
            let mean = digits.saturating_add(if digits < 0 { -half } else { half }) / count;
            return decimal(mean, u32::from(scale) + MORE_DECIMALS);
        }
        let count = super::written::float(count.cast_signed());
        let mean = self.float() / count;
        if mean != 0.0 && !(1e-6..1e15).contains(&mean.abs()) { format!("{mean:e}") } else { mean.to_string() }
    }
}

/// `digits ÷ 10^scale` without zeros at the end.
fn decimal(digits: i128, scale: u32) -> String {
    let scale = scale as usize;
    let mut text = format!("{:0width$}", digits.unsigned_abs(), width = scale + 1);
    text.insert(text.len() - scale, '.');
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    let sign = if digits < 0 { "-" } else { "" };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Written {
        Written::of(&text.parse().expect("a decimal"))
    }

    fn of(values: &[&str]) -> Summary {
        let values: Vec<Written> = values.iter().map(|text| written(text)).collect();
        Summary::of_all(&values).expect("at least one")
    }

    #[test]
    fn least_and_greatest_keep_their_digits_and_the_mean_is_exact() {
        let all = of(&["72", "71.50", "74", "-1"]);
        assert_eq!((all.count, all.min.to_string(), all.max.to_string()), (4, "-1".into(), "74".into()));
        assert_eq!(all.mean(), "54.125");
        for (values, mean) in [
            (&["1", "2"][..], "1.5"),
            (&["1", "1", "2"], "1.33"),
            (&["2", "2", "1"], "1.67"),
            (&["-1", "-1", "-2"], "-1.33"),
            (&["100"], "100"),
            (&["0"], "0"),
            (&["0.1", "0.2"], "0.15"),
            (&["1e3", "2000"], "1500"),
            (&["1e80", "1e80"], "1e80"),
        ] {
            assert_eq!(of(values).mean(), mean, "{values:?}");
        }
    }

    #[test]
    fn sums_that_do_not_fit_are_near() {
        let mut all = of(&["999999999999999999", "0.00000000000000001"]);
        for _ in 0..100 {
            let again = all.clone();
            all.join(&again);
            all.count = 2;
        }
        assert!(matches!(all.sum, Sum::Near(_)));
    }

    proptest! {
        #[test]
        fn parts_together_are_the_whole(values in prop::collection::vec(-5000_i64..5000, 2..60), cut in 1_usize..59) {
            let values: Vec<Written> =
                values.iter().map(|n| if n % 3 == 0 { written(&n.to_string()) } else { written(&format!("{}.{}", n / 10, (n % 10).abs())) }).collect();
            let whole = Summary::of_all(&values).expect("some");
            let (left, right) = values.split_at(cut.min(values.len() - 1));
            let mut parts = Summary::of_all(left).expect("some");
            parts.join(&Summary::of_all(right).expect("some"));
            prop_assert_eq!(&parts, &whole);
            let mut out = Vec::new();
            whole.encode(&mut out);
            prop_assert_eq!(Summary::decode(&mut Bytes(&out), whole.count), Some(whole));
        }
    }
}
