//! Lock-out after wrong passwords.
//!
//! Counted per e-mail address and client address together, whether or not an account with that e-mail exists, so a
//! lock-out tells nothing and nobody can lock somebody else out from elsewhere. The first [`FREE`] mistakes cost
//! nothing; the next waits [`FIRST`], and each further one doubles that, up to [`LONGEST`].

use std::time::Duration;

use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

/// Mistakes that cost nothing.
pub const FREE: u32 = 5;

/// The first wait.
pub const FIRST: Duration = Duration::from_secs(5);

/// The longest wait.
pub const LONGEST: Duration = Duration::from_mins(15);

/// How long mistakes are remembered after the last one.
pub const REMEMBERED: Duration = Duration::from_hours(24);

/// The wrong attempts at one e-mail address from one place.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Attempts {
    wrong: u32,
    last: Option<Instant>,
}

impl Attempts {
    /// How long to wait before the next attempt is looked at; `None`: now.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        // A clock that was set back would make somebody wait until it has caught up; nobody outside sets clocks.
        let last = self.last.filter(|last| *last <= now)?;
        let ready = last.plus_millis(millis(self.penalty()));
        let left = u64::try_from(ready.millis().saturating_sub(now.millis())).unwrap_or(0);
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// These, unless all of them were made before mistakes were forgiven.
    #[must_use]
    pub fn since(self, forgiven: Option<Instant>) -> Self {
        let is_forgiven = self.last.zip(forgiven).is_some_and(|(last, forgiven)| last <= forgiven);
        if is_forgiven { Self::default() } else { self }
    }

    /// Whether there is anything to forget.
    pub fn are_any(&self) -> bool {
        self.wrong > 0
    }

    /// Notes a wrong attempt.
    pub fn fail(&mut self, now: Instant) {
        let forgotten = self.last.is_some_and(|last| last.plus_millis(millis(REMEMBERED)) < now);
        self.wrong = if forgotten { 1 } else { self.wrong.saturating_add(1) };
        self.last = Some(now);
    }

    /// When this may be forgotten.
    pub fn expires(&self, now: Instant) -> Instant {
        now.plus_millis(millis(REMEMBERED))
    }

    fn penalty(&self) -> Duration {
        match self.wrong.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(over) => LONGEST.min(FIRST * (1 << over.min(20))),
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_after_the_free_mistakes_and_has_an_end() {
        let now = Instant::from_millis(1_000_000);
        let mut attempts = Attempts::default();
        for _ in 1..FREE {
            attempts.fail(now);
            assert_eq!(attempts.wait(now), None);
        }
        for seconds in [5, 10, 20, 40] {
            attempts.fail(now);
            assert_eq!(attempts.wait(now), Some(Duration::from_secs(seconds)));
        }
        for _ in 0..100 {
            attempts.fail(now);
        }
        assert_eq!(attempts.wait(now), Some(LONGEST));
        assert_eq!(attempts.wait(now.plus_millis(millis(LONGEST))), None);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out_until_it_has_caught_up() {
        let future = Instant::from_millis(4_000_000_000_000);
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            attempts.fail(future);
        }
        let now = Instant::from_millis(1_000_000);
        assert_eq!(attempts.wait(now), None);
        attempts.fail(now);
        assert_eq!(attempts.wait(now), Some(LONGEST), "and from then on it counts again");
    }

    #[test]
    fn old_mistakes_are_forgotten() {
        let now = Instant::from_millis(1_000_000);
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            attempts.fail(now);
        }
        let later = now.plus_millis(millis(REMEMBERED) + 1);
        attempts.fail(later);
        assert_eq!(attempts.wait(later), None);
    }
}
