//! The file before it is opened: both copies read, the ways to unlock listed, a secret tried.

use std::path::Path;

use super::form::{Candidate, Closed, State};
use super::{FILES, OpenedSlots, SlotInfo, Slots, list};
use crate::crypto::CryptoError;
use crate::crypto::copies::Copies;
use crate::crypto::secret::{Secret, UnlockKey};
use crate::id::VaultId;

/// The file before a secret has opened it.
pub struct LockedSlots {
    vault: VaultId,
    copies: Copies,
    /// Newest first, each with the file it was read from.
    candidates: Vec<(Candidate, &'static str)>,
    damaged: Vec<&'static str>,
    /// Whether a change was cut off between the two copies.
    behind: bool,
}

impl LockedSlots {
    /// Reads both copies of the file in `dir`.
    pub fn load(dir: &Path, vault: VaultId) -> Result<Self, CryptoError> {
        let copies = Copies::new(dir, FILES);
        let found = copies.read(|bytes| {
            let candidate = State::parse(bytes, vault)?;
            let generation = candidate.state.generation;
            Ok((candidate, generation))
        })?;
        let mut candidates = found.usable;
        // Two equal copies are one candidate: a wrong passphrase is hashed once.
        candidates.dedup_by(|(second, _), (first, _)| second.front == first.front && second.mac == first.mac);
        Ok(Self { vault, copies, candidates, damaged: found.damaged, behind: found.behind })
    }

    /// The ways to unlock, which need no secret to be listed.
    pub fn list(&self) -> Vec<SlotInfo> {
        self.candidates.first().map_or_else(Vec::new, |(newest, _)| list(&newest.state))
    }

    /// The names of copies that are missing or damaged.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Opens the newest copy with `secret`.
    pub fn open(self, secret: &Secret) -> Result<OpenedSlots, CryptoError> {
        let (mut damaged, behind) = (self.damaged, self.behind);
        for (candidate, name) in self.candidates {
            match candidate.open(self.vault, secret) {
                Ok((slot, unlock, root, next_root)) => {
                    let (attempted, state) = (candidate.state.generation, candidate.state);
                    let slots = Slots { vault: self.vault, copies: self.copies, state, attempted, damaged, behind };
                    return Ok(OpenedSlots { slots, unlock, root, next_root, slot });
                }
                // The digest fits but the code does not: somebody changed this copy, and the other one may be whole.
                Err(Closed::Changed) => damaged.push(name),
                Err(Closed::WrongSecret) => return Err(CryptoError::WrongSecret),
            }
        }
        Err(CryptoError::BothCopies { file: FILES[0] })
    }

    /// Opens the newest copy with the unlock key of the same vault, opened elsewhere; no slot opens it.
    pub(in crate::crypto) fn open_as(self, unlock: &UnlockKey) -> Result<OpenedSlots, CryptoError> {
        let (mut damaged, behind) = (self.damaged, self.behind);
        for (candidate, name) in self.candidates {
            let Ok((root, next_root)) = candidate.roots(self.vault, unlock) else {
                damaged.push(name);
                continue;
            };
            let (attempted, state) = (candidate.state.generation, candidate.state);
            let slots = Slots { vault: self.vault, copies: self.copies, state, attempted, damaged, behind };
            return Ok(OpenedSlots { slots, unlock: unlock.clone(), root, next_root, slot: 0 });
        }
        Err(CryptoError::WrongSecret)
    }
}

impl std::fmt::Debug for LockedSlots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockedSlots").field("list", &self.list()).finish_non_exhaustive()
    }
}
