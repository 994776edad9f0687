//! How the values of one test change over time.
//!
//! Values in different units and from different laboratories come onto one axis; those that have to be asked about are
//! named and left out. The order in which values are given does not matter. A direction is only stated where the values
//! carry it: an ordinary least-squares slope whose 95 % interval lies on one side of zero. One value is no trend.

use std::cmp::Ordering;

use serde::Serialize;

use super::labs::{Bounds, Question, Test, is_plausible};
use super::units::{Conversion, Refused, Substance, significant};
use super::{Message, count};
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
    /// On which side of it the true value lies.
    pub comparator: Option<Comparator>,
}

impl Point {
    /// Which of two values is larger; `None` where their comparators leave it open.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        // From where to where the true value may lie.
        let span = |point: &Self| match point.comparator {
            None => (point.value, point.value),
            Some(Comparator::Less | Comparator::AtMost) => (f64::NEG_INFINITY, point.value),
            Some(Comparator::More | Comparator::AtLeast) => (point.value, f64::INFINITY),
        };
        let ((low, high), (other_low, other_high)) = (span(self), span(other));
        if self.comparator.is_none() && other.comparator.is_none() {
            return Some(self.value.total_cmp(&other.value));
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
    /// The values.
    pub points: Vec<Point>,
    /// Entries that have to be asked about.
    pub asked: Vec<(usize, Question)>,
}

/// The series of entries in `unit`; plausible values are those of the test.
pub fn series(test: Option<&Test>, entries: &[Entry<'_>], unit: &Unit) -> Series {
    let substance = test.map_or(Substance::NONE, Test::substance);
    // What is plausible, on this axis.
    let plausible = test.and_then(|test| {
        let conversion = Conversion::between(test.unit.as_ref()?, unit, &substance).ok()?;
        test.plausible.map(|(low, high)| (conversion.apply(low), conversion.apply(high)))
    });
    let mut units: Vec<(&str, Result<Conversion, Refused>)> = Vec::new();
    let mut points = Vec::with_capacity(entries.len());
    let mut asked = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let known = units.iter().find(|(known, _)| *known == entry.unit).map(|(_, conversion)| *conversion);
        let conversion = known.unwrap_or_else(|| {
            let from = entry.unit.parse::<Unit>().map_err(|_| Refused::UnknownUnit);
            let conversion = from.and_then(|from| Conversion::between(&from, unit, &substance));
            units.push((entry.unit, conversion));
            conversion
        });
        let ask = |code| (index, Question { code, plausible_in: Vec::new() });
        let (comparator, number) = signed(entry.value);
        match (conversion, number) {
            (Err(refused), _) => asked.push(ask(refused.code())),
            (_, None) => asked.push(ask("not-a-number")),
            (Ok(conversion), Some(number)) => {
                let value = conversion.apply(number);
                if !value.is_finite() {
                    asked.push(ask(Refused::OutOfRange.code()));
                    continue;
                }
                if plausible.is_none_or(|bounds| is_plausible(value, comparator, bounds)) {
                    points.push(Point { entry: index, at: entry.when.first().millis(), value, comparator });
                } else {
                    asked.push(ask("implausible-value"));
                }
            }
        }
    }
    points.sort_by(|a, b| a.at.cmp(&b.at).then(a.value.total_cmp(&b.value)));
    Series { unit: unit.clone(), points, asked }
}

fn signed(text: &str) -> (Option<Comparator>, Option<f64>) {
    let signs =
        [("<=", Comparator::AtMost), (">=", Comparator::AtLeast), ("<", Comparator::Less), (">", Comparator::More)];
    let found = signs.into_iter().find_map(|(sign, comparator)| Some((comparator, text.strip_prefix(sign)?)));
    let (comparator, number) = found.map_or((None, text), |(comparator, rest)| (Some(comparator), rest));
    (comparator, number.trim().parse().ok().filter(|number: &f64| number.is_finite()))
}

/// Which way values go.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// They rise; the 95 % interval of the slope lies above zero.
    Rising,
    /// They fall; the 95 % interval of the slope lies below zero.
    Falling,
    /// Neither can be said.
    Unclear,
    /// Fewer than three values, or all at one moment.
    TooFew,
}

/// What columns of times and values come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// How many values.
    pub count: usize,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation; zero for one value.
    pub deviation: f64,
    /// Change in a year of 365.25 days, by least squares.
    pub per_year: f64,
    /// Half the width of its 95 % interval.
    pub per_year_margin: f64,
    /// Which way they go.
    pub direction: Direction,
    /// How many lie inside the bounds; none without bounds.
    pub inside: Option<usize>,
}

const YEAR: f64 = 365.25 * 86_400_000.0;

/// The statistics of two columns, in one pass over them; `None` without values.
///
/// Values that are not finite are not counted. `times` are milliseconds since 1970.
pub fn statistics(times: &[i64], values: &[f64], bounds: Option<&Bounds>) -> Option<Statistics> {
    let (origin, level) = (*times.first()?, values.iter().copied().find(|value| value.is_finite())?);
    let (mut n, mut inside) = (0_usize, 0_usize);
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut sx, mut sy, mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, value) in times.iter().zip(values) {
        if !value.is_finite() {
            continue;
        }
        let (x, y) = (milliseconds(at - origin) / YEAR, value - level);
        n += 1;
        least = least.min(*value);
        most = most.max(*value);
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
        inside += usize::from(bounds.is_some_and(|bounds| bounds.side(*value) == 0));
    }
    let many = count(n);
    let (cxx, cxy, cyy) = (sxx - sx * sx / many, sxy - sx * sy / many, (syy - sy * sy / many).max(0.0));
    let slope = if n > 2 && cxx > 1e-18 { cxy / cxx } else { 0.0 };
    let (direction, margin) = if n > 2 && cxx > 1e-18 {
        let rest = (cyy - slope * cxy).max(0.0);
        // What is left by rounding alone is nothing.
        let rest = if rest <= 1e-12 * cyy { 0.0 } else { rest };
        let margin = student(n - 2) * (rest / (many - 2.0) / cxx).sqrt();
        let direction = if slope > margin {
            Direction::Rising
        } else if slope < -margin {
            Direction::Falling
        } else {
            Direction::Unclear
        };
        (direction, margin)
    } else {
        (Direction::TooFew, 0.0)
    };
    Some(Statistics {
        count: n,
        least,
        most,
        mean: level + sy / many,
        deviation: if n > 1 { (cyy / (many - 1.0)).sqrt() } else { 0.0 },
        per_year: slope,
        per_year_margin: margin,
        direction,
        inside: bounds.map(|_| inside),
    })
}

/// Milliseconds as a number to calculate with: exact up to 285,000 years.
#[allow(clippy::cast_precision_loss)]
fn milliseconds(span: i64) -> f64 {
    span as f64
}

/// The 97.5 % quantile of Student's t, by degrees of freedom; between rows the wider one.
fn student(degrees: usize) -> f64 {
    const ROWS: [(usize, f64); 16] = [
        (1, 12.706),
        (2, 4.303),
        (3, 3.182),
        (4, 2.776),
        (5, 2.571),
        (6, 2.447),
        (7, 2.365),
        (8, 2.306),
        (9, 2.262),
        (10, 2.228),
        (15, 2.131),
        (20, 2.086),
        (30, 2.042),
        (60, 2.000),
        (120, 1.980),
        (1000, 1.962),
    ];
    ROWS.iter().rev().find(|(row, _)| degrees >= *row).map_or(12.706, |(_, quantile)| *quantile)
}

/// The statistics of a series. Values with a comparator are not in them: `< 3` may be anything below three.
pub fn statistics_of(series: &Series, bounds: Option<&Bounds>) -> Option<Statistics> {
    let exact = || series.points.iter().filter(|point| point.comparator.is_none());
    let times: Vec<i64> = exact().map(|point| point.at).collect();
    let values: Vec<f64> = exact().map(|point| point.value).collect();
    statistics(&times, &values, bounds)
}

/// What there is to say about a series, in messages.
pub fn explain(series: &Series, statistics: Option<&Statistics>) -> Vec<Message> {
    let unit = series.unit.as_str();
    let shown = |value: f64| significant(value, 3);
    let written = |point: &Point| format!("{}{}", point.comparator.map_or("", Comparator::word), shown(point.value));
    let mut messages = Vec::new();
    match series.points.as_slice() {
        [] => messages.push(Message::new("trend-no-values")),
        [only] => messages.push(Message::new("trend-one-value").text("value", written(only)).text("unit", unit)),
        [.., before, last] => {
            let code = match last.compare(before) {
                Some(Ordering::Less) => "trend-now-lower",
                Some(Ordering::Equal) => "trend-now-same",
                Some(Ordering::Greater) => "trend-now-higher",
                None => "trend-now-unclear",
            };
            let message = Message::new(code).text("value", written(last)).text("before", written(before));
            messages.push(message.text("unit", unit));
        }
    }
    if let Some(statistics) = statistics.filter(|statistics| statistics.count > 1) {
        let (code, numbers) = match statistics.direction {
            Direction::Rising => ("trend-rising", true),
            Direction::Falling => ("trend-falling", true),
            Direction::Unclear => ("trend-unclear", false),
            Direction::TooFew => ("trend-too-few", false),
        };
        let message = Message::new(code).count("values", statistics.count);
        messages.push(if numbers {
            let message = message.text("per_year", shown(statistics.per_year.abs())).text("unit", unit);
            message.text("margin", shown(statistics.per_year_margin))
        } else {
            message
        });
        if let Some(inside) = statistics.inside {
            messages.push(Message::new("trend-in-range").count("inside", inside).count("values", statistics.count));
        }
    }
    let inexact = series.points.iter().filter(|point| point.comparator.is_some()).count();
    if inexact > 0 && series.points.len() > 1 {
        messages.push(Message::new("trend-not-exact").count("values", inexact));
    }
    if !series.asked.is_empty() {
        messages.push(Message::new("trend-asked").count("values", series.asked.len()));
    }
    messages
}

/// The story of HbA1c: what the newest value means as an average sugar, and in which range it lies.
///
/// A diagnosis needs two results and a doctor: the messages speak of ranges.
pub fn hba1c_story(series: &Series, red_cells_altered: bool) -> Vec<Message> {
    let Some(last) = series.points.last() else { return Vec::new() };
    // The bounds of the ranges are in per cent; a series that is in nothing of the kind has no story.
    let glycated = Substance { glycated: true, ..Substance::NONE };
    let to_percent = "%".parse().ok().and_then(|percent| Conversion::between(&series.unit, &percent, &glycated).ok());
    let Some(percent) = to_percent.map(|conversion| conversion.apply(last.value)) else { return Vec::new() };
    let range = match last.comparator {
        None if percent < 5.7 => Some("hba1c-range-normal"),
        None if percent < 6.5 => Some("hba1c-range-prediabetes"),
        None => Some("hba1c-range-diabetes"),
        Some(Comparator::Less | Comparator::AtMost) => (percent <= 5.6).then_some("hba1c-range-normal"),
        Some(Comparator::More | Comparator::AtLeast) => (percent >= 6.5).then_some("hba1c-range-diabetes"),
    };
    let mut messages = Vec::new();
    if red_cells_altered {
        messages.push(Message::new("hba1c-unreliable").source("ADA, Standards of Care in Diabetes 2025, section 2"));
    }
    if last.comparator.is_none() {
        let (mg, mmol) = (28.7_f64.mul_add(percent, -46.7), 1.59_f64.mul_add(percent, -2.59));
        messages.push(
            Message::new("hba1c-average")
                .text("hba1c", format!("{percent:.1}"))
                .text("mg", format!("{mg:.0}"))
                .text("mmol", format!("{mmol:.1}"))
                .source("Nathan et al., Diabetes Care 2008;31:1473"),
        );
    }
    messages.extend(range.map(|code| Message::new(code).source("ADA, Standards of Care in Diabetes 2025, section 2")));
    messages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::labs::by_key;
    use super::*;

    fn entry<'a>(day: &str, value: &'a str, unit: &'a str) -> Entry<'a> {
        Entry { value, unit, when: day.parse().expect("a day") }
    }

    fn unit(text: &str) -> Unit {
        text.parse().expect("a unit")
    }

    fn codes(messages: &[Message]) -> Vec<&'static str> {
        messages.iter().map(|message| message.code).collect()
    }

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
    fn a_comparator_is_in_the_words_and_not_in_the_slope() {
        let said = |before: &str, last: &str| {
            let entries = [entry("2026-01-01", before, "mg/L"), entry("2026-02-01", last, "mg/L")];
            let found = series(None, &entries, &unit("mg/L"));
            let said = explain(&found, statistics_of(&found, None).as_ref());
            (said[0].code, said[0].args["value"].clone())
        };
        let text = |text: &str| crate::analytics::Argument::Text(text.to_owned());
        assert_eq!(said("5", "<3"), ("trend-now-lower", text("<3.00")));
        assert_eq!(said("<5", "<3").0, "trend-now-unclear");
        assert_eq!(said("2", "<3").0, "trend-now-unclear");
        assert_eq!(said("3", "<3").0, "trend-now-lower");
        assert_eq!(said("3", "<=3").0, "trend-now-unclear");
        assert_eq!(said("<3", "7").0, "trend-now-higher");
        assert_eq!(said("7", ">9").0, "trend-now-higher");
        assert_eq!(said("12", ">9").0, "trend-now-unclear");
        let entries = [("2026-01-01", "9"), ("2026-02-01", "8"), ("2026-03-01", "7"), ("2026-04-01", "<100")]
            .map(|(day, value)| entry(day, value, "mg/L"));
        let found = series(None, &entries, &unit("mg/L"));
        let statistics = statistics_of(&found, None).expect("values");
        assert_eq!((statistics.count, statistics.direction), (3, Direction::Falling));
        assert!(codes(&explain(&found, Some(&statistics))).contains(&"trend-not-exact"));
    }

    #[test]
    fn the_story_of_hba1c_is_told_in_per_cent_or_not_at_all() {
        let story = |value: &str, of: &str, on: &str| {
            let entries = [entry("2026-01-01", value, of)];
            codes(&hba1c_story(&series(by_key("hba1c"), &entries, &unit(on)), false))
        };
        for (value, of, on) in [
            ("53", "mmol/mol", "mmol/mol"),
            ("53", "mmol/mol", "%"),
            ("7.0", "%{Hb}", "%{Hb}"),
            ("53", "mmol/mol", "mmol/mol{Hb}"),
        ] {
            assert_eq!(story(value, of, on), ["hba1c-average", "hba1c-range-diabetes"], "{on}");
        }
        assert_eq!(story(">14", "%", "%"), ["hba1c-range-diabetes"]);
        assert_eq!(story("<4", "%", "%"), ["hba1c-range-normal"]);
        assert_eq!(story("<6", "%", "%"), [""; 0]);
        let odd = Series {
            unit: unit("g/dL"),
            points: vec![Point { entry: 0, at: 0, value: 9.0, comparator: None }],
            asked: Vec::new(),
        };
        assert_eq!(hba1c_story(&odd, true), Vec::new());
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
    fn one_value_is_no_trend_and_three_in_a_line_are_one() {
        let test = by_key("hba1c");
        let of = |entries: &[Entry<'_>]| {
            let found = series(test, entries, &unit("%"));
            codes(&explain(&found, statistics_of(&found, None).as_ref()))
        };
        let all = [entry("2026-01-01", "6.5", "%"), entry("2026-04-01", "7.0", "%"), entry("2026-07-02", "7.5", "%")];
        assert_eq!(of(&[]), ["trend-no-values"]);
        assert_eq!(of(&all[..1]), ["trend-one-value"]);
        assert_eq!(of(&all[..2]), ["trend-now-higher", "trend-too-few"]);
        assert_eq!(of(&all), ["trend-now-higher", "trend-rising"]);
        let noisy = [all[0], entry("2026-02-01", "8.9", "%"), entry("2026-04-01", "6.1", "%"), all[2]];
        assert_eq!(of(&noisy), ["trend-now-higher", "trend-unclear"]);
    }

    #[test]
    fn a_slope_is_that_of_least_squares() {
        let day = 86_400_000;
        let (times, values) = ([0, 100 * day, 200 * day, 300 * day], [1.0, 2.1, 2.9, 4.0]);
        let found = statistics(&times, &values, Some(&Bounds::closed(Some(2.0), Some(3.0)))).expect("values");
        // By hand: slope 0.0098 a day, residual sum of squares 0.018, standard error 0.000424, t(2) 4.303.
        assert!((found.per_year - 0.0098 * 365.25).abs() < 1e-9, "{found:?}");
        assert!((found.per_year_margin - 4.303 * (0.009_f64 / 50_000.0).sqrt() * 365.25).abs() < 1e-6, "{found:?}");
        assert_eq!((found.direction, found.inside), (Direction::Rising, Some(2)));
        assert!((found.mean - 2.5).abs() < 1e-12 && (found.deviation - 1.267_543_55).abs() < 1e-6);
        assert_eq!(statistics(&[], &[], None), None);
    }

    #[test]
    fn hba1c_is_told_as_an_average_and_a_range() {
        let found = series(by_key("hba1c"), &[entry("2026-01-01", "48", "mmol/mol")], &unit("mmol/mol"));
        let story = hba1c_story(&found, true);
        assert_eq!(codes(&story), ["hba1c-unreliable", "hba1c-average", "hba1c-range-diabetes"]);
        assert!(story.iter().all(|message| message.source.is_some()));
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
                let statistics = statistics_of(&found, Some(&Bounds::closed(Some(20.0), Some(60.0))));
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
