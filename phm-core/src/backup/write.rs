//! Writing a backup.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use super::chain::Before;
use super::form::{FILE, INVENTORY, KeySection, MAGIC, Manifest, ROW, VERSION, ending};
use super::inventory::{Inventory, Journal, Place, hash_of};
use super::place::Unfinished;
use super::whole::{Copied, Journals, Span, missing};
use super::{Kind, Made, Written};
use crate::crypto::digest::{Sha256, hex};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ChainId, FileId};
use crate::store::Store as _;
use crate::store::layout::{self, Table};
use crate::time::Instant;
use crate::vault::bounds::{Bounds, full_tiles, journal_rows};
use crate::vault::{PresentSeries, Vault};

/// Tables whose rows are replaced and travel each time; copied where nothing is written meanwhile.
const REPLACED: [Table; 2] = [Table::State, Table::Head];

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
    begun.copy_rows(vault)?;
    begun.copy_documents(vault)?;
    begun.end(vault, path, unfinished, order)
}

/// Everything written, hashed on its way.
struct Out {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    stop: Arc<AtomicBool>,
}

impl Out {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn name(&mut self, tag: u8, name: &[u8]) -> io::Result<()> {
        let length = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        self.put(name)
    }

    /// The rows in a half-open range; `wanted` sees each of them first.
    fn rows(
        &mut self,
        vault: &Vault,
        (from, to): &(Vec<u8>, Vec<u8>),
        mut wanted: impl FnMut(&[u8], &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let mut done = Ok(());
        vault.inner.store.scan(from, to, &mut |(address, value)| {
            done = wanted(address, value).and_then(|wanted| if wanted { self.row(address, value) } else { Ok(()) });
            done.is_ok()
        })?;
        done
    }

    fn row(&mut self, address: &[u8], value: &[u8]) -> Result<()> {
        self.go_on()?;
        let length = u32::try_from(value.len()).map_err(|_| Error::internal("a stored value is too long"))?;
        self.name(ROW, address)?;
        self.put(&length.to_be_bytes())?;
        Ok(self.put(value)?)
    }

    fn go_on(&self) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Busy, "stopped", "the backup was stopped before its end"));
        }
        Ok(())
    }

    /// A file; nothing is written when it does not open.
    fn file(&mut self, root: &Path, name: &str) -> Result<Option<()>> {
        self.go_on()?;
        let mut file = match File::open(root.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let length = file.metadata()?.len();
        self.name(FILE, name.as_bytes())?;
        self.put(&length.to_be_bytes())?;
        let (mut left, mut buffer) = (length, vec![0; 64 * 1024]);
        while left > 0 {
            let most = usize::try_from(left.min(buffer.len() as u64)).unwrap_or(buffer.len());
            let read = file.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.put(&buffer[..read])?;
            left -= read as u64;
        }
        Ok(Some(()))
    }
}

/// A backup that holds everything of its moment that is replaced later, and not yet what stays.
struct Begun {
    out: Out,
    bounds: Bounds,
    keys: KeySection,
    at: Instant,
    /// What of each journal and log is copied.
    journals: Journals,
    logs: Vec<Span>,
    before: Option<Before>,
    inventory: Inventory,
    /// The rows of series at its moment.
    series: PresentSeries,
    /// The files of documents.
    documents: Vec<FileId>,
    copied: Copied,
}

/// Fixes the moment of the backup, between two group commits.
fn begin(vault: &Vault, file: File, before: Option<Before>, order: &Order) -> Result<Begun> {
    let stop = Arc::clone(&order.stop);
    let mut out = Out { file: BufWriter::with_capacity(256 * 1024, file), hash: Sha256::new(), bytes: 0, stop };
    vault.inner.at_barrier(|ledger| {
        crate::vault::write_heads(&vault.inner, ledger)?;
        out.put(MAGIC)?;
        out.put(&[VERSION])?;
        for name in ["vault.toml", "heads"] {
            out.file(vault.dir(), name)?.ok_or_else(|| Error::from(io::Error::from(io::ErrorKind::NotFound)))?;
        }
        // One look at both, so that somebody who is being added is in both or in neither.
        let (slots, keyring) = vault.inner.keys.files();
        let bounds = Bounds::now(&vault.inner, ledger)?;
        let (mut inventory, mut series, mut copied) =
            (Inventory::default(), PresentSeries::default(), Copied::default());
        for table in REPLACED {
            out.rows(vault, &layout::rows(table), |_, _| Ok(true))?;
        }
        out.rows(vault, &layout::rows(Table::Series), |address, value| {
            let hash = hash_of(value);
            copied.row(Table::Series, address, value)?;
            series.take(address, value);
            inventory.blocks.insert(address.to_vec(), hash);
            Ok(before.as_ref().is_none_or(|before| before.inventory.blocks.get(address) != Some(&hash)))
        })?;
        let documents = documents(vault)?;
        let (journals, logs) = spans(&bounds, before.as_ref())?;
        let keys = KeySection { slots, keyring, ..KeySection::default() };
        let at = vault.inner.now();
        Ok(Begun { out, bounds, keys, at, journals, logs, before, inventory, series, documents, copied })
    })
}

/// What of each journal and each log came since the backup before; a journal that was rewritten comes whole.
fn spans(bounds: &Bounds, before: Option<&Before>) -> Result<(Journals, Vec<Span>)> {
    let mut journals = Vec::new();
    for (blinded, journal) in &bounds.journals {
        let known = before.and_then(|before| before.inventory.journals.get(blinded));
        let after = match known {
            Some(known) if known.rewrite > journal.rewrite || known.seq > journal.seq => return Err(cannot_continue()),
            Some(known) if known.rewrite == journal.rewrite => known.seq,
            _ => 0,
        };
        journals.push((*blinded, Span { after, last: journal.seq }));
    }
    journals.sort_unstable_by_key(|(blinded, _)| *blinded);
    let known = |log| before.and_then(|before| before.inventory.logs.get(log)).map_or(0, |(size, _)| *size);
    let logs = bounds.logs.iter().map(|log| Span { after: known(&log.id), last: log.size });
    Ok((journals, logs.collect()))
}

pub(super) fn cannot_continue() -> Error {
    let text = "this vault does not go on from that backup: it was restored since, or the backup is of another copy of it; \
                write a full backup";
    Error::new(ErrorKind::Conflict, "cannot-continue", text)
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
        if let Some(before) = &self.before {
            before.check_logs(vault, &self.bounds)?;
        }
        let Self { out, copied, journals, logs, bounds, .. } = self;
        for table in [Table::Journal, Table::Origin] {
            for (blinded, span) in journals.iter().filter(|(_, span)| !span.is_empty()) {
                let range = journal_rows(table, blinded, span.after, span.last);
                out.rows(vault, &range, |address, value| copied.row(table, address, value).map(|()| true))?;
            }
        }
        for (log, span) in bounds.logs.iter().zip(logs) {
            let id = log.id.as_bytes();
            let range = (layout::audit(id, span.after, 0), layout::audit(id, span.last, 0));
            out.rows(vault, &range, |address, value| copied.row(Table::Audit, address, value).map(|()| true))?;
            for level in 0..8 {
                let (from, to) = (full_tiles(span.after, level), full_tiles(span.last, level));
                let range = (layout::tile(id, level, from), layout::tile(id, level, to));
                out.rows(vault, &range, |address, value| copied.row(Table::Tile, address, value).map(|()| true))?;
            }
        }
        Ok(())
    }

    /// Copies the files of documents that the backup before does not have: they never change once their record is
    /// committed.
    fn copy_documents(&mut self, vault: &Vault) -> Result<()> {
        for file in &self.documents {
            let known = self.before.as_ref().is_some_and(|before| before.inventory.files.contains(file));
            // One that is gone was taken away again because its record could not be written. Where one was, `end` misses it.
            if known || self.out.file(vault.dir(), &format!("documents/{file}"))?.is_some() {
                self.inventory.files.insert(*file);
            }
        }
        Ok(())
    }

    /// Ends a backup that holds all it should.
    fn end(mut self, vault: &Vault, path: &Path, unfinished: Unfinished, order: &Order) -> Result<Written> {
        self.copied.check(vault, &self.bounds, &self.journals, &self.logs)?;
        self.check_documents(vault)?;
        self.check_series(vault)?;
        let (epoch, key) = vault.inner.keys.backup_key()?;
        let before = self.before.as_ref().map(|before| &before.frame);
        let (kind, chain, number) = match before {
            None => (Kind::Full, ChainId::new(), 0),
            Some(before) => (Kind::Increment, before.manifest.chain, before.manifest.number + 1),
        };
        for (blinded, span) in &self.journals {
            let Some(&crate::vault::bounds::Journal { seq, rewrite, pseudonym, .. }) =
                self.bounds.journals.get(blinded)
            else {
                continue;
            };
            let journal = Journal { pseudonym, seq, rewrite, whole: span.after == 0 };
            self.inventory.journals.insert(*blinded, journal);
        }
        self.inventory.logs = self.bounds.logs.iter().map(|log| (log.id, (log.size, log.root))).collect();
        let place = Place { vault: vault.id(), chain, number };
        let inventory = self.inventory.seal(place, vault.inner.suite(), epoch, &key)?;
        let mut out = self.out;
        let inventory_at = out.bytes;
        out.put(&[INVENTORY])?;
        out.put(
            &u32::try_from(inventory.len()).map_err(|_| Error::internal("an inventory is too long"))?.to_be_bytes(),
        )?;
        out.put(&inventory)?;
        let log = self.bounds.log()?;
        let manifest = Manifest {
            vault: vault.id(),
            chain,
            number,
            previous: before.map(|before| hex(&before.hash)),
            written_at: self.at,
            epoch,
            key: hex(&key.public_key()),
            entries: self.bounds.entries,
            log: log.id,
            size: log.size,
            root: hex(&log.root),
            bytes: out.bytes,
            sha256: hex(&out.hash.clone().finish()),
            inventory: inventory_at,
        };
        out.put(&ending(&manifest, &self.keys, &key)?)?;
        let Out { file, hash, bytes, .. } = out;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        unfinished.publish()?;
        let written = Written {
            path: path.to_owned(),
            bytes,
            entries: manifest.entries,
            copied: self.journals.iter().map(|(_, span)| span.len()).sum(),
            sha256: hex(&hash.finish()),
            audit_root: manifest.root,
            kind,
            chain,
            number,
            written_at: self.at,
        };
        // The vault knows of the backup or there is none: an erasure has to name every one.
        vault.add_backup(Made::of(&written, order.kept_until)?, &order.purpose).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(written)
    }

    /// Every document of a record is in this backup or in those before it.
    fn check_documents(&self, vault: &Vault) -> Result<()> {
        let gone = self
            .before
            .as_ref()
            .is_some_and(|before| before.inventory.files.iter().any(|file| !self.inventory.files.contains(file)));
        // Where a document of an earlier backup is gone, somebody was erased or it was lost: then every record is asked.
        let spans = self.journals.iter().map(|(blinded, span)| {
            let span = if gone { Span { after: 0, ..*span } } else { *span };
            (*blinded, span)
        });
        super::whole::check_documents(vault, &self.bounds, spans, &self.inventory.files)
    }

    /// Every row of a series is in this backup or in those before it.
    fn check_series(&self, vault: &Vault) -> Result<()> {
        let before = self.before.iter().flat_map(|before| before.inventory.blocks.keys());
        let mut gone: BTreeSet<&[u8]> =
            before.filter(|row| !self.inventory.blocks.contains_key(*row)).filter_map(|row| row.get(1..17)).collect();
        // Whoever wrote may have moved samples, so that rows are gone that should be. Where others are, every person is
        // asked: somebody was erased, or the row was lost.
        for wrote in [true, false] {
            if !wrote && gone.is_empty() {
                break;
            }
            for (blinded, span) in self.journals.iter().filter(|(_, span)| span.is_empty() != wrote) {
                let Some(journal) = self.bounds.journals.get(blinded) else { continue };
                let profile = vault.inner.open_profile(journal.id)?;
                if !vault.inner.has_series_rows(&profile, span.last, &self.series) {
                    return Err(missing(Table::Series.name()));
                }
                for (_, series) in vault.inner.series_of(&profile) {
                    gone.remove(series.as_slice());
                }
            }
        }
        Ok(())
    }
}

#[cfg(all(test, not(feature = "null-cipher")))]
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

    /// A backup that has begun and copied nothing yet of what is only appended to.
    fn begun(vault: &Vault, path: &Path) -> (Begun, Unfinished) {
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
    fn a_file_no_record_refers_to_may_vanish_while_a_backup_is_copied() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, secret, options) = vault_in(dir.path());
        let path = dir.path().join("backup.phmb");
        let refused = vault.dir().join("documents").join(FileId::new().to_string());
        fs::write(&refused, b"sealed").expect("a file");
        let (mut begun, unfinished) = begun(&vault, &path);
        fs::remove_file(refused).expect("removed");
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
