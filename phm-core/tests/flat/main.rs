//! Flat views and vaults opened for reading only, as bindings use them.

#[path = "../house/mod.rs"]
mod house;
mod kept;

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::vault::flat::{FlatQuery, Of, Table, Values, samples_of, table_of};
use phm_core::vault::{How, Options, Vault};
use serde_json::{Value, json};

fn numbers(table: &Table, name: &str) -> Vec<Option<f64>> {
    let at = table.columns.iter().position(|column| column.name == name).expect("a column");
    let mut out = Vec::new();
    for batch in &table.batches {
        let column = &batch.columns[at];
        let Values::Number(all) = &column.values else { panic!("numbers") };
        let valid = |row| column.valid.as_ref().is_none_or(|bits| bits.get(row));
        out.extend(all.iter().enumerate().map(|(row, value)| valid(row).then_some(*value)));
    }
    out
}

fn unit<'t>(table: &'t Table, name: &str) -> Option<&'t str> {
    table.columns.iter().find(|column| column.name == name).expect("a column").unit.as_deref()
}

fn vault() -> (tempfile::TempDir, Vault, ProfileId) {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = session.add_profile(&json!({"name": "Asha"}), None).expect("a person").profile;
    for (value, at) in [("6.40", "2020-01-01"), ("7.0", "2022"), ("6.1", "2018-05")] {
        let body = json!({"concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
            "quantity": {"value": value, "unit": "%"}, "collected_at": at});
        house::add(&session, asha, "lab-result", &body);
    }
    house::add(&session, asha, "lab-result", &json!({"concept": "Culture", "text_value": "none"}));
    (home, vault, asha)
}

#[test]
fn a_table_has_the_records_asked_for_oldest_first() {
    let (_home, vault, asha) = vault();
    let session = house::operator(&vault);
    let all = session.table("lab-result", &FlatQuery::default()).expect("a table");
    assert_eq!(numbers(&all, "quantity"), [None, Some(6.1), Some(6.4), Some(7.0)]);
    let query = FlatQuery {
        profiles: vec![asha],
        codes: vec![phm_core::index::CodeFilter::parse("4548-4")],
        time: phm_core::index::Timeframe { from: Some("2019".parse().expect("a date")), to: None },
    };
    assert_eq!(numbers(&session.table("lab-result", &query).expect("a table"), "quantity"), [Some(6.4), Some(7.0)]);
    let strangers = FlatQuery { profiles: vec![ProfileId::new()], ..FlatQuery::default() };
    assert_eq!(session.table("lab-result", &strangers).expect_err("nobody").kind(), ErrorKind::NotFound);
    assert_eq!(session.table("account", &query).expect_err("no kind").kind(), ErrorKind::NotFound);
}

#[test]
fn a_table_of_what_the_api_answers_is_the_table_of_the_vault() {
    let (_home, vault, asha) = vault();
    let session = house::operator(&vault);
    let list = vault.call(&session, "list", &json!({"profile": asha, "kind": "lab-result", "sort": "occurred"}));
    let list: Value = serde_json::from_str(&list.expect("a list")).expect("JSON");
    let items = list["items"].as_array().expect("items");
    let (made, read) = (
        table_of(vault.kinds(), "lab-result", items).expect("a table"),
        session.table("lab-result", &FlatQuery::default()).expect("a table"),
    );
    assert_eq!(made.columns, read.columns);
    assert_eq!(numbers(&made, "quantity"), numbers(&read, "quantity"));
    assert!(table_of(vault.kinds(), "lab-result", &[json!({"id": 7})]).is_err());
    let sample = json!({"profile": "p", "series": "s", "unit": "%", "samples": [{"at": "2020-01-01T00:00:00Z", "value": "1.5"}]});
    let samples = samples_of(&[sample]).expect("a table");
    assert_eq!((numbers(&samples, "value"), unit(&samples, "value")), (vec![Some(1.5)], Some("%")));
    assert!(samples_of(&[json!({"profile": "p", "series": "s", "unit": "%", "samples": [{}]})]).is_err());
}

#[test]
fn no_number_of_a_table_stands_without_its_unit() {
    let (_home, vault, asha) = vault();
    let session = house::operator(&vault);
    let read = || session.table("lab-result", &FlatQuery::default()).expect("a table");
    assert_eq!((unit(&read(), "quantity"), unit(&read(), "range_low")), (Some("%"), None));
    for (low, high, at) in [("mmol/mol", "mmol/mol", "2023"), ("%", "mmol/mol", "2024")] {
        let range = json!({"low": {"value": "4", "unit": low}, "high": {"value": "42", "unit": high}});
        let quantity = json!({"value": "6.2", "unit": "%"});
        let body = json!({"concept": "HbA1c", "quantity": quantity, "range": range, "collected_at": at});
        house::add(&session, asha, "lab-result", &body);
    }
    let table = read();
    let units = ["quantity", "range_low", "range_high"].map(|name| unit(&table, name));
    assert_eq!(units, [Some("%"), Some("mmol/mol"), Some("mmol/mol")]);
    // What the last one expects lies between two units; its numbers would be read in one.
    assert_eq!(numbers(&table, "range_low"), [None, None, None, None, Some(4.0), None]);
    assert_eq!(numbers(&table, "range_high"), [None, None, None, None, Some(42.0), None]);
    let other = json!({"concept": "Sodium", "quantity": {"value": "140", "unit": "mmol/L"}, "collected_at": "2025"});
    house::add(&session, asha, "lab-result", &other);
    assert_eq!(unit(&read(), "quantity"), None);
}

#[test]
fn samples_come_as_one_batch_for_each_series_with_the_unit_they_share() {
    let (_home, vault, asha) = vault();
    let session = house::operator(&vault);
    let add = session.permit(Action::Add, asha, "series").expect("allowed");
    for (unit, value) in [("/min", "60"), ("/min", "70")] {
        let body = json!({"concept": {"codes": [{"system": "http://loinc.org", "code": "8867-4"}]}, "unit": unit});
        let series = session.add(&add, &body, How::Device).expect("a series");
        let args =
            json!({"profile": asha, "series": series.id, "samples": [{"at": "2020-01-01T00:00:00Z", "value": value}]});
        vault.call(&session, "add_samples", &args).expect("added");
    }
    let table = session.sample_table(&FlatQuery::default()).expect("a table");
    assert_eq!((table.batches.len(), table.rows()), (2, 2));
    let value = table.columns.iter().find(|column| column.name == "value").expect("a column");
    assert_eq!((value.of, unit(&table, "value")), (Of::Number, Some("/min")));
    let mut found = numbers(&table, "value");
    found.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    assert_eq!(found, [Some(60.0), Some(70.0)]);
}

#[test]
fn a_vault_opened_for_reading_only_refuses_every_change() {
    let (home, vault, asha) = vault();
    vault.close().expect("closed");
    let options = Options { read_only: true, ..house::options() };
    let vault = house::open_with(&home.path().join("vault"), &options).expect("opened");
    let session = house::operator(&vault);
    let list = json!({"profile": asha, "kind": "lab-result"});
    let list: Value = serde_json::from_str(&vault.call(&session, "list", &list).expect("read")).expect("JSON");
    let id = &list["items"][0]["id"];
    let bundle = home.path().join("patient.json");
    std::fs::write(&bundle, r#"{"resourceType":"Patient","id":"p","name":[{"text":"A"}]}"#).expect("written");
    let changes = [
        ("put", json!({"profile": asha, "kind": "note", "body": {"text": "x"}})),
        ("remove", json!({"profile": asha, "kind": "lab-result", "id": id, "based_on": 1})),
        ("add_profile", json!({"body": {"name": "Ravi"}})),
        ("import_file", json!({"path": bundle, "new_profile": true})),
        ("import_file", json!({"path": bundle, "profile": asha, "accept_other_patient": true})),
        ("undo_import", json!({"import": id})),
    ];
    for (op, args) in changes {
        let error = vault.call(&session, op, &args).expect_err(op);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "read-only"), "{op}");
    }
    assert!(session.rotate_root().is_err() && session.erase_profile(asha).is_err());
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn a_record_of_a_kind_one_may_not_see_is_not_found_by_its_id() {
    let (_home, vault, asha) = vault();
    let operator = house::operator(&vault);
    let note = house::add(&operator, asha, "note", &json!({"text": "x", "private": true}));
    let account = json!({"email": "a@example.org", "name": "A", "roles": ["patient"]});
    house::add(&operator, ProfileId::SYSTEM, "account", &account);
    let account = operator.account_by_email("a@example.org").expect("an account");
    let stranger = vault.session(phm_core::access::Actor::Person { account }, "looking").expect("a session");
    for args in [json!({"profile": asha, "id": note.id}), json!({"profile": asha, "kind": "note", "id": note.id})] {
        assert_eq!(vault.call(&stranger, "get", &args).expect_err("a stranger").kind(), ErrorKind::NotFound);
    }
    assert_eq!(stranger.table("note", &FlatQuery::default()).expect("a table").rows(), 0);
}
