//! The default engine: the contract, long values, and files that are not whole.

use super::*;
use crate::store::layout::journal;
use crate::store::{Engine, Generations};

crate::store_suite!(contract, true, |dir| RedbStore::open(dir, 1 << 20).expect("the store opens"));

fn one(address: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::default();
    batch.append(address.to_vec(), value.to_vec());
    batch
}

#[test]
fn long_values_come_back_whole_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = RedbStore::open(dir.path(), 1 << 20).expect("open");
    let long = |length: usize| -> Vec<u8> { (0..length).map(|at| u8::try_from(at % 251).expect("small")).collect() };
    let lengths = [MAX_VALUE, RedbStore::FRONT, RedbStore::FRONT + 1, RedbStore::FRONT - 1, MAX_VALUE, 3];
    for length in lengths {
        let mut batch = Batch::default();
        batch.replace(b"a".to_vec(), long(length));
        store.commit(batch).expect("commit");
        assert_eq!(store.get(b"a").expect("get"), Some(long(length)), "{length}");
        let mut seen = Vec::new();
        let mut take = |(address, value): Row<'_>| {
            seen.push((address.to_vec(), value.to_vec()));
            true
        };
        store.scan(b"a", b"b", &mut take).expect("scan");
        assert_eq!(seen, [(b"a".to_vec(), long(length))], "{length}");
        let stats = store.stats().expect("stats");
        assert_eq!((stats.values, stats.live_bytes), (1, 1 + length as u64), "{length}");
    }
    let mut batch = Batch::default();
    batch.replace(b"b".to_vec(), long(MAX_VALUE));
    store.commit(batch).expect("commit");
    let mut batch = Batch::default();
    batch.delete(b"b".to_vec());
    store.commit(batch).expect("commit");
    store.commit(one(b"b", &long(RedbStore::FRONT))).expect("commit");
    assert_eq!(store.get(b"b").expect("get"), Some(long(RedbStore::FRONT)), "no end of what was deleted");
    let live = store.stats().expect("stats").live_bytes;
    drop(store);
    let store = RedbStore::open(dir.path(), 1 << 20).expect("reopen");
    assert_eq!(store.stats().expect("counted anew").live_bytes, live);
}

#[test]
fn a_file_from_before_long_values_were_cut_is_read_and_goes_on() {
    let dir = tempfile::tempdir().expect("tempdir");
    create(dir.path()).expect("made");
    let db = open_engine(&dir.path().join(RedbStore::FILE), 1 << 20).expect("opened");
    let transaction = db.begin_write().expect("begun");
    {
        let mut rows = transaction.open_table(ROWS).expect("the rows");
        rows.insert(b"a".as_slice(), vec![7; MAX_VALUE].as_slice()).expect("put");
    }
    transaction.commit().expect("commit");
    drop(db);
    let store = RedbStore::open(dir.path(), 1 << 20).expect("open");
    assert_eq!(store.get(b"a").expect("get"), Some(vec![7; MAX_VALUE]));
    assert_eq!(store.stats().expect("stats").live_bytes, 1 + MAX_VALUE as u64);
    for length in [MAX_VALUE - 1, 5] {
        let mut batch = Batch::default();
        batch.replace(b"a".to_vec(), vec![8; length]);
        store.commit(batch).expect("commit");
        assert_eq!(store.get(b"a").expect("get"), Some(vec![8; length]));
        assert_eq!(store.stats().expect("stats").live_bytes, 1 + length as u64);
    }
}

#[test]
fn values_at_the_limit_take_at_most_twice_their_bytes() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = Generations::open(dir.path(), Engine::Redb, 4 << 20).expect("open");
    for from in (0..640).step_by(64) {
        let mut batch = Batch::default();
        (from..from + 64).for_each(|seq| batch.append(journal(&[7; 16], seq, 0), vec![1; MAX_VALUE]));
        store.commit(batch).expect("commit");
    }
    let after = store.compact().expect("compacted").after;
    assert!(after.disk_bytes <= 2 * after.live_bytes, "{after:?}");
}

#[test]
fn a_creation_that_was_stopped_is_begun_anew() {
    let dir = tempfile::tempdir().expect("tempdir");
    fs::write(dir.path().join(UNFINISHED), [0; 700]).expect("half a file");
    let store = RedbStore::open(dir.path(), 1 << 20).expect("open");
    store.commit(one(b"a", b"x")).expect("commit");
    assert!(!dir.path().join(UNFINISHED).exists());
}

#[test]
fn a_file_of_another_kind_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("tempdir");
    for bytes in [Vec::new(), b"something else".to_vec(), vec![0; 1 << 20]] {
        fs::write(dir.path().join(RedbStore::FILE), &bytes).expect("write");
        let refused = RedbStore::open(dir.path(), 1 << 20);
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{} bytes", bytes.len());
        assert_eq!(fs::read(dir.path().join(RedbStore::FILE)).expect("read"), bytes);
    }
}

/// Whoever asks first is told of the damage, and whoever asks later too: not of a disk that wants more room.
#[test]
fn a_store_that_met_damage_says_so_from_then_on() {
    const PAGE: usize = 4096;
    let home = tempfile::tempdir().expect("tempdir");
    let sound = home.path().join("sound");
    let store = RedbStore::open(&sound, 1 << 20).expect("open");
    for number in 0..400_u32 {
        store.commit(one(&number.to_be_bytes(), &[7; 300])).expect("commit");
    }
    drop(store);
    let bytes = fs::read(sound.join(RedbStore::FILE)).expect("read");
    let mut met = 0;
    for page in 1..bytes.len() / PAGE {
        let mut damaged = bytes.clone();
        let there = &mut damaged[page * PAGE..][..PAGE];
        if there.iter().all(|byte| *byte == 0) {
            continue;
        }
        there.fill(0xff);
        let dir = home.path().join(page.to_string());
        fs::create_dir(&dir).expect("a folder");
        fs::write(dir.join(RedbStore::FILE), &damaged).expect("write");
        let Ok(store) = RedbStore::open(&dir, 1 << 20) else { continue };
        // Closing writes, and that may leave a thread in the hook of panics, for which libtest waits.
        let store = std::mem::ManuallyDrop::new(store);
        let first = store.scan(&[], &[0xff; 5], &mut |_| true);
        if first.is_ok() {
            continue;
        }
        met += 1;
        let later = [
            first,
            store.get(b"a").map(drop),
            store.scan(&[], &[0xff; 5], &mut |_| true),
            store.stats().map(drop),
            store.commit(one(b"a", b"x")),
        ];
        for (at, said) in later.iter().enumerate() {
            assert!(matches!(said, Err(StoreError::Corrupt(_))), "page {page}, {at}: {said:?}");
        }
    }
    assert!(met > 0, "no page of rows was met");
}
