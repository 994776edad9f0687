//! What a vault promises, through its front door.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Timeframe};
use phm_core::vault::{ExportFormat, How, ImportInput, ImportRequest, ImportTarget, Options, Removed, Session, Vault};
use serde_json::{Value, json};

const PASSPHRASE: &str = "correct horse battery staple";

fn options() -> Options {
    Options { cost: Cost::FLOOR, ..Options::default() }
}

fn create(dir: &Path) -> Vault {
    Vault::create(dir, &[Secret::passphrase(PASSPHRASE)], options()).expect("a new vault").0
}

fn open(dir: &Path) -> Vault {
    Vault::open(dir, &Secret::passphrase(PASSPHRASE), options()).expect("the vault opens")
}

fn operator(vault: &Vault) -> Session {
    vault.session(Actor::Operator, "test").expect("the operator may always work")
}

fn person(session: &Session, name: &str) -> ProfileId {
    session.add_profile(&json!({"name": {"text": name}}), None).expect("a person").profile
}

fn condition(text: &str, onset: &str) -> Value {
    json!({"concept": {"text": text, "codes": [{"system": "http://snomed.info/sct", "code": "44054006"}]}, "onset": onset})
}

fn add(session: &Session, profile: ProfileId, kind: &str, body: &Value) -> RecordId {
    let permit = session.permit(Action::Add, profile, kind).expect("allowed");
    session.add(&permit, body, How::Typed).expect("a valid record").id
}

#[test]
fn a_record_survives_closing_and_opening_with_its_history() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019-04"));
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    let amended = session.amend(&amend, id, 1, &condition("Mild asthma", "2019-04"), How::Typed).expect("amended");
    assert_eq!(amended.version, 2);
    drop(session);
    vault.close().expect("closed");

    let vault = open(dir.path());
    let session = operator(&vault);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    let record = session.read(&read, id, Removed::Hide).expect("still there");
    assert_eq!((record.version, record.removed), (2, false));
    assert!(record.body.get().contains("Mild asthma"));
    let history = session.history(&read, id).expect("two versions");
    assert_eq!(history.iter().map(|v| (v.version, v.action)).collect::<Vec<_>>(), [(1, "create"), (2, "amend")]);
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{:?}", report.damaged);
}

#[test]
fn a_stale_version_is_a_conflict_that_names_the_current_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019"));
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    session.amend(&amend, id, 1, &condition("Asthma", "2020"), How::Typed).expect("amended");
    let error = session.amend(&amend, id, 1, &condition("Asthma", "2021"), How::Typed).expect_err("stale");
    assert_eq!((error.kind(), error.code(), error.current_version()), (ErrorKind::Conflict, "conflict", Some(2)));
}

#[test]
fn only_one_of_many_writers_from_the_same_version_wins() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019"));
    let won = std::thread::scope(|scope| {
        let write = |n: u32| {
            let session = &session;
            scope.spawn(move || {
                let permit = session.permit(Action::Amend, asha, "condition").expect("allowed");
                session.amend(&permit, id, 1, &condition(&format!("Asthma {n}"), "2019"), How::Typed).is_ok()
            })
        };
        let threads: Vec<_> = (0..8).map(write).collect();
        threads.into_iter().map(|thread| u32::from(thread.join().expect("no panic"))).sum::<u32>()
    });
    assert_eq!(won, 1);
}

#[test]
fn a_removed_record_is_hidden_kept_and_can_be_restored() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019"));
    let amend = session.permit(Action::Amend, asha, "condition").expect("allowed");
    session.remove(&amend, id, 1).expect("removed");
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert_eq!(session.read(&read, id, Removed::Hide).expect_err("hidden").kind(), ErrorKind::NotFound);
    assert!(session.read(&read, id, Removed::Show).expect("kept").removed);
    let restored = session.restore(&amend, id, 2, None).expect("restored");
    assert_eq!((restored.version, restored.removed), (3, false));
    assert!(restored.body.get().contains("Asthma"));
}

#[test]
fn invalid_bodies_are_refused_with_the_places_that_are_wrong() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Add, asha, "condition").expect("allowed");
    let error = session.add(&permit, &json!({"colour": "red"}), How::Typed).expect_err("invalid");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let codes: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
    assert!(codes.contains(&("/colour", "unknown-field")) && codes.contains(&("/concept", "required")), "{codes:?}");
}

#[test]
fn lists_filter_by_code_time_and_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    for (text, onset) in [("Type 2 diabetes", "2015-03"), ("Asthma", "2019"), ("Hypertension", "2021-06-01")] {
        add(&session, asha, "condition", &condition(text, onset));
    }
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    let titles = |query: &Query| -> Vec<String> {
        session.summaries(&read, query).expect("a page").items.into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(&Query::default()), ["Hypertension", "Asthma", "Type 2 diabetes"]);
    let from = Timeframe { from: Some("2019".parse().expect("a year")), to: None };
    assert_eq!(titles(&Query { time: from, ..Query::default() }), ["Hypertension", "Asthma"]);
    let code = |text| Query { codes: vec![CodeFilter::parse(text)], ..Query::default() };
    assert_eq!(titles(&code("http://snomed.info/sct|44054006")).len(), 3);
    assert_eq!(titles(&code("http://loinc.org|44054006")).len(), 0);
    let words = |text: &str| Query { text: Some(text.into()), ..Query::default() };
    assert_eq!(titles(&words("diab")), ["Type 2 diabetes"]);
    add(&session, asha, "condition", &condition("Gestational diabetes", "2010"));
    assert_eq!(titles(&words("diab")).len(), 2, "new records are found too");
    let all = session.timeline(asha, &[], &Query::default()).expect("a timeline");
    assert_eq!(all.total, 4);
}

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
fn a_document_is_read_back_from_any_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let mut content = b"%PDF-1.4\n".to_vec();
    content.extend((0..200_000_u32).flat_map(u32::to_be_bytes));
    let permit = session.permit(Action::Add, asha, "document").expect("allowed");
    let body = json!({"title": "Blood report", "category": "lab-report"});
    let record = session.add_document(&permit, &body, &mut content.as_slice(), 1 << 20).expect("added");
    assert!(record.body.get().contains("application/pdf"));
    let read = session.permit(Action::Read, asha, "document").expect("allowed");
    let mut document = session.document(&read, record.id).expect("opened");
    assert_eq!(document.bytes, content.len() as u64);
    document.seek(SeekFrom::Start(300_000)).expect("seek");
    let mut part = vec![0; 1000];
    document.read_exact(&mut part).expect("read");
    assert_eq!(part, content[300_000..301_000]);
    let error = session.add_document(&permit, &body, &mut content.as_slice(), 1000).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(std::fs::read_dir(dir.path().join("documents")).expect("a folder").count(), 2, "one file and incoming/");
    assert!(vault.verify(None).is_ok_and(|report| report.ok));
}

#[test]
fn state_is_replaced_and_expires() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let owner = ProfileId::SYSTEM;
    vault.put_state(owner, "lock-out", &json!({"tries": 1}), None).expect("put");
    let tries =
        |vault: &Vault| vault.state::<Value>(owner, "lock-out").expect("read").map(|value| value["tries"].clone());
    assert_eq!(tries(&vault), Some(json!(1)));
    vault.put_state(owner, "lock-out", &json!({"tries": "x".repeat(50_000)}), None).expect("a long value");
    vault.put_state(owner, "lock-out", &json!({"tries": 2}), None).expect("a short one again");
    vault.close().expect("closed");
    let vault = open(dir.path());
    assert_eq!(tries(&vault), Some(json!(2)));
    let past = phm_core::time::Instant::from_millis(1);
    vault.put_state(owner, "lock-out", &json!({"tries": 3}), Some(past)).expect("put");
    assert_eq!(tries(&vault), None, "expired");
    assert!(vault.verify(None).is_ok_and(|report| report.ok));
}

#[test]
fn a_wrong_secret_opens_nothing_and_the_recovery_code_everything() {
    let dir = tempfile::tempdir().expect("a folder");
    let (vault, code) = Vault::create(dir.path(), &[Secret::passphrase(PASSPHRASE)], options()).expect("a vault");
    vault.close().expect("closed");
    let error = Vault::open(dir.path(), &Secret::passphrase("wrong"), options()).expect_err("wrong");
    assert_eq!((error.kind(), error.code()), (ErrorKind::WrongSecret, "wrong-secret"));
    let secret = Secret::recovery_code(&code.to_string()).expect("as printed");
    Vault::open(dir.path(), &secret, options()).expect("the code opens it");
}

#[test]
fn many_records_open_from_the_checkpoint_and_fold_the_rest() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Add, asha, "condition").expect("allowed");
    let bodies: Vec<_> = (0..5_000).map(|n| condition(&format!("Condition {n}"), "2019")).collect();
    session.add_many(&permit, &bodies, &How::Typed).expect("added");
    drop(session);
    vault.close().expect("closed");
    assert!(std::fs::read_dir(dir.path().join("index")).expect("a folder").count() >= 1);
    for round in 0..2 {
        let vault = open(dir.path());
        let session = operator(&vault);
        add(&session, asha, "condition", &condition("Late", "2020"));
        let read = session.permit(Action::Read, asha, "condition").expect("allowed");
        assert_eq!(session.summaries(&read, &Query::default()).expect("a page").total, 5_001 + round);
    }
    // A checkpoint is worth nothing: without it, or with a damaged one, the journal answers.
    for file in std::fs::read_dir(dir.path().join("index")).expect("a folder") {
        let path = file.expect("a file").path();
        let mut bytes = std::fs::read(&path).expect("read");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).expect("written");
    }
    let vault = open(dir.path());
    let session = operator(&vault);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert_eq!(session.summaries(&read, &Query::default()).expect("a page").total, 5_002);
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
fn the_record_that_says_who_a_person_is_cannot_be_removed() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Amend, asha, "profile").expect("allowed");
    let error = session.remove(&permit, RecordId::from_bytes(*asha.as_bytes()), 1).expect_err("refused");
    assert_eq!(error.code(), "not-removable");
}

#[test]
fn nobody_says_of_a_file_that_it_is_another() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Add, asha, "document").expect("allowed");
    let body = json!({"title": "Blood report", "category": "lab-report"});
    let record = session.add_document(&permit, &body, &mut b"<script>".as_slice(), 1 << 20).expect("added");
    let amend = session.permit(Action::Amend, asha, "document").expect("allowed");
    let lie = json!({"title": "Blood report", "category": "lab-report", "media_type": "text/html", "bytes": 1});
    let amended = session.amend(&amend, record.id, 1, &lie, How::Typed).expect("amended");
    let body: Value = serde_json::from_str(amended.body.get()).expect("JSON");
    assert_eq!((&body["media_type"], &body["bytes"]), (&json!("text/plain"), &json!(8)));
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
    assert!(text.contains("Lately") && !text.contains("Long ago") && !text.contains("2010"), "{text}");
}

#[test]
fn the_first_and_the_last_days_of_the_calendar_survive_closing_and_opening() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let days = ["0001", "0001-01-01", "9999", "9999-12", "9999-12-30", "9999-12-31"];
    for day in days {
        add(&session, asha, "condition", &condition("Asthma", day));
    }
    for day in ["0001-01-01", "9999-12-31"] {
        add(&session, asha, "immunization", &json!({"vaccine": "BCG", "given_on": day}));
    }
    // Folded by the committer, and again when it is opened.
    let found = |session: &Session| {
        let read = session.permit(Action::Read, asha, "condition").expect("allowed");
        let last = Timeframe { from: Some("9999-12-31".parse().expect("a day")), to: None };
        let on_last = session.summaries(&read, &Query { time: last, ..Query::default() }).expect("a page").total;
        let all = session.summaries(&read, &Query::default()).expect("a page");
        (on_last, all.total, all.items[0].occurred.map(|when| when.to_string()))
    };
    let expected = (3, 6, Some("9999-12-31".to_owned()));
    assert_eq!(found(&session), expected);
    drop(session);
    vault.close().expect("closed");
    let vault = open(dir.path());
    let session = operator(&vault);
    assert_eq!(found(&session), expected);
    add(&session, asha, "condition", &condition("Asthma", "2020"));
    assert!(vault.verify(None).is_ok_and(|report| report.ok));
}

#[test]
fn records_without_a_status_are_found_by_the_empty_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    add(&session, asha, "medication", &json!({"drug": "X"}));
    add(&session, asha, "medication", &json!({"drug": "Y", "status": "active"}));
    add(&session, asha, "medication", &json!({"drug": "Z", "status": "stopped"}));
    let read = session.permit(Action::Read, asha, "medication").expect("allowed");
    let of = |words: &[&str]| {
        let status = words.iter().map(|word| (*word).to_owned()).collect();
        let page = session.summaries(&read, &Query { status, ..Query::default() }).expect("a page");
        let mut titles: Vec<String> = page.items.into_iter().map(|row| row.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(of(&["active", ""]), ["X", "Y"]);
    assert_eq!(of(&["active"]), ["Y"]);
    assert_eq!(of(&[]), ["X", "Y", "Z"]);
}

#[test]
fn a_page_that_is_enough_is_the_same_page_and_counts_no_further() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    for day in 1..=5 {
        let on = format!("2026-01-0{day}");
        let body = json!({"concept": "Potassium", "quantity": {"value": "4.1", "unit": "mmol/L"}, "collected_at": on});
        add(&session, asha, "lab-result", &body);
    }
    let read = session.permit(Action::Read, asha, "lab-result").expect("allowed");
    let of = |number: u32, uncounted: bool| {
        let query = Query { page: number, per_page: 2, uncounted, ..Query::default() };
        let page = session.summaries(&read, &query).expect("a page");
        (page.items.iter().map(|row| row.id).collect::<Vec<_>>(), page.total)
    };
    for (number, counted) in [(1, 2), (2, 4), (3, 5)] {
        let (all, enough) = (of(number, false), of(number, true));
        assert_eq!((&all.0, all.1), (&enough.0, 5), "page {number}");
        assert_eq!(enough.1, counted, "page {number}");
    }
}

#[test]
fn the_newest_of_each_is_found_in_one_pass() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let result = |name: &str, value: &str, on: &str| json!({"concept": name, "quantity": {"value": value, "unit": "mmol/L"}, "collected_at": on});
    for (name, value, on) in
        [("Potassium", "4.1", "2024-01-01"), ("Potassium", "4.3", "2025-01-01"), ("Sodium", "140", "2023-01-01")]
    {
        add(&session, asha, "lab-result", &result(name, value, on));
    }
    let newest = || {
        let read = session.permit(Action::Read, asha, "lab-result").expect("allowed");
        let query = Query { first_of_each: true, ..Query::default() };
        let page = session.summaries(&read, &query).expect("a page");
        assert_eq!(page.total, u64::try_from(page.items.len()).expect("few"));
        page.items.into_iter().map(|row| (row.title, row.value.unwrap_or_default())).collect::<Vec<_>>()
    };
    let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(newest(), [of("Potassium", "4.3"), of("Sodium", "140")]);
    let id = add(&session, asha, "lab-result", &result("Potassium", "6.9", "2026-01-01"));
    assert_eq!(newest()[0], of("Potassium", "6.9"));
    let amend = session.permit(Action::Amend, asha, "lab-result").expect("allowed");
    session.remove(&amend, id, 1).expect("removed");
    assert_eq!(newest()[0], of("Potassium", "4.3"));
}
