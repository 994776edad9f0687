//! Imports that must not mix people up, lose what somebody wrote meanwhile, or change anything when they are repeated.

mod house;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use phm_core::access::{Action, Labels, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{Counts, ExportFormat, How, ImportInput, ImportReport, ImportRequest, ImportTarget, Session};
use serde_json::{Value, json};

fn write(dir: &Path, name: &str, resources: &[Value]) -> PathBuf {
    let path = dir.join(name);
    let lines: Vec<String> = resources.iter().map(Value::to_string).collect();
    std::fs::write(&path, lines.join("\n")).expect("written");
    path
}

fn request(path: &Path, target: ImportTarget) -> ImportRequest {
    ImportRequest {
        inputs: vec![ImportInput::Path(path.to_path_buf())],
        target,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    }
}

fn import(session: &Session, request: &ImportRequest) -> phm_core::Result<ImportReport> {
    session.import(request, &mut |_| ControlFlow::Continue(()))
}

fn imported(session: &Session, path: &Path, target: ImportTarget) -> Counts {
    import(session, &request(path, target)).expect("imported").totals.counts
}

fn patient(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"family": id}]})
}

fn born(id: &str, given: &str, on: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "name": [{"given": [given], "family": "Rao"}], "birthDate": on})
}

fn condition(id: &str, patient: &str, text: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "subject": {"reference": format!("Patient/{patient}")},
        "code": {"text": text}})
}

fn titles(session: &Session, profile: ProfileId) -> Vec<String> {
    let read = session.permit(Action::Read, profile, "condition").expect("allowed");
    let rows = session.summaries(&read, &Query::default()).expect("a page").items;
    let mut titles: Vec<String> = rows.into_iter().map(|row| row.title).collect();
    titles.sort();
    titles
}

fn only_row(session: &Session, profile: ProfileId, kind: &str) -> RecordId {
    let read = session.permit(Action::Read, profile, kind).expect("allowed");
    session.summaries(&read, &Query::default()).expect("a page").items[0].id
}

#[test]
fn a_profile_typed_by_hand_knows_its_patient_from_the_first_import_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = session.add_profile(&json!({"name": "Asha"}), None).expect("a person").profile;
    let own = write(dir.path(), "asha.ndjson", &[patient("a"), condition("1", "a", "Asthma")]);
    let newer = write(dir.path(), "newer.ndjson", &[patient("a"), condition("2", "a", "Gout")]);
    let other = write(dir.path(), "ben.ndjson", &[patient("b"), condition("3", "b", "Migraine")]);
    let target = ImportTarget::Profile(asha);
    imported(&session, &own, target);
    // Ben's file was taken by mistake: it must not end up with Asha.
    let refused = import(&session, &request(&other, target)).expect_err("refused");
    assert_eq!(refused.code(), "other-patient");
    // Asha's next file needs no word about it, into whichever profile it is said to go.
    assert_eq!(imported(&session, &newer, target).added, 1);
    assert_eq!(imported(&session, &own, ImportTarget::NewProfiles).added, 0);
    assert_eq!(session.profiles().expect("people").len(), 1);
    assert_eq!(titles(&session, asha), ["Asthma", "Gout"]);
    // Ben is somebody else, unless the person says so.
    assert_eq!(imported(&session, &other, ImportTarget::NewProfiles).added, 2);
    assert_eq!(session.profiles().expect("people").len(), 2);
    let accepted = ImportRequest { accept_other_patient: true, ..request(&other, target) };
    assert_eq!(import(&session, &accepted).expect("imported").totals.counts.added, 2);
    assert_eq!(import(&session, &request(&other, target)).expect_err("refused").code(), "other-patient");
}

#[test]
fn an_import_that_was_taken_back_decides_nothing_about_who_a_person_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = session.add_profile(&json!({"name": "Asha"}), None).expect("a person").profile;
    let wrong = write(dir.path(), "ben.ndjson", &[patient("b"), condition("3", "b", "Migraine")]);
    let own = write(dir.path(), "asha.ndjson", &[patient("a"), condition("1", "a", "Asthma")]);
    let target = ImportTarget::Profile(asha);
    let mistake = import(&session, &request(&wrong, target)).expect("imported").imports[0].import;
    session.undo_import(mistake).expect("taken back");
    assert_eq!(imported(&session, &own, target).added, 2);
    assert_eq!(titles(&session, asha), ["Asthma"]);
}

#[test]
fn an_id_that_two_people_share_mixes_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let first = write(dir.path(), "asha.ndjson", &[born("1", "Asha", "1980-02-03"), condition("a", "1", "Asthma")]);
    let other = write(dir.path(), "ben.ndjson", &[born("1", "Ben", "2011-05-06"), condition("b", "1", "Gout")]);
    imported(&session, &first, ImportTarget::NewProfiles);
    let asha = session.profiles().expect("people")[0].profile;
    for target in [ImportTarget::NewProfiles, ImportTarget::Profile(asha)] {
        assert_eq!(import(&session, &request(&other, target)).expect_err("refused").code(), "other-patient");
        let dry = import(&session, &ImportRequest { dry_run: true, ..request(&other, target) }).expect("checked");
        let codes: Vec<_> = dry.totals.refused.iter().map(|refused| (refused.entry.as_str(), refused.code)).collect();
        assert_eq!(codes, [("ben.ndjson:1", "other-patient")]);
    }
    // A profile typed by hand knows as much before its first import.
    let body = json!({"name": {"given": ["Kiran"]}, "birth_date": "1950"});
    let kiran = session.add_profile(&body, None).expect("a person").profile;
    let elsewhere = write(dir.path(), "ben2.ndjson", &[born("2", "Ben", "2011-05-06"), condition("b", "2", "Gout")]);
    let refused = import(&session, &request(&elsewhere, ImportTarget::Profile(kiran))).expect_err("refused");
    assert_eq!(refused.code(), "other-patient");
    // Whoever knows better says so, and who Ben is.
    let ben = house::person(&session, "Ben Rao");
    let accepted = ImportRequest { accept_other_patient: true, ..request(&other, ImportTarget::Profile(ben)) };
    assert_eq!(import(&session, &accepted).expect("imported").totals.counts.added, 2);
    assert_eq!((titles(&session, asha), titles(&session, ben)), (vec!["Asthma".to_owned()], vec!["Gout".to_owned()]));
    // A day of birth that was corrected is no other person.
    let corrected = write(dir.path(), "asha2.ndjson", &[born("1", "Asha", "1980-03-02")]);
    assert_eq!(imported(&session, &corrected, ImportTarget::NewProfiles).updated, 1);
}

#[test]
fn people_without_a_patient_resource_stay_apart_and_are_found_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    // More of the first than is looked at of one person: the second is recognised all the same.
    let mut lines: Vec<Value> = (0..150).map(|n| condition(&format!("a{n}"), "a", "Asthma")).collect();
    lines.push(condition("b", "b", "Gout"));
    let path = write(dir.path(), "Condition.ndjson", &lines);
    assert_eq!(imported(&session, &path, ImportTarget::NewProfiles).added, 151);
    let people = |session: &Session| {
        let cards = session.profiles().expect("people");
        let mut counts: Vec<usize> = cards.iter().map(|card| titles(session, card.profile).len()).collect();
        counts.sort_unstable();
        counts
    };
    // A page of a list has fifty rows.
    assert_eq!(people(&session), [1, 50]);
    let again = imported(&session, &path, ImportTarget::NewProfiles);
    assert_eq!((again.added, again.unchanged), (0, 151));
    assert_eq!(people(&session), [1, 50]);
}

#[test]
fn a_doctor_in_common_makes_nobody_the_same_person() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let treated = |id: &str, patient: &str, text: &str| {
        let mut condition = condition(id, patient, text);
        condition["recorder"] = json!({"reference": "Practitioner/p"});
        condition
    };
    let doctor = json!({"resourceType": "Practitioner", "id": "p", "name": [{"family": "Gill"}]});
    let first = write(dir.path(), "1.ndjson", &[doctor.clone(), treated("1", "a", "Asthma")]);
    let second = write(dir.path(), "2.ndjson", &[doctor.clone(), treated("2", "b", "Gout")]);
    let third = write(dir.path(), "3.ndjson", &[doctor.clone(), treated("3", "c", "Flu"), treated("4", "d", "Cough")]);
    for path in [&first, &second, &third] {
        imported(&session, path, ImportTarget::NewProfiles);
    }
    let people = session.profiles().expect("people");
    let mut all: Vec<Vec<String>> = people.iter().map(|card| titles(&session, card.profile)).collect();
    all.sort();
    assert_eq!(all, [["Asthma"], ["Cough"], ["Flu"], ["Gout"]]);
    for path in [&first, &second, &third] {
        assert_eq!(imported(&session, path, ImportTarget::NewProfiles).added, 0);
    }
    // Nothing but the doctor, and nobody named: there is one more person at most, however often it comes.
    let only = write(dir.path(), "4.ndjson", &[doctor]);
    for _ in 0..2 {
        imported(&session, &only, ImportTarget::NewProfiles);
    }
    assert_eq!(session.profiles().expect("people").len(), 4);
}

#[test]
fn a_resource_about_a_person_whom_two_ids_mean_is_written_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    imported(&session, &write(dir.path(), "a.ndjson", &[patient("a")]), ImportTarget::NewProfiles);
    let asha = session.profiles().expect("people")[0].profile;
    let other = write(dir.path(), "b.ndjson", &[patient("b")]);
    let accepted = ImportRequest { accept_other_patient: true, ..request(&other, ImportTarget::Profile(asha)) };
    import(&session, &accepted).expect("imported");
    let mut own = condition("c", "b", "Asthma");
    own["asserter"] = json!({"reference": "Patient/a"});
    let both = write(dir.path(), "c.ndjson", &[own]);
    let counts = imported(&session, &both, ImportTarget::NewProfiles);
    assert_eq!((counts.added, counts.conflicts), (1, 0));
    assert_eq!(titles(&session, asha), ["Asthma"]);
    assert_eq!(session.profiles().expect("people").len(), 1);
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn an_input_that_says_a_resource_twice_changes_nothing_when_it_comes_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let lines = [patient("a"), condition("1", "a", "Asthma"), condition("1", "a", "Asthma, mild")];
    let path = write(dir.path(), "x.ndjson", &lines);
    let first = imported(&session, &path, ImportTarget::NewProfiles);
    assert_eq!((first.added, first.updated), (2, 1));
    let asha = session.profiles().expect("people")[0].profile;
    let entries = |session: &Session| {
        let read = session.permit(Action::Read, asha, "condition").expect("allowed");
        session.history(&read, only_row(session, asha, "condition")).expect("a history").len()
    };
    assert_eq!(entries(&session), 2);
    for dry_run in [true, false] {
        let again = ImportRequest { dry_run, ..request(&path, ImportTarget::NewProfiles) };
        let counts = import(&session, &again).expect("imported").totals.counts;
        assert_eq!((counts.added, counts.updated, counts.conflicts, counts.unchanged), (0, 0, 0, 3), "{dry_run}");
    }
    assert_eq!(entries(&session), 2);
    assert_eq!(titles(&session, asha), ["Asthma, mild"]);
    // What another input says later is a change back, as long as nothing tells that it is older.
    let back = write(dir.path(), "y.ndjson", &[patient("a"), condition("1", "a", "Asthma")]);
    assert_eq!(imported(&session, &back, ImportTarget::NewProfiles).updated, 1);
    assert_eq!(titles(&session, asha), ["Asthma"]);
}

#[test]
fn what_a_person_writes_while_an_import_runs_is_kept_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let first = write(dir.path(), "1.ndjson", &[patient("a"), condition("c", "a", "Asthma")]);
    imported(&session, &first, ImportTarget::NewProfiles);
    let asha = session.profiles().expect("people")[0].profile;
    let own = only_row(&session, asha, "condition");
    let mut lines = vec![patient("a"), condition("c", "a", "Mild asthma")];
    lines.extend((0..300).map(|n| condition(&format!("n{n}"), "a", "Other")));
    let second = write(dir.path(), "2.ndjson", &lines);
    let mut written = false;
    // The first batch stands in memory, with a next version of the condition in it.
    let report = session.import(&request(&second, ImportTarget::NewProfiles), &mut |progress| {
        if progress.done == 250 && !written {
            written = true;
            let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
            session.amend(&amend, own, 1, &json!({"concept": "My asthma"}), How::Typed).expect("amended");
        }
        ControlFlow::Continue(())
    });
    let counts = report.expect("imported").totals.counts;
    assert!(written);
    assert_eq!((counts.added, counts.conflicts, counts.updated), (300, 1, 0));
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    for text in ["My asthma", "Mild asthma"] {
        let query = Query { text: Some(text.into()), ..Query::default() };
        assert_eq!(session.summaries(&read, &query).expect("a page").total, 1, "{text}");
    }
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn a_record_marked_as_sensitive_still_takes_the_next_version_of_its_resource() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let first = write(dir.path(), "1.ndjson", &[patient("a"), condition("c", "a", "Chlamydia")]);
    imported(&session, &first, ImportTarget::NewProfiles);
    let asha = session.profiles().expect("people")[0].profile;
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    let own = only_row(&session, asha, "condition");
    session.mark(&amend, own, 1, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    assert_eq!(imported(&session, &first, ImportTarget::NewProfiles).unchanged, 2);
    let second = write(dir.path(), "2.ndjson", &[patient("a"), condition("c", "a", "Chlamydia, treated")]);
    let counts = imported(&session, &second, ImportTarget::NewProfiles);
    assert_eq!((counts.added, counts.updated, counts.conflicts, counts.unchanged), (0, 1, 0, 1));
    assert_eq!(titles(&session, asha), ["Chlamydia, treated"]);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert_eq!(session.list(&read, &Query::default()).expect("a page").items[0].labels, ["sexual-health"]);
}

#[test]
fn a_mark_that_outlives_its_import_gets_the_original_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let mut first = condition("c", "a", "Chlamydia");
    first["extension"] = json!([{"url": "https://example.org/x", "valueString": "only in the original"}]);
    let path = write(dir.path(), "1.ndjson", &[patient("a"), first]);
    let import_id = import(&session, &request(&path, ImportTarget::NewProfiles)).expect("imported").imports[0].import;
    let asha = session.profiles().expect("people")[0].profile;
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    let own = only_row(&session, asha, "condition");
    session.mark(&amend, own, 1, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    session.undo_import(import_id).expect("taken back");
    assert_eq!(titles(&session, asha), ["Chlamydia"], "what the person marked stays");
    assert_eq!(imported(&session, &path, ImportTarget::NewProfiles).updated, 1);
    assert_eq!(titles(&session, asha), ["Chlamydia"]);
    let mut bundle = Vec::new();
    session.export(asha, ExportFormat::FhirBundle, &mut bundle).expect("exported");
    assert!(String::from_utf8(bundle).expect("text").contains("only in the original"));
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert_eq!(session.list(&read, &Query::default()).expect("a page").items[0].labels, ["sexual-health"]);
    assert_eq!(imported(&session, &path, ImportTarget::NewProfiles).updated, 0);
}

#[test]
fn an_export_that_comes_back_adds_nothing_and_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Rao");
    house::add(&session, asha, "condition", &json!({"concept": "Asthma", "status": "active", "onset": "2019"}));
    house::add(&session, asha, "allergy", &json!({"substance": "Peanut"}));
    let path = write(dir.path(), "a.ndjson", &[patient("a"), condition("1", "a", "Gout")]);
    imported(&session, &path, ImportTarget::Profile(asha));
    let mut bundle = Vec::new();
    session.export(asha, ExportFormat::FhirBundle, &mut bundle).expect("exported");
    let export = dir.path().join("export.json");
    std::fs::write(&export, bundle).expect("written");
    for target in [ImportTarget::NewProfiles, ImportTarget::Profile(asha)] {
        let counts = imported(&session, &export, target);
        assert_eq!((counts.added, counts.updated, counts.conflicts, counts.unchanged), (0, 0, 0, 5), "{target:?}");
    }
    assert_eq!(session.profiles().expect("people").len(), 1);
    assert_eq!(titles(&session, asha), ["Asthma", "Gout"]);
}
