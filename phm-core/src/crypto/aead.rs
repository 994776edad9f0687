//! The two ciphers, behind one small door: AES-256-GCM and ChaCha20-Poly1305.
//!
//! Callers promise that a key meets a nonce once; `seal` and `wrap` keep it by deriving a key per body, `stream`
//! by counting chunks under a key per file.

use ring::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::CryptoError;

/// Bytes of an authentication tag.
pub(super) const TAG: usize = 16;

/// The cipher of a sealed form; its number is the format byte on disk.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum Suite {
    /// AES-256 in Galois counter mode (NIST SP 800-38D); fastest where the processor has AES.
    Aes256Gcm = 1,
    /// ChaCha20-Poly1305 (RFC 8439); fastest where it has not.
    ChaCha20Poly1305 = 2,
}

impl Suite {
    /// The faster cipher on this machine: AES where the processor has instructions for it.
    pub fn fastest_here() -> Self {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        let has_aes = std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq");
        #[cfg(target_arch = "aarch64")]
        let has_aes = std::arch::is_aarch64_feature_detected!("aes");
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
        let has_aes = false;
        if has_aes { Self::Aes256Gcm } else { Self::ChaCha20Poly1305 }
    }

    /// The cipher's name in `vault.toml` and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "aes-256-gcm",
            Self::ChaCha20Poly1305 => "chacha20-poly1305",
        }
    }

    /// The cipher with this name; another name means that a later version wrote it.
    pub fn parse(name: &str) -> Result<Self, CryptoError> {
        [Self::Aes256Gcm, Self::ChaCha20Poly1305]
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or(CryptoError::Newer { file: "vault.toml" })
    }

    /// The cipher with this format byte.
    pub fn from_format(format: u8) -> Option<Self> {
        [Self::Aes256Gcm, Self::ChaCha20Poly1305].into_iter().find(|suite| *suite as u8 == format)
    }
}

/// A key ready for use with one suite.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub(super) fn new(suite: Suite, key: &[u8; 32]) -> Self {
        let algorithm = match suite {
            Suite::Aes256Gcm => &AES_256_GCM,
            Suite::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        };
        Self(LessSafeKey::new(UnboundKey::new(algorithm, key).expect("both ciphers take 32 bytes")))
    }

    /// Encrypts `body` in place and gives back the tag over it and `bound`.
    pub(super) fn seal(&self, nonce: [u8; 12], bound: &[u8], body: &mut [u8]) -> [u8; TAG] {
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), body)
            .expect("bodies are far shorter than the ciphers' limits");
        tag.as_ref().try_into().expect("both ciphers have tags of 16 bytes")
    }

    /// Decrypts `body`, whose last 16 bytes are the tag, in place; `None` unless it was sealed just so.
    pub(super) fn open<'b>(&self, nonce: [u8; 12], bound: &[u8], body: &'b mut [u8]) -> Option<&'b mut [u8]> {
        self.0.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(bound), body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::{hex, unhex};

    fn check(suite: Suite, key: &str, nonce: &str, bound: &str, plain: &[u8], cipher: &str, tag: &str) {
        let key = Cipher::new(suite, &unhex(key).try_into().expect("32 bytes"));
        let nonce = unhex(nonce).try_into().expect("12 bytes");
        let bound = unhex(bound);
        let mut body = plain.to_vec();
        let made = key.seal(nonce, &bound, &mut body);
        assert_eq!((hex(&body), hex(&made)), (cipher.to_owned(), tag.to_owned()));
        body.extend_from_slice(&made);
        assert_eq!(key.open(nonce, &bound, &mut body).expect("its own seal"), plain);
    }

    #[test]
    fn aes_matches_test_case_16_of_the_gcm_submission() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, 2004.
        let plain = unhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        check(
            Suite::Aes256Gcm,
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            &plain,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        );
    }

    #[test]
    fn chacha_matches_rfc_8439_section_2_8_2() {
        let plain: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        check(
            Suite::ChaCha20Poly1305,
            "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            "070000004041424344454647",
            "50515253c0c1c2c3c4c5c6c7",
            plain,
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
            "1ae10b594f09e26a7e902ecbd0600691",
        );
    }

    #[test]
    fn format_byte_and_name_tell_the_cipher() {
        assert_eq!(Suite::from_format(1), Some(Suite::Aes256Gcm));
        assert_eq!(Suite::from_format(2), Some(Suite::ChaCha20Poly1305));
        assert_eq!(Suite::from_format(0), None);
        for suite in [Suite::Aes256Gcm, Suite::ChaCha20Poly1305] {
            assert_eq!(Suite::parse(suite.name()).expect("its own name"), suite);
        }
        assert!(matches!(Suite::parse("rot13"), Err(CryptoError::Newer { .. })));
        assert_eq!(Suite::from_format(Suite::fastest_here() as u8), Some(Suite::fastest_here()));
    }
}
