//! The records of one profile, with a permit: adding them, reading them, listing them. `change` makes new versions, `look`
//! says what a permit shows.

mod change;
mod look;

use std::sync::{PoisonError, RwLockReadGuard};

use serde_json::Value;
use serde_json::value::RawValue;

use self::look::record_of;
pub(super) use self::look::{
    Found, admits, admits_as_labelled, admits_header, find, found, is_restricted, labels_of, page_of, page_of_all, row,
};
use super::journal;
use super::labels;
use super::people::is_understood;
use super::profiles::OpenProfile;
use super::series::fill_extent;
use super::session::Session;
use super::shown::{How, Page, Record, Removed, Row};
use super::waiting::{NewEntry, Write};
use crate::access::{Action, Permit};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, FileRef, Header, ProfileIndex, Query, words_of};
use crate::model::{Checked, Provenance};

impl Session {
    /// Adds a record and answers with it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Invalid`] with the places that break a rule.
    pub fn add(&self, permit: &Permit, body: &Value, how: How) -> Result<Record> {
        self.add_all(permit, &[(RecordId::new(), body, None)], &how).map(|mut records| records.swap_remove(0))
    }

    /// Adds several records of one kind, all of them or none.
    pub fn add_many(&self, permit: &Permit, bodies: &[Value], how: &How) -> Result<Vec<Record>> {
        let rows: Vec<_> = bodies.iter().map(|body| (RecordId::new(), body, None)).collect();
        self.add_all(permit, &rows, how)
    }

    /// Adds a record that was read out of another one of the same person, and is as sensitive: it has the labels of that
    /// one too, where that one is still there.
    ///
    /// # Errors
    /// As [`Session::add`]; `not-granted` where the permit does not cover a record with these labels.
    pub fn add_from(&self, permit: &Permit, body: &Value, how: How, source: Option<RecordId>) -> Result<Record> {
        let (write, record) = self.write_from(permit, body, &how, source)?;
        self.inner.committer.commit(write)?;
        Ok(record)
    }

    /// The same as a write that is to be committed, with the record as it will be.
    pub(super) fn write_from(
        &self,
        permit: &Permit,
        body: &Value,
        how: &How,
        source: Option<RecordId>,
    ) -> Result<(Write, Record)> {
        let labels = self.labels_from(permit.profile(), source)?;
        let rows = [(RecordId::new(), body, None)];
        let (write, mut records) = self.write_labelled(permit, &rows, how, &labels)?;
        Ok((write, records.swap_remove(0)))
    }

    /// The labels of the record that something was read out of.
    fn labels_from(&self, profile: ProfileId, source: Option<RecordId>) -> Result<Vec<Box<str>>> {
        let Some(source) = source else { return Ok(Vec::new()) };
        let open = self.inner.open_profile(profile)?;
        let index = read_lock(&open);
        Ok(index.record(source).and_then(found).map(|found| found.header.labels).unwrap_or_default())
    }

    pub(super) fn add_all(
        &self,
        permit: &Permit,
        rows: &[(RecordId, &Value, Option<FileRef>)],
        how: &How,
    ) -> Result<Vec<Record>> {
        let (write, records) = self.write_labelled(permit, rows, how, &[])?;
        self.inner.committer.commit(write)?;
        Ok(records)
    }

    fn write_labelled(
        &self,
        permit: &Permit,
        rows: &[(RecordId, &Value, Option<FileRef>)],
        how: &How,
        more: &[Box<str>],
    ) -> Result<(Write, Vec<Record>)> {
        self.use_permit(permit, Action::Add)?;
        let mut write = Write::default();
        let mut records = Vec::with_capacity(rows.len());
        for (id, body, file) in rows {
            let checked = self.check(permit.kind(), body)?;
            let provenance = self.provenance(how);
            let header = self.header(Act::Create, *id, permit.kind(), 1, &checked, provenance)?;
            let labels = labels::merged(&header.labels, more);
            let header = Header { file: file.clone(), labels, ..header };
            Self::admit(permit, &header)?;
            let body = raw(checked.json)?;
            let prepared = journal::prepare(&header, Some(&body))?;
            records.push(record_of(permit.profile(), &header, header.at, false, body));
            write.entries.push(NewEntry { profile: permit.profile(), header, prepared, origin: None });
        }
        let ids = rows.iter().map(|(id, ..)| *id);
        write.notes.push(self.deed(Deed::Add, "add", permit.profile(), permit.kind(), ids));
        Ok((write, records))
    }

    /// The record, in its newest version.
    ///
    /// # Errors
    /// `not-found` when there is none that the permit admits.
    pub fn read(&self, permit: &Permit, id: RecordId, removed: Removed) -> Result<Record> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let found = find(&profile, permit, id, removed)?;
        let mut record = self.open_record(&profile, &found)?;
        fill_extent(&profile, permit, &mut record)?;
        self.note_read("read", permit, &[id])?;
        Ok(record)
    }

    /// One page of the records `query` asks for, with their bodies.
    pub fn list(&self, permit: &Permit, query: &Query) -> Result<Page<Record>> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let (total, found) = self.find_page(&profile, permit, query)?;
        let mut items = Vec::with_capacity(found.len());
        for found in &found {
            match self.open_record(&profile, found) {
                Ok(record) => items.push(record),
                // Destroyed since the index was asked: the others are there all the same.
                Err(error) if error.kind() == crate::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        items.iter_mut().try_for_each(|record| fill_extent(&profile, permit, record))?;
        let ids: Vec<_> = items.iter().map(|record| record.id).collect();
        self.note_read("list", permit, &ids)?;
        Ok(Page { items, total, page: query.page, per_page: query.per_page })
    }

    fn find_page(&self, profile: &OpenProfile, permit: &Permit, query: &Query) -> Result<(u64, Vec<Found>)> {
        if query.text.is_some() {
            self.load_words(profile)?;
        }
        let index = read_lock(profile);
        let (total, states) = page_of(&index, permit, query);
        Ok((total, states.into_iter().filter_map(found).collect()))
    }

    /// One page of the rows `query` asks for, answered from the index alone.
    pub fn summaries(&self, permit: &Permit, query: &Query) -> Result<Page<Row>> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        if query.text.is_some() {
            self.load_words(&profile)?;
        }
        let index = read_lock(&profile);
        let (total, states) = page_of(&index, permit, query);
        let items: Vec<Row> = states.into_iter().filter_map(row).collect();
        drop(index);
        let ids: Vec<_> = items.iter().map(|row| row.id).collect();
        self.note_read("list", permit, &ids)?;
        Ok(Page { items, total, page: query.page, per_page: query.per_page })
    }

    /// Whether a record with this body, were it added now as read out of `source`, would be one that the permit shows. Of a
    /// body that its kind refuses nothing is known, so only who sees everything sees that.
    pub fn would_see(&self, permit: &Permit, body: &Value, source: Option<RecordId>) -> bool {
        let header = self.would_be(permit, body, source);
        header.map_or_else(|_| permit.scope().is_everything(), |header| admits_header(permit, &header, None))
    }

    /// The labels that a record with this body would have, were it added now as read out of `source`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Invalid`] where its kind refuses the body.
    pub fn would_have(&self, permit: &Permit, body: &Value, source: Option<RecordId>) -> Result<Vec<String>> {
        let header = self.would_be(permit, body, source)?;
        Ok(header.labels.into_iter().map(String::from).collect())
    }

    fn would_be(&self, permit: &Permit, body: &Value, source: Option<RecordId>) -> Result<Header> {
        let checked = self.check(permit.kind(), body)?;
        let (id, provenance) = (RecordId::new(), self.provenance(&How::Typed));
        let header = self.header(Act::Create, id, permit.kind(), 1, &checked, provenance)?;
        let labels = labels::merged(&header.labels, &self.labels_from(permit.profile(), source)?);
        Ok(Header { labels, ..header })
    }

    /// Whether the permit shows this record, removed or not, for showing or not showing what came of it; nothing is noted.
    pub fn shows(&self, permit: &Permit, id: RecordId) -> bool {
        self.inner.open_profile(permit.profile()).is_ok_and(|open| find(&open, permit, id, Removed::Show).is_ok())
    }

    /// Checks a body against the rules of its kind.
    pub(super) fn check(&self, kind: &str, body: &Value) -> Result<Checked> {
        let info = self.inner.options.kinds.get(kind).ok_or_else(unknown_kind)?;
        let checked = (info.check)(body).map_err(Error::invalid)?;
        if info.system && !super::export::json_of(&checked.json).is_ok_and(|body| is_understood(kind, &body)) {
            // It would open nothing, and whoever wrote it would believe it did.
            return Err(Error::invalid(vec![Detail { path: String::new(), code: "invalid-choice" }]));
        }
        Ok(checked)
    }

    pub(super) fn header(
        &self,
        act: Act,
        id: RecordId,
        kind: &str,
        version: u32,
        checked: &Checked,
        provenance: Provenance,
    ) -> Result<Header> {
        let info = self.inner.options.kinds.get(kind).ok_or_else(unknown_kind)?;
        Ok(Header {
            at: self.inner.now(),
            act,
            record: id,
            kind: kind.into(),
            version,
            form: info.version,
            occurred: checked.occurred,
            labels: labels::of_body(kind, &checked.json),
            provenance,
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: checked.summary.clone(),
        })
    }

    pub(super) fn open_record(&self, profile: &OpenProfile, found: &Found) -> Result<Record> {
        let body = self.body(profile, found.body_seq)?;
        let header = &found.header;
        let mut record = record_of(profile.id, header, found.recorded_at, found.removed, body);
        if let Some(mark) = &header.import {
            // Said once, where the import was completed, instead of in every entry.
            let index = read_lock(profile);
            record.provenance.import = Some(mark.import.to_string());
            record.provenance.source = index.import_act(mark.import).and_then(|act| act.provenance().source.clone());
        }
        Ok(record)
    }

    pub(super) fn body(&self, profile: &OpenProfile, seq: u64) -> Result<Box<RawValue>> {
        let reader = self.inner.reader(profile.id, profile.blinded);
        if let Some(body) = reader.body(seq)? {
            return Ok(body);
        }
        Err(match reader.entry(seq)?.header.act {
            // Since the index was asked.
            Act::Destroyed => Error::not_found(),
            _ => Error::corrupt("an entry lacks its body; run `phm verify`"),
        })
    }

    /// Reads the words of the records whose words are not in memory yet.
    pub(super) fn load_words(&self, profile: &OpenProfile) -> Result<()> {
        let unread = read_lock(profile).unread_words();
        let reader = self.inner.reader(profile.id, profile.blinded);
        let mut read = Vec::with_capacity(unread.len());
        for (slot, seq) in unread {
            let body = reader.body(seq)?;
            let value: Option<Value> = body.and_then(|body| serde_json::from_str(body.get()).ok());
            read.push((slot, seq, value.map(|value| words_of(&value)).unwrap_or_default()));
        }
        if read.is_empty() {
            return Ok(());
        }
        let grown = {
            let mut index = profile.index.write().unwrap_or_else(PoisonError::into_inner);
            let before = index.bytes();
            index.set_words(read);
            index.bytes().saturating_sub(before)
        };
        self.inner.has_grown(profile.id, grown);
        Ok(())
    }
}

pub(super) fn read_lock(profile: &OpenProfile) -> RwLockReadGuard<'_, ProfileIndex> {
    profile.index.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json).map_err(|error| Error::internal("a stored form is not JSON").with_source(error))
}

fn unknown_kind() -> Error {
    Error::new(crate::ErrorKind::NotFound, "not-found", "there is no such kind of record")
}
