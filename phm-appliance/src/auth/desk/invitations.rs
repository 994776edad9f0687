//! Invitations to register: made by admins, listed, taken back, and used once.
//!
//! The vault keeps the digest of an invitation's secret. That is also its id in the list, and accepts nothing. Who made one
//! stands in its own row and not in the list: with whoever is erased, the rows that name them go.

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

/// The row that lists what waits, by id and until when.
const LIST: &str = "invitations";

/// An invitation as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Kept {
    /// One that is listed.
    Listed {
        /// Who made it.
        by: AccountId,
        /// When.
        made_at: Instant,
        /// Until when it is good.
        expires_at: Instant,
    },
    /// One from before they were listed: until when it is good.
    Unlisted(Instant),
}

impl Kept {
    fn expires_at(&self) -> Instant {
        match self {
            Self::Listed { expires_at, .. } | Self::Unlisted(expires_at) => *expires_at,
        }
    }
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
        let kept = Kept::Listed { by, made_at, expires_at };
        self.vault.put_state(ProfileId::SYSTEM, &row(&id), &kept, Some(expires_at))?;
        self.change_list(|list| list.push((id, expires_at)))?;
        Ok((secret, expires_at))
    }

    /// The invitations that nobody has registered with, oldest first.
    pub fn guests(&self) -> Result<Vec<WaitingGuest>, Problem> {
        let now = self.now();
        let mut guests = Vec::new();
        for (id, _) in self.listed()? {
            let Some(Kept::Listed { by, made_at, expires_at }) = self.read(&row(&id))? else { continue };
            if now < expires_at {
                let by = accounts::find(&self.vault, by)?.map(|account| account.name).unwrap_or_default();
                guests.push(WaitingGuest { id, by, made_at, expires_at });
            }
        }
        Ok(guests)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// 404 where none of this id waits.
    pub fn take_back(&self, id: &str) -> Result<(), Problem> {
        let is_listed = self.is_listed(id)?;
        self.change_list(|list| list.retain(|(one, _)| one != id))?;
        let taken = self.take_row(id)?;
        if is_listed || taken.is_some() { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Takes an invitation that is good, before somebody is let in by it: it serves one person.
    pub(super) fn use_invitation(&self, secret: &str) -> phm_core::Result<Option<Kept>> {
        let taken = self.take_row(&invitation::digest(secret))?;
        let now = self.now();
        Ok(taken.filter(|kept| now < kept.expires_at()))
    }

    /// Gives an invitation back that somebody could not register with, unless it was taken back meanwhile.
    pub(super) fn return_invitation(&self, secret: &str, kept: &Kept) -> phm_core::Result<()> {
        let id = invitation::digest(secret);
        if matches!(kept, Kept::Unlisted(_)) || self.is_listed(&id)? {
            self.vault.put_state(ProfileId::SYSTEM, &row(&id), kept, Some(kept.expires_at()))?;
        }
        Ok(())
    }

    /// Takes an invitation from the list that somebody has registered with.
    pub(super) fn forget_invitation(&self, secret: &str) -> phm_core::Result<()> {
        let id = invitation::digest(secret);
        self.change_list(|list| list.retain(|(one, _)| *one != id))
    }

    fn take_row(&self, id: &str) -> phm_core::Result<Option<Kept>> {
        self.vault.update_state(ProfileId::SYSTEM, &row(id), |found: Option<Kept>| Ok((None, found)))
    }

    fn listed(&self) -> phm_core::Result<Vec<(String, Instant)>> {
        Ok(self.read(LIST)?.unwrap_or_default())
    }

    fn is_listed(&self, id: &str) -> phm_core::Result<bool> {
        Ok(self.listed()?.iter().any(|(one, _)| one == id))
    }

    fn change_list(&self, change: impl FnOnce(&mut Vec<(String, Instant)>)) -> phm_core::Result<()> {
        let now = self.now();
        self.vault.update_state(ProfileId::SYSTEM, LIST, |list: Option<Vec<(String, Instant)>>| {
            let mut list = list.unwrap_or_default();
            list.retain(|(_, expires_at)| now < *expires_at);
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
    fn the_stored_form_stays_as_it_is_and_the_one_of_before_is_read() {
        let kept = Kept::Listed {
            by: "6f9619ff-8b86-4011-b42d-00c04fc964ff".parse().expect("an id"),
            made_at: Instant::from_millis(0),
            expires_at: Instant::from_millis(1_000),
        };
        let text = serde_json::to_string(&kept).expect("JSON");
        insta::assert_snapshot!(text, @r#"{"by":"6f9619ff-8b86-4011-b42d-00c04fc964ff","made_at":"1970-01-01T00:00:00.000Z","expires_at":"1970-01-01T00:00:01.000Z"}"#);
        let before: Kept = serde_json::from_str("\"1970-01-01T00:00:01.000Z\"").expect("an old one");
        assert_eq!(before.expires_at(), Instant::from_millis(1_000));
    }
}
