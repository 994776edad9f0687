//! Putting today's keys into a backup of earlier.
//!
//! Erasing somebody takes their key out of the vault, and with a new root no old keyring opens with today's secrets; but a
//! backup has the keyring and the slots of its own time. Wrapping it anew ends that: its section of keys is replaced by
//! slots and keyring as they are now, and nothing else of it changes, so what continues it still does.
//!
//! Whoever is erased takes more along than their own keys: state gets a new key, and so does `system` where their account
//! stood in it. So a backup of earlier comes back without its state, and where `system` or anybody who stays got a new key
//! only together with a later increment, which has their records under that key. [`rewrap`] says so before it does it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde::Serialize;

use super::chain::inventory;
use super::form::{KeySection, damaged};
use super::frame::Frame;
use super::place::Unfinished;
use crate::crypto::durable;
use crate::crypto::keyring::{Owner, owners_in};
use crate::error::{Error, ErrorKind, Result};
use crate::vault::Vault;

/// What wrapping a backup anew did.
#[derive(Clone, Debug, Serialize)]
pub struct Rewrapped {
    /// The file.
    pub path: PathBuf,
    /// People who were erased since it was written, and whose records in it can no longer be read.
    pub erased: u64,
    /// People who got new keys since, whose records in it can no longer be read; a later backup of the chain has them.
    pub unreadable: u64,
}

/// Replaces the keys in a backup by those of now, in place; a cut leaves the old file or the new one. Where a link leads to
/// the file, the file is meant. Waits for an erasure or rotation that is under way.
///
/// # Errors
/// `invalid-input` where it is of another vault, `corrupt` where it was cut or changed, `unsupported` where it is of the
/// first form, `keys-changed` where people have got new keys since, whose records in it would become unreadable, unless
/// that is `accepted`; and then it stays as it was.
pub fn rewrap(vault: &Vault, path: &Path, accepted: bool) -> Result<Rewrapped> {
    let file = fs::canonicalize(path)?;
    let frame = Frame::read(&file)?;
    if frame.manifest.vault != vault.id() {
        return Err(Error::new(ErrorKind::Invalid, "invalid-input", "that backup is of another vault"));
    }
    let inner = &vault.inner;
    // No key goes between looking at them and noting since when the backup has them.
    let _rewriting = inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
    let keys_from = vault.keys_from(inner.now());
    let key = inner.keys.backup_key_at(frame.manifest.epoch).ok_or_else(damaged)?;
    frame.check_signatures(&key)?;
    frame.check_body()?;
    let held = inventory(&frame, &key)?;
    let people: std::collections::HashSet<_> =
        inner.keys.profiles().into_iter().map(|id| inner.keys.blind_profile(id)).collect();
    let mut erased = frame.keys.erased.clone();
    for (blinded, journal) in held.journals.iter().filter(|(blinded, _)| !people.contains(*blinded)) {
        if !erased.iter().any(|(known, _)| known == blinded) {
            erased.push((*blinded, journal.pseudonym));
        }
    }
    let mut rekeyed = frame.keys.rekeyed.clone();
    for (owner, epoch) in owners_in(&frame.keys.keyring).ok_or_else(damaged)? {
        let Owner::Profile(id) = owner else { continue };
        let (now, blinded) = (inner.keys.epochs(owner), inner.keys.blind_profile(id));
        if !now.is_empty()
            && !now.contains(&epoch)
            && held.journals.contains_key(&blinded)
            && !rekeyed.contains(&blinded)
        {
            rekeyed.push(blinded);
        }
    }
    rekeyed.retain(|blinded| people.contains(blinded));
    let more = rekeyed.iter().any(|blinded| !frame.keys.rekeyed.contains(blinded));
    if more && !accepted {
        let text = "people have got new keys since this backup was written, and their records in it would become \
                    unreadable; keep it as it is, or say --accept-unreadable where a later backup has them";
        return Err(Error::new(ErrorKind::Conflict, "keys-changed", text));
    }
    let report = Rewrapped { path: path.to_owned(), erased: erased.len() as u64, unreadable: rekeyed.len() as u64 };
    let (slots, keyring) = inner.keys.files();
    let ending = frame.with_keys(&KeySection { slots, keyring, erased, rekeyed }, &key);
    replace_ending(&file, frame.keys_at, &ending)?;
    let manifest = &frame.manifest;
    vault.note_rewrap((manifest.chain, manifest.number, manifest.written_at), keys_from)?;
    Ok(report)
}

/// Replaces everything of a file from `at` on, and overwrites what stood there.
fn replace_ending(path: &Path, at: u64, ending: &[u8]) -> Result<()> {
    let unfinished = Unfinished::beside(path)?;
    let mut new = durable::private().write(true).create_new(true).open(unfinished.part())?;
    let mut front = File::open(path)?.take(at);
    if io::copy(&mut front, &mut new)? != at {
        return Err(damaged());
    }
    new.write_all(ending)?;
    new.sync_all()?;
    drop(new);
    // Held open, so that the old keys can be overwritten once the new file has taken the name.
    let mut old = OpenOptions::new().write(true).open(path)?;
    let length = fs::metadata(path)?.len();
    unfinished.replace()?;
    old.seek(SeekFrom::Start(at))?;
    io::copy(&mut io::repeat(0).take(length.saturating_sub(at)), &mut old)?;
    old.sync_all()?;
    Ok(())
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::{Action, Actor};
    use crate::backup::{Keys, Order, make, restore, restore_chain, write};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::{Secret, make_key_file};
    use crate::id::ProfileId;
    use crate::vault::{How, Options};

    fn options() -> Options {
        Options { cost: Cost::FLOOR, ..Options::default() }
    }

    /// A vault with two people, each with a note and a document; the second of them.
    fn vault(home: &Path) -> (Vault, Secret, ProfileId) {
        let secret = make_key_file(&home.join("key")).expect("a key file");
        let (vault, _) = Vault::create(&home.join("vault"), std::slice::from_ref(&secret), options()).expect("made");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let people = ["Asha Example", "Ravi Example"].map(|name| {
            let person = session.add_profile(&json!({"name": {"text": name}}), None).expect("a person").profile;
            let permit = session.permit(Action::Add, person, "note").expect("allowed");
            session.add(&permit, &json!({"text": "a note"}), How::Typed).expect("added");
            let permit = session.permit(Action::Add, person, "document").expect("allowed");
            let scan = json!({"title": "Scan", "category": "other"});
            session.add_document(&permit, &scan, &mut &b"a scan"[..], 1 << 20).expect("added");
            person
        });
        drop(session);
        (vault, secret, people[1])
    }

    /// Takes somebody's keys out of the vault, as erasing them does before anything else.
    fn forget(vault: &Vault, person: ProfileId) {
        let owners = [Owner::Profile(person), Owner::About(person)];
        vault.inner.keys.with_unlocked(|unlocked| Ok(unlocked.rotate_root(&owners)?)).expect("forgotten");
    }

    #[test]
    fn who_was_erased_since_is_erased_in_a_backup_that_is_wrapped_anew_and_all_else_restores() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, ravi) = vault(home.path());
        let (file, increment) = (home.path().join("full.phmb"), home.path().join("increment.phmb"));
        write(&vault, &file).expect("written");
        make(&vault, &increment, &Order { since: Some(file.clone()), ..Order::default() }).expect("written");
        let before = fs::read(&file).expect("read");
        let hash = Frame::read(&file).expect("whole").hash;
        forget(&vault, ravi);
        for path in [&file, &increment] {
            let done = rewrap(&vault, path, false).expect("wrapped anew");
            assert_eq!((done.erased, done.unreadable), (1, 0));
        }
        let frame = Frame::read(&file).expect("whole");
        assert_eq!(frame.hash, hash, "what continues it still does");
        let owners = owners_in(&frame.keys.keyring).expect("a keyring");
        assert!(!owners.iter().any(|(owner, _)| *owner == Owner::Profile(ravi) || *owner == Owner::About(ravi)));
        // No wrapped key of before is left anywhere in the file.
        let old = Frame::read(&write_to(home.path(), &before)).expect("whole").keys.keyring;
        let after = fs::read(&file).expect("read");
        let wrapped = old.windows(72).step_by(24).filter(|key| after.windows(72).any(|window| window == *key));
        assert_eq!(wrapped.count(), 0);
        for files in [vec![file.clone()], vec![file.clone(), increment.clone()]] {
            let dir = home.path().join("again");
            let report = restore_chain(&files, &dir, Keys::Secret(&secret), options()).expect("restored");
            assert_eq!((report.profiles, report.erased), (1, 1));
            let again = Vault::open(&dir, &secret, options()).expect("the vault opens");
            let verified = again.verify(None).expect("verified");
            assert!(verified.ok && !again.inner.keys.has_profile(ravi), "{:?}", verified.damaged);
            let documents = fs::read_dir(dir.join("documents")).expect("list").count();
            assert_eq!(documents, 2, "Asha's scan and `incoming`");
            again.close().expect("closed");
            fs::remove_dir_all(dir).expect("removed");
        }
        let listed = vault.backups().expect("listed");
        assert!(listed.len() == 2 && listed.iter().all(|made| made.keys_from > made.written_at), "{listed:?}");
    }

    fn write_to(home: &Path, bytes: &[u8]) -> PathBuf {
        let path = home.join("old.phmb");
        fs::write(&path, bytes).expect("written");
        path
    }

    #[test]
    fn records_under_keys_that_are_gone_are_not_lost_by_accident() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, ravi) = vault(home.path());
        let (file, later) = (home.path().join("full.phmb"), home.path().join("later.phmb"));
        write(&vault, &file).expect("written");
        vault.session(Actor::Operator, "test").expect("the operator").rotate_profile(ravi).expect("rotated");
        let before = fs::read(&file).expect("read");
        assert_eq!(rewrap(&vault, &file, false).expect_err("unreadable then").code(), "keys-changed");
        assert_eq!(fs::read(&file).expect("read"), before, "it stays as it was");
        make(&vault, &later, &Order { since: Some(file.clone()), ..Order::default() }).expect("written");
        let done = rewrap(&vault, &file, true).expect("accepted");
        assert_eq!((done.erased, done.unreadable), (0, 1));
        let dir = home.path().join("again");
        assert_eq!(restore(&file, &dir, &secret, options()).expect_err("without the later one").code(), "keys-changed");
        assert!(!dir.exists());
        let report = restore_chain(&[file, later], &dir, Keys::Secret(&secret), options()).expect("restored");
        assert_eq!(report.profiles, 2);
    }

    #[test]
    fn a_chain_whose_newest_backup_still_has_the_keys_restores_although_an_earlier_one_has_not() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, ravi) = vault(home.path());
        let (file, later) = (home.path().join("full.phmb"), home.path().join("later.phmb"));
        write(&vault, &file).expect("written");
        make(&vault, &later, &Order { since: Some(file.clone()), ..Order::default() }).expect("written");
        vault.session(Actor::Operator, "test").expect("the operator").rotate_profile(ravi).expect("rotated");
        assert_eq!(rewrap(&vault, &file, true).expect("accepted").unreadable, 1);
        let (dir, files) = (home.path().join("again"), [file, later]);
        let report = restore_chain(&files, &dir, Keys::Secret(&secret), options()).expect("restored");
        assert_eq!(report.profiles, 2);
        rewrap(&vault, &files[1], true).expect("accepted");
        let refused = restore_chain(&files, &home.path().join("third"), Keys::Secret(&secret), options());
        assert_eq!(refused.expect_err("now they are gone").code(), "keys-changed");
    }

    #[test]
    fn somebody_whose_records_would_become_unreadable_is_told_of_although_another_was_erased() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, _, ravi) = vault(home.path());
        let file = home.path().join("full.phmb");
        write(&vault, &file).expect("written");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let people = vault.inner.keys.profiles();
        let asha = people.into_iter().find(|id| id.is_person() && *id != ravi).expect("the other one");
        session.rotate_profile(ravi).expect("rotated");
        assert_eq!(rewrap(&vault, &file, true).expect("accepted").unreadable, 1);
        forget(&vault, ravi);
        session.rotate_profile(asha).expect("rotated");
        // As many as before, and not the same.
        assert_eq!(rewrap(&vault, &file, false).expect_err("unreadable then").code(), "keys-changed");
        assert_eq!(rewrap(&vault, &file, true).expect("accepted").unreadable, 1);
        assert_eq!(rewrap(&vault, &file, false).expect("nothing more is lost").unreadable, 1);
    }

    #[test]
    fn of_two_backups_that_continue_the_same_one_the_list_tells_which_was_wrapped_anew() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, _, ravi) = vault(home.path());
        let files = ["full", "one", "other"].map(|name| home.path().join(name).with_extension("phmb"));
        write(&vault, &files[0]).expect("written");
        for file in &files[1..] {
            std::thread::sleep(std::time::Duration::from_millis(2));
            make(&vault, file, &Order { since: Some(files[0].clone()), ..Order::default() }).expect("written");
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
        forget(&vault, ravi);
        rewrap(&vault, &files[1], false).expect("wrapped anew");
        let listed = vault.backups().expect("listed");
        let anew: Vec<_> = listed.iter().filter(|made| made.keys_from > made.written_at).collect();
        assert!(anew.len() == 1 && anew[0].path == files[1], "{listed:?}");
        vault.forget_backups(&listed[1..2]).expect("forgotten");
        assert_eq!(vault.backups().expect("listed").len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_the_file_itself_is_wrapped_anew() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, ravi) = vault(home.path());
        let (file, link) = (home.path().join("full.phmb"), home.path().join("newest.phmb"));
        write(&vault, &file).expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        forget(&vault, ravi);
        assert_eq!(rewrap(&vault, &link, false).expect("wrapped anew").erased, 1);
        assert!(link.is_symlink(), "the link stays one");
        let report = restore(&file, &home.path().join("again"), &secret, options()).expect("restored");
        assert_eq!((report.profiles, report.erased), (1, 1));
    }

    #[test]
    fn wrapping_anew_waits_until_keys_that_are_going_are_gone() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, _, ravi) = vault(home.path());
        let file = home.path().join("full.phmb");
        write(&vault, &file).expect("written");
        let erasing = vault.inner.rewriting.lock().expect("an erasure holds it");
        std::thread::scope(|scope| {
            let wrapping = scope.spawn(|| rewrap(&vault, &file, false));
            std::thread::sleep(std::time::Duration::from_millis(200));
            assert!(!wrapping.is_finished());
            forget(&vault, ravi);
            drop(erasing);
            assert_eq!(wrapping.join().expect("no panic").expect("wrapped anew").erased, 1);
        });
    }

    #[test]
    fn a_foreign_a_damaged_and_a_first_form_backup_are_left_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault(home.path());
        let file = home.path().join("backup.phmb");
        let (other, _) = Vault::create(
            &home.path().join("other"),
            &[make_key_file(&home.path().join("other-key")).expect("a key file")],
            options(),
        )
        .expect("made");
        write(&other, &file).expect("written");
        assert_eq!(rewrap(&vault, &file, true).expect_err("foreign").kind(), ErrorKind::Invalid);
        fs::remove_file(&file).expect("removed");
        write(&vault, &file).expect("written");
        let whole = fs::read(&file).expect("read");
        let mut bad = whole.clone();
        bad[100] ^= 1;
        fs::write(&file, &bad).expect("damaged");
        assert_eq!(rewrap(&vault, &file, true).expect_err("damaged").kind(), ErrorKind::Corrupt);
        assert_eq!(fs::read(&file).expect("read"), bad);
        let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backup-1.phmb");
        assert_eq!(rewrap(&vault, &first, true).expect_err("the first form").kind(), ErrorKind::Unsupported);
    }
}
