//! The story of HbA1c.

use super::super::Message;
use super::super::units::{Conversion, Substance};
use super::Series;
use crate::model::{Comparator, Unit};

/// The story of HbA1c: what the newest value means as an average sugar, and in which range it lies.
///
/// A diagnosis needs two results and a doctor: the messages speak of ranges.
pub fn hba1c_story(series: &Series, red_cells_altered: bool) -> Vec<Message> {
    let Some(last) = series.points.last() else { return Vec::new() };
    // The bounds of the ranges are in per cent; a series that is in nothing of the kind has no story.
    let glycated = Substance { glycated: true, ..Substance::NONE };
    // From the number as it was written: 6.5 % on an axis of mmol/mol and back again need not be 6.5 %.
    let written_in = series.units.get(last.unit);
    let to_percent = "%".parse::<Unit>().ok().zip(written_in);
    let to_percent = to_percent.and_then(|(percent, from)| Conversion::between(from, &percent, &glycated).ok());
    let Some(percent) = to_percent.map(|conversion| conversion.apply(last.written)) else { return Vec::new() };
    let range = match last.comparator {
        None if percent < 5.7 => Some("hba1c-range-normal"),
        None if percent < 6.5 => Some("hba1c-range-prediabetes"),
        None => Some("hba1c-range-diabetes"),
        Some(Comparator::Less) => (percent <= 5.7).then_some("hba1c-range-normal"),
        Some(Comparator::AtMost) => (percent < 5.7).then_some("hba1c-range-normal"),
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
    use super::super::super::labs::by_key;
    use super::super::tests::{codes, entry, unit};
    use super::super::{Point, series};
    use super::*;

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
        assert_eq!(story("<=5.7", "%", "%"), [""; 0]);
        let odd = Series {
            unit: unit("g/dL"),
            units: vec![unit("g/dL")],
            points: vec![Point { entry: 0, at: 0, value: 9.0, written: 9.0, unit: 0, comparator: None }],
            asked: Vec::new(),
        };
        assert_eq!(hba1c_story(&odd, true), Vec::new());
    }

    #[test]
    fn a_value_at_a_bound_of_a_range_is_in_it_on_every_axis() {
        for (value, of, range) in [
            ("5.6", "%", "hba1c-range-normal"),
            ("5.7", "%", "hba1c-range-prediabetes"),
            ("6.4", "%", "hba1c-range-prediabetes"),
            ("6.5", "%", "hba1c-range-diabetes"),
            (">=6.5", "%", "hba1c-range-diabetes"),
            ("<5.7", "%", "hba1c-range-normal"),
            ("<=5.6", "%", "hba1c-range-normal"),
            ("38", "mmol/mol", "hba1c-range-normal"),
            ("39", "mmol/mol", "hba1c-range-prediabetes"),
            ("48", "mmol/mol", "hba1c-range-diabetes"),
        ] {
            for axis in ["%", "mmol/mol"] {
                let found = series(by_key("hba1c"), &[entry("2026-01-01", value, of)], &unit(axis));
                assert_eq!(codes(&hba1c_story(&found, false)).last(), Some(&range), "{value} {of} on {axis}");
            }
        }
    }

    #[test]
    fn hba1c_is_told_as_an_average_and_a_range() {
        let found = series(by_key("hba1c"), &[entry("2026-01-01", "48", "mmol/mol")], &unit("mmol/mol"));
        let story = hba1c_story(&found, true);
        assert_eq!(codes(&story), ["hba1c-unreliable", "hba1c-average", "hba1c-range-diabetes"]);
        assert!(story.iter().all(|message| message.source.is_some()));
    }
}
