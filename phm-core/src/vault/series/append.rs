//! Adding samples, listing what was added, taking it back.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use serde::Serialize;

use super::block::{BLOCK, MOST_APPENDED, Stored, encode};
use super::change::SeriesChange;
use super::rows::Rows;
use super::shelf::{Delta, Shelf};
use super::stub::Stub;
use super::written::Written;
use super::{SERIES, reach};
use crate::access::{Action, ActorRef, Permit};
use crate::audit::entry::Deed;
use crate::crypto::Prepared;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::RecordId;
use crate::index::{Act, Append, Header, SampleMark, SeriesState};
use crate::model::{self, Sample, Summary};
use crate::time::{Instant, When};
use crate::vault::journal;
use crate::vault::records::{raw, read_lock};
use crate::vault::session::Session;
use crate::vault::shown::How;
use crate::vault::waiting::{NewEntry, Write};

/// Samples of one moment that a series shows at most: they are never torn apart where samples are read in pages.
pub const MOST_AT_ONE_MOMENT: usize = 1000;

/// How much stands together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Samples of a block.
    pub block: usize,
    /// Samples that wait before the next writer moves them into blocks.
    pub waiting: usize,
    /// Entries with samples that wait.
    pub entries: usize,
}

impl Sizes {
    const USUAL: Self = Self { block: BLOCK, waiting: BLOCK, entries: 64 };
}

/// What became of samples that were sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Appended {
    /// Samples that are new.
    pub added: u64,
    /// Samples that were there already, or came twice.
    pub duplicates: u64,
    /// The entry they can be taken back by; none where nothing was new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// Samples that were added together.
#[derive(Clone, Debug, Serialize)]
pub struct AppendedUnit {
    /// The entry they can be taken back by.
    pub entry: u64,
    /// When they were recorded.
    pub recorded_at: Instant,
    /// Who recorded them.
    pub actor: ActorRef,
    /// How they came: `typed`, `device` and so on.
    pub how: model::How,
    /// How many.
    pub count: u64,
    /// When the first was taken.
    pub from: Instant,
    /// When the last was taken.
    pub to: Instant,
}

impl Session {
    /// Adds samples to a series; those it has already are counted and change nothing.
    ///
    /// # Errors
    /// `not-found` where there is no such series for the caller; `not-granted` where a sample was taken at a time the
    /// grant does not cover; `invalid` with more than [`MOST_APPENDED`] samples at once, or where more than
    /// [`MOST_AT_ONE_MOMENT`] would be of one moment.
    pub fn append_samples(&self, permit: &Permit, series: RecordId, samples: &[Sample], how: &How) -> Result<Appended> {
        self.append_sized(permit, series, samples, how, Sizes::USUAL)
    }

    pub(super) fn append_sized(
        &self,
        permit: &Permit,
        series: RecordId,
        samples: &[Sample],
        how: &How,
        sizes: Sizes,
    ) -> Result<Appended> {
        self.use_permit(permit, Action::Add)?;
        if samples.len() > MOST_APPENDED {
            return Err(Error::invalid(vec![Detail { path: "/samples".to_owned(), code: "too-many" }]));
        }
        let open = self.inner.open_profile(permit.profile())?;
        let reached = reach(&open, permit, series)?;
        if !samples.iter().all(|sample| reached.windows.hold(sample.at().millis())) {
            let text = "the grant does not cover the time of these samples";
            return Err(Error::new(ErrorKind::Denied, "not-granted", text));
        }
        let place = open.shelves.place(series);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = self.inner.shelf_at(&open, series, &mut place)?;
        let rows = self.inner.series_rows(&open, series);
        // Looked up again behind the lock: what was taken back meanwhile may be added again.
        let hidden = reach(&open, permit, series)?.hidden;
        let new = new_samples(&shelf, &rows, &hidden, samples)?;
        let (added, duplicates) = (new.len() as u64, (samples.len() - new.len()) as u64);
        if new.is_empty() {
            self.note(self.deed(Deed::Add, "samples", permit.profile(), SERIES, [series]))?;
            return Ok(Appended { added, duplicates, entry: None });
        }
        let due = shelf.waiting() >= sizes.waiting || shelf.deltas.len() >= sizes.entries;
        // Kept until the move is committed.
        let leave = due.then(|| self.inner.movement.leave()).flatten();
        let merged = leave.is_some().then(|| shelf.merged(&rows, sizes.block)).transpose()?;
        let delta = Prepared::new(&encode(&new))?;
        let mut change = SeriesChange::adding(permit.profile(), series, rows.blinded, delta);
        let mut next = (*shelf).clone();
        if let Some(merged) = merged {
            let directory = change.and_moving(merged, &shelf)?;
            next = Shelf { directory: Arc::new(directory), deltas: Vec::new() };
        }
        let header = self.append_header(series, &new, reached.labels, how);
        let stub = Stub::of(&new);
        let entry = entry(permit, header, &stub)?;
        let note = self.deed(Deed::Add, "samples", permit.profile(), SERIES, [series]);
        let write = Write { entries: vec![entry], notes: vec![note], series: vec![change], ..Write::default() };
        // Should the write fail, what is in the store is read again.
        *place = None;
        self.inner.committer.commit(write)?;
        let seq = read_lock(&open).series(series).map_or(0, SeriesState::newest);
        let samples = new.into_iter().map(|sample| Stored { source: seq, ..sample }).collect();
        next.deltas.push(Arc::new(Delta { seq, samples }));
        *place = Some(Arc::new(next));
        Ok(Appended { added, duplicates, entry: Some(seq) })
    }

    /// Hides exactly the samples that one entry added; answers how many those were.
    ///
    /// # Errors
    /// `not-found` where no such entry added samples that the caller may see; `conflict` where it was taken back already.
    pub fn undo_append(&self, permit: &Permit, series: RecordId, entry_seq: u64) -> Result<u64> {
        self.use_permit(permit, Action::Amend)?;
        let open = self.inner.open_profile(permit.profile())?;
        reach(&open, permit, series)?;
        let place = open.shelves.place(series);
        // Held, so that whoever adds the same samples again knows what is there.
        let _place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let reached = reach(&open, permit, series)?;
        let append = read_lock(&open).series(series).and_then(|state| state.get(entry_seq));
        let append = append.filter(|append| reached.windows.hold_all(append.from.millis(), append.to.millis()));
        let append = append.ok_or_else(Error::not_found)?;
        if append.hidden {
            return Err(Error::new(ErrorKind::Conflict, "conflict", "these samples were taken back already"));
        }
        let mark = SampleMark { count: append.count, to: append.to, undoes: Some(append.seq) };
        let header = Header {
            act: Act::AppendUndo,
            samples: Some(mark),
            ..self.series_header(series, append.from, reached.labels, &How::Typed)
        };
        let entry =
            NewEntry { profile: permit.profile(), prepared: journal::prepare(&header, None)?, header, origin: None };
        let note = self.deed(Deed::Undo, "samples", permit.profile(), SERIES, [series]);
        self.inner.committer.commit(Write { entries: vec![entry], notes: vec![note], ..Write::default() })?;
        Ok(append.count)
    }

    /// What was added to a series and not taken back, newest first, `most` entries of it; with `before` only entries
    /// older than that one, so that the last of a page leads to the next.
    pub fn appends(
        &self,
        permit: &Permit,
        series: RecordId,
        before: Option<u64>,
        most: usize,
    ) -> Result<Vec<AppendedUnit>> {
        self.use_permit(permit, Action::Read)?;
        let open = self.inner.open_profile(permit.profile())?;
        let windows = reach(&open, permit, series)?.windows;
        let people = self.people()?;
        let units = {
            let index = read_lock(&open);
            let before = before.unwrap_or(u64::MAX);
            let appends = index.series(series).into_iter().flat_map(|state| state.appends_before(before).rev());
            let seen =
                appends.filter(|append| !append.hidden && windows.hold_all(append.from.millis(), append.to.millis()));
            let unit = |append: Append| {
                let header = index.entry(append.seq)?.header();
                Some(AppendedUnit {
                    entry: append.seq,
                    recorded_at: header.at,
                    actor: people.actor_ref(&header.provenance.actor),
                    how: header.provenance.how,
                    count: append.count,
                    from: append.from,
                    to: append.to,
                })
            };
            seen.take(most).filter_map(unit).collect()
        };
        self.note_read("samples", permit, &[series])?;
        Ok(units)
    }

    fn append_header(&self, series: RecordId, new: &[Stored], labels: Vec<Box<str>>, how: &How) -> Header {
        let (from, to) = (new.first().map_or(0, |first| first.at), new.last().map_or(0, |last| last.at));
        let mark = SampleMark { count: new.len() as u64, to: Instant::from_millis(to), undoes: None };
        Header { samples: Some(mark), ..self.series_header(series, Instant::from_millis(from), labels, how) }
    }

    fn series_header(&self, series: RecordId, from: Instant, labels: Vec<Box<str>>, how: &How) -> Header {
        Header {
            at: self.inner.now(),
            act: Act::Append,
            record: series,
            kind: SERIES.into(),
            version: 0,
            form: 1,
            occurred: Some(When::Instant(from)),
            labels,
            provenance: self.provenance(how),
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: Summary::default(),
        }
    }
}

/// The samples a series does not show yet, each once, in order of time.
fn new_samples(shelf: &Shelf, rows: &Rows<'_>, hidden: &BTreeSet<u64>, samples: &[Sample]) -> Result<Vec<Stored>> {
    let stored = |sample: &Sample| Stored { at: sample.at().millis(), value: Written::of(sample.value()), source: 0 };
    let mut new: Vec<Stored> = samples.iter().map(stored).collect();
    new.sort();
    new.dedup();
    // Only what could be a duplicate: a request that touches every block must not hold the series in memory.
    let mut known: HashSet<(i64, Written)> = HashSet::new();
    let mut of_moment: HashMap<i64, usize> = HashMap::new();
    let mut know = |sample: &Stored| {
        if hidden.contains(&sample.source) || new.binary_search_by_key(&sample.at, |one| one.at).is_err() {
            return;
        }
        *of_moment.entry(sample.at).or_default() += 1;
        let asked = new.binary_search_by(|one| (one.at, &one.value).cmp(&(sample.at, &sample.value)));
        if asked.is_ok() {
            known.insert((sample.at, sample.value.clone()));
        }
    };
    shelf.deltas.iter().flat_map(|delta| &delta.samples).for_each(&mut know);
    for block in &shelf.directory.blocks {
        let first = new.partition_point(|sample| sample.at < block.from);
        if new.get(first).is_some_and(|sample| sample.at <= block.to) {
            rows.block(block)?.iter().for_each(&mut know);
        }
    }
    new.retain(|sample| !known.contains(&(sample.at, sample.value.clone())));
    let there = |at: i64| of_moment.get(&at).copied().unwrap_or(0);
    let mut moments = new.chunk_by(|one, next| one.at == next.at);
    if moments.any(|moment| moment.len() + there(moment[0].at) > MOST_AT_ONE_MOMENT) {
        return Err(Error::invalid(vec![Detail { path: "/samples".to_owned(), code: "too-many-at-once" }]));
    }
    Ok(new)
}

fn entry(permit: &Permit, header: Header, stub: &Stub) -> Result<NewEntry> {
    let body = raw(serde_json::to_string(stub).expect("a stub is always JSON"))?;
    let prepared = journal::prepare(&header, Some(&body))?;
    Ok(NewEntry { profile: permit.profile(), header, prepared, origin: None })
}
