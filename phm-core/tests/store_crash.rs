//! No acknowledged batch is ever lost, and no batch is ever there in part: not by `kill -9`, not by a power cut,
//! not by a disk that is full or fails, not while a compaction runs.
//!
//! The short form runs 20 kills and 20 power cuts; `PHM_LONG=1` runs 200 and 100 of each size.

mod powercut;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use phm_core::store::{Batch, Engine, Generations, MAX_VALUE, Store, StoreError};
use powercut::{Disk, highest, long, some_moment, this_test};

/// Batches that stay; older ones are deleted, so that the engine has files to clean.
const KEPT: u64 = 120;
const CACHE: u64 = 4 << 20;
const HEAD: &[u8] = &[7];

fn address(batch: u64, row: u8) -> Vec<u8> {
    [&[1], batch.to_be_bytes().as_slice(), &[row]].concat()
}

fn rows_of(batch: u64) -> u8 {
    u8::try_from(1 + batch % 4).expect("at most 4")
}

/// Bytes that look sealed and are different everywhere.
fn value(batch: u64, row: u8, size: usize) -> Vec<u8> {
    let mut state = (batch << 8 | u64::from(row)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn head(store: &dyn Store) -> Result<u64, StoreError> {
    let bytes = store.get(HEAD)?.unwrap_or_else(|| vec![0; 8]);
    Ok(u64::from_be_bytes(bytes.try_into().expect("eight bytes")))
}

fn write(store: &dyn Store, number: u64, size: usize) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for row in 0..rows_of(number) {
        batch.append(address(number, row), value(number, row, size));
    }
    if number > KEPT {
        for row in 0..rows_of(number - KEPT) {
            batch.delete(address(number - KEPT, row));
        }
    }
    batch.replace(HEAD.to_vec(), number.to_be_bytes().to_vec());
    store.commit(batch)
}

fn open(folder: &Path) -> Result<Generations, StoreError> {
    let store = Generations::open(folder, Engine::Sled, CACHE)?;
    head(&store)?;
    store.remove_others()?;
    Ok(store)
}

/// Opens what is left and compares every row; answers the number of the last batch.
fn check(folder: &Path, acknowledged: u64, size: usize) -> Result<u64, String> {
    let store = open(folder).map_err(|error| format!("the store does not open: {error:?}"))?;
    let head = head(&store).map_err(|error| format!("{error:?}"))?;
    if head < acknowledged {
        return Err(format!("batch {acknowledged} was acknowledged, the last one there is {head}"));
    }
    let mut expected = (head.saturating_sub(KEPT) + 1..=head)
        .flat_map(|batch| (0..rows_of(batch)).map(move |row| (batch, row)))
        .peekable();
    let mut wrong = None;
    store
        .scan(&[1], &[2], &mut |(at, bytes)| {
            let Some((batch, row)) = expected.next() else {
                wrong = Some("there are rows behind the last batch".to_owned());
                return false;
            };
            if at != address(batch, row) || bytes != value(batch, row, size) {
                wrong = Some(format!("row {row} of batch {batch} is missing or wrong; the last batch is {head}"));
            }
            wrong.is_none()
        })
        .map_err(|error| format!("{error:?}"))?;
    match (wrong, expected.next()) {
        (Some(wrong), _) => Err(wrong),
        (None, Some((batch, row))) => Err(format!("row {row} of batch {batch} is missing at the end")),
        (None, None) => Ok(head),
    }
}

/// Not a test by itself: the program the tests below start, kill and start again.
#[test]
fn writer() {
    let Ok(size) = std::env::var("PHM_CRASH_WRITER") else { return };
    let size: usize = size.parse().expect("a size");
    let folder = std::env::var("PHM_CUT_ROOT").expect("the folder");
    let folder = Path::new(&folder);
    let compacting = std::env::var_os("PHM_CRASH_COMPACT").is_some();
    let stop_after: Option<u64> = std::env::var("PHM_CRASH_BATCHES").ok().map(|count| count.parse().expect("a count"));
    let mut acknowledged = 0;
    let mut written = 0;
    loop {
        let store = match open(folder) {
            Ok(store) => store,
            Err(error) => {
                eprintln!("refused {error:?}");
                return;
            }
        };
        let mut number = head(&store).expect("head");
        assert!(number >= acknowledged, "reopening lost batch {acknowledged}");
        std::thread::scope(|scope| {
            if compacting {
                scope.spawn(|| {
                    while let Ok(done) = store.compact() {
                        eprintln!("compacted {}", done.generation);
                    }
                });
            }
            loop {
                number += 1;
                if let Err(error) = write(&store, number, size) {
                    eprintln!("failed {error:?}");
                    assert!(matches!(write(&store, number, size), Err(StoreError::Poisoned)));
                    assert!(compacting || matches!(store.get(HEAD), Err(StoreError::Poisoned)));
                    break;
                }
                eprintln!("ack {number}");
                acknowledged = number;
                written += 1;
                if stop_after.is_some_and(|count| written >= count) {
                    std::process::exit(0);
                }
            }
        });
    }
}

fn start_writer(size: usize) -> Command {
    let mut command = this_test("writer");
    command.env("PHM_CRASH_WRITER", size.to_string());
    command
}

/// How the writer's life ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Kill,
    PowerCut,
}

fn survive(size: usize, kills: usize, cuts: usize, prepare: impl Fn(&mut Command)) {
    let disk = Disk::new();
    let mut acknowledged = 0;
    for (end, times) in [(End::PowerCut, cuts), (End::Kill, kills)] {
        for cycle in 0..times {
            let mut command = start_writer(size);
            prepare(&mut command);
            if cycle % 2 == 1 {
                // A real disk also keeps some of what nobody asked it to keep.
                command.env("PHM_CUT_LEAK", "30");
            }
            let mut writer = disk.start(&mut command);
            writer.wait_for("ack");
            let said = writer.kill_after(some_moment(Duration::from_millis(250)));
            let last = highest("ack ", &said).unwrap_or_else(|| panic!("{end:?} {cycle}: the writer said {said:?}"));
            acknowledged = acknowledged.max(last);
            if matches!(end, End::PowerCut) {
                disk.cut_power();
            }
            acknowledged = check(disk.folder(), acknowledged, size)
                .unwrap_or_else(|wrong| panic!("after {end:?} {cycle} with values of {size} bytes: {wrong}"));
        }
    }
    assert!(acknowledged > 0);
}

/// Kills and cuts of one size: a third of 20 in the short form.
fn times() -> (usize, usize) {
    if long() { (200, 100) } else { (7, 7) }
}

#[test]
fn batches_of_one_kib_values_survive() {
    let (kills, cuts) = times();
    survive(1024, kills, cuts, |_| {});
}

#[test]
fn batches_of_eight_kib_values_survive() {
    let (kills, cuts) = times();
    survive(8 * 1024, kills, cuts, |_| {});
}

#[test]
fn batches_of_the_largest_values_survive() {
    let (kills, cuts) = times();
    survive(MAX_VALUE, kills, cuts, |_| {});
}

#[test]
fn batches_survive_while_the_store_is_compacted() {
    let (kills, cuts) = if long() { (100, 100) } else { (4, 6) };
    survive(1024, kills, cuts, |command| {
        command.env("PHM_CRASH_COMPACT", "1");
    });
}

/// The negative control: the harness must see what the guard prevents.
#[test]
fn without_the_guards_sync_batches_are_lost() {
    let lost = (0..10).any(|_| {
        let disk = Disk::new();
        let mut writer = disk.start(start_writer(1024).env("PHM_CUT_IGNORE", "fdatasync"));
        writer.wait_for("ack");
        let said = writer.kill_after(some_moment(Duration::from_millis(300)));
        disk.cut_power();
        check(disk.folder(), highest("ack ", &said).unwrap_or(0), 1024).is_err()
    });
    assert!(lost, "ten power cuts without syncs lost nothing");
}

/// One call fails: the store refuses work until it is opened again, and nothing acknowledged is lost.
fn survive_failures(kind: &str, calls: impl Iterator<Item = u64>, prepare: impl Fn(&mut Command)) {
    let mut seen = 0;
    for call in calls {
        let disk = Disk::new();
        let fail = format!("{kind}@{call}");
        let mut command = start_writer(2048);
        prepare(command.env("PHM_CUT_FAIL", &fail).env("PHM_CRASH_BATCHES", "60"));
        let writer = disk.start(&mut command);
        let (status, said) = writer.finish();
        assert!(status.success(), "{fail}: {said:?}");
        seen += said.iter().filter(|line| line.starts_with("failed") || line.starts_with("refused")).count();
        disk.cut_power();
        if let Some(acknowledged) = highest("ack ", &said) {
            check(disk.folder(), acknowledged, 2048).unwrap_or_else(|wrong| panic!("{fail}: {wrong}; {said:?}"));
        }
    }
    assert!(seen > 0, "no failure reached the store");
}

#[test]
fn a_full_disk_loses_nothing_acknowledged() {
    let step = if long() { 1 } else { 5 };
    survive_failures("ENOSPC", (1..200).step_by(step), |_| {});
}

#[test]
fn a_failing_disk_loses_nothing_acknowledged() {
    let step = if long() { 1 } else { 5 };
    survive_failures("EIO", (3..200).step_by(step), |_| {});
}

#[test]
fn a_compaction_that_meets_a_failing_disk_loses_nothing_acknowledged() {
    let step = if long() { 1 } else { 11 };
    for kind in ["EIO", "ENOSPC"] {
        survive_failures(kind, (30..250).step_by(step), |command| {
            command.env("PHM_CRASH_COMPACT", "1");
        });
    }
}
