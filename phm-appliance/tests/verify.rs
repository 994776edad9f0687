//! `phm verify` on damaged vaults, as the program runs it.

use std::path::Path;
use std::process::{Command, Output};

use phm_core::store::layout::{Table, rows};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use serde_json::Value;

fn phm(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phm"))
        .args(args)
        .env("PHM_DATA_DIR", home.join("data"))
        .env("PHM_KEY_FILE", home.join("key"))
        .output()
        .expect("the program runs")
}

#[test]
fn a_vault_without_its_oldest_audit_row_is_reported_whole_and_ends_with_4() {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    assert!(phm(home.path(), &["init", "--json"]).status.success());
    assert!(phm(home.path(), &["profile", "add", "Asha Example", "--json"]).status.success());
    assert!(phm(home.path(), &["verify", "--json"]).status.success());

    let store = Generations::open(&home.path().join("data"), Engine::default(), 1 << 20).expect("the store opens");
    let (from, to) = rows(Table::Audit);
    let mut batch = Batch::default();
    store
        .scan(&from, &to, &mut |(address, _)| {
            batch.delete(address.to_vec());
            false
        })
        .expect("scanned");
    store.commit(batch).expect("deleted");
    drop(store);

    let verified = phm(home.path(), &["verify", "--json"]);
    assert_eq!(verified.status.code(), Some(4));
    let report: Value = serde_json::from_slice(&verified.stdout).expect("one JSON document");
    assert_eq!((&report["ok"], &report["profiles"]), (&Value::Bool(false), &Value::from(1)));
    assert!(report["damaged"].as_array().expect("a list").iter().any(|one| {
        (&one["where"], &one["entry"], &one["reason"]) == (&"audit".into(), &"#0".into(), &"missing".into())
    }));
}
