//! The form of a backup file, version 2: its manifest, its section of keys, and its items.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::crypto::digest::{Sha256, hex, sha256};
use crate::crypto::secret::{BackupKey, verify_signature};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ChainId, LogId, VaultId};
use crate::store::MAX_VALUE;
use crate::store::layout::Blinded;
use crate::time::Instant;

pub(super) const MAGIC: &[u8; 4] = b"PHMB";
pub(super) const VERSION: u8 = 2;
pub(super) const FILE: u8 = 1;
pub(super) const ROW: u8 = 2;
pub(super) const INVENTORY: u8 = 3;
pub(super) const MANIFEST: u8 = 4;
pub(super) const KEYS: u8 = 5;
const END: &[u8; 8] = b"PHMBend2";

/// The longest small file a backup holds: keys and heads.
pub(super) const LONGEST_FILE: u64 = 64 << 20;
/// The longest manifest.
const LONGEST_MANIFEST: u32 = 64 << 10;
/// The longest section of keys: some three million of them.
const LONGEST_KEYS: u32 = 256 << 20;
const SIGNATURE: usize = 64;
/// Bytes behind the keys.
const TAIL: u64 = 8 + 8;

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

/// One item of a body.
pub(crate) enum Item<'i> {
    /// `vault.toml`, `heads`; in form 1 `slots` and `keyring` too.
    Small(String, Vec<u8>),
    /// The sealed file of a document.
    Document(String, &'i mut dyn Read),
    /// A row of the store.
    Row(Vec<u8>, Vec<u8>),
    /// The inventory, which [`Frame::inventory`] reads.
    Inventory,
}

/// A backup file whose ends have been read: nothing is believed yet, but that the parts are where they should be.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub path: PathBuf,
    pub manifest: Manifest,
    /// SHA-256 of the manifest: what the next backup in the chain names.
    pub hash: [u8; 32],
    pub keys: KeySection,
    manifest_bytes: Vec<u8>,
    manifest_signature: [u8; SIGNATURE],
    keys_bytes: Vec<u8>,
    keys_signature: [u8; SIGNATURE],
    /// Where the section of keys begins.
    pub keys_at: u64,
}

pub(super) fn damaged() -> Error {
    Error::corrupt("the backup was cut or changed; use another one")
}

fn not_ours() -> Error {
    Error::new(ErrorKind::Invalid, "invalid-input", "this is not a backup of PHM, or of a newer one")
}

/// The version of a backup file, by its first bytes.
pub(super) fn version(path: &Path) -> Result<u8> {
    let mut front = [0; 5];
    match File::open(path)?.read_exact(&mut front) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(not_ours()),
        read => read?,
    }
    match front.split_first_chunk::<4>() {
        Some((MAGIC, [version @ 1..=VERSION])) => Ok(*version),
        _ => Err(not_ours()),
    }
}

impl Manifest {
    /// The bytes that are signed and stored.
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::internal("a manifest is not JSON").with_source(error))
    }
}

/// What is signed in place of a manifest, so that it is never taken for anything else.
fn manifest_message(bytes: &[u8]) -> Vec<u8> {
    [b"phm backup manifest\0".as_slice(), bytes].concat()
}

/// What is signed in place of the keys: they belong to this manifest and to no other.
fn keys_message(manifest: &[u8], bytes: &[u8]) -> Vec<u8> {
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

    fn decode(bytes: &[u8]) -> Option<Self> {
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
fn keys_and_tail(manifest: &[u8], at: u64, keys: &KeySection, key: &BackupKey) -> Vec<u8> {
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

impl Frame {
    /// Reads the ends of a backup of form 2.
    ///
    /// # Errors
    /// `invalid-input` where it is no backup, `corrupt` where its parts do not fit together.
    pub fn read(path: &Path) -> Result<Self> {
        if version(path)? != VERSION {
            let text = "this backup is of the first form, which has no increments; write a full backup first";
            return Err(Error::new(ErrorKind::Unsupported, "unsupported", text));
        }
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let tail_at = length.checked_sub(TAIL).ok_or_else(damaged)?;
        file.seek(SeekFrom::Start(tail_at))?;
        let mut tail = [0; 16];
        file.read_exact(&mut tail)?;
        let (at, end) = tail.split_at(8);
        let at = u64::from_be_bytes(at.try_into().map_err(|_| damaged())?);
        if end != END || at >= tail_at {
            return Err(damaged());
        }
        file.seek(SeekFrom::Start(at))?;
        let mut input = BufReader::new(file.take(tail_at - at));
        let (manifest_bytes, manifest_signature) = read_section(&mut input, MANIFEST, LONGEST_MANIFEST)?;
        let (keys_bytes, keys_signature) = read_section(&mut input, KEYS, LONGEST_KEYS)?;
        if input.read(&mut [0])? != 0 {
            return Err(damaged());
        }
        let manifest: Manifest = serde_json::from_slice(&manifest_bytes).map_err(|_| damaged())?;
        let keys = KeySection::decode(&keys_bytes).ok_or_else(damaged)?;
        if manifest.bytes != at || manifest.inventory >= at || (manifest.number == 0) != manifest.previous.is_none() {
            return Err(damaged());
        }
        let keys_at = at + (1 + 4 + SIGNATURE + manifest_bytes.len()) as u64;
        Ok(Self {
            path: path.to_owned(),
            hash: sha256(&[&manifest_bytes]),
            manifest,
            keys,
            manifest_bytes,
            manifest_signature,
            keys_bytes,
            keys_signature,
            keys_at,
        })
    }

    /// Whether the backup key made the manifest and the section of keys.
    pub fn check_signatures(&self, key: &BackupKey) -> Result<()> {
        let public = key.public_key();
        let manifest = manifest_message(&self.manifest_bytes);
        let keys = keys_message(&self.manifest_bytes, &self.keys_bytes);
        let signed = self.manifest.key == hex(&public)
            && verify_signature(&public, &manifest, &self.manifest_signature)
            && verify_signature(&public, &keys, &self.keys_signature);
        if signed { Ok(()) } else { Err(damaged()) }
    }

    /// Whether the body is the one the manifest names.
    pub fn check_body(&self) -> Result<()> {
        let mut body = File::open(&self.path)?.take(self.manifest.bytes);
        let (mut hash, mut buffer, mut left) = (Sha256::new(), vec![0; 256 * 1024], self.manifest.bytes);
        while left > 0 {
            let read = body.read(&mut buffer)?;
            if read == 0 {
                return Err(damaged());
            }
            hash.update(&buffer[..read]);
            left -= read as u64;
        }
        if hex(&hash.finish()) == self.manifest.sha256 { Ok(()) } else { Err(damaged()) }
    }

    /// The sealed inventory.
    pub fn inventory(&self) -> Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.manifest.inventory))?;
        let mut input = In { file: BufReader::new(file), left: self.manifest.bytes - self.manifest.inventory };
        match input.fixed::<1>()? {
            [INVENTORY] => input.inventory(),
            _ => Err(damaged()),
        }
    }

    /// Shows every item of the body.
    pub fn items(&self, visit: impl FnMut(Item<'_>) -> Result<()>) -> Result<()> {
        items(File::open(&self.path)?, self.manifest.bytes, visit)
    }

    /// The section of keys that is to take the place of the one in the file, with all that stands behind it.
    pub fn with_keys(&self, keys: &KeySection, key: &BackupKey) -> Vec<u8> {
        keys_and_tail(&self.manifest_bytes, self.manifest.bytes, keys, key)
    }
}

fn read_section(input: &mut impl Read, tag: u8, longest: u32) -> Result<(Vec<u8>, [u8; SIGNATURE])> {
    let mut front = [0; 5];
    input.read_exact(&mut front).map_err(cut)?;
    let length = u32::from_be_bytes([front[1], front[2], front[3], front[4]]);
    if front[0] != tag || length > longest {
        return Err(damaged());
    }
    let mut bytes = Vec::new();
    input.take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(damaged());
    }
    let mut signature = [0; SIGNATURE];
    input.read_exact(&mut signature).map_err(cut)?;
    Ok((bytes, signature))
}

fn cut(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged(),
        _ => error.into(),
    }
}

/// Items on their way from a file; nothing is read behind the body.
struct In {
    file: BufReader<File>,
    left: u64,
}

impl In {
    fn take(&mut self, out: &mut [u8]) -> Result<()> {
        self.left = self.left.checked_sub(out.len() as u64).ok_or_else(damaged)?;
        self.file.read_exact(out).map_err(cut)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        self.take(&mut out)?;
        Ok(out)
    }

    /// A length is believed only as far as there are bytes.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > self.left {
            return Err(damaged());
        }
        let mut out = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        self.take(&mut out)?;
        Ok(out)
    }

    fn name(&mut self) -> Result<Vec<u8>> {
        let length = u16::from_be_bytes(self.fixed()?);
        self.bytes(length.into())
    }

    fn inventory(&mut self) -> Result<Vec<u8>> {
        let length = u32::from_be_bytes(self.fixed()?);
        self.bytes(length.into())
    }
}

/// Shows every item of the first `bytes` bytes of a backup.
pub(super) fn items(file: File, bytes: u64, mut visit: impl FnMut(Item<'_>) -> Result<()>) -> Result<()> {
    let mut input = In { file: BufReader::with_capacity(256 * 1024, file), left: bytes };
    let _magic_and_version = input.fixed::<5>()?;
    while input.left > 0 {
        match input.fixed::<1>()?[0] {
            ROW => {
                let address = input.name()?;
                let length = u32::from_be_bytes(input.fixed()?);
                if length as usize > MAX_VALUE {
                    return Err(damaged());
                }
                let value = input.bytes(length.into())?;
                visit(Item::Row(address, value))?;
            }
            FILE => {
                let name = String::from_utf8(input.name()?).map_err(|_| damaged())?;
                let length = u64::from_be_bytes(input.fixed()?);
                if let Some(name) = name.strip_prefix("documents/") {
                    input.left = input.left.checked_sub(length).ok_or_else(damaged)?;
                    let mut content = (&mut input.file).take(length);
                    visit(Item::Document(name.to_owned(), &mut content))?;
                    std::io::copy(&mut content, &mut std::io::sink())?;
                    if content.limit() > 0 {
                        return Err(damaged());
                    }
                } else if length > LONGEST_FILE {
                    return Err(damaged());
                } else {
                    let content = input.bytes(length)?;
                    visit(Item::Small(name, content))?;
                }
            }
            INVENTORY => {
                input.inventory()?;
                visit(Item::Inventory)?;
            }
            _ => return Err(damaged()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
