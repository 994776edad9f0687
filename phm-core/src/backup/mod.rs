//! Backup: one consistent file of a whole vault, restore into an empty folder, a drill that proves it, and salvage.
//!
//! ```text
//! "PHMB" ‖ 1 ‖ item… ‖ end
//! item = 1 (file) ‖ name length (2) ‖ name ‖ length (8) ‖ bytes       vault.toml, slots, keyring, heads, documents
//!      | 2 (row) ‖ address length (2) ‖ address ‖ value length (4) ‖ value
//! end  = 0 ‖ entries (8) ‖ tree size (8) ‖ tree root (32) ‖ HMAC-SHA-256(backup key, everything before)
//! ```
//!
//! Everything inside is sealed already, so a backup shows no more than a stolen disk; the HMAC makes a cut, reordered or
//! changed file fail. A backup is of one moment between two group commits: keys, heads and state are copied while writes
//! wait, which is short; journals and the audit log are only appended to, so they are copied up to that moment while
//! more is written behind it.

mod read;
mod salvage;
mod whole;
mod write;

use serde::Serialize;

use crate::id::{FileId, ProfileId};

pub(crate) use read::Item;
pub use read::{drill, restore};
pub use salvage::salvage;
pub use write::write;

const MAGIC: &[u8; 5] = b"PHMB\x01";
const END: u8 = 0;
const FILE: u8 = 1;
const ROW: u8 = 2;

/// A backup that was written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// The file.
    pub path: std::path::PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Journal entries in it.
    pub entries: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Root of the audit tree in it.
    pub audit_root: String,
}

/// A backup that was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// People.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// Root of the audit tree.
    pub audit_root: String,
}

/// A backup that was tried out.
#[derive(Clone, Debug, Serialize)]
pub struct Drilled {
    /// Whether every record and audit entry verified.
    pub ok: bool,
    /// Journal entries.
    pub entries: u64,
    /// Root of the audit tree.
    pub audit_root: String,
    /// How long it took.
    pub seconds: f64,
}

/// What was saved of a damaged vault.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Salvaged {
    /// People of whom something was saved.
    pub profiles: u64,
    /// Journal entries that were saved.
    pub entries: u64,
    /// Entries that could not be read, and those before a readable one that nothing is left of.
    pub gaps: Vec<Gap>,
    /// Contents of documents that were saved whole.
    pub documents: u64,
    /// Contents that were not.
    pub lost_documents: Vec<FileId>,
    /// Whether the storage engine still opens its files and reads them to the end.
    pub engine_opens: bool,
}

/// An entry that is lost.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    /// Whose it was.
    pub profile: ProfileId,
    /// Its place in the journal.
    pub seq: u64,
}
