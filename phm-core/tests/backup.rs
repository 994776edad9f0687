//! Backups: what is in one, what comes back, and what a restore leaves behind that failed.

mod house;

use std::fs;
use std::path::{Path, PathBuf};

use phm_core::access::Action;
use phm_core::vault::{Removed, Vault};
use phm_core::{Error, ErrorKind, backup};
use serde_json::json;

#[test]
fn a_backup_restores_and_a_changed_one_does_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let record = house::add(&session, asha, "condition", &json!({"concept": "Asthma"}));
    let file = dir.path().join("backup.phmb");
    let written = backup::write(&vault, &file).expect("written");
    let secret = house::key();
    let drilled = backup::drill(&file, &secret, house::options()).expect("drilled");
    assert!(drilled.ok && drilled.audit_root == written.audit_root);
    let restored = backup::restore(&file, &dir.path().join("again"), &secret, house::options()).expect("restored");
    assert_eq!((restored.profiles, restored.entries), (1, written.entries));
    let again = house::open(&dir.path().join("again")).expect("the vault opens");
    let session = house::operator(&again);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert!(session.read(&read, record.id, Removed::Hide).expect("there").body.get().contains("Asthma"));
}

#[test]
fn a_backup_written_amid_writes_restores() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    house::add(&session, asha, "condition", &json!({"concept": "Asthma"}));
                }
            });
        }
        let drilled: Vec<bool> = (0..8)
            .map(|round| {
                let file = dir.path().join(format!("{round}.phmb"));
                backup::write(&vault, &file).expect("written");
                backup::drill(&file, &house::key(), house::options()).is_ok_and(|drilled| drilled.ok)
            })
            .collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(drilled.iter().all(|ok| *ok), "{drilled:?}");
    });
}

/// A backup of a small vault with one bit flipped in its middle.
fn changed_backup(dir: &Path) -> PathBuf {
    let vault = house::create(&dir.join("vault"));
    house::person(&house::operator(&vault), "Asha Example");
    let file = dir.join("backup.phmb");
    backup::write(&vault, &file).expect("written");
    let mut bytes = fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).expect("changed");
    file
}

#[test]
fn a_changed_backup_is_refused_and_leaves_everything_as_it_was() {
    let home = tempfile::tempdir().expect("a folder");
    let file = changed_backup(home.path());
    let restore = |dir: &Path| backup::restore(&file, dir, &house::key(), house::options()).expect_err("changed");
    let (new, empty, full) = (home.path().join("new"), home.path().join("empty"), home.path().join("full"));
    assert_eq!(restore(&new).kind(), ErrorKind::Corrupt);
    assert!(!new.exists(), "nothing half-made is left");
    fs::create_dir(&empty).expect("a folder");
    assert_eq!(restore(&empty).kind(), ErrorKind::Corrupt);
    assert_eq!(fs::read_dir(&empty).expect("it is still there").count(), 0);
    fs::create_dir(&full).expect("a folder");
    fs::write(full.join("photo.jpg"), b"somebody's").expect("a file");
    assert_eq!(restore(&full).code(), "not-empty");
    assert_eq!(fs::read(full.join("photo.jpg")).expect("untouched"), b"somebody's");
    assert_eq!(backup::drill(&file, &house::key(), house::options()).expect_err("changed").kind(), ErrorKind::Corrupt);
    assert_eq!(house::files(home.path()).iter().filter(|path| path.to_string_lossy().contains("drill")).count(), 0);
}

#[test]
fn a_file_where_the_folder_should_be_stays() {
    let home = tempfile::tempdir().expect("a folder");
    let (file, place) = (changed_backup(home.path()), home.path().join("place"));
    fs::write(&place, b"somebody's").expect("a file");
    let error = backup::restore(&file, &place, &house::key(), house::options()).expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(fs::read(&place).expect("untouched"), b"somebody's");
}

/// A vault with one person in it.
fn small(dir: &Path) -> Vault {
    let vault = house::create(dir);
    house::person(&house::operator(&vault), "Asha Example");
    vault
}

#[test]
fn a_backup_never_touches_what_stands_at_its_name() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = small(&home.path().join("vault"));
    let (taken, link) = (home.path().join("taken.phmb"), home.path().join("link.phmb"));
    fs::write(&taken, b"somebody's").expect("a file");
    assert_eq!(backup::write(&vault, &taken).expect_err("taken").code(), "not-empty");
    assert_eq!(fs::read(&taken).expect("untouched"), b"somebody's");
    std::os::unix::fs::symlink(home.path().join("nowhere"), &link).expect("a link");
    assert_eq!(backup::write(&vault, &link).expect_err("taken").code(), "not-empty");
    assert!(link.is_symlink() && !home.path().join("nowhere").exists(), "the link stays, and nothing is behind it");
}

#[test]
fn of_backups_that_race_for_one_name_the_first_is_whole_and_the_others_are_told() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = small(&home.path().join("vault"));
    for round in 0..8 {
        let file = home.path().join(format!("{round}.phmb"));
        let start = std::sync::Barrier::new(4);
        let race = || {
            start.wait();
            backup::write(&vault, &file)
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let racing: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
            racing.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        let lost: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).map(Error::code).collect();
        assert_eq!(lost, ["not-empty"; 3]);
        backup::drill(&file, &house::key(), house::options()).expect("the winner's backup restores");
    }
}

#[test]
fn what_a_file_manager_leaves_among_the_documents_is_told_and_spoils_neither_vault_nor_backup() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    let vault = house::create(&dir);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    house::add_document(&session, asha, "Scan", b"a scan");
    assert_eq!(vault.verify(None).expect("verified").strays, [""; 0]);
    fs::write(dir.join("documents/.DS_Store"), b"a file manager's").expect("a stray file");
    let strange = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff\xfe");
    fs::write(dir.join("documents").join::<&std::ffi::OsStr>(strange), b"whose?").expect("a stray file");
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{}", house::damage(&report));
    assert_eq!(report.strays, ["documents/.DS_Store", "documents/\u{fffd}\u{fffd}"]);
    let (file, again) = (home.path().join("backup.phmb"), home.path().join("again"));
    backup::write(&vault, &file).expect("written");
    backup::restore(&file, &again, &house::key(), house::options()).expect("restored");
    assert_eq!(fs::read_dir(again.join("documents")).expect("list").count(), 2, "the scan and `incoming`");
}
