//! The file `keyring`: the key of every person and purpose, each wrapped under the root key.
//!
//! A wrap is bound to vault, owner and epoch. A new key is durable in both copies of the file before the call that
//! made it returns, so no body is ever sealed under a key that a power cut can take away. The whole file is
//! authenticated under a key derived from the root key.
//!
//! Form, version 1, numbers big-endian:
//!
//! ```text
//! "PHMK" ‖ 1 ‖ vault (16) ‖ generation (8) ‖ count (4) ‖ entry… ‖ HMAC-SHA-256 (32)
//! entry = owner's tag (1) ‖ owner's id, or zeros (16) ‖ epoch (4) ‖ key, wrapped (72)
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use zeroize::Zeroizing;

use super::CryptoError;
use super::bytes::Fields;
use super::copies::{Copies, Unusable};
use super::digest::{hmac_sha256, same};
use super::kdf::hkdf;
use super::random;
use super::secret::{
    AuditKey, BackupKey, CheckpointSeed, IndexKey, KeyBytes as _, ProfileKey, RootKey, StateKey, TokenKey,
};
use super::wrap::{WRAPPED, Wrapped, unwrap, wrap};
use crate::id::{LogId, ProfileId, VaultId};

const MAGIC: &[u8; 4] = b"PHMK";
const VERSION: u8 = 1;
const NAMES: [&str; 2] = ["keyring", "keyring.2"];
const ENTRY: usize = 1 + 16 + 4 + WRAPPED;

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
}

impl Owner {
    fn to_bytes(self) -> [u8; 17] {
        let (tag, id) = match self {
            Self::Profile(id) => (1, *id.as_bytes()),
            Self::Index => (2, [0; 16]),
            Self::Audit(id) => (3, *id.as_bytes()),
            Self::Checkpoint(id) => (4, *id.as_bytes()),
            Self::State => (5, [0; 16]),
            Self::Token => (6, [0; 16]),
            Self::Backup => (7, [0; 16]),
        };
        let mut out = [tag; 17];
        out[1..].copy_from_slice(&id);
        out
    }

    fn from_parts(tag: u8, id: [u8; 16]) -> Option<Self> {
        Some(match (tag, id) {
            (1, id) => Self::Profile(ProfileId::from_bytes(id)),
            (3, id) => Self::Audit(LogId::from_bytes(id)),
            (4, id) => Self::Checkpoint(LogId::from_bytes(id)),
            (2, [0, ..]) => Self::Index,
            (5, [0, ..]) => Self::State,
            (6, [0, ..]) => Self::Token,
            (7, [0, ..]) => Self::Backup,
            _ => return None,
        })
    }
}

#[derive(Clone)]
struct Entry {
    epoch: u32,
    key: Zeroizing<[u8; 32]>,
    wrapped: Wrapped,
}

impl Entry {
    fn context(vault: VaultId, owner: Owner, epoch: u32) -> Vec<u8> {
        [b"keyring".as_slice(), vault.as_bytes(), &owner.to_bytes(), &epoch.to_be_bytes()].concat()
    }

    fn wrapped_under(root: &RootKey, vault: VaultId, owner: Owner, epoch: u32, key: Zeroizing<[u8; 32]>) -> Self {
        Self { epoch, wrapped: wrap(root.bytes(), &[&Self::context(vault, owner, epoch)], &key), key }
    }
}

/// The keys of each owner, oldest epoch first.
type Keys = BTreeMap<Owner, Vec<Entry>>;

/// All keys of a vault, opened. Every change is durable in both copies of the file when its call returns.
pub struct Keyring {
    vault: VaultId,
    copies: Copies,
    keys: Keys,
    mac_key: Zeroizing<[u8; 32]>,
    generation: u64,
    /// The highest generation that may stand on disk, also where a write failed half-way.
    attempted: u64,
    damaged: Vec<&'static str>,
}

fn mac_key(root: &RootKey, vault: VaultId) -> Zeroizing<[u8; 32]> {
    hkdf(root.bytes(), vault.as_bytes(), &[b"phm keyring mac"])
}

impl Keyring {
    /// Makes the file in `dir` with a key for each of `owners`; refuses to replace one.
    pub fn create(dir: &Path, vault: VaultId, root: &RootKey, owners: &[Owner]) -> Result<Self, CryptoError> {
        let copies = Copies::new(dir, NAMES);
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
        let copies = Copies::new(dir, NAMES);
        let mut found = copies.read(|bytes| parse(bytes, vault, roots))?;
        let ((keys, under), generation) = found.usable.swap_remove(0);
        let mac_key = mac_key(roots[under], vault);
        let keyring = Self { vault, copies, keys, mac_key, generation, attempted: generation, damaged: found.damaged };
        Ok((keyring, under))
    }

    /// Grows by one with every change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The names of copies that were missing, damaged or out of date when the file was read; a change repairs them.
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

    /// The newest key of `owner` and its epoch.
    fn key<K: From<Zeroizing<[u8; 32]>>>(&self, owner: Owner) -> Option<(u32, K)> {
        self.keys.get(&owner)?.last().map(|entry| (entry.epoch, entry.key.clone().into()))
    }

    fn key_at<K: From<Zeroizing<[u8; 32]>>>(&self, owner: Owner, epoch: u32) -> Option<K> {
        self.keys.get(&owner)?.iter().find(|entry| entry.epoch == epoch).map(|entry| entry.key.clone().into())
    }

    /// The key that seals new bodies of a person, and its epoch.
    pub fn profile(&self, profile: ProfileId) -> Option<(u32, ProfileKey)> {
        self.key(Owner::Profile(profile))
    }

    /// The key that opens a person's bodies of this epoch.
    pub fn profile_at(&self, profile: ProfileId, epoch: u32) -> Option<ProfileKey> {
        self.key_at(Owner::Profile(profile), epoch)
    }

    /// The key that seals new entries of a log, and its epoch.
    pub fn audit(&self, log: LogId) -> Option<(u32, AuditKey)> {
        self.key(Owner::Audit(log))
    }

    /// The key that opens a log's entries of this epoch.
    pub fn audit_at(&self, log: LogId, epoch: u32) -> Option<AuditKey> {
        self.key_at(Owner::Audit(log), epoch)
    }

    /// The seed that signs a log's checkpoints.
    pub fn checkpoint(&self, log: LogId) -> Option<CheckpointSeed> {
        self.key(Owner::Checkpoint(log)).map(|(_, key)| key)
    }

    /// The key that seals new state rows, and its epoch.
    pub fn state(&self) -> Option<(u32, StateKey)> {
        self.key(Owner::State)
    }

    /// The key that opens state rows of this epoch.
    pub fn state_at(&self, epoch: u32) -> Option<StateKey> {
        self.key_at(Owner::State, epoch)
    }

    /// The key that blinds addresses.
    pub fn index(&self) -> Option<IndexKey> {
        self.key(Owner::Index).map(|(_, key)| key)
    }

    /// The key that authenticates new tokens, and its epoch.
    pub fn token(&self) -> Option<(u32, TokenKey)> {
        self.key(Owner::Token)
    }

    /// The key that authenticates tokens of this epoch.
    pub fn token_at(&self, epoch: u32) -> Option<TokenKey> {
        self.key_at(Owner::Token, epoch)
    }

    /// The key of new backups, and its epoch.
    pub fn backup(&self) -> Option<(u32, BackupKey)> {
        self.key(Owner::Backup)
    }

    /// The key of backups of this epoch.
    pub fn backup_at(&self, epoch: u32) -> Option<BackupKey> {
        self.key_at(Owner::Backup, epoch)
    }

    /// Makes a new key for `owner`, durable when this returns, and gives back its epoch: 1, or one more than before.
    pub fn add(&mut self, owner: Owner, root: &RootKey) -> Result<u32, CryptoError> {
        self.add_many(&[owner], root)?;
        self.keys
            .get(&owner)
            .and_then(|entries| entries.last())
            .map(|entry| entry.epoch)
            .ok_or(CryptoError::Refused("this owner has no key"))
    }

    /// Makes a new key for each of `owners` with one write of the file.
    pub fn add_many(&mut self, owners: &[Owner], root: &RootKey) -> Result<(), CryptoError> {
        if !same(&*mac_key(root, self.vault), &*self.mac_key) {
            return Err(CryptoError::Refused("the keyring is under another root key"));
        }
        let mut keys = self.keys.clone();
        for &owner in owners {
            let entries = keys.entry(owner).or_default();
            let epoch = entries.last().map_or(Some(1), |last| last.epoch.checked_add(1));
            let epoch = epoch.ok_or(CryptoError::Refused("this owner has had all the keys there can be"))?;
            entries.push(Entry::wrapped_under(root, self.vault, owner, epoch, Zeroizing::new(random())));
        }
        self.write(keys, false)
    }

    /// Forgets an old key of `owner`; whoever calls has resealed and committed the last body under it.
    ///
    /// A root rotation must follow before the key counts as gone: an old keyring still opens with the old root.
    pub fn drop_epoch(&mut self, owner: Owner, epoch: u32) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        let entries = keys.get_mut(&owner).ok_or(CryptoError::Refused("this owner has no key"))?;
        if entries.last().is_some_and(|newest| newest.epoch == epoch) {
            return Err(CryptoError::Refused("the newest key of an owner cannot be dropped alone"));
        }
        entries.retain(|entry| entry.epoch != epoch);
        self.write(keys, true)
    }

    /// Forgets every key of `owner`. For erasing a person use [`super::unlock::Unlocked::rotate_root`], which leaves
    /// no wrap of theirs that today's secrets could open.
    pub fn remove(&mut self, owner: Owner) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        keys.remove(&owner);
        self.write(keys, true)
    }

    /// Wraps every key anew under `root`, without those of the owners in `without`, and wipes the old file.
    pub(super) fn rewrap(&mut self, root: &RootKey, without: &[Owner]) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        keys.retain(|owner, _| !without.contains(owner));
        for (owner, entries) in &mut keys {
            for entry in entries {
                *entry = Entry::wrapped_under(root, self.vault, *owner, entry.epoch, entry.key.clone());
            }
        }
        let old = std::mem::replace(&mut self.mac_key, mac_key(root, self.vault));
        self.write(keys, true).inspect_err(|_| self.mac_key = old)
    }

    /// Writes both copies again, which repairs a damaged one.
    pub fn repair(&mut self) -> Result<(), CryptoError> {
        self.write(self.keys.clone(), true)
    }

    /// Whether a copy is damaged or an old one was left unwiped by a power cut.
    pub(super) fn needs_repair(&self) -> bool {
        !self.damaged.is_empty() || self.copies.is_unwiped()
    }

    fn write(&mut self, keys: Keys, wipe: bool) -> Result<(), CryptoError> {
        self.attempted += 1;
        self.copies.write(&self.encode(&keys, self.attempted), wipe)?;
        self.generation = self.attempted;
        self.keys = keys;
        self.damaged.clear();
        Ok(())
    }

    fn encode(&self, keys: &Keys, generation: u64) -> Vec<u8> {
        let count = keys.values().map(Vec::len).sum::<usize>();
        let mut out = Vec::with_capacity(33 + count * ENTRY + 32);
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        out.extend_from_slice(self.vault.as_bytes());
        out.extend_from_slice(&generation.to_be_bytes());
        out.extend_from_slice(&u32::try_from(count).expect("fewer than four billion keys").to_be_bytes());
        for (owner, entries) in keys {
            for entry in entries {
                out.extend_from_slice(&owner.to_bytes());
                out.extend_from_slice(&entry.epoch.to_be_bytes());
                out.extend_from_slice(&entry.wrapped);
            }
        }
        out.extend_from_slice(&hmac_sha256(&*self.mac_key, &[&out]));
        out
    }
}

fn parse(bytes: &[u8], vault: VaultId, roots: &[&RootKey]) -> Result<((Keys, usize), u64), Unusable> {
    if bytes.starts_with(MAGIC) && bytes.get(4).is_some_and(|version| *version > VERSION) {
        return Err(Unusable::Newer);
    }
    parse_version_1(bytes, vault, roots).ok_or(Unusable::Damaged)
}

fn parse_version_1(bytes: &[u8], vault: VaultId, roots: &[&RootKey]) -> Option<((Keys, usize), u64)> {
    let (front, mac) = Fields::split_tail::<32>(bytes)?;
    let under = roots.iter().position(|root| same(&hmac_sha256(&*mac_key(root, vault), &[front]), &mac))?;
    let mut fields = Fields(front);
    if fields.take()? != *MAGIC || fields.byte()? != VERSION || fields.take()? != *vault.as_bytes() {
        return None;
    }
    let (generation, count) = (fields.u64()?, fields.u32()?);
    let mut keys = Keys::new();
    for _ in 0..count {
        let owner = Owner::from_parts(fields.byte()?, fields.take()?)?;
        let epoch = fields.u32()?;
        let wrapped: Wrapped = fields.take()?;
        let key = unwrap(roots[under].bytes(), &[&Entry::context(vault, owner, epoch)], &wrapped)?;
        let entries = keys.entry(owner).or_default();
        if entries.last().is_some_and(|last: &Entry| last.epoch >= epoch) {
            return None;
        }
        entries.push(Entry { epoch, key, wrapped });
    }
    fields.0.is_empty().then_some(((keys, under), generation))
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("generation", &self.generation)
            .field("owners", &self.keys.len())
            .finish_non_exhaustive()
    }
}
