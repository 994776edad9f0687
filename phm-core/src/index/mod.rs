//! The index in memory: what is known of every record of one profile without opening its bodies.
//!
//! A [`ProfileIndex`] is a fold over the headers of a journal, in order of seq. It knows every version of every
//! record, which one is current, what lists show of it, and which imports are complete or undone. Entries of an
//! import stay invisible until its `import-complete` entry is folded, and vanish again with `import-undo`.

mod checkpoint;
mod chunks;
mod header;
mod judged;
mod order;
mod packed;
mod query;
mod series;
mod text;
mod view;

use std::collections::HashMap;

use hashbrown::HashTable;

pub(crate) use checkpoint::{decode as decode_checkpoint, encode as encode_checkpoint};
use chunks::Chunks;
pub(crate) use header::Header;
pub use header::{Act, FileRef, Identity, ImportMark, Newness, SampleMark};
use order::{Live, Order, SortKey, Standing};
use packed::{NO_SLOT, Packed, spread};
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

    /// Adds the entry `seq`; entries come in order and none is left out.
    pub(crate) fn fold(&mut self, seq: u64, header: Header) {
        debug_assert_eq!(seq, self.last_seq() + 1, "entries come in order");
        match header.act {
            Act::ImportComplete | Act::ImportUndo => self.fold_import(header),
            Act::Append | Act::AppendUndo => self.fold_samples(header),
            Act::Create | Act::Amend | Act::Remove | Act::Restore => {
                self.fold_record(judged::by_the_tables_of_today(header))
            }
            Act::Destroyed => self.packed.push(header, NO_SLOT, 0, 0),
        }
    }

    fn fold_import(&mut self, header: Header) {
        let state = if header.act == Act::ImportUndo { ImportState::Undone } else { ImportState::Complete };
        let number = self.import_number(header.record);
        self.packed.push(header, NO_SLOT, 0, number);
        self.acts.push(self.newest_seq());
        let unit = &mut self.imports[number as usize - 1];
        unit.state = state;
        let touched = std::mem::take(&mut unit.touched);
        for slot in &touched {
            self.choose_current(*slot);
            self.choose_samples(*slot, number, state == ImportState::Complete);
        }
        self.imports[number as usize - 1].touched = touched;
    }

    fn fold_record(&mut self, header: Header) {
        let slot = self.slot_of(header.record);
        let import = self.mark_touched(&header, slot);
        let before = self.records[slot as usize].last;
        let identified = header.identity.is_some();
        self.packed.push(header, slot, before, import);
        let seq = self.newest_seq();
        self.records[slot as usize].last = seq;
        if identified {
            self.take_identity(self.packed.row(seq).outside, slot);
        }
        self.choose_current(slot);
    }

    /// Notes that the import of an entry, if it has one, touched the record in `slot`; answers its number.
    fn mark_touched(&mut self, header: &Header, slot: Slot) -> u32 {
        let Some(mark) = &header.import else { return 0 };
        let import = self.import_number(mark.import);
        let unit = &mut self.imports[import as usize - 1];
        unit.items = unit.items.max(mark.item + 1);
        if unit.touched.last() != Some(&slot) {
            unit.touched.push(slot);
        }
        import
    }

    fn newest_seq(&self) -> u32 {
        u32::try_from(self.packed.len()).expect("a journal holds fewer than four billion entries")
    }

    /// Where the record stands, made when it is new.
    fn slot_of(&mut self, id: RecordId) -> Slot {
        if let Some(slot) = self.slot(id) {
            return slot;
        }
        self.records.push(RecordRow { id, last: 0, current: 0 });
        let slot = Slot::try_from(self.records.len() - 1).expect("a journal holds fewer than four billion records");
        let records = &self.records;
        self.by_id.insert_unique(spread(id.as_bytes()), slot, |slot| spread(records[*slot as usize].id.as_bytes()));
        slot
    }

    fn slot(&self, id: RecordId) -> Option<Slot> {
        self.by_id.find(spread(id.as_bytes()), |slot| self.records[*slot as usize].id == id).copied()
    }

    /// The number of an import from 1, given when it is new.
    fn import_number(&mut self, id: RecordId) -> u32 {
        let next = u32::try_from(self.imports.len() + 1).expect("a journal holds fewer than four billion imports");
        let number = *self.import_numbers.entry(id).or_insert(next);
        if number == next {
            self.imports.push(ImportUnit { id, state: ImportState::Open, touched: Vec::new(), items: 0 });
        }
        number
    }

    /// The record in `slot` now is the newest under the identity with this number.
    fn take_identity(&mut self, number: u32, slot: Slot) {
        let packed = &self.packed;
        let key = &packed.outside(number).key;
        let same = |other: &u32| packed.outside(*other).key == *key;
        let Some(newest) = self.by_identity.find_mut(spread(key), same) else {
            let hash = |number: &u32| spread(&packed.outside(*number).key);
            self.by_identity.insert_unique(spread(key), number, hash);
            return;
        };
        let before = packed.outside(std::mem::replace(newest, number)).slot;
        // Never back to where it came from: a list, not a ring.
        let other = before != slot && !self.same_identity.contains_key(&slot);
        if other && self.with_identity(Some(before)).all(|other| other != slot) {
            self.same_identity.insert(slot, before);
        }
    }

    /// Finds the newest visible version of a record and puts the record in its place in the orders.
    fn choose_current(&mut self, slot: Slot) {
        let state = RecordState { index: self, slot };
        let chosen = state.visible().next().map_or(0, |version| version.seq);
        let current = self.records[slot as usize].current;
        if chosen == current {
            return;
        }
        let key = |seq: u32| (seq > 0).then(|| (self.packed.row(seq).sort_moment(), slot));
        let (old, new) = (key(current), key(chosen));
        let standing = new.map(|key| (key, self.packed.row(chosen).standing(chosen)));
        let of_kind = self.by_kind.entry(state.kind().into()).or_default();
        if let Some(old) = old.filter(|_| old != new) {
            of_kind.remove(&old);
        }
        of_kind.extend(standing);
        self.records[slot as usize].current = chosen;
        self.count_live(current, false);
        self.count_live(chosen, true);
        self.spoil_words(slot);
    }

    /// Counts that the version `seq`, if it is one, is shown from now on, or no longer is.
    fn count_live(&mut self, seq: u32, shown: bool) {
        if seq == 0 {
            return;
        }
        let standing = self.packed.row(seq).standing(seq);
        if standing.removed {
            return;
        }
        let place = standing.template as usize;
        if self.live.len() <= place {
            self.live.resize(place + 1, Live::default());
        }
        let live = &mut self.live[place];
        if shown {
            *live = Live { count: live.count + 1, seq };
        } else {
            live.count -= 1;
        }
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

    /// How many records are visible and not removed.
    pub fn live(&self) -> u64 {
        self.records().filter(|state| !state.removed() && state.kind() != "profile").count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    /// A header of a record whose id is made of `id`.
    pub(super) fn header(act: Act, kind: &str, id: u8) -> Header {
        Header {
            at: Instant::from_millis(0),
            act,
            record: RecordId::from_bytes([id; 16]),
            kind: kind.into(),
            version: 1,
            form: 1,
            occurred: None,
            labels: Vec::new(),
            provenance: crate::model::Provenance::default(),
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: crate::model::Summary::default(),
        }
    }

    fn of_import(header: Header, import: u8, item: u64) -> Header {
        Header { import: Some(ImportMark { import: RecordId::from_bytes([import; 16]), item }), ..header }
    }

    #[test]
    fn an_import_shows_when_complete_and_hides_when_undone() {
        let mut index = ProfileIndex::default();
        let shown = |index: &ProfileIndex| index.find(&["condition"], &Query::default(), &|_| true).0;
        index.fold(1, header(Act::Create, "condition", 1));
        index.fold(2, of_import(header(Act::Create, "condition", 2), 9, 0));
        index.fold(3, of_import(Header { version: 2, ..header(Act::Amend, "condition", 1) }, 9, 1));
        assert_eq!(shown(&index), 1);
        assert_eq!(
            index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(Version::seq),
            Some(1)
        );
        assert_eq!(index.import_items(RecordId::from_bytes([9; 16])), 2);
        index.fold(4, header(Act::ImportComplete, "import", 9));
        assert_eq!(shown(&index), 2);
        assert_eq!(
            index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(Version::seq),
            Some(3)
        );
        index.fold(5, header(Act::ImportUndo, "import", 9));
        assert_eq!(shown(&index), 1);
        assert_eq!(index.any(RecordId::from_bytes([1; 16])).map(RecordState::last_version), Some(2));
    }

    #[test]
    fn removed_records_are_shown_only_when_asked_for() {
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "condition", 1));
        index.fold(2, Header { version: 2, ..header(Act::Remove, "condition", 1) });
        assert_eq!(index.find(&[], &Query::default(), &|_| true).0, 0);
        assert_eq!(index.find(&[], &Query { removed: true, ..Query::default() }, &|_| true).0, 1);
    }

    #[test]
    fn what_was_destroyed_keeps_its_place_and_is_found_by_nothing() {
        let mut index = ProfileIndex::default();
        index.fold(1, Header::destroyed(Instant::from_millis(7)));
        index.fold(2, header(Act::Create, "condition", 2));
        index.fold(3, Header::destroyed(Instant::from_millis(7)));
        index.fold(4, Header { version: 3, ..header(Act::Amend, "condition", 2) });
        assert_eq!((index.last_seq(), index.records().count()), (4, 1));
        let chunk = encode_checkpoint(&index, 0, 10).expect("a chunk").0;
        let mut again = ProfileIndex::default();
        decode_checkpoint(&mut again, &chunk).expect("whole");
        for index in [index, again] {
            let gone = index.entry(1).expect("an entry").header();
            assert_eq!(gone, Header::destroyed(Instant::from_millis(7)));
            let left = index.record(RecordId::from_bytes([2; 16])).expect("visible");
            assert_eq!(left.versions().map(Version::version).collect::<Vec<_>>(), [3, 1]);
        }
    }

    #[test]
    fn lists_come_newest_first_and_page_by_page() {
        let mut index = ProfileIndex::default();
        for (id, day) in [(1_u8, "2020-01-01"), (2, "2022"), (3, "2021-06-01")] {
            let occurred = Some(day.parse().expect("a date"));
            index.fold(id.into(), Header { occurred, ..header(Act::Create, "condition", id) });
        }
        let page = |page| Query { page, per_page: 2, ..Query::default() };
        let ids = |query: &Query| {
            let (total, states) = index.find(&["condition"], query, &|_| true);
            (total, states.iter().map(|state| state.id().as_bytes()[0]).collect::<Vec<_>>())
        };
        assert_eq!(ids(&page(1)), (3, vec![2, 3]));
        assert_eq!(ids(&page(2)), (3, vec![1]));
        let from = Timeframe { from: Some("2021-06".parse().expect("a month")), to: None };
        assert_eq!(ids(&Query { time: from, ..Query::default() }).0, 2);
    }

    #[test]
    fn lists_over_several_kinds_come_in_one_order() {
        let mut index = ProfileIndex::default();
        let kinds = ["visit", "condition", "lab-result"];
        for number in 0..60_u8 {
            let occurred = Some(format!("2020-01-{:02}", number % 28 + 1).parse().expect("a date"));
            let kind = kinds[usize::from(number) % kinds.len()];
            index.fold(u64::from(number) + 1, Header { occurred, ..header(Act::Create, kind, number) });
        }
        for (wanted, expected) in [(&[][..], 60), (&kinds[..2], 40), (&kinds[..1], 20)] {
            for sort in [Sort::NewestFirst, Sort::OldestFirst] {
                let query = Query { sort, per_page: 100, ..Query::default() };
                let (total, states) = index.find(wanted, &query, &|_| true);
                assert_eq!((total, states.len()), (expected, usize::try_from(expected).expect("small")));
                let days: Vec<_> = states.iter().filter_map(|state| state.current()?.occurred()).collect();
                let ordered = days.windows(2).all(|pair| match sort {
                    Sort::NewestFirst => pair[0].first() >= pair[1].first(),
                    Sort::OldestFirst => pair[0].first() <= pair[1].first(),
                });
                assert!(ordered, "{wanted:?}");
            }
        }
    }
}
