//! Addresses that say nothing: who a row belongs to is visible only with the index key.
//!
//! `blind = first 16 bytes of HMAC-SHA-256(index key, label ‖ 0 ‖ (length ‖ part)…)`. The index key changes only
//! when a whole store is migrated, so an address stays the same for the life of a store.

use super::digest::hmac_sha256;
use super::secret::{IndexKey, KeyBytes as _};
use crate::id::ProfileId;

/// What stands in an address instead of the profile's id.
pub fn blind_profile(key: &IndexKey, profile: ProfileId) -> [u8; 16] {
    blind(key, "profile", &[profile.as_bytes()])
}

/// What stands in an address instead of `parts`; different labels and differently cut parts never meet.
pub fn blind(key: &IndexKey, label: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut input = Vec::with_capacity(label.len() + 1 + parts.iter().map(|part| part.len() + 8).sum::<usize>());
    input.extend_from_slice(label.as_bytes());
    input.push(0);
    for part in parts {
        input.extend_from_slice(&(part.len() as u64).to_be_bytes());
        input.extend_from_slice(part);
    }
    let [blinded @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hmac_sha256(&*key.bytes(), &[&input]);
    blinded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::hex;

    #[test]
    fn a_blinded_profile_has_the_form_that_stands_on_disk() {
        let blinded = blind_profile(&IndexKey::from_bytes([7; 32]), ProfileId::from_bytes([1; 16]));
        assert_eq!(hex(&blinded), "2cb397be808c8d1f84d73c105c217911");
    }

    #[test]
    fn labels_and_cuts_are_told_apart() {
        let key = IndexKey::from_bytes([7; 32]);
        let all = [
            blind(&key, "a", &[b"bc"]),
            blind(&key, "ab", &[b"c"]),
            blind(&key, "a", &[b"b", b"c"]),
            blind(&key, "a", &[b"bc", b""]),
            blind(&IndexKey::from_bytes([8; 32]), "a", &[b"bc"]),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| one != other));
        }
    }
}
