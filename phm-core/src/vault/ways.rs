//! The ways to unlock a vault: listed, added, changed, removed, by the operator alone.
//!
//! A change stands in the audit log before it is made, so no way in comes or goes without a trace; one that then fails
//! has a second entry that says so. Each change is one durable step: whatever a kill leaves opens with the old secret
//! or with the new one.

use std::path::Path;

use super::Vault;
use super::folder::Folder;
use super::session::Session;
use crate::access::Actor;
use crate::audit::entry::{Deed, Outcome};
use crate::crypto::secret::{RecoveryCode, Secret, SecretKind};
use crate::crypto::slot::{LockedSlots, SlotInfo};
use crate::crypto::unlock::Unlocked;
use crate::error::{Error, ErrorKind, Result};
use crate::id::ProfileId;

/// What is worth telling the vault's keeper about the ways to unlock it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Only a recovery code is left: with that paper the vault is lost too.
    OnlyRecoveryCode,
    /// There is no recovery code: when passphrase and key file are lost, the vault is.
    NoRecoveryCode,
}

impl Advice {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnlyRecoveryCode => "only-recovery-code",
            Self::NoRecoveryCode => "no-recovery-code",
        }
    }
}

/// The ways to unlock a vault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ways {
    /// Every slot, oldest first.
    pub slots: Vec<SlotInfo>,
    /// The copies of the file that are missing or damaged.
    pub damaged: Vec<&'static str>,
}

impl Ways {
    /// What is worth telling about them.
    pub fn advice(&self) -> Option<Advice> {
        let codes = self.slots.iter().filter(|slot| slot.kind == SecretKind::RecoveryCode).count();
        match codes {
            0 => Some(Advice::NoRecoveryCode),
            codes if codes == self.slots.len() => Some(Advice::OnlyRecoveryCode),
            _ => None,
        }
    }

    fn of(unlocked: &Unlocked) -> Self {
        Self { slots: unlocked.slots(), damaged: Vec::new() }
    }
}

impl Vault {
    /// The ways to unlock the vault in this folder, as its file names them. Takes no secret, so nothing is proven yet,
    /// and no lock, so it works while the vault is served.
    pub fn ways(dir: &Path) -> Result<Ways> {
        let marker = Folder::marker(dir)?;
        let slots = LockedSlots::load(dir, marker.vault)?;
        Ok(Ways { slots: slots.list(), damaged: slots.damaged().to_vec() })
    }

    /// The slot that a secret opens: whoever asks the holder of an open vault to act as the operator proves it with one.
    ///
    /// # Errors
    /// `wrong-secret` when it opens none.
    pub fn admits(&self, secret: &Secret) -> Result<u16> {
        Ok(LockedSlots::load(self.dir(), self.id())?.open(secret)?.slot)
    }
}

impl Session {
    /// The ways to unlock the vault.
    pub fn ways(&self) -> Result<Ways> {
        self.is_operator()?;
        self.inner.keys.with_unlocked(|unlocked| Ok(Ways::of(unlocked)))
    }

    /// The slot that the secret of this opening opened.
    pub fn opened_by(&self) -> Result<u16> {
        self.is_operator()?;
        self.inner.keys.with_unlocked(|unlocked| Ok(unlocked.opened_by()))
    }

    /// Adds a way to unlock and gives back its number.
    ///
    /// # Errors
    /// `conflict` where the secret opens the vault already.
    pub fn add_secret(&self, secret: &Secret) -> Result<u16> {
        let cost = self.inner.options.cost;
        self.change_keys("key-add", |unlocked| Ok(unlocked.add_slot(secret, cost)?))
    }

    /// Puts `secret` in place of the one that opens `slot`, or of the one this vault was opened with, and gives back the
    /// numbers of the old slot and the new one.
    ///
    /// # Errors
    /// `not-found` where there is no such slot, `conflict` where the secret opens the vault already, `recovery-code`
    /// where the slot is that of a recovery code, which only [`Session::new_recovery_code`] replaces.
    pub fn change_secret(&self, slot: Option<u16>, secret: &Secret) -> Result<(u16, u16)> {
        let cost = self.inner.options.cost;
        self.change_keys("key-change", |unlocked| {
            let old = slot.unwrap_or(unlocked.opened_by());
            if unlocked.slots().iter().any(|slot| slot.number == old && slot.kind == SecretKind::RecoveryCode) {
                let text = "a recovery code is not changed into another secret; name the slot of a passphrase or a \
                            key file, or add one";
                return Err(Error::new(ErrorKind::Invalid, "recovery-code", text));
            }
            Ok((old, unlocked.replace_slots(&[old], secret, cost)?))
        })
    }

    /// Removes a way to unlock.
    ///
    /// # Errors
    /// `not-found` where there is no such slot, `invalid` where it is the last one, `only-recovery-code` where nothing
    /// but a recovery code would be left, unless that is `accepted`.
    pub fn remove_secret(&self, slot: u16, accepted: bool) -> Result<()> {
        self.change_keys("key-remove", |unlocked| {
            let mut left = Ways::of(unlocked);
            left.slots.retain(|left| left.number != slot);
            if !left.slots.is_empty() && left.advice() == Some(Advice::OnlyRecoveryCode) && !accepted {
                let text = "then only a recovery code would open this vault; add a passphrase or a key file first";
                return Err(Error::new(ErrorKind::Invalid, "only-recovery-code", text));
            }
            Ok(unlocked.remove_slot(slot)?)
        })
    }

    /// Makes a new recovery code, which is shown once, in place of every old one; gives back the number of its slot too.
    ///
    /// # Errors
    /// `recovery-code` where the vault was opened with a recovery code: if the new one were lost on its way to paper,
    /// nothing that is known would open the vault.
    pub fn new_recovery_code(&self) -> Result<(RecoveryCode, u16)> {
        let cost = self.inner.options.cost;
        self.change_keys("key-recovery", |unlocked| {
            let mut old = unlocked.slots();
            old.retain(|slot| slot.kind == SecretKind::RecoveryCode);
            let old: Vec<u16> = old.iter().map(|slot| slot.number).collect();
            if old.contains(&unlocked.opened_by()) {
                let text = "open the vault with a passphrase or a key file to make a new recovery code; add one first";
                return Err(Error::new(ErrorKind::Invalid, "recovery-code", text));
            }
            let code = RecoveryCode::generate();
            let slot = unlocked.replace_slots(&old, &code.secret(), cost)?;
            Ok((code, slot))
        })
    }

    /// Puts a new root key in place, so that no older copy of the keyring opens with today's slots. Resumed by the next
    /// opening where it is interrupted.
    pub fn rotate_root(&self) -> Result<()> {
        self.change_keys("root-rotate", |unlocked| Ok(unlocked.rotate_root(&[])?))
    }

    pub(super) fn is_operator(&self) -> Result<()> {
        match self.actor {
            Actor::Operator => Ok(()),
            _ => Err(Error::new(ErrorKind::Denied, "not-granted", "only who holds the vault's secret may do this")),
        }
    }

    pub(super) fn change_keys<T>(&self, operation: &str, change: impl FnOnce(&mut Unlocked) -> Result<T>) -> Result<T> {
        self.is_operator()?;
        self.inner.may_change()?;
        self.note_keys(operation, Outcome::Allowed)?;
        let changed = self.inner.keys.with_unlocked(change);
        if changed.is_err() {
            self.note_keys(operation, Outcome::Failed)?;
        }
        changed
    }

    /// Notes a change of the keys, durable when it returns.
    fn note_keys(&self, operation: &str, outcome: Outcome) -> Result<()> {
        let mut done = self.deed(Deed::Administer, operation, ProfileId::SYSTEM, "key", []);
        done.outcome = outcome;
        self.note(done)?;
        self.inner.committer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::query::AuditQuery;
    use crate::crypto::kdf::Cost;
    use crate::vault::Options;

    fn options() -> Options {
        Options { cost: Cost::FLOOR, ..Options::default() }
    }

    fn secret() -> Secret {
        RecoveryCode::generate().secret()
    }

    fn key_file(dir: &Path, name: &str) -> Secret {
        crate::crypto::secret::make_key_file(&dir.join(name)).expect("a key file")
    }

    /// A vault opened with its first key file, and the recovery code.
    fn vault(home: &Path) -> (Vault, Secret, RecoveryCode) {
        let secret = key_file(home, "key");
        let (vault, code) = Vault::create(&home.join("vault"), std::slice::from_ref(&secret), options()).expect("made");
        (vault, secret, code)
    }

    fn opens(home: &Path, secret: &Secret) -> bool {
        match Vault::open(&home.join("vault"), secret, options()) {
            Ok(vault) => {
                vault.close().expect("closed");
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WrongSecret);
                false
            }
        }
    }

    #[test]
    fn a_secret_can_be_added_changed_and_removed() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, first, _) = vault(home.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let (second, words) = (key_file(home.path(), "second"), Secret::passphrase("correct horse"));
        assert_eq!(session.add_secret(&words).expect("added"), 3);
        assert_eq!(session.add_secret(&words).expect_err("known").code(), "conflict");
        assert_eq!(session.change_secret(None, &second).expect("changed"), (1, 4), "the one that opened the vault");
        assert_eq!(session.opened_by().expect("a number"), 4);
        let kinds: Vec<_> = session.ways().expect("ways").slots.iter().map(|slot| (slot.number, slot.kind)).collect();
        let expected = [(2, SecretKind::RecoveryCode), (3, SecretKind::Passphrase), (4, SecretKind::KeyFile)];
        assert_eq!(kinds, expected);
        session.remove_secret(3, false).expect("removed");
        assert_eq!(session.remove_secret(3, false).expect_err("gone").kind(), ErrorKind::NotFound);
        drop(session);
        vault.close().expect("closed");
        assert_eq!([&first, &second, &words].map(|secret| opens(home.path(), secret)), [false, true, false]);
    }

    #[test]
    fn the_last_way_in_stays_and_a_recovery_code_is_not_left_alone_by_accident() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault(home.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        assert_eq!(session.ways().expect("ways").advice(), None);
        assert_eq!(session.remove_secret(1, false).expect_err("a code alone").code(), "only-recovery-code");
        session.remove_secret(2, false).expect("removed");
        assert_eq!(session.ways().expect("ways").advice(), Some(Advice::NoRecoveryCode));
        assert_eq!(session.remove_secret(1, true).expect_err("the last one").code(), "invalid");
        session.new_recovery_code().expect("a new one");
        session.remove_secret(1, true).expect("removed, as was wished");
        assert_eq!(session.ways().expect("ways").advice(), Some(Advice::OnlyRecoveryCode));
    }

    #[test]
    fn a_new_recovery_code_takes_the_place_of_the_old_one() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, key, old) = vault(home.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let (new, slot) = session.new_recovery_code().expect("a new one");
        assert_eq!(slot, 3);
        drop(session);
        vault.close().expect("closed");
        assert_eq!([old.secret(), new.secret(), key].map(|secret| opens(home.path(), &secret)), [false, true, true]);
        let vault = Vault::open(&home.path().join("vault"), &new.secret(), options()).expect("opened");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        assert_eq!(session.new_recovery_code().expect_err("by a code").code(), "recovery-code");
        assert_eq!(session.change_secret(None, &secret()).expect_err("a code").code(), "recovery-code");
    }

    #[test]
    fn a_new_root_shuts_older_keyrings_out_and_keeps_everything_readable() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, key, _) = vault(home.path());
        let dir = home.path().join("vault");
        let old = std::fs::read(dir.join("keyring")).expect("the keyring");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let asha = session.add_profile(&serde_json::json!({"name": {"text": "Asha"}}), None).expect("a person");
        session.rotate_root().expect("rotated");
        drop(session);
        vault.close().expect("closed");
        let vault = Vault::open(&dir, &key, options()).expect("opened");
        assert!(vault.verify(None).expect("verified").ok);
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        assert_eq!(session.profiles().expect("people")[0].profile, asha.profile);
        drop(session);
        vault.close().expect("closed");
        for name in ["keyring", "keyring.2"] {
            std::fs::write(dir.join(name), &old).expect("put back");
        }
        let refused = Vault::open(&dir, &key, options()).expect_err("under the old root");
        assert_eq!(refused.kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn every_change_of_the_ways_in_stands_in_the_log_and_only_the_operator_makes_one() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault(home.path());
        let session = vault.session(Actor::Operator, "moving house").expect("the operator");
        session.add_secret(&key_file(home.path(), "second")).expect("added");
        session.remove_secret(9, false).expect_err("no such slot");
        let query = AuditQuery { kind: Some("key".to_owned()), ..AuditQuery::default() };
        let rows = session.who_looked(ProfileId::SYSTEM, &query).expect("a page").rows;
        let found: Vec<_> = rows.iter().map(|row| (row.operation.as_deref(), row.outcome)).collect();
        let expected = [("key-remove", "failed"), ("key-remove", "allowed"), ("key-add", "allowed")];
        assert_eq!(found, expected.map(|(operation, outcome)| (Some(operation), outcome)), "newest first");
        assert!(rows.iter().all(|row| row.action == "administer" && row.purpose.as_deref() == Some("moving house")));
        let gate = vault.session(Actor::Gate, "test").expect("the gate");
        assert_eq!(gate.add_secret(&secret()).expect_err("not the operator").kind(), ErrorKind::Denied);
        assert_eq!(gate.ways().expect_err("not the operator").kind(), ErrorKind::Denied);
    }

    #[test]
    fn the_ways_in_are_listed_while_the_vault_is_open_elsewhere() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault(home.path());
        let ways = Vault::ways(vault.dir()).expect("listed");
        assert_eq!((ways.slots.len(), ways.damaged.len()), (2, 0));
        std::fs::write(vault.dir().join("slots.2"), b"rubbish").expect("damaged");
        assert_eq!(Vault::ways(vault.dir()).expect("listed").damaged, ["slots.2"]);
        assert_eq!(Vault::ways(home.path()).expect_err("no vault").kind(), ErrorKind::NotFound);
    }
}
