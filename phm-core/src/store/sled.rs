//! sled behind a guard: for vaults that were made on it, and for who chooses it.
//!
//! sled 0.34.7 by itself promises less than [`Store`] does. Its `flush` starts writing but never asks the disk
//! to make the file's length and contents durable, so a power cut loses acknowledged writes, and on damaged
//! files it panics. The guard adds what is missing: before a commit returns it is flushed, and the files in `blobs/`
//! and then `db` are synced; every call is contained; and after the first failure the store refuses work until it
//! is opened again, because nobody knows what reached the disk.
//!
//! Reading writes too: sled splits and merges the leaves it comes by, and cleans its log meanwhile. It frees the places
//! of what it has moved once the copies were handed to the disk, which are not yet on it. So each step of reading and
//! each commit begins and ends by syncing what has been handed over, and holds a pin of sled's epochs meanwhile. sled
//! frees places by a note that waits until all pins are gone that were there when it was made: a step sees the notes from
//! before it, whose copies it has synced, and none of its own. Only [`Store::fill`] does without, since nothing of a store
//! that is being filled counts yet.
//!
//! And sled writes into the header of each segment how much of the log it has handed over by then, and takes that for
//! durable when it is opened next; where it is not, it takes the log for empty. So steps of reading and commits take turns.
//! A commit first makes durable what reading has left in memory. The segments that its batch begins claim no more than
//! that, because sled counts a batch as handed over only when all of it is, and nobody begins others before its sync.
//!
//! sled also waits where nobody will wake it: the thread that writes a batch notes that it failed, but does not
//! tell those who already wait for it, and who meanwhile keep a lock that commits of all stores need. So each store
//! has a watch (`sled/watch.rs`) that looks at the note, wakes them, and leaves the disk in doubt. It goes on until
//! the store is closed. Closing is given a time; where that is not enough, or where a thread of sled panicked, which
//! leaves no note, no store on sled works any more in this process.
//!
//! This file and its folder alone name the engine.

mod engine;
mod watch;
mod writing;

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use self::engine::{panicked, store_error};
use self::watch::Watch;
use super::contain::{self, contained};
use super::failure::Failure;
use super::files::{
    Doubt, files_size, move_snapshots_aside, open_log, remove_unfinished_snapshots, sync_creation, sync_new_blobs,
};
use super::{Batch, Expectation, Row, Store, StoreError, StoreStats};

/// With the default of 512 KiB a store holding values at the limit does not open after a power cut.
const SEGMENT_SIZE: u32 = 2 * 1024 * 1024;
/// How often whoever waits looks whether the engine's threads are alive, and the watch whether one has met an error.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// What sled calls its threads.
const THREADS: &[&str] = &["sled-io-"];

/// A durable store in a folder of its own.
pub struct SledStore {
    /// Taken out only when the store is dropped.
    db: Option<sled::Db>,
    /// Taken out only when the store is dropped.
    watch: Option<Watch>,
    dir: PathBuf,
    /// The `db` file, open since before the engine was, so that every error of a write-back is reported to our sync.
    file: File,
    doubt: Arc<Doubt>,
    /// How much of the log is durable, as far as is known; held by the one who reads a row or commits. It is fair within a
    /// millisecond, so that who reads all rows lets commits in between, and the other way round.
    synced: Mutex<i64>,
    commits: Mutex<Commits>,
    failure: OnceLock<Failure>,
    panicked: AtomicBool,
}

/// What only the one running commit touches.
#[derive(Default)]
struct Commits {
    /// Names in `blobs/` that are durable.
    blobs: HashSet<OsString>,
    /// Counted by the first `stats`, kept up to date from then on.
    counts: Option<Counts>,
    /// Rows were filled in that no sync has made durable yet.
    filled: bool,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    values: u64,
    bytes: u64,
}

impl SledStore {
    /// Opens the store in `dir`, or creates it there, with a page cache of `cache_bytes`.
    ///
    /// What an interrupted start left behind is removed. If the snapshot of the log is damaged it is moved
    /// aside and the log is read instead; if that fails too the store is [`StoreError::Corrupt`].
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        contain::install(THREADS);
        if contain::background_died() {
            return Err(StoreError::Poisoned);
        }
        fs::create_dir_all(dir)?;
        remove_unfinished_snapshots(dir)?;
        let doubt = Arc::new(Doubt::resolve(dir, &["conf", "db", "blobs"])?);
        let (db, watch, file, blobs, synced) = doubt.settle(|| {
            let file = open_log(dir)?;
            let config = sled::Config::new()
                .path(dir)
                .segment_size(SEGMENT_SIZE as usize)
                .cache_capacity(cache_bytes)
                // Every commit flushes. What sled wrote in between it would sync by itself, and keep a failure to itself.
                .flush_every_ms(None);
            let db = match engine::open(&config) {
                Err(sled::Error::Corruption { .. }) if move_snapshots_aside(dir)? => engine::open(&config),
                other => other,
            }
            .map_err(store_error)?;
            let watch = engine::watch(&db, config, &doubt)?;
            let written = db.context.pagecache.log.stable_offset();
            match sync_creation(dir, &file) {
                Ok(blobs) => Ok((db, watch, file, blobs, written)),
                Err(error) => {
                    engine::close(db, watch, &doubt);
                    Err(error)
                }
            }
        })?;
        Ok(Self {
            db: Some(db),
            watch: Some(watch),
            dir: dir.to_owned(),
            file,
            doubt,
            synced: Mutex::new(synced),
            commits: Mutex::new(Commits { blobs, ..Commits::default() }),
            failure: OnceLock::new(),
            panicked: AtomicBool::new(false),
        })
    }

    fn poison(&self, error: &StoreError) {
        if self.failure.set(Failure::of(error)).is_ok() {
            self.doubt.raise();
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.failure.get() {
            Some(failure) => Err(failure.error()),
            None if contain::background_died() => Err(StoreError::Poisoned),
            None => Ok(()),
        }
    }

    /// One call of the engine; a panic or damage poisons the store.
    fn call<T>(&self, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, StoreError> {
        let db = self.db.as_ref().expect("the engine is taken out only by drop");
        match contained(|| work(db)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let error = store_error(error);
                if matches!(error, StoreError::Corrupt(_)) {
                    self.poison(&error);
                }
                Err(error)
            }
            Err(contain::Panicked) => {
                self.panicked.store(true, Ordering::SeqCst);
                let error = panicked();
                self.poison(&error);
                Err(error)
            }
        }
    }

    /// A turn. Who would wait behind one that never ends is told.
    fn turn<'s, T>(&'s self, of: &'s Mutex<T>) -> Result<MutexGuard<'s, T>, StoreError> {
        loop {
            self.check()?;
            if let Some(turn) = of.try_lock_for(HEARTBEAT) {
                self.check()?;
                return Ok(turn);
            }
        }
    }

    /// One step of reading.
    fn step<T>(&self, synced: &mut i64, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T, StoreError> {
        let _pinned = sled::pin();
        self.keep_up(synced)?;
        let read = self.call(work);
        self.keep_up(synced)?;
        read
    }

    fn length_at(&self, synced: &mut i64, address: &[u8]) -> Result<Option<usize>, StoreError> {
        Ok(self.step(synced, |db| db.get(address))?.map(|value| value.len()))
    }

    /// Reads rows until `visit` has had enough.
    fn each(&self, from: &[u8], to: Option<&[u8]>, mut visit: impl FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rows = self.call(|db| Ok(db.range::<&[u8], _>((Bound::Included(from), to))))?;
        loop {
            let row = self.step(&mut *self.turn(&self.synced)?, |_| rows.next().transpose())?;
            match row {
                Some((address, value)) if visit((&address, &value)) => {}
                _ => return Ok(()),
            }
        }
    }

    /// The counts as they are after `batch`, if anybody has asked for them.
    fn counts_after(
        &self,
        synced: &mut i64,
        counts: Option<Counts>,
        batch: &Batch,
    ) -> Result<Option<Counts>, StoreError> {
        let Some(mut counts) = counts else { return Ok(None) };
        let mut changed = HashMap::new();
        for (address, value) in &batch.put {
            changed.insert(address, Some(value.len()));
        }
        for address in &batch.delete {
            changed.insert(address, None);
        }
        for (address, after) in changed {
            if let Some(before) = self.length_at(synced, address)? {
                counts.values -= 1;
                counts.bytes -= (address.len() + before) as u64;
            }
            if let Some(after) = after {
                counts.values += 1;
                counts.bytes += (address.len() + after) as u64;
            }
        }
        Ok(Some(counts))
    }
}

impl Store for SledStore {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.step(&mut *self.turn(&self.synced)?, |db| db.get(address))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.check()?;
        if from >= to {
            return Ok(());
        }
        self.each(from, Some(to), visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_sizes()?;
        let (mut commits, mut synced) = (self.turn(&self.commits)?, self.turn(&self.synced)?);
        for (address, expected) in &batch.expect {
            if self.length_at(&mut synced, address)?.is_some() != (*expected == Expectation::Present) {
                return Err(StoreError::Expectation);
            }
        }
        if batch.put.is_empty() && batch.delete.is_empty() && !commits.filled {
            return Ok(());
        }
        let counts = self.counts_after(&mut synced, commits.counts, &batch)?;
        let done = self.apply(batch, &mut synced, &mut commits.blobs);
        match &done {
            Ok(()) => (commits.counts, commits.filled) = (counts, false),
            Err(error) => self.poison(error),
        }
        done
    }

    fn fill(&self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        let batch = Batch { put: rows, ..Batch::default() };
        batch.check_sizes()?;
        let (mut commits, _turn) = (self.turn(&self.commits)?, self.turn(&self.synced)?);
        (commits.counts, commits.filled) = (None, true);
        let done = self.lay_out(batch.put);
        if let Err(error) = &done {
            self.poison(error);
        }
        done
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let mut commits = self.turn(&self.commits)?;
        let counts = match commits.counts {
            Some(counts) => counts,
            None => {
                let mut counts = Counts::default();
                self.each(&[], None, |(address, value)| {
                    counts.values += 1;
                    counts.bytes += (address.len() + value.len()) as u64;
                    true
                })?;
                counts
            }
        };
        commits.counts = Some(counts);
        Ok(StoreStats { values: counts.values, live_bytes: counts.bytes, disk_bytes: files_size(&self.dir)? })
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        let watch = self.watch.take();
        if self.panicked.load(Ordering::SeqCst) || contain::background_died() {
            // Closing waits for threads that may be gone; the process is about to be started again anyway. Until then the
            // engine keeps its file locked.
            self.doubt.raise();
            std::mem::forget(db);
        } else if let Some(watch) = watch {
            engine::close(db, watch, &self.doubt);
        }
        // What the engine wrote beside commits may have failed, and it tells nobody: our descriptor hears of it.
        let blobs = &self.commits.get_mut().blobs;
        if sync_new_blobs(&self.dir, blobs).is_err() || self.file.sync_data().is_err() {
            self.doubt.raise();
        }
    }
}

#[cfg(test)]
mod tests;
