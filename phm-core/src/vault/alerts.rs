//! Alerts: what is unusual about an access is told to the person and to whoever runs the house.
//!
//! An alert names who, what and how much, and nothing of a record. The person's stand in their own state and go when they
//! are erased; those of the house do not say whose records were looked at.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::emergency::{NOTICE_MILLIS, NOTICED};
use super::people::{People, plain_name};
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{AccountId, ActorRef, Role};
use crate::audit::reads::Use;
use crate::audit::unusual::{Finding, Unusual};
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// The row that lists the alerts of the house, and the row of a person's.
const LIST: &str = "alerts";
/// Alerts that are kept of a person.
const MOST_OF_A_PERSON: usize = 50;
/// Alerts that are kept of the house.
const MOST_OF_THE_HOUSE: usize = 500;

/// An alert as it is kept.
#[derive(Clone, Deserialize, Serialize)]
struct Kept {
    id: RecordId,
    at: Instant,
    what: Unusual,
    actor_type: String,
    actor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    count: u64,
    /// When it was first there to be seen: a while after it became so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raised_at: Option<Instant>,
}

/// An access that was unusual, as those who are told of it see it.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// The alert's own id.
    pub id: RecordId,
    /// When it became unusual.
    pub at: Instant,
    /// What is unusual about it.
    pub what: Unusual,
    /// Who.
    pub actor: ActorRef,
    /// How many records, or refusals, until then.
    pub count: u64,
}

/// An alert that was just raised, and whose records it is about.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The alert.
    pub alert: Alert,
    /// Whose records; none where they are nobody's.
    pub profile: Option<ProfileId>,
}

impl Inner {
    /// Counts uses that stand in the log now.
    pub fn watch(&self, uses: &[Use]) {
        let Some(limits) = &self.options.unusual else { return };
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        for done in uses {
            watcher.look(done, limits);
        }
    }

    fn keep_alerts(&self, raised: &[(Kept, Option<ProfileId>)]) -> Result<()> {
        self.with_state_lock(|| {
            let state = self.alert_rows(raised)?;
            self.committer.commit(Write { state, ..Write::default() })
        })
    }

    /// The rows that keep alerts, for whoever holds the lock of state.
    fn alert_rows(&self, raised: &[(Kept, Option<ProfileId>)]) -> Result<Vec<StateChange>> {
        let mut ids: Vec<RecordId> = self.state(ProfileId::SYSTEM, LIST)?.unwrap_or_default();
        let mut state = Vec::new();
        for (kept, _) in raised {
            ids.push(kept.id);
            state.push(StateChange::put(ProfileId::SYSTEM, &row(kept.id), kept, None)?);
        }
        let over = ids.len().saturating_sub(MOST_OF_THE_HOUSE);
        state.extend(ids.drain(..over).map(|id| StateChange::delete(ProfileId::SYSTEM, &row(id))));
        state.push(StateChange::put(ProfileId::SYSTEM, LIST, &ids, None)?);
        let mut people: Vec<ProfileId> = raised.iter().filter_map(|(_, profile)| *profile).collect();
        people.sort();
        people.dedup();
        people.retain(|id| id.is_person() && self.keys.has_profile(*id) && !self.is_leaving(*id));
        for id in people {
            let mut own: Vec<Kept> = self.state(id, LIST)?.unwrap_or_default();
            own.extend(raised.iter().filter(|(_, profile)| *profile == Some(id)).map(|(kept, _)| kept.clone()));
            own.drain(..own.len().saturating_sub(MOST_OF_A_PERSON));
            state.push(StateChange::put(id, LIST, &own, None)?);
        }
        Ok(state)
    }
}

impl Vault {
    /// Keeps what was found unusual since this was asked last, and answers it, so that people can be told. Family
    /// that looks at an unusual hour is no alert.
    ///
    /// # Errors
    /// As any write; what was found is then found again the next time.
    pub fn raise_alerts(&self) -> Result<Vec<Raised>> {
        if self.inner.options.unusual.is_none() || self.inner.options.read_only {
            return Ok(Vec::new());
        }
        self.inner.committer.flush()?;
        let people = self.inner.people()?;
        let mut found = self.inner.watcher.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_family = |one: &Finding| {
            let (Some(account), Some(profile)) = (one.actor.account(), one.profile) else { return false };
            people.relations(profile).iter().any(|held| held.account == account)
        };
        found.retain(|one| one.what != Unusual::Hour || !is_family(one));
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.inner.now();
        let raised: Vec<(Kept, Option<ProfileId>)> =
            found.iter().map(|one| (Kept::of(one, now), one.profile)).collect();
        if let Err(error) = self.inner.keep_alerts(&raised) {
            self.inner.watcher.lock().unwrap_or_else(PoisonError::into_inner).put_back(found);
            return Err(error);
        }
        let shown = |(kept, profile): (Kept, Option<ProfileId>)| Raised {
            alert: kept.alert(&people),
            profile: profile.filter(ProfileId::is_person),
        };
        Ok(raised.into_iter().map(shown).collect())
    }
}

impl Session {
    /// The rows of an alert that the caller asks to hand a person's records over, for the house and for whoever answers for
    /// the person some time. For whoever holds the lock of state.
    pub(super) fn alert_of_hand_over(&self, profile: ProfileId) -> Result<Vec<StateChange>> {
        self.alert_of(Unusual::HandOver, profile)
    }

    /// The same of an account that the operator lets be something to a person.
    pub(super) fn alert_of_let_in(&self, profile: ProfileId) -> Result<Vec<StateChange>> {
        self.alert_of(Unusual::LetIn, profile)
    }

    fn alert_of(&self, what: Unusual, profile: ProfileId) -> Result<Vec<StateChange>> {
        let at = self.inner.now();
        let found = Finding { what, at, actor: self.actor.clone(), profile: Some(profile), count: 1 };
        self.inner.alert_rows(&[(Kept::of(&found, at), Some(profile))])
    }

    /// Keeps an alert that the caller gets a link with which a new password of somebody's account is chosen, for the house and
    /// for the holder: whoever has the link signs in as them. Nothing where it is the caller's own account.
    ///
    /// # Errors
    /// `not-granted` for whoever does not run the house; as any write, and then nobody is to be given the link.
    pub fn alert_of_link(&self, account: AccountId) -> Result<()> {
        self.runs_the_house()?;
        if self.actor.account() == Some(account) {
            return Ok(());
        }
        let (at, profile) = (self.inner.now(), self.people()?.own_profile(account));
        let found = Finding { what: Unusual::ResetLink, at, actor: self.actor.clone(), profile, count: 1 };
        self.inner.keep_alerts(&[(Kept::of(&found, at), profile)])
    }

    /// The alerts about a person's records, newest first, for whoever answers for the person.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn alerts(&self, profile: ProfileId) -> Result<Vec<Alert>> {
        self.must_answer_for(profile)?;
        self.alerts_since(profile, Instant::from_millis(i64::MIN))
    }

    /// The alerts of which the person is to know at once: those of the last thirty days that nobody has put away. Nothing
    /// for callers who do not answer for the person.
    pub fn fresh_alerts(&self, profile: ProfileId) -> Result<Vec<Alert>> {
        if !self.answers_for(profile) {
            return Ok(Vec::new());
        }
        let seen: Option<Instant> = self.inner.state(profile, NOTICED)?;
        let since = self.inner.now().plus_millis(-NOTICE_MILLIS);
        self.alerts_since(profile, since.max(seen.unwrap_or(Instant::from_millis(i64::MIN))))
    }

    fn alerts_since(&self, profile: ProfileId, since: Instant) -> Result<Vec<Alert>> {
        let kept: Vec<Kept> = self.inner.state(profile, LIST)?.unwrap_or_default();
        let people = self.people()?;
        Ok(kept.iter().rev().filter(|kept| kept.shown_at() > since).map(|kept| kept.alert(&people)).collect())
    }

    /// The alerts of the house, newest first, for admins and the operator: who, what and how much, not whose records.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn house_alerts(&self) -> Result<Vec<Alert>> {
        self.runs_the_house()?;
        let ids: Vec<RecordId> = self.inner.state(ProfileId::SYSTEM, LIST)?.unwrap_or_default();
        let people = self.people()?;
        let mut alerts = Vec::with_capacity(ids.len());
        for id in ids.into_iter().rev() {
            // One that named somebody who was erased is gone with them.
            let kept: Option<Kept> = self.inner.state(ProfileId::SYSTEM, &row(id))?;
            alerts.extend(kept.map(|kept| kept.alert(&people)));
        }
        Ok(alerts)
    }

    /// The e-mail addresses of those who run the house, to whom an alert is told. For the door, which sends letters.
    pub fn whom_to_tell_of_the_house(&self) -> Result<Vec<String>> {
        self.minds_the_door()?;
        let people = self.people()?;
        let admins = people.accounts().filter(|(_, _, _, roles, active)| *active && roles.contains(Role::Admin));
        Ok(admins.map(|(_, email, ..)| email.to_owned()).collect())
    }
}

impl Kept {
    fn of(found: &Finding, now: Instant) -> Self {
        Self {
            id: RecordId::new(),
            at: found.at,
            what: found.what,
            actor_type: found.actor.type_name().to_owned(),
            actor: found.actor.id(),
            account: found.actor.account(),
            count: found.count,
            raised_at: Some(now),
        }
    }

    /// Since when it can have been seen, and so put away.
    fn shown_at(&self) -> Instant {
        self.raised_at.unwrap_or(self.at)
    }

    /// The alert, with the names of today.
    fn alert(&self, people: &People) -> Alert {
        let actor = actor_of(people, &self.actor_type, &self.actor, self.account);
        Alert { id: self.id, at: self.at, what: self.what, actor, count: self.count }
    }
}

/// An actor by type and id, with the name of today; without one where nobody is called that any more.
pub(super) fn actor_of(people: &People, r#type: &str, id: &str, account: Option<AccountId>) -> ActorRef {
    let name = match r#type {
        "person" => account.and_then(|account| people.name(account)),
        "token" => id.parse::<RecordId>().ok().and_then(|id| people.token(id)).map(|token| token.name.as_str()),
        "plugin" => Some(id),
        other => Some(plain_name(other)),
    };
    ActorRef { r#type: r#type.to_owned(), id: id.to_owned(), name: name.unwrap_or_default().to_owned() }
}

/// The row of an alert of the house.
fn row(id: RecordId) -> String {
    format!("alert/{id}")
}
