//! Copying one store into another, and knowing that the copy is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::path::Path;

use super::layout::END;
use super::{Batch, Store, StoreError};
use crate::crypto::digest::Sha256;

/// Rows copied at a time. Few enough to stand in memory, and for readers hardly to notice; enough to wait for the disk
/// seldom.
const COPY_ROWS: usize = 256;
/// The disk is left at least this much, because a full disk would stop the live generation too.
const RESERVE: u64 = 16 * 1024 * 1024;

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
    if mine == other { Ok(mine) } else { Err(StoreError::CopyDiffers) }
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
    use crate::store::MemoryStore;

    /// A store of two tables with these values in them.
    fn store_of(values: &[(u8, u8)]) -> MemoryStore {
        let store = MemoryStore::new();
        let mut batch = Batch::default();
        for (number, (table, value)) in (0_u8..).zip(values) {
            batch.append(vec![*table, number], vec![*value; 500]);
        }
        store.commit(batch).expect("commit");
        store
    }

    /// What each way to compare says of two stores: whether they hold the same.
    fn compared(a: &dyn Store, b: &dyn Store) -> [Result<(), StoreError>; 2] {
        [same(a, b, tally).map(drop), same(a, b, count_and_hash).map(drop)]
    }

    #[test]
    fn a_copy_that_differs_by_a_value_or_by_a_row_is_told_whichever_way_it_is_compared() {
        let rows = [(1, 1), (1, 2), (2, 3)];
        let whole = store_of(&rows);
        assert!(compared(&whole, &store_of(&rows)).iter().all(Result::is_ok));
        let of_whole = same(&whole, &whole, tally).expect("the same");
        assert_eq!(of_whole.tables, [(1, 2), (2, 1)].into());

        let other_value = store_of(&[(1, 1), (1, 9), (2, 3)]);
        // As many rows in each table: only the hash tells.
        assert_eq!(tally(&other_value).expect("tally").tables, of_whole.tables);
        assert_eq!(count_and_hash(&other_value).expect("hash").0, count_and_hash(&whole).expect("hash").0);
        let fewer = store_of(&rows[..2]);
        assert_eq!(tally(&fewer).expect("tally").tables, [(1, 2)].into());
        assert_eq!(count_and_hash(&fewer).expect("hash").0, 2);
        let moved = store_of(&rows);
        let mut batch = Batch::default();
        batch.delete(vec![1, 1]);
        batch.append(vec![1, 7], vec![2; 500]);
        moved.commit(batch).expect("commit");
        for other in [&other_value, &fewer, &moved] {
            for refused in [compared(&whole, other), compared(other, &whole)].into_iter().flatten() {
                assert!(matches!(refused, Err(StoreError::CopyDiffers)), "{refused:?}");
            }
        }
    }

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
