//! Erasing a person, and rectifying one record: content goes so that no key of today opens it.
//!
//! **What is promised.** When [`Session::erase_profile`] returns, nobody who has today's folder, today's secrets and any
//! older copy of the keyring can open anything of the person: their keys are gone, the root that wrapped them is gone
//! too, and the old key files are overwritten where they lay. Their rows, documents and index are deleted, what the house
//! itself kept about them alone (relations, grants, tokens, imports, and their account where it keeps nobody else's
//! records) is destroyed, and the store is copied into new files so that even the sealed bytes are gone. Rectifying does
//! the same with one record: every version, the original bytes, the file of a document, the links that give it out.
//!
//! **What is not.** A copy of the whole folder, or a backup, that was made before still opens with a secret of that time,
//! until it is deleted or expires; the report names what is known of those. What others wrote about the person in their
//! own records is theirs, sealed under their keys: the report lists where it was found. So is the name under which the
//! person looked at or changed records of others, in the logs of these others, and the name of a file that brought records
//! of several people. The audit log keeps that something was done to somebody, when and by whom; whom and what it was
//! about opens no more. A disk that copies on write may keep overwritten blocks until it uses them again.
//!
//! **The order** (`vault.md` 3 and 8). First the intent is committed: a state row of `system` that says what is to go.
//! From there on the person is out of reach. Then their keys go, under a new root; then their rows, files and index; then
//! what the house kept; then the entry that names the missing rows is committed, so that [`Vault::verify`] knows them from
//! damage. Every step may be done twice, and opening the vault goes on with what was interrupted at any moment. A
//! rectification puts its tombstones in the same commit as its intent, seals the rest of the journal again under a new
//! key, and forgets the old one under a new root.
//!
//! [`Vault::verify`]: super::Vault::verify

mod house;
mod mentions;
mod plan;
mod purge;
mod rectify;
mod report;
mod state;
mod steps;
#[cfg(all(test, not(feature = "null-cipher")))]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};

pub(crate) use plan::Plan;
pub use rectify::Keep;
pub use report::{Ended, Erased, Erasure, HeldBackup, Mention, Mentions, OldCopies, Rectified, Removal, Unfinished};

use super::accounts::last_admin;
use super::session::{PROFILE, Session};
use super::state::StateChange;
use super::take_over::MADE_ROOM;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{Action, Actor, Relation, Role};
use crate::audit::entry::Deed;
use crate::error::{Error, Result, if_whole};
use crate::id::{ProfileId, RecordId};
use plan::{ROW, What};

impl Session {
    /// Erases a person: everything of theirs, beyond recall. See the front page of this module for what that means.
    ///
    /// The person themselves, whoever keeps their profile, and the operator may do this. An erasure that was interrupted
    /// goes on where it was, also by the same call. The profile that made room when the person took their records over goes
    /// first.
    ///
    /// # Errors
    /// `not-found` and `not-granted` as [`Session::permit`]; `corrupt` where the head of the person's journal does not
    /// open, and then nothing has happened. Any other error leaves the erasure begun: the person is out of reach, and the
    /// next opening goes on.
    pub fn erase_profile(&self, id: ProfileId) -> Result<Erased> {
        self.may_erase(id)?;
        let names = self.names_of(id)?;
        let mentions = self.mentions(id, &names)?;
        let _rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = self.carry_on()?.filter(|plan| plan.profile == id && plan.what == What::Erase);
        let plan = match finished {
            Some(plan) => plan,
            None if self.inner.keys.has_profile(id) => {
                for left in self.what_made_room(id)?.into_iter().rev() {
                    let mut plan = self.begin_erasing(left)?;
                    self.carry_out(&mut plan)?;
                }
                let mut plan = self.begin_erasing(id)?;
                self.carry_out(&mut plan)?;
                plan
            }
            None => return Err(Error::not_found()),
        };
        Ok(Erased::of(&plan, mentions, self.inner.backups_from_before(plan.begun_at)?))
    }

    /// The profiles that the person's account had before they took their records over, the newest first: nobody can reach
    /// them any more, and they hold the person's name, so that they go with them.
    fn what_made_room(&self, id: ProfileId) -> Result<Vec<ProfileId>> {
        let mut left: Vec<ProfileId> = Vec::new();
        let mut next: Option<ProfileId> = self.inner.state(id, MADE_ROOM)?;
        while let Some(one) = next {
            if one == id || left.contains(&one) || !self.inner.keys.has_profile(one) {
                break;
            }
            left.push(one);
            next = self.inner.state(one, MADE_ROOM)?;
        }
        Ok(left)
    }

    /// Asks that the actor may erase a person.
    fn may_erase(&self, id: ProfileId) -> Result<()> {
        match self.actor {
            _ if !id.is_person() => Err(Error::not_found()),
            Actor::Operator if self.inner.keys.has_profile(id) || self.inner.is_leaving(id) => Ok(()),
            Actor::Operator => Err(Error::not_found()),
            _ => {
                self.permit_everything(Action::Erase, id)?;
                let people = self.inner.people()?;
                // Their account goes with them, unless it keeps others; the operator can make another admin.
                let admins = people.relations(id).iter().filter(|held| held.relation == Relation::Myself);
                let mut admins = admins.filter(|held| people.roles(held.account).contains(Role::Admin));
                let last = people.admins() == 1 && people.count() > 1 && admins.any(|held| people.active(held.account));
                if last { Err(last_admin()) } else { Ok(()) }
            }
        }
    }

    /// Whether [`Session::erase_profile`] would let the actor, for showing or not showing what leads there; nothing is
    /// noted.
    pub fn may_erase_profile(&self, id: ProfileId) -> bool {
        id.is_person() && self.may_everything(Action::Erase, id)
    }

    /// Puts a person out of reach and commits that they are to be erased, and what goes with them.
    fn begin_erasing(&self, id: ProfileId) -> Result<Plan> {
        let inner = &self.inner;
        // What was noted about them so far stands in their log; from here on nothing is.
        inner.committer.flush()?;
        inner.leaving().insert(id);
        let begun = (|| {
            inner.committer.flush()?;
            let plan = Plan::erase(inner, id)?;
            let write = Write {
                state: vec![StateChange::put(ProfileId::SYSTEM, ROW, &plan, None)?],
                notes: vec![self.deed(Deed::Erase, "erase", ProfileId::SYSTEM, PROFILE, [of_person(id)])],
                ..Write::default()
            };
            inner.committer.commit(write)?;
            Ok(plan)
        })();
        if begun.is_err() {
            inner.leaving().remove(&id);
        }
        begun
    }

    /// Finishes what was interrupted, if anything was, and answers what that was. For whoever holds `rewriting`.
    fn carry_on(&self) -> Result<Option<Plan>> {
        let Some(mut plan) = self.inner.plan()? else { return Ok(None) };
        self.finish(&mut plan)?;
        Ok(Some(plan))
    }

    /// Takes the steps of a plan that was found, of which some may be taken.
    fn finish(&self, plan: &mut Plan) -> Result<()> {
        if plan.what == What::Erase && !plan.done {
            self.inner.leaving().insert(plan.profile);
        }
        self.carry_out(plan)
    }
}

impl Vault {
    /// Goes on with an erasure or rectification that was interrupted.
    ///
    /// What cannot be finished now (a full disk) keeps nobody from the rest of the vault: the person stays out of reach,
    /// [`Vault::unfinished`] tells of it, and the next opening tries again.
    ///
    /// # Errors
    /// Where disk or store do not say whether there is anything: somebody who is leaving must not be let in again.
    pub(super) fn finish_erasures(&self) -> Result<()> {
        let session = Session::new(Arc::clone(&self.inner), Actor::Operator, "finishing what was interrupted")?;
        let _rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut plan) = if_whole(self.inner.plan())?.flatten() {
            // Told by `unfinished`.
            let _ = session.finish(&mut plan);
        }
        Ok(())
    }

    /// An erasure or rectification that was begun and could not be finished yet.
    pub fn unfinished(&self) -> Result<Option<Unfinished>> {
        Ok(self.inner.plan()?.map(|plan| Unfinished {
            profile: plan.profile,
            record: plan.record(),
            begun_at: plan.begun_at,
            only_compaction: plan.done,
        }))
    }

    /// Every erasure and rectification of this vault, oldest first: what a backup from before still holds.
    pub fn erasures(&self) -> Result<Vec<Erasure>> {
        self.inner.erasures()
    }
}

impl Inner {
    /// People who are being erased: nothing of theirs is read or written any more.
    fn leaving(&self) -> MutexGuard<'_, HashSet<ProfileId>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this person is being erased.
    pub fn is_leaving(&self, id: ProfileId) -> bool {
        self.leaving().contains(&id)
    }

    /// Refuses writes about somebody who is being erased, or who was: what is written then would stay for ever.
    pub fn is_for_the_living(&self, write: &Write) -> Result<()> {
        let gone = |id: ProfileId| self.is_leaving(id) || !self.keys.has_profile(id);
        let entries = write.entries.iter().any(|entry| gone(entry.profile));
        let state = write.state.iter().any(|change| change.value.is_some() && gone(change.owner));
        if entries || state { Err(Error::not_found()) } else { Ok(()) }
    }
}

/// A person, where a record is asked for: the record that says who they are has their id.
fn of_person(id: ProfileId) -> RecordId {
    RecordId::from_bytes(*id.as_bytes())
}
