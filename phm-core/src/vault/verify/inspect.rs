//! Verifying a vault that may be too damaged to be opened for work.

use std::path::Path;

use super::{Damage, VerifyReport, Where, each_row};
use crate::audit::tree::{Frontier, leaf_hash};
use crate::crypto::secret::Secret;
use crate::error::{Result, if_whole};
use crate::store::Generations;
use crate::store::layout::Table;
use crate::vault::folder::Folder;
use crate::vault::keys::KeyBook;
use crate::vault::ledger::{Ledger, LogHead};
use crate::vault::{Inner, Options, Vault, heads};

impl Vault {
    /// Verifies the vault in `dir` as [`Vault::verify`] does, and changes nothing of what it keeps: no row, key file,
    /// `heads` or document.
    ///
    /// A vault whose audit log or `heads` file is damaged is refused by [`Vault::open`], because nothing may be done in it
    /// that cannot be audited; this still gives the whole report.
    ///
    /// The folder itself does not stay byte for byte as it was, for the vault is taken and its engine opened: `lock` names
    /// this process, missing folders are made, uploads that were cut off are removed from `spool/` and
    /// `documents/incoming/`, a missing or damaged `CURRENT` is written again where one generation is left, and the engine
    /// may mend its own files in `store/`. Whoever needs the folder untouched, as evidence for example, inspects a copy.
    ///
    /// # Errors
    /// As [`Vault::open`] where there is no vault, it is in use, the secret is wrong, or neither keys nor store open.
    pub fn inspect(dir: &Path, secret: &Secret, options: Options, checkpoint: Option<&Path>) -> Result<VerifyReport> {
        let note = checkpoint.map(std::fs::read_to_string).transpose()?;
        let (folder, marker) = Folder::open(dir)?;
        let keys = KeyBook::open(dir, marker.vault, secret)?;
        let store = options.open_store(dir, marker.engine)?;
        let expected = heads::read(&folder, &marker, &keys)?;
        let mut damaged = Vec::new();
        let mut found = |place, name: &str, reason| {
            let (entry, file) = if place == Where::Keys { (None, Some(name)) } else { (Some(name), None) };
            damaged.push(Damage { place, entry: entry.map(str::to_owned), file: file.map(str::to_owned), reason });
        };
        let log = keys.log()?;
        let frontier = match if_whole(LogHead::read(marker.vault, &keys, &store, log))? {
            Some(Some(head)) => {
                if head.generation > keys.generation() {
                    // Older than the store, so keys are missing.
                    found(Where::Keys, "keyring", "order");
                }
                head.frontier
            }
            Some(None) => {
                let rows = from_rows(&store, log)?;
                if rows.size() > 0 {
                    found(Where::Audit, "head", "missing");
                }
                rows
            }
            None => {
                found(Where::Audit, "head", "seal");
                from_rows(&store, log)?
            }
        };
        let ledger = Ledger::to_look_at(log, frontier);
        if expected.check(&ledger).is_err() {
            found(Where::Audit, &format!("#{}", ledger.size()), "truncated");
        }
        // Without a committer: nothing can be written.
        let (inner, _) = Inner::new(folder, marker, options, keys, store, ledger, expected);
        inner.verify(note.as_deref(), damaged, inner.options.stop.as_ref())
    }
}

/// The tree over the rows that are there.
fn from_rows(store: &Generations, log: crate::id::LogId) -> Result<Frontier> {
    let mut frontier = Frontier::new();
    each_row(store, Table::Audit, log.as_bytes(), None, |_, parts| {
        frontier.push(leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    })?;
    Ok(frontier)
}
