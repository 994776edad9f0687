//! The form of a backup file, version 2: its manifest and its section of keys, as they are signed and stored.

use serde::{Deserialize, Serialize};

use crate::crypto::digest::sha256;
use crate::crypto::secret::BackupKey;
use crate::error::{Error, Result};
use crate::id::{ChainId, LogId, VaultId};
use crate::store::layout::Blinded;
use crate::time::Instant;

pub(super) const MAGIC: &[u8; 4] = b"PHMB";
pub(super) const VERSION: u8 = 2;
pub(super) const FILE: u8 = 1;
pub(super) const ROW: u8 = 2;
pub(super) const INVENTORY: u8 = 3;
pub(super) const MANIFEST: u8 = 4;
pub(super) const KEYS: u8 = 5;
pub(super) const END: &[u8; 8] = b"PHMBend2";

/// Bytes of a signature.
pub(super) const SIGNATURE: usize = 64;

/// What a backup file is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The vault it is of.
    pub vault: VaultId,
    /// The full backup and its increments.
    pub chain: ChainId,
    /// Its number in the chain.
    pub number: u32,
    /// SHA-256 of the manifest before it.
    pub previous: Option<String>,
    /// Of which moment it is.
    pub written_at: Instant,
    /// The epoch of the backup key.
    pub epoch: u32,
    /// The public half of that key.
    pub key: String,
    /// Journal entries of the vault.
    pub entries: u64,
    /// The audit log that was written, its rows and the root over them.
    pub log: LogId,
    pub size: u64,
    pub root: String,
    /// Bytes of the body, and their SHA-256.
    pub bytes: u64,
    pub sha256: String,
    /// Where in the body the inventory begins.
    pub inventory: u64,
}

/// The keys that open a backup, and whose went away since it was written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct KeySection {
    pub slots: Vec<u8>,
    pub keyring: Vec<u8>,
    /// People who were erased since: their address and their name in the audit log.
    pub erased: Vec<(Blinded, [u8; 16])>,
    /// People whose keys at that moment are gone: only a later backup of the chain has them.
    pub rekeyed: Vec<Blinded>,
}

pub(super) fn damaged() -> Error {
    Error::corrupt("the backup was cut or changed; use another one")
}

/// What was cut is damaged; anything else is the system's.
pub(super) fn cut(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged(),
        _ => error.into(),
    }
}

impl Manifest {
    /// The bytes that are signed and stored.
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::internal("a manifest is not JSON").with_source(error))
    }
}

/// What is signed in place of a manifest, so that it is never taken for anything else.
pub(super) fn manifest_message(bytes: &[u8]) -> Vec<u8> {
    [b"phm backup manifest\0".as_slice(), bytes].concat()
}

/// What is signed in place of the keys: they belong to this manifest and to no other.
pub(super) fn keys_message(manifest: &[u8], bytes: &[u8]) -> Vec<u8> {
    [b"phm backup keys\0".as_slice(), &sha256(&[manifest]), bytes].concat()
}

impl KeySection {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![1];
        for part in [&self.slots, &self.keyring] {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
        out.extend_from_slice(&u32::try_from(self.erased.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (blinded, pseudonym) in &self.erased {
            out.extend_from_slice(blinded);
            out.extend_from_slice(pseudonym);
        }
        out.extend_from_slice(&u32::try_from(self.rekeyed.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(self.rekeyed.iter().flatten());
        out
    }

    /// Reads the bytes that are signed and stored.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let [1, rest @ ..] = bytes else { return None };
        let mut from = Bytes(rest);
        let (slots, keyring) = (from.counted()?.to_vec(), from.counted()?.to_vec());
        let erased = (0..from.u32()?).map(|_| Some((from.fixed()?, from.fixed()?))).collect::<Option<_>>()?;
        let rekeyed = (0..from.u32()?).map(|_| from.fixed()).collect::<Option<_>>()?;
        from.0.is_empty().then_some(Self { slots, keyring, erased, rekeyed })
    }
}

/// Fields taken from the front of what was read.
pub(super) struct Bytes<'b>(pub &'b [u8]);

impl<'b> Bytes<'b> {
    pub fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// Bytes behind their length.
    pub fn counted(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }
}

/// Everything behind the body of a backup.
pub(super) fn ending(manifest: &Manifest, keys: &KeySection, key: &BackupKey) -> Result<Vec<u8>> {
    let bytes = manifest.encode()?;
    let mut out = section(MANIFEST, &bytes, &key.sign(&manifest_message(&bytes)));
    out.extend_from_slice(&keys_and_tail(&bytes, manifest.bytes, keys, key));
    Ok(out)
}

/// The section of keys and what stands behind it.
pub(super) fn keys_and_tail(manifest: &[u8], at: u64, keys: &KeySection, key: &BackupKey) -> Vec<u8> {
    let bytes = keys.encode();
    let mut out = section(KEYS, &bytes, &key.sign(&keys_message(manifest, &bytes)));
    out.extend_from_slice(&at.to_be_bytes());
    out.extend_from_slice(END);
    out
}

fn section(tag: u8, bytes: &[u8], signature: &[u8; SIGNATURE]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(signature);
    out
}

/// A door for the fuzz targets: what is read as a section of keys, or as a manifest, is written the same.
#[cfg(feature = "fuzzing")]
pub(super) fn try_to_read(bytes: &[u8]) {
    if let Some(keys) = KeySection::decode(bytes) {
        assert_eq!(keys.encode(), bytes);
    }
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(bytes) {
        let stored = manifest.encode().expect("a manifest is JSON");
        assert_eq!(serde_json::from_slice::<Manifest>(&stored).expect("it reads back"), manifest);
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Frame;
    use super::*;
    use crate::crypto::digest::hex;

    fn manifest() -> Manifest {
        Manifest {
            vault: VaultId::from_bytes([1; 16]),
            chain: ChainId::from_bytes([2; 16]),
            number: 0,
            previous: None,
            written_at: Instant::from_millis(0),
            epoch: 1,
            key: hex(&key().public_key()),
            entries: 3,
            log: LogId::from_bytes([3; 16]),
            size: 4,
            root: hex(&[5; 32]),
            bytes: 14,
            sha256: hex(&sha256(&[BODY])),
            inventory: 5,
        }
    }

    const BODY: &[u8] = b"PHMB\x02\x03\0\0\0\x04seal";

    fn key() -> BackupKey {
        BackupKey::from_bytes([7; 32])
    }

    fn keys() -> KeySection {
        KeySection {
            slots: b"slots".to_vec(),
            keyring: b"keyring".to_vec(),
            erased: vec![([8; 16], [9; 16])],
            rekeyed: vec![[4; 16]],
        }
    }

    fn whole() -> Vec<u8> {
        [BODY, &ending(&manifest(), &keys(), &key()).expect("an ending")].concat()
    }

    fn checked(bytes: &[u8]) -> Result<Frame> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("backup.phmb");
        std::fs::write(&path, bytes).expect("written");
        let frame = Frame::read(&path)?;
        frame.check_signatures(&key())?;
        frame.check_body()?;
        assert_eq!(frame.inventory()?, b"seal");
        Ok(frame)
    }

    #[test]
    fn a_backup_has_the_form_that_stands_on_disk() {
        insta::assert_snapshot!(hex(&whole()));
        let frame = checked(&whole()).expect("whole");
        assert_eq!((frame.manifest, frame.keys), (manifest(), keys()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let whole = whole();
        for bit in 0..whole.len() * 8 {
            let mut bad = whole.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(checked(&bad).is_err(), "bit {bit}");
        }
        for length in 0..whole.len() {
            assert!(checked(&whole[..length]).is_err(), "{length} bytes");
        }
        assert!(checked(&[&whole[..], b"x"].concat()).is_err());
    }

    #[test]
    fn keys_of_one_backup_do_not_pass_in_another_and_new_ones_do() {
        let mut other = manifest();
        other.number = 1;
        other.previous = Some(hex(&[1; 32]));
        let foreign = ending(&other, &keys(), &key()).expect("an ending");
        let own = ending(&manifest(), &keys(), &key()).expect("an ending");
        let at = 1 + 4 + SIGNATURE + manifest().encode().expect("JSON").len();
        let foreign_at = 1 + 4 + SIGNATURE + other.encode().expect("JSON").len();
        assert!(checked(&[BODY, &own[..at], &foreign[foreign_at..]].concat()).is_err());
        let frame = checked(&whole()).expect("whole");
        let new = KeySection { keyring: b"another".to_vec(), ..keys() };
        let front = &whole()[..usize::try_from(frame.keys_at).expect("small")];
        let again = checked(&[front, &frame.with_keys(&new, &key())].concat()).expect("whole");
        assert_eq!((again.hash, again.keys), (frame.hash, new));
    }
}
