//! A folder that is being made from a backup.

use std::fs;
use std::path::{Path, PathBuf};

use super::Options;
use super::folder::{Folder, Marker};
use super::keys::KeyBook;
use crate::backup::Item;
use crate::crypto::secret::{BackupKey, Secret};
use crate::crypto::{durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Generations;

/// A folder that becomes a vault when [`RestoreFolder::finish`] returns.
pub(crate) struct RestoreFolder {
    root: PathBuf,
    /// Whether it was there before, empty.
    was_there: bool,
    /// Held for its lock.
    _folder: Folder,
}

/// What a restore that failed leaves behind.
pub(crate) struct Traces {
    root: PathBuf,
    was_there: bool,
}

impl Traces {
    /// Removes what the restore made: a folder that was there before stays, as empty as it was.
    pub fn remove(&self) -> std::io::Result<()> {
        if !self.was_there {
            return fs::remove_dir_all(&self.root);
        }
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) }?;
        }
        Ok(())
    }
}

impl RestoreFolder {
    /// Takes an empty or new folder; where this fails, nothing that was there is touched.
    pub fn create(root: &Path) -> Result<Self> {
        let was_there = match fs::read_dir(root) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let text = "the folder is not empty; restore into a new one";
                    return Err(Error::new(ErrorKind::Conflict, "not-empty", text));
                }
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { root: root.to_owned(), was_there, _folder: Folder::create(root)? })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is to be removed if the restore fails from here on.
    pub fn traces(&self) -> Traces {
        Traces { root: self.root.clone(), was_there: self.was_there }
    }

    /// Writes the small files of a backup; the marker under another name until all is there.
    pub fn keys(&self, item: Item<'_>) -> Result<()> {
        let Item::Small(name, content) = item else { return Ok(()) };
        let name = match name.as_str() {
            "vault.toml" => "vault.toml.restoring",
            name if name == "heads" || slot::FILES.contains(&name) || keyring::FILES.contains(&name) => name,
            _ => return Err(Error::corrupt("the backup holds a file of another name; use another one")),
        };
        Ok(durable::write_file(&self.root.join(name), &content)?)
    }

    fn marker(&self) -> Result<Marker> {
        let text = fs::read_to_string(self.root.join("vault.toml.restoring"))?;
        Marker::parse(&text).ok_or_else(|| Error::corrupt("the backup's vault.toml is damaged; use another backup"))
    }

    /// The key the backup was authenticated with.
    pub fn backup_key(&self, secret: &Secret) -> Result<BackupKey> {
        Ok(KeyBook::open(&self.root, self.marker()?.vault, secret)?.backup_key()?.1)
    }

    /// The store to fill.
    pub fn store(&self, options: &Options) -> Result<Generations> {
        options.open_store(&self.root, self.marker()?.engine)
    }

    /// Makes the folder a vault.
    pub fn finish(self) -> Result<()> {
        fs::rename(self.root.join("vault.toml.restoring"), self.root.join("vault.toml"))?;
        Ok(durable::sync_folder(&self.root)?)
    }
}
