//! Wrong passwords and codes that are forgotten before their time: an admin vouches for somebody, or they chose a new
//! password by a link.
//!
//! Mistakes at the door are counted by e-mail address and place, and no list says from which places somebody erred. So
//! what is kept is from when on mistakes count again.

use phm_core::access::AccountId;
use phm_core::id::ProfileId;
use phm_core::time::Instant;

use super::{Desk, hashed};
use crate::auth::accounts::{self, Account};
use crate::auth::lockout::REMEMBERED;
use crate::http::Problem;

impl Desk {
    /// Forgets every wrong password and code somebody gave for an account, wherever they came from.
    ///
    /// # Errors
    /// 404 when there is no such account, or it is closed.
    pub fn forgive(&self, account: AccountId) -> Result<(), Problem> {
        let holder = accounts::find(&self.vault, account)?.ok_or_else(Problem::not_found)?;
        Ok(self.forgive_holder(&holder)?)
    }

    pub(super) fn forgive_holder(&self, holder: &Account) -> phm_core::Result<()> {
        let now = self.now();
        let until = now.plus_millis(i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX));
        self.vault.put_state(ProfileId::SYSTEM, &row(&holder.email), &now, Some(until))?;
        for lock in ["proof-lock", "factor-lock"] {
            self.vault.delete_state(ProfileId::SYSTEM, &format!("{lock}/{}", holder.id))?;
        }
        Ok(())
    }

    /// Up to when mistakes at this address are forgiven, whether or not there is an account with it.
    pub(super) fn forgiven(&self, email: &str) -> phm_core::Result<Option<Instant>> {
        self.read(&row(email))
    }
}

fn row(email: &str) -> String {
    format!("lock-out-forgiven/{}", hashed(&email.trim().to_lowercase()))
}
