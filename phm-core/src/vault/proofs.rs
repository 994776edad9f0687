//! Proofs about the audit log for people outside: that a row stands in it, that it only grew, and all of it, sealed.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::Vault;
use super::ledger::tile_hash;
use super::verify::each_row;
use crate::audit::plain::{self, Rows};
use crate::audit::proof;
use crate::audit::tree::Hash;
use crate::crypto::digest::hex;
use crate::error::{Error, Result};
use crate::id::LogId;
use crate::store::layout::Table;

/// The first line of a proof as C2SP tlog-proof writes it.
const TLOG_PROOF: &str = "c2sp.org/tlog-proof@v1";

/// The proof that a row stands in the log.
#[derive(Clone, Debug, Serialize)]
pub struct EntryProof {
    /// The log.
    pub log: LogId,
    /// The row, counted from 0.
    pub index: u64,
    /// How many rows the log has.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// The row's leaf hash, `SHA-256(0x00 ‖ sealed row)`.
    pub leaf: String,
    /// The path from the leaf to the root (RFC 6962, 2.1.1).
    pub hashes: Vec<String>,
    /// The same with a signed checkpoint, in the form of C2SP tlog-proof.
    pub proof: String,
}

/// The proof that the log of now begins with the log of an earlier size.
#[derive(Clone, Debug, Serialize)]
pub struct GrowthProof {
    /// The log.
    pub log: LogId,
    /// How many rows it had.
    pub old_size: u64,
    /// The root over them.
    pub old_root: String,
    /// How many rows it has.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// The hashes by which the one root leads to the other (RFC 6962, 2.1.2).
    pub hashes: Vec<String>,
    /// A signed checkpoint of now.
    pub checkpoint: String,
}

/// A log that was written out.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedLog {
    /// The log.
    pub log: LogId,
    /// How many rows.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// What checks it without any key of the vault.
    pub key: String,
}

impl Vault {
    /// Proves that the row `index` stands in the audit log.
    ///
    /// # Errors
    /// `not-found` when the log is not that long; `corrupt` when rows or tiles that the proof needs are missing.
    pub fn prove_entry(&self, index: u64) -> Result<EntryProof> {
        self.inner.committer.flush()?;
        self.inner.at_barrier(|ledger| {
            let (log, size, root) = (ledger.log(), ledger.size(), ledger.root());
            if index >= size {
                return Err(Error::not_found());
            }
            let leaf = tile_hash(&self.inner.store, log, 0, index)?;
            let path = proof::inclusion_proof(index, size, self.inner.subtrees(log))?;
            if !proof::verify_inclusion(&leaf, index, size, &path, &root) {
                return Err(astray());
            }
            let note = self.inner.newest_log(ledger)?.note(&self.inner)?;
            let lines: String = path.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
            let proof = format!("{TLOG_PROOF}\nindex {index}\n{lines}\n{note}");
            Ok(EntryProof { log, index, size, root: hex(&root), leaf: hex(&leaf), hashes: hexes(&path), proof })
        })
    }

    /// Proves that the audit log begins with its first `old_size` rows as they were.
    ///
    /// Whoever kept a checkpoint of that size compares its root with [`GrowthProof::old_root`], or better checks the hashes
    /// against the root they kept.
    ///
    /// # Errors
    /// `not-found` when the log is not that long; `corrupt` when rows or tiles that the proof needs are missing.
    pub fn prove_growth(&self, old_size: u64) -> Result<GrowthProof> {
        self.inner.committer.flush()?;
        self.inner.at_barrier(|ledger| {
            let (log, size, root) = (ledger.log(), ledger.size(), ledger.root());
            if old_size > size {
                return Err(Error::not_found());
            }
            let old_root = self.inner.root_at(log, old_size)?;
            let path = proof::consistency_proof(old_size, size, self.inner.subtrees(log))?;
            if !proof::verify_consistency(old_size, &old_root, size, &root, &path) {
                return Err(astray());
            }
            Ok(GrowthProof {
                log,
                old_size,
                old_root: hex(&old_root),
                size,
                root: hex(&root),
                hashes: hexes(&path),
                checkpoint: self.inner.newest_log(ledger)?.note(&self.inner)?,
            })
        })
    }

    /// Writes all audit logs in the plain form of [`plain`], the oldest first. Rows stay sealed; what is written to the log
    /// meanwhile is not in it.
    ///
    /// # Errors
    /// `corrupt` when rows are missing, and what `out` answers.
    pub fn export_audit(&self, rows: Rows, out: &mut dyn Write) -> Result<Vec<ExportedLog>> {
        self.inner.committer.flush()?;
        let logs = self.inner.at_barrier(|ledger| self.inner.notes(ledger))?;
        out.write_all(plain::HEADING.as_bytes())?;
        let mut exported = Vec::new();
        for (log, note) in logs {
            let verifier = self.inner.verifier(log.id)?;
            out.write_all(plain::begin(&verifier).as_bytes())?;
            let (mut next, mut written) = (0, Ok(()));
            each_row(&self.inner.store, Table::Audit, log.id.as_bytes(), None, |leaf, parts| {
                if written.is_ok() && leaf < log.size {
                    written = if leaf == next { Ok(()) } else { Err(missing(next)) }
                        .and_then(|()| Ok(out.write_all(plain::row(parts, rows).as_bytes())?));
                    next += 1;
                }
            })?;
            written?;
            if next < log.size {
                return Err(missing(next));
            }
            out.write_all(plain::end(&note).as_bytes())?;
            exported.push(ExportedLog { log: log.id, size: log.size, root: hex(&log.root), key: verifier.to_text() });
        }
        out.flush()?;
        Ok(exported)
    }
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

fn missing(row: u64) -> Error {
    Error::corrupt(format!("audit row {row} is missing; run `phm verify`"))
}

fn astray() -> Error {
    Error::corrupt("the rows and tiles of the audit log do not lead to its root; run `phm verify`")
}
