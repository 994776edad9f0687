//! Backups of form 1, which the first builds wrote: everything in one file, under one HMAC of the backup key.
//!
//! ```text
//! "PHMB" ‖ 1 ‖ item… ‖ end
//! end  = 0 ‖ entries (8) ‖ tree size (8) ‖ tree root (32) ‖ HMAC-SHA-256(backup key, everything before)
//! ```

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::Path;

use super::form::damaged;
use super::items::{Item, items};
use crate::audit::tree::Hash;
use crate::crypto::digest::{HmacSha256, same};
use crate::crypto::secret::BackupKey;
use crate::error::Result;

const END: u8 = 0;
/// The end without its authentication code.
const TAIL: usize = 1 + 8 + 8 + 32;
const TAG: usize = 32;

/// Shows every item.
pub(super) fn each_item(file: &Path, visit: impl FnMut(Item<'_>) -> Result<()>) -> Result<()> {
    let length = fs::metadata(file)?.len();
    items(File::open(file)?, length.checked_sub((TAIL + TAG) as u64).ok_or_else(damaged)?, visit)
}

/// Reads the whole file and compares its code; answers the entries, the size of the audit tree and its root.
pub(super) fn authenticate(file: &Path, key: &BackupKey) -> Result<(u64, u64, Hash)> {
    let length = fs::metadata(file)?.len();
    let mut left = length.checked_sub((TAIL + TAG) as u64).ok_or_else(damaged)?;
    let (mut input, mut mac) = (BufReader::new(File::open(file)?), HmacSha256::new(key));
    let mut buffer = vec![0; 256 * 1024];
    while left > 0 {
        let most = usize::try_from(left.min(buffer.len() as u64)).unwrap_or(buffer.len());
        let read = input.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(damaged());
        }
        mac.update(&buffer[..read]);
        left -= read as u64;
    }
    let mut tail = [0; TAIL + TAG];
    input.read_exact(&mut tail).map_err(|_| damaged())?;
    let (end, tag) = tail.split_at(TAIL);
    mac.update(end);
    if end[0] != END || !same(&mac.finish(), tag) {
        return Err(damaged());
    }
    let number = |at: usize| end[at..at + 8].try_into().map(u64::from_be_bytes).map_err(|_| damaged());
    Ok((number(1)?, number(9)?, end[17..].try_into().map_err(|_| damaged())?))
}
