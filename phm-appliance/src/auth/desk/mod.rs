//! The sign-in desk of an open vault: who comes in, who stays, who is sent away.
//!
//! Works on blocking threads. Sessions and lock-outs are sealed state of the vault; what is asked at every request (is
//! this session still good?) is remembered in memory, and forgotten the moment a session ends.

mod address;
mod elsewhere;
mod forgive;
mod hand_over;
mod invitations;
mod keys;
mod passkeys;
mod recover;
mod register;
mod second;
mod sessions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::{Clock, Instant};
use phm_core::vault::Vault;
use poem::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::accounts::{self, Account};
use super::hashing;
use super::lockout::Attempts;
use super::provider::{Leaving, Provider};
use super::session::{Door, Refresh, SignIn};
use super::site::Site;
use super::standing::Standing;
use super::tickets::Tickets;
use super::tokens::Tokens;
use crate::http::{Client, Problem};
use crate::notify::{Mailer, Outbox};
use crate::settings::Settings;

pub use invitations::WaitingGuest;
pub use keys::SIGNS_FOR as KEY_SIGNS_FOR;
pub use second::{Method, Proof, WRONG};
pub use sessions::SESSIONS_PER_ACCOUNT;

/// Who stands at the desk, apart from who they say they are.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where they come from.
    pub client: Client,
    /// How they come in.
    pub door: Door,
    /// The device, by its own words.
    pub agent: String,
    /// The name of this house they use, where passkeys work under it.
    pub site: Option<Site>,
}

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

/// Somebody whose password was right, and who has to show more.
pub struct HalfWay {
    /// What they come back with.
    pub ticket: String,
    /// What they may show.
    pub methods: Vec<Method>,
    /// What a browser asks a passkey, where that is among them.
    pub passkey: Option<Value>,
}

/// What became of an attempt to sign in.
pub enum Outcome {
    /// They are in.
    Inside(Box<Entered>),
    /// They have to show a second factor.
    HalfWay(HalfWay),
}

/// The desk.
pub struct Desk {
    vault: Vault,
    tokens: RwLock<Tokens>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    mailer: Outbox,
    known: Mutex<HashMap<RecordId, sessions::Known>>,
    /// One change of sessions at a time: two uses of one refresh token must not both succeed.
    turn: Mutex<()>,
    half_way: Tickets<second::Waiting>,
    joining: Tickets<passkeys::Joining>,
    opening: Tickets<passkeys::Opening>,
    provider: Option<Provider>,
    leaving: Tickets<Leaving>,
    /// What the identity provider said of those who are half-way in, by their tickets.
    half_way_from: Tickets<String>,
}

impl Desk {
    /// The desk of an open vault.
    pub fn new(
        vault: Vault,
        settings: &Settings,
        clock: Arc<dyn Clock>,
        mailer: Arc<Mailer>,
    ) -> phm_core::Result<Self> {
        let tokens = Tokens::new(vault.id(), &vault.token_keys());
        let mailer = Outbox::open(&vault, mailer, Arc::clone(&clock));
        let desk = Self {
            vault,
            tokens: RwLock::new(tokens),
            clock,
            settings: settings.clone(),
            mailer,
            known: Mutex::default(),
            turn: Mutex::default(),
            half_way: Tickets::default(),
            joining: Tickets::default(),
            opening: Tickets::default(),
            provider: Provider::new(settings),
            leaving: Tickets::default(),
            half_way_from: Tickets::default(),
        };
        desk.end_those_of_before()?;
        desk.look_after_keys()?;
        Ok(desk)
    }

    /// Whether anybody has an account.
    pub fn has_accounts(&self) -> Result<bool, Problem> {
        Ok(self.vault.has_accounts()?)
    }

    /// Lets somebody in with e-mail and password, or half-way in.
    ///
    /// # Errors
    /// 401 `sign-in-failed`, whatever was wrong; 403 `email-unverified` for who knows the password of an account whose
    /// address is not proven; 429 after too many wrong passwords.
    pub fn sign_in(&self, email: &str, password: &str, arrival: &Arrival) -> Result<Outcome, Problem> {
        let now = self.clock.now();
        let place = lockout_row(email, arrival.client);
        // Looked at and counted within one turn: of a burst no more get by than there are turns.
        let turn = hashing::turn()?;
        let forgiven = self.forgiven(email)?;
        let attempts = self.read::<Attempts>(&place)?.unwrap_or_default().since(forgiven);
        if let Some(wait) = attempts.wait(now) {
            return Err(Problem::too_many(wait));
        }
        let Some(account) = accounts::verify(&self.vault, email, password, &turn)? else {
            self.vault.update_state(ProfileId::SYSTEM, &place, |kept: Option<Attempts>| {
                let mut attempts = kept.unwrap_or_default().since(forgiven);
                attempts.fail(now);
                let expires = attempts.expires(now);
                Ok((Some((attempts, Some(expires))), ()))
            })?;
            // Whose address was tried stands in no log; where it came from tells an attack from a slip.
            tracing::warn!(from = %arrival.client.address, "a sign-in failed");
            return Err(sign_in_failed());
        };
        drop(turn);
        if attempts.are_any() {
            self.vault.delete_state(ProfileId::SYSTEM, &place)?;
        }
        if !Standing::of(&self.vault, account.id)?.may_enter() {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "email-unverified",
                "open the link in the letter that was sent to this address first",
            ));
        }
        match self.second_factor_of(&account, arrival)? {
            Some(half_way) => Ok(Outcome::HalfWay(half_way)),
            None => Ok(Outcome::Inside(Box::new(self.begin(account, arrival.door, &arrival.agent, now)?))),
        }
    }

    /// Begins a session of somebody whose identity is proven.
    pub fn enter(&self, account: AccountId, door: Door, agent: &str) -> Result<Entered, Problem> {
        let account = accounts::find(&self.vault, account)?.ok_or_else(Problem::not_signed_in)?;
        self.begin(account, door, agent, self.now())
    }

    /// Begins a session of somebody who showed at `proven_at` who they are; not where the password or the address was changed
    /// since, which ended every session there was, or may have been because it was somebody else.
    fn begin(&self, account: Account, door: Door, agent: &str, proven_at: Instant) -> Result<Entered, Problem> {
        let _turn = self.turn();
        let standing = Standing::of(&self.vault, account.id)?;
        let changed_at = standing.password_changed_at.max(standing.email_changed_at);
        if changed_at.is_some_and(|changed_at| proven_at < changed_at) {
            return Err(sign_in_failed());
        }
        let now = self.clock.now();
        let (sign_in, refresh) = SignIn::begin(account.id, door, agent, now);
        self.keep_new(&sign_in)?;
        let access = self.token_for(account.id, sign_in.id)?;
        Ok(Entered { account, session: sign_in.id, refresh, access })
    }

    /// Shows once more that the person at a session is its holder, before something that matters: by the password, or
    /// by having signed in only minutes ago.
    ///
    /// # Errors
    /// 403 `password-needed`; 429 after too many wrong ones.
    pub fn prove(&self, account: AccountId, session: RecordId, password: Option<&str>) -> Result<(), Problem> {
        if let Some(password) = password.filter(|password| !password.is_empty()) {
            return self.prove_password(account, password);
        }
        let now = self.clock.now();
        let is_fresh = self.sign_in_of(session)?.is_some_and(|sign_in| sign_in.is_fresh(now));
        if is_fresh { Ok(()) } else { Err(password_needed()) }
    }

    /// Whether this is the password of the account.
    ///
    /// # Errors
    /// 403 `password-needed` when it is not; 429 after too many wrong ones.
    fn prove_password(&self, account: AccountId, password: &str) -> Result<(), Problem> {
        let place = format!("proof-lock/{account}");
        self.within_attempts(&place, || Ok(accounts::has_password(&self.vault, account, password)?.then_some(())))?
            .ok_or_else(password_needed)
    }

    /// Tries something a stranger could try again and again; mistakes cost more and more time.
    ///
    /// An attempt is counted before it is looked at: a burst of them would otherwise all be looked at as the first.
    fn within_attempts<T>(
        &self,
        place: &str,
        attempt: impl FnOnce() -> Result<Option<T>, Problem>,
    ) -> Result<Option<T>, Problem> {
        let now = self.clock.now();
        // Who has to wait is told so by a reading; only what is looked at is written down.
        let attempts: Attempts = self.read(place)?.unwrap_or_default();
        if let Some(wait) = attempts.wait(now) {
            return Err(Problem::too_many(wait));
        }
        let wait = self.vault.update_state(ProfileId::SYSTEM, place, |kept: Option<Attempts>| {
            let mut attempts = kept.unwrap_or_default();
            let wait = attempts.wait(now);
            if wait.is_none() {
                attempts.fail(now);
            }
            let expires = attempts.expires(now);
            Ok((Some((attempts, Some(expires))), wait))
        })?;
        if let Some(wait) = wait {
            return Err(Problem::too_many(wait));
        }
        let found = attempt()?;
        if found.is_some() {
            self.vault.delete_state(ProfileId::SYSTEM, place)?;
        }
        Ok(found)
    }

    /// The account with this id.
    pub fn account(&self, id: AccountId) -> Result<Account, Problem> {
        accounts::find(&self.vault, id)?.ok_or_else(Problem::not_signed_in)
    }

    /// The vault this desk belongs to.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> phm_core::Result<Option<T>> {
        self.vault.state(ProfileId::SYSTEM, name)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

fn password_needed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "password-needed", "give your password once more")
}

/// 401, the same whatever was wrong.
fn sign_in_failed() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "sign-in-failed", "e-mail address or password is wrong")
}

/// Counted by e-mail address and place, without keeping either.
fn lockout_row(email: &str, client: Client) -> String {
    let text = format!("{}\n{}", email.trim().to_lowercase(), client.place());
    format!("lock-out/{}", hashed(&text))
}

/// A text as it stands in the name of a row.
fn hashed(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
