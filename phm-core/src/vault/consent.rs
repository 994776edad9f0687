//! Giving and taking back: grants on a person's records.
//!
//! Nobody gives what they do not have, and a grant never outlasts the reach of whoever gave it: what somebody gave on
//! of what they were given goes with that. Giving and taking back stand in the audit log of the person whose records
//! they open, so "who looked" says who was let in, by whom, and until when. What a revoked or ended grant opened is
//! closed at the next use of a permit, pages of a stream included.

use serde::Serialize;
use serde_json::{Value, json};

use super::emergency::BREAK_GLASS;
use super::journal;
use super::session::Session;
use super::shown::How;
use super::waiting::{NewEntry, Write};
use crate::access::{
    AccountId, Action, Actor, ActorRef, Facts, Grant, GrantId, GrantTerms, Grantee, Relation, may_give, not_granted,
};
use crate::audit::entry::Deed;
use crate::audit::reads::Use;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::Act;
use crate::time::Instant;

/// The kind of records that hold grants.
pub(super) const GRANT: &str = "grant";

/// What a grant gives at this moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantState {
    /// It has not begun.
    Scheduled,
    /// It is for emergencies and nobody has asked for it.
    Waiting,
    /// It is for emergencies, was asked for, and opens when its time has passed and nobody has said no.
    Asked,
    /// It opens what it names.
    Live,
    /// Its time is over.
    Ended,
    /// It was taken back.
    Revoked,
}

/// A grant as those concerned see it.
#[derive(Clone, Debug, Serialize)]
pub struct Given {
    /// The grant's own id.
    pub id: GrantId,
    /// Whose records it opens.
    pub profile: ProfileId,
    /// Who gave it.
    pub given_by: ActorRef,
    /// The name of the account it is given to, where it is given to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_name: Option<String>,
    /// What it gives.
    #[serde(flatten)]
    pub terms: GrantTerms,
    /// What it gives now.
    pub state: GrantState,
    /// From when on it opens something; none for an emergency nobody has asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Instant>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
}

impl Session {
    /// Lets somebody do what `body` names with a person's records; see [`GrantTerms::parse`] for its fields.
    ///
    /// # Errors
    /// `invalid` with the places that break a rule; `not-granted` where the actor does not have all they would give,
    /// for as long as they would give it.
    pub fn give(&self, profile: ProfileId, body: &Value) -> Result<Given> {
        let kinds = &self.inner.options.kinds;
        let known = |name: &str| kinds.get(name).is_some_and(|info| !info.system);
        let now = self.inner.now();
        // Whoever has nothing to do with the person learns nothing, whatever they send.
        self.may_know(profile)?;
        let terms = GrantTerms::parse(body, now, known).map_err(Error::invalid)?;
        if terms.template.as_deref() == Some(BREAK_GLASS) {
            return Err(Error::invalid(vec![Detail { path: "/template".to_owned(), code: "invalid-choice" }]));
        }
        let first = terms.kinds.names().into_iter().find(|name| known(name)).unwrap_or("profile").to_owned();
        self.permit(Action::Share, profile, &first)?;
        let latest = self.may_give(profile, &terms, now)?;
        self.exists(&terms.to)?;
        let terms = GrantTerms { ends_at: terms.ends_at.or(latest), ..terms };
        let id = self.write_grant(profile, &terms, "share", None)?;
        let grant = Grant { id, profile, given_by: self.actor.account(), terms, revoked_at: None, asked_at: None };
        self.given(grant, now)
    }

    /// Whether a grant of the person to the plugin this session is of, live at this moment, names `host`: what the plugin reads of
    /// the person may be sent there and nowhere else. Nothing is noted; whoever sends notes that.
    pub fn may_send_to(&self, profile: ProfileId, host: &str) -> Result<bool> {
        let Actor::Plugin { name, .. } = &self.actor else { return Ok(false) };
        let people = self.people()?;
        let now = self.inner.now();
        let to_it = |grant: &Grant| matches!(&grant.terms.to, Grantee::Plugin(to) if to == name);
        let names_it = |grant: &Grant| grant.terms.hosts.iter().any(|named| named == host);
        Ok(people.grants(profile).iter().any(|grant| to_it(grant) && names_it(grant) && grant.is_live(now)))
    }

    /// The grants on a person's records, newest first: all of them for whoever answers for the person, else those the
    /// caller gave or was given. A service of somebody sees those they gave, where it may see who the person is.
    pub fn grants(&self, profile: ProfileId) -> Result<Vec<Given>> {
        self.may_know(profile)?;
        let all = self.answers_for(profile);
        let people = self.people()?;
        let now = self.inner.now();
        let concerns = |grant: &&Grant| all || self.is_mine(grant) || self.is_to_me(grant) || self.serves_giver(grant);
        let shown = people.grants(profile).iter().filter(concerns);
        let mut given = shown.map(|grant| self.given(grant.clone(), now)).collect::<Result<Vec<_>>>()?;
        given.sort_by(|a, b| b.terms.starts_at.cmp(&a.terms.starts_at).then(a.id.cmp(&b.id)));
        self.note(self.deed(Deed::Read, "grants", profile, GRANT, given.iter().map(|given| given.id)))?;
        Ok(given)
    }

    /// Takes a grant back, and with it what its holder gave on of it: for whoever answers for the person, gave this
    /// one, or was given it themselves.
    ///
    /// # Errors
    /// `not-found` where there is no such grant on the person's records that the caller may know of.
    pub fn revoke(&self, profile: ProfileId, id: GrantId) -> Result<Given> {
        self.may_know(profile)?;
        let people = self.people()?;
        let grant = people.grants(profile).iter().find(|grant| grant.id == id).ok_or_else(Error::not_found)?.clone();
        // What was given to everybody in a role is nobody's alone to give up.
        let given_to_me = !matches!(grant.terms.to, Grantee::Role(_)) && self.is_to_me(&grant);
        if !(self.is_mine(&grant) || given_to_me || self.answers_for(profile)) {
            return Err(Error::not_found());
        }
        let now = self.inner.now();
        if grant.revoked_at.is_some() {
            return self.given(grant, now);
        }
        let mut write = Write::default();
        self.add_revoked(&mut write, profile, id, now)?;
        let without = |_: AccountId, facts: &mut Facts| facts.grants.retain(|one| one.id != id);
        for other in self.falls_with(profile, &without)?.into_iter().filter(|other| *other != id) {
            self.add_revoked(&mut write, profile, other, now)?;
        }
        self.inner.committer.commit(write)?;
        self.given(Grant { revoked_at: Some(now), ..grant }, now)
    }

    /// Adds to `write` that a grant was taken back.
    pub(super) fn add_revoked(&self, write: &mut Write, profile: ProfileId, id: GrantId, now: Instant) -> Result<()> {
        let note = self.deed(Deed::Revoke, "revoke", profile, GRANT, [id]);
        self.add_change(write, GRANT, id, Some(note), |body| body["revoked_at"] = json!(now))
    }

    /// The grants on a person's records that whoever gave them can give now, and could not any more when `without` has
    /// taken from what is known of an account what it is about to lose.
    pub(super) fn falls_with(
        &self,
        profile: ProfileId,
        without: &dyn Fn(AccountId, &mut Facts),
    ) -> Result<Vec<GrantId>> {
        let (people, now) = (self.people()?, self.inner.now());
        let mut gone: Vec<GrantId> = Vec::new();
        loop {
            let mut found = Vec::new();
            for grant in people.grants(profile).iter().filter(|grant| !gone.contains(&grant.id)) {
                let over = grant.terms.ends_at.is_some_and(|ends_at| ends_at <= now);
                // A broken glass was given by nobody.
                let given = grant.revoked_at.is_none() && !over && grant.terms.template.as_deref() != Some(BREAK_GLASS);
                let Some(account) = grant.given_by.filter(|_| given) else { continue };
                let actor = Actor::Person { account };
                let before = self.inner.facts(&actor, profile, now)?;
                let mut after = before.clone();
                without(account, &mut after);
                after.grants.retain(|one| !gone.contains(&one.id));
                let policy = &*self.inner.options.policy;
                let gives = |facts: &Facts| may_give(policy, &actor, profile, &grant.terms, facts).is_ok();
                if gives(&before) && !gives(&after) {
                    found.push(grant.id);
                }
            }
            if found.is_empty() {
                return Ok(gone);
            }
            gone.extend(found);
        }
    }

    /// Whether the caller has anything to do with the person; nothing is noted.
    pub fn knows(&self, profile: ProfileId) -> bool {
        self.may_know(profile).is_ok()
    }

    /// Whether the caller may know that the person exists.
    ///
    /// # Errors
    /// `not-found`, as for a person who does not.
    pub(super) fn may_know(&self, profile: ProfileId) -> Result<()> {
        match self.ask(Action::Read, profile, "profile") {
            Err(error) if error.kind() != ErrorKind::Denied => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether the caller speaks for the person where it comes to who has access: they are the person, keep their
    /// records, or are a guardian who still sees them. Somebody who was only lent the right to give on does not.
    pub fn answers_for(&self, profile: ProfileId) -> bool {
        let related = match self.actor.account() {
            None => matches!(self.actor, Actor::Operator),
            Some(account) => self.people().is_ok_and(|people| {
                let mut own = people.relations(profile).iter().filter(|held| held.account == account);
                own.any(|held| !matches!(held.relation, Relation::Carer(_)))
            }),
        };
        related && self.may(Action::Share, profile, "profile")
    }

    /// Refuses, and notes it, where the caller does not speak for the person.
    ///
    /// # Errors
    /// `not-found` for whoever has nothing to do with the person, else `not-granted`.
    pub(super) fn must_answer_for(&self, profile: ProfileId) -> Result<()> {
        self.permit(Action::Share, profile, "profile")?;
        if self.answers_for(profile) {
            return Ok(());
        }
        self.note_refusal(Action::Share, profile, GRANT);
        Err(not_granted())
    }

    /// Whether the caller gave it themselves, signed in; a token of theirs has its own limits.
    fn is_mine(&self, grant: &Grant) -> bool {
        matches!(self.actor, Actor::Person { account } if grant.given_by == Some(account))
    }

    /// Whether the caller is a service of whoever gave it. It sees the grant and does nothing with it.
    fn serves_giver(&self, grant: &Grant) -> bool {
        let serves = matches!(&self.actor, Actor::Service { account, .. } if grant.given_by == Some(*account));
        serves && self.may(Action::Read, grant.profile, "profile")
    }

    fn may_give(&self, profile: ProfileId, terms: &GrantTerms, now: Instant) -> Result<Option<Instant>> {
        let facts = self.inner.facts(&self.actor, profile, now)?;
        let given = may_give(&*self.inner.options.policy, &self.actor, profile, terms, &facts);
        given.inspect_err(|error| {
            if error.kind() == ErrorKind::Denied {
                self.note_refusal(Action::Share, profile, GRANT);
            }
        })
    }

    /// Refuses a grant to somebody or something that is not there.
    fn exists(&self, to: &Grantee) -> Result<()> {
        let people = self.people()?;
        let (path, there) = match to {
            Grantee::Account(account) => ("/to/account", people.active(*account)),
            Grantee::Token(token) => ("/to/token", people.token(*token).is_some()),
            Grantee::Role(_) | Grantee::Plugin(_) | Grantee::Service(_) => return Ok(()),
        };
        if there { Ok(()) } else { Err(Error::invalid(vec![Detail { path: path.to_owned(), code: "unknown" }])) }
    }

    pub(super) fn is_to_me(&self, grant: &Grant) -> bool {
        match (&grant.terms.to, &self.actor) {
            (Grantee::Account(to), Actor::Person { account }) => to == account,
            (Grantee::Role(role), Actor::Person { account }) => {
                self.people().is_ok_and(|people| people.roles(*account).contains(*role))
            }
            (Grantee::Token(to), Actor::Token { id, .. }) => to == id,
            _ => false,
        }
    }

    pub(super) fn given(&self, grant: Grant, now: Instant) -> Result<Given> {
        let people = self.people()?;
        let over = grant.terms.ends_at.is_some_and(|ends_at| ends_at <= now);
        let state = match grant.opens_at() {
            _ if grant.revoked_at.is_some() => GrantState::Revoked,
            _ if over => GrantState::Ended,
            _ if grant.is_live(now) => GrantState::Live,
            None => GrantState::Waiting,
            Some(_) if grant.asked_at.is_some() => GrantState::Asked,
            Some(_) => GrantState::Scheduled,
        };
        let opens_at = grant.opens_at();
        let to_name = match &grant.terms.to {
            Grantee::Account(account) => people.name(*account).map(str::to_owned),
            _ => None,
        };
        let given_by = people.actor_ref(&grant.given_by.map_or_else(|| "operator".to_owned(), |id| id.to_string()));
        let Grant { id, profile, terms, revoked_at, .. } = grant;
        Ok(Given { id, profile, given_by, to_name, terms, state, opens_at, revoked_at })
    }

    pub(super) fn write_grant(
        &self,
        profile: ProfileId,
        terms: &GrantTerms,
        operation: &str,
        purpose: Option<String>,
    ) -> Result<GrantId> {
        let mut body = serde_json::to_value(terms).map_err(|_| Error::internal("terms are JSON"))?;
        body["profile"] = json!(profile);
        if let Some(account) = self.actor.account() {
            body["given_by"] = json!(account);
        }
        let id = GrantId::new();
        let note = self.deed(Deed::Share, operation, profile, GRANT, [id]);
        let note = Use { purpose: purpose.unwrap_or_else(|| note.purpose.clone()), ..note };
        self.add_system(GRANT, id, &body, Some(note))?;
        Ok(id)
    }

    /// Adds a record to `system`, with a line in its log and, where it is about a person, `note` in theirs.
    pub(super) fn add_system(&self, kind: &str, id: RecordId, body: &Value, note: Option<Use>) -> Result<()> {
        let mut write = Write::default();
        self.add_new(&mut write, kind, id, body, note)?;
        self.inner.committer.commit(write)
    }

    /// Adds to `write` what [`Session::add_system`] commits.
    pub(super) fn add_new(
        &self,
        write: &mut Write,
        kind: &str,
        id: RecordId,
        body: &Value,
        note: Option<Use>,
    ) -> Result<()> {
        let checked = self.check(kind, body)?;
        let header = self.header(Act::Create, id, kind, 1, &checked, self.provenance(&How::Typed))?;
        let body = super::records::raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        write.entries.push(NewEntry { profile: ProfileId::SYSTEM, header, prepared, origin: None });
        write.notes.push(self.deed(Deed::Administer, "add", ProfileId::SYSTEM, kind, [id]));
        write.notes.extend(note);
        Ok(())
    }

    /// Changes a record of `system`, with a line in its log and, where it is about a person, `note` in theirs.
    pub(super) fn change_system(
        &self,
        kind: &str,
        id: RecordId,
        note: Option<Use>,
        change: impl FnOnce(&mut Value),
    ) -> Result<()> {
        let mut write = Write::default();
        self.add_change(&mut write, kind, id, note, change)?;
        self.inner.committer.commit(write)
    }

    /// Adds to `write` what [`Session::change_system`] commits.
    pub(super) fn add_change(
        &self,
        write: &mut Write,
        kind: &str,
        id: RecordId,
        note: Option<Use>,
        change: impl FnOnce(&mut Value),
    ) -> Result<()> {
        let open = self.inner.open_profile(ProfileId::SYSTEM)?;
        let (seq, last) = {
            let index = super::records::read_lock(&open);
            let state = index.record(id).filter(|state| state.kind() == kind && !state.removed());
            let state = state.ok_or_else(Error::not_found)?;
            let current = state.current().ok_or_else(Error::not_found)?;
            (current.seq(), state.last_version())
        };
        let mut body = super::export::value_of(&self.body(&open, seq)?)?;
        change(&mut body);
        let checked = self.check(kind, &body)?;
        let header = self.header(Act::Amend, id, kind, last + 1, &checked, self.provenance(&How::Typed))?;
        let body = super::records::raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        write.entries.push(NewEntry { profile: ProfileId::SYSTEM, header, prepared, origin: None });
        write.notes.push(self.deed(Deed::Administer, "amend", ProfileId::SYSTEM, kind, [id]));
        write.notes.extend(note);
        Ok(())
    }
}
