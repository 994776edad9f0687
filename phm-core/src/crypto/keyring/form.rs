//! The form of the file `keyring`.
//!
//! Version 1, numbers big-endian:
//!
//! ```text
//! "PHMK" ‖ 1 ‖ vault (16) ‖ generation (8) ‖ count (4) ‖ entry… ‖ HMAC-SHA-256 (32)
//! entry = owner's tag (1) ‖ owner's id, or zeros (16) ‖ epoch (4) ‖ key, wrapped (72)
//! ```

use std::collections::BTreeMap;

use super::Owner;
use crate::crypto::bytes::Fields;
use crate::crypto::copies::Unusable;
use crate::crypto::digest::{hmac_sha256, same};
use crate::crypto::kdf::hkdf;
use crate::crypto::secret::{Held, KeyBytes as _, RootKey};
use crate::crypto::wrap::{WRAPPED, Wrapped, unwrap, wrap};
use crate::id::{LogId, ProfileId, VaultId};

const MAGIC: &[u8; 4] = b"PHMK";
const VERSION: u8 = 1;
const FRONT: usize = 4 + 1 + 16 + 8 + 4;
const ENTRY: usize = 1 + 16 + 4 + WRAPPED;

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
            Self::About(id) => (8, *id.as_bytes()),
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
            (8, id) => Self::About(ProfileId::from_bytes(id)),
            (2, [0, ..]) => Self::Index,
            (5, [0, ..]) => Self::State,
            (6, [0, ..]) => Self::Token,
            (7, [0, ..]) => Self::Backup,
            _ => return None,
        })
    }
}

/// One key, opened, and its wrap as it stands in the file.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) epoch: u32,
    pub(super) key: Held,
    pub(super) wrapped: Wrapped,
}

impl Entry {
    fn context(vault: VaultId, owner: Owner, epoch: u32) -> Vec<u8> {
        [b"keyring".as_slice(), vault.as_bytes(), &owner.to_bytes(), &epoch.to_be_bytes()].concat()
    }

    pub(super) fn wrapped_under(root: &RootKey, vault: VaultId, owner: Owner, epoch: u32, key: Held) -> Self {
        Self { epoch, wrapped: wrap(&root.bytes(), &[&Self::context(vault, owner, epoch)], &key.bytes()), key }
    }
}

/// The keys of each owner, oldest epoch first.
pub(super) type Keys = BTreeMap<Owner, Vec<Entry>>;

pub(super) fn mac_key(root: &RootKey, vault: VaultId) -> Held {
    hkdf(&*root.bytes(), vault.as_bytes(), &[b"phm keyring mac"]).into()
}

/// The file that holds `keys`.
pub(super) fn encode(vault: VaultId, keys: &Keys, generation: u64, mac_key: &[u8; 32]) -> Vec<u8> {
    let count = keys.values().map(Vec::len).sum::<usize>();
    let mut out = Vec::with_capacity(FRONT + count * ENTRY + 32);
    out.extend_from_slice(MAGIC);
    out.push(VERSION);
    out.extend_from_slice(vault.as_bytes());
    out.extend_from_slice(&generation.to_be_bytes());
    out.extend_from_slice(&u32::try_from(count).expect("fewer than four billion keys").to_be_bytes());
    for (owner, entries) in keys {
        for entry in entries {
            out.extend_from_slice(&owner.to_bytes());
            out.extend_from_slice(&entry.epoch.to_be_bytes());
            out.extend_from_slice(&entry.wrapped);
        }
    }
    out.extend_from_slice(&hmac_sha256(mac_key, &[&out]));
    out
}

/// The keys in a file, and which of `roots` they are wrapped under; with the generation.
pub(super) fn parse(bytes: &[u8], vault: VaultId, roots: &[&RootKey]) -> Result<(Keys, usize, u64), Unusable> {
    if bytes.starts_with(MAGIC) && bytes.get(4).is_some_and(|version| *version > VERSION) {
        return Err(Unusable::Newer);
    }
    parse_version_1(bytes, vault, roots).ok_or(Unusable::Damaged)
}

/// Whose keys a file has and of which epochs; neither they nor the file are authenticated.
pub(super) fn owners(bytes: &[u8]) -> Option<Vec<(Owner, u32)>> {
    let (front, _) = Fields::split_tail::<32>(bytes)?;
    let mut fields = Fields(front);
    if fields.take()? != *MAGIC || fields.byte()? != VERSION {
        return None;
    }
    let _vault_and_generation = fields.take::<{ 16 + 8 }>()?;
    let mut owners = Vec::new();
    for _ in 0..fields.u32()? {
        let owner = Owner::from_parts(fields.byte()?, fields.take()?)?;
        owners.push((owner, fields.u32()?));
        let _wrapped = fields.take::<WRAPPED>()?;
    }
    fields.0.is_empty().then_some(owners)
}

fn parse_version_1(bytes: &[u8], vault: VaultId, roots: &[&RootKey]) -> Option<(Keys, usize, u64)> {
    let (front, mac) = Fields::split_tail::<32>(bytes)?;
    let under = roots.iter().position(|root| same(&hmac_sha256(&*mac_key(root, vault).bytes(), &[front]), &mac))?;
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
        let key = unwrap(&roots[under].bytes(), &[&Entry::context(vault, owner, epoch)], &wrapped)?;
        let entries = keys.entry(owner).or_default();
        if entries.last().is_some_and(|last: &Entry| last.epoch >= epoch) {
            return None;
        }
        entries.push(Entry { epoch, key: key.into(), wrapped });
    }
    fields.0.is_empty().then_some((keys, under, generation))
}
