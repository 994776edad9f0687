//! What the index keeps of a series of samples: which entries added some, and which of those are hidden.
//!
//! Entries about samples are no versions of the record, which therefore does not grow a version with every append. An
//! append is hidden while the import it belongs to is not complete, and when it was undone.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::header::Act;
use super::parts::Own;
use super::{ImportState, ProfileIndex, Slot};
use crate::id::RecordId;
use crate::time::Instant;

/// The entries of one series.
#[derive(Debug, Default)]
pub(super) struct SeriesFold {
    /// Seqs of the entries that added samples, in order.
    appends: Vec<u32>,
    undone: BTreeSet<u32>,
    /// Those of which nothing shows: undone, or of an import that is not complete.
    hidden: BTreeSet<u32>,
    /// What shows, summed up when somebody asks.
    extent: OnceLock<Option<Extent>>,
}

impl SeriesFold {
    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + 16 + self.appends.capacity() * 4 + (self.undone.len() + self.hidden.len()) * 12
    }
}

/// One entry that added samples.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Append {
    pub seq: u64,
    pub count: u64,
    pub from: Instant,
    pub to: Instant,
    pub hidden: bool,
}

/// How many samples there are, and when the first and the last were taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Extent {
    pub count: u64,
    pub from: Instant,
    pub to: Instant,
}

/// The samples of one series, as far as the journal's headers tell.
#[derive(Clone, Copy)]
pub(crate) struct SeriesState<'i> {
    index: &'i ProfileIndex,
    fold: &'i SeriesFold,
}

impl<'i> SeriesState<'i> {
    /// Every entry that added samples, hidden or not, in order of seq.
    pub fn appends(self) -> impl DoubleEndedIterator<Item = Append> + 'i {
        self.fold.appends.iter().map(move |seq| self.append(*seq))
    }

    /// Those behind `after`.
    pub fn appends_after(self, after: u64) -> impl Iterator<Item = Append> + 'i {
        let first = self.fold.appends.partition_point(|seq| u64::from(*seq) <= after);
        self.fold.appends[first..].iter().map(move |seq| self.append(*seq))
    }

    /// Those before the entry `before`.
    pub fn appends_before(self, before: u64) -> impl DoubleEndedIterator<Item = Append> + 'i {
        let end = self.fold.appends.partition_point(|seq| u64::from(*seq) < before);
        self.fold.appends[..end].iter().map(move |seq| self.append(*seq))
    }

    /// The entry `seq`, where it added samples here.
    pub fn get(self, seq: u64) -> Option<Append> {
        let seq = u32::try_from(seq).ok()?;
        self.fold.appends.binary_search(&seq).ok().map(|_| self.append(seq))
    }

    /// Seq of the newest entry that added samples; 0 when there is none.
    pub fn newest(self) -> u64 {
        self.fold.appends.last().copied().map_or(0, u64::from)
    }

    /// The entries of which nothing shows.
    pub fn hidden(self) -> BTreeSet<u64> {
        self.fold.hidden.iter().map(|seq| u64::from(*seq)).collect()
    }

    /// How many samples show, and from when to when; `None` where there are none.
    pub fn extent(self) -> Option<Extent> {
        *self.fold.extent.get_or_init(|| {
            let shown = self.appends().filter(|append| !append.hidden);
            shown.fold(None, |sum: Option<Extent>, Append { count, from, to, .. }| {
                Some(sum.map_or(Extent { count, from, to }, |sum| Extent {
                    count: sum.count.saturating_add(count),
                    from: sum.from.min(from),
                    to: sum.to.max(to),
                }))
            })
        })
    }

    fn append(self, seq: u32) -> Append {
        let row = self.index.packed.row(seq);
        let from = row.occurred().map_or(Instant::from_millis(i64::MIN), crate::time::When::first);
        let (count, to) = row.samples().map_or((0, from), |mark| (mark.count, mark.to));
        Append { seq: u64::from(seq), count, from, to, hidden: self.fold.hidden.contains(&seq) }
    }
}

impl ProfileIndex {
    /// What is known of the samples of a series; `None` where none were ever added.
    pub(crate) fn series(&self, record: RecordId) -> Option<SeriesState<'_>> {
        self.slot(record).and_then(|slot| self.series.get(&slot)).map(|fold| SeriesState { index: self, fold })
    }

    /// Every series that samples were ever added to, visible or not.
    pub(crate) fn series_with_samples(&self) -> Vec<RecordId> {
        let mut slots: Vec<Slot> = self.series.keys().copied().collect();
        slots.sort_unstable();
        slots.into_iter().map(|slot| self.records[slot as usize].id).collect()
    }

    pub(super) fn fold_samples(&mut self, own: Own, template: u32) {
        let known = self.slot(own.record).is_some();
        let slot = self.slot_of(own.record);
        let import = self.mark_touched(own.import, slot);
        let (act, undoes) = (own.act, own.samples.as_ref().and_then(|mark| mark.undoes));
        self.packed.push(own, template, slot, 0, import);
        let seq = self.newest_seq();
        if !known {
            // Samples of a record nobody made: there is nothing to show them under.
            self.records[slot as usize].last = seq;
        }
        let open = import > 0 && self.imports[import as usize - 1].state != ImportState::Complete;
        let fold = self.series.entry(slot).or_default();
        fold.extent.take();
        if act == Act::Append {
            fold.appends.push(seq);
            fold.hidden.extend(open.then_some(seq));
        } else if let Some(undone) = undoes.and_then(|seq| u32::try_from(seq).ok())
            && fold.appends.binary_search(&undone).is_ok()
        {
            fold.undone.insert(undone);
            fold.hidden.insert(undone);
        }
    }

    /// Shows or hides what an import has added to the series in `slot`.
    pub(super) fn choose_samples(&mut self, slot: Slot, import: u32, shown: bool) {
        let Some(fold) = self.series.get_mut(&slot) else { return };
        fold.extent.take();
        for seq in fold.appends.iter().copied().filter(|seq| self.packed.row(*seq).import == import) {
            if shown && !fold.undone.contains(&seq) {
                fold.hidden.remove(&seq);
            } else {
                fold.hidden.insert(seq);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::header;
    use super::*;
    use crate::index::{Header, ImportMark, Query, RecordState, SampleMark};

    const SERIES: RecordId = RecordId::from_bytes([1; 16]);
    const IMPORT: RecordId = RecordId::from_bytes([9; 16]);

    fn samples(act: Act, count: u64, from: i64, undoes: Option<u64>) -> Header {
        let mark = SampleMark { count, to: Instant::from_millis(from + 10), undoes };
        let occurred = Some(crate::time::When::Instant(Instant::from_millis(from)));
        Header { occurred, samples: Some(mark), ..header(act, "series", 1) }
    }

    fn shown(index: &ProfileIndex) -> Option<(u64, i64, i64)> {
        let extent = index.series(SERIES)?.extent()?;
        Some((extent.count, extent.from.millis(), extent.to.millis()))
    }

    #[test]
    fn samples_make_no_version_and_hide_when_undone() {
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "series", 1));
        assert_eq!(shown(&index), None);
        index.fold(2, samples(Act::Append, 3, 100, None));
        index.fold(3, samples(Act::Append, 4, 50, None));
        assert_eq!(shown(&index), Some((7, 50, 110)));
        assert_eq!(index.record(SERIES).map(RecordState::last_version), Some(1));
        assert_eq!(index.find(&["series"], &Query::default(), &|_| true).0, 1);
        index.fold(4, samples(Act::AppendUndo, 3, 100, Some(2)));
        assert_eq!(shown(&index), Some((4, 50, 60)));
        // What is no append of this series cannot be undone in it.
        index.fold(5, samples(Act::AppendUndo, 4, 50, Some(1)));
        assert_eq!(shown(&index), Some((4, 50, 60)));
        let state = index.series(SERIES).expect("a series");
        assert_eq!(state.appends_after(2).map(|append| append.seq).collect::<Vec<_>>(), [3]);
        assert_eq!(state.hidden(), BTreeSet::from([2]));
    }

    #[test]
    fn samples_of_an_import_show_when_it_is_complete_and_until_it_is_undone() {
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "series", 1));
        for seq in [2, 3] {
            let mark = Some(ImportMark { import: IMPORT, item: seq });
            index.fold(seq, Header { import: mark, ..samples(Act::Append, 5, 0, None) });
        }
        assert_eq!(shown(&index), None);
        index.fold(4, header(Act::ImportComplete, "import", 9));
        assert_eq!(shown(&index), Some((10, 0, 10)));
        index.fold(5, samples(Act::AppendUndo, 5, 0, Some(3)));
        assert_eq!(shown(&index), Some((5, 0, 10)));
        index.fold(6, header(Act::ImportUndo, "import", 9));
        assert_eq!(shown(&index), None);
        assert!(index.record(SERIES).is_some(), "the series itself came otherwise");
    }
}
