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
    let mut newest: BTreeMap<&str, (When, T)> = BTreeMap::new();
    for result in results {
        let Some((test, when)) = of(&result) else { continue };
        match newest.get_mut(test.key.as_str()) {
            Some((known, kept)) if (known.first(), &*kept) < (when.first(), &result) => {
                (*known, *kept) = (when, result);
            }
            Some(_) => {}
            None => _ = newest.insert(&test.key, (when, result)),
        }
    }
    newest.into_iter().map(|(key, (_, result))| (key, result)).collect()
}

/// Age in years at a time, from a birth date known to the day, month or year.
pub fn age_years(born: PartialDate, when: When) -> f64 {
    const DAYS_OF_YEAR: f64 = 365.25;
    let days = (when.first().millis() - born.first().millis()) / 86_400_000;
    f64::from(i32::try_from(days).unwrap_or(0)) / DAYS_OF_YEAR
}
