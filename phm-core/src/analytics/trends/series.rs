//! The values of one test on one axis.

use std::cmp::Ordering;

use super::super::labs::{Question, Test, is_plausible};
use super::super::units::{Conversion, Refused, Substance};
use crate::model::{Comparator, Unit};
use crate::time::When;

/// A value as a record has it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The number as it was written, with a comparator perhaps: `<0.1`.
    pub value: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// When it was measured.
    pub when: When,
}

/// A value on the axis of its series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its place in the list that was given.
    pub entry: usize,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The value in the unit of the series, unrounded.
    pub value: f64,
    /// The number as it was written.
    pub written: f64,
    /// In which unit it was written, by its place in [`Series::units`].
    pub unit: usize,
    /// On which side of it the true value lies.
    pub comparator: Option<Comparator>,
}

impl Point {
    /// Which of two values is larger; `None` where their comparators leave it open.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        // From where to where the true value may lie.
        let span = |point: &Self| match point.comparator {
            None => (point.value, point.value),
            Some(Comparator::Less | Comparator::AtMost) => (f64::NEG_INFINITY, point.value),
            Some(Comparator::More | Comparator::AtLeast) => (point.value, f64::INFINITY),
        };
        let ((low, high), (other_low, other_high)) = (span(self), span(other));
        if self.comparator.is_none() && other.comparator.is_none() {
            // A conversion leaves the last bits uncertain: 1.4 g/L are 140 mg/dL.
            let same = (self.value - other.value).abs() <= 1e-9 * self.value.abs();
            return Some(if same { Ordering::Equal } else { self.value.total_cmp(&other.value) });
        }
        // Where the spans touch, only an end that is not part of its span keeps the values apart.
        let open = |point: &Self| matches!(point.comparator, Some(Comparator::Less | Comparator::More));
        let apart = |a: f64, b: f64| a < b || a <= b && (open(self) || open(other));
        if apart(high, other_low) {
            Some(Ordering::Less)
        } else if apart(other_high, low) {
            Some(Ordering::Greater)
        } else {
            None
        }
    }
}

/// The values of one test in one unit, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The unit of all values.
    pub unit: Unit,
    /// The units that values were written in.
    pub units: Vec<Unit>,
    /// The values.
    pub points: Vec<Point>,
    /// Entries that have to be asked about.
    pub asked: Vec<(usize, Question)>,
}

/// How a unit as written comes onto the axis: its place among the units of the series, and its size; or why it does not.
type OnAxis = Result<(usize, Conversion), Refused>;

/// The series of entries in `unit`; plausible values are those of the test.
pub fn series(test: Option<&Test>, entries: &[Entry<'_>], unit: &Unit) -> Series {
    let substance = test.map_or(Substance::NONE, Test::substance);
    // What is plausible, on this axis.
    let plausible = test.and_then(|test| {
        let conversion = Conversion::between(test.unit.as_ref()?, unit, &substance).ok()?;
        test.plausible.map(|(low, high)| (conversion.apply(low), conversion.apply(high)))
    });
    let mut written: Vec<(&str, OnAxis)> = Vec::new();
    let mut units = Vec::new();
    let mut points = Vec::with_capacity(entries.len());
    let mut asked = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let known = written.iter().find(|(known, _)| *known == entry.unit).map(|(_, conversion)| *conversion);
        let conversion = known.unwrap_or_else(|| {
            let from = entry.unit.parse::<Unit>().map_err(|_| Refused::UnknownUnit);
            let conversion = from.and_then(|from| {
                let conversion = Conversion::between(&from, unit, &substance)?;
                units.push(from);
                Ok((units.len() - 1, conversion))
            });
            written.push((entry.unit, conversion));
            conversion
        });
        let ask = |code| (index, Question { code, plausible_in: Vec::new() });
        let (comparator, number) = signed(entry.value);
        match (conversion, number) {
            (Err(refused), _) => asked.push(ask(refused.code())),
            (_, None) => asked.push(ask("not-a-number")),
            (Ok((place, conversion)), Some(number)) => {
                let value = conversion.apply(number);
                if !value.is_finite() {
                    asked.push(ask(Refused::OutOfRange.code()));
                    continue;
                }
                if plausible.is_none_or(|bounds| is_plausible(value, comparator, bounds)) {
                    let at = entry.when.first().millis();
                    points.push(Point { entry: index, at, value, written: number, unit: place, comparator });
                } else {
                    asked.push(ask("implausible-value"));
                }
            }
        }
    }
    // Values of one moment stand in one order too, whatever the order they were given in.
    let written = |point: &Point| (point.comparator.map(Comparator::word), units[point.unit].as_str());
    points.sort_by(|a, b| a.at.cmp(&b.at).then(a.value.total_cmp(&b.value)).then_with(|| written(a).cmp(&written(b))));
    Series { unit: unit.clone(), units, points, asked }
}

fn signed(text: &str) -> (Option<Comparator>, Option<f64>) {
    let signs =
        [("<=", Comparator::AtMost), (">=", Comparator::AtLeast), ("<", Comparator::Less), (">", Comparator::More)];
    let found = signs.into_iter().find_map(|(sign, comparator)| Some((comparator, text.strip_prefix(sign)?)));
    let (comparator, number) = found.map_or((None, text), |(comparator, rest)| (Some(comparator), rest));
    (comparator, number.trim().parse().ok().filter(|number: &f64| number.is_finite()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::labs::{Bounds, by_key};
    use super::super::tests::{entry, unit};
    use super::super::{Expected, statistics_of};
    use super::*;

    #[test]
    fn a_value_beyond_every_number_is_asked_about() {
        let entries = [
            entry("2026-01-01", ">1e99", "10*300"),
            entry("2026-02-01", "<1", "10*999"),
            entry("2026-03-01", "5", "1"),
        ];
        let found = series(None, &entries, &unit("1"));
        assert_eq!(found.points.len(), 1);
        assert!(found.asked.iter().all(|(_, question)| question.code == "out-of-range") && found.asked.len() == 2);
    }

    #[test]
    fn values_of_several_units_come_onto_one_axis() {
        let entries = [
            entry("2026-03-01", "53", "mmol/mol"),
            entry("2026-01-01", "6.5", "%"),
            entry("2026-05-01", "53", "%"),
            entry("2026-06-01", "7.4", "mg/dL"),
        ];
        let found = series(by_key("hba1c"), &entries, &unit("%"));
        let values: Vec<String> = found.points.iter().map(|point| format!("{:.2}", point.value)).collect();
        assert_eq!(values, ["6.50", "7.00"]);
        assert_eq!(found.points[1].entry, 0, "the original is one step away");
        let asked: Vec<_> = found.asked.iter().map(|(index, question)| (*index, question.code)).collect();
        assert_eq!(asked, [(2, "implausible-value"), (3, "wrong-unit")]);
    }

    #[test]
    fn values_of_one_moment_have_one_order() {
        let entries =
            [entry("2026-01-01", "5", "%"), entry("2026-01-01", "<5", "%"), entry("2026-01-01", ">5", "%{Hb}")];
        let words = |entries: &[Entry<'_>]| {
            let found = series(by_key("hba1c"), entries, &unit("%"));
            found.points.iter().map(|point| point.comparator.map(Comparator::word)).collect::<Vec<_>>()
        };
        assert_eq!(words(&entries), [None, Some("<"), Some(">")]);
        assert_eq!(words(&[entries[2], entries[1], entries[0]]), words(&entries));
    }

    proptest! {
        #[test]
        fn the_order_of_values_never_matters_and_a_removed_one_leaves_no_trace(
            values in prop::collection::vec((0_i64..2000, 30_u32..200), 1..40), extra in (0_i64..2000, 30_u32..200), place in 0_usize..40,
        ) {
            let written: Vec<(String, String)> = values.iter().map(|(day, value)| {
                let when = crate::time::Instant::from_millis(day * 86_400_000).to_string();
                (when, format!("{}.{}", value / 10, value % 10))
            }).collect();
            let of = |written: &[(String, String)]| {
                let entries: Vec<Entry<'_>> = written.iter().map(|(when, value)| entry(when, value, "%")).collect();
                let found = series(by_key("hba1c"), &entries, &unit("mmol/mol"));
                let expected = Expected::from(Bounds::closed(Some(20.0), Some(60.0)));
                let statistics = statistics_of(&found, Some(&expected));
                (found.points.iter().map(|point| (point.at, point.value.to_bits())).collect::<Vec<_>>(), statistics, found.asked.len())
            };
            let before = of(&written);
            let mut back = written.clone();
            back.reverse();
            prop_assert_eq!(&before, &of(&back));
            let mut with = written.clone();
            with.insert(place.min(written.len()), (crate::time::Instant::from_millis(extra.0).to_string(), extra.1.to_string()));
            with.remove(place.min(written.len()));
            prop_assert_eq!(before, of(&with));
        }
    }
}
