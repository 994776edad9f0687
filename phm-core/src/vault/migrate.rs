//! Moving a vault to another storage engine.
//!
//! The switch is one rename of `CURRENT`, which names generation and engine together. Whatever moment the move is
//! stopped at, the vault opens where `CURRENT` says, and opening brings `vault.toml` in line with it. The old rows go
//! only when the new ones have been opened anew and their audit log is found to end as it should.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::ledger::Ledger;
use super::{Options, Vault};
use crate::crypto::digest::hex;
use crate::crypto::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::id::VaultId;
use crate::store::layout::Table;
use crate::store::{Engine, Store, StoreStats};

/// What a move to another engine did.
#[derive(Clone, Debug, Serialize)]
pub struct MigrateReport {
    /// The vault.
    pub vault: VaultId,
    /// The engine it was on.
    pub from: &'static str,
    /// The engine it is on.
    pub to: &'static str,
    /// Whether anything had to be done.
    pub changed: bool,
    /// Rows that were copied and compared, by table; empty where nothing was done.
    pub rows: BTreeMap<&'static str, u64>,
    /// SHA-256 over all rows of both stores; empty where nothing was done.
    pub sha256: String,
    /// The audit log, read anew from the new store.
    pub audit: LogEnd,
    /// Bytes on disk.
    pub bytes: Moved,
    /// How long it took.
    pub seconds: f64,
}

/// Where the audit log ends.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LogEnd {
    /// Its rows.
    pub size: u64,
    /// The root over them, in hex.
    pub root: String,
}

/// Bytes the store's files take.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Moved {
    /// Before the move.
    pub before: u64,
    /// After it.
    pub after: u64,
}

impl LogEnd {
    fn of(ledger: &Ledger) -> Self {
        Self { size: ledger.size(), root: hex(&ledger.root()) }
    }
}

impl Vault {
    /// Moves the vault in `dir`, which nobody has open, to the engine `to`. May be repeated after a kill.
    ///
    /// Before the new store becomes the live one its rows by table, a hash over all rows and the end of its audit log
    /// are compared with the old one's; afterwards it is opened anew, compared again, and the old one removed.
    ///
    /// # Errors
    /// As [`Vault::open`]; `io` when the disk has no room for a second copy; `corrupt` when the copy differs. The vault
    /// is then where it was.
    pub fn migrate_store(dir: &Path, secret: &Secret, to: Engine, options: Options) -> Result<MigrateReport> {
        let began = Instant::now();
        let vault = Self::open(dir, secret, options.clone())?;
        let (id, from) = (vault.id(), vault.inner.store.engine());
        let end = vault.inner.at_barrier(|ledger| Ok(LogEnd::of(ledger)))?;
        let before = vault.inner.store.stats()?;
        let mut report = MigrateReport {
            vault: id,
            from: from.name(),
            to: to.name(),
            changed: from != to,
            rows: BTreeMap::new(),
            sha256: String::new(),
            audit: end.clone(),
            bytes: Moved { before: before.disk_bytes, after: before.disk_bytes },
            seconds: 0.0,
        };
        if from == to {
            vault.close()?;
            return Ok(report);
        }
        let inner = &vault.inner;
        let moved = inner.store.migrate(to, |new| {
            let (ledger, _) = Ledger::read(inner.marker.vault, &inner.keys, new)?;
            if LogEnd::of(&ledger) == end { Ok(()) } else { Err(other_end()) }
        })?;
        inner.folder.mark_engine(to)?;
        report.rows = moved.rows.tables.iter().map(|(tag, rows)| (table(*tag), *rows)).collect();
        report.sha256 = hex(&moved.rows.sha256);
        vault.close()?;

        // As the next start finds it. Opening removes the old store once `heads` is found to agree with the new one.
        let (found, after) = look(dir, secret, options)?;
        if found != end {
            return Err(other_end());
        }
        report.audit = found;
        report.bytes.after = after.disk_bytes;
        report.seconds = began.elapsed().as_secs_f64();
        Ok(report)
    }
}

fn other_end() -> Error {
    let text = "the audit log in the new store does not end as in the old one; run `phm verify`, and restore the \
                newest backup where it finds damage";
    Error::new(ErrorKind::Corrupt, "corrupt", text)
}

fn table(tag: u8) -> &'static str {
    Table::of_tag(tag).map_or("unknown", Table::name)
}

fn look(dir: &Path, secret: &Secret, options: Options) -> Result<(LogEnd, StoreStats)> {
    let vault = Vault::open(dir, secret, options)?;
    let end = vault.inner.at_barrier(|ledger| Ok(LogEnd::of(ledger)))?;
    let stats = vault.inner.store.stats()?;
    vault.close()?;
    Ok((end, stats))
}
