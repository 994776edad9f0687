//! Purging: many records go in one plan, whatever the moment it is interrupted at.

use std::collections::BTreeSet;

use super::*;
use crate::error::ErrorKind;
use crate::vault::Removed;

/// Asha's notes, of which one was removed.
fn notes(home: &Home) -> BTreeSet<RecordId> {
    let open = home.inner().open_profile(home.asha).expect("open");
    let index = crate::vault::records::read_lock(&open);
    index.records().filter(|state| state.kind() == "note").map(crate::index::RecordState::id).collect()
}

fn bodies_of(home: &Home, ids: &BTreeSet<RecordId>) -> Vec<Body> {
    let inner = home.inner();
    let open = inner.open_profile(home.asha).expect("open");
    let seqs: Vec<u64> = {
        let index = crate::vault::records::read_lock(&open);
        index.entries().filter(|entry| ids.contains(&entry.record())).map(crate::index::Version::seq).collect()
    };
    let reader = inner.reader(home.asha, open.blinded);
    let parts = |seq: u64| reader.parts(Table::Journal, seq).expect("read").expect("there");
    let body =
        |seq: u64| Body { context: context(inner.marker.vault, Table::Journal, home.asha, seq), parts: parts(seq) };
    seqs.into_iter().map(body).collect()
}

/// What is true once all notes are gone, and the rest is as it was.
fn is_purged(home: &Home, ids: &BTreeSet<RecordId>) {
    let session = home.session();
    assert!(home.vault().unfinished().expect("readable").is_none());
    assert_eq!(home.kept_files(), 0, "a file that may hold their rows is gone");
    let permit = session.permit(Action::Read, home.asha, "note").expect("allowed");
    for id in ids {
        assert_eq!(session.read(&permit, *id, Removed::Show).expect_err("gone").kind(), ErrorKind::NotFound);
    }
    let permit = session.permit(Action::Read, home.asha, "condition").expect("allowed");
    assert_eq!(session.list(&permit, &Query::default()).expect("a page").total, 2, "the others stay");
    home.verify();
}

#[test]
fn a_purge_stopped_after_any_step_goes_on_when_the_vault_opens() {
    for engine in ENGINES {
        let mut steps = 0;
        for stop in 0..100 {
            let mut home = Home::new(engine);
            let ids = notes(&home);
            assert_eq!(ids.len(), 2, "one of them is removed already");
            let before = bodies_of(&home, &ids);
            assert_eq!(opened(&before, &keys_now(&home)), before.len(), "every body opens before");
            let session = home.session();
            let permit = session.permit(Action::Erase, home.asha, "note").expect("allowed");
            let mut plan = session.begin_purging(&permit, &ids).expect("begun");
            steps = plan.steps().len();
            for step in plan.steps().iter().take(stop) {
                step(&session, &mut plan).expect("a step");
                home.verify();
            }
            drop(session);
            home.reopen();
            is_purged(&home, &ids);
            assert_eq!(opened(&before, &keys_now(&home)), 0);
            assert_eq!(home.inner().keys.profile_epochs(home.asha), [2], "the key was changed once");
            if stop == steps {
                break;
            }
        }
        assert_eq!(steps, 6, "every step was stopped after");
    }
}

#[test]
fn records_of_another_kind_and_the_record_of_the_person_are_not_purged() {
    let home = Home::new(Engine::Sled);
    let session = home.session();
    let permit = session.permit(Action::Erase, home.asha, "note").expect("allowed");
    let refused = session.purge(&permit, &BTreeSet::from([home.condition])).expect_err("no note");
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    let permit = session.permit(Action::Erase, home.asha, "profile").expect("allowed");
    let own = RecordId::from_bytes(*home.asha.as_bytes());
    assert!(session.purge(&permit, &BTreeSet::from([own])).is_err());
    assert!(home.vault().unfinished().expect("readable").is_none());
    home.verify();
}

#[test]
fn what_is_restricted_after_a_purge_was_planned_keeps_it_from_going() {
    let home = Home::new(Engine::Redb);
    let (ids, session) = (notes(&home), home.session());
    let permit = session.permit(Action::Read, home.asha, "note").expect("allowed");
    let page = session.list(&permit, &Query::default()).expect("a page");
    let kept: Vec<RecordId> = page.items.iter().map(|record| record.id).collect();
    assert!(!kept.is_empty() && kept.iter().all(|id| ids.contains(id)));
    session.restrict(home.asha, &json!({"records": kept})).expect("the operator may");
    let permit = session.permit(Action::Erase, home.asha, "note").expect("allowed");
    assert_eq!(session.purge(&permit, &ids).expect_err("restricted").kind(), ErrorKind::Conflict);
    assert!(home.vault().unfinished().expect("readable").is_none(), "nothing was begun");
    assert_eq!(read(&session, home.asha), kept.len() as u64);
    home.verify();
}
