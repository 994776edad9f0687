//! `phm backup` and `phm restore` as a program: what they answer, and how they refuse.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn phm(home: &Path, data: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phm"))
        .env_clear()
        .env("PHM_DATA_DIR", home.join(data))
        .env("PHM_KEY_FILE", home.join("key"))
        .current_dir(home)
        .args(args)
        .arg("--json")
        .output()
        .expect("the program runs")
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn a_full_backup_and_its_increment_are_written_proven_listed_and_restored() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    std::fs::write(home.join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    assert!(phm(home, "data", &["init"]).status.success());
    assert!(phm(home, "data", &["profile", "add", "Asha Example"]).status.success());
    let full = answer(&phm(home, "data", &["backup", "full.phmb"]));
    assert_eq!((&full["kind"], &full["number"]), (&"full".into(), &0.into()));
    assert!(full["bytes"].as_u64() > Some(0) && full["sha256"].as_str().map(str::len) == Some(64));
    assert!(phm(home, "data", &["profile", "add", "Ravi Example"]).status.success());
    let next = answer(&phm(home, "data", &["backup", "next.phmb", "--since", "full.phmb"]));
    assert_eq!((&next["kind"], &next["chain"]), (&"increment".into(), &full["chain"]));
    assert!(next["entries"].as_u64() > full["entries"].as_u64());

    let doctor = || {
        let doctor = answer(&phm(home, "data", &["doctor"]));
        let checks = doctor["checks"].as_array().expect("checks").clone();
        checks.into_iter().find(|check| check["id"] == "backup").expect("the check")["status"].clone()
    };
    assert_eq!(doctor(), "warn", "nobody has tried it out");
    let drilled = answer(&phm(home, "data", &["backup", "drill", "next.phmb"]));
    assert_eq!(doctor(), "ok");
    assert_eq!((&drilled["ok"], &drilled["audit_root"]), (&true.into(), &next["audit_root"]));
    let listed = answer(&phm(home, "data", &["backup", "list"]));
    assert_eq!(listed["backups"].as_array().map(Vec::len), Some(2));
    assert_eq!((&listed["proof"]["ok"], &listed["proof"]["proven"]), (&true.into(), &next["written_at"]));
    let rewrapped = answer(&phm(home, "data", &["backup", "rewrap", "full.phmb", "next.phmb"]));
    assert_eq!(rewrapped["rewrapped"][1]["erased"], 0);

    let refused = phm(home, "data", &["backup", "forget", "next.phmb"]);
    assert_eq!(answer(&refused)["error"]["code"], "conflict", "it is still there");
    std::fs::rename(home.join("next.phmb"), home.join("moved")).expect("away");
    assert_eq!(answer(&phm(home, "data", &["backup", "forget", "other.phmb"]))["error"]["code"], "not-found");
    assert!(phm(home, "data", &["backup", "forget", "next.phmb"]).status.success());
    let listed = answer(&phm(home, "data", &["backup", "list"]));
    assert_eq!(listed["backups"].as_array().map(Vec::len), Some(1));
    std::fs::rename(home.join("moved"), home.join("next.phmb")).expect("back");
    let saved = answer(&phm(home, "data", &["salvage", "out", "--backup", "full.phmb", "next.phmb"]));
    assert_eq!((&saved["entries"], &saved["profiles"]), (&next["entries"], &2.into()), "{saved}");
    assert!(std::fs::read_dir(home.join("out")).expect("list").count() >= 2);

    let restored = answer(&phm(home, "again", &["restore", "full.phmb", "next.phmb"]));
    assert_eq!((&restored["profiles"], &restored["entries"]), (&2.into(), &next["entries"]));
    assert_eq!(restored["audit_root"], next["audit_root"]);
    let verified = answer(&phm(home, "again", &["verify"]));
    assert_eq!((&verified["ok"], &verified["audit"]["earlier"][0]["root"]), (&true.into(), &next["audit_root"]));
    assert_eq!(answer(&phm(home, "earlier", &["restore", "full.phmb"]))["profiles"], 1);
    // A checkpoint from after the backup: how much was lost is said, and nothing is wrong.
    let checkpoint = phm(home, "data", &["audit", "checkpoint", "-o", "kept"]);
    assert!(checkpoint.status.success(), "{}", String::from_utf8_lossy(&checkpoint.stderr));
    let output = Command::new(env!("CARGO_BIN_EXE_phm"))
        .env_clear()
        .env("PHM_DATA_DIR", home.join("earlier"))
        .env("PHM_KEY_FILE", home.join("key"))
        .current_dir(home)
        .args(["verify", "--checkpoint", "kept"])
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let lost = answer(&phm(home, "earlier", &["verify", "--checkpoint", "kept"]))["checkpoint"]["lost"].clone();
    assert!(output.status.success() && lost.as_u64() > Some(1), "{text}");
    assert!(text.contains(&format!("{lost} rows that came after the backup")), "{text}");
}

#[test]
fn refusals_say_why_and_leave_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    std::fs::write(home.join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    assert!(phm(home, "data", &["init"]).status.success());
    assert!(phm(home, "data", &["backup", "full.phmb"]).status.success());
    assert!(phm(home, "data", &["backup", "next.phmb", "--since", "full.phmb"]).status.success());
    let refused = |data: &str, args: &[&str], exit: i32, code: &str| {
        let output = phm(home, data, args);
        assert_eq!(
            (output.status.code(), answer(&output)["error"]["code"].as_str()),
            (Some(exit), Some(code)),
            "{args:?}"
        );
    };
    refused("data", &["backup", "full.phmb"], 1, "not-empty");
    refused("data", &["restore", "full.phmb"], 1, "not-empty");
    refused("again", &["restore", "next.phmb", "full.phmb"], 1, "invalid-input");
    refused("again", &["restore", "key"], 1, "invalid-input");
    let whole = std::fs::read(home.join("full.phmb")).expect("read");
    let mut bytes = whole.clone();
    bytes[100] ^= 1;
    std::fs::write(home.join("full.phmb"), bytes).expect("changed");
    refused("again", &["restore", "full.phmb"], 4, "corrupt");
    refused("again", &["backup", "drill", "next.phmb"], 4, "corrupt");
    std::fs::write(home.join("full.phmb"), whole).expect("as it was");
    std::fs::write(home.join("key"), "fedcba9876543210".repeat(4)).expect("another key");
    refused("again", &["restore", "full.phmb"], 3, "wrong-secret");
    assert!(!home.join("again").exists());
}
