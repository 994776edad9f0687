//! Nothing a person writes leaves with a de-identified export.

use phm_core::access::Action;
use phm_core::vault::flat::{FlatQuery, Table, Values};
use phm_core::vault::{How, Vault};
use serde_json::{Value, json};

use super::{house, public_kinds};
use crate::bodies::Canaries;

/// Every text in a table.
fn texts(table: &Table) -> String {
    let columns = table.batches.iter().flat_map(|batch| &batch.columns);
    let text = columns.filter_map(|column| match &column.values {
        Values::Text(texts) | Values::Word(_, texts) => Some(String::from_utf8_lossy(texts.text()).into_owned()),
        _ => None,
    });
    text.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_canary_leaves_with_a_deidentified_export_or_table() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("data"));
    let mut canaries = Canaries::new(7);
    super::fill(&vault, home.path(), &mut canaries);
    let session = house::operator(&vault);
    let mut all = Vec::new();
    let query = FlatQuery::default();
    let report = session.export_deidentified(&query, b"a secret of the test", &mut all).expect("exported");
    let mut text = String::from_utf8(all).expect("JSON");
    assert!(report.records > 20 && report.removed.len() > 40, "{} {}", report.records, report.removed.len());
    let mut plain = String::new();
    for kind in public_kinds() {
        let (table, _) = session.deidentified_table(kind.name, &query, b"a secret of the test").expect("a table");
        text += &texts(&table);
        plain += &texts(&session.table(kind.name, &query).expect("a table"));
    }
    let mut again = Canaries::new(7);
    let every: Vec<String> = (0..canaries.made).map(|_| again.next()).collect();
    let found: Vec<&String> = every.iter().filter(|canary| text.contains(canary.as_str())).collect();
    assert!(found.is_empty(), "{} of {}", found.len(), every.len());
    // The control: the same search finds them in tables that name people.
    assert!(every.iter().filter(|canary| plain.contains(canary.as_str())).count() > 50);
    // No id of a person or a record leaves either.
    for card in session.profiles().expect("people") {
        assert!(!text.contains(&card.profile.to_string()));
    }
}

/// The people of the lab results in an export, in its order.
fn order(vault: &Vault, secret: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    house::operator(vault).export_deidentified(&FlatQuery::default(), secret, &mut out).expect("exported");
    let text = String::from_utf8(out).expect("JSON");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let results = lines.filter(|line| line["kind"] == "lab-result");
    results.map(|line| line["body"]["quantity"]["value"].as_str().expect("a number").to_owned()).collect()
}

#[test]
fn two_exports_are_not_joined_by_the_order_of_their_people() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("data"));
    let session = house::operator(&vault);
    for number in 0..24 {
        let person = session.add_profile(&json!({"name": "Asha Example"}), None).expect("a person").profile;
        let permit = session.permit(Action::Add, person, "lab-result").expect("a permit");
        let quantity = json!({"value": number.to_string(), "unit": "%"});
        session.add(&permit, &json!({"concept": "HbA1c", "quantity": quantity}), How::Typed).expect("a result");
    }
    let (one, other) = (order(&vault, b"a secret of the test"), order(&vault, b"another of the tests"));
    assert!(one.len() == 24 && one == order(&vault, b"a secret of the test"));
    assert_ne!(one, other, "the same person would stand at the same place");
}

#[test]
fn somebody_who_is_named_twice_stands_in_a_table_once() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("data"));
    let session = house::operator(&vault);
    let person = session.add_profile(&json!({"name": "Asha Example"}), None).expect("a person").profile;
    let query = FlatQuery { profiles: vec![person, person], ..FlatQuery::default() };
    assert_eq!(session.table("profile", &query).expect("a table").rows(), 1);
    let mut out = Vec::new();
    let report = session.export_deidentified(&query, b"a secret of the test", &mut out).expect("exported");
    assert_eq!((report.people, report.records), (1, 1));
}
