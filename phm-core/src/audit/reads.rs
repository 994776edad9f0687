//! Uses of permits that are not in the log yet.
//!
//! A write is in the log in its own commit. A read waits here, at most a second and at most 1,024 of them; then
//! further reads wait until these are written, so that nobody reads faster than the log can tell. Refusals are gathered
//! by actor, profile and minute, so that somebody who tries a thousand times does not fill the log.

use std::collections::HashMap;

use super::entry::{Deed, Outcome};
use super::inner::Touched;
use crate::access::Actor;
use crate::id::ProfileId;
use crate::time::Instant;

/// As many uses may wait.
pub const MOST: usize = 1024;
/// As long may a use wait, in milliseconds.
pub const LONGEST: i64 = 1000;
const MINUTE: i64 = 60_000;

/// One use of a permit, or the refusals of one actor in one minute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Use {
    /// When; of refusals, the first.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// The name people know the actor by.
    pub actor_name: String,
    /// Whose records; `None` when there is no such profile or the actor may not know of it.
    pub profile: Option<ProfileId>,
    /// What.
    pub deed: Deed,
    /// How it was asked for: `read list search timeline …`.
    pub operation: String,
    /// The kind of record.
    pub kind: String,
    /// How many records; of refusals, how many times.
    pub count: u64,
    /// Which records.
    pub touched: Touched,
    /// Why, as the session was opened.
    pub purpose: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// The uses that wait.
#[derive(Debug, Default)]
pub struct Pending {
    uses: Vec<Use>,
    /// When the oldest of them came.
    since: Option<Instant>,
    refusals: HashMap<(Actor, Option<ProfileId>, i64), Use>,
}

impl Pending {
    /// Nothing waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a further use must wait until [`Pending::take`]: 1,024 wait, or one for a second.
    pub fn is_full(&self, now: Instant) -> bool {
        self.uses.len() >= MOST || self.since.is_some_and(|since| since.plus_millis(LONGEST) <= now)
    }

    /// Whether just half as many wait as may: a good moment to begin taking them, before anybody has to wait.
    pub fn is_half_full(&self) -> bool {
        self.uses.len() == MOST / 2
    }

    /// Notes a use that was allowed. Ask [`Pending::is_full`] first.
    pub fn note(&mut self, done: Use, now: Instant) {
        self.since.get_or_insert(now);
        self.uses.push(done);
    }

    /// Notes a refusal; the first of an actor about a profile in a minute lends the others its kind and purpose.
    pub fn refuse(&mut self, refused: Use, now: Instant) {
        let key = (refused.actor.clone(), refused.profile, minute(now));
        let times = refused.count;
        self.refusals.entry(key).and_modify(|first| first.count = first.count.saturating_add(times)).or_insert(refused);
    }

    /// When [`Pending::take`] will next have something to give; `None` while nothing waits.
    pub fn due_at(&self) -> Option<Instant> {
        let uses = self.since.map(|since| since.plus_millis(LONGEST));
        let refusals = self.refusals.keys().map(|(_, _, minute)| Instant::from_millis((minute + 1) * MINUTE)).min();
        [uses, refusals].into_iter().flatten().min()
    }

    /// All uses that wait, and the refusals of minutes that are over, oldest first.
    ///
    /// Uses are given as soon as anybody asks: the commit of a write takes them along.
    pub fn take(&mut self, now: Instant) -> Vec<Use> {
        let this_minute = minute(now);
        // A minute in the future was noted by a clock that has been set back since; it is over as well.
        let over = self.refusals.extract_if(|(_, _, minute), _| *minute != this_minute).map(|(_, refused)| refused);
        let mut uses: Vec<_> = over.collect();
        uses.append(&mut self.uses);
        self.since = None;
        uses.sort_by_key(|done| done.at);
        uses
    }

    /// Everything, also the refusals of a minute that is not over: for closing.
    pub fn take_all(&mut self) -> Vec<Use> {
        let mut uses: Vec<_> = self.refusals.drain().map(|(_, refused)| refused).collect();
        uses.append(&mut self.uses);
        self.since = None;
        uses.sort_by_key(|done| done.at);
        uses
    }

    /// Gives back what could not be written, to be tried again.
    pub fn put_back(&mut self, uses: Vec<Use>, now: Instant) {
        if uses.is_empty() {
            return;
        }
        self.since.get_or_insert(now);
        self.uses.splice(0..0, uses);
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.uses.is_empty() && self.refusals.is_empty()
    }
}

const fn minute(now: Instant) -> i64 {
    now.millis().div_euclid(MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;

    const START: Instant = Instant::from_millis(29_916_666 * MINUTE);

    fn used(at: Instant, who: u8, outcome: Outcome) -> Use {
        Use {
            at,
            actor: Actor::Person { account: RecordId::from_bytes([who; 16]) },
            actor_name: "Ada Example".into(),
            profile: Some(ProfileId::from_bytes([9; 16])),
            deed: Deed::Read,
            operation: "read".into(),
            kind: "note".into(),
            count: 1,
            touched: Touched::nothing(),
            purpose: "treatment".into(),
            outcome,
        }
    }

    #[test]
    fn reads_wait_once_1024_are_pending() {
        let mut pending = Pending::new();
        for n in 0..MOST {
            assert!(!pending.is_full(START), "{n} wait");
            pending.note(used(START, 1, Outcome::Allowed), START);
        }
        assert!(pending.is_full(START));
        assert_eq!(pending.take(START).len(), MOST);
        assert!(!pending.is_full(START) && pending.is_empty());
    }

    #[test]
    fn reads_wait_once_one_is_pending_for_a_second() {
        let mut pending = Pending::new();
        assert_eq!(pending.due_at(), None);
        pending.note(used(START, 1, Outcome::Allowed), START);
        pending.note(used(START, 1, Outcome::Allowed), START.plus_millis(900));
        assert_eq!(pending.due_at(), Some(START.plus_millis(1000)));
        assert!(!pending.is_full(START.plus_millis(999)));
        assert!(pending.is_full(START.plus_millis(1000)));
        assert_eq!(pending.take(START.plus_millis(1000)).len(), 2);
        assert_eq!(pending.due_at(), None);
    }

    #[test]
    fn every_use_of_a_permit_is_an_entry_of_its_own() {
        let mut pending = Pending::new();
        pending.note(used(START.plus_millis(5), 1, Outcome::Allowed), START.plus_millis(5));
        pending.note(used(START, 1, Outcome::Allowed), START.plus_millis(6));
        let taken = pending.take(START.plus_millis(7));
        assert_eq!(taken.iter().map(|done| done.at.millis() - START.millis()).collect::<Vec<_>>(), [0, 5]);
    }

    #[test]
    fn refusals_are_gathered_by_actor_and_minute() {
        let mut pending = Pending::new();
        for second in [0, 1, 30, 59] {
            let now = START.plus_millis(second * 1000);
            pending.refuse(used(now, 1, Outcome::Refused), now);
        }
        pending.refuse(used(START, 2, Outcome::Refused), START);
        let next = START.plus_millis(MINUTE);
        pending.refuse(used(next, 1, Outcome::Refused), next);

        assert_eq!(pending.due_at(), Some(next));
        assert!(
            pending.take(START.plus_millis(MINUTE - 1)).iter().all(|done| done.at == next),
            "the minute is not over"
        );
        let mut counts: Vec<_> = pending.take(next).iter().map(|done| (done.actor.id(), done.count)).collect();
        counts.sort();
        let id = |who| RecordId::from_bytes([who; 16]).to_string();
        assert_eq!(counts, [(id(1), 4), (id(2), 1)]);
        assert_eq!(pending.take(next.plus_millis(MINUTE)).len(), 0);
    }

    #[test]
    fn closing_takes_what_is_left_and_a_failed_commit_loses_nothing() {
        let mut pending = Pending::new();
        pending.note(used(START, 1, Outcome::Allowed), START);
        pending.refuse(used(START, 1, Outcome::Refused), START);
        let all = pending.take_all();
        assert_eq!(all.len(), 2);
        assert!(pending.is_empty());
        pending.put_back(all, START);
        assert!(pending.is_full(START.plus_millis(1000)));
        assert_eq!(pending.take(START).len(), 2);
    }
}
