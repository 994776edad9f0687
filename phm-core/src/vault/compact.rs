//! Giving the room of replaced and deleted rows back.
//!
//! An engine's files keep room for what is gone. [`Vault::compact`] writes the live rows anew; [`Vault::compact_if_due`]
//! does so only where it is worth it, and is what an embedding program calls now and then. Neither runs beside a backup
//! or the resealing of a person's bodies, and both look first whether the disk has room for the copy.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError, TryLockError};

use serde::Serialize;

use super::{Inner, Options, Vault};
use crate::error::Result;
use crate::store::{Store as _, StoreStats};

/// The room a vault's store takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Room {
    /// Bytes of all addresses and values.
    pub live: u64,
    /// Bytes of the store's files.
    pub disk: u64,
    /// Whether compacting is worth it, by [`Options::compact_ratio`] and [`Options::compact_gain`].
    pub compaction_due: bool,
}

/// What a compaction did to the store's files.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct CompactReport {
    /// Their bytes before it.
    pub before: u64,
    /// Their bytes after it.
    pub after: u64,
}

/// Compacting is due where the files take more than their share and more than they would take anyway: `rest` is what
/// they took right after the last time.
fn due(options: &Options, stats: StoreStats, rest: u64) -> bool {
    let share = stats.disk_bytes > stats.live_bytes.saturating_mul(options.compact_ratio.into());
    let gain = stats.disk_bytes.saturating_sub(rest.max(stats.live_bytes));
    options.compact_ratio > 0 && share && gain >= options.compact_gain
}

impl Vault {
    /// How much room the store takes, and whether compacting it is due.
    pub fn room(&self) -> Result<Room> {
        let stats = self.inner.store.stats()?;
        let rest = self.inner.compacted.load(Ordering::Relaxed);
        let compaction_due = due(&self.inner.options, stats, rest);
        Ok(Room { live: stats.live_bytes, disk: stats.disk_bytes, compaction_due })
    }

    /// Rewrites the store without what was replaced or deleted; serving goes on meanwhile. Waits for a backup or a
    /// rotation that is under way.
    ///
    /// # Errors
    /// `io` when the disk has no room for a second copy of what is live; the vault then goes on as it was.
    pub fn compact(&self) -> Result<CompactReport> {
        let rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        self.compact_alone(rewriting)
    }

    /// Compacts where that is due and neither a backup nor a rotation is under way; `None` where it is not.
    ///
    /// # Errors
    /// As [`Vault::compact`].
    pub fn compact_if_due(&self) -> Result<Option<CompactReport>> {
        let rewriting = match self.inner.rewriting.try_lock() {
            Ok(rewriting) => rewriting,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        if self.room()?.compaction_due { self.compact_alone(rewriting).map(Some) } else { Ok(None) }
    }

    fn compact_alone(&self, _rewriting: MutexGuard<'_, ()>) -> Result<CompactReport> {
        let report = self.inner.compact()?;
        self.sweep_documents()?;
        Ok(report)
    }
}

impl Inner {
    /// Compacts the store. Whoever calls holds `rewriting`.
    pub(crate) fn compact(&self) -> Result<CompactReport> {
        let done = self.store.compact()?;
        self.compacted.store(done.after.disk_bytes, Ordering::Relaxed);
        Ok(CompactReport { before: done.before.disk_bytes, after: done.after.disk_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::{hex, sha256};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::id::ProfileId;
    use crate::store::Engine;

    const MIB: u64 = 1 << 20;

    fn options() -> Options {
        Options { cost: Cost::FLOOR, compact_gain: 4 * MIB, ..Options::default() }
    }

    fn stats(live: u64, disk: u64) -> StoreStats {
        StoreStats { values: 1, live_bytes: live * MIB, disk_bytes: disk * MIB }
    }

    #[test]
    fn compacting_is_due_by_share_and_by_gain() {
        let of = |live, disk, rest: u64| due(&options(), stats(live, disk), rest * MIB);
        assert!(of(10, 31, 0));
        assert!(!of(10, 30, 0), "three times is allowed");
        assert!(!of(1, 4, 0), "three more are not worth it");
        assert!(of(1, 5, 0));
        assert!(!of(10, 31, 29), "it would take as much again");
        assert!(of(10, 33, 29));
        assert!(of(0, 4, 0), "everything was deleted");
        assert!(!due(&Options { compact_ratio: 0, ..options() }, stats(1, 1000), 0), "switched off");
    }

    /// Writes long state rows and deletes them.
    fn churn(vault: &Vault) {
        let name = |n: usize| format!("job {n}");
        for number in 0..60 {
            let digits = (0..2_000_usize).map(|n| hex(&sha256(&[&[number, n].map(usize::to_be_bytes).concat()])));
            vault.put_state(ProfileId::SYSTEM, &name(number), &digits.collect::<String>(), None).expect("written");
        }
        for number in 0..60 {
            vault.delete_state(ProfileId::SYSTEM, &name(number)).expect("deleted");
        }
    }

    #[test]
    fn a_vault_that_holds_much_room_is_compacted_once_and_not_beside_a_backup() {
        for engine in Engine::ON_DISK {
            let dir = tempfile::tempdir().expect("a folder");
            let options = Options { engine, compact_ratio: 2, compact_gain: 2 * MIB, ..options() };
            let secret = Secret::passphrase("correct horse battery staple");
            let (vault, _) =
                Vault::create(dir.path(), std::slice::from_ref(&secret), options.clone()).expect("a vault");
            assert_eq!(vault.compact_if_due().expect("asked"), None);
            churn(&vault);
            let room = vault.room().expect("counted");
            assert!(room.compaction_due, "{room:?}");
            let busy = vault.inner.rewriting.lock().expect("a backup holds it");
            assert_eq!(vault.compact_if_due().expect("asked"), None);
            drop(busy);
            let done = vault.compact_if_due().expect("compacted").expect("it was due");
            assert!(done.after + 2 * MIB <= done.before, "{done:?}");
            let room = vault.room().expect("counted");
            assert!(!room.compaction_due, "{room:?}");
            assert_eq!(vault.compact_if_due().expect("asked"), None);
            assert!(vault.verify(None).expect("verified").ok);
        }
    }
}
