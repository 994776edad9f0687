//! Ceremonies under way: what was begun with one request and is finished with another.
//!
//! They live in memory for a few minutes. Who began one holds a random ticket; what is kept is found by its hash.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use phm_core::time::Instant;

use super::invitation;

/// How long a ceremony may take.
pub const LIFETIME: Duration = Duration::from_mins(5);

/// Ceremonies under way at most; beyond, the oldest is given up.
const MOST: usize = 10_000;

/// What is under way.
pub struct Tickets<T>(Mutex<HashMap<String, (Instant, T)>>);

impl<T> Default for Tickets<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Tickets<T> {
    /// Begins one and gives its ticket.
    pub fn begin(&self, what: T, now: Instant) -> String {
        let ticket = invitation::secret();
        self.begin_as(&ticket, what, now);
        ticket
    }

    /// Begins one under a ticket made elsewhere.
    pub fn begin_as(&self, ticket: &str, what: T, now: Instant) {
        let mut all = self.all();
        all.retain(|_, (expires, _)| now < *expires);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, (expires, _))| *expires).map(|(key, _)| key.clone())
        {
            all.remove(&oldest);
        }
        let expires = now.plus_millis(i64::try_from(LIFETIME.as_millis()).unwrap_or(i64::MAX));
        all.insert(invitation::digest(ticket), (expires, what));
    }

    /// Takes one away: it serves once.
    pub fn take(&self, ticket: &str, now: Instant) -> Option<T> {
        let (expires, what) = self.all().remove(&invitation::digest(ticket))?;
        (now < expires).then_some(what)
    }

    /// Looks at one, changes it, and leaves it unless `look` answers `false` for "it is over".
    pub fn with<R>(&self, ticket: &str, now: Instant, look: impl FnOnce(&mut T) -> (R, bool)) -> Option<R> {
        let mut all = self.all();
        let key = invitation::digest(ticket);
        let (expires, what) = all.get_mut(&key)?;
        if now >= *expires {
            all.remove(&key);
            return None;
        }
        let (answer, goes_on) = look(what);
        if !goes_on {
            all.remove(&key);
        }
        Some(answer)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, (Instant, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_serves_once_and_in_time() {
        let tickets = Tickets::default();
        let now = Instant::from_millis(1_000_000);
        let late = now.plus_millis(5 * 60 * 1000);
        let ticket = tickets.begin("a", now);
        assert_eq!(tickets.take("another", now), None);
        assert_eq!(tickets.take(&ticket, now), Some("a"));
        assert_eq!(tickets.take(&ticket, now), None, "used");
        let ticket = tickets.begin("b", now);
        assert_eq!(tickets.with(&ticket, now, |what| (*what, true)), Some("b"));
        assert_eq!(tickets.with(&ticket, now, |what| (*what, false)), Some("b"));
        assert_eq!(tickets.with(&ticket, now, |what| (*what, true)), None, "over");
        let ticket = tickets.begin("c", now);
        assert_eq!(tickets.take(&ticket, late), None, "too late");
    }
}
