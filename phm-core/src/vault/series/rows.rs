//! The rows of one series in the store: its directory, its blocks, and the samples that are in no block yet.
//!
//! All stand in the table `series` under the blinded series; the number in the address says which one it is: 0 the
//! directory, from 1 on the blocks, and from 2^63 on the samples of the journal entry with that number. A row is sealed
//! under the person's key and bound to person, series and number.

use std::collections::BTreeMap;

use super::block::{Stored, decode};
use super::directory::{Directory, Shelved};
use crate::crypto::{self, Opened};
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId, VaultId};
use crate::store::Store;
use crate::store::layout::{self, Blinded, Table, rows_of, seq_and_part};
use crate::vault::keys::KeyBook;

/// The number of the directory.
pub(crate) const DIRECTORY: u64 = 0;
const DELTAS: u64 = 1 << 63;

/// The number of the row with the samples that the entry `seq` added.
pub(crate) const fn delta(seq: u64) -> u64 {
    DELTAS | seq
}

/// The entry whose samples stand in the row `number`, where there is one.
pub(crate) const fn entry_of(number: u64) -> Option<u64> {
    if number >= DELTAS { Some(number & !DELTAS) } else { None }
}

/// What a row of a series is bound to.
pub(crate) fn context(vault: VaultId, profile: ProfileId, series: RecordId, number: u64) -> Vec<u8> {
    let (table, number) = ([Table::Series as u8], number.to_be_bytes());
    [vault.as_bytes().as_slice(), &table, profile.as_bytes(), series.as_bytes(), &number].concat()
}

/// A series as it appears in addresses.
pub(crate) fn blind(keys: &KeyBook, profile: ProfileId, series: RecordId) -> Blinded {
    keys.blind("phm series", &[profile.as_bytes(), series.as_bytes()])
}

/// Reads and opens the rows of one series.
pub(crate) struct Rows<'v> {
    pub store: &'v dyn Store,
    pub keys: &'v KeyBook,
    pub vault: VaultId,
    pub profile: ProfileId,
    pub series: RecordId,
    pub blinded: Blinded,
}

impl Rows<'_> {
    /// The directory; an empty one where nothing was ever merged.
    pub fn directory(&self) -> Result<Directory> {
        let Some(opened) = self.row(DIRECTORY)? else { return Ok(Directory::default()) };
        Directory::decode(&opened.plaintext).ok_or_else(|| self.damaged(DIRECTORY))
    }

    /// The samples of a block, which must be the one the directory knows.
    pub(super) fn block(&self, block: &Shelved) -> Result<Vec<Stored>> {
        let opened = self.row(block.number)?.filter(|opened| opened.commitment() == block.commitment);
        let samples = opened.and_then(|opened| decode(&opened.plaintext));
        samples.ok_or_else(|| self.damaged(block.number))
    }

    /// The samples of an entry that are in no block yet.
    pub fn delta(&self, seq: u64, opened: &Opened) -> Result<Vec<Stored>> {
        let mut samples = decode(&opened.plaintext).ok_or_else(|| self.damaged(delta(seq)))?;
        for sample in &mut samples {
            sample.source = seq;
        }
        Ok(samples)
    }

    /// The rows of samples that are in no block yet, by their entries.
    pub fn deltas(&self) -> Result<BTreeMap<u64, Vec<Stored>>> {
        let mut found: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
        let from = layout::series(&self.blinded, DELTAS, 0);
        let (_, to) = rows_of(Table::Series, &self.blinded);
        self.store.scan(&from, &to, &mut |(address, value)| {
            if let Some(seq) = seq_and_part(address).and_then(|(number, _)| entry_of(number)) {
                found.entry(seq).or_default().push(value.to_vec());
            }
            true
        })?;
        let open = |(seq, parts): (u64, Vec<Vec<u8>>)| {
            // Sealed again between two parts: then other bytes stand there now.
            let opened =
                self.open(delta(seq), &parts).map_or_else(|| self.row(delta(seq)), |opened| Ok(Some(opened)))?;
            let opened = opened.ok_or_else(|| self.damaged(delta(seq)))?;
            Ok((seq, self.delta(seq, &opened)?))
        };
        found.into_iter().map(open).collect()
    }

    /// The samples of every row that opens, with how many rows do not: for what can be saved of a damaged store.
    pub fn saved(&self, mut show: impl FnMut(&Stored) -> Result<()>) -> Result<u64> {
        let mut numbers: Vec<u64> = Vec::new();
        let (from, to) = rows_of(Table::Series, &self.blinded);
        self.store.scan(&from, &to, &mut |(address, _)| {
            let number = seq_and_part(address).map(|(number, _)| number);
            numbers.extend(number.filter(|number| *number != DIRECTORY && numbers.last() != Some(number)));
            true
        })?;
        let mut lost = 0;
        for number in numbers {
            let Some(opened) = self.row(number).ok().flatten() else {
                lost += 1;
                continue;
            };
            let samples = self.samples_in(number, &opened);
            lost += u64::from(samples.is_none());
            samples.unwrap_or_default().iter().try_for_each(&mut show)?;
        }
        Ok(lost)
    }

    /// The samples of an opened row that is not the directory.
    pub fn samples_in(&self, number: u64, opened: &Opened) -> Option<Vec<Stored>> {
        match entry_of(number) {
            Some(seq) => self.delta(seq, opened).ok(),
            None => decode(&opened.plaintext),
        }
    }

    /// A row, opened; an error names the one that does not open.
    pub fn row(&self, number: u64) -> Result<Option<Opened>> {
        let Some(mut parts) = self.parts(number)? else { return Ok(None) };
        loop {
            if let Some(opened) = self.open(number, &parts) {
                return Ok(Some(opened));
            }
            // Replaced or sealed again between two parts: then other bytes stand there now.
            match self.parts(number)? {
                Some(now) if now != parts => parts = now,
                _ => return Err(self.damaged(number)),
            }
        }
    }

    /// The sealed parts of a row.
    pub fn parts(&self, number: u64) -> Result<Option<Vec<Vec<u8>>>> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        loop {
            let part = u16::try_from(parts.len()).map_err(|_| self.damaged(number))?;
            match self.store.get(&layout::series(&self.blinded, number, part))? {
                Some(bytes) => parts.push(bytes),
                None => break,
            }
            if !parts.last().is_some_and(|part| crypto::is_full_part(part)) {
                break;
            }
        }
        Ok((!parts.is_empty()).then_some(parts))
    }

    /// Opens the parts of a row.
    pub fn open(&self, number: u64, parts: &[Vec<u8>]) -> Option<Opened> {
        let epoch = parts.first().and_then(|part| crypto::epoch_of(part))?;
        let key = self.keys.profile_key_at(self.profile, epoch)?;
        crypto::open(&key, &context(self.vault, self.profile, self.series, number), parts).ok()
    }

    /// The row's name in reports: `<profile>#series <series>/<block>`, or of samples the entry that added them.
    pub fn name(&self, number: u64) -> String {
        let (profile, series) = (self.profile, self.series);
        match entry_of(number) {
            Some(seq) => format!("{profile}#{seq}"),
            None if number == DIRECTORY => format!("{profile}#series {series}"),
            None => format!("{profile}#series {series}/{number}"),
        }
    }

    fn damaged(&self, number: u64) -> Error {
        let name = self.name(number);
        Error::corrupt(format!("samples of {name} are damaged; run `phm verify`, then restore the newest backup"))
    }
}
