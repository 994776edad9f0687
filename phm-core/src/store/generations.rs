//! The generations of a store: which one is live, and how it is copied into a smaller one.
//!
//! An engine's files keep room for what was deleted. [`Generations::compact`] copies the live rows into
//! `store/<n+1>/` while the vault goes on serving, compares both, and then lets the file `CURRENT` name the
//! new one; [`Generations::migrate`] does the same with another engine. Whatever moment the power fails at, `CURRENT`
//! names a generation that holds every acknowledged row, and nothing else is deleted before that one has opened.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::copy::{Tally, copy_all, copy_some, count_and_hash, room_for_copy, same, tally};
use super::current::{self, Current};
use super::{Batch, Engine, Opener, Row, Store, StoreError, StoreStats};

/// Copying what was written meanwhile goes on without a pause until so few addresses are left.
const FEW: usize = 256;

/// What a compaction did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Compacted {
    /// The generation that is live now.
    pub generation: u64,
    /// How full the old one was.
    pub before: StoreStats,
    /// How full the new one is.
    pub after: StoreStats,
}

/// What a migration did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Migrated {
    /// The generation that is live now.
    pub generation: u64,
    /// What both generations held when the new one became the live one.
    pub rows: Tally,
    /// How full the old one was.
    pub before: StoreStats,
    /// How full the new one is.
    pub after: StoreStats,
}

/// The live generation of a data folder; a [`Store`] that stays the same while generations change.
pub struct Generations {
    dir: PathBuf,
    cache_bytes: u64,
    opener: Opener,
    live: RwLock<Arc<Generation>>,
    /// Held by every commit, and by a compaction where it pauses them.
    writing: Mutex<Writing>,
    /// Held by a compaction from beginning to end.
    compacting: Mutex<()>,
}

#[derive(Default)]
struct Writing {
    /// Addresses written since the running compaction looked last.
    meanwhile: Option<BTreeSet<Vec<u8>>>,
    /// `CURRENT` may name either generation, so no more may be written to one of them.
    in_doubt: bool,
}

struct Generation {
    number: u64,
    engine: Engine,
    /// Taken out only when it is dropped.
    store: Option<Box<dyn Store>>,
    dir: PathBuf,
    /// Nobody needs the files once the last reader is done.
    retired: AtomicBool,
}

impl Generation {
    fn store(&self) -> &dyn Store {
        self.store.as_deref().expect("the store is taken out only by drop")
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        drop(self.store.take());
        if self.retired.load(Ordering::SeqCst) {
            // What stays is found and removed by `remove_others`.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

impl Generations {
    /// Opens the generation `CURRENT` names in `data_dir`, or makes the first one, of `engine`.
    ///
    /// The engine of what is there is the one `CURRENT` names or whose files are found, whatever `engine` says: so a
    /// migration that was stopped before `vault.toml` was written is found where it stands. See [`Self::engine`].
    /// Nothing is deleted. Call [`Self::remove_others`] once the rows have been found to be the right ones.
    pub fn open(data_dir: &Path, engine: Engine, cache_bytes: u64) -> Result<Self, StoreError> {
        Self::open_with(data_dir, engine, cache_bytes, Arc::new(Engine::open))
    }

    /// Like [`Self::open`]; every generation, the next ones too, is opened by `opener`.
    pub fn open_with(data_dir: &Path, engine: Engine, cache_bytes: u64, opener: Opener) -> Result<Self, StoreError> {
        let store_dir = data_dir.join("store");
        fs::create_dir_all(&store_dir)?;
        let there = generations_in(&store_dir)?;
        let named = current::read(data_dir)?;
        let number = match (named, there.as_slice()) {
            (Current::Names(number, _), _) => number,
            (Current::Missing, []) => 1,
            // A single one is the live one: the others are deleted only after `CURRENT` is durable.
            (Current::Missing | Current::Damaged, [only]) => *only,
            (Current::Damaged, []) => return Err(StoreError::Corrupt("the folder `store` is empty".into())),
            (Current::Missing | Current::Damaged, _) => {
                return Err(StoreError::Corrupt(
                    "the file `CURRENT` is missing or damaged and there are several generations".into(),
                ));
            }
        };
        let dir = store_dir.join(number.to_string());
        let engine = match named {
            Current::Names(_, Some(engine)) => engine,
            _ => engine.found_in(&dir).unwrap_or(engine),
        };
        if !matches!(named, Current::Missing) && !engine.stands_in(&dir) {
            return Err(StoreError::Corrupt(format!("the live generation `store/{number}` is missing")));
        }
        let generation = open_generation(&store_dir, number, engine, cache_bytes, &opener)?;
        if !matches!(named, Current::Names(..)) {
            current::prepare(data_dir, number, engine)?;
            current::publish(data_dir)?;
        }
        Ok(Self {
            dir: data_dir.to_owned(),
            cache_bytes,
            opener,
            live: RwLock::new(Arc::new(generation)),
            writing: Mutex::default(),
            compacting: Mutex::default(),
        })
    }

    /// The number of the live generation.
    pub fn number(&self) -> u64 {
        self.live().number
    }

    /// The engine of the live generation.
    pub fn engine(&self) -> Engine {
        self.live().engine
    }

    /// Deletes every generation but the live one: what an interrupted compaction left behind.
    ///
    /// To be called after the live one has opened and its heads were found not to be behind.
    pub fn remove_others(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        let store_dir = self.dir.join("store");
        let live = self.number();
        for number in generations_in(&store_dir)?.into_iter().filter(|number| *number != live) {
            remove_generation(&store_dir, number)?;
        }
        Ok(())
    }

    /// Copies the live rows into a new generation and makes that one live.
    ///
    /// Reads go on all the while; commits wait only while the last rows are copied and both generations are
    /// compared. The old files go away with the last scan that reads them. On any error the old generation
    /// stays the live one.
    pub fn compact(&self) -> Result<Compacted, StoreError> {
        let compare = |old: &dyn Store, new: &dyn Store| same(old, new, count_and_hash).map(|_| ());
        let (new, before, ()) = self.replace::<_, StoreError>(self.engine(), compare, true)?;
        Ok(Compacted { generation: new.number, before, after: new.store().stats()? })
    }

    /// Copies the live rows into a new generation of the engine `to` and makes that one live.
    ///
    /// As [`Self::compact`], but the old files stay: [`Self::remove_others`] deletes them when the new ones have been
    /// opened anew and found right. `check` looks at the new generation before it becomes the live one.
    ///
    /// # Errors
    /// Those of the engines, and what `check` says; the old generation stays the live one.
    pub fn migrate<E: From<StoreError>>(
        &self,
        to: Engine,
        check: impl Fn(&dyn Store) -> Result<(), E>,
    ) -> Result<Migrated, E> {
        let compare = |old: &dyn Store, new: &dyn Store| {
            let rows = same(old, new, tally)?;
            check(new).map(|()| rows)
        };
        let (new, before, rows) = self.replace(to, compare, false)?;
        Ok(Migrated { generation: new.number, rows, before, after: new.store().stats()? })
    }

    /// Fills a new generation of `engine`, lets `compare` look at the old and the new one while commits wait, and
    /// makes the new one live.
    fn replace<T, E: From<StoreError>>(
        &self,
        engine: Engine,
        compare: impl Fn(&dyn Store, &dyn Store) -> Result<T, E>,
        retire: bool,
    ) -> Result<(Arc<Generation>, StoreStats, T), E> {
        let _one_at_a_time = self.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        let old = self.live();
        let before = old.store().stats()?;
        room_for_copy(&self.dir, before.live_bytes)?;
        let store_dir = self.dir.join("store");
        let number = old.number + 1;
        remove_generation(&store_dir, number)?;
        let new = open_generation(&store_dir, number, engine, self.cache_bytes, &self.opener)?;
        // Until `CURRENT` names it, the new one is what goes away.
        new.retired.store(true, Ordering::SeqCst);

        self.writing().meanwhile = Some(BTreeSet::new());
        let done = self.copy_and_switch(&old, new, compare, retire);
        self.writing().meanwhile = None;
        let (new, compared) = done?;
        Ok((new, before, compared))
    }

    fn copy_and_switch<T, E: From<StoreError>>(
        &self,
        old: &Generation,
        new: Generation,
        compare: impl Fn(&dyn Store, &dyn Store) -> Result<T, E>,
        retire: bool,
    ) -> Result<(Arc<Generation>, T), E> {
        copy_all(old.store(), new.store())?;
        loop {
            let written = self.writing().meanwhile.replace(BTreeSet::new());
            let written = written.unwrap_or_default();
            copy_some(old.store(), new.store(), &written)?;
            if written.len() <= FEW {
                break;
            }
        }
        let mut writing = self.writing();
        copy_some(old.store(), new.store(), &writing.meanwhile.take().unwrap_or_default())?;
        let compared = compare(old.store(), new.store())?;
        current::prepare(&self.dir, new.number, new.engine)?;
        // From here on the new one may be the one that is opened after a power cut.
        new.retired.store(false, Ordering::SeqCst);
        if let Err(error) = current::publish(&self.dir) {
            writing.in_doubt = true;
            return Err(error.into());
        }
        let new = Arc::new(new);
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        live.retired.store(retire, Ordering::SeqCst);
        *live = Arc::clone(&new);
        Ok((new, compared))
    }

    /// While `CURRENT` may name either generation, neither may be deleted.
    fn check(&self) -> Result<(), StoreError> {
        if self.writing().in_doubt { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    fn live(&self) -> Arc<Generation> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Generations {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.live().store().get(address)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.live().store().scan(from, to, visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut writing = self.writing();
        if writing.in_doubt {
            return Err(StoreError::Poisoned);
        }
        if let Some(meanwhile) = &mut writing.meanwhile {
            meanwhile.extend(batch.put.iter().map(|(address, _)| address.clone()));
            meanwhile.extend(batch.delete.iter().cloned());
        }
        self.live().store().commit(batch)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.live().store().stats()
    }
}

fn open_generation(
    store_dir: &Path,
    number: u64,
    engine: Engine,
    cache_bytes: u64,
    opener: &Opener,
) -> Result<Generation, StoreError> {
    let dir = store_dir.join(number.to_string());
    fs::create_dir_all(&dir)?;
    let store = Some(opener(engine, &dir, cache_bytes)?);
    // The folder `store` itself may be as new as the first generation in it.
    if let Some(data_dir) = store_dir.parent() {
        File::open(data_dir)?.sync_all()?;
    }
    Ok(Generation { number, engine, store, dir, retired: AtomicBool::new(false) })
}

fn generations_in(store_dir: &Path) -> Result<Vec<u64>, StoreError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(store_dir)? {
        if let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

fn remove_generation(store_dir: &Path, number: u64) -> Result<(), StoreError> {
    match fs::remove_dir_all(store_dir.join(number.to_string())) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
