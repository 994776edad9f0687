//! Links: chosen records, sealed anew under a key that only the link carries.
//!
//! Whoever has the link needs no account. The vault keeps the ciphertext and hands it out until the link ends, was used,
//! was revoked, or five wrong passcodes were tried in all; then the ciphertext is deleted. The key stands in the link's
//! fragment, which no browser sends, so the server never learns what it hands out. Making a link and every opening stand
//! in the audit log of the person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{AccountId, Actor, ActorRef};
use crate::audit::entry::Deed;
use crate::crypto;
use crate::crypto::jwe::LinkKey;
use crate::crypto::kdf::{Cost, hash_password, verify_password};
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::{Instant, When};

/// Wrong passcodes in the life of a link.
const ATTEMPTS: u32 = 5;
/// Days a link may hold at most.
const LONGEST_DAYS: i64 = 366;
/// Days for which a link that is over is still listed.
const LISTED_DAYS: i64 = 90;
const DAY: i64 = 24 * 3_600_000;
/// Records of one link.
const MOST_RECORDS: usize = 500;
/// Letters of a passcode.
const PASSCODE: std::ops::RangeInclusive<usize> = 4..=64;
/// The state row that lists a person's links.
pub(super) const LIST: &str = "shares";

/// What somebody asks a link for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    records: Vec<RecordId>,
    expires_at: When,
    #[serde(default)]
    single_use: Option<bool>,
    #[serde(default)]
    passcode: Option<String>,
}

/// A link as it is kept; the ciphertext stands in a row of its own.
#[derive(Clone, Deserialize, Serialize)]
struct Kept {
    id: String,
    by: Option<AccountId>,
    records: Vec<RecordId>,
    made_at: Instant,
    expires_at: Instant,
    single_use: bool,
    passcode: Option<String>,
    /// Passcodes that were tried, the right ones not.
    wrong: u32,
    opened: Vec<Instant>,
    revoked_at: Option<Instant>,
}

/// How a link stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareState {
    /// It can be opened.
    Open,
    /// It was good once, and was opened.
    Used,
    /// Too many wrong passcodes were tried.
    Locked,
    /// Its time is over.
    Ended,
    /// It was taken back.
    Revoked,
}

/// A link as those who may give access see it.
#[derive(Clone, Debug, Serialize)]
pub struct ShareCard {
    /// The link's id, which is no secret.
    pub id: String,
    /// Who made it.
    pub by: ActorRef,
    /// The records.
    pub records: Vec<RecordId>,
    /// When it was made.
    pub made_at: Instant,
    /// Until when it can be opened.
    pub expires_at: Instant,
    /// Whether it is good once.
    pub single_use: bool,
    /// Whether it asks for a passcode.
    pub has_passcode: bool,
    /// Wrong passcodes that may still be tried.
    pub attempts_left: u32,
    /// When it was opened.
    pub opened: Vec<Instant>,
    /// How it stands.
    pub state: ShareState,
}

/// A link that was just made.
pub struct MadeShare {
    /// What is seen of it from now on.
    pub card: ShareCard,
    /// The key, which is shown once.
    pub key: Zeroizing<String>,
}

// The key never ends up in a log by way of `{:?}`.
impl std::fmt::Debug for MadeShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MadeShare(..)")
    }
}

impl Session {
    /// Makes a link to chosen records: `records`, `expires_at`, and, where wanted, `single_use` and `passcode`.
    ///
    /// # Errors
    /// `invalid` with the places that break a rule; `not-found` and `not-granted` where the caller may not give all of these
    /// records on, and out of the vault.
    pub fn make_share(&self, profile: ProfileId, body: &Value) -> Result<MadeShare> {
        self.may_know(profile)?;
        let now = self.inner.now();
        let wanted = read(body, now)?;
        let bundle = self.bundle_of(profile, &wanted.records)?;
        let mut records = wanted.records;
        records.sort();
        records.dedup();
        let key = LinkKey::new();
        let text = key.text();
        let passcode = wanted.passcode.as_deref().map(|passcode| hash_password(passcode, Cost::FLOOR));
        let kept = Kept {
            id: URL_SAFE_NO_PAD.encode(crypto::random::<16>()),
            by: self.actor.account(),
            records,
            made_at: now,
            expires_at: ends(wanted.expires_at),
            single_use: wanted.single_use.unwrap_or_default(),
            passcode,
            wrong: 0,
            opened: Vec::new(),
            revoked_at: None,
        };
        self.inner.with_state_lock(|| {
            let mut all: Vec<Kept> = self.inner.shares(profile)?;
            all.retain(|old| now < old.expires_at.plus_millis(LISTED_DAYS * DAY));
            all.push(kept.clone());
            let until = Some(kept.expires_at);
            let state = vec![
                StateChange::put(profile, LIST, &all, None)?,
                StateChange::put(profile, &row(&kept.id), &key.seal(&bundle), until)?,
                StateChange::put(ProfileId::SYSTEM, &place(&kept.id), &profile, until)?,
            ];
            let notes = vec![self.deed(Deed::Export, "share-link", profile, "share", kept.records.iter().copied())];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })?;
        Ok(MadeShare { card: self.share_card(kept, now)?, key: text })
    }

    /// The links to a person's records, newest first.
    ///
    /// # Errors
    /// As [`Session::permit`] for giving access.
    pub fn shares(&self, profile: ProfileId) -> Result<Vec<ShareCard>> {
        self.permit(crate::access::Action::Share, profile, "profile")?;
        let now = self.inner.now();
        let all = self.inner.shares(profile)?.into_iter().rev();
        all.map(|kept| self.share_card(kept, now)).collect()
    }

    /// Ends a link and deletes its ciphertext.
    ///
    /// # Errors
    /// `not-found` where there is no such link the caller may end.
    pub fn end_share(&self, profile: ProfileId, id: &str) -> Result<()> {
        self.permit(crate::access::Action::Share, profile, "profile")?;
        let now = self.inner.now();
        self.inner.with_state_lock(|| {
            let mut all = self.inner.shares(profile)?;
            let kept = all.iter_mut().find(|kept| kept.id == id).ok_or_else(Error::not_found)?;
            kept.revoked_at = kept.revoked_at.or(Some(now));
            let records = kept.records.clone();
            let state = vec![StateChange::put(profile, LIST, &all, None)?, StateChange::delete(profile, &row(id))];
            let notes = vec![self.deed(Deed::Revoke, "share-link", profile, "share", records)];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })
    }

    fn share_card(&self, kept: Kept, now: Instant) -> Result<ShareCard> {
        let state = kept.state(now);
        let by = kept.by.map_or_else(|| "operator".to_owned(), |id| id.to_string());
        Ok(ShareCard {
            by: self.people()?.actor_ref(&by),
            has_passcode: kept.passcode.is_some(),
            attempts_left: ATTEMPTS.saturating_sub(kept.wrong),
            id: kept.id,
            records: kept.records,
            made_at: kept.made_at,
            expires_at: kept.expires_at,
            single_use: kept.single_use,
            opened: kept.opened,
            state,
        })
    }
}

impl Vault {
    /// Whether a link asks for a passcode.
    ///
    /// # Errors
    /// `not-found` for one that cannot be opened, whatever the reason.
    pub fn share_asks(&self, id: &str) -> Result<bool> {
        let (_, kept) = self.inner.open_share(id)?;
        Ok(kept.passcode.is_some())
    }

    /// The ciphertext behind a link, for whoever has the passcode where one is asked for.
    ///
    /// # Errors
    /// `not-found` for a link that cannot be opened; `wrong-passcode` where the passcode is missing or wrong, until too many
    /// were tried.
    pub fn open_share(&self, id: &str, passcode: Option<&str>) -> Result<String> {
        let inner = &self.inner;
        let (profile, kept) = inner.open_share(id)?;
        if let Some(hash) = &kept.passcode {
            let wrong = || Error::new(ErrorKind::WrongSecret, "wrong-passcode", "this passcode is not right");
            let tried = passcode.filter(|passcode| !passcode.is_empty()).ok_or_else(wrong)?;
            // Counted before it is looked at: those who try many at once must not get more tries than those who wait.
            let counted = inner.change_share(profile, id, |kept| kept.wrong += 1)?;
            if !verify_password(tried, hash) {
                if counted.wrong >= ATTEMPTS {
                    let state = vec![StateChange::delete(profile, &row(id))];
                    inner.committer.commit(Write { state, ..Write::default() })?;
                }
                return Err(wrong());
            }
        }
        let now = inner.now();
        let had_passcode = kept.passcode.is_some();
        let jwe: String = inner.state(profile, &row(id))?.ok_or_else(Error::not_found)?;
        let kept = inner.change_share(profile, id, |kept| {
            kept.opened.push(now);
            kept.wrong -= u32::from(had_passcode);
        })?;
        let gate = self.session(Actor::Gate, "share link")?;
        gate.note(gate.deed(Deed::Read, "share-link", profile, "share", kept.records))?;
        Ok(jwe)
    }
}

impl Inner {
    fn shares(&self, profile: ProfileId) -> Result<Vec<Kept>> {
        Ok(self.state(profile, LIST)?.unwrap_or_default())
    }

    /// The changes that end the links a record is in, with their ciphertext, which repeats what the record said. For whoever
    /// holds the state lock and is about to destroy that.
    pub(super) fn end_shares_of(&self, profile: ProfileId, record: RecordId) -> Result<Vec<StateChange>> {
        let (now, mut all) = (self.now(), self.shares(profile)?);
        // Who the person is may stand in every bundle.
        let is_person = record.as_bytes() == profile.as_bytes();
        let mut changes = Vec::new();
        for kept in all.iter_mut().filter(|kept| is_person || kept.records.contains(&record)) {
            if matches!(kept.state(now), ShareState::Open | ShareState::Locked) {
                kept.revoked_at = Some(now);
            }
            changes.push(StateChange::delete(profile, &row(&kept.id)));
        }
        if !changes.is_empty() {
            changes.push(StateChange::put(profile, LIST, &all, None)?);
        }
        Ok(changes)
    }

    /// A link that can be opened, and whose it is.
    fn open_share(&self, id: &str) -> Result<(ProfileId, Kept)> {
        let profile: ProfileId = self.state(ProfileId::SYSTEM, &place(id))?.ok_or_else(Error::not_found)?;
        if !self.keys.has_profile(profile) || self.is_leaving(profile) {
            return Err(Error::not_found());
        }
        let kept = self.shares(profile)?.into_iter().find(|kept| kept.id == id).ok_or_else(Error::not_found)?;
        if kept.state(self.now()) == ShareState::Open { Ok((profile, kept)) } else { Err(Error::not_found()) }
    }

    /// Changes a link that can still be opened; deletes its ciphertext where it then cannot.
    fn change_share(&self, profile: ProfileId, id: &str, change: impl FnOnce(&mut Kept)) -> Result<Kept> {
        self.with_state_lock(|| {
            let now = self.now();
            let mut all = self.shares(profile)?;
            let kept = all.iter_mut().find(|kept| kept.id == id).ok_or_else(Error::not_found)?;
            // The right passcode of the last try takes its own count back.
            let open = kept.state(now) == ShareState::Open || kept.wrong == ATTEMPTS && kept.revoked_at.is_none();
            if !open || (kept.single_use && !kept.opened.is_empty()) {
                return Err(Error::not_found());
            }
            change(kept);
            let kept = kept.clone();
            let mut state = vec![StateChange::put(profile, LIST, &all, None)?];
            if kept.state(now) != ShareState::Open && kept.state(now) != ShareState::Locked {
                state.push(StateChange::delete(profile, &row(id)));
            }
            self.committer.commit(Write { state, ..Write::default() })?;
            Ok(kept)
        })
    }
}

impl Kept {
    fn state(&self, now: Instant) -> ShareState {
        if self.revoked_at.is_some() {
            ShareState::Revoked
        } else if self.single_use && !self.opened.is_empty() {
            ShareState::Used
        } else if self.expires_at <= now {
            ShareState::Ended
        } else if self.wrong >= ATTEMPTS {
            ShareState::Locked
        } else {
            ShareState::Open
        }
    }
}

/// The row of a link's ciphertext.
fn row(id: &str) -> String {
    format!("share/{id}")
}

/// The row that says whose link it is.
fn place(id: &str) -> String {
    format!("share-of/{id}")
}

fn ends(when: When) -> Instant {
    match when {
        When::Instant(moment) => moment,
        When::Date(day) => day.end(),
    }
}

/// Reads what somebody asks a link for.
fn read(body: &Value, now: Instant) -> Result<Wanted> {
    let wrong = |path: &str, code| Error::invalid(vec![Detail { path: path.to_owned(), code }]);
    let fields = body.as_object().ok_or_else(|| wrong("", "not-an-object"))?;
    let known = ["records", "expires_at", "single_use", "passcode"];
    if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(wrong(&format!("/{name}"), "unknown-field"));
    }
    for name in ["records", "expires_at"] {
        if fields.get(name).is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
            return Err(wrong(&format!("/{name}"), "required"));
        }
    }
    let wanted: Wanted = serde_json::from_value(body.clone()).map_err(|_| {
        let reads = |name: &str| match (name, &fields.get(name).cloned().unwrap_or_default()) {
            ("records", value) => serde_json::from_value::<Vec<RecordId>>(value.clone()).is_ok(),
            ("expires_at", value) => serde_json::from_value::<When>(value.clone()).is_ok(),
            ("single_use", value) => value.is_boolean() || value.is_null(),
            (_, value) => value.is_string() || value.is_null(),
        };
        let name = known.into_iter().find(|name| !reads(name)).unwrap_or_default();
        wrong(&format!("/{name}"), "invalid")
    })?;
    let end = ends(wanted.expires_at);
    let letters = wanted.passcode.as_ref().map(|passcode| passcode.chars().count());
    let fault = if wanted.records.len() > MOST_RECORDS {
        Some(("/records", "too-many"))
    } else if end <= now {
        Some(("/expires_at", "in-the-past"))
    } else if end > now.plus_millis(LONGEST_DAYS * DAY) {
        Some(("/expires_at", "too-late"))
    } else if letters.is_some_and(|letters| letters < *PASSCODE.start()) {
        Some(("/passcode", "too-short"))
    } else if letters.is_some_and(|letters| letters > *PASSCODE.end()) {
        Some(("/passcode", "too-long"))
    } else {
        None
    };
    match fault {
        Some((path, code)) => Err(wrong(path, code)),
        None => Ok(wanted),
    }
}
