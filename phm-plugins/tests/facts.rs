//! The user's own data: read line by line, accounted for row by row, kept whole or not at all, and believed only as they were.

mod house;

use std::path::PathBuf;

use house::{House, manifest, permission};
use phm_plugins::facts::{self, Facts, Report, Set};
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::{Limits, Manifest, PluginError};
use serde_json::{Value, json};

const HEAD: &str = "DDInterID_A,Drug_A,DDInterID_B,Drug_B,Level";

fn file(house: &House, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = house.dir.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

fn import(house: &House, set: Set, files: &[PathBuf]) -> Result<Report, PluginError> {
    facts::import(&house.vault, &house.admin(), set, "2026-11", files)
}

fn of(house: &House, name: &str) -> Value {
    Facts::default().of(&house.vault, name).expect("readable").expect("something was imported")
}

#[test]
fn ddinter_is_one_pair_of_both_orders_and_all_files_with_the_highest_level() {
    let house = House::new();
    let first = format!(
        "{HEAD}\nDDInter1,Warfarin,DDInter2,Aspirin,Moderate\nDDInter1,Warfarin,DDInter3,\"Insulin, human\",Unknown\n\
         DDInter1,Warfarin,DDInter4\nDDInter1,Warfarin,DDInter1,Warfarin,Major\nDDInter1,Warfarin,DDInter5,X,Severe\n\n"
    );
    let second =
        format!("{HEAD}\r\nDDInter2,Aspirin,DDInter1,Warfarin,Major\r\nDDInter2,Aspirin,DDInter6,\"A, b\",Minor\r\n");
    let files = [file(&house, "ddinter_code_B.csv", first), file(&house, "ddinter_code_A.csv", second)];
    let report = import(&house, Set::Ddinter, &files).expect("two files of DDInter");
    assert_eq!((report.about.read, report.about.used, report.about.kept), (7, 3, 4));
    assert_eq!(report.skipped.get("of unknown level"), Some(&1));
    let lines: Vec<(u64, &str)> = report.malformed.iter().map(|row| (row.line, row.reason)).collect();
    let wanted =
        [(4, "not five fields"), (5, "a field is empty, or both sides are the same"), (6, "a level that is not known")];
    assert_eq!(lines, wanted);
    let names: Vec<&str> = report.about.files.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ddinter_code_B.csv", "ddinter_code_A.csv"]);
    assert!(report.about.files.iter().all(|one| one.sha256.len() == 64 && one.bytes > 50));

    let warfarin = of(&house, " WARFARIN ");
    assert_eq!(warfarin["ddinter"], json!([{"with": "aspirin", "severity": "major"}]));
    assert_eq!(warfarin["versions"], json!({"ddinter": "2026-11"}));
    let aspirin = json!([{"with": "a, b", "severity": "minor"}, {"with": "warfarin", "severity": "major"}]);
    let found = of(&house, "aspirin")["ddinter"].as_array().cloned().expect("pairs");
    assert!(found.len() == 2 && found.iter().all(|one| aspirin.as_array().expect("two").contains(one)), "{found:?}");
    assert_eq!(of(&house, "nothing")["ddinter"], json!([]));
}

/// A line of `RXNCONSO.RRF`.
fn concept(id: u32, kind: &str, name: &str, source: &str, suppressed: &str) -> String {
    format!("{id}|ENG||||||999||{id}||{source}|{kind}|{id}|{name}||{suppressed}|4096|\n")
}

/// A line of `RXNREL.RRF`: `second relation first`.
fn relation(first: u32, relation: &str, second: u32) -> String {
    format!("{first}||CUI|RB|{second}||CUI|{relation}|1||RXNORM|RXNORM||||4096|\n")
}

#[test]
fn rxnorm_is_read_from_its_two_files_and_reads_relations_from_right_to_left() {
    let house = House::new();
    let names = [
        concept(6809, "IN", "metformin", "RXNORM", "N"),
        concept(1191, "IN", "aspirin", "RXNORM", "N"),
        concept(11289, "IN", "warfarin", "RXNORM", "N"),
        concept(235_743, "PIN", "metformin hydrochloride", "RXNORM", "N"),
        concept(151_827, "BN", "Glucophage", "RXNORM", "N"),
        concept(7, "BN", "Lonely", "RXNORM", "N"),
        concept(8, "MIN", "aspirin / warfarin", "RXNORM", "N"),
        concept(9, "SCD", "metformin 500 MG Oral Tablet", "RXNORM", "N"),
        concept(10, "IN", "forgotten", "RXNORM", "O"),
        concept(11, "IN", "foreign", "MMSL", "N"),
        "12|ENG|too few|\n".to_owned(),
    ];
    let relations = [
        relation(6809, "tradename_of", 151_827),
        relation(235_743, "has_form", 6809),
        relation(6809, "isa", 9),
        "1|2|3|\n".to_owned(),
    ];
    let files = [file(&house, "RXNCONSO.RRF", names.concat()), file(&house, "RXNREL.RRF", relations.concat())];
    let report = import(&house, Set::Rxnorm, &files).expect("RxNorm");
    assert_eq!((report.about.read, report.about.used, report.about.kept), (15, 9, 6));
    let count = |reason: &str| report.skipped.get(reason).copied();
    assert_eq!(count("obsolete or suppressed"), Some(1));
    assert_eq!(count("of another vocabulary"), Some(1));
    assert_eq!(count("of another kind of name"), Some(1));
    assert_eq!(count("a brand or salt without its substance"), Some(1));
    let lines: Vec<(&str, u64)> = report.malformed.iter().map(|row| (row.file.as_str(), row.line)).collect();
    assert_eq!(lines, [("RXNCONSO.RRF", 11), ("RXNREL.RRF", 4)]);
    for (name, is, ingredients) in [
        ("metformin", "substance", json!(["metformin"])),
        ("Metformin  Hydrochloride", "salt", json!(["metformin"])),
        ("glucophage", "brand", json!(["metformin"])),
        ("aspirin / warfarin", "combination", json!(["aspirin", "warfarin"])),
    ] {
        let found = of(&house, name);
        assert_eq!(
            (&found["rxnorm"][0]["is"], &found["rxnorm"][0]["ingredients"]),
            (&json!(is), &ingredients),
            "{name}"
        );
    }
    for files in [&files[..1], &files[1..]] {
        assert_eq!(import(&house, Set::Rxnorm, files).expect_err("one alone").code(), "invalid-facts");
    }
}

fn label(set_id: &str, effective: &str, substances: &[&str], text: &str) -> Value {
    json!({"set_id": set_id, "effective_time": effective, "drug_interactions": [text], "id": "x", "version": "1",
        "openfda": {"generic_name": ["ignored"], "substance_name": substances}})
}

#[test]
fn openfda_is_the_newest_label_of_the_same_substances_also_out_of_its_zip() {
    let house = House::new();
    let results = json!([
        label("old", "20200101", &["WARFARIN SODIUM"], "Old words."),
        label("new", "20240101", &["WARFARIN SODIUM"], "New words about aspirin."),
        label("both", "20230101", &["ASPIRIN", "OMEPRAZOLE"], "About both."),
        {"set_id": "none", "effective_time": "20240101", "openfda": {}},
        {"set_id": "odd", "effective_time": "soon", "drug_interactions": ["x"]},
        {"set_id": 7},
    ]);
    let text = json!({"meta": {"disclaimer": "x", "results": [1]}, "results": results}).to_string();
    let zipped = {
        use std::io::Write as _;
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("part.json", zip::write::SimpleFileOptions::default()).expect("a file");
        zip.write_all(text.as_bytes()).expect("written");
        zip.finish().expect("a zip").into_inner()
    };
    for path in [file(&house, "drug-label-0001.json", &text), file(&house, "drug-label-0001.json.zip", &zipped)] {
        let report = import(&house, Set::Openfda, &[path]).expect("labels");
        assert_eq!((report.about.read, report.about.used, report.about.kept), (6, 3, 3));
        let warfarin = of(&house, "warfarin sodium");
        let wanted =
            json!([{"set_id": "new", "effective": "20240101", "with": [], "text": "New words about aspirin."}]);
        assert_eq!(warfarin["openfda"], wanted);
        assert_eq!(of(&house, "omeprazole")["openfda"][0]["with"], json!(["aspirin"]));
    }
    let cut = file(&house, "cut.json", &text[..text.len() - 20]);
    let error = import(&house, Set::Openfda, &[cut]).expect_err("cut");
    assert!(error.code() == "invalid-facts" && error.to_string().contains("line 1, column"), "{error}");
    assert_eq!(of(&house, "omeprazole")["openfda"][0]["with"], json!(["aspirin"]), "what was there before stays");
}

#[test]
fn a_label_that_is_larger_than_any_is_not_read_into_memory() {
    let house = House::new();
    let good = label("good", "20240101", &["WARFARIN SODIUM"], "Words.").to_string();
    let text = format!("{{\"results\":[{good},{{\"set_id\":\"{}\"}},{good}]}}", "x".repeat(33 << 20));
    let path = file(&house, "large.json", text);
    let error = import(&house, Set::Openfda, &[path]).expect_err("a label of 33 MiB");
    assert!(error.code() == "invalid-facts" && error.to_string().contains("large.json"), "{error}");
}

#[test]
fn labels_of_a_substance_with_others_do_not_crowd_out_its_own() {
    let house = House::new();
    let with = |n: usize| {
        let other = format!("OTHER {n:03}");
        label(&format!("set {n}"), "20240101", &["ASPIRIN", &other], &"x".repeat(8_000))
    };
    let mut all: Vec<Value> = (0..200).map(with).collect();
    all.push(label("alone", "20240101", &["ASPIRIN"], "Words."));
    let path = file(&house, "many.json", json!({"results": all}).to_string());
    let report = import(&house, Set::Openfda, &[path]).expect("labels");
    assert_eq!(report.skipped.get("one of many labels of a substance together with others"), Some(&176));
    let found = of(&house, "aspirin")["openfda"].as_array().cloned().expect("labels");
    assert_eq!(found.len(), 25);
    assert!(found.iter().any(|one| one["set_id"] == "alone"), "its own label is among them");
    assert_eq!(of(&house, "other 199")["openfda"][0]["with"], json!(["aspirin"]));
}

#[test]
fn what_is_not_of_the_set_is_not_imported_and_what_was_there_stays() {
    let house = House::new();
    let good = file(&house, "good.csv", format!("{HEAD}\nA1,Warfarin,A2,Aspirin,Major\n"));
    import(&house, Set::Ddinter, std::slice::from_ref(&good)).expect("DDInter");
    let before = facts::list(&house.vault).expect("a list");
    let noise = file(&house, "noise.csv", [0xff, 0xfe, 0x00, b'\n']);
    let other = file(&house, "other.csv", "id,name\n1,Warfarin\n");
    let empty = file(&house, "empty.csv", format!("{HEAD}\n"));
    let long = file(&house, "long.csv", format!("{HEAD}\n{}", "x".repeat(2 << 20)));
    let gone = house.dir.path().join("gone.csv");
    for path in [noise, other, empty, long, gone] {
        let shown = path.display().to_string();
        assert!(
            import(&house, Set::Ddinter, &[good.clone(), path.clone()]).is_err() || shown.contains("empty"),
            "{shown}"
        );
        assert!(import(&house, Set::Ddinter, &[path]).is_err(), "{shown}");
    }
    let after = facts::list(&house.vault).expect("a list");
    assert_eq!(after[0].sha256, before[0].sha256);
    assert_eq!(of(&house, "warfarin")["ddinter"][0]["with"], "aspirin");
    let person = house.person();
    let refused =
        facts::import(&house.vault, &person, Set::Ddinter, "1", std::slice::from_ref(&good)).expect_err("refused");
    assert_eq!(refused.code(), "not-granted");
    assert!(facts::import(&house.vault, &house.admin(), Set::Ddinter, " ", &[good]).is_err(), "a version is needed");
    assert_eq!(facts::remove(&house.vault, &person, Set::Ddinter).expect_err("refused").code(), "not-granted");
}

#[test]
fn facts_that_were_changed_are_not_believed_and_not_taken_for_nothing() {
    let house = House::new();
    let good = file(&house, "good.csv", format!("{HEAD}\nA1,Warfarin,A2,Aspirin,Major\n"));
    let kept = import(&house, Set::Ddinter, std::slice::from_ref(&good)).expect("DDInter").about.sha256;
    let path = house.vault.dir().join("plugins").join("facts").join(format!("{kept}.facts"));
    let facts = Facts::default();
    assert!(facts.are_whole(&house.vault).expect("readable"));
    assert!(facts.of(&house.vault, "warfarin").expect("readable").is_some());
    let whole = std::fs::read(&path).expect("readable");
    std::fs::write(&path, "warfarin\t{}\n").expect("written where it lies");
    assert!(!facts.are_whole(&house.vault).expect("readable"), "it was open already");
    assert_eq!(facts.of(&house.vault, "warfarin").expect_err("changed").code(), "facts-changed");
    std::fs::write(&path, whole).expect("put back");
    assert!(facts.of(&house.vault, "warfarin").expect("readable").is_some());
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(facts.of(&house.vault, "warfarin").expect_err("gone").code(), "facts-changed");
    std::fs::write(&path, "warfarin\t{}\n").expect("written");
    let again = Facts::default();
    assert!(!again.are_whole(&house.vault).expect("readable"));
    assert_eq!(again.of(&house.vault, "warfarin").expect_err("changed").code(), "facts-changed");
    import(&house, Set::Ddinter, &[good]).expect("imported again");
    assert!(again.of(&house.vault, "warfarin").expect("readable").is_some());
    facts::remove(&house.vault, &house.admin(), Set::Ddinter).expect("removed");
    assert!(again.of(&house.vault, "warfarin").expect("readable").is_none());
    assert!(!path.exists());
    assert_eq!(facts::remove(&house.vault, &house.admin(), Set::Ddinter).expect_err("none").code(), "not-installed");
}

#[test]
fn a_plugin_asks_for_them_behind_its_doors() {
    let house = House::new();
    let good = file(&house, "good.csv", format!("{HEAD}\nA1,Warfarin,A2,Aspirin,Major\n"));
    let ask = |granted: &str| {
        let of = |text: &str| Manifest::parse(&manifest(text)).expect("a manifest").permissions;
        let sessions = house.about_asha().open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
        let granter = Granter::new(of(&permission("drugs.facts", "")), of(granted));
        let named = ("probe".to_owned(), "0.1.0".to_owned());
        let host = Host::new(house.vault.clone(), sessions, granter, named, json!({}), Limits::USUAL);
        let mut host = host.knowing(std::sync::Arc::default());
        let message = br#"{"v":1,"op":"drugs.facts","args":{"name":"Warfarin"}}"#;
        let reply = phm_plugins::api::v1::answer(&mut host, message);
        serde_json::from_slice::<Value>(&reply).expect("JSON")
    };
    let granted = permission("drugs.facts", "");
    assert_eq!(ask(&granted)["error"]["code"], "unavailable", "nothing was imported");
    import(&house, Set::Ddinter, &[good]).expect("DDInter");
    assert_eq!(ask("")["error"]["door"], "administrator");
    assert_eq!(ask(&granted)["ok"]["ddinter"][0]["with"], "aspirin");
}
