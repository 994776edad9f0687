//! The file `slots`: the ways to unlock a vault.
//!
//! Each slot wraps the same *unlock key* under a key derived from one secret; the unlock key wraps the *root key*,
//! so the root can be rotated without any secret at hand. A slot also holds a commitment to its key (half of what the
//! derivation gives), so that a wrong secret is told from damage and no secret can open a slot to two different keys.
//!
//! Form, version 1, numbers big-endian:
//!
//! ```text
//! "PHMS" ‖ 1 ‖ vault (16) ‖ generation (8) ‖ next number (2) ‖ count (1) ‖ slot…
//!        ‖ root key, wrapped (72) ‖ 0 | 1 ‖ next root key, wrapped (72), only behind a 1
//!        ‖ HMAC-SHA-256 under a key from the unlock key (32) ‖ SHA-256 of all before (32)
//! slot = number (2) ‖ kind (1) ‖ memory KiB (4) ‖ passes (4) ‖ salt (32) ‖ commitment (32) ‖ unlock key, wrapped (72)
//! ```
//!
//! Memory and passes are zero for key files and recovery codes, which HKDF opens at once. The digest at the end finds a
//! damaged copy before any secret is known; the code before it finds one that was made by somebody else.
//!
//! Removing a slot does not change the unlock key: who copied the old file and knows the removed secret can still
//! open copies of the vault. Whoever must be locked out of future copies too needs a new vault.

use std::path::Path;

use zeroize::Zeroizing;

use super::bytes::Fields;
use super::copies::{Copies, Unusable};
use super::digest::{hmac_sha256, same, sha256};
use super::kdf::{Cost, argon2id, hkdf};
use super::secret::{KeyBytes as _, RootKey, Secret, SecretKind, UnlockKey};
use super::wrap::{Wrapped, unwrap, wrap};
use super::{CryptoError, random};
use crate::id::VaultId;

const MAGIC: &[u8; 4] = b"PHMS";
const VERSION: u8 = 1;
const NAMES: [&str; 2] = ["slots", "slots.2"];

/// The most slots a vault has.
pub const MAX_SLOTS: usize = 32;

#[derive(Clone)]
struct Slot {
    number: u16,
    kind: SecretKind,
    cost: Option<Cost>,
    salt: [u8; 32],
    commitment: [u8; 32],
    unlock: Wrapped,
}

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

impl Slot {
    /// Key and commitment from the secret.
    fn derive(&self, vault: VaultId, secret: &Secret) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
        let info: [&[u8]; 4] = [b"phm slot", vault.as_bytes(), &self.number.to_be_bytes(), &[self.kind as u8]];
        let both: Zeroizing<[u8; 64]> = match self.cost {
            Some(cost) => hkdf(&*argon2id(secret.material(), &self.salt, cost), &self.salt, &info),
            None => hkdf(secret.material(), &self.salt, &info),
        };
        let half = |from: usize| Zeroizing::new(both[from..from + 32].try_into().expect("half of 64 bytes"));
        (half(0), half(32))
    }

    fn make(vault: VaultId, number: u16, secret: &Secret, cost: Cost, unlock: &UnlockKey) -> Self {
        let cost = (secret.kind() == SecretKind::Passphrase).then_some(cost);
        let mut slot = Self {
            number,
            kind: secret.kind(),
            cost,
            salt: random(),
            commitment: [0; 32],
            unlock: [0; size_of::<Wrapped>()],
        };
        let (key, commitment) = slot.derive(vault, secret);
        slot.commitment = *commitment;
        slot.unlock = wrap(&key, &slot.context(vault).each_ref().map(Vec::as_slice), unlock.bytes());
        slot
    }

    fn context(&self, vault: VaultId) -> [Vec<u8>; 3] {
        [b"unlock".to_vec(), vault.as_bytes().to_vec(), self.front()]
    }

    /// Everything before the commitment, as it stands in the file.
    fn front(&self) -> Vec<u8> {
        let (memory, passes) = self.cost.map_or((0, 0), |cost| (cost.memory_kib(), cost.passes()));
        let mut out = self.number.to_be_bytes().to_vec();
        out.push(self.kind as u8);
        out.extend_from_slice(&memory.to_be_bytes());
        out.extend_from_slice(&passes.to_be_bytes());
        out.extend_from_slice(&self.salt);
        out
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let number = fields.u16()?;
        let kind = SecretKind::from_number(fields.byte()?)?;
        let (memory, passes) = (fields.u32()?, fields.u32()?);
        let cost = match kind {
            SecretKind::Passphrase => Some(Cost::read(memory, passes).ok()?),
            _ if (memory, passes) == (0, 0) => None,
            _ => return None,
        };
        Some(Self { number, kind, cost, salt: fields.take()?, commitment: fields.take()?, unlock: fields.take()? })
    }

    /// The unlock key, if `secret` is this slot's; `Err` if it is but the wrap is damaged.
    fn open(&self, vault: VaultId, secret: &Secret) -> Result<Option<UnlockKey>, Unusable> {
        if self.kind != secret.kind() {
            return Ok(None);
        }
        let (key, commitment) = self.derive(vault, secret);
        if !same(&*commitment, &self.commitment) {
            return Ok(None);
        }
        unwrap(&key, &self.context(vault).each_ref().map(Vec::as_slice), &self.unlock)
            .map(|unlock| Some(unlock.into()))
            .ok_or(Unusable::Damaged)
    }
}

/// What one copy of the file says.
#[derive(Clone)]
struct State {
    generation: u64,
    next_number: u16,
    slots: Vec<Slot>,
    root: Wrapped,
    next_root: Option<Wrapped>,
}

impl State {
    /// The file's bytes up to the authentication code.
    fn front(&self, vault: VaultId) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        out.extend_from_slice(vault.as_bytes());
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.extend_from_slice(&self.next_number.to_be_bytes());
        out.push(u8::try_from(self.slots.len()).expect("at most 32 slots"));
        for slot in &self.slots {
            out.extend_from_slice(&slot.front());
            out.extend_from_slice(&slot.commitment);
            out.extend_from_slice(&slot.unlock);
        }
        out.extend_from_slice(&self.root);
        out.push(u8::from(self.next_root.is_some()));
        out.extend_from_slice(self.next_root.as_ref().map_or(&[], |next| next.as_slice()));
        out
    }

    fn parse(bytes: &[u8], vault: VaultId) -> Result<Candidate, Unusable> {
        if bytes.starts_with(MAGIC) && bytes.get(4).is_some_and(|version| *version > VERSION) {
            return Err(Unusable::Newer);
        }
        Self::parse_version_1(bytes, vault).ok_or(Unusable::Damaged)
    }

    fn parse_version_1(bytes: &[u8], vault: VaultId) -> Option<Candidate> {
        let (whole, checksum) = Fields::split_tail::<32>(bytes)?;
        let (front, mac) = Fields::split_tail::<32>(whole)?;
        let mut fields = Fields(front);
        if sha256(&[whole]) != checksum
            || fields.take()? != *MAGIC
            || fields.byte()? != VERSION
            || fields.take()? != *vault.as_bytes()
        {
            return None;
        }
        let (generation, next_number, count) = (fields.u64()?, fields.u16()?, fields.byte()?);
        let slots = (0..count).map(|_| Slot::read(&mut fields)).collect::<Option<Vec<_>>>()?;
        let root = fields.take()?;
        let next_root = match fields.byte()? {
            0 => None,
            1 => Some(fields.take()?),
            _ => return None,
        };
        let state = Self { generation, next_number, slots, root, next_root };
        fields.0.is_empty().then(|| Candidate { state, front: front.to_vec(), mac })
    }
}

struct Candidate {
    state: State,
    front: Vec<u8>,
    mac: [u8; 32],
}

fn mac(unlock: &UnlockKey, vault: VaultId, front: &[u8]) -> [u8; 32] {
    let key: Zeroizing<[u8; 32]> = hkdf(unlock.bytes(), vault.as_bytes(), &[b"phm slots mac"]);
    hmac_sha256(&*key, &[front])
}

/// The file before a secret has opened it.
pub struct LockedSlots {
    vault: VaultId,
    copies: Copies,
    candidates: Vec<Candidate>,
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
        let mut candidates: Vec<Candidate> = found.usable.into_iter().map(|(candidate, _)| candidate).collect();
        // Two equal copies are one candidate: a wrong passphrase is hashed once.
        candidates.dedup_by(|second, first| second.front == first.front && second.mac == first.mac);
        Ok(Self { vault, copies, candidates, damaged: found.damaged })
    }

    /// The ways to unlock, which need no secret to be listed.
    pub fn list(&self) -> Vec<SlotInfo> {
        self.candidates.first().map_or_else(Vec::new, |newest| list(&newest.state))
    }

    /// The names of copies that are missing, damaged or out of date.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Opens the newest copy with `secret`.
    pub fn open(self, secret: &Secret) -> Result<OpenedSlots, CryptoError> {
        let mut damaged = self.damaged;
        for candidate in self.candidates {
            match candidate.open(self.vault, secret) {
                Ok((unlock, root, next_root)) => {
                    let attempted = candidate.state.generation;
                    let slots =
                        Slots { vault: self.vault, copies: self.copies, state: candidate.state, attempted, damaged };
                    return Ok(OpenedSlots { slots, unlock, root, next_root });
                }
                Err(Some(Unusable::Damaged | Unusable::Newer)) => {
                    // The digest fits, so this copy was changed by somebody: the other one may be whole.
                    for name in NAMES {
                        if !damaged.contains(&name) {
                            damaged.push(name);
                        }
                    }
                }
                Err(None) => return Err(CryptoError::WrongSecret),
            }
        }
        Err(CryptoError::BothCopies { file: NAMES[0] })
    }
}

impl Candidate {
    /// The keys; `None` in the error means the secret opens no slot.
    fn open(&self, vault: VaultId, secret: &Secret) -> Result<(UnlockKey, RootKey, Option<RootKey>), Option<Unusable>> {
        for slot in &self.state.slots {
            let Some(unlock) = slot.open(vault, secret)? else { continue };
            if !same(&mac(&unlock, vault, &self.front), &self.mac) {
                return Err(Some(Unusable::Damaged));
            }
            let root = |wrapped| unwrap_root(&unlock, vault, wrapped).ok_or(Unusable::Damaged);
            let next_root = self.state.next_root.as_ref().map(root).transpose()?;
            let root = root(&self.state.root)?;
            return Ok((unlock, root, next_root));
        }
        Err(None)
    }
}

fn wrap_root(unlock: &UnlockKey, vault: VaultId, root: &RootKey) -> Wrapped {
    wrap(unlock.bytes(), &[b"root", vault.as_bytes()], root.bytes())
}

fn unwrap_root(unlock: &UnlockKey, vault: VaultId, wrapped: &Wrapped) -> Option<RootKey> {
    unwrap(unlock.bytes(), &[b"root", vault.as_bytes()], wrapped).map(RootKey::from)
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
