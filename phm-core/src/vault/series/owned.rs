//! All rows of all series of a person: for a new key, for erasing, and for knowing whose rows there are.

use std::sync::PoisonError;

use super::rows::{Rows, blind, context};
use crate::crypto;
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::store::layout::{self, Blinded, Table, rows_of, seq_and_part};
use crate::store::{Batch, Store as _};
use crate::vault::Inner;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::read_lock;

/// Rows and bytes that are replaced in one commit at most.
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

impl Inner {
    /// Every series of a person that ever had samples, removed ones too, as it appears in addresses.
    ///
    /// The rows of the table `series` with these owners are all the samples there are of the person. They cannot be found
    /// any more once the person's journal does not open, so whoever erases asks before.
    pub fn series_of(&self, profile: &OpenProfile) -> Vec<(RecordId, Blinded)> {
        let all = read_lock(profile).series_with_samples();
        all.into_iter().map(|series| (series, blind(&self.keys, profile.id, series))).collect()
    }

    /// Adds to `batch` the deletion of up to `most` rows of a series; answers how many those are.
    pub fn delete_series_rows(&self, blinded: &Blinded, most: usize, batch: &mut Batch) -> Result<usize> {
        let (from, to) = rows_of(Table::Series, blinded);
        let mut found = 0;
        self.store.scan(&from, &to, &mut |(address, _)| {
            batch.delete(address.to_vec());
            found += 1;
            found < most
        })?;
        Ok(found)
    }

    /// Seals every row of a person's series that is not under the key of `epoch` again; answers how many there were.
    pub fn reseal_series(&self, profile: &OpenProfile, epoch: u32) -> Result<u64> {
        let mut rows_sealed = 0;
        for (series, blinded) in self.series_of(profile) {
            let place = profile.shelves.place(series);
            // Blocks are replaced and samples moved only by whoever holds this.
            let _place = place.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = self.series_rows(profile, series);
            let mut old = Vec::new();
            self.old_series_rows(&blinded, epoch, &mut |number| old.push(number))?;
            let (mut batch, mut bytes) = (Batch::default(), 0);
            for (at, number) in old.iter().enumerate() {
                bytes += self.reseal_row(&rows, *number, &mut batch)?;
                let last = at + 1 == old.len();
                if last || bytes >= BATCH_BYTES || batch.put.len() >= BATCH_ROWS {
                    let batch = std::mem::take(&mut batch);
                    bytes = 0;
                    self.at_barrier(|_| Ok(self.store.commit(batch)?))?;
                }
            }
            rows_sealed += old.len() as u64;
        }
        Ok(rows_sealed)
    }

    /// Shows the number of every row of a series that is not under the key of `epoch`.
    pub fn old_series_rows(&self, blinded: &Blinded, epoch: u32, show: &mut dyn FnMut(u64)) -> Result<()> {
        let (from, to) = rows_of(Table::Series, blinded);
        Ok(self.store.scan(&from, &to, &mut |(address, value)| {
            if let Some((number, 0)) = seq_and_part(address)
                && crypto::epoch_of(value) != Some(epoch)
            {
                show(number);
            }
            true
        })?)
    }

    /// Adds a row, sealed under the newest key, to `batch`; answers its bytes.
    fn reseal_row(&self, rows: &Rows<'_>, number: u64, batch: &mut Batch) -> Result<usize> {
        let id: ProfileId = rows.profile;
        let name = rows.name(number);
        let damaged = || Error::corrupt(format!("{name} is damaged; run `phm verify`; the old key stays"));
        let parts = rows.parts(number)?.ok_or_else(damaged)?;
        let was = parts.first().and_then(|part| crypto::epoch_of(part)).ok_or_else(damaged)?;
        let key = self.keys.profile_key_at(id, was).ok_or_else(damaged)?;
        let context = context(self.marker.vault, id, rows.series, number);
        let body = crypto::reopen(&key, &context, &parts).map_err(|_| damaged())?;
        let (epoch, key) = self.keys.profile_key(id)?;
        let mut bytes = 0;
        for (part, sealed) in (0_u16..).zip(crypto::seal(self.marker.suite, &key, epoch, &context, &body)) {
            bytes += sealed.len();
            batch.replace(layout::series(&rows.blinded, number, part), sealed);
        }
        Ok(bytes)
    }
}
