//! What a vault held at the moment of a backup: every journal with its end, every audit log, every document, and every
//! block of samples by its hash.
//!
//! An increment is made against the inventory of the backup before it, without reading the rest of that; and a chain is
//! restored by the inventory of its newest backup, so that nothing comes back that was gone by then. It is sealed under
//! the backup key: who may only keep backups learns nothing from it.
//!
//! Version 1, numbers big-endian, everything sorted:
//!
//! ```text
//! 1 ‖ count (4) ‖ journal…  ‖ count (4) ‖ log… ‖ count (4) ‖ document… ‖ count (4) ‖ block…
//! journal  = blinded profile (16) ‖ pseudonym (16) ‖ last seq (8) ‖ rewritten (4) ‖ 1 where all of it is in this backup
//! log      = id (16) ‖ rows (8) ‖ root (32)
//! document = id of its file (16)
//! block    = address, behind its length (4) ‖ first half of the SHA-256 of its sealed bytes (16)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::form::{Bytes, damaged};
use crate::audit::tree::Hash;
use crate::crypto::digest::sha256;
use crate::crypto::secret::BackupKey;
use crate::crypto::{self, MAX_PART, Prepared, Suite};
use crate::error::Result;
use crate::id::{ChainId, FileId, LogId, VaultId};
use crate::store::layout::Blinded;

/// What a vault held.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Inventory {
    /// Journals with entries.
    pub journals: BTreeMap<Blinded, Journal>,
    /// Audit logs: their rows and the root over them.
    pub logs: BTreeMap<LogId, (u64, Hash)>,
    /// The files of documents.
    pub files: BTreeSet<FileId>,
    /// Blocks of samples, by the hash of what is sealed in them.
    pub blocks: BTreeMap<Vec<u8>, [u8; 16]>,
}

/// Where a journal ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Journal {
    pub pseudonym: [u8; 16],
    pub seq: u64,
    pub rewrite: u32,
    /// Whether all of its entries are in this backup.
    pub whole: bool,
}

/// Which backup an inventory belongs to; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub vault: VaultId,
    pub chain: ChainId,
    pub number: u32,
}

impl Place {
    fn context(self) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        [self.vault.as_bytes().as_slice(), b"backup inventory", self.chain.as_bytes(), &number].concat()
    }
}

/// What names the sealed bytes of a block: they are sealed anew whenever anything in them changes.
pub(super) fn hash_of(value: &[u8]) -> [u8; 16] {
    *sha256(&[value]).first_chunk().expect("a hash has 32 bytes")
}

impl Inventory {
    /// The form that is sealed.
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![1];
        let count = |out: &mut Vec<u8>, count: usize| {
            out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        };
        count(&mut out, self.journals.len());
        for (blinded, journal) in &self.journals {
            out.extend_from_slice(blinded);
            out.extend_from_slice(&journal.pseudonym);
            out.extend_from_slice(&journal.seq.to_be_bytes());
            out.extend_from_slice(&journal.rewrite.to_be_bytes());
            out.push(journal.whole.into());
        }
        count(&mut out, self.logs.len());
        for (log, (size, root)) in &self.logs {
            out.extend_from_slice(log.as_bytes());
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(root);
        }
        count(&mut out, self.files.len());
        for file in &self.files {
            out.extend_from_slice(file.as_bytes());
        }
        count(&mut out, self.blocks.len());
        for (address, hash) in &self.blocks {
            count(&mut out, address.len());
            out.extend_from_slice(address);
            out.extend_from_slice(hash);
        }
        out
    }

    /// Reads the form that is sealed.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let [1, rest @ ..] = bytes else { return None };
        let mut from = Bytes(rest);
        let mut found = Self::default();
        for _ in 0..from.u32()? {
            let (blinded, pseudonym) = (from.fixed()?, from.fixed()?);
            let (seq, rewrite) = (from.u64()?, from.u32()?);
            let whole = match from.fixed()? {
                [whole @ (0 | 1)] => whole == 1,
                _ => return None,
            };
            found.journals.insert(blinded, Journal { pseudonym, seq, rewrite, whole });
        }
        for _ in 0..from.u32()? {
            found.logs.insert(LogId::from_bytes(from.fixed()?), (from.u64()?, from.fixed()?));
        }
        for _ in 0..from.u32()? {
            found.files.insert(FileId::from_bytes(from.fixed()?));
        }
        for _ in 0..from.u32()? {
            found.blocks.insert(from.counted()?.to_vec(), from.fixed()?);
        }
        from.0.is_empty().then_some(found)
    }

    /// Seals it for one backup.
    pub fn seal(&self, place: Place, suite: Suite, epoch: u32, key: &BackupKey) -> Result<Vec<u8>> {
        let prepared = Prepared::new(&self.encode())?;
        Ok(crypto::seal(suite, key, epoch, &place.context(), &prepared).concat())
    }

    /// Opens that of one backup.
    pub fn open(sealed: &[u8], place: Place, key: &BackupKey) -> Result<Self> {
        let parts: Vec<&[u8]> = sealed.chunks(MAX_PART).collect();
        let opened = crypto::open(key, &place.context(), &parts).map_err(|_| damaged())?;
        Self::decode(&opened.plaintext).ok_or_else(damaged)
    }
}

/// A door for the fuzz targets: what is read as an inventory is written and read again.
#[cfg(feature = "fuzzing")]
pub(super) fn try_to_read(bytes: &[u8]) {
    if let Some(found) = Inventory::decode(bytes) {
        assert_eq!(Inventory::decode(&found.encode()), Some(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::hex;

    fn sample() -> Inventory {
        let journal = |seq, whole| Journal { pseudonym: [2; 16], seq, rewrite: 3, whole };
        Inventory {
            journals: [([1; 16], journal(7, true)), ([3; 16], journal(9, false))].into(),
            logs: [(LogId::from_bytes([4; 16]), (5, [6; 32]))].into(),
            files: [FileId::from_bytes([7; 16])].into(),
            blocks: [(vec![3, 8, 9], [9; 16])].into(),
        }
    }

    #[test]
    fn an_inventory_has_the_form_that_stands_in_backups() {
        let stored = sample().encode();
        insta::assert_snapshot!(hex(&stored));
        assert_eq!(Inventory::decode(&stored), Some(sample()));
        for length in 0..stored.len() {
            assert_eq!(Inventory::decode(&stored[..length]), None, "{length} bytes");
        }
        assert_eq!(Inventory::decode(&[&stored[..], &[0]].concat()), None);
    }

    #[cfg(not(feature = "null-cipher"))]
    #[test]
    fn an_inventory_opens_only_as_that_of_its_backup() {
        let place = Place { vault: VaultId::new(), chain: ChainId::new(), number: 1 };
        let key = BackupKey::generate();
        let many = Inventory { files: (0..3_000).map(|_| FileId::new()).collect(), ..sample() };
        let sealed = many.seal(place, Suite::fastest_here(), 1, &key).expect("sealed");
        assert_eq!(Inventory::open(&sealed, place, &key).expect("opened"), many);
        assert!(Inventory::open(&sealed, Place { number: 2, ..place }, &key).is_err());
        assert!(Inventory::open(&sealed, place, &BackupKey::generate()).is_err());
    }
}
