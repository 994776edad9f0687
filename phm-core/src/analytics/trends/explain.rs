//! What there is to say about a series.

use std::cmp::Ordering;

use super::super::Message;
use super::super::units::significant;
use super::{Direction, Point, Series, Statistics};
use crate::model::Comparator;

/// What there is to say about a series, in messages.
pub fn explain(series: &Series, statistics: Option<&Statistics>) -> Vec<Message> {
    let unit = series.unit.as_str();
    let shown = |value: f64| significant(value, 3);
    let with = |point: &Point, digits: usize| {
        format!("{}{}", point.comparator.map_or("", Comparator::word), significant(point.value, digits))
    };
    let mut messages = Vec::new();
    match series.points.as_slice() {
        [] => messages.push(Message::new("trend-no-values")),
        [only] => messages.push(Message::new("trend-one-value").text("value", with(only, 3)).text("unit", unit)),
        [.., before, last] => {
            let code = match last.compare(before) {
                Some(Ordering::Less) => "trend-now-lower",
                Some(Ordering::Equal) => "trend-now-same",
                Some(Ordering::Greater) => "trend-now-higher",
                None => "trend-now-unclear",
            };
            // "140, higher than 140" tells nobody anything.
            let apart = (3..=9).find(|digits| with(last, *digits) != with(before, *digits));
            let digits = apart.filter(|_| code != "trend-now-same").unwrap_or(3);
            let message = Message::new(code).text("value", with(last, digits)).text("before", with(before, digits));
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
            let message = Message::new("trend-in-range").count("inside", inside).count("values", statistics.count);
            messages.push(Message { source: statistics.source, ..message });
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

#[cfg(test)]
mod tests {
    use super::super::super::labs::by_key;
    use super::super::tests::{codes, entry, unit};
    use super::super::{Entry, series, statistics_of};
    use super::*;

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
    fn two_values_are_told_apart_where_they_are_apart() {
        let said = |before: (&str, &str), last: (&str, &str)| {
            let entries = [entry("2026-01-01", before.0, before.1), entry("2026-02-01", last.0, last.1)];
            let found = series(by_key("glucose"), &entries, &unit("mg/dL"));
            let message = explain(&found, statistics_of(&found, None).as_ref()).remove(0);
            let text = |name: &str| match &message.args[name] {
                crate::analytics::Argument::Text(text) => text.clone(),
                crate::analytics::Argument::Count(_) => String::new(),
            };
            (message.code, text("before"), text("value"))
        };
        let texts = |before: &str, last: &str| (before.to_owned(), last.to_owned());
        let (code, before, last) = said(("140", "mg/dL"), ("140.4", "mg/dL"));
        assert_eq!((code, (before, last)), ("trend-now-higher", texts("140.0", "140.4")));
        let (code, before, last) = said(("140", "mg/dL"), ("1.4", "g/L"));
        assert_eq!((code, (before, last)), ("trend-now-same", texts("140", "140")));
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
}
