//! No acknowledged batch is ever lost, and no batch is ever there in part: not by `kill -9`, not by a power cut,
//! not by a disk that is full or fails, not while a compaction or a move to the other engine runs.
//!
//! The short form runs about 20 kills and 20 power cuts of each engine; `PHM_LONG=1` runs 200 and 100 of each size, and
//! fails each of the first 200 calls. The tests of one engine are those whose names begin with `on_sled` or `on_redb`.

mod powercut;
mod told;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use phm_core::store::{Batch, Engine, Generations, MAX_VALUE, Migrated, Store, StoreError};
use powercut::{Disk, highest, long, some_moment, this_test};
use told::told;

/// Batches that stay; older ones are deleted, so that the engine has files to clean.
const KEPT: u64 = 120;
const CACHE: u64 = 4 << 20;
/// Longer than a writer takes for its batches, less than a store is given to close.
const AT_ONCE: Duration = Duration::from_secs(18);
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

/// A new folder gets a store of `engine`; one that has a store keeps its own.
fn open(folder: &Path, engine: Engine) -> Result<Generations, StoreError> {
    let store = Generations::open(folder, engine, CACHE)?;
    head(&store)?;
    store.remove_others()?;
    Ok(store)
}

/// Opens what is left and compares every row; answers the number of the last batch.
fn check(folder: &Path, acknowledged: u64, size: usize) -> Result<u64, String> {
    let store = open(folder, Engine::default()).map_err(|error| format!("the store does not open: {error:?}"))?;
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
    let engine = std::env::var("PHM_CRASH_ENGINE").expect("an engine");
    let engine = Engine::on_disk(&engine).expect("one that keeps what it is given");
    let compacting = std::env::var_os("PHM_CRASH_COMPACT").is_some();
    let migrating = std::env::var_os("PHM_CRASH_MIGRATE").is_some();
    let reopening: Option<u64> = std::env::var("PHM_CRASH_REOPEN").ok().map(|count| count.parse().expect("a count"));
    let stop_after: Option<u64> = std::env::var("PHM_CRASH_BATCHES").ok().map(|count| count.parse().expect("a count"));
    let mut acknowledged = 0;
    let (mut written, mut refused) = (0, 0);
    loop {
        let store = match open(folder, engine) {
            Ok(store) => store,
            Err(error) => {
                eprintln!("refused {error:?}");
                refused += 1;
                // Who tries again finds what the kernel still holds, and that may never have reached the disk.
                if refused > 1 {
                    return;
                }
                continue;
            }
        };
        let mut number = head(&store).expect("head");
        assert!(number >= acknowledged, "reopening lost batch {acknowledged}");
        if stop_after.is_some_and(|count| written >= count) {
            std::process::exit(0);
        }
        std::thread::scope(|scope| {
            if compacting {
                scope.spawn(|| {
                    while let Ok(done) = store.compact() {
                        eprintln!("compacted {}", done.generation);
                    }
                });
            }
            if migrating {
                scope.spawn(|| {
                    while let Ok(done) = migrate(&store) {
                        eprintln!("migrated {}", done.generation);
                    }
                });
            }
            loop {
                number += 1;
                if let Err(error) = write(&store, number, size) {
                    eprintln!("failed {error:?}");
                    assert!(matches!(write(&store, number, size), Err(StoreError::Poisoned)));
                    assert!(compacting || migrating || matches!(store.get(HEAD), Err(StoreError::Poisoned)));
                    break;
                }
                eprintln!("ack {number}");
                acknowledged = number;
                written += 1;
                if reopening.is_some_and(|count| written % count == 0) {
                    break;
                }
                if stop_after.is_some_and(|count| written >= count) {
                    std::process::exit(0);
                }
            }
        });
    }
}

fn migrate(store: &Generations) -> Result<Migrated, StoreError> {
    let to = if store.engine() == Engine::Sled { Engine::Redb } else { Engine::Sled };
    let done = store.migrate(to, |_| Ok::<(), StoreError>(()))?;
    store.remove_others()?;
    Ok(done)
}

fn start_writer(engine: Engine, size: usize) -> Command {
    let mut command = this_test("writer");
    command.env("PHM_CRASH_WRITER", size.to_string()).env("PHM_CRASH_ENGINE", engine.name());
    command
}

/// How the writer's life ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Kill,
    PowerCut,
}

/// Kills the writer and cuts its power; answers how many new generations it made in all its lives.
fn survive(engine: Engine, size: usize, (kills, cuts): (usize, usize), prepare: impl Fn(&mut Command)) -> usize {
    let disk = Disk::new();
    let (mut acknowledged, mut generations, mut inside) = (0, 0, 0);
    for (end, times) in [(End::PowerCut, cuts), (End::Kill, kills)] {
        for cycle in 0..times {
            let mut command = start_writer(engine, size);
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
            generations +=
                said.iter().filter(|line| line.starts_with("compacted") || line.starts_with("migrated")).count();
            if matches!(end, End::PowerCut) {
                disk.cut_power();
            }
            let found = check(disk.folder(), acknowledged, size).unwrap_or_else(|wrong| {
                panic!("{}: after {end:?} {cycle} with values of {size} bytes: {wrong}", engine.name())
            });
            // The batch that was under way is there: it was killed before it could say so.
            inside += u32::from(found > acknowledged);
            acknowledged = found;
        }
    }
    assert!(acknowledged > 0);
    told(&format!(
        "{}, values of {size} bytes: {kills} kills, {cuts} power cuts, {inside} inside a commit, {generations} new \
         generations, {acknowledged} batches, 0 lost",
        engine.name()
    ));
    generations
}

/// Makes a test of each function for each engine.
macro_rules! of_each_engine {
    ($($test:ident)*) => {
        mod on_sled {
            $(#[test] fn $test() { super::$test(super::Engine::Sled); })*
        }
        mod on_redb {
            $(#[test] fn $test() { super::$test(super::Engine::Redb); })*
        }
    };
}

of_each_engine!(
    batches_of_one_kib_values_survive
    batches_of_eight_kib_values_survive
    batches_of_the_largest_values_survive
    batches_survive_while_the_store_is_compacted
    without_the_sync_of_a_commit_batches_are_lost
    a_full_disk_loses_nothing_acknowledged
    a_failing_disk_loses_nothing_acknowledged
    a_failing_sync_loses_nothing_acknowledged
    a_store_that_is_closed_and_opened_on_a_disk_whose_syncs_fail_loses_nothing_acknowledged
    a_store_that_is_opened_on_a_disk_that_does_not_give_all_of_it_loses_nothing_acknowledged
    a_disk_that_takes_its_time_to_fail_lets_nobody_wait_for_ever
    a_compaction_that_meets_a_failing_disk_loses_nothing_acknowledged
    a_compaction_on_a_disk_that_takes_its_time_to_fail_lets_nobody_wait_for_ever
    a_read_only_folder_is_refused_and_keeps_what_it_has
);

/// Kills and cuts of one size: in the short form a quarter of 20.
fn times() -> (usize, usize) {
    if long() { (200, 100) } else { (5, 5) }
}

fn batches_of_one_kib_values_survive(engine: Engine) {
    survive(engine, 1024, times(), |_| {});
}

fn batches_of_eight_kib_values_survive(engine: Engine) {
    survive(engine, 8 * 1024, times(), |_| {});
}

fn batches_of_the_largest_values_survive(engine: Engine) {
    survive(engine, MAX_VALUE, times(), |_| {});
}

fn batches_survive_while_the_store_is_compacted(engine: Engine) {
    let times = if long() { (100, 100) } else { (5, 5) };
    let generations = survive(engine, 1024, times, |command| {
        command.env("PHM_CRASH_COMPACT", "1");
    });
    assert!(generations > 0, "no compaction came to its end");
}

#[test]
fn batches_survive_while_the_store_moves_from_engine_to_engine() {
    let times = if long() { (100, 100) } else { (5, 8) };
    let generations = survive(Engine::Sled, 1024, times, |command| {
        command.env("PHM_CRASH_MIGRATE", "1");
    });
    assert!(generations > 0, "no move came to its end");
}

/// The negative control: the harness must see what the syncs prevent.
fn without_the_sync_of_a_commit_batches_are_lost(engine: Engine) {
    let lost = (0..10).any(|_| {
        let disk = Disk::new();
        let mut writer = disk.start(start_writer(engine, 1024).env("PHM_CUT_IGNORE", "fdatasync"));
        writer.wait_for("ack");
        let said = writer.kill_after(some_moment(Duration::from_millis(300)));
        disk.cut_power();
        check(disk.folder(), highest("ack ", &said).unwrap_or(0), 1024).is_err()
    });
    assert!(lost, "ten power cuts without syncs lost nothing");
}

/// One call fails: the store refuses work until it is opened again, and nothing acknowledged is lost.
fn survive_failures(
    (engine, during): (Engine, &str),
    kind: &str,
    calls: impl Iterator<Item = u64>,
    prepare: impl Fn(&mut Command),
) {
    let (mut seen, mut tried) = (0, 0);
    for call in calls {
        tried += 1;
        let disk = Disk::new();
        let (kind, class) =
            kind.split_once(':').map_or((kind, String::new()), |(kind, class)| (kind, format!(":{class}")));
        let fail = format!("{kind}@{call}{class}");
        let mut command = start_writer(engine, 2048);
        prepare(command.env("PHM_CUT_FAIL", &fail).env("PHM_CRASH_BATCHES", "60"));
        let writer = disk.start(&mut command);
        let begun = Instant::now();
        let (status, said) = writer.finish();
        assert!(status.success(), "{fail}: {said:?}");
        assert!(begun.elapsed() < AT_ONCE, "{fail}: a store was given up while it closed; {said:?}");
        seen += said.iter().filter(|line| line.starts_with("failed") || line.starts_with("refused")).count();
        disk.cut_power();
        if let Some(acknowledged) = highest("ack ", &said) {
            check(disk.folder(), acknowledged, 2048).unwrap_or_else(|wrong| panic!("{fail}: {wrong}; {said:?}"));
        }
    }
    told(&format!("{}, {during}: {tried} calls failed with {kind}, {seen} failures seen, 0 lost", engine.name()));
    assert!(seen > 0, "no failure reached the store");
}

fn a_full_disk_loses_nothing_acknowledged(engine: Engine) {
    let step = if long() { 1 } else { 9 };
    survive_failures((engine, "commits"), "ENOSPC", (1..200).step_by(step), |_| {});
}

fn a_failing_disk_loses_nothing_acknowledged(engine: Engine) {
    let step = if long() { 1 } else { 9 };
    survive_failures((engine, "commits"), "EIO", (3..200).step_by(step), |_| {});
}

/// Whoever asked for it: also a thread of the engine, that nobody hears of, while the store is being opened.
fn a_failing_sync_loses_nothing_acknowledged(engine: Engine) {
    for _ in 0..if long() { 20 } else { 1 } {
        survive_failures((engine, "commits"), "EIO:sync", 1..40, |_| {});
    }
}

/// What closing writes may not reach the disk, and the next opening must not build on it. The writer ends where it has
/// opened the store and written nothing since.
fn a_store_that_is_closed_and_opened_on_a_disk_whose_syncs_fail_loses_nothing_acknowledged(engine: Engine) {
    let step = if long() { 1 } else { 4 };
    survive_failures((engine, "closing and opening"), "EIO:sync", (1..160).step_by(step), |command| {
        command.env("PHM_CRASH_REOPEN", "3").env("PHM_CRASH_BATCHES", "15");
    });
}

/// An engine may take what it cannot read for what is not there, and write over it: a bad sector must not cost the rest.
fn a_store_that_is_opened_on_a_disk_that_does_not_give_all_of_it_loses_nothing_acknowledged(engine: Engine) {
    let step = if long() { 1 } else { 9 };
    survive_failures((engine, "opening"), "EIO:place", (1..200).step_by(step), |command| {
        command.env("PHM_CRASH_REOPEN", "7");
    });
}

/// While a call takes long, others begin to wait for it: they have to hear that it failed.
fn a_disk_that_takes_its_time_to_fail_lets_nobody_wait_for_ever(engine: Engine) {
    let step = if long() { 1 } else { 7 };
    survive_failures((engine, "commits, slowly"), "EIO", (3..200).step_by(step), |command| {
        command.env("PHM_CUT_SLOW", "50");
    });
}

fn a_compaction_that_meets_a_failing_disk_loses_nothing_acknowledged(engine: Engine) {
    let step = if long() { 1 } else { 17 };
    for kind in ["EIO", "ENOSPC"] {
        survive_failures((engine, "compactions"), kind, (30..250).step_by(step), |command| {
            command.env("PHM_CRASH_COMPACT", "1");
        });
    }
}

fn a_compaction_on_a_disk_that_takes_its_time_to_fail_lets_nobody_wait_for_ever(engine: Engine) {
    let step = if long() { 1 } else { 7 };
    survive_failures((engine, "compactions, slowly"), "EIO", (30..250).step_by(step), |command| {
        command.env("PHM_CRASH_COMPACT", "1").env("PHM_CUT_SLOW", "50");
    });
}

fn a_read_only_folder_is_refused_and_keeps_what_it_has(engine: Engine) {
    let disk = Disk::new();
    let (status, said) = disk.start(start_writer(engine, 1024).env("PHM_CRASH_BATCHES", "20")).finish();
    let acknowledged = highest("ack ", &said).expect("it has written");
    assert!(status.success(), "{said:?}");
    let (status, said) = disk.start(start_writer(engine, 1024).env("PHM_CUT_FAIL", "EROFS@1+")).finish();
    let says = |word: &str| said.iter().any(|line| line.starts_with(word));
    assert!(status.success() && says("refused") && !says("ack"), "{said:?}");
    check(disk.folder(), acknowledged, 1024).unwrap_or_else(|wrong| panic!("{}: {wrong}", engine.name()));
}

#[test]
fn a_move_to_the_other_engine_that_meets_a_failing_disk_loses_nothing_acknowledged() {
    let step = if long() { 1 } else { 17 };
    for kind in ["EIO", "ENOSPC"] {
        survive_failures((Engine::Sled, "moves to the other engine"), kind, (30..250).step_by(step), |command| {
            command.env("PHM_CRASH_MIGRATE", "1");
        });
    }
}

#[test]
fn a_move_to_the_other_engine_on_a_disk_that_takes_its_time_to_fail_lets_nobody_wait_for_ever() {
    let step = if long() { 1 } else { 11 };
    let during = "moves to the other engine, slowly";
    survive_failures((Engine::Sled, during), "EIO", (30..250).step_by(step), |command| {
        command.env("PHM_CRASH_MIGRATE", "1").env("PHM_CUT_SLOW", "50");
    });
}
