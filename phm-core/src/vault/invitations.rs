//! Inviting into a family somebody whose account one does not know.
//!
//! Whoever holds the secret accepts an invitation, once, within a week, and only while its giver could still give it. The
//! vault keeps a digest of the secret, under which whoever answers for the person sees what waits and takes it back.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::family::{Offer, RELATION};
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use crate::access::{AccountId, Actor, ActorRef};
use crate::audit::entry::Deed;
use crate::crypto;
use crate::crypto::digest::{hex, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::id::ProfileId;
use crate::time::Instant;

/// How long an invitation is good for: seven days.
const INVITED_MILLIS: i64 = 7 * 24 * 3_600_000;
/// The state row that lists what waits for a person.
const WAITING: &str = "family-invited";

/// An invitation as it is kept.
#[derive(Deserialize, Serialize)]
struct Invitation {
    profile: ProfileId,
    /// Who gave it; the operator where nobody.
    by: Option<AccountId>,
    offer: Offer,
}

/// An invitation in the list of the person it is to.
#[derive(Clone, Deserialize, Serialize)]
struct Waiting {
    id: String,
    by: Option<AccountId>,
    offer: Offer,
    expires_at: Instant,
}

/// An invitation that nobody has accepted, as those who answer for the person see it.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingInvitation {
    /// Its id, which accepts nothing.
    pub id: String,
    /// Who gave it.
    pub by: ActorRef,
    /// As what.
    #[serde(flatten)]
    pub offer: Offer,
    /// Until when it is good.
    pub expires_at: Instant,
}

/// An invitation as the invited sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Invited {
    /// To whose family.
    pub profile: ProfileId,
    /// The person's name.
    pub name: String,
    /// Who invites.
    pub by: ActorRef,
    /// As what.
    #[serde(flatten)]
    pub offer: Offer,
}

/// The id of an invitation, which does not tell its secret.
fn id_of(secret: &str) -> String {
    hex(&sha256(&[secret.as_bytes()]))
}

/// The state row of an invitation.
fn row(id: &str) -> String {
    format!("family/{id}")
}

impl Session {
    /// Invites whoever holds the answer to be to a person what is offered; good once, until the moment beside it.
    ///
    /// # Errors
    /// As [`Session::let_in`]; what the caller may give is asked for again when the invitation is accepted.
    pub fn invite(&self, profile: ProfileId, offer: &Offer) -> Result<(String, Instant)> {
        self.may_let_in(profile, offer)?;
        let secret = URL_SAFE_NO_PAD.encode(crypto::random::<32>());
        let (id, by) = (id_of(&secret), self.actor.account());
        let expires_at = self.inner.now().plus_millis(INVITED_MILLIS);
        self.inner.with_state_lock(|| {
            let mut waiting = self.waiting_for(profile)?;
            waiting.push(Waiting { id: id.clone(), by, offer: offer.clone(), expires_at });
            let invitation = Invitation { profile, by, offer: offer.clone() };
            let state = vec![
                StateChange::put(ProfileId::SYSTEM, &row(&id), &invitation, Some(expires_at))?,
                StateChange::put(profile, WAITING, &waiting, None)?,
            ];
            let notes = vec![self.deed(Deed::Share, "invite", profile, RELATION, [])];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })?;
        Ok((secret, expires_at))
    }

    /// The invitations into a person's family that nobody has accepted, oldest first.
    ///
    /// # Errors
    /// `not-found` and `not-granted` for whoever does not answer for the person.
    pub fn invitations(&self, profile: ProfileId) -> Result<Vec<WaitingInvitation>> {
        self.must_answer_for(profile)?;
        let people = self.people()?;
        let shown = |Waiting { id, by, offer, expires_at }| {
            let by = people.actor_ref(&by.map_or_else(|| "operator".to_owned(), |id: AccountId| id.to_string()));
            WaitingInvitation { id, by, offer, expires_at }
        };
        Ok(self.waiting_for(profile)?.into_iter().map(shown).collect())
    }

    /// Takes an invitation back that nobody has accepted.
    ///
    /// # Errors
    /// As [`Session::invitations`]; `not-found` where none of this id waits.
    pub fn withdraw_invitation(&self, profile: ProfileId, id: &str) -> Result<()> {
        self.must_answer_for(profile)?;
        self.inner.with_state_lock(|| {
            let mut waiting = self.waiting_for(profile)?;
            let at = waiting.iter().position(|one| one.id == id).ok_or_else(Error::not_found)?;
            waiting.remove(at);
            let state = vec![
                StateChange::delete(ProfileId::SYSTEM, &row(id)),
                StateChange::put(profile, WAITING, &waiting, None)?,
            ];
            let notes = vec![self.deed(Deed::Revoke, "invite", profile, RELATION, [])];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })
    }

    /// What an invitation is for, before it is accepted.
    ///
    /// # Errors
    /// `not-found` for one that is none, is used up or over, or whose giver could not give it any more.
    pub fn invited(&self, secret: &str) -> Result<Invited> {
        let (invitation, giver) = self.invitation(secret)?;
        let card = giver.profile_card(invitation.profile).map_err(|_| Error::not_found())?;
        let people = self.people()?;
        let by = people.actor_ref(&invitation.by.map_or_else(|| "operator".to_owned(), |id| id.to_string()));
        Ok(Invited { profile: invitation.profile, name: card.name, by, offer: invitation.offer })
    }

    /// Takes an invitation up: the account at work then is to the person what was offered.
    ///
    /// # Errors
    /// As [`Session::invited`]; `conflict` where the account is something else to the person already, and then the
    /// invitation stays good.
    pub fn accept(&self, secret: &str) -> Result<ProfileId> {
        let Actor::Person { account } = self.actor else { return Err(Error::not_found()) };
        // One at a time: an invitation serves one person.
        self.inner.with_state_lock(|| {
            let (Invitation { profile, offer, .. }, giver) = self.invitation(secret)?;
            giver.let_in_now(profile, account, &offer).map_err(|error| match error.kind() {
                ErrorKind::Denied | ErrorKind::Invalid => Error::not_found(),
                _ => error,
            })?;
            let id = id_of(secret);
            let mut waiting = self.waiting_for(profile)?;
            waiting.retain(|one| one.id != id);
            let state = vec![
                StateChange::delete(ProfileId::SYSTEM, &row(&id)),
                StateChange::put(profile, WAITING, &waiting, None)?,
            ];
            self.inner.committer.commit(Write { state, ..Write::default() })?;
            Ok(profile)
        })
    }

    /// An invitation that is good, and a session of whoever gave it.
    fn invitation(&self, secret: &str) -> Result<(Invitation, Self)> {
        let found: Option<Invitation> = self.inner.state(ProfileId::SYSTEM, &row(&id_of(secret)))?;
        let invitation = found.ok_or_else(Error::not_found)?;
        let giver = invitation.by.map_or(Actor::Operator, |account| Actor::Person { account });
        let giver = Self::new(Arc::clone(&self.inner), giver, "family").map_err(|_| Error::not_found())?;
        Ok((invitation, giver))
    }

    /// What waits and is not over.
    fn waiting_for(&self, profile: ProfileId) -> Result<Vec<Waiting>> {
        let mut waiting: Vec<Waiting> = self.inner.state(profile, WAITING)?.unwrap_or_default();
        let now = self.inner.now();
        waiting.retain(|one| now < one.expires_at);
        Ok(waiting)
    }
}
