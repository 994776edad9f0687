//! Reading backups: restore into an empty folder, and the drill that proves a chain.

use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use super::chain::{Plan, Source, gather, inventory};
use super::form::damaged;
use super::frame::Frame;
use super::items::Item;
use super::place::folder;
use super::{Drilled, Restored, first};
use crate::crypto::digest::hex;
use crate::crypto::secret::Secret;
use crate::crypto::{self, durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{FileId, LogId};
use crate::store::layout::{Table, seq_and_part};
use crate::store::{Batch, Generations, Store as _, room_for};
use crate::vault::{KeyBook, Options, RestoreFolder, Restoring, Vault, upgrade};

/// Rows of one batch while restoring.
const ROWS: usize = 512;

/// What opens a backup.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'k> {
    /// A secret of its vault, of now or of when it was written.
    Secret(&'k Secret),
    /// The vault it is of, which is open.
    Vault(&'k Vault),
}

/// Restores a backup into an empty or new folder and verifies it; see [`restore_chain`]. Of an increment the backups that
/// it continues are looked for beside it; of a folder the newest backup in it is meant.
///
/// # Errors
/// As [`restore_chain`].
pub fn restore(from: &Path, dir: &Path, secret: &Secret, options: Options) -> Result<Restored> {
    restore_chain(&[from.to_owned()], dir, Keys::Secret(secret), options)
}

/// Restores a full backup and its increments, in their order, into an empty or new folder and verifies what comes out; a
/// secret of the newest one opens it. What was erased by then is not written.
///
/// The vault that comes out goes on with a new audit log, whose first entry names the log that was restored.
///
/// # Errors
/// `not-empty` when there is something in the folder; `wrong-secret`; `corrupt` when a backup was cut or changed,
/// `invalid-input` and `not-found` when they do not belong together; `io` when there is no room for what is in them, which
/// is looked at first; `interrupted` where the options say so. Then everything is as it was before.
pub fn restore_chain(from: &[PathBuf], dir: &Path, keys: Keys<'_>, options: Options) -> Result<Restored> {
    let (vault, report) = restore_and_open(from, dir, keys, options)?;
    vault.close()?;
    Ok(report)
}

/// As [`restore_chain`], and leaves the vault that came out open.
///
/// # Errors
/// As [`restore_chain`].
pub fn restore_and_open(from: &[PathBuf], dir: &Path, keys: Keys<'_>, options: Options) -> Result<(Vault, Restored)> {
    restore_with(from, dir, keys, options, upgrade::STEPS)
}

/// As [`restore_and_open`], with the steps that lead from the first format to the one that is wanted.
pub(crate) fn restore_with(
    from: &[PathBuf],
    dir: &Path,
    keys: Keys<'_>,
    options: Options,
    steps: upgrade::Steps<'_>,
) -> Result<(Vault, Restored)> {
    let source = gather(from)?;
    let target = RestoreFolder::create(dir)?;
    let traces = target.traces();
    let restored = unpack(&source, target, keys, options)
        .and_then(|(restoring, report)| restoring.finish(steps).map(|vault| (vault, report)));
    // Half a vault would only mislead.
    restored.map_err(|error| match traces.remove() {
        Ok(()) => error,
        Err(left) => {
            let text = format!("{error}; what was restored so far could not be removed ({left}), and is no vault");
            error.again().saying(text)
        }
    })
}

/// Restores a backup into a temporary folder beside it, verifies everything, and removes it again; see [`drill_chain`].
///
/// # Errors
/// As [`restore_chain`].
pub fn drill(from: &Path, secret: &Secret, options: Options) -> Result<Drilled> {
    let beside = if from.is_dir() { from } else { folder(from) };
    drill_chain(&[from.to_owned()], beside, Keys::Secret(secret), options)
}

/// Proves that a chain restores: it is restored into a temporary folder in `beside`, everything in it is verified, its
/// audit log is compared with the root the backup names, and the folder is removed again. What lies there meanwhile is
/// sealed, as in every vault.
///
/// # Errors
/// As [`restore_chain`].
pub fn drill_chain(from: &[PathBuf], beside: &Path, keys: Keys<'_>, options: Options) -> Result<Drilled> {
    let started = std::time::Instant::now();
    let source = gather(from)?;
    let dir = beside.join(format!(".phm-drill-{}", hex(&crypto::random::<8>())));
    let target = RestoreFolder::create(&dir)?;
    let traces = target.traces();
    // Never finished: it becomes no vault that somebody could open.
    let drilled = unpack(&source, target, keys, options).and_then(|(restoring, report)| {
        let vault = restoring.vault();
        restoring.abandon()?;
        Ok((vault, report))
    });
    let removed = traces.remove();
    let (vault, restored) = drilled?;
    removed?;
    Ok(Drilled {
        vault,
        ok: true,
        entries: restored.entries,
        audit_root: restored.audit_root,
        seconds: started.elapsed().as_secs_f64(),
        files: restored.files,
        written_at: restored.written_at,
    })
}

/// Fills the folder and verifies it; it is no vault yet.
fn unpack(source: &Source, target: RestoreFolder, keys: Keys<'_>, options: Options) -> Result<(Restoring, Restored)> {
    // Before the disk is full: another vault may live on it.
    room_for(target.root(), source.bytes()?)?;
    let filled = match source {
        Source::First(path) => fill_from_first(path, target, keys, &options)?,
        Source::Chain(frames) => fill(frames, target, keys, &options)?,
    };
    let Filled { target, keys, store, expected, erased, removed } = filled;
    let mut restoring = target.begin(keys, store, options, &erased)?;
    if !erased.is_empty() {
        restoring.sweep()?;
    }
    let verified = if restoring.ended_at(expected.size, &expected.root) { restoring.verify() } else { Ok(None) };
    let entries = match verified {
        Ok(entries) => entries,
        Err(error) => {
            // Closed before its traces are removed; why it ended is what counts.
            let _ = restoring.abandon();
            return Err(error);
        }
    };
    if entries.is_none_or(|entries| entries + removed != expected.entries) {
        let found = restoring.damage();
        restoring.abandon()?;
        return Err(Error::corrupt(format!("the restored vault does not verify{found}; use another backup")));
    }
    let report = Restored {
        profiles: restoring.profiles(),
        entries: expected.entries - removed,
        audit_root: expected.root,
        files: source.files(),
        written_at: match source {
            Source::First(_) => None,
            Source::Chain(frames) => frames.last().map(|frame| frame.manifest.written_at),
        },
        erased: erased.len() as u64,
    };
    Ok((restoring, report))
}

/// A folder with everything in it, and what is expected to come out.
struct Filled {
    target: RestoreFolder,
    keys: KeyBook,
    store: Generations,
    expected: Expected,
    /// People who were erased since: their names in the audit log.
    erased: Vec<[u8; 16]>,
    /// Their entries.
    removed: u64,
}

struct Expected {
    entries: u64,
    size: u64,
    root: String,
}

/// Opens the keys that were written into the folder.
fn open_keys(target: &RestoreFolder, keys: Keys<'_>, vault: crate::id::VaultId) -> Result<KeyBook> {
    let opened = match keys {
        Keys::Secret(secret) => KeyBook::open(target.root(), vault, secret),
        Keys::Vault(vault_open) => vault_open.inner.keys.open_copy(target.root(), vault),
    };
    // The two copies are equal, so damage to them is damage to the backup.
    opened.map_err(|error| if error.kind() == ErrorKind::Corrupt { damaged() } else { error })
}

fn fill(frames: &[Frame], target: RestoreFolder, keys: Keys<'_>, options: &Options) -> Result<Filled> {
    let newest = frames.last().ok_or_else(damaged)?;
    for (names, bytes) in [(slot::FILES, &newest.keys.slots), (keyring::FILES, &newest.keys.keyring)] {
        names.iter().try_for_each(|name| target.small(name, bytes))?;
    }
    let keys = open_keys(&target, keys, newest.manifest.vault)?;
    // Everything is proven before anything of it is used.
    let mut inventories = Vec::with_capacity(frames.len());
    for frame in frames {
        let key = keys.backup_key_at(frame.manifest.epoch).ok_or_else(damaged)?;
        frame.check_signatures(&key)?;
        frame.check_body()?;
        inventories.push(inventory(frame, &key)?);
    }
    let plan = Plan::of(inventories, frames)?;
    newest.items(|item| match item {
        // What was wrapped anew after an erasure lacks the key of its state, and heads are made again from the journals.
        Item::Small(name, content) if name == "heads" && !has_state_key(&keys, &content) => Ok(()),
        Item::Small(name, content) => target.small(&name, &content),
        _ => Ok(()),
    })?;
    if target.marker()?.vault != newest.manifest.vault {
        return Err(damaged());
    }
    let store = target.store(options)?;
    let mut rows = Rows { store: &store, batch: Batch::default() };
    for (number, frame) in frames.iter().enumerate() {
        let is_newest = number + 1 == frames.len();
        frame.items(|item| {
            options.go_on()?;
            match item {
                Item::Row(address, value) if wanted(&plan, &keys, newest, (number, is_newest), &address, &value)? => {
                    rows.put(address, value)
                }
                Item::Document(name, content) => match name.parse::<FileId>() {
                    Ok(file) if plan.last.files.contains(&file) => document(target.root(), file, content),
                    _ => Ok(()),
                },
                _ => Ok(()),
            }
        })?;
    }
    rows.finish()?;
    let gone = newest.keys.erased.iter().filter(|(blinded, _)| plan.last.journals.contains_key(blinded));
    let (mut erased, mut removed) = (Vec::new(), 0);
    for (blinded, pseudonym) in gone {
        erased.push(*pseudonym);
        removed += plan.last.journals.get(blinded).map_or(0, |journal| journal.seq);
    }
    let expected =
        Expected { entries: newest.manifest.entries, size: newest.manifest.size, root: newest.manifest.root.clone() };
    Ok(Filled { target, keys, store, expected, erased, removed })
}

/// Whether the key of a state row, or of the heads, is there; it goes with every erasure.
fn has_state_key(keys: &KeyBook, sealed: &[u8]) -> bool {
    let first = sealed.chunks(crypto::MAX_PART).next().and_then(crypto::epoch_of);
    first.is_some_and(|epoch| keys.state_key_at(epoch).is_some())
}

/// Whether a row of a backup, by its number and whether it is the newest, belongs into what comes out.
fn wanted(
    plan: &Plan,
    keys: &KeyBook,
    newest: &Frame,
    (number, is_newest): (usize, bool),
    address: &[u8],
    value: &[u8],
) -> Result<bool> {
    let owner = address.get(1..17).and_then(|owner| <[u8; 16]>::try_from(owner).ok()).ok_or_else(damaged)?;
    let table = Table::of_tag(address[0]).ok_or_else(damaged)?;
    Ok(match table {
        Table::Journal | Table::Origin => {
            let (seq, _) = seq_and_part(address).ok_or_else(damaged)?;
            let known = plan.last.journals.get(&owner).is_some_and(|journal| seq <= journal.seq);
            known && plan.from.get(&owner).is_some_and(|from| number >= *from)
        }
        Table::Audit | Table::Tile => plan.last.logs.contains_key(&LogId::from_bytes(owner)),
        Table::Series => plan.last.blocks.get(address) == Some(&super::inventory::hash_of(value)),
        Table::State | Table::Head => {
            let gone = newest.keys.erased.iter().any(|(erased, _)| *erased == owner);
            is_newest && !gone && (table == Table::Head || has_state_key(keys, value))
        }
    })
}

fn fill_from_first(path: &Path, target: RestoreFolder, keys: Keys<'_>, options: &Options) -> Result<Filled> {
    first::each_item(path, |item| match item {
        Item::Small(name, content) => target.small(&name, &content),
        Item::Inventory => Err(damaged()),
        _ => Ok(()),
    })?;
    let keys = open_keys(&target, keys, target.marker()?.vault)?;
    let (entries, size, root) = first::authenticate(path, &keys.backup_key()?.1)?;
    let store = target.store(options)?;
    let mut rows = Rows { store: &store, batch: Batch::default() };
    first::each_item(path, |item| {
        options.go_on()?;
        match item {
            Item::Row(address, value) => rows.put(address, value),
            // Only names the vault gives itself: nothing outside the folder can be written. Anything else was beside the
            // documents when the backup was made; it is authenticated, but no record knows it.
            Item::Document(name, content) => match name.parse() {
                Ok(file) => document(target.root(), file, content),
                Err(_) => Ok(()),
            },
            Item::Small(..) | Item::Inventory => Ok(()),
        }
    })?;
    rows.finish()?;
    let expected = Expected { entries, size, root: hex(&root) };
    Ok(Filled { target, keys, store, expected, erased: Vec::new(), removed: 0 })
}

/// Rows on their way into a store.
struct Rows<'s> {
    store: &'s Generations,
    batch: Batch,
}

impl Rows<'_> {
    fn put(&mut self, address: Vec<u8>, value: Vec<u8>) -> Result<()> {
        self.batch.replace(address, value);
        if self.batch.put.len() >= ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.store.commit(std::mem::take(&mut self.batch))?)
    }

    fn finish(mut self) -> Result<()> {
        self.flush()
    }
}

fn document(dir: &Path, file: FileId, content: &mut dyn Read) -> Result<()> {
    let path = dir.join("documents").join(file.to_string());
    if path.exists() {
        // The same file in an earlier backup of the chain: files never change.
        return Ok(());
    }
    let mut out = durable::private().write(true).create_new(true).open(path)?;
    std::io::copy(content, &mut out)?;
    out.flush()?;
    out.sync_all()?;
    Ok(())
}

/// Removes temporary folders that drills left in `folder` when they were killed; answers how many there were.
///
/// # Errors
/// Where the folder cannot be read.
pub fn sweep_drills(folder: &Path) -> Result<u64> {
    let mut swept = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(".phm-drill-"));
        if ours && entry.file_type()?.is_dir() && !RestoreFolder::is_taken(&entry.path()) {
            fs::remove_dir_all(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}
