//! Changing the ways to unlock: a slot added, removed, or put in place of others.
//!
//! Each change is one new generation of the file, so whatever a power cut leaves opens with the old secrets or with the
//! new ones. A copy that still names an old secret gives way to the newer one, and is wiped.

use super::form::{Slot, State};
use super::{MAX_SLOTS, Slots, fit_to_open};
use crate::crypto::CryptoError;
use crate::crypto::kdf::Cost;
use crate::crypto::secret::{Secret, UnlockKey};

impl Slots {
    /// Adds a slot for `secret` and gives back its number; refused where the secret opens one already.
    pub fn add(&mut self, unlock: &UnlockKey, secret: &Secret, cost: Cost) -> Result<u16, CryptoError> {
        let mut state = self.state.clone();
        let number = self.put(&mut state, unlock, secret, cost)?;
        self.write(state, unlock)?;
        Ok(number)
    }

    /// Removes the slot `number`; the last one cannot be removed.
    pub fn remove(&mut self, unlock: &UnlockKey, number: u16) -> Result<(), CryptoError> {
        let mut state = self.state.clone();
        take(&mut state, number)?;
        if state.slots.is_empty() {
            return Err(CryptoError::Refused(
                "the last way to unlock a vault cannot be removed; add another one first",
            ));
        }
        self.write(state, unlock)
    }

    /// Puts a slot for `secret` in place of the slots `old`, in one step, and gives back its number.
    pub fn replace(
        &mut self,
        unlock: &UnlockKey,
        old: &[u16],
        secret: &Secret,
        cost: Cost,
    ) -> Result<u16, CryptoError> {
        let mut state = self.state.clone();
        for number in old {
            take(&mut state, *number)?;
        }
        let number = self.put(&mut state, unlock, secret, cost)?;
        self.write(state, unlock)?;
        Ok(number)
    }

    /// Puts a slot for `secret` at the end of `state`.
    fn put(&self, state: &mut State, unlock: &UnlockKey, secret: &Secret, cost: Cost) -> Result<u16, CryptoError> {
        fit_to_open(secret)?;
        // Also one that is about to be replaced: a change to the same secret would change nothing.
        if let Some(slot) = self.state.slots.iter().find(|slot| slot.is_of(self.vault, secret)) {
            return Err(CryptoError::KnownSecret { slot: slot.number });
        }
        let number = state.next_number;
        state.next_number = number
            .checked_add(1)
            .filter(|_| state.slots.len() < MAX_SLOTS)
            .ok_or(CryptoError::Refused("a vault has at most 32 ways to unlock it; remove one first"))?;
        state.slots.push(Slot::make(self.vault, number, secret, cost, unlock));
        Ok(number)
    }
}

fn take(state: &mut State, number: u16) -> Result<(), CryptoError> {
    let before = state.slots.len();
    state.slots.retain(|slot| slot.number != number);
    if state.slots.len() < before { Ok(()) } else { Err(CryptoError::NoSlot) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::crypto::secret::{KeyBytes as _, RecoveryCode};
    use crate::crypto::slot::{LockedSlots, OpenedSlots};
    use crate::id::VaultId;

    const VAULT: VaultId = VaultId::from_bytes([9; 16]);

    fn code() -> Secret {
        RecoveryCode::generate().secret()
    }

    fn open(dir: &Path, secret: &Secret) -> Result<OpenedSlots, CryptoError> {
        LockedSlots::load(dir, VAULT)?.open(secret)
    }

    fn new_folder(secrets: &[Secret]) -> (tempfile::TempDir, OpenedSlots) {
        let dir = tempfile::tempdir().expect("a folder");
        let opened = Slots::create(dir.path(), VAULT, secrets, Cost::FLOOR).expect("create");
        (dir, opened)
    }

    #[test]
    fn a_slot_can_be_added_and_removed_but_not_the_last_one() {
        let (first, second) = (code(), code());
        let (dir, mut opened) = new_folder(std::slice::from_ref(&first));
        assert_eq!(opened.slots.add(&opened.unlock, &second, Cost::FLOOR).expect("add"), 2);
        opened.slots.remove(&opened.unlock, 1).expect("remove");
        assert!(matches!(opened.slots.remove(&opened.unlock, 1), Err(CryptoError::NoSlot)), "it is gone");
        assert!(opened.slots.remove(&opened.unlock, 2).is_err(), "it is the last one");
        assert!(matches!(open(dir.path(), &first), Err(CryptoError::WrongSecret)));
        let mut opened = open(dir.path(), &second).expect("open");
        assert_eq!(opened.slot, 2, "the one that opened it");
        assert_eq!(opened.slots.add(&opened.unlock, &first, Cost::FLOOR).expect("add"), 3, "numbers are never reused");
    }

    #[test]
    fn a_secret_opens_one_slot_only() {
        let words = Secret::passphrase("correct horse");
        let (_dir, mut opened) = new_folder(&[code(), words.clone()]);
        let refused = opened.slots.add(&opened.unlock, &words, Cost::FLOOR);
        assert!(matches!(refused, Err(CryptoError::KnownSecret { slot: 2 })));
        let refused = opened.slots.replace(&opened.unlock, &[2], &words, Cost::FLOOR);
        assert!(matches!(refused, Err(CryptoError::KnownSecret { slot: 2 })));
    }

    #[test]
    fn a_replaced_secret_opens_nothing_and_the_others_stay() {
        let (kept, old, older, new) = (code(), code(), code(), Secret::passphrase("correct horse"));
        let (dir, mut opened) = new_folder(&[old.clone(), kept.clone(), older.clone()]);
        assert!(matches!(opened.slots.replace(&opened.unlock, &[1, 9], &new, Cost::FLOOR), Err(CryptoError::NoSlot)));
        assert_eq!(opened.slots.replace(&opened.unlock, &[1, 3], &new, Cost::FLOOR).expect("replace"), 4);
        for gone in [&old, &older] {
            assert!(matches!(open(dir.path(), gone), Err(CryptoError::WrongSecret)));
        }
        for secret in [&kept, &new] {
            assert_eq!(open(dir.path(), secret).expect("open").root.bytes(), opened.root.bytes());
        }
    }

    #[test]
    fn a_removed_secret_does_not_open_an_older_copy_left_beside_the_newest() {
        let (first, second) = (code(), code());
        let (dir, mut opened) = new_folder(&[first.clone(), second]);
        let older = fs::read(dir.path().join("slots.2")).expect("read");
        opened.slots.remove(&opened.unlock, 1).expect("remove");
        fs::write(dir.path().join("slots.2"), older).expect("write");
        assert!(matches!(open(dir.path(), &first), Err(CryptoError::WrongSecret)));
    }

    #[test]
    fn a_change_cut_anywhere_leaves_the_old_secret_or_the_new_one_and_never_none() {
        let (old, new) = (code(), code());
        let (dir, mut opened) = new_folder(std::slice::from_ref(&old));
        let path = |name: &str| dir.path().join(name);
        let before = fs::read(path("slots")).expect("read");
        opened.slots.replace(&opened.unlock, &[1], &new, Cost::FLOOR).expect("replace");
        let after = fs::read(path("slots")).expect("read");
        // What stands at `slots` and `slots.2` after each rename, and which secret opens it.
        let (was, is, none) = (Some(&before), Some(&after), None);
        let states = [(was, was, false), (none, was, false), (is, was, true), (is, none, true), (is, is, true)];
        for (number, (first, second, changed)) in states.into_iter().enumerate() {
            for (name, bytes) in [("slots", first), ("slots.2", second)] {
                let aside = path(&format!("{name}.old"));
                match bytes {
                    Some(bytes) => fs::write(path(name), bytes).expect("write"),
                    None => fs::rename(path(name), aside).expect("set aside"),
                }
            }
            let (opens, refused) = if changed { (&new, &old) } else { (&old, &new) };
            let found = open(dir.path(), opens).expect("opens after any cut");
            assert!(matches!(open(dir.path(), refused), Err(CryptoError::WrongSecret)), "cut {number}");
            let OpenedSlots { mut slots, unlock, .. } = found;
            if slots.needs_repair() {
                slots.repair(&unlock).expect("repair");
            }
            assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 2, "cut {number}");
            assert_eq!(fs::read(path("slots")).expect("read"), fs::read(path("slots.2")).expect("read"));
        }
    }
}
