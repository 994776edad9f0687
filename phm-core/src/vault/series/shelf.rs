//! The series that are in use: directory and newest samples of each in memory.
//!
//! Whoever adds samples to a series, or seals its rows again, holds its [`Place`] until that is committed, so that each
//! sees what the one before wrote. Readers take the [`Shelf`] that stands there and read blocks without holding
//! anything; where a block was replaced meanwhile they begin again with the newer shelf.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::block::Stored;
use super::directory::{Directory, Shelved};
use super::merge::{Merged, merge};
use super::rows::{Rows, blind};
use crate::error::{Error, ErrorKind, Result};
use crate::id::RecordId;
use crate::index::Append;
use crate::vault::Inner;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::read_lock;

/// How often a reader begins again before it has writers wait.
const ATTEMPTS: usize = 4;

/// One series, as it is after some commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub(super) directory: Arc<Directory>,
    /// What is in no block yet, by entry.
    pub(super) deltas: Vec<Arc<Delta>>,
}

/// The samples one entry added.
#[derive(Debug)]
pub(super) struct Delta {
    pub seq: u64,
    pub samples: Vec<Stored>,
}

/// Where the shelf of one series stands; empty until somebody asks, and again when a write failed.
pub(crate) type Place = Arc<Mutex<Option<Arc<Shelf>>>>;

/// The places of the series of one person.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<HashMap<RecordId, Place>>);

impl Shelves {
    /// The place of a series.
    pub fn place(&self, series: RecordId) -> Place {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(series).or_default())
    }

    /// About how many bytes of memory they take; those somebody is writing to are not counted.
    pub fn bytes(&self) -> usize {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = |place: &Place| place.try_lock().ok().and_then(|shelf| shelf.as_ref().map(|shelf| shelf.bytes()));
        places.values().filter_map(shelf).sum()
    }
}

impl Shelf {
    /// Samples that are in no block yet.
    pub fn waiting(&self) -> usize {
        self.deltas.iter().map(|delta| delta.samples.len()).sum()
    }

    fn bytes(&self) -> usize {
        self.directory.bytes() + self.waiting() * size_of::<Stored>()
    }

    /// What is in no block yet, in order of time.
    pub(super) fn fresh(&self) -> Vec<&Stored> {
        let mut fresh: Vec<&Stored> = self.deltas.iter().flat_map(|delta| &delta.samples).collect();
        fresh.sort();
        fresh
    }

    /// All of it in blocks of `most` samples.
    pub(super) fn merged(&self, rows: &Rows<'_>, most: usize) -> Result<Merged> {
        let mut fresh: Vec<Stored> = self.deltas.iter().flat_map(|delta| delta.samples.clone()).collect();
        fresh.sort();
        let newest = self.deltas.iter().map(|delta| delta.seq).max().unwrap_or(self.directory.merged);
        merge(&self.directory, fresh, newest, most, &mut |block: &Shelved| rows.block(block))
    }
}

impl Inner {
    /// Reads and opens the rows of a series.
    pub fn series_rows(&self, profile: &OpenProfile, series: RecordId) -> Rows<'_> {
        let blinded = blind(&self.keys, profile.id, series);
        let vault = self.marker.vault;
        Rows { store: &self.store, keys: &self.keys, vault, profile: profile.id, series, blinded }
    }

    /// The shelf in a place somebody holds, read where it is empty.
    pub(super) fn shelf_at(
        &self,
        profile: &OpenProfile,
        series: RecordId,
        place: &mut MutexGuard<'_, Option<Arc<Shelf>>>,
    ) -> Result<Arc<Shelf>> {
        if let Some(shelf) = &**place {
            return Ok(Arc::clone(shelf));
        }
        let shelf = Arc::new(self.load_shelf(profile, series)?);
        **place = Some(Arc::clone(&shelf));
        Ok(shelf)
    }

    /// Reads a shelf, and compares it with what the journal says was added: what is missing is named, not left out.
    fn load_shelf(&self, profile: &OpenProfile, series: RecordId) -> Result<Shelf> {
        let rows = self.series_rows(profile, series);
        let directory = rows.directory()?;
        let mut deltas = rows.deltas()?;
        let (said, later): (u64, Vec<Append>) = {
            let index = read_lock(profile);
            let Some(state) = index.series(series) else { return Ok(Shelf::default()) };
            let merged = state.appends().take_while(|append| append.seq <= directory.merged);
            (merged.map(|append| append.count).sum(), state.appends_after(directory.merged).collect())
        };
        if said != directory.count() {
            let text = "some samples of a series are missing; run `phm verify`, then restore the newest backup";
            return Err(Error::corrupt(text));
        }
        let taken = later.into_iter().map(|append| {
            let samples = deltas.remove(&append.seq).filter(|samples| samples.len() as u64 == append.count);
            let missing = || {
                let (id, seq) = (profile.id, append.seq);
                Error::corrupt(format!(
                    "samples of entry {id}#{seq} are missing; run `phm verify`, then restore the newest backup"
                ))
            };
            samples.map(|samples| Arc::new(Delta { seq: append.seq, samples })).ok_or_else(missing)
        });
        Ok(Shelf { deltas: taken.collect::<Result<_>>()?, directory: Arc::new(directory) })
    }

    /// Lets `read` read a series as it is after one commit; it may be called again when another came between.
    pub(super) fn with_shelf<T>(
        &self,
        profile: &OpenProfile,
        series: RecordId,
        mut read: impl FnMut(&Shelf, &Rows<'_>) -> Result<T>,
    ) -> Result<T> {
        let place = profile.shelves.place(series);
        let rows = self.series_rows(profile, series);
        let held = || place.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ATTEMPTS {
            let shelf = self.shelf_at(profile, series, &mut held())?;
            let outcome = read(&shelf, &rows);
            let is_damage = |error: &Error| error.kind() == ErrorKind::Corrupt;
            let replaced = || !held().as_ref().is_some_and(|now| Arc::ptr_eq(now, &shelf));
            if !outcome.as_ref().is_err_and(is_damage) || !replaced() {
                return outcome;
            }
        }
        let mut place = held();
        let shelf = self.shelf_at(profile, series, &mut place)?;
        read(&shelf, &rows)
    }
}
