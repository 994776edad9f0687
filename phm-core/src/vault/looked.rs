//! Who looked: noting every use of a permit, and reading what was noted.

use std::sync::PoisonError;

use super::Inner;
use super::cards::ProfileCard;
use super::emergency::BREAK_GLASS;
use super::session::{PROFILE, Session};
use crate::access::{Action, Actor, Permit};
use crate::audit::entry::{Deed, Outcome, Pseudonym};
use crate::audit::inner::Touched;
use crate::audit::query::{AuditPage, AuditQuery, walk};
use crate::audit::reads::Use;
use crate::audit::row::Row;
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// The kind and the operation of a call of a plugin about nobody, as the log of the house has it.
const PLUGIN: &str = "plugin";

impl Session {
    /// What is noted about a use: who, what, of whom, and how it was asked for.
    pub(super) fn deed(
        &self,
        deed: Deed,
        operation: &str,
        profile: ProfileId,
        kind: &str,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Use {
        let mut count = 0;
        let touched: Touched = ids.into_iter().inspect(|_| count += 1).collect();
        Use {
            at: self.inner.now(),
            actor: self.actor.clone(),
            actor_name: self.actor_name(),
            profile: Some(profile),
            deed,
            operation: operation.to_owned(),
            kind: kind.to_owned(),
            count,
            touched,
            purpose: self.reason(profile),
            outcome: Outcome::Allowed,
        }
    }

    /// Why something is done: as the session says, and under a broken glass the reason that was given for breaking it.
    fn reason(&self, profile: ProfileId) -> String {
        let Actor::Person { account } = self.actor else { return self.purpose.clone() };
        let Ok(people) = self.people() else { return self.purpose.clone() };
        match people.broken_glass(account, profile, self.inner.now()) {
            Some(reason) => format!("{BREAK_GLASS}: {reason}"),
            None => self.purpose.clone(),
        }
    }

    /// The name people know the actor by.
    fn actor_name(&self) -> String {
        let account = self.actor.account();
        let people = self.people().ok();
        let name = account.and_then(|account| people?.name(account).map(str::to_owned));
        name.unwrap_or_else(|| super::people::plain_name(self.actor.type_name()).to_owned())
    }

    /// Notes that a permit was used to read; waits where too many notes are pending.
    pub(super) fn note_read(&self, operation: &str, permit: &Permit, ids: &[RecordId]) -> Result<()> {
        let deed = if permit.action() == Action::Export { Deed::Export } else { Deed::Read };
        self.note(self.deed(deed, operation, permit.profile(), permit.kind(), ids.iter().copied()))
    }

    /// Notes that records which this session read leave the house as a copy. The permit is one to export, and is asked for
    /// again: call this for each part before it goes.
    ///
    /// # Errors
    /// As [`Session::permit`], where the copy is not to go on.
    pub fn note_taken(&self, permit: &Permit, records: &[RecordId]) -> Result<()> {
        self.use_permit(permit, Action::Export)?;
        if records.is_empty() { Ok(()) } else { self.note_read("export", permit, records) }
    }

    /// Notes that a plugin worked for this session's actor on records of the person of `permit`: which of them the house handed
    /// to it, or that it proposed one. What it reads by itself is noted where it reads. The session's purpose names plugin and
    /// version.
    pub fn note_plugin(&self, operation: &str, permit: &Permit, handed: &[RecordId], done: bool) -> Result<()> {
        let work = self.deed(Deed::Read, operation, permit.profile(), permit.kind(), handed.iter().copied());
        let outcome = if done { Outcome::Allowed } else { Outcome::Failed };
        self.note(Use { outcome, ..work })
    }

    /// Notes in the log of the house that a plugin worked for this session's actor in a call that is about nobody. The session's
    /// purpose names plugin and version, and what it was called for.
    pub fn note_plugin_about_nobody(&self, done: bool) -> Result<()> {
        let work = self.deed(Deed::Read, PLUGIN, ProfileId::SYSTEM, PLUGIN, []);
        let outcome = if done { Outcome::Allowed } else { Outcome::Failed };
        // What is counted are calls, since there is no record.
        self.note(Use { outcome, count: 1, ..work })
    }

    /// Notes that a plugin is about to send something outside in a call about the person of `permit`, and returns when the note
    /// survives a power cut: so that it can be sent then, and not before.
    pub fn note_sending(&self, operation: &str, permit: &Permit) -> Result<()> {
        self.note(self.deed(Deed::Read, operation, permit.profile(), permit.kind(), []))?;
        self.inner.committer.flush()
    }

    /// Notes in the log of the house that somebody changed how it is run; `operation` says what, with nothing about people.
    pub fn note_administered(&self, operation: &str) -> Result<()> {
        self.note(self.deed(Deed::Administer, operation, ProfileId::SYSTEM, "", []))
    }

    pub(super) fn note(&self, done: Use) -> Result<()> {
        let now = self.inner.options.clock.now();
        let (is_full, is_half_full) = {
            let mut reads = self.inner.reads.lock().unwrap_or_else(PoisonError::into_inner);
            let is_full = reads.is_full(now);
            reads.note(done, now);
            (is_full, reads.is_half_full())
        };
        if is_full {
            return self.inner.committer.flush();
        }
        if is_half_full {
            self.inner.committer.begin_flush();
        }
        Ok(())
    }

    /// Notes that the names of these people were read, in one list.
    pub(super) fn note_people(&self, cards: &[ProfileCard]) -> Result<()> {
        if cards.is_empty() {
            return Ok(());
        }
        let ids = cards.iter().map(|card| RecordId::from_bytes(*card.profile.as_bytes()));
        self.note(self.deed(Deed::Read, "people", ProfileId::SYSTEM, PROFILE, ids))
    }

    /// Notes that the policy refused.
    pub(super) fn note_refusal(&self, action: Action, profile: ProfileId, kind: &str) {
        let deed = match action {
            Action::Read => Deed::Read,
            Action::Add => Deed::Add,
            Action::Amend => Deed::Amend,
            Action::Share => Deed::Share,
            Action::Export => Deed::Export,
            Action::Erase => Deed::Erase,
        };
        let refused =
            Use { outcome: Outcome::Refused, count: 1, ..self.deed(deed, action.as_str(), profile, kind, []) };
        let now = self.inner.options.clock.now();
        self.inner.reads.lock().unwrap_or_else(PoisonError::into_inner).refuse(refused, now);
    }

    /// Counts that somebody asked for a person who is not there, or with whom they have nothing to do: that they keep asking
    /// is unusual, and of whom is kept nowhere.
    pub(super) fn count_stranger(&self) {
        if self.actor.account().is_none() || self.inner.options.unusual.is_none() {
            return;
        }
        let asked = self.deed(Deed::Read, "unknown", ProfileId::SYSTEM, "", []);
        self.inner.watch(&[Use { profile: None, outcome: Outcome::Refused, count: 1, ..asked }]);
    }

    /// Who looked at a person's records, or changed them, newest first.
    ///
    /// # Errors
    /// As [`Session::permit`] for reading the person's profile record.
    pub fn who_looked(&self, profile: ProfileId, query: &AuditQuery) -> Result<AuditPage> {
        let permit = self.permit(Action::Read, profile, PROFILE)?;
        // Whoever may read only some records does not learn who else reads the others.
        self.permit_everything(Action::Read, profile)?;
        self.inner.committer.flush()?;
        let open = self.inner.open_profile(profile)?;
        let head = *open.head.lock().unwrap_or_else(PoisonError::into_inner);
        let person = Pseudonym::from_bytes(head.pseudonym);
        let entries = walk(person, head.last_audit, |at| -> Result<Row, Error> { self.inner.audit_row_at(at) });
        let page = query.page(entries, head.audited, |at, entry| self.inner.audit_about_at(at, profile, entry))?;
        self.note_read("who-looked", &permit, &[])?;
        Ok(page)
    }
}

impl Inner {
    /// The uses that wait for their entries.
    pub fn take_reads(&self, all: bool) -> Vec<Use> {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if all { reads.take_all() } else { reads.take(self.options.clock.now()) }
    }

    /// Gives back uses that could not be written.
    pub fn put_back_reads(&self, uses: Vec<Use>) {
        let now: Instant = self.options.clock.now();
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).put_back(uses, now);
    }
}
