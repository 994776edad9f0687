//! Lists of made-up headers: what they show, count and page.

use super::*;
use crate::id::RecordId;
use crate::index::tests::header;
use crate::index::{Act, Header, ImportMark};

/// The ids a list shows where records with a label are kept back.
fn shown(index: &ProfileIndex, query: &Query, by_labels: bool) -> (u64, Vec<u8>) {
    let admits = |version: Version<'_>| version.labels().is_empty();
    let by_labels = |kind: &str| by_labels && kind == "condition";
    let (total, states) = index.find_admitted(&[], query, &Admission { admits: &admits, by_labels: &by_labels });
    (total, states.iter().map(|state| state.id().as_bytes()[0]).collect())
}

fn fold(index: &mut ProfileIndex, header: Header) {
    let seq = index.last_seq() + 1;
    index.fold(seq, header);
}

#[test]
fn a_list_says_what_holds_since_the_last_change_of_each_record() {
    let mut index = ProfileIndex::default();
    let day = |text: &str| Some(text.parse().expect("a date"));
    let of = |id, version, act, text| Header { version, occurred: day(text), ..header(act, "condition", id) };
    let check = |index: &ProfileIndex, expected: &[u8], removed: &[u8]| {
        for by_labels in [false, true] {
            let all = Query { removed: true, ..Query::default() };
            let whole = |ids: &[u8]| (ids.len() as u64, ids.to_vec());
            assert_eq!(shown(index, &Query::default(), by_labels), whole(expected), "asked {by_labels}");
            assert_eq!(shown(index, &all, by_labels), whole(removed), "asked {by_labels}, removed too");
            for page in 1..=4 {
                let one = Query { page, per_page: 1, ..Query::default() };
                let ids = expected.get(page as usize - 1).copied().into_iter().collect::<Vec<u8>>();
                assert_eq!(shown(index, &one, by_labels), (expected.len() as u64, ids), "page {page}");
            }
            let none = Query { per_page: 0, ..Query::default() };
            assert_eq!(shown(index, &none, by_labels), (expected.len() as u64, Vec::new()));
        }
    };
    for id in 1..=3 {
        fold(&mut index, of(id, 1, Act::Create, "2024-01-01"));
    }
    check(&index, &[3, 2, 1], &[3, 2, 1]);
    // The same day, but from now on with a label.
    fold(&mut index, Header { labels: vec!["private-note".into()], ..of(2, 2, Act::Amend, "2024-01-01") });
    check(&index, &[3, 1], &[3, 1]);
    // Another day; then no label any more.
    fold(&mut index, of(1, 2, Act::Amend, "2025-01-01"));
    check(&index, &[1, 3], &[1, 3]);
    fold(&mut index, of(2, 3, Act::Amend, "2024-01-01"));
    check(&index, &[1, 3, 2], &[1, 3, 2]);
    fold(&mut index, of(3, 2, Act::Remove, "2024-01-01"));
    check(&index, &[1, 2], &[1, 3, 2]);
    fold(&mut index, of(3, 3, Act::Restore, "2024-01-01"));
    check(&index, &[1, 3, 2], &[1, 3, 2]);
    // An import that amends one of them, first shown and then undone.
    let import = RecordId::from_bytes([9; 16]);
    let label = vec!["private-note".into()];
    let amended = Header { labels: label, ..of(1, 3, Act::Amend, "2025-01-01") };
    fold(&mut index, Header { import: Some(ImportMark { import, item: 0 }), ..amended });
    check(&index, &[1, 3, 2], &[1, 3, 2]);
    fold(&mut index, header(Act::ImportComplete, "import", 9));
    check(&index, &[3, 2], &[3, 2]);
    fold(&mut index, header(Act::ImportUndo, "import", 9));
    check(&index, &[1, 3, 2], &[1, 3, 2]);
}

#[test]
fn the_first_of_each_is_found_without_going_to_the_end_and_a_code_counts_its_own() {
    let mut index = ProfileIndex::default();
    let code = |code: &str| ("http://loinc.org".to_owned(), code.to_owned());
    for id in 1..=60_u8 {
        let mut next = header(Act::Create, if id.is_multiple_of(5) { "visit" } else { "condition" }, id);
        next.summary.codes = vec![code(if id.is_multiple_of(2) { "even" } else { "odd" })];
        next.occurred = Some(format!("2024-03-{:02}", id % 28 + 1).parse().expect("a day"));
        fold(&mut index, next);
    }
    let one = |number: &str| vec![CodeFilter { system: None, code: number.to_owned() }];
    for query in [
        Query { first_of_each: true, ..Query::default() },
        Query { first_of_each: true, uncounted: true, per_page: 2, ..Query::default() },
        Query { first_of_each: true, codes: one("odd"), ..Query::default() },
        Query { first_of_each: true, codes: one("none"), ..Query::default() },
        Query { codes: one("even"), per_page: 3, page: 2, ..Query::default() },
        Query { codes: one("even"), per_page: 3, page: 2, uncounted: true, ..Query::default() },
        Query { codes: one("none"), ..Query::default() },
        Query { per_page: 7, page: 9, sort: Sort::OldestFirst, ..Query::default() },
    ] {
        let all = |_: Version<'_>| true;
        let found = |by_labels: &dyn Fn(&str) -> bool| {
            let (total, states) = index.find_admitted(&[], &query, &Admission { admits: &all, by_labels });
            (total, states.iter().map(|state| state.id()).collect::<Vec<_>>())
        };
        assert_eq!(found(&|_| true), found(&|_| false), "{query:?}");
    }
    let even = Query { codes: one("even"), per_page: 1, ..Query::default() };
    assert_eq!(
        index.find_admitted(&["condition"], &even, &Admission { admits: &|_| true, by_labels: &|_| true }).0,
        24
    );
}

#[test]
fn a_list_is_the_same_where_only_some_of_its_kinds_go_by_labels() {
    let mut index = ProfileIndex::default();
    for id in 1..=40_u8 {
        let mut next = header(Act::Create, if id.is_multiple_of(3) { "visit" } else { "condition" }, id);
        next.labels = if id.is_multiple_of(7) { vec!["private-note".into()] } else { Vec::new() };
        next.summary.status = id.is_multiple_of(2).then(|| "active".to_owned());
        fold(&mut index, next);
    }
    for (id, kind) in [(3, "visit"), (4, "condition")] {
        fold(&mut index, Header { version: 2, ..header(Act::Remove, kind, id) });
    }
    let active = vec!["active".to_owned()];
    for query in [
        Query::default(),
        Query { per_page: 0, ..Query::default() },
        Query { per_page: 3, page: 4, ..Query::default() },
        Query { per_page: 7, page: 9, sort: Sort::OldestFirst, ..Query::default() },
        Query { per_page: 5, page: 2, uncounted: true, ..Query::default() },
        Query { status: active, per_page: 2, ..Query::default() },
        Query { status: vec!["none".to_owned()], ..Query::default() },
        Query { first_of_each: true, ..Query::default() },
        Query { removed: true, ..Query::default() },
    ] {
        assert_eq!(shown(&index, &query, true), shown(&index, &query, false), "{query:?}");
    }
    assert_eq!(shown(&index, &Query::default(), true).0, 33, "but two removed and five kept back");
}

#[test]
fn a_span_of_time_shows_what_lies_in_it_in_both_orders() {
    let mut index = ProfileIndex::default();
    let days = ["2020", "2020-06", "2020-06-15", "2021-01-01", "2021", "2022-02-02"];
    for (id, text) in (1..).zip(days) {
        let occurred = Some(text.parse().expect("a date"));
        fold(&mut index, Header { occurred, ..header(Act::Create, "condition", id) });
    }
    fold(&mut index, header(Act::Create, "condition", 7));
    let when = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a date"));
    let spans: [(&str, &str, &[u8]); 6] = [
        ("", "", &[6, 5, 4, 3, 2, 1, 7]),
        ("2020-12-31", "", &[6, 5, 4, 1]),
        ("2020-06-20", "2021", &[5, 4, 2, 1]),
        ("", "2020-06-10", &[2, 1]),
        ("2022-03", "", &[]),
        ("2023", "2019", &[]),
    ];
    for (from, to, expected) in spans {
        let time = Timeframe { from: when(from), to: when(to) };
        let newest = Query { time, ..Query::default() };
        let oldest = Query { sort: Sort::OldestFirst, ..newest.clone() };
        let mut backwards = shown(&index, &oldest, true).1;
        backwards.reverse();
        assert_eq!(shown(&index, &newest, true), (expected.len() as u64, expected.to_vec()), "{from} to {to}");
        assert_eq!(backwards, expected, "{from} to {to}");
    }
}
