//! Much at once loses nothing either. An engine that cleans its log writes over rows once they stand somewhere else; where
//! one commit, or mere reading, makes it write a lot, that other place may not have reached the disk yet.
//!
//! The short form cuts the power 6 times in a test, and fails every seventh sync; `PHM_LONG=1` cuts it 40 times, and fails
//! each. The tests of one engine are those whose names begin with `on_sled` or `on_redb`.

mod powercut;
mod told;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
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
/// what else it does: `read` when all rows are there, over and over, or have somebody read `beside` it; or to `open` and
/// close the store and nothing else.
#[test]
fn writer() {
    let Ok(engine) = std::env::var("PHM_VOLUME_ENGINE") else { return };
    let does = std::env::var("PHM_VOLUME").expect("what it does");
    let folder = std::env::var("PHM_CUT_ROOT").expect("the folder");
    let engine = Engine::on_disk(&engine).expect("one that keeps what it is given");
    let Ok(store) = Generations::open(Path::new(&folder), engine, CACHE) else { return };
    let rows = if does == "write" { LARGE } else { SMALL };
    if does == "open" {
        return;
    }
    let begun = Rows::head(&store);
    std::thread::scope(|scope| {
        for _ in 0..if does == "beside" { 2 } else { 0 } {
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
        left(&disk, engine, &SMALL, &said);
        tried += 1;
        failed += u32::from(highest("ack ", &said).is_some());
    }
    assert!(failed > 0, "no sync failed behind the first commit");
    told(&format!("{}, commits beside reading: {tried} failed syncs, {failed} behind a commit, 0 lost", engine.name()));
}

/// The log of sled as the disk has it.
#[derive(Default)]
struct Log {
    /// The segment that begins at each place of the file.
    segments: HashMap<i64, i64>,
    /// What was written since the last sync, and what is durable behind a gap: from and to.
    waiting: Vec<(i64, i64)>,
    apart: BTreeMap<i64, i64>,
    /// All before this is durable.
    durable: i64,
}

impl Log {
    const SEGMENT: i64 = 2 << 20;

    fn write(&mut self, at: i64, length: i64) {
        if let Some(segment) = self.segments.get(&(at / Self::SEGMENT * Self::SEGMENT)) {
            let from = segment + at % Self::SEGMENT;
            self.waiting.push((from, from + length));
        }
    }

    fn sync(&mut self) {
        self.apart.extend(self.waiting.drain(..));
        while let Some(next) = self.apart.first_entry().filter(|next| *next.key() <= self.durable) {
            self.durable = self.durable.max(next.remove());
        }
    }
}

/// How many segments of sled's log were begun in `trace`, and those whose header called something stable that was not
/// durable: where the segment begins, the last that is called stable, and what was durable.
fn headers(trace: &str) -> (usize, Vec<(i64, i64, i64)>) {
    let (mut logs, mut count, mut wrong) = (HashMap::<&str, Log>::new(), 0, Vec::new());
    for line in trace.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        match fields[..] {
            ["s", file] => logs.entry(file).or_default().sync(),
            // The last line may end where the writer was killed.
            ["w", file, at, length, head] => {
                let log = logs.entry(file).or_default();
                let (at, length): (i64, i64) = (at.parse().expect("a place"), length.parse().expect("a length"));
                if at % Log::SEGMENT == 0 {
                    let Some((lsn, stable)) = segment_header(head) else {
                        log.segments.remove(&at);
                        continue;
                    };
                    count += 1;
                    if stable >= log.durable {
                        wrong.push((lsn, stable, log.durable));
                    }
                    log.segments.insert(at, lsn);
                }
                log.write(at, length);
            }
            _ => {}
        }
    }
    (count, wrong)
}

/// Where a segment begins in the log and the last place it calls stable, from its first bytes in hexadecimal: a checksum
/// and both numbers, inverted. Other files, and segments that are given free, begin with something else.
fn segment_header(head: &str) -> Option<(i64, i64)> {
    let number = |from: usize| {
        let digits = (from..from + 16).step_by(2).map(|at| u8::from_str_radix(head.get(at..at + 2)?, 16).ok());
        let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
        Some(i64::from_le_bytes(bytes.try_into().ok()?) ^ i64::MAX)
    };
    let (lsn, stable) = (number(8)?, number(24)?);
    (lsn >= 0 && lsn % Log::SEGMENT == 0 && (-1..lsn).contains(&stable)).then_some((lsn, stable))
}

/// Opening writes as well. When the disk dies at any call of one, what was acknowledged before is there at the next.
fn an_opening_on_a_dying_disk_loses_nothing(engine: Engine) {
    let home = tempfile::tempdir().expect("a folder");
    let counted = home.path().join("calls");
    let open_with = |name: &str, value: &OsStr| {
        let disk = Disk::new();
        let mut writer = disk.start(&mut start(engine, "write"));
        writer.wait_for("ack");
        let said = writer.kill_after(Duration::ZERO);
        disk.cut_power();
        // What reaches the disk by itself may be the zeros that sled writes over places before it has a name for its snapshot.
        disk.start(start(engine, "open").env("PHM_CUT_LEAK", "0").env(name, value)).finish();
        left(&disk, engine, &LARGE, &said);
    };
    open_with("PHM_CUT_COUNT", counted.as_os_str());
    let calls: u64 = std::fs::read_to_string(counted).expect("counted").trim().parse().expect("a number");
    assert!(calls > 15, "an opening and a closing made {calls} calls");
    for call in 1..=calls {
        open_with("PHM_CUT_FAIL", format!("EIO@{call}+").as_ref());
    }
    told(&format!("{}, opening and closing: a disk that dies at each of {calls} calls, 0 lost", engine.name()));
}

mod on_sled {
    use super::*;

    /// Where it does, and that header alone reaches the disk, sled finds its log empty.
    #[test]
    fn no_segment_begun_beside_readers_calls_anything_stable_that_is_not_durable() {
        let (disk, home) = (Disk::new(), tempfile::tempdir().expect("a folder"));
        let trace = home.path().join("trace");
        let mut writer = disk.start(start(Engine::Sled, "beside").env("PHM_CUT_TRACE", &trace));
        writer.wait_for(if long() { "ack 4000" } else { "ack 150" });
        writer.kill_after(Duration::ZERO);
        let (count, wrong) = headers(&std::fs::read_to_string(trace).expect("the trace"));
        told(&format!("sled, segments begun beside readers: {count}, {} call stable what is not durable", wrong.len()));
        assert!(count > if long() { 900 } else { 30 }, "only {count} segments");
        assert!(wrong.is_empty(), "of {count} segments {wrong:?}");
    }

    #[test]
    fn rows_that_are_only_read_survive() {
        super::rows_that_are_only_read_survive(Engine::Sled);
    }

    #[test]
    fn commits_of_many_segments_survive() {
        super::commits_of_many_segments_survive(Engine::Sled);
    }

    #[test]
    fn an_opening_on_a_dying_disk_loses_nothing() {
        super::an_opening_on_a_dying_disk_loses_nothing(Engine::Sled);
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
    fn an_opening_on_a_dying_disk_loses_nothing() {
        super::an_opening_on_a_dying_disk_loses_nothing(Engine::Redb);
    }

    #[test]
    fn a_failing_sync_is_heard_by_the_commit_that_others_read_beside() {
        super::a_failing_sync_is_heard_by_the_commit_that_others_read_beside(Engine::Redb);
    }
}
