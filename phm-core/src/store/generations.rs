//! The generations of a store: which one is live, and how it is copied into a smaller one.
//!
//! An engine's files keep room for what was deleted. [`Generations::compact`] copies the live rows into
//! `store/<n+1>/` while the vault goes on serving, compares both, and then lets the file `CURRENT` name the
//! new one. Whatever moment the power fails at, `CURRENT` names a generation that holds every acknowledged
//! row, and nothing else is deleted before that one has opened.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::copy::{check_room, copy_all, copy_some, free_bytes, same_rows};
use super::current::{self, Current};
use super::{Batch, MemoryStore, Row, SledStore, Store, StoreError, StoreStats};

/// Copying what was written meanwhile goes on without a pause until so few addresses are left.
const FEW: usize = 256;

/// The engines a vault can be created with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Engine {
    /// sled behind its guard.
    #[default]
    Sled,
    /// Nothing on disk; for tests.
    Memory,
}

impl Engine {
    /// The name that stands in `vault.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Memory => "memory",
        }
    }

    /// The engine with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sled, Self::Memory].into_iter().find(|engine| engine.name() == name)
    }

    fn open(self, dir: &Path, cache_bytes: u64) -> Result<Box<dyn Store>, StoreError> {
        Ok(match self {
            Self::Sled => Box::new(SledStore::open(dir, cache_bytes)?),
            Self::Memory => Box::new(MemoryStore::new()),
        })
    }

    /// Whether this engine's files stand in `dir`. Opening a folder without them would make an empty store.
    fn stands_in(self, dir: &Path) -> bool {
        match self {
            Self::Sled => dir.join("db").is_file(),
            Self::Memory => dir.is_dir(),
        }
    }
}

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

/// The live generation of a data folder; a [`Store`] that stays the same while generations change.
pub struct Generations {
    dir: PathBuf,
    engine: Engine,
    cache_bytes: u64,
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
    /// Opens the generation `CURRENT` names in `data_dir`, or makes the first one.
    ///
    /// Nothing is deleted. Call [`Self::remove_others`] once the rows have been found to be the right ones.
    pub fn open(data_dir: &Path, engine: Engine, cache_bytes: u64) -> Result<Self, StoreError> {
        let store_dir = data_dir.join("store");
        fs::create_dir_all(&store_dir)?;
        let there = generations_in(&store_dir)?;
        let named = current::read(data_dir)?;
        let number = match (named, there.as_slice()) {
            (Current::Names(number), _) => {
                if !engine.stands_in(&store_dir.join(number.to_string())) {
                    return Err(StoreError::Corrupt(format!("the live generation `store/{number}` is missing")));
                }
                number
            }
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
        let generation = open_generation(&store_dir, number, engine, cache_bytes)?;
        if !matches!(named, Current::Names(_)) {
            current::prepare(data_dir, number)?;
            current::publish(data_dir)?;
        }
        Ok(Self {
            dir: data_dir.to_owned(),
            engine,
            cache_bytes,
            live: RwLock::new(Arc::new(generation)),
            writing: Mutex::default(),
            compacting: Mutex::default(),
        })
    }

    /// The number of the live generation.
    pub fn number(&self) -> u64 {
        self.live().number
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
        let _one_at_a_time = self.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        let old = self.live();
        let before = old.store().stats()?;
        check_room(free_bytes(&self.dir)?, before.live_bytes)?;
        let store_dir = self.dir.join("store");
        let number = old.number + 1;
        remove_generation(&store_dir, number)?;
        let new = open_generation(&store_dir, number, self.engine, self.cache_bytes)?;
        // Until `CURRENT` names it, the new one is what goes away.
        new.retired.store(true, Ordering::SeqCst);

        self.writing().meanwhile = Some(BTreeSet::new());
        let done = self.copy_and_switch(&old, new);
        self.writing().meanwhile = None;
        let new = done?;
        Ok(Compacted { generation: number, before, after: new.store().stats()? })
    }

    fn copy_and_switch(&self, old: &Generation, new: Generation) -> Result<Arc<Generation>, StoreError> {
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
        if !same_rows(old.store(), new.store())? {
            return Err(StoreError::Corrupt("the copy made by a compaction differs from the rows it copied".into()));
        }
        current::prepare(&self.dir, new.number)?;
        // From here on the new one may be the one that is opened after a power cut.
        new.retired.store(false, Ordering::SeqCst);
        if let Err(error) = current::publish(&self.dir) {
            writing.in_doubt = true;
            return Err(error);
        }
        let new = Arc::new(new);
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        live.retired.store(true, Ordering::SeqCst);
        *live = Arc::clone(&new);
        Ok(new)
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

fn open_generation(store_dir: &Path, number: u64, engine: Engine, cache_bytes: u64) -> Result<Generation, StoreError> {
    let dir = store_dir.join(number.to_string());
    fs::create_dir_all(&dir)?;
    let store = Some(engine.open(&dir, cache_bytes)?);
    // The folder `store` itself may be as new as the first generation in it.
    if let Some(data_dir) = store_dir.parent() {
        File::open(data_dir)?.sync_all()?;
    }
    Ok(Generation { number, store, dir, retired: AtomicBool::new(false) })
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
mod tests {
    use super::*;
    use crate::store::copy::END;

    fn open(dir: &Path) -> Generations {
        Generations::open(dir, Engine::Sled, 1 << 20).expect("the live generation opens")
    }

    fn fill(store: &dyn Store, rows: std::ops::Range<u32>, byte: u8) {
        let mut batch = Batch::default();
        for row in rows {
            batch.replace(row.to_be_bytes().to_vec(), vec![byte; 2000]);
        }
        store.commit(batch).expect("commit");
    }

    fn all(store: &dyn Store) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rows = Vec::new();
        store
            .scan(&[], &END, &mut |(address, value)| {
                rows.push((address.to_vec(), value.to_vec()));
                true
            })
            .expect("scan");
        rows
    }

    crate::store_suite!(of_sled, true, open);
    crate::store_suite!(of_memory, false, |dir| Generations::open(dir, Engine::Memory, 0).expect("open"));

    #[test]
    fn compacting_keeps_every_row_and_gives_room_back() {
        let dir = tempfile::tempdir().expect("tempdir");
        let store = open(dir.path());
        for chunk in 0..20 {
            fill(&store, chunk * 500..(chunk + 1) * 500, 1);
        }
        let mut half = Batch::default();
        (0..10_000u32).filter(|row| row % 2 == 0).for_each(|row| half.delete(row.to_be_bytes().to_vec()));
        store.commit(half).expect("commit");
        let rows = all(&store);
        let done = store.compact().expect("compact");
        assert_eq!((done.generation, store.number()), (2, 2));
        assert_eq!((done.before.values, done.after.values), (5000, 5000));
        assert!(done.after.disk_bytes <= 2 * done.after.live_bytes, "{done:?}");
        assert_eq!(all(&store), rows);
        drop(store);
        assert_eq!(generations_in(&dir.path().join("store")).expect("list"), [2]);
        assert_eq!(all(&open(dir.path())), rows);
    }

    #[test]
    fn what_is_written_while_copying_is_in_the_copy() {
        let dir = tempfile::tempdir().expect("tempdir");
        let store = open(dir.path());
        for chunk in 0..8 {
            fill(&store, chunk * 500..(chunk + 1) * 500, 1);
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0u32.. {
                    fill(&store, round * 7 % 4000..round * 7 % 4000 + 3, 2);
                    let mut gone = Batch::default();
                    gone.delete((round * 13 % 4000).to_be_bytes().to_vec());
                    gone.replace([b"new", round.to_be_bytes().as_slice()].concat(), vec![3]);
                    store.commit(gone).expect("commit");
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
            for expected in 2..5 {
                assert_eq!(store.compact().expect("compact").generation, expected);
            }
            done.store(true, Ordering::SeqCst);
        });
        let rows = all(&store);
        drop(store);
        assert_eq!(all(&open(dir.path())), rows);
    }

    #[test]
    fn a_scan_that_began_before_the_switch_sees_its_rows_to_the_end() {
        let dir = tempfile::tempdir().expect("tempdir");
        let store = open(dir.path());
        fill(&store, 0..1000, 1);
        let mut seen = 0;
        let visit = &mut |_: Row<'_>| {
            seen += 1;
            if seen == 10 {
                store.compact().expect("compact inside a scan");
                assert!(dir.path().join("store/1/db").exists());
            }
            true
        };
        store.scan(&[], &END, visit).expect("scan");
        assert_eq!(seen, 1000);
        assert!(!dir.path().join("store/1").exists());
    }

    #[test]
    fn a_half_written_generation_is_removed_only_when_asked() {
        let dir = tempfile::tempdir().expect("tempdir");
        let store = open(dir.path());
        fill(&store, 0..10, 1);
        drop(store);
        let half = dir.path().join("store/2");
        fs::create_dir(&half).expect("mkdir");
        fs::write(half.join("db"), b"half").expect("write");
        let store = open(dir.path());
        assert!(half.exists());
        store.remove_others().expect("remove");
        assert!(!half.exists());
        fs::create_dir(&half).expect("mkdir");
        fs::write(half.join("db"), b"half").expect("write");
        assert_eq!(store.compact().expect("compact").after.values, 10);
    }

    #[test]
    fn a_missing_generation_is_never_replaced_by_an_empty_one() {
        let dir = tempfile::tempdir().expect("tempdir");
        drop(open(dir.path()));
        fs::remove_dir_all(dir.path().join("store/1")).expect("remove");
        let opened = Generations::open(dir.path(), Engine::Sled, 1 << 20);
        assert!(matches!(opened, Err(StoreError::Corrupt(_))));
        assert!(!dir.path().join("store/1").exists());
    }

    #[test]
    fn a_damaged_current_is_mended_where_there_is_no_choice_and_refused_where_there_is() {
        let dir = tempfile::tempdir().expect("tempdir");
        let store = open(dir.path());
        fill(&store, 0..10, 1);
        drop(store);
        assert_eq!(fs::read_to_string(dir.path().join("CURRENT")).expect("read"), "1 83dcefb7\n");
        for damaged in ["", "2 83dcefb7\n", "1"] {
            fs::write(dir.path().join("CURRENT"), damaged).expect("write");
            assert_eq!(all(&open(dir.path())).len(), 10);
        }
        fs::write(dir.path().join("CURRENT"), "9").expect("write");
        fs::create_dir(dir.path().join("store/2")).expect("mkdir");
        assert!(matches!(Generations::open(dir.path(), Engine::Sled, 1 << 20), Err(StoreError::Corrupt(_))));
    }
}
