//! What the targets share: known keys, a folder in memory for parsers that read files, and codes that fit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use phm_core::crypto::digest::hmac_sha256;
use phm_core::crypto::secret::{ProfileKey, RootKey, Secret};
use phm_core::id::{FileId, VaultId};
use tempfile::TempDir;

/// The vault all seeds are of.
pub const VAULT: VaultId = VaultId::from_bytes([1; 16]);
/// The file a sealed file is.
pub const FILE: FileId = FileId::from_bytes([2; 16]);
/// The root key of the keyring, and the key of bodies and files.
static KEYS: LazyLock<(RootKey, ProfileKey)> =
    LazyLock::new(|| (RootKey::from_bytes([3; 32]), ProfileKey::from_bytes([4; 32])));

/// Nothing is dropped when a process ends: `.ci/fuzz` names a folder that it removes afterwards.
static SCRATCH: LazyLock<TempDir> = LazyLock::new(|| {
    let given = std::env::var_os("PHM_FUZZ_SCRATCH").map_or_else(|| Path::new("/dev/shm").to_owned(), PathBuf::from);
    let folder = if given.is_dir() { tempfile::tempdir_in(given) } else { tempfile::tempdir() };
    folder.expect("a temporary folder")
});

/// A place in a folder of this process, in memory where the system has such a place.
pub fn scratch(name: &str) -> PathBuf {
    SCRATCH.path().join(name)
}

/// The root key of the keyring.
pub fn root() -> &'static RootKey {
    &KEYS.0
}

/// The key of bodies and files.
pub fn key() -> &'static ProfileKey {
    &KEYS.1
}

/// The key file that opens the slots and the backup of the seeds.
pub fn secret() -> &'static Secret {
    static SECRET: LazyLock<Secret> = LazyLock::new(|| {
        let path = scratch("key");
        fs::write(&path, "0123456789abcdef".repeat(4)).expect("written");
        Secret::key_file(&path).expect("64 hex digits are a key")
    });
    &SECRET
}

/// `body` with the code a keyring under [`root`] ends with: what only the holder of the root key can make.
pub fn with_keyring_code(body: &[u8]) -> Vec<u8> {
    // HKDF-SHA-256 (RFC 5869) for one block of output.
    let extracted = hmac_sha256(VAULT.as_bytes(), &[&[3; 32]]);
    let key = hmac_sha256(&extracted, &[b"phm keyring mac", &[1]]);
    [body, &hmac_sha256(&key, &[body])].concat()
}

/// Cuts `data` into pieces at most `longest` bytes long; two bytes before each piece say how long it is.
pub fn pieces(mut data: &[u8], longest: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(longest).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        pieces.push(piece);
        data = rest;
    }
    pieces
}
