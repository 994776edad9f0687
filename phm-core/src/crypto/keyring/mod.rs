//! The file `keyring`: the key of every person and purpose, each wrapped under the root key.
//!
//! A wrap is bound to vault, owner and epoch. A new key is durable in both copies of the file before the call that
//! made it returns, so no body is ever sealed under a key that a power cut can take away. The whole file is
//! authenticated under a key derived from the root key.

mod change;
mod find;
mod form;
#[cfg(test)]
mod tests;

use std::path::Path;

use self::form::{Keys, mac_key};
use super::CryptoError;
use super::copies::Copies;
use super::secret::{Held, RootKey};
use crate::id::{LogId, ProfileId, VaultId};

/// The names of the two copies.
pub const FILES: [&str; 2] = ["keyring", "keyring.2"];

/// Whose keys a file has and of which epochs, without opening or authenticating any; `None` where it is no such file.
pub fn owners_in(bytes: &[u8]) -> Option<Vec<(Owner, u32)>> {
    form::owners(bytes)
}

/// Whose key it is, or what for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// One person, or `system`, or `library`.
    Profile(ProfileId),
    /// Blinding addresses.
    Index,
    /// Sealing the entries of one audit log.
    Audit(LogId),
    /// Signing the checkpoints of one audit log.
    Checkpoint(LogId),
    /// Sealing state rows.
    State,
    /// Authenticating tokens.
    Token,
    /// Sealing and signing backups.
    Backup,
    /// What the audit log says about one person, or `system`, or `library`, inside.
    About(ProfileId),
}

/// All keys of a vault, opened. Every change is durable in both copies of the file when its call returns.
pub struct Keyring {
    vault: VaultId,
    copies: Copies,
    keys: Keys,
    mac_key: Held,
    generation: u64,
    /// The highest generation that may stand on disk, also where a write failed half-way.
    attempted: u64,
    damaged: Vec<&'static str>,
    /// Whether a change was cut off between the two copies.
    behind: bool,
}

impl Keyring {
    /// Makes the file in `dir` with a key for each of `owners`; refuses to replace one.
    pub fn create(dir: &Path, vault: VaultId, root: &RootKey, owners: &[Owner]) -> Result<Self, CryptoError> {
        let copies = Copies::new(dir, FILES);
        if copies.exist() {
            return Err(CryptoError::Refused("this folder holds a vault already"));
        }
        let mut keyring = Self {
            vault,
            copies,
            keys: Keys::new(),
            mac_key: mac_key(root, vault),
            generation: 0,
            attempted: 0,
            damaged: Vec::new(),
            behind: false,
        };
        keyring.add_many(owners, root)?;
        Ok(keyring)
    }

    /// Reads the newest whole copy of the file in `dir`.
    pub fn load(dir: &Path, vault: VaultId, root: &RootKey) -> Result<Self, CryptoError> {
        Self::load_under(dir, vault, &[root]).map(|(keyring, _)| keyring)
    }

    /// Like [`Keyring::load`], under whichever of `roots` the newest whole copy needs; says which it was.
    pub(super) fn load_under(dir: &Path, vault: VaultId, roots: &[&RootKey]) -> Result<(Self, usize), CryptoError> {
        let copies = Copies::new(dir, FILES);
        let mut found = copies.read(|bytes| {
            let (keys, under, generation) = form::parse(bytes, vault, roots)?;
            Ok(((keys, under, generation), generation))
        })?;
        let ((keys, under, generation), _) = found.usable.swap_remove(0);
        let mac_key = mac_key(roots[under], vault);
        let (attempted, damaged, behind) = (generation, found.damaged, found.behind);
        Ok((Self { vault, copies, keys, mac_key, generation, attempted, damaged, behind }, under))
    }

    /// Grows by one with every change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The names of copies that were missing or damaged when the file was read; a change repairs them.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Everybody who has a key, in order.
    pub fn owners(&self) -> impl Iterator<Item = Owner> + '_ {
        self.keys.keys().copied()
    }

    /// The epochs of an owner's keys, oldest first.
    pub fn epochs(&self, owner: Owner) -> Vec<u32> {
        self.keys.get(&owner).map_or_else(Vec::new, |entries| entries.iter().map(|entry| entry.epoch).collect())
    }

    /// Whether a copy is damaged or a change was cut off before the end.
    pub(super) fn needs_repair(&self) -> bool {
        !self.damaged.is_empty() || self.behind || self.copies.is_unwiped()
    }

    /// The file as it is written, whole whatever became of the copies on disk.
    pub(super) fn bytes(&self) -> Vec<u8> {
        form::encode(self.vault, &self.keys, self.generation, &self.mac_key.bytes())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("generation", &self.generation)
            .field("owners", &self.keys.len())
            .finish_non_exhaustive()
    }
}
