//! A vault that is missing from its folder, as the program meets it: no new one is made by accident, and `phm doctor` says
//! so.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_phm"))
            .args(args)
            .arg("--json")
            .env("PHM_DATA_DIR", self.path("data"))
            .env("PHM_KEY_FILE", self.path("key"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env_remove("PHM_PASSPHRASE_FILE")
            .output()
            .expect("the program runs")
    }

    fn answer(&self, args: &[&str]) -> Value {
        serde_json::from_slice(&self.run(args).stdout).expect("one JSON document")
    }
}

fn empty(dir: &Path) {
    for entry in std::fs::read_dir(dir).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.expect("removed");
    }
}

fn status<'a>(doctor: &'a Value, id: &str) -> &'a str {
    let checks = doctor["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id}"));
    assert!(!check["message"].as_str().expect("a message").is_empty());
    check["status"].as_str().expect("a status")
}

#[test]
fn no_vault_is_made_where_one_is_missed_unless_somebody_says_so() {
    let home = Home::new();
    let first = home.answer(&["init"]);
    assert!(first["vault"].is_string());
    empty(&home.path("data"));
    for args in [&["init"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let output = home.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert_eq!(answer["error"]["code"], "vault-missing", "{args:?}");
        let message = answer["error"]["message"].as_str().expect("a message");
        assert!(message.contains(first["vault"].as_str().expect("an id")) && message.contains("--new"), "{message}");
    }
    assert_eq!(std::fs::read_dir(home.path("data")).expect("listed").count(), 0, "nothing was written");
    let doctor = home.answer(&["doctor"]);
    assert_eq!((doctor["ok"].as_bool(), status(&doctor, "data-dir")), (Some(false), "fail"));

    let second = home.answer(&["init", "--new"]);
    assert!(second["vault"].is_string() && second["vault"] != first["vault"]);
    // The note is of the new vault, whose folder is not empty.
    assert_eq!(status(&home.answer(&["doctor"]), "data-dir"), "ok");
}

#[test]
fn a_folder_that_was_removed_takes_a_new_vault() {
    let home = Home::new();
    home.answer(&["init"]);
    std::fs::remove_dir_all(home.path("data")).expect("removed");
    assert!(home.answer(&["init"])["vault"].is_string());
}

#[test]
fn the_doctor_examines_a_vault_that_is_well() {
    let home = Home::new();
    home.answer(&["init"]);
    let output = home.run(&["doctor"]);
    let doctor: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    for id in ["data-dir", "remembered", "permissions", "disk-speed", "clock", "secret", "ways", "vault", "memory"] {
        assert_ne!(status(&doctor, id), "fail", "{id}: {doctor}");
    }
    assert_eq!((status(&doctor, "vault"), status(&doctor, "ways"), status(&doctor, "remembered")), ("ok", "ok", "ok"));
    assert_eq!(status(&doctor, "backup"), "warn", "there is none yet");
    assert_ne!(status(&doctor, "key-file"), "ok", "the key lies on the same disk and for all to read");
    for id in ["file-system", "disk-space"] {
        status(&doctor, id);
    }
    assert_eq!(output.status.success(), doctor["ok"] == true);
}
