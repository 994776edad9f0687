//! Copying one store into another, and knowing that the copy is whole.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::io::ErrorKind;
use std::path::Path;

use super::{Batch, Store, StoreError};

/// Rows copied at a time. Small enough that readers hardly notice, large enough to sync seldom.
const COPY_ROWS: usize = 256;
/// The disk is left at least this much, because a full disk would stop the live generation too.
const RESERVE: u64 = 16 * 1024 * 1024;

/// Gathers copied rows into batches.
struct Copying<'s> {
    to: &'s dyn Store,
    batch: Batch,
}

impl<'s> Copying<'s> {
    fn new(to: &'s dyn Store) -> Self {
        Self { to, batch: Batch::default() }
    }

    fn set(&mut self, address: &[u8], value: Option<Vec<u8>>) -> Result<(), StoreError> {
        match value {
            Some(value) => self.batch.replace(address.to_vec(), value),
            None => self.batch.delete(address.to_vec()),
        }
        if self.batch.put.len() + self.batch.delete.len() >= COPY_ROWS { self.finish() } else { Ok(()) }
    }

    /// Puts empty values first, so that the tree has its shape before the values come: sled splits a leaf by its
    /// number of rows and then writes all of it anew. With the values in it the copy would take twice its rows.
    fn finish(&mut self) -> Result<(), StoreError> {
        let put = self.batch.put.iter().map(|(address, _)| (address.clone(), Vec::new())).collect();
        self.to.commit(Batch { put, ..Batch::default() })?;
        self.to.commit(std::mem::take(&mut self.batch))
    }
}

/// No address is longer than 64 bytes, so none is behind this one.
pub(super) const END: [u8; 65] = [u8::MAX; 65];

pub(super) fn copy_all(from: &dyn Store, to: &dyn Store) -> Result<(), StoreError> {
    let mut copying = Copying::new(to);
    let mut failed = None;
    from.scan(&[], &END, &mut |(address, value)| {
        failed = copying.set(address, Some(value.to_vec())).err();
        failed.is_none()
    })?;
    failed.map_or_else(|| copying.finish(), Err)
}

pub(super) fn copy_some(from: &dyn Store, to: &dyn Store, addresses: &BTreeSet<Vec<u8>>) -> Result<(), StoreError> {
    let mut copying = Copying::new(to);
    for address in addresses {
        copying.set(address, from.get(address)?)?;
    }
    copying.finish()
}

pub(super) fn same_rows(a: &dyn Store, b: &dyn Store) -> Result<bool, StoreError> {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| count_and_hash(b));
        let mine = count_and_hash(a)?;
        let other = other.join().map_err(|_| StoreError::Corrupt("comparing the copy failed".into()))??;
        Ok(mine == other)
    })
}

/// Guards against accidents of the copying, not against an enemy: rows are sealed for that.
fn count_and_hash(store: &dyn Store) -> Result<(u64, u64), StoreError> {
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

/// Bytes the file system of `dir` still has for us. The only call that `std` does not offer.
pub(super) fn free_bytes(dir: &Path) -> Result<u64, StoreError> {
    let room = rustix::fs::statvfs(dir).map_err(std::io::Error::from)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// A copy takes the live bytes and a little for the engine's own order.
pub(super) fn check_room(free: u64, live: u64) -> Result<(), StoreError> {
    let needed = live.saturating_add(live / 4).saturating_add(RESERVE);
    if free < needed { Err(StoreError::Io(ErrorKind::StorageFull.into())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_for_the_copy_is_refused_before_anything_is_written() {
        let full =
            |free, live| matches!(check_room(free, live), Err(StoreError::Io(e)) if e.kind() == ErrorKind::StorageFull);
        assert!(full(1 << 30, 1 << 30));
        assert!(!full(1 << 31, 1 << 30));
        assert!(free_bytes(Path::new("/")).is_ok());
    }
}
