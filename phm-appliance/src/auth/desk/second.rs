//! The second factor at the desk: what is asked for, what is shown, and setting factors up.

use phm_core::access::AccountId;
use phm_core::id::RecordId;
use phm_core::time::Instant;
use phm_core::{Error, ErrorKind};
use poem::http::StatusCode;
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential};

use super::{Arrival, Desk, Entered, HalfWay, sign_in_failed};
use crate::auth::accounts::{self, Account};
use crate::auth::codes;
use crate::auth::factors::{App, Factors};
use crate::auth::hashing;
use crate::auth::session::Door;
use crate::auth::site::Site;
use crate::auth::totp;
use crate::http::Problem;

/// Wrong codes one ticket bears.
pub const WRONG: u32 = 5;

/// A kind of second factor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// A code of an authenticator app.
    App,
    /// A recovery code.
    Recovery,
    /// A passkey.
    Passkey,
}

impl Method {
    /// Its word in the interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::App => "totp",
            Self::Recovery => "recovery-code",
            Self::Passkey => "passkey",
        }
    }
}

/// What somebody shows as their second factor.
pub enum Proof {
    /// A code of an authenticator app.
    App(String),
    /// A recovery code.
    Recovery(String),
    /// A passkey's answer.
    Passkey(Box<PublicKeyCredential>),
}

/// Somebody half-way in.
pub(super) struct Waiting {
    account: AccountId,
    door: Door,
    agent: String,
    proven_at: Instant,
    wrong: u32,
    asked: Option<(Site, PasskeyAuthentication)>,
}

impl Desk {
    /// What an account still has to show after its password; `None`: nothing.
    pub(super) fn second_factor_of(&self, account: &Account, arrival: &Arrival) -> Result<Option<HalfWay>, Problem> {
        let factors = Factors::of(&self.vault, account.id)?;
        if !factors.are_needed() {
            return Ok(None);
        }
        let asked = match &arrival.site {
            Some(site) => site.ask(&factors.passkeys_for(&site.host))?,
            None => None,
        };
        let (options, asked) = match (asked, arrival.site.clone()) {
            (Some((options, state)), Some(site)) => (Some(options), Some((site, state))),
            _ => (None, None),
        };
        let methods = [
            (Method::Passkey, asked.is_some()),
            (Method::App, factors.app.is_some()),
            (Method::Recovery, !factors.recovery.is_empty()),
        ];
        let methods = methods.into_iter().filter(|(_, offered)| *offered).map(|(method, _)| method).collect();
        let (now, agent) = (self.now(), arrival.agent.clone());
        let waiting = Waiting { account: account.id, door: arrival.door, agent, proven_at: now, wrong: 0, asked };
        let ticket = self.half_way.begin(waiting, now);
        Ok(Some(HalfWay { ticket, methods, passkey: options }))
    }

    /// Lets somebody in who is half-way and shows a second factor.
    ///
    /// # Errors
    /// 401 `sign-in-failed` for a wrong one, `session-ended` when the ticket is over; 429 after too many wrong ones.
    pub fn sign_in_more(&self, ticket: &str, proof: Proof) -> Result<Entered, Problem> {
        let over = || Problem::new(StatusCode::UNAUTHORIZED, "session-ended", "begin again with your password");
        let now = self.now();
        // A passkey answers one question once: the question is taken away with the first answer.
        let found = self.half_way.with(ticket, now, |waiting| {
            let asked = if matches!(proof, Proof::Passkey(_)) { waiting.asked.take() } else { None };
            ((waiting.account, waiting.door, waiting.agent.clone(), asked), true)
        });
        let (account, door, agent, asked) = found.ok_or_else(over)?;
        let place = format!("factor-lock/{account}");
        let fits = self.within_attempts(&place, || self.fits(account, &proof, asked))?;
        if fits.is_none() {
            self.half_way.with(ticket, now, |waiting| {
                waiting.wrong += 1;
                ((), waiting.wrong < WRONG)
            });
            return Err(sign_in_failed());
        }
        // Only one of two requests with one ticket gets in.
        let waiting = self.half_way.take(ticket, now).ok_or_else(over)?;
        let account = accounts::find(&self.vault, account)?.ok_or_else(over)?;
        let entered = self.begin(account, door, &agent, waiting.proven_at)?;
        if let Some(token) = self.half_way_from.take(ticket, now) {
            self.remember_coming(&entered, token)?;
        }
        Ok(entered)
    }

    /// Whether a proof fits the account; a code that fits is used up.
    fn fits(
        &self,
        account: AccountId,
        proof: &Proof,
        asked: Option<(Site, PasskeyAuthentication)>,
    ) -> Result<Option<()>, Problem> {
        match proof {
            Proof::App(shown) => {
                let seconds = self.now().millis().div_euclid(1000);
                let change = |factors: &mut Factors| {
                    let Some(app) = &mut factors.app else { return Ok(None) };
                    let step = totp::check(&app.secret, shown, seconds, Some(app.last_step));
                    app.last_step = step.unwrap_or(app.last_step);
                    Ok(step.map(|_| ()))
                };
                Ok(Factors::change(&self.vault, account, change)?)
            }
            Proof::Recovery(shown) => {
                let factors = Factors::of(&self.vault, account)?;
                let turn = hashing::turn()?;
                let Some(used) = codes::find(&factors.recovery, shown) else { return Ok(None) };
                drop(turn);
                let change = |factors: &mut Factors| {
                    let before = factors.recovery.len();
                    factors.recovery.retain(|kept| kept != used);
                    Ok((factors.recovery.len() < before).then_some(()))
                };
                Ok(Factors::change(&self.vault, account, change)?)
            }
            Proof::Passkey(answer) => {
                let Some((site, state)) = asked else { return Ok(None) };
                self.check_passkey(account, &site, answer, &state)
            }
        }
    }

    /// The second factors of an account.
    pub fn factors(&self, account: AccountId) -> Result<Factors, Problem> {
        Ok(Factors::of(&self.vault, account)?)
    }

    /// A new secret for an authenticator app: as people type it and as an app reads it. It is used once a code of it
    /// was shown.
    pub fn offer_app(&self, account: AccountId) -> Result<(String, String), Problem> {
        let secret: [u8; totp::SECRET] = phm_core::crypto::random();
        let email = self.account(account)?.email;
        Factors::change(&self.vault, account, |factors| {
            factors.offered = Some(secret.to_vec());
            Ok(())
        })?;
        Ok((totp::base32(&secret), totp::address(&secret, &email)))
    }

    /// Takes the offered app into use; gives recovery codes where there are none yet.
    ///
    /// # Errors
    /// 422 when the code is not one of the app's.
    pub fn take_app(&self, account: AccountId, code: &str) -> Result<Option<Vec<String>>, Problem> {
        let seconds = self.now().millis().div_euclid(1000);
        let place = format!("factor-lock/{account}");
        let taken = self.within_attempts(&place, || {
            Ok(Factors::change(&self.vault, account, |factors| {
                let Some(secret) = &factors.offered else { return Ok(None) };
                let Some(last_step) = totp::check(secret, code, seconds, None) else { return Ok(None) };
                factors.app = factors.offered.take().map(|secret| App { secret, last_step });
                Ok(Some(factors.recovery.is_empty()))
            })?)
        })?;
        match taken {
            None => Err(Problem::invalid("/code", "wrong-code")),
            Some(true) => self.new_recovery_codes(account).map(Some),
            Some(false) => Ok(None),
        }
    }

    /// Forgets the authenticator app.
    pub fn drop_app(&self, account: AccountId) -> Result<(), Problem> {
        Ok(Factors::change(&self.vault, account, |factors| {
            (factors.app, factors.offered) = (None, None);
            without_need(factors);
            Ok(())
        })?)
    }

    /// Ten new recovery codes; the earlier ones are void.
    ///
    /// # Errors
    /// 409 `no-second-factor` where there is nothing to recover from.
    pub fn new_recovery_codes(&self, account: AccountId) -> Result<Vec<String>, Problem> {
        let made = codes::make();
        let turn = hashing::turn()?;
        let kept = codes::kept(&made);
        drop(turn);
        Factors::change(&self.vault, account, |factors| {
            if !factors.are_needed() {
                return Err(Error::new(ErrorKind::Conflict, "no-second-factor", "set up a second factor first"));
            }
            factors.recovery = kept;
            Ok(())
        })?;
        Ok(made)
    }

    /// Forgets a passkey.
    ///
    /// # Errors
    /// 404 when it is not one of theirs.
    pub fn drop_passkey(&self, account: AccountId, id: RecordId) -> Result<(), Problem> {
        Ok(Factors::change(&self.vault, account, |factors| {
            let before = factors.passkeys.len();
            factors.passkeys.retain(|kept| kept.id != id);
            if factors.passkeys.len() == before {
                return Err(Error::not_found());
            }
            without_need(factors);
            Ok(())
        })?)
    }
}

/// Recovery codes without anything to recover from would only lie about.
fn without_need(factors: &mut Factors) {
    if !factors.are_needed() {
        factors.recovery.clear();
    }
}
