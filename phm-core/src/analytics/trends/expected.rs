//! Where the values of a series are expected.

use super::super::labs::{Bounds, Test, Who};
use super::super::units::Conversion;
use super::{Point, Series};
use crate::model::Unit;

/// Where the values of a series are expected.
///
/// Guidelines round their bounds in each unit for itself: 140 mg/dL of glucose are given as 7.8 mmol/L, which are
/// 140.5 mg/dL. So a value is held against the bounds of the unit it was written in, whatever the axis it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// On the axis of the series.
    axis: Bounds,
    /// The usual ones of a test, with the person it is for.
    usual: Option<(&'static Test, Who)>,
}

impl From<Bounds> for Expected {
    /// The same bounds for every value, on the axis of the series.
    fn from(axis: Bounds) -> Self {
        Self { axis, usual: None }
    }
}

impl Expected {
    /// Where the catalogue expects the values of a test, for a series in the unit `axis`.
    pub fn usual(test: &'static Test, who: Who, axis: &Unit) -> Option<Self> {
        let to_axis = Conversion::between(test.unit.as_ref()?, axis, &test.substance()).ok()?;
        // Where some values are left open, how many are inside is not known.
        let range = test.usual_range(who).filter(|range| range.surely_high.is_none())?;
        let axis = range.bounds().brought(to_axis)?;
        Some(Self { axis, usual: Some((test, who)) })
    }

    /// Who says so, where it is not the report.
    pub(super) fn source(&self) -> Option<&'static str> {
        let (test, who) = self.usual?;
        test.usual_range(who).map(|range| range.source.as_str())
    }

    /// How many points of a series without a comparator lie inside.
    pub(super) fn inside(&self, series: &Series) -> usize {
        let own: Vec<Option<Bounds>> = series.units.iter().map(|unit| self.written_in(unit)).collect();
        let is_inside = |point: &&Point| match own.get(point.unit).copied().flatten() {
            Some(bounds) => bounds.side(point.written) == 0,
            None => self.axis.side(point.value) == 0,
        };
        series.points.iter().filter(|point| point.comparator.is_none()).filter(is_inside).count()
    }

    /// The bounds that the source gives in a unit itself.
    fn written_in(&self, unit: &Unit) -> Option<Bounds> {
        let (test, who) = self.usual?;
        let range = test.usual_range(who)?;
        range.also_in(unit).or_else(|| (test.unit.as_ref() == Some(unit)).then(|| range.bounds()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::labs::by_key;
    use super::super::tests::{entry, unit};
    use super::super::{Entry, explain, series, statistics_of};
    use super::*;

    const ADULT: Who = Who { sex: Some("female"), age_years: Some(50.0), youngest_years: None };

    fn inside(test: &str, entries: &[Entry<'_>], axis: &str) -> Option<usize> {
        let (test, axis) = (by_key(test).expect("in the catalogue"), unit(axis));
        let expected = Expected::usual(test, ADULT, &axis);
        statistics_of(&series(Some(test), entries, &axis), expected.as_ref()).and_then(|found| found.inside)
    }

    /// ADA, Standards of Care in Diabetes 2025, section 2: 140 mg/dL (7.8 mmol/L), 100 mg/dL (5.6 mmol/L).
    #[test]
    fn a_value_at_a_bound_is_at_it_on_every_axis() {
        for axis in ["mg/dL", "mmol/L", "g/L"] {
            for (test, value, of, count) in [
                ("glucose-after-meal", "7.8", "mmol/L", 0),
                ("glucose-after-meal", "7.7", "mmol/L", 1),
                ("glucose-after-meal", "140", "mg/dL", 0),
                ("glucose-after-meal", "139", "mg/dL", 1),
                ("glucose-after-meal", "1.4", "g/L", 0),
                ("glucose-fasting", "100", "mg/dL", 0),
                ("glucose-fasting", "99", "mg/dL", 1),
                ("glucose-fasting", "5.6", "mmol/L", 0),
                ("glucose-fasting", "5.5", "mmol/L", 1),
            ] {
                assert_eq!(
                    inside(test, &[entry("2026-01-01", value, of)], axis),
                    Some(count),
                    "{value} {of} on {axis}"
                );
            }
        }
        let both = [entry("2026-01-01", "7.8", "mmol/L"), entry("2026-01-02", "139", "mg/dL")];
        assert_eq!(inside("glucose-after-meal", &both, "mg/dL"), Some(1));
        let signed = [entry("2026-01-01", "<7", "mmol/L")];
        assert_eq!(inside("glucose-after-meal", &signed, "mg/dL"), None, "no value to count");
    }

    #[test]
    fn sugars_of_which_nobody_said_when_they_were_taken_are_in_no_range() {
        let glucose = by_key("glucose").expect("in the catalogue");
        assert!(Expected::usual(glucose, ADULT, &unit("mg/dL")).is_none());
    }

    #[test]
    fn who_says_where_values_are_expected_is_said() {
        let test = by_key("hba1c").expect("in the catalogue");
        let found = series(Some(test), &[entry("2026-01-01", "5", "%"), entry("2026-02-01", "6", "%")], &unit("%"));
        let of = |expected: Option<&Expected>| {
            let statistics = statistics_of(&found, expected);
            let said = explain(&found, statistics.as_ref());
            let message = said.into_iter().find(|message| message.code == "trend-in-range");
            message.map(|message| message.source)
        };
        let usual = Expected::usual(test, ADULT, &unit("%"));
        assert!(of(usual.as_ref()).flatten().is_some_and(|source| source.contains("American Diabetes Association")));
        // The range of a report stands on the report.
        assert_eq!(of(Some(&Expected::from(Bounds::closed(None, Some(6.0))))), Some(None));
        assert_eq!(of(None), None);
    }

    #[test]
    fn bounds_of_a_report_are_those_of_the_axis() {
        let found = series(by_key("glucose"), &[entry("2026-01-01", "11.1", "mmol/L")], &unit("mmol/L"));
        let inside = |high| {
            let expected = Expected::from(Bounds::closed(None, Some(high)));
            statistics_of(&found, Some(&expected)).and_then(|found| found.inside)
        };
        assert_eq!((inside(11.1), inside(11.0)), (Some(1), Some(0)));
    }
}
