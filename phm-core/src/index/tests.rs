//! Folding made-up headers: what an index shows of them, in which order, and what imports hide.

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
    assert_eq!(index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(Version::seq), Some(1));
    assert_eq!(index.import_items(RecordId::from_bytes([9; 16])), 2);
    index.fold(4, header(Act::ImportComplete, "import", 9));
    assert_eq!(shown(&index), 2);
    assert_eq!(index.record(RecordId::from_bytes([1; 16])).and_then(RecordState::current).map(Version::seq), Some(3));
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
