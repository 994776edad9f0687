//! What the values of a series come to: how many, how large, which way they go.

use serde::Serialize;

use super::super::count;
use super::super::labs::Bounds;
use super::{Expected, Series};

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
    /// Who says where values are expected, where it is not the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
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
        let (x, y) = (milliseconds(at.saturating_sub(origin)) / YEAR, value - level);
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
        source: None,
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
pub fn statistics_of(series: &Series, expected: Option<&Expected>) -> Option<Statistics> {
    let exact = || series.points.iter().filter(|point| point.comparator.is_none());
    let times: Vec<i64> = exact().map(|point| point.at).collect();
    let values: Vec<f64> = exact().map(|point| point.value).collect();
    let found = statistics(&times, &values, None)?;
    let inside = expected.map(|expected| expected.inside(series));
    Some(Statistics { inside, source: expected.and_then(Expected::source), ..found })
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn times_that_nobody_lived_in_are_no_crash() {
        // Whoever calls says the times: a plugin too.
        let found = statistics(&[i64::MIN, 0, i64::MAX], &[1.0, 2.0, 3.0], None).expect("values");
        assert!(found.count == 3 && found.per_year.is_finite(), "{found:?}");
        let back = statistics(&[i64::MAX, i64::MIN], &[1.0, 2.0], None).expect("values");
        assert_eq!(back.count, 2);
    }
}
