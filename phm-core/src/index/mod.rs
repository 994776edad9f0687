//! The index in memory: what is known of every record of one profile without opening its bodies.
//!
//! A [`ProfileIndex`] is a fold over the headers of a journal, in order of seq. It knows every version of every
//! record, which one is current, what lists show of it, and which imports are complete or undone. Entries of an
//! import stay invisible until its `import-complete` entry is folded, and vanish again with `import-undo`.

mod checkpoint;
mod header;
mod query;
mod text;

use std::collections::{BTreeSet, HashMap};

pub(crate) use checkpoint::{decode as decode_checkpoint, encode as encode_checkpoint, rows as checkpoint_rows};
pub(crate) use header::Header;
pub use header::{Act, FileRef, Identity, ImportMark, Newness};
pub use query::{CodeFilter, Query, Sort, Timeframe};
pub(crate) use text::{Words, words_of};

use crate::id::RecordId;

/// Where a record stands in the index.
pub(crate) type Slot = u32;

/// One version of a record, as the index knows it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct VersionRef {
    /// Seq of the journal entry.
    #[serde(rename = "q")]
    pub seq: u64,
    /// The header of that entry.
    #[serde(rename = "h")]
    pub header: Header,
}

/// Every version of one record.
#[derive(Clone, Debug)]
pub(crate) struct RecordState {
    pub id: RecordId,
    pub versions: Vec<VersionRef>,
    /// The newest visible version.
    current: Option<usize>,
}

impl RecordState {
    /// The newest visible version.
    pub fn current(&self) -> Option<&VersionRef> {
        self.current.map(|at| &self.versions[at])
    }

    /// Whether the newest visible version says the record is removed.
    pub fn removed(&self) -> bool {
        self.current().is_some_and(|version| version.header.act == Act::Remove)
    }

    /// The number of the newest version, visible or not; the next one counts from here.
    pub fn last_version(&self) -> u32 {
        self.versions.last().map_or(0, |version| version.header.version)
    }

    /// The kind, which never changes.
    pub fn kind(&self) -> &str {
        self.versions.first().map_or("", |version| &version.header.kind)
    }
}

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

#[derive(Clone, Debug)]
struct ImportUnit {
    state: ImportState,
    touched: Vec<Slot>,
    items: u64,
}

/// Order of lists: when it occurred (undated first), then where the record stands.
type SortKey = (i64, Slot);

/// What is known of one profile's journal.
#[derive(Debug, Default)]
pub struct ProfileIndex {
    /// Seq of the newest folded entry; 0 when there is none.
    last_seq: u64,
    records: Vec<RecordState>,
    by_id: HashMap<RecordId, Slot>,
    by_kind: HashMap<String, BTreeSet<SortKey>>,
    all: BTreeSet<SortKey>,
    by_identity: HashMap<[u8; 16], Slot>,
    /// Of a record that came under the identity of another: that other one.
    same_identity: HashMap<Slot, Slot>,
    imports: HashMap<RecordId, ImportUnit>,
    /// The entries that are about imports, not records.
    acts: Vec<VersionRef>,
    words: Option<Words>,
    bytes: usize,
}

impl ProfileIndex {
    /// Seq of the newest folded entry; 0 when there is none.
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// About how many bytes of memory the index takes.
    pub fn bytes(&self) -> usize {
        self.bytes + self.words.as_ref().map_or(0, Words::bytes)
    }

    /// Adds the entry `seq`; entries come in order and none is left out.
    pub(crate) fn fold(&mut self, seq: u64, header: Header) {
        debug_assert_eq!(seq, self.last_seq + 1, "entries come in order");
        self.last_seq = seq;
        match header.act {
            Act::ImportComplete | Act::ImportUndo => {
                let undo = header.act == Act::ImportUndo;
                self.set_import(header.record, if undo { ImportState::Undone } else { ImportState::Complete });
                self.acts.push(VersionRef { seq, header });
            }
            Act::Create | Act::Amend | Act::Remove | Act::Restore => self.fold_record(seq, header),
        }
    }

    fn fold_record(&mut self, seq: u64, header: Header) {
        self.bytes += header.bytes() + 96;
        let id = header.record;
        let slot = *self.by_id.entry(id).or_insert_with(|| {
            self.records.push(RecordState { id, versions: Vec::with_capacity(1), current: None });
            Slot::try_from(self.records.len() - 1).expect("a journal holds fewer than four billion records")
        });
        if let Some(identity) = &header.identity {
            let before = self.by_identity.insert(identity.key, slot).filter(|before| *before != slot);
            if let Some(before) = before.filter(|_| !self.same_identity.contains_key(&slot)) {
                // Never back to where it came from: a list, not a ring.
                if self.with_identity(Some(before)).all(|other| other != slot) {
                    self.same_identity.insert(slot, before);
                }
            }
        }
        if let Some(mark) = &header.import {
            let unit = self.imports.entry(mark.import).or_insert_with(|| ImportUnit {
                state: ImportState::Open,
                touched: Vec::new(),
                items: 0,
            });
            unit.items = unit.items.max(mark.item + 1);
            if unit.touched.last() != Some(&slot) {
                unit.touched.push(slot);
            }
        }
        self.records[slot as usize].versions.push(VersionRef { seq, header });
        self.choose_current(slot);
    }

    fn set_import(&mut self, import: RecordId, state: ImportState) {
        let Some(unit) = self.imports.get_mut(&import) else { return };
        unit.state = state;
        for slot in unit.touched.clone() {
            self.choose_current(slot);
        }
    }

    /// Finds the newest visible version of a record and puts the record in its place in the orders.
    fn choose_current(&mut self, slot: Slot) {
        let state = &self.records[slot as usize];
        let visible = |version: &VersionRef| match &version.header.import {
            None => true,
            Some(mark) => self.imports.get(&mark.import).is_some_and(|unit| unit.state == ImportState::Complete),
        };
        let chosen = state.versions.iter().rposition(visible);
        let key = |at: Option<usize>| at.map(|at| (sort_moment(&state.versions[at]), slot));
        let (old, new) = (key(state.current), key(chosen));
        if old != new {
            let kind = state.kind().to_owned();
            let of_kind = self.by_kind.entry(kind).or_default();
            if let Some(old) = old {
                of_kind.remove(&old);
                self.all.remove(&old);
            }
            if let Some(new) = new {
                of_kind.insert(new);
                self.all.insert(new);
            }
        }
        if self.records[slot as usize].current != chosen {
            self.records[slot as usize].current = chosen;
            self.spoil_words(slot);
        }
    }

    /// The record with this id, if any version of it is visible.
    pub(crate) fn record(&self, id: RecordId) -> Option<&RecordState> {
        self.any(id).filter(|state| state.current.is_some())
    }

    /// The record with this id, visible or not.
    pub(crate) fn any(&self, id: RecordId) -> Option<&RecordState> {
        self.by_id.get(&id).map(|slot| &self.records[*slot as usize])
    }

    /// The record that came from outside under this identity: the newest of which anything is visible, else the newest.
    pub(crate) fn by_identity(&self, key: &[u8; 16]) -> Option<&RecordState> {
        self.by_identity_where(key, |state| state.current.is_some())
    }

    /// The newest record under this identity that `wanted` lets through, else the newest.
    pub(crate) fn by_identity_where(
        &self,
        key: &[u8; 16],
        wanted: impl Fn(&RecordState) -> bool,
    ) -> Option<&RecordState> {
        let newest = self.by_identity.get(key).copied();
        let chosen = self.with_identity(newest).find(|slot| wanted(&self.records[*slot as usize])).or(newest);
        chosen.map(|slot| &self.records[slot as usize])
    }

    /// The records under one identity, newest first.
    fn with_identity(&self, newest: Option<Slot>) -> impl Iterator<Item = Slot> {
        std::iter::successors(newest, |slot| self.same_identity.get(slot).copied())
    }

    /// The visible version of a record in its history, filtered by `visible` imports.
    pub(crate) fn visible_versions<'i>(&'i self, state: &'i RecordState) -> impl Iterator<Item = &'i VersionRef> {
        state.versions.iter().filter(|version| match &version.header.import {
            None => true,
            Some(mark) => self.import_state(mark.import) == Some(ImportState::Complete),
        })
    }

    /// How far an import has come here, if it touched this profile.
    pub fn import_state(&self, import: RecordId) -> Option<ImportState> {
        self.imports.get(&import).map(|unit| unit.state)
    }

    /// The header of the entry that completed an import here: its provenance says which file it was.
    pub(crate) fn import_act(&self, import: RecordId) -> Option<&Header> {
        self.acts.iter().find(|act| act.header.record == import).map(|act| &act.header)
    }

    /// Every version of every record, visible or not.
    pub(crate) fn every_version(&self) -> impl Iterator<Item = &VersionRef> {
        self.records.iter().flat_map(|state| &state.versions)
    }

    /// Every import that touched this profile.
    pub fn imports(&self) -> impl Iterator<Item = (RecordId, ImportState)> {
        self.imports.iter().map(|(id, unit)| (*id, unit.state))
    }

    /// Behind the last item an open import has written here; what a resumed import need not write again.
    pub fn import_items(&self, import: RecordId) -> u64 {
        self.imports.get(&import).map_or(0, |unit| unit.items)
    }

    /// Every visible record, removed ones too, in no particular order.
    pub(crate) fn records(&self) -> impl Iterator<Item = &RecordState> {
        self.records.iter().filter(|state| state.current.is_some())
    }

    /// How many records are visible and not removed.
    pub fn live(&self) -> u64 {
        self.records().filter(|state| !state.removed() && state.kind() != "profile").count() as u64
    }
}

/// When a version occurred, for sorting; undated ones come before all others.
fn sort_moment(version: &VersionRef) -> i64 {
    version.header.occurred.map_or(i64::MIN, |when| when.first().millis())
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
            summary: crate::model::Summary::default(),
        }
    }

    fn of_import(header: Header, import: u8, item: u64) -> Header {
        Header { import: Some(ImportMark { import: RecordId::from_bytes([import; 16]), item }), ..header }
    }

    #[test]
    fn an_import_shows_when_complete_and_hides_when_undone() {
        let mut index = ProfileIndex::default();
        let shown = |index: &ProfileIndex| index.find(&["condition"], &Query::default(), &|_, _| true).0;
        index.fold(1, header(Act::Create, "condition", 1));
        index.fold(2, of_import(header(Act::Create, "condition", 2), 9, 0));
        index.fold(3, of_import(Header { version: 2, ..header(Act::Amend, "condition", 1) }, 9, 1));
        assert_eq!(shown(&index), 1);
        assert_eq!(index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(|v| v.seq), Some(1));
        assert_eq!(index.import_items(RecordId::from_bytes([9; 16])), 2);
        index.fold(4, header(Act::ImportComplete, "import", 9));
        assert_eq!(shown(&index), 2);
        assert_eq!(index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(|v| v.seq), Some(3));
        index.fold(5, header(Act::ImportUndo, "import", 9));
        assert_eq!(shown(&index), 1);
        assert_eq!(index.any(RecordId::from_bytes([1; 16])).map(RecordState::last_version), Some(2));
    }

    #[test]
    fn removed_records_are_shown_only_when_asked_for() {
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "condition", 1));
        index.fold(2, Header { version: 2, ..header(Act::Remove, "condition", 1) });
        assert_eq!(index.find(&[], &Query::default(), &|_, _| true).0, 0);
        assert_eq!(index.find(&[], &Query { removed: true, ..Query::default() }, &|_, _| true).0, 1);
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
            let (total, states) = index.find(&["condition"], query, &|_, _| true);
            (total, states.iter().map(|state| state.id.as_bytes()[0]).collect::<Vec<_>>())
        };
        assert_eq!(ids(&page(1)), (3, vec![2, 3]));
        assert_eq!(ids(&page(2)), (3, vec![1]));
        let from = Timeframe { from: Some("2021-06".parse().expect("a month")), to: None };
        assert_eq!(ids(&Query { time: from, ..Query::default() }).0, 2);
    }
}
