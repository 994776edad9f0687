//! How much of what was due was taken.
//!
//! Two measures, each by its own definition. **Taken of due**: of the doses in a window whose time to be taken is over, the
//! share that the log says was taken; a skipped dose counts as not taken, a dose that may still be taken counts not at all.
//! **Days covered** (PDC): distinct days for which there was medicine, of the days in the period.

use serde::Serialize;

use super::super::schedule::{Scheduled, State};

/// Medicine for some days, got on a day of the period.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Fill {
    /// The day of the period, from 0.
    pub day: u32,
    /// For how many days it lasts.
    pub days: u32,
}

/// How many days of a period had medicine; what is got early is used when the earlier supply ends.
pub fn days_covered(period: u32, fills: &[Fill]) -> u32 {
    let mut fills = fills.to_vec();
    fills.sort_unstable();
    let (mut covered, mut until) = (0, 0);
    for fill in fills {
        let start = until.max(fill.day);
        until = start.saturating_add(fill.days);
        covered += until.min(period).saturating_sub(start.min(period));
    }
    covered
}

/// Taken of due.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Adherence {
    /// Doses whose time is over.
    pub due: usize,
    /// How many of them the log says were taken.
    pub taken: usize,
    /// The share in percent.
    pub percent: f64,
}

/// Taken of due among doses of a window; `None` where no dose's time is over.
pub fn taken_of_due(doses: &[Scheduled]) -> Option<Adherence> {
    let over = |dose: &&Scheduled| matches!(dose.state, State::Taken | State::Skipped | State::Missed);
    let due = doses.iter().filter(over).count();
    let taken = doses.iter().filter(|dose| dose.state == State::Taken).count();
    (due > 0).then(|| Adherence { due, taken, percent: 100.0 * super::super::count(taken) / super::super::count(due) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn early_refills_are_carried_forward() {
        let fills = [(0, 30), (28, 30), (70, 30)].map(|(day, days)| Fill { day, days });
        assert_eq!(days_covered(90, &fills), 80);
        assert_eq!(days_covered(90, &[]), 0);
        assert_eq!(days_covered(10, &[Fill { day: 20, days: 5 }]), 0);
    }

    proptest! {
        #[test]
        fn covered_days_are_days_of_the_period_in_any_order(
            period in 1_u32..400,
            mut fills in prop::collection::vec((0_u32..400, 0_u32..120), 0..20),
        ) {
            let of = |fills: &[(u32, u32)]| {
                days_covered(period, &fills.iter().map(|(day, days)| Fill { day: *day, days: *days }).collect::<Vec<_>>())
            };
            let before = of(&fills);
            prop_assert!(before <= period && before <= fills.iter().map(|(_, days)| days).sum::<u32>());
            fills.reverse();
            prop_assert_eq!(before, of(&fills));
        }
    }
}
