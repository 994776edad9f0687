//! The vault that is measured, and the work of two rounds over everybody in it.

use std::path::Path;

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::index::{CodeFilter, Query};
use phm_core::vault::{How, ProfileCard, Session};
use serde_json::{Value, json};

use crate::house;

/// The kind of all records but the people's own.
pub const KIND: &str = "lab-result";
/// Rows of a list, where there are so many.
const ROWS: u32 = 200;
/// Bodies read of each person in a round.
const BODIES: u32 = 20;
/// A search for words reads every body once: of one in so many people is enough.
const SEARCHED: usize = 4;

/// How many people with how many results each: people by the [`SEARCHED`], records in pairs.
#[derive(Clone, Copy)]
pub struct Scene {
    pub people: u32,
    pub records: u32,
}

impl Scene {
    /// Makes the vault.
    pub fn fill(self, dir: &Path) {
        let vault = house::create(dir);
        let session = house::operator(&vault);
        for person in 0..self.people {
            let profile = house::person(&session, &format!("Person {person}"));
            let permit = session.permit(Action::Add, profile, KIND).expect("allowed");
            let bodies: Vec<Value> = (0..self.records).map(|number| result(person, number)).collect();
            for bodies in bodies.chunks(500) {
                session.add_many(&permit, bodies, &How::Typed).expect("added");
            }
        }
        drop(session);
        vault.close().expect("closed");
    }

    /// How many there are before anything is added to them.
    pub fn all(self) -> u64 {
        u64::from(self.people) * u64::from(self.records)
    }

    /// What [`work`] has to answer.
    pub fn answers(self) -> Value {
        let people = u64::from(self.people);
        let searched = people / SEARCHED as u64;
        json!({
            "listed": 2 * people * u64::from(self.records.min(ROWS)),
            "read": 2 * people * u64::from(self.records.min(BODIES)),
            "filtered": 2 * people * u64::from(self.records / 2),
            "found": searched * u64::from(self.records / 2),
            "added": people,
        })
    }
}

/// A result: every other one is of another test.
fn result(person: u32, number: u32) -> Value {
    let (year, month, day) = (2000 + number % 25, 1 + number / 25 % 12, 1 + (number + person) % 28);
    let (test, code, value, unit) = if number.is_multiple_of(2) {
        ("Glucose", "2345-7", 70 + number % 60, "mg/dL")
    } else {
        ("Hemoglobin A1c", "4548-4", 5 + number % 6, "%")
    };
    json!({
        "concept": {"text": test, "codes": [{"system": "http://loinc.org", "code": code, "display": test}]},
        "quantity": {"value": format!("{value}.{}", person % 10), "unit": unit},
        "status": "final",
        "collected_at": format!("{year}-{month:02}-{day:02}T08:00:00.000Z"),
        "laboratory": "Doaba Diagnostics",
    })
}

/// Everybody in the vault.
pub fn everybody(session: &Session) -> Vec<ProfileId> {
    session.profiles().expect("listed").iter().map(|ProfileCard { profile, .. }| *profile).collect()
}

/// Goes through everybody twice, so that what was closed for want of room is opened again: lists, reads bodies and
/// filters; in the second round also searches for words and adds a record to each.
pub fn work(session: &Session) -> Value {
    let [mut listed, mut read, mut filtered, mut found, mut added] = [0_u64; 5];
    for round in 0..2 {
        for (at, profile) in everybody(session).into_iter().enumerate() {
            let permit = session.permit(Action::Read, profile, KIND).expect("allowed");
            let rows = Query { per_page: ROWS, ..Query::default() };
            listed += session.summaries(&permit, &rows).expect("listed").items.len() as u64;
            let bodies = Query { per_page: BODIES, ..Query::default() };
            read += session.list(&permit, &bodies).expect("read").items.len() as u64;
            let codes = vec![CodeFilter::parse("http://loinc.org|4548-4")];
            filtered += session.summaries(&permit, &Query { codes, ..Query::default() }).expect("filtered").total;
            if round == 0 {
                continue;
            }
            if at.is_multiple_of(SEARCHED) {
                let words = Query { text: Some("hemoglobin".into()), ..Query::default() };
                found += session.summaries(&permit, &words).expect("searched").total;
            }
            // Of the test that neither the filter nor the search is about, so that another run answers the same.
            house::add(session, profile, KIND, &result(0, 0));
            added += 1;
        }
    }
    json!({"listed": listed, "read": read, "filtered": filtered, "found": found, "added": added})
}
