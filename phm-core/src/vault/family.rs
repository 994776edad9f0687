//! The family of a person: who keeps their records, who answers for them, who helps.
//!
//! The person, whoever keeps their records, and a guardian who still sees them may let somebody help as a carer: with
//! chosen kinds, no more than they have themselves, and for no longer. An owner or the person may name a guardian or
//! another owner. Somebody whose account one does not know is invited (`invitations`). Anybody may leave. A person is never left without somebody who can reach their records.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::Held;
use super::session::{PROFILE, Session};
use super::shown::How;
use super::waiting::{NewEntry, Write};
use crate::access::{AccountId, Action, Actor, CarerRights, Facts, Question, Relation};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::Act;
use crate::time::Instant;

/// The kind of records that hold relations.
pub(super) const RELATION: &str = "relation";

/// How an account stands to a person, as those concerned see it.
#[derive(Clone, Debug, Serialize)]
pub struct Related {
    /// The relation's own id.
    pub id: RecordId,
    /// The account.
    pub account: AccountId,
    /// The name of its holder.
    pub name: String,
    /// `self owner guardian carer`.
    pub relation: &'static str,
    /// A carer's kinds, and whether they may change records.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub rights: Option<CarerRights>,
    /// Whether it is the caller's own.
    pub mine: bool,
}

/// What somebody may be offered to be to a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "relation", rename_all = "kebab-case")]
pub enum Offer {
    /// Helps, with what is chosen.
    Carer(CarerRights),
    /// Answers for a dependant.
    Guardian,
    /// Keeps the records too.
    Owner,
    /// Is the person, and takes their records over; written `self`.
    #[serde(rename = "self")]
    Myself,
}

impl Offer {
    /// The relation's word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Carer(_) => "carer",
            Self::Guardian => "guardian",
            Self::Owner => "owner",
            Self::Myself => "self",
        }
    }
}

impl Session {
    /// How accounts stand to a person: all of it for whoever answers for the person, else what is the caller's own.
    pub fn family(&self, profile: ProfileId) -> Result<Vec<Related>> {
        self.may_know(profile)?;
        let all = self.answers_for(profile);
        let people = self.people()?;
        let own = |held: &Held| self.actor.account() == Some(held.account);
        let shown = people.relations(profile).iter().filter(|held| all || own(held));
        let related = shown.map(|held| Related {
            id: held.id,
            account: held.account,
            name: people.name(held.account).unwrap_or_default().to_owned(),
            relation: held.relation.as_str(),
            rights: match &held.relation {
                Relation::Carer(rights) => Some(rights.clone()),
                _ => None,
            },
            mine: own(held),
        });
        let mut related: Vec<Related> = related.collect();
        // Somebody who is two things to a person is shown once, as what gives them most.
        related.sort_by_key(|one| rank(one.relation));
        let mut seen = HashSet::new();
        related.retain(|one| seen.insert(one.account));
        related.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        self.note(self.deed(Deed::Read, "family", profile, RELATION, related.iter().map(|one| one.id)))?;
        Ok(related)
    }

    /// Lets an account be to a person what is offered; a carer's new rights replace those from before. A carer whom a
    /// guardian lets in is one for as long as the guardian's own reach lasts.
    ///
    /// # Errors
    /// `not-granted` where the caller may not give all of that, or not for so long; `conflict` where the account is
    /// something else to the person already; as the person, `too-young`, and `has-records` where the account has records
    /// of its own that would be left behind.
    pub fn let_in(&self, profile: ProfileId, account: AccountId, offer: &Offer) -> Result<()> {
        // One at a time: nobody is two things to a person.
        self.inner.with_state_lock(|| self.let_in_now(profile, account, offer))
    }

    /// As [`Session::let_in`], for whoever holds the lock.
    pub(super) fn let_in_now(&self, profile: ProfileId, account: AccountId, offer: &Offer) -> Result<()> {
        let latest = self.may_let_in(profile, offer)?;
        if *offer == Offer::Myself {
            return self.take_over_now(profile, account);
        }
        let people = self.people()?;
        if !people.active(account) {
            return Err(Error::invalid(vec![Detail { path: "/account".to_owned(), code: "unknown" }]));
        }
        let mut body = json!({"account": account, "profile": profile, "relation": offer.as_str()});
        if let Offer::Carer(rights) = offer {
            body["kinds"] = json!(rights.kinds.names());
            body["actions"] = json!(rights.actions());
            body["labels"] = json!(rights.labels);
            if let Some(ends_at) = rights.ends_at.or(latest) {
                body["ends_at"] = json!(ends_at);
            }
        }
        let note = |id| Some(self.deed(Deed::Share, "let-in", profile, RELATION, [id]));
        let mut write = Write::default();
        match people.relations(profile).iter().find(|held| held.account == account) {
            None => {
                let id = RecordId::new();
                self.add_new(&mut write, RELATION, id, &body, note(id))?;
            }
            Some(Held { id, relation: Relation::Carer(_), .. }) if matches!(offer, Offer::Carer(_)) => {
                self.add_change(&mut write, RELATION, *id, note(*id), |before| *before = body)?;
            }
            Some(_) => {
                let text = "this account is something else to this person already; end that first";
                return Err(Error::new(ErrorKind::Conflict, "conflict", text));
            }
        }
        if matches!(self.actor, Actor::Operator) && !people.relations(profile).is_empty() {
            // Nobody of the family did it: they hear of it.
            write.state.extend(self.alert_of_let_in(profile)?);
        }
        self.inner.committer.commit(write)
    }

    /// Changes what a carer may do. An end that was set stays unless another one is named.
    ///
    /// # Errors
    /// `not-found` where there is no such carer for the caller; `not-granted` as [`Session::let_in`].
    pub fn change_carer(&self, profile: ProfileId, id: RecordId, rights: CarerRights) -> Result<()> {
        self.may_know(profile)?;
        let people = self.people()?;
        let held = people.relations(profile).iter().find(|held| held.id == id);
        let Some(Held { account, relation: Relation::Carer(before), .. }) = held else {
            return Err(Error::not_found());
        };
        let ends_at = rights.ends_at.or(before.ends_at);
        self.let_in(profile, *account, &Offer::Carer(CarerRights { ends_at, ..rights }))
    }

    /// Whether the caller may let somebody be this to the person, and until when at most: nobody gives what they do not
    /// have, and somebody who was lent the right to give on makes nobody family.
    pub(super) fn may_let_in(&self, profile: ProfileId, offer: &Offer) -> Result<Option<Instant>> {
        self.must_answer_for(profile)?;
        let rights = match offer {
            Offer::Owner => return self.permit_everything(Action::Erase, profile).map(|()| None),
            Offer::Guardian => return self.permit_everything(Action::Share, profile).map(|()| None),
            Offer::Myself => return self.must_hand_over(profile).map(|()| None),
            Offer::Carer(rights) => rights,
        };
        if rights.is_over(self.inner.now()) {
            return Err(Error::invalid(vec![Detail { path: "/ends_at".to_owned(), code: "in-the-past" }]));
        }
        let kinds = self.kinds_of(&rights.kinds);
        if kinds.is_empty() {
            return Err(Error::invalid(vec![Detail { path: "/kinds".to_owned(), code: "required" }]));
        }
        let given = crate::access::Scope::labelled(rights.labels);
        let mut latest = None;
        for kind in kinds {
            for action in rights.actions().iter().copied().chain([Action::Share]) {
                let permit = self.permit(action, profile, kind)?;
                latest = [latest, permit.until()].into_iter().flatten().min();
                let outlasts = latest.is_some_and(|latest| rights.ends_at.is_some_and(|ends_at| latest < ends_at));
                if outlasts || !permit.scope().covers(&given) {
                    self.note_refusal(Action::Share, profile, RELATION);
                    return Err(crate::access::not_granted());
                }
            }
        }
        Ok(latest)
    }

    /// Ends a relation, and with it what was granted by it: one's own; a carer's, for whoever answers for the person
    /// and has the whole history; an owner's or a guardian's, for the person and owners. Nobody takes a person's own
    /// records from them.
    ///
    /// # Errors
    /// `not-found` where there is no such relation the caller may end; `last-keeper` where nobody would be left who can
    /// reach the person's records.
    pub fn end_relation(&self, profile: ProfileId, id: RecordId) -> Result<()> {
        // One at a time: two keepers who leave at once must not leave nobody.
        self.inner.with_state_lock(|| self.end_relation_now(profile, id))
    }

    fn end_relation_now(&self, profile: ProfileId, id: RecordId) -> Result<()> {
        self.may_know(profile)?;
        let people = self.people()?;
        let all = people.relations(profile);
        let held = all.iter().find(|held| held.id == id).ok_or_else(Error::not_found)?;
        let mine = matches!(self.actor, Actor::Person { account } if account == held.account);
        // Two guardians who fall out do not shut each other out.
        let needed = if matches!(held.relation, Relation::Carer(_)) { Action::Share } else { Action::Erase };
        let may = || self.answers_for(profile) && self.may_everything(needed, profile);
        if !mine && (held.relation == Relation::Myself || !may()) {
            return Err(Error::not_found());
        }
        if !matches!(held.relation, Relation::Carer(_)) {
            let mut others = all.iter().filter(|other| other.id != id && other.account != held.account);
            if !others.try_fold(false, |found, other| Ok::<_, Error>(found || self.keeps(profile, other)?))? {
                let text = "nobody else could reach this person's records; name an owner or a guardian first";
                return Err(Error::new(ErrorKind::Conflict, "last-keeper", text));
            }
        }
        let (account, relation) = (held.account, held.relation.clone());
        let without = |of: AccountId, facts: &mut Facts| {
            if of == account {
                facts.relations.retain(|one| *one != relation);
            }
        };
        let fallen = self.falls_with(profile, &without)?;
        let mut write = Write::default();
        self.add_removed(&mut write, RELATION, id, profile)?;
        for grant in fallen {
            self.add_revoked(&mut write, profile, grant, self.inner.now())?;
        }
        self.inner.committer.commit(write)
    }

    /// Refuses another day of birth where a guardian's reach hangs on it: that is for the person, whoever keeps their
    /// records, and the operator. A guardian would make a dependant younger and see on, or let somebody else do it.
    ///
    /// # Errors
    /// `not-granted`.
    pub(super) fn keeps_birth_date(&self, profile: ProfileId, before: &Value, after: &Value) -> Result<()> {
        let day = |body: &Value| body.get("birth_date").filter(|day| !day.is_null()).cloned();
        if day(before) == day(after) || self.keeps_records_of(profile)? {
            return Ok(());
        }
        let guarded = self.people()?.relations(profile).iter().any(|held| held.relation == Relation::Guardian);
        if !guarded {
            return Ok(());
        }
        self.note_refusal(Action::Amend, profile, PROFILE);
        Err(crate::access::not_granted())
    }

    /// Whether the caller is the person, keeps their records, or is the operator.
    pub(super) fn keeps_records_of(&self, profile: ProfileId) -> Result<bool> {
        let Some(account) = self.actor.account() else { return Ok(matches!(self.actor, Actor::Operator)) };
        let people = self.people()?;
        let mut own = people.relations(profile).iter().filter(|held| held.account == account);
        Ok(own.any(|held| matches!(held.relation, Relation::Myself | Relation::Owner)))
    }

    /// Whether somebody can give access to a person's records, and so keeps them from being lost to everybody.
    pub(super) fn keeps(&self, profile: ProfileId, held: &Held) -> Result<bool> {
        if matches!(held.relation, Relation::Carer(_)) || !self.people()?.active(held.account) {
            return Ok(false);
        }
        let actor = Actor::Person { account: held.account };
        let question = Question { actor: &actor, action: Action::Share, profile, kind: "profile", purpose: "family" };
        Ok(self.inner.decide(&question, self.inner.now())?.0.is_allow())
    }

    /// Adds to `write` that a record about a person is removed from `system`, with a line in the log of both.
    pub(super) fn add_removed(&self, write: &mut Write, kind: &str, id: RecordId, about: ProfileId) -> Result<()> {
        write.entries.push(self.removal(ProfileId::SYSTEM, kind, id)?);
        write.notes.push(self.deed(Deed::Administer, "remove", ProfileId::SYSTEM, kind, [id]));
        write.notes.push(self.deed(Deed::Revoke, "revoke", about, kind, [id]));
        Ok(())
    }

    /// The entry that removes a record.
    pub(super) fn removal(&self, profile: ProfileId, kind: &str, id: RecordId) -> Result<NewEntry> {
        let open = self.inner.open_profile(profile)?;
        let header = {
            let index = super::records::read_lock(&open);
            let state = index.record(id).filter(|state| state.kind() == kind && !state.removed());
            let state = state.ok_or_else(Error::not_found)?;
            let current = state.current().ok_or_else(Error::not_found)?;
            crate::index::Header { version: state.last_version() + 1, ..current.header() }
        };
        let header = crate::index::Header {
            at: self.inner.now(),
            act: Act::Remove,
            provenance: self.provenance(&How::Typed),
            ..header
        };
        let prepared = super::journal::prepare(&header, None)?;
        Ok(NewEntry { profile, header, prepared, origin: None })
    }
}

/// The order of relations, from the one that gives most.
fn rank(relation: &str) -> usize {
    ["self", "owner", "guardian"].iter().position(|word| *word == relation).unwrap_or(3)
}
