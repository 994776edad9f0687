//! The default engine: redb behind a guard.
//!
//! redb writes copies of the pages it changes and switches to them by one checksummed header, so a commit with
//! `Durability::Immediate` is whole and durable by itself. The guard adds what [`Store`] promises beyond that: a
//! folder that survives its own creation, calls that are contained where damaged files make the engine panic, and a
//! store that refuses work after the first failure until it is opened again. What writes is done on a thread of its own,
//! because the engine may panic again while it cleans up behind a panic there.
//!
//! Its pages are powers of two, so that a value at the limit would take a page of twice its length, for the sake of its
//! address. Of such a value the last few bytes stand in a table of their own.
//!
//! This is the only file that names the engine.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use redb::{
    Builder, Database, Durability, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    TableError,
};

use super::contain::{self, contained, contained_apart};
use super::failure::Failure;
use super::files::{Doubt, LOCK_PATIENCE, files_size, sync_folder};
use super::{Batch, Expectation, MAX_VALUE, Row, Store, StoreError, StoreStats};

const UNFINISHED: &str = "rows.redb.new";
const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
/// What of long values is not in their rows, under the same addresses; files from before they were cut have no such
/// table.
const ENDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("ends");

type Outcome<T> = Result<T, redb::Error>;
type Ends = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// A durable store in a folder of its own.
pub struct RedbStore {
    /// Taken out only when the store is dropped. Nobody else keeps it, but a thread that was left alone.
    db: Option<Arc<Database>>,
    dir: PathBuf,
    doubt: Doubt,
    /// Counted by the first `stats`, kept up to date from then on; held by the one running commit.
    counts: Mutex<Option<Counts>>,
    failure: OnceLock<Failure>,
    panicked: AtomicBool,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    values: u64,
    bytes: u64,
}

impl Counts {
    fn add(&mut self, address: &[u8], value: usize) {
        self.values += 1;
        self.bytes += (address.len() + value) as u64;
    }

    fn remove(&mut self, address: &[u8], value: usize) {
        self.values = self.values.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub((address.len() + value) as u64);
    }
}

impl RedbStore {
    /// The file all rows stand in. It gets this name only when it is a whole and empty database.
    pub(super) const FILE: &str = "rows.redb";
    /// How much of a value stands in its row: with its address, and what the engine keeps of both, it fits a page of
    /// 16 KiB.
    pub(super) const FRONT: usize = MAX_VALUE - 128;

    /// Opens the store in `dir`, or creates it there, with a page cache of `cache_bytes`.
    ///
    /// After a crash the engine walks all rows and compares their checksums; a file that fails is
    /// [`StoreError::Corrupt`].
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        contain::install(&[]);
        fs::create_dir_all(dir)?;
        let doubt = Doubt::resolve(dir, &[Self::FILE])?;
        let db = doubt.settle(|| {
            let path = dir.join(Self::FILE);
            if !path.try_exists()? {
                create(dir)?;
            }
            let db = open_engine(&path, cache_bytes)?;
            // What a start that was interrupted has named or mended is made to stay before anything is built on it.
            File::open(&path)?.sync_all()?;
            sync_folder(dir)?;
            if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_folder(parent)?;
            }
            Ok(db)
        })?;
        let store = Self {
            db: Some(Arc::new(db)),
            dir: dir.to_owned(),
            doubt,
            counts: Mutex::default(),
            failure: OnceLock::new(),
            panicked: AtomicBool::new(false),
        };
        // A file without the table was made by somebody else.
        store.read(|transaction| transaction.open_table(ROWS).map(drop).map_err(Into::into))?;
        Ok(store)
    }

    fn poison(&self, error: &StoreError) {
        if self.failure.set(Failure::of(error)).is_ok() {
            self.doubt.raise();
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.error()))
    }

    fn db(&self) -> &Arc<Database> {
        self.db.as_ref().expect("the engine is taken out only by drop")
    }

    /// What came of a call of the engine; a panic or damage poisons the store.
    fn judge<T>(&self, outcome: Result<Outcome<T>, contain::Panicked>) -> Result<T, StoreError> {
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let error = store_error(error);
                if !matches!(error, StoreError::Io(_)) {
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

    /// Looks at everything as it is now.
    fn read<T>(&self, work: impl FnOnce(&ReadTransaction) -> Outcome<T>) -> Result<T, StoreError> {
        self.judge(contained(|| work(&self.db().begin_read()?)))
    }

    /// Applies the changes durably and brings the counts up to date; `false` where an expectation does not hold.
    fn apply(&self, batch: Batch, counts: &mut Option<Counts>) -> Result<bool, StoreError> {
        let (db, mut after) = (Arc::clone(self.db()), *counts);
        let work = move || apply(&db, &batch, &mut after).map(|applied| (applied, after));
        let (applied, after) = self.judge(contained_apart(work))?;
        *counts = after;
        Ok(applied)
    }

    fn counts(&self) -> MutexGuard<'_, Option<Counts>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for RedbStore {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.check()?;
        self.read(|transaction| {
            let Some(front) = transaction.open_table(ROWS)?.get(address)?.map(|front| front.value().to_vec()) else {
                return Ok(None);
            };
            if front.len() != Self::FRONT {
                return Ok(Some(front));
            }
            let end = end_of(address, &front, ends(transaction)?.as_ref())?;
            Ok(Some([front, end.unwrap_or_default()].concat()))
        })
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.check()?;
        if from >= to {
            return Ok(());
        }
        let (mut rows, ends) = self.read(|transaction| {
            let rows = transaction.open_table(ROWS)?;
            Ok((rows.range(from..to)?, ends(transaction)?))
        })?;
        loop {
            self.check()?;
            let row = self.judge(contained(|| {
                let Some(row) = rows.next() else { return Ok(None) };
                let (address, value) = row?;
                // A damaged page panics here, where it is contained, and not where the visitor looks at it.
                let end = end_of(address.value(), value.value(), ends.as_ref())?;
                Ok(Some((address, value, end)))
            }))?;
            let go_on = match row {
                None => false,
                Some((address, value, None)) => visit((address.value(), value.value())),
                Some((address, value, Some(end))) => {
                    visit((address.value(), [value.value(), &end].concat().as_slice()))
                }
            };
            if !go_on {
                return Ok(());
            }
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_sizes()?;
        let mut counts = self.counts();
        self.check()?;
        match self.apply(batch, &mut counts) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Expectation),
            Err(error) => {
                self.poison(&error);
                Err(error)
            }
        }
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let mut known = self.counts();
        self.check()?;
        let counts = match *known {
            Some(counts) => counts,
            None => self.read(|transaction| {
                let mut counts = Counts::default();
                let rows = transaction.open_table(ROWS)?;
                for row in rows.iter()? {
                    let (address, value) = row?;
                    counts.add(address.value(), value.value().len());
                }
                if let Some(ends) = ends(transaction)? {
                    for row in ends.iter()? {
                        let (_, end) = row?;
                        counts.bytes += end.value().len() as u64;
                    }
                }
                Ok(counts)
            })?,
        };
        *known = Some(counts);
        Ok(StoreStats { values: counts.values, live_bytes: counts.bytes, disk_bytes: files_size(&self.dir)? })
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        if self.panicked.load(Ordering::SeqCst) {
            // What a panic left half changed must not be written by closing; the next opening mends the file.
            std::mem::forget(db);
            return;
        }
        let close = move || Arc::into_inner(db).map(Database::close);
        if !matches!(contained_apart(close), Ok(Some(Ok(())))) {
            // Closing commits once more, and the next opening would build on that as if it had reached the disk.
            self.doubt.raise();
        }
    }
}

/// The ends of long values, where the file has any.
fn ends(transaction: &ReadTransaction) -> Outcome<Option<Ends>> {
    match transaction.open_table(ENDS) {
        Ok(ends) => Ok(Some(ends)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What of a value is not in its row, where there is more of it.
fn end_of(address: &[u8], front: &[u8], ends: Option<&Ends>) -> Outcome<Option<Vec<u8>>> {
    match ends {
        Some(ends) if front.len() == RedbStore::FRONT => Ok(ends.get(address)?.map(|end| end.value().to_vec())),
        _ => Ok(None),
    }
}

/// Applies the changes durably and brings the counts up to date; `false` where an expectation does not hold.
fn apply(db: &Database, batch: &Batch, counts: &mut Option<Counts>) -> Outcome<bool> {
    if batch.put.is_empty() && batch.delete.is_empty() {
        return as_expected(&db.begin_read()?.open_table(ROWS)?, batch);
    }
    let mut transaction = db.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    let mut after = counts.unwrap_or_default();
    {
        let mut rows = transaction.open_table(ROWS)?;
        let mut ends = transaction.open_table(ENDS)?;
        if !as_expected(&rows, batch)? {
            drop((rows, ends));
            transaction.abort()?;
            return Ok(false);
        }
        for (address, value) in &batch.put {
            let (front, end) = value.split_at(value.len().min(RedbStore::FRONT));
            let before = rows.insert(address.as_slice(), front)?.map(|before| before.value().len());
            let end_before = match (end, before) {
                ([], Some(RedbStore::FRONT)) => ends.remove(address.as_slice())?.map(|end| end.value().len()),
                ([], _) => None,
                (end, _) => ends.insert(address.as_slice(), end)?.map(|end| end.value().len()),
            };
            if let Some(before) = before {
                after.remove(address, before + end_before.unwrap_or(0));
            }
            after.add(address, value.len());
        }
        for address in &batch.delete {
            let Some(before) = rows.remove(address.as_slice())?.map(|before| before.value().len()) else { continue };
            let end = match before {
                RedbStore::FRONT => ends.remove(address.as_slice())?.map(|end| end.value().len()),
                _ => None,
            };
            after.remove(address, before + end.unwrap_or(0));
        }
    }
    transaction.commit()?;
    *counts = counts.map(|_| after);
    Ok(true)
}

fn as_expected(rows: &impl ReadableTable<&'static [u8], &'static [u8]>, batch: &Batch) -> Outcome<bool> {
    for (address, expected) in &batch.expect {
        if rows.get(address.as_slice())?.is_some() != (*expected == Expectation::Present) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes an empty store under another name first: the engine does not open a file it was stopped at creating.
fn create(dir: &Path) -> Result<(), StoreError> {
    let unfinished = dir.join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let made = contained(|| -> Outcome<()> {
        let db = Builder::new().create(&unfinished)?;
        let transaction = db.begin_write()?;
        transaction.open_table(ROWS)?;
        transaction.commit()?;
        Ok(db.close()?)
    });
    made.map_err(|contain::Panicked| panicked())?.map_err(store_error)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, dir.join(RedbStore::FILE))?;
    sync_folder(dir)
}

fn open_engine(path: &Path, cache_bytes: u64) -> Result<Database, StoreError> {
    let cache = usize::try_from(cache_bytes).unwrap_or(usize::MAX);
    let give_up_at = Instant::now() + LOCK_PATIENCE;
    loop {
        let file = path.to_owned();
        // Where it was not closed well, the engine mends it and writes.
        match contained_apart(move || Builder::new().set_cache_size(cache).open(file)) {
            Ok(Err(redb::DatabaseError::DatabaseAlreadyOpen)) if Instant::now() < give_up_at => {
                thread::sleep(Duration::from_millis(5));
            }
            Ok(result) => return result.map_err(|error| store_error(error.into())),
            Err(contain::Panicked) => return Err(panicked()),
        }
    }
}

fn panicked() -> StoreError {
    StoreError::Corrupt("the engine stopped while reading or writing them".into())
}

/// Translates the engine's error; its texts are dropped because they may show stored bytes.
fn store_error(error: redb::Error) -> StoreError {
    use redb::Error as Engine;
    match error {
        Engine::Io(error) if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
            StoreError::Corrupt("a file is shorter than its header says, or is of another kind".into())
        }
        Engine::Io(error) => StoreError::Io(error),
        Engine::DatabaseAlreadyOpen | Engine::LockProtocolMismatch => StoreError::Io(ErrorKind::ResourceBusy.into()),
        Engine::Backend(_) | Engine::Unsupported => StoreError::Io(io::Error::other("the file takes no such call")),
        Engine::PreviousIo | Engine::DatabaseClosed => StoreError::Poisoned,
        Engine::Corrupted(_) | Engine::RepairAborted => StoreError::Corrupt("a checksum does not match".into()),
        Engine::UpgradeRequired(_) => StoreError::Corrupt("the file is of another format".into()),
        Engine::TableDoesNotExist(_) | Engine::TableTypeMismatch { .. } | Engine::TableIsMultimap(_) => {
            StoreError::Corrupt("the table of rows is missing".into())
        }
        // A lock is poisoned by who panicked with it, and may not have said so yet.
        _ => panicked(),
    }
}

#[cfg(test)]
mod tests;
