//! What an open vault holds, for everybody who works in it: its sessions, its clones and its thread.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use super::folder::{Folder, Marker};
use super::heads::Expected;
use super::ledger::Ledger;
use super::people::People;
use super::profiles::OpenProfiles;
use super::waiting::{Committer, Message};
use super::{KeyBook, Movement, Options};
use crate::audit::reads::Pending;
use crate::audit::unusual::Watcher;
use crate::crypto::Suite;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::store::Generations;
use crate::time::Instant;

/// An open vault, of which every [`Vault`](super::Vault) and every session holds a share.
pub(crate) struct Inner {
    pub(super) folder: Folder,
    pub(super) marker: Marker,
    pub(super) options: Options,
    pub(crate) keys: KeyBook,
    pub(crate) store: Generations,
    pub(super) profiles: OpenProfiles,
    /// The newest entry of each journal that is known to be durable: from the `heads` file, then by every commit.
    pub(super) written: Mutex<HashMap<ProfileId, u64>>,
    pub(super) heads_damaged: bool,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) reads: Mutex<Pending>,
    /// Counts what stands in the log, to find what is unusual.
    pub(super) watcher: Mutex<Watcher>,
    pub(super) people: RwLock<Option<Arc<People>>>,
    pub(super) state_lock: Mutex<()>,
    /// Held while stored bodies are sealed again, or copied out together with the keys that open them.
    pub(crate) rewriting: Mutex<()>,
    /// Who may move samples into blocks.
    pub(crate) movement: Movement,
    /// People who are being erased.
    pub(super) leaving: Mutex<HashSet<ProfileId>>,
    /// Bytes the store's files took when it was compacted last, since the vault was opened.
    pub(super) compacted: AtomicU64,
    /// The imports that are being written now.
    pub(super) importing: Mutex<HashSet<RecordId>>,
    /// Locked while an import is written: one at a time.
    pub(super) import_turn: Mutex<()>,
    /// How many imports were written or undone since the vault was opened.
    pub(super) imports_done: AtomicU64,
    pub(super) committer: Committer,
    /// The newest `recorded_at`, in milliseconds: policy time never runs behind it.
    pub(super) newest: AtomicI64,
    /// Set when a commit has failed: nothing is read or written any more until the vault is opened again.
    pub(super) failed: OnceLock<Error>,
}

impl Inner {
    /// An open vault without its thread, which takes the messages.
    pub(super) fn new(
        folder: Folder,
        marker: Marker,
        options: Options,
        keys: KeyBook,
        store: Generations,
        ledger: Ledger,
        expected: Expected,
    ) -> (Self, Receiver<Message>) {
        let (sender, messages) = std::sync::mpsc::channel();
        let inner = Self {
            folder,
            marker,
            options,
            keys,
            store,
            profiles: OpenProfiles::default(),
            written: Mutex::new(expected.journals),
            heads_damaged: expected.damaged,
            ledger: Mutex::new(ledger),
            reads: Mutex::default(),
            watcher: Mutex::default(),
            people: RwLock::default(),
            state_lock: Mutex::default(),
            rewriting: Mutex::default(),
            movement: Movement::default(),
            leaving: Mutex::default(),
            compacted: AtomicU64::new(0),
            importing: Mutex::default(),
            import_turn: Mutex::default(),
            imports_done: AtomicU64::new(0),
            committer: Committer(sender),
            newest: AtomicI64::new(0),
            failed: OnceLock::new(),
        };
        (inner, messages)
    }

    /// How bodies of this vault are sealed.
    pub(crate) fn suite(&self) -> Suite {
        self.marker.suite
    }

    /// Policy time: the clock, but never before the newest entry, so that a clock set back revives no grant.
    pub(crate) fn now(&self) -> Instant {
        let clock = self.options.clock.now();
        clock.max(Instant::from_millis(self.newest.load(Ordering::Relaxed)))
    }

    /// Refuses to change what was opened for reading only.
    pub(super) fn may_change(&self) -> Result<()> {
        if self.options.read_only {
            let text = "this was opened for reading only; restore the backup to change it";
            return Err(Error::new(ErrorKind::Unsupported, "read-only", text));
        }
        Ok(())
    }

    /// The newest entry of each journal that is known to be durable.
    pub(super) fn written(&self) -> MutexGuard<'_, HashMap<ProfileId, u64>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` between two group commits: nothing is written meanwhile. Indexes may not have been told of the last one yet:
    /// see [`Self::catch_up`].
    pub fn at_barrier<T>(&self, work: impl FnOnce(&Ledger) -> Result<T>) -> Result<T> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        work(&ledger)
    }

    /// Waits until indexes know everything that was committed before: they are told after the barrier is let go, and before the
    /// committer takes the next message.
    pub fn catch_up(&self) -> Result<()> {
        self.committer.flush()
    }
}
