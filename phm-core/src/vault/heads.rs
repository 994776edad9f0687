//! The `heads` file: the last seq of every journal and the tree's size and root, written at close and every few seconds.
//!
//! A store that lost its newest rows without noticing is behind this file, and then refused by name.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Inner;
use super::folder::{Folder, Marker};
use super::keys::KeyBook;
use super::ledger::Ledger;
use crate::audit::tree::Hash;
use crate::crypto::{self, Prepared, durable};
use crate::error::{Error, Result, if_whole};
use crate::id::{LogId, ProfileId};

const NAME: &str = "heads";

#[derive(Debug, Serialize, Deserialize)]
struct Heads {
    journals: HashMap<ProfileId, u64>,
    size: u64,
    root: [u8; 32],
    /// The audit log that size and root are of; the vault's first one in files from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<LogId>,
}

/// What the file says, or whether it is damaged.
#[derive(Default)]
pub(crate) struct Expected {
    pub journals: HashMap<ProfileId, u64>,
    /// Size and root of the audit log.
    log: Option<(u64, Hash)>,
    /// Which log that is.
    of: Option<LogId>,
    pub damaged: bool,
}

impl Expected {
    /// Forgets the audit log, because another one begins.
    pub fn of_another_log(&mut self) {
        (self.log, self.of) = (None, None);
    }

    /// Refuses an audit log that is behind the file, or another than the one the file is of.
    pub fn check(&self, ledger: &Ledger) -> Result<()> {
        if self.of.is_some_and(|log| log != ledger.log()) {
            return Err(Error::corrupt(
                "the keyring is older than `heads`, so keys are missing; put back the newest `keyring`, or restore the \
                 newest backup",
            ));
        }
        match self.log {
            Some((size, root)) if ledger.size() < size || (ledger.size() == size && ledger.root() != root) => {
                Err(Error::corrupt(format!(
                    "the audit log ends at row {} but {size} were written; run `phm salvage OUT` and restore the newest backup",
                    ledger.size(),
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Reads the file.
pub(crate) fn read(folder: &Folder, marker: &Marker, keys: &KeyBook) -> Result<Expected> {
    Ok(match open(folder, marker, keys)? {
        Some(Heads { journals, size, root, log }) => {
            Expected { journals, log: Some((size, root)), of: log, damaged: false }
        }
        None => Expected { damaged: true, ..Expected::default() },
    })
}

fn open(folder: &Folder, marker: &Marker, keys: &KeyBook) -> Result<Option<Heads>> {
    let bytes = match std::fs::read(folder.path(NAME)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let parts: Vec<&[u8]> = bytes.chunks(crypto::MAX_PART).collect();
    let key = parts.first().and_then(|part| crypto::epoch_of(part)).and_then(|epoch| keys.state_key_at(epoch));
    let opened = key.and_then(|key| crypto::open(&key, &context(marker), &parts).ok());
    Ok(opened.and_then(|opened| serde_json::from_slice(&opened.plaintext).ok()))
}

/// Whether the file is whole.
pub(crate) fn is_whole(inner: &Inner) -> Result<bool> {
    Ok(open(&inner.folder, &inner.marker, &inner.keys)?.is_some())
}

/// Writes the file as things stand.
pub(crate) fn write(inner: &Inner) -> Result<()> {
    inner.at_barrier(|ledger| write_at(inner, ledger))
}

/// Writes the file while nothing else is written.
pub(crate) fn write_at(inner: &Inner, ledger: &Ledger) -> Result<()> {
    let (size, root) = (ledger.size(), ledger.root());
    let mut journals = inner.written().clone();
    for id in inner.profile_ids().into_iter().filter(|id| !journals.contains_key(id)).collect::<Vec<_>>() {
        // Not known from an earlier file and not opened since.
        let head = if_whole(inner.stored_head(id, &inner.keys.blind_profile(id)))?.flatten();
        journals.extend(head.map(|head| (id, head.seq)));
    }
    journals.retain(|id, _| inner.keys.has_profile(*id));
    let json = serde_json::to_vec(&Heads { journals, size, root, log: Some(ledger.log()) })
        .map_err(|error| Error::internal("heads are not JSON").with_source(error))?;
    let (epoch, key) = inner.keys.state_key()?;
    let parts = crypto::seal(inner.marker.suite, &key, epoch, &context(&inner.marker), &Prepared::new(&json)?);
    Ok(durable::write_file(&inner.folder.path(NAME), &parts.concat())?)
}

pub(super) fn context(marker: &Marker) -> Vec<u8> {
    [marker.vault.as_bytes().as_slice(), b"heads"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Action, Actor};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::vault::{How, Options, Vault};

    fn heads(inner: &Inner) -> Heads {
        open(&inner.folder, &inner.marker, &inner.keys).expect("readable").expect("whole")
    }

    #[test]
    fn the_file_says_what_was_written_of_profiles_closed_since_too() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, index_budget: 1, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(dir.path(), std::slice::from_ref(&secret), options.clone()).expect("a vault");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let name = serde_json::json!({"name": {"text": "Asha Example"}});
        let people: Vec<ProfileId> =
            (0..3).map(|_| session.add_profile(&name, None).expect("a person").profile).collect();
        for profile in &people {
            let permit = session.permit(Action::Add, *profile, "note").expect("allowed");
            session.add(&permit, &serde_json::json!({"text": "x"}), How::Typed).expect("added");
        }
        vault.inner.committer.flush().expect("flushed");
        assert!(!vault.inner.open_now().iter().any(|open| open.id == people[0]), "closed for want of memory");
        write(&vault.inner).expect("written");
        let said = heads(&vault.inner);
        assert_eq!(people.iter().map(|id| said.journals[id]).collect::<Vec<_>>(), [2, 2, 2]);
        drop(session);
        vault.close().expect("closed");

        // A file that was lost is made again from the heads in the store.
        std::fs::remove_file(dir.path().join(NAME)).expect("removed");
        let vault = Vault::open(dir.path(), &secret, options).expect("the vault opens");
        write(&vault.inner).expect("written");
        assert_eq!(heads(&vault.inner).journals, said.journals);
    }
}
