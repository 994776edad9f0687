//! Where a value is expected: the bounds of a range, and the ranges that reports print in words.

use crate::model::{Range, Unit};

use super::super::units::{Conversion, Substance};

/// From, to, or one of them; open where the bound itself is outside (`< 200`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The lowest expected value.
    pub low: Option<f64>,
    /// The highest expected value.
    pub high: Option<f64>,
    /// Whether `low` itself is already too low.
    pub above: bool,
    /// Whether `high` itself is already too high.
    pub below: bool,
}

impl Bounds {
    /// From `low` to `high`, both expected.
    pub const fn closed(low: Option<f64>, high: Option<f64>) -> Self {
        Self { low, high, above: false, below: false }
    }

    /// The bounds of a record's range in `unit`; `None` where they cannot be read or brought into it.
    pub fn of(range: &Range, unit: &Unit, of: &Substance) -> Option<Self> {
        let bound = |quantity: Option<&crate::model::Quantity>| match quantity {
            None => Some(None),
            Some(quantity) => {
                let from: Unit = quantity.unit().parse().ok()?;
                // A report that prints `1` beside the bounds leaves their unit out.
                let conversion =
                    if from.as_str() == "1" { Conversion::SAME } else { Conversion::between(&from, unit, of).ok()? };
                Some(Some(conversion.apply(quantity.value().to_f64())))
            }
        };
        let (low, high) = (bound(range.low())?, bound(range.high())?);
        if low.is_some() || high.is_some() {
            return Some(Self::closed(low, high));
        }
        range.text().and_then(bounds_of_text)
    }

    /// Whether a value is below, inside (0) or above.
    pub fn side(&self, value: f64) -> i8 {
        // A conversion leaves the last bits uncertain; the bound itself counts as the bound.
        let same = |bound: f64| (value - bound).abs() <= 1e-9 * bound.abs();
        let low = self.low.is_some_and(|low| if same(low) { self.above } else { value < low });
        let high = self.high.is_some_and(|high| if same(high) { self.below } else { value > high });
        i8::from(high) - i8::from(low)
    }
}

/// The bounds in a printed range: `13.0 - 17.0`, `< 200`, `up to 40`, `>= 60`. Anything else is not guessed at.
pub fn bounds_of_text(text: &str) -> Option<Bounds> {
    let lower = text.trim().to_lowercase().replace(['–', '—', '−', '‐', '‑'], "-").replace(',', "");
    let (sign, rest) = [
        ("<=", Sign::AtMost),
        ("≤", Sign::AtMost),
        ("<", Sign::Below),
        (">=", Sign::AtLeast),
        ("≥", Sign::AtLeast),
        (">", Sign::Above),
        ("less than", Sign::Below),
        ("below", Sign::Below),
        ("up to", Sign::AtMost),
        ("upto", Sign::AtMost),
        ("more than", Sign::Above),
        ("above", Sign::Above),
    ]
    .into_iter()
    .find_map(|(word, sign)| lower.strip_prefix(word).map(|rest| (sign, rest)))
    .unwrap_or((Sign::Between, &lower));
    let rest = rest.trim().trim_start_matches(':').trim();
    let (first, rest) = number(rest)?;
    let rest = rest.trim_start();
    match sign {
        Sign::Between => {
            let rest = rest.strip_prefix('-').or_else(|| rest.strip_prefix("to "))?;
            let (second, rest) = number(rest.trim_start())?;
            (first <= second && is_unit(rest)).then_some(Bounds::closed(Some(first), Some(second)))
        }
        _ if !is_unit(rest) => None,
        Sign::Below => Some(Bounds { high: Some(first), below: true, ..Bounds::default() }),
        Sign::AtMost => Some(Bounds::closed(None, Some(first))),
        Sign::Above => Some(Bounds { low: Some(first), above: true, ..Bounds::default() }),
        Sign::AtLeast => Some(Bounds::closed(Some(first), None)),
    }
}

enum Sign {
    Between,
    Below,
    AtMost,
    Above,
    AtLeast,
}

fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    text[..end].parse().ok().map(|number| (number, &text[end..]))
}

/// What follows the numbers may only be a unit: further ranges for other people make the text ambiguous.
fn is_unit(rest: &str) -> bool {
    let rest = rest.trim();
    rest.is_empty() || (rest.parse::<Unit>().is_ok() && !rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_ranges_are_read() {
        let both = |low, high| Some(Bounds::closed(low, high));
        assert_eq!(bounds_of_text("13.0 - 17.0"), both(Some(13.0), Some(17.0)));
        assert_eq!(bounds_of_text("70–99 mg/dL"), both(Some(70.0), Some(99.0)));
        assert_eq!(bounds_of_text("4,000 to 11,000 /cumm"), both(Some(4000.0), Some(11000.0)));
        assert_eq!(bounds_of_text("Upto 40"), both(None, Some(40.0)));
        assert_eq!(bounds_of_text(">= 60"), both(Some(60.0), None));
        assert_eq!(bounds_of_text("< 200").map(|bounds| (bounds.side(199.9), bounds.side(200.0))), Some((0, 1)));
        assert_eq!(bounds_of_text("> 40").map(|bounds| (bounds.side(40.0), bounds.side(41.0))), Some((-1, 0)));
    }

    #[test]
    fn what_is_no_single_range_is_not_guessed_at() {
        for text in [
            "",
            "Negative",
            "17 - 13",
            "Male: 13-17 Female: 12-15",
            "13-17 (M) 12-15 (F)",
            "12",
            "normal",
            "< ",
            "5 - ",
            "1:40",
            "70-99 100-125",
            "adult 4-11",
        ] {
            assert_eq!(bounds_of_text(text), None, "{text}");
        }
    }
}
