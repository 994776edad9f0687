//! The form of the file `slots`.
//!
//! Version 1, numbers big-endian:
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
//! The key and the commitment of a slot are the halves of
//! `HKDF-SHA-256(Argon2id(passphrase, salt) or the secret itself, salt, "phm slot" ‖ vault ‖ number ‖ kind)`.

use zeroize::Zeroizing;

use crate::crypto::bytes::Fields;
use crate::crypto::copies::Unusable;
use crate::crypto::digest::{hmac_sha256, same, sha256};
use crate::crypto::kdf::{Cost, argon2id, hkdf};
use crate::crypto::random;
use crate::crypto::secret::{KeyBytes as _, RootKey, Secret, SecretKind, UnlockKey};
use crate::crypto::wrap::{Wrapped, unwrap, wrap};
use crate::id::VaultId;

const MAGIC: &[u8; 4] = b"PHMS";
const VERSION: u8 = 1;

/// One way to unlock.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) number: u16,
    pub(super) kind: SecretKind,
    pub(super) cost: Option<Cost>,
    salt: [u8; 32],
    commitment: [u8; 32],
    unlock: Wrapped,
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

    /// A slot that `secret` opens.
    pub(super) fn make(vault: VaultId, number: u16, secret: &Secret, cost: Cost, unlock: &UnlockKey) -> Self {
        let cost = (secret.kind() == SecretKind::Passphrase).then(|| cost.settled());
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
        slot.unlock = wrap(&key, &slot.context(vault).each_ref().map(Vec::as_slice), &unlock.bytes());
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

    /// Whether `secret` is this slot's.
    pub(super) fn is_of(&self, vault: VaultId, secret: &Secret) -> bool {
        self.kind == secret.kind() && same(&*self.derive(vault, secret).1, &self.commitment)
    }

    /// The unlock key, if `secret` is this slot's.
    fn open(&self, vault: VaultId, secret: &Secret) -> Result<Option<UnlockKey>, Closed> {
        if self.kind != secret.kind() {
            return Ok(None);
        }
        let (key, commitment) = self.derive(vault, secret);
        if !same(&*commitment, &self.commitment) {
            return Ok(None);
        }
        unwrap(&key, &self.context(vault).each_ref().map(Vec::as_slice), &self.unlock)
            .map(|unlock| Some(unlock.into()))
            .ok_or(Closed::Changed)
    }
}

/// What one copy of the file says.
#[derive(Clone)]
pub(super) struct State {
    pub(super) generation: u64,
    pub(super) next_number: u16,
    pub(super) slots: Vec<Slot>,
    pub(super) root: Wrapped,
    pub(super) next_root: Option<Wrapped>,
}

impl State {
    /// The file's bytes up to the authentication code.
    pub(super) fn front(&self, vault: VaultId) -> Vec<u8> {
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

    /// Reads a copy and checks its digest; the code waits for the unlock key.
    pub(super) fn parse(bytes: &[u8], vault: VaultId) -> Result<Candidate, Unusable> {
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

/// A whole copy of the file that no secret has opened yet.
pub(super) struct Candidate {
    pub(super) state: State,
    pub(super) front: Vec<u8>,
    pub(super) mac: [u8; 32],
}

/// The code that proves a file was made by somebody who holds the unlock key.
pub(super) fn mac(unlock: &UnlockKey, vault: VaultId, front: &[u8]) -> [u8; 32] {
    let key: Zeroizing<[u8; 32]> = hkdf(&*unlock.bytes(), vault.as_bytes(), &[b"phm slots mac"]);
    hmac_sha256(&*key, &[front])
}

/// Why a copy gave no keys.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Closed {
    /// The secret opens none of its slots.
    WrongSecret,
    /// The secret is right, but the copy was changed by somebody who knows none.
    Changed,
}

impl Candidate {
    /// The number of the slot that opened, the unlock key, the root key, and the root key to come.
    pub(super) fn open(
        &self,
        vault: VaultId,
        secret: &Secret,
    ) -> Result<(u16, UnlockKey, RootKey, Option<RootKey>), Closed> {
        for slot in &self.state.slots {
            let Some(unlock) = slot.open(vault, secret)? else { continue };
            let (root, next_root) = self.roots(vault, &unlock)?;
            return Ok((slot.number, unlock, root, next_root));
        }
        Err(Closed::WrongSecret)
    }

    /// The root key and the one to come, by the unlock key itself.
    pub(super) fn roots(&self, vault: VaultId, unlock: &UnlockKey) -> Result<(RootKey, Option<RootKey>), Closed> {
        if !same(&mac(unlock, vault, &self.front), &self.mac) {
            return Err(Closed::Changed);
        }
        let root = |wrapped| unwrap_root(unlock, vault, wrapped).ok_or(Closed::Changed);
        let next_root = self.state.next_root.as_ref().map(root).transpose()?;
        Ok((root(&self.state.root)?, next_root))
    }
}

pub(super) fn wrap_root(unlock: &UnlockKey, vault: VaultId, root: &RootKey) -> Wrapped {
    wrap(&unlock.bytes(), &[b"root", vault.as_bytes()], &root.bytes())
}

fn unwrap_root(unlock: &UnlockKey, vault: VaultId, wrapped: &Wrapped) -> Option<RootKey> {
    unwrap(&unlock.bytes(), &[b"root", vault.as_bytes()], wrapped).map(RootKey::from)
}
