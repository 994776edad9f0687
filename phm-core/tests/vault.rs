//! What a vault promises, through its front door.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Timeframe};
use phm_core::vault::{How, Options, Removed, Session, Vault};
use phm_core::{ErrorKind, backup};
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
    assert!(vault.verify(None).expect("verified").ok);
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
    assert!(vault.verify(None).expect("verified").ok);
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
fn a_backup_restores_and_a_changed_one_does_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(&dir.path().join("vault"));
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let id = add(&session, asha, "condition", &condition("Asthma", "2019"));
    let file = dir.path().join("backup.phmb");
    let written = backup::write(&vault, &file).expect("written");
    let secret = Secret::passphrase(PASSPHRASE);
    let drilled = backup::drill(&file, &secret, options()).expect("drilled");
    assert!(drilled.ok && drilled.audit_root == written.audit_root);
    let restored = backup::restore(&file, &dir.path().join("again"), &secret, options()).expect("restored");
    assert_eq!((restored.profiles, restored.entries), (1, written.entries));
    let again = open(&dir.path().join("again"));
    let session = operator(&again);
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    assert!(session.read(&read, id, Removed::Hide).expect("there").body.get().contains("Asthma"));

    let mut bytes = std::fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).expect("changed");
    let error = backup::restore(&file, &dir.path().join("third"), &secret, options()).expect_err("changed");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(!dir.path().join("third").exists(), "nothing half-made is left");
}

#[test]
fn many_records_open_from_the_checkpoint_and_fold_the_rest() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let permit = session.permit(Action::Add, asha, "condition").expect("allowed");
    let bodies: Vec<_> = (0..300).map(|n| condition(&format!("Condition {n}"), "2019")).collect();
    session.add_many(&permit, &bodies, &How::Typed).expect("added");
    drop(session);
    vault.close().expect("closed");
    assert!(std::fs::read_dir(dir.path().join("index")).expect("a folder").count() >= 1);
    for round in 0..2 {
        let vault = open(dir.path());
        let session = operator(&vault);
        add(&session, asha, "condition", &condition("Late", "2020"));
        let read = session.permit(Action::Read, asha, "condition").expect("allowed");
        assert_eq!(session.summaries(&read, &Query::default()).expect("a page").total, 301 + round);
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
    assert_eq!(session.summaries(&read, &Query::default()).expect("a page").total, 302);
}
