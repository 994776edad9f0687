//! What an increment holds, and what a chain gives back.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::backup::{self, Keys, Kind, Order};
use phm_core::crypto::secret::Secret;
use phm_core::index::Query;
use serde_json::json;

use crate::{chain, continued, house, refused, restore};

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

/// Indexes are told of a commit when the next one may begin already; whoever reads them makes that take long.
#[test]
fn increments_that_begin_while_an_import_is_committed_miss_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let file = home.path().join("results.ndjson");
    let mut lines = vec![json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Asha"}]}).to_string()];
    lines.extend((0..6_000).map(|number| {
        json!({"resourceType": "Observation", "id": format!("o{number}"), "status": "final",
            "code": {"text": "HbA1c"}, "subject": {"reference": "Patient/p"}, "valueString": "x"})
        .to_string()
    }));
    fs::write(&file, &lines[0]).expect("written");
    house::import(&house::operator(&vault), &file).expect("imported");
    fs::write(&file, lines.join("\n")).expect("written");
    let person = house::operator(&vault).profiles().expect("people")[0].profile;
    let mut before = home.path().join("first.phmb");
    backup::write(&vault, &before).expect("written");
    let (mut made, done) = (0, AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let session = house::operator(&vault);
                while !done.load(Ordering::Relaxed) {
                    session.timeline(person, &[], &Query { per_page: 500, ..Query::default() }).expect("a page");
                }
            });
        }
        let importing = scope.spawn(|| house::import(&house::operator(&vault), &file).expect("imported"));
        while !importing.is_finished() {
            made += 1;
            let next = home.path().join(format!("{made}.phmb"));
            let written = continued(&vault, &next, &before);
            done.store(written.is_err(), Ordering::Relaxed);
            written.expect("whole");
            before = next;
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(made > 3, "{made} increments");
    assert!(vault.verify(None).expect("verified").ok);
}
