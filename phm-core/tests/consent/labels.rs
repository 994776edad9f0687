//! Sensitive records: by their codes, by what they came with, and by the person's own mark.

use std::ops::ControlFlow;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor, Labels, Sensitivity};
use phm_core::index::Query;
use phm_core::vault::{ExportFormat, How, ImportInput, ImportRequest, ImportTarget, Removed};
use serde_json::{Value, json};

use crate::practice::{Practice, sees};

#[test]
fn a_sensitive_code_hides_a_record_from_grants_that_do_not_name_it() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let profile = practice.asha.profile;
    let add = asha.permit(Action::Add, profile, "condition").expect("hers");
    let coded = |code: &str| json!({"concept": {"text": "As coded", "codes": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]}});
    let low = asha.add(&add, &coded("F32.1"), How::Typed).expect("added");
    assert_eq!(low.labels, ["mental-health"]);
    assert!(asha.add(&add, &coded("E11.9"), How::Typed).expect("added").labels.is_empty());
    let terms = |labels: Value| json!({"to": {"account": practice.doctor.account}, "kinds": ["condition"], "actions": ["read"], "labels": labels});
    let plain = asha.give(profile, &terms(json!([]))).expect("given");
    assert_eq!(sees(&doctor, profile, "condition"), Ok(1));
    let read = doctor.permit(Action::Read, profile, "condition").expect("granted");
    assert!(doctor.read(&read, low.id, Removed::Hide).is_err() && doctor.history(&read, low.id).is_err());
    assert_eq!(doctor.timeline(profile, &[], &Query::default()).expect("a page").total, 1);
    asha.revoke(profile, plain.id).expect("hers");
    asha.give(profile, &terms(json!(["mental-health"]))).expect("given");
    assert_eq!(sees(&doctor, profile, "condition"), Ok(2));
    // With another code it is another matter.
    let amend = asha.permit(Action::Amend, profile, "condition").expect("hers");
    assert!(asha.amend(&amend, low.id, 1, &coded("E11.9"), How::Typed).expect("amended").labels.is_empty());
}

#[test]
fn a_sensitive_medicine_hides_by_its_rxnorm_code_or_name() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let profile = practice.asha.profile;
    let add = asha.permit(Action::Add, profile, "medication").expect("hers");
    let medicine = |code: &str, name: &str| {
        let code = json!({"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code, "display": name});
        let body = json!({"drug": {"text": "As coded", "codes": [code]}});
        asha.add(&add, &body, How::Typed).expect("added").labels
    };
    assert_eq!(medicine("61381", "olanzapine"), ["mental-health"]);
    assert_eq!(medicine("999999999", "dolutegravir 50 MG / rilpivirine 25 MG Oral Tablet"), ["sexual-health"]);
    assert!(medicine("6809", "metformin").is_empty());
    // Many write the name beside the code, and not into it.
    let code = json!({"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "999999999"});
    let body = json!({"drug": {"text": "Sertraline 50 MG Oral Tablet", "codes": [code]}});
    assert_eq!(asha.add(&add, &body, How::Typed).expect("added").labels, ["mental-health"]);
    // Typed without a code, it is known by its own name, and by no note on it.
    let body = json!({"drug": "Lithium carbonate", "strength": "300 mg"});
    assert_eq!(asha.add(&add, &body, How::Typed).expect("added").labels, ["mental-health"]);
    let body = json!({"drug": "Paracetamol", "instructions": "not together with lithium"});
    assert!(asha.add(&add, &body, How::Typed).expect("added").labels.is_empty());
    let ordered = asha.permit(Action::Add, profile, "prescription").expect("hers");
    let body = json!({"items": [{"drug": "Ibuprofen"}, {"drug": "Sertraline 50 mg"}], "prescribed_on": "2026-04-03"});
    assert_eq!(asha.add(&ordered, &body, How::Typed).expect("added").labels, ["mental-health"]);
    let taken = asha.permit(Action::Add, profile, "dose").expect("hers");
    let body = json!({"medication": "Sertraline", "at": "2026-04-03T08:00:00Z"});
    assert_eq!(asha.add(&taken, &body, How::Typed).expect("added").labels, ["mental-health"]);
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["medication"], "actions": ["read"]});
    asha.give(profile, &terms).expect("given");
    assert_eq!(sees(&doctor, profile, "medication"), Ok(2), "those that are not sensitive");
}

#[test]
fn a_persons_own_mark_stays_until_they_take_it_away() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let profile = practice.asha.profile;
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["lab-result"], "actions": ["read", "amend", "share"]});
    asha.give(profile, &terms).expect("given");
    let theirs = doctor.permit(Action::Amend, profile, "lab-result").expect("granted");
    let sexual = Labels::of(&[Sensitivity::SexualHealth]);
    let refused = doctor.mark(&theirs, practice.result, 1, sexual).expect_err("not theirs to mark");
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let amend = asha.permit(Action::Amend, profile, "lab-result").expect("hers");
    let marked = asha.mark(&amend, practice.result, 1, sexual).expect("hers to mark");
    assert_eq!((marked.version, marked.labels.as_slice()), (2, ["sexual-health".to_owned()].as_slice()));
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(0));
    assert_eq!(asha.mark(&amend, practice.result, 1, Labels::NONE).expect_err("stale").kind(), ErrorKind::Conflict);
    let body: Value = serde_json::from_str(marked.body.get()).expect("JSON");
    asha.amend(&amend, practice.result, 2, &body, How::Typed).expect("amended");
    asha.restore(&amend, practice.result, 3, Some(1)).expect("an earlier version");
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(0), "a mark outlives what is written after it");
    asha.mark(&amend, practice.result, 4, Labels::NONE).expect("hers to take away");
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(1));
    let own = asha.permit(Action::Amend, profile, "profile").expect("hers");
    let who = phm_core::id::RecordId::from_bytes(*profile.as_bytes());
    assert_eq!(asha.mark(&own, who, 1, sexual).expect_err("who she is").kind(), ErrorKind::Invalid);
}

#[test]
fn what_came_as_sensitive_is_sensitive() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("1.ndjson");
    let security = |system: &str, code: &str| json!([{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]);
    let condition = |id: &str, security: Value| {
        json!({"resourceType": "Condition", "id": id, "meta": {"security": security},
            "subject": {"reference": "Patient/p"}, "code": {"text": "As it came"}, "onsetDateTime": "2024-01-01"})
    };
    let lines = [
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}],
            "meta": {"security": security("v3-Confidentiality", "R")}}),
        condition("1", security("v3-ActCode", "PSY")),
        condition("2", security("v3-Confidentiality", "V")),
        condition("3", security("v3-Confidentiality", "N")),
    ];
    std::fs::write(&file, lines.map(|line| line.to_string()).join("\n")).expect("written");
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(file)],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    let report = operator.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported");
    let profile = report.imports[0].profiles[0];
    let read = operator.permit(Action::Read, profile, "condition").expect("allowed");
    let records = operator.list(&read, &Query::default()).expect("a page").items;
    let mut labels: Vec<Vec<String>> = records.into_iter().map(|record| record.labels).collect();
    labels.sort();
    assert_eq!(labels, [vec![], vec!["mental-health".to_owned()], vec!["restricted".to_owned()]]);
    let person = operator.permit(Action::Read, profile, "profile").expect("allowed");
    let who = operator.list(&person, &Query::default()).expect("a page").items;
    assert!(who[0].labels.is_empty(), "who somebody is has no label");
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["condition"], "actions": ["read"], "labels": ["mental-health"]});
    operator.give(profile, &terms).expect("given");
    let restricted = operator.list(&read, &Query::default()).expect("a page").items;
    let restricted = restricted.iter().find(|one| one.labels == ["restricted"]).expect("the second");
    let amend = operator.permit(Action::Amend, profile, "condition").expect("allowed");
    let marked = operator.mark(&amend, restricted.id, 1, Labels::NONE).expect("marked");
    assert_eq!(marked.labels, ["restricted"], "what came as restricted stays so");
    assert_eq!(sees(&practice.doctor(), profile, "condition"), Ok(2), "restricted is named by no grant");
}

#[test]
fn the_file_beside_a_document_is_open_by_itself_only_to_who_sees_every_label() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("1.ndjson");
    let lines = [
        // The file stands before the document that says what it is.
        json!({"resourceType": "Binary", "id": "1", "contentType": "application/pdf", "data": "JVBERi0yLjA="}),
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}]}),
        json!({"resourceType": "DocumentReference", "id": "d", "subject": {"reference": "Patient/p"},
            "date": "2020-01-01T00:00:00Z", "description": "Report",
            "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}]}),
        json!({"resourceType": "Goal", "id": "g", "subject": {"reference": "Patient/p"}}),
    ];
    std::fs::write(&file, lines.map(|line| line.to_string()).join("\n")).expect("written");
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(file)],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    let profile =
        operator.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported").imports[0].profiles[0];
    let own = operator.permit(Action::Read, profile, "fhir-resource").expect("allowed");
    let rows = operator.list(&own, &Query::default()).expect("a page").items;
    let binary = rows.iter().find(|row| row.body.get().contains("Binary")).expect("the file").id;
    let read = operator.permit(Action::Read, profile, "document").expect("allowed");
    let document = operator.list(&read, &Query::default()).expect("a page").items[0].id;
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["document", "fhir-resource"], "actions": ["read", "export"]});
    operator.give(profile, &terms).expect("given");

    let doctor = practice.doctor();
    assert_eq!(sees(&doctor, profile, "fhir-resource"), Ok(1), "the goal");
    let theirs = doctor.permit(Action::Read, profile, "fhir-resource").expect("granted");
    assert!(doctor.read(&theirs, binary, Removed::Show).is_err() && doctor.original(&theirs, binary).is_err());
    let reports = doctor.permit(Action::Read, profile, "document").expect("granted");
    assert_eq!(doctor.document(&reports, document).expect("its document opens it").bytes, 8);
    let leaves = || {
        let counts = doctor.export(profile, ExportFormat::Ndjson, &mut Vec::<u8>::new()).expect("an export");
        ["Binary", "DocumentReference", "Goal"].map(|name| counts.get(name).copied().unwrap_or(0))
    };
    assert_eq!(leaves(), [1, 1, 1], "the file goes with its document");
    let amend = operator.permit(Action::Amend, profile, "document").expect("allowed");
    operator.mark(&amend, document, 1, Labels::of(&[Sensitivity::MentalHealth])).expect("marked");
    assert!(doctor.document(&reports, document).is_err() && doctor.read(&theirs, binary, Removed::Show).is_err());
    assert_eq!(leaves(), [0, 0, 1]);
    // Amended by hand, it is still known as what it is.
    let own_amend = operator.permit(Action::Amend, profile, "fhir-resource").expect("allowed");
    operator.amend(&own_amend, binary, 1, &json!({"resource_type": "Binary"}), How::Typed).expect("amended");
    assert_eq!(sees(&doctor, profile, "fhir-resource"), Ok(1));
    operator.mark(&amend, document, 2, Labels::NONE).expect("taken away");
    assert_eq!(doctor.document(&reports, document).expect("open again").bytes, 8);
    assert!(doctor.read(&theirs, binary, Removed::Show).is_err());
    operator.remove(&amend, document, 3).expect("removed");
    assert!(doctor.document(&reports, document).is_err() && doctor.original(&theirs, binary).is_err());
    assert_eq!(sees(&operator, profile, "fhir-resource"), Ok(2), "who keeps the records finds it, and removes it too");
}
