//! A record that was removed is as if it had never been: two people with the same records, one of whom had some more for a
//! while, get the same answers.

mod house;

use jiff::ToSpan as _;
use jiff::civil::Date;
use phm_core::access::Action;
use phm_core::analytics::call;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::vault::Session;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// A result or a dose: its kind and its body.
fn record() -> impl Strategy<Value = (&'static str, Value)> {
    let day = |number: i64| Date::constant(2026, 1, 1).saturating_add(number.days());
    let value = prop::sample::select(vec!["5.5", "6.5", "7.0", "9.1", "53"]);
    let unit = prop::sample::select(vec!["%", "mmol/mol"]);
    let result = (value, unit, 0_i64..6).prop_map(move |(value, unit, on)| {
        let body = json!({
            "concept": "HbA1c", "quantity": {"value": value, "unit": unit}, "collected_at": day(on * 40).to_string(),
        });
        ("lab-result", body)
    });
    let status = prop::sample::select(vec!["taken", "skipped", "missed"]);
    let dose = (0_i64..14, 6_u32..22, status).prop_map(move |(on, hour, status)| {
        let at = format!("{}T{hour:02}:10:00Z", day(on / 2));
        ("dose", json!({"medication": "Metformin", "at": at, "status": status}))
    });
    prop_oneof![result, dose]
}

/// Every body of a kind.
fn bodies(session: &Session, profile: ProfileId, kind: &str) -> Vec<Value> {
    let permit = session.permit(Action::Read, profile, kind).expect("allowed");
    let found = session.list(&permit, &Query::default()).expect("a page");
    found.items.iter().map(|record| serde_json::from_str(record.body.get()).expect("JSON")).collect()
}

/// What is listed of a person, and what analytics says of it.
fn answers(session: &Session, profile: ProfileId) -> Value {
    let (results, doses) = (bodies(session, profile, "lab-result"), bodies(session, profile, "dose"));
    let entry = |body: &Value| {
        let quantity = &body["quantity"];
        json!({"value": quantity["value"], "unit": quantity["unit"], "when": body["collected_at"]})
    };
    let entries: Vec<Value> = results.iter().map(entry).collect();
    let answer = |op: &str, args: &Value| call(op, args).unwrap_or_else(|error| panic!("{op}: {:?}", error.details()));
    let mut trend = answer("trend", &json!({"test": "hba1c", "entries": entries, "sex": "male", "age": 50}));
    for point in trend["points"].as_array_mut().expect("points").iter_mut().filter_map(Value::as_object_mut) {
        // Results of one moment stand in any order.
        point.remove("entry");
    }
    trend["asked"] = json!(trend["asked"].as_array().expect("questions").len());
    let medication = json!({
        "drug": "Metformin", "dose": {"value": "1", "unit": "{tablet}"}, "frequency": {"at": ["08:00", "20:00"]},
        "start": "2026-01-01", "packs": [{"got_on": "2026-01-01", "amount": {"value": "20", "unit": "{tablet}"}}],
    });
    let taking = json!({
        "medication": medication, "log": doses, "from": "2026-01-01T00:00:00Z", "to": "2026-01-09T00:00:00Z",
        "now": "2026-01-07T09:30:00Z",
    });
    let permit = session.permit(Action::Read, profile, "lab-result").expect("allowed");
    let first = session.summaries(&permit, &Query { first_of_each: true, ..Query::default() }).expect("a page");
    json!({
        "listed": [results.len(), doses.len()],
        "first": first.items.iter().map(|row| row.title.clone()).collect::<Vec<_>>(),
        "trend": trend, "schedule": answer("schedule", &taking), "supply": answer("supply", &taking),
    })
}

#[test]
fn a_removed_record_is_as_if_it_had_never_been() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let config = Config { cases: 16, failure_persistence: None, ..Config::default() };
    let cases = (vec(record(), 1..10), vec((record(), 0_usize..10), 1..4));
    let checked = TestRunner::new(config).run(&cases, |(kept, gone)| {
        let (without, with) = (house::person(&session, "Asha"), house::person(&session, "Bela"));
        for (kind, body) in &kept {
            house::add(&session, without, kind, body);
        }
        let mut had = Vec::new();
        for place in 0..=kept.len() {
            for ((kind, body), _) in gone.iter().filter(|(_, at)| (*at).min(kept.len()) == place) {
                had.push(house::add(&session, with, kind, body));
            }
            if let Some((kind, body)) = kept.get(place) {
                house::add(&session, with, kind, body);
            }
        }
        let (before, expected) = (answers(&session, with), answers(&session, without));
        prop_assert_ne!(&before["listed"], &expected["listed"], "they were there");
        for record in had {
            let permit = session.permit(Action::Amend, with, &record.kind).expect("allowed");
            session.remove(&permit, record.id, record.version).expect("removed");
        }
        prop_assert_eq!(answers(&session, with), expected);
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}
