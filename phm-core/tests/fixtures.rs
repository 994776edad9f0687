//! Vaults and backups that were written by earlier builds: every later one opens and restores them.
//!
//! `fixtures/` holds a vault of each engine and a backup of each form, with invented people; `key` opens all of them. A
//! fixture is never changed; a new format adds one.

mod house;

use std::path::{Path, PathBuf};
use std::process::Command;

use phm_core::access::Action;
use phm_core::backup;
use phm_core::index::Query;
use phm_core::vault::Vault;
use serde_json::json;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What stands in every fixture: two people, one of them with a condition and a result that came by an import.
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
    for engine in ["sled", "redb"] {
        let dir = tempfile::tempdir().expect("a folder");
        let unpacked = Command::new("tar")
            .arg("-xzf")
            .arg(fixture(&format!("vault-1-{engine}.tar.gz")))
            .arg("-C")
            .arg(dir.path())
            .status()
            .expect("tar runs");
        assert!(unpacked.success());
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
