//! Folding an entry into the index: where its record stands, which version of it is shown from now on, and what its import
//! or its identity from outside changes about others.

use super::header::{Act, Header, ImportMark};
use super::judged;
use super::order::Live;
use super::packed::{NO_SLOT, spread};
use super::parts::{Own, Shared};
use super::{ImportState, ImportUnit, ProfileIndex, RecordRow, RecordState, Slot};
use crate::id::RecordId;

impl ProfileIndex {
    /// Adds the entry `seq`; entries come in order and none is left out.
    pub(crate) fn fold(&mut self, seq: u64, header: Header) {
        debug_assert_eq!(seq, self.last_seq() + 1, "entries come in order");
        let (shared, own) = header.parted();
        let template = self.template_of(own.act, shared);
        self.fold_parts(own, template);
    }

    /// The number of what an entry that does `act` has in common with others: of a version, with the labels of today.
    pub(super) fn template_of(&mut self, act: Act, shared: Shared) -> u32 {
        let shared = if act.is_version() { judged::by_the_tables_of_today(shared) } else { shared };
        self.packed.template_of(&shared)
    }

    /// Adds the next entry; `template` is the number of what it has in common with others.
    pub(super) fn fold_parts(&mut self, own: Own, template: u32) {
        match own.act {
            Act::ImportComplete | Act::ImportUndo => self.fold_import(own, template),
            Act::Append | Act::AppendUndo => self.fold_samples(own, template),
            Act::Create | Act::Amend | Act::Remove | Act::Restore => self.fold_record(own, template),
            Act::Destroyed => self.packed.push(own, template, NO_SLOT, 0, 0),
        }
    }

    fn fold_import(&mut self, own: Own, template: u32) {
        let state = if own.act == Act::ImportUndo { ImportState::Undone } else { ImportState::Complete };
        let number = self.import_number(own.record);
        self.packed.push(own, template, NO_SLOT, 0, number);
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

    fn fold_record(&mut self, own: Own, template: u32) {
        let slot = self.slot_of(own.record);
        let import = self.mark_touched(own.import, slot);
        let before = self.records[slot as usize].last;
        let identified = own.identity.is_some();
        self.packed.push(own, template, slot, before, import);
        let seq = self.newest_seq();
        self.records[slot as usize].last = seq;
        if identified {
            self.take_identity(self.packed.row(seq).outside, slot);
        }
        self.choose_current(slot);
    }

    /// Notes that the import of an entry, if it has one, touched the record in `slot`; answers its number.
    pub(super) fn mark_touched(&mut self, mark: Option<ImportMark>, slot: Slot) -> u32 {
        let Some(mark) = mark else { return 0 };
        let import = self.import_number(mark.import);
        let unit = &mut self.imports[import as usize - 1];
        unit.items = unit.items.max(mark.item.saturating_add(1));
        if unit.touched.last() != Some(&slot) {
            unit.touched.push(slot);
        }
        import
    }

    /// Where the record stands, made when it is new.
    pub(super) fn slot_of(&mut self, id: RecordId) -> Slot {
        if let Some(slot) = self.slot(id) {
            return slot;
        }
        self.records.push(RecordRow { id, last: 0, current: 0 });
        let slot = Slot::try_from(self.records.len() - 1).expect("a journal holds fewer than four billion records");
        let records = &self.records;
        self.by_id.insert_unique(spread(id.as_bytes()), slot, |slot| spread(records[*slot as usize].id.as_bytes()));
        slot
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
        let kind = &self.packed.template(self.packed.row(self.records[slot as usize].last)).kind;
        // The kinds of a person are few: their names are not made anew for every entry.
        let of_kind = match self.by_kind.get_mut(&**kind) {
            Some(of_kind) => of_kind,
            None => self.by_kind.entry((**kind).into()).or_default(),
        };
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
}
