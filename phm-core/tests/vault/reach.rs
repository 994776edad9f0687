//! Who reaches whose records: accounts, programs, grants and their windows of time; and who is seen to have looked.

use std::ops::ControlFlow;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{ExportFormat, How, ImportInput, ImportRequest, ImportTarget, Removed};
use serde_json::{Value, json};

use crate::{add, condition, create, operator, person};

#[test]
fn an_account_sees_its_own_people_and_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let account = add(
        &session,
        ProfileId::SYSTEM,
        "account",
        &json!({"email": "asha@example.org", "name": "Asha", "roles": ["patient"]}),
    );
    let own = session.add_own_profile(&json!({"name": {"text": "Asha Example"}}), account).expect("a profile").profile;
    let other = person(&session, "Somebody Else");
    let asha = vault.session(Actor::Person { account }, "daily use").expect("an account");
    assert!(asha.permit(Action::Read, own, "condition").is_ok());
    for (profile, kind) in [(other, "condition"), (ProfileId::new(), "condition"), (ProfileId::SYSTEM, "account")] {
        let error = asha.permit(Action::Read, profile, kind).expect_err("not hers");
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, "not-found"));
    }
    let seen: Vec<_> = asha.profiles().expect("her people").into_iter().map(|card| card.profile).collect();
    assert_eq!(seen, [own]);
}

#[test]
fn who_looked_names_reads_and_writes_newest_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019"));
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    session.read(&read, id, Removed::Hide).expect("read");
    let page = session.who_looked(asha, &AuditQuery::default()).expect("the audit");
    let seen: Vec<_> = page.rows.iter().map(|row| (row.action, row.kind.as_deref())).collect();
    assert_eq!(seen[0], ("read", Some("condition")));
    assert_eq!(seen[1], ("add", Some("condition")));
    assert_eq!(page.rows[0].actor.name, "Operator");
}

#[test]
fn a_timeline_of_kinds_there_are_not_does_not_tell_who_exists() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let body = json!({"email": "asha@example.org", "name": "Asha", "roles": ["patient"]});
    let account = add(&session, ProfileId::SYSTEM, "account", &body);
    let other = person(&session, "Somebody Else");
    let asha = vault.session(Actor::Person { account }, "daily use").expect("an account");
    for profile in [other, ProfileId::new()] {
        let error = asha.timeline(profile, &["no-such-kind"], &Query::default()).expect_err("not hers");
        assert_eq!(error.code(), "not-found");
    }
}

#[test]
fn a_program_that_acts_for_somebody_makes_no_people() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let body = json!({"email": "asha@example.org", "name": "Asha", "roles": ["patient"]});
    let account = add(&operator(&vault), ProfileId::SYSTEM, "account", &body);
    let token = vault.session(Actor::Token { id: RecordId::new(), account }, "reading").expect("a session");
    let error = token.add_profile(&json!({"name": {"text": "Nobody"}}), None).expect_err("refused");
    assert_eq!(error.code(), "not-granted");
}

#[test]
fn an_export_that_is_broken_off_stands_in_the_audit_log() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    add(&session, asha, "condition", &condition("Asthma", "2019"));
    session.export(asha, ExportFormat::Ndjson, &mut Full).expect_err("nobody listens");
    let page = session.who_looked(asha, &AuditQuery::default()).expect("the audit");
    assert!(page.rows.iter().any(|row| row.action == "export" && row.kind.as_deref() == Some("condition")));
}

#[test]
fn a_grant_nobody_understands_closes_the_vault_for_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let body = json!({"email": "doctor@example.org", "name": "Doctor", "roles": ["provider"]});
    let account = add(&session, ProfileId::SYSTEM, "account", &body);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, "grant").expect("allowed");
    let grant = |labels: Value| {
        json!({"profile": asha, "to": {"account": account}, "kinds": ["condition"], "actions": ["read"],
            "purpose": "treatment", "labels": labels})
    };
    let error = session.add(&permit, &grant(json!(["no-such-label"])), How::Typed).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    // Without a beginning it begins now, and it may end with a day.
    let mut until = grant(json!([]));
    until["ends_at"] = json!("2999-12-31");
    session.add(&permit, &until, How::Typed).expect("added");
    assert!(session.permit(Action::Read, asha, "condition").is_ok());
    let doctor = vault.session(Actor::Person { account }, "treatment").expect("an account");
    assert!(doctor.permit(Action::Read, asha, "condition").is_ok());
}

#[test]
fn a_window_of_time_hides_the_original_of_an_earlier_version() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(&dir.path().join("vault"));
    let session = operator(&vault);
    let file = dir.path().join("1.ndjson");
    let lines = [
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}]}),
        json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
            "code": {"text": "Long ago"}, "onsetDateTime": "2010-01-01"}),
    ];
    std::fs::write(&file, lines.map(|line| line.to_string()).join("\n")).expect("written");
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(file)],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    session.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported");
    let asha = session.profiles().expect("people")[0].profile;
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    let id = session.summaries(&read, &Query::default()).expect("a page").items[0].id;
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    session.amend(&amend, id, 1, &condition("Lately", "2024-05-01"), How::Typed).expect("amended");
    let body = json!({"email": "doctor@example.org", "name": "Doctor", "roles": ["provider"]});
    let account = add(&session, ProfileId::SYSTEM, "account", &body);
    let grant = json!({"profile": asha, "to": {"account": account}, "kinds": ["condition"],
        "actions": ["read", "export"], "from": "2024-01-01", "purpose": "treatment",
        "starts_at": "2020-01-01T00:00:00.000Z"});
    add(&session, ProfileId::SYSTEM, "grant", &grant);
    let doctor = vault.session(Actor::Person { account }, "treatment").expect("an account");
    let read = doctor.permit(Action::Read, asha, "condition").expect("allowed");
    assert!(doctor.read(&read, id, Removed::Hide).expect("in the window").body.get().contains("Lately"));
    assert_eq!(doctor.original(&read, id).expect("no error"), None);
    assert_eq!(doctor.history(&read, id).expect("one version").len(), 1);
    let mut out = Vec::new();
    doctor.export(asha, ExportFormat::Ndjson, &mut out).expect("exported");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains("Lately") && !text.contains("Long ago") && !text.contains("2010-01-01"), "{text}");
}
