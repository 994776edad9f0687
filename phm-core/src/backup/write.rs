//! Writing a backup.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::whole::{Copied, check_heads};
use super::{END, FILE, MAGIC, ROW, Written};
use crate::audit::tree::Hash;
use crate::crypto::digest::{HmacSha256, Sha256, hex};
use crate::crypto::{durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::id::FileId;
use crate::store::Store as _;
use crate::store::layout::Table;
use crate::vault::{Bounds, Vault};

/// Writes a backup of the whole vault to a new file, durable when it returns.
///
/// # Errors
/// `not-empty` when the file exists; [`ErrorKind::Io`] when there is no room, `corrupt` when rows or files the vault should
/// have are missing, and then no file is left behind.
pub fn write(vault: &Vault, path: &Path) -> Result<Written> {
    // Whoever makes the file owns it: what stands there already, a link to nowhere too, is somebody else's.
    let file = durable::private().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::Conflict, "not-empty", "the backup file exists already; choose another name")
        }
        _ => error.into(),
    })?;
    let written = copy(vault, path, file);
    if written.is_err() {
        // What failed first is what counts; a half backup would only mislead.
        let _ = fs::remove_file(path);
    }
    written
}

/// Everything written, hashed and authenticated on its way.
struct Out {
    file: BufWriter<File>,
    hash: Sha256,
    mac: HmacSha256,
    bytes: u64,
}

impl Out {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.mac.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn name(&mut self, tag: u8, name: &[u8]) -> io::Result<()> {
        let length = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        self.put(name)
    }

    /// The rows of a table that lie within `bounds`; they are counted.
    fn rows(&mut self, vault: &Vault, table: Table, bounds: &Bounds, copied: &mut Copied) -> Result<()> {
        let (from, to) = crate::store::layout::rows(table);
        let mut done = Ok(());
        vault.inner.store.scan(&from, &to, &mut |(address, value)| {
            if bounds.hold(table, address) {
                done = copied.row(table, address, value).and_then(|()| Ok(self.row(address, value)?));
            }
            done.is_ok()
        })?;
        done
    }

    fn row(&mut self, address: &[u8], value: &[u8]) -> io::Result<()> {
        let length = u32::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.name(ROW, address)?;
        self.put(&length.to_be_bytes())?;
        self.put(value)
    }

    /// A file; nothing is written when it does not open.
    fn file(&mut self, root: &Path, name: &str) -> io::Result<()> {
        let mut file = File::open(root.join(name))?;
        let length = file.metadata()?.len();
        self.name(FILE, name.as_bytes())?;
        self.put(&length.to_be_bytes())?;
        let (mut left, mut buffer) = (length, vec![0; 64 * 1024]);
        while left > 0 {
            let most = usize::try_from(left.min(buffer.len() as u64)).unwrap_or(buffer.len());
            let read = file.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.put(&buffer[..read])?;
            left -= read as u64;
        }
        Ok(())
    }
}

/// A backup that holds everything of its moment that is replaced later, and not yet what stays.
struct Begun {
    out: Out,
    bounds: Bounds,
    size: u64,
    root: Hash,
    /// The files of documents.
    documents: Vec<FileId>,
    copied: Copied,
}

fn copy(vault: &Vault, path: &Path, file: File) -> Result<Written> {
    let mut begun = begin(vault, file)?;
    begun.copy_rows(vault)?;
    begun.copy_documents(vault)?;
    begun.end(vault, path)
}

/// Fixes the moment of the backup, between two group commits.
fn begin(vault: &Vault, file: File) -> Result<Begun> {
    let key = vault.inner.keys.backup_key()?.1;
    let mut out = Out { file: BufWriter::new(file), hash: Sha256::new(), mac: HmacSha256::new(&key), bytes: 0 };
    vault.inner.at_barrier(|ledger| {
        crate::vault::write_heads(&vault.inner, ledger)?;
        out.put(MAGIC)?;
        let mut small = ["vault.toml", "heads"].iter().chain(&slot::FILES).chain(&keyring::FILES);
        // A person who is being added changes one key file after the other; half of that would be found damaged.
        vault.inner.keys.unchanged(|| small.try_for_each(|name| out.file(vault.dir(), name)))?;
        check_heads(vault)?;
        let bounds = Bounds::now(&vault.inner, ledger)?;
        let mut copied = Copied::default();
        for table in Bounds::REPLACED {
            out.rows(vault, table, &bounds, &mut copied)?;
        }
        let documents = documents(vault)?;
        Ok(Begun { out, bounds, size: ledger.size(), root: ledger.root(), documents, copied })
    })
}

/// The files of documents as they stand; those of records that are being added may be among them. What else somebody put
/// beside them, as file managers do, is not the vault's; `verify` tells of it.
fn documents(vault: &Vault) -> Result<Vec<FileId>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(vault.dir().join("documents"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.extend(entry.file_name().to_str().and_then(|name| name.parse::<FileId>().ok()));
        }
    }
    Ok(files)
}

impl Begun {
    /// Copies what is only appended to, up to where it stood; writes go on behind that.
    fn copy_rows(&mut self, vault: &Vault) -> Result<()> {
        for table in Bounds::APPENDED {
            self.out.rows(vault, table, &self.bounds, &mut self.copied)?;
        }
        Ok(())
    }

    /// Copies the files of documents: they never change once their record is committed.
    fn copy_documents(&mut self, vault: &Vault) -> Result<()> {
        for file in &self.documents {
            match self.out.file(vault.dir(), &format!("documents/{file}")) {
                // Taken away again because its record could not be written. Where one was, `end` misses it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => {
                    copied?;
                    self.copied.file(*file);
                }
            }
        }
        Ok(())
    }

    /// Ends a backup that holds all it should.
    fn end(self, vault: &Vault, path: &Path) -> Result<Written> {
        let Self { mut out, bounds, size, root, copied, .. } = self;
        copied.check(vault, &bounds, size)?;
        let entries = bounds.entries;
        out.put(&[END])?;
        out.put(&entries.to_be_bytes())?;
        out.put(&size.to_be_bytes())?;
        out.put(&root)?;
        let key = vault.inner.keys.backup_key()?.1;
        let tag = std::mem::replace(&mut out.mac, HmacSha256::new(&key)).finish();
        out.put(&tag)?;
        let Out { file, hash, bytes, .. } = out;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            durable::sync_folder(parent)?;
        }
        Ok(Written { path: path.to_owned(), bytes, entries, sha256: hex(&hash.finish()), audit_root: hex(&root) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::access::{Action, Actor};
    use crate::backup::restore;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::id::ProfileId;
    use crate::index::Query;
    use crate::vault::{How, Options, Session};

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
        let mut begun = begin(&vault, File::create_new(&path).expect("a new file")).expect("begun");
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
        begun.copy_rows(&vault).expect("copied");
        vault.compact().expect("compacted");
        meanwhile();
        begun.copy_documents(&vault).expect("copied");
        let written = begun.end(&vault, &path).expect("written");

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
    fn a_backup_from_before_strange_files_were_left_out_restores_without_them() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let path = dir.path().join("backup.phmb");
        let mut begun = begin(&vault, File::create_new(&path).expect("a new file")).expect("begun");
        begun.copy_rows(&vault).expect("copied");
        fs::write(vault.dir().join("documents/.DS_Store"), vec![7; 100_000]).expect("a stray file");
        begun.out.file(vault.dir(), "documents/.DS_Store").expect("copied");
        begun.end(&vault, &path).expect("written");
        let again = dir.path().join("again");
        restore(&path, &again, &secret, options).expect("restored");
        assert!(!again.join("documents/.DS_Store").exists());
    }

    #[test]
    fn a_file_no_record_refers_to_may_vanish_while_a_backup_is_copied() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let path = dir.path().join("backup.phmb");
        let refused = vault.dir().join("documents").join(FileId::new().to_string());
        fs::write(&refused, b"sealed").expect("a file");
        let mut begun = begin(&vault, File::create_new(&path).expect("a new file")).expect("begun");
        fs::remove_file(refused).expect("removed");
        begun.copy_rows(&vault).expect("copied");
        begun.copy_documents(&vault).expect("copied");
        begun.end(&vault, &path).expect("written");
        restore(&path, &dir.path().join("again"), &secret, options).expect("restored");
    }

    #[test]
    fn a_tile_that_was_lost_since_the_vault_was_opened_is_missed_in_its_backup() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault_in(dir.path());
        (0..300).for_each(|tries| vault.put_state(ProfileId::SYSTEM, "job", &json!(tries), None).expect("state"));
        let path = dir.path().join("backup.phmb");
        write(&vault, &path).expect("written");
        let (from, to) = crate::store::layout::rows(Table::Tile);
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
}
