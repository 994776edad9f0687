//! What is known of the backups that are made by themselves, for the figures and for `/readyz`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use phm_core::time::Instant;

/// What is known of the backups, for the figures and for `/readyz`.
#[derive(Debug, Default)]
pub struct Standing {
    pub(super) failures: AtomicU64,
    pub(super) stop: Arc<AtomicBool>,
    now: Mutex<Known>,
    /// When this process made one last, by a clock that nobody sets.
    made: Mutex<Option<std::time::Instant>>,
    /// When an attempt failed last, by the same clock.
    failed: Mutex<Option<std::time::Instant>>,
}

/// How the backups stand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Known {
    /// Whether backups are made by themselves.
    pub wanted: bool,
    /// Attempts that failed since the start.
    pub failures: u64,
    /// Of which moment the newest backup is.
    pub newest: Option<Instant>,
    /// When a backup was last tried out.
    pub drilled: Option<Instant>,
    /// Whether it restored and verified.
    pub drill_ok: bool,
    /// Of which moment the newest proven backup is.
    pub proven: Option<Instant>,
    /// Whether somebody should look.
    pub worrying: bool,
    /// When the last attempt failed, if nothing has succeeded since.
    pub failed_at: Option<Instant>,
    /// When this was looked at for the first time.
    pub since: Option<Instant>,
}

impl Standing {
    /// How the backups stand now.
    pub fn known(&self) -> Known {
        let mut known = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        known.failures = self.failures.load(Ordering::Relaxed);
        known
    }

    /// Ends a backup that is being written; it leaves no file.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the house is being stopped: nothing that takes long is begun any more.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A backup was made now.
    pub(super) fn made(&self) {
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
    }

    /// An attempt failed now.
    pub(super) fn failed(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
    }

    /// Whether this process has made no backup for so long.
    pub(super) fn has_waited(&self, long: Duration) -> bool {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|made| made.elapsed() >= long)
    }

    /// Whether no attempt of this process has failed for so long.
    pub(super) fn has_rested(&self, long: Duration) -> bool {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|failed| failed.elapsed() >= long)
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
