//! A table is the same with kept columns and without, whoever reads it, and what is worth keeping is kept.

use std::fs;
use std::path::Path;

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Timeframe};
use phm_core::vault::flat::{FlatQuery, Table, Values};
use phm_core::vault::{How, Vault};
use serde_json::{Value, json};

use super::{CODES, add_results, home, kept, result, table, table_of, without_kept};
use crate::house;

/// The words that a column of a table has at hand.
fn words(table: &Table, name: &str) -> Vec<String> {
    let at = table.columns.iter().position(|column| column.name == name).expect("a column");
    let of_batch = |batch: &phm_core::vault::flat::Batch| {
        let Values::Word(_, words) = &batch.columns[at].values else { panic!("words") };
        String::from_utf8(words.text().to_vec()).expect("text")
    };
    table.batches.iter().map(of_batch).collect()
}

#[test]
fn a_table_is_the_same_whether_it_is_read_or_kept_or_both() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let people: Vec<ProfileId> = ["Asha", "Ravi", "Meera"].map(|name| house::person(&session, name)).to_vec();
    let ids: Vec<RecordId> = people.iter().flat_map(|person| add_results(&session, *person, 0..40)).collect();
    assert!(kept(&home).is_empty());
    let first = table(&vault);
    assert_eq!((first.len(), kept(&home).len()), (120, 3));
    let lengths = || -> Vec<u64> { kept(&home).iter().map(|path| fs::metadata(path).expect("a file").len()).collect() };
    let before = lengths();
    assert_eq!(table(&vault), first);
    assert_eq!(lengths(), before, "nothing is kept twice");

    // What is new stands beside what is kept; what was amended or removed is shown as it is now.
    let amend = session.permit(Action::Amend, people[0], "lab-result").expect("allowed");
    for (number, id) in ids[..20].iter().enumerate() {
        let body = result(100 + u32::try_from(number).expect("small"));
        session.amend(&amend, *id, 1, &body, How::Typed).expect("amended");
    }
    let remove = session.permit(Action::Amend, people[0], "lab-result").expect("allowed");
    session.remove(&remove, ids[21], 1).expect("removed");
    add_results(&session, people[1], 40..43);
    let second = table(&vault);
    assert_eq!(second.len(), 122);
    assert!(
        second.iter().filter(|row| row.iter().any(|cell| cell.contains("दोहराएँ 1")) && row[2] == "2").count() >= 10
    );
    assert!(lengths() != before, "twenty amended rows are kept, three new ones are not worth it");
    let (some, all) = (
        FlatQuery {
            profiles: vec![people[2], people[0]],
            codes: vec![CodeFilter::parse(CODES[1])],
            ..FlatQuery::default()
        },
        Timeframe { from: Some("2012".parse().expect("a year")), to: Some("2019-05".parse().expect("a month")) },
    );
    let some = FlatQuery { time: all, ..some };
    let of_some = table_of(&vault, &some);
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), second);
    let vault = house::open(&home).expect("opened");
    assert_eq!((table(&vault), table_of(&vault, &some)), (second, of_some.clone()));
    assert!(!of_some.is_empty() && of_some.len() < 30, "{} rows", of_some.len());
    // Neither does a table know a word of what it does not show.
    let shown = house::operator(&vault).table("lab-result", &some).expect("a table");
    assert_eq!(words(&shown, "concept_code"), [CODES[1]]);
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn when_a_record_was_first_recorded_is_asked_anew() {
    let (folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let file = folder.path().join("results.ndjson");
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Asha"}]});
    let mut lines = vec![patient.to_string()];
    lines.extend((0..20).map(|number| {
        json!({
            "resourceType": "Observation", "id": format!("o{number}"), "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
            "code": {"text": "HbA1c"}, "subject": {"reference": "Patient/p"},
            "valueQuantity": {"value": 7.1, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
        })
        .to_string()
    }));
    fs::write(&file, lines.join("\n")).expect("written");
    let report = house::import(&session, &file).expect("imported");
    let person = session.profiles().expect("people")[0].profile;
    let list = vault.call(&session, "list", &json!({"profile": person, "kind": "lab-result", "per_page": 100}));
    let list: Value = serde_json::from_str(&list.expect("a list")).expect("JSON");
    let amend = session.permit(Action::Amend, person, "lab-result").expect("allowed");
    for record in list["items"].as_array().expect("items") {
        let id: RecordId = record["id"].as_str().expect("an id").parse().expect("an id");
        session.amend(&amend, id, 1, &result(7), How::Typed).expect("amended");
    }
    let recorded = |table: &[Vec<String>]| -> Vec<String> { table.iter().map(|row| row[5].clone()).collect() };
    let before = table(&vault);
    // Of what the import brought only the amendments are left, and those are younger.
    session.undo_import(report.imports[0].import).expect("undone");
    let after = table(&vault);
    assert_eq!((before.len(), after.len()), (20, 20));
    assert!(recorded(&before).iter().zip(recorded(&after)).all(|(before, after)| *before < after));
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), after);
}

/// How many pieces a file of kept columns has: each says behind 28 bytes how long it is.
fn pieces(path: &Path) -> usize {
    let file = fs::read(path).expect("read");
    let (mut rest, mut count) = (file.as_slice(), 0);
    while let Some((front, behind)) = rest.split_first_chunk::<32>() {
        let length = u32::from_be_bytes([front[28], front[29], front[30], front[31]]);
        rest = &behind[usize::try_from(length).expect("a length")..];
        count += 1;
    }
    count
}

#[test]
fn what_is_kept_depends_on_how_many_are_asked_for() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let (few, many) = (house::person(&session, "Few"), house::person(&session, "Many"));
    let of = |person| FlatQuery { profiles: vec![person], ..FlatQuery::default() };
    add_results(&session, few, 0..3);
    assert_eq!(table_of(&vault, &of(few)).len(), 3);
    assert!(kept(&home).is_empty(), "three are opened as fast");
    add_results(&session, few, 3..4);
    assert_eq!(table_of(&vault, &of(few)).len(), 4);
    assert_eq!(kept(&home).iter().map(|path| pieces(path)).collect::<Vec<_>>(), [1]);
    fs::remove_file(&kept(&home)[0]).expect("removed");

    add_results(&session, many, 0..2_600);
    let first = table_of(&vault, &of(many));
    let [path] = &kept(&home)[..] else { panic!("one file") };
    assert_eq!((first.len(), pieces(path)), (2_600, 2));
    assert_eq!(table_of(&vault, &of(many)), first);
    // A few of many are opened themselves, and are not kept once more for that.
    let day = Some("2010-01".parse().expect("a month"));
    let one = FlatQuery { time: Timeframe { from: day, to: day }, ..of(many) };
    let january: Vec<_> = first.iter().filter(|row| row[4] == "2010-01").cloned().collect();
    assert!((4..60).contains(&january.len()), "{}", january.len());
    for _ in 0..3 {
        assert_eq!(table_of(&vault, &one), january);
    }
    assert_eq!(pieces(path), 2);
    drop((session, vault.close()));
    assert_eq!(table_of(&house::open(&home).expect("opened"), &of(many)), first);
}

#[test]
fn rows_of_versions_that_nobody_sees_any_more_are_not_kept_for_ever() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha");
    let ids = add_results(&session, asha, 0..900);
    let amend = session.permit(Action::Amend, asha, "lab-result").expect("allowed");
    let mut longest = 0;
    for version in 1..9 {
        assert_eq!(table(&vault).len(), 900);
        longest = longest.max(fs::metadata(&kept(&home)[0]).expect("a file").len());
        for (id, number) in ids.iter().zip(0..) {
            session.amend(&amend, *id, version, &result(number + version), How::Typed).expect("amended");
        }
    }
    let last = table(&vault);
    assert_eq!(table(&vault), last);
    let now = fs::metadata(&kept(&home)[0]).expect("a file").len();
    assert!(now < longest, "begun anew: {now} of {longest} bytes");
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), last);
}

#[test]
fn neither_old_rows_nor_long_ones_end_what_is_kept() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha");
    let ids = add_results(&session, asha, 0..20);
    let amend = session.permit(Action::Amend, asha, "lab-result").expect("allowed");
    let length = || fs::metadata(&kept(&home)[0]).expect("a file").len();
    let mut before = 0;
    for version in 1..120 {
        assert_eq!(table(&vault).len(), 20);
        assert!(length() > before, "the rows of round {version} are kept");
        before = length();
        for (id, number) in ids.iter().zip(0..) {
            session.amend(&amend, *id, version, &result(number + version), How::Typed).expect("amended");
        }
    }
    table(&vault);
    let full = length();
    assert_eq!(table(&vault).len(), 20);
    assert_eq!(length(), full);

    // Texts that hardly pack, so that a row takes more bytes than a record is worth: they are read where all of them are wanted.
    let ravi = house::person(&session, "Ravi");
    let permit = session.permit(Action::Add, ravi, "note").expect("allowed");
    let text = |number: u64| -> String {
        let mut state = number + 1;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + u8::try_from((state >> 33) % 90).expect("a letter"))
        };
        (0..6_000).map(|_| letter()).collect()
    };
    let notes: Vec<Value> = (0..30).map(|number| json!({"text": text(number)})).collect();
    session.add_many(&permit, &notes, &How::Typed).expect("added");
    let of_ravi = FlatQuery { profiles: vec![ravi], ..FlatQuery::default() };
    let notes = || house::cells(&session.table("note", &of_ravi).expect("a table"));
    let of_asha = kept(&home);
    let first = notes();
    let path = kept(&home).into_iter().find(|path| !of_asha.contains(path)).expect("his file");
    let sound = fs::read(&path).expect("read");
    assert!(sound.len() > 30 * 4_000, "{} bytes", sound.len());
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 1;
    fs::write(&path, &flipped).expect("written");
    assert_eq!(notes(), first);
    assert!(fs::read(&path).expect("read") != flipped, "who reads it notices what is wrong, and makes it again");
    assert_eq!((notes(), first.len()), (first.clone(), 30));
}

#[test]
fn people_who_are_closed_and_opened_again_all_the_time_keep_their_columns() {
    let (_folder, home) = home();
    let options = phm_core::vault::Options { index_budget: 1, ..house::options() };
    let (vault, _) = Vault::create(&home, &[house::key()], options).expect("a new vault");
    let session = house::operator(&vault);
    for number in 0..12 {
        let person = house::person(&session, &format!("Person {number}"));
        add_results(&session, person, number..number + 25);
    }
    let tables: Vec<Vec<Vec<String>>> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| [table(&vault), table(&vault)])).collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("tables")).collect()
    });
    assert!(tables.iter().all(|table| *table == tables[0] && table.len() == 300));
    assert_eq!(kept(&home).iter().map(|path| pieces(path)).collect::<Vec<_>>(), [1; 12]);
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), tables[0]);
}

#[test]
fn several_who_read_at_once_see_the_same() {
    let (_folder, home) = home();
    let vault = house::create(&home);
    let session = house::operator(&vault);
    for name in ["Asha", "Ravi", "Meera", "Kiran", "Dev"] {
        let person = house::person(&session, name);
        add_results(&session, person, 0..30);
    }
    let tables: Vec<Vec<Vec<String>>> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| table(&vault))).collect();
        readers.into_iter().map(|reader| reader.join().expect("a table")).collect()
    });
    assert!(tables.iter().all(|table| *table == tables[0] && table.len() == 150));
    assert_eq!(kept(&home).len(), 5);
    drop((session, vault.close()));
    assert_eq!(without_kept(&home), tables[0]);
    assert_eq!(table(&house::open(&home).expect("opened")), tables[0]);
}
