//! The file `slots`: the ways to unlock a vault.
//!
//! Each slot wraps the same *unlock key* under a key derived from one secret; the unlock key wraps the *root key*,
//! so the root can be rotated without any secret at hand. A slot also holds a commitment to its key (half of what the
//! derivation gives), so that a wrong secret is told from damage and no secret can open a slot to two different keys.
//!
//! Removing or changing a slot does not change the unlock key: who copied the old file, or has a backup with it, and
//! knows the old secret can still open copies of the vault. Whoever must be locked out of future copies too needs a new
//! vault.

mod change;
mod form;
mod locked;

use std::path::Path;

use self::form::{Slot, State, mac, wrap_root};
pub use self::locked::LockedSlots;
use super::CryptoError;
use super::copies::Copies;
use super::digest::sha256;
use super::kdf::Cost;
use super::secret::{RootKey, Secret, SecretKind, UnlockKey};
use crate::id::VaultId;

/// The names of the two copies.
pub const FILES: [&str; 2] = ["slots", "slots.2"];

/// The most slots a vault has.
pub const MAX_SLOTS: usize = 32;

/// One way to unlock, as it is shown to the vault's keeper.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlotInfo {
    /// Names the slot; never used again for another one.
    pub number: u16,
    /// What kind of secret opens it.
    pub kind: SecretKind,
    /// What one guess costs, for a passphrase.
    pub cost: Option<Cost>,
}

/// What a secret opens: the slots themselves and the two keys at the top.
#[derive(Debug)]
pub struct OpenedSlots {
    /// The slots, to list and change.
    pub slots: Slots,
    /// The unlock key.
    pub unlock: UnlockKey,
    /// The root key.
    pub root: RootKey,
    /// The root key that an interrupted rotation was about to put in place.
    pub next_root: Option<RootKey>,
    /// The number of the slot that the secret opened.
    pub slot: u16,
}

fn encode(state: &State, vault: VaultId, unlock: &UnlockKey) -> Vec<u8> {
    let mut bytes = state.front(vault);
    bytes.extend_from_slice(&mac(unlock, vault, &bytes));
    bytes.extend_from_slice(&sha256(&[&bytes]));
    bytes
}

fn list(state: &State) -> Vec<SlotInfo> {
    state.slots.iter().map(|slot| SlotInfo { number: slot.number, kind: slot.kind, cost: slot.cost }).collect()
}

/// An empty passphrase would be a vault without a lock.
fn fit_to_open(secret: &Secret) -> Result<(), CryptoError> {
    if secret.material().is_empty() {
        return Err(CryptoError::NotASecret("a passphrase may not be empty"));
    }
    Ok(())
}

/// The opened file. Every change is durable in both copies when its call returns.
pub struct Slots {
    vault: VaultId,
    copies: Copies,
    state: State,
    /// The highest generation that may stand on disk, also where a write failed half-way.
    attempted: u64,
    damaged: Vec<&'static str>,
    /// Whether a change was cut off between the two copies.
    behind: bool,
}

impl Slots {
    /// Makes the file in `dir`, with a slot for each of `secrets`; refuses to replace one.
    pub fn create(dir: &Path, vault: VaultId, secrets: &[Secret], cost: Cost) -> Result<OpenedSlots, CryptoError> {
        let copies = Copies::new(dir, FILES);
        if copies.exist() {
            return Err(CryptoError::Refused("this folder holds a vault already"));
        }
        for secret in secrets {
            fit_to_open(secret)?;
        }
        if secrets.is_empty() || secrets.len() > MAX_SLOTS {
            return Err(CryptoError::Refused("a vault has at least one and at most 32 ways to unlock it"));
        }
        let (unlock, root) = (UnlockKey::generate(), RootKey::generate());
        let numbered = (1_u16..).zip(secrets);
        let slots: Vec<Slot> =
            numbered.map(|(number, secret)| Slot::make(vault, number, secret, cost, &unlock)).collect();
        let next_number = slots.last().map_or(1, |last| last.number + 1);
        let root_wrapped = wrap_root(&unlock, vault, &root);
        let state = State { generation: 0, next_number, slots, root: root_wrapped, next_root: None };
        let mut slots = Self { vault, copies, state: state.clone(), attempted: 0, damaged: Vec::new(), behind: false };
        slots.write(state, &unlock)?;
        Ok(OpenedSlots { slots, unlock, root, next_root: None, slot: 1 })
    }

    /// Grows by one with every change.
    pub fn generation(&self) -> u64 {
        self.state.generation
    }

    /// The names of copies that were missing or damaged when the file was read; a change repairs them.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// The ways to unlock.
    pub fn list(&self) -> Vec<SlotInfo> {
        list(&self.state)
    }

    /// Writes both copies again, which repairs a damaged one.
    pub fn repair(&mut self, unlock: &UnlockKey) -> Result<(), CryptoError> {
        self.write(self.state.clone(), unlock)
    }

    /// Whether a copy is damaged or a change was cut off before the end.
    pub(super) fn needs_repair(&self) -> bool {
        !self.damaged.is_empty() || self.behind || self.copies.is_unwiped()
    }

    /// First step of a rotation: writes down the root key to come beside the one in use.
    pub(super) fn begin_rotation(&mut self, unlock: &UnlockKey) -> Result<RootKey, CryptoError> {
        let next = RootKey::generate();
        let mut state = self.state.clone();
        state.next_root = Some(wrap_root(unlock, self.vault, &next));
        self.write(state, unlock)?;
        Ok(next)
    }

    /// Last step of a rotation: the root key to come is the one in use, and the old one is wiped.
    pub(super) fn finish_rotation(&mut self, unlock: &UnlockKey) -> Result<(), CryptoError> {
        let mut state = self.state.clone();
        if let Some(next) = state.next_root.take() {
            state.root = next;
        }
        self.write(state, unlock)
    }

    /// The file as it is written, whole whatever became of the copies on disk.
    pub(super) fn bytes(&self, unlock: &UnlockKey) -> Vec<u8> {
        encode(&self.state, self.vault, unlock)
    }

    /// Every replaced file is overwritten: it wraps a root under the unlock key, which stays, and with that root an old
    /// keyring would open.
    fn write(&mut self, mut state: State, unlock: &UnlockKey) -> Result<(), CryptoError> {
        self.attempted += 1;
        state.generation = self.attempted;
        self.copies.write(&encode(&state, self.vault, unlock), true)?;
        self.state = state;
        self.damaged.clear();
        self.behind = false;
        Ok(())
    }
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slots")
            .field("generation", &self.state.generation)
            .field("list", &self.list())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::crypto::bytes::unhex;
    use crate::crypto::secret::{KeyBytes as _, RecoveryCode, make_key_file};
    use crate::error::{Error, ErrorKind};

    const VAULT: VaultId = VaultId::from_bytes([9; 16]);
    const CODE: &str = "60RK-4CSM-6MV3-EE1S-C5H6-6S35-CRWT-DMN4";

    fn sample() -> Vec<u8> {
        unhex(include_str!("../samples/slots-1.hex"))
    }

    fn code() -> Secret {
        Secret::recovery_code(CODE).expect("a whole code")
    }

    /// A folder with these two copies.
    fn folder(first: &[u8], second: &[u8]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("slots"), first).expect("write");
        fs::write(dir.path().join("slots.2"), second).expect("write");
        dir
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
    fn slots_written_by_the_first_release_still_open_with_every_secret() {
        let dir = folder(&sample(), &sample());
        let key_file = dir.path().join("key");
        fs::write(&key_file, "000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f\n").expect("write");
        let secrets =
            [Secret::passphrase("correct horse battery staple"), Secret::key_file(&key_file).expect("read"), code()];
        for secret in secrets {
            let opened = open(dir.path(), &secret).expect("open");
            assert_eq!((*opened.unlock.bytes(), *opened.root.bytes()), ([0x11; 32], [0x22; 32]));
            assert_eq!(*opened.next_root.expect("a rotation was under way").bytes(), [0x23; 32]);
            assert_eq!((opened.slots.generation(), opened.slots.damaged().len()), (4, 0));
        }
    }

    #[test]
    fn slots_are_written_in_the_form_of_the_first_release() {
        let Ok(read) = State::parse(&sample(), VAULT) else { panic!("the sample is whole") };
        let bytes = [read.state.front(VAULT), read.mac.to_vec()].concat();
        assert_eq!([bytes.clone(), sha256(&[&bytes]).to_vec()].concat(), sample());
    }

    #[test]
    fn the_ways_to_unlock_are_listed_without_a_secret() {
        let dir = folder(&sample(), &sample());
        let list = LockedSlots::load(dir.path(), VAULT).expect("load").list();
        let kinds: Vec<_> = list.iter().map(|slot| (slot.number, slot.kind.name())).collect();
        assert_eq!(kinds, [(1, "passphrase"), (2, "key-file"), (3, "recovery-code")]);
        assert_eq!((list[0].cost, list[1].cost), (Some(Cost::FLOOR), None));
    }

    #[test]
    fn a_cost_that_was_put_off_is_found_out_for_a_passphrase_and_kept_with_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = Secret::passphrase("correct horse battery staple");
        Slots::create(dir.path(), VAULT, &[secret.clone(), code()], Cost::WHEN_NEEDED).expect("create");
        let list = LockedSlots::load(dir.path(), VAULT).expect("load").list();
        let cost = list[0].cost.expect("a passphrase has one");
        assert!(cost.memory_kib() >= Cost::FLOOR.memory_kib() && cost.passes() >= Cost::FLOOR.passes());
        assert_eq!(list[1].cost, None);
        open(dir.path(), &secret).expect("open");
    }

    #[test]
    fn a_wrong_secret_of_every_kind_is_a_wrong_secret() {
        let dir = folder(&sample(), &sample());
        let wrong = [
            Secret::passphrase("correct horse battery stapl"),
            make_key_file(&dir.path().join("other")).expect("make"),
            RecoveryCode::generate().secret(),
        ];
        for secret in wrong {
            let error = open(dir.path(), &secret).expect_err("refused");
            assert_eq!(Error::from(error).kind(), ErrorKind::WrongSecret);
        }
    }

    #[test]
    fn a_secret_opens_no_slot_of_another_kind() {
        let (dir, _) = new_folder(&[Secret::passphrase(CODE)]);
        assert!(matches!(open(dir.path(), &code()), Err(CryptoError::WrongSecret)));
    }

    #[test]
    fn every_flipped_bit_of_one_copy_is_named_and_the_other_copy_opens() {
        let whole = sample();
        let dir = folder(&whole, &whole);
        for bit in (0..whole.len() * 8).step_by(3) {
            let mut bad = whole.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(dir.path().join("slots.2"), &bad).expect("write");
            let opened = open(dir.path(), &code()).expect("the other copy opens");
            assert_eq!(opened.slots.damaged(), ["slots.2"], "bit {bit}");
        }
    }

    #[test]
    fn a_copy_changed_by_somebody_without_a_secret_gives_no_keys() {
        let whole = sample();
        for byte in 21..whole.len() - 32 {
            let mut bad = whole.clone();
            bad[byte] ^= 1;
            let end = bad.len() - 32;
            let digest = sha256(&[&bad[..end]]);
            bad[end..].copy_from_slice(&digest);
            assert!(open(folder(&bad, &bad).path(), &code()).is_err(), "byte {byte}");
        }
    }

    #[test]
    fn a_changed_copy_gives_way_to_a_whole_one() {
        let mut bad = sample();
        bad[28] ^= 1; // the generation: higher, so that this copy is tried first
        let end = bad.len() - 32;
        let digest = sha256(&[&bad[..end]]);
        bad[end..].copy_from_slice(&digest);
        let dir = folder(&bad, &sample());
        let opened = open(dir.path(), &code()).expect("open");
        assert!(opened.slots.damaged().contains(&"slots"));
    }

    #[test]
    fn two_damaged_copies_say_which_file_and_what_to_do() {
        let dir = folder(b"PHMS", b"");
        let error = Error::from(LockedSlots::load(dir.path(), VAULT).expect_err("damaged"));
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains("slots and slots.2") && error.to_string().contains("backup"), "{error}");
        let of_another = LockedSlots::load(folder(&sample(), &sample()).path(), VaultId::from_bytes([8; 16]));
        assert!(matches!(of_another, Err(CryptoError::BothCopies { file: "slots" })));
    }

    #[test]
    fn slots_of_a_later_version_say_so() {
        let mut later = sample();
        later[4] = 2;
        let error = LockedSlots::load(folder(&later, &later).path(), VAULT).expect_err("later");
        assert_eq!(Error::from(error).kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_cost_that_would_exhaust_the_machine_is_refused_before_memory_is_taken() {
        let mut greedy = sample();
        // The memory of the first slot, behind magic, version, vault, generation, next number, count, number and kind.
        let memory = 4 + 1 + 16 + 8 + 2 + 1 + 2 + 1;
        assert_eq!(greedy[memory..memory + 4], (19 * 1024_u32).to_be_bytes());
        greedy[memory..memory + 4].copy_from_slice(&(2 * 1024 * 1024_u32).to_be_bytes());
        let end = greedy.len() - 32;
        let digest = sha256(&[&greedy[..end]]);
        greedy[end..].copy_from_slice(&digest);
        let error = LockedSlots::load(folder(&greedy, &greedy).path(), VAULT).expect_err("refused");
        assert!(matches!(error, CryptoError::BothCopies { file: "slots" }));
    }

    #[test]
    fn an_empty_passphrase_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(Slots::create(dir.path(), VAULT, &[code(), Secret::passphrase("")], Cost::FLOOR).is_err());
        let mut opened = Slots::create(dir.path(), VAULT, &[code()], Cost::FLOOR).expect("create");
        assert!(opened.slots.add(&opened.unlock, &Secret::passphrase(""), Cost::FLOOR).is_err());
    }

    #[test]
    fn a_vault_has_between_one_and_32_ways_to_unlock() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(Slots::create(dir.path(), VAULT, &[], Cost::FLOOR).is_err());
        let many = vec![code(); MAX_SLOTS + 1];
        assert!(Slots::create(dir.path(), VAULT, &many, Cost::FLOOR).is_err());
        let mut full = Slots::create(dir.path(), VAULT, &many[1..], Cost::FLOOR).expect("create");
        assert!(full.slots.add(&full.unlock, &code(), Cost::FLOOR).is_err());
    }
}
