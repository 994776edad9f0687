//! The keys of a keyring by whose or what they are: the newest, or that of an epoch.

use super::form::Entry;
use super::{Keyring, Owner};
use crate::crypto::secret::{
    AboutKey, AuditKey, BackupKey, CheckpointSeed, Held, IndexKey, ProfileKey, StateKey, TokenKey,
};
use crate::id::{LogId, ProfileId};

impl Keyring {
    /// The key that seals new bodies of a person, and its epoch.
    pub fn profile(&self, profile: ProfileId) -> Option<(u32, ProfileKey)> {
        self.key(Owner::Profile(profile))
    }

    /// The key that opens a person's bodies of this epoch.
    pub fn profile_at(&self, profile: ProfileId, epoch: u32) -> Option<ProfileKey> {
        self.key_at(Owner::Profile(profile), epoch)
    }

    /// The key that seals what a log says about a person from now on, and its epoch.
    pub fn about(&self, profile: ProfileId) -> Option<(u32, AboutKey)> {
        self.key(Owner::About(profile))
    }

    /// The key that opens what a log said about a person at this epoch.
    pub fn about_at(&self, profile: ProfileId, epoch: u32) -> Option<AboutKey> {
        self.key_at(Owner::About(profile), epoch)
    }

    /// The key that seals new entries of a log, and its epoch.
    pub fn audit(&self, log: LogId) -> Option<(u32, AuditKey)> {
        self.key(Owner::Audit(log))
    }

    /// The key that opens a log's entries of this epoch.
    pub fn audit_at(&self, log: LogId, epoch: u32) -> Option<AuditKey> {
        self.key_at(Owner::Audit(log), epoch)
    }

    /// Every audit log with its number, oldest first.
    ///
    /// The keys of all logs share one count of epochs, so the log that was begun last has the newest key, and the epoch a
    /// log began with numbers it: 0 is the vault's first log.
    pub fn logs(&self) -> Vec<(LogId, u16)> {
        let first = |(owner, entries): (&Owner, &Vec<Entry>)| match (owner, entries.first()) {
            (Owner::Audit(log), Some(entry)) => Some((*log, u16::try_from(entry.epoch.saturating_sub(1)).ok()?)),
            _ => None,
        };
        let mut logs: Vec<_> = self.keys.iter().filter_map(first).collect();
        logs.sort_by_key(|(_, number)| *number);
        logs
    }

    /// The seed that signs a log's checkpoints.
    pub fn checkpoint(&self, log: LogId) -> Option<CheckpointSeed> {
        self.key(Owner::Checkpoint(log)).map(|(_, key)| key)
    }

    /// The key that seals new state rows, and its epoch.
    pub fn state(&self) -> Option<(u32, StateKey)> {
        self.key(Owner::State)
    }

    /// The key that opens state rows of this epoch.
    pub fn state_at(&self, epoch: u32) -> Option<StateKey> {
        self.key_at(Owner::State, epoch)
    }

    /// The key that blinds addresses.
    pub fn index(&self) -> Option<IndexKey> {
        self.key(Owner::Index).map(|(_, key)| key)
    }

    /// The key that authenticates new tokens, and its epoch.
    pub fn token(&self) -> Option<(u32, TokenKey)> {
        self.key(Owner::Token)
    }

    /// The key that authenticates tokens of this epoch.
    pub fn token_at(&self, epoch: u32) -> Option<TokenKey> {
        self.key_at(Owner::Token, epoch)
    }

    /// The key of new backups, and its epoch.
    pub fn backup(&self) -> Option<(u32, BackupKey)> {
        self.key(Owner::Backup)
    }

    /// The key of backups of this epoch.
    pub fn backup_at(&self, epoch: u32) -> Option<BackupKey> {
        self.key_at(Owner::Backup, epoch)
    }

    /// The newest key of `owner` and its epoch.
    fn key<K: From<Held>>(&self, owner: Owner) -> Option<(u32, K)> {
        self.keys.get(&owner)?.last().map(|entry| (entry.epoch, entry.key.clone().into()))
    }

    fn key_at<K: From<Held>>(&self, owner: Owner, epoch: u32) -> Option<K> {
        self.keys.get(&owner)?.iter().find(|entry| entry.epoch == epoch).map(|entry| entry.key.clone().into())
    }
}
