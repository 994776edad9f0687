//! The reference store: a sorted map in memory.
//!
//! It keeps every promise of [`Store`] but the one about power cuts, and is what the other engines are
//! compared with. Tests use it where the disk does not matter.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::{Batch, Expectation, Row, Store, StoreError, StoreStats};

/// Rows a scan copies at a time, so that no lock is held while the visitor looks at them.
const SCAN_CHUNK: usize = 64;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: RwLock<Rows>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A commit changes the map only after all checks, so a panic elsewhere never leaves it half changed.
    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().get(address).cloned())
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        let mut start = Bound::Included(from.to_vec());
        loop {
            let chunk: Vec<(Vec<u8>, Vec<u8>)> = match &start {
                Bound::Included(at) | Bound::Excluded(at) if at.as_slice() >= to => return Ok(()),
                _ => self
                    .read()
                    .range((start.clone(), Bound::Excluded(to.to_vec())))
                    .take(SCAN_CHUNK)
                    .map(|(address, value)| (address.clone(), value.clone()))
                    .collect(),
            };
            for (address, value) in &chunk {
                if !visit((address, value)) {
                    return Ok(());
                }
            }
            match chunk.into_iter().next_back() {
                Some((last, _)) => start = Bound::Excluded(last),
                None => return Ok(()),
            }
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        batch.check_sizes()?;
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        for (address, expected) in &batch.expect {
            if rows.contains_key(address) != (*expected == Expectation::Present) {
                return Err(StoreError::Expectation);
            }
        }
        rows.extend(batch.put);
        for address in &batch.delete {
            rows.remove(address);
        }
        Ok(())
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        let rows = self.read();
        let live_bytes = rows.iter().map(|(address, value)| (address.len() + value.len()) as u64).sum();
        Ok(StoreStats { values: rows.len() as u64, live_bytes, disk_bytes: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::store_suite!(contract, false, |_| MemoryStore::new());
}
