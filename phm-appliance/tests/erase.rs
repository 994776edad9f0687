//! `phm erase` and `phm rectify` as the program runs them: nothing goes without a yes, and what goes is gone.

mod home;

use home::Home;
use phm_core::backup::{self, Order};
use phm_core::crypto::secret::Secret;
use phm_core::time::Instant;
use phm_core::vault::{Options, Vault};
use serde_json::{Value, json};

impl Home {
    fn person(&self, name: &str) -> String {
        self.done(&["profile", "add", name])["profile"].as_str().expect("an id").to_owned()
    }

    /// Writes a backup as the schedule does, which deletes it at a moment.
    fn back_up_until(&self, name: &str, until: Instant) {
        let secret = Secret::key_file(&self.path("key")).expect("a key file");
        let vault = Vault::open(&self.path("data"), &secret, Options::default()).expect("the vault opens");
        let order = Order { kept_until: Some(until), ..Order::default() };
        backup::make(&vault, &self.path(name), &order).expect("written");
        vault.close().expect("closed");
        // A program that another test started meanwhile has the lock as well until it runs.
        let is_free = (0..100).any(|_| self.run(&["profile", "list"]).status.success());
        assert!(is_free, "nobody has the vault");
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
fn both_reports_say_until_when_a_backup_is_kept_that_still_holds_what_went() {
    let home = Home::new();
    let (asha, ravi) = (home.person("Asha Example"), home.person("Ravi Example"));
    let until = Instant::now().plus_millis(48 * 3_600_000);
    home.back_up_until("kept.phmb", until);
    let by_hand = home.path("by-hand.phmb").display().to_string();
    home.done(&["backup", &by_hand]);
    let report = home.done(&["erase", "--profile", &asha, "--yes"]);
    let held = report["backups"].as_array().expect("backups");
    let said = |name: Value, until: Value| move |held: &Value| held["name"] == name && held["until"] == until;
    assert_eq!(held.len(), 3, "{report}");
    assert!(held.iter().any(said(json!("kept.phmb"), json!(until))), "{report}");
    assert!(held.iter().any(said(json!("by-hand.phmb"), Value::Null)), "{report}");
    assert!(held.iter().any(said(Value::Null, Value::Null)), "{report}");

    let text = home.run(&["erase", "--profile", &ravi, "--yes"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let line = |name: &str| {
        let begin = format!("Still held by {name}, made ");
        text.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{text}"))
    };
    assert!(line("kept.phmb").ends_with(&format!(", until {until} or later.")), "{text}");
    assert!(line("by-hand.phmb").ends_with(", until it is deleted."), "{text}");
    assert!(line("any backup").ends_with(", until it is deleted."), "{text}");
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
