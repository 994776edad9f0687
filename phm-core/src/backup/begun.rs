//! A backup that is being written: its moment, what is copied at it, what is copied behind it, and its end.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::chain::Before;
use super::form::{INVENTORY, KeySection, MAGIC, Manifest, VERSION, ending};
use super::inventory::{Inventory, Journal, Place, hash_of};
use super::out::Out;
use super::place::Unfinished;
use super::whole::{Copied, Journals, Span, missing};
use super::write::{Order, cannot_continue};
use super::{Kind, Made, Written};
use crate::crypto::digest::hex;
use crate::error::{Error, Result};
use crate::id::{ChainId, FileId};
use crate::store::layout::{self, Table};
use crate::time::Instant;
use crate::vault::bounds::{Bounds, full_tiles, journal_rows};
use crate::vault::{PresentSeries, Still, Vault};

/// Tables whose rows are replaced and travel each time; copied while nothing is written.
const REPLACED: [Table; 2] = [Table::State, Table::Head];

/// A backup that holds everything of its moment that is replaced later, and not yet what stays.
pub(super) struct Begun<'v> {
    out: Out,
    bounds: Bounds,
    keys: KeySection,
    at: Instant,
    /// What of each journal and log is copied.
    journals: Journals,
    logs: Vec<Span>,
    before: Option<Before>,
    inventory: Inventory,
    /// Keeps samples in their rows until those are copied.
    still: Option<Still<'v>>,
    /// The rows of series at its moment.
    series: PresentSeries,
    /// The files of documents.
    documents: Vec<FileId>,
    copied: Copied,
}

/// Fixes the moment of the backup, between two group commits.
pub(super) fn begin<'v>(vault: &'v Vault, file: File, before: Option<Before>, order: &Order) -> Result<Begun<'v>> {
    let mut out = Out::new(file, Arc::clone(&order.stop));
    let still = vault.inner.movement.stop();
    let begun = vault.inner.at_barrier(|ledger| {
        still.now();
        crate::vault::write_heads(&vault.inner, ledger)?;
        out.put(MAGIC)?;
        out.put(&[VERSION])?;
        for name in ["vault.toml", "heads"] {
            out.file(vault.dir(), name)?.ok_or_else(|| Error::from(io::Error::from(io::ErrorKind::NotFound)))?;
        }
        // One look at both, so that somebody who is being added is in both or in neither.
        let (slots, keyring) = vault.inner.keys.files();
        let bounds = Bounds::now(&vault.inner, ledger)?;
        for table in REPLACED {
            out.rows(vault, &layout::rows(table), |_, _| Ok(true))?;
        }
        let documents = documents(vault)?;
        let (journals, logs) = spans(&bounds, before.as_ref())?;
        let keys = KeySection { slots, keyring, ..KeySection::default() };
        let at = vault.inner.now();
        Ok(Begun {
            out,
            bounds,
            keys,
            at,
            journals,
            logs,
            before,
            inventory: Inventory::default(),
            still: Some(still),
            series: PresentSeries::default(),
            documents,
            copied: Copied::default(),
        })
    })?;
    // At the end they are asked what should have been copied.
    vault.inner.catch_up()?;
    Ok(begun)
}

/// What of each journal and each log came since the backup before; a journal that was rewritten comes whole.
fn spans(bounds: &Bounds, before: Option<&Before>) -> Result<(Journals, Vec<Span>)> {
    let mut journals = Vec::new();
    for (blinded, journal) in &bounds.journals {
        let known = before.and_then(|before| before.inventory.journals.get(blinded));
        let after = match known {
            Some(known) if known.rewrite > journal.rewrite || known.seq > journal.seq => return Err(cannot_continue()),
            Some(known) if known.rewrite == journal.rewrite => known.seq,
            _ => 0,
        };
        journals.push((*blinded, Span { after, last: journal.seq }));
    }
    journals.sort_unstable_by_key(|(blinded, _)| *blinded);
    let known = |log| before.and_then(|before| before.inventory.logs.get(log)).map_or(0, |(size, _)| *size);
    let logs = bounds.logs.iter().map(|log| Span { after: known(&log.id), last: log.size });
    Ok((journals, logs.collect()))
}

/// The files of documents as they stand; those of records that are being added may be among them. What else somebody put
/// beside them, as file managers do, is not the vault's; `verify` tells of it.
fn documents(vault: &Vault) -> Result<Vec<FileId>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(vault.dir().join("documents"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.extend(entry.file_name().to_str().and_then(|name| name.parse::<FileId>().ok()));
        }
    }
    Ok(files)
}

impl Begun<'_> {
    /// Copies the samples as they stood. Who adds some meanwhile does not wait; who would move them does so later.
    pub fn copy_series(&mut self, vault: &Vault) -> Result<()> {
        let Some(still) = self.still.take() else { return Ok(()) };
        let Self { out, copied, series, inventory, before, .. } = self;
        out.rows(vault, &layout::rows(Table::Series), |address, value| {
            if still.is_new(address) {
                return Ok(false);
            }
            let hash = hash_of(value);
            copied.row(Table::Series, address, value)?;
            series.take(address, value);
            inventory.blocks.insert(address.to_vec(), hash);
            Ok(before.as_ref().is_none_or(|before| before.inventory.blocks.get(address) != Some(&hash)))
        })
    }

    /// Copies what is only appended to, up to where it stood; writes go on behind that.
    pub fn copy_rows(&mut self, vault: &Vault) -> Result<()> {
        if let Some(before) = &self.before {
            before.check_logs(vault, &self.bounds)?;
        }
        let Self { out, copied, journals, logs, bounds, .. } = self;
        for table in [Table::Journal, Table::Origin] {
            for (blinded, span) in journals.iter().filter(|(_, span)| !span.is_empty()) {
                let range = journal_rows(table, blinded, span.after, span.last);
                out.rows(vault, &range, |address, value| copied.row(table, address, value).map(|()| true))?;
            }
        }
        for (log, span) in bounds.logs.iter().zip(logs) {
            let id = log.id.as_bytes();
            let range = (layout::audit(id, span.after, 0), layout::audit(id, span.last, 0));
            out.rows(vault, &range, |address, value| copied.row(Table::Audit, address, value).map(|()| true))?;
            for level in 0..8 {
                let (from, to) = (full_tiles(span.after, level), full_tiles(span.last, level));
                let range = (layout::tile(id, level, from), layout::tile(id, level, to));
                out.rows(vault, &range, |address, value| copied.row(Table::Tile, address, value).map(|()| true))?;
            }
        }
        Ok(())
    }

    /// Copies the files of documents that the backup before does not have: they never change once their record is
    /// committed.
    pub fn copy_documents(&mut self, vault: &Vault) -> Result<()> {
        for file in &self.documents {
            let known = self.before.as_ref().is_some_and(|before| before.inventory.files.contains(file));
            // One that is gone was taken away again because its record could not be written. Where one was, `end` misses it.
            if known || self.out.file(vault.dir(), &format!("documents/{file}"))?.is_some() {
                self.inventory.files.insert(*file);
            }
        }
        Ok(())
    }

    /// Ends a backup that holds all it should.
    pub fn end(mut self, vault: &Vault, path: &Path, unfinished: Unfinished, order: &Order) -> Result<Written> {
        self.copied.check(vault, &self.bounds, &self.journals, &self.logs)?;
        self.check_documents(vault)?;
        self.check_series(vault)?;
        let (epoch, key) = vault.inner.keys.backup_key()?;
        let before = self.before.as_ref().map(|before| &before.frame);
        let (kind, chain, number) = match before {
            None => (Kind::Full, ChainId::new(), 0),
            Some(before) => (Kind::Increment, before.manifest.chain, before.manifest.number + 1),
        };
        for (blinded, span) in &self.journals {
            let Some(&crate::vault::bounds::Journal { seq, rewrite, pseudonym, .. }) =
                self.bounds.journals.get(blinded)
            else {
                continue;
            };
            let journal = Journal { pseudonym, seq, rewrite, whole: span.after == 0 };
            self.inventory.journals.insert(*blinded, journal);
        }
        self.inventory.logs = self.bounds.logs.iter().map(|log| (log.id, (log.size, log.root))).collect();
        let place = Place { vault: vault.id(), chain, number };
        let inventory = self.inventory.seal(place, vault.inner.suite(), epoch, &key)?;
        let mut out = self.out;
        let (inventory_at, _) = out.so_far();
        out.put(&[INVENTORY])?;
        out.put(
            &u32::try_from(inventory.len()).map_err(|_| Error::internal("an inventory is too long"))?.to_be_bytes(),
        )?;
        out.put(&inventory)?;
        let log = self.bounds.log()?;
        let (bytes, hash) = out.so_far();
        let manifest = Manifest {
            vault: vault.id(),
            chain,
            number,
            previous: before.map(|before| hex(&before.hash)),
            written_at: self.at,
            epoch,
            key: hex(&key.public_key()),
            entries: self.bounds.entries,
            log: log.id,
            size: log.size,
            root: hex(&log.root),
            bytes,
            sha256: hex(&hash),
            inventory: inventory_at,
        };
        out.put(&ending(&manifest, &self.keys, &key)?)?;
        let (bytes, hash) = out.so_far();
        out.sync()?;
        unfinished.publish()?;
        let written = Written {
            path: path.to_owned(),
            bytes,
            entries: manifest.entries,
            copied: self.journals.iter().map(|(_, span)| span.len()).sum(),
            sha256: hex(&hash),
            audit_root: manifest.root,
            kind,
            chain,
            number,
            written_at: self.at,
        };
        // The vault knows of the backup or there is none: an erasure has to name every one.
        let made = Made::of(&written, vault.keys_from(self.at), order.kept_until);
        made.and_then(|made| vault.add_backup(made, &order.purpose)).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(written)
    }

    /// Every document of a record is in this backup or in those before it.
    fn check_documents(&self, vault: &Vault) -> Result<()> {
        let gone = self
            .before
            .as_ref()
            .is_some_and(|before| before.inventory.files.iter().any(|file| !self.inventory.files.contains(file)));
        // Where a document of an earlier backup is gone, somebody was erased or it was lost: then every record is asked.
        let spans = self.journals.iter().map(|(blinded, span)| {
            let span = if gone { Span { after: 0, ..*span } } else { *span };
            (*blinded, span)
        });
        super::whole::check_documents(vault, &self.bounds, spans, &self.inventory.files)
    }

    /// Every row of a series is in this backup or in those before it.
    fn check_series(&self, vault: &Vault) -> Result<()> {
        let before = self.before.iter().flat_map(|before| before.inventory.blocks.keys());
        let mut gone: BTreeSet<&[u8]> =
            before.filter(|row| !self.inventory.blocks.contains_key(*row)).filter_map(|row| row.get(1..17)).collect();
        // Whoever wrote may have moved samples, so that rows are gone that should be. Where others are, every person is
        // asked: somebody was erased, or the row was lost.
        for wrote in [true, false] {
            if !wrote && gone.is_empty() {
                break;
            }
            for (blinded, span) in self.journals.iter().filter(|(_, span)| span.is_empty() != wrote) {
                let Some(journal) = self.bounds.journals.get(blinded) else { continue };
                let profile = vault.inner.open_profile(journal.id)?;
                if !vault.inner.has_series_rows(&profile, span.last, &self.series) {
                    return Err(missing(Table::Series.name()));
                }
                for (_, series) in vault.inner.series_of(&profile) {
                    gone.remove(series.as_slice());
                }
            }
        }
        Ok(())
    }
}
