//! Links: chosen records, sealed anew under a key that only the link carries.
//!
//! Whoever has the link needs no account. The vault keeps the ciphertext and hands it out until the link ends, was
//! used, was revoked, or five wrong passcodes were tried in all; then the ciphertext is deleted. It hands out nothing
//! either that whoever made the link may not give on any more, such as a record that was removed or marked since. The
//! key stands in the link's fragment, which no browser sends, so the server never learns what it hands out. Making a
//! link, every opening, and wrong passcodes stand in the audit log of the person.

mod wanted;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use self::wanted::Wanted;
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{AccountId, Action, Actor, ActorRef};
use crate::audit::entry::Deed;
use crate::crypto;
use crate::crypto::jwe::LinkKey;
use crate::crypto::kdf::{Cost, hash_password, verify_password};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// Wrong passcodes in the life of a link.
const ATTEMPTS: u32 = 5;
/// Days for which a link that is over is still listed.
const LISTED_DAYS: i64 = 90;
const DAY: i64 = 24 * 3_600_000;
/// Openings whose moments are kept; earlier ones are counted.
const MOST_OPENED: usize = 100;
/// The state row that lists a person's links.
pub(super) const LIST: &str = "shares";

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
    /// How often it was opened before those.
    #[serde(default)]
    opened_before: u64,
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
    /// It was taken back, or not all of it may be given on any more by whoever made it.
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
    /// When it was opened: the last hundred times.
    pub opened: Vec<Instant>,
    /// How often it was opened in all.
    pub times_opened: u64,
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
    /// `invalid` with the places that break a rule; `not-found` and `not-granted` where the caller may not give all of
    /// these records on, and out of the vault.
    pub fn make_share(&self, profile: ProfileId, body: &Value) -> Result<MadeShare> {
        self.may_know(profile)?;
        let now = self.inner.now();
        let wanted = Wanted::read(body, now)?;
        let bundle = self.bundle_of(profile, &wanted.records)?;
        let expires_at = wanted.ends();
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
            expires_at,
            single_use: wanted.single_use.unwrap_or_default(),
            passcode,
            wrong: 0,
            opened: Vec::new(),
            opened_before: 0,
            revoked_at: None,
        };
        self.inner.with_state_lock(|| {
            let mut all: Vec<Kept> = self.inner.shares(profile)?;
            // What nobody can open any more is not kept either.
            let over = all.iter().filter(|old| old.state(now) != ShareState::Open);
            let mut state: Vec<StateChange> = over.map(|old| StateChange::delete(profile, &row(&old.id))).collect();
            all.retain(|old| now < old.expires_at.plus_millis(LISTED_DAYS * DAY));
            all.push(kept.clone());
            let until = Some(kept.expires_at);
            state.extend([
                StateChange::put(profile, LIST, &all, None)?,
                StateChange::put(profile, &row(&kept.id), &key.seal(&bundle), until)?,
                StateChange::put(ProfileId::SYSTEM, &place(&kept.id), &profile, until)?,
            ]);
            let notes = vec![self.deed(Deed::Export, "share-link", profile, "share", kept.records.iter().copied())];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })?;
        Ok(MadeShare { card: self.share_card(profile, kept, now)?, key: text })
    }

    /// The links to a person's records, newest first: all of them for whoever answers for the person, else the caller's
    /// own.
    ///
    /// # Errors
    /// As [`Session::permit`] for giving access.
    pub fn shares(&self, profile: ProfileId) -> Result<Vec<ShareCard>> {
        self.permit(Action::Share, profile, "profile")?;
        let now = self.inner.now();
        let all = self.answers_for(profile);
        let mut kept = self.inner.shares(profile)?;
        kept.retain(|kept| all || self.made(kept));
        kept.into_iter().rev().map(|kept| self.share_card(profile, kept, now)).collect()
    }

    /// Ends a link and deletes its ciphertext.
    ///
    /// # Errors
    /// `not-found` where there is no such link the caller may end.
    pub fn end_share(&self, profile: ProfileId, id: &str) -> Result<()> {
        self.permit(Action::Share, profile, "profile")?;
        let answers = self.answers_for(profile);
        let now = self.inner.now();
        self.inner.with_state_lock(|| {
            let mut all = self.inner.shares(profile)?;
            let kept = all.iter_mut().find(|kept| kept.id == id && (answers || self.made(kept)));
            let kept = kept.ok_or_else(Error::not_found)?;
            kept.revoked_at = kept.revoked_at.or(Some(now));
            let records = kept.records.clone();
            let state = vec![StateChange::put(profile, LIST, &all, None)?, StateChange::delete(profile, &row(id))];
            let notes = vec![self.deed(Deed::Revoke, "share-link", profile, "share", records)];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })
    }

    /// Whether the caller's account made a link.
    fn made(&self, kept: &Kept) -> bool {
        self.actor.account().is_some_and(|account| kept.by == Some(account))
    }

    /// Ends every link that holds a record, and deletes what it hands out: the record is to be destroyed.
    pub(super) fn end_shares_of(&self, profile: ProfileId, record: RecordId) -> Result<()> {
        let now = self.inner.now();
        self.inner.with_state_lock(|| {
            let mut all = self.inner.shares(profile)?;
            let mut state = Vec::new();
            for kept in all.iter_mut().filter(|kept| kept.records.contains(&record)) {
                kept.revoked_at = kept.revoked_at.or(Some(now));
                state.push(StateChange::delete(profile, &row(&kept.id)));
            }
            if state.is_empty() {
                return Ok(());
            }
            state.push(StateChange::put(profile, LIST, &all, None)?);
            let notes = vec![self.deed(Deed::Revoke, "share-link", profile, "share", [record])];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })
    }

    fn share_card(&self, profile: ProfileId, kept: Kept, now: Instant) -> Result<ShareCard> {
        let state = match kept.state(now) {
            ShareState::Open if !stands(&self.inner, profile, &kept)? => ShareState::Revoked,
            state => state,
        };
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
            times_opened: kept.opened_before + kept.opened.len() as u64,
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
        let (_, kept) = self.openable(id)?;
        Ok(kept.passcode.is_some())
    }

    /// The ciphertext behind a link, for whoever has the passcode where one is asked for.
    ///
    /// # Errors
    /// `not-found` for a link that cannot be opened; `wrong-passcode` where the passcode is missing or wrong, until too
    /// many were tried.
    pub fn open_share(&self, id: &str, passcode: Option<&str>) -> Result<String> {
        let inner = &self.inner;
        let (profile, kept) = self.openable(id)?;
        let gate = self.session(Actor::Gate, "share link")?;
        if let Some(hash) = &kept.passcode {
            let wrong = || Error::new(ErrorKind::WrongSecret, "wrong-passcode", "this passcode is not right");
            let tried = passcode.filter(|passcode| !passcode.is_empty()).ok_or_else(wrong)?;
            // Counted before it is looked at: those who try many at once must not get more tries than those who wait.
            let counted = inner.change_share(profile, id, Change::Try, |kept| kept.wrong += 1)?;
            if !verify_password(tried, hash) {
                gate.note_refusal(Action::Read, profile, "share");
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
        let kept = inner.change_share(profile, id, Change::Opening { had_passcode }, |kept| {
            kept.opened.push(now);
            if kept.opened.len() > MOST_OPENED {
                kept.opened.remove(0);
                kept.opened_before += 1;
            }
            kept.wrong = kept.wrong.saturating_sub(u32::from(had_passcode));
        })?;
        gate.note(gate.deed(Deed::Read, "share-link", profile, "share", kept.records))?;
        Ok(jwe)
    }

    /// A link that can be opened, and whose it is.
    fn openable(&self, id: &str) -> Result<(ProfileId, Kept)> {
        let (profile, kept) = self.inner.open_share(id)?;
        if stands(&self.inner, profile, &kept)? { Ok((profile, kept)) } else { Err(Error::not_found()) }
    }
}

/// Whether whoever made a link may still give on all that it holds.
fn stands(inner: &Arc<Inner>, profile: ProfileId, kept: &Kept) -> Result<bool> {
    let maker = kept.by.map_or(Actor::Operator, |account| Actor::Person { account });
    match Session::new(Arc::clone(inner), maker, "share link") {
        Ok(maker) => maker.gives_on(profile, &kept.records),
        // Whose account is closed gives nothing on.
        Err(error) if error.kind() == ErrorKind::Denied => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a link is changed for.
enum Change {
    /// A passcode is tried.
    Try,
    /// It is opened; the right passcode of the last try takes its own count back.
    Opening { had_passcode: bool },
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
    fn change_share(&self, profile: ProfileId, id: &str, what: Change, change: impl FnOnce(&mut Kept)) -> Result<Kept> {
        self.with_state_lock(|| {
            let now = self.now();
            let mut all = self.shares(profile)?;
            let kept = all.iter_mut().find(|kept| kept.id == id).ok_or_else(Error::not_found)?;
            let open = match (kept.state(now), what) {
                (ShareState::Open, _) => true,
                (ShareState::Locked, Change::Opening { had_passcode }) => had_passcode && kept.wrong == ATTEMPTS,
                _ => false,
            };
            if !open {
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
