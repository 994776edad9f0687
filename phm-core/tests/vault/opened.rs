//! Closing and opening: what opens a vault, and what is the same after it.

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::index::{Query, Timeframe};
use phm_core::vault::{How, Session, Vault};
use serde_json::{Value, json};

use crate::{PASSPHRASE, add, condition, create, open, operator, options, person};

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
