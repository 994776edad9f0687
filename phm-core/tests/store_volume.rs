//! Much at once loses nothing either. An engine that cleans its log writes over rows once they stand somewhere else; where
//! one commit, or mere reading, makes it write a lot, that other place may not have reached the disk yet.
//!
//! The short form cuts the power 6 times in a test, and fails every seventh sync; `PHM_LONG=1` cuts it 40 times, and fails
//! each. The tests of one engine are those whose names begin with `on_sled` or `on_redb`.

mod powercut;
mod told;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use phm_core::store::{Batch, Engine, Generations, MAX_VALUE, Store, StoreError};
use powercut::{Disk, highest, long, some_moment, this_test};
use told::told;

const CACHE: u64 = 4 << 20;
const HEAD: &[u8] = &[0];

/// What a store is filled with.
struct Rows {
    count: u32,
    size: usize,
    /// Rows of one commit.
    at_once: u32,
}

/// So many that reading all of them once makes sled write several segments of its log.
const SMALL: Rows = Rows { count: 40_000, size: 1000, at_once: 500 };
/// So large that one commit of them does, and all of them are written anew by three.
const LARGE: Rows = Rows { count: 1200, size: MAX_VALUE, at_once: 400 };
/// So few that sled stays in its first segment.
const TINY: Rows = Rows { count: 4000, size: 1000, at_once: 8 };

impl Rows {
    /// Rows that stand beside each other were written far apart, so that the engine splits its pages all over.
    fn address(row: u32) -> Vec<u8> {
        [&[1], row.wrapping_mul(2_654_435_761).to_be_bytes().as_slice()].concat()
    }

    fn value(&self, row: u32, commit: u32) -> Vec<u8> {
        [row.to_be_bytes(), commit.to_be_bytes()].concat().into_iter().cycle().take(self.size).collect()
    }

    /// Writes the next rows, beginning again behind the last.
    fn write(&self, store: &dyn Store, commit: u32) -> Result<(), StoreError> {
        let first = (commit - 1) * self.at_once;
        let mut batch = Batch::default();
        for row in (first..first + self.at_once).map(|row| row % self.count) {
            batch.replace(Self::address(row), self.value(row, commit));
        }
        batch.replace(HEAD.to_vec(), commit.to_be_bytes().to_vec());
        store.commit(batch)
    }

    fn head(store: &dyn Store) -> u32 {
        let head = store.get(HEAD).expect("read");
        head.map_or(0, |bytes| u32::from_be_bytes(bytes.try_into().expect("four bytes")))
    }

    /// Reads every row; each is that of the last commit which wrote it. Answers the last commit.
    fn check(&self, store: &dyn Store) -> u32 {
        let head = Self::head(store);
        let (written, round) = (head * self.at_once, self.count / self.at_once);
        let mut expected: Vec<_> = (0..written.min(self.count))
            .map(|row| {
                let first = row / self.at_once + 1;
                let last = first + (head - first) / round * round;
                (Self::address(row), self.value(row, last))
            })
            .collect();
        expected.sort();
        let mut expected = expected.into_iter();
        let mut visit = |address: &[u8], bytes: &[u8]| {
            let (at, value) = expected.next().expect("a row that was written");
            assert!(at == address && value == bytes, "a row is missing, or is another; the last commit is {head}");
            true
        };
        store.scan(&[1], &[2], &mut |(address, bytes)| visit(address, bytes)).expect("it is read");
        assert_eq!(expected.next(), None, "rows are missing at the end");
        head
    }
}

/// Not a test by itself: the program whose power is cut. It writes rows and says which commits it made. `PHM_VOLUME` says
/// what else it does: `read` when all rows are there, over and over, or have somebody read `beside` it.
#[test]
fn writer() {
    let Ok(engine) = std::env::var("PHM_VOLUME_ENGINE") else { return };
    let does = std::env::var("PHM_VOLUME").expect("what it does");
    let folder = std::env::var("PHM_CUT_ROOT").expect("the folder");
    let engine = Engine::on_disk(&engine).expect("one that keeps what it is given");
    let Ok(store) = Generations::open(Path::new(&folder), engine, CACHE) else { return };
    let rows = match &*does {
        "read" => SMALL,
        "beside" => TINY,
        _ => LARGE,
    };
    let begun = Rows::head(&store);
    std::thread::scope(|scope| {
        if does == "beside" {
            scope.spawn(|| while store.scan(&[1], &[2], &mut |_| true).is_ok() {});
        }
        for commit in begun + 1.. {
            if does == "read" && commit > rows.count / rows.at_once {
                break;
            }
            if rows.write(&store, commit).is_err() {
                std::process::exit(0);
            }
            eprintln!("ack {commit}");
        }
    });
    for round in 1.. {
        rows.check(&store);
        eprintln!("read {round}");
    }
}

fn start(engine: Engine, does: &str) -> Command {
    let mut writer = this_test("writer");
    // What the engine wrote and did not sync reaches the disk in part, and in any order.
    writer.env("PHM_VOLUME_ENGINE", engine.name()).env("PHM_VOLUME", does).env("PHM_CUT_LEAK", "30");
    writer
}

/// Cuts the power of a writer some moment after it said `said_first`; answers the last commit that is left.
fn cut(disk: &Disk, (engine, does): (Engine, &str), rows: &Rows, said_first: &str) -> u32 {
    let mut writer = disk.start(&mut start(engine, does));
    writer.wait_for(said_first);
    let said = writer.kill_after(some_moment(Duration::from_millis(300)));
    let well =
        said.iter().any(|line| line.starts_with(said_first)) && !said.iter().any(|line| line.contains("panicked"));
    assert!(well, "{}: it said {said:?}", engine.name());
    left(disk, engine, rows, &said)
}

/// Cuts the power of a disk whose writer has ended; everything it acknowledged is there. Answers the last commit.
fn left(disk: &Disk, engine: Engine, rows: &Rows, said: &[String]) -> u32 {
    disk.cut_power();
    let acknowledged = highest("ack ", said).unwrap_or_default();
    let left = Generations::open(disk.folder(), engine, CACHE)
        .unwrap_or_else(|error| panic!("{}: it does not open: {error:?}; {said:?}", engine.name()));
    let head = rows.check(&left);
    assert!(
        u64::from(head) >= acknowledged,
        "commit {acknowledged} was acknowledged, the last one is {head}; {said:?}"
    );
    head
}

fn cuts() -> usize {
    if long() { 40 } else { 6 }
}

fn rows_that_are_only_read_survive(engine: Engine) {
    for number in 0..cuts() {
        let said_first = if number % 6 == 0 { "ack 80" } else { "read 1" };
        let head = cut(&Disk::new(), (engine, "read"), &SMALL, said_first);
        assert_eq!(head, SMALL.count / SMALL.at_once);
    }
    told(&format!("{}, only read: {} power cuts, {} rows each, 0 lost", engine.name(), cuts(), SMALL.count));
}

fn commits_of_many_segments_survive(engine: Engine) {
    let disk = Disk::new();
    let head = (0..cuts()).fold(0, |_, _| cut(&disk, (engine, "write"), &LARGE, "ack"));
    let mib = (LARGE.size * LARGE.at_once as usize) >> 20;
    told(&format!("{}, commits of {mib} MiB: {} power cuts, {head} commits, 0 lost", engine.name(), cuts()));
}

/// Whoever reads may sync as well, and be the one who is told that a commit's rows did not reach the disk.
fn a_failing_sync_is_heard_by_the_commit_that_others_read_beside(engine: Engine) {
    let step = if long() { 1 } else { 7 };
    let (mut tried, mut failed) = (0, 0);
    for call in (5..90).step_by(step) {
        let disk = Disk::new();
        let (status, said) =
            disk.start(start(engine, "beside").env("PHM_CUT_FAIL", format!("EIO@{call}:sync"))).finish();
        assert!(status.success(), "sync {call}: {said:?}");
        left(&disk, engine, &TINY, &said);
        tried += 1;
        failed += u32::from(highest("ack ", &said).is_some());
    }
    assert!(failed > 0, "no sync failed behind the first commit");
    told(&format!("{}, commits beside reading: {tried} failed syncs, {failed} behind a commit, 0 lost", engine.name()));
}

mod on_sled {
    use super::Engine;

    #[test]
    fn rows_that_are_only_read_survive() {
        super::rows_that_are_only_read_survive(Engine::Sled);
    }

    #[test]
    fn commits_of_many_segments_survive() {
        super::commits_of_many_segments_survive(Engine::Sled);
    }

    #[test]
    fn a_failing_sync_is_heard_by_the_commit_that_others_read_beside() {
        super::a_failing_sync_is_heard_by_the_commit_that_others_read_beside(Engine::Sled);
    }
}

mod on_redb {
    use super::Engine;

    #[test]
    fn rows_that_are_only_read_survive() {
        super::rows_that_are_only_read_survive(Engine::Redb);
    }

    #[test]
    fn commits_of_many_segments_survive() {
        super::commits_of_many_segments_survive(Engine::Redb);
    }

    #[test]
    fn a_failing_sync_is_heard_by_the_commit_that_others_read_beside() {
        super::a_failing_sync_is_heard_by_the_commit_that_others_read_beside(Engine::Redb);
    }
}
