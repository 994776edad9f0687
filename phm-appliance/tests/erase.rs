//! `phm erase` and `phm rectify` as the program runs them: nothing goes without a yes, and what goes is gone.

mod home;

use home::Home;
use serde_json::Value;

impl Home {
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
