//! What a vault is opened with: where time comes from, who may do what, and how much memory and room it may take.

use std::path::Path;
use std::sync::Arc;

use super::session::{Stop, go_on};
use crate::access::{ConsentPolicy, StandardPolicy};
use crate::audit::unusual::UnusualLimits;
use crate::crypto::kdf::Cost;
use crate::error::Result;
use crate::model::Kinds;
use crate::store::{Engine, Generations, Opener};
use crate::time::{Clock, SystemClock};

/// What a vault may be opened with other than the defaults.
#[derive(Clone)]
pub struct Options {
    /// The storage engine of a new vault; one that is there keeps its own.
    pub engine: Engine,
    /// The cost of passphrases of a new vault.
    pub cost: Cost,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Who may do what.
    pub policy: Arc<dyn ConsentPolicy>,
    /// The kinds of records; the standard ones and those of the embedding program.
    pub kinds: Kinds,
    /// Whether nothing may be changed; who looked is noted all the same.
    pub read_only: bool,
    /// Bytes the indexes of open profiles may take together.
    pub index_budget: usize,
    /// Bytes the storage engine may cache.
    pub cache: u64,
    /// When compacting is due: how many times its live bytes the store may take. 0: never.
    pub compact_ratio: u32,
    /// Bytes that must be won for compacting to be worth it.
    pub compact_gain: u64,
    /// How the store's files are opened; tests put a store that fails on purpose in front.
    pub opener: Opener,
    /// From when on access is unusual, so that [`Vault::raise_alerts`](super::Vault::raise_alerts) tells of it; none:
    /// nothing is watched.
    pub unusual: Option<UnusualLimits>,
    /// Is asked between the parts of restoring a backup, trying one out and verifying whether that is to end, with
    /// `interrupted`; nothing half-done stays. Without one such work goes on to its end.
    pub stop: Option<Stop>,
}

impl Options {
    /// Ends what is being done where somebody wants it to end.
    pub(crate) fn go_on(&self) -> Result<()> {
        go_on(self.stop.as_ref())
    }

    /// Opens the store of the vault in `dir`.
    pub(super) fn open_store(&self, dir: &Path, engine: Engine) -> Result<Generations> {
        Ok(Generations::open_with(dir, engine, self.cache, Arc::clone(&self.opener))?)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            cost: Cost::WHEN_NEEDED,
            clock: Arc::new(SystemClock),
            policy: Arc::new(StandardPolicy::default()),
            kinds: Kinds::standard(),
            read_only: false,
            index_budget: 64 << 20,
            cache: 16 << 20,
            compact_ratio: 3,
            compact_gain: 64 << 20,
            opener: Arc::new(Engine::open),
            unusual: None,
            stop: None,
        }
    }
}
