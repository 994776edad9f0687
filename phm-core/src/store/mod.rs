//! Ordered storage of sealed bytes under addresses.
//!
//! A store sees only addresses and sealed bodies; it never holds a key that opens them. The contract is
//! [`Store`]; every engine runs the same `store_suite!`. [`MemoryStore`] is the reference, [`RedbStore`] what new vaults
//! stand on, [`SledStore`] the other engine, each behind a guard; [`FaultyStore`] fails on purpose. A vault keeps the
//! engine it was made with until it is moved. It holds a [`Generations`], which stays the same store while its files are
//! compacted.

mod carve;
mod contain;
mod copy;
mod current;
mod engine;
mod failure;
pub mod faulty;
mod files;
pub mod generations;
pub mod layout;
pub mod memory;
pub mod redb;
pub mod sled;
#[cfg(any(test, feature = "testing"))]
pub mod suite;

pub use self::carve::Carved;
pub use self::copy::Tally;
pub(crate) use self::copy::room_for;
pub use self::engine::{Engine, Opener};
pub use self::faulty::{Faults, FaultyStore};
pub use self::generations::{Compacted, Generations, Migrated};
pub use self::memory::MemoryStore;
pub use self::redb::RedbStore;
pub use self::sled::SledStore;

/// The largest value a store takes, in bytes. Longer values are split into parts by the vault.
pub const MAX_VALUE: usize = 16 * 1024;

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An expectation of the batch did not hold; nothing was written.
    #[error("another write came first; read again and retry")]
    Expectation,
    /// A value is longer than [`MAX_VALUE`].
    #[error("a stored value is longer than 16 KiB")]
    TooLarge,
    /// The engine found its files damaged; the store refuses work until it is opened again, in another process where the
    /// engine panicked.
    #[error("the store's files are damaged: {0}; run `phm salvage OUT` and restore the newest backup")]
    Corrupt(String),
    /// A copy of the store does not hold what the store holds; the store itself is as it was.
    #[error(
        "the copy of the store differs from what it copied; the store is as it was; check the disk and the memory, \
         and try again"
    )]
    CopyDiffers,
    /// An earlier write could not be made durable; the store refuses work until it is opened again.
    #[error("an earlier write could not be made durable; free disk space, check the disk and start again")]
    Poisoned,
    /// The disk has less room than the call would take; nothing was written.
    #[error("{} MB are needed on the disk and {} are free; make room and try again", needed / 1_000_000, free / 1_000_000)]
    NoRoom {
        /// Bytes that have to be free.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The operating system refused.
    #[error("the store could not reach its files")]
    Io(#[from] std::io::Error),
}

impl From<StoreError> for crate::error::Error {
    fn from(error: StoreError) -> Self {
        use crate::error::ErrorKind;
        // What the operating system says tells better what to do: make room, change a mode, look at the disk.
        if let StoreError::Io(error) = error {
            return error.into();
        }
        let (kind, code) = match &error {
            StoreError::Expectation => (ErrorKind::Conflict, "conflict"),
            StoreError::TooLarge => (ErrorKind::TooLarge, "too-large"),
            StoreError::Corrupt(_) | StoreError::CopyDiffers => (ErrorKind::Corrupt, "corrupt"),
            StoreError::Poisoned => (ErrorKind::Io, "store-failed"),
            StoreError::NoRoom { .. } | StoreError::Io(_) => (ErrorKind::Io, "io"),
        };
        Self::new(kind, code, error.to_string()).unread().with_source(error)
    }
}

/// What an address must hold for a batch to be applied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expectation {
    /// Nothing.
    Absent,
    /// Something.
    Present,
}

/// Changes that are applied together or not at all: `put` in order, then `delete`.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What must hold before anything is applied.
    pub expect: Vec<(Vec<u8>, Expectation)>,
    /// Values to write, replacing what stands there.
    pub put: Vec<(Vec<u8>, Vec<u8>)>,
    /// Addresses to empty.
    pub delete: Vec<Vec<u8>>,
}

impl Batch {
    /// Writes `value` at `address` and expects nothing to stand there.
    pub fn append(&mut self, address: Vec<u8>, value: Vec<u8>) {
        self.expect.push((address.clone(), Expectation::Absent));
        self.put.push((address, value));
    }

    /// Writes `value` at `address`, whatever stands there.
    pub fn replace(&mut self, address: Vec<u8>, value: Vec<u8>) {
        self.put.push((address, value));
    }

    /// Empties `address`.
    pub fn delete(&mut self, address: Vec<u8>) {
        self.delete.push(address);
    }

    /// Refuses values over [`MAX_VALUE`]; every engine asks this first.
    pub(crate) fn check_sizes(&self) -> Result<(), StoreError> {
        if self.put.iter().any(|(_, value)| value.len() > MAX_VALUE) { Err(StoreError::TooLarge) } else { Ok(()) }
    }
}

/// How full a store is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StoreStats {
    /// Values it holds.
    pub values: u64,
    /// Bytes of all addresses and values.
    pub live_bytes: u64,
    /// Bytes its files take.
    pub disk_bytes: u64,
}

/// One address and its value, as a scan shows them.
pub type Row<'r> = (&'r [u8], &'r [u8]);

/// Ordered storage of bytes under bytes.
pub trait Store: Send + Sync {
    /// The bytes at `address`, or `None` if there are none.
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Shows every row with `from <= address < to` in order of address, until `visit` answers `false`.
    ///
    /// A scan may run while batches are committed; it then sees each row as it was before or after them.
    /// `visit` may use the store, and may commit to it.
    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError>;

    /// Applies every change in `batch` or none of them, and returns once they survive a power cut.
    fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Puts rows, in order of address, where none stand yet: for a store that is being made.
    ///
    /// They survive a power cut once a later commit has returned, even one that changes nothing. Until then a power cut
    /// may leave some of them, or empty values in their place, and a scan may show these. An engine may use that to lay
    /// them out so that they take less room. After an error the store is of no use.
    fn fill(&self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        self.commit(Batch { put: rows, ..Batch::default() })
    }

    /// How full the store is.
    fn stats(&self) -> Result<StoreStats, StoreError>;
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(address)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        (**self).scan(from, to, visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        (**self).commit(batch)
    }

    fn fill(&self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        (**self).fill(rows)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        (**self).stats()
    }
}
