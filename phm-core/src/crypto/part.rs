//! One part of a sealed body: `format (1) ‖ epoch (4) ‖ salt (24) ‖ ciphertext ‖ tag (16)`, and the sizes of bodies.
//!
//! The salt is fresh for every part, so the derived key seals exactly once and the nonce carries no information.
//!
//! With the feature `null-cipher`, which only controls use, parts and sealed files keep their layout under format 0 and
//! nothing is hidden or checked. A build with it opens no real vault, and a real build opens none of its.

use super::aead::{Cipher, TAG};
use super::kdf::hkdf;
use super::secret::OwningKey;
use super::{Suite, random};

/// The longest part, which is what every store takes.
pub const MAX_PART: usize = 16 * 1024;

pub(super) const NULL: bool = cfg!(feature = "null-cipher");
pub(super) const NULL_FORMAT: u8 = 0;
const SALT: usize = 24;
const HEADER: usize = 5 + SALT;
/// What a part holds besides ciphertext.
pub(super) const OVERHEAD: usize = HEADER + TAG;
pub(super) const FLOOR: usize = 256;

/// The size `length` is padded to: the next Padmé size (Nikitin et al., "Reducing Metadata Leakage from Encrypted
/// Files and Communication with PURBs", 2019), at least 256.
pub(super) fn padded(length: usize) -> usize {
    let length = length.max(FLOOR);
    let exponent = length.ilog2();
    let last_bits = exponent - (exponent.ilog2() + 1);
    let mask = (1_usize << last_bits) - 1;
    (length + mask) & !mask
}

/// The salt of a part that has a header.
pub(super) fn salt_of(part: &[u8]) -> &[u8] {
    &part[5..HEADER]
}

/// Format and epoch, which all parts of a body share; `None` if this is too short for a part, or too long.
pub(super) fn front_of(part: &[u8]) -> Option<&[u8; 5]> {
    part.first_chunk().filter(|_| (OVERHEAD..=MAX_PART).contains(&part.len()))
}

/// A part holding `piece`, bound to `context`, `number` and the salt of the first part (`None`: this is the first).
pub(super) fn seal(
    suite: Suite,
    key: &impl OwningKey,
    epoch: u32,
    context: &[u8],
    number: u16,
    first_salt: Option<&[u8]>,
    piece: &[u8],
) -> Vec<u8> {
    let mut part = Vec::with_capacity(OVERHEAD + piece.len());
    part.push(if NULL { NULL_FORMAT } else { suite as u8 });
    part.extend_from_slice(&epoch.to_be_bytes());
    part.extend_from_slice(&if NULL { [0; SALT] } else { random::<SALT>() });
    part.extend_from_slice(piece);
    let (header, body) = part.split_at_mut(HEADER);
    let tag = if NULL {
        [0; TAG]
    } else {
        let bound = bound(header, context, number, first_salt.unwrap_or(salt_of(header)));
        cipher(suite, key, header).seal([0; 12], &bound, body)
    };
    part.extend_from_slice(&tag);
    part
}

/// Opens `part` onto the end of `out`; `None` unless [`seal`] made it with just these arguments.
pub(super) fn open(
    key: &impl OwningKey,
    context: &[u8],
    number: u16,
    first_salt: &[u8],
    part: &[u8],
    out: &mut Vec<u8>,
) -> Option<()> {
    let (header, body) = part.split_at_checked(HEADER)?;
    let start = out.len();
    out.extend_from_slice(body);
    let length = if NULL {
        (header[0] == NULL_FORMAT).then(|| body.len().saturating_sub(TAG))?
    } else {
        let suite = Suite::from_format(header[0])?;
        let bound = bound(header, context, number, first_salt);
        cipher(suite, key, header).open([0; 12], &bound, &mut out[start..])?.len()
    };
    out.truncate(start + length);
    Some(())
}

fn cipher(suite: Suite, key: &impl OwningKey, header: &[u8]) -> Cipher {
    Cipher::new(suite, &hkdf(&*key.owning(), salt_of(header), &[b"phm body", &header[..5]]))
}

fn bound(header: &[u8], context: &[u8], number: u16, first_salt: &[u8]) -> Vec<u8> {
    [header, context, &number.to_be_bytes(), first_salt].concat()
}
