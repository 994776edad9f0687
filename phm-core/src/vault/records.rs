//! Reading and writing the records of one profile with a permit.

use std::sync::{PoisonError, RwLockReadGuard};

use serde_json::Value;
use serde_json::value::RawValue;

use super::journal::{self, Entry};
use super::labels;
use super::people::is_understood;
use super::profiles::OpenProfile;
use super::series::{self, SERIES, fill_extent};
use super::session::{PROFILE, Session};
use super::shown::{How, Page, Record, Removed, Row};
use super::waiting::{NewEntry, Write};
use crate::access::{Action, Labels, Permit, Sensitivity};
use crate::audit::entry::Deed;
use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{self, Act, Extent, FileRef, Header, ProfileIndex, Query, RecordState, words_of};
use crate::model::{Checked, Provenance};
use crate::time::Instant;

/// A record with all that is known of it, before anything leaves the vault.
pub(super) struct Found {
    pub header: Header,
    pub recorded_at: Instant,
    pub last_version: u32,
    pub removed: bool,
    /// Seq of the entry that holds the body.
    pub body_seq: u64,
}

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

    pub(super) fn add_all(
        &self,
        permit: &Permit,
        rows: &[(RecordId, &Value, Option<FileRef>)],
        how: &How,
    ) -> Result<Vec<Record>> {
        self.use_permit(permit, Action::Add)?;
        let mut write = Write::default();
        let mut records = Vec::with_capacity(rows.len());
        for (id, body, file) in rows {
            let checked = self.check(permit.kind(), body)?;
            let provenance = self.provenance(how);
            let header =
                Header { file: file.clone(), ..self.header(Act::Create, *id, permit.kind(), 1, &checked, provenance)? };
            Self::admit(permit, &header)?;
            let body = raw(checked.json)?;
            let prepared = journal::prepare(&header, Some(&body))?;
            records.push(record_of(permit.profile(), &header, header.at, false, body));
            write.entries.push(NewEntry { profile: permit.profile(), header, prepared, origin: None });
        }
        let ids = rows.iter().map(|(id, ..)| *id);
        write.notes.push(self.deed(Deed::Add, "add", permit.profile(), permit.kind(), ids));
        self.inner.committer.commit(write)?;
        Ok(records)
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
        let mut items = found.iter().map(|found| self.open_record(&profile, found)).collect::<Result<Vec<_>>>()?;
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
        let (total, states) = index.find(&[permit.kind()], query, &|version| shows(&index, permit, version));
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
        let (total, states) = index.find(&[permit.kind()], query, &|version| shows(&index, permit, version));
        let items: Vec<Row> = states.into_iter().filter_map(row).collect();
        drop(index);
        let ids: Vec<_> = items.iter().map(|row| row.id).collect();
        self.note_read("list", permit, &ids)?;
        Ok(Page { items, total, page: query.page, per_page: query.per_page })
    }

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
                let before = super::export::value_of(&self.body(&profile, found.body_seq)?)?;
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

    /// Removes a record that still is at version `based_on`; its history stays.
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
            let header = Header { provenance, import: None, identity: None, origin: false, ..header };
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
    pub(super) fn mark_anew(
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
            return Err(super::conflict(current));
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
            let before = super::export::value_of(&self.body(&profile, found.body_seq)?)?;
            series::keeps_meaning(&profile, id, &before, &super::export::value_of(body)?)?;
        }
        if let Some(body) = body.as_deref().filter(|_| permit.kind() == PROFILE) {
            let before = super::export::value_of(&self.body(&profile, found.body_seq)?)?;
            self.keeps_birth_date(permit.profile(), &before, &super::export::value_of(body)?)?;
        }
        let prepared = journal::prepare(&header, body.as_deref())?;
        let mut write = Write::default();
        write.entries.push(NewEntry { profile: permit.profile(), header: header.clone(), prepared, origin: None });
        write.notes.push(self.deed(deed, act.word(), permit.profile(), permit.kind(), [id]));
        self.inner.committer.commit(write)?;
        let body = match body {
            Some(body) => body,
            None => self.body(&profile, found.body_seq)?,
        };
        let mut record = record_of(permit.profile(), &header, found.recorded_at, act == Act::Remove, body);
        fill_extent(&profile, permit, &mut record)?;
        Ok(record)
    }

    /// Whether a record with this body, were it added now, would be one that the permit shows. Of a body that its kind
    /// refuses nothing is known, so only who sees everything sees that.
    pub fn would_see(&self, permit: &Permit, body: &Value) -> bool {
        let header = self.check(permit.kind(), body).and_then(|checked| {
            self.header(Act::Create, RecordId::new(), permit.kind(), 1, &checked, self.provenance(&How::Typed))
        });
        header.map_or_else(|_| permit.scope().is_everything(), |header| admits_header(permit, &header, None))
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
            let act = read_lock(profile).import_act(mark.import).map(|act| act.header().provenance.source);
            record.provenance.import = Some(mark.import.to_string());
            record.provenance.source = act.flatten();
        }
        Ok(record)
    }

    pub(super) fn body(&self, profile: &OpenProfile, seq: u64) -> Result<Box<RawValue>> {
        let Entry { header, body } = self.inner.reader(profile.id, profile.blinded).entry(seq)?;
        body.ok_or_else(|| match header.act {
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
            let body = reader.entry(seq)?.body;
            let value: Option<Value> = body.and_then(|body| serde_json::from_str(body.get()).ok());
            read.push((slot, seq, value.map(|value| words_of(&value)).unwrap_or_default()));
        }
        profile.index.write().unwrap_or_else(PoisonError::into_inner).set_words(read);
        Ok(())
    }
}

/// What the outside sees of a version.
fn record_of(profile: ProfileId, header: &Header, recorded_at: Instant, removed: bool, body: Box<RawValue>) -> Record {
    Record {
        id: header.record,
        kind: header.kind.to_string(),
        profile,
        version: header.version,
        occurred: header.occurred,
        recorded_at,
        updated_at: header.at,
        removed,
        labels: header.labels.iter().map(ToString::to_string).collect(),
        provenance: header.provenance.clone(),
        body,
    }
}

pub(super) fn read_lock(profile: &OpenProfile) -> RwLockReadGuard<'_, ProfileIndex> {
    profile.index.read().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the permit admits this version of a record.
pub(super) fn admits(permit: &Permit, version: index::Version<'_>) -> bool {
    let labels = labels_of(version.labels());
    if version.kind() == SERIES {
        return series::reaches(permit, version.record(), labels, version.occurred(), version.samples());
    }
    permit.admits(version.occurred(), labels, version.record())
}

/// Whether the permit admits a version with this header; `samples` says when those of a series were taken.
pub(super) fn admits_header(permit: &Permit, header: &Header, samples: Option<Extent>) -> bool {
    let labels = labels_of(&header.labels);
    if &*header.kind == SERIES {
        return series::reaches(permit, header.record, labels, header.occurred, samples);
    }
    permit.admits(header.occurred, labels, header.record)
}

pub(super) fn labels_of(labels: &[Box<str>]) -> Labels {
    let known: std::result::Result<Labels, _> = labels.iter().map(|label| label.parse::<Sensitivity>()).collect();
    // A label nobody here knows keeps the record in: only who may see everything sees it.
    known.unwrap_or(Labels::ALL)
}

/// Whether a list with this permit shows the record: not one that was removed by hand and of which nothing else is left,
/// because the import that brought it was undone.
pub(super) fn shows(index: &ProfileIndex, permit: &Permit, version: index::Version<'_>) -> bool {
    let has_body = |version: index::Version<'_>| version.act() != Act::Remove;
    let stays = || index.record(version.record()).is_some_and(|state| state.visible().any(has_body));
    admits(permit, version) && (has_body(version) || stays())
}

/// The record with this id that the permit admits.
pub(super) fn find(profile: &OpenProfile, permit: &Permit, id: RecordId, removed: Removed) -> Result<Found> {
    let index = read_lock(profile);
    let state = index.record(id).filter(|state| state.kind() == permit.kind()).ok_or_else(Error::not_found)?;
    let found = found(state).ok_or_else(Error::not_found)?;
    let hidden = found.removed && removed == Removed::Hide;
    let samples = state.current().and_then(index::Version::samples);
    if hidden || !admits_header(permit, &found.header, samples) { Err(Error::not_found()) } else { Ok(found) }
}

pub(super) fn found(state: RecordState<'_>) -> Option<Found> {
    let header = state.current()?.header();
    let with_body = state.visible().find(|version| version.act() != Act::Remove)?;
    Some(Found {
        header,
        recorded_at: state.visible().last()?.at(),
        last_version: state.last_version(),
        removed: state.removed(),
        body_seq: with_body.seq(),
    })
}

/// What a list shows of a record.
pub(super) fn row(state: RecordState<'_>) -> Option<Row> {
    let version = state.current()?;
    let own = |text: Option<&str>| text.map(str::to_owned);
    let parts = [version.value(), version.unit(), version.status(), version.flag()];
    Some(Row {
        id: state.id(),
        kind: version.kind().to_owned(),
        occurred: version.occurred(),
        title: version.title().to_owned(),
        summary: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        value: own(version.value()),
        unit: own(version.unit()),
        status: own(version.status()),
        flag: own(version.flag()),
        codes: version.codes().to_vec(),
        version: version.version(),
        updated_at: version.at(),
        removed: state.removed(),
    })
}

pub(super) fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json).map_err(|error| Error::internal("a stored form is not JSON").with_source(error))
}

fn unknown_kind() -> Error {
    Error::new(crate::ErrorKind::NotFound, "not-found", "there is no such kind of record")
}
