//! Chains of backups: what an increment holds, what a chain gives back, and how a wrong one is refused.

mod house;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use phm_core::access::Action;
use phm_core::audit::AuditQuery;
use phm_core::backup::{self, Keys, Kind, Order, Written};
use phm_core::crypto::secret::{RecoveryCode, Secret};
use phm_core::index::Query;
use phm_core::store::layout::{self, Table};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use phm_core::vault::{Removed, Session, Standing, Vault, Where};
use phm_core::{Error, ErrorKind};
use serde_json::json;

fn continued(vault: &Vault, file: &Path, since: &Path) -> Result<Written, Error> {
    backup::make(vault, file, &Order { since: Some(since.to_owned()), ..Order::default() })
}

/// The files of a chain of `count` backups of a vault with two people, with something new in each.
fn chain(home: &Path, count: usize) -> (Vault, Vec<PathBuf>) {
    let vault = house::create(&home.join("vault"));
    let session = house::operator(&vault);
    let (asha, ravi) = (house::person(&session, "Asha Example"), house::person(&session, "Ravi Example"));
    let folder = home.join("backups");
    fs::create_dir(&folder).expect("a folder");
    let mut files: Vec<PathBuf> = Vec::new();
    for number in 0..count {
        house::add(&session, if number % 2 == 0 { asha } else { ravi }, "condition", &json!({"concept": "Asthma"}));
        house::add_document(&session, asha, "Scan", &[u8::try_from(number).expect("few") + 1; 900]);
        let file = folder.join(format!("{number}.phmb"));
        match files.last() {
            None => backup::write(&vault, &file).expect("written"),
            Some(before) => continued(&vault, &file, before).expect("written"),
        };
        files.push(file);
    }
    (vault, files)
}

fn restore(files: &[PathBuf], dir: &Path) -> Result<backup::Restored, Error> {
    backup::restore_chain(files, dir, Keys::Secret(&house::key()), house::options())
}

fn refused(files: &[PathBuf], dir: &Path) -> Error {
    let error = restore(files, dir).expect_err("refused");
    assert!(!dir.exists(), "nothing half-made is left after {error}");
    error
}

#[test]
fn a_chain_gives_back_the_vault_as_it_was_at_each_of_its_backups() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 4);
    let made = vault.backups().expect("listed");
    assert_eq!(made.iter().map(|made| made.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(made[0].kind == Kind::Full && made[1..].iter().all(|made| made.kind == Kind::Increment));
    for last in 1..=files.len() {
        let dir = home.path().join(format!("again-{last}"));
        let restored = restore(&files[..last], &dir).expect("restored");
        // Two people and what an owner of them needs, then two records a backup.
        assert_eq!((restored.profiles, restored.files), (2, last));
        let again = house::open(&dir).expect("the vault opens");
        assert!(again.verify(None).expect("verified").ok);
        assert_eq!(again.stats().expect("counted").documents, last as u64);
    }
    // An increment alone finds what it continues beside it, and a folder its newest backup.
    for from in [&files[3], &home.path().join("backups")] {
        let dir = home.path().join("found");
        let restored = backup::restore(from, &dir, &house::key(), house::options()).expect("restored");
        assert_eq!(restored.files, 4);
        fs::remove_dir_all(dir).expect("removed");
    }
    let drilled = backup::drill(&files[2], &house::key(), house::options()).expect("drilled");
    assert!(drilled.ok && drilled.files == 3);
    let drilled =
        backup::drill_chain(&files, home.path(), Keys::Vault(&vault), house::options()).expect("by the vault itself");
    assert!(drilled.ok && drilled.files == 4);
    assert!(house::files(home.path()).iter().all(|path| !path.to_string_lossy().contains("drill")));
}

#[test]
fn chains_written_amid_writes_restore_and_verify() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    house::add(&session, asha, "condition", &json!({"concept": "Asthma"}));
                    house::add_document(&session, asha, "Scan", b"a scan");
                }
            });
        }
        let mut before: Option<PathBuf> = None;
        let drilled: Vec<bool> = (0..6)
            .map(|round| {
                let file = home.path().join(format!("{round}.phmb"));
                let written =
                    backup::make(&vault, &file, &Order { since: before.replace(file.clone()), ..Order::default() })
                        .expect("written");
                let drilled = backup::drill(&file, &house::key(), house::options()).expect("drilled");
                drilled.ok && drilled.entries == written.entries && drilled.audit_root == written.audit_root
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(drilled.iter().all(|ok| *ok), "{drilled:?}");
    });
}

#[test]
fn an_increment_is_much_smaller_than_the_whole() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    for number in 0..400 {
        house::add(&session, asha, "note", &json!({"text": format!("a note, number {number}")}));
    }
    let mut dice = house::Dice::new(7);
    house::add_document(&session, asha, "Scan", &dice.bytes(300_000));
    let (full, increment) = (home.path().join("full.phmb"), home.path().join("increment.phmb"));
    let whole = backup::write(&vault, &full).expect("written");
    house::add(&session, asha, "note", &json!({"text": "one more"}));
    let written = continued(&vault, &increment, &full).expect("written");
    assert_eq!((written.copied, written.entries), (1, whole.entries + 1));
    assert!(written.bytes * 20 < whole.bytes, "{} of {} bytes", written.bytes, whole.bytes);
}

#[test]
fn a_person_whose_records_were_sealed_again_travels_whole() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, mut files) = chain(home.path(), 2);
    let session = house::operator(&vault);
    let asha = session.profiles().expect("people").into_iter().find(|card| card.name.contains("Asha")).expect("her");
    session.rotate_profile(asha.profile).expect("rotated");
    let file = home.path().join("backups/after.phmb");
    let written = continued(&vault, &file, &files[1]).expect("written");
    assert!(written.copied >= 4, "{} entries: all of hers", written.copied);
    files.push(file);
    let dir = home.path().join("again");
    restore(&files, &dir).expect("restored");
    let again = house::open(&dir).expect("the vault opens");
    let session = house::operator(&again);
    let read = session.permit(Action::Read, asha.profile, "condition").expect("allowed");
    assert_eq!(session.list(&read, &Query::default()).expect("every body opens").items.len(), 1);
}

#[test]
fn who_was_erased_in_a_chain_does_not_come_back_and_is_ended_in_the_backups_from_before() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, mut files) = chain(home.path(), 2);
    let session = house::operator(&vault);
    let ravi = session.profiles().expect("people").into_iter().find(|card| card.name.contains("Ravi")).expect("him");
    let report = session.erase_profile(ravi.profile).expect("erased");
    let named: Vec<_> = report.backups.iter().filter_map(|backup| backup.name.as_deref()).collect();
    assert_eq!(named, ["0.phmb", "1.phmb"], "both still hold him");
    let after = home.path().join("backups/2.phmb");
    continued(&vault, &after, &files[1]).expect("written");
    files.push(after);
    let dir = home.path().join("again");
    let one_person = |files: &[PathBuf]| {
        let restored = restore(files, &dir).expect("restored");
        let again = house::open(&dir).expect("the vault opens");
        let verified = again.verify(None).expect("verified");
        assert!(verified.ok && verified.profiles == 1, "{}", house::damage(&verified));
        again.close().expect("closed");
        fs::remove_dir_all(&dir).expect("removed");
        restored
    };
    assert_eq!(one_person(&files).erased, 0, "the chain itself says that he is gone");
    let before = restore(&files[..2], &dir).expect("the backups from before still open");
    assert_eq!(before.profiles, 2);
    fs::remove_dir_all(&dir).expect("removed");
    for file in &files {
        backup::rewrap(&vault, file, false).expect("wrapped anew");
    }
    assert_eq!(one_person(&files[..2]).erased, 1, "they hold nothing of him that opens");
    assert_eq!(one_person(&files).erased, 0);
}

#[test]
fn what_does_not_belong_together_is_refused_by_name_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 3);
    let dir = home.path().join("again");
    let code = |files: &[PathBuf]| {
        let error = refused(files, &dir);
        (error.kind(), error.code().to_owned(), error.to_string())
    };
    let by_number = |numbers: &[usize]| numbers.iter().map(|number| files[*number].clone()).collect::<Vec<_>>();
    for order in [&[1, 0, 2][..], &[0, 2, 1], &[2, 1, 0]] {
        let (kind, _, text) = code(&by_number(order));
        assert!(kind == ErrorKind::Invalid && text.contains("order"), "{order:?}: {text}");
    }
    for (there, missing) in [(&[0, 2][..], 1), (&[1, 2], 0)] {
        let (kind, code, text) = code(&by_number(there));
        assert_eq!((kind, code.as_str()), (ErrorKind::NotFound, "not-found"), "{there:?}");
        assert!(text.contains(&format!("number {missing}")), "{text}");
    }
    // Another chain of the same vault, and a backup of another vault.
    let (other, foreign) = (home.path().join("other.phmb"), home.path().join("foreign.phmb"));
    backup::write(&vault, &other).expect("written");
    backup::write(&house::create(&home.path().join("elsewhere")), &foreign).expect("written");
    for (with, word) in [(&other, "chains"), (&foreign, "vaults")] {
        let (kind, _, text) = code(&[files[0].clone(), with.clone()]);
        assert!(kind == ErrorKind::Invalid && text.contains(word), "{text}");
    }
    assert_eq!(
        continued(&vault, &home.path().join("new.phmb"), &foreign).expect_err("foreign").kind(),
        ErrorKind::Invalid
    );
    // An increment whose predecessors are elsewhere, a wrong secret, an empty folder, and something else altogether.
    let alone = home.path().join("alone");
    fs::create_dir(&alone).expect("a folder");
    fs::copy(&files[2], alone.join("2.phmb")).expect("copied");
    assert_eq!(code(&[alone.join("2.phmb")]).0, ErrorKind::NotFound);
    assert_eq!(code(std::slice::from_ref(&alone)).0, ErrorKind::NotFound);
    let secret = RecoveryCode::generate().secret();
    let wrong = backup::restore_chain(&files, &dir, Keys::Secret(&secret), house::options()).expect_err("wrong");
    assert!(wrong.kind() == ErrorKind::WrongSecret && !dir.exists());
    fs::write(alone.join("2.phmb"), b"a letter").expect("written");
    assert_eq!(code(&[alone.join("2.phmb")]).0, ErrorKind::Invalid);
    assert_eq!(code(&[alone]).0, ErrorKind::NotFound);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_beside_a_chain_that_the_disk_does_not_give_keeps_nobody_from_restoring_it() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    // A regular file whose first byte nobody can read.
    let bad = home.path().join("backups/bad.phmb");
    std::os::unix::fs::symlink("/proc/self/mem", &bad).expect("a link");
    assert!(bad.is_file() && fs::read(&bad).is_err());
    let dir = home.path().join("again");
    restore(&files[1..], &dir).expect("the others are whole");
    fs::remove_dir_all(&dir).expect("removed");
    let error = refused(&[home.path().join("backups")], &dir);
    assert!(error.kind() == ErrorKind::Corrupt && error.to_string().contains("name the backup"), "{error}");
    fs::remove_file(&files[0]).expect("removed");
    assert_eq!(refused(&files[1..], &dir).kind(), ErrorKind::Corrupt, "the unreadable one may be what is missing");
}

#[test]
fn a_backup_of_a_newer_phm_is_named_as_that_and_not_passed_over_for_an_older_one() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    let mut bytes = fs::read(&files[1]).expect("read");
    bytes[4] = 3;
    fs::write(&files[1], bytes).expect("as a newer one would be");
    let dir = home.path().join("again");
    let error = refused(&files[1..], &dir);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "newer-format"));
    assert!(refused(&[home.path().join("backups")], &dir).to_string().contains("newer PHM"));
}

#[test]
fn a_chain_in_which_any_place_was_changed_or_cut_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    let dir = home.path().join("again");
    for file in &files {
        let whole = fs::read(file).expect("read");
        let step = if std::env::var_os("PHM_LONG").is_some() { 7 } else { whole.len() / 60 };
        for at in (0..whole.len()).step_by(step) {
            let mut bad = whole.clone();
            bad[at] ^= 0x10;
            fs::write(file, &bad).expect("changed");
            let error = refused(&files, &dir);
            assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Invalid), "byte {at}: {error}");
        }
        for length in [0, 4, 5, 100, whole.len() / 2, whole.len() - 17, whole.len() - 1] {
            fs::write(file, &whole[..length]).expect("cut");
            refused(&files, &dir);
        }
        fs::write(file, &whole).expect("as it was");
    }
    restore(&files, &dir).expect("and as it was it restores");
}

fn looks(session: &Session, profile: phm_core::id::ProfileId) -> u64 {
    session.who_looked(profile, &AuditQuery { per_page: 200, ..AuditQuery::default() }).expect("a page").rows.len()
        as u64
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

const CHILD: &str = "PHM_BACKUP_CHILD";

/// The other process of the test below: writes backups, each continuing the one before, until it is killed.
#[test]
fn writes_backups_where_it_is_told_to() {
    let Some(home) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let vault = house::open(&home.join("vault")).expect("the vault opens");
    let mut before = None;
    for number in 0.. {
        let file = home.join(format!("backups/{number:05}.phmb"));
        backup::make(&vault, &file, &Order { since: before.take(), ..Order::default() }).expect("written");
        before = (number % 3 != 2).then_some(file);
    }
}

#[test]
fn whatever_moment_a_backup_is_killed_at_no_half_one_is_taken_for_one() {
    let rounds = if std::env::var_os("PHM_LONG").is_some() { 60 } else { 5 };
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let mut dice = house::Dice::new(11);
    house::add_document(&session, asha, "Scan", &dice.bytes(4 << 20));
    drop(session);
    vault.close().expect("closed");
    let mut left = 0;
    for _ in 0..rounds {
        let folder = home.path().join("backups");
        fs::create_dir_all(&folder).expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "writes_backups_where_it_is_told_to", "--nocapture"])
            .env(CHILD, home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        while fs::read_dir(&folder).expect("list").next().is_none() {
            assert!(child.try_wait().expect("asked").is_none(), "it wrote nothing and ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(dice.below(400)));
        child.kill().expect("killed");
        child.wait().expect("ended");
        for path in house::files(&folder) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with('.') {
                assert!(path.extension().is_some_and(|ending| ending == "part"), "{name}");
                left += 1;
            } else {
                assert!(backup::drill(&path, &house::key(), house::options()).expect(&name).ok);
            }
        }
        let opened = house::open(&home.path().join("vault")).expect("the vault opens");
        assert!(opened.verify(None).expect("verified").ok);
        opened.close().expect("closed");
        fs::remove_dir_all(&folder).expect("removed");
    }
    eprintln!("{left} half-written files were left under their temporary names");
}

#[test]
fn a_secret_of_now_opens_a_chain_that_began_under_another() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, mut files) = chain(home.path(), 1);
    let session = house::operator(&vault);
    let path = home.path().join("newkey");
    fs::write(&path, "fedcba9876543210".repeat(4)).expect("written");
    let new = Secret::key_file(&path).expect("a key");
    session.change_secret(None, &new).expect("changed");
    let file = home.path().join("backups/1.phmb");
    continued(&vault, &file, &files[0]).expect("written");
    files.push(file);
    let dir = home.path().join("again");
    assert_eq!(refused(&files, &dir).kind(), ErrorKind::WrongSecret);
    backup::restore_chain(&files, &dir, Keys::Secret(&new), house::options()).expect("restored");
}

/// Deletes rows of the audit logs behind the vault's back.
fn lose_audit_rows(dir: &Path, gone: impl Fn(&[u8]) -> bool) {
    let store = Generations::open(dir, Engine::Sled, 4 << 20).expect("the store opens");
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

#[test]
fn a_backup_that_does_not_verify_says_what_is_wrong_and_nothing_of_it_is_left() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, _) = chain(home.path(), 1);
    // A file that no longer opens is copied as it is: a backup looks whether it is there.
    let document = house::files(&vault.dir().join("documents")).remove(0);
    let mut bytes = fs::read(&document).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&document, bytes).expect("damaged");
    let file = home.path().join("damaged.phmb");
    backup::write(&vault, &file).expect("written");
    let error = refused(std::slice::from_ref(&file), &home.path().join("again"));
    let name = document.file_name().expect("a name").to_string_lossy().into_owned();
    let said = error.to_string();
    assert!(
        error.kind() == ErrorKind::Corrupt && said.contains("document ") && said.contains("(seal)"),
        "{name}: {said}"
    );
    let there = home.path().join("there");
    fs::create_dir(&there).expect("a folder");
    fs::write(there.join("phm.toml"), "").expect("a file");
    restore(&[file], &there).expect_err("refused");
    assert_eq!(house::files(&there), [there.join("phm.toml")]);
}
