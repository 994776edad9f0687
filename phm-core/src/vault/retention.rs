//! Retention: records of a kind are kept for so many days, and then destroyed.
//!
//! A rule is somebody's own who may erase the person's records, and is carried out in their name, so it ends with their
//! right to erase. It says beforehand what it would destroy, and nothing goes before [`GRACE_DAYS`] have passed since it
//! was made or changed. Time is counted from when something happened or was last changed, whichever is later. What is
//! restricted is kept whatever a rule says, and so is what goes on: an active condition, a medicine that is taken, an
//! insurance that has not ended; where nothing says that it is over, it goes on. What is destroyed is gone as by
//! [`Session::rectify`], and stands in the audit log of the person as `purge`. A rule that is ended or changed while it is
//! carried out destroys no further lot. A house that was off for long, or whose clock has jumped, or that was restored from a
//! backup, waits these days once more, so that somebody sees what is about to happen: what came back is not gone again before
//! anybody could look at it, and who ended a rule since the backup can end it again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::erase::Removal;
use super::profiles::OpenProfile;
use super::records::{admits, found, is_restricted, read_lock};
use super::session::{PROFILE, Session};
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{AccountId, Action, Actor, ActorRef, Permit};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{RecordState, Version};
use crate::time::{Instant, When};

/// The state row with a person's rules.
const ROW: &str = "retention";
/// Days between making a rule and the first time it destroys anything.
pub const GRACE_DAYS: i64 = 7;
/// The state row of the house that says when the rules were looked at last.
const LOOKED: &str = "retention-looked";
/// Days between two looks after which nothing goes for [`GRACE_DAYS`].
const LONGEST_PAUSE: i64 = 30;
/// Days a rule may keep records for: a month to a hundred years.
const DAYS: std::ops::RangeInclusive<u32> = 30..=36_525;
/// Records that go at one time.
pub(super) const BATCH: usize = 200;
pub(super) const DAY: i64 = 24 * 3_600_000;
/// What is called so goes on, however long ago it began.
const GOES_ON: [&str; 7] = ["active", "recurrence", "relapse", "on-hold", "requested", "booked", "confirmed"];
/// Kinds of what lasts: one of these goes on until its status says that it is over.
const LASTS: [&str; 5] = ["allergy", "care-plan", "condition", "device", "medication"];
/// What is called so is over.
const OVER: [&str; 9] = [
    "completed",
    "entered-in-error",
    "inactive",
    "refuted",
    "remission",
    "resolved",
    "revoked",
    "stopped",
    "cancelled",
];
/// The kind of what is over with its day, whatever is still said of it.
const APPOINTMENT: &str = "appointment";
/// The kind that has no status and lasts until its `end`.
const INSURANCE: &str = "insurance";

/// A rule as it is kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Kept {
    pub(super) kind: String,
    pub(super) days: u32,
    pub(super) since: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<AccountId>,
}

/// When the rules were looked at last, and until when nothing goes where that was too long ago or in another copy.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Looked {
    at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_until: Option<Instant>,
    /// The audit log the vault went on with then; a restored one goes on with another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
}

/// What a rule would destroy at this moment.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct RetentionPreview {
    /// The kind of record.
    pub kind: String,
    /// For how many days records of it are kept.
    pub days: u32,
    /// How many records would go.
    pub due: u64,
    /// From when the oldest of these is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Instant>,
    /// From when the newest of these is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Instant>,
    /// How many are not as old as that.
    pub kept: u64,
    /// How many are as old and are restricted, and so are kept.
    pub restricted: u64,
    /// How many are as old and go on, and so are kept.
    pub going_on: u64,
}

/// A rule, and what it would destroy at this moment.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionRule {
    /// When it was made or changed.
    pub since: Instant,
    /// When it destroys something for the first time.
    pub begins_at: Instant,
    /// In whose name.
    pub by: ActorRef,
    /// What it would destroy.
    #[serde(flatten)]
    pub preview: RetentionPreview,
}

/// Records that were destroyed because their time was over.
#[derive(Clone, Debug, Serialize)]
pub struct Purged {
    /// Whose records they were.
    pub profile: ProfileId,
    /// Their kind.
    pub kind: String,
    /// What was removed.
    pub removed: Removal,
}

impl Session {
    /// The rules for a person's records, by kind, each with what it would destroy at this moment.
    ///
    /// # Errors
    /// `not-granted` for whoever may not erase everything of the person.
    pub fn retention(&self, profile: ProfileId) -> Result<Vec<RetentionRule>> {
        self.permit_everything(Action::Erase, profile)?;
        let rules = self.inner.retention(profile)?;
        rules.iter().map(|kept| self.rule(profile, kept)).collect()
    }

    /// What a rule would destroy at this moment, without making it.
    ///
    /// # Errors
    /// As [`Session::keep_for`].
    pub fn preview_retention(&self, profile: ProfileId, kind: &str, days: u32) -> Result<RetentionPreview> {
        self.permit_everything(Action::Erase, profile)?;
        self.may_be_kept_for(kind, days)?;
        Ok(self.due(profile, kind, days)?.1)
    }

    /// Keeps records of a kind for so many days from now on; a rule for this kind from before ends. Nothing goes before
    /// [`GRACE_DAYS`] have passed.
    ///
    /// # Errors
    /// `not-granted` for whoever may not erase everything of the person; `invalid` for a kind that has no such rule, and
    /// for less than a month or more than a hundred years.
    pub fn keep_for(&self, profile: ProfileId, kind: &str, days: u32) -> Result<RetentionRule> {
        self.permit_everything(Action::Erase, profile)?;
        let kept = self.write_rule(profile, kind, days)?;
        self.rule(profile, &kept)
    }

    /// Writes a rule down in the caller's name, in place of the one for this kind from before.
    pub(super) fn write_rule(&self, profile: ProfileId, kind: &str, days: u32) -> Result<Kept> {
        self.may_be_kept_for(kind, days)?;
        let kept = Kept { kind: kind.to_owned(), days, since: self.inner.now(), by: self.actor.account() };
        self.inner.with_state_lock(|| {
            let mut rules = self.inner.retention(profile)?;
            rules.retain(|rule| rule.kind != kind);
            rules.push(kept.clone());
            rules.sort_by(|a, b| a.kind.cmp(&b.kind));
            self.write_rules(profile, &rules)
        })?;
        Ok(kept)
    }

    /// Ends a rule: records of the kind are kept for good.
    ///
    /// # Errors
    /// `not-granted` as elsewhere; `not-found` where there is no rule for this kind.
    pub fn keep_for_good(&self, profile: ProfileId, kind: &str) -> Result<()> {
        self.permit_everything(Action::Erase, profile)?;
        self.end_rule(profile, kind)
    }

    /// Takes the rule for a kind away.
    pub(super) fn end_rule(&self, profile: ProfileId, kind: &str) -> Result<()> {
        self.inner.with_state_lock(|| {
            let mut rules = self.inner.retention(profile)?;
            let before = rules.len();
            rules.retain(|rule| rule.kind != kind);
            if rules.len() == before {
                return Err(Error::not_found());
            }
            self.write_rules(profile, &rules)
        })
    }

    fn write_rules(&self, profile: ProfileId, rules: &[Kept]) -> Result<()> {
        let state = vec![if rules.is_empty() {
            StateChange::delete(profile, ROW)
        } else {
            StateChange::put(profile, ROW, &rules, None)?
        }];
        let touched = [RecordId::from_bytes(*profile.as_bytes())];
        let notes = vec![self.deed(Deed::Administer, ROW, profile, ROW, touched)];
        self.inner.committer.commit(Write { state, notes, ..Write::default() })
    }

    pub(super) fn may_be_kept_for(&self, kind: &str, days: u32) -> Result<()> {
        let wrong = |path: &str, code| Err(Error::invalid(vec![Detail { path: path.to_owned(), code }]));
        let known = self.inner.options.kinds.get(kind).is_some_and(|info| !info.system);
        if !known || kind == PROFILE {
            return wrong("/kind", "unknown-kind");
        }
        if DAYS.contains(&days) { Ok(()) } else { wrong("/days", "out-of-range") }
    }

    fn rule(&self, profile: ProfileId, kept: &Kept) -> Result<RetentionRule> {
        let by = kept.by.map_or_else(|| "operator".to_owned(), |account| account.to_string());
        Ok(RetentionRule {
            since: kept.since,
            begins_at: kept.begins_at(),
            by: self.people()?.actor_ref(&by),
            preview: self.due(profile, &kept.kind, kept.days)?.1,
        })
    }

    /// The records of a kind whose time is over, oldest first, and what a preview says of all of them.
    pub(super) fn due(&self, profile: ProfileId, kind: &str, days: u32) -> Result<(Vec<RecordId>, RetentionPreview)> {
        let permit = self.permit(Action::Erase, profile, kind)?;
        let restricted = self.people()?.restricted(profile);
        let limit = self.inner.now().plus_millis(-i64::from(days) * DAY);
        let open = self.inner.open_profile(profile)?;
        let mut preview = RetentionPreview { kind: kind.to_owned(), days, ..RetentionPreview::default() };
        let mut due: Vec<(Instant, RecordId)> = Vec::new();
        // Of these the body says whether they have ended.
        let mut unsure: Vec<(Instant, RecordId, u64)> = Vec::new();
        let index = read_lock(&open);
        for state in index.records().filter(|state| state.kind() == kind) {
            let Some(last) = last_of(state, &permit) else { continue };
            if last > limit {
                preview.kept += 1;
            } else if is_restricted(&restricted, state) {
                preview.restricted += 1;
            } else if goes_on(state) && !state.removed() {
                preview.going_on += 1;
            } else if let Some(found) = found(state).filter(|found| kind == INSURANCE && !found.removed) {
                unsure.push((last, state.id(), found.body_seq));
            } else {
                due.push((last, state.id()));
            }
        }
        drop(index);
        for (last, id, seq) in unsure {
            match self.last_day(&open, seq)? {
                Some(end) if end > limit => preview.kept += 1,
                Some(end) => due.push((last.max(end), id)),
                None => preview.going_on += 1,
            }
        }
        due.sort_unstable();
        preview.due = due.len() as u64;
        preview.oldest = due.first().map(|(last, _)| *last);
        preview.newest = due.last().map(|(last, _)| *last);
        Ok((due.into_iter().map(|(_, id)| id).collect(), preview))
    }

    /// When a record has ended, by its `end`; nothing where it names none.
    fn last_day(&self, open: &OpenProfile, seq: u64) -> Result<Option<Instant>> {
        let body = super::export::value_of(&self.body(open, seq)?)?;
        let end = body.get("end").and_then(Value::as_str);
        Ok(end.and_then(|end| end.parse::<When>().ok()).map(When::end))
    }

    /// Destroys what is due of a kind, some at a time; `told` hears of each lot once it is gone. Before each lot the rule is
    /// looked at again: who ended or changed it meanwhile keeps the rest.
    fn carry_out_rule(&self, profile: ProfileId, kept: &Kept, told: &mut dyn FnMut(Removal)) -> Result<()> {
        while self.inner.retention(profile)?.contains(kept) {
            let (due, _) = self.due(profile, &kept.kind, kept.days)?;
            if due.is_empty() {
                return Ok(());
            }
            let some: BTreeSet<RecordId> = due.into_iter().take(BATCH).collect();
            let permit = self.permit(Action::Erase, profile, &kept.kind)?;
            told(self.purge(&permit, &some)?);
        }
        Ok(())
    }
}

impl Vault {
    /// Carries out the rules whose time has come, for everybody; `told` hears of each lot of a kind of a person, once it is
    /// gone. A rule whose maker may erase no more does nothing, and one that fails keeps no other from being carried out.
    /// Where this was asked last more than a month ago, or the vault was restored since, nothing goes for [`GRACE_DAYS`].
    ///
    /// # Errors
    /// The first that keeps records from being destroyed; what went has been told.
    pub fn carry_out_retention(&self, mut told: impl FnMut(Purged)) -> Result<()> {
        if self.inner.options.read_only {
            return Ok(());
        }
        let (mut people, mut done) = (Vec::new(), Ok(()));
        for profile in self.inner.profile_ids().into_iter().filter(ProfileId::is_person) {
            if !self.inner.is_leaving(profile) && !self.inner.retention(profile).is_ok_and(|rules| rules.is_empty()) {
                people.push(profile);
            }
        }
        if people.is_empty() || !self.was_looked_at_lately()? {
            return Ok(());
        }
        for profile in people {
            done = done.and(self.carry_out_rules(profile, &mut told));
        }
        done
    }

    /// Whether the rules were looked at lately, or it is long enough ago that they were not; writes down that they are now.
    pub(super) fn was_looked_at_lately(&self) -> Result<bool> {
        let (now, log) = (self.inner.now(), self.audit_log()?);
        let wait_until = match self.inner.state::<Looked>(ProfileId::SYSTEM, LOOKED)? {
            Some(last) if last.is_of_before(now, &log) => Some(now.plus_millis(GRACE_DAYS * DAY)),
            Some(last) => last.wait_until.filter(|until| now < *until),
            None => None,
        };
        self.put_state(ProfileId::SYSTEM, LOOKED, &Looked { at: now, wait_until, log: Some(log) }, None)?;
        Ok(wait_until.is_none())
    }

    /// Carries out the rules of one person.
    fn carry_out_rules(&self, profile: ProfileId, told: &mut dyn FnMut(Purged)) -> Result<()> {
        let (now, mut done) = (self.inner.now(), Ok(()));
        for kept in self.inner.retention(profile)?.iter().filter(|kept| kept.begins_at() <= now) {
            let actor = kept.by.map_or(Actor::Operator, |account| Actor::Person { account });
            let mut gone = |removed| told(Purged { profile, kind: kept.kind.clone(), removed });
            let session = self.session(actor, "retention");
            let carried = session.and_then(|session| session.carry_out_rule(profile, kept, &mut gone));
            done = done.and(match carried {
                Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => Ok(()),
                carried => carried,
            });
        }
        done
    }
}

impl Inner {
    /// The rules of a person; those of the house stand with `system`.
    pub(super) fn retention(&self, profile: ProfileId) -> Result<Vec<Kept>> {
        Ok(self.state(profile, ROW)?.unwrap_or_default())
    }
}

impl Looked {
    /// Whether that is too long ago, or was before the vault was restored.
    fn is_of_before(&self, now: Instant, log: &str) -> bool {
        let is_another = self.log.as_deref().is_some_and(|before| before != log);
        is_another || self.at.plus_millis(LONGEST_PAUSE * DAY) < now
    }
}

impl Kept {
    fn begins_at(&self) -> Instant {
        self.since.plus_millis(GRACE_DAYS * DAY)
    }
}

/// Whether a record is about something that goes on, by its status.
fn goes_on(state: RecordState<'_>) -> bool {
    let status = state.current().and_then(Version::status);
    if LASTS.contains(&state.kind()) {
        // Where nothing is said, or a word nobody here knows, it may well go on.
        return !status.is_some_and(|word| OVER.contains(&word));
    }
    // An appointment that was booked is over with its day, which is long past here.
    state.kind() != APPOINTMENT && status.is_some_and(|word| GOES_ON.contains(&word))
}

/// When a record happened or was last changed, whichever is later; none where the permit does not open it.
fn last_of(state: RecordState<'_>, permit: &Permit) -> Option<Instant> {
    let current = state.current().filter(|version| admits(permit, *version))?;
    let happened = current.occurred().map(When::end);
    let sampled = current.samples().map(|samples| samples.to);
    [Some(current.at()), happened, sampled].into_iter().flatten().max()
}
