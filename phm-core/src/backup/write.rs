//! Writing a backup.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};

use super::Written;
use super::begun::begin;
use super::chain::Before;
use super::place::Unfinished;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Instant;
use crate::vault::Vault;

/// How a backup is to be made.
#[derive(Clone, Debug)]
pub struct Order {
    /// The backup that it continues; without one it is a full backup.
    pub since: Option<PathBuf>,
    /// Why, as it stands in the audit log.
    pub purpose: String,
    /// When it will be removed, for whoever wants to know how long somebody's records are kept; `None`: nobody knows.
    pub kept_until: Option<Instant>,
    /// Ends the work, and leaves no file, once it says so.
    pub stop: Arc<AtomicBool>,
}

impl Default for Order {
    fn default() -> Self {
        Self { since: None, purpose: "backup".to_owned(), kept_until: None, stop: Arc::default() }
    }
}

/// Writes a full backup of the vault to a new file; see [`make`].
pub fn write(vault: &Vault, path: &Path) -> Result<Written> {
    make(vault, path, &Order::default())
}

/// Writes a backup to a new file, durable when it returns. Serving and writing go on meanwhile; compacting, sealing again
/// and erasing wait.
///
/// # Errors
/// `not-empty` when the file exists; [`ErrorKind::Io`] when there is no room, `corrupt` when rows or files the vault should
/// have are missing, `cannot-continue` where the vault does not go on from the backup it should continue, `stopped`; and
/// then no file is left behind.
pub fn make(vault: &Vault, path: &Path, order: &Order) -> Result<Written> {
    let (unfinished, file) = Unfinished::begin(path)?;
    let before = order.since.as_deref().map(|since| Before::read(vault, since)).transpose()?;
    // A body sealed again meanwhile would travel without its new key.
    let _rewriting = vault.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
    let mut begun = begin(vault, file, before, order)?;
    begun.copy_series(vault)?;
    begun.copy_rows(vault)?;
    begun.copy_documents(vault)?;
    begun.end(vault, path, unfinished, order)
}

pub(super) fn cannot_continue() -> Error {
    let text = "this vault does not go on from that backup: it was restored since, or the backup is of another copy of it; \
                write a full backup";
    Error::new(ErrorKind::Conflict, "cannot-continue", text)
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::super::begun::Begun;
    use super::*;
    use crate::access::{Action, Actor};
    use crate::backup::restore;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::id::{FileId, ProfileId};
    use crate::index::Query;
    use crate::model::Sample;
    use crate::store::Store as _;
    use crate::store::layout::{self, Table};
    use crate::vault::{How, Options, SampleQuery, Session};

    /// A new vault in `dir`.
    fn vault_in(dir: &Path) -> (Vault, Secret, Options) {
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) =
            Vault::create(&dir.join("vault"), std::slice::from_ref(&secret), options.clone()).expect("a vault");
        (vault, secret, options)
    }

    fn note(session: &Session, profile: ProfileId, text: &str) {
        let permit = session.permit(Action::Add, profile, "note").expect("allowed");
        session.add(&permit, &json!({ "text": text }), How::Typed).expect("added");
    }

    /// A backup that has begun and copied nothing yet of what is only appended to.
    fn begun<'v>(vault: &'v Vault, path: &Path) -> (Begun<'v>, Unfinished) {
        let (unfinished, file) = Unfinished::begin(path).expect("a new file");
        (begin(vault, file, None, &Order::default()).expect("begun"), unfinished)
    }

    #[test]
    fn what_is_written_while_a_backup_is_copied_waits_for_nothing_and_is_not_in_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let person =
            |name: &str| session.add_profile(&json!({"name": {"text": name}}), None).expect("a person").profile;
        let asha = person("Asha Example");
        // So many that the log fills its first tile while the backup is copied.
        let state = |value: &str| vault.put_state(ProfileId::SYSTEM, "job", &json!(value), None).expect("state");
        (0..200).for_each(|_| state("before"));
        note(&session, asha, "before");

        let path = dir.path().join("backup.phmb");
        let (mut begun, unfinished) = begun(&vault, &path);
        let meanwhile = || {
            note(&session, asha, "meanwhile");
            note(&session, person("Ravi Example"), "meanwhile");
            let permit = session.permit(Action::Add, asha, "document").expect("allowed");
            session
                .add_document(&permit, &json!({"title": "Scan", "category": "other"}), &mut &b"x"[..], 9)
                .expect("added");
            (0..60).for_each(|_| state("meanwhile"));
        };
        meanwhile();
        begun.copy_series(&vault).expect("copied");
        begun.copy_rows(&vault).expect("copied");
        vault.compact().expect("compacted");
        meanwhile();
        begun.copy_documents(&vault).expect("copied");
        let written = begun.end(&vault, &path, unfinished, &Order::default()).expect("written");

        let again = dir.path().join("again");
        let restored = restore(&path, &again, &secret, options.clone()).expect("restored and verified");
        assert_eq!((restored.profiles, restored.entries), (1, written.entries));
        assert_eq!(restored.audit_root, written.audit_root);
        let restored = Vault::open(&again, &secret, options).expect("the vault opens");
        assert_eq!(restored.state::<Value>(ProfileId::SYSTEM, "job").expect("read"), Some(json!("before")));
        let session = restored.session(Actor::Operator, "test").expect("the operator");
        let read = session.permit(Action::Read, asha, "note").expect("allowed");
        let notes = session.list(&read, &Query::default()).expect("a page").items;
        assert_eq!(notes.iter().map(|note| note.body.get()).collect::<Vec<_>>(), [r#"{"text":"before"}"#]);
        assert!(vault.verify(None).expect("verified").ok, "and the vault itself goes on whole");
    }

    #[test]
    fn samples_that_are_added_while_samples_are_copied_wait_for_nothing_and_are_not_in_the_backup() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let asha = session.add_profile(&json!({"name": {"text": "Asha"}}), None).expect("a person").profile;
        let permit = session.permit(Action::Add, asha, "series").expect("allowed");
        let body = json!({"concept": "Heart rate", "unit": "/min"});
        let series = session.add(&permit, &body, How::Typed).expect("a series").id;
        let append = |n: i64| {
            let sample = Sample::new(Instant::from_millis(n * 1000), "72".parse().expect("a decimal"));
            session.append_samples(&permit, series, &[sample], &How::Device).expect("added");
        };
        let rows = || {
            let (from, to) = layout::rows(Table::Series);
            let mut rows = 0;
            let mut count = |_: (&[u8], &[u8])| {
                rows += 1;
                true
            };
            vault.inner.store.scan(&from, &to, &mut count).expect("scanned");
            rows
        };
        // So many entries that whoever adds the next moves their samples into a block.
        (0..64).for_each(append);
        let path = dir.path().join("backup.phmb");
        let (mut begun, unfinished) = begun(&vault, &path);
        (64..70).for_each(append);
        assert_eq!(rows(), 70, "nobody moves samples that are being copied");
        begun.copy_series(&vault).expect("copied");
        (70..72).for_each(append);
        assert_eq!(rows(), 4, "a directory, a block, and what was added since");
        begun.copy_rows(&vault).expect("copied");
        begun.copy_documents(&vault).expect("copied");
        begun.end(&vault, &path, unfinished, &Order::default()).expect("written");

        let again = dir.path().join("again");
        restore(&path, &again, &secret, options.clone()).expect("restored and verified");
        let restored = Vault::open(&again, &secret, options).expect("the vault opens");
        let count = |vault: &Vault| {
            let session = vault.session(Actor::Operator, "test").expect("the operator");
            let read = session.permit(Action::Read, asha, "series").expect("allowed");
            session.samples(&read, series, &SampleQuery::default()).expect("read").1.times.len()
        };
        assert_eq!((count(&restored), count(&vault)), (64, 72));
        assert!(vault.verify(None).expect("verified").ok, "and the vault itself goes on whole");
    }

    #[test]
    fn a_file_no_record_refers_to_may_vanish_while_a_backup_is_copied() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let path = dir.path().join("backup.phmb");
        let refused = vault.dir().join("documents").join(FileId::new().to_string());
        fs::write(&refused, b"sealed").expect("a file");
        let (mut begun, unfinished) = begun(&vault, &path);
        fs::remove_file(refused).expect("removed");
        begun.copy_series(&vault).expect("copied");
        begun.copy_rows(&vault).expect("copied");
        begun.copy_documents(&vault).expect("copied");
        begun.end(&vault, &path, unfinished, &Order::default()).expect("written");
        restore(&path, &dir.path().join("again"), &secret, options).expect("restored");
    }

    #[test]
    fn a_tile_that_was_lost_since_the_vault_was_opened_is_missed_in_its_backup() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault_in(dir.path());
        (0..300).for_each(|tries| vault.put_state(ProfileId::SYSTEM, "job", &json!(tries), None).expect("state"));
        write(&vault, &dir.path().join("backup.phmb")).expect("written");
        let (from, to) = layout::rows(Table::Tile);
        let mut lost = crate::store::Batch::default();
        let tile = |(address, _): (&[u8], &[u8])| {
            lost.delete(address.to_vec());
            true
        };
        vault.inner.store.scan(&from, &to, &mut { tile }).expect("scanned");
        vault.inner.store.commit(lost).expect("lost");
        let again = dir.path().join("again.phmb");
        let error = write(&vault, &again).expect_err("a tile is missing");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Corrupt, "corrupt"));
        assert!(!again.exists());
    }

    #[test]
    fn a_backup_that_is_stopped_leaves_nothing_and_says_so() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault_in(dir.path());
        let order = Order { stop: Arc::new(AtomicBool::new(true)), ..Order::default() };
        let error = make(&vault, &dir.path().join("backup.phmb"), &order).expect_err("stopped");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Busy, "stopped"));
        let left: Vec<_> =
            fs::read_dir(dir.path()).expect("list").map(|entry| entry.expect("entry").file_name()).collect();
        assert_eq!(left, ["vault"]);
        assert!(vault.backups().expect("listed").is_empty());
    }
}
