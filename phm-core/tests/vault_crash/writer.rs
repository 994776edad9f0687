//! The program that is killed: it writes records, state rows, documents and imports from several threads at once, and
//! says on its standard error, line by line, what it begins (`begin <lane>`) and what was acknowledged (`ack <lane> …`).

use std::io::Write as _;
use std::path::Path;

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::vault::{Session, Vault};
use serde_json::{Value, json};

use crate::house::{self, Dice};
use crate::inputs;

/// The lanes that write records of their own person.
pub const LANES: [&str; 2] = ["lane-0", "lane-1"];

/// A whole line at once: a kill may fall between two lines, never inside one.
fn say(line: &str) {
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
pub fn run(dir: &Path, inputs: &Path, first_input: u32, seed: u64) {
    say("start");
    let vault = house::open(dir).expect("the vault opens");
    let session = house::operator(&vault);
    std::thread::scope(|scope| {
        for lane in LANES {
            let session = &session;
            scope.spawn(move || write_records(session, lane, seed));
        }
        scope.spawn(|| write_state(&vault));
        scope.spawn(|| write_documents(&session, seed));
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

fn write_records(session: &Session, lane: &str, seed: u64) {
    let profile = lane_profile(session, lane);
    let change = session.permit(Action::Amend, profile, "condition").expect("allowed");
    for number in 0.. {
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
