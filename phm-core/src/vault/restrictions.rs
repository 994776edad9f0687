//! Restricting what is kept: records that nobody uses but those who answer for the person, until it is lifted.
//!
//! What a restriction closes is decided in one place, `Inner::decide`, where every answer of the policy passes
//! [`Restricted::narrow`](crate::access::Restricted::narrow); links to what is restricted hand out nothing meanwhile.
//! A bare file (a FHIR Binary) is closed with whatever is restricted, because that may be what names it; a document that is
//! open opens it. Restricting and lifting stand in the audit log of the person.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::HeldBack;
use super::profiles::OpenProfile;
use super::readings::DOCUMENT;
use super::records::{admits, is_restricted, read_lock};
use super::session::{PROFILE, Session};
use super::waiting::Write;
use crate::access::{Action, Actor, ActorRef, Permit, Restricted};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{RecordState, Version};
use crate::time::Instant;

/// The kind of records that hold restrictions.
const RESTRICTION: &str = "restriction";
/// Records that are restricted at one time.
const MOST_RECORDS: usize = 1_000;
/// Records of one person that are restricted one by one, in all; whoever wants more restricts everything.
const MOST_IN_ALL: usize = 10_000;
/// Letters of a reason that are kept.
const LONGEST_REASON: usize = 300;

/// A restriction as those who answer for the person see it.
#[derive(Clone, Debug, Serialize)]
pub struct Restriction {
    /// The restriction's own id.
    pub id: RecordId,
    /// Whether it closes everything about the person, also what is added later.
    pub everything: bool,
    /// The records it closes, where it does not close everything.
    pub records: Vec<RestrictedRecord>,
    /// Why, in the words of whoever restricted them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who restricted them.
    pub by: ActorRef,
    /// Since when.
    pub since: Instant,
}

/// A record that is restricted.
#[derive(Clone, Debug, Serialize)]
pub struct RestrictedRecord {
    /// The record.
    pub id: RecordId,
    /// Its kind; none where it is not there any more.
    pub kind: Option<String>,
}

/// What somebody wants restricted.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    everything: bool,
    records: Vec<RecordId>,
    reason: Option<String>,
}

impl Wanted {
    fn read(body: &Value) -> Result<Self> {
        let wrong = |path: &str, code| Error::invalid(vec![Detail { path: path.to_owned(), code }]);
        let fields = body.as_object().ok_or_else(|| wrong("", "not-an-object"))?;
        let known = ["everything", "records", "reason"];
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(wrong(&format!("/{name}"), "unknown-field"));
        }
        let given = fields.iter().filter(|(_, value)| !value.is_null());
        let given: Value = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let wanted: Self = serde_json::from_value(given).map_err(|_| {
            let reads = |name: &str| match (name, &fields.get(name).cloned().unwrap_or_default()) {
                (_, Value::Null) => true,
                ("everything", value) => value.is_boolean(),
                ("records", value) => serde_json::from_value::<Vec<RecordId>>(value.clone()).is_ok(),
                (_, value) => value.is_string(),
            };
            let name = known.into_iter().find(|name| !reads(name)).unwrap_or_default();
            wrong(&format!("/{name}"), "invalid")
        })?;
        let long = wanted.reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON);
        match (wanted.everything, wanted.records.len()) {
            (false, 0) => Err(wrong("/records", "required")),
            (true, 1..) => Err(wrong("/everything", "only-one")),
            (_, count) if count > MOST_RECORDS => Err(wrong("/records", "too-many")),
            _ if long => Err(wrong("/reason", "too-long")),
            _ => Ok(wanted),
        }
    }

    /// Whether a restriction closes all of it already.
    fn is_held(&self, held: &HeldBack) -> bool {
        if self.everything {
            return held.records.is_empty();
        }
        !held.records.is_empty() && self.records.iter().all(|id| held.records.contains(id))
    }
}

impl Session {
    /// Restricts what is done with a person's records: `records`, or `everything`, and, where wanted, a `reason`. They
    /// are kept and stay open to those who answer for the person; nobody else uses them until it is lifted, whatever
    /// was granted. What is restricted in the same way already stays as it is.
    ///
    /// # Errors
    /// `not-granted` for whoever does not answer for the person, and for programs of theirs; `invalid` with the places that break a rule, such as a
    /// record that is not there.
    pub fn restrict(&self, profile: ProfileId, body: &Value) -> Result<Restriction> {
        self.must_restrict(profile)?;
        let mut wanted = Wanted::read(body)?;
        wanted.records.sort();
        wanted.records.dedup();
        // One at a time, and not while records are destroyed because their time is over: what is said to be restricted stays.
        let held = self.inner.with_state_lock(|| self.hold_back(profile, wanted))?;
        self.restriction(profile, &held)
    }

    /// Restricts what is wanted, where it is there and not restricted in the same way. For whoever holds the state lock.
    fn hold_back(&self, profile: ProfileId, wanted: Wanted) -> Result<HeldBack> {
        self.are_there(profile, &wanted.records)?;
        let people = self.people()?;
        if let Some(held) = people.restrictions(profile).iter().find(|held| wanted.is_held(held)) {
            return Ok(held.clone());
        }
        let before: usize = people.restrictions(profile).iter().map(|held| held.records.len()).sum();
        if before + wanted.records.len() > MOST_IN_ALL {
            return Err(Error::invalid(vec![Detail { path: "/records".to_owned(), code: "too-many" }]));
        }
        let (id, now) = (RecordId::new(), self.inner.now());
        let reason = wanted.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
        let mut body = json!({"profile": profile, "since": now});
        if !wanted.records.is_empty() {
            body["records"] = json!(wanted.records);
        }
        if let Some(reason) = &reason {
            body["purpose"] = json!(reason);
        }
        if let Some(account) = self.actor.account() {
            body["given_by"] = json!(account);
        }
        // Everything about the person is told by who they are.
        let touched = match &*wanted.records {
            [] => vec![RecordId::from_bytes(*profile.as_bytes())],
            chosen => chosen.to_vec(),
        };
        let note = self.deed(Deed::Administer, "restrict", profile, RESTRICTION, touched);
        self.add_system(RESTRICTION, id, &body, Some(note))?;
        Ok(HeldBack { id, records: wanted.records, reason, by: self.actor.account(), since: now })
    }

    /// What is restricted of a person's records, newest first, for whoever answers for the person.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn restrictions(&self, profile: ProfileId) -> Result<Vec<Restriction>> {
        self.must_answer_for(profile)?;
        let people = self.people()?;
        let held = people.restrictions(profile).iter();
        let mut cards = held.map(|held| self.restriction(profile, held)).collect::<Result<Vec<_>>>()?;
        cards.sort_by(|a, b| b.since.cmp(&a.since).then(a.id.cmp(&b.id)));
        self.note(self.deed(Deed::Read, "restrictions", profile, RESTRICTION, cards.iter().map(|card| card.id)))?;
        Ok(cards)
    }

    /// What of a person's records is restricted, for showing it as such to whoever may read them; nothing is noted.
    ///
    /// # Errors
    /// `not-found` for whoever has nothing to do with the person.
    pub fn restricted(&self, profile: ProfileId) -> Result<Restricted> {
        self.may_know(profile)?;
        Ok(self.people()?.restricted(profile))
    }

    /// Lifts a restriction: what was granted opens again what it names.
    ///
    /// # Errors
    /// `not-granted` for whoever does not answer for the person, and for programs of theirs; `not-found` where there is no
    /// such restriction.
    pub fn lift_restriction(&self, profile: ProfileId, id: RecordId) -> Result<()> {
        self.must_restrict(profile)?;
        let people = self.people()?;
        if !people.restrictions(profile).iter().any(|held| held.id == id) {
            return Err(Error::not_found());
        }
        let mut write = Write::default();
        self.add_removed(&mut write, RESTRICTION, id, profile)?;
        self.inner.committer.commit(write)
    }

    /// Refuses, and notes it, where the caller is not somebody who answers for the person and is at work themselves: what is
    /// restricted is closed to tokens, plugins and services of theirs, and these do not open it either.
    fn must_restrict(&self, profile: ProfileId) -> Result<()> {
        self.must_answer_for(profile)?;
        if matches!(self.actor, Actor::Person { .. } | Actor::Operator) {
            return Ok(());
        }
        self.note_refusal(Action::Share, profile, RESTRICTION);
        Err(crate::access::not_granted())
    }

    /// Refuses to restrict what is not there for the caller. Who the person is is restricted with everything alone.
    fn are_there(&self, profile: ProfileId, records: &[RecordId]) -> Result<()> {
        let open = self.inner.open_profile(profile)?;
        let kinds: Vec<Option<String>> = {
            let index = read_lock(&open);
            records.iter().map(|id| index.record(*id).map(|state| state.kind().to_owned())).collect()
        };
        let mut permits: Vec<Permit> = Vec::new();
        for kind in kinds.iter().flatten() {
            if !permits.iter().any(|permit| permit.kind() == kind) {
                permits.push(self.permit(Action::Read, profile, kind)?);
            }
        }
        let index = read_lock(&open);
        let there = |id: &RecordId, kind: &str| {
            let version = index.record(*id).and_then(RecordState::current);
            let permit = permits.iter().find(|permit| permit.kind() == kind);
            kind != PROFILE && permit.zip(version).is_some_and(|(permit, version)| admits(permit, version))
        };
        let missing = records.iter().zip(&kinds).enumerate();
        let missing = missing.filter(|(_, (id, kind))| !kind.as_deref().is_some_and(|kind| there(id, kind)));
        let wrong: Vec<Detail> =
            missing.map(|(at, _)| Detail { path: format!("/records/{at}"), code: "unknown" }).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
    }

    /// Which of these records are restricted and go to nobody, whoever gives them on. The bare file of something else is where
    /// anything is restricted, unless a document among these names it that is not.
    pub(super) fn restricted_of(&self, open: &OpenProfile, ids: &[RecordId]) -> Result<BTreeSet<RecordId>> {
        let restricted = self.people()?.restricted(open.id);
        let (mut closed, mut documents) = (BTreeSet::new(), Vec::new());
        if restricted.is_nothing() {
            return Ok(closed);
        }
        let index = read_lock(open);
        for state in ids.iter().filter_map(|id| index.record(*id)) {
            if is_restricted(&restricted, state) {
                closed.insert(state.id());
            } else if state.kind() == DOCUMENT {
                let original = state.visible().find(|version| version.has_origin());
                documents.extend(original.map(Version::seq));
            }
        }
        drop(index);
        if closed.is_empty() {
            return Ok(closed);
        }
        for seq in documents {
            let named = self.files_named(open, seq)?;
            let index = read_lock(open);
            for file in named.iter().filter_map(|name| index.by_identity(name.as_bytes())) {
                if !restricted.holds(file.id()) {
                    closed.remove(&file.id());
                }
            }
        }
        Ok(closed)
    }

    fn restriction(&self, profile: ProfileId, held: &HeldBack) -> Result<Restriction> {
        let open = self.inner.open_profile(profile)?;
        let index = read_lock(&open);
        let kind = |id: &RecordId| index.record(*id).map(|state| state.kind().to_owned());
        let records = held.records.iter().map(|id| RestrictedRecord { id: *id, kind: kind(id) }).collect();
        let by = held.by.map_or_else(|| "operator".to_owned(), |account| account.to_string());
        Ok(Restriction {
            id: held.id,
            everything: held.records.is_empty(),
            records,
            reason: held.reason.clone(),
            by: self.people()?.actor_ref(&by),
            since: held.since,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_restricted_is_said_plainly() {
        let id = RecordId::new();
        for (body, path, code) in [
            (json!([]), "", "not-an-object"),
            (json!({}), "/records", "required"),
            (json!({"records": []}), "/records", "required"),
            (json!({"everything": false}), "/records", "required"),
            (json!({"everything": true, "records": [id]}), "/everything", "only-one"),
            (json!({"everything": "yes"}), "/everything", "invalid"),
            (json!({"records": "all"}), "/records", "invalid"),
            (json!({"records": [id], "reason": 7}), "/reason", "invalid"),
            (json!({"records": [id], "reason": "x".repeat(301)}), "/reason", "too-long"),
            (json!({"records": [id], "until": "2030"}), "/until", "unknown-field"),
        ] {
            let error = Wanted::read(&body).err().expect("wrong");
            let details: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
            assert_eq!(details, [(path, code)], "{body}");
        }
        assert!(Wanted::read(&json!({"everything": true, "records": null, "reason": null})).is_ok());
    }
}
