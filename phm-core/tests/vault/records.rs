//! Records and the files beside them: written, read back, amended, removed and restored, and what is refused.

use std::io::{Read as _, Seek as _, SeekFrom};

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::vault::{How, Removed};
use serde_json::{Value, json};

use crate::{add, condition, create, open, operator, person};

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
