//! What a person, or somebody who cares for them, should look at.
//!
//! Each function answers one question from records that the caller may read, as messages with their source. A reminder is
//! only given where a rule with a source exists and the record shows that it applies; nothing is inferred from silence.

mod attention;
mod conditions;
mod overdue;
mod visits;

use std::collections::BTreeMap;

use super::labs::Test;
use crate::time::{PartialDate, When};

pub use attention::{about_doses, about_late_doses, about_result, about_supply, about_vital_sign};
pub use conditions::alters_red_cells;
pub use overdue::{overdue_immunizations, overdue_tests, tests_of_rules, was_given};
pub use visits::{Figures, VisitSummary, figures, for_visit};

/// The newest result of each test, among results in any order.
pub fn newest_of_each<'a, T>(
    results: impl IntoIterator<Item = T>,
    of: impl Fn(&T) -> Option<(&'static Test, When)>,
) -> BTreeMap<&'a str, T>
where
    T: Ord,
{
    // Few tests and many results: a test of the catalogue is known by its place, without a look at its name.
    let mut newest: Vec<(&'static Test, When, T)> = Vec::new();
    for result in results {
        let Some((test, when)) = of(&result) else { continue };
        match newest.iter_mut().find(|(known, ..)| std::ptr::eq(*known, test)) {
            Some((_, known, kept)) if (known.first(), &*kept) < (when.first(), &result) => {
                (*known, *kept) = (when, result);
            }
            Some(_) => {}
            None => newest.push((test, when, result)),
        }
    }
    newest.into_iter().map(|(test, _, result)| (test.key.as_str(), result)).collect()
}

/// Age in years at a time, from a birth date known to the day, month or year; whole years are those of the calendar.
pub fn age_years(born: PartialDate, when: When) -> f64 {
    const DAYS_OF_YEAR: f64 = 365.25;
    let (first, at) = (born.first(), when.first());
    let days = (at.millis() - first.millis()).div_euclid(86_400_000);
    let (born, today) = (first.date(), at.date());
    let before = (today.month(), today.day_of_month()) < (born.month(), born.day_of_month());
    let whole = f64::from(i32::from(today.year()) - i32::from(born.year()) - i32::from(before));
    // Leap years move a birthday by a day against the mean year.
    (f64::from(i32::try_from(days).unwrap_or(0)) / DAYS_OF_YEAR).clamp(whole, whole + 0.999)
}

/// The same as far as it is sure: of somebody who, by a birth date or a time known to the month or year, may be of age or
/// not, nothing; of a child the highest age it may be, of an adult the lowest.
pub fn sure_age_years(born: PartialDate, when: When) -> Option<f64> {
    const OF_AGE: f64 = 18.0;
    let at_most = age_years(born, When::Instant(when.end().plus_millis(-1)));
    if at_most < OF_AGE {
        return Some(at_most);
    }
    Some(least_age_years(born, when)).filter(|at_least| *at_least >= OF_AGE)
}

/// The lowest age somebody may have by a birth date known to the day, month or year.
pub fn least_age_years(born: PartialDate, when: When) -> f64 {
    age_years(born.end().plus_millis(-1).date(), when)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_of_age_or_not_has_no_sure_age() {
        let age = |born: &str, at: &str| sure_age_years(born.parse().expect("a day"), at.parse().expect("a day"));
        assert_eq!(age("2008", "2026-06-01"), None);
        assert_eq!(age("2008-06", "2026-06-15"), None);
        for (born, at, of_age) in [
            ("2008", "2026-12-31", true),
            ("2008", "2025-12-31", false),
            ("2008-06", "2026-07-01", true),
            ("2008-06-01", "2026-06-01", true),
            ("2008-06-02", "2026-06-01", false),
            ("1950", "2026-06-01", true),
        ] {
            assert_eq!(age(born, at).map(|age| age >= 18.0), Some(of_age), "{born} at {at}");
        }
        // A result of some day of the year in which somebody comes of age.
        assert_eq!(age("2008-06-01", "2026"), None);
        assert_eq!(age("2008-06-01", "2026-06"), Some(18.0));
    }

    #[test]
    fn a_child_whose_birthday_nobody_knows_has_two_ages() {
        let (born, at) = ("2011".parse().expect("a year"), "2026-07-01".parse().expect("a day"));
        let (most, least) = (sure_age_years(born, at).expect("a child"), least_age_years(born, at));
        assert!((15.4..15.6).contains(&most) && (14.4..14.6).contains(&least), "{least} to {most}");
        let (born, at) = ("2011-02-28".parse().expect("a day"), "2026-07-01T10:00:00Z".parse().expect("a moment"));
        let same = sure_age_years(born, at).expect("a child") - least_age_years(born, at);
        assert!(same.abs() < 1e-9, "{same}");
    }

    #[test]
    fn whole_years_are_full_on_the_birthday() {
        let age = |born: &str, at: &str| age_years(born.parse().expect("a day"), at.parse().expect("a day"));
        for (born, birthday, eve) in [
            ("2008-03-01", "2026-03-01", "2026-02-28"),
            ("2008-02-01", "2026-02-01", "2026-01-31"),
            ("2008-02-29", "2026-03-01", "2026-02-28"),
        ] {
            assert!(age(born, birthday) >= 18.0 && age(born, birthday) < 18.01, "{born}");
            assert!(age(born, eve) < 18.0 && age(born, eve) > 17.99, "{born}");
        }
        assert!((age("2008-03-01", "2026-09-01") - 18.5).abs() < 0.01);
        assert!(age("2026-03-01", "2026-02-01") < 0.0);
    }
}
