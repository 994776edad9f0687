//! The keys of the embedding program's tokens, and how they change.
//!
//! A new key is durable before it is given out. The earlier one stays until the program says that nothing it signed is
//! good any more; then it is forgotten, under a new root.

use super::Vault;
use super::session::Session;
use crate::crypto::keyring::Owner;
use crate::crypto::secret::TokenKey;
use crate::error::Result;

impl Vault {
    /// The keys that authenticate the tokens of the embedding program, the newest first, each with its epoch.
    pub fn token_keys(&self) -> Vec<(u32, TokenKey)> {
        self.inner.keys.token_keys()
    }
}

impl Session {
    /// Makes a new key for tokens and answers its epoch; the earlier ones stay.
    pub fn rotate_token_key(&self) -> Result<u32> {
        self.change_keys("token-key-rotate", |unlocked| Ok(unlocked.add_key(Owner::Token)?))
    }

    /// Forgets earlier keys of tokens.
    ///
    /// # Errors
    /// When the newest is among them.
    pub fn forget_token_keys(&self, epochs: &[u32]) -> Result<()> {
        self.change_keys("token-key-forget", |unlocked| Ok(unlocked.drop_epochs(Owner::Token, epochs)?))
    }
}

#[cfg(test)]
mod tests {
    use crate::access::Actor;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::vault::{Options, Vault};

    #[test]
    fn a_new_token_key_stands_beside_the_old_until_that_is_forgotten() {
        let home = tempfile::tempdir().expect("a folder");
        let options = || Options { cost: Cost::FLOOR, ..Options::default() };
        let (dir, secret) = (home.path().join("vault"), Secret::passphrase("a passphrase for tests"));
        let (vault, _) = Vault::create(&dir, &[secret], options()).expect("a vault");
        let digest = |vault: &Vault| -> Vec<(u32, [u8; 32])> {
            vault.token_keys().iter().map(|(epoch, key)| (*epoch, key.digest(b"id", b"secret"))).collect()
        };
        let first = digest(&vault);
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let epoch = session.rotate_token_key().expect("rotated");
        let both = digest(&vault);
        assert_eq!((both.len(), both[0].0, both[1]), (2, epoch, first[0]));
        assert_ne!(both[0].1, both[1].1);
        session.forget_token_keys(&[epoch]).expect_err("the newest stays");
        session.forget_token_keys(&[first[0].0]).expect("forgotten");
        assert_eq!(digest(&vault), both[..1]);
        vault.session(Actor::Gate, "test").expect("the gate").rotate_token_key().expect_err("for the operator alone");
        drop(session);
        vault.close().expect("closed");
        let again = Vault::open(&dir, &Secret::passphrase("a passphrase for tests"), options()).expect("opened");
        assert_eq!(digest(&again), both[..1]);
    }
}
