//! Chunks: what comes back from them, what is refused, and the bytes that stand on disk.

use super::*;
use crate::crypto::digest::hex;
use crate::id::FileId;
use crate::index::header::{FileRef, Header, Identity, ImportMark, Newness, SampleMark};
use crate::index::tests::header;
use crate::index::{Query, RecordState, SeriesState, Version};
use crate::model::{How, Provenance, Source, Summary};
use crate::time::{Instant, When};

fn id(number: u8) -> RecordId {
    RecordId::from_bytes([number; 16])
}

fn at(millis: i64) -> When {
    When::Instant(Instant::from_millis(millis))
}

fn of_import(import: u8, item: u64, header: Header) -> Header {
    Header { import: Some(ImportMark { import: id(import), item }), ..header }
}

/// A version with everything in it but samples.
fn full(act: Act, record: u8) -> Header {
    let newness = Newness { updated: Some(Instant::from_millis(-1)), version: Some(0) };
    let source = Source { file: "report.pdf".into(), sha256: "0".repeat(64) };
    let provenance = Provenance {
        page: Some(2),
        region: Some([0.5, 0.25, 0.125, 0.0]),
        plugin: Some("pdf-text".into()),
        rule: Some("r".into()),
        ..Provenance::import("operator", "9", source)
    };
    let header = Header {
        at: Instant::from_millis(1_795_000_000_123),
        form: 3,
        occurred: Some(at(-86_400_001)),
        labels: vec!["private-note".into(), "mental-health".into()],
        provenance,
        identity: Some(Identity { key: [record; 16], content: [7; 16], newness }),
        origin: true,
        resource: Some("Observation".into()),
        file: Some(FileRef { file: FileId::from_bytes([4; 16]), key: [1; 32], bytes: 300, sha256: [2; 32] }),
        summary: Summary {
            title: "HbA1c".into(),
            value: Some("7.1".into()),
            unit: Some("%".into()),
            status: Some("final".into()),
            flag: Some("H".into()),
            codes: vec![("http://loinc.org".into(), "4548-4".into())],
        },
        ..header(act, "lab-result", record)
    };
    of_import(9, 12, header)
}

fn samples(act: Act, from: i64, undoes: Option<u64>) -> Header {
    let mark = SampleMark { count: 3, to: Instant::from_millis(from + 10), undoes };
    Header { occurred: Some(at(from)), samples: Some(mark), ..header(act, "series", 3) }
}

/// Entries with everything and with nothing in them: of records, of samples, and of imports that are open, complete and
/// undone.
fn journal() -> Vec<Header> {
    let on = |day: &str| Some(day.parse().expect("a date"));
    let again = Identity { key: [1; 16], content: [8; 16], newness: Newness::default() };
    let most = Newness { updated: Some(Instant::from_millis(i64::MAX)), version: Some(u64::MAX - 1) };
    vec![
        full(Act::Create, 1),
        Header { occurred: on("2019-04"), ..header(Act::Create, "condition", 2) },
        of_import(9, 13, Header { version: 2, identity: Some(again), ..full(Act::Amend, 1) }),
        header(Act::ImportComplete, "import", 9),
        header(Act::Create, "series", 3),
        samples(Act::Append, 100, None),
        of_import(8, 0, samples(Act::Append, 200, None)),
        samples(Act::AppendUndo, 100, Some(6)),
        samples(Act::Append, 50, None),
        Header { version: 2, occurred: on("2019"), ..header(Act::Remove, "condition", 2) },
        Header { version: 3, occurred: on("2019-04-03"), ..header(Act::Restore, "condition", 2) },
        Header::destroyed(Instant::from_millis(7)),
        of_import(8, 3, header(Act::Create, "allergy", 4)),
        of_import(7, 1, header(Act::Create, "allergy", 5)),
        header(Act::ImportComplete, "import", 7),
        header(Act::ImportUndo, "import", 7),
        Header { version: 4, ..header(Act::Remove, "condition", 2) },
        Header {
            at: Instant::from_millis(i64::MIN),
            version: u32::MAX,
            occurred: Some(at(i64::MAX)),
            identity: Some(Identity { key: [1; 16], content: [0; 16], newness: most }),
            summary: Summary { title: "¶".repeat(200), value: Some(String::new()), ..Summary::default() },
            ..of_import(8, u64::MAX - 1, header(Act::Create, "note", 6))
        },
    ]
}

fn folded(headers: &[Header]) -> ProfileIndex {
    let mut index = ProfileIndex::default();
    for (seq, header) in (1..).zip(headers) {
        index.fold(seq, header.clone());
    }
    index
}

fn chunk_of(index: &ProfileIndex) -> Vec<u8> {
    encode(index, 0, u64::MAX).expect("a chunk").0
}

fn is_refused(chunk: &[u8]) -> bool {
    let mut index = ProfileIndex::default();
    let refused = decode(&mut index, chunk).is_none();
    assert!(!refused || index.last_seq() == 0, "what is refused leaves nothing");
    refused
}

/// What an index answers, of every record and every import.
fn told(index: &ProfileIndex) -> Vec<String> {
    let mut told: Vec<String> = index.imports().map(|import| format!("{import:?}")).collect();
    told.extend(index.imports().map(|(import, _)| index.import_items(import).to_string()));
    for record in (0..10).map(id) {
        let state = index.any(record);
        let current = state.and_then(RecordState::current).map(Version::seq);
        let versions: Vec<_> = state.into_iter().flat_map(RecordState::versions).map(Version::seq).collect();
        let series = index.series(record);
        let samples = series.map(|series| (series.extent(), series.appends().collect::<Vec<_>>(), series.hidden()));
        let outside = index.by_identity(record.as_bytes()).map(RecordState::id);
        told.push(format!("{current:?} {versions:?} {samples:?} {outside:?}"));
    }
    for removed in [false, true] {
        let (total, states) = index.find(&[], &Query { removed, ..Query::default() }, &|_| true);
        told.push(format!("{total} {:?}", states.iter().map(|state| state.id()).collect::<Vec<_>>()));
    }
    told.push(format!("{} {}", index.live(), index.series_with_samples().len()));
    told
}

#[test]
fn an_index_made_from_chunks_answers_like_the_one_it_came_from() {
    let headers = journal();
    let index = folded(&headers);
    for most in [1, 2, 5, u64::MAX] {
        let mut again = ProfileIndex::default();
        while let Some((chunk, last)) = encode(&index, again.last_seq(), most) {
            decode(&mut again, &chunk).expect("the next chunk");
            assert_eq!(again.last_seq(), last);
        }
        for (entry, header) in again.entries().zip(&headers) {
            assert_eq!(entry.header(), *header, "entry {}", entry.seq());
        }
        assert_eq!(again.last_seq(), index.last_seq());
        assert_eq!(told(&again), told(&index));
        assert_eq!(chunk_of(&again), chunk_of(&index), "and makes the same chunks");
        assert_eq!(again.packed.templates(), index.packed.templates());
    }
    let shown = index.series(id(3)).and_then(SeriesState::extent).map(|extent| extent.count);
    assert_eq!(shown, Some(3), "one append is undone, another of an open import");
}

#[test]
fn the_journal_goes_on_behind_a_chunk() {
    let headers = journal();
    for cut in 1..headers.len() {
        let mut index = ProfileIndex::default();
        decode(&mut index, &chunk_of(&folded(&headers[..cut]))).expect("a chunk");
        for (seq, header) in (1..).zip(&headers).skip(cut) {
            index.fold(seq, header.clone());
        }
        assert_eq!(told(&index), told(&folded(&headers)), "from {cut} on");
    }
}

#[test]
fn an_index_made_from_a_chunk_takes_no_more_memory_than_the_one_it_came_from() {
    let headers: Vec<Header> = (0..=u8::MAX).map(|number| full(Act::Create, number)).collect();
    let index = folded(&headers);
    let mut again = ProfileIndex::default();
    decode(&mut again, &chunk_of(&index)).expect("a chunk");
    assert_eq!(again.bytes(), index.bytes());
    assert!(chunk_of(&index).len() / headers.len() < 200, "what is the same is said once");
}

#[test]
fn a_chunk_out_of_order_is_refused() {
    let index = folded(&journal());
    let (first, last) = encode(&index, 0, 3).expect("a chunk");
    let second = encode(&index, last, 3).expect("a chunk").0;
    assert!(is_refused(&second));
    let mut again = ProfileIndex::default();
    decode(&mut again, &first).expect("the first chunk");
    assert!(decode(&mut again, &first).is_none());
    decode(&mut again, &second).expect("the second chunk");
    assert_eq!(again.last_seq(), 6);
    assert!(encode(&index, index.last_seq(), 10).is_none(), "nothing is left");
    assert!(encode(&index, 0, 0).is_none(), "nothing is wanted");
}

#[test]
fn a_chunk_that_is_cut_or_goes_on_is_refused() {
    let chunk = chunk_of(&folded(&journal()));
    assert!(!is_refused(&chunk));
    for end in 0..chunk.len() {
        assert!(is_refused(&chunk[..end]), "cut at {end}");
    }
    assert!(is_refused(&[&chunk[..], &[0]].concat()));
}

#[test]
fn whatever_is_changed_in_a_chunk_it_is_refused_or_makes_an_index_that_can_be_written() {
    let chunk = chunk_of(&folded(&journal()));
    for at in 0..chunk.len() {
        for change in [0x01, 0x10, 0x80, 0xFF] {
            let mut changed = chunk.clone();
            changed[at] ^= change;
            let mut index = ProfileIndex::default();
            if decode(&mut index, &changed).is_some() {
                let mut again = ProfileIndex::default();
                decode(&mut again, &chunk_of(&index)).expect("what an index writes reads back");
                let same = (again.last_seq(), again.live()) == (index.last_seq(), index.live());
                assert!(same, "byte {at} changed by {change}");
                assert!(index.series_with_samples().iter().all(|series| index.series(*series).is_some()));
            }
        }
    }
}

#[test]
fn labels_are_judged_by_the_tables_of_today() {
    let summary = Summary { title: "Lithium".into(), ..Summary::default() };
    let labels = vec!["restricted".into()];
    let medicine = Header { labels, summary, ..header(Act::Create, "medication", 1) };
    let amended = Header { version: 2, summary: medicine.summary.clone(), ..header(Act::Amend, "medication", 1) };
    let gone = Header { act: Act::Destroyed, record: id(0), ..amended.clone() };
    // As a build wrote it whose tables did not know the name.
    let mut old = ProfileIndex::default();
    for header in [medicine, amended, gone] {
        let (shared, own) = header.parted();
        let template = old.packed.template_of(&shared);
        old.fold_parts(own, template);
    }
    let labels = |index: &ProfileIndex| -> Vec<String> {
        let of = |labels: &[Box<str>]| labels.join(" ");
        index.entries().map(|entry| of(entry.labels())).collect()
    };
    assert_eq!(labels(&old), ["restricted", "", ""]);
    let mut index = ProfileIndex::default();
    decode(&mut index, &chunk_of(&old)).expect("a chunk");
    assert_eq!(labels(&index), ["mental-health restricted", "mental-health", ""], "only versions are judged");
}

/// The first chunk, with one template, one import and this entry.
fn chunk_with(entry: &[u8]) -> Vec<u8> {
    let json = br#"{"kind":"","form":1,"provenance":{"how":"typed","actor":""},"title":""}"#;
    let length = u8::try_from(json.len()).expect("a short template");
    [&[FORMAT, 1, 1, length][..], json, &[1], &[9; 16], &[1], entry].concat()
}

#[test]
fn an_entry_that_nobody_writes_is_refused() {
    let entry = |flags: &[u8], template: u8, act: u8, rest: &[u8]| {
        // Of version 1, recorded at 0.
        chunk_with(&[flags, &[template, act], &[5; 16], &[1, 0], rest].concat())
    };
    assert!(!is_refused(&entry(&[0], 0, 1, &[])));
    assert!(is_refused(&entry(&[0], 1, 1, &[])), "there is no such template");
    assert!(is_refused(&entry(&[0], 0, 0, &[])), "there is no such act");
    assert!(is_refused(&entry(&[0], 0, 10, &[])), "there is no such act");
    assert!(!is_refused(&entry(&[0b1000], 0, 1, &[0, 5])));
    assert!(is_refused(&entry(&[0b1000], 0, 1, &[1, 5])), "there is no such import");
    assert!(!is_refused(&entry(&[0b10], 0, 1, &[2])));
    assert!(!is_refused(&entry(&[0x80, 1], 0, 1, b"\x042019")));
    assert!(is_refused(&entry(&[0x80, 1], 0, 1, b"\x042o19")), "no date");
    assert!(is_refused(&entry(&[0x80, 1], 0, 1, b"\x142019-04-03T00:00:00Z")), "no date");
    assert!(is_refused(&entry(&[0x82, 1], 0, 1, b"\x02\x042019")), "it occurred once");
    assert!(is_refused(&entry(&[0b10_0000], 0, 1, &[2])), "new, but nobody");
    assert!(is_refused(&entry(&[0x80, 8], 0, 1, &[2])), "undone samples that are none");
    assert!(is_refused(&entry(&[0x80, 16], 0, 1, &[])), "more than there is");
    assert!(!is_refused(&entry(&[0b100], 0, 1, &[1, b'7'])));
    assert!(is_refused(&entry(&[0b100], 0, 1, &[1, 0xFF])), "no text");
    assert!(is_refused(&entry(&[0b100], 0, 1, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, b'7'])), "longer than the chunk");
    let high = [&[0, 0, 1][..], &[5; 16], &[0x80, 0x80, 0x80, 0x80, 0x10, 0]].concat();
    assert!(is_refused(&chunk_with(&high)), "no version has such a number");
}

#[test]
fn a_count_is_believed_only_as_far_as_there_are_bytes() {
    let many = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
    for before in [&[FORMAT, 1][..], &[FORMAT, 1, 0], &[FORMAT, 1, 0, 0]] {
        assert!(is_refused(&[before, &many].concat()));
    }
    assert!(is_refused(&[FORMAT, 1, 0, 0, 0]), "a chunk of nothing");
}

#[test]
fn chunks_of_older_builds_are_left_to_the_journal() {
    let old = concat!(
        r#"{"q":1,"h":{"t":"2026-01-02T03:04:05.000Z","a":"create","r":"07070707-0707-0707-0707-070707070707","#,
        r#""k":"note","v":1,"f":1,"p":{"how":"typed","actor":""},"s":{"title":"Note"}}}"#,
    );
    assert!(is_refused(&[b"\x01".as_slice(), old.as_bytes(), b"\n"].concat()));
    assert!(is_refused(&[]));
}

#[test]
fn a_chunk_has_the_form_that_stands_on_disk() {
    let imported = Provenance { how: How::Import, ..Provenance::typed("a") };
    let condition = Header {
        at: Instant::from_millis(1_000),
        occurred: Some("2019-04".parse().expect("a month")),
        provenance: imported,
        summary: Summary { value: Some("7".into()), ..Summary::of("Asthma") },
        ..of_import(9, 300, header(Act::Create, "condition", 1))
    };
    let chunk = chunk_of(&folded(&[condition, samples(Act::AppendUndo, 64, Some(5))]));
    let json = [
        r#"{"kind":"condition","form":1,"provenance":{"how":"import","actor":"a"},"title":"Asthma"}"#,
        r#"{"kind":"series","form":1,"provenance":{"how":"typed","actor":""},"title":""}"#,
    ];
    // format, first seq, count of templates; each behind its length; imports; count of entries.
    let [first, second] = json.map(str::as_bytes);
    let lengths = [first, second].map(|json| u8::try_from(json.len()).expect("a short template"));
    let head = [&[FORMAT, 1, 2][..], &lengths[..1], first, &lengths[1..], second, &[1], &[9; 16], &[2]].concat();
    let rows = chunk.strip_prefix(&head[..]).expect("the head");
    // of each entry: what is there, template, act, record, version, at; then occurred, value, import and item, samples.
    insta::assert_snapshot!(hex(rows), @"8c0100010101010101010101010101010101010101d00f07323031392d3034013700ac02820c0108030303030303030303030303030303030100800103940105");
}
