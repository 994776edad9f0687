//! Invitations to register: made by admins, listed, taken back, and used once.
//!
//! The vault keeps the digest of an invitation's secret. That is also its id in the list, and accepts nothing.

use phm_core::access::AccountId;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::auth::accounts;
use crate::auth::invitation;
use crate::http::Problem;

/// How long an invitation is good for.
const INVITED_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;

/// The row that lists what waits.
const LIST: &str = "invitations";

/// An invitation in the list.
#[derive(Clone, Deserialize, Serialize)]
struct Waiting {
    id: String,
    by: AccountId,
    made_at: Instant,
    expires_at: Instant,
}

/// An invitation that nobody has registered with yet.
#[derive(Clone, Debug)]
pub struct WaitingGuest {
    /// Its id, which nobody registers with.
    pub id: String,
    /// Who made it, by name; empty where they have no account any more.
    pub by: String,
    /// When it was made.
    pub made_at: Instant,
    /// Until when it is good.
    pub expires_at: Instant,
}

impl Desk {
    /// An invitation for one person, and until when it is good.
    pub fn invite(&self, by: AccountId) -> Result<(String, Instant), Problem> {
        let (secret, made_at) = (invitation::secret(), self.now());
        let (id, expires_at) = (invitation::digest(&secret), made_at.plus_millis(INVITED_MILLIS));
        self.vault.put_state(ProfileId::SYSTEM, &row(&id), &expires_at, Some(expires_at))?;
        self.change_list(|list| list.push(Waiting { id, by, made_at, expires_at }))?;
        Ok((secret, expires_at))
    }

    /// The invitations that nobody has registered with, oldest first.
    pub fn guests(&self) -> Result<Vec<WaitingGuest>, Problem> {
        let now = self.now();
        let list: Vec<Waiting> = self.read(LIST)?.unwrap_or_default();
        let mut guests = Vec::new();
        for Waiting { id, by, made_at, expires_at } in list.into_iter().filter(|one| now < one.expires_at) {
            let by = accounts::find(&self.vault, by)?.map(|account| account.name).unwrap_or_default();
            guests.push(WaitingGuest { id, by, made_at, expires_at });
        }
        Ok(guests)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// 404 where none of this id waits.
    pub fn take_back(&self, id: &str) -> Result<(), Problem> {
        let now = self.now();
        let was_there = self.vault.update_state(ProfileId::SYSTEM, LIST, |list: Option<Vec<Waiting>>| {
            let mut list = list.unwrap_or_default();
            list.retain(|one| now < one.expires_at);
            let before = list.len();
            list.retain(|one| one.id != id);
            let was_there = list.len() < before;
            Ok((Some((list, None)), was_there))
        })?;
        if !was_there {
            return Err(Problem::not_found());
        }
        Ok(self.vault.delete_state(ProfileId::SYSTEM, &row(id))?)
    }

    /// Takes an invitation that is good, before somebody is let in by it: it serves one person.
    pub(super) fn use_invitation(&self, secret: &str) -> phm_core::Result<Option<Instant>> {
        let row = row(&invitation::digest(secret));
        let taken: Option<Instant> = self.vault.update_state(ProfileId::SYSTEM, &row, |found| Ok((None, found)))?;
        let now = self.now();
        Ok(taken.filter(|expires| now < *expires))
    }

    /// Gives an invitation back that somebody could not register with, unless it was taken back meanwhile.
    pub(super) fn return_invitation(&self, secret: &str, expires: Instant) -> phm_core::Result<()> {
        let id = invitation::digest(secret);
        let list: Vec<Waiting> = self.read(LIST)?.unwrap_or_default();
        if list.iter().any(|one| one.id == id) {
            self.vault.put_state(ProfileId::SYSTEM, &row(&id), &expires, Some(expires))?;
        }
        Ok(())
    }

    /// Takes an invitation from the list that somebody has registered with.
    pub(super) fn forget_invitation(&self, secret: &str) -> phm_core::Result<()> {
        let id = invitation::digest(secret);
        self.change_list(|list| list.retain(|one| one.id != id))
    }

    fn change_list(&self, change: impl FnOnce(&mut Vec<Waiting>)) -> phm_core::Result<()> {
        let now = self.now();
        self.vault.update_state(ProfileId::SYSTEM, LIST, |list: Option<Vec<Waiting>>| {
            let mut list = list.unwrap_or_default();
            list.retain(|one| now < one.expires_at);
            change(&mut list);
            Ok((Some((list, None)), ()))
        })
    }
}

fn row(id: &str) -> String {
    format!("invitation/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let waiting = Waiting {
            id: "x".to_owned(),
            by: "6f9619ff-8b86-4011-b42d-00c04fc964ff".parse().expect("an id"),
            made_at: Instant::from_millis(0),
            expires_at: Instant::from_millis(1_000),
        };
        insta::assert_snapshot!(serde_json::to_string(&waiting).expect("JSON"), @r#"{"id":"x","by":"6f9619ff-8b86-4011-b42d-00c04fc964ff","made_at":"1970-01-01T00:00:00.000Z","expires_at":"1970-01-01T00:00:01.000Z"}"#);
    }
}
