//! Tables of what a grant opens, made of columns that were kept for somebody who sees more.

use std::collections::BTreeSet;

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::audit::query::AuditQuery;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::flat::{FlatQuery, Table, Values};
use phm_core::vault::{How, Session};
use serde_json::{Value, json};

use crate::practice::{Practice, Somebody, person};

const ICD: &str = "http://hl7.org/fhir/sid/icd-10";

/// The records of a table, and the words it has at hand for a column.
fn seen(table: &Table, column: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let at = |name: &str| table.columns.iter().position(|column| column.name == name).expect("a column");
    let (mut ids, mut words) = (BTreeSet::new(), BTreeSet::new());
    for batch in &table.batches {
        let Values::Text(texts) = &batch.columns[at("id")].values else { panic!("texts") };
        ids.extend((0..texts.len()).map(|row| texts.get(row).to_owned()));
        let Values::Word(_, known) = &batch.columns[at(column)].values else { panic!("words") };
        words.extend((0..known.len()).map(|word| known.get(word).to_owned()));
    }
    (ids, words)
}

/// What a session lists of a kind.
fn listed(session: &Session, profile: ProfileId, kind: &str) -> BTreeSet<String> {
    let permit = session.permit(Action::Read, profile, kind).expect("granted");
    let page = session.list(&permit, &Query { per_page: 1_000, ..Query::default() }).expect("a page");
    page.items.iter().map(|record| record.id.to_string()).collect()
}

/// Forty conditions of Asha's of which every fifth is sensitive, in a table that she made, so that their columns are kept.
fn kept(practice: &Practice) -> Vec<RecordId> {
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    let add = asha.permit(Action::Add, profile, "condition").expect("hers");
    let condition = |number: u32| {
        let code = if number.is_multiple_of(5) { "F32.1" } else { "E11.9" };
        json!({
            "concept": {"text": "As coded", "codes": [{"system": ICD, "code": code}]},
            "onset": format!("20{:02}-05-0{}", number % 20, 1 + number % 9),
        })
    };
    let bodies: Vec<Value> = (1..=40).map(condition).collect();
    let ids: Vec<RecordId> =
        asha.add_many(&add, &bodies, &How::Typed).expect("added").into_iter().map(|record| record.id).collect();
    let all = asha.table("condition", &FlatQuery::default()).expect("a table");
    assert_eq!(seen(&all, "concept_code").1, ["E11.9", "F32.1"].map(str::to_owned).into());
    assert_eq!(seen(&asha.table("condition", &FlatQuery::default()).expect("again"), "how").0.len(), 40);
    ids
}

#[test]
fn a_table_of_kept_columns_has_what_a_list_with_the_same_permit_has() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    let ids = kept(&practice);
    let table = |session: &Session| session.table("condition", &FlatQuery::default()).expect("a table");
    assert_eq!(table(&doctor).rows(), 0, "nothing was granted");
    let named = FlatQuery { profiles: vec![profile], ..FlatQuery::default() };
    assert_eq!(doctor.table("condition", &named).expect_err("a stranger").kind(), ErrorKind::NotFound);

    let terms = |more: Value| {
        let mut terms =
            json!({"to": {"account": practice.doctor.account}, "kinds": ["condition"], "actions": ["read"]});
        terms.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        terms
    };
    let restrict = || asha.restrict(profile, &json!({"records": &ids[1..4]})).expect("hers");
    for (name, more, restricted, words) in [
        ("without a label", json!({}), false, &["E11.9"][..]),
        ("with the label", json!({"labels": ["mental-health"]}), false, &["E11.9", "F32.1"]),
        ("of some years", json!({"from": "2003", "to_date": "2009-05-04"}), false, &["E11.9"]),
        (
            "of one sensitive day",
            json!({"labels": ["mental-health"], "from": "2005-05-06", "to_date": "2005-05-06"}),
            false,
            &["F32.1"],
        ),
        ("with restricted ones", json!({"labels": ["mental-health"]}), true, &["E11.9", "F32.1"]),
    ] {
        let grant = asha.give(profile, &terms(more)).expect("given");
        let held = restricted.then(restrict);
        let (shown, known) = seen(&table(&doctor), "concept_code");
        assert_eq!(shown, listed(&doctor, profile, "condition"), "{name}");
        assert!(!shown.is_empty() && (shown.len() < 40 || name == "with the label"), "{name}: {}", shown.len());
        assert_eq!(known, words.iter().map(|word| (*word).to_owned()).collect(), "{name}");
        assert_eq!(seen(&table(&asha), "concept_code").0.len(), 40, "she sees all of it, {name}");
        if let Some(held) = held {
            assert_eq!(shown.len(), 37);
            asha.lift_restriction(profile, held.id).expect("hers");
        }
        asha.revoke(profile, grant.id).expect("hers");
        assert_eq!(table(&doctor).rows(), 0, "taken back, {name}");
    }
}

#[test]
fn every_page_of_a_table_stands_in_the_log_of_the_person_it_is_about() {
    let practice = Practice::new();
    let people: [Somebody; 2] = [practice.asha, practice.ravi];
    for (who, count) in people.into_iter().zip([1_100, 40]) {
        let session = person(&practice.vault, who);
        let add = session.permit(Action::Add, who.profile, "note").expect("theirs");
        let notes: Vec<Value> = (0..count).map(|number| json!({"text": format!("note {number}")})).collect();
        session.add_many(&add, &notes, &How::Typed).expect("added");
    }
    let operator = practice.vault.session(phm_core::access::Actor::Operator, "statistics").expect("the operator");
    // The first table is read, the second is kept: what the log says is the same.
    for _ in 0..2 {
        assert_eq!(operator.table("note", &FlatQuery::default()).expect("a table").rows(), 1_141);
    }
    for (who, pages) in people.into_iter().zip([&[500, 500, 101][..], &[40]]) {
        let log = person(&practice.vault, who)
            .who_looked(who.profile, &AuditQuery { per_page: 500, ..AuditQuery::default() })
            .expect("a log");
        let tables: Vec<_> = log.rows.iter().filter(|row| row.operation.as_deref() == Some("table")).collect();
        let rows: u64 = tables.iter().map(|row| row.count).sum();
        let (seen, kind) =
            (2 * pages.iter().sum::<u64>(), tables.iter().all(|row| row.kind.as_deref() == Some("note")));
        assert!(rows == seen && kind, "{rows} of {seen} in {} rows", tables.len());
        assert!(tables.iter().all(|row| row.purpose.as_deref() == Some("statistics") && row.outcome == "allowed"));
    }
}

#[test]
fn a_table_ends_with_whoever_stops_it_and_leaves_no_reader_behind() {
    let practice = Practice::new();
    for number in 0..12 {
        let operator = practice.vault.session(phm_core::access::Actor::Operator, "test").expect("the operator");
        let profile =
            operator.add_profile(&json!({"name": format!("Person {number}")}), None).expect("a person").profile;
        let add = operator.permit(Action::Add, profile, "note").expect("allowed");
        let notes: Vec<Value> = (0..30).map(|number| json!({"text": format!("note {number}")})).collect();
        operator.add_many(&add, &notes, &How::Typed).expect("added");
    }
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&asked);
    let stop = move || counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 5;
    let session = practice.vault.session(phm_core::access::Actor::Operator, "test").expect("the operator");
    let session = session.stopped_by(std::sync::Arc::new(stop));
    let stopped = session.table("note", &FlatQuery::default()).expect_err("stopped");
    assert_eq!(stopped.code(), "interrupted");
    let operator = practice.vault.session(phm_core::access::Actor::Operator, "test").expect("the operator");
    let people = operator.profiles().expect("people");
    let is_noted = |profile: ProfileId| {
        let log = operator.who_looked(profile, &AuditQuery { per_page: 100, ..AuditQuery::default() }).expect("a log");
        log.rows.iter().any(|row| row.operation.as_deref() == Some("table"))
    };
    let noted = people.iter().filter(|card| is_noted(card.profile)).count();
    assert!((1..=5).contains(&noted), "{noted} people were shown, and only they stand in the log");
    assert_eq!(operator.table("note", &FlatQuery::default()).expect("a table").rows(), 361);
}
