//! The order in which lists show records, with what a list asks of each of them first.
//!
//! Whoever goes through a long list goes through memory in order: when a record occurred stands in the key, the rest of
//! what parts most records from what is wanted beside it. A record's row is looked at only where that is not enough.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Slot;
use super::query::Timeframe;

/// When a record occurred (undated first), then where it stands.
pub(super) type SortKey = (i64, Slot);

/// The visible records of one kind.
pub(super) type Order = BTreeMap<SortKey, Standing>;

/// No date means more than a leap year, in milliseconds.
const LONGEST: i64 = 366 * 86_400_000;

/// What a list asks of a record's newest visible version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Standing {
    /// Seq of the version.
    pub seq: u32,
    /// Number of what it has in common with others.
    pub template: u32,
    /// Whether it says that the record is removed.
    pub removed: bool,
}

/// How many records are shown in their newest visible version, and not removed, of those that have one template.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Live {
    pub count: u32,
    /// Seq of a version with this template that is no removal.
    pub seq: u32,
}

/// A span of time, as far as sort keys tell what lies in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// First moment.
    from: Option<i64>,
    /// First moment behind it.
    to: Option<i64>,
}

impl Span {
    pub fn of(time: Timeframe) -> Self {
        Self { from: time.from.map(|from| from.first().millis()), to: time.to.map(|to| to.end().millis()) }
    }

    /// Whether something lies in the span that may mean no moment before `first`; `None` where its end decides, or
    /// where it may have no date.
    pub fn holds(self, first: i64) -> Option<bool> {
        if self.from.is_none() && self.to.is_none() {
            return Some(true);
        }
        if first == i64::MIN {
            return None;
        }
        if self.to.is_some_and(|to| first >= to) {
            return Some(false);
        }
        match self.from {
            Some(from) if first <= from => None,
            _ => Some(true),
        }
    }

    /// The keys outside of which nothing lies in the span.
    pub fn keys(self) -> (Bound<SortKey>, Bound<SortKey>) {
        let from = self.from.map(|from| from.saturating_sub(LONGEST));
        // A span that ends before it begins holds nothing, and asks for no keys.
        let to = self.to.map(|to| to.max(from.unwrap_or(i64::MIN)));
        (
            from.map_or(Bound::Unbounded, |from| Bound::Included((from, 0))),
            to.map_or(Bound::Unbounded, |to| Bound::Excluded((to, 0))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Instant, When};

    /// Every pair of ends, against every date.
    #[test]
    fn what_keys_tell_of_a_span_is_what_the_dates_themselves_tell() {
        let texts = ["2019", "2020", "2020-02", "2020-02-29", "2020-12-31", "2021", "2020-02-29T10:00:00.000Z"];
        let dates: Vec<When> = texts.iter().map(|text| text.parse().expect("a date or a moment")).collect();
        let ends: Vec<Option<When>> = dates.iter().copied().map(Some).chain([None]).collect();
        let edges = [i64::MIN, i64::MAX].map(|edge| When::Instant(Instant::from_millis(edge)));
        let all: Vec<Option<When>> = ends.iter().copied().chain(edges.map(Some)).collect();
        let (mut told, mut open) = (0, 0);
        for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
            let time = Timeframe { from, to };
            let span = Span::of(time);
            for occurred in &all {
                let key = (occurred.map_or(i64::MIN, |when| when.first().millis()), 7);
                let inside = time.contains(*occurred);
                match span.holds(key.0) {
                    Some(holds) => {
                        assert_eq!(holds, inside, "{occurred:?} in {time:?}");
                        told += 1;
                    }
                    None => open += 1,
                }
                let order = Order::from([(key, Standing { seq: 1, template: 0, removed: false })]);
                assert!(!inside || order.range(span.keys()).next().is_some(), "{occurred:?} in {time:?}");
            }
        }
        assert!(told > 0 && open > 0, "{told} told, {open} open");
    }
}
