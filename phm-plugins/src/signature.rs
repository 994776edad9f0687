//! Signatures of packages: Ed25519 by the author, checked against the keys that the administrator trusts.
//!
//! What is signed is a list of the package's files with their SHA-256, in the order of their names, behind a line that says what
//! it is. So a signature holds for these files and no others, whatever the archive around them looks like.

use std::collections::BTreeMap;
use std::path::Path;

use phm_core::crypto::digest::{hex, sha256};
use phm_core::crypto::durable;
use phm_core::crypto::secret::{PackageKey, verify_signature};
use serde::{Deserialize, Serialize};

use crate::error::{PluginError, Result};

/// The file of the signature in a package.
pub const FILE: &str = "plugin.sig";
const HEAD: &str = "phm plugin package 1\n";
const SECRET: &str = "phm-plugin-secret-1:";
const PUBLIC: &str = "phm-plugin-key-1:";

/// The public half of an author's key, written `phm-plugin-key-1:` and 64 hex digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AuthorKey([u8; 32]);

impl From<AuthorKey> for String {
    fn from(key: AuthorKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for AuthorKey {
    type Error = PluginError;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl std::fmt::Display for AuthorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PUBLIC}{}", hex(&self.0))
    }
}

impl std::str::FromStr for AuthorKey {
    type Err = PluginError;

    fn from_str(text: &str) -> Result<Self> {
        let bytes = text.trim().strip_prefix(PUBLIC).and_then(unhex::<32>);
        bytes.map(Self).ok_or_else(|| PluginError::Package(format!("a key is {PUBLIC} and 64 hex digits")))
    }
}

/// The secret half, in a file that only its author reads.
#[derive(Debug)]
pub struct SigningKey(PackageKey);

impl SigningKey {
    /// A new key in a new file, readable by its owner only.
    ///
    /// # Errors
    /// When the file exists: a key is never replaced.
    pub fn create(path: &Path) -> Result<Self> {
        let seed = phm_core::crypto::random::<32>();
        durable::write_new_file(path, format!("{SECRET}{}\n", hex(&seed)).as_bytes())?;
        Ok(Self(PackageKey::from_bytes(seed)))
    }

    /// The key in this file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let seed = text.trim().strip_prefix(SECRET).and_then(unhex::<32>);
        let seed = seed.ok_or_else(|| PluginError::Package(format!("a signing key is {SECRET} and 64 hex digits")))?;
        Ok(Self(PackageKey::from_bytes(seed)))
    }

    /// Its public half.
    pub fn public(&self) -> AuthorKey {
        AuthorKey(self.0.public_key())
    }

    /// The text of the signature's file for these files.
    pub fn sign(&self, files: &BTreeMap<String, Vec<u8>>) -> String {
        format!("{}\n{}\n", self.public(), hex(&self.0.sign(&signed(files))))
    }
}

/// Whose signature the files carry.
///
/// # Errors
/// `unsigned` where there is none, `bad-signature` where it is not that of these files.
pub fn signer(files: &BTreeMap<String, Vec<u8>>) -> Result<AuthorKey> {
    let file = files.get(FILE).ok_or(PluginError::Unsigned)?;
    let text = std::str::from_utf8(file).map_err(|_| PluginError::BadSignature)?;
    let lines = text.strip_suffix('\n').and_then(|text| text.split_once('\n'));
    let (written, signature) = lines.ok_or(PluginError::BadSignature)?;
    let key: AuthorKey = written.parse().map_err(|_| PluginError::BadSignature)?;
    // There is one way to write a signature, and no room for anything else.
    let signature = unhex::<64>(signature).filter(|_| key.to_string() == written).ok_or(PluginError::BadSignature)?;
    if verify_signature(&key.0, &signed(files), &signature) { Ok(key) } else { Err(PluginError::BadSignature) }
}

fn signed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = HEAD.as_bytes().to_vec();
    for (name, bytes) in files.iter().filter(|(name, _)| name.as_str() != FILE) {
        out.extend_from_slice(format!("{}  {name}\n", hex(&sha256(&[bytes]))).as_bytes());
    }
    out
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()) {
        return None;
    }
    let mut bytes = [0; N];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_files() -> (SigningKey, BTreeMap<String, Vec<u8>>) {
        let key = SigningKey(PackageKey::from_bytes([7; 32]));
        let mut files =
            BTreeMap::from([("plugin.toml".to_owned(), b"a".to_vec()), ("plugin.wasm".to_owned(), b"b".to_vec())]);
        files.insert(FILE.into(), key.sign(&files).into_bytes());
        (key, files)
    }

    #[test]
    fn a_signature_names_its_key_and_holds_for_its_files() {
        let (key, files) = signed_files();
        assert_eq!(signer(&files).expect("a good signature"), key.public());
        assert_eq!(key.public().to_string().parse::<AuthorKey>().expect("own text"), key.public());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (_, files) = signed_files();
        for name in files.keys() {
            for at in 0..files[name].len() {
                let mut changed = files.clone();
                changed.get_mut(name).expect("it is there")[at] ^= 1;
                assert!(signer(&changed).is_err(), "byte {at} of {name}");
            }
        }
    }

    #[test]
    fn files_cannot_be_added_taken_out_or_renamed() {
        let (_, files) = signed_files();
        let mut more = files.clone();
        more.insert("extra".into(), Vec::new());
        let mut less = files.clone();
        less.remove("plugin.wasm");
        let mut renamed = less.clone();
        renamed.insert("plugin2.wasm".into(), b"b".to_vec());
        for changed in [more, less, renamed] {
            assert_eq!(signer(&changed).expect_err("it was changed").code(), "bad-signature");
        }
        let mut unsigned = files;
        unsigned.remove(FILE);
        assert_eq!(signer(&unsigned).expect_err("nobody signed").code(), "unsigned");
    }

    #[test]
    fn a_signing_key_is_never_replaced_and_its_file_is_private() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("author.key");
        let key = SigningKey::create(&path).expect("a new key");
        assert_eq!(SigningKey::read(&path).expect("the same key").public(), key.public());
        assert!(SigningKey::create(&path).is_err());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("a file").permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{key:?}").contains(char::is_numeric), "{key:?}");
    }
}
