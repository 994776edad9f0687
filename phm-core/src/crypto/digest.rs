//! Digests and authentication codes: SHA-256, HMAC-SHA-256 and comparison in constant time.
//!
//! The parts of an input are hashed one behind the other, without separators; whoever hashes fields of
//! variable width puts their lengths between them.

pub use super::bytes::hex;
use ring::{digest, hmac};

use super::kdf::hkdf;
use super::secret::OwningKey;

/// SHA-256 (FIPS 180-4) over `parts`, one behind the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// SHA-256 over bytes that arrive piece by piece.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// The digest of nothing yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().expect("SHA-256 fixes the length")
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256(..)")
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// HMAC-SHA-256 (RFC 2104) under `key` over `parts`, one behind the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().try_into().expect("HMAC-SHA-256 fixes the length")
}

/// HMAC-SHA-256 over bytes that arrive piece by piece, under a key derived from an owning key with the HKDF label
/// `"phm mac"`, so that the same key can seal and sign as well.
pub struct HmacSha256(hmac::Context);

impl HmacSha256 {
    /// The code over nothing yet.
    pub fn new(key: &impl OwningKey) -> Self {
        let key = hkdf::<32>(&*key.owning(), &[], &[b"phm mac"]);
        Self(hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key)))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The code over all that was added. Compare it with [`same`].
    pub fn finish(self) -> [u8; 32] {
        self.0.sign().as_ref().try_into().expect("HMAC-SHA-256 fixes the length")
    }
}

impl std::fmt::Debug for HmacSha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacSha256(..)")
    }
}

/// Whether `a` and `b` are the same bytes, in a time that depends on their lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |all, (x, y)| std::hint::black_box(all | (x ^ y)));
    a.len() == b.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::{hex, unhex};

    #[test]
    fn sha_256_matches_the_example_of_fips_180() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(&[b"a", b"bc"])), expected);
    }

    #[test]
    fn hmac_matches_rfc_4231_case_2() {
        let expected = unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]).to_vec(), expected);
    }

    #[test]
    fn a_code_made_piece_by_piece_is_that_of_the_whole_under_the_derived_key() {
        use crate::crypto::secret::BackupKey;
        let mut pieces = HmacSha256::new(&BackupKey::from_bytes([7; 32]));
        pieces.update(b"one ");
        pieces.update(b"two");
        let key = hkdf::<32>(&[7; 32], &[], &[b"phm mac"]);
        assert_eq!(pieces.finish(), hmac_sha256(&*key, &[b"one two"]));
    }

    #[test]
    fn only_the_same_bytes_are_the_same() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }
}
