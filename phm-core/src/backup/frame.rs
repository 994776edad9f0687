//! A backup file by its ends: what it says it is, the keys that open it, and whether both were made by its vault.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::form::{
    END, INVENTORY, KEYS, KeySection, MAGIC, MANIFEST, Manifest, SIGNATURE, VERSION, cut, damaged, keys_and_tail,
    keys_message, manifest_message,
};
use super::items::{In, Item, items};
use crate::crypto::digest::{Sha256, hex, sha256};
use crate::crypto::secret::{BackupKey, verify_signature};
use crate::error::{Error, ErrorKind, Result};

/// The longest manifest.
const LONGEST_MANIFEST: u32 = 64 << 10;
/// The longest section of keys: some three million of them.
const LONGEST_KEYS: u32 = 256 << 20;
/// Bytes behind the keys.
const TAIL: u64 = 8 + 8;

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

fn not_ours() -> Error {
    Error::new(ErrorKind::Invalid, "invalid-input", "this is not a backup of PHM")
}

/// The version of a backup file, by its first bytes.
///
/// # Errors
/// `invalid-input` where it is no backup, `newer-format` where a later PHM wrote it.
pub(super) fn version(path: &Path) -> Result<u8> {
    let mut front = [0; 5];
    match File::open(path)?.read_exact(&mut front) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(not_ours()),
        read => read?,
    }
    match front.split_first_chunk::<4>() {
        Some((MAGIC, [version @ 1..=VERSION])) => Ok(*version),
        Some((MAGIC, [newer])) if *newer > VERSION => {
            let text = "this backup was written by a newer PHM; restore it with that one";
            Err(Error::new(ErrorKind::Unsupported, "newer-format", text))
        }
        _ => Err(not_ours()),
    }
}

impl Frame {
    /// Reads the ends of a backup of form 2.
    ///
    /// # Errors
    /// As [`version`]; `unsupported` where it is of the first form, `corrupt` where its parts do not fit together.
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
        let mut input = In::new(BufReader::new(file), self.manifest.bytes - self.manifest.inventory);
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
