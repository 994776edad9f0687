//! A folder that is being made from a backup.

use std::path::{Path, PathBuf};

use super::Options;
use super::folder::{Folder, Marker};
use super::keys::KeyBook;
use crate::backup::Item;
use crate::crypto::secret::{BackupKey, Secret};
use crate::crypto::{durable, keyring, slot};
use crate::error::{Error, Result};
use crate::store::Generations;

/// A folder that becomes a vault when [`RestoreFolder::finish`] returns.
pub(crate) struct RestoreFolder {
    root: PathBuf,
    /// Held for its lock.
    _folder: Folder,
}

impl RestoreFolder {
    /// Takes an empty or new folder.
    pub fn create(root: &Path) -> Result<Self> {
        Ok(Self { root: root.to_owned(), _folder: Folder::create(root)? })
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
        let text = std::fs::read_to_string(self.root.join("vault.toml.restoring"))?;
        Marker::parse(&text).ok_or_else(|| Error::corrupt("the backup's vault.toml is damaged; use another backup"))
    }

    /// The key the backup was authenticated with.
    pub fn backup_key(&self, secret: &Secret) -> Result<BackupKey> {
        Ok(KeyBook::open(&self.root, self.marker()?.vault, secret)?.backup_key()?.1)
    }

    /// The store to fill.
    pub fn store(&self, options: &Options) -> Result<Generations> {
        Ok(Generations::open(&self.root, self.marker()?.engine, options.cache)?)
    }

    /// Makes the folder a vault.
    pub fn finish(self) -> Result<()> {
        std::fs::rename(self.root.join("vault.toml.restoring"), self.root.join("vault.toml"))?;
        Ok(durable::sync_folder(&self.root)?)
    }
}
