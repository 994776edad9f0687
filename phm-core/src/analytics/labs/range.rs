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
        // Bounds in two units may be upside down: a record only compares those in one.
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return None;
        }
        if low.is_some() || high.is_some() {
            return Some(Self::closed(low, high));
        }
        let (bounds, printed) = read(range.text()?)?;
        match printed {
            None => Some(bounds),
            // `3.5 - 5.0 mg/dL` beside a value in mmol/L.
            Some(printed) => bounds.brought(Conversion::between(&printed, unit, of).ok()?),
        }
    }

    /// The same bounds in another unit.
    pub fn brought(self, conversion: Conversion) -> Option<Self> {
        let bound = |bound: Option<f64>| match bound {
            None => Some(None),
            Some(bound) => Some(conversion.apply(bound)).filter(|bound| bound.is_finite()).map(Some),
        };
        Some(Self { low: bound(self.low)?, high: bound(self.high)?, ..self })
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
///
/// The unit that may stand behind them is not looked at; [`Bounds::of`] does.
pub fn bounds_of_text(text: &str) -> Option<Bounds> {
    read(text).map(|(bounds, _)| bounds)
}

/// The bounds, and the unit that is printed behind them.
fn read(text: &str) -> Option<(Bounds, Option<Unit>)> {
    let plain = text.trim().replace(['–', '—', '−', '‐', '‑'], "-");
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
    .find_map(|(word, sign)| {
        let start = plain.get(..word.len())?;
        start.eq_ignore_ascii_case(word).then(|| (sign, &plain[word.len()..]))
    })
    .unwrap_or((Sign::Between, &plain));
    let rest = rest.trim().trim_start_matches(':').trim();
    let (first, rest) = number(rest)?;
    let rest = rest.trim_start();
    let (bounds, rest) = match sign {
        Sign::Between => {
            let to =
                rest.strip_prefix('-').or_else(|| rest.strip_prefix("to ")).or_else(|| rest.strip_prefix("TO "))?;
            let (second, rest) = number(to.trim_start())?;
            (first <= second).then_some((Bounds::closed(Some(first), Some(second)), rest))?
        }
        Sign::Below => (Bounds { high: Some(first), below: true, ..Bounds::default() }, rest),
        Sign::AtMost => (Bounds::closed(None, Some(first)), rest),
        Sign::Above => (Bounds { low: Some(first), above: true, ..Bounds::default() }, rest),
        Sign::AtLeast => (Bounds::closed(Some(first), None), rest),
    };
    // What follows the numbers may only be a unit: further ranges for other people make the text ambiguous.
    match rest.trim() {
        "" => Some((bounds, None)),
        rest if rest.starts_with(|letter: char| letter.is_ascii_digit()) => None,
        rest => Some((bounds, Some(Unit::as_written(rest).ok()?))),
    }
}

enum Sign {
    Between,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// A number and what follows it; commas only where they part thousands (`11,000`, `1,50,000`): `3,5` is not 35.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',')).unwrap_or(text.len());
    let (written, rest) = text.split_at(end);
    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let (first, others) = groups.split_first()?;
    if let Some((last, between)) = others.split_last() {
        let thousands = between.iter().all(|group| group.len() == 3) && first.len() <= 3;
        let lakhs = between.iter().all(|group| group.len() == 2) && first.len() <= 2;
        if last.len() != 3 || first.is_empty() || !(thousands || lakhs) || part.contains(',') {
            return None;
        }
    }
    let plain = written.replace(',', "");
    (!part.contains(',')).then(|| plain.parse().ok())?.map(|number| (number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Part as _;

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
    fn commas_part_thousands_and_nothing_else() {
        let high = |text: &str| bounds_of_text(text).and_then(|bounds| bounds.high);
        assert_eq!(high("1,50,000 - 4,50,000 /cumm"), Some(450_000.0));
        assert_eq!(high("150,000 - 1,450,000"), Some(1_450_000.0));
        assert_eq!(high("4,000 - 11,000.5"), Some(11_000.5));
        for text in
            ["3,5 - 5,0", "0,5 - 1,2 mg/dL", "< 5,0", "1,5000 - 2,0000", "3.5,0 - 4", ",500 - 600", "10,00,00 - 20"]
        {
            assert_eq!(bounds_of_text(text), None, "{text}");
        }
    }

    #[test]
    fn the_unit_of_a_printed_range_counts() {
        let of = |text: &str, unit: &str, mass: Option<f64>| {
            let range = serde_json::json!({"text": text});
            let range = Range::read(&range, &crate::model::At::ROOT, &mut crate::model::Report::default());
            let substance = Substance { molar_mass: mass, ..Substance::NONE };
            Bounds::of(&range.expect("a range"), &unit.parse().expect("a unit"), &substance)
        };
        let glucose = Some(180.156);
        let found = of("70 - 99 mg/dL", "mmol/L", glucose).expect("brought");
        assert!((found.low.expect("low") - 3.886).abs() < 0.001 && (found.high.expect("high") - 5.495).abs() < 0.001);
        assert_eq!(of("70 - 99 MG/DL", "mg/dL", None), Some(Bounds::closed(Some(70.0), Some(99.0))));
        assert_eq!(of("70 - 99", "mmol/L", glucose), Some(Bounds::closed(Some(70.0), Some(99.0))));
        assert_eq!(of("70 - 99 mg/dL", "mmol/L", None), None);
        assert_eq!(of("70 - 99 mm[Hg]", "mmol/L", glucose), None);
    }

    #[test]
    fn bounds_that_are_upside_down_are_none() {
        let of = |low: &str, high: &str| {
            let bound = |value: &str, unit: &str| serde_json::json!({"value": value, "unit": unit});
            let range = serde_json::json!({"low": bound(low, "mmol/L"), "high": bound(high, "mg/dL")});
            let range = Range::read(&range, &crate::model::At::ROOT, &mut crate::model::Report::default());
            let glucose = Substance { molar_mass: Some(180.156), ..Substance::NONE };
            Bounds::of(&range.expect("a range"), &"mg/dL".parse().expect("a unit"), &glucose)
        };
        assert_eq!(of("5.5", "70"), None);
        assert!(of("3.9", "99").is_some());
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
