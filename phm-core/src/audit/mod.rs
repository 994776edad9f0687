//! The tamper-evident log of uses and changes.
//!
//! ```text
//!   Inner   kind, records, reason, name of the actor      sealed under the key of the person it is about
//!     |
//!   Entry   when, who, what, outcome, pseudonym of the person, commitments of what was written
//!     |     all entries of one group commit
//!    Row    one leaf of the log, sealed under the audit key
//!     |
//!   tree    RFC 6962: one root over all rows; full tiles of 256 hashes are kept
//!     |
//!  Checkpoint   size and root, signed (C2SP tlog-checkpoint)
//! ```
//!
//! One log per line of writers: a restore or a clone begins a new one whose first entry names the old, so an honest
//! restore is never a fork. Nothing here does input or output; the vault reads, seals and writes the rows.

pub mod checkpoint;
mod codec;
pub mod entry;
pub mod inner;
pub mod place;
pub mod plain;
pub mod proof;
pub mod query;
pub mod reads;
#[cfg(test)]
mod reference;
pub mod row;
pub mod tiles;
pub mod tree;
pub mod unusual;

pub use checkpoint::{Checkpoint, CheckpointError, Ended, Verifier};
pub use codec::FormError;
pub use entry::{Deed, Entry, Outcome, Pseudonym, Remark, Written};
pub use inner::{Inner, Touched};
pub use query::{AuditPage, AuditQuery, AuditRow, Seen, walk};
pub use reads::{Pending, Use};
pub use row::Row;
pub use tiles::{Tile, Tiles};
pub use tree::{Frontier, Hash};
