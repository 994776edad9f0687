//! Sign-in sessions and their refresh tokens.
//!
//! A refresh token is `<session>.<base64url(family ‖ secret)>`. The family stays the same through the session's life,
//! the secret changes at every use, and only hashes of both are kept. Who shows the right family with an old secret
//! has a copy of a used token: the session ends for everybody. Who knows only the session's id can end nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use phm_core::id::RecordId;
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long a session lives without being used.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// How long a session lives however much it is used.
pub const LONGEST: Duration = Duration::from_hours(30 * 24);

/// How long after signing in somebody need not show again who they are.
pub const FRESH: Duration = Duration::from_mins(10);

const FAMILY: usize = 16;
const SECRET: usize = 32;

/// How somebody is signed in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// A program, with access and refresh tokens.
    Api,
    /// A browser, with the cookie `phm_session`.
    Web,
}

/// One sign-in, on one device.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SignIn {
    /// Its id.
    pub id: RecordId,
    /// Whose it is.
    pub account: RecordId,
    /// How they signed in.
    pub door: Door,
    /// When they signed in.
    pub created_at: Instant,
    /// When it was last refreshed.
    pub used_at: Instant,
    /// The device, by its own words.
    pub agent: String,
    family: [u8; 32],
    secret: [u8; 32],
}

/// Why a refresh token was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It never was a token of this session.
    Unknown,
    /// It was used before: somebody has a copy.
    Reused,
}

/// A refresh token as it travels.
pub struct Refresh {
    session: RecordId,
    family: [u8; FAMILY],
    secret: [u8; SECRET],
}

impl Refresh {
    /// Reads a token; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, rest) = text.split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
        let (family, secret) = bytes.split_at_checked(FAMILY)?;
        Some(Self { session: session.parse().ok()?, family: family.try_into().ok()?, secret: secret.try_into().ok()? })
    }

    /// The session it is about.
    pub fn session(&self) -> RecordId {
        self.session
    }

    /// The token as text.
    pub fn text(&self) -> String {
        format!("{}.{}", self.session, URL_SAFE_NO_PAD.encode([&self.family[..], &self.secret[..]].concat()))
    }

    /// The value every form of a page made for this session must send back.
    pub fn csrf(&self) -> String {
        URL_SAFE_NO_PAD.encode(hash(b"phm csrf", &[&self.family[..], &self.secret[..]].concat()))
    }
}

impl SignIn {
    /// A new session with its first refresh token.
    pub fn begin(account: RecordId, door: Door, agent: &str, now: Instant) -> (Self, Refresh) {
        let refresh = Refresh {
            session: RecordId::new(),
            family: phm_core::crypto::random(),
            secret: phm_core::crypto::random(),
        };
        let sign_in = Self {
            id: refresh.session,
            account,
            door,
            created_at: now,
            used_at: now,
            agent: agent.chars().filter(|c| !c.is_control()).take(120).collect(),
            family: hash(b"phm family", &refresh.family),
            secret: hash(b"phm refresh", &refresh.secret),
        };
        (sign_in, refresh)
    }

    /// Whether the token is the newest of this session.
    pub fn check(&self, shown: &Refresh) -> Result<(), Refused> {
        if shown.session != self.id || hash(b"phm family", &shown.family) != self.family {
            return Err(Refused::Unknown);
        }
        if hash(b"phm refresh", &shown.secret) == self.secret { Ok(()) } else { Err(Refused::Reused) }
    }

    /// Takes the newest token and gives the next.
    pub fn rotate(&mut self, shown: &Refresh, now: Instant) -> Result<Refresh, Refused> {
        self.check(shown)?;
        let next = Refresh { session: self.id, family: shown.family, secret: phm_core::crypto::random() };
        self.secret = hash(b"phm refresh", &next.secret);
        self.used_at = now;
        Ok(next)
    }

    /// When the session ends by itself.
    pub fn expires(&self) -> Instant {
        after(self.used_at, LIFETIME).min(after(self.created_at, LONGEST))
    }

    /// Whether the session has ended by itself.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.expires()
    }

    /// Whether its holder signed in only minutes ago.
    pub fn is_fresh(&self, now: Instant) -> bool {
        now < after(self.created_at, FRESH)
    }
}

fn after(moment: Instant, duration: Duration) -> Instant {
    moment.plus_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

/// Hashes of random secrets: their comparison tells nothing by its time, since a guess cannot steer the hash.
fn hash(label: &[u8], secret: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update(secret).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> (SignIn, Refresh) {
        SignIn::begin(RecordId::new(), Door::Api, "test\u{7} browser", Instant::now())
    }

    #[test]
    fn each_refresh_gives_the_next_token_and_uses_up_the_last() {
        let (mut sign_in, first) = begin();
        let text = first.text();
        let first = Refresh::parse(&text).expect("our own text");
        let second = sign_in.rotate(&first, Instant::now()).expect("the newest");
        let third = sign_in.rotate(&second, Instant::now()).expect("the newest");
        assert_eq!(sign_in.rotate(&first, Instant::now()).err(), Some(Refused::Reused));
        assert_eq!(sign_in.rotate(&second, Instant::now()).err(), Some(Refused::Reused));
        assert_eq!(sign_in.check(&third), Ok(()));
    }

    #[test]
    fn a_made_up_token_is_unknown_and_ends_nothing() {
        let (mut sign_in, _) = begin();
        let made_up = Refresh { session: sign_in.id, family: [0; FAMILY], secret: [0; SECRET] };
        assert_eq!(sign_in.rotate(&made_up, Instant::now()).err(), Some(Refused::Unknown));
        let (_, other) = begin();
        assert_eq!(sign_in.check(&other), Err(Refused::Unknown));
    }

    #[test]
    fn nothing_kept_of_a_session_is_its_token() {
        let (sign_in, refresh) = begin();
        let kept = serde_json::to_string(&sign_in).expect("JSON");
        let secret = refresh.text().split_once('.').expect("two parts").1.to_owned();
        assert!(!kept.contains(&secret));
        assert_eq!(sign_in.agent, "test browser");
        let read: SignIn = serde_json::from_str(&kept).expect("own JSON");
        assert_eq!(read.check(&refresh), Ok(()));
    }

    #[test]
    fn a_session_ends_after_a_week_unused_and_a_month_in_any_case() {
        let (mut sign_in, _) = begin();
        let day = 24 * 60 * 60 * 1000;
        let begun = sign_in.created_at;
        assert!(sign_in.is_fresh(begun.plus_millis(9 * 60 * 1000)) && !sign_in.is_fresh(begun.plus_millis(600_000)));
        assert!(!sign_in.is_over(begun.plus_millis(7 * day - 1)) && sign_in.is_over(begun.plus_millis(7 * day)));
        sign_in.used_at = begun.plus_millis(29 * day);
        assert!(!sign_in.is_over(begun.plus_millis(30 * day - 1)) && sign_in.is_over(begun.plus_millis(30 * day)));
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_none() {
        for text in ["", ".", "a.b", "6f9619ff-8b86-4011-b42d-00c04fc964ff.AAAA"] {
            assert!(Refresh::parse(text).is_none(), "{text}");
        }
    }
}
