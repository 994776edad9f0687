//! Vaults and backups that were written by earlier builds: every later one opens and restores them.
//!
//! `fixtures/` holds vaults of each engine and a backup of each form, with invented people; `key` opens all of them. A
//! fixture is never changed; a new format adds one. `vault-1` is of the first builds, `vault-2` of 29 November with
//! everything that was stored by then ([`second`]). The latter's archives and backups come from
//!
//! ```text
//! PHM_MAKE_FIXTURE=tests/fixtures cargo test -p phm-core --test fixtures -- a_second_vault_that_is_made_now
//! ```
//!
//! which names a folder, from `phm-core/` on where it is relative, and writes over nothing.

mod house;
mod second;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use phm_core::access::Action;
use phm_core::backup;
use phm_core::index::Query;
use phm_core::vault::Vault;
use serde_json::json;

const ENGINES: [&str; 2] = ["sled", "redb"];

/// A fixture, which is part of the project: without it nothing is tested, and that is a fault.
fn fixture(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    assert!(path.is_file(), "phm-core/tests/fixtures/{name} is missing; it is part of the project");
    path
}

/// A copy of the vault in an archive.
fn unpacked(archive: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir.path()).status().expect("tar runs");
    assert!(unpacked.success());
    dir
}

/// What stands in every first fixture: two people, one of them with a condition and a result that came by an import.
fn holds_what_was_written(vault: &Vault) {
    let report = vault.verify(None).expect("verified");
    assert!(report.ok && report.profiles == 2, "{}", house::damage(&report));
    let session = house::operator(vault);
    let people = session.profiles().expect("people");
    let asha = people.iter().find(|card| card.name == "Asha Example").expect("she is there");
    assert!(people.iter().any(|card| card.name == "Ravi Example"));
    let read = session.permit(Action::Read, asha.profile, "condition").expect("allowed");
    let conditions = session.list(&read, &Query::default()).expect("a page").items;
    assert_eq!(conditions.len(), 1);
    assert!(conditions[0].body.get().contains("Asthma"));
    // And it goes on: what is written now is read back.
    house::add(&session, asha.profile, "note", &json!({"text": "written today"}));
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn a_vault_of_the_first_format_opens_on_either_engine() {
    for engine in ENGINES {
        let dir = unpacked(&fixture(&format!("vault-1-{engine}.tar.gz")));
        let vault = house::open(dir.path()).expect("the vault opens");
        assert_eq!(vault.stats().expect("counted").engine, engine);
        holds_what_was_written(&vault);
    }
}

#[test]
fn backups_of_every_form_restore() {
    for files in [&["backup-1.phmb"][..], &["backup-2.phmb"], &["backup-2.phmb", "backup-2-increment.phmb"]] {
        let home = tempfile::tempdir().expect("a folder");
        let files: Vec<PathBuf> = files.iter().map(|name| fixture(name)).collect();
        let dir = home.path().join("again");
        let keys = backup::Keys::Secret(&house::key());
        let restored = backup::restore_chain(&files, &dir, keys, house::options()).expect("restored");
        assert_eq!((restored.profiles, restored.files), (2, files.len()));
        holds_what_was_written(&house::open(&dir).expect("the vault opens"));
    }
}

/// Looks at a copy of the second vault on each engine.
fn each_second_vault(look: impl Fn(&Vault)) {
    for engine in ENGINES {
        let dir = unpacked(&fixture(&format!("vault-2-{engine}.tar.gz")));
        let vault = house::open(dir.path()).expect("the vault opens");
        assert_eq!(vault.stats().expect("counted").engine, engine);
        look(&vault);
    }
}

#[test]
fn a_second_vault_has_every_record_and_what_it_said_before() {
    each_second_vault(second::records);
}

#[test]
fn a_second_vault_has_its_document_byte_for_byte() {
    each_second_vault(second::documents);
}

#[test]
fn a_second_vault_has_every_sample_as_it_was_written() {
    each_second_vault(second::samples);
}

#[test]
fn a_second_vault_lets_in_whom_it_let_in_and_nobody_else() {
    each_second_vault(second::grants);
}

#[test]
fn a_second_vault_keeps_its_state() {
    each_second_vault(second::state);
}

#[test]
fn a_second_vault_is_whole_and_is_written_on() {
    each_second_vault(|vault| {
        second::everything(vault);
        second::goes_on(vault);
    });
}

/// What is kept beside the store to save time, each with its content: the checkpoint of Asha's index and, behind it by
/// name, her columns.
fn beside(dir: &Path) -> [(PathBuf, Vec<u8>); 2] {
    let read = |path: PathBuf| {
        let content = fs::read(&path).expect("a file");
        (path, content)
    };
    let found: Vec<(PathBuf, Vec<u8>)> = house::files(&dir.join("index")).into_iter().map(read).collect();
    let found: [(PathBuf, Vec<u8>); 2] = found.try_into().expect("an index and columns of one person");
    assert!(found[0].0.extension().is_none() && found[1].0.extension().is_some_and(|of| of == "columns"));
    assert!(found.iter().all(|(_, content)| content.len() > 1_000));
    found
}

/// Whatever of them cannot be used is cut off and made anew under fresh salts: the same bytes were used.
fn saves_time_and_is_not_needed(archive: &Path) {
    let dir = unpacked(archive);
    let before = beside(dir.path());
    let vault = house::open(dir.path()).expect("the vault opens");
    second::records(&vault);
    let with = second::table(&house::operator(&vault));
    let are_of_today = second::known_form(&vault) == second::form(&vault);
    vault.close().expect("closed");
    let after = beside(dir.path());
    assert!(after[0] == before[0], "the checkpoint of the index was made anew");
    // Of another release, or of a kind with other fields, they are made anew, and rightly.
    assert_eq!(after[1] == before[1], are_of_today, "whether the columns are the same");

    for (path, _) in before {
        fs::remove_file(path).expect("removed");
    }
    let vault = house::open(dir.path()).expect("the vault opens");
    second::records(&vault);
    assert_eq!(second::table(&house::operator(&vault)), with);
    second::everything(&vault);
}

#[test]
fn what_saves_time_in_a_second_vault_is_used_and_is_not_needed() {
    for engine in ENGINES {
        saves_time_and_is_not_needed(&fixture(&format!("vault-2-{engine}.tar.gz")));
    }
}

fn restores(files: &[PathBuf]) {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("again");
    let keys = backup::Keys::Secret(&house::key());
    let restored = backup::restore_chain(files, &dir, keys, house::options()).expect("restored");
    assert_eq!((restored.profiles, restored.files), (2, files.len()));
    let vault = house::open(&dir).expect("the vault opens");
    second::everything(&vault);
    second::goes_on(&vault);
}

#[test]
fn a_backup_of_a_second_vault_restores_all_of_it() {
    restores(&["vault-2.phmb", "vault-2-increment.phmb"].map(fixture));
}

/// With `PHM_MAKE_FIXTURE` it is kept, in the folder that names, once all of it was read back.
#[test]
fn a_second_vault_that_is_made_now_holds_what_the_fixture_holds() {
    let home = tempfile::tempdir().expect("a folder");
    for engine in ENGINES {
        let archive = second::make(engine, home.path());
        let dir = unpacked(&archive);
        let vault = house::open(dir.path()).expect("the vault opens");
        assert_eq!(vault.stats().expect("counted").engine, engine);
        second::everything(&vault);
        second::goes_on(&vault);
        drop(vault);
        saves_time_and_is_not_needed(&archive);
    }
    restores(&["vault-2.phmb", "vault-2-increment.phmb"].map(|name| home.path().join(name)));
    let Some(folder) = std::env::var_os("PHM_MAKE_FIXTURE").map(PathBuf::from) else { return };
    for made in house::files(home.path()) {
        let kept = folder.join(made.file_name().expect("a name"));
        assert!(!kept.exists(), "a fixture is never changed");
        fs::copy(&made, &kept).expect("copied");
        println!("{}: {} bytes", kept.display(), fs::metadata(&kept).expect("a file").len());
    }
}
