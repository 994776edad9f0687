//! Access that is unusual: very much of it, at an hour when nobody looks, or many refusals.
//!
//! Every use passes here once it stands in the log. What is remembered is counts by actor and person, for an hour at
//! most and for [`MOST`] of them; whoever was looked at least recently is forgotten first. What is found waits until it is
//! fetched, and says nothing of what a record holds.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::{Deed, Outcome};
use super::reads::Use;
use crate::access::Actor;
use crate::id::ProfileId;
use crate::time::Instant;

/// Actors and people whose counts are remembered.
pub const MOST: usize = 4_096;
/// Findings that wait to be fetched.
pub const MOST_FOUND: usize = 1_024;
const HOUR: i64 = 3_600_000;
/// Refusals are counted over ten minutes.
const REFUSED_WITHIN: i64 = 600_000;
/// A night is told once, and so is what goes on and on.
const NIGHT: i64 = 12 * HOUR;
/// Unless it becomes so many times as much as was told last.
const MUCH_MORE: u64 = 10;

/// Whether a moment lies in the hours when nobody usually looks.
pub type Quiet = Arc<dyn Fn(Instant) -> bool + Send + Sync>;

/// From when on access is unusual.
#[derive(Clone)]
pub struct UnusualLimits {
    /// Records of one person that one actor reads or takes out within an hour; 0: however many.
    pub records_an_hour: u64,
    /// Refusals of one actor about one person within ten minutes; 0: however many.
    pub refusals: u64,
    /// The hours when nobody looks but family.
    pub quiet: Quiet,
}

impl std::fmt::Debug for UnusualLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnusualLimits")
            .field("records_an_hour", &self.records_an_hour)
            .field("refusals", &self.refusals)
            .finish_non_exhaustive()
    }
}

/// What is unusual about an access.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unusual {
    /// Very many records in an hour.
    Volume,
    /// At an hour when nobody usually looks.
    Hour,
    /// Many refusals in ten minutes.
    Refusals,
    /// Whoever runs the house asks to hand somebody's records over.
    HandOver,
    /// Whoever runs the house got a link with which somebody's password is chosen anew.
    ResetLink,
    /// The operator let an account be family of somebody whose records others keep already.
    LetIn,
}

/// An access that is unusual.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What is unusual about it.
    pub what: Unusual,
    /// When it became so.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// Whose records; none where it is nobody's.
    pub profile: Option<ProfileId>,
    /// How many records, or refusals.
    pub count: u64,
}

/// What is counted of one actor and person.
struct Counted {
    records: Stretch,
    refused: Stretch,
    night: Option<Instant>,
    last: Instant,
}

/// A stretch of time in which something is counted, and when it was told last, and how much it was then.
struct Stretch {
    from: Instant,
    count: u64,
    told: Option<(Instant, u64)>,
}

/// Counts uses, and finds what is unusual.
#[derive(Default)]
pub struct Watcher {
    counted: HashMap<(Actor, Option<ProfileId>), Counted>,
    found: Vec<Finding>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("counted", &self.counted.len()).field("found", &self.found.len()).finish()
    }
}

impl Stretch {
    const fn new(from: Instant) -> Self {
        Self { from, count: 0, told: None }
    }

    /// Adds to the count; answers it where it has just gone beyond `limit`, and somebody is to hear of it: a program that is
    /// refused all day is told of once a night, not every ten minutes.
    fn add(&mut self, at: Instant, within: i64, count: u64, limit: u64) -> Option<u64> {
        if self.from.plus_millis(within) <= at {
            (self.from, self.count) = (at, 0);
        }
        self.count = self.count.saturating_add(count);
        let is_news = self
            .told
            .is_none_or(|(when, times)| when.plus_millis(NIGHT) <= at || times.saturating_mul(MUCH_MORE) <= self.count);
        if limit == 0 || self.count <= limit || !is_news {
            return None;
        }
        self.told = Some((at, self.count));
        Some(self.count)
    }
}

impl Watcher {
    /// Counts a use that stands in the log.
    pub fn look(&mut self, done: &Use, limits: &UnusualLimits) {
        let refused = done.outcome == Outcome::Refused;
        let looks = done.outcome == Outcome::Allowed && matches!(done.deed, Deed::Read | Deed::Export);
        // Whoever keeps the house, and the door, look at nothing by themselves: a link opens what somebody chose.
        let counts = looks && !matches!(done.actor, Actor::Operator | Actor::Gate) && done.count > 0;
        let about_somebody = done.profile.is_some_and(|profile| profile.is_person());
        if !(refused || counts && about_somebody) {
            return;
        }
        self.make_room(done.at);
        let key = (done.actor.clone(), done.profile);
        let counted = self.counted.entry(key).or_insert_with(|| Counted {
            records: Stretch::new(done.at),
            refused: Stretch::new(done.at),
            night: None,
            last: done.at,
        });
        counted.last = counted.last.max(done.at);
        let mut found = Vec::new();
        if refused {
            let many = counted.refused.add(done.at, REFUSED_WITHIN, done.count, limits.refusals);
            found.extend(many.map(|count| (Unusual::Refusals, count)));
        } else {
            let many = counted.records.add(done.at, HOUR, done.count, limits.records_an_hour);
            found.extend(many.map(|count| (Unusual::Volume, count)));
            let told = counted.night.is_some_and(|night| done.at < night.plus_millis(NIGHT));
            if !told && (limits.quiet)(done.at) {
                counted.night = Some(done.at);
                found.push((Unusual::Hour, done.count));
            }
        }
        for (what, count) in found {
            let (actor, profile) = (done.actor.clone(), done.profile);
            self.put_back(vec![Finding { what, at: done.at, actor, profile, count }]);
        }
    }

    /// What was found since it was asked last.
    pub fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.found)
    }

    /// Keeps findings that could not be told yet.
    pub fn put_back(&mut self, findings: Vec<Finding>) {
        self.found.extend(findings);
        self.found.truncate(MOST_FOUND);
    }

    /// Forgets whoever has not been seen for a night, or, where all have, whoever was seen least recently.
    fn make_room(&mut self, now: Instant) {
        if self.counted.len() < MOST {
            return;
        }
        self.counted.retain(|_, counted| now < counted.last.plus_millis(NIGHT));
        if self.counted.len() < MOST {
            return;
        }
        let mut seen: Vec<Instant> = self.counted.values().map(|counted| counted.last).collect();
        seen.sort();
        // A quarter at once, so that this is rare.
        let oldest = seen[MOST / 4];
        self.counted.retain(|_, counted| oldest < counted.last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::inner::Touched;
    use crate::id::RecordId;

    const START: Instant = Instant::from_millis(1_795_000_000_000);

    fn limits(quiet: bool) -> UnusualLimits {
        UnusualLimits { records_an_hour: 100, refusals: 5, quiet: Arc::new(move |_| quiet) }
    }

    fn used(at: Instant, count: u64, outcome: Outcome) -> Use {
        Use {
            at,
            actor: Actor::Person { account: RecordId::from_bytes([1; 16]) },
            actor_name: "Ada Example".into(),
            profile: Some(ProfileId::from_bytes([9; 16])),
            deed: Deed::Read,
            operation: "list".into(),
            kind: "note".into(),
            count,
            touched: Touched::nothing(),
            purpose: "care".into(),
            outcome,
        }
    }

    fn told(uses: &[Use], limits: &UnusualLimits) -> Vec<(Unusual, u64)> {
        let mut watcher = Watcher::default();
        for done in uses {
            watcher.look(done, limits);
        }
        watcher.take().into_iter().map(|found| (found.what, found.count)).collect()
    }

    #[test]
    fn many_records_in_an_hour_are_told_once_and_the_same_over_two_hours_are_not() {
        let at = |minutes: i64| START.plus_millis(minutes * 60_000);
        let uses = |minutes: &[i64]| -> Vec<Use> {
            minutes.iter().map(|minutes| used(at(*minutes), 40, Outcome::Allowed)).collect()
        };
        assert_eq!(told(&uses(&[0, 10, 20, 30]), &limits(false)), [(Unusual::Volume, 120)]);
        assert!(told(&uses(&[0, 30, 60, 90]), &limits(false)).is_empty());
        let off = UnusualLimits { records_an_hour: 0, ..limits(false) };
        assert!(told(&uses(&[0, 10, 20, 30]), &off).is_empty());
    }

    #[test]
    fn refusals_are_told_when_there_are_many_of_them() {
        let refused = |seconds: i64, count| used(START.plus_millis(seconds * 1000), count, Outcome::Refused);
        assert_eq!(told(&[refused(0, 3), refused(60, 3)], &limits(false)), [(Unusual::Refusals, 6)]);
        assert!(told(&[refused(0, 3), refused(600, 3)], &limits(false)).is_empty());
    }

    #[test]
    fn what_goes_on_and_on_is_told_once_a_night_unless_it_becomes_much_more() {
        let refused = |minutes: i64, count| used(START.plus_millis(minutes * 60_000), count, Outcome::Refused);
        let mut uses: Vec<Use> = (0..18).map(|n| refused(n * 10, 6)).collect();
        assert_eq!(told(&uses, &limits(false)), [(Unusual::Refusals, 6)]);
        uses.push(refused(180, 60));
        uses.push(refused(190, 60));
        uses.push(refused(180 + 12 * 60, 6));
        let expected = [(Unusual::Refusals, 6), (Unusual::Refusals, 60), (Unusual::Refusals, 6)];
        assert_eq!(told(&uses, &limits(false)), expected);
    }

    #[test]
    fn a_look_in_the_quiet_hours_is_told_once_a_night() {
        let look = |hours: i64| used(START.plus_millis(hours * HOUR), 1, Outcome::Allowed);
        let nights = told(&[look(0), look(1), look(24)], &limits(true));
        assert_eq!(nights, [(Unusual::Hour, 1), (Unusual::Hour, 1)]);
        assert!(told(&[used(START, 0, Outcome::Allowed)], &limits(true)).is_empty(), "a look at nothing is no look");
    }

    #[test]
    fn the_operator_and_the_door_are_no_readers_but_what_the_door_refuses_counts() {
        let by = |actor: Actor, outcome| Use { actor, ..used(START, 1_000, outcome) };
        assert!(told(&[by(Actor::Operator, Outcome::Allowed)], &limits(true)).is_empty());
        assert!(told(&[by(Actor::Gate, Outcome::Allowed)], &limits(true)).is_empty());
        assert_eq!(told(&[by(Actor::Gate, Outcome::Refused)], &limits(true)), [(Unusual::Refusals, 1_000)]);
    }

    #[test]
    fn however_many_people_are_looked_at_memory_is_bounded() {
        let mut watcher = Watcher::default();
        for n in 0..20_000_u32 {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            let at = START.plus_millis(i64::from(n));
            let done = Use { profile: Some(ProfileId::from_bytes(id)), ..used(at, 1_000, Outcome::Allowed) };
            watcher.look(&done, &limits(true));
        }
        assert!(watcher.counted.len() <= MOST && watcher.take().len() == MOST_FOUND);
    }
}
