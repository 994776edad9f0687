//! The file `slots`: the ways to unlock a vault.
//!
//! Each slot wraps the same *unlock key* under a key derived from one secret; the unlock key wraps the *root key*,
//! so the root can be rotated without any secret at hand. A slot also holds a commitment to its key (half of what the
//! derivation gives), so that a wrong secret is told from damage and no secret can open a slot to two different keys.
//!
//! Removing a slot does not change the unlock key: who copied the old file and knows the removed secret can still
//! open copies of the vault. Whoever must be locked out of future copies too needs a new vault.

mod form;

use std::path::Path;

use self::form::{Candidate, Slot, State, mac, wrap_root};
use super::CryptoError;
use super::copies::{Copies, Unusable};
use super::digest::sha256;
use super::kdf::Cost;
use super::secret::{RootKey, Secret, SecretKind, UnlockKey};
use crate::id::VaultId;

const NAMES: [&str; 2] = ["slots", "slots.2"];

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

/// The file before a secret has opened it.
pub struct LockedSlots {
    vault: VaultId,
    copies: Copies,
    /// Newest first, each with the file it was read from.
    candidates: Vec<(Candidate, &'static str)>,
    damaged: Vec<&'static str>,
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
}

impl LockedSlots {
    /// Reads both copies of the file in `dir`.
    pub fn load(dir: &Path, vault: VaultId) -> Result<Self, CryptoError> {
        let copies = Copies::new(dir, NAMES);
        let found = copies.read(|bytes| {
            let candidate = State::parse(bytes, vault)?;
            let generation = candidate.state.generation;
            Ok((candidate, generation))
        })?;
        let mut candidates = found.usable;
        // Two equal copies are one candidate: a wrong passphrase is hashed once.
        candidates.dedup_by(|(second, _), (first, _)| second.front == first.front && second.mac == first.mac);
        Ok(Self { vault, copies, candidates, damaged: found.damaged })
    }

    /// The ways to unlock, which need no secret to be listed.
    pub fn list(&self) -> Vec<SlotInfo> {
        self.candidates.first().map_or_else(Vec::new, |(newest, _)| list(&newest.state))
    }

    /// The names of copies that are missing, damaged or out of date.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Opens the newest copy with `secret`.
    pub fn open(self, secret: &Secret) -> Result<OpenedSlots, CryptoError> {
        let mut damaged = self.damaged;
        for (candidate, name) in self.candidates {
            match candidate.open(self.vault, secret) {
                Ok((unlock, root, next_root)) => {
                    let (attempted, state) = (candidate.state.generation, candidate.state);
                    let slots = Slots { vault: self.vault, copies: self.copies, state, attempted, damaged };
                    return Ok(OpenedSlots { slots, unlock, root, next_root });
                }
                // The digest fits but the code does not: somebody changed this copy, and the other one may be whole.
                Err(Some(Unusable::Damaged | Unusable::Newer)) => damaged.push(name),
                Err(None) => return Err(CryptoError::WrongSecret),
            }
        }
        Err(CryptoError::BothCopies { file: NAMES[0] })
    }
}

fn list(state: &State) -> Vec<SlotInfo> {
    state.slots.iter().map(|slot| SlotInfo { number: slot.number, kind: slot.kind, cost: slot.cost }).collect()
}

/// The opened file. Every change is durable in both copies when its call returns.
pub struct Slots {
    vault: VaultId,
    copies: Copies,
    state: State,
    /// The highest generation that may stand on disk, also where a write failed half-way.
    attempted: u64,
    damaged: Vec<&'static str>,
}

impl Slots {
    /// Makes the file in `dir`, with a slot for each of `secrets`; refuses to replace one.
    pub fn create(dir: &Path, vault: VaultId, secrets: &[Secret], cost: Cost) -> Result<OpenedSlots, CryptoError> {
        let copies = Copies::new(dir, NAMES);
        if copies.exist() {
            return Err(CryptoError::Refused("this folder holds a vault already"));
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
        let mut slots = Self { vault, copies, state: state.clone(), attempted: 0, damaged: Vec::new() };
        slots.write(state, &unlock, false)?;
        Ok(OpenedSlots { slots, unlock, root, next_root: None })
    }

    /// Grows by one with every change.
    pub fn generation(&self) -> u64 {
        self.state.generation
    }

    /// The names of copies that were missing, damaged or out of date when the file was read; a change repairs them.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// The ways to unlock.
    pub fn list(&self) -> Vec<SlotInfo> {
        list(&self.state)
    }

    /// Adds a slot for `secret` and gives back its number.
    pub fn add(&mut self, unlock: &UnlockKey, secret: &Secret, cost: Cost) -> Result<u16, CryptoError> {
        let mut state = self.state.clone();
        let number = state.next_number;
        state.next_number = number
            .checked_add(1)
            .filter(|_| state.slots.len() < MAX_SLOTS)
            .ok_or(CryptoError::Refused("a vault has at most 32 ways to unlock it; remove one first"))?;
        state.slots.push(Slot::make(self.vault, number, secret, cost, unlock));
        self.write(state, unlock, false)?;
        Ok(number)
    }

    /// Removes the slot `number`; the last one cannot be removed.
    pub fn remove(&mut self, unlock: &UnlockKey, number: u16) -> Result<(), CryptoError> {
        let mut state = self.state.clone();
        state.slots.retain(|slot| slot.number != number);
        if state.slots.len() == self.state.slots.len() {
            return Err(CryptoError::Refused("there is no slot with this number"));
        }
        if state.slots.is_empty() {
            return Err(CryptoError::Refused(
                "the last way to unlock a vault cannot be removed; add another one first",
            ));
        }
        self.write(state, unlock, true)
    }

    /// Writes both copies again, which repairs a damaged one.
    pub fn repair(&mut self, unlock: &UnlockKey) -> Result<(), CryptoError> {
        self.write(self.state.clone(), unlock, true)
    }

    /// Whether a copy is damaged or an old one was left unwiped by a power cut.
    pub(super) fn needs_repair(&self) -> bool {
        !self.damaged.is_empty() || self.copies.is_unwiped()
    }

    /// First step of a rotation: writes down the root key to come beside the one in use.
    pub(super) fn begin_rotation(&mut self, unlock: &UnlockKey) -> Result<RootKey, CryptoError> {
        let next = RootKey::generate();
        let mut state = self.state.clone();
        state.next_root = Some(wrap_root(unlock, self.vault, &next));
        self.write(state, unlock, false)?;
        Ok(next)
    }

    /// Last step of a rotation: the root key to come is the one in use, and the old one is wiped.
    pub(super) fn finish_rotation(&mut self, unlock: &UnlockKey) -> Result<(), CryptoError> {
        let mut state = self.state.clone();
        if let Some(next) = state.next_root.take() {
            state.root = next;
        }
        self.write(state, unlock, true)
    }

    fn write(&mut self, mut state: State, unlock: &UnlockKey, wipe: bool) -> Result<(), CryptoError> {
        self.attempted += 1;
        state.generation = self.attempted;
        let mut bytes = state.front(self.vault);
        bytes.extend_from_slice(&mac(unlock, self.vault, &bytes));
        bytes.extend_from_slice(&sha256(&[&bytes]));
        self.copies.write(&bytes, wipe)?;
        self.state = state;
        self.damaged.clear();
        Ok(())
    }
}

impl std::fmt::Debug for LockedSlots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockedSlots").field("list", &self.list()).finish_non_exhaustive()
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
