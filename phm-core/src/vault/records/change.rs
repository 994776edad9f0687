//! Changing a record: every change is a new version, made from the one the caller has seen.

use std::collections::BTreeSet;

use serde_json::Value;

use super::look::{Found, admits, find, record_of};
use super::{raw, read_lock};
use crate::access::{Action, Permit};
use crate::audit::entry::Deed;
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::index::{self, Act, Header};
use crate::vault::readings::DOCUMENT;
use crate::vault::series::{self, SERIES, fill_extent};
use crate::vault::session::{PROFILE, Session};
use crate::vault::shown::{How, Record, Removed};
use crate::vault::waiting::{NewEntry, Write};
use crate::vault::{journal, labels};

impl Session {
    /// Replaces the body of a record that still is at version `based_on`.
    ///
    /// # Errors
    /// `conflict` when the record has moved on; [`crate::Error::current_version`] says where to.
    pub fn amend(&self, permit: &Permit, id: RecordId, based_on: u32, body: &Value, how: How) -> Result<Record> {
        let profile = self.inner.open_profile(permit.profile())?;
        self.change(permit, id, based_on, Act::Amend, |found, next| {
            let mut body = body.clone();
            // What the file is, and how many samples there are, was found by the vault, and nobody else says so.
            let own: &[&str] = if found.header.file.is_some() {
                &["media_type", "bytes", "sha256"]
            } else if series::has_samples(&profile, id) {
                &["from", "to", "count"]
            } else {
                &[]
            };
            if let (Value::Object(fields), false) = (&mut body, own.is_empty()) {
                let before = crate::vault::export::value_of(&self.body(&profile, found.body_seq)?)?;
                for name in own {
                    fields.insert((*name).into(), before.get(name).cloned().unwrap_or(Value::Null));
                }
            }
            let checked = self.check(permit.kind(), &body)?;
            let provenance = self.provenance(&how);
            let file = found.header.file.clone();
            let header = self.header(Act::Amend, id, permit.kind(), next, &checked, provenance)?;
            Ok((Header { file, ..header }, Some(checked.json)))
        })
    }

    /// Removes a record that still is at version `based_on`; its history stays. Of a document goes what plugins read out of it.
    ///
    /// # Errors
    /// `conflict` when the record has moved on; `not-removable` for the record that says who a person is, without
    /// which nothing of theirs could be reached.
    pub fn remove(&self, permit: &Permit, id: RecordId, based_on: u32) -> Result<Record> {
        if id.as_bytes() == permit.profile().as_bytes() {
            let text = "the record that says who a person is cannot be removed; amend it";
            return Err(Error::new(crate::ErrorKind::Invalid, "not-removable", text));
        }
        self.change(permit, id, based_on, Act::Remove, |found, next| {
            if found.removed {
                return Err(Error::not_found());
            }
            let header = Header { at: self.inner.now(), act: Act::Remove, version: next, ..found.header.clone() };
            let provenance = self.provenance(&How::Typed);
            Ok((Header { provenance, import: None, identity: None, origin: false, ..header }, None))
        })
    }

    /// Brings a removed record back, or an earlier version's body when `version` names one.
    pub fn restore(&self, permit: &Permit, id: RecordId, based_on: u32, version: Option<u32>) -> Result<Record> {
        self.use_permit(permit, Action::Amend)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let (seq, source) = {
            let index = read_lock(&profile);
            let state = index.record(id).filter(|state| state.kind() == permit.kind()).ok_or_else(Error::not_found)?;
            let wanted = |candidate: &index::Version<'_>| {
                candidate.act() != Act::Remove && version.is_none_or(|number| candidate.version() == number)
            };
            let chosen = state.visible().find(wanted).filter(|chosen| admits(permit, *chosen));
            chosen.map(|chosen| (chosen.seq(), chosen.header())).ok_or_else(Error::not_found)?
        };
        let body = self.body(&profile, seq)?;
        self.change(permit, id, based_on, Act::Restore, |_, next| {
            let header = Header { at: self.inner.now(), act: Act::Restore, version: next, ..source.clone() };
            let provenance = self.provenance(&How::Typed);
            // What its codes say is asked anew: the tables may have grown since that version was written.
            let labels = labels::merged(&source.labels, &labels::of_body(permit.kind(), body.get()));
            let header = Header { provenance, labels, import: None, identity: None, origin: false, ..header };
            Ok((header, Some(body.get().to_owned())))
        })
    }

    fn change(
        &self,
        permit: &Permit,
        id: RecordId,
        based_on: u32,
        act: Act,
        next: impl FnOnce(&Found, u32) -> Result<(Header, Option<String>)>,
    ) -> Result<Record> {
        self.change_marked(permit, id, based_on, act, true, next)
    }

    /// Amends a record to a version whose labels are those that `next` says and no other; see [`Session::mark`].
    pub(in crate::vault) fn mark_anew(
        &self,
        permit: &Permit,
        id: RecordId,
        based_on: u32,
        next: impl FnOnce(&Found, u32) -> Result<(Header, Option<String>)>,
    ) -> Result<Record> {
        self.change_marked(permit, id, based_on, Act::Amend, false, next)
    }

    fn change_marked(
        &self,
        permit: &Permit,
        id: RecordId,
        based_on: u32,
        act: Act,
        marks_stay: bool,
        next: impl FnOnce(&Found, u32) -> Result<(Header, Option<String>)>,
    ) -> Result<Record> {
        self.use_permit(permit, Action::Amend)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let found = find(&profile, permit, id, Removed::Show)?;
        if found.removed && act == Act::Amend {
            return Err(Error::not_found());
        }
        let current = found.header.version;
        if current != based_on {
            return Err(crate::vault::conflict(current));
        }
        let (mut header, body) = next(&found, found.last_version + 1)?;
        if marks_stay && !found.header.labels.is_empty() {
            let before = self.body(&profile, found.body_seq)?;
            let marks = labels::marks(permit.kind(), &found.header.labels, before.get());
            header.labels = labels::merged(&header.labels, &marks);
        }
        Self::admit(permit, &header)?;
        let deed = match act {
            Act::Remove => Deed::Remove,
            Act::Restore => Deed::Restore,
            _ => Deed::Amend,
        };
        let body = body.map(raw).transpose()?;
        if let Some(body) = body.as_deref().filter(|_| permit.kind() == SERIES) {
            let before = crate::vault::export::value_of(&self.body(&profile, found.body_seq)?)?;
            series::keeps_meaning(&profile, id, &before, &crate::vault::export::value_of(body)?)?;
        }
        if let Some(body) = body.as_deref().filter(|_| permit.kind() == PROFILE) {
            let before = crate::vault::export::value_of(&self.body(&profile, found.body_seq)?)?;
            self.keeps_birth_date(permit.profile(), &before, &crate::vault::export::value_of(body)?)?;
        }
        let prepared = journal::prepare(&header, body.as_deref())?;
        let mut write = Write::default();
        write.entries.push(NewEntry { profile: permit.profile(), header: header.clone(), prepared, origin: None });
        write.notes.push(self.deed(deed, act.word(), permit.profile(), permit.kind(), [id]));
        if act == Act::Remove && permit.kind() == DOCUMENT {
            self.inner.with_state_lock(|| {
                write.state.extend(self.inner.forget_readings_of(permit.profile(), &BTreeSet::from([id]))?);
                self.inner.committer.commit(write)
            })?;
        } else {
            self.inner.committer.commit(write)?;
        }
        let body = match body {
            Some(body) => body,
            None => self.body(&profile, found.body_seq)?,
        };
        let mut record = record_of(permit.profile(), &header, found.recorded_at, act == Act::Remove, body);
        fill_extent(&profile, permit, &mut record)?;
        Ok(record)
    }
}
