//! Retention for the whole house: whoever runs it proposes for how long records of a kind are kept.
//!
//! A rule of the house is a proposal. It destroys nothing of somebody who did not agree; to agree is to make a rule of one's
//! own ([`Session::keep_for`]), which is then carried out like any other, and a rule of one's own always goes before that of
//! the house. Only where the settings say so is a rule of the house carried out for those who made none: never before
//! [`GRACE_DAYS`] after those who answer for the person were told, and not at all where nobody could be told; where an account
//! of theirs was closed, opened or changed since, they are told anew, because in that time they may not have been able to
//! answer. What is restricted or goes on is kept as elsewhere. Whoever runs the house sees numbers over all people, and
//! nothing of a record.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::retention::{BATCH, DAY, GRACE_DAYS, Kept, Purged, RetentionPreview, RetentionRule};
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::{Action, Actor, ActorRef};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// For how many days somebody keeps records who does not agree: a hundred years, as long as a rule can.
pub const KEEP_DAYS: u32 = 36_500;
/// The state row of a person that says which rules of the house those who answer for them were told of.
const TOLD: &str = "retention-told";

/// What a person was told of a rule of the house.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Told {
    kind: String,
    days: u32,
    at: Instant,
    /// Whether they were told that it is carried out without them.
    enforced: bool,
}

/// What a rule of the house would come to at this moment, over all people; nothing of a record.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct HouseOutlook {
    /// The kind of record.
    pub kind: String,
    /// For how many days records of it are kept.
    pub days: u32,
    /// How many people have records that would go.
    pub people: u64,
    /// How many records would go.
    pub due: u64,
    /// How many are not as old as that.
    pub kept: u64,
    /// How many are as old and are restricted, and so are kept.
    pub restricted: u64,
    /// How many are as old and go on, and so are kept.
    pub going_on: u64,
    /// How many people have a rule of their own for this kind, which goes before.
    pub own_rules: u64,
}

/// A rule of the house, and what it would come to at this moment.
#[derive(Clone, Debug, Serialize)]
pub struct HouseRule {
    /// When it was made or changed.
    pub since: Instant,
    /// Who made it.
    pub by: ActorRef,
    /// What it would come to.
    #[serde(flatten)]
    pub outlook: HouseOutlook,
}

/// A rule of the house that a person has not answered, with what it would destroy of theirs at this moment.
#[derive(Clone, Debug, Serialize)]
pub struct RetentionProposal {
    /// When it was made or changed.
    pub since: Instant,
    /// When those who answer for the person were told, once there was something to tell of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Instant>,
    /// When it destroys something without having been agreed to; never, unless they were told so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<Instant>,
    /// What it would destroy.
    #[serde(flatten)]
    pub preview: RetentionPreview,
}

/// What came of looking at the rules of the house.
#[derive(Clone, Debug)]
pub enum HouseRetention {
    /// Those who answer for this person are to be told that the house proposes something.
    Proposed(ProfileId),
    /// They are to be told that it will be carried out unless they say otherwise.
    Announced(ProfileId),
    /// Records are gone.
    Purged(Purged),
}

impl Session {
    /// The rules of the house, by kind, with what they would come to, for whoever runs it.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn house_retention(&self) -> Result<Vec<HouseRule>> {
        self.runs_the_house()?;
        let rules = self.inner.retention(ProfileId::SYSTEM)?;
        let rules: Result<Vec<_>> = rules.iter().map(|kept| self.house_rule(kept)).collect();
        self.note_administered("retention-list")?;
        rules
    }

    /// What a rule of the house would come to at this moment, without making it.
    ///
    /// # Errors
    /// As [`Session::propose_for_all`].
    pub fn preview_house_retention(&self, kind: &str, days: u32) -> Result<HouseOutlook> {
        self.runs_the_house()?;
        self.may_be_kept_for(kind, days)?;
        self.note_administered("retention-preview")?;
        self.house_outlook(kind, days)
    }

    /// Proposes to everybody to keep records of a kind for so many days; a rule of the house for this kind from before ends.
    ///
    /// # Errors
    /// `not-granted` for whoever does not run the house; `invalid` as in [`Session::keep_for`].
    pub fn propose_for_all(&self, kind: &str, days: u32) -> Result<HouseRule> {
        self.runs_the_house()?;
        let kept = self.write_rule(ProfileId::SYSTEM, kind, days)?;
        self.house_rule(&kept)
    }

    /// Ends a rule of the house. What somebody agreed to is a rule of their own, and stays.
    ///
    /// # Errors
    /// `not-granted` for whoever does not run the house; `not-found` where there is no rule for this kind.
    pub fn end_proposal(&self, kind: &str) -> Result<()> {
        self.runs_the_house()?;
        self.end_rule(ProfileId::SYSTEM, kind)
    }

    /// The rules of the house that a person has no rule of their own for.
    ///
    /// # Errors
    /// `not-granted` for whoever may not erase everything of the person.
    pub fn retention_proposals(&self, profile: ProfileId) -> Result<Vec<RetentionProposal>> {
        self.permit_everything(Action::Erase, profile)?;
        let own = self.inner.retention(profile)?;
        let told = self.inner.told_of_retention(profile)?;
        let rules = self.inner.retention(ProfileId::SYSTEM)?;
        let open = rules.iter().filter(|rule| own.iter().all(|mine| mine.kind != rule.kind));
        let proposal = |rule: &Kept| -> Result<RetentionProposal> {
            let told = told.iter().find(|told| told.is_about(rule));
            Ok(RetentionProposal {
                since: rule.since,
                told_at: told.map(|told| told.at),
                begins_at: told.filter(|told| told.enforced).map(Told::begins_at),
                preview: self.due(profile, &rule.kind, rule.days)?.1,
            })
        };
        open.map(proposal).collect()
    }

    /// Whether somebody who may answer was told of a rule of the house for a person and has not answered; nothing is noted.
    pub fn has_open_proposals(&self, profile: ProfileId) -> Result<bool> {
        let rules = self.inner.retention(ProfileId::SYSTEM)?;
        if rules.is_empty() || !self.may_everything(Action::Erase, profile) {
            return Ok(false);
        }
        let (own, told) = (self.inner.retention(profile)?, self.inner.told_of_retention(profile)?);
        let open = |rule: &&Kept| own.iter().all(|mine| mine.kind != rule.kind);
        Ok(rules.iter().filter(open).any(|rule| told.iter().any(|told| told.is_about(rule))))
    }

    /// Agrees to a rule of the house that keeps records of the kind for so many days, or, with none, keeps them for
    /// [`KEEP_DAYS`] whatever the house says; both are a rule of the person's own from then on.
    ///
    /// # Errors
    /// `not-granted` as elsewhere; `not-found` where the house has no rule for this kind; `changed` where its rule is no
    /// longer the one that is agreed to.
    pub fn answer_proposal(&self, profile: ProfileId, kind: &str, agreed: Option<u32>) -> Result<RetentionRule> {
        self.permit_everything(Action::Erase, profile)?;
        let rules = self.inner.retention(ProfileId::SYSTEM)?;
        let rule = rules.iter().find(|rule| rule.kind == kind).ok_or_else(Error::not_found)?;
        if agreed.is_some_and(|days| days != rule.days) {
            let text = "the house proposes something else by now; look at it again";
            return Err(Error::new(ErrorKind::Conflict, "changed", text));
        }
        self.keep_for(profile, kind, agreed.unwrap_or(KEEP_DAYS))
    }

    fn house_rule(&self, kept: &Kept) -> Result<HouseRule> {
        let by = kept.by.map_or_else(|| "operator".to_owned(), |account| account.to_string());
        Ok(HouseRule {
            since: kept.since,
            by: self.people()?.actor_ref(&by),
            outlook: self.house_outlook(&kept.kind, kept.days)?,
        })
    }

    /// Counts over all people, as the operator: whoever runs the house sees no more of it than the sums.
    fn house_outlook(&self, kind: &str, days: u32) -> Result<HouseOutlook> {
        let counting = Self::new(Arc::clone(&self.inner), Actor::Operator, "retention")?;
        let mut seen = HouseOutlook { kind: kind.to_owned(), days, ..HouseOutlook::default() };
        for profile in self.inner.people_to_keep_for() {
            self.go_on()?;
            // Of whom nothing is left but an import that was taken back.
            if !counting.is_there(profile)? {
                continue;
            }
            if self.inner.has_rule(profile, kind)? {
                seen.own_rules += 1;
                continue;
            }
            let preview = counting.due(profile, kind, days)?.1;
            seen.people += u64::from(preview.due > 0);
            seen.due += preview.due;
            seen.kept += preview.kept;
            seen.restricted += preview.restricted;
            seen.going_on += preview.going_on;
        }
        Ok(seen)
    }

    /// Whether anybody answers for a person who can be told of something.
    fn has_somebody_to_tell(&self, profile: ProfileId) -> Result<bool> {
        let people = self.people()?;
        let mut all = people.relations(profile).iter();
        all.try_fold(false, |found, held| Ok::<_, Error>(found || self.keeps(profile, held)?))
    }
}

impl Vault {
    /// Looks at the rules of the house for everybody who has no rule of their own: `told` hears who is to be told of one that
    /// something is due by, and, where `enforced`, of each lot that went after [`GRACE_DAYS`] in which nobody said otherwise.
    /// These days begin once `told` has answered that somebody was told; where it fails, it is asked to tell again.
    ///
    /// # Errors
    /// The first that keeps a person from being told or records from being destroyed; what was done has been told.
    pub fn carry_out_house_retention(
        &self,
        enforced: bool,
        mut told: impl FnMut(HouseRetention) -> Result<()>,
    ) -> Result<()> {
        let rules = self.inner.retention(ProfileId::SYSTEM)?;
        if self.inner.options.read_only || rules.is_empty() {
            return Ok(());
        }
        let may_destroy = self.was_looked_at_lately()? && enforced;
        let (session, mut done) = (self.session(Actor::Operator, "retention")?, Ok(()));
        for profile in self.inner.people_to_keep_for() {
            for rule in &rules {
                let carried = session.carry_out_for_house(profile, rule, enforced, may_destroy, &mut told);
                done = done.and(carried);
            }
        }
        done
    }
}

impl Session {
    /// Tells of a rule of the house what is to be told for one person, and carries it out where it is time.
    fn carry_out_for_house(
        &self,
        profile: ProfileId,
        rule: &Kept,
        enforced: bool,
        may_destroy: bool,
        told: &mut dyn FnMut(HouseRetention) -> Result<()>,
    ) -> Result<()> {
        if !self.is_there(profile)?
            || self.inner.has_rule(profile, &rule.kind)?
            || !self.has_somebody_to_tell(profile)?
        {
            return Ok(());
        }
        if self.due(profile, &rule.kind, rule.days)?.0.is_empty() {
            return Ok(());
        }
        let before = self.inner.told_of_retention(profile)?;
        let known = before.iter().find(|told| told.is_about(rule));
        let people = self.people()?;
        let could_answer = |known: &Told| -> Result<bool> {
            Ok(!enforced || !self.were_changed_since(people.relations(profile), known.at)?)
        };
        if let Some(known) = known.filter(|known| known.enforced == enforced)
            && could_answer(known)?
        {
            if may_destroy && known.begins_at() <= self.inner.now() {
                self.destroy_for_house(profile, rule, told)?;
            }
            return Ok(());
        }
        let at = match known {
            // What is proposed they know; once it is to be carried out again, they are told so again.
            Some(known) if !enforced => known.at,
            _ => {
                told(if enforced { HouseRetention::Announced(profile) } else { HouseRetention::Proposed(profile) })?;
                self.inner.now()
            }
        };
        let now = Told { kind: rule.kind.clone(), days: rule.days, at, enforced };
        let mut rows: Vec<Told> = before.into_iter().filter(|told| told.kind != rule.kind).collect();
        rows.push(now);
        let state = vec![StateChange::put(profile, TOLD, &rows, None)?];
        self.inner.committer.commit(Write { state, ..Write::default() })
    }

    /// Destroys what is due, some at a time. Before each lot the rules are looked at again: who made one of their own
    /// meanwhile keeps the rest, and so does everybody where that of the house was ended.
    fn destroy_for_house(
        &self,
        profile: ProfileId,
        rule: &Kept,
        told: &mut dyn FnMut(HouseRetention) -> Result<()>,
    ) -> Result<()> {
        while self.inner.retention(ProfileId::SYSTEM)?.contains(rule) && !self.inner.has_rule(profile, &rule.kind)? {
            let (due, _) = self.due(profile, &rule.kind, rule.days)?;
            if due.is_empty() {
                return Ok(());
            }
            let some: BTreeSet<RecordId> = due.into_iter().take(BATCH).collect();
            let permit = self.permit(Action::Erase, profile, &rule.kind)?;
            let removed = self.purge(&permit, &some)?;
            told(HouseRetention::Purged(Purged { profile, kind: rule.kind.clone(), removed }))?;
        }
        Ok(())
    }
}

impl Inner {
    /// Everybody whose records a rule could be about.
    fn people_to_keep_for(&self) -> impl Iterator<Item = ProfileId> {
        self.profile_ids().into_iter().filter(move |id| id.is_person() && !self.is_leaving(*id))
    }

    fn has_rule(&self, profile: ProfileId, kind: &str) -> Result<bool> {
        Ok(self.retention(profile)?.iter().any(|rule| rule.kind == kind))
    }

    fn told_of_retention(&self, profile: ProfileId) -> Result<Vec<Told>> {
        Ok(self.state(profile, TOLD)?.unwrap_or_default())
    }
}

impl Told {
    /// Whether it was this rule, and not one from before.
    fn is_about(&self, rule: &Kept) -> bool {
        self.kind == rule.kind && self.days == rule.days && rule.since <= self.at
    }

    fn begins_at(&self) -> Instant {
        self.at.plus_millis(GRACE_DAYS * DAY)
    }
}
