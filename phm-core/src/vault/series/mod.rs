//! Series: many measurements of one thing, such as a heart rate every minute for years.
//!
//! Samples are added by a journal entry, so that they are audited and can be taken back. The entry is a stub: whence they
//! came, how many, from when to when, and what they commit to. The samples themselves stand beside it in the table
//! `series` ([`rows`]), written in the same batch. Later writers move them into blocks of 4,096 ([`merge`]), in one batch
//! with their own entry; the stubs stay, so that `verify` can prove every sample against the entry that brought it.
//!
//! A sample is known by its series, its moment and its value as written; the same one again is a duplicate and changes
//! nothing. Taking an entry back hides exactly the samples that it added; they stay where they are and count for nothing.
//!
//! What a sample's moment lies outside of, no permit shows: windows of time apply to samples, labels and chosen records to
//! their series.

mod append;
mod block;
mod buckets;
mod change;
mod checked;
mod directory;
pub(super) mod export;
mod merge;
mod owned;
mod present;
mod read;
pub(crate) mod rows;
mod shelf;
mod still;
mod stub;
mod summary;
#[cfg(test)]
mod tests;
mod window;
mod written;

use std::collections::BTreeSet;

use serde_json::Value;

pub use append::{Appended, AppendedUnit, MOST_AT_ONE_MOMENT};
pub use block::MOST_APPENDED;
pub use buckets::{Bucket, Gathered, MOST_BUCKETS};
pub(crate) use change::SeriesChange;
pub(crate) use checked::Checked;
pub(crate) use present::PresentSeries;
pub use read::{Columns, Texts};
pub(crate) use shelf::Shelves;
pub(crate) use still::{Movement, Still};
pub(crate) use stub::Stub;

use super::profiles::OpenProfile;
use super::records::{labels_of, raw, read_lock};
use super::session::Session;
use super::shown::Record;
use crate::access::{Action, Labels, Permit};
use crate::error::{Detail, Error, Result};
use crate::id::RecordId;
use crate::index::{Extent, RecordState, SeriesState, Timeframe};
use crate::time::When;
use read::Reading;
use rows::Rows;
use shelf::Shelf;
use window::Windows;

/// A door for the fuzz targets: reads `bytes` as a block and as a directory; what is read has one spelling.
#[cfg(feature = "fuzzing")]
pub(super) fn try_to_read(bytes: &[u8]) {
    if let Some(samples) = block::decode(bytes) {
        assert_eq!(block::encode(&samples), bytes);
    }
    if let Some(directory) = directory::Directory::decode(bytes) {
        assert_eq!(directory.encode(), bytes);
    }
}

/// The kind of the records that say what is measured.
pub(crate) const SERIES: &str = "series";

/// Which samples of a series to read.
#[derive(Clone, Copy, Debug)]
pub struct SampleQuery {
    /// When they were taken, both ends included.
    pub time: Timeframe,
    /// Samples at most; those of one moment, of which there are [`MOST_AT_ONE_MOMENT`], are never torn apart.
    pub limit: usize,
    /// Whether the values are wanted as they were written, too.
    pub written: bool,
}

impl Default for SampleQuery {
    /// All of them, as numbers.
    fn default() -> Self {
        Self { time: Timeframe::default(), limit: usize::MAX, written: false }
    }
}

/// A series that a permit reaches.
struct Reached {
    /// The stretches of time that are open.
    windows: Windows,
    /// The entries of which nothing shows.
    hidden: BTreeSet<u64>,
    labels: Vec<Box<str>>,
    unit: String,
}

impl Session {
    /// The samples of a series as columns, in order of time, and their unit.
    ///
    /// # Errors
    /// `not-found` where there is no such series for the caller; `corrupt` where a block of the range is damaged.
    pub fn samples(&self, permit: &Permit, series: RecordId, query: &SampleQuery) -> Result<(String, Columns)> {
        self.read_samples(permit, series, query.time, |reading, shelf, rows| {
            Reading { limit: query.limit.max(1), written: query.written, ..*reading }.columns(shelf, rows)
        })
    }

    /// The samples of a series in stretches of time, and their unit; stretches without samples are left out.
    ///
    /// # Errors
    /// As [`Session::samples`]; `too-many` at `/bucket` where there are more than [`MOST_BUCKETS`] stretches.
    pub fn gathered_samples(
        &self,
        permit: &Permit,
        series: RecordId,
        time: Timeframe,
        bucket: &Bucket,
    ) -> Result<(String, Vec<Gathered>)> {
        self.read_samples(permit, series, time, |reading, shelf, rows| reading.gathered(bucket, shelf, rows))
    }

    fn read_samples<T>(
        &self,
        permit: &Permit,
        series: RecordId,
        time: Timeframe,
        read: impl Fn(&Reading<'_>, &Shelf, &Rows<'_>) -> Result<T>,
    ) -> Result<(String, T)> {
        let wanted = if permit.action() == Action::Export { Action::Export } else { Action::Read };
        self.use_permit(permit, wanted)?;
        let open = self.inner.open_profile(permit.profile())?;
        let unit = reach(&open, permit, series)?.unit;
        let answer = self.inner.with_shelf(&open, series, |shelf, rows| {
            // Behind the shelf: every entry it has samples of is in the index.
            let Reached { windows, hidden, .. } = reach(&open, permit, series)?;
            let windows = windows.within(time);
            let reading = Reading { windows: &windows, hidden: &hidden, limit: usize::MAX, written: false };
            read(&reading, shelf, rows)
        })?;
        self.note_read("samples", permit, &[series])?;
        Ok((unit, answer))
    }
}

/// Whether samples were ever added to a record.
pub(super) fn has_samples(open: &OpenProfile, series: RecordId) -> bool {
    read_lock(open).series(series).is_some()
}

/// Whether a permit reaches a series: where something of it is open that was measured, or it can still be measured. One
/// that never had samples stands where it says it does.
pub(super) fn reaches(
    permit: &Permit,
    series: RecordId,
    labels: Labels,
    said: Option<When>,
    samples: Option<Extent>,
) -> bool {
    let windows = Windows::new(permit.scope().windows(labels, series));
    match samples {
        _ if windows.is_empty() => false,
        Some(extent) => permit.action() == Action::Add || windows.overlap(extent.from.millis(), extent.to.millis()),
        None => said.is_none() || permit.admits(said, labels, series),
    }
}

/// Lets a series say how many samples it has, from when to when; nothing of that where the caller sees only some.
pub(super) fn fill_extent(open: &OpenProfile, permit: &Permit, record: &mut Record) -> Result<()> {
    if record.kind == SERIES && read_lock(open).series(record.id).is_some() {
        let mut body = super::export::value_of(&record.body)?;
        say_extent(open, permit, record.id, &mut body);
        record.body = raw(body.to_string())?;
    }
    Ok(())
}

/// The same for the body of a series; one that never had samples says what was written.
pub(super) fn say_extent(open: &OpenProfile, permit: &Permit, series: RecordId, body: &mut Value) {
    let index = read_lock(open);
    let current = index.record(series).and_then(RecordState::current);
    let (Some(state), Some(current), Some(fields)) = (index.series(series), current, body.as_object_mut()) else {
        return;
    };
    for name in ["from", "to", "count"] {
        fields.remove(name);
    }
    let Some(extent) = state.extent() else {
        fields.insert("count".into(), 0.into());
        return;
    };
    let windows = Windows::new(permit.scope().windows(labels_of(current.labels()), series));
    if windows.hold_all(extent.from.millis(), extent.to.millis()) {
        fields.insert("from".into(), extent.from.to_string().into());
        fields.insert("to".into(), extent.to.to_string().into());
        fields.insert("count".into(), extent.count.into());
    }
}

/// Refuses to give the samples of a series another unit or another meaning: they were measured as what it said.
pub(super) fn keeps_meaning(open: &OpenProfile, series: RecordId, before: &Value, after: &Value) -> Result<()> {
    if read_lock(open).series(series).is_none() {
        return Ok(());
    }
    // What a test is called may be mended, as long as its codes say that it is the same.
    let meaning = |body: &Value| {
        let codes = body["concept"]["codes"]
            .as_array()
            .filter(|codes| !codes.is_empty())
            .map(|codes| codes.iter().map(|code| (code["system"].clone(), code["code"].clone())).collect::<Vec<_>>());
        let text = codes.is_none().then(|| body["concept"]["text"].clone());
        (codes, text)
    };
    let changed = [("/unit", before["unit"] != after["unit"]), ("/concept", meaning(before) != meaning(after))];
    let wrong: Vec<Detail> = changed
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(path, _)| Detail { path: path.to_owned(), code: "has-samples" })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// The series, where the permit reaches it at any time and it is not removed.
fn reach(open: &OpenProfile, permit: &Permit, series: RecordId) -> Result<Reached> {
    let index = read_lock(open);
    let state = index.record(series).filter(|state| state.kind() == SERIES && permit.kind() == SERIES);
    let state = state.filter(|state| !state.removed()).ok_or_else(Error::not_found)?;
    let current = state.current().ok_or_else(Error::not_found)?;
    let labels = labels_of(current.labels());
    if !reaches(permit, series, labels, current.occurred(), current.samples()) {
        return Err(Error::not_found());
    }
    Ok(Reached {
        windows: Windows::new(permit.scope().windows(labels, series)),
        hidden: index.series(series).map(SeriesState::hidden).unwrap_or_default(),
        labels: current.labels().to_vec(),
        unit: current.unit().unwrap_or_default().to_owned(),
    })
}
