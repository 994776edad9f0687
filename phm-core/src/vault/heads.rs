//! The `heads` file: the last seq of every journal and the tree's size and root, written at close and every few seconds.
//!
//! A store that lost its newest rows without noticing is behind this file, and then refused by name.

use std::collections::HashMap;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::Inner;
use super::folder::{Folder, Marker};
use super::keys::KeyBook;
use super::ledger::Ledger;
use crate::crypto::{self, Prepared, durable};
use crate::error::{Error, Result};
use crate::id::ProfileId;

const NAME: &str = "heads";

#[derive(Debug, Serialize, Deserialize)]
struct Heads {
    journals: HashMap<ProfileId, u64>,
    size: u64,
    root: [u8; 32],
}

/// What the file says, or whether it is damaged.
#[derive(Default)]
pub(crate) struct Expected {
    pub journals: HashMap<ProfileId, u64>,
    pub damaged: bool,
}

/// Reads the file and refuses an audit log that is behind it.
pub(crate) fn read(folder: &Folder, marker: &Marker, keys: &KeyBook, ledger: &Ledger) -> Result<Expected> {
    let Some(heads) = open(folder, marker, keys)? else {
        return Ok(Expected { journals: HashMap::new(), damaged: true });
    };
    let same = heads.size != ledger.size() || heads.root == ledger.root();
    if ledger.size() < heads.size || !same {
        return Err(Error::corrupt(format!(
            "the audit log ends at row {} but {} were written; run `phm salvage OUT` and restore the newest backup",
            ledger.size(),
            heads.size
        )));
    }
    Ok(Expected { journals: heads.journals, damaged: false })
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
    let mut journals = inner.heads_at_open.clone();
    for profile in inner.open_now() {
        let seq = profile.head.lock().unwrap_or_else(PoisonError::into_inner).seq;
        let known = journals.entry(profile.id).or_default();
        *known = seq.max(*known);
    }
    journals.retain(|id, _| inner.keys.has_profile(*id));
    let json = serde_json::to_vec(&Heads { journals, size, root })
        .map_err(|error| Error::internal("heads are not JSON").with_source(error))?;
    let (epoch, key) = inner.keys.state_key()?;
    let parts = crypto::seal(inner.marker.suite, &key, epoch, &context(&inner.marker), &Prepared::new(&json)?);
    Ok(durable::write_file(&inner.folder.path(NAME), &parts.concat())?)
}

fn context(marker: &Marker) -> Vec<u8> {
    [marker.vault.as_bytes().as_slice(), b"heads"].concat()
}
