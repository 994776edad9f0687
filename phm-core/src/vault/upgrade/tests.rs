//! Steps that only tests have: nothing is changed without a backup, and whatever is cut off goes on.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::access::{Action, Actor};
use crate::backup::Keys;
use crate::crypto::kdf::Cost;
use crate::crypto::secret::Secret;
use crate::id::ProfileId;
use crate::index::Query;
use crate::store::layout::{self, Table};
use crate::store::{Batch, Engine, Store as _};
use crate::vault::folder::FORMAT;
use crate::vault::state::StateChange;
use crate::vault::{How, Options};

/// The state row that steps rewrite.
const ROW: &str = "word";
const BACKUP: &str = "before-format-2.phmb";

/// The folder of a closed vault of format 1, with one person who has one note.
struct Home {
    dir: tempfile::TempDir,
    secret: Secret,
    options: Options,
    person: ProfileId,
}

impl Home {
    fn new(engine: Engine) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { engine, cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) =
            Vault::create(&dir.path().join("vault"), std::slice::from_ref(&secret), options.clone()).expect("a vault");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let person = session.add_profile(&json!({"name": {"text": "Asha Example"}}), None).expect("a person").profile;
        drop(session);
        note(&vault, person, "before");
        vault.put_state(ProfileId::SYSTEM, ROW, &json!("old"), None).expect("state");
        vault.close().expect("closed");
        Self { dir, secret, options, person }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn format(&self) -> u32 {
        format_in(&self.file("vault.toml")).expect("a format")
    }

    /// Opens it with the build that knows format 1 alone.
    fn open(&self) -> Vault {
        Vault::open(&self.path(), &self.secret, self.options.clone()).expect("the vault opens")
    }

    /// Opens it with a build that has these steps.
    fn upgrade(&self, steps: Steps<'_>) -> Result<Vault> {
        Vault::open_with(&self.path(), &self.secret, self.options.clone(), steps)
    }

    /// Everything in the store.
    fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let vault = self.open();
        let mut rows = Vec::new();
        for table in Table::ALL {
            let (from, to) = layout::rows(table);
            vault
                .inner
                .store
                .scan(&from, &to, &mut |(address, value)| {
                    rows.push((address.to_vec(), value.to_vec()));
                    true
                })
                .expect("scanned");
        }
        vault.close().expect("closed");
        rows
    }

    /// The names of whole and of unfinished backups in its folder.
    fn backups(&self) -> Vec<String> {
        backups_in(&self.path())
    }

    /// Restores a backup in its folder with the build that knows format 1 alone; answers the word and the notes in it.
    fn restored(&self, name: &str) -> (Option<Value>, Vec<String>) {
        let again = self.dir.path().join(format!("{name} restored"));
        backup::restore(&self.file(name), &again, &self.secret, self.options.clone()).expect("restored and verified");
        let vault = Vault::open(&again, &self.secret, self.options.clone()).expect("the vault opens");
        let found = (word(&vault), notes(&vault, self.person));
        vault.close().expect("closed");
        found
    }
}

fn backups_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).expect("list").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.contains(".phmb"));
    names.sort();
    names
}

fn note(vault: &Vault, person: ProfileId, text: &str) {
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let permit = session.permit(Action::Add, person, "note").expect("allowed");
    session.add(&permit, &json!({ "text": text }), How::Typed).expect("added");
}

fn document(vault: &Vault, person: ProfileId) {
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let permit = session.permit(Action::Add, person, "document").expect("allowed");
    let about = json!({"title": "Scan", "category": "other"});
    session.add_document(&permit, &about, &mut &b"x"[..], 9).expect("added");
}

fn notes(vault: &Vault, person: ProfileId) -> Vec<String> {
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let permit = session.permit(Action::Read, person, "note").expect("allowed");
    let found = session.list(&permit, &Query { per_page: 200, ..Query::default() }).expect("a page").items;
    let mut texts: Vec<String> = found.iter().map(|note| note.body.get().to_owned()).collect();
    texts.sort();
    texts
}

fn word(vault: &Vault) -> Option<Value> {
    vault.state(ProfileId::SYSTEM, ROW).expect("whole")
}

/// Rewrites the row as a step does: in the store itself.
fn write(vault: &Vault, word: &str) -> Result<()> {
    let mut batch = Batch::default();
    vault.inner.put_state(&mut batch, &StateChange::put(ProfileId::SYSTEM, ROW, &json!(word), None)?)?;
    Ok(vault.inner.store.commit(batch)?)
}

fn fails() -> Result<()> {
    Err(Error::new(ErrorKind::Io, "io", "the disk is full; make room and try again"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("list") {
        let path = entry.expect("an entry").path();
        let copied = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, copied).expect("copied");
        }
    }
}

#[test]
fn the_steps_of_this_build_lead_to_its_format() {
    assert_eq!(newest(STEPS), FORMAT);
    assert_eq!(newest(&[&|_| Ok(()), &|_| Ok(())]), 3);
}

#[test]
fn before_a_step_the_vault_as_it_is_goes_into_a_backup_that_restores() {
    for engine in Engine::ON_DISK {
        let home = Home::new(engine);
        let ran = Cell::new(0);
        let step = |vault: &Vault| {
            ran.set(ran.get() + 1);
            assert_eq!(backups_in(vault.dir()), [BACKUP], "it is there when the step begins");
            write(vault, "new")
        };
        let vault = home.upgrade(&[&step]).expect("upgraded");
        assert_eq!((word(&vault), home.format()), (Some(json!("new")), 2));
        assert!(vault.verify(None).expect("verified").ok);
        let listed = vault.backups().expect("listed");
        assert_eq!(listed.iter().map(|made| made.path.clone()).collect::<Vec<_>>(), [home.file(BACKUP)]);
        note(&vault, home.person, "after");
        assert_eq!(notes(&vault, home.person), [r#"{"text":"after"}"#, r#"{"text":"before"}"#]);
        vault.close().expect("closed");

        let vault = home.upgrade(&[&step]).expect("it opens as any other");
        assert_eq!((ran.get(), vault.backups().expect("listed").len()), (1, 1));
        vault.close().expect("closed");
        assert_eq!(home.restored(BACKUP), (Some(json!("old")), vec![r#"{"text":"before"}"#.to_owned()]));
    }
}

#[test]
fn where_the_backup_cannot_be_written_nothing_is_changed_and_the_error_says_what_to_do() {
    for engine in Engine::ON_DISK {
        let home = Home::new(engine);
        let step = |_: &Vault| -> Result<()> { panic!("no step begins without a backup") };
        let (marker, rows) = (fs::read(home.file("vault.toml")).expect("read"), home.rows());
        let refused = || {
            let error = home.upgrade(&[&step]).expect_err("no backup");
            let text = error.to_string();
            assert!(text.contains(BACKUP) && text.contains("make room, or move away"), "{text}");
            assert!(text.ends_with("nothing was changed"), "{text}");
            assert_eq!(fs::read(home.file("vault.toml")).expect("read"), marker);
            assert!(home.rows() == rows, "the store is as it was");
            error
        };
        fs::create_dir(home.file(BACKUP)).expect("a folder");
        assert_eq!(refused().code(), "not-empty");
        fs::remove_dir(home.file(BACKUP)).expect("nobody put anything into it");
        fs::write(home.file(BACKUP), "somebody's letter").expect("a file");
        assert_eq!(refused().code(), "invalid-input");
        assert_eq!(fs::read(home.file(BACKUP)).expect("read"), b"somebody's letter");
        fs::remove_file(home.file(BACKUP)).expect("moved away");
        let vault = home.upgrade(&[&|vault: &Vault| write(vault, "new")]).expect("it is free now");
        assert_eq!((word(&vault), home.format()), (Some(json!("new")), 2));
    }
}

#[test]
fn a_vault_that_lost_a_document_is_not_changed_for_a_backup_of_it_would_not_restore() {
    let home = Home::new(Engine::default());
    let vault = home.open();
    document(&vault, home.person);
    vault.close().expect("closed");
    for entry in fs::read_dir(home.file("documents")).expect("list") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::remove_file(path).expect("lost");
        }
    }
    let rows = home.rows();
    let step = |_: &Vault| -> Result<()> { panic!("no step begins without a backup") };
    let error = home.upgrade(&[&step]).expect_err("damaged");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("`phm verify`"), "{error}");
    assert_eq!((home.format(), home.backups()), (1, Vec::new()), "nothing half-written stays");
    assert!(home.rows() == rows, "the store is as it was");
}

#[test]
fn a_step_that_fails_leaves_the_format_before_it_and_the_next_opening_goes_on() {
    for engine in Engine::ON_DISK {
        let home = Home::new(engine);
        let (first, second) = (Cell::new(0), Cell::new(0));
        // Each is cut off once, the first when it has written already.
        let to_2 = |vault: &Vault| {
            first.set(first.get() + 1);
            write(vault, "of format 2")?;
            if first.get() == 1 { fails() } else { Ok(()) }
        };
        let to_3 = |vault: &Vault| {
            second.set(second.get() + 1);
            assert_eq!(word(vault), Some(json!("of format 2")));
            if second.get() == 1 { fails() } else { write(vault, "of format 3") }
        };
        let error = home.upgrade(&[&to_2, &to_3]).expect_err("the first step was cut off");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Io, "io"));
        assert!(error.to_string().starts_with("the step from format 1 to format 2 was not finished"), "{error}");
        assert_eq!((home.format(), home.backups()), (1, vec![BACKUP.to_owned()]));
        let written = fs::read(home.file(BACKUP)).expect("read");

        let error = home.upgrade(&[&to_2, &to_3]).expect_err("the second step was cut off");
        assert!(error.to_string().starts_with("the step from format 2 to format 3 was not finished"), "{error}");
        assert_eq!((home.format(), home.backups()), (2, vec![BACKUP.to_owned()]), "its backup is used again");
        assert!(fs::read(home.file(BACKUP)).expect("read") == written, "and is the same");

        let vault = home.upgrade(&[&to_2, &to_3]).expect("upgraded");
        assert_eq!((first.get(), second.get(), home.format()), (2, 2, 3));
        assert_eq!(word(&vault), Some(json!("of format 3")));
        assert_eq!(home.backups(), [BACKUP, "before-format-3.phmb"]);
        assert_eq!(vault.backups().expect("listed").len(), 2);
        assert!(vault.verify(None).expect("verified").ok);
        vault.close().expect("closed");
        assert_eq!(home.restored(BACKUP).0, Some(json!("old")), "of before the first step");
    }
}

#[test]
fn a_vault_that_was_written_to_since_its_backup_gets_another_one_beside_it() {
    let home = Home::new(Engine::default());
    home.upgrade(&[&|_: &Vault| fails()]).expect_err("cut off");
    let before = fs::read(home.file(BACKUP)).expect("read");
    let vault = home.open();
    note(&vault, home.person, "meanwhile, with the older PHM");
    vault.close().expect("closed");
    home.upgrade(&[&|vault: &Vault| write(vault, "new")]).expect("upgraded").close().expect("closed");
    assert_eq!(home.backups(), ["before-format-2.2.phmb", BACKUP]);
    assert!(fs::read(home.file(BACKUP)).expect("read") == before, "the first one stays");
    let (word, notes) = home.restored("before-format-2.2.phmb");
    assert_eq!((word, notes.len()), (Some(json!("old")), 2));
}

#[test]
fn a_backup_that_was_cut_since_is_none() {
    let home = Home::new(Engine::default());
    home.upgrade(&[&|_: &Vault| fails()]).expect_err("cut off");
    let whole = fs::read(home.file(BACKUP)).expect("read");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for damaged in [&whole[..whole.len() - 1], changed.as_slice()] {
        fs::write(home.file(BACKUP), damaged).expect("damaged");
        let step = |_: &Vault| -> Result<()> { panic!("no step begins without a whole backup") };
        assert_eq!(home.upgrade(&[&step]).expect_err("damaged").kind(), ErrorKind::Corrupt);
        assert!(fs::read(home.file(BACKUP)).expect("read") == damaged, "somebody may still look at it");
    }
    fs::remove_file(home.file(BACKUP)).expect("moved away");
    home.upgrade(&[&|vault: &Vault| write(vault, "new")]).expect("upgraded").close().expect("closed");
    assert_eq!(home.restored(BACKUP).0, Some(json!("old")));
}

#[test]
fn a_backup_that_a_kill_kept_from_the_list_of_the_vault_is_listed_and_not_made_again() {
    let home = Home::new(Engine::default());
    // The vault is put back to the moment between the backup's file and its place in the list.
    let aside = home.dir.path().join("aside");
    copy(&home.path(), &aside);
    home.upgrade(&[&|_: &Vault| fails()]).expect_err("cut off");
    let written = fs::read(home.file(BACKUP)).expect("read");
    fs::remove_dir_all(home.path()).expect("removed");
    fs::rename(aside, home.path()).expect("put back");
    fs::write(home.file(BACKUP), &written).expect("written");
    fs::write(home.file(".before-format-2.phmb.01234567.part"), "").expect("an attempt before that");

    let vault = home.upgrade(&[&|vault: &Vault| write(vault, "new")]).expect("upgraded");
    assert_eq!(home.backups(), [BACKUP]);
    assert!(fs::read(home.file(BACKUP)).expect("read") == written, "it was not made again");
    let listed = vault.backups().expect("listed");
    assert_eq!(listed.iter().map(|made| made.bytes).collect::<Vec<_>>(), [written.len() as u64]);
    vault.close().expect("closed");
    assert_eq!(home.restored(BACKUP).0, Some(json!("old")));
}

#[test]
fn a_backup_of_an_older_format_restores_to_the_format_of_the_build() {
    for engine in Engine::ON_DISK {
        let home = Home::new(engine);
        let path = home.dir.path().join("backup.phmb");
        let vault = home.open();
        backup::write(&vault, &path).expect("written");
        vault.close().expect("closed");
        let again = home.dir.path().join("again");
        let restore = |steps: Steps<'_>| {
            let keys = Keys::Secret(&home.secret);
            backup::restore_with(std::slice::from_ref(&path), &again, keys, home.options.clone(), steps)
        };
        restore(&[&|_: &Vault| fails()]).expect_err("the step failed");
        assert!(!again.exists(), "half a vault would only mislead");
        let (restored, _) = restore(&[&|vault: &Vault| write(vault, "new")]).expect("restored");
        assert!(restored.verify(None).expect("verified").ok, "nothing is missing behind a step");
        assert_eq!(word(&restored), Some(json!("new")));
        assert_eq!(notes(&restored, home.person), [r#"{"text":"before"}"#]);
        assert_eq!(format_in(&again.join("vault.toml")).expect("a format"), 2);
        assert!(backups_in(&again).is_empty(), "it is made from one");
    }
}

#[test]
fn a_vault_of_a_newer_format_is_refused_and_left_as_it_is() {
    let home = Home::new(Engine::default());
    set_format(&home.file("vault.toml"), 3).expect("a later PHM was here");
    let marker = fs::read(home.file("vault.toml")).expect("read");
    let step = |_: &Vault| -> Result<()> { panic!("there is no way back") };
    let refused = |steps: Steps<'_>| {
        let error = home.upgrade(steps).expect_err("newer");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "newer-format"));
    };
    refused(STEPS);
    refused(&[&step]);
    assert_eq!(fs::read(home.file("vault.toml")).expect("read"), marker);
    assert!(home.backups().is_empty());
}

#[test]
fn a_vault_that_is_opened_for_reading_only_keeps_its_format() {
    let home = Home::new(Engine::default());
    let options = Options { read_only: true, ..home.options.clone() };
    let step = |_: &Vault| -> Result<()> { panic!("nothing may be changed") };
    let error = Vault::open_with(&home.path(), &home.secret, options, &[&step]).expect_err("it would be changed");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "older-format"));
    assert_eq!((home.format(), home.backups()), (1, Vec::new()));
}

#[test]
fn an_index_that_was_kept_is_made_anew_behind_a_step_also_one_that_was_cut_off() {
    let home = Home::new(Engine::default());
    let vault = home.open();
    for number in 0..80 {
        note(&vault, home.person, &format!("note {number}"));
    }
    assert_eq!(notes(&vault, home.person).len(), 81);
    vault.close().expect("closed");
    let kept = || {
        let files = fs::read_dir(home.file("index")).expect("list").map(|entry| entry.expect("an entry").path());
        files.map(|path| (fs::read(&path).expect("read"), path)).collect::<Vec<_>>()
    };
    let before = kept();
    assert!(!before.is_empty(), "a history of this length has a checkpoint");
    let looked = Cell::new(0);
    let step = |_: &Vault| {
        looked.set(looked.get() + 1);
        assert!(kept().is_empty(), "a step begins without indexes");
        if looked.get() == 1 { fails() } else { Ok(()) }
    };
    home.upgrade(&[&step]).expect_err("cut off");
    let vault = home.upgrade(&[&step]).expect("upgraded");
    assert_eq!(notes(&vault, home.person).len(), 81);
    vault.close().expect("closed");
    assert_eq!(looked.get(), 2);
    assert!(kept().iter().all(|file| !before.contains(file)), "what was kept before a step is not used behind it");
}
