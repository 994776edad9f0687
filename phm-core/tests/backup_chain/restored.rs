//! What goes on in a vault that was restored: its log, its checkpoints, its backups.

use std::fs;
use std::path::{Path, PathBuf};

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::audit::AuditQuery;
use phm_core::backup::{self, Keys};
use phm_core::crypto::secret::{RecoveryCode, Secret};
use phm_core::store::layout::{self, Table};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use phm_core::vault::{Removed, Session, Standing, Vault, Where};
use serde_json::json;

use crate::{chain, continued, house, restore};

fn looks(session: &Session, profile: phm_core::id::ProfileId) -> u64 {
    session.who_looked(profile, &AuditQuery { per_page: 200, ..AuditQuery::default() }).expect("a page").rows.len()
        as u64
}

#[test]
fn what_plugins_were_compiled_to_before_a_restore_is_gone_after_it() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    house::person(&house::operator(&vault), "Asha Example");
    let file = home.path().join("backup.phmb");
    backup::write(&vault, &file).expect("written");
    let dir = home.path().join("again");
    let (cache, compiled) = (dir.join("cache"), dir.join("cache").join("plugins"));
    fs::create_dir_all(&compiled).expect("made");
    for place in [compiled.join("old.compiled"), cache.join("other")] {
        fs::write(place, "something").expect("written");
    }
    backup::restore(&file, &dir, &house::key(), house::options()).expect("restored");
    assert!(!compiled.exists() && cache.join("other").exists());
    assert!(house::open(&dir).expect("the vault opens").verify(None).expect("verified").ok);
}

#[test]
fn a_restored_vault_goes_on_with_a_new_log_and_is_no_fork() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let record = house::add(&session, asha, "condition", &json!({"concept": "Asthma"}));
    let before = home.path().join("before.note");
    fs::write(&before, vault.checkpoint().expect("a note")).expect("kept");
    let file = home.path().join("backup.phmb");
    let written = backup::write(&vault, &file).expect("written");
    // What the old machine still did after the backup is lost with it, and no reason to cry forgery.
    house::add(&session, asha, "condition", &json!({"concept": "Migraine"}));
    let later = home.path().join("later.note");
    fs::write(&later, vault.checkpoint().expect("a note")).expect("kept");
    let seen = looks(&session, asha);

    let dir = home.path().join("again");
    let restored = backup::restore(&file, &dir, &house::key(), house::options()).expect("restored");
    assert_eq!(restored.audit_root, written.audit_root);
    let again = house::open(&dir).expect("the vault opens");
    let report = again.verify(None).expect("verified");
    assert!(report.ok, "{}", house::damage(&report));
    assert_eq!(
        report.audit.earlier.iter().map(|log| log.root.as_str()).collect::<Vec<_>>(),
        [written.audit_root.as_str()]
    );
    for note in [&before, &later] {
        let report = again.verify(Some(note)).expect("of a log of this vault");
        assert!(report.ok, "{}", house::damage(&report));
    }
    let session = house::operator(&again);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    session.read(&read, record.id, Removed::Hide).expect("there");
    let now = looks(&session, asha);
    assert!(now >= 3 && now <= seen + 1, "the looks of both logs: {now} of {seen}");
    let kept = home.path().join("new.note");
    fs::write(&kept, again.checkpoint().expect("a note")).expect("kept");

    // Restored once more, from a backup of the restored vault: three logs, one after the other.
    let file = home.path().join("second.phmb");
    backup::write(&again, &file).expect("written");
    let third = home.path().join("third");
    backup::restore(&file, &third, &house::key(), house::options()).expect("restored");
    let third = house::open(&third).expect("the vault opens");
    let report = third.verify(Some(&kept)).expect("verified");
    assert!(report.ok && report.audit.earlier.len() == 2, "{}", house::damage(&report));
    let session = house::operator(&third);
    assert!(looks(&session, asha) >= now);
    // The vault as it was goes its own way: its newer checkpoint is not one of this line, and neither is a copy's.
    let foreign = house::create(&home.path().join("foreign"));
    fs::write(&kept, foreign.checkpoint().expect("a note")).expect("kept");
    assert_eq!(third.verify(Some(&kept)).expect_err("another vault's").code(), "invalid-checkpoint");
}

#[test]
fn a_vault_that_was_restored_begins_a_new_chain() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    let dir = home.path().join("again");
    restore(&files, &dir).expect("restored");
    let again = house::open(&dir).expect("the vault opens");
    let error = continued(&again, &home.path().join("next.phmb"), &files[1]).expect_err("another log");
    assert_eq!(error.code(), "cannot-continue");
    assert!(!home.path().join("next.phmb").exists());
    backup::write(&again, &home.path().join("full.phmb")).expect("a full one");
}

#[test]
fn a_copy_that_went_its_own_way_cannot_continue_the_chain() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 1);
    vault.close().expect("closed");
    house::copy(&home.path().join("vault"), &home.path().join("copy"));
    let (vault, copy) = (house::open(&home.path().join("vault")), house::open(&home.path().join("copy")));
    let (vault, copy) = (vault.expect("opens"), copy.expect("opens"));
    for vault in [&vault, &copy] {
        let session = house::operator(vault);
        house::person(&session, "Omar Example");
    }
    let next = home.path().join("next.phmb");
    continued(&vault, &next, &files[0]).expect("written");
    let session = house::operator(&copy);
    (0..5).for_each(|_| _ = house::person(&session, "Rosa Example"));
    assert_eq!(continued(&copy, &home.path().join("fork.phmb"), &next).expect_err("a fork").code(), "cannot-continue");
}

#[test]
fn a_restore_that_was_cut_off_is_begun_anew_in_the_same_folder() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 1);
    let dir = home.path().join("again");
    fs::create_dir_all(dir.join("store/1")).expect("a folder");
    fs::create_dir_all(dir.join("documents/incoming")).expect("a folder");
    for name in ["vault.toml.restoring", "heads", "slots", "slots.2", "keyring", "lock", "store/1/data.redb"] {
        fs::write(dir.join(name), b"half of it").expect("written");
    }
    assert_eq!(house::open(&dir).expect_err("no vault").kind(), ErrorKind::NotFound);
    fs::write(dir.join("photo.jpg"), b"somebody's").expect("written");
    assert_eq!(restore(&files, &dir).expect_err("not ours").code(), "not-empty");
    assert!(dir.join("photo.jpg").exists() && dir.join("heads").exists(), "nothing is touched");
    fs::remove_file(dir.join("photo.jpg")).expect("removed");
    fs::write(dir.join("phm.toml"), b"[log]\n").expect("settings may be there");
    restore(&files, &dir).expect("restored");
    assert!(house::open(&dir).expect("opens").verify(None).expect("verified").ok && dir.join("phm.toml").exists());
}

#[test]
fn a_trial_that_says_nothing_about_backups_of_this_vault_is_not_noted_as_its_proof() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 2);
    let foreign = home.path().join("foreign.phmb");
    backup::write(&house::create(&home.path().join("elsewhere")), &foreign).expect("written");
    let noted = |files: &[PathBuf], secret: &Secret| {
        let drilled = backup::drill_chain(files, home.path(), Keys::Secret(secret), house::options());
        (drilled.is_ok(), vault.note_drill(files, &drilled).expect("asked"))
    };
    let damage = |file: &Path| {
        let mut bytes = fs::read(file).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).expect("damaged");
    };
    // Every test house has the same key, so the foreign backup opens.
    let others = std::slice::from_ref(&foreign);
    assert_eq!(noted(others, &house::key()), (true, false));
    damage(&foreign);
    assert_eq!(noted(others, &house::key()), (false, false));
    assert_eq!(noted(&files, &RecoveryCode::generate().secret()), (false, false));
    assert_eq!(vault.backup_proof().expect("readable"), None);

    assert_eq!(noted(&files, &house::key()), (true, true));
    let proven = vault.backup_proof().expect("readable").filter(|proof| proof.ok).and_then(|proof| proof.proven);
    assert!(proven.is_some());
    damage(&files[1]);
    assert_eq!(noted(&files, &house::key()), (false, true));
    let whole = fs::read(&files[1]).expect("read");
    // Nothing of it says any more whose it was; the list does.
    fs::write(&files[1], &whole[..whole.len() - 1]).expect("cut");
    assert_eq!(noted(&files, &house::key()), (false, true));
    let proof = vault.backup_proof().expect("readable").expect("noted");
    assert!(!proof.ok && proof.proven == proven, "what was proven before stays proven");
}

/// Deletes rows of the audit logs behind the vault's back.
fn lose_audit_rows(dir: &Path, gone: impl Fn(&[u8]) -> bool) {
    let store = Generations::open(dir, Engine::default(), 4 << 20).expect("the store opens");
    let (from, to) = layout::rows(Table::Audit);
    let mut lost = Batch::default();
    store
        .scan(&from, &to, &mut |(address, _)| {
            if gone(address) {
                lost.delete(address.to_vec());
            }
            true
        })
        .expect("scanned");
    store.commit(lost).expect("lost");
}

#[test]
fn a_restored_log_without_its_first_row_is_named_as_damaged_and_still_compared_with_an_old_checkpoint() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 1);
    let session = house::operator(&vault);
    house::person(&session, "Kiran Example");
    let kept = home.path().join("checkpoint");
    fs::write(&kept, vault.checkpoint().expect("a checkpoint")).expect("kept");
    let again = home.path().join("again");
    restore(&files, &again).expect("restored");
    let restored = house::open(&again).expect("the vault opens");
    let report = restored.verify(Some(&kept)).expect("verified");
    assert!(report.ok, "{:?}", report.damaged);
    let Standing::Ended { because, lost, size } = report.checkpoint.expect("compared").standing else {
        panic!("the checkpoint is of the log that ended");
    };
    assert!(because == "restore" && lost > 0);
    let ended = report.audit.earlier[0].log;
    restored.close().expect("closed");

    lose_audit_rows(&again, |address| address[1..17] != *ended.as_bytes() && address[17..25] == [0; 8]);
    let report = Vault::inspect(&again, &house::key(), house::options(), Some(&kept)).expect("inspected");
    let named: Vec<_> = report.damaged.iter().map(|one| (one.place, one.entry.as_deref(), one.reason)).collect();
    assert!(named.contains(&(Where::Audit, Some("#0"), "missing")), "{named:?}");
    // What the row said is gone; the log before it is not.
    let standing = report.checkpoint.expect("compared").standing;
    assert_eq!(standing, Standing::Ended { size, because: "not known".to_owned(), lost });
    assert!(
        named.iter().all(|(_, entry, _)| entry.is_none_or(|entry| !entry.contains(&ended.to_string()))),
        "{named:?}"
    );
}
