//! Changes of a keyring, each durable in both copies of the file when its call returns.

use super::form::{self, Entry, Keys, mac_key};
use super::{Keyring, Owner};
use crate::crypto::CryptoError;
use crate::crypto::digest::same;
use crate::crypto::secret::{Held, RootKey};
use crate::id::LogId;

impl Keyring {
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

    /// Forgets every key of `owner`. For erasing a person use [`crate::crypto::unlock::Unlocked::rotate_root`], which
    /// leaves no wrap of theirs that today's secrets could open.
    pub fn remove(&mut self, owner: Owner) -> Result<(), CryptoError> {
        let mut keys = self.keys.clone();
        keys.remove(&owner);
        self.write(keys, true)
    }

    /// Wraps every key that is to be kept anew under `root`, and wipes the old file.
    pub(in crate::crypto) fn rewrap(
        &mut self,
        root: &RootKey,
        keep: impl Fn(Owner, u32) -> bool,
    ) -> Result<(), CryptoError> {
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
