//! Sessions at the desk: refreshing, being admitted, idling, ending.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;

use super::{Desk, Entered};
use crate::auth::accounts;
use crate::auth::session::{Door, Refresh, Refused, SignIn};
use crate::http::Problem;

/// Sessions remembered in memory before all are forgotten and read again.
const REMEMBERED: usize = 10_000;

/// Sessions of one account at most; the one unused for longest ends first.
pub const SESSIONS_PER_ACCOUNT: usize = 50;

/// Using a session is written down at most this often, in milliseconds.
const NOTED_EVERY: i64 = 60 * 1000;

/// The row with the audit log of the vault whose sessions these are.
const LOG_ROW: &str = "sign-ins-log";

/// What is remembered of a session.
#[derive(Clone, Copy)]
pub(super) struct Known {
    account: AccountId,
    used_at: Instant,
}

impl Desk {
    /// The next tokens for a refresh token.
    ///
    /// # Errors
    /// 401 `session-ended`; a token shown twice ends its session.
    pub fn refresh(&self, shown: &str) -> Result<Entered, Problem> {
        let shown = Refresh::parse(shown).ok_or_else(Problem::session_ended)?;
        let _turn = self.turn();
        let mut sign_in = self.sign_in_of(shown.session())?.ok_or_else(Problem::session_ended)?;
        let now = self.now();
        // The cookie of a browser has the same form; a browser that idled would live on as a program.
        if sign_in.door != Door::Api {
            return Err(Problem::session_ended());
        }
        if sign_in.is_over(now) {
            self.forget(sign_in.id)?;
            return Err(Problem::session_ended());
        }
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
        let access = self.token_for(account.id, sign_in.id)?;
        Ok(Entered { account, session: sign_in.id, refresh, access })
    }

    /// Account and session of an access token.
    pub fn admit_token(&self, token: &str) -> Result<(AccountId, RecordId), Problem> {
        let claims = self.check_token(token).ok_or_else(Problem::not_signed_in)?;
        if self.known().get(&claims.sid).is_some_and(|known| known.account == claims.sub) {
            return Ok((claims.sub, claims.sid));
        }
        // One that ends between reading and remembering must not be remembered.
        let _turn = self.turn();
        let sign_in = self.sign_in_of(claims.sid)?;
        let sign_in = sign_in.filter(|sign_in| sign_in.account == claims.sub).ok_or_else(Problem::session_ended)?;
        self.remember(&sign_in);
        Ok((claims.sub, claims.sid))
    }

    /// Account and session of a browser's cookie, which is used again and again until it idles too long.
    ///
    /// # Errors
    /// 401 `not-signed-in` for no session of ours, `session-ended` for one that idled or is too old.
    pub fn admit_cookie(&self, cookie: &Refresh) -> Result<(AccountId, RecordId), Problem> {
        let mut sign_in = self.web_session(cookie)?;
        let now = self.now();
        if now.millis().saturating_sub(sign_in.used_at.millis()) >= NOTED_EVERY {
            let _turn = self.turn();
            // It may have been ended meanwhile; then it stays ended.
            if self.sign_in_of(sign_in.id)?.is_none() {
                return Err(Problem::session_ended());
            }
            sign_in.used_at = now;
            self.keep(&sign_in)?;
        }
        let mut known = self.known();
        known.insert(sign_in.id, Known { account: sign_in.account, used_at: now });
        Ok((sign_in.account, sign_in.id))
    }

    /// The same for what a page does by itself while nobody touches it: that is no use of the session, or a page that is
    /// left open would keep its reader signed in for ever.
    pub fn recognise_cookie(&self, cookie: &Refresh) -> Result<(AccountId, RecordId), Problem> {
        let sign_in = self.web_session(cookie)?;
        Ok((sign_in.account, sign_in.id))
    }

    /// Whether a session goes on; asking is no use of it.
    pub fn goes_on(&self, session: RecordId) -> Result<bool, Problem> {
        Ok(self.sign_in_of(session)?.is_some_and(|sign_in| !self.has_idled(&sign_in)))
    }

    /// The session of a browser's cookie, unless it idled for too long; then it ends.
    fn web_session(&self, cookie: &Refresh) -> Result<SignIn, Problem> {
        let sign_in = self.sign_in_of(cookie.session())?.ok_or_else(Problem::not_signed_in)?;
        if sign_in.door != Door::Web || sign_in.check(cookie).is_err() {
            return Err(Problem::not_signed_in());
        }
        if self.has_idled(&sign_in) {
            let _turn = self.turn();
            self.forget(sign_in.id)?;
            return Err(Problem::session_ended());
        }
        Ok(sign_in)
    }

    /// Whether a session is over, or a browser's was not used for too long.
    fn has_idled(&self, sign_in: &SignIn) -> bool {
        let now = self.now();
        let known = self.known().get(&sign_in.id).copied();
        let used_at = known.map_or(sign_in.used_at, |known| known.used_at.max(sign_in.used_at));
        let idled = now.millis().saturating_sub(used_at.millis());
        let longest = i64::from(self.settings.idle_minutes).saturating_mul(60_000);
        sign_in.is_over(now) || (sign_in.door == Door::Web && longest > 0 && idled >= longest)
    }

    /// Everything the account is signed in with.
    pub fn sessions(&self, account: AccountId) -> Result<Vec<SignIn>, Problem> {
        let ids: Vec<RecordId> = self.read(&list_row(account))?.unwrap_or_default();
        let now = self.now();
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            all.extend(self.sign_in_of(id)?.filter(|sign_in| !sign_in.is_over(now)));
        }
        Ok(all)
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

    /// Ends every session of the account but one.
    pub fn end_others(&self, account: AccountId, but: Option<RecordId>) -> Result<(), Problem> {
        let _turn = self.turn();
        let ids: Vec<RecordId> = self.read(&list_row(account))?.unwrap_or_default();
        for id in ids.into_iter().filter(|id| Some(*id) != but) {
            self.forget(id)?;
        }
        Ok(())
    }

    /// Ends every session in a vault that was restored or copied: what was signed out since the backup was made would be
    /// signed in again.
    pub(super) fn end_those_of_before(&self) -> phm_core::Result<()> {
        let log = self.vault.audit_log()?;
        let before: Option<String> = self.read(LOG_ROW)?;
        if before.as_deref() == Some(log.as_str()) {
            return Ok(());
        }
        if before.is_some() {
            let _turn = self.turn();
            for account in accounts::all(&self.vault)? {
                let ids: Vec<RecordId> = self.read(&list_row(account.id))?.unwrap_or_default();
                for id in ids {
                    self.vault.delete_state(ProfileId::SYSTEM, &session_row(id))?;
                }
            }
        }
        self.vault.put_state(ProfileId::SYSTEM, LOG_ROW, &log, None)
    }

    /// Account and session of a refresh token, without using it up.
    pub fn holder(&self, shown: &str) -> Result<(AccountId, RecordId), Problem> {
        let shown = Refresh::parse(shown).ok_or_else(Problem::session_ended)?;
        let sign_in = self.sign_in_of(shown.session())?.ok_or_else(Problem::session_ended)?;
        sign_in.check(&shown).map_err(|_| Problem::session_ended())?;
        Ok((sign_in.account, sign_in.id))
    }

    pub(super) fn sign_in_of(&self, id: RecordId) -> Result<Option<SignIn>, Problem> {
        Ok(self.read(&session_row(id))?)
    }

    /// Keeps a session that just began; where the account has too many, the one unused for longest ends.
    pub(super) fn keep_new(&self, sign_in: &SignIn) -> Result<(), Problem> {
        let mut all = self.sessions(sign_in.account)?;
        all.sort_by_key(|session| std::cmp::Reverse(session.used_at));
        for old in all.split_off(all.len().min(SESSIONS_PER_ACCOUNT - 1)) {
            self.forget(old.id)?;
        }
        let ids: Vec<RecordId> = all.iter().map(|session| session.id).chain([sign_in.id]).collect();
        self.vault.put_state(ProfileId::SYSTEM, &list_row(sign_in.account), &ids, None)?;
        self.keep(sign_in)
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
        known.insert(sign_in.id, Known { account: sign_in.account, used_at: sign_in.used_at });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RecordId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn session_row(id: RecordId) -> String {
    format!("sign-in/{id}")
}

fn list_row(account: AccountId) -> String {
    format!("sign-ins/{account}")
}
