//! Backup: one consistent file of a whole vault or of what changed since the last one, restore into an empty folder, a
//! drill that proves it, and salvage.
//!
//! ```text
//! "PHMB" ‖ 2 ‖ item…                                                           the body
//! 4 ‖ length (4) ‖ manifest ‖ Ed25519 signature of the backup key (64)         what the file is
//! 5 ‖ length (4) ‖ slots and keyring ‖ Ed25519 signature of the backup key (64)  what opens it
//! where the manifest begins (8) ‖ "PHMBend2"
//!
//! item = 1 (file) ‖ name length (2) ‖ name ‖ length (8) ‖ bytes                vault.toml, heads, documents
//!      | 2 (row) ‖ address length (2) ‖ address ‖ value length (4) ‖ value
//!      | 3 (inventory) ‖ length (4) ‖ sealed under the backup key              what there was at that moment
//! ```
//!
//! Everything inside is sealed already, so a backup shows no more than a stolen disk. The manifest names the vault, the
//! chain, the number in it and the hash of the manifest before, and binds the body by its hash: a cut, reordered, changed
//! or foreign file fails. It is signed and not only authenticated, so that whoever keeps backups for somebody can check a
//! chain with the public key alone. What opens the file stands outside the manifest: [`rewrap()`] replaces it and nothing
//! else, and what other backups continue stays the same.
//!
//! A full backup begins a chain. An increment holds the journal entries, audit rows and documents that came since the
//! backup before it; a person whose entries were sealed again travels whole; what is replaced in place (heads, state)
//! travels each time. The inventory lists everything that was there, so restoring a chain never writes what was erased in
//! it. A backup is of one moment between two group commits: what is replaced, the rows of series among it, is copied
//! while writes wait; what is only appended to is copied up to that moment while more is written behind it.
//!
//! Form 1, of the first builds, had no chain and one HMAC over everything; it still restores ([`restore`]).

mod begun;
mod chain;
mod first;
mod form;
mod found;
mod frame;
mod inventory;
mod items;
mod out;
mod place;
mod read;
mod remains;
mod rewrap;
mod salvage;
mod whole;
mod write;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::id::{ChainId, FileId, ProfileId, RecordId, VaultId};
use crate::time::Instant;

pub use crate::vault::backups::{Made, Proof};
pub(crate) use chain::vault_of;
pub(crate) use found::{Found, find};
pub use place::sweep;
pub(crate) use place::sweep_beside;
#[cfg(all(test, not(feature = "null-cipher")))]
pub(crate) use read::restore_with;
pub use read::{Keys, drill, drill_chain, restore, restore_and_open, restore_chain, sweep_drills};
pub use rewrap::{Rewrapped, rewrap};
pub use salvage::{salvage, salvage_backups};
pub use write::{Order, make, write};

/// A door for the fuzz targets: what stands behind the seal and the signatures of a backup is read as if they fitted.
///
/// The file is read as a section of keys, as a manifest, as an inventory, and as a body.
#[cfg(feature = "fuzzing")]
pub fn try_to_read(path: &std::path::Path) {
    let (Ok(bytes), Ok(file)) = (std::fs::read(path), std::fs::File::open(path)) else { return };
    form::try_to_read(&bytes);
    inventory::try_to_read(&bytes);
    let mut seen = 0;
    let _ = items::items(file, bytes.len() as u64, |item| {
        if let items::Item::Row(_, value) | items::Item::Small(_, value) = item {
            seen += value.len();
        }
        Ok(())
    });
    assert!(seen <= bytes.len(), "no more is shown than there is");
}

/// Whether a backup stands alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It holds everything, and begins a chain.
    Full,
    /// It holds what came since the backup before it.
    Increment,
}

/// A backup that was written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Journal entries of the vault at that moment: what restoring the chain up to here gives.
    pub entries: u64,
    /// Those of them that this file holds.
    pub copied: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Root of the audit tree in it.
    pub audit_root: String,
    /// Whether it stands alone.
    pub kind: Kind,
    /// The chain it belongs to.
    pub chain: ChainId,
    /// Its number in the chain, 0 for a full backup.
    pub number: u32,
    /// Of which moment it is.
    pub written_at: Instant,
}

/// A backup that was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// People.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// Root of the audit tree that was restored; the vault goes on with a new log that names it.
    pub audit_root: String,
    /// How many files it was made of.
    pub files: usize,
    /// Of which moment it is; not known of backups of form 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_at: Option<Instant>,
    /// People who were erased since, whose records the backup still had under keys that are gone.
    #[serde(skip_serializing_if = "is_zero")]
    pub erased: u64,
}

/// A backup that was tried out.
#[derive(Clone, Debug, Serialize)]
pub struct Drilled {
    /// The vault it is of.
    #[serde(skip)]
    pub vault: VaultId,
    /// Whether every record and audit entry verified.
    pub ok: bool,
    /// Journal entries.
    pub entries: u64,
    /// Root of the audit tree.
    pub audit_root: String,
    /// How long it took.
    pub seconds: f64,
    /// How many files it was made of.
    pub files: usize,
    /// Of which moment it is; not known of backups of form 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_at: Option<Instant>,
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
    /// Contents that were not; what opens of one from its beginning on stands under its name with `.part` behind it.
    pub lost_documents: Vec<FileId>,
    /// Samples of series that were saved, those that had been taken back among them; these say so.
    pub samples: u64,
    /// Samples that an entry added and that could not be read.
    pub lost_samples: Vec<LostSamples>,
    /// Whether the storage engine still opens its files and reads them to the end; backups have none.
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

/// Samples that are lost.
#[derive(Clone, Debug, Serialize)]
pub struct LostSamples {
    /// Whose they were.
    pub profile: ProfileId,
    /// The series they belong to.
    pub series: RecordId,
    /// The entry that added them.
    pub entry: u64,
    /// How many of them are lost.
    pub lost: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands out references
fn is_zero(number: &u64) -> bool {
    *number == 0
}
