//! Accounts and how they stand to people, for whoever minds the door or runs the house.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;

use super::session::Session;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{AccountId, Action, Actor, Role, Roles};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};

/// The kind of records that hold accounts.
const ACCOUNT: &str = "account";

/// An account as whoever runs the house sees it; nothing of its holder's records.
#[derive(Clone, Debug, Serialize)]
pub struct AccountCard {
    /// The account.
    pub id: AccountId,
    /// The e-mail address one signs in with.
    pub email: String,
    /// The holder's name.
    pub name: String,
    /// What the holder is in the house.
    pub roles: Roles,
    /// Whether the holder can sign in.
    pub active: bool,
}

impl Session {
    /// Every account, by name, for admins and the operator.
    pub fn accounts(&self) -> Result<Vec<AccountCard>> {
        self.runs_the_house()?;
        let people = self.people()?;
        let mut cards: Vec<AccountCard> = people.accounts().map(card).collect();
        cards.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        self.note(self.deed(Deed::Read, "accounts", ProfileId::SYSTEM, ACCOUNT, cards.iter().map(|card| card.id)))?;
        Ok(cards)
    }

    /// Gives an account other roles, closes or opens it, for admins and the operator. A closed one is out at once.
    ///
    /// # Errors
    /// `last-admin` where nobody would be left who runs the house; `invalid` without any role.
    pub fn change_account(&self, id: AccountId, roles: Option<Roles>, active: Option<bool>) -> Result<AccountCard> {
        self.runs_the_house()?;
        if roles.is_some_and(|roles| roles.is_empty()) {
            return Err(Error::invalid(vec![Detail { path: "/roles".to_owned(), code: "required" }]));
        }
        // One at a time: two admins must not take each other's role.
        self.inner.with_state_lock(|| {
            let people = self.people()?;
            let before = people.accounts().map(card).find(|card| card.id == id).ok_or_else(Error::not_found)?;
            let (roles, active) = (roles.unwrap_or(before.roles), active.unwrap_or(before.active));
            let runs = |roles: Roles, active| active && roles.contains(Role::Admin);
            if runs(before.roles, before.active) && !runs(roles, active) && people.admins() == 1 {
                return Err(last_admin());
            }
            self.change_system(ACCOUNT, id, None, |body| {
                body["roles"] = json!(roles);
                body["status"] = json!(if active { "active" } else { "deactivated" });
            })?;
            Ok(AccountCard { roles, active, ..before })
        })
    }

    /// Admits whoever runs the house to do something about an account that leaves its record as it is, such as signing it
    /// out, and notes that in the log of the house; `operation` says what.
    ///
    /// # Errors
    /// `not-granted` for anybody else; `not-found` where there is no such account.
    pub fn administer_account(&self, operation: &str, id: AccountId) -> Result<AccountCard> {
        self.runs_the_house()?;
        let people = self.people()?;
        let card = people.accounts().map(card).find(|card| card.id == id).ok_or_else(Error::not_found)?;
        self.note(self.deed(Deed::Administer, operation, ProfileId::SYSTEM, ACCOUNT, [id]))?;
        Ok(card)
    }

    /// To whom somebody who may give access to a person's records can give it by name: the house's providers,
    /// pharmacists, laboratories and front desk, and whoever is in the families the caller looks after.
    pub fn acquaintances(&self, profile: ProfileId) -> Result<Vec<(AccountId, String, Roles)>> {
        self.permit(Action::Share, profile, "profile")?;
        let people = self.people()?;
        let staff = |roles: Roles| roles.iter().any(|role| !matches!(role, Role::Admin | Role::Patient));
        let mine: Vec<ProfileId> = self.inner.profile_ids().into_iter().filter(ProfileId::is_person).collect();
        let mine = mine.into_iter().filter(|id| self.answers_for(*id));
        let family: HashSet<AccountId> =
            mine.flat_map(|id| people.relations(id).iter().map(|held| held.account).collect::<Vec<_>>()).collect();
        let own = self.actor.account();
        let mut found: Vec<_> = people
            .accounts()
            .filter(|(id, _, _, roles, active)| *active && Some(*id) != own && (staff(*roles) || family.contains(id)))
            .map(|(id, _, name, roles, _)| (id, name.to_owned(), roles))
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
        Ok(found)
    }

    /// Passes for whoever runs the house: an admin whose account is open, and the operator.
    ///
    /// # Errors
    /// `not-granted` for everybody else.
    pub fn runs_the_house(&self) -> Result<()> {
        let people = self.people()?;
        match self.actor {
            Actor::Operator => Ok(()),
            Actor::Person { account } if people.active(account) && people.roles(account).contains(Role::Admin) => {
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Denied, "not-granted", "this is for admins")),
        }
    }

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

fn card((id, email, name, roles, active): (AccountId, &str, &str, Roles, bool)) -> AccountCard {
    AccountCard { id, email: email.to_owned(), name: name.to_owned(), roles, active }
}

/// Refused: nobody would be left who runs the house.
pub(super) fn last_admin() -> Error {
    let text = "nobody would be left who runs the house; make somebody else an admin first";
    Error::new(ErrorKind::Conflict, "last-admin", text)
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
