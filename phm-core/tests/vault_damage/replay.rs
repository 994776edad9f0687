//! An earlier state put back: heads, ends of journals, whole stores.
//!
//! The vault is known at two times. At the second one record has been added to Asha's journal, a new person has come,
//! and Ravi's records have been read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use phm_core::access::Action;
use phm_core::index::Query;
use phm_core::store::layout::Table;
use phm_core::vault::Where;
use serde_json::json;

use crate::house;
use crate::sound::{self, Row, overwrite, rows};

struct Times {
    _home: tempfile::TempDir,
    before: PathBuf,
    after: PathBuf,
}

fn times() -> Times {
    let home = tempfile::tempdir().expect("a folder");
    let (before, after) = (home.path().join("before"), home.path().join("after"));
    sound::make(&before);
    house::copy(&before, &after);
    let vault = house::open(&after).expect("the vault opens");
    let session = house::operator(&vault);
    let cards = session.profiles().expect("people");
    let of = |name: &str| cards.iter().find(|card| card.name == name).expect("there").profile;
    house::add(&session, of("Asha Example"), "condition", &json!({"concept": "Late"}));
    house::person(&session, "Newcomer Example");
    let read = session.permit(Action::Read, of("Ravi Example"), "condition").expect("allowed");
    session.list(&read, &Query::default()).expect("read");
    drop(session);
    vault.close().expect("closed");
    Times { _home: home, before, after }
}

/// Opens and verifies: `None` when nothing was noticed.
fn noticed(dir: &Path) -> Option<String> {
    let vault = match house::open(dir) {
        Ok(vault) => vault,
        Err(error) => return Some(error.to_string()),
    };
    let report = vault.verify(None).expect("verified");
    (!report.ok).then(|| house::damage(&report))
}

fn heads_of_before(times: &Times, dir: &Path) {
    fs::copy(times.before.join("heads"), dir.join("heads")).expect("copied");
}

/// The head rows that differ, as they were before.
fn old_heads(times: &Times) -> Vec<Row> {
    let after = rows(&times.after, Table::Head);
    let mut old = rows(&times.before, Table::Head);
    old.retain(|row| !after.contains(row));
    old
}

fn is_log(times: &Times, owner: &[u8]) -> bool {
    rows(&times.before, Table::Audit).iter().any(|(address, _)| address[1..17] == *owner)
}

/// Rows of this table and owner that were not there before.
fn late(times: &Times, table: Table, owner: &[u8]) -> Vec<Vec<u8>> {
    let before = rows(&times.before, table);
    let mut late = rows(&times.after, table);
    late.retain(|row| row.0[1..17] == *owner && !before.contains(row));
    late.into_iter().map(|(address, _)| address).collect()
}

#[test]
fn an_old_head_that_is_put_back_is_noticed() {
    let times = times();
    let old = old_heads(&times);
    assert!(old.len() >= 3, "Asha's, Ravi's and the log's");
    for (address, value) in old {
        for heads_too in [false, true] {
            let dir = times.after.with_extension(format!("head-{}-{heads_too}", address[1]));
            house::copy(&times.after, &dir);
            overwrite(&dir, [(address.clone(), Some(value.clone()))]);
            if heads_too {
                heads_of_before(&times, &dir);
            }
            assert!(noticed(&dir).is_some(), "head {address:?}, heads too: {heads_too}");
        }
    }
}

#[test]
fn a_journal_that_is_put_back_whole_is_named_by_the_audit_log() {
    let times = times();
    for (head, value) in old_heads(&times) {
        let owner = head[1..17].to_vec();
        let tail = late(&times, Table::Journal, &owner);
        if is_log(&times, &owner) || tail.is_empty() {
            continue;
        }
        let dir = times.after.with_extension(format!("journal-{}", owner[0]));
        house::copy(&times.after, &dir);
        overwrite(&dir, tail.into_iter().map(|address| (address, None)).chain([(head, Some(value))]));
        heads_of_before(&times, &dir);
        let vault = house::open(&dir).expect("heads and log know no better");
        let report = vault.verify(None).expect("verified");
        let missing =
            report.damaged.iter().any(|d| d.place == Where::Journal && d.reason == "missing" && d.entry.is_some());
        assert!(missing, "{}", house::damage(&report));
    }
}

#[test]
fn a_newcomer_who_is_taken_out_whole_is_missed_by_the_audit_log() {
    let times = times();
    let known = rows(&times.before, Table::Head);
    let (head, _) = rows(&times.after, Table::Head)
        .into_iter()
        .find(|(address, _)| known.iter().all(|(other, _)| other != address))
        .expect("the newcomer's head");
    let gone = late(&times, Table::Journal, &head[1..17]);
    overwrite(&times.after, gone.into_iter().chain([head]).map(|address| (address, None)));
    heads_of_before(&times, &times.after);
    assert!(noticed(&times.after).is_some());
}

#[test]
fn an_audit_log_that_is_put_back_is_noticed() {
    let times = times();
    let (head, value) =
        old_heads(&times).into_iter().find(|(address, _)| is_log(&times, &address[1..17])).expect("the log's head");
    let tail = late(&times, Table::Audit, &head[1..17]);
    overwrite(&times.after, tail.into_iter().map(|address| (address, None)).chain([(head, Some(value))]));
    let with_heads = times.after.with_extension("heads");
    house::copy(&times.after, &with_heads);
    heads_of_before(&times, &with_heads);
    assert!(noticed(&times.after).is_some() && noticed(&with_heads).is_some());
}

#[test]
fn a_whole_store_that_is_put_back_is_behind_the_heads_file() {
    let times = times();
    fs::remove_dir_all(times.after.join("store")).expect("removed");
    house::copy(&times.before.join("store"), &times.after.join("store"));
    assert!(noticed(&times.after).expect("noticed").contains("audit log ends at row"));
}

#[test]
fn a_keyring_that_is_put_back_is_refused_by_name() {
    let times = times();
    for name in ["keyring", "keyring.2"] {
        fs::copy(times.before.join(name), times.after.join(name)).expect("copied");
    }
    let error = house::open(&times.after).expect_err("the newcomer's key is not in it");
    assert_eq!(error.kind(), phm_core::ErrorKind::Corrupt);
    assert!(error.to_string().contains("keyring is older than the store"), "{error}");
}

/// Not a test by itself: adds a record to the vault of `PHM_HEADS`, and stays until it is killed.
#[test]
fn writer_that_never_closes() {
    let Some(dir) = std::env::var_os("PHM_HEADS") else { return };
    let vault = house::open(Path::new(&dir)).expect("the vault opens");
    house::person(&house::operator(&vault), "Late Example");
    std::thread::sleep(Duration::from_mins(5));
}

#[test]
fn a_store_that_is_put_back_after_a_kill_is_behind_heads_written_seconds_ago() {
    let home = tempfile::tempdir().expect("a folder");
    let (before, dir) = (home.path().join("before"), home.path().join("vault"));
    sound::make(&before);
    house::copy(&before, &dir);
    let mut writer = Command::new(std::env::current_exe().expect("this program"))
        .args(["replay::writer_that_never_closes", "--exact"])
        .env("PHM_HEADS", &dir)
        .stdout(Stdio::null())
        .spawn()
        .expect("the writer starts");
    let heads = || fs::read(dir.join("heads")).expect("heads");
    let (first, begun) = (heads(), Instant::now());
    while heads() == first && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    writer.kill().expect("killed");
    writer.wait().expect("ended");
    fs::remove_dir_all(dir.join("store")).expect("removed");
    house::copy(&before.join("store"), &dir.join("store"));
    assert!(noticed(&dir).is_some_and(|what| what.contains("audit log ends at row")));
}
