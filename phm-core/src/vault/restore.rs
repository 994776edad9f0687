//! A folder that is being made from a backup.
//!
//! It is no vault before everything in it has been verified: until then its marker has another name. A restore that was
//! cut off is begun anew by the next one into the same folder.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::folder::{Folder, Marker};
use super::heads::Expected;
use super::keys::KeyBook;
use super::ledger::Ledger;
use super::verify::{Damage, VerifyReport};
use super::waiting::Write;
use super::{Options, Vault, heads, upgrade};
use crate::access::Actor;
use crate::audit::entry::{Deed, Pseudonym, Remark};
use crate::crypto::digest::hex;
use crate::crypto::{durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{FileId, LogId, ProfileId, VaultId};
use crate::store::layout::{self, Blinded, Table};
use crate::store::{Batch, Generations, Store as _};

const MARKER: &str = "vault.toml";
/// The marker's name as long as the folder is no vault.
const RESTORING: &str = "vault.toml.restoring";
/// The settings of the appliance.
const SETTINGS: &str = "phm.toml";
/// What may stand in the folder before: settings, what the file system and the appliance put there, and uploads on their
/// way into it.
const MAY_STAND: [&str; 7] = [SETTINGS, "lost+found", "cache", "plugins", "control.sock", "incoming", "tls"];
/// What plugins were compiled to: of a vault that stood here before, so that it is made anew.
const COMPILED: &str = "cache/plugins";
/// What a restore makes, besides the marker.
const OURS: [&str; 8] = ["store", "documents", "index", "spool", "heads", "CURRENT", "lock", "doubt"];

/// So many damaged places are named.
const NAMED: usize = 5;

/// A folder that is filled from a backup.
#[derive(Debug)]
pub(crate) struct RestoreFolder {
    root: PathBuf,
    before: Before,
    /// Held for its lock.
    folder: Folder,
}

/// What was there before.
#[derive(Clone, Debug)]
struct Before {
    /// Whether the folder was there.
    was_there: bool,
    /// What stood in it.
    names: HashSet<OsString>,
}

/// What a restore that failed leaves behind.
pub(crate) struct Traces {
    root: PathBuf,
    before: Before,
}

impl Traces {
    /// Removes what the restore made, and nothing else: what stood in the folder stays, and what somebody put there
    /// meanwhile.
    pub fn remove(&self) -> std::io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            if self.before.names.contains(&name) || !name.to_str().is_some_and(is_ours) {
                continue;
            }
            match entry.file_type()? {
                folder if folder.is_dir() => fs::remove_dir_all(entry.path())?,
                // Keys of a backup, which a later erasure could not reach any more.
                file if file.is_file() && name.to_str().is_some_and(holds_keys) => durable::wipe(&entry.path())?,
                _ => fs::remove_file(entry.path())?,
            }
        }
        if self.before.was_there {
            return Ok(());
        }
        match fs::remove_dir(&self.root) {
            Err(error) if error.kind() == IoKind::DirectoryNotEmpty => Ok(()),
            removed => removed,
        }
    }
}

fn not_empty() -> Error {
    Error::new(ErrorKind::Conflict, "not-empty", "the folder is not empty; restore into a new one")
}

impl RestoreFolder {
    /// Takes an empty or new folder; where this fails, nothing that was there is touched.
    pub fn create(root: &Path) -> Result<Self> {
        let before = match fs::read_dir(root) {
            Ok(entries) => {
                let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<Result<HashSet<_>>>()?;
                if names.contains(OsStr::new(RESTORING)) && !Folder::is_vault(root) && all_ours(&names) {
                    if Folder::is_locked(root)? {
                        let text = "another process restores into this folder";
                        return Err(Error::new(ErrorKind::Busy, "in-use", text));
                    }
                    names.retain(may_stand);
                    Traces { root: root.to_owned(), before: Before { was_there: true, names: names.clone() } }
                        .remove()?;
                }
                if !names.iter().all(may_stand) {
                    return Err(not_empty());
                }
                Before { was_there: true, names }
            }
            Err(error) if error.kind() == IoKind::NotFound => Before { was_there: false, names: HashSet::new() },
            Err(error) => return Err(error.into()),
        };
        Ok(Self { root: root.to_owned(), before, folder: Folder::create(root)? })
    }

    /// Whether another process has the folder.
    pub fn is_taken(root: &Path) -> bool {
        Folder::is_locked(root).unwrap_or(true)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is to be removed if the restore fails from here on.
    pub fn traces(&self) -> Traces {
        Traces { root: self.root.clone(), before: self.before.clone() }
    }

    /// Writes a small file of a backup; the marker under another name until all is there.
    pub fn small(&self, name: &str, content: &[u8]) -> Result<()> {
        let name = match name {
            MARKER => RESTORING,
            name if name == "heads" || slot::FILES.contains(&name) || keyring::FILES.contains(&name) => name,
            _ => return Err(Error::corrupt("the backup holds a file of another name; use another one")),
        };
        Ok(durable::write_file(&self.root.join(name), content)?)
    }

    /// What the marker says.
    pub fn marker(&self) -> Result<Marker> {
        let missing = |_| Error::corrupt("the backup lacks its vault.toml; use another one");
        Marker::parse(&fs::read_to_string(self.root.join(RESTORING)).map_err(missing)?)
    }

    /// The store to fill.
    pub fn store(&self, options: &Options) -> Result<Generations> {
        options.open_store(&self.root, self.marker()?.engine)
    }

    /// Opens what was filled, and begins a new audit log whose first entry names the one that was restored and who was
    /// `erased` since.
    pub fn begin(self, keys: KeyBook, store: Generations, options: Options, erased: &[[u8; 16]]) -> Result<Restoring> {
        let marker = self.marker()?;
        let (ended, newest) = Ledger::read(marker.vault, &keys, &store)?;
        let mut expected = Expected::default();
        if self.root.join("heads").exists() {
            expected = heads::read(&self.folder, &marker, &keys)?;
            expected.check(&ended)?;
        }
        keys.settle()?;
        let log = LogId::new();
        keys.begin_log(log)?;
        let number = keys.number_of(log)?;
        expected.of_another_log();
        let root = self.root;
        let vault = Vault::start(self.folder, marker, options, keys, store, Ledger::new(log, number), expected);
        vault.inner.newest.store(newest.millis(), Ordering::Relaxed);
        let mut remarks = vec![Remark::Continues {
            log: ended.log(),
            size: ended.size(),
            root: ended.root(),
            reason: "restore".to_owned(),
        }];
        remarks.extend(erased.iter().flat_map(|pseudonym| {
            [Table::Journal, Table::Origin, Table::Series].map(|table| Remark::Purged {
                table,
                pseudonym: Pseudonym::from_bytes(*pseudonym),
                from: u64::from(table != Table::Series),
                to: u64::MAX,
            })
        }));
        let session = vault.session(Actor::Operator, "restoring a backup")?;
        let note = session.deed(Deed::BeginLog, "restore", ProfileId::SYSTEM, "log", []);
        vault.inner.committer.commit(Write { notes: vec![note], remarks, ..Write::default() })?;
        heads::write(&vault.inner)?;
        Ok(Restoring { root, vault, ended, report: None })
    }
}

fn may_stand(name: &OsString) -> bool {
    name.to_str().is_some_and(|name| MAY_STAND.contains(&name))
}

/// Refuses a folder that is somebody else's: it may hold what stands in one before there is a vault, and what a creation
/// that was killed left there. Where settings of ours stand in it, so may the files that they name.
pub(super) fn must_be_free(root: &Path) -> Result<()> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == IoKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let names = entries.map(|entry| Ok(entry?.file_name())).collect::<Result<HashSet<_>>>()?;
    if names.contains(OsStr::new(SETTINGS)) || all_ours(&names) {
        return Ok(());
    }
    let text =
        "the folder is not empty, and a vault is closed to everybody else; name a new folder, or one that is empty";
    Err(Error::new(ErrorKind::Conflict, "not-empty", text))
}

/// Whether a restore makes something of this name.
fn is_ours(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default();
    OURS.contains(&base) || holds_keys(name) || name.starts_with(MARKER)
}

/// Whether a file of this name has keys in it.
fn holds_keys(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default();
    slot::FILES.contains(&base) || keyring::FILES.contains(&base)
}

/// Removes a folder of our own that was filled from a backup; what keys are in it is overwritten first. Not for a folder
/// that somebody else may write to, who could put a link in the place of a file.
pub(crate) fn remove_filled(dir: &Path) -> std::io::Result<()> {
    for name in slot::FILES.iter().chain(&keyring::FILES) {
        let path = dir.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|about| about.is_file()) {
            durable::wipe(&path)?;
        }
    }
    fs::remove_dir_all(dir)
}

/// Whether a restore made everything that stands in a folder.
fn all_ours(names: &HashSet<OsString>) -> bool {
    names.iter().all(|name| may_stand(name) || name.to_str().is_some_and(is_ours))
}

/// A restored vault that is open and not yet one for anybody else.
#[derive(Debug)]
pub(crate) struct Restoring {
    root: PathBuf,
    vault: Vault,
    /// The log that was restored.
    ended: Ledger,
    report: Option<VerifyReport>,
}

impl Restoring {
    /// The vault that was restored.
    pub fn vault(&self) -> VaultId {
        self.vault.id()
    }

    /// Whether the log that was restored has this size and root.
    pub fn ended_at(&self, size: u64, root: &str) -> bool {
        self.ended.size() == size && hex(&self.ended.root()) == root
    }

    /// Removes samples and files of documents that no record names any more: those of people who were erased.
    pub fn sweep(&self) -> Result<()> {
        let inner = &self.vault.inner;
        let referenced = inner.referenced_files()?;
        for entry in fs::read_dir(self.root.join("documents"))? {
            let entry = entry?;
            let file = entry.file_name().to_str().and_then(|name| name.parse::<FileId>().ok());
            if file.is_some_and(|file| !referenced.contains(&file)) {
                fs::remove_file(entry.path())?;
            }
        }
        let mut known = HashSet::new();
        for id in inner.profile_ids() {
            known.extend(inner.series_of(&*inner.open_profile(id)?).into_iter().map(|(_, blinded)| blinded));
        }
        let mut gone = Batch::default();
        let (from, to) = layout::rows(Table::Series);
        inner.store.scan(&from, &to, &mut |(address, _)| {
            let owner = address.get(1..17).and_then(|owner| Blinded::try_from(owner).ok());
            if owner.is_none_or(|owner| !known.contains(&owner)) {
                gone.delete(address.to_vec());
            }
            true
        })?;
        Ok(inner.store.commit(gone)?)
    }

    /// Verifies everything; answers the journal entries where all is whole.
    pub fn verify(&mut self) -> Result<Option<u64>> {
        let report = self.vault.verify(None)?;
        let entries = report.ok.then_some(report.entries);
        self.report = Some(report);
        Ok(entries)
    }

    /// What verifying found, behind a colon: the first places and how many more.
    pub fn damage(&self) -> String {
        let damaged = self.report.as_ref().map_or(&[][..], |report| &report.damaged);
        let name = |damage: &Damage| {
            let place = damage.entry.as_deref().or(damage.file.as_deref()).unwrap_or("?");
            format!("{} {place} ({})", damage.place.word(), damage.reason)
        };
        let named: Vec<String> = damaged.iter().take(NAMED).map(name).collect();
        let more = match damaged.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if named.is_empty() { String::new() } else { format!(": {}{more}", named.join(", ")) }
    }

    /// People in it.
    pub fn profiles(&self) -> u64 {
        self.report.as_ref().map_or(0, |report| report.profiles)
    }

    /// Makes the folder a vault, of the format that `steps` lead to.
    pub fn finish(self, steps: upgrade::Steps<'_>) -> Result<Vault> {
        upgrade::run_restored(&self.vault, &self.root.join(RESTORING), steps)?;
        match fs::remove_dir_all(self.root.join(COMPILED)) {
            Err(error) if error.kind() != IoKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::rename(self.root.join(RESTORING), self.root.join(MARKER))?;
        durable::sync_folder(&self.root)?;
        Ok(self.vault)
    }

    /// Closes it and leaves the folder as it is, which is no vault.
    pub fn abandon(self) -> Result<()> {
        self.vault.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_put_into_the_folder_meanwhile_outlives_a_restore_that_fails() {
        let home = tempfile::tempdir().expect("a folder");
        let names = |dir: &Path| {
            let mut names: Vec<_> =
                fs::read_dir(dir).expect("list").map(|entry| entry.expect("an entry").file_name()).collect();
            names.sort();
            names
        };
        let (new, old) = (home.path().join("new"), home.path().join("old"));
        fs::create_dir(&old).expect("a folder");
        fs::write(old.join("phm.toml"), "").expect("a file");
        fs::create_dir(old.join("tls")).expect("a folder");
        for dir in [&new, &old] {
            let target = RestoreFolder::create(dir).expect("taken");
            let traces = target.traces();
            for name in [MARKER, "heads", "slots", "keyring"] {
                target.small(name, b"x").expect("written");
            }
            fs::write(dir.join("letter.txt"), "").expect("a file");
            drop(target);
            traces.remove().expect("removed");
        }
        assert_eq!(
            (names(&new), names(&old)),
            (vec!["letter.txt".into()], vec!["letter.txt".into(), "phm.toml".into(), "tls".into()])
        );
        fs::remove_file(new.join("letter.txt")).expect("removed");
        let target = RestoreFolder::create(&new).expect("taken");
        target.traces().remove().expect("removed");
        assert!(!new.exists() || names(&new).is_empty());
    }
}
