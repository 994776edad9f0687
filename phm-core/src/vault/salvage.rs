//! Reading a damaged vault without trusting its heads, its indexes, its audit log or its storage engine.
//!
//! Entries are looked for in the bytes of the store's files: every seal that opens is one. Only then the engine is asked
//! for what was not found so, because an engine may change damaged files when it opens them.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use serde_json::value::RawValue;

use super::Options;
use super::documents::{open_beginning, open_sealed};
use super::folder::{Folder, Marker};
use super::journal::{self, Reader};
use super::keys::KeyBook;
use super::series::rows::{DIRECTORY, Rows, blind};
use crate::crypto::secret::Secret;
use crate::crypto::{Opened, is_full_part};
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::index::{FileRef, Header};
use crate::store::layout::{self, Table};
use crate::store::{Carved, Generations, MemoryStore, Store};
use crate::time::Instant;

/// Ways to put the parts of one body together that are tried at most.
const TRIES: usize = 64;

/// Who is shown samples: the entry that added one, when it was taken, its value.
pub(crate) type ShowSample<'s> = &'s mut dyn FnMut(u64, Instant, String) -> Result<()>;

/// An entry that opened: its header, its body and the text of its original.
pub(crate) type Saved = (Header, Option<Box<RawValue>>, Option<String>);

/// A vault of which only keys and rows are used.
pub(crate) struct SalvageFolder {
    folder: Folder,
    marker: Marker,
    keys: KeyBook,
    carved: Carved,
}

impl SalvageFolder {
    /// Opens the keys and looks through the store's files, which are not changed.
    pub fn open(dir: &Path, secret: &Secret) -> Result<Self> {
        let marker = Folder::marker_or_guess(dir)?;
        let folder = Folder::take(dir)?;
        let keys = KeyBook::open(dir, marker.vault, secret)?;
        let carved = Carved::look(dir)?;
        Ok(Self { folder, marker, keys, carved })
    }

    /// What is left of backups: the sealed documents and the files of these keys lie in `dir`, rows were found elsewhere.
    pub fn of_remains(dir: &Path, keys: KeyBook, carved: Carved) -> Result<Self> {
        let marker = Folder::marker_or_guess(dir)?;
        let folder = Folder::take(dir)?;
        Ok(Self { folder, marker, keys, carved })
    }

    /// Opens the storage engine, which may change its files.
    pub fn engine(&self, options: &Options) -> Result<Generations> {
        options.open_store(self.folder.root(), self.marker.engine)
    }

    /// Everybody with a key.
    pub fn profiles(&self) -> Vec<ProfileId> {
        self.keys.profiles()
    }

    /// Shows every entry of a person that opens, from the files alone.
    pub fn in_files(&self, profile: ProfileId, mut visit: impl FnMut(u64, Saved) -> Result<()>) -> Result<()> {
        let nothing = MemoryStore::new();
        let reader = self.reader(&nothing, profile);
        let (from, to) = layout::rows_of(Table::Journal, &reader.blinded);
        let seqs: BTreeSet<u64> =
            self.carved.addresses(&from, &to).filter_map(layout::seq_and_part).map(|(seq, _)| seq).collect();
        for seq in seqs {
            let found = |table| {
                let address = |part| reader.address(table, seq, part);
                self.put_together(&address, &|parts| reader.open(table, seq, parts).ok(), &mut Vec::new(), &mut 0)
            };
            if let Some(saved) = found(Table::Journal).and_then(|entry| saved(&entry, found(Table::Origin))) {
                visit(seq, saved)?;
            }
        }
        Ok(())
    }

    /// Shows every entry of a person the engine has a row of and that is not in `known`; `None` where it does not open.
    pub fn in_engine(
        &self,
        store: &Generations,
        profile: ProfileId,
        known: &BTreeSet<u64>,
        mut visit: impl FnMut(u64, Option<Saved>) -> Result<()>,
    ) -> Result<()> {
        let reader = self.reader(store, profile);
        let mut seqs = BTreeSet::new();
        let (from, to) = layout::rows_of(Table::Journal, &reader.blinded);
        let scanned = store.scan(&from, &to, &mut |(address, _)| {
            seqs.extend(layout::seq_and_part(address).map(|(seq, _)| seq));
            true
        });
        for seq in seqs.difference(known) {
            let row = |table| reader.row(table, *seq).ok().flatten();
            visit(*seq, row(Table::Journal).and_then(|entry| saved(&entry, row(Table::Origin))))?;
        }
        Ok(scanned?)
    }

    fn reader<'s>(&'s self, store: &'s dyn Store, profile: ProfileId) -> Reader<'s> {
        let blinded = self.keys.blind_profile(profile);
        Reader { store, keys: &self.keys, vault: self.marker.vault, profile, blinded }
    }

    /// A body from what was found in the files: parts that open together.
    fn put_together(
        &self,
        address: &dyn Fn(u16) -> Vec<u8>,
        open: &dyn Fn(&[Vec<u8>]) -> Option<Opened>,
        parts: &mut Vec<Vec<u8>>,
        tries: &mut usize,
    ) -> Option<Opened> {
        let number = u16::try_from(parts.len()).ok()?;
        for part in self.carved.values(&address(number)) {
            let goes_on = is_full_part(&part);
            parts.push(part);
            let mut opened = None;
            if goes_on {
                opened = self.put_together(address, open, parts, tries);
            }
            if opened.is_none() && *tries < TRIES {
                *tries += 1;
                opened = open(parts);
            }
            parts.pop();
            if opened.is_some() {
                return opened;
            }
        }
        None
    }

    /// Shows every sample of a series of which the engine has a row that opens; answers how many rows do not.
    pub fn samples_in_engine(
        &self,
        store: &Generations,
        profile: ProfileId,
        series: RecordId,
        visit: ShowSample<'_>,
    ) -> Result<u64> {
        let rows = self.rows(store, profile, series);
        rows.saved(|sample| visit(sample.source, Instant::from_millis(sample.at), sample.value.to_string()))
    }

    /// Shows every sample of a series of which a row is found in the files; one may be shown twice.
    pub fn samples_in_files(&self, profile: ProfileId, series: RecordId, visit: ShowSample<'_>) -> Result<()> {
        let nothing = MemoryStore::new();
        let rows = self.rows(&nothing, profile, series);
        let (from, to) = layout::rows_of(Table::Series, &rows.blinded);
        let numbers: BTreeSet<u64> =
            self.carved.addresses(&from, &to).filter_map(layout::seq_and_part).map(|(number, _)| number).collect();
        for number in numbers.into_iter().filter(|number| *number != DIRECTORY) {
            let address = |part| layout::series(&rows.blinded, number, part);
            let open = |parts: &[Vec<u8>]| rows.open(number, parts);
            let found = self.put_together(&address, &open, &mut Vec::new(), &mut 0);
            for sample in found.and_then(|opened| rows.samples_in(number, &opened)).into_iter().flatten() {
                visit(sample.source, Instant::from_millis(sample.at), sample.value.to_string())?;
            }
        }
        Ok(())
    }

    fn rows<'s>(&'s self, store: &'s dyn Store, profile: ProfileId, series: RecordId) -> Rows<'s> {
        let blinded = blind(&self.keys, profile, series);
        Rows { store, keys: &self.keys, vault: self.marker.vault, profile, series, blinded }
    }

    /// The content of a document's file.
    pub fn document(&self, file: &FileRef) -> Result<impl Read + use<>> {
        open_sealed(&self.folder, self.marker.vault, file)
    }

    /// What opens of the file of a damaged document, from its beginning on.
    pub fn beginning_of_document(&self, file: &FileRef) -> Result<impl Iterator<Item = Vec<u8>> + use<>> {
        open_beginning(&self.folder, self.marker.vault, file)
    }
}

fn saved(entry: &Opened, original: Option<Opened>) -> Option<Saved> {
    let entry = journal::decode(&entry.plaintext).ok()?;
    let original = original.and_then(|opened| String::from_utf8(opened.plaintext.clone()).ok());
    Some((entry.header, entry.body, original))
}
