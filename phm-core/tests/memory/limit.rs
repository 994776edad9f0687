//! A machine with 2 GB works: a vault with the settings it is delivered with does all its work in 512 MiB, which leaves
//! three quarters of such a machine to the system and to others.
//!
//! The limit is the kernel's (`ulimit -d`, RLIMIT_DATA: heap, stacks of threads and every other private writable
//! memory, since Linux 4.7), so a process that needs more does not get slow, it fails. In it one process opens a vault
//! of 1,000 people with 1,000 records each, lists, reads, filters, searches and adds for everybody, reads everybody's
//! table one person at a time, writes a full backup, compacts, and closes. A table of everybody at once is no part of
//! it: that is as large as its rows. The short form has fewer people and half the limit.

use std::path::Path;
use std::process::Command;

use phm_core::backup;
use phm_core::vault::flat::FlatQuery;
use serde_json::{Value, json};

use super::scene::{KIND, Scene, everybody, work};
use super::{alone, house, is_long, memory, said};

/// The vault, and the bytes it has to do with.
fn form() -> (Scene, usize) {
    if is_long() {
        (Scene { people: 1_000, records: 1_000 }, 512 << 20)
    } else {
        (Scene { people: 40, records: 200 }, 256 << 20)
    }
}

/// Asks for as much memory as the limit is, which has to be refused: or this shows nothing.
fn assert_limited(limit: usize) {
    let mut room: Vec<u8> = Vec::new();
    let asked = room.try_reserve_exact(limit);
    std::hint::black_box(&room);
    assert!(asked.is_err(), "the system does not keep to `ulimit -d`");
}

/// Not a test by itself: does everything that a vault is for.
#[test]
fn program_that_has_little_memory() {
    let Some(dir) = std::env::var_os("PHM_MEMORY_LIMITED_DIR") else { return };
    let limit = std::env::var("PHM_MEMORY_LIMIT").expect("set by the test").parse().expect("a number");
    assert_limited(limit);
    let dir = Path::new(&dir);
    let vault = house::open_with(&dir.join("vault"), &house::options()).expect("the vault opens");
    let session = house::operator(&vault);
    let answers = work(&session);
    let of_one = |profile| FlatQuery { profiles: vec![profile], ..FlatQuery::default() };
    let table_of = |profile| session.table(KIND, &of_one(profile)).expect("a table").rows();
    let in_tables: usize = everybody(&session).into_iter().map(table_of).sum();
    let written = backup::write(&vault, &dir.join("backup")).expect("backed up");
    vault.compact().expect("compacted");
    drop(session);
    vault.close().expect("closed");
    let (backed_up, most) = (written.entries, memory("VmHWM:"));
    let said = json!({"answers": answers, "in_tables": in_tables, "backed_up": backed_up, "most": most});
    eprintln!("{said}");
}

/// Runs a program of this one with so many bytes of memory and no more.
fn limited(dir: &Path, bytes: usize) -> Value {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d \"$0\" && exec \"$@\"", &(bytes >> 10).to_string()]);
    command.arg(std::env::current_exe().expect("this program")).args(alone("limit::program_that_has_little_memory"));
    command.env("PHM_MEMORY_LIMITED_DIR", dir).env("PHM_MEMORY_LIMIT", bytes.to_string());
    // Where it fails: a backtrace needs more memory than is left then.
    command.env("RUST_BACKTRACE", "0");
    said(&mut command)
}

#[test]
fn a_machine_of_two_gigabytes_has_room_for_all_work_of_a_vault() {
    let (scene, limit) = form();
    let dir = tempfile::tempdir().expect("a folder");
    scene.fill(&dir.path().join("vault"));
    let said = limited(dir.path(), limit);
    println!("{} MiB at most under a limit of {} MiB", said["most"].as_u64().unwrap_or_default() >> 20, limit >> 20);
    assert_eq!(said["answers"], scene.answers());
    // One record of each person was added.
    let all = scene.all() + u64::from(scene.people);
    assert_eq!(said["in_tables"], all);
    assert!(said["backed_up"].as_u64() >= Some(all), "{said}");
}
