//! The stretches of time that are asked for and open.

use std::ops::Range;

use super::directory::Shelved;
use crate::index::Timeframe;
use crate::time::When;

/// Half-open stretches of milliseconds, in order and apart from each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Windows(Vec<Range<i64>>);

impl Windows {
    /// These stretches, which are in order and apart from each other.
    pub const fn new(open: Vec<Range<i64>>) -> Self {
        Self(open)
    }

    /// What of them lies in the time asked for, both ends included.
    pub fn within(self, time: Timeframe) -> Self {
        let from = time.from.map_or(i64::MIN, |from| from.first().millis());
        let to = time.to.map_or(i64::MAX, |to: When| to.end().millis());
        let cut = self.0.into_iter().map(|open| open.start.max(from)..open.end.min(to));
        Self(cut.filter(|open| open.start < open.end).collect())
    }

    /// Whether nothing is open.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a moment is open.
    pub fn hold(&self, at: i64) -> bool {
        // The end of all time is included.
        self.0.iter().any(|open| open.contains(&at) || open.end == i64::MAX && at == i64::MAX)
    }

    /// Whether everything from one moment to another is open.
    pub fn hold_all(&self, from: i64, to: i64) -> bool {
        self.0.iter().any(|open| open.start <= from && (to < open.end || open.end == i64::MAX))
    }

    /// Whether something from one moment to another is open.
    pub fn overlap(&self, from: i64, to: i64) -> bool {
        self.0.iter().any(|open| open.start <= to && (from < open.end || open.end == i64::MAX))
    }

    /// Whether a block may have samples that are open.
    pub fn meet(&self, block: &Shelved) -> bool {
        self.overlap(block.from, block.to)
    }
}
