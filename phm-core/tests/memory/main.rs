//! However many people a vault holds, the memory it takes stays within what it was given: the indexes' budget, the
//! engine's cache, and a margin for everything that does not grow.
//!
//! Each measurement is a process of its own. The short form has 150 people with 200 records each and a budget of 1 MiB;
//! `PHM_LONG=1` has 1,000 people with 1,000 records each and the default budget.

#[path = "../house/mod.rs"]
mod house;

use std::path::Path;
use std::process::{Command, Stdio};

use phm_core::access::{Action, Actor};
use phm_core::index::Query;
use phm_core::vault::{How, Options, Vault};
use serde_json::{Value, json};

/// What the vault takes beside its indexes once it has worked: what the engine holds beyond its cache, keys of all people,
/// what the allocator keeps.
const MARGIN: u64 = 24 << 20;
/// The engine's cache in this test.
const CACHE: u64 = 4 << 20;

struct Size {
    people: u32,
    records: u32,
    budget: usize,
}

fn size() -> Size {
    if std::env::var_os("PHM_LONG").is_some_and(|value| value == "1") {
        Size { people: 1_000, records: 1_000, budget: Options::default().index_budget }
    } else {
        Size { people: 150, records: 200, budget: 1 << 20 }
    }
}

fn fill(dir: &Path, size: &Size) {
    let vault = house::create(dir);
    let session = house::operator(&vault);
    for person in 0..size.people {
        let profile = house::person(&session, &format!("Person {person}"));
        let permit = session.permit(Action::Add, profile, "lab-result").expect("allowed");
        let bodies: Vec<Value> = (0..size.records).map(|number| result(person, number)).collect();
        for bodies in bodies.chunks(500) {
            session.add_many(&permit, bodies, &How::Typed).expect("added");
        }
    }
    drop(session);
    vault.close().expect("closed");
}

fn result(person: u32, number: u32) -> Value {
    let (year, month, day) = (2000 + number % 25, 1 + number / 25 % 12, 1 + (number + person) % 28);
    json!({
        "concept": {"text": "Glucose", "codes": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose"}]},
        "quantity": {"value": format!("{}.{}", 70 + number % 60, person % 10), "unit": "mg/dL"},
        "status": "final",
        "collected_at": format!("{year}-{month:02}-{day:02}T08:00:00.000Z"),
        "laboratory": "Doaba Diagnostics",
    })
}

/// Not a test by itself: opens everything of a vault, lists everybody, and says what it took.
#[test]
fn program_that_lists_everybody() {
    let Some(dir) = std::env::var_os("PHM_MEMORY_DIR") else { return };
    let budget = std::env::var("PHM_MEMORY_BUDGET").expect("set by the test").parse().expect("a number");
    let options = Options { index_budget: budget, cache: CACHE, ..house::options() };
    let vault = Vault::open(Path::new(&dir), &house::key(), options).expect("the vault opens");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    eprintln!("idle {}", memory("VmRSS:"));
    let mut listed = 0;
    // Twice: what was closed for want of room is opened again.
    for _ in 0..2 {
        for profile in session.profiles().expect("listed").iter().map(|card| card.profile) {
            let permit = session.permit(Action::Read, profile, "lab-result").expect("allowed");
            let page = session.summaries(&permit, &Query { per_page: 200, ..Query::default() }).expect("listed");
            listed += page.items.len();
        }
    }
    eprintln!("listed {listed}");
    eprintln!("most {}", memory("VmHWM:"));
}

/// Bytes of this process, from `/proc/self/status`.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field is there");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1024
}

/// Lists everybody within `budget`: the memory when opened, how many rows were listed, and the most that was taken.
fn measured(dir: &Path, budget: usize) -> [u64; 3] {
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["program_that_lists_everybody", "--exact", "--nocapture", "--test-threads=1"])
        .env("PHM_MEMORY_DIR", dir)
        .env("PHM_MEMORY_BUDGET", budget.to_string())
        .stdout(Stdio::null())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    ["idle ", "listed ", "most "].map(|name| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("it did not say {name}: {said}")).parse().expect("a number")
    })
}

#[test]
fn listing_everybody_stays_within_the_budget() {
    let size = size();
    let dir = tempfile::tempdir().expect("a folder");
    fill(dir.path(), &size);
    let [idle, listed, most] = measured(dir.path(), size.budget);
    assert_eq!(listed, u64::from(size.people * size.records.min(200) * 2), "everybody was listed twice");
    let bound = idle + size.budget as u64 + CACHE + MARGIN;
    println!("idle {} KiB, most {} KiB, bound {} KiB", idle >> 10, most >> 10, bound >> 10);
    assert!(most <= bound, "{most} bytes were taken where {bound} are allowed");

    // The control: without a budget the same lists take more, so it was the budget that kept them small. Small indexes
    // cannot be told from what else comes and goes.
    let indexes = u64::from(size.people) * u64::from(size.records) * 100;
    if indexes < MARGIN {
        return;
    }
    let [_, _, unbounded] = measured(dir.path(), usize::MAX);
    println!("without a budget {} KiB", unbounded >> 10);
    let saved = indexes.saturating_sub(size.budget as u64) / 2;
    assert!(unbounded >= most + saved, "without a budget only {unbounded} bytes were taken, with one {most}");
}
