//! The contract of [`Store`] as tests every engine runs.
//!
//! `store_suite!(name, persists, open)` makes a module `name` of tests. `open` takes a folder and answers a
//! store; called again on the same folder after the store was dropped it answers a store with the same
//! rows, if the engine `persists`. A fourth argument compacts a store that can be compacted while it serves.
//!
//! What only a failing disk shows is tested from outside, where calls of the operating system can be made to fail:
//! a full disk, a failing one and a read-only folder in `tests/store_crash.rs`, damaged files in `tests/store_damage.rs`.

mod model;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub use self::model::behaves_like_a_sorted_map;
use super::{Batch, Expectation, MAX_VALUE, Store, StoreError};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// Makes the tests of one engine.
#[macro_export]
macro_rules! store_suite {
    ($name:ident, $persists:expr, $open:expr) => {
        $crate::store_suite!($name, $persists, $open, |_| {});
    };
    ($name:ident, $persists:expr, $open:expr, $compact:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::store_suite!(@compacting $persists, $open, $compact;
                behaves_like_a_sorted_map
                scans_and_commits_go_on_while_the_store_is_compacted
            );
            $crate::store_suite!(@tests $persists, $open;
                a_broken_expectation_changes_nothing
                of_many_appends_to_one_address_one_wins
                a_batch_puts_in_order_and_deletes_last
                a_scan_is_half_open_in_order_and_stops_when_told
                a_scan_may_commit_to_the_store_it_scans
                scans_run_while_batches_are_committed
                values_at_the_limit_are_kept_and_longer_ones_refused
                a_batch_of_the_largest_values_is_whole
                stats_count_what_is_there
                many_rows_come_back_in_order
                filled_rows_are_there_with_the_commit_behind_them
            );
        }
    };
    (@compacting $persists:expr, $open:expr, $compact:expr; $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                let dir = tempfile::tempdir().expect("a temporary folder");
                $crate::store::suite::$test(dir.path(), $persists, $open, $compact);
            }
        )*
    };
    (@tests $persists:expr, $open:expr; $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                let dir = tempfile::tempdir().expect("a temporary folder");
                $crate::store::suite::$test(dir.path(), $persists, $open);
            }
        )*
    };
}

fn rows<S: Store>(store: &S, from: &[u8], to: &[u8], at_most: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut seen = Vec::new();
    let visit = &mut |(address, value): (&[u8], &[u8])| {
        if seen.len() < at_most {
            seen.push((address.to_vec(), value.to_vec()));
        }
        seen.len() < at_most
    };
    store.scan(from, to, visit).expect("scan");
    seen
}

fn batch(put: &[(&[u8], &[u8])]) -> Batch {
    let put = put.iter().map(|(address, value)| (address.to_vec(), value.to_vec())).collect();
    Batch { put, ..Batch::default() }
}

/// A batch with one expectation that fails leaves every row as it was, also after reopening.
pub fn a_broken_expectation_changes_nothing<S: Store>(dir: &Path, persists: bool, open: impl Fn(&Path) -> S) {
    let mut store = open(dir);
    store.commit(batch(&[(b"a", b"1"), (b"b", b"1")])).expect("commit");
    for (address, expected) in [(b"a", Expectation::Absent), (b"x", Expectation::Present)] {
        let mut refused = batch(&[(b"a", b"2"), (b"c", b"2")]);
        refused.expect = vec![(b"b".to_vec(), Expectation::Present), (address.to_vec(), expected)];
        refused.delete(b"b".to_vec());
        assert!(matches!(store.commit(refused), Err(StoreError::Expectation)));
    }
    let kept = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"1".to_vec())];
    for _ in 0..2 {
        assert_eq!(rows(&store, b"a", b"z", usize::MAX), kept);
        assert_eq!(store.get(b"a").expect("get"), Some(b"1".to_vec()));
        assert_eq!(store.stats().expect("stats").live_bytes, 4);
        if persists {
            drop(store);
            store = open(dir);
        }
    }
}

/// Threads that append to the same address at the same time: one wins, the others are told.
pub fn of_many_appends_to_one_address_one_wins<S: Store>(dir: &Path, _: bool, open: impl Fn(&Path) -> S) {
    let store = open(dir);
    for round in 0..10u8 {
        let append = |thread: u8| {
            let mut batch = Batch::default();
            batch.append(vec![round], vec![thread]);
            store.commit(batch).map(|()| thread)
        };
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || append(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let winners: Vec<u8> = results.iter().filter_map(|result| result.as_ref().ok().copied()).collect();
        assert_eq!(winners.len(), 1);
        assert!(
            results.iter().filter_map(|result| result.as_ref().err()).all(|e| matches!(e, StoreError::Expectation))
        );
        assert_eq!(store.get(&[round]).expect("get"), Some(winners));
    }
}

/// The last put of an address wins, and a delete in the same batch wins over it.
pub fn a_batch_puts_in_order_and_deletes_last<S: Store>(dir: &Path, _: bool, open: impl Fn(&Path) -> S) {
    let store = open(dir);
    let mut both = batch(&[(b"a", b"1"), (b"a", b"2"), (b"b", b"1")]);
    both.delete(b"b".to_vec());
    store.commit(both).expect("commit");
    assert_eq!(store.get(b"a").expect("get"), Some(b"2".to_vec()));
    assert_eq!(store.get(b"b").expect("get"), None);
    store.commit(Batch::default()).expect("an empty batch is nothing to do");
}

/// The first address belongs to a scan, the last does not, and `false` ends it.
pub fn a_scan_is_half_open_in_order_and_stops_when_told<S: Store>(dir: &Path, _: bool, open: impl Fn(&Path) -> S) {
    let store = open(dir);
    store.commit(batch(&[(b"c", b"3"), (b"a", b"1"), (b"b", b"2"), (b"ba", b"2"), (b"d", b"4")])).expect("commit");
    let addresses = |from: &[u8], to: &[u8], at_most| -> Vec<Vec<u8>> {
        rows(&store, from, to, at_most).into_iter().map(|(address, _)| address).collect()
    };
    assert_eq!(addresses(b"b", b"d", usize::MAX), [b"b".to_vec(), b"ba".to_vec(), b"c".to_vec()]);
    assert_eq!(addresses(b"b", b"d", 2), [b"b".to_vec(), b"ba".to_vec()]);
    for (from, to) in [(b"b", b"b"), (b"d", b"b"), (b"e", b"z")] {
        assert!(addresses(from, to, usize::MAX).is_empty());
    }
}

/// The visitor of a scan may read and write the store.
pub fn a_scan_may_commit_to_the_store_it_scans<S: Store>(dir: &Path, _: bool, open: impl Fn(&Path) -> S) {
    let store = open(dir);
    store.commit(batch(&[(b"a1", b"x"), (b"a2", b"x")])).expect("commit");
    let visit = &mut |(address, value): (&[u8], &[u8])| {
        assert_eq!(store.get(address).expect("get").as_deref(), Some(value));
        let copy = [b"z", address].concat();
        store.commit(batch(&[(copy.as_slice(), value)])).expect("commit inside a scan");
        true
    };
    store.scan(b"a", b"b", visit).expect("scan");
    assert_eq!(rows(&store, b"z", b"zz", 9).len(), 2);
}

/// A scan beside a writer shows rows in order, never misses one nobody touches, and never a torn value.
pub fn scans_run_while_batches_are_committed<S: Store>(dir: &Path, _: bool, open: impl Fn(&Path) -> S) {
    let store = open(dir);
    let still: Vec<[u8; 2]> = (0..200u8).map(|n| [n, 0]).collect();
    for chunk in still.chunks(50) {
        let put = chunk.iter().map(|address| (address.to_vec(), vec![0; 700])).collect();
        store.commit(Batch { put, ..Batch::default() }).expect("commit");
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=40u8 {
                let moving = |n: u8| vec![n.wrapping_mul(5), 1];
                let put = (0..40).map(|n| (moving(n), vec![round; 900])).collect();
                let delete = if round % 3 == 0 { (0..20).map(moving).collect() } else { Vec::new() };
                store.commit(Batch { put, delete, ..Batch::default() }).expect("commit");
            }
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            let seen = rows(&store, &[], &[255; 3], usize::MAX);
            assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
            assert_eq!(seen.iter().filter(|(address, _)| address[1] == 0).count(), still.len());
            assert!(seen.iter().all(|(_, value)| value.iter().all(|byte| *byte == value[0])));
        }
    });
}

/// Scans and commits beside one compaction after the other: no row is missed, none comes back from the dead, and what
/// is there at the end is there after reopening.
pub fn scans_and_commits_go_on_while_the_store_is_compacted<S: Store>(
    dir: &Path,
    persists: bool,
    open: impl Fn(&Path) -> S,
    compact: impl Fn(&S) + Sync,
) {
    let mut store = open(dir);
    let still = |n: u8| (vec![n, 0], vec![n; 600]);
    store.commit(Batch { put: (0..200).map(still).collect(), ..Batch::default() }).expect("commit");
    let done = AtomicBool::new(false);
    let model = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut model: Model = (0..200).map(still).collect();
            let mut round = 0_u8;
            while !done.load(Ordering::SeqCst) || round == 0 {
                let moving = |n: u8| vec![n.wrapping_mul(7).wrapping_add(round), 1];
                let put: Vec<_> = (0..20_u8).map(|n| (moving(n), vec![round; 500])).collect();
                let delete: Vec<_> = (0..15_u8).map(|n| moving(n.wrapping_mul(3))).collect();
                model.extend(put.iter().cloned());
                model.retain(|address, _| !delete.contains(address));
                store.commit(Batch { put, delete, ..Batch::default() }).expect("commit");
                round = round.wrapping_add(1);
            }
            model
        });
        let scans = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                let seen = rows(&store, &[], &[255; 3], usize::MAX);
                assert!(seen.is_sorted_by(|a, b| a.0 < b.0));
                assert_eq!(seen.iter().filter(|(address, _)| address[1] == 0).count(), 200);
            }
        });
        for _ in 0..3 {
            compact(&store);
        }
        done.store(true, Ordering::SeqCst);
        scans.join().expect("no scan fell");
        writer.join().expect("no commit fell")
    });
    for _ in 0..2 {
        assert_eq!(rows(&store, &[], &[255; 3], usize::MAX).into_iter().collect::<Model>(), model);
        if persists {
            drop(store);
            store = open(dir);
        }
    }
}

/// Many values at the limit in one batch are all there or none, and take their room once.
pub fn a_batch_of_the_largest_values_is_whole<S: Store>(dir: &Path, persists: bool, open: impl Fn(&Path) -> S) {
    let mut store = open(dir);
    let value = |n: u8| (0..MAX_VALUE).map(|at| u8::try_from(at % 256).expect("a byte") ^ n).collect::<Vec<u8>>();
    let put: Vec<_> = (0..64).map(|n| (vec![1, n], value(n))).collect();
    let mut refused = Batch { put: put.clone(), ..Batch::default() };
    refused.expect.push((vec![9], Expectation::Present));
    assert!(matches!(store.commit(refused), Err(StoreError::Expectation)));
    assert!(rows(&store, &[], &[255; 3], usize::MAX).is_empty());
    store.commit(Batch { put: put.clone(), ..Batch::default() }).expect("commit");
    store.commit(Batch { put: put.clone(), ..Batch::default() }).expect("the same again replaces it");
    if persists {
        drop(store);
        store = open(dir);
    }
    assert_eq!(rows(&store, &[], &[255; 3], usize::MAX), put);
}

/// A value of [`MAX_VALUE`] bytes comes back; one byte more refuses the whole batch.
pub fn values_at_the_limit_are_kept_and_longer_ones_refused<S: Store>(
    dir: &Path,
    persists: bool,
    open: impl Fn(&Path) -> S,
) {
    let largest: Vec<u8> = (0..MAX_VALUE).map(|n| u8::try_from(n % 251).expect("below 251")).collect();
    let mut store = open(dir);
    store.commit(batch(&[(b"a", &largest), (b"b", b"")])).expect("commit");
    let over = vec![0; MAX_VALUE + 1];
    assert!(matches!(store.commit(batch(&[(b"c", b"1"), (b"d", &over)])), Err(StoreError::TooLarge)));
    if persists {
        drop(store);
        store = open(dir);
    }
    assert_eq!(store.get(b"a").expect("get").as_ref(), Some(&largest));
    assert_eq!(store.get(b"b").expect("get"), Some(Vec::new()));
    assert_eq!(store.get(b"c").expect("get"), None);
}

/// Values and bytes follow every kind of change.
pub fn stats_count_what_is_there<S: Store>(dir: &Path, persists: bool, open: impl Fn(&Path) -> S) {
    let mut store = open(dir);
    let counted = |store: &S| store.stats().map(|stats| (stats.values, stats.live_bytes)).expect("stats");
    assert_eq!(counted(&store), (0, 0));
    store.commit(batch(&[(b"a", b"123"), (b"bb", b"4")])).expect("commit");
    assert_eq!(counted(&store), (2, 7));
    let mut change = batch(&[(b"a", b"1"), (b"a", b"12345"), (b"c", b""), (b"d", b"1")]);
    change.delete = vec![b"bb".to_vec(), b"d".to_vec(), b"never there".to_vec()];
    store.commit(change).expect("commit");
    assert_eq!(counted(&store), (2, 7));
    if persists {
        drop(store);
        store = open(dir);
        assert_eq!(counted(&store), (2, 7));
        assert!(store.stats().expect("stats").disk_bytes > 0);
    }
}

/// More rows than fit one page come back once each and in order, also after reopening.
pub fn many_rows_come_back_in_order<S: Store>(dir: &Path, persists: bool, open: impl Fn(&Path) -> S) {
    let mut store = open(dir);
    let numbers: Vec<u32> = (0..2000u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
    for chunk in numbers.chunks(250) {
        let mut batch = Batch::default();
        for n in chunk {
            batch.append(n.to_be_bytes().to_vec(), vec![7; 50 + (*n as usize % 400)]);
        }
        store.commit(batch).expect("commit");
    }
    if persists {
        drop(store);
        store = open(dir);
    }
    let mut expected: Vec<Vec<u8>> = numbers.iter().map(|n| n.to_be_bytes().to_vec()).collect();
    expected.sort();
    let seen: Vec<Vec<u8>> = rows(&store, &[], &[255; 5], usize::MAX).into_iter().map(|(address, _)| address).collect();
    assert_eq!(seen, expected);
}

/// A store that is being made is filled, and durable with the commit behind the last rows.
pub fn filled_rows_are_there_with_the_commit_behind_them<S: Store>(
    dir: &Path,
    persists: bool,
    open: impl Fn(&Path) -> S,
) {
    let mut store = open(dir);
    assert_eq!(store.stats().expect("stats").values, 0);
    let row = |n: u32| (n.to_be_bytes().to_vec(), vec![7; n as usize % 900]);
    for from in (0..1000).step_by(100) {
        store.fill((from..from + 100).map(row).collect()).expect("fill");
    }
    store.fill(Vec::new()).expect("nothing");
    let too_long = vec![(vec![9], vec![1]), (vec![10], vec![1; MAX_VALUE + 1])];
    assert!(matches!(store.fill(too_long), Err(StoreError::TooLarge)));
    store.commit(Batch::default()).expect("commit");
    if persists {
        drop(store);
        store = open(dir);
    }
    let expected: Vec<_> = (0..1000).map(row).collect();
    assert_eq!(rows(&store, &[], &[255; 5], usize::MAX), expected);
    let live = expected.iter().map(|(address, value)| (address.len() + value.len()) as u64).sum::<u64>();
    let stats = store.stats().expect("stats");
    assert_eq!((stats.values, stats.live_bytes), (1000, live));
}
