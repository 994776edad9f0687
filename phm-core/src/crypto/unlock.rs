//! A vault's keys, opened: slots, keyring and the two keys at the top, and the steps that change them together.
//!
//! Rotating the root takes three durable steps, and whatever a power cut leaves opens with the same secrets:
//! the slots hold the old root and the next one; the keyring is written under the next one; the slots hold the
//! next one alone. The replaced files are overwritten with zeros. [`Unlocked::settle`] finishes what was interrupted.

use std::path::Path;

use super::CryptoError;
use super::kdf::Cost;
use super::keyring::{self, Keyring, Owner};
use super::secret::{RootKey, Secret, UnlockKey};
use super::slot::{self, LockedSlots, OpenedSlots, SlotInfo, Slots};
use crate::id::{LogId, VaultId};

/// The opened keys of a vault. Opening writes nothing; changing is durable when the call returns.
#[derive(Debug)]
pub struct Unlocked {
    slots: Slots,
    keyring: Keyring,
    unlock: UnlockKey,
    root: RootKey,
    /// The slot that opened the vault.
    slot: u16,
    /// A rotation that a power cut interrupted: the root key to come.
    next_root: Option<RootKey>,
}

impl Unlocked {
    /// Makes slots and keyring in `dir`: a slot for each of `secrets`, a key for each of `owners`.
    pub fn create(
        dir: &Path,
        vault: VaultId,
        secrets: &[Secret],
        cost: Cost,
        owners: &[Owner],
    ) -> Result<Self, CryptoError> {
        let OpenedSlots { slots, unlock, root, slot, .. } = Slots::create(dir, vault, secrets, cost)?;
        let keyring = Keyring::create(dir, vault, &root, owners)?;
        Ok(Self { slots, keyring, unlock, root, slot, next_root: None })
    }

    /// Opens the slots in `dir` with `secret`, and with them the keyring.
    pub fn open(dir: &Path, vault: VaultId, secret: &Secret) -> Result<Self, CryptoError> {
        Self::under(dir, vault, LockedSlots::load(dir, vault)?.open(secret)?)
    }

    /// Opens the slots and the keyring in `dir`, a copy of this vault's, without any secret.
    pub fn open_copy(&self, dir: &Path, vault: VaultId) -> Result<Self, CryptoError> {
        Self::under(dir, vault, LockedSlots::load(dir, vault)?.open_as(&self.unlock)?)
    }

    fn under(dir: &Path, vault: VaultId, opened: OpenedSlots) -> Result<Self, CryptoError> {
        let OpenedSlots { slots, unlock, root, next_root, slot } = opened;
        let Some(next) = next_root else {
            let keyring = Keyring::load(dir, vault, &root)?;
            return Ok(Self { slots, keyring, unlock, root, slot, next_root: None });
        };
        let (keyring, under) = Keyring::load_under(dir, vault, &[&root, &next])?;
        let root = if under == 0 { root } else { next.clone() };
        Ok(Self { slots, keyring, unlock, root, slot, next_root: Some(next) })
    }

    /// Finishes an interrupted rotation and makes damaged copies whole; does nothing where all is well.
    pub fn settle(&mut self) -> Result<(), CryptoError> {
        if let Some(next) = self.next_root.clone() {
            self.finish_rotation(next, |_, _| true)?;
        }
        if self.keyring.needs_repair() {
            self.keyring.repair()?;
        }
        if self.slots.needs_repair() {
            self.slots.repair(&self.unlock)?;
        }
        Ok(())
    }

    /// Puts a new root key in place, and forgets every key of the owners in `without`.
    ///
    /// Afterwards an old keyring opens with none of today's secrets and slots, which is what erasing a person rests on.
    pub fn rotate_root(&mut self, without: &[Owner]) -> Result<(), CryptoError> {
        self.rotate_root_keeping(|owner, _| !without.contains(&owner))
    }

    fn rotate_root_keeping(&mut self, keep: impl Fn(Owner, u32) -> bool) -> Result<(), CryptoError> {
        // An interrupted rotation may have written keys that are to go under its root, so this one takes a new root.
        self.settle()?;
        let next = self.slots.begin_rotation(&self.unlock)?;
        self.next_root = Some(next.clone());
        self.finish_rotation(next, keep)
    }

    fn finish_rotation(&mut self, next: RootKey, keep: impl Fn(Owner, u32) -> bool) -> Result<(), CryptoError> {
        self.keyring.rewrap(&next, keep)?;
        self.root = next;
        self.slots.finish_rotation(&self.unlock)?;
        self.next_root = None;
        Ok(())
    }

    /// The files `slots` and `keyring` as they are written, whole whatever became of the copies on disk.
    pub fn files(&self) -> (Vec<u8>, Vec<u8>) {
        (self.slots.bytes(&self.unlock), self.keyring.bytes())
    }

    /// The keys of people and purposes.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes a new key for `owner`, durable when this returns, and gives back its epoch.
    pub fn add_key(&mut self, owner: Owner) -> Result<u32, CryptoError> {
        self.keyring.add(owner, &self.root)
    }

    /// Makes a new key for each of `owners` with one write of the keyring.
    pub fn add_keys(&mut self, owners: &[Owner]) -> Result<(), CryptoError> {
        self.keyring.add_many(owners, &self.root)
    }

    /// Makes the keys of a new audit log, which is the one to be written from now on.
    pub fn begin_log(&mut self, log: LogId) -> Result<(), CryptoError> {
        self.keyring.begin_log(log, &self.root)
    }

    /// Forgets an old key of `owner` and rotates the root, so that no old keyring opens it.
    pub fn drop_epoch(&mut self, owner: Owner, epoch: u32) -> Result<(), CryptoError> {
        self.drop_epochs(owner, &[epoch])
    }

    /// Forgets old keys of `owner` and rotates the root in one step, so that they are gone only together with the root
    /// under which an old keyring still has them.
    pub fn drop_epochs(&mut self, owner: Owner, epochs: &[u32]) -> Result<(), CryptoError> {
        let all = self.keyring.epochs(owner);
        if all.last().is_none_or(|newest| epochs.contains(newest)) {
            return Err(CryptoError::Refused("the newest key of an owner cannot be dropped alone"));
        }
        self.rotate_root_keeping(|other, epoch| other != owner || !epochs.contains(&epoch))
    }

    /// The ways to unlock this vault.
    pub fn slots(&self) -> Vec<SlotInfo> {
        self.slots.list()
    }

    /// The slot that opened the vault.
    pub fn opened_by(&self) -> u16 {
        self.slot
    }

    /// Adds a way to unlock and gives back its number.
    pub fn add_slot(&mut self, secret: &Secret, cost: Cost) -> Result<u16, CryptoError> {
        self.slots.add(&self.unlock, secret, cost)
    }

    /// Removes a way to unlock; the last one cannot be removed.
    pub fn remove_slot(&mut self, number: u16) -> Result<(), CryptoError> {
        self.slots.remove(&self.unlock, number)
    }

    /// Puts a new way to unlock in place of `old` ones and gives back its number; a cut leaves the old ones or the new.
    pub fn replace_slots(&mut self, old: &[u16], secret: &Secret, cost: Cost) -> Result<u16, CryptoError> {
        let number = self.slots.replace(&self.unlock, old, secret, cost)?;
        if old.contains(&self.slot) {
            self.slot = number;
        }
        Ok(number)
    }

    /// The names of files that were missing or damaged when the vault was opened and are not repaired.
    pub fn damaged(&self) -> Vec<&'static str> {
        self.slots.damaged().iter().chain(self.keyring.damaged()).copied().collect()
    }
}

/// The vault that the key files in `dir` name, unless they name several or none. Nothing is authenticated by this: it
/// tells which vault to try where nothing else does.
pub fn vault_named_in(dir: &Path) -> Option<VaultId> {
    let named = slot::FILES.iter().chain(&keyring::FILES).filter_map(|name| {
        let bytes = std::fs::read(dir.join(name)).ok()?;
        let known = bytes.starts_with(b"PHMS") || bytes.starts_with(b"PHMK");
        known.then(|| Some(VaultId::from_bytes(*bytes.get(5..)?.first_chunk()?))).flatten()
    });
    let named: std::collections::BTreeSet<VaultId> = named.collect();
    named.first().copied().filter(|_| named.len() == 1)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::id::ProfileId;

    const VAULT: VaultId = VaultId::from_bytes([9; 16]);

    fn secret() -> Secret {
        crate::crypto::secret::RecoveryCode::generate().secret()
    }

    fn person(number: u8) -> ProfileId {
        ProfileId::from_bytes([number; 16])
    }

    fn key_of(unlocked: &Unlocked, number: u8) -> Option<[u8; 32]> {
        use crate::crypto::secret::KeyBytes as _;
        unlocked.keyring().profile(person(number)).map(|(_, key)| *key.bytes())
    }

    fn vault_of_two(dir: &Path, secret: &Secret) -> Unlocked {
        let owners = [Owner::Index, Owner::State, Owner::Profile(person(1)), Owner::Profile(person(2))];
        Unlocked::create(dir, VAULT, std::slice::from_ref(secret), Cost::FLOOR, &owners).expect("create")
    }

    #[test]
    fn what_was_made_opens_again_with_the_same_keys() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let made = vault_of_two(dir.path(), &secret);
        let opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        assert_eq!(key_of(&opened, 1), key_of(&made, 1));
        assert!(opened.damaged().is_empty());
        assert!(Unlocked::create(dir.path(), VAULT, &[secret], Cost::FLOOR, &[]).is_err(), "never replaced");
    }

    #[test]
    fn after_a_rotation_an_old_keyring_opens_with_nothing_of_today() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let mut unlocked = vault_of_two(dir.path(), &secret);
        let old_keyring = fs::read(dir.path().join("keyring")).expect("read");
        let kept = key_of(&unlocked, 2);
        unlocked.rotate_root(&[Owner::Profile(person(1))]).expect("rotate");

        let opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        assert_eq!((key_of(&opened, 1), key_of(&opened, 2)), (None, kept));
        for name in ["keyring", "keyring.2"] {
            fs::write(dir.path().join(name), &old_keyring).expect("write");
        }
        assert!(matches!(Unlocked::open(dir.path(), VAULT, &secret), Err(CryptoError::BothCopies { file: "keyring" })));
    }

    #[test]
    fn a_rotation_leaves_no_old_wrap_on_the_disk() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut unlocked = vault_of_two(dir.path(), &secret());
        let names = ["slots", "slots.2", "keyring", "keyring.2"];
        let witness = |name| dir.path().join(format!("{name}.witness"));
        for name in names {
            fs::hard_link(dir.path().join(name), witness(name)).expect("link");
        }
        unlocked.rotate_root(&[]).expect("rotate");
        for name in names {
            assert!(fs::read(witness(name)).expect("read").iter().all(|byte| *byte == 0), "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 2 * names.len(), "nothing left beside them");
    }

    #[test]
    fn a_rotation_cut_at_any_step_opens_and_settles() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let mut unlocked = vault_of_two(dir.path(), &secret);
        let keys = (key_of(&unlocked, 1), key_of(&unlocked, 2));
        let names = ["slots", "slots.2", "keyring", "keyring.2"];
        let snapshot = || names.map(|name| fs::read(dir.path().join(name)).expect("read"));
        let before = snapshot();
        let next = unlocked.slots.begin_rotation(&unlocked.unlock).expect("begin");
        let begun = snapshot();
        unlocked.keyring.rewrap(&next, |_, _| true).expect("rewrap");
        let rewrapped = snapshot();
        unlocked.slots.finish_rotation(&unlocked.unlock).expect("finish");
        let after = snapshot();

        // The files are written one after the other; a cut leaves the first n of these changes.
        let [s1, s2, k1, k2] = [0, 1, 2, 3];
        let changes = [(s1, &begun), (s2, &begun), (k1, &rewrapped), (k2, &rewrapped), (s1, &after), (s2, &after)];
        for cut in 0..=changes.len() {
            let mut files = before.clone();
            for (file, state) in &changes[..cut] {
                files[*file].clone_from(&state[*file]);
            }
            for (name, bytes) in names.iter().zip(&files) {
                fs::write(dir.path().join(name), bytes).expect("write");
            }
            let mut opened = Unlocked::open(dir.path(), VAULT, &secret).expect("opens after any cut");
            assert_eq!((key_of(&opened, 1), key_of(&opened, 2)), keys, "cut {cut}");
            opened.settle().expect("settle");
            let settled = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
            assert!(settled.next_root.is_none() && settled.damaged().is_empty(), "cut {cut}");
            assert_eq!((key_of(&settled, 1), key_of(&settled, 2)), keys, "cut {cut}");
        }
    }

    #[test]
    fn a_power_cut_between_two_renames_loses_nothing_and_leaves_no_old_wrap() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let made = vault_of_two(dir.path(), &secret);
        for name in ["slots", "keyring.2"] {
            fs::rename(dir.path().join(name), dir.path().join(format!("{name}.old"))).expect("rename");
        }
        let mut opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        assert_eq!(key_of(&opened, 1), key_of(&made, 1));
        opened.settle().expect("settle");
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 4, "the four files and nothing else");
    }

    #[test]
    fn one_damaged_copy_of_each_file_is_named_and_repaired() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        vault_of_two(dir.path(), &secret);
        fs::write(dir.path().join("slots"), b"rubbish").expect("write");
        fs::remove_file(dir.path().join("keyring.2")).expect("remove");
        let mut opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        assert_eq!(opened.damaged(), ["slots", "keyring.2"]);
        opened.settle().expect("settle");
        assert!(opened.damaged().is_empty());
        assert!(Unlocked::open(dir.path(), VAULT, &secret).expect("open").damaged().is_empty());
    }

    #[test]
    fn settling_a_vault_that_is_well_writes_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let mut unlocked = vault_of_two(dir.path(), &secret);
        let before = fs::read(dir.path().join("keyring")).expect("read");
        unlocked.settle().expect("settle");
        assert_eq!(fs::read(dir.path().join("keyring")).expect("read"), before);
    }

    #[test]
    fn a_dropped_epoch_is_gone_and_the_newer_one_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let mut unlocked = vault_of_two(dir.path(), &secret);
        assert_eq!(unlocked.add_key(Owner::Profile(person(1))).expect("add"), 2);
        unlocked.drop_epoch(Owner::Profile(person(1)), 1).expect("drop");
        assert!(unlocked.drop_epoch(Owner::Profile(person(1)), 2).is_err(), "the newest one stays");
        let opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        assert_eq!(opened.keyring().epochs(Owner::Profile(person(1))), [2]);
    }

    #[test]
    fn an_epoch_goes_only_together_with_the_root_that_still_opens_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = secret();
        let mut unlocked = vault_of_two(dir.path(), &secret);
        unlocked.add_key(Owner::Profile(person(1))).expect("add");
        let old = fs::read(dir.path().join("keyring")).expect("read");
        // A folder stands where the keyring is prepared: the new root is written down, and the keyring is not.
        let blocked = dir.path().join("keyring.new");
        fs::create_dir(&blocked).expect("create");
        unlocked.drop_epoch(Owner::Profile(person(1)), 1).expect_err("blocked");
        fs::remove_dir(&blocked).expect("remove");
        let mut opened = Unlocked::open(dir.path(), VAULT, &secret).expect("open");
        opened.settle().expect("settle");
        assert_eq!(opened.keyring().epochs(Owner::Profile(person(1))), [1, 2], "not dropped, so it can be tried again");
        opened.drop_epoch(Owner::Profile(person(1)), 1).expect("drop");
        for name in ["keyring", "keyring.2"] {
            fs::write(dir.path().join(name), &old).expect("write");
        }
        assert!(Unlocked::open(dir.path(), VAULT, &secret).is_err(), "the old keyring opens nothing");
    }
}
