//! Keys, each its own type, and the secrets people keep: passphrase, key file, recovery code.
//!
//! A key prints as nothing, is wiped when dropped, and cannot be used where another kind is meant. Its bytes never
//! leave this folder.

mod kept;
mod key;
mod locked;
mod recovery;

pub use self::kept::{KeyProvider, Secret, SecretKind, make_key_file};
pub(crate) use self::key::KeyBytes;
pub use self::key::{
    AboutKey, AuditKey, BackupKey, CheckpointSeed, FileKey, IndexKey, OwningKey, PackageKey, ProfileKey, RootKey,
    SpoolKey, StateKey, TokenKey, UnlockKey, verify_signature,
};
pub(in crate::crypto) use self::locked::Held;
pub use self::locked::swappable_pages;
pub use self::recovery::RecoveryCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_and_no_secret_shows_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = make_key_file(&dir.path().join("key")).expect("key file");
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            ProfileKey::from_bytes([0x41; 32]),
            RootKey::from_bytes([0x41; 32]),
            Secret::passphrase("correct horse"),
            file,
            RecoveryCode::generate(),
            RecoveryCode::generate().secret(),
        );
        assert_eq!(
            shown,
            "ProfileKey(..) RootKey(..) Secret(Passphrase, ..) Secret(KeyFile, ..) RecoveryCode(..) Secret(RecoveryCode, ..)"
        );
    }
}
