//! The rows about storage: writing together, reading one, listing, and what sealing costs.
//!
//! PHM, its peers (SQLCipher, SQLite with values sealed by ring, the engines by themselves) and PHM with the null cipher
//! take turns, five rounds each.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use phm_core::id::RecordId;
use phm_core::store::Engine;
use phm_core::vault::Options;

use crate::bare::Bare;
use crate::house::{House, KIND, RECORDS, WRITERS, body, micros, per_second};
use crate::sqlite::{Keeps, Peer, Stored};
use crate::table::{Row, Target, interleaved};

/// Something that gives a figure each time it is run.
type Measured<'m> = &'m dyn Fn() -> f64;
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PROFILE: [u8; 16] = [9; 16];
const ROUND: Duration = Duration::from_secs(2);

/// Measures and gives the rows; `null` is the program of the control.
pub fn rows(data: &Path, null: &Path, rounds: usize) -> Outcome<Vec<Row>> {
    let folder = |name: &str| -> Outcome<_> {
        let folder = data.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    let mut control = Control::start(null, &folder("null")?)?;
    let (written, read) = (House::create(&folder("written")?)?, House::create(&folder("read")?)?);
    let ids = read.fill(RECORDS)?;
    let (peer_written, peer_read) =
        (Peer::create(&folder("peer-written")?, Keeps::Pages)?, Peer::create(&folder("peer-read")?, Keeps::Pages)?);
    peer_read.fill((500..RECORDS).map(|number| stored(number, RecordId::new())))?;
    let last: Vec<[u8; 16]> = (RECORDS - 500..RECORDS).map(number_id).collect();
    peer_read.fill((0..500).map(|at| Stored { id: last[at as usize], ..stored(at, RecordId::new()) }))?;

    let mut rows = Vec::new();
    let [ours, peer, without] = interleaved(
        rounds,
        [&mut || written.write_for(WRITERS, ROUND), &mut || write_peer(&peer_written), &mut || control.ask("write")],
    );
    rows.push(against("group commit, 64 writers", "records/s", Target::TimesPeer(1.5), ours, peer));
    let null = ("null cipher", 1e6 / without);
    rows.push(Row::against("cost of sealing: a write", "µs", Target::TimesPeerAtMost(1.25), 1e6 / ours, null));

    let read_peer = || micros(last.len(), |at| _ = peer_read.read(&last[at]).expect("read"));
    let peer_summaries =
        || micros(100, |_| assert_eq!(peer_read.summaries(&PROFILE, KIND).expect("listed").len(), 100));
    let peer_bodies = || micros(100, |_| assert_eq!(peer_read.bodies(&PROFILE, KIND).expect("listed").len(), 100));
    let peer_reads: [(&str, Target, Measured<'_>, Measured<'_>); 3] = [
        ("read one record", Target::TimesPeer(1.0), &|| read.read_one(&ids), &read_peer),
        ("list 100 summaries", Target::TimesPeer(2.0), &|| read.summaries(100), &peer_summaries),
        ("list 100 full bodies", Target::TimesPeer(0.6), &|| read.bodies(100), &peer_bodies),
    ];
    for (what, target, ours, peer) in &peer_reads {
        let [ours, peer] = interleaved(rounds, [&mut || ours(), &mut || peer()]);
        rows.push(against(what, "/s", *target, 1e6 / ours, 1e6 / peer));
    }
    let [ours, without] = interleaved(rounds, [&mut || read.read_one(&ids), &mut || control.ask("read")]);
    let null = ("null cipher", without);
    rows.push(Row::against("cost of sealing: a read", "µs", Target::TimesPeerAtMost(1.25), ours, null));
    rows.extend(on_the_other(&folder, &peer_written, &read_peer, &peer_bodies, rounds)?);
    // What PHM reads is opened anew each time; the peer, given room, keeps its pages decrypted in memory.
    peer_read.set_cache(80 * 1024)?;
    for (what, _, ours, peer) in &peer_reads {
        let [ours, peer] = interleaved(rounds, [&mut || ours(), &mut || peer()]);
        let what = format!("{what}; peer with all of it decrypted in memory");
        rows.push(against(&what, "/s", Target::ForTheRecord, 1e6 / ours, 1e6 / peer));
    }

    rows.extend(beside_others(&folder, &written, &read, &ids, rounds)?);

    let profile = read.profile;
    let House { vault, session, .. } = read;
    drop(session);
    vault.close()?;
    let mut opened = || {
        let begun = std::time::Instant::now();
        let house = House::open(&data.join("read"), profile).expect("opened");
        assert!(house.summaries(1) > 0.0);
        let seconds = begun.elapsed().as_secs_f64();
        house.vault.close().expect("closed");
        seconds
    };
    let [seconds] = interleaved(rounds, [&mut opened]);
    rows.push(Row::alone("open a vault of 10,000 records and list the first page", "s", Target::AtMost(0.1), seconds));
    Ok(rows)
}

/// The same on the engine that is not the default, so that whoever chooses can compare.
fn on_the_other(
    folder: &dyn Fn(&str) -> Outcome<PathBuf>,
    peer_written: &Peer,
    read_peer: Measured<'_>,
    peer_bodies: Measured<'_>,
    rounds: usize,
) -> Outcome<Vec<Row>> {
    let usual = Options::default().engine;
    let engine = if usual == Engine::Sled { Engine::Redb } else { Engine::Sled };
    let (written, home) = (House::create_on(&folder("other-written")?, engine)?, folder("other-read")?);
    let read = House::create_on(&home, engine)?;
    let ids = read.fill(RECORDS)?;
    let mut rows = Vec::new();
    let mut push = |what: &str, unit, ours, peer| {
        let what = format!("{what}, on {}", engine.name());
        rows.push(against(&what, unit, Target::ForTheRecord, ours, peer));
    };
    let [ours, peer] =
        interleaved(rounds, [&mut || written.write_for(WRITERS, ROUND), &mut || write_peer(peer_written)]);
    push("group commit, 64 writers", "records/s", ours, peer);
    let [ours, peer] = interleaved(rounds, [&mut || read.read_one(&ids), &mut || read_peer()]);
    push("read one record", "/s", 1e6 / ours, 1e6 / peer);
    let [ours, peer] = interleaved(rounds, [&mut || read.bodies(100), &mut || peer_bodies()]);
    push("list 100 full bodies", "/s", 1e6 / ours, 1e6 / peer);

    let House { vault, session, profile } = read;
    drop(session);
    vault.close()?;
    let mut opened = || {
        let begun = std::time::Instant::now();
        let house = House::open(&home, profile).expect("opened");
        assert!(house.summaries(1) > 0.0);
        let seconds = begun.elapsed().as_secs_f64();
        house.vault.close().expect("closed");
        seconds
    };
    let [seconds] = interleaved(rounds, [&mut opened]);
    let what = format!("open a vault of 10,000 records and list the first page, on {}", engine.name());
    rows.push(Row::alone(&what, "s", Target::ForTheRecord, seconds));
    Ok(rows)
}

/// Writing and reading beside the other peers. They have no target: each leaves out something PHM does.
fn beside_others(
    folder: &dyn Fn(&str) -> Outcome<PathBuf>,
    written: &House,
    read: &House,
    ids: &[RecordId],
    rounds: usize,
) -> Outcome<Vec<Row>> {
    let sealed = Peer::create(&folder("sealed-values")?, Keeps::Values)?;
    let engines = [Bare::sled(&folder("bare")?)?, Bare::redb(&folder("bare")?)?];
    let mut rows = Vec::new();
    let record = |what: &str, unit, ours: f64, peer| Row::against(what, unit, Target::ForTheRecord, ours, peer);

    let [ours, with_ring, sled, redb] = interleaved(
        rounds,
        [
            &mut || written.write_for(WRITERS, ROUND),
            &mut || write_peer(&sealed),
            &mut || write_bare(&engines[0]),
            &mut || write_bare(&engines[1]),
        ],
    );
    let what = "group commit, 64 writers";
    rows.push(record(what, "records/s", ours, (Keeps::Values.name(), with_ring)));
    rows.push(record(what, "records/s", ours, (engines[0].name(), sled)));
    rows.push(record(what, "records/s", ours, (engines[1].name(), redb)));

    // What is read has as many records around it in each.
    sealed.fill((0..RECORDS).map(|number| Stored { id: number_id(number), ..stored(number, RecordId::new()) }))?;
    for engine in &engines {
        for from in (0..RECORDS).step_by(500) {
            let bodies: Vec<_> =
                (from..from + 500).map(|number| (number_id(number), body(number).to_string())).collect();
            engine.put(bodies.iter().map(|(id, body)| (id, body.as_str())))?;
        }
    }
    let last: Vec<[u8; 16]> = (RECORDS - 500..RECORDS).map(number_id).collect();
    let bare =
        |engine: &Bare| micros(last.len(), |at| assert!(engine.read(&last[at]).is_ok_and(|body| body.is_some())));
    let [ours, with_ring, sled, redb] = interleaved(
        rounds,
        [
            &mut || read.read_one(ids),
            &mut || micros(last.len(), |at| _ = sealed.read(&last[at]).expect("read")),
            &mut || bare(&engines[0]),
            &mut || bare(&engines[1]),
        ],
    );
    let what = "read one record";
    rows.push(record(what, "/s", 1e6 / ours, (Keeps::Values.name(), 1e6 / with_ring)));
    rows.push(record(what, "/s", 1e6 / ours, (engines[0].name(), 1e6 / sled)));
    rows.push(record(what, "/s", 1e6 / ours, (engines[1].name(), 1e6 / redb)));

    let [ours, with_ring] = interleaved(
        rounds,
        [&mut || read.summaries(100), &mut || {
            micros(100, |_| assert_eq!(sealed.summaries(&PROFILE, KIND).expect("listed").len(), 100))
        }],
    );
    rows.push(record("list 100 summaries", "/s", 1e6 / ours, (Keeps::Values.name(), 1e6 / with_ring)));
    let [ours, with_ring] = interleaved(
        rounds,
        [&mut || read.bodies(100), &mut || {
            micros(100, |_| assert_eq!(sealed.bodies(&PROFILE, KIND).expect("listed").len(), 100))
        }],
    );
    rows.push(record("list 100 full bodies", "/s", 1e6 / ours, (Keeps::Values.name(), 1e6 / with_ring)));
    Ok(rows)
}

fn write_bare(engine: &Bare) -> f64 {
    per_second(WRITERS, ROUND, |writer| {
        move |round| {
            let number = writer.wrapping_mul(100_003).wrapping_add(round);
            let (id, body) = (RecordId::new(), body(number).to_string());
            engine.put([(id.as_bytes(), body.as_str())]).expect("put");
        }
    })
}

fn against(what: &str, unit: &'static str, target: Target, ours: f64, peer: f64) -> Row {
    Row::against(what, unit, target, ours, (Keeps::Pages.name(), peer))
}

fn write_peer(peer: &Peer) -> f64 {
    per_second(WRITERS, ROUND, |writer| {
        move |round| {
            let number = writer.wrapping_mul(100_003).wrapping_add(round);
            peer.add(&stored(number, RecordId::new())).expect("added");
        }
    })
}

/// The same record as a row of the peer.
pub(crate) fn stored(number: u32, id: RecordId) -> Stored {
    let body = body(number);
    let occurred = body["collected_at"].as_str().and_then(|at| at.parse::<phm_core::time::Instant>().ok());
    Stored {
        id: *id.as_bytes(),
        profile: PROFILE,
        kind: KIND,
        occurred: occurred.map_or(0, phm_core::time::Instant::millis),
        code: "http://loinc.org|2345-7".into(),
        status: "final",
        summary: format!("Glucose {} mg/dL", body["quantity"]["value"].as_str().unwrap_or_default()),
        body: body.to_string(),
    }
}

fn number_id(number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_le_bytes());
    id
}

/// The program with the null cipher, asked through its standard input.
struct Control {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Control {
    fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        let mut process = Command::new(program).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = process.stdin.take().expect("it was piped");
        let answers = BufReader::new(process.stdout.take().expect("it was piped"));
        let mut control = Self { process, questions, answers };
        if control.answer()? != "ready" {
            return Err("the control did not start".into());
        }
        Ok(control)
    }

    fn ask(&mut self, question: &str) -> f64 {
        writeln!(self.questions, "{question}").expect("the control runs");
        self.answer().ok().and_then(|answer| answer.parse().ok()).expect("the control answers with a figure")
    }

    fn answer(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
