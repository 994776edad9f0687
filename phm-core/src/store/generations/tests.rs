//! The generations of every engine, and the way from one engine to the other.

use super::*;
use crate::store::layout::END;

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

fn compacted(store: &Generations) {
    let number = store.number();
    let done = store.compact().expect("compact");
    assert_eq!((done.generation, store.number()), (number + 1, number + 1));
}

crate::store_suite!(of_sled, true, open, compacted);
crate::store_suite!(of_redb, true, |dir| Generations::open(dir, Engine::Redb, 1 << 20).expect("open"), compacted);
crate::store_suite!(of_memory, false, |dir| Generations::open(dir, Engine::Memory, 0).expect("open"), compacted);

#[test]
fn compacting_keeps_every_row_and_gives_room_back() {
    Engine::ON_DISK.into_iter().for_each(compacting_keeps_every_row);
}

fn compacting_keeps_every_row(engine: Engine) {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = Generations::open(dir.path(), engine, 1 << 20).expect("open");
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
    assert_eq!(fs::read_to_string(dir.path().join("CURRENT")).expect("read"), "1 sled d5375d3a\n");
    // The form from before there were two engines.
    fs::write(dir.path().join("CURRENT"), "1 83dcefb7\n").expect("write");
    assert_eq!(all(&open(dir.path())).len(), 10);
    for damaged in ["", "2 83dcefb7\n", "1"] {
        fs::write(dir.path().join("CURRENT"), damaged).expect("write");
        assert_eq!(all(&open(dir.path())).len(), 10);
    }
    fs::write(dir.path().join("CURRENT"), "9").expect("write");
    fs::create_dir(dir.path().join("store/2")).expect("mkdir");
    assert!(matches!(Generations::open(dir.path(), Engine::Sled, 1 << 20), Err(StoreError::Corrupt(_))));
}

fn migrate(store: &Generations, to: Engine) -> Migrated {
    store.migrate(to, |_| Ok::<(), StoreError>(())).expect("migrate")
}

#[test]
fn a_migration_and_the_way_back_keep_every_row() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = open(dir.path());
    for table in 1..=3 {
        let mut batch = Batch::default();
        (0..400_u32).for_each(|row| {
            batch.append([&[table], row.to_be_bytes().as_slice()].concat(), vec![table; 1000]);
        });
        store.commit(batch).expect("commit");
    }
    let rows = all(&store);
    let there = migrate(&store, Engine::Redb);
    assert_eq!((there.generation, store.engine()), (2, Engine::Redb));
    assert_eq!(there.rows.tables, [(1, 400), (2, 400), (3, 400)].into());
    assert!(dir.path().join("store/1/db").exists(), "the old rows stay until the new ones have been opened anew");
    fill(&store, 0..1, 9);
    drop(store);
    // Whatever engine the caller asks for, the live generation is what it is.
    let store = open(dir.path());
    assert_eq!(store.engine(), Engine::Redb);
    store.remove_others().expect("remove");
    assert!(!dir.path().join("store/1").exists());
    assert_eq!(all(&store).len(), 1201);
    let mut last = Batch::default();
    last.delete(0_u32.to_be_bytes().to_vec());
    store.commit(last).expect("commit");
    let back = migrate(&store, Engine::Sled);
    assert_eq!((back.generation, &back.rows), (3, &there.rows));
    drop(store);
    let store = open(dir.path());
    assert_eq!((store.engine(), all(&store)), (Engine::Sled, rows));
}

#[test]
fn a_migration_that_is_not_found_right_changes_nothing() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = open(dir.path());
    fill(&store, 0..10, 1);
    let refused = store.migrate(Engine::Redb, |new| {
        assert_eq!(all(new).len(), 10);
        Err(StoreError::Corrupt("the audit root differs".into()))
    });
    assert!(matches!(refused, Err(StoreError::Corrupt(_))));
    assert_eq!((store.number(), store.engine()), (1, Engine::Sled));
    assert!(!dir.path().join("store/2").exists());
    fill(&store, 10..20, 1);
    drop(store);
    assert_eq!(all(&open(dir.path())).len(), 20);
}

#[test]
fn a_migration_stopped_at_any_step_leaves_one_whole_live_store() {
    let whole = tempfile::tempdir().expect("tempdir");
    let store = open(whole.path());
    fill(&store, 0..50, 1);
    let rows = all(&store);
    migrate(&store, Engine::Redb);
    drop(store);
    let current = |dir: &Path| dir.join("CURRENT");
    let at_the_end = fs::read(current(whole.path())).expect("read");
    // What a kill leaves on disk after each step: a folder, a half file, a whole file, a prepared `CURRENT`, the switch.
    for step in 0..6 {
        let dir = tempfile::tempdir().expect("tempdir");
        let before = open(dir.path());
        fill(&before, 0..50, 1);
        drop(before);
        let new = dir.path().join("store/2");
        if step >= 1 {
            fs::create_dir(&new).expect("mkdir");
        }
        if step == 1 {
            fs::write(new.join("rows.redb.new"), [0; 5000]).expect("write");
        }
        if step == 2 {
            let bytes = fs::read(whole.path().join("store/2/rows.redb")).expect("read");
            fs::write(new.join("rows.redb"), &bytes[..bytes.len() / 2]).expect("write");
        }
        if step >= 3 {
            fs::copy(whole.path().join("store/2/rows.redb"), new.join("rows.redb")).expect("copy");
        }
        if step >= 4 {
            fs::write(dir.path().join("CURRENT.new"), &at_the_end).expect("write");
        }
        if step >= 5 {
            fs::rename(dir.path().join("CURRENT.new"), current(dir.path())).expect("rename");
        }
        let store = open(dir.path());
        assert_eq!(store.engine(), if step < 5 { Engine::Sled } else { Engine::Redb }, "step {step}");
        assert_eq!(all(&store), rows, "step {step}");
        // The same command again, whatever is left of the first one.
        let (from, to) = (store.number(), if step < 5 { Engine::Redb } else { Engine::Sled });
        assert_eq!(migrate(&store, to).generation, from + 1);
        drop(store);
        let store = open(dir.path());
        store.remove_others().expect("remove");
        assert_eq!((store.engine(), all(&store)), (to, rows.clone()), "step {step}");
        assert_eq!(generations_in(&dir.path().join("store")).expect("list"), [from + 1]);
    }
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// A store that spoils what it is filled with, as a bad disk would, and says nothing.
struct Careless {
    inner: Box<dyn Store>,
    spoil: fn(&mut Rows),
}

impl Store for Careless {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(address)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.inner.scan(from, to, visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch)
    }

    fn fill(&self, mut rows: Rows) -> Result<(), StoreError> {
        (self.spoil)(&mut rows);
        self.inner.fill(rows)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.inner.stats()
    }
}

fn lose_a_row(rows: &mut Rows) {
    rows.pop();
}

fn change_a_value(rows: &mut Rows) {
    if let Some((_, value)) = rows.first_mut() {
        value[1000] ^= 1;
    }
}

#[test]
fn a_copy_that_lost_a_row_or_changed_a_value_is_told_and_never_becomes_the_live_one() {
    for (engine, other) in [(Engine::Sled, Engine::Redb), (Engine::Redb, Engine::Sled)] {
        for spoil in [lose_a_row as fn(&mut Rows), change_a_value] {
            let dir = tempfile::tempdir().expect("tempdir");
            let opener: Opener = Arc::new(move |engine: Engine, dir: &Path, cache_bytes: u64| {
                Ok(Box::new(Careless { inner: engine.open(dir, cache_bytes)?, spoil }) as Box<dyn Store>)
            });
            let store = Generations::open_with(dir.path(), engine, 1 << 20, opener).expect("open");
            fill(&store, 0..300, 1);
            let rows = all(&store);
            let current = fs::read(dir.path().join("CURRENT")).expect("read");
            let compacted = store.compact().map(drop);
            let migrated = store.migrate(other, |_| Ok::<(), StoreError>(())).map(drop);
            for refused in [compacted, migrated] {
                let refused = refused.expect_err("the copy differs");
                assert!(matches!(refused, StoreError::CopyDiffers), "{engine:?}: {refused}");
                let said = crate::Error::from(refused);
                assert_eq!((said.kind(), said.code()), (crate::ErrorKind::Corrupt, "corrupt"));
                assert!(said.to_string().contains("check the disk and the memory, and try again"), "{said}");
            }
            assert_eq!((store.number(), store.engine(), all(&store)), (1, engine, rows));
            assert!(!dir.path().join("store/2").exists(), "{engine:?}: what is left of the copy goes away");
            assert_eq!(fs::read(dir.path().join("CURRENT")).expect("read"), current);
            // It goes on as it was, and a copy that is whole is taken.
            fill(&store, 300..310, 1);
            drop(store);
            let store = Generations::open(dir.path(), engine, 1 << 20).expect("open");
            assert_eq!((store.number(), store.engine(), all(&store).len()), (1, engine, 310));
            assert_eq!(store.compact().expect("compact").after.values, 310);
        }
    }
}
