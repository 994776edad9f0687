//! The file `keyring`: the key of every person and purpose, each wrapped under the root key.
//!
//! A wrap is bound to vault, owner and epoch. A new key is durable in both copies of the file before the call that
//! made it returns, so no body is ever sealed under a key that a power cut can take away. The whole file is
//! authenticated under a key derived from the root key.

mod form;

use std::path::Path;

use self::form::{Entry, Keys, mac_key};
use super::CryptoError;
use super::copies::Copies;
use super::digest::same;
use super::secret::{
    AboutKey, AuditKey, BackupKey, CheckpointSeed, Held, IndexKey, ProfileKey, RootKey, StateKey, TokenKey,
};
use crate::id::{LogId, ProfileId, VaultId};

/// The names of the two copies.
pub const FILES: [&str; 2] = ["keyring", "keyring.2"];

/// Whose keys a file has and of which epochs, without opening or authenticating any; `None` where it is no such file.
pub fn owners_in(bytes: &[u8]) -> Option<Vec<(Owner, u32)>> {
    form::owners(bytes)
}

/// Whose key it is, or what for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// One person, or `system`, or `library`.
    Profile(ProfileId),
    /// Blinding addresses.
    Index,
    /// Sealing the entries of one audit log.
    Audit(LogId),
    /// Signing the checkpoints of one audit log.
    Checkpoint(LogId),
    /// Sealing state rows.
    State,
    /// Authenticating tokens.
    Token,
    /// Sealing and signing backups.
    Backup,
    /// What the audit log says about one person, or `system`, or `library`, inside.
    About(ProfileId),
}

/// All keys of a vault, opened. Every change is durable in both copies of the file when its call returns.
pub struct Keyring {
    vault: VaultId,
    copies: Copies,
    keys: Keys,
    mac_key: Held,
    generation: u64,
    /// The highest generation that may stand on disk, also where a write failed half-way.
    attempted: u64,
    damaged: Vec<&'static str>,
    /// Whether a change was cut off between the two copies.
    behind: bool,
}

impl Keyring {
    /// Makes the file in `dir` with a key for each of `owners`; refuses to replace one.
    pub fn create(dir: &Path, vault: VaultId, root: &RootKey, owners: &[Owner]) -> Result<Self, CryptoError> {
        let copies = Copies::new(dir, FILES);
        if copies.exist() {
            return Err(CryptoError::Refused("this folder holds a vault already"));
        }
        let mut keyring = Self {
            vault,
            copies,
            keys: Keys::new(),
            mac_key: mac_key(root, vault),
            generation: 0,
            attempted: 0,
            damaged: Vec::new(),
            behind: false,
        };
        keyring.add_many(owners, root)?;
        Ok(keyring)
    }

    /// Reads the newest whole copy of the file in `dir`.
    pub fn load(dir: &Path, vault: VaultId, root: &RootKey) -> Result<Self, CryptoError> {
        Self::load_under(dir, vault, &[root]).map(|(keyring, _)| keyring)
    }

    /// Like [`Keyring::load`], under whichever of `roots` the newest whole copy needs; says which it was.
    pub(super) fn load_under(dir: &Path, vault: VaultId, roots: &[&RootKey]) -> Result<(Self, usize), CryptoError> {
        let copies = Copies::new(dir, FILES);
        let mut found = copies.read(|bytes| {
            let (keys, under, generation) = form::parse(bytes, vault, roots)?;
            Ok(((keys, under, generation), generation))
        })?;
        let ((keys, under, generation), _) = found.usable.swap_remove(0);
        let mac_key = mac_key(roots[under], vault);
        let (attempted, damaged, behind) = (generation, found.damaged, found.behind);
        Ok((Self { vault, copies, keys, mac_key, generation, attempted, damaged, behind }, under))
    }

    /// Grows by one with every change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The names of copies that were missing or damaged when the file was read; a change repairs them.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Everybody who has a key, in order.
    pub fn owners(&self) -> impl Iterator<Item = Owner> + '_ {
        self.keys.keys().copied()
    }

    /// The epochs of an owner's keys, oldest first.
    pub fn epochs(&self, owner: Owner) -> Vec<u32> {
        self.keys.get(&owner).map_or_else(Vec::new, |entries| entries.iter().map(|entry| entry.epoch).collect())
    }

    /// The newest key of `owner` and its epoch.
    fn key<K: From<Held>>(&self, owner: Owner) -> Option<(u32, K)> {
        self.keys.get(&owner)?.last().map(|entry| (entry.epoch, entry.key.clone().into()))
    }

    fn key_at<K: From<Held>>(&self, owner: Owner, epoch: u32) -> Option<K> {
        self.keys.get(&owner)?.iter().find(|entry| entry.epoch == epoch).map(|entry| entry.key.clone().into())
    }

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

    /// Makes the keys of a new audit log, which is the one to be written from now on; durable when this returns.
    pub fn begin_log(&mut self, log: LogId, root: &RootKey) -> Result<(), CryptoError> {
        let audit = |(owner, entries): (&Owner, &Vec<Entry>)| match owner {
            Owner::Audit(_) => entries.last().map(|entry| entry.epoch),
            _ => None,
        };
        let epoch = self.keys.iter().filter_map(audit).max().unwrap_or(0) + 1;
        if epoch > u32::from(u16::MAX) {
            return Err(CryptoError::Refused("this vault has had all the audit logs there can be"));
        }
        if self.keys.contains_key(&Owner::Audit(log)) {
            return Err(CryptoError::Refused("there is an audit log of this name already"));
        }
        self.extend(root, |keys, wrapped| {
            keys.insert(Owner::Audit(log), vec![wrapped(Owner::Audit(log), epoch)]);
            keys.insert(Owner::Checkpoint(log), vec![wrapped(Owner::Checkpoint(log), 1)]);
            Ok(())
        })
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

    /// Makes a new key for `owner`, durable when this returns, and gives back its epoch: 1, or one more than before.
    pub fn add(&mut self, owner: Owner, root: &RootKey) -> Result<u32, CryptoError> {
        self.add_many(&[owner], root)?;
        self.keys
            .get(&owner)
            .and_then(|entries| entries.last())
            .map(|entry| entry.epoch)
            .ok_or(CryptoError::Refused("this owner has no key"))
    }

    /// Makes a new key for each of `owners` with one write of the file.
    pub fn add_many(&mut self, owners: &[Owner], root: &RootKey) -> Result<(), CryptoError> {
        self.extend(root, |keys, wrapped| {
            for &owner in owners {
                let entries = keys.entry(owner).or_default();
                let epoch = entries.last().map_or(Some(1), |last| last.epoch.checked_add(1));
                let epoch = epoch.ok_or(CryptoError::Refused("this owner has had all the keys there can be"))?;
                entries.push(wrapped(owner, epoch));
            }
            Ok(())
        })
    }

    /// Adds new keys, made by what `add` is given, with one write of the file.
    fn extend(
        &mut self,
        root: &RootKey,
        add: impl FnOnce(&mut Keys, &dyn Fn(Owner, u32) -> Entry) -> Result<(), CryptoError>,
    ) -> Result<(), CryptoError> {
        if !same(&*mac_key(root, self.vault).bytes(), &*self.mac_key.bytes()) {
            return Err(CryptoError::Refused("the keyring is under another root key"));
        }
        let vault = self.vault;
        let wrapped = |owner, epoch| Entry::wrapped_under(root, vault, owner, epoch, Held::random());
        let mut keys = self.keys.clone();
        add(&mut keys, &wrapped)?;
        self.write(keys, false)
    }

    /// Forgets an old key of `owner`; whoever calls has resealed and committed the last body under it.
    ///
    /// A root rotation must follow before the key counts as gone: an old keyring still opens with the old root.
    pub fn drop_epoch(&mut self, owner: Owner, epoch: u32) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        let entries = keys.get_mut(&owner).ok_or(CryptoError::Refused("this owner has no key"))?;
        if entries.last().is_some_and(|newest| newest.epoch == epoch) {
            return Err(CryptoError::Refused("the newest key of an owner cannot be dropped alone"));
        }
        entries.retain(|entry| entry.epoch != epoch);
        self.write(keys, true)
    }

    /// Forgets every key of `owner`. For erasing a person use [`super::unlock::Unlocked::rotate_root`], which leaves
    /// no wrap of theirs that today's secrets could open.
    pub fn remove(&mut self, owner: Owner) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        keys.remove(&owner);
        self.write(keys, true)
    }

    /// Wraps every key that is to be kept anew under `root`, and wipes the old file.
    pub(super) fn rewrap(&mut self, root: &RootKey, keep: impl Fn(Owner, u32) -> bool) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        keys.retain(|owner, entries| {
            entries.retain(|entry| keep(*owner, entry.epoch));
            !entries.is_empty()
        });
        for (owner, entries) in &mut keys {
            for entry in entries {
                *entry = Entry::wrapped_under(root, self.vault, *owner, entry.epoch, entry.key.clone());
            }
        }
        let old = std::mem::replace(&mut self.mac_key, mac_key(root, self.vault));
        self.write(keys, true).inspect_err(|_| self.mac_key = old)
    }

    /// Writes both copies again, which repairs a damaged one.
    pub fn repair(&mut self) -> Result<(), CryptoError> {
        self.write(self.keys.clone(), true)
    }

    /// Whether a copy is damaged or a change was cut off before the end.
    pub(super) fn needs_repair(&self) -> bool {
        !self.damaged.is_empty() || self.behind || self.copies.is_unwiped()
    }

    /// The file as it is written, whole whatever became of the copies on disk.
    pub(super) fn bytes(&self) -> Vec<u8> {
        form::encode(self.vault, &self.keys, self.generation, &self.mac_key.bytes())
    }

    fn write(&mut self, keys: Keys, wipe: bool) -> Result<(), CryptoError> {
        self.attempted += 1;
        self.copies.write(&form::encode(self.vault, &keys, self.attempted, &self.mac_key.bytes()), wipe)?;
        self.generation = self.attempted;
        self.keys = keys;
        self.damaged.clear();
        self.behind = false;
        Ok(())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("generation", &self.generation)
            .field("owners", &self.keys.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::crypto::bytes::unhex;
    use crate::crypto::secret::KeyBytes as _;
    use crate::error::{Error, ErrorKind};

    const VAULT: VaultId = VaultId::from_bytes([9; 16]);
    fn root() -> RootKey {
        RootKey::from_bytes([0x22; 32])
    }

    const PERSON: ProfileId = ProfileId::from_bytes([1; 16]);
    const LOG: LogId = LogId::from_bytes([2; 16]);

    fn sample() -> Vec<u8> {
        unhex(include_str!("../samples/keyring-1.hex"))
    }

    fn folder(first: &[u8], second: &[u8]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("keyring"), first).expect("write");
        fs::write(dir.path().join("keyring.2"), second).expect("write");
        dir
    }

    fn new_folder(owners: &[Owner]) -> (tempfile::TempDir, Keyring) {
        let dir = tempfile::tempdir().expect("a folder");
        let keyring = Keyring::create(dir.path(), VAULT, &root(), owners).expect("create");
        (dir, keyring)
    }

    fn bytes<K: crate::crypto::secret::KeyBytes>(key: Option<(u32, K)>) -> Option<(u32, [u8; 32])> {
        key.map(|(epoch, key)| (epoch, *key.bytes()))
    }

    #[test]
    fn a_keyring_written_by_the_first_release_still_opens() {
        let dir = folder(&sample(), &sample());
        let keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert_eq!((keyring.generation(), keyring.damaged().len()), (12, 0));
        assert_eq!(keyring.epochs(Owner::Profile(PERSON)), [1, 3]);
        assert_eq!(bytes(keyring.profile(PERSON)), Some((3, [0x43; 32])));
        assert_eq!(*keyring.profile_at(PERSON, 1).expect("old key").bytes(), [0x41; 32]);
        assert!(keyring.profile_at(PERSON, 2).is_none());
        assert_eq!(*keyring.index().expect("index").bytes(), [0x31; 32]);
        assert_eq!(bytes(keyring.audit(LOG)), Some((1, [0x32; 32])));
        assert_eq!(*keyring.checkpoint(LOG).expect("seed").bytes(), [0x33; 32]);
        assert_eq!(bytes(keyring.state()), Some((1, [0x34; 32])));
        assert_eq!(bytes(keyring.token()), Some((1, [0x35; 32])));
        assert_eq!(bytes(keyring.backup()), Some((1, [0x36; 32])));
        assert_eq!(keyring.owners().count(), 7);
    }

    #[test]
    fn a_keyring_is_written_in_the_form_of_the_first_release() {
        let (keys, _, generation) = form::parse(&sample(), VAULT, &[&root()]).expect("whole");
        assert_eq!(form::encode(VAULT, &keys, generation, &mac_key(&root(), VAULT).bytes()), sample());
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let whole = sample();
        for bit in 0..whole.len() * 8 {
            let mut bad = whole.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(form::parse(&bad, VAULT, &[&root()]).is_err(), "bit {bit}");
        }
        assert!(form::parse(&whole[..whole.len() - 1], VAULT, &[&root()]).is_err());
    }

    #[test]
    fn one_damaged_copy_is_named_and_the_next_change_repairs_it() {
        let dir = folder(&sample()[1..], &sample());
        let mut keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert_eq!(keyring.damaged(), ["keyring"]);
        keyring.add(Owner::Token, &root()).expect("add");
        assert!(keyring.damaged().is_empty());
        assert!(Keyring::load(dir.path(), VAULT, &root()).expect("load").damaged().is_empty());
    }

    #[test]
    fn two_damaged_copies_say_which_file_and_what_to_do() {
        let dir = folder(b"", b"x");
        let error = Error::from(Keyring::load(dir.path(), VAULT, &root()).expect_err("damaged"));
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains("keyring and keyring.2") && error.to_string().contains("backup"), "{error}");
    }

    #[test]
    fn a_keyring_of_another_root_or_vault_does_not_open() {
        let dir = folder(&sample(), &sample());
        assert!(Keyring::load(dir.path(), VAULT, &RootKey::generate()).is_err());
        assert!(Keyring::load(dir.path(), VaultId::from_bytes([8; 16]), &root()).is_err());
        let mut keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert!(keyring.add(Owner::Token, &RootKey::generate()).is_err(), "nor takes keys under another root");
    }

    #[test]
    fn a_new_key_is_on_disk_when_the_call_returns() {
        let (dir, mut keyring) = new_folder(&[Owner::Index]);
        let before = keyring.generation();
        assert_eq!(keyring.add(Owner::Profile(PERSON), &root()).expect("add"), 1);
        assert_eq!(keyring.add(Owner::Profile(PERSON), &root()).expect("add"), 2);
        assert_eq!(keyring.generation(), before + 2);
        for copy in ["keyring", "keyring.2"] {
            let bytes_on_disk = fs::read(dir.path().join(copy)).expect("read");
            let other = folder(&bytes_on_disk, b"");
            let loaded = Keyring::load(other.path(), VAULT, &root()).expect("load");
            assert_eq!(bytes(loaded.profile(PERSON)), bytes(keyring.profile(PERSON)));
        }
    }

    #[test]
    fn the_log_that_was_begun_last_comes_last_and_keeps_its_number() {
        let (dir, mut keyring) = new_folder(&[Owner::Audit(LOG), Owner::Checkpoint(LOG)]);
        let next = [LogId::from_bytes([1; 16]), LogId::from_bytes([9; 16])];
        for log in next {
            keyring.begin_log(log, &root()).expect("begun");
        }
        assert!(keyring.begin_log(LOG, &root()).is_err(), "it was begun already");
        let numbered = [(LOG, 0), (next[0], 1), (next[1], 2)];
        let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert_eq!((keyring.logs(), loaded.logs()), (numbered.to_vec(), numbered.to_vec()));
        assert!(loaded.checkpoint(next[1]).is_some() && loaded.checkpoint(LOG).is_some());
    }

    #[test]
    fn a_failed_write_leaves_the_keyring_as_it_was_and_the_next_one_wins() {
        let (dir, mut keyring) = new_folder(&[Owner::Index]);
        let generation = keyring.generation();
        // A folder stands where the second copy is prepared, so only the first one can be written.
        let blocked = dir.path().join("keyring.2.new");
        fs::create_dir(&blocked).expect("create");
        assert!(matches!(keyring.add(Owner::Token, &root()), Err(CryptoError::Io(_))));
        assert!(keyring.token().is_none() && keyring.generation() == generation);
        fs::remove_dir(&blocked).expect("remove");
        keyring.add(Owner::State, &root()).expect("add");
        let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert!(loaded.damaged().is_empty() && loaded.token().is_none() && loaded.state().is_some());
    }

    #[test]
    fn removed_owners_and_dropped_epochs_are_gone() {
        let (dir, mut keyring) = new_folder(&[Owner::Token, Owner::Profile(PERSON), Owner::Profile(PERSON)]);
        keyring.drop_epoch(Owner::Profile(PERSON), 1).expect("drop");
        assert!(keyring.drop_epoch(Owner::Profile(PERSON), 2).is_err(), "the newest is not dropped alone");
        assert!(keyring.drop_epoch(Owner::Backup, 1).is_err());
        keyring.remove(Owner::Token).expect("remove");
        let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
        assert_eq!(loaded.owners().collect::<Vec<_>>(), [Owner::Profile(PERSON)]);
        assert_eq!(loaded.epochs(Owner::Profile(PERSON)), [2]);
    }

    #[test]
    fn thousands_of_owners_are_one_write() {
        let owners: Vec<Owner> = (0..2_000).map(|_| Owner::Profile(ProfileId::new())).collect();
        let (dir, keyring) = new_folder(&owners);
        assert_eq!(keyring.generation(), 1);
        assert_eq!(Keyring::load(dir.path(), VAULT, &root()).expect("load").owners().count(), 2_000);
    }

    #[test]
    fn a_keyring_shows_no_key() {
        let (_dir, keyring) = new_folder(&[Owner::Index]);
        assert_eq!(format!("{keyring:?}"), "Keyring { generation: 1, owners: 1, .. }");
    }
}
