//! Imports that are repeated, taken back, killed or begun twice.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::vault::{How, ImportInput, ImportReport, ImportRequest, ImportTarget, Options, Session, Vault};
use serde_json::{Value, json};

struct House {
    vault: Vault,
    session: Session,
    dir: tempfile::TempDir,
}

fn house() -> House {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    let secret = Secret::passphrase("correct horse battery staple");
    let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options).expect("a vault");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    House { vault, session, dir }
}

impl House {
    fn file(&self, name: &str, resources: &[Value]) -> PathBuf {
        let path = self.dir.path().join(name);
        let lines: Vec<String> = resources.iter().map(Value::to_string).collect();
        std::fs::write(&path, lines.join("\n")).expect("written");
        path
    }

    fn import(&self, paths: &[&Path]) -> ImportReport {
        self.session.import(&request(paths), &mut |_| ControlFlow::Continue(())).expect("imported")
    }

    fn names(&self) -> Vec<String> {
        self.session.profiles().expect("people").into_iter().map(|card| card.name).collect()
    }

    fn only(&self) -> ProfileId {
        self.session.profiles().expect("people")[0].profile
    }

    fn count(&self, profile: ProfileId, kind: &str) -> u64 {
        let read = self.session.permit(Action::Read, profile, kind).expect("allowed");
        self.session.summaries(&read, &Query::default()).expect("a page").total
    }
}

fn request(paths: &[&Path]) -> ImportRequest {
    ImportRequest {
        inputs: paths.iter().map(|path| ImportInput::Path(path.to_path_buf())).collect(),
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    }
}

fn patient(id: &str, family: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"family": family}]})
}

fn condition(id: &str, patient: &str, text: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "subject": {"reference": format!("Patient/{patient}")},
        "code": {"text": text}})
}

/// A patient with enough conditions that several batches are written.
fn long_history(id: &str, family: &str) -> Vec<Value> {
    let conditions = (0..300).map(|n| condition(&format!("{id}-{n}"), id, &format!("Condition {n}")));
    std::iter::once(patient(id, family)).chain(conditions).collect()
}

/// Imports, and dies in the midst of it, with batches written.
fn die_importing(house: &House, paths: &[&Path]) {
    let died = catch_unwind(AssertUnwindSafe(|| {
        house.session.import(&request(paths), &mut |progress| {
            assert!(progress.done < 500, "killed");
            ControlFlow::Continue(())
        })
    }));
    assert!(died.is_err());
}

#[test]
fn an_import_that_is_stopped_shows_nothing_and_goes_on_where_it_stopped() {
    let house = house();
    let a = house.file("a.ndjson", &long_history("a", "Ahmed"));
    let stopped = house.session.import(&request(&[&a]), &mut |progress| {
        if progress.done < 250 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert_eq!(stopped.expect_err("stopped").code(), "interrupted");
    assert_eq!(house.names(), [""; 0]);
    assert_eq!(house.session.imports().expect("imports")[0].state, "failed");
    let whole = house.import(&[&a]);
    assert_eq!(house.names(), ["Ahmed"]);
    assert_eq!(house.session.imports().expect("imports").len(), 1);
    assert_eq!(whole.totals.counts.added, whole.totals.resources.values().sum::<u64>());
}

#[test]
fn what_was_kept_beside_a_conflict_that_was_undone_is_not_imported_twice() {
    let house = house();
    let first = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let second = house.file("2.ndjson", &[patient("p", "Example"), condition("c", "p", "Mild asthma")]);
    house.import(&[&first]);
    let profile = house.only();
    let read = house.session.permit(Action::Read, profile, "condition").expect("allowed");
    let row = house.session.summaries(&read, &Query::default()).expect("a page").items.remove(0);
    let amend = house.session.permit(Action::Amend, profile, "condition").expect("allowed");
    house.session.amend(&amend, row.id, 1, &json!({"concept": "My asthma"}), How::Typed).expect("amended");
    let conflict = house.import(&[&second]);
    assert_eq!(conflict.totals.counts.conflicts, 1);
    assert_eq!(house.count(profile, "condition"), 2);
    house.session.undo_import(conflict.imports[0].import).expect("undone");
    let again = house.import(&[&first]).totals.counts;
    assert_eq!((again.added, again.updated, again.conflicts), (0, 0, 0));
    assert_eq!(house.count(profile, "condition"), 1);
}

#[test]
fn a_patient_whose_new_data_break_the_rules_keeps_their_profile() {
    let house = house();
    let first = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let broken = house.file("2.ndjson", &[patient("p", &"x".repeat(1 << 20))]);
    house.import(&[&first]);
    let profile = house.only();
    house.import(&[&broken]);
    assert_eq!(house.names(), ["Example"]);
    assert_eq!(house.count(profile, "condition"), 1);
    assert_eq!(house.count(profile, "fhir-resource"), 1, "the broken one is kept as it came");
    assert_eq!(house.import(&[&broken]).totals.counts.unchanged, 1);
}

#[test]
fn a_patient_amended_by_hand_stays_one_person_when_another_version_comes() {
    let house = house();
    house.import(&[&house.file("1.ndjson", &[patient("p", "Example")])]);
    let profile = house.only();
    let amend = house.session.permit(Action::Amend, profile, "profile").expect("allowed");
    let own = profile.to_string().parse().expect("the same id");
    house.session.amend(&amend, own, 1, &json!({"name": {"text": "Asha Example"}}), How::Typed).expect("amended");
    let counts = house.import(&[&house.file("2.ndjson", &[patient("p", "Sample")])]).totals.counts;
    assert_eq!(counts.conflicts, 1);
    assert_eq!(house.names(), ["Asha Example"]);
    assert_eq!(house.vault.stats().expect("counted").profiles, 1);
    assert_eq!(house.count(profile, "fhir-resource"), 1, "both are kept");
}

#[test]
fn what_a_person_wrote_stays_reachable_when_their_import_is_undone() {
    let house = house();
    let file = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let import = house.import(&[&file]).imports[0].import;
    let profile = house.only();
    let add = house.session.permit(Action::Add, profile, "note").expect("allowed");
    house.session.add(&add, &json!({"text": "written by hand"}), How::Typed).expect("added");
    house.session.undo_import(import).expect("undone");
    assert_eq!(house.names(), ["Example"]);
    assert_eq!((house.count(profile, "note"), house.count(profile, "condition")), (1, 0));
    // The same file finds the same person again.
    house.import(&[&file]);
    assert_eq!(house.names(), ["Example"]);
    assert_eq!(house.count(profile, "condition"), 1);
    assert!(house.vault.verify(None).expect("verified").ok);
}

#[test]
fn an_import_that_is_undone_whole_leaves_nobody_and_can_come_again() {
    let house = house();
    let file = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let import = house.import(&[&file]).imports[0].import;
    house.session.undo_import(import).expect("undone");
    assert!(house.names().is_empty());
    assert_eq!(house.import(&[&file]).totals.counts.added, 2);
    assert_eq!(house.names(), ["Example"]);
}

#[test]
fn a_killed_import_gives_nobody_the_profile_of_another() {
    let house = house();
    let (a, b) =
        (house.file("a.ndjson", &long_history("a", "Ahmed")), house.file("b.ndjson", &long_history("b", "Brown")));
    die_importing(&house, &[&a, &b]);
    assert!(house.names().is_empty(), "nothing shows before it is complete");
    let states: Vec<_> = house.session.imports().expect("listed").into_iter().map(|unit| unit.state).collect();
    assert_eq!(states, ["failed", "failed"]);
    // Only the second file, then both again: everybody has their own.
    house.import(&[&b]);
    assert_eq!(house.names(), ["Brown"]);
    assert_eq!(house.count(house.only(), "condition"), 300);
    house.import(&[&a, &b]);
    assert_eq!(house.names(), ["Ahmed", "Brown"]);
    for card in house.session.profiles().expect("people") {
        assert_eq!(house.count(card.profile, "condition"), 300, "{}", card.name);
    }
    assert!(house.vault.verify(None).expect("verified").ok);
}

#[test]
fn the_same_file_given_twice_is_taken_up_after_a_kill() {
    let house = house();
    let a = house.file("a.ndjson", &long_history("a", "Ahmed"));
    die_importing(&house, &[&a, &a]);
    house.import(&[&a, &a]);
    assert_eq!(house.names(), ["Ahmed"]);
    assert_eq!(house.count(house.only(), "condition"), 300);
}

#[test]
fn what_an_input_says_twice_counts_once_and_a_dry_run_says_so_too() {
    let house = house();
    let lines = [patient("a", "Ahmed"), condition("1", "a", "Asthma"), condition("1", "a", "Asthma")];
    let again = [lines.as_slice(), &[condition("1", "a", "Asthma, mild")]].concat();
    let paths = [house.file("a.ndjson", &again), house.file("b.ndjson", &lines)];
    let paths = paths.each_ref().map(PathBuf::as_path);
    let dry = house
        .session
        .import(&ImportRequest { dry_run: true, ..request(&paths) }, &mut |_| ControlFlow::Continue(()))
        .expect("checked");
    let counts = |report: &ImportReport| {
        let each = |run: &phm_core::vault::ImportRun| (run.counts.added, run.counts.updated, run.counts.unchanged);
        report.imports.iter().map(each).collect::<Vec<_>>()
    };
    assert_eq!(counts(&dry), [(2, 1, 1), (0, 1, 2)]);
    assert_eq!(counts(&house.import(&paths)), counts(&dry));
}

#[test]
fn a_dry_run_counts_older_versions_within_an_input_as_the_import_does() {
    let house = house();
    let version = |number: u32, text: &str| {
        let mut resource = condition("1", "a", text);
        resource["meta"] = json!({"versionId": number.to_string()});
        resource
    };
    let lines = [patient("a", "Ahmed"), version(2, "Asthma, mild"), version(1, "Asthma"), version(3, "None")];
    let path = house.file("a.ndjson", &lines);
    let counts = |dry_run| {
        let request = ImportRequest { dry_run, ..request(&[&path]) };
        let report = house.session.import(&request, &mut |_| ControlFlow::Continue(())).expect("read");
        let counts = report.totals.counts;
        (counts.added, counts.updated, counts.older)
    };
    assert_eq!(counts(true), (2, 1, 1));
    assert_eq!(counts(false), (2, 1, 1));
}

#[test]
fn a_dry_run_counts_what_an_input_repeats_of_known_records_as_the_import_does() {
    let house = house();
    house
        .import(&[&house
            .file("a.ndjson", &[patient("a", "Ahmed"), condition("1", "a", "Asthma"), condition("2", "a", "Gout")])]);
    let profile = house.only();
    let read = house.session.permit(Action::Read, profile, "condition").expect("allowed");
    let query = Query { text: Some("Gout".into()), ..Query::default() };
    let row = house.session.summaries(&read, &query).expect("a page").items.remove(0);
    let amend = house.session.permit(Action::Amend, profile, "condition").expect("allowed");
    house.session.amend(&amend, row.id, 1, &json!({"concept": "My gout"}), How::Typed).expect("amended");
    let said = |id: &str, text: &str| condition(id, "a", text);
    let lines =
        [said("1", "Mild"), said("1", "Mild"), said("1", "Severe"), said("2", "Old gout"), said("2", "Old gout")];
    let path = house.file("b.ndjson", &lines);
    let counts = |dry_run| {
        let request = ImportRequest { dry_run, ..request(&[&path]) };
        let totals = house.session.import(&request, &mut |_| ControlFlow::Continue(())).expect("read").totals;
        (totals.counts, totals.kinds)
    };
    let dry = counts(true);
    assert_eq!((dry.0.updated, dry.0.conflicts, dry.0.unchanged), (2, 1, 2));
    assert_eq!(dry, counts(false));
}

#[test]
fn a_refusal_says_how_many_places_are_broken_beyond_those_it_lists() {
    let house = house();
    let path = house.dir.path().join("broken.ndjson");
    std::fs::write(&path, "{\"id\":\"1\"}\n".repeat(1200)).expect("written");
    let error = house.session.import(&request(&[&path]), &mut |_| ControlFlow::Continue(())).expect_err("broken");
    let said = error.data().expect("details");
    assert_eq!(said["refused"].as_array().map(Vec::len), Some(1000));
    assert_eq!(said["refused_in_all"], 1200);
    let dry = ImportRequest { dry_run: true, ..request(&[&path]) };
    let totals = house.session.import(&dry, &mut |_| ControlFlow::Continue(())).expect("checked").totals;
    assert_eq!((totals.refused.len(), totals.refused_in_all), (1000, 1200));
}

#[test]
fn what_a_later_import_only_repeated_comes_back_when_that_is_imported_again() {
    let house = house();
    let first = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let later =
        house.file("2.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma"), condition("d", "p", "Gout")]);
    let import = house.import(&[&first]).imports[0].import;
    let profile = house.only();
    house.import(&[&later]);
    house.session.undo_import(import).expect("undone");
    assert_eq!((house.only(), house.count(profile, "condition")), (profile, 1), "Gout, with the person it is about");
    house.import(&[&later]);
    assert_eq!(house.count(profile, "condition"), 2);
    assert_eq!(house.names(), ["Example"]);
}

#[test]
fn the_same_input_is_not_imported_twice_at_the_same_time() {
    let house = house();
    let a = house.file("a.ndjson", &long_history("a", "Ahmed"));
    let mut refused = None;
    let begun = house.session.import(&request(&[&a]), &mut |progress| {
        if progress.done == 250 {
            let second = house.session.import(&request(&[&a]), &mut |_| ControlFlow::Continue(()));
            refused = second.err().map(|error| error.code());
        }
        ControlFlow::Continue(())
    });
    assert_eq!((refused, begun.is_ok()), (Some("conflict"), true));
    assert_eq!(house.names(), ["Ahmed"]);
}

#[test]
fn a_grant_for_one_kind_imports_nothing() {
    let house = house();
    let file = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    house.import(&[&file]);
    let profile = house.only();
    let add = |kind: &str, body: Value| {
        let permit = house.session.permit(Action::Add, ProfileId::SYSTEM, kind).expect("allowed");
        house.session.add(&permit, &body, How::Typed).expect("added").id
    };
    let account = add("account", json!({"email": "lab@example.org", "name": "Lab", "roles": ["lab"]}));
    let now = "2020-01-01T00:00:00.000Z";
    add(
        "grant",
        json!({"profile": profile, "to": {"account": account}, "kinds": ["fhir-resource", "profile"],
            "actions": ["read", "add", "amend"], "purpose": "treatment", "starts_at": now}),
    );
    let lab = house.vault.session(Actor::Person { account }, "treatment").expect("a session");
    assert!(lab.permit(Action::Add, profile, "fhir-resource").is_ok());
    let target = ImportTarget::Profile(profile);
    let error = lab
        .import(&ImportRequest { target, ..request(&[&file]) }, &mut |_| ControlFlow::Continue(()))
        .expect_err("refused");
    assert_eq!(error.code(), "not-granted");
    let looked = lab.who_looked(profile, &phm_core::audit::query::AuditQuery::default()).expect_err("refused");
    assert_eq!(looked.code(), "not-granted");
}

#[test]
fn a_resumed_import_counts_what_it_would_have_counted_without_the_kill() {
    // A condition that a person amended by hand comes again otherwise; an observation comes as another kind.
    let counts = |kill: bool| {
        let house = house();
        let vital = |code: &str| {
            json!({"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
                "category": [{"coding": [{"code": code}]}], "code": {"text": "Pulse"}, "effectiveDateTime": "2020-01-01",
                "valueQuantity": {"value": 70, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}})
        };
        house.import(&[&house.file(
            "1.ndjson",
            &[
                patient("p", "Example"),
                condition("c", "p", "Asthma"),
                condition("d", "p", "Gout"),
                vital("vital-signs"),
            ],
        )]);
        let profile = house.only();
        let read = house.session.permit(Action::Read, profile, "condition").expect("allowed");
        let query = Query { text: Some("Asthma".into()), ..Query::default() };
        let row = house.session.summaries(&read, &query).expect("a page").items.remove(0);
        let amend = house.session.permit(Action::Amend, profile, "condition").expect("allowed");
        house.session.amend(&amend, row.id, 1, &json!({"concept": "My asthma"}), How::Typed).expect("amended");
        let mut second = vec![
            patient("p", "Example"),
            condition("c", "p", "Mild asthma"),
            condition("d", "p", "Gout, better"),
            vital("laboratory"),
            // Twice in one input, the second time otherwise.
            condition("e", "p", "Migraine"),
            condition("e", "p", "Migraine, rarely"),
        ];
        second.extend((0..700).map(|n| condition(&format!("n{n}"), "p", &format!("Condition {n}"))));
        let second = house.file("2.ndjson", &second);
        if kill {
            die_importing(&house, &[&second]);
        }
        let counts = house.import(&[&second]).totals.counts;
        let entries = house.vault.stats().expect("counted").kinds;
        assert_eq!((entries["condition"], entries["lab-result"]), (704, 1));
        let history = house.session.timeline(profile, &["condition"], &Query::default()).expect("a page").total;
        (counts, history)
    };
    let whole = counts(false);
    assert_eq!((whole.0.added, whole.0.updated, whole.0.conflicts, whole.0.unchanged), (701, 3, 1, 1));
    assert_eq!(counts(true), whole);
}

#[test]
fn a_record_removed_by_hand_is_in_no_list_once_its_import_is_undone() {
    let house = house();
    let file = house.file("1.ndjson", &[patient("p", "Example"), condition("c", "p", "Asthma")]);
    let import = house.import(&[&file]).imports[0].import;
    let profile = house.only();
    let add = house.session.permit(Action::Add, profile, "note").expect("allowed");
    house.session.add(&add, &json!({"text": "stays"}), How::Typed).expect("added");
    let read = house.session.permit(Action::Read, profile, "condition").expect("allowed");
    let removed = Query { removed: true, ..Query::default() };
    let row = house.session.summaries(&read, &removed).expect("a page").items.remove(0);
    let amend = house.session.permit(Action::Amend, profile, "condition").expect("allowed");
    house.session.remove(&amend, row.id, 1).expect("removed");
    assert_eq!(house.session.list(&read, &removed).expect("a page").total, 1);
    house.session.undo_import(import).expect("undone");
    let page = house.session.list(&read, &removed).expect("a page");
    assert_eq!((page.total, page.items.len()), (0, 0));
    assert_eq!(house.session.summaries(&read, &removed).expect("a page").total, 0);
    assert_eq!(house.session.timeline(profile, &["condition"], &removed).expect("a page").total, 0);
}
