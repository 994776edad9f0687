//! Samples stay in their rows while a backup copies them.
//!
//! Rows of series are replaced when samples move into blocks, so they would have to be copied at the very moment of the
//! backup, while everybody waits. Instead nobody moves samples while they are copied: what waits goes on waiting, which
//! costs readers a little. Rows that are added after the moment of the backup are known by their addresses.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

use crate::store::Batch;
use crate::store::layout::Table;

/// Who may move samples, and what is added while nobody may.
#[derive(Debug, Default)]
pub(crate) struct Movement {
    /// Read by whoever moves samples, until that is committed.
    moving: RwLock<()>,
    /// The rows added since the moment of a backup that copies samples now.
    added: Mutex<Option<HashSet<Vec<u8>>>>,
}

/// As long as it lives nobody moves samples.
pub(crate) struct Still<'v> {
    movement: &'v Movement,
    _moving: RwLockWriteGuard<'v, ()>,
}

impl Movement {
    /// Leave to move samples, to be kept until the move is committed; `None` while a backup copies them.
    pub fn leave(&self) -> Option<RwLockReadGuard<'_, ()>> {
        match self.moving.try_read() {
            Ok(leave) => Some(leave),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits until everybody who moves samples has committed that, and lets nobody begin.
    pub fn stop(&self) -> Still<'_> {
        Still { movement: self, _moving: self.moving.write().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Is told by the committer, behind its barrier, what it is about to commit.
    pub fn tell(&self, batch: &Batch) {
        if let Some(added) = &mut *self.added() {
            let rows = batch.put.iter().map(|(address, _)| address);
            added.extend(rows.filter(|address| address.first() == Some(&(Table::Series as u8))).cloned());
        }
    }

    fn added(&self) -> MutexGuard<'_, Option<HashSet<Vec<u8>>>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Still<'_> {
    /// This is the moment of the backup: what is added from now on does not belong to it. The caller is at the barrier.
    pub fn now(&self) {
        *self.movement.added() = Some(HashSet::new());
    }

    /// Whether a row was added since [`Still::now`].
    pub fn is_new(&self, address: &[u8]) -> bool {
        self.movement.added().as_ref().is_some_and(|added| added.contains(address))
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        *self.movement.added() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::layout;

    #[test]
    fn nobody_moves_samples_while_they_are_still_and_what_is_added_is_known() {
        let movement = Movement::default();
        let (old, new) = (layout::series(&[1; 16], 1, 0), layout::series(&[1; 16], 2, 0));
        let row = |address: &Vec<u8>| Batch { put: vec![(address.clone(), vec![1])], ..Batch::default() };
        assert!(movement.leave().is_some());
        let still = movement.stop();
        assert!(movement.leave().is_none());
        movement.tell(&row(&old));
        still.now();
        movement.tell(&row(&new));
        movement.tell(&row(&layout::journal(&[1; 16], 1, 0)));
        assert!(still.is_new(&new) && !still.is_new(&old) && !still.is_new(&layout::journal(&[1; 16], 1, 0)));
        drop(still);
        assert!(movement.leave().is_some() && movement.added().is_none());
    }
}
