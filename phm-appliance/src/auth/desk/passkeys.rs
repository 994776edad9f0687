//! Passkeys at the desk: making one, and coming in with one alone.

use phm_core::access::AccountId;
use phm_core::id::RecordId;
use phm_core::{Detail, Error, ErrorKind};
use poem::http::StatusCode;
use serde_json::Value;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

use super::{Arrival, Desk, Entered, sign_in_failed};
use crate::auth::factors::{Factors, KeptPasskey};
use crate::auth::site::Site;
use crate::auth::standing::Standing;
use crate::http::Problem;

/// Passkeys of one account at most.
const MOST: usize = 20;

/// Somebody who is making a passkey.
pub(super) struct Joining {
    account: AccountId,
    site: Site,
    kept: PasskeyRegistration,
}

/// Somebody who is about to come in with a passkey alone.
pub(super) struct Opening {
    site: Site,
    kept: DiscoverableAuthentication,
}

impl Desk {
    /// Begins to make a passkey: a ticket and what the browser is asked.
    ///
    /// # Errors
    /// 403 `https-needed` where passkeys do not work.
    pub fn begin_passkey(&self, account: AccountId, site: Option<Site>) -> Result<(String, Value), Problem> {
        let site = site.ok_or_else(Problem::https_needed)?;
        let known = Factors::of(&self.vault, account)?;
        if known.passkeys.len() >= MOST {
            return Err(Problem::invalid("", "too-many"));
        }
        let known = known.passkeys.iter().map(|kept| kept.key.cred_id().clone()).collect();
        let (asked, kept) = site.invite(&self.account(account)?, known)?;
        let ticket = self.joining.begin(Joining { account, site, kept }, self.now());
        Ok((ticket, serde_json::to_value(asked).map_err(|_| Problem::internal())?))
    }

    /// Keeps the passkey a browser made; gives recovery codes where there are none yet.
    ///
    /// # Errors
    /// 401 `session-ended` when the ticket is over, 422 when the answer is not right.
    pub fn keep_passkey(
        &self,
        account: AccountId,
        ticket: &str,
        name: &str,
        made: &RegisterPublicKeyCredential,
    ) -> Result<(RecordId, Option<Vec<String>>), Problem> {
        let now = self.now();
        let over = || Problem::new(StatusCode::UNAUTHORIZED, "session-ended", "begin again");
        let joining = self.joining.take(ticket, now).filter(|joining| joining.account == account).ok_or_else(over)?;
        let key = joining.site.welcome(made, &joining.kept).map_err(|_| Problem::invalid("/credential", "refused"))?;
        let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(60).collect();
        let name = if name.is_empty() { joining.site.host.clone() } else { name };
        let id = RecordId::new();
        let host = joining.site.host;
        let is_first = Factors::change(&self.vault, account, |factors| {
            if factors.passkeys.iter().any(|kept| kept.key.cred_id() == key.cred_id()) {
                return Err(Error::new(ErrorKind::Conflict, "passkey-known", "this passkey is kept already"));
            }
            // Several may have been begun at the same time.
            if factors.passkeys.len() >= MOST {
                return Err(Error::invalid(vec![Detail { path: String::new(), code: "too-many" }]));
            }
            factors.passkeys.push(KeptPasskey { id, name, host, made_at: now, used_at: None, key });
            Ok(factors.recovery.is_empty())
        })?;
        Ok((id, if is_first { Some(self.new_recovery_codes(account)?) } else { None }))
    }

    /// Begins to come in with a passkey alone: a ticket and what the browser is asked.
    pub fn begin_opening(&self, site: Option<Site>) -> Result<(String, Value), Problem> {
        let site = site.ok_or_else(Problem::https_needed)?;
        let (asked, kept) = site.ask_anybody()?;
        Ok((self.opening.begin(Opening { site, kept }, self.now()), asked))
    }

    /// Lets somebody in with a passkey alone, which has checked its holder by itself.
    ///
    /// # Errors
    /// 401 `sign-in-failed`, whatever was wrong.
    pub fn open_with_passkey(
        &self,
        ticket: &str,
        answer: &PublicKeyCredential,
        arrival: &Arrival,
    ) -> Result<Entered, Problem> {
        let opening = self.opening.take(ticket, self.now()).ok_or_else(sign_in_failed)?;
        let account = opening.site.whose(answer).map_err(|_| sign_in_failed())?;
        let factors = Factors::of(&self.vault, account)?;
        let kept = factors.passkeys.into_iter().find(|kept| kept.key.cred_id().as_slice() == answer.raw_id.as_slice());
        let kept = kept.filter(|kept| kept.host == opening.site.host).ok_or_else(sign_in_failed)?;
        let result = opening.site.check_anybody(answer, opening.kept, &kept.key).map_err(|_| sign_in_failed())?;
        if !result.user_verified() || !Standing::of(&self.vault, account)?.may_enter() {
            return Err(sign_in_failed());
        }
        if !self.note_use(account, &result)? {
            return Err(sign_in_failed());
        }
        self.enter(account, arrival.door, &arrival.agent).map_err(|problem| match problem.status_code() {
            // The account was closed.
            StatusCode::UNAUTHORIZED => sign_in_failed(),
            _ => problem,
        })
    }

    /// Whether a passkey's answer as second factor is right.
    pub(super) fn check_passkey(
        &self,
        account: AccountId,
        site: &Site,
        answer: &PublicKeyCredential,
        kept: &PasskeyAuthentication,
    ) -> Result<Option<()>, Problem> {
        let Ok(result) = site.check(answer, kept) else { return Ok(None) };
        Ok(self.note_use(account, &result)?.then_some(()))
    }

    /// Notes that a passkey was used, with its counter: one that goes backwards was copied. Answers whether it is still
    /// one of theirs: it may have been removed while its holder was asked.
    fn note_use(&self, account: AccountId, result: &AuthenticationResult) -> Result<bool, Problem> {
        let now = self.now();
        Ok(Factors::change(&self.vault, account, |factors| {
            let mut is_theirs = false;
            for kept in &mut factors.passkeys {
                if kept.key.update_credential(result).is_some() {
                    (kept.used_at, is_theirs) = (Some(now), true);
                }
            }
            Ok(is_theirs)
        })?)
    }
}
