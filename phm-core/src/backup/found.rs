//! A backup that stands where one is to be written: whether it is whole, of this vault, and of what the vault holds now.
//!
//! Whatever is done in a vault adds a row to its audit log. So nothing was done since a backup was written where the log
//! goes on from it with the one row that says so, or with none where a kill came between the file and that row.

use std::fs;
use std::path::Path;

use super::form::damaged;
use super::frame::Frame;
use super::{Kind, Made};
use crate::crypto::digest::hex;
use crate::crypto::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::vault::Vault;

/// What stands at the name of a backup that is to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// Nothing: it is to be written.
    Nothing,
    /// A whole backup of what the vault holds now, which the vault knows of.
    Current,
    /// A backup of this vault, of another moment.
    Other,
}

/// Looks at `path`, for whoever has the vault alone. A backup of now that the vault does not know of is put on its list.
///
/// # Errors
/// `not-empty` where something else stands there, `invalid-input` where it is no backup or of another vault, `corrupt` where
/// it was cut or changed.
pub(crate) fn find(vault: &Vault, path: &Path, purpose: &str) -> Result<Found> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
        Ok(about) if about.is_file() => {}
        Ok(_) => return Err(Error::new(ErrorKind::Conflict, "not-empty", "what stands there is not a file")),
    }
    let frame = Frame::read(path)?;
    let own = &frame.manifest;
    if own.vault != vault.id() {
        return Err(Error::new(ErrorKind::Invalid, "invalid-input", "that backup is of another vault"));
    }
    let key = vault.inner.keys.backup_key_at(own.epoch).ok_or_else(damaged)?;
    frame.check_signatures(&key)?;
    frame.check_body()?;
    let (log, size) = vault.inner.at_barrier(|ledger| Ok((ledger.log(), ledger.size())))?;
    let known = vault.backups()?.iter().any(|made| made.is(own.chain, own.number, own.written_at));
    let current = own.number == 0
        && own.log == log
        && own.size.checked_add(u64::from(known)) == Some(size)
        && own.root == hex(&vault.inner.root_at(log, own.size)?);
    if !current {
        return Ok(Found::Other);
    }
    // A kill may have come between its name and the moment that made it durable.
    fs::File::open(path)?.sync_all()?;
    durable::sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    if !known {
        let made = Made {
            path: std::path::absolute(path)?,
            written_at: own.written_at,
            kind: Kind::Full,
            chain: own.chain,
            number: own.number,
            bytes: fs::metadata(path)?.len(),
            keys_from: vault.keys_from(own.written_at),
            kept_until: None,
        };
        vault.add_backup(made, purpose)?;
    }
    Ok(Found::Current)
}
