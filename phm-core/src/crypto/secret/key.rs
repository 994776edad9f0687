//! Keys, each its own type.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::locked::Held;
use crate::crypto::digest::hmac_sha256;

/// The bytes of a key, for the inside of this folder only.
pub(crate) trait KeyBytes {
    /// The key itself, for as long as a calculation needs it.
    fn bytes(&self) -> Zeroizing<[u8; 32]>;
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Held);

        impl $name {
            /// A new random key.
            pub fn generate() -> Self {
                Self(Held::random())
            }

            /// The key with these bytes.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(Held::new(Zeroizing::new(bytes)))
            }
        }

        impl KeyBytes for $name {
            fn bytes(&self) -> Zeroizing<[u8; 32]> {
                self.0.bytes()
            }
        }

        impl From<Held> for $name {
            fn from(key: Held) -> Self {
                Self(key)
            }
        }

        impl From<Zeroizing<[u8; 32]>> for $name {
            fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
                Self(Held::new(bytes))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

key!(
    /// Wraps the root key; itself wrapped once per slot.
    UnlockKey
);
key!(
    /// Wraps the keys of the keyring, and does nothing else.
    RootKey
);
key!(
    /// Seals everything about one person.
    ProfileKey
);
key!(
    /// Seals what the audit log says about one person, inside.
    AboutKey
);
key!(
    /// Blinds the owners in addresses.
    IndexKey
);
key!(
    /// Seals the outer part of audit entries.
    AuditKey
);
key!(
    /// Seals state rows and heads.
    StateKey
);
key!(
    /// Authenticates the secrets of tokens.
    TokenKey
);
key!(
    /// Seals and signs backups.
    BackupKey
);
key!(
    /// Signs the checkpoints of one audit log (Ed25519, RFC 8032).
    CheckpointSeed
);
key!(
    /// Signs packages of plugins (Ed25519, RFC 8032). Its owner is the author of a plugin; no vault holds one.
    PackageKey
);
key!(
    /// Seals spool files; lives in memory only.
    SpoolKey
);
key!(
    /// Seals the file of one document; stands in the document's journal entry.
    FileKey
);

mod sealed {
    use zeroize::Zeroizing;

    /// The body key's input, closed to other crates.
    pub trait Owning {
        /// The key itself, for as long as a calculation needs it.
        fn owning(&self) -> Zeroizing<[u8; 32]>;
    }
}

/// A key that owns sealed bodies: each body is sealed under a key derived from it.
pub trait OwningKey: sealed::Owning {}

macro_rules! owning {
    ($($name:ident)*) => {$(
        impl sealed::Owning for $name {
            fn owning(&self) -> Zeroizing<[u8; 32]> {
                self.0.bytes()
            }
        }
        impl OwningKey for $name {}
    )*};
}

owning!(ProfileKey AboutKey AuditKey StateKey BackupKey SpoolKey FileKey);

macro_rules! signs {
    ($($name:ident)*) => {$(
        impl $name {
            /// The Ed25519 signature of this key under `message`.
            pub fn sign(&self, message: &[u8]) -> [u8; 64] {
                pair(&self.0.bytes()).sign(message).as_ref().try_into().expect("Ed25519 fixes the length")
            }

            /// What [`verify_signature`] needs to check a signature of this key.
            pub fn public_key(&self) -> [u8; 32] {
                pair(&self.0.bytes()).public_key().as_ref().try_into().expect("Ed25519 fixes the length")
            }
        }
    )*};
}

signs!(CheckpointSeed BackupKey PackageKey);

fn pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("every 32 bytes are a seed")
}

/// Whether `signature` was made under `message` by the owner of `public_key` (Ed25519, RFC 8032).
pub fn verify_signature(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok()
}

impl TokenKey {
    /// What stands in the vault instead of a token's secret.
    pub fn digest(&self, public_id: &[u8], secret: &[u8]) -> [u8; 32] {
        hmac_sha256(&*self.0.bytes(), &[b"phm token", &(public_id.len() as u64).to_be_bytes(), public_id, secret])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::{hex, unhex};

    #[test]
    fn signatures_match_rfc_8032_test_2() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let seed = CheckpointSeed::from_bytes(unhex(seed).try_into().expect("32 bytes"));
        assert_eq!(hex(&seed.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = seed.sign(&[0x72]);
        assert_eq!(
            hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(verify_signature(&seed.public_key(), &[0x72], &signature));
        assert!(!verify_signature(&seed.public_key(), &[0x73], &signature));
        assert!(!verify_signature(&seed.public_key(), &[0x72], &signature[1..]));
    }

    #[test]
    fn a_token_digest_tells_id_and_secret_apart() {
        let key = TokenKey::generate();
        assert_ne!(key.digest(b"ab", b"c"), key.digest(b"a", b"bc"));
        assert_eq!(key.digest(b"ab", b"c"), key.digest(b"ab", b"c"));
    }
}
