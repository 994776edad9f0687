//! Sealed bodies: what every row of the store holds.
//!
//! `part = format (1) ‖ epoch (4) ‖ salt (24) ‖ ciphertext ‖ tag (16)`, at most 16 KiB. The key of a part is
//! `HKDF-SHA-256(owning key, salt, "phm body" ‖ format ‖ epoch)`; the salt is fresh for every part, so each key seals
//! once and the nonce is zero. A part is bound to its header, its context (vault, table and address), its number,
//! and the salt of the first part, so parts cannot be moved, swapped, or mixed with those of an earlier body.
//!
//! All parts together hold `true length (4) ‖ flag (1) ‖ r (32) ‖ payload ‖ zeros`: the payload is the plaintext,
//! or its zstd frame where that is shorter (flag 1); the zeros fill up to the next Padmé size, at least 256 bytes.
//! `r` is random and blinds the commitment that the audit log keeps.

use std::cell::RefCell;
use std::fmt;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

pub use super::part::MAX_PART;

use super::digest::hmac_sha256;
use super::part::{self, OVERHEAD, padded};
use super::secret::OwningKey;
use super::{CryptoError, Suite, random};

/// The longest plaintext of one body.
pub const MAX_BODY: usize = 256 * 1024 * 1024;

const FRONT: usize = 4 + 1 + 32;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Shorter bodies take the least room there is as they are.
const WORTH_COMPRESSING: usize = part::FLOOR - FRONT + 1;

thread_local! {
    static COMPRESSOR: RefCell<Compressor<'static>> =
        RefCell::new(Compressor::new(1).expect("zstd makes a context unless memory is exhausted"));
    static DECOMPRESSOR: RefCell<Decompressor<'static>> =
        RefCell::new(Decompressor::new().expect("zstd makes a context unless memory is exhausted"));
}

/// A body that is compressed and padded and only waits to be sealed; writers make it on their own threads.
#[derive(Clone)]
pub struct Prepared {
    inner: Vec<u8>,
    commitment: [u8; 32],
}

impl Prepared {
    /// Prepares `plaintext` with a fresh `r`.
    pub fn new(plaintext: &[u8]) -> Result<Self, CryptoError> {
        Self::with_r(plaintext, random())
    }

    fn with_r(plaintext: &[u8], r: [u8; 32]) -> Result<Self, CryptoError> {
        if plaintext.len() > MAX_BODY {
            return Err(CryptoError::TooLarge);
        }
        let length = u32::try_from(plaintext.len()).map_err(|_| CryptoError::TooLarge)?;
        // Room for the plaintext as it is; a frame is kept only where it is shorter.
        let mut inner = Vec::with_capacity(padded(FRONT + plaintext.len()));
        inner.extend_from_slice(&length.to_be_bytes());
        inner.push(PLAIN);
        inner.extend_from_slice(&r);
        inner.resize(FRONT + plaintext.len(), 0);
        let payload = match compress(plaintext, &mut inner[FRONT..]) {
            Some(compressed) => {
                inner[4] = ZSTD;
                compressed
            }
            None => {
                inner[FRONT..].copy_from_slice(plaintext);
                plaintext.len()
            }
        };
        inner.truncate(FRONT + payload);
        inner.resize(padded(FRONT + payload), 0);
        Ok(Self { inner, commitment: hmac_sha256(&r, &[plaintext]) })
    }

    /// `HMAC-SHA-256(r, plaintext)`: what the audit log keeps of this body.
    pub fn commitment(&self) -> [u8; 32] {
        self.commitment
    }

    /// How many bytes the sealed parts will take together.
    pub fn sealed_len(&self) -> usize {
        self.inner.len() + self.inner.len().div_ceil(MAX_PART - OVERHEAD) * OVERHEAD
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(..)")
    }
}

/// Compresses `plaintext` into the front of `out` where that makes it shorter.
fn compress(plaintext: &[u8], out: &mut [u8]) -> Option<usize> {
    if plaintext.len() < WORTH_COMPRESSING {
        return None;
    }
    COMPRESSOR
        .with_borrow_mut(|zstd| zstd.compress_to_buffer(plaintext, out))
        .ok()
        .filter(|size| *size < plaintext.len())
}

/// Seals a prepared body under keys derived from `key`, bound to `context`, as one or more parts of at most 16 KiB.
///
/// `context` is whatever names the body's place, unblinded: vault, table and address without the part.
pub fn seal(suite: Suite, key: &impl OwningKey, epoch: u32, context: &[u8], body: &Prepared) -> Vec<Vec<u8>> {
    let mut parts: Vec<Vec<u8>> = Vec::with_capacity(body.inner.len().div_ceil(MAX_PART - OVERHEAD));
    for (number, piece) in (0_u16..).zip(body.inner.chunks(MAX_PART - OVERHEAD)) {
        let first_salt = parts.first().map(|first| part::salt_of(first));
        parts.push(part::seal(suite, key, epoch, context, number, first_salt, piece));
    }
    parts
}

/// The epoch of the key that sealed a body, from its first part.
pub fn epoch_of(first_part: &[u8]) -> Option<u32> {
    first_part.get(1..5).and_then(|epoch| epoch.try_into().ok()).map(u32::from_be_bytes)
}

/// Whether another part may follow this one: all parts but the last are full.
pub fn is_full_part(part: &[u8]) -> bool {
    part.len() >= MAX_PART
}

/// A body that opened.
#[derive(Clone)]
pub struct Opened {
    /// What was sealed.
    pub plaintext: Vec<u8>,
    r: [u8; 32],
}

impl Opened {
    /// `HMAC-SHA-256(r, plaintext)`: what the audit log keeps of this body.
    pub fn commitment(&self) -> [u8; 32] {
        hmac_sha256(&self.r, &[&self.plaintext])
    }

    /// The same body, ready to be sealed again: `r` and so the commitment stay.
    pub fn prepare_again(&self) -> Result<Prepared, CryptoError> {
        Prepared::with_r(&self.plaintext, self.r)
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// Opens a body from all its parts in order.
///
/// Fails unless these are exactly the parts that [`seal`] made under this key for this context.
pub fn open(key: &impl OwningKey, context: &[u8], parts: &[impl AsRef<[u8]>]) -> Result<Opened, CryptoError> {
    open_inner(key, context, parts).and_then(|inner| unpack(&inner)).ok_or(CryptoError::Sealed)
}

/// Opens a body only to seal it again: the same bytes under another key, as many parts of the same lengths.
pub fn reopen(key: &impl OwningKey, context: &[u8], parts: &[impl AsRef<[u8]>]) -> Result<Prepared, CryptoError> {
    let inner = open_inner(key, context, parts).ok_or(CryptoError::Sealed)?;
    let commitment = unpack(&inner).ok_or(CryptoError::Sealed)?.commitment();
    Ok(Prepared { inner, commitment })
}

fn open_inner(key: &impl OwningKey, context: &[u8], parts: &[impl AsRef<[u8]>]) -> Option<Vec<u8>> {
    let first = parts.first()?.as_ref();
    let front = part::front_of(first)?;
    let mut inner = Vec::with_capacity(parts.iter().map(|part| part.as_ref().len()).sum());
    for (number, part) in parts.iter().enumerate() {
        let (number, part) = (u16::try_from(number).ok()?, part.as_ref());
        if part::front_of(part)? != front {
            return None;
        }
        part::open(key, context, number, part::salt_of(first), part, &mut inner)?;
    }
    Some(inner)
}

/// Takes the plaintext out of its padding; `None` unless every byte is where `Prepared` puts it.
fn unpack(inner: &[u8]) -> Option<Opened> {
    let (front, rest) = inner.split_first_chunk::<FRONT>()?;
    let (length, front) = front.split_first_chunk::<4>()?;
    let [flag, r @ ..] = front.first_chunk::<{ FRONT - 4 }>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|length| *length <= MAX_BODY)?;
    let (payload, plaintext) = match *flag {
        PLAIN => (length, rest.get(..length)?.to_vec()),
        ZSTD => {
            let frame = find_frame_compressed_size(rest).ok()?;
            let frame = rest.get(..frame)?;
            if get_frame_content_size(frame).ok()?? != length as u64 {
                return None;
            }
            let plaintext = DECOMPRESSOR.with_borrow_mut(|zstd| zstd.decompress(frame, length)).ok()?;
            (frame.len(), plaintext)
        }
        _ => return None,
    };
    (plaintext.len() == length && inner.len() == padded(FRONT + payload)).then_some(Opened { plaintext, r: *r })
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::bytes::hex;
    use crate::crypto::secret::ProfileKey;

    fn the_key() -> ProfileKey {
        ProfileKey::from_bytes([7; 32])
    }
    const SUITES: [Suite; 2] = [Suite::Aes256Gcm, Suite::ChaCha20Poly1305];

    fn sealed(suite: Suite, plaintext: &[u8]) -> Vec<Vec<u8>> {
        seal(suite, &the_key(), 3, b"place", &Prepared::new(plaintext).expect("prepare"))
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let step = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..length).map(step).collect()
    }

    #[test]
    fn a_body_opens_to_what_was_sealed() {
        for suite in SUITES {
            for length in [0, 1, 63, 64, 1500, 16_000, 16_384, 70_000] {
                for plaintext in [noise(length), vec![b'a'; length]] {
                    let prepared = Prepared::new(&plaintext).expect("prepare");
                    let parts = seal(suite, &the_key(), 3, b"place", &prepared);
                    assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), prepared.sealed_len());
                    assert!(parts.iter().all(|part| part.len() <= MAX_PART));
                    let opened = open(&the_key(), b"place", &parts).expect("open");
                    assert!(opened.plaintext == plaintext);
                    assert_eq!(opened.commitment(), prepared.commitment());
                }
            }
        }
    }

    #[test]
    fn a_part_has_the_form_that_stands_on_disk() {
        for suite in SUITES {
            let parts = sealed(suite, b"x");
            assert_eq!(parts.len(), 1);
            assert_eq!(parts[0].len(), 1 + 4 + 24 + 256 + 16);
            assert_eq!(hex(&parts[0][..5]), format!("0{}00000003", suite as u8));
            assert_eq!(epoch_of(&parts[0]), Some(3));
        }
        assert_eq!(epoch_of(&[1, 0, 0]), None);
    }

    #[test]
    fn a_body_sealed_by_the_first_release_still_opens() {
        let part = crate::crypto::bytes::unhex(include_str!("samples/body-1.hex"));
        assert_eq!(open(&the_key(), b"place", &[part]).expect("open").plaintext, b"sealed by the first release");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for suite in SUITES {
            let part = sealed(suite, b"x").remove(0);
            for bit in 0..part.len() * 8 {
                let mut bad = part.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(open(&the_key(), b"place", &[bad]).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_body_opens_only_with_its_key_at_its_place() {
        let parts = sealed(Suite::Aes256Gcm, b"x");
        assert!(open(&ProfileKey::from_bytes([8; 32]), b"place", &parts).is_err());
        assert!(open(&the_key(), b"other", &parts).is_err());
        assert!(open(&the_key(), b"place\0", &parts).is_err());
    }

    #[test]
    fn missing_swapped_cut_and_foreign_parts_are_noticed() {
        let plaintext = noise(40_000);
        let parts = sealed(Suite::Aes256Gcm, &plaintext);
        let earlier = sealed(Suite::Aes256Gcm, &plaintext);
        assert_eq!(parts.len(), 3);
        let refused =
            |parts: &[&Vec<u8>]| assert!(matches!(open(&the_key(), b"place", parts), Err(CryptoError::Sealed)));
        refused(&[]);
        refused(&[&parts[0]]);
        refused(&[&parts[0], &parts[1]]);
        refused(&[&parts[0], &parts[2]]);
        refused(&[&parts[1], &parts[0], &parts[2]]);
        refused(&[&parts[0], &parts[2], &parts[1]]);
        refused(&[&parts[0], &parts[1], &parts[2], &parts[2]]);
        refused(&[&parts[0], &parts[1], &earlier[2]]);
        refused(&[&earlier[0], &parts[1], &parts[2]]);
        let longer = sealed(Suite::Aes256Gcm, &noise(80_000));
        refused(&[&parts[0], &parts[1], &parts[2], &longer[3]]);
        let cut = parts[2][..parts[2].len() - 1].to_vec();
        refused(&[&parts[0], &parts[1], &cut]);
        refused(&[&Vec::new()]);
    }

    #[test]
    fn sizes_follow_padme_with_a_floor_of_256() {
        // From the definition: of a length in [2^E, 2^(E+1)), the last E - (floor(log2 E) + 1) bits are zero.
        let table =
            [(0, 256), (1, 256), (256, 256), (257, 272), (272, 272), (1000, 1024), (1025, 1088), (9_999, 10_240)];
        for (length, size) in table {
            assert_eq!(padded(length), size, "{length}");
        }
        for length in (1..100_000).chain([MAX_BODY, MAX_BODY + FRONT]) {
            let size = padded(length);
            assert!(size >= length && padded(size) == size);
            assert!(length < 256 || size - length <= length * 12 / 100, "{length} grows by more than 12 percent");
        }
    }

    #[test]
    fn two_bodies_of_nearly_the_same_size_look_alike() {
        assert_eq!(sealed(Suite::Aes256Gcm, &noise(1000))[0].len(), sealed(Suite::Aes256Gcm, &noise(1010))[0].len());
    }

    #[test]
    fn text_shrinks_and_noise_does_not_grow() {
        let prepared = |plaintext: &[u8]| Prepared::new(plaintext).expect("prepare").inner;
        let text = prepared(&b"{\"unit\":\"mg/dL\"}".repeat(200));
        assert_eq!((text[4], text.len()), (ZSTD, 256));
        let noise = prepared(&noise(1000));
        assert_eq!((noise[4], noise.len()), (PLAIN, padded(FRONT + 1000)));
    }

    #[test]
    fn resealing_keeps_the_commitment() {
        let prepared = Prepared::new(b"body").expect("prepare");
        let opened =
            open(&the_key(), b"place", &seal(Suite::Aes256Gcm, &the_key(), 1, b"place", &prepared)).expect("open");
        let again = opened.prepare_again().expect("prepare");
        assert_eq!(again.commitment(), prepared.commitment());
        let other = Prepared::new(b"body").expect("prepare");
        assert_ne!(other.commitment(), prepared.commitment(), "r is fresh for every new body");
    }

    #[test]
    fn a_body_reopened_for_another_key_keeps_its_lengths_and_its_commitment() {
        for plaintext in [vec![b'a'; 5_000], noise(40_000)] {
            let prepared = Prepared::new(&plaintext).expect("prepare");
            let old = seal(Suite::Aes256Gcm, &the_key(), 1, b"place", &prepared);
            let again = reopen(&the_key(), b"place", &old).expect("reopen");
            assert_eq!(again.commitment(), prepared.commitment());
            let other = ProfileKey::from_bytes([8; 32]);
            let new = seal(Suite::Aes256Gcm, &other, 2, b"place", &again);
            assert!(new.iter().map(Vec::len).eq(old.iter().map(Vec::len)));
            assert!(open(&other, b"place", &new).expect("open").plaintext == plaintext);
            assert!(reopen(&the_key(), b"place", &new).is_err() && reopen(&the_key(), b"other", &old).is_err());
        }
    }

    #[test]
    fn only_the_last_part_of_a_body_is_not_full() {
        let parts = sealed(Suite::Aes256Gcm, &noise(40_000));
        assert_eq!(parts.iter().map(|part| is_full_part(part)).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_body_shows_nothing_of_itself() {
        let prepared = Prepared::new(b"secret").expect("prepare");
        let opened = open(&the_key(), b"place", &sealed(Suite::Aes256Gcm, b"secret")).expect("open");
        assert_eq!(format!("{prepared:?} {opened:?}"), "Prepared(..) Opened(..)");
    }

    #[test]
    fn a_body_over_256_mib_is_too_large() {
        assert!(matches!(Prepared::new(&vec![0; MAX_BODY + 1]), Err(CryptoError::TooLarge)));
    }

    #[test]
    fn a_frame_that_promises_another_length_is_refused() {
        let mut inner = Prepared::new(&[b'a'; 1000]).expect("prepare").inner;
        assert!(unpack(&inner).is_some());
        for length in [0_u32, 999, 1001, u32::MAX] {
            inner[..4].copy_from_slice(&length.to_be_bytes());
            assert!(unpack(&inner).is_none(), "{length}");
        }
        assert!(unpack(&inner[..FRONT - 1]).is_none());
        inner[..4].copy_from_slice(&1000_u32.to_be_bytes());
        inner[4] = 2;
        assert!(unpack(&inner).is_none(), "an unknown flag");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(plaintext in prop::collection::vec(any::<u8>(), 0..40_000), context in prop::collection::vec(any::<u8>(), 0..80)) {
            let prepared = Prepared::new(&plaintext).expect("prepare");
            let parts = seal(Suite::fastest_here(), &the_key(), 1, &context, &prepared);
            prop_assert_eq!(open(&the_key(), &context, &parts).expect("open").plaintext, plaintext);
        }

        #[test]
        fn whatever_is_not_sealed_does_not_open(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(open(&the_key(), b"place", &[&bytes]).is_err());
            let _ = unpack(&bytes);
        }
    }
}
