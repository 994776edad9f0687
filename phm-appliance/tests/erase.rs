//! `phm erase` and `phm rectify` as the program runs them: nothing goes without a yes, and what goes is gone.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder with a vault that a key file opens.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        home.done(&["init"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.env_remove("PHM_PASSPHRASE_FILE").env_remove("PHM_RECOVERY_CODE_FILE");
        command.env("PHM_DATA_DIR", self.path("data")).env("PHM_KEY_FILE", self.path("key"));
        command.args(args).stdin(Stdio::null()).output().expect("the program runs")
    }

    /// The answer of a command that succeeds.
    fn done(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// The exit code and error code of a command that fails.
    fn failed(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(&[args, &["--json"]].concat());
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        let code = value["error"]["code"].as_str().expect("an error").to_owned();
        (output.status.code().expect("it ended"), code)
    }

    fn person(&self, name: &str) -> String {
        self.done(&["profile", "add", name])["profile"].as_str().expect("an id").to_owned()
    }
}

#[test]
fn a_person_is_erased_only_with_a_yes() {
    let home = Home::new();
    let (asha, ravi) = (home.person("Asha Example"), home.person("Ravi Example"));
    let erase = ["erase", "--profile", &asha];
    assert_eq!(home.failed(&erase), (2, "usage".into()));
    let silent = home.run(&erase);
    assert_eq!(silent.status.code(), Some(2), "nobody can be asked");
    let nobody = phm_core::id::ProfileId::new().to_string();
    assert_eq!(home.failed(&["erase", "--profile", &nobody, "--yes"]), (1, "not-found".into()));
    assert_eq!(home.failed(&["erase", "--profile", "everybody", "--yes"]).0, 2);

    let report = home.done(&["erase", "--profile", &asha, "--yes"]);
    assert_eq!((&report["profile"], &report["compacted"]), (&Value::from(asha.as_str()), &Value::from(true)));
    assert_eq!(report["removed"]["records"]["profile"], 1);
    assert!(report["old_copies"]["made_before"].is_string(), "{report}");
    let people = home.done(&["profile", "list"]);
    assert_eq!(people["profiles"].as_array().map(Vec::len), Some(1));
    assert_eq!(people["profiles"][0]["profile"], ravi.as_str());
    assert_eq!(home.done(&["verify"])["ok"], true);
    let text = home.run(&["erase", "--profile", &ravi, "--yes"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("Copies of the whole folder made before") && !text.contains("Ravi"), "{text}");
}

#[test]
fn a_record_is_rectified_only_with_a_yes() {
    let home = Home::new();
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "name": [{"text": "Asha Example"}]}},
        {"resource": {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"},
            "subject": {"reference": "Patient/p"}}},
    ]});
    let input = home.path("input.json");
    std::fs::write(&input, bundle.to_string()).expect("an input");
    let import = home.done(&["import", &input.display().to_string(), "--new-profile"]);
    let profile = import["imports"][0]["profiles"][0].as_str().expect("a person").to_owned();
    let out = home.path("out.csv");
    home.done(&["export", "--profile", &profile, "--format", "csv", "-o", &out.display().to_string()]);
    let bytes = std::fs::read(&out).expect("a file");
    let text = String::from_utf8_lossy(&bytes);
    let row = text.lines().find(|line| line.contains("condition")).unwrap_or_else(|| panic!("{text}"));
    let record = row.split([',', '"']).find(|cell| cell.len() == 36 && *cell != profile).expect("an id").to_owned();

    let rectify = ["rectify", "--profile", &profile, &record];
    assert_eq!(home.failed(&rectify), (2, "usage".into()));
    let missing = phm_core::id::RecordId::new().to_string();
    assert_eq!(home.failed(&["rectify", "--profile", &profile, &missing, "--yes"]), (1, "not-found".into()));
    assert_eq!(home.failed(&[&rectify[..], &["--keep-newest", "--yes"]].concat()), (1, "nothing-to-destroy".into()));
    let report = home.done(&[&rectify[..], &["--yes"]].concat());
    assert_eq!((&report["removed"]["entries"], &report["removed"]["originals"]), (&1.into(), &1.into()), "{report}");
    assert_eq!(home.failed(&[&rectify[..], &["--yes"]].concat()), (1, "not-found".into()));
    assert_eq!(home.done(&["verify"])["ok"], true);
}
