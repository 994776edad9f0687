//! Reads back what stands in the second fixture, exactly.

use std::io::{Read as _, Seek as _, SeekFrom};

use phm_core::access::{Action, Actor};
use phm_core::crypto::digest::{hex, sha256};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Sort, Timeframe};
use phm_core::time::Instant;
use phm_core::vault::flat::FlatQuery;
use phm_core::vault::{Bucket, Gathered, GrantState, Record, Removed, SampleQuery, Session, Vault};
use serde_json::{Value, json};

use super::maker::append;
use super::{
    ASHA, BEGIN, DASHBOARD, FIRST, FORM, IN_BLOCKS, LATER, MINUTE, ORIGINAL, OVER, RAVI, RESULTS, SHOWN, asthma,
    dashboard, gathered, note_of_ravi, others, pulse, removed_note, report, results, weight,
};
use crate::house;

/// Asha and Ravi.
pub fn people(session: &Session) -> (ProfileId, ProfileId) {
    let cards = session.profiles().expect("people");
    assert_eq!(cards.len(), 2);
    let find = |name: &str| cards.iter().find(|card| card.name == name).expect("they are there").profile;
    (find(ASHA), find(RAVI))
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Every record of a kind, oldest first.
fn all(session: &Session, person: ProfileId, kind: &str) -> Vec<Record> {
    let read = session.permit(Action::Read, person, kind).expect("allowed");
    let query = Query { sort: Sort::OldestFirst, per_page: 1_000, ..Query::default() };
    session.list(&read, &query).expect("a page").items
}

fn bodies(session: &Session, person: ProfileId, kind: &str) -> Vec<Value> {
    all(session, person, kind).iter().map(|record| json_of(record.body.get())).collect()
}

/// The one record of a kind.
pub fn only(session: &Session, person: ProfileId, kind: &str) -> Record {
    let mut found = all(session, person, kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.swap_remove(0)
}

/// Asha's results, oldest first.
pub fn results_of(session: &Session, asha: ProfileId) -> Vec<Record> {
    all(session, asha, "lab-result")
}

/// Everything that a vault made of the fixture holds.
pub fn everything(vault: &Vault) {
    whole(vault);
    records(vault);
    documents(vault);
    samples(vault);
    grants(vault);
    state(vault);
    table(&house::operator(vault));
    whole(vault);
}

fn whole(vault: &Vault) {
    let report = vault.verify(None).expect("verified");
    assert!(report.ok && report.strays.is_empty(), "{}", house::damage(&report));
    assert_eq!(report.profiles, 2);
}

/// Every record as it is, what it said before, and what it came as.
pub fn records(vault: &Vault) {
    let session = house::operator(vault);
    let (asha, ravi) = people(&session);
    for kind in ["allergy", "medication", "vital-sign", "note"] {
        let found = bodies(&session, asha, kind);
        let expected: Vec<Value> = others().into_iter().filter(|(of, _)| *of == kind).map(|(_, body)| body).collect();
        assert_eq!(found.len(), expected.len(), "{kind}");
        assert!(expected.iter().all(|body| found.contains(body)), "a {kind} is another one");
    }
    assert_eq!(bodies(&session, asha, "lab-result"), results());
    let notes = session.permit(Action::Read, asha, "note").expect("allowed");
    let search = Query { text: Some("slept".to_owned()), ..Query::default() };
    assert_eq!(session.summaries(&notes, &search).expect("a page").total, 1);

    let condition = only(&session, asha, "condition");
    let times = (condition.version, condition.recorded_at, condition.updated_at);
    assert_eq!(times, (3, FIRST, LATER));
    assert_eq!(json_of(condition.body.get()), asthma(3));
    let said = history(&session, asha, "condition", condition.id);
    let expected = [
        (1, "create", "person asha".to_owned(), FIRST, asthma(1)),
        (2, "amend", "person asha".to_owned(), FIRST, asthma(2)),
    ];
    assert_eq!(said[..2], expected);
    let (version, action, actor, at, body) = &said[2];
    assert_eq!((said.len(), *version, *action, *at, body), (3, 3, "amend", LATER, &asthma(3)));
    assert!(actor.starts_with("operator "), "{actor}");

    let shown = Query { removed: true, per_page: 1_000, ..Query::default() };
    let with_removed = session.list(&notes, &shown).expect("a page").items;
    let gone: Vec<&Record> = with_removed.iter().filter(|record| record.removed).collect();
    let [gone] = gone[..] else { panic!("one note was removed") };
    assert_eq!((json_of(gone.body.get()), gone.version), (removed_note(), 2));
    let hidden = session.read(&notes, gone.id, Removed::Hide).err().map(|error| error.code());
    assert_eq!(hidden, Some("not-found"));
    let said = history(&session, asha, "note", gone.id);
    let acts: Vec<_> = said.iter().map(|(version, action, ..)| (*version, *action)).collect();
    assert_eq!(acts, [(1, "create"), (2, "remove")]);

    assert_eq!(bodies(&session, ravi, "note"), [note_of_ravi()]);
    let imported = only(&session, ravi, "condition");
    let body = json_of(imported.body.get());
    assert_eq!((&body["concept"]["text"], &body["onset"]), (&json!("Hypertension"), &json!("2015-06")));
    let read = session.permit(Action::Read, ravi, "condition").expect("allowed");
    let original = session.original(&read, imported.id).expect("read").expect("it came by an import");
    assert_eq!(String::from_utf8(original).expect("text"), ORIGINAL);
}

/// Version, act, type and name of the actor, moment and body of each version.
type Said = (u32, &'static str, String, Instant, Value);

fn history(session: &Session, person: ProfileId, kind: &str, id: RecordId) -> Vec<Said> {
    let read = session.permit(Action::Read, person, kind).expect("allowed");
    let versions = session.history(&read, id).expect("a history");
    let said = versions.into_iter().map(|version| {
        let actor = format!("{} {}", version.actor.r#type, version.actor.name);
        (version.version, version.action, actor, version.recorded_at, json_of(version.body.get()))
    });
    said.collect()
}

/// The document, whole and in part.
pub fn documents(vault: &Vault) {
    let session = house::operator(vault);
    let (asha, _) = people(&session);
    let record = only(&session, asha, "document");
    let content = report();
    let body = json!({
        "title": "Discharge", "category": "other", "media_type": "application/pdf", "bytes": content.len(),
        "sha256": hex(&sha256(&[content.as_slice()])),
    });
    assert_eq!(json_of(record.body.get()), body);
    let read = session.permit(Action::Read, asha, "document").expect("allowed");
    let mut document = session.document(&read, record.id).expect("it has a file");
    assert_eq!((document.title.as_str(), document.media_type.as_str()), ("Discharge", "application/pdf"));
    assert_eq!(document.bytes, content.len() as u64);
    let mut found = Vec::new();
    document.read_to_end(&mut found).expect("read");
    assert!(found == content, "the content is another one");
    // From one chunk into the next.
    let mut part = [0; 20];
    document.seek(SeekFrom::Start(65_530)).expect("a place");
    document.read_exact(&mut part).expect("read");
    assert_eq!(part[..], content[65_530..65_550]);
}

/// Asha's series by name.
fn series(session: &Session, asha: ProfileId) -> [RecordId; 2] {
    let all = all(session, asha, "series");
    assert_eq!(all.len(), 2);
    ["Heart rate", "Weight"].map(|name| {
        let named = |record: &&Record| json_of(record.body.get())["concept"]["text"] == name;
        all.iter().find(named).expect("a series").id
    })
}

fn samples_of(session: &Session, asha: ProfileId, series: RecordId) -> (String, Vec<(i64, String)>) {
    let read = session.permit(Action::Read, asha, "series").expect("allowed");
    let query = SampleQuery { written: true, ..SampleQuery::default() };
    let (unit, columns) = session.samples(&read, series, &query).expect("read");
    let written = columns.written.expect("asked for");
    assert_eq!((columns.values.len(), columns.next), (columns.times.len(), None));
    let text = |row: usize| written.get(row).expect("a text").to_owned();
    (unit, columns.times.iter().enumerate().map(|(row, at)| (*at, text(row))).collect())
}

/// Every sample as it was written, from blocks and from what waits, and what they come to.
pub fn samples(vault: &Vault) {
    let session = house::operator(vault);
    let (asha, _) = people(&session);
    let [heart, scales] = series(&session, asha);
    assert!(samples_of(&session, asha, heart) == ("/min".to_owned(), pulse(0..SHOWN)), "the pulse is another one");
    assert!(samples_of(&session, asha, scales) == ("kg".to_owned(), weight()), "the weight is another one");

    let read = session.permit(Action::Read, asha, "series").expect("allowed");
    let record = session.read(&read, heart, Removed::Hide).expect("it is there");
    let body = json_of(record.body.get());
    let last = Instant::from_millis(BEGIN + (SHOWN - 1) * MINUTE).to_string();
    assert_eq!(
        (&body["count"], &body["from"], &body["to"]),
        (&json!(SHOWN), &json!("2026-01-01T00:00:00.000Z"), &json!(last))
    );
    let units = session.appends(&read, heart, None, 10).expect("a list");
    let counts: Vec<u64> = units.iter().map(|unit| unit.count).collect();
    assert_eq!(counts, [SHOWN - IN_BLOCKS, IN_BLOCKS].map(i64::unsigned_abs));

    let by = |length: &str| {
        let bucket: Bucket = length.parse().expect("a length");
        let (unit, found) = session.gathered_samples(&read, heart, Timeframe::default(), &bucket).expect("gathered");
        assert_eq!(unit, "/min");
        found
    };
    let hours: Vec<Gathered> =
        (0..SHOWN / 60).map(|hour| gathered(BEGIN + hour * 60 * MINUTE, hour * 60..(hour + 1) * 60)).collect();
    assert_eq!(by("1h"), hours);
    // Weeks begin on Mondays; no block is opened for this.
    let monday = BEGIN - 3 * 24 * 60 * MINUTE;
    assert_eq!(by("1w"), [gathered(monday, 0..SHOWN)]);
}

/// Whom the grant lets in, and to what.
pub fn grants(vault: &Vault) {
    let operator = house::operator(vault);
    let (asha, ravi) = people(&operator);
    let given = operator.grants(asha).expect("a list");
    let [grant] = &given[..] else { panic!("one grant") };
    assert_eq!((grant.state, grant.to_name.as_deref()), (GrantState::Live, Some("doctor")));
    assert_eq!((grant.given_by.name.as_str(), grant.terms.purpose.as_deref()), ("asha", Some("second opinion")));
    assert_eq!((grant.terms.starts_at, grant.terms.ends_at), (FIRST, None));
    let person = |name: &str| {
        let account = operator.account_by_email(&format!("{name}@phm.example")).expect("an account");
        vault.session(Actor::Person { account }, "care").expect("an active account")
    };
    let total = |session: &Session, person: ProfileId, kind: &str| {
        let read = session.permit(Action::Read, person, kind).map_err(|error| error.code())?;
        session.list(&read, &Query::default()).map(|page| page.total).map_err(|error| error.code())
    };
    let doctor = person("doctor");
    assert_eq!(total(&doctor, asha, "lab-result"), Ok(RESULTS as u64));
    assert_eq!(total(&doctor, asha, "condition"), Err("not-granted"));
    assert_eq!(total(&doctor, ravi, "lab-result"), Err("not-found"));
    let add = doctor.permit(Action::Add, asha, "lab-result").err().map(|error| error.code());
    assert_eq!(add, Some("not-granted"));
    let hers = person("asha");
    assert_eq!(total(&hers, asha, "condition"), Ok(1));
    assert_eq!(total(&hers, ravi, "condition"), Err("not-found"));
}

/// State, as far as it is not over.
pub fn state(vault: &Vault) {
    let (asha, ravi) = people(&house::operator(vault));
    assert_eq!(vault.state::<Value>(asha, DASHBOARD).expect("read"), Some(dashboard()));
    assert_eq!(vault.state::<Value>(asha, OVER).expect("read"), None);
    assert_eq!(vault.state::<Value>(ravi, DASHBOARD).expect("read"), None);
    assert!(!known_form(vault).is_empty());
}

/// The form of columns when the fixture was made.
pub fn known_form(vault: &Vault) -> String {
    vault.state(ProfileId::SYSTEM, FORM).expect("read").expect("it is there")
}

/// Every cell of the table of results, which says what the results say.
pub fn table(session: &Session) -> Vec<Vec<String>> {
    let table = session.table("lab-result", &FlatQuery::default()).expect("a table");
    let rows = house::cells(&table);
    let quantity = table.columns.iter().position(|column| column.name == "quantity").expect("a column");
    let found: Vec<&str> = rows.iter().map(|row| row[quantity].as_str()).collect();
    let number = |body: &Value| {
        let number: f64 = body["quantity"]["value"].as_str().expect("a text").parse().expect("a number");
        number.to_string()
    };
    let expected: Vec<String> = results().iter().map(number).collect();
    assert_eq!(found, expected);
    rows
}

/// The vault is written on: what is new stands beside what was there, also where it is moved together.
pub fn goes_on(vault: &Vault) {
    let session = house::operator(vault);
    let (asha, _) = people(&session);
    let added = house::add(&session, asha, "note", &json!({"text": "written today"}));
    house::amend(&session, &added, &json!({"text": "and amended"}));
    let condition = only(&session, asha, "condition");
    assert_eq!(house::amend(&session, &condition, &asthma(1)).version, 4);
    let [heart, _] = series(&session, asha);
    // Those that were taken back may come again; with the last ones all the others are moved into blocks.
    append(&session, asha, heart, &pulse(SHOWN..2 * SHOWN));
    append(&session, asha, heart, &pulse(2 * SHOWN..2 * SHOWN + 3));
    assert!(samples_of(&session, asha, heart).1 == pulse(0..2 * SHOWN + 3), "the pulse is another one");
    vault.put_state(asha, DASHBOARD, &json!({"tiles": []}), None).expect("put");
    assert_eq!(vault.state::<Value>(asha, DASHBOARD).expect("read"), Some(json!({"tiles": []})));
    vault.compact().expect("compacted");
    assert_eq!(history(&session, asha, "condition", condition.id).len(), 4);
    whole(vault);
}
