//! Which files make up what is to be restored, and whether they belong together.
//!
//! Nothing here believes a file: order, links and hashes are compared first, signatures and bodies once the backup key is
//! known, and only then is anything used.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::form::damaged;
use super::frame::{Frame, version};
use super::inventory::{Inventory, Place};
use super::place::folder;
use super::write::cannot_continue;
use crate::crypto::digest::hex;
use crate::error::{Error, ErrorKind, Result};
use crate::id::VaultId;
use crate::store::layout::Blinded;
use crate::vault::Vault;
use crate::vault::bounds::Bounds;

/// What a restore is made of.
pub(super) enum Source {
    /// A backup of the first form.
    First(PathBuf),
    /// A full backup and its increments, oldest first; they link to each other.
    Chain(Vec<Frame>),
}

impl Source {
    /// How many files there are.
    pub fn files(&self) -> usize {
        match self {
            Self::First(_) => 1,
            Self::Chain(frames) => frames.len(),
        }
    }

    /// How many bytes they hold, which is about what a vault made of them takes.
    pub fn bytes(&self) -> Result<u64> {
        Ok(match self {
            Self::First(path) => fs::metadata(path)?.len(),
            Self::Chain(frames) => frames.iter().map(|frame| frame.manifest.bytes).sum(),
        })
    }
}

/// The vault that backups are of, by what they say themselves; those of form 1 do not say it.
///
/// # Errors
/// As [`restore_chain`](super::restore_chain), where they do not make up a chain.
pub(crate) fn vault_of(from: &[PathBuf]) -> Result<Option<VaultId>> {
    Ok(match gather(from)? {
        Source::First(_) => None,
        Source::Chain(frames) => frames.last().map(|frame| frame.manifest.vault),
    })
}

fn refused(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, "invalid-input", text)
}

/// Finds what belongs to `from`: one backup, whose predecessors lie beside it; a folder, of which the newest backup is
/// meant; or a full backup and its increments in their order.
///
/// # Errors
/// `invalid-input` where files are no backups, of different vaults or chains, or out of order; `not-found` where one
/// between is missing; `corrupt` where one was cut or changed.
pub(super) fn gather(from: &[PathBuf]) -> Result<Source> {
    match from {
        [] => Err(refused("say which backup to restore")),
        [one] if one.is_dir() => newest_in(one),
        [one] if version(one)? == 1 => Ok(Source::First(one.clone())),
        [one] => {
            let last = Frame::read(one)?;
            if last.manifest.number == 0 {
                return with_predecessors(last, Vec::new()).map(Source::Chain);
            }
            let Beside { frames, unreadable, .. } = look_in(folder(one))?;
            match with_predecessors(last, frames) {
                Err(error) if error.kind() == ErrorKind::NotFound && unreadable => Err(Error::corrupt(
                    "a backup that is needed is missing, and a file beside it was cut or changed or cannot be read; \
                     use another backup",
                )),
                chain => chain.map(Source::Chain),
            }
        }
        many => {
            let frames = many.iter().map(|path| Frame::read(path)).collect::<Result<Vec<_>>>()?;
            check_links(&frames)?;
            Ok(Source::Chain(frames))
        }
    }
}

/// The backups in a folder.
#[derive(Default)]
struct Beside {
    /// Those of form 2.
    frames: Vec<Frame>,
    /// The paths of those of form 1.
    first: Vec<PathBuf>,
    /// Whether there is another one that cannot be used: cut, changed, of a newer PHM, or the disk does not give it.
    unreadable: bool,
}

fn look_in(folder: &Path) -> Result<Beside> {
    let mut found = Beside::default();
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let hidden = path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'));
        if hidden || !path.is_file() {
            continue;
        }
        match version(&path).and_then(|version| if version == 1 { Ok(None) } else { Frame::read(&path).map(Some) }) {
            Ok(None) => found.first.push(path),
            Ok(Some(frame)) => found.frames.push(frame),
            // Whatever else lies there.
            Err(error) if error.kind() == ErrorKind::Invalid => {}
            // Where it is needed, it is missed; where it is not, the others do not go down with it.
            Err(_) => found.unreadable = true,
        }
    }
    Ok(found)
}

fn newest_in(folder: &Path) -> Result<Source> {
    let Beside { frames, mut first, unreadable } = look_in(folder)?;
    if unreadable {
        // What is restored must not silently be older than what is there.
        return Err(Error::corrupt(
            "a file in this folder was cut or changed, is of a newer PHM or cannot be read; name the backup to restore, \
             or move that file away",
        ));
    }
    let newest = frames.iter().max_by_key(|frame| (frame.manifest.written_at, frame.manifest.number)).cloned();
    match (newest, first.as_slice()) {
        (Some(newest), _) if frames.iter().any(|frame| frame.manifest.vault != newest.manifest.vault) => {
            Err(refused("there are backups of different vaults in this folder; name the one to restore"))
        }
        (Some(newest), _) => with_predecessors(newest, frames).map(Source::Chain),
        (None, [_]) => Ok(Source::First(first.remove(0))),
        (None, []) => Err(Error::new(ErrorKind::NotFound, "not-found", "there is no backup in this folder")),
        (None, _) => {
            Err(refused("there are several backups of the first form in this folder; name the one to restore"))
        }
    }
}

/// Puts the backups that `last` continues in front of it.
fn with_predecessors(last: Frame, others: Vec<Frame>) -> Result<Vec<Frame>> {
    let mut known: HashMap<String, Frame> = others.into_iter().map(|frame| (hex(&frame.hash), frame)).collect();
    let mut chain = vec![last];
    while let Some(previous) = chain.last().and_then(|frame| frame.manifest.previous.clone()) {
        let number = chain.last().map_or(0, |frame| frame.manifest.number).saturating_sub(1);
        chain.push(known.remove(&previous).ok_or_else(|| missing(number))?);
    }
    chain.reverse();
    check_links(&chain)?;
    Ok(chain)
}

fn missing(number: u32) -> Error {
    let text =
        format!("backup number {number} of this chain is missing; put it beside the others, the full one is number 0");
    Error::new(ErrorKind::NotFound, "not-found", text)
}

/// Whether these are one full backup and its increments, oldest first.
fn check_links(frames: &[Frame]) -> Result<()> {
    let mut before: Option<&Frame> = None;
    for (number, frame) in (0_u32..).zip(frames) {
        let (own, first) = (&frame.manifest, &frames[0].manifest);
        if own.vault != first.vault {
            return Err(refused("these backups are of different vaults"));
        }
        if own.chain != first.chain {
            return Err(refused(
                "these backups are of different chains; restore one full backup with its own increments",
            ));
        }
        if own.number != number {
            let mut numbers: Vec<u32> = frames.iter().map(|frame| frame.manifest.number).collect();
            numbers.sort_unstable();
            let whole = numbers.iter().copied().eq(0..u32::try_from(numbers.len()).unwrap_or(u32::MAX));
            if whole {
                return Err(refused("these backups are not in order; name the full one first and then each increment"));
            }
            let gap = (0..).zip(&numbers).find(|(number, own)| number != *own).map_or(number, |(number, _)| number);
            return Err(missing(gap));
        }
        if let Some(before) = before
            && own.previous.as_deref() != Some(&*hex(&before.hash))
        {
            return Err(damaged());
        }
        before = Some(frame);
    }
    Ok(())
}

/// The inventory of a backup, opened.
pub(super) fn inventory(frame: &Frame, key: &crate::crypto::secret::BackupKey) -> Result<Inventory> {
    let own = &frame.manifest;
    Inventory::open(&frame.inventory()?, Place { vault: own.vault, chain: own.chain, number: own.number }, key)
}

/// What of a chain is used: of every journal, from which backup on; the rest was rewritten or erased since.
pub(super) struct Plan {
    /// What there was at the last moment.
    pub last: Inventory,
    /// The first backup whose entries of a journal count.
    pub from: BTreeMap<Blinded, usize>,
}

impl Plan {
    /// Reads it from the inventories of a chain, oldest first.
    ///
    /// # Errors
    /// `corrupt` where a journal is nowhere whole; `keys-changed` where the keys of entries that are needed are gone.
    pub fn of(mut inventories: Vec<Inventory>, frames: &[Frame]) -> Result<Self> {
        let last = inventories.last().cloned().unwrap_or_default();
        let newest = frames.last().map(|frame| &frame.keys).ok_or_else(damaged)?;
        let mut from = BTreeMap::new();
        for blinded in last.journals.keys() {
            if newest.erased.iter().any(|(erased, _)| erased == blinded) {
                continue;
            }
            let whole = |inventory: &Inventory| inventory.journals.get(blinded).is_some_and(|journal| journal.whole);
            let first = inventories.iter().rposition(whole).ok_or_else(damaged)?;
            // The newest file's keys open all of them; whose journal was sealed again before it travels whole from there on.
            if newest.rekeyed.contains(blinded) {
                let text = "somebody got new keys after these backups were written, and the backups were then wrapped \
                            anew; add the later increments of the chain, which have their records under the new keys";
                return Err(Error::new(ErrorKind::Conflict, "keys-changed", text));
            }
            from.insert(*blinded, first);
        }
        inventories.clear();
        Ok(Self { last, from })
    }
}

/// The backup that an increment continues.
pub(super) struct Before {
    pub frame: Frame,
    pub inventory: Inventory,
}

impl Before {
    /// Reads it, and proves that this vault made it.
    pub fn read(vault: &Vault, path: &Path) -> Result<Self> {
        let frame = Frame::read(path)?;
        if frame.manifest.vault != vault.id() {
            return Err(refused("that backup is of another vault"));
        }
        let key = vault.inner.keys.backup_key_at(frame.manifest.epoch).ok_or_else(damaged)?;
        frame.check_signatures(&key)?;
        let inventory = inventory(&frame, &key)?;
        Ok(Self { frame, inventory })
    }

    /// Whether the audit logs of the vault go on where those of the backup ended: it is then the same line of writing, and
    /// what lies before need not be copied again.
    pub fn check_logs(&self, vault: &Vault, bounds: &Bounds) -> Result<()> {
        if self.inventory.logs.len() != bounds.logs.len() {
            return Err(cannot_continue());
        }
        for log in &bounds.logs {
            let Some((size, root)) = self.inventory.logs.get(&log.id) else { return Err(cannot_continue()) };
            if *size > log.size || vault.inner.root_at(log.id, *size)? != *root {
                return Err(cannot_continue());
            }
        }
        Ok(())
    }
}
