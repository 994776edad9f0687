//! The guarded sled by itself.

use std::thread;

use super::*;

crate::store_suite!(contract, true, |dir| SledStore::open(dir, 1 << 20).expect("the store opens"));

/// What it would write by itself it would sync by itself too, and where that fails tell nobody.
#[test]
fn what_the_engine_has_in_memory_it_does_not_write_by_itself() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    store.call(|db| db.insert(b"a", b"x")).expect("in memory");
    let file = dir.path().join("1/db");
    let before = fs::read(&file).expect("the log");
    thread::sleep(Duration::from_millis(1500));
    assert!(fs::read(&file).expect("the log") == before, "the log was written to");
}

/// Rows in an order of their own leave leaves that are too full, which reading splits. How many are left to it is the
/// engine's matter, so that some stores tell nothing.
#[test]
fn what_reading_writes_is_synced_before_the_next_row() {
    assert!((0..10).any(|_| reading_writes_and_syncs()), "reading wrote too little to tell, ten times");
}

/// Reads a store from end to end; answers whether that wrote more than a segment.
fn reading_writes_and_syncs() -> bool {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    let addresses: Vec<_> = (0..20_000_u32).map(|row| row.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    for some in addresses.chunks(500) {
        let mut batch = Batch::default();
        for address in some {
            batch.append(address.to_vec(), vec![7; 1000]);
        }
        store.commit(batch).expect("commit");
    }
    let before = store.written();
    let (mut rows, mut written) = (0, before);
    let mut visit = || {
        rows += 1;
        assert!(*store.synced.lock() >= written, "row {rows} was given before it");
        // The engine's threads write meanwhile.
        written = store.written();
        true
    };
    store.scan(&[0], &[255; 5], &mut |_| visit()).expect("scan");
    assert_eq!(rows, 20_000);
    store.flush().expect("flushed");
    store.written() > before + i64::from(SEGMENT_SIZE)
}

/// The engine may have begun a segment and written nothing into it; its header goes to the disk with the next batch.
#[test]
fn a_header_that_waits_alone_is_durable_before_a_batch() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    let mut rows = 0_u32;
    let mut insert = |length: usize| {
        rows += 1;
        let before = store.written();
        store.call(|db| db.insert(rows.to_be_bytes(), vec![7; length])).expect("in memory");
        store.flush().expect("handed over");
        usize::try_from(store.written() - before).expect("it grew")
    };
    let left =
        || usize::try_from(i64::from(SEGMENT_SIZE) - (store.written() + 1) % i64::from(SEGMENT_SIZE)).expect("less");
    // A message that ends in the last bytes of a segment, in which none begins; the engine may write a whole page instead.
    let ends_there = (0..100).any(|_| {
        while left() > 8000 {
            insert(left().min(12_000) / 2);
        }
        let beside = insert(100) - 100;
        insert(left().saturating_sub(beside + 8));
        left() == SEGMENT_SIZE as usize
    });
    assert!(ends_there, "no message ended where it should");
    let begun = store.written() + 1;
    store.settle(&mut store.synced.lock()).expect("durable");
    assert!(store.written() >= begun && *store.synced.lock() >= begun);
}

#[test]
fn rows_as_small_as_those_of_a_journal_are_laid_out_with_little_beside_them() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    let rows: Vec<_> =
        (0..2000_u32).map(|row| ([[1; 17].as_slice(), &row.to_be_bytes(), &[0; 6]].concat(), vec![7; 613])).collect();
    for some in rows.chunks(256) {
        store.fill(some.to_vec()).expect("filled");
    }
    store.commit(Batch::default()).expect("commit");
    let stats = store.stats().expect("stats");
    assert_eq!(stats.values, 2000);
    assert!(stats.disk_bytes * 10 < stats.live_bytes * 18, "{stats:?}");
}
