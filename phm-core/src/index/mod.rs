//! The index in memory: what is known of every record of one profile without opening its bodies.
//!
//! A [`ProfileIndex`] is a fold over the headers of a journal, in order of seq. It knows every version of every
//! record, which one is current, what lists show of it, and which imports are complete or undone. Entries of an
//! import stay invisible until its `import-complete` entry is folded, and vanish again with `import-undo`.

mod checkpoint;
mod chunks;
mod fold;
mod header;
mod judged;
mod order;
mod packed;
mod parts;
mod query;
mod series;
mod templates;
#[cfg(test)]
mod tests;
mod text;
mod view;

use std::collections::HashMap;

use hashbrown::HashTable;

pub(crate) use checkpoint::{decode as decode_checkpoint, encode as encode_checkpoint};
use chunks::Chunks;
pub(crate) use header::Header;
pub use header::{Act, FileRef, Identity, ImportMark, Newness, SampleMark};
use order::{Live, Order, SortKey, Standing};
use packed::{Packed, spread};
pub(crate) use query::Admission;
pub use query::{CodeFilter, Query, Sort, Timeframe};
use series::SeriesFold;
pub(crate) use series::{Append, Extent, SeriesState};
pub(crate) use text::{Words, words_of};
pub(crate) use view::{RecordState, Version};

use crate::id::RecordId;

/// Where a record stands in the index.
pub(crate) type Slot = u32;

/// How far an import has come in this profile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportState {
    /// Entries are being written; none is visible.
    Open,
    /// Complete and visible.
    Complete,
    /// Undone; hidden again.
    Undone,
}

#[derive(Debug)]
struct ImportUnit {
    id: RecordId,
    state: ImportState,
    touched: Vec<Slot>,
    items: u64,
}

/// A record: its newest version, and the newest visible one (0 when none is).
#[derive(Debug)]
struct RecordRow {
    id: RecordId,
    last: u32,
    current: u32,
}

/// What is known of one profile's journal.
#[derive(Debug, Default)]
pub struct ProfileIndex {
    packed: Packed,
    records: Chunks<RecordRow>,
    by_id: HashTable<Slot>,
    by_kind: HashMap<Box<str>, Order>,
    /// By the number of a template.
    live: Vec<Live>,
    /// Numbers of identities, by their keys: of each key the newest record's.
    by_identity: HashTable<u32>,
    /// Of a record that came under the identity of another: that other one.
    same_identity: HashMap<Slot, Slot>,
    imports: Vec<ImportUnit>,
    import_numbers: HashMap<RecordId, u32>,
    /// Seqs of the entries that are about imports, not records.
    acts: Vec<u32>,
    /// The samples of the series that have some.
    series: HashMap<Slot, SeriesFold>,
    words: Option<Words>,
}

impl ProfileIndex {
    /// Seq of the newest folded entry; 0 when there is none.
    pub fn last_seq(&self) -> u64 {
        self.packed.len() as u64
    }

    /// About how many bytes of memory the index takes.
    pub fn bytes(&self) -> usize {
        // An entry of a sorted set takes half as much again for the set's own nodes, a hash table an eighth more for
        // its marks; both keep room for growth.
        self.packed.bytes()
            + self.records.bytes()
            + (self.by_id.capacity() + self.by_identity.capacity()) * 6
            + self.by_kind.values().map(Order::len).sum::<usize>() * (size_of::<SortKey>() + size_of::<Standing>()) * 3
                / 2
            + self.live.capacity() * size_of::<Live>()
            + self.imports.iter().map(|unit| unit.touched.capacity() * 4 + 128).sum::<usize>()
            + self.series.values().map(SeriesFold::bytes).sum::<usize>()
            + self.words.as_ref().map_or(0, Words::bytes)
    }

    fn newest_seq(&self) -> u32 {
        u32::try_from(self.packed.len()).expect("a journal holds fewer than four billion entries")
    }

    fn slot(&self, id: RecordId) -> Option<Slot> {
        self.by_id.find(spread(id.as_bytes()), |slot| self.records[*slot as usize].id == id).copied()
    }

    fn state(&self, slot: Slot) -> RecordState<'_> {
        RecordState { index: self, slot }
    }

    fn states(&self) -> impl Iterator<Item = RecordState<'_>> {
        (0..self.records.len()).filter_map(|slot| Some(self.state(Slot::try_from(slot).ok()?)))
    }

    /// The record with this id, if any version of it is visible.
    pub(crate) fn record(&self, id: RecordId) -> Option<RecordState<'_>> {
        self.any(id).filter(|state| state.current().is_some())
    }

    /// The record with this id, visible or not.
    pub(crate) fn any(&self, id: RecordId) -> Option<RecordState<'_>> {
        self.slot(id).map(|slot| self.state(slot))
    }

    /// The record that came from outside under this identity: the newest of which anything is visible, else the newest.
    pub(crate) fn by_identity(&self, key: &[u8; 16]) -> Option<RecordState<'_>> {
        self.by_identity_where(key, |state| state.current().is_some())
    }

    /// The newest record under this identity that `wanted` lets through, else the newest.
    pub(crate) fn by_identity_where(
        &self,
        key: &[u8; 16],
        wanted: impl Fn(RecordState<'_>) -> bool,
    ) -> Option<RecordState<'_>> {
        let number = self.by_identity.find(spread(key), |number| self.packed.outside(*number).key == *key);
        let newest = number.map(|number| self.packed.outside(*number).slot);
        let chosen = self.with_identity(newest).find(|slot| wanted(self.state(*slot))).or(newest);
        chosen.map(|slot| self.state(slot))
    }

    /// The records under one identity, newest first.
    fn with_identity(&self, newest: Option<Slot>) -> impl Iterator<Item = Slot> {
        std::iter::successors(newest, |slot| self.same_identity.get(slot).copied())
    }

    /// How far an import has come here, if it touched this profile.
    pub fn import_state(&self, import: RecordId) -> Option<ImportState> {
        self.import_numbers.get(&import).map(|number| self.imports[*number as usize - 1].state)
    }

    /// The entry that completed an import here: its provenance says which file it was.
    pub(crate) fn import_act(&self, import: RecordId) -> Option<Version<'_>> {
        self.acts.iter().map(|seq| Version { index: self, seq: *seq }).find(|act| act.record() == import)
    }

    /// The entry `seq`.
    pub(crate) fn entry(&self, seq: u64) -> Option<Version<'_>> {
        let seq = u32::try_from(seq).ok().filter(|seq| *seq > 0 && *seq as usize <= self.packed.len())?;
        Some(Version { index: self, seq })
    }

    /// Every version of every record, visible or not, in order of seq, with the entries about imports.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Version<'_>> {
        (1..=self.newest_seq()).map(|seq| Version { index: self, seq })
    }

    /// Every import that touched this profile.
    pub fn imports(&self) -> impl Iterator<Item = (RecordId, ImportState)> {
        self.imports.iter().map(|unit| (unit.id, unit.state))
    }

    /// Behind the last item an open import has written here; what a resumed import need not write again.
    pub fn import_items(&self, import: RecordId) -> u64 {
        self.import_numbers.get(&import).map_or(0, |number| self.imports[*number as usize - 1].items)
    }

    /// Every visible record, removed ones too, in no particular order.
    pub(crate) fn records(&self) -> impl Iterator<Item = RecordState<'_>> {
        self.states().filter(|state| state.current().is_some())
    }

    /// How many records of a kind are visible, removed ones too.
    pub(crate) fn visible_of(&self, kind: &str) -> usize {
        self.by_kind.get(kind).map_or(0, Order::len)
    }

    /// How many records are visible and not removed.
    pub fn live(&self) -> u64 {
        self.records().filter(|state| !state.removed() && state.kind() != "profile").count() as u64
    }
}
