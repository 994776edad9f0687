//! The program that is killed: it writes records, samples, state rows, documents and imports from several threads at once, beside
//! the chores it is told to do, and says on its standard error, line by line, what it begins (`begin <lane>`) and what was
//! acknowledged (`ack <lane> …`).

use std::io::Write as _;
use std::path::Path;

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::model::Sample;
use phm_core::time::Instant;
use phm_core::vault::{How, SampleQuery, Session, Vault};
use serde_json::{Value, json};

use crate::chores;
use crate::house::{self, Dice};
use crate::inputs;

/// How many new samples are added together.
pub const TOGETHER: i64 = 7;

/// The lanes that write records of their own person.
pub const LANES: [&str; 2] = ["lane-0", "lane-1"];

/// A whole line at once: a kill may fall between two lines, never inside one.
pub fn say(line: &str) {
    // Nobody listens any more when the test has gone.
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

pub fn lane_profile(session: &Session, lane: &str) -> ProfileId {
    let cards = session.profiles().expect("people");
    cards.into_iter().find(|card| card.name == lane).expect("the lane's person").profile
}

/// The content of a document made from its seed.
pub fn content(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let length = 1 + dice.below(100_000);
    dice.bytes(usize::try_from(length).expect("short"))
}

/// Runs until it is killed.
pub fn run(dir: &Path, inputs: &Path, first_input: u32, seed: u64, chores: &str) {
    say("start");
    if chores == "migrate" {
        return chores::migrate_for_ever(dir, seed);
    }
    let vault = house::open(dir).expect("the vault opens");
    let session = house::operator(&vault);
    std::thread::scope(|scope| {
        for lane in LANES {
            let session = &session;
            scope.spawn(move || write_records(session, lane, seed, u32::MAX));
        }
        scope.spawn(|| write_state(&vault));
        scope.spawn(|| write_samples(&session));
        scope.spawn(|| write_documents(&session, seed));
        scope.spawn(|| chores::do_for_ever(&vault, &session, chores, &dir.with_file_name("backups"), seed));
        scope.spawn(|| {
            for number in first_input.. {
                let path = inputs::input(inputs, number);
                say(&format!("begin import {number}"));
                let counts = house::import(&session, &path).expect("imported").totals.counts;
                say(&format!("ack import {number} {} {} {}", counts.added, counts.updated, counts.unchanged));
            }
        });
    });
}

pub fn body(text: &str) -> Value {
    json!({"concept": {"text": text}, "onset": "2019-04"})
}

/// Adds, amends and removes `count` records of a lane's person.
pub fn write_records(session: &Session, lane: &str, seed: u64, count: u32) {
    let profile = lane_profile(session, lane);
    let change = session.permit(Action::Amend, profile, "condition").expect("allowed");
    for number in 0..count {
        let text = format!("{lane} {seed} {number}");
        say(&format!("begin {lane}"));
        let record = house::add(session, profile, "condition", &body(&text));
        say(&format!("ack {lane} {} 1 {text}", record.id));
        say(&format!("begin {lane}"));
        house::amend(session, &record, &body(&format!("{text} amended")));
        say(&format!("ack {lane} {} 2 {text} amended", record.id));
        if number % 2 == 0 {
            say(&format!("begin {lane}"));
            session.remove(&change, record.id, 2).expect("removed");
            say(&format!("ack {lane} {} 3 remove", record.id));
        }
    }
}

/// The one series of the lane with samples, where it was made already.
pub fn series_of(session: &Session) -> Option<(ProfileId, RecordId)> {
    let profile = lane_profile(session, LANES[1]);
    let read = session.permit(Action::Read, profile, "series").expect("allowed");
    let page = session.summaries(&read, &Query::default()).expect("listed");
    page.items.first().map(|row| (profile, row.id))
}

/// When the samples were taken that a series shows.
pub fn times_of(session: &Session, (profile, series): (ProfileId, RecordId)) -> phm_core::Result<Vec<i64>> {
    let read = session.permit(Action::Read, profile, "series")?;
    Ok(session.samples(&read, series, &SampleQuery::default())?.1.times)
}

/// Adds the next samples, with some that were there already; sometimes one that is taken back at once, from before all
/// others.
fn write_samples(session: &Session) {
    let (profile, series) = series_of(session).unwrap_or_else(|| {
        let profile = lane_profile(session, LANES[1]);
        (profile, house::add(session, profile, "series", &json!({"concept": "Heart rate", "unit": "/min"})).id)
    });
    let times = times_of(session, (profile, series)).expect("read");
    let mut next = times.last().map_or(0, |last| last + 1);
    let add = session.permit(Action::Add, profile, "series").expect("allowed");
    let amend = session.permit(Action::Amend, profile, "series").expect("allowed");
    let sample = |at: i64| Sample::new(Instant::from_millis(at), (at % 90).to_string().parse().expect("a decimal"));
    loop {
        let samples: Vec<Sample> = ((next - 3).max(0)..next + TOGETHER).map(sample).collect();
        next += TOGETHER;
        say("begin series");
        session.append_samples(&add, series, &samples, &How::Device).expect("added");
        say(&format!("ack series {next}"));
        if next % (5 * TOGETHER) == 0 {
            say("begin series");
            let added = session.append_samples(&add, series, &[sample(-next)], &How::Device).expect("added");
            if let Some(entry) = added.entry {
                session.undo_append(&amend, series, entry).expect("taken back");
                say(&format!("ack series {next} undone"));
            }
        }
    }
}

fn write_state(vault: &Vault) {
    for number in vault.state::<u64>(ProfileId::SYSTEM, "counter").expect("readable").unwrap_or(0) + 1.. {
        say("begin state");
        vault.put_state(ProfileId::SYSTEM, "counter", &number, None).expect("written");
        say(&format!("ack state {number}"));
    }
}

fn write_documents(session: &Session, seed: u64) {
    let profile = lane_profile(session, LANES[0]);
    for number in 0.. {
        let seed = seed * 100_000 + number;
        say("begin document");
        let id = house::add_document(session, profile, &format!("scan {seed}"), &content(seed));
        say(&format!("ack document {id} {seed}"));
    }
}
