//! The keys access tokens are signed with: changed from time to time, and the old ones forgotten when nothing they
//! signed is good any more.

use std::sync::PoisonError;

use phm_core::access::{AccountId, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::auth::tokens::{Claims, LIFETIME, Tokens};
use crate::http::Problem;

/// How long one key signs, in milliseconds.
pub const SIGNS_FOR: i64 = 90 * 24 * 60 * 60 * 1000;

const FORMAT: u8 = 1;

/// Where the row about keys stands.
const ROW: &str = "token-keys";

/// Since when the newest key signs.
#[derive(Deserialize, Serialize)]
struct Signing {
    format: u8,
    epoch: u32,
    since: Instant,
}

impl Desk {
    /// Takes a new key where the present one has signed for long enough, and forgets earlier ones in time.
    pub fn look_after_keys(&self) -> phm_core::Result<()> {
        let now = self.now();
        let keys = self.vault.token_keys();
        let Some((newest, _)) = keys.first() else {
            return Err(phm_core::Error::corrupt("there is no key for access tokens; restore the newest backup"));
        };
        let signing: Option<Signing> = self.read(ROW)?;
        // A key nobody wrote down was made with the vault, or before a kill: it signs from now on.
        let Some(signing) = signing.filter(|signing| signing.epoch == *newest) else {
            self.note_signing(*newest, now)?;
            return self.take_keys(keys.len() > 1, now, now);
        };
        let age = now.millis().saturating_sub(signing.since.millis());
        if age < SIGNS_FOR {
            return self.take_keys(keys.len() > 1, signing.since, now);
        }
        let epoch = self.vault.session(Actor::Operator, "a new key for access tokens")?.rotate_token_key()?;
        self.note_signing(epoch, now)?;
        self.take_keys(false, now, now)
    }

    fn note_signing(&self, epoch: u32, since: Instant) -> phm_core::Result<()> {
        self.vault.put_state(ProfileId::SYSTEM, ROW, &Signing { format: FORMAT, epoch, since }, None)
    }

    /// Signs and checks with the keys there are from now on; earlier ones go once their last token is over.
    fn take_keys(&self, has_earlier: bool, since: Instant, now: Instant) -> phm_core::Result<()> {
        let lifetime = i64::try_from(LIFETIME.as_millis()).unwrap_or(i64::MAX);
        if has_earlier && now.millis().saturating_sub(since.millis()) > lifetime {
            let earlier: Vec<u32> = self.vault.token_keys().into_iter().skip(1).map(|(epoch, _)| epoch).collect();
            self.vault.session(Actor::Operator, "old keys of access tokens")?.forget_token_keys(&earlier)?;
        }
        let tokens = Tokens::new(self.vault.id(), &self.vault.token_keys());
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
        Ok(())
    }

    pub(super) fn token_for(&self, account: AccountId, session: RecordId) -> Result<String, Problem> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.issue(account, session, self.now()).ok_or_else(Problem::internal)
    }

    pub(super) fn check_token(&self, token: &str) -> Option<Claims> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).check(token, self.now())
    }
}
