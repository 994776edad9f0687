//! How much one address may ask for, and how much one request may hold.
//!
//! Rates are counted per address in memory (GCRA, by governor). Sign-in has its own, much lower rate, beside the
//! lock-out of `auth::lockout`. JSON deeper than [`DEPTH`] is refused before anything parses it.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::context::Client;
use super::problem::Problem;
use crate::settings::Settings;

/// Arrays and objects inside each other, at most. The deepest body of the contract has five.
pub const DEPTH: usize = 32;

/// Addresses remembered before those at rest are forgotten.
const REMEMBERED: usize = 10_000;

/// After how many counted requests it is looked whether any can be forgotten.
const FORGET_EVERY: u32 = 256;

type Limiter = DefaultKeyedRateLimiter<IpAddr>;

/// The rate limits of the server.
pub struct Limits {
    requests: Option<Limiter>,
    sign_in: Option<Limiter>,
    accounts: Option<DefaultKeyedRateLimiter<[u8; 32]>>,
    clock: DefaultClock,
    counted: AtomicU32,
}

impl Limits {
    /// The limits `settings` asks for.
    pub fn new(settings: &Settings) -> Self {
        let limiter = |per_minute| NonZeroU32::new(per_minute).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        Self {
            requests: limiter(settings.requests_per_minute),
            sign_in: limiter(settings.login_per_minute),
            accounts: NonZeroU32::new(settings.login_per_minute).map(|n| RateLimiter::keyed(Quota::per_minute(n))),
            clock: DefaultClock::default(),
            counted: AtomicU32::new(0),
        }
    }

    /// Counts one request of any kind.
    pub fn request(&self, client: Client) -> Result<(), Problem> {
        self.count(self.requests.as_ref(), client)
    }

    /// Counts one attempt to sign in, register or set up.
    pub fn sign_in(&self, client: Client) -> Result<(), Problem> {
        self.count(self.sign_in.as_ref(), client)
    }

    /// Counts one attempt at an account by its address, from wherever it comes and whether or not there is one.
    pub fn account(&self, email: &str) -> Result<(), Problem> {
        let email = email.trim().to_lowercase();
        self.within(self.accounts.as_ref(), &phm_core::crypto::digest::sha256(&[email.as_bytes()]))
    }

    fn count(&self, limiter: Option<&Limiter>, client: Client) -> Result<(), Problem> {
        self.within(limiter, &client.place())
    }

    fn within<K: Clone + Eq + Hash>(
        &self,
        limiter: Option<&DefaultKeyedRateLimiter<K>>,
        key: &K,
    ) -> Result<(), Problem> {
        let Some(limiter) = limiter else { return Ok(()) };
        // Forgetting goes through all of them, so it is not done for every request of somebody who has many addresses.
        let is_time = self.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY);
        if is_time && limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|refused| {
            let wait: Duration = refused.wait_time_from(self.clock.now());
            Problem::too_many(wait)
        })
    }
}

/// Whether JSON text nests no deeper than [`DEPTH`]; looks at bytes only, in one pass.
pub fn is_shallow(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::path::Path;

    use super::*;

    #[test]
    fn an_address_that_asks_too_often_is_told_to_wait() {
        let mut settings = Settings::defaults(Path::new("x"));
        (settings.login_per_minute, settings.requests_per_minute) = (3, 0);
        let limits = Limits::new(&settings);
        let at = |last| Client { address: Ipv4Addr::new(192, 0, 2, last).into(), ..Client::HERE };
        let (one, other) = (at(1), at(2));
        for _ in 0..3 {
            limits.sign_in(one).expect("within the rate");
        }
        let problem = limits.sign_in(one).expect_err("over the rate");
        assert_eq!(problem.status_code().as_u16(), 429);
        limits.sign_in(other).expect("another address");
        for _ in 0..3 {
            limits.account("asha@example.org").expect("within the rate");
        }
        assert!(limits.account(" Asha@Example.org").is_err(), "one account, however it is written");
        limits.account("omar@example.org").expect("another account");
        for _ in 0..1000 {
            limits.request(one).expect("zero means no limit");
        }
    }

    #[test]
    fn deep_nesting_is_noticed_and_brackets_inside_texts_are_not() {
        assert!(is_shallow(b"{\"a\":[{\"b\":\"[[[[\\\"[[[[\"}]}"));
        assert!(is_shallow("[]".repeat(1000).as_bytes()));
        assert!(!is_shallow("[".repeat(DEPTH + 1).as_bytes()));
        assert!(!is_shallow("{\"a\":".repeat(DEPTH + 1).as_bytes()));
        let text = format!("\"{}\"", "[".repeat(100));
        assert!(is_shallow(text.as_bytes()));
    }
}
