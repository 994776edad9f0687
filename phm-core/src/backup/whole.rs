//! Whether a backup holds everything its heads promise.
//!
//! A store that lost rows shows the others and says nothing. So what is copied is counted on its way and compared with
//! where the journals and the audit log ended: a backup that could not be restored is not reported as written.

use std::collections::HashSet;
use std::sync::PoisonError;

use crate::audit::tiles::WIDTH;
use crate::crypto;
use crate::error::{Error, Result};
use crate::id::FileId;
use crate::store::layout::{self, Table, seq_and_part};
use crate::vault::{Bounds, Vault};

/// What was copied of the tables that are only appended to, and of the documents.
#[derive(Default)]
pub(super) struct Copied {
    entries: u64,
    originals: u64,
    leaves: u64,
    tiles: u64,
    files: HashSet<FileId>,
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
    /// Counts a row that was copied; rows come in the order of their addresses.
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
            Table::Series | Table::State | Table::Head => return Ok(()),
        };
        let (seq, number) = seq_and_part(address).ok_or_else(|| missing(table.name()))?;
        if seq == 0 && table != Table::Audit {
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

    /// Counts the file of a document that was copied.
    pub fn file(&mut self, file: FileId) {
        self.files.insert(file);
    }

    /// Compares what was copied with where journals, log and tree ended; `size` is how many leaves the log had.
    ///
    /// # Errors
    /// `corrupt` when anything is missing.
    pub fn check(&self, vault: &Vault, bounds: &Bounds, size: u64) -> Result<()> {
        // No journal can have more entries than its head says, so none has fewer when the sum is right.
        for (table, copied, promised) in [
            (Table::Journal, self.entries, bounds.entries),
            (Table::Audit, self.leaves, size),
            (Table::Tile, self.tiles, full_tiles(size)),
        ] {
            if copied != promised {
                return Err(missing(table.name()));
            }
        }
        if self.last.as_ref().is_some_and(|last| last.full) {
            return Err(missing("audit"));
        }
        let mut originals = 0;
        for id in vault.inner.profile_ids() {
            let blinded = vault.inner.keys.blind_profile(id);
            let held = |seq| bounds.hold(Table::Journal, &layout::journal(&blinded, seq, 0));
            if !held(1) {
                // Nothing was written of them yet.
                continue;
            }
            let profile = vault.inner.open_profile(id)?;
            let index = profile.index.read().unwrap_or_else(PoisonError::into_inner);
            for entry in index.entries().filter(|entry| held(entry.seq())) {
                originals += u64::from(entry.has_origin());
                if entry.file().is_some_and(|file| !self.files.contains(&file.file)) {
                    return Err(missing("documents"));
                }
            }
        }
        if originals == self.originals { Ok(()) } else { Err(missing(Table::Origin.name())) }
    }
}

/// Refuses heads of journals that are behind what was written.
pub(super) fn check_heads(vault: &Vault) -> Result<()> {
    for id in vault.inner.profile_ids() {
        vault.inner.head(id, &vault.inner.keys.blind_profile(id))?;
    }
    Ok(())
}

/// How many full tiles a log of `size` leaves has, on all levels together.
fn full_tiles(size: u64) -> u64 {
    std::iter::successors(Some(size / WIDTH as u64), |full| Some(full / WIDTH as u64))
        .take_while(|full| *full > 0)
        .sum()
}

fn missing(place: &str) -> Error {
    Error::corrupt(format!(
        "the vault is damaged ({place}), so a backup of it would not restore; run `phm verify`, and keep older backups"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_counted_on_every_level() {
        let width = WIDTH as u64;
        assert_eq!([0, 255, 256, 511].map(full_tiles), [0, 0, 1, 1]);
        assert_eq!([width * width - 1, width * width, width.pow(3)].map(full_tiles), [255, 257, 65_536 + 256 + 1]);
    }

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
}
