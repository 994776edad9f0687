//! When somebody cannot be asked: what was arranged for an emergency, and breaking the glass.
//!
//! Family is granted something for an emergency beforehand: it opens when they ask and the hours that were agreed have
//! passed in which nobody said no. A provider who treats somebody they have nothing from may break the glass: at once,
//! for an hour, to read, with a reason. Neither shows what is marked as sensitive unless that was named, both are told
//! to the person, and what is done behind a broken glass stands in the audit log under that name.

use serde_json::json;

use super::consent::{GRANT, Given};
use super::records::read_lock;
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use crate::access::{Action, Actions, Actor, Grant, GrantId, GrantTerms, Grantee, Kinds, Labels, Role};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::RecordState;
use crate::time::{Instant, PartialDate};

/// The template of the grants that break the glass, and what the audit calls that.
pub const BREAK_GLASS: &str = "break-glass";
/// How long a broken glass stays open: one hour.
pub const BREAK_GLASS_MILLIS: i64 = 3_600_000;
/// Letters of a reason at least; a full stop is none.
const SHORTEST_REASON: usize = 5;
/// Letters of a reason that are kept.
const LONGEST_REASON: usize = 150;
/// How long a notice is shown that nobody has put away: thirty days.
pub(super) const NOTICE_MILLIS: i64 = 30 * 24 * 3_600_000;
/// The state row that says until when notices were put away.
pub(super) const NOTICED: &str = "notices-seen";

impl Session {
    /// The grants for emergencies that others have given to the caller, asked for or not.
    pub fn emergencies(&self) -> Result<Vec<Given>> {
        let people = self.people()?;
        let now = self.inner.now();
        let to_me = |grant: &&Grant| {
            let open = grant.revoked_at.is_none() && !is_over(grant, now);
            grant.terms.wait_hours.is_some() && open && self.is_to_me(grant)
        };
        people.all_grants().filter(to_me).map(|grant| self.given(grant.clone(), now)).collect()
    }

    /// Asks for what was granted for an emergency: it opens when its hours have passed and nobody has said no.
    ///
    /// # Errors
    /// `not-found` where nothing of the kind was given to the caller.
    pub fn ask_in_emergency(&self, profile: ProfileId, id: GrantId) -> Result<Given> {
        let grant = self.emergency(profile, id)?.filter(|grant| self.is_to_me(grant)).ok_or_else(Error::not_found)?;
        let now = self.inner.now();
        if grant.asked_at.is_some() {
            return self.given(grant, now);
        }
        let note = self.deed(Deed::Administer, "ask-in-emergency", profile, GRANT, [id]);
        self.change_system(GRANT, id, Some(note), |body| body["asked_at"] = json!(now))?;
        self.given(Grant { asked_at: Some(now), ..grant }, now)
    }

    /// Says no to somebody who asked in an emergency; they may ask again.
    ///
    /// # Errors
    /// `not-found` where there is nothing to say no to for the caller.
    pub fn refuse_in_emergency(&self, profile: ProfileId, id: GrantId) -> Result<Given> {
        self.may_know(profile)?;
        let may = self.answers_for(profile);
        let grant = self.emergency(profile, id)?.filter(|_| may).ok_or_else(Error::not_found)?;
        let note = self.deed(Deed::Revoke, "refuse-in-emergency", profile, GRANT, [id]);
        self.change_system(GRANT, id, Some(note), |body| {
            body.as_object_mut().map(|fields| fields.remove("asked_at"));
        })?;
        self.given(Grant { asked_at: None, ..grant }, self.inner.now())
    }

    fn emergency(&self, profile: ProfileId, id: GrantId) -> Result<Option<Grant>> {
        let people = self.people()?;
        let wanted = |grant: &&Grant| grant.id == id && grant.terms.wait_hours.is_some() && grant.revoked_at.is_none();
        Ok(people.grants(profile).iter().find(wanted).cloned())
    }

    /// Breaks the glass: a provider opens a person's records to read them, for a reason, for [`BREAK_GLASS_MILLIS`].
    /// Records with a sensitive label stay closed. The grant it makes is listed apart, and the person is told.
    ///
    /// # Errors
    /// `not-found` where there is no such person, or the caller is no provider; `invalid` without a reason.
    pub fn break_glass(&self, profile: ProfileId, reason: &str) -> Result<Given> {
        let account = self.provider()?;
        let reason = read_reason(reason)?;
        let missing = !profile.is_person() || !self.inner.keys.has_profile(profile) || self.inner.is_leaving(profile);
        if missing || self.born(profile)?.is_none() {
            return Err(Error::not_found());
        }
        let now = self.inner.now();
        let terms = GrantTerms {
            to: Grantee::Account(account),
            hosts: Vec::new(),
            kinds: Kinds::All,
            from: None,
            to_date: None,
            labels: Labels::NONE,
            records: None,
            actions: Actions::of(&[Action::Read]),
            purpose: Some(reason.clone()),
            starts_at: now,
            ends_at: Some(now.plus_millis(BREAK_GLASS_MILLIS)),
            template: Some(BREAK_GLASS.to_owned()),
            wait_hours: None,
        };
        let id = self.write_grant(profile, &terms, BREAK_GLASS, Some(format!("{BREAK_GLASS}: {reason}")))?;
        self.given(Grant { id, profile, given_by: Some(account), terms, revoked_at: None, asked_at: None }, now)
    }

    /// The same for whoever is brought in with a name and a day of birth and nothing else: both must fit one person.
    /// There is no way to try names without breaking a glass and leaving a reason; what fits nobody is counted in the log
    /// of the house.
    pub fn break_glass_of(&self, name: &str, born: PartialDate, reason: &str) -> Result<Given> {
        self.provider()?;
        read_reason(reason)?;
        let wanted = spelled(name);
        let mut found = None;
        for id in self.inner.profile_ids().into_iter().filter(ProfileId::is_person) {
            // A damaged journal keeps nobody from the others.
            let fits = self
                .born(id)
                .is_ok_and(|one| one.is_some_and(|(title, day)| spelled(&title) == wanted && day == Some(born)));
            if fits && found.replace(id).is_some() {
                self.note_refusal(Action::Share, ProfileId::SYSTEM, GRANT);
                return Err(Error::not_found());
            }
        }
        let Some(found) = found else {
            // Whoever tries many names is seen in the log of the house, by how often they did.
            self.note_refusal(Action::Share, ProfileId::SYSTEM, GRANT);
            return Err(Error::not_found());
        };
        self.break_glass(found, reason)
    }

    /// What a person is to know of at once: who broke the glass, and who asked in an emergency; newest first. Nothing
    /// for callers who do not answer for the person.
    pub fn notices(&self, profile: ProfileId) -> Result<Vec<Given>> {
        if !self.answers_for(profile) {
            return Ok(Vec::new());
        }
        let now = self.inner.now();
        let seen: Option<Instant> = self.inner.state(profile, NOTICED)?;
        let since = now.plus_millis(-NOTICE_MILLIS).max(seen.unwrap_or(Instant::from_millis(i64::MIN)));
        let people = self.people()?;
        let told = |grant: &&Grant| match grant.terms.template.as_deref() {
            Some(BREAK_GLASS) => grant.terms.starts_at > since,
            _ => grant.asked_at.is_some() && grant.revoked_at.is_none() && !is_over(grant, now),
        };
        let mut notices = people
            .grants(profile)
            .iter()
            .filter(told)
            .map(|grant| self.given(grant.clone(), now))
            .collect::<Result<Vec<_>>>()?;
        notices.sort_by_key(|given| std::cmp::Reverse(given.terms.starts_at));
        Ok(notices)
    }

    /// The e-mail addresses of those who answer for a person, to whom it is told at once when somebody broke the glass or
    /// asked in an emergency. For the door, which sends letters.
    pub fn whom_to_tell(&self, profile: ProfileId) -> Result<Vec<String>> {
        self.minds_the_door()?;
        let people = self.people()?;
        let mut addresses = Vec::new();
        for held in people.relations(profile) {
            if self.keeps(profile, held)? {
                addresses.extend(people.email(held.account).map(str::to_owned));
            }
        }
        Ok(addresses)
    }

    /// Puts the notices about broken glass away that there are now; those who ask in an emergency stay until answered.
    ///
    /// # Errors
    /// `not-found` and `not-granted` for whoever does not answer for the person: nobody else hides from them who came
    /// in.
    pub fn put_notices_away(&self, profile: ProfileId) -> Result<()> {
        self.must_answer_for(profile)?;
        let state = vec![StateChange::put(profile, NOTICED, &self.inner.now(), None)?];
        self.inner.committer.commit(Write { state, ..Write::default() })
    }

    /// The account at work, if it is an active provider's; to everybody else there is nothing here.
    fn provider(&self) -> Result<RecordId> {
        let people = self.people()?;
        match self.actor {
            Actor::Person { account } if people.active(account) && people.roles(account).contains(Role::Provider) => {
                Ok(account)
            }
            _ => Err(Error::not_found()),
        }
    }

    /// Name and day of birth of a person who is there.
    fn born(&self, id: ProfileId) -> Result<Option<(String, Option<PartialDate>)>> {
        let open = self.inner.open_profile(id)?;
        let title = {
            let index = read_lock(&open);
            let state = index.record(RecordId::from_bytes(*id.as_bytes())).filter(|state| !state.removed());
            state.and_then(RecordState::current).map(|version| version.title().to_owned())
        };
        let Some(title) = title else { return Ok(None) };
        Ok(Some((title, self.inner.birth_date(id)?)))
    }
}

/// Whether a grant's time is over.
fn is_over(grant: &Grant, now: Instant) -> bool {
    grant.terms.ends_at.is_some_and(|ends_at| ends_at <= now)
}

/// A reason that says something.
fn read_reason(text: &str) -> Result<String> {
    let reason: String = text.trim().chars().take(LONGEST_REASON).collect();
    if reason.chars().filter(|letter| letter.is_alphanumeric()).count() < SHORTEST_REASON {
        return Err(Error::invalid(vec![Detail { path: "/reason".to_owned(), code: "required" }]));
    }
    Ok(reason)
}

/// A name without capitals and with single spaces.
fn spelled(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
