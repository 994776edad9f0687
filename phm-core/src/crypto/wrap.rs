//! A key under another key: `wrapped = salt (24) ‖ AES-256-GCM[HKDF(wrapping key, salt, "phm wrap" ‖ 1)](key) ‖ tag (16)`.
//!
//! The salt is fresh for every wrap, so the derived key is used once and the nonce is zero. A wrap is bound to its
//! context: one that was moved to another vault, owner or epoch does not open.

use zeroize::Zeroizing;

use super::aead::{Cipher, Suite, TAG};
use super::kdf::hkdf;
use super::random;

const SALT: usize = 24;

/// Bytes of a wrapped key.
pub(super) const WRAPPED: usize = SALT + 32 + TAG;

/// A wrapped key as it stands on disk.
pub(super) type Wrapped = [u8; WRAPPED];

fn cipher(key: &[u8; 32], salt: &[u8]) -> Cipher {
    Cipher::new(Suite::Aes256Gcm, &hkdf(key, salt, &[b"phm wrap", &[1]]))
}

/// Wraps `secret` under `key`, bound to `context`.
pub(super) fn wrap(key: &[u8; 32], context: &[&[u8]], secret: &[u8; 32]) -> Wrapped {
    let mut out = [0; WRAPPED];
    out[..SALT].copy_from_slice(&random::<SALT>());
    out[SALT..SALT + 32].copy_from_slice(secret);
    let (salt, body) = out.split_at_mut(SALT);
    let tag = cipher(key, salt).seal([0; 12], &context.concat(), &mut body[..32]);
    body[32..].copy_from_slice(&tag);
    out
}

/// The key in `wrapped`; `None` unless it was wrapped under `key` for `context`.
pub(super) fn unwrap(key: &[u8; 32], context: &[&[u8]], wrapped: &Wrapped) -> Option<Zeroizing<[u8; 32]>> {
    let (salt, body) = wrapped.split_at(SALT);
    let mut body: Zeroizing<[u8; 32 + TAG]> = Zeroizing::new(body.try_into().expect("the length is fixed"));
    let secret = cipher(key, salt).open([0; 12], &context.concat(), &mut *body)?;
    Some(Zeroizing::new((&*secret).try_into().expect("the length is fixed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_with_its_key_and_context() {
        let wrapped = wrap(&[1; 32], &[b"vault", b"owner"], &[2; 32]);
        assert_eq!(*unwrap(&[1; 32], &[b"vault", b"owner"], &wrapped).expect("open"), [2; 32]);
        assert!(unwrap(&[3; 32], &[b"vault", b"owner"], &wrapped).is_none());
        assert!(unwrap(&[1; 32], &[b"vault", b"other"], &wrapped).is_none());
    }

    #[test]
    fn every_flipped_bit_of_a_wrap_is_noticed() {
        let wrapped = wrap(&[1; 32], &[b"x"], &[2; 32]);
        for bit in 0..WRAPPED * 8 {
            let mut bad = wrapped;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap(&[1; 32], &[b"x"], &bad).is_none(), "bit {bit}");
        }
    }
}
