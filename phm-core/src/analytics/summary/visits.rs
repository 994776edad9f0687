//! What a visit needs to know, and figures about visits.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Message;
use crate::time::{Instant, When};

/// Figures about a person's visits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// Visits that have begun.
    pub total_visits: usize,
    /// When the last of them began.
    pub last_visit: Option<When>,
}

/// Figures about visits by `now`; what is still to come is no visit yet.
pub fn figures(visits: impl IntoIterator<Item = When>, now: Instant) -> Figures {
    let mut figures = Figures::default();
    for when in visits.into_iter().filter(|when| when.first() <= now) {
        figures.total_visits += 1;
        let later = figures.last_visit.is_none_or(|last| (last.first(), last.end()) < (when.first(), when.end()));
        if later {
            figures.last_visit = Some(when);
        }
    }
    figures
}

/// What a doctor should know at a visit, in the order a doctor asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VisitSummary {
    /// Since when things are new: the visit before.
    pub since: Option<When>,
    /// Conditions that are not over.
    pub conditions: Vec<String>,
    /// Allergies; none recorded is not the same as none.
    pub allergies: Vec<String>,
    /// Medicines in use.
    pub medications: Vec<String>,
    /// Records since the visit before, by kind.
    pub new_records: BTreeMap<String, usize>,
    /// What needs attention.
    pub attention: Vec<Message>,
}

/// The summary for a visit, from titles and days of records.
pub fn for_visit(
    since: Option<When>,
    conditions: &[&str],
    allergies: &[&str],
    medications: &[&str],
    records: &[(&str, When)],
    attention: Vec<Message>,
) -> VisitSummary {
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let mut new_records = BTreeMap::new();
    for (kind, _) in records.iter().filter(|(_, when)| since.is_some_and(|since| when.first() >= since.end())) {
        *new_records.entry((*kind).to_owned()).or_insert(0) += 1;
    }
    VisitSummary {
        since,
        conditions: sorted(conditions),
        allergies: sorted(allergies),
        medications: sorted(medications),
        new_records,
        attention,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_to_come_is_no_visit_yet() {
        let visits = ["2026-01-02", "2025-03-01T10:00:00Z", "2026-12-01"].map(|when| when.parse().expect("a day"));
        let now: Instant = "2026-06-01T00:00:00Z".parse().expect("a moment");
        let found = figures(visits, now);
        assert_eq!(
            (found.total_visits, found.last_visit.map(|when| when.to_string()).as_deref()),
            (2, Some("2026-01-02"))
        );
        assert_eq!(figures([], now), Figures::default());
    }

    #[test]
    fn a_visit_summary_counts_what_is_new() {
        let when = |text: &str| text.parse::<When>().expect("a day");
        let records =
            [("lab-result", when("2026-02-01")), ("lab-result", when("2026-01-01")), ("visit", when("2026-03-01"))];
        let found = for_visit(Some(when("2026-01-15")), &["B", "A", "A"], &[], &["Metformin"], &records, Vec::new());
        assert_eq!(found.conditions, ["A", "B"]);
        assert_eq!(found.new_records, BTreeMap::from([("lab-result".to_owned(), 1), ("visit".to_owned(), 1)]));
        assert!(for_visit(None, &[], &[], &[], &records, Vec::new()).new_records.is_empty());
    }
}
