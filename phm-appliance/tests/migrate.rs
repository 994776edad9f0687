//! `phm migrate-store` as a program: what it answers, and how it refuses.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn phm(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phm"))
        .env_clear()
        .env("PHM_DATA_DIR", home.join("data"))
        .env("PHM_KEY_FILE", home.join("key"))
        .args(args)
        .arg("--json")
        .output()
        .expect("the program runs")
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// A folder with a key file for a vault.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    home
}

#[test]
fn a_new_vault_stands_on_redb_and_one_on_sled_stays_there() {
    for (args, engine) in [(&["init"][..], "redb"), (&["init", "--engine", "sled"][..], "sled")] {
        let home = home();
        assert!(phm(home.path(), args).status.success());
        assert!(phm(home.path(), &["profile", "add", "Asha Example"]).status.success());
        assert_eq!(answer(&phm(home.path(), &["stats"]))["engine"], engine);
    }
}

#[test]
fn a_vault_moves_to_redb_and_back_and_unknown_engines_are_refused_by_name() {
    let home = home();
    for args in [&["init", "--engine", "memory"][..], &["migrate-store", "--to", "rocksdb"]] {
        let refused = phm(home.path(), args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(answer(&refused)["error"]["message"].as_str().is_some_and(|text| text.contains("`sled` and `redb`")));
    }
    assert!(phm(home.path(), &["init", "--engine", "sled"]).status.success());
    assert!(phm(home.path(), &["profile", "add", "Asha Example"]).status.success());
    let before = answer(&phm(home.path(), &["verify"]));

    let moved = answer(&phm(home.path(), &["migrate-store", "--to", "redb"]));
    assert_eq!((&moved["from"], &moved["to"], &moved["changed"]), (&"sled".into(), &"redb".into(), &true.into()));
    assert!(moved["rows"]["journal"].as_u64() > Some(0) && moved["sha256"].as_str().map(str::len) == Some(64));
    assert_eq!((&moved["audit"], &moved["vault"]), (&before["audit"], &answer(&phm(home.path(), &["stats"]))["vault"]));
    assert_eq!(answer(&phm(home.path(), &["stats"]))["engine"], "redb");
    assert_eq!(answer(&phm(home.path(), &["verify"]))["ok"], true);

    assert_eq!(answer(&phm(home.path(), &["migrate-store", "--to", "redb"]))["changed"], false);
    assert_eq!(answer(&phm(home.path(), &["migrate-store", "--to", "sled"]))["to"], "sled");
    assert_eq!(answer(&phm(home.path(), &["stats"]))["engine"], "sled");
}
