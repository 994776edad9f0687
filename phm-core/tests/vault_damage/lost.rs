//! What was lost is not missed only when somebody needs it: a vault that lacks something makes no backup.

use std::fs;
use std::path::Path;

use phm_core::store::layout::Table;
use phm_core::{ErrorKind, backup};

use crate::house;
use crate::log::long;
use crate::sound::{overwrite, rows};
use crate::sound_vault;

/// Changes a copy of a vault and asks for a backup of it: there is none, and no half of one either.
fn refused_after(vault: &Path, what: &str, change: impl FnOnce(&Path)) {
    let home = tempfile::tempdir().expect("a folder");
    let (dir, file) = (home.path().join("vault"), home.path().join("backup.phmb"));
    house::copy(vault, &dir);
    change(&dir);
    let written = house::open(&dir).and_then(|vault| backup::write(&vault, &file));
    assert_eq!(written.expect_err(what).kind(), ErrorKind::Corrupt, "{what}");
    assert!(!file.exists(), "{what}");
}

#[test]
fn a_vault_that_lost_any_row_makes_no_backup() {
    let sound = &sound_vault().dir;
    for table in [Table::Journal, Table::Origin, Table::Series, Table::Audit, Table::Head] {
        for (address, _) in rows(sound, table) {
            let what = format!("{} {address:?}", table.name());
            refused_after(sound, &what, |dir| overwrite(dir, [(address, None)]));
        }
    }
}

#[test]
fn a_vault_that_lost_an_audit_row_opening_does_not_read_makes_no_backup() {
    let long = long();
    let (address, _) = rows(&long.dir, Table::Audit).remove(3);
    refused_after(&long.dir, "leaf 3", |dir| overwrite(dir, [(address, None)]));
}

#[test]
fn a_vault_that_lost_the_file_of_a_document_makes_no_backup() {
    let sound = &sound_vault().dir;
    let files = house::files(&sound.join("documents"));
    assert_eq!(files.len(), 1);
    for file in files {
        let below = file.strip_prefix(sound).expect("in the vault");
        refused_after(sound, "the scan", |dir| fs::remove_file(dir.join(below)).expect("removed"));
    }
}

#[test]
fn a_sound_vault_with_something_of_everything_makes_a_backup_that_restores() {
    let home = tempfile::tempdir().expect("a folder");
    let (dir, file) = (home.path().join("vault"), home.path().join("backup.phmb"));
    house::copy(&sound_vault().dir, &dir);
    let vault = house::open(&dir).expect("the vault opens");
    backup::write(&vault, &file).expect("written");
    assert!(backup::drill(&file, &house::key(), house::options()).expect("drilled").ok);
}
