//! Columns that are kept beside the index only save time: with them, without them and with damaged or foreign ones a table is
//! the same, and nothing that was destroyed is left in them.

mod believed;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::flat::FlatQuery;
use phm_core::vault::{How, Session, Vault};
use serde_json::{Value, json};

use crate::house;

const CODES: [&str; 3] = ["4548-4", "2345-7", "718-7"];

/// A result that differs from others in everything a row shows.
fn result(number: u32) -> Value {
    let code = CODES[number as usize % 3];
    let status = if number.is_multiple_of(4) { "preliminary" } else { "final" };
    let unit = if number.is_multiple_of(5) { "mmol/mol" } else { "%" };
    let mut body = json!({
        "concept": {"text": format!("Test {code}"), "codes": [{"system": "http://loinc.org", "code": code}]},
        "quantity": {"value": format!("{number}.50"), "unit": unit},
        "status": status,
        // Not in the order in which they are added.
        "collected_at": format!("20{:02}-0{}", 10 + (number * 7) % 13, 1 + number % 9),
    });
    if number.is_multiple_of(2) {
        body["remarks"] = json!(format!("दोहराएँ {number}"));
    }
    body
}

fn add_results(session: &Session, person: ProfileId, numbers: std::ops::Range<u32>) -> Vec<RecordId> {
    let permit = session.permit(Action::Add, person, "lab-result").expect("allowed");
    let bodies: Vec<Value> = numbers.map(result).collect();
    let added = session.add_many(&permit, &bodies, &How::Typed).expect("added");
    added.into_iter().map(|record| record.id).collect()
}

fn table(vault: &Vault) -> Vec<Vec<String>> {
    table_of(vault, &FlatQuery::default())
}

fn table_of(vault: &Vault, query: &FlatQuery) -> Vec<Vec<String>> {
    house::cells(&house::operator(vault).table("lab-result", query).expect("a table"))
}

/// The files of kept columns in a vault's folder.
fn kept(home: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(home.join("index")).expect("a folder").map(|file| file.expect("a file").path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "columns")).collect()
}

/// The table of a copy of the vault in which nothing is kept, while nobody has the vault open.
fn without_kept(home: &Path) -> Vec<Vec<String>> {
    let copy = tempfile::tempdir().expect("a folder");
    let copy = copy.path().join("copy");
    house::copy(home, &copy);
    for path in kept(&copy) {
        fs::remove_file(path).expect("removed");
    }
    table(&house::open(&copy).expect("opened"))
}

fn home() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("vault");
    (folder, home)
}
