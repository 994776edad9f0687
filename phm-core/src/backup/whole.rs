//! Whether a backup holds everything its heads promise.
//!
//! A store that lost rows shows the others and says nothing. So what is copied is counted on its way and compared with
//! where the journals and the audit log ended: a backup that could not be restored is not reported as written.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use crate::crypto;
use crate::error::{Error, Result};
use crate::id::{FileId, ProfileId};
use crate::store::layout::{Blinded, Table, seq_and_part};
use crate::vault::Vault;
use crate::vault::bounds::{Bounds, full_tiles};

/// Numbers that are copied: those behind `after`, up to `last`. Of a log, whose rows are counted from 0, the rows from
/// `after` on, up to the one before `last`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Span {
    pub after: u64,
    pub last: u64,
}

impl Span {
    pub fn len(self) -> u64 {
        self.last.saturating_sub(self.after)
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn has(self, seq: u64) -> bool {
        self.after < seq && seq <= self.last
    }
}

/// What of each journal is copied.
pub(super) type Journals = Vec<(Blinded, Span)>;

/// What was copied, or need not be because the backup before has it.
#[derive(Default)]
pub(super) struct Copied {
    entries: u64,
    originals: u64,
    leaves: u64,
    tiles: u64,
    /// Rows of series; which ones there should be is known to the series.
    samples: u64,
    /// The part copied last.
    last: Option<Part>,
}

/// One part of a row.
struct Part {
    /// Its address without the number of the part.
    row: Vec<u8>,
    number: u16,
    /// Another part has to follow: the last one of a row is never full, for no padded length is a whole number of parts.
    full: bool,
}

impl Copied {
    /// Counts a row that was copied; the rows of one owner come in the order of their addresses.
    ///
    /// # Errors
    /// `corrupt` when a part of a row is missing, or stands where none belongs.
    pub fn row(&mut self, table: Table, address: &[u8], value: &[u8]) -> Result<()> {
        let count = match table {
            Table::Journal => &mut self.entries,
            Table::Origin => &mut self.originals,
            Table::Audit => &mut self.leaves,
            Table::Tile => {
                self.tiles += 1;
                return Ok(());
            }
            Table::Series => &mut self.samples,
            Table::State | Table::Head => return Ok(()),
        };
        let (seq, number) = seq_and_part(address).ok_or_else(|| missing(table.name()))?;
        if seq == 0 && !matches!(table, Table::Audit | Table::Series) {
            return Err(missing(table.name()));
        }
        let (row, _) = address.split_at(address.len() - 2);
        let follows = match &self.last {
            Some(last) if last.row == row => last.full && last.number.checked_add(1) == Some(number),
            Some(last) => !last.full && number == 0,
            None => number == 0,
        };
        if !follows {
            return Err(missing(table.name()));
        }
        *count += u64::from(number == 0);
        self.last = Some(Part { row: row.to_vec(), number, full: crypto::is_full_part(value) });
        Ok(())
    }

    /// Compares what was copied with what was to be copied of each journal and log.
    ///
    /// # Errors
    /// `corrupt` when anything is missing.
    pub fn check(&self, vault: &Vault, bounds: &Bounds, journals: &[(Blinded, Span)], logs: &[Span]) -> Result<()> {
        let tiles = |size| (0..8).map(|level| full_tiles(size, level)).sum::<u64>();
        // No journal can have more entries than its head says, so none has fewer when the sum is right.
        for (table, copied, promised) in [
            (Table::Journal, self.entries, journals.iter().map(|(_, span)| span.len()).sum::<u64>()),
            (Table::Audit, self.leaves, logs.iter().map(|span| span.len()).sum::<u64>()),
            (Table::Tile, self.tiles, logs.iter().map(|span| tiles(span.last) - tiles(span.after)).sum::<u64>()),
        ] {
            if copied != promised {
                return Err(missing(table.name()));
            }
        }
        if self.last.as_ref().is_some_and(|last| last.full) {
            return Err(missing("audit"));
        }
        let mut originals = 0;
        each_entry(vault, bounds, journals.iter().copied(), |has_origin, _| {
            originals += u64::from(has_origin);
            Ok(())
        })?;
        if originals == self.originals { Ok(()) } else { Err(missing(Table::Origin.name())) }
    }
}

/// Whether the file of every document in these spans is among `files`.
///
/// # Errors
/// `corrupt` when one is missing.
pub(super) fn check_documents(
    vault: &Vault,
    bounds: &Bounds,
    spans: impl IntoIterator<Item = (Blinded, Span)>,
    files: &BTreeSet<FileId>,
) -> Result<()> {
    each_entry(vault, bounds, spans, |_, file| match file {
        Some(file) if !files.contains(&file) => Err(missing("documents")),
        _ => Ok(()),
    })
}

/// Shows each entry of the spans: whether it has an original, and the file of its document.
fn each_entry(
    vault: &Vault,
    bounds: &Bounds,
    spans: impl IntoIterator<Item = (Blinded, Span)>,
    mut visit: impl FnMut(bool, Option<FileId>) -> Result<()>,
) -> Result<()> {
    let open = |id: ProfileId| vault.inner.open_profile(id);
    for (blinded, span) in spans.into_iter().filter(|(_, span)| !span.is_empty()) {
        let Some(journal) = bounds.journals.get(&blinded) else { continue };
        let profile = open(journal.id)?;
        let index = profile.index.read().unwrap_or_else(PoisonError::into_inner);
        for entry in index.entries().filter(|entry| span.has(entry.seq())) {
            visit(entry.has_origin(), entry.file().map(|file| file.file))?;
        }
    }
    Ok(())
}

pub(super) fn missing(place: &str) -> Error {
    Error::corrupt(format!(
        "the vault is damaged ({place}), so a backup of it would not restore; run `phm verify`, and keep older backups"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::layout;

    #[test]
    fn a_part_that_is_missing_or_too_many_is_noticed() {
        let (full, rest) = (vec![0; crypto::MAX_PART], vec![0; 100]);
        let count = |parts: &[(u64, u16, &[u8])]| {
            let mut copied = Copied::default();
            let row = |(seq, part, value): &(u64, u16, &[u8])| {
                copied.row(Table::Journal, &layout::journal(&[1; 16], *seq, *part), value)
            };
            parts.iter().try_for_each(row).map(|()| copied.entries)
        };
        assert_eq!(count(&[(1, 0, &full), (1, 1, &rest), (2, 0, &rest)]).expect("whole"), 2);
        assert!(count(&[(0, 0, &rest)]).is_err(), "before the first");
        assert!(count(&[(1, 1, &rest)]).is_err(), "without its first part");
        assert!(count(&[(1, 0, &full), (1, 2, &rest)]).is_err(), "without one between");
        assert!(count(&[(1, 0, &full), (2, 0, &rest)]).is_err(), "without its last");
        assert!(count(&[(1, 0, &rest), (1, 1, &rest)]).is_err(), "one too many");
    }

    #[test]
    fn a_span_has_what_is_behind_its_beginning_up_to_its_end() {
        let span = Span { after: 3, last: 5 };
        assert_eq!((3..7).filter(|seq| span.has(*seq)).collect::<Vec<_>>(), [4, 5]);
        assert!(Span { after: 5, last: 5 }.is_empty() && span.len() == 2);
    }
}
