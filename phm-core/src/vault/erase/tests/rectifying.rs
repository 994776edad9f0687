//! Rectifying a record.

use super::*;
use crate::audit::query::AuditQuery;
use crate::crypto::unlock::Unlocked;
use crate::error::ErrorKind;
use crate::vault::Removed;

/// The sealed bodies and originals of a record, in every version.
fn of_record(home: &Home, record: RecordId) -> Vec<Body> {
    let inner = home.inner();
    let open = inner.open_profile(home.asha).expect("open");
    let seqs: Vec<u64> = {
        let index = crate::vault::records::read_lock(&open);
        index.entries().filter(|entry| entry.record() == record).map(crate::index::Version::seq).collect()
    };
    let reader = inner.reader(home.asha, open.blinded);
    let mut all = Vec::new();
    for seq in seqs {
        for table in [Table::Journal, Table::Origin] {
            if let Some(parts) = reader.parts(table, seq).expect("read") {
                all.push(Body { context: context(inner.marker.vault, table, home.asha, seq), parts });
            }
        }
    }
    all
}

fn rectify(home: &Home, kind: &str, record: RecordId, keep: Keep) -> crate::Result<super::super::Rectified> {
    let session = home.session();
    let permit = session.permit(Action::Erase, home.asha, kind)?;
    session.rectify(&permit, record, keep)
}

/// What is true once a condition, with all of its versions, is gone, and the rest is as it was.
fn is_rectified(home: &Home) {
    let session = home.session();
    assert!(home.vault().unfinished().expect("readable").is_none());
    assert_eq!(home.kept_files(), 0, "a file that may hold its row is gone");
    let permit = session.permit(Action::Read, home.asha, "condition").expect("allowed");
    let gone = session.read(&permit, home.condition, Removed::Show).expect_err("gone");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    assert_eq!(session.list(&permit, &Query::default()).expect("a page").total, 1, "the imported one stays");
    assert_eq!(read(&session, home.asha), 1);
    let page = session.who_looked(home.asha, &AuditQuery { per_page: 500, ..AuditQuery::default() }).expect("a page");
    assert!(page.rows.iter().all(|row| row.kind.is_some()), "what the log says of her opens");
    home.verify();
}

#[test]
fn no_key_of_today_or_yesterday_opens_a_rectified_record() {
    let home = Home::new(Engine::Sled);
    for (kind, record) in [("condition", home.condition), ("document", home.document), ("condition", home.imported)] {
        let files = if record == home.document { file_bodies(&home) } else { Vec::new() };
        let before = Copies { bodies: of_record(&home, record), files };
        assert_eq!(before.opened(&keys_now(&home)), before.count(), "every body opens before");
        let yesterday = tempfile::tempdir().expect("a folder");
        copy(&home.path(), "keyring", yesterday.path());
        let report = rectify(&home, kind, record, Keep::Nothing).expect("rectified");
        assert!(report.removed.entries > 0 && report.compacted, "{report:?}");
        copy(&home.path(), "slots", yesterday.path());
        let mut keys = keys_now(&home);
        for secret in home.secrets() {
            if let Ok(unlocked) = Unlocked::open(yesterday.path(), home.vault().id(), &secret) {
                keys.extend(keys_of(unlocked.keyring()));
            }
        }
        assert_eq!(before.opened(&keys), 0);
        assert_eq!(found_in(&home.path(), &before.salts()), 0);
    }
    assert_eq!(std::fs::read_dir(home.path().join("documents")).expect("list").count(), 1, "the file is gone too");
    home.verify();
}

#[test]
fn a_record_rectified_while_a_new_key_was_under_way_opens_under_neither() {
    let home = Home::new(Engine::Redb);
    let before = of_record(&home, home.condition);
    // As a rotation that was interrupted leaves it: some of the journal may be under the second key already.
    home.inner().keys.begin_rotation(home.asha).expect("begun");
    rectify(&home, "condition", home.condition, Keep::Nothing).expect("rectified");
    is_rectified(&home);
    assert_eq!(opened(&before, &keys_now(&home)), 0);
    assert_eq!(home.inner().keys.profile_epochs(home.asha), [3], "the second one is gone as well");
    home.verify();
}

#[test]
fn a_rectification_stopped_after_any_step_goes_on_when_the_vault_opens() {
    for engine in ENGINES {
        let mut steps = 0;
        for stop in 0..100 {
            let mut home = Home::new(engine);
            let before = of_record(&home, home.condition);
            let session = home.session();
            let permit = session.permit(Action::Erase, home.asha, "condition").expect("allowed");
            let mut plan = session.begin_rectifying(&permit, home.condition, Keep::Nothing).expect("begun");
            steps = plan.steps().len();
            for step in plan.steps().iter().take(stop) {
                step(&session, &mut plan).expect("a step");
                let report = home.vault().verify(None).expect("verified");
                assert!(report.ok, "{engine:?} in {stop} steps: {:?}", report.damaged);
            }
            drop(session);
            home.reopen();
            is_rectified(&home);
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
fn what_a_record_said_before_goes_and_its_newest_version_stays() {
    let mut home = Home::new(Engine::Redb);
    let before = of_record(&home, home.condition);
    let report = rectify(&home, "condition", home.condition, Keep::Newest).expect("rectified");
    assert_eq!((report.removed.entries, report.removed.records["condition"]), (1, 0));
    assert_eq!(opened(&before, &keys_now(&home)), 0, "the newest is under a new key as well");
    for _ in 0..2 {
        let session = home.session();
        let permit = session.permit(Action::Read, home.asha, "condition").expect("allowed");
        let versions = session.history(&permit, home.condition).expect("a history");
        assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2]);
        assert!(versions[0].body.get().contains("Severe"));
        drop(session);
        home.verify();
        home.reopen();
    }
    amend(&home.session(), home.asha, "condition", home.condition, 2, &json!({"concept": "Asthma, mild"}));
    let again = rectify(&home, "condition", home.condition, Keep::Newest).expect("rectified");
    assert_eq!(again.removed.entries, 1);
    let nothing = rectify(&home, "condition", home.condition, Keep::Newest).expect_err("no earlier version");
    assert_eq!((nothing.kind(), nothing.code()), (ErrorKind::Invalid, "nothing-to-destroy"));
    home.verify();
}

#[test]
fn the_wrong_name_of_a_person_goes_and_the_person_stays() {
    let home = Home::new(Engine::Redb);
    let own = super::super::of_person(home.asha);
    let refused = rectify(&home, "profile", own, Keep::Nothing).expect_err("the person stays");
    assert_eq!(refused.code(), "not-removable");
    amend(&home.session(), home.asha, "profile", own, 1, &json!({"name": {"text": "Asha Singh"}}));
    rectify(&home, "profile", own, Keep::Newest).expect("rectified");
    let cards = home.session().profiles().expect("people");
    assert!(cards.iter().any(|card| card.name == "Asha Singh"));
    home.verify();
}

#[test]
fn records_that_are_not_there_or_of_another_kind_or_person_are_refused() {
    let home = Home::new(Engine::Redb);
    let rows = all_rows(home.inner());
    for (kind, record) in [("note", home.condition), ("condition", RecordId::new())] {
        assert_eq!(rectify(&home, kind, record, Keep::Nothing).expect_err("refused").kind(), ErrorKind::NotFound);
    }
    let session = home.session();
    let permit = session.permit(Action::Erase, home.ravi, "condition").expect("allowed");
    let of_another = session.rectify(&permit, home.condition, Keep::Nothing).expect_err("refused");
    assert_eq!(of_another.kind(), ErrorKind::NotFound);
    let permit = session.permit(Action::Amend, home.asha, "condition").expect("allowed");
    let to_amend = session.rectify(&permit, home.condition, Keep::Nothing).expect_err("refused");
    assert_eq!(to_amend.kind(), ErrorKind::Denied);
    assert_eq!(all_rows(home.inner()), rows);
    assert!(home.vault().unfinished().expect("readable").is_none());
}

#[test]
fn a_person_whose_record_was_rectified_can_be_erased() {
    let home = Home::new(Engine::Sled);
    rectify(&home, "condition", home.condition, Keep::Nothing).expect("rectified");
    home.session().erase_profile(home.asha).expect("erased");
    home.verify();
    assert_eq!(home.vault().erasures().expect("a list").len(), 2);
}

#[test]
fn what_a_link_or_a_plugin_repeats_of_a_record_goes_with_it() {
    let home = Home::new(Engine::Sled);
    let (session, vault) = (home.session(), home.vault());
    let soon = home.inner().now().plus_millis(3_600_000);
    let link = |record: RecordId| {
        let made = session.make_share(home.asha, &json!({"records": [record], "expires_at": soon})).expect("made");
        made.card.id
    };
    let (to_it, to_another) = (link(home.condition), link(home.imported));
    vault.put_state(home.asha, "plugin kv/a", &json!({"seen": home.condition}), None).expect("put");
    vault.put_state(home.ravi, "plugin kv/a", &json!({"seen": home.condition}), None).expect("put");
    rectify(&home, "condition", home.condition, Keep::Nothing).expect("rectified");
    assert_eq!(vault.open_share(&to_it, None).expect_err("it ended").kind(), ErrorKind::NotFound);
    assert_eq!(vault.state::<String>(home.asha, &format!("share/{to_it}")).expect("read"), None, "nor is it kept");
    vault.open_share(&to_another, None).expect("a link to another record is as good as before");
    let cards = session.shares(home.asha).expect("listed");
    let ended = cards.iter().find(|card| card.id == to_it).expect("still listed");
    assert_eq!(ended.state, crate::vault::ShareState::Revoked);
    assert_eq!(vault.state::<Value>(home.asha, "plugin kv/a").expect("read"), None);
    assert!(vault.state::<Value>(home.asha, "plugin").expect("read").is_some(), "what does not name it stays");
    assert!(vault.state::<Value>(home.ravi, "plugin kv/a").expect("read").is_some());
    home.verify();
}
