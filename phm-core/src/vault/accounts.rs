//! Accounts and how they stand to people, for whoever minds the door.

use super::session::Session;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::Actor;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};

impl Session {
    /// The account with this e-mail address, in any case of letters.
    ///
    /// Only sign-in and the operator may ask: the answer tells whether somebody has an account.
    pub fn account_by_email(&self, email: &str) -> Result<RecordId> {
        self.minds_the_door()?;
        let missing = || Error::new(ErrorKind::NotFound, "not-found", "there is no account with this e-mail address");
        self.people()?.by_email(email).ok_or_else(missing)
    }

    /// Says how an account stands to a person: `self`, `owner`, `guardian`.
    pub fn relate_account(&self, account: RecordId, profile: ProfileId, relation: &str) -> Result<()> {
        self.minds_the_door()?;
        let mut write = Write::default();
        self.relate(account, profile, relation, &mut write)?;
        self.inner.committer.commit(write)
    }

    pub(super) fn minds_the_door(&self) -> Result<()> {
        match self.actor {
            Actor::Operator | Actor::Gate => Ok(()),
            _ => Err(Error::new(ErrorKind::Denied, "not-granted", "only the operator may do this")),
        }
    }
}

impl Vault {
    /// Whether there is any account; without one the appliance is still being set up.
    pub fn has_accounts(&self) -> Result<bool> {
        Ok(self.inner.people()?.count() > 0)
    }

    /// The profile that is an account's own.
    pub fn own_profile(&self, account: RecordId) -> Result<Option<ProfileId>> {
        Ok(self.inner.people()?.own_profile(account))
    }
}

impl Inner {
    /// Runs `work` while nobody else changes a state row.
    pub fn with_state_lock<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let _one_at_a_time = self.state_lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work()
    }
}
