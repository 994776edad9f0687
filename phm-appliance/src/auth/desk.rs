//! The sign-in desk of an open vault: who comes in, who stays, who is sent away.
//!
//! Works on blocking threads. Sessions and lock-outs are sealed state of the vault; what is asked at every request (is
//! this session still good?) is remembered in memory, and forgotten the moment a session ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::{Clock, Instant};
use phm_core::vault::Vault;
use poem::http::StatusCode;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::accounts::{self, Account, NewAccount};
use super::invitation;
use super::lockout::Attempts;
use super::session::{Door, Refresh, Refused, SignIn};
use super::tokens::Tokens;
use crate::http::{Client, Problem};
use crate::settings::{Registration, Settings};

/// Sessions remembered in memory before all are forgotten and read again.
const REMEMBERED: usize = 10_000;

/// How long an invitation is good for.
const INVITED_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;

/// Sessions of one account at most; the one unused for longest ends first.
const SESSIONS_PER_ACCOUNT: usize = 50;

/// Somebody who just signed in or refreshed.
pub struct Entered {
    /// Their account.
    pub account: Account,
    /// The session.
    pub session: RecordId,
    /// The session's newest refresh token.
    pub refresh: Refresh,
    /// A fresh access token.
    pub access: String,
}

/// The desk.
pub struct Desk {
    vault: Vault,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    registration: Registration,
    known: Mutex<HashMap<RecordId, AccountId>>,
    /// One change of sessions at a time: two uses of one refresh token must not both succeed.
    turn: Mutex<()>,
}

impl Desk {
    /// The desk of an open vault.
    pub fn new(vault: Vault, settings: &Settings, clock: Arc<dyn Clock>) -> phm_core::Result<Self> {
        let tokens = Tokens::new(vault.id(), &vault.token_key()?);
        let registration = settings.registration;
        Ok(Self { vault, tokens, clock, registration, known: Mutex::default(), turn: Mutex::default() })
    }

    /// Whether anybody has an account.
    pub fn has_accounts(&self) -> Result<bool, Problem> {
        Ok(self.vault.has_accounts()?)
    }

    /// Lets somebody in with e-mail and password.
    ///
    /// # Errors
    /// 401 `sign-in-failed`, whatever was wrong; 429 after too many wrong passwords.
    pub fn sign_in(
        &self,
        email: &str,
        password: &str,
        client: Client,
        door: Door,
        agent: &str,
    ) -> Result<Entered, Problem> {
        let now = self.clock.now();
        let place = lockout_row(email, client);
        let attempts: Attempts = self.read(&place)?.unwrap_or_default();
        if let Some(wait) = attempts.wait(now) {
            return Err(Problem::too_many(wait));
        }
        let Some(account) = accounts::verify(&self.vault, email, password)? else {
            let _turn = self.turn();
            let mut attempts: Attempts = self.read(&place)?.unwrap_or_default();
            attempts.fail(now);
            self.vault.put_state(ProfileId::SYSTEM, &place, &attempts, Some(attempts.expires(now)))?;
            return Err(sign_in_failed());
        };
        self.vault.delete_state(ProfileId::SYSTEM, &place)?;
        self.begin(account, door, agent)
    }

    /// Begins a session of somebody whose identity is proven.
    pub fn enter(&self, account: AccountId, door: Door, agent: &str) -> Result<Entered, Problem> {
        let account = accounts::find(&self.vault, account)?.ok_or_else(Problem::not_signed_in)?;
        self.begin(account, door, agent)
    }

    fn begin(&self, account: Account, door: Door, agent: &str) -> Result<Entered, Problem> {
        let _turn = self.turn();
        let now = self.clock.now();
        let (sign_in, refresh) = SignIn::begin(account.id, door, agent, now);
        let mut all = self.sign_ins(account.id)?;
        all.sort_by_key(|session| std::cmp::Reverse(session.used_at));
        for old in all.split_off(all.len().min(SESSIONS_PER_ACCOUNT - 1)) {
            self.forget(old.id)?;
        }
        let ids: Vec<RecordId> = all.iter().map(|session| session.id).chain([sign_in.id]).collect();
        self.vault.put_state(ProfileId::SYSTEM, &list_row(account.id), &ids, None)?;
        self.keep(&sign_in)?;
        let access = self.tokens.issue(account.id, sign_in.id, now);
        Ok(Entered { account, session: sign_in.id, refresh, access })
    }

    /// The next tokens for a refresh token.
    ///
    /// # Errors
    /// 401 `session-ended`; a token shown twice ends its session.
    pub fn refresh(&self, shown: &str) -> Result<Entered, Problem> {
        let shown = Refresh::parse(shown).ok_or_else(Problem::session_ended)?;
        let _turn = self.turn();
        let mut sign_in = self.sign_in_of(shown.session())?.ok_or_else(Problem::session_ended)?;
        let now = self.clock.now();
        let refresh = match sign_in.rotate(&shown, now) {
            Ok(next) => next,
            Err(Refused::Unknown) => return Err(Problem::session_ended()),
            Err(Refused::Reused) => {
                tracing::warn!(session = %sign_in.id, "a used refresh token was shown again; the session is ended");
                self.forget(sign_in.id)?;
                return Err(Problem::session_ended());
            }
        };
        let account = accounts::find(&self.vault, sign_in.account)?.ok_or_else(Problem::session_ended)?;
        self.keep(&sign_in)?;
        let access = self.tokens.issue(account.id, sign_in.id, now);
        Ok(Entered { account, session: sign_in.id, refresh, access })
    }

    /// Account and session of an access token.
    pub fn admit_token(&self, token: &str) -> Result<(AccountId, RecordId), Problem> {
        let claims = self.tokens.check(token, self.clock.now()).ok_or_else(Problem::not_signed_in)?;
        if self.known().get(&claims.sid) == Some(&claims.sub) {
            return Ok((claims.sub, claims.sid));
        }
        let sign_in = self.sign_in_of(claims.sid)?;
        let sign_in = sign_in.filter(|sign_in| sign_in.account == claims.sub).ok_or_else(Problem::session_ended)?;
        self.remember(&sign_in);
        Ok((claims.sub, claims.sid))
    }

    /// Account and session of a browser's cookie, which is used again and again until it expires.
    pub fn admit_cookie(&self, cookie: &Refresh) -> Result<(AccountId, RecordId), Problem> {
        let sign_in = self.sign_in_of(cookie.session())?.ok_or_else(Problem::not_signed_in)?;
        if sign_in.door != Door::Web || sign_in.check(cookie).is_err() {
            return Err(Problem::not_signed_in());
        }
        Ok((sign_in.account, sign_in.id))
    }

    /// The account with this id.
    pub fn account(&self, id: AccountId) -> Result<Account, Problem> {
        accounts::find(&self.vault, id)?.ok_or_else(Problem::not_signed_in)
    }

    /// Everything the account is signed in with.
    pub fn sessions(&self, account: AccountId) -> Result<Vec<SignIn>, Problem> {
        self.sign_ins(account)
    }

    /// Ends a session of the account.
    ///
    /// # Errors
    /// 404 when it is not one of theirs.
    pub fn end(&self, account: AccountId, session: RecordId) -> Result<(), Problem> {
        let _turn = self.turn();
        self.sign_in_of(session)?.filter(|sign_in| sign_in.account == account).ok_or_else(Problem::not_found)?;
        self.forget(session)
    }

    /// Account and session of a refresh token, without using it up.
    pub fn holder(&self, shown: &str) -> Result<(AccountId, RecordId), Problem> {
        let shown = Refresh::parse(shown).ok_or_else(Problem::session_ended)?;
        let sign_in = self.sign_in_of(shown.session())?.ok_or_else(Problem::session_ended)?;
        sign_in.check(&shown).map_err(|_| Problem::session_ended())?;
        Ok((sign_in.account, sign_in.id))
    }

    /// An invitation for one person, and until when it is good.
    pub fn invite(&self) -> Result<(String, Instant), Problem> {
        let invitation = invitation::secret();
        let expires = self.clock.now().plus_millis(INVITED_MILLIS);
        self.vault.put_state(ProfileId::SYSTEM, &invitation_row(&invitation), &expires, Some(expires))?;
        Ok((invitation, expires))
    }

    /// Registers somebody, as far as the house lets them.
    ///
    /// # Errors
    /// 403 `registration-closed` without an invitation where one is needed.
    pub fn register(&self, new: &NewAccount, invitation: Option<&str>) -> Result<Account, Problem> {
        let closed = || Problem::new(StatusCode::FORBIDDEN, "registration-closed", "ask an admin for an invitation");
        let row = match (self.registration, invitation) {
            (Registration::Open, _) => return Ok(accounts::add(&self.vault, new)?),
            (Registration::Closed, _) | (Registration::Invitation, None) => return Err(closed()),
            (Registration::Invitation, Some(invitation)) => invitation_row(invitation),
        };
        // Taken before the account is made, so that it serves one person; given back when that fails.
        let taken: Option<Instant> = self.vault.update_state(ProfileId::SYSTEM, &row, |found| Ok((None, found)))?;
        let expires = taken.ok_or_else(closed)?;
        accounts::add(&self.vault, new).map_err(|error| {
            match self.vault.put_state(ProfileId::SYSTEM, &row, &expires, Some(expires)) {
                Ok(()) => error.into(),
                Err(worse) => worse.into(),
            }
        })
    }

    /// The vault this desk belongs to.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> phm_core::Result<Option<T>> {
        self.vault.state(ProfileId::SYSTEM, name)
    }

    fn sign_ins(&self, account: AccountId) -> Result<Vec<SignIn>, Problem> {
        let ids: Vec<RecordId> = self.read(&list_row(account))?.unwrap_or_default();
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            all.extend(self.sign_in_of(id)?);
        }
        Ok(all)
    }

    fn sign_in_of(&self, id: RecordId) -> Result<Option<SignIn>, Problem> {
        Ok(self.read(&session_row(id))?)
    }

    fn keep(&self, sign_in: &SignIn) -> Result<(), Problem> {
        self.vault.put_state(ProfileId::SYSTEM, &session_row(sign_in.id), sign_in, Some(sign_in.expires()))?;
        self.remember(sign_in);
        Ok(())
    }

    fn forget(&self, session: RecordId) -> Result<(), Problem> {
        self.known().remove(&session);
        Ok(self.vault.delete_state(ProfileId::SYSTEM, &session_row(session))?)
    }

    fn remember(&self, sign_in: &SignIn) {
        let mut known = self.known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(sign_in.id, sign_in.account);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RecordId, AccountId>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 401, the same whatever was wrong.
fn sign_in_failed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "sign-in-failed", "e-mail address or password is wrong")
}

fn invitation_row(invitation: &str) -> String {
    format!("invitation/{}", invitation::digest(invitation))
}

fn session_row(id: RecordId) -> String {
    format!("sign-in/{id}")
}

fn list_row(account: AccountId) -> String {
    format!("sign-ins/{account}")
}

/// Counted by e-mail address and place, without keeping either.
fn lockout_row(email: &str, client: Client) -> String {
    let text = format!("{}\n{}", email.trim().to_lowercase(), client.place());
    format!("lock-out/{}", URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())))
}
