//! The keys of an open vault: which key seals for whom.
//!
//! A new key is durable in the keyring before anything is sealed under it.

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::crypto::blind::{blind, blind_profile};
use crate::crypto::kdf::Cost;
use crate::crypto::keyring::{Keyring, Owner};
use crate::crypto::secret::{
    AboutKey, AuditKey, BackupKey, CheckpointSeed, IndexKey, ProfileKey, Secret, StateKey, TokenKey,
};
use crate::crypto::unlock::Unlocked;
use crate::error::{Error, Result};
use crate::id::{LogId, ProfileId, VaultId};
use crate::store::layout::Blinded;

/// Every key of an open vault.
pub(crate) struct KeyBook {
    unlocked: RwLock<Unlocked>,
    index: IndexKey,
    /// The key files that were damaged when the vault was opened.
    damaged: Vec<&'static str>,
}

/// The keyring of an open vault, as long as nobody changes it.
struct Ring<'k>(RwLockReadGuard<'k, Unlocked>);

impl std::ops::Deref for Ring<'_> {
    type Target = Keyring;

    fn deref(&self) -> &Keyring {
        self.0.keyring()
    }
}

impl KeyBook {
    /// Makes the keys of a new vault and stores them, wrapped, in its folder.
    pub fn create(dir: &Path, vault: VaultId, secrets: &[Secret], cost: Cost, log: LogId) -> Result<Self> {
        let owners = [
            Owner::Index,
            Owner::State,
            Owner::Token,
            Owner::Backup,
            Owner::Audit(log),
            Owner::Checkpoint(log),
            Owner::Profile(ProfileId::SYSTEM),
            Owner::About(ProfileId::SYSTEM),
            Owner::Profile(ProfileId::LIBRARY),
            Owner::About(ProfileId::LIBRARY),
        ];
        Self::new(Unlocked::create(dir, vault, secrets, cost, &owners)?)
    }

    /// Opens the keys of a vault with one of its secrets.
    pub fn open(dir: &Path, vault: VaultId, secret: &Secret) -> Result<Self> {
        Self::new(Unlocked::open(dir, vault, secret)?)
    }

    /// Opens the keys of a copy of this vault in `dir`, without any secret.
    pub fn open_copy(&self, dir: &Path, vault: VaultId) -> Result<Self> {
        Self::new(self.with_unlocked(|unlocked| Ok(unlocked.open_copy(dir, vault)?))?)
    }

    fn new(unlocked: Unlocked) -> Result<Self> {
        let index = unlocked.keyring().index().ok_or_else(missing)?;
        let damaged = unlocked.damaged();
        Ok(Self { unlocked: RwLock::new(unlocked), index, damaged })
    }

    fn ring(&self) -> Ring<'_> {
        Ring(self.unlocked.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes keys for people who have none, durable when it returns.
    pub fn add_profiles(&self, ids: &[ProfileId]) -> Result<()> {
        let owners: Vec<Owner> = ids.iter().flat_map(|id| [Owner::Profile(*id), Owner::About(*id)]).collect();
        Ok(self.unlocked.write().unwrap_or_else(PoisonError::into_inner).add_keys(&owners)?)
    }

    /// The current key of a person, with its epoch.
    pub fn profile_key(&self, id: ProfileId) -> Result<(u32, ProfileKey)> {
        self.ring().profile(id).ok_or_else(Error::not_found)
    }

    /// The key of a person at an epoch.
    pub fn profile_key_at(&self, id: ProfileId, epoch: u32) -> Option<ProfileKey> {
        self.ring().profile_at(id, epoch)
    }

    /// The key of what the log says about a person, with its epoch; none in vaults from before it was kept.
    pub fn about_key(&self, id: ProfileId) -> Option<(u32, AboutKey)> {
        self.ring().about(id)
    }

    /// The key of what the log says about a person at an epoch.
    pub fn about_key_at(&self, id: ProfileId, epoch: u32) -> Option<AboutKey> {
        self.ring().about_at(id, epoch)
    }

    /// Makes a new key for a person, durable when it returns, unless an interrupted rotation has; answers the epochs that
    /// are to go.
    pub fn begin_rotation(&self, id: ProfileId) -> Result<Vec<u32>> {
        self.with_unlocked(|unlocked| {
            let owner = Owner::Profile(id);
            let mut old = unlocked.keyring().epochs(owner);
            match old.len() {
                0 => return Err(Error::not_found()),
                1 => {
                    let about = unlocked.keyring().about(id).is_none().then_some(Owner::About(id));
                    let owners: Vec<Owner> = [owner].into_iter().chain(about).collect();
                    unlocked.add_keys(&owners)?;
                }
                _ => _ = old.pop(),
            }
            Ok(old)
        })
    }

    /// Forgets the old keys of a person, under a new root; the last body under them is resealed and committed.
    pub fn end_rotation(&self, id: ProfileId, old: &[u32]) -> Result<()> {
        self.with_unlocked(|unlocked| Ok(unlocked.drop_epochs(Owner::Profile(id), old)?))
    }

    /// Forgets every key of a person, under a new root: an old keyring opens nothing of theirs with any secret of today.
    pub fn forget_person(&self, id: ProfileId) -> Result<()> {
        self.with_unlocked(|unlocked| Ok(unlocked.rotate_root(&[Owner::Profile(id), Owner::About(id)])?))
    }

    /// The epochs of a person's keys, oldest first.
    pub fn profile_epochs(&self, id: ProfileId) -> Vec<u32> {
        self.ring().epochs(Owner::Profile(id))
    }

    /// Makes a key for state that is newer than the epoch `was`, unless there is one; answers the epochs that are to go,
    /// or that they are gone already.
    pub fn begin_state_rotation(&self, was: u32) -> Result<Option<Vec<u32>>> {
        self.with_unlocked(|unlocked| {
            if unlocked.keyring().state().is_none_or(|(newest, _)| newest <= was) {
                unlocked.add_keys(&[Owner::State])?;
            }
            let mut old = unlocked.keyring().epochs(Owner::State);
            old.pop();
            Ok((!old.is_empty()).then_some(old))
        })
    }

    /// Forgets the old keys of state, under a new root; every row is sealed again and committed.
    pub fn end_state_rotation(&self, old: &[u32]) -> Result<()> {
        self.with_unlocked(|unlocked| Ok(unlocked.drop_epochs(Owner::State, old)?))
    }

    /// Whether there is a key for this person.
    pub fn has_profile(&self, id: ProfileId) -> bool {
        self.ring().profile(id).is_some()
    }

    /// Everybody with a key, `system` and `library` too.
    pub fn profiles(&self) -> Vec<ProfileId> {
        let person = |owner| if let Owner::Profile(id) = owner { Some(id) } else { None };
        self.ring().owners().filter_map(person).collect()
    }

    /// Every audit log of this vault with its number, oldest first: the last one is written, the others ended where a
    /// restore began the next.
    pub fn logs(&self) -> Vec<(LogId, u16)> {
        self.ring().logs()
    }

    /// The log this vault writes.
    pub fn log(&self) -> Result<LogId> {
        Ok(self.logs().pop().ok_or_else(missing)?.0)
    }

    /// The number of a log.
    pub fn number_of(&self, log: LogId) -> Result<u16> {
        let numbered = |(own, number)| if own == log { Some(number) } else { None };
        self.logs().into_iter().find_map(numbered).ok_or_else(missing)
    }

    /// The log with this number.
    pub fn log_numbered(&self, number: u16) -> Result<LogId> {
        let numbered = |(log, own)| if own == number { Some(log) } else { None };
        self.logs().into_iter().find_map(numbered).ok_or_else(missing)
    }

    /// Makes the keys of a new audit log, which is the one to be written from now on; durable when it returns.
    pub fn begin_log(&self, log: LogId) -> Result<()> {
        self.with_unlocked(|unlocked| Ok(unlocked.begin_log(log)?))
    }

    /// The key of a log's rows, with its epoch.
    pub fn audit_key(&self, log: LogId) -> Result<(u32, AuditKey)> {
        self.ring().audit(log).ok_or_else(missing)
    }

    /// The key of a log's rows at an epoch.
    pub fn audit_key_at(&self, log: LogId, epoch: u32) -> Option<AuditKey> {
        self.ring().audit_at(log, epoch)
    }

    /// The seed a log's checkpoints are signed with.
    pub fn checkpoint_seed(&self, log: LogId) -> Result<CheckpointSeed> {
        self.ring().checkpoint(log).ok_or_else(missing)
    }

    /// The key of state rows, with its epoch.
    pub fn state_key(&self) -> Result<(u32, StateKey)> {
        self.ring().state().ok_or_else(missing)
    }

    /// The key of state rows at an epoch.
    pub fn state_key_at(&self, epoch: u32) -> Option<StateKey> {
        self.ring().state_at(epoch)
    }

    /// The key of tokens that were made at this epoch.
    pub fn token_key_at(&self, epoch: u32) -> Option<TokenKey> {
        self.ring().token_at(epoch)
    }

    /// The key of the appliance's tokens, with its epoch.
    pub fn token_key(&self) -> Result<(u32, TokenKey)> {
        self.ring().token().ok_or_else(missing)
    }

    /// All keys of the appliance's tokens, the newest first, each with its epoch.
    pub fn token_keys(&self) -> Vec<(u32, TokenKey)> {
        let ring = self.ring();
        let epochs = ring.epochs(Owner::Token);
        epochs.into_iter().rev().filter_map(|epoch| Some((epoch, ring.token_at(epoch)?))).collect()
    }

    /// The key of backups, with its epoch.
    pub fn backup_key(&self) -> Result<(u32, BackupKey)> {
        self.ring().backup().ok_or_else(missing)
    }

    /// The key of backups at an epoch.
    pub fn backup_key_at(&self, epoch: u32) -> Option<BackupKey> {
        self.ring().backup_at(epoch)
    }

    /// The files `slots` and `keyring` as they are now.
    pub fn files(&self) -> (Vec<u8>, Vec<u8>) {
        self.unlocked.read().unwrap_or_else(PoisonError::into_inner).files()
    }

    /// The epochs of an owner's keys, oldest first.
    pub fn epochs(&self, owner: Owner) -> Vec<u32> {
        self.ring().epochs(owner)
    }

    /// A person as they appear in addresses.
    pub fn blind_profile(&self, id: ProfileId) -> Blinded {
        blind_profile(&self.index, id)
    }

    /// Anything else as it appears in addresses.
    pub fn blind(&self, label: &str, parts: &[&[u8]]) -> Blinded {
        blind(&self.index, label, parts)
    }

    /// Grows with every change of the keyring.
    pub fn generation(&self) -> u64 {
        self.ring().generation()
    }

    /// The key files of which a copy was damaged when the vault was opened.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Makes damaged copies whole, and finishes what a power cut interrupted.
    pub fn settle(&self) -> Result<()> {
        Ok(self.unlocked.write().unwrap_or_else(PoisonError::into_inner).settle()?)
    }

    /// Works on the slots and what lies above the keyring.
    pub fn with_unlocked<T>(&self, work: impl FnOnce(&mut Unlocked) -> Result<T>) -> Result<T> {
        work(&mut self.unlocked.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn missing() -> Error {
    Error::corrupt("the keyring lacks a key the vault needs; restore the newest backup")
}
