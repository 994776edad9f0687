//! Taking over: somebody whose records others kept becomes the one they belong to.
//!
//! From the age the policy names on, whoever keeps a person's records hands them over to the person's own account; where
//! nobody in the family can any more, whoever runs the house does (`hand_over`). The account's own profile, which must be
//! empty, makes room. Whoever kept the records is a guardian from then on and sees what the person's age leaves a guardian,
//! which may be nothing; what they had granted and could not grant now ends with it, and so does whoever helped as a carer:
//! the person lets in whom they want. Nobody takes over for themselves.

use serde_json::json;

use super::family::RELATION;
use super::hand_over::ASKED;
use super::people::{Held, People};
use super::session::{PROFILE, Session};
use super::state::StateChange;
use super::waiting::Write;
use crate::access::{AccountId, Action, Actor, Decision, Facts, Grant, GrantId, Question, Relation};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// The state row of a person that names the profile their account had before, which made room and goes with them.
pub(super) const MADE_ROOM: &str = "made-room";
/// The state row that names, for a day, who was family when the records were handed over.
const HANDED: &str = "family-handed";
/// How long it is known: a day.
const HANDED_MILLIS: i64 = 24 * 3_600_000;

impl Session {
    /// Whether the caller may hand a person's records over to the person now: they keep all of them, nobody is the person
    /// yet, and the person is old enough. Nothing is noted.
    pub fn may_hand_over(&self, profile: ProfileId) -> bool {
        self.answers_for(profile)
            && self.may_everything(Action::Share, profile)
            && self.is_old_enough(profile).is_ok()
            && self.people().is_ok_and(|people| !people.relations(profile).iter().any(is_themselves))
    }

    /// The e-mail addresses of everybody who is family of a person and no carer, and of those who were until the records
    /// were handed over, to all of whom that is told. For the door, which sends letters.
    pub fn whom_it_was_handed(&self, profile: ProfileId) -> Result<Vec<String>> {
        self.minds_the_door()?;
        let people = self.people()?;
        let mut told: Vec<AccountId> = self.inner.state(profile, HANDED)?.unwrap_or_default();
        for account in family(people.relations(profile)) {
            if !told.contains(&account) {
                told.push(account);
            }
        }
        Ok(told.into_iter().filter_map(|account| people.email(account).map(str::to_owned)).collect())
    }

    /// Whether the caller may let somebody be the person.
    pub(super) fn must_hand_over(&self, profile: ProfileId) -> Result<()> {
        self.permit_everything(Action::Share, profile)?;
        self.is_old_enough(profile)
    }

    pub(super) fn is_old_enough(&self, profile: ProfileId) -> Result<()> {
        let birth_date = self.inner.birth_date(profile)?;
        if self.inner.options.policy.takes_over(birth_date, self.inner.now()) {
            return Ok(());
        }
        let text = "this person is too young to take over, or their date of birth is not known; set it first";
        Err(Error::new(ErrorKind::Conflict, "too-young", text))
    }

    /// Makes an account the person, for whoever holds the lock and was asked whether the caller may.
    pub(super) fn take_over_now(&self, profile: ProfileId, account: AccountId) -> Result<()> {
        let write = self.taking_over(profile, account)?;
        self.inner.committer.commit(write)
    }

    /// All that makes an account the person, without doing it.
    ///
    /// # Errors
    /// Whatever keeps it from being done.
    pub(super) fn taking_over(&self, profile: ProfileId, account: AccountId) -> Result<Write> {
        let people = self.people()?;
        if !people.active(account) {
            return Err(Error::invalid(vec![Detail { path: "/account".to_owned(), code: "unknown" }]));
        }
        let held = people.relations(profile);
        if held.iter().any(is_themselves) {
            let text = "somebody has taken these records over already";
            return Err(Error::new(ErrorKind::Conflict, "conflict", text));
        }
        if held.iter().any(|one| one.account == account) {
            let text =
                "this account is something else to this person; the person takes over with an account of their own";
            return Err(Error::new(ErrorKind::Conflict, "conflict", text));
        }
        let mut write = Write::default();
        if let Some(own) = people.own_profile(account) {
            self.make_room(&people, own, account, &mut write)?;
            write.state.push(StateChange::put(profile, MADE_ROOM, &own, None)?);
        }
        self.narrow_owners(profile, held, account, &mut write)?;
        self.relate(account, profile, "self", &mut write)?;
        // Whoever is nothing to the person any more has to hear of it too.
        let before: Vec<AccountId> = family(held).collect();
        let until = self.inner.now().plus_millis(HANDED_MILLIS);
        write.state.push(StateChange::put(profile, HANDED, &before, Some(until))?);
        write.state.push(StateChange::delete(profile, ASKED));
        write.notes.push(self.deed(Deed::Share, "hand-over", profile, RELATION, []));
        Ok(write)
    }

    /// Adds to `write` that the profile an account has had for its own is there no more.
    fn make_room(&self, people: &People, own: ProfileId, account: AccountId, write: &mut Write) -> Result<()> {
        let open = self.inner.open_profile(own)?;
        let records = super::records::read_lock(&open).records().count();
        let is_shared =
            people.relations(own).iter().any(|one| one.account != account) || !people.grants(own).is_empty();
        if records > 1 || is_shared {
            let text = "this account has records of its own, or shares them; take over with a new account";
            return Err(Error::new(ErrorKind::Conflict, "has-records", text));
        }
        for one in people.relations(own) {
            self.add_removed(write, RELATION, one.id, own)?;
        }
        let id = RecordId::from_bytes(*own.as_bytes());
        write.entries.push(self.removal(own, PROFILE, id)?);
        write.notes.push(self.deed(Deed::Remove, "hand-over", own, PROFILE, [id]));
        Ok(())
    }

    /// Adds to `write` that whoever kept the records is a guardian from now on, or nothing where guardians are nothing any
    /// more, that nobody is a carer any more, and that what falls with that ends.
    fn narrow_owners(&self, profile: ProfileId, held: &[Held], account: AccountId, write: &mut Write) -> Result<()> {
        let (now, birth_date) = (self.inner.now(), self.inner.birth_date(profile)?);
        let owners: Vec<&Held> = held.iter().filter(|one| one.relation == Relation::Owner).collect();
        let narrowed = |of: AccountId, facts: &mut Facts| {
            facts.relations.retain(|one| !matches!(one, Relation::Carer(_)));
            if owners.iter().any(|one| one.account == of) {
                facts.relations.retain(|one| *one != Relation::Owner);
                facts.relations.push(Relation::Guardian);
                facts.birth_date = birth_date;
            }
        };
        let mut fallen = self.falls_with(profile, &narrowed)?;
        fallen.extend(self.given_by_the_closed(profile, now)?);
        for grant in fallen {
            self.add_revoked(write, profile, grant, now)?;
        }
        // Whoever kept the records let them in, and would look on through them.
        for one in held.iter().filter(|one| matches!(one.relation, Relation::Carer(_))) {
            self.add_removed(write, RELATION, one.id, profile)?;
        }
        let as_guardian =
            Facts { active: true, relations: vec![Relation::Guardian], birth_date, ..Facts::nothing(now) };
        let actor = Actor::Person { account };
        let question = Question { actor: &actor, action: Action::Read, profile, kind: PROFILE, purpose: "family" };
        let is_over = self.inner.options.policy.decide(&question, &as_guardian) == Decision::Unknown;
        for one in owners {
            if is_over {
                self.add_removed(write, RELATION, one.id, profile)?;
                continue;
            }
            let note = self.deed(Deed::Revoke, "hand-over", profile, RELATION, [one.id]);
            self.add_change(write, RELATION, one.id, Some(note), |body| body["relation"] = json!("guardian"))?;
        }
        Ok(())
    }

    /// The live grants of those whose account is closed, who could give nothing before either.
    fn given_by_the_closed(&self, profile: ProfileId, now: Instant) -> Result<Vec<GrantId>> {
        let people = self.people()?;
        let is_live =
            |grant: &&Grant| grant.revoked_at.is_none() && grant.terms.ends_at.is_none_or(|ends_at| now < ends_at);
        let closed = |grant: &&Grant| grant.given_by.is_some_and(|giver| !people.active(giver));
        let grants = people.grants(profile).iter().filter(is_live).filter(closed);
        Ok(grants.map(|grant| grant.id).collect())
    }
}

/// The accounts of those who are family and no carers.
fn family(held: &[Held]) -> impl Iterator<Item = AccountId> {
    held.iter().filter(|one| !matches!(one.relation, Relation::Carer(_))).map(|one| one.account)
}

fn is_themselves(held: &Held) -> bool {
    held.relation == Relation::Myself
}
