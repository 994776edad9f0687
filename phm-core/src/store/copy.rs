//! Copying one store into another, and knowing that the copy is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::path::Path;

use super::{Batch, Store, StoreError};
use crate::crypto::digest::Sha256;

/// Rows copied at a time. Few enough to stand in memory, and for readers hardly to notice; enough to wait for the disk
/// seldom.
const COPY_ROWS: usize = 256;
/// The disk is left at least this much, because a full disk would stop the live generation too.
const RESERVE: u64 = 16 * 1024 * 1024;

/// No address is longer than 64 bytes, so none is behind this one.
pub(super) const END: [u8; 65] = [u8::MAX; 65];

/// Copies every row into a store that has none; all of them are durable then.
pub(super) fn copy_all(from: &dyn Store, to: &dyn Store) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    let mut failed = None;
    from.scan(&[], &END, &mut |(address, value)| {
        rows.push((address.to_vec(), value.to_vec()));
        if rows.len() == COPY_ROWS {
            failed = to.fill(std::mem::take(&mut rows)).err();
        }
        failed.is_none()
    })?;
    failed.map_or_else(|| to.fill(rows), Err)?;
    to.commit(Batch::default())
}

/// Brings the rows at these addresses to what they are in `from`.
pub(super) fn copy_some(from: &dyn Store, to: &dyn Store, addresses: &BTreeSet<Vec<u8>>) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    for (at, address) in addresses.iter().enumerate() {
        match from.get(address)? {
            Some(value) => batch.replace(address.clone(), value),
            None => batch.delete(address.clone()),
        }
        if at % COPY_ROWS == COPY_ROWS - 1 {
            to.commit(std::mem::take(&mut batch))?;
        }
    }
    to.commit(batch)
}

/// What a store holds, so that two can be compared and the answer be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tally {
    /// Rows by the tag of their table.
    pub tables: BTreeMap<u8, u64>,
    /// SHA-256 over all addresses and values, each behind its length (8 bytes, big-endian), in order of address.
    pub sha256: [u8; 32],
}

pub(super) fn tally(store: &dyn Store) -> Result<Tally, StoreError> {
    let mut tables = BTreeMap::new();
    let mut hash = Sha256::new();
    store.scan(&[], &END, &mut |(address, value)| {
        *tables.entry(address.first().copied().unwrap_or_default()).or_default() += 1;
        for bytes in [address, value] {
            hash.update(&(bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        true
    })?;
    Ok(Tally { tables, sha256: hash.finish() })
}

/// Guards against accidents of the copying, not against an enemy: rows are sealed for that.
pub(super) fn count_and_hash(store: &dyn Store) -> Result<(u64, u64), StoreError> {
    let mut count = 0;
    let mut hash = std::hash::DefaultHasher::new();
    store.scan(&[], &END, &mut |(address, value)| {
        count += 1;
        for bytes in [address, value] {
            hash.write_usize(bytes.len());
            hash.write(bytes);
        }
        true
    })?;
    Ok((count, hash.finish()))
}

/// Answers the `sum` both stores have, taken of both at once; an error where they differ.
pub(super) fn same<T: PartialEq + Send>(
    a: &dyn Store,
    b: &dyn Store,
    sum: fn(&dyn Store) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (mine, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| sum(b));
        let mine = sum(a);
        (mine, other.join())
    });
    let other = other.map_err(|_| StoreError::Corrupt("comparing the copy failed".into()))??;
    let mine = mine?;
    if mine == other { Ok(mine) } else { Err(StoreError::Corrupt("the copy differs from the rows it copied".into())) }
}

/// Bytes the file system of `dir` still has for us. The only call that `std` does not offer.
fn free_bytes(dir: &Path) -> Result<u64, StoreError> {
    let room = rustix::fs::statvfs(dir).map_err(std::io::Error::from)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Refuses to lay down so many bytes in `dir` where its disk has no room for them and what goes with them.
pub(crate) fn room_for(dir: &Path, bytes: u64) -> Result<(), StoreError> {
    check_room(free_bytes(dir)?, bytes.saturating_add(bytes / 4))
}

/// Refuses a copy of a store in `dir`: for their own order engines take hardly as much again as what is live.
pub(super) fn room_for_copy(dir: &Path, live: u64) -> Result<(), StoreError> {
    check_room(free_bytes(dir)?, live.saturating_mul(2))
}

fn check_room(free: u64, needed: u64) -> Result<(), StoreError> {
    let needed = needed.saturating_add(RESERVE);
    if free < needed { Err(StoreError::NoRoom { needed, free }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_for_the_copy_is_refused_before_anything_is_written() {
        let refused = check_room(1 << 30, 1 << 30).expect_err("the reserve is missing");
        let said = crate::error::Error::from(refused);
        let told = "1090 MB are needed on the disk and 1073 are free; make room and try again";
        assert_eq!((said.code(), said.to_string().as_str()), ("io", told));
        assert!(check_room((1 << 30) + RESERVE, 1 << 30).is_ok());
        assert!(free_bytes(Path::new("/")).is_ok());
    }
}
