//! What a write changes of the rows of one series.

use super::directory::Directory;
use super::merge::Merged;
use super::rows::{DIRECTORY, context, delta};
use super::shelf::Shelf;
use crate::crypto::{self, Prepared};
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::store::layout::{self, Blinded};
use crate::store::{Batch, Store as _};
use crate::vault::Inner;

/// Changes of the rows of one series, applied together with the entries of the same write.
pub(crate) struct SeriesChange {
    pub profile: ProfileId,
    series: RecordId,
    blinded: Blinded,
    /// The samples that the write's last entry of this person adds; they stand under its number.
    delta: Option<Prepared>,
    /// Rows to replace, by number.
    put: Vec<(u64, Prepared)>,
    /// Rows to empty.
    delete: Vec<u64>,
}

impl SeriesChange {
    /// Adds the samples in `delta`, by the last entry of the write.
    pub fn adding(profile: ProfileId, series: RecordId, blinded: Blinded, delta: Prepared) -> Self {
        Self { profile, series, blinded, delta: Some(delta), put: Vec::new(), delete: Vec::new() }
    }

    /// And moves what stood by itself in `shelf` into blocks; answers the directory that then holds.
    pub(super) fn and_moving(&mut self, merged: Merged, shelf: &Shelf) -> Result<Directory> {
        let Merged { blocks, directory } = merged;
        self.put = blocks;
        self.put.push((DIRECTORY, Prepared::new(&directory.encode())?));
        self.delete = shelf.deltas.iter().map(|moved| delta(moved.seq)).collect();
        Ok(directory)
    }

    /// Bytes of its rows, sealed.
    pub fn bytes(&self) -> usize {
        self.put.iter().map(|(_, row)| row).chain(&self.delta).map(Prepared::sealed_len).sum()
    }

    /// Seals the rows and adds them to `batch`; `seq` is the write's last entry of this person.
    pub fn seal_into(&self, inner: &Inner, seq: u64, batch: &mut Batch) -> Result<()> {
        let (epoch, key) = inner.keys.profile_key(self.profile)?;
        let seal = |number: u64, row: &Prepared| {
            let context = context(inner.marker.vault, self.profile, self.series, number);
            let parts = crypto::seal(inner.marker.suite, &key, epoch, &context, row);
            let addressed = parts.into_iter().enumerate().map(move |(part, sealed)| {
                let part = u16::try_from(part).map_err(|_| Error::internal("a row has too many parts"))?;
                Ok((layout::series(&self.blinded, number, part), sealed))
            });
            addressed.collect::<Result<Vec<_>>>()
        };
        if let Some(samples) = &self.delta {
            for (address, sealed) in seal(delta(seq), samples)? {
                batch.append(address, sealed);
            }
        }
        for (number, row) in &self.put {
            let parts = seal(*number, row)?;
            let written = parts.len();
            for (address, sealed) in parts {
                batch.replace(address, sealed);
            }
            self.empty(inner, *number, written, batch)?;
        }
        self.delete.iter().try_for_each(|number| self.empty(inner, *number, 0, batch))
    }

    /// Empties the parts of a row from `first` on.
    fn empty(&self, inner: &Inner, number: u64, first: usize, batch: &mut Batch) -> Result<()> {
        for part in first.. {
            let part = u16::try_from(part).map_err(|_| Error::internal("a row has too many parts"))?;
            let address = layout::series(&self.blinded, number, part);
            if inner.store.get(&address)?.is_none() {
                break;
            }
            batch.delete(address);
        }
        Ok(())
    }
}
