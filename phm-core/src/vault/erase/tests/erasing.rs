//! Erasing a person.

use super::super::plan::{Epochs, What};
use super::super::{Ended, Removal};
use super::*;
use crate::audit::proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
use crate::audit::query::AuditQuery;
use crate::audit::tree::Hash;
use crate::crypto::unlock::Unlocked;
use crate::error::ErrorKind;
use crate::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use crate::store::{Batch, Opener, StoreError};
use crate::vault::ledger::tile_hash;

/// Everything about Asha that is sealed anywhere: what is under keys of her own, her state, and what the house says
/// about her alone.
fn everything(home: &Home) -> Copies {
    let mut all = Copies::her_own(home);
    all.bodies.extend(state_bodies(home.inner(), home.asha));
    all.bodies.extend(house(home.inner(), home));
    all
}

/// What `system` says about Asha alone: account, relation, grant, import, and two state rows.
fn house(inner: &Inner, home: &Home) -> Vec<Body> {
    let key = inner.keys.profile_key(ProfileId::SYSTEM).expect("a key").1;
    let state = inner.keys.state_key().expect("a key").1;
    let names = [home.asha.to_string(), home.account.to_string()];
    let about = |plaintext: &[u8]| {
        let text = String::from_utf8_lossy(plaintext);
        names.iter().any(|name| text.contains(name))
    };
    let mut all = journal_bodies(inner, ProfileId::SYSTEM);
    all.retain(|body| crypto::open(&key, &body.context, &body.parts).is_ok_and(|opened| about(&opened.plaintext)));
    assert!(all.len() >= 5, "{} entries of the house name her", all.len());
    let mut rows = state_bodies(inner, ProfileId::SYSTEM);
    rows.retain(|body| crypto::open(&state, &body.context, &body.parts).is_ok_and(|opened| about(&opened.plaintext)));
    assert_eq!(rows.len(), 2, "the kept answer and the sign-in");
    all.extend(rows);
    all
}

/// How many of these copies open after `erase`, with today's keyring or that of before, today's slots and every secret.
fn opened_after(home: &Home, before: &Copies, erase: impl FnOnce(&Session)) -> usize {
    assert_eq!(before.opened(&keys_now(home)), before.count(), "every body opens before");
    let yesterday = tempfile::tempdir().expect("a folder");
    copy(&home.path(), "keyring", yesterday.path());
    erase(&home.session());
    copy(&home.path(), "slots", yesterday.path());
    let mut keys = keys_now(home);
    for secret in home.secrets() {
        for dir in [yesterday.path(), &home.path()] {
            if let Ok(unlocked) = Unlocked::open(dir, home.vault().id(), &secret) {
                keys.extend(keys_of(unlocked.keyring()));
            }
        }
    }
    before.opened(&keys)
}

#[test]
fn yesterdays_keyring_opens_nothing_of_the_erased() {
    for engine in ENGINES {
        let home = Home::new(engine);
        let before = everything(&home);
        let left = opened_after(&home, &before, |session| _ = session.erase_profile(home.asha).expect("erased"));
        assert_eq!(left, 0, "{engine:?}: of {} bodies", before.count());

        // What is sealed under keys of her own, as soon as these are dropped: nothing waits for a later root.
        let home = Home::new(engine);
        let before = Copies::her_own(&home);
        let left = opened_after(&home, &before, |session| {
            let mut plan = session.begin_erasing(home.asha).expect("begun");
            plan.steps()[0](session, &mut plan).expect("the keys go");
        });
        assert_eq!(left, 0, "{engine:?}: of {} bodies", before.count());
    }
}

#[test]
fn no_byte_of_the_erased_is_left_in_the_folder() {
    for engine in ENGINES {
        let mut home = Home::new(engine);
        let mut wanted = everything(&home).salts();
        wanted.insert(home.blinded());
        wanted.insert(*home.asha.as_bytes());
        home.reopen();
        assert!(found_in(&home.path(), &wanted) > wanted.len() / 2, "the search finds them while they are there");
        let documents = std::fs::read_dir(home.path().join("documents")).expect("list").count();
        let report = home.session().erase_profile(home.asha).expect("erased");
        assert!(report.compacted);
        assert_eq!(found_in(&home.path(), &wanted), 0, "{engine:?}");
        home.reopen();
        assert_eq!(found_in(&home.path(), &wanted), 0, "{engine:?} after closing");
        assert_eq!(std::fs::read_dir(home.path().join("documents")).expect("list").count(), documents - 1);
        home.verify();
    }
}

/// What is true once Asha is erased.
fn is_erased(home: &Home) {
    let (inner, session) = (home.inner(), home.session());
    assert!(home.vault().unfinished().expect("readable").is_none());
    assert!(!inner.keys.has_profile(home.asha) && inner.keys.about_key(home.asha).is_none());
    assert_eq!(home.kept_files(), 0);
    assert!(!home.path().join("index").join(hex(&home.blinded())).exists(), "nothing is kept of her index");
    assert_eq!(session.permit(Action::Read, home.asha, "note").expect_err("gone").kind(), ErrorKind::NotFound);
    let people: Vec<ProfileId> = session.profiles().expect("people").iter().map(|card| card.profile).collect();
    assert_eq!(people, [home.ravi]);
    for table in [Table::Journal, Table::Origin, Table::State, Table::Head] {
        assert!(bodies(inner, table, &home.blinded(), 35, &|_| Vec::new()).is_empty(), "{table:?}");
    }
    assert!(home.vault().session(Actor::Person { account: home.account }, "test").is_err(), "nobody signs in as her");
    let person = inner.people().expect("people");
    assert!(person.by_email("asha@example.org").is_none());
    // Ravi has noticed nothing.
    assert_eq!(read(&session, home.ravi), 2);
    let his: Option<Value> = home.vault().state(home.ravi, "plugin").expect("read");
    assert_eq!(his, Some(json!({"cursor": "his"})));
    assert!(home.vault().state::<Value>(ProfileId::SYSTEM, "job").expect("read").is_some());
    assert!(home.vault().state::<Value>(ProfileId::SYSTEM, "answer").expect("read").is_none());
    assert!(home.vault().state::<Value>(ProfileId::SYSTEM, "sign-in").expect("read").is_none());
    let page = session.who_looked(home.ravi, &AuditQuery { per_page: 500, ..AuditQuery::default() }).expect("a page");
    assert!(page.rows.len() > 3 && page.rows.iter().all(|row| row.kind.is_some()), "who looked at Ravi opens");
    assert_eq!(home.vault().erasures().expect("a list").iter().map(|one| one.profile).collect::<Vec<_>>(), [home.asha]);
    home.verify();
}

#[test]
fn an_erasure_stopped_after_any_step_goes_on_when_the_vault_opens() {
    for engine in ENGINES {
        let mut steps = 0;
        for stop in 0..100 {
            let mut home = Home::new(engine);
            let session = home.session();
            let mut plan = session.begin_erasing(home.asha).expect("begun");
            steps = plan.steps().len();
            for step in plan.steps().iter().take(stop) {
                step(&session, &mut plan).expect("a step");
            }
            if stop < steps {
                assert!(home.vault().unfinished().expect("readable").is_some());
                let report = home.vault().verify(None).expect("verified");
                assert!(report.ok, "{engine:?} after {stop} steps: {:?}", report.damaged);
                let refused = session.permit(Action::Read, home.asha, "note").expect_err("out of reach");
                assert_eq!(refused.kind(), ErrorKind::NotFound);
            }
            drop(session);
            home.reopen();
            is_erased(&home);
            // And twice over changes nothing.
            home.reopen();
            is_erased(&home);
            if stop == steps {
                break;
            }
        }
        assert_eq!(steps, 8, "every step was stopped after");
    }
}

#[test]
fn whatever_read_fails_at_the_opening_nobody_who_is_leaving_comes_back() {
    nobody_comes_back(|| StoreError::Io(std::io::Error::other("a read that fails")), ErrorKind::Io);
}

#[test]
fn wherever_the_engine_meets_damage_at_the_opening_nobody_who_is_leaving_comes_back() {
    nobody_comes_back(|| StoreError::Corrupt("a checksum does not match".into()), ErrorKind::Corrupt);
}

fn nobody_comes_back(error: fn() -> StoreError, kind: ErrorKind) {
    let mut home = Home::new(Engine::Redb);
    let session = home.session();
    session.begin_erasing(home.asha).expect("begun");
    drop(session);
    home.close();
    let (mut refused, mut finished) = (0, 0);
    // Behind the first ones the steps are taken.
    for number in (1..60).chain((60..2_000).step_by(40)) {
        let copy = tempfile::tempdir().expect("a folder");
        let dir = copy.path().join("vault");
        copy_all(&home.path(), &dir);
        let faults = Faults::default();
        faults.fail(Fault { call: Call::Get, number, moment: Moment::Before, error });
        let sharing = faults.clone();
        let opener: Opener = std::sync::Arc::new(move |engine, dir, cache| {
            Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
        });
        match Vault::open(&dir, &home.secret, Options { opener, ..home.options() }) {
            Err(error) => {
                assert_eq!(error.kind(), kind, "{number}: {error}");
                refused += 1;
            }
            Ok(vault) => {
                let asked = faults.calls(Call::Get);
                faults.heal();
                finished += u32::from(vault.unfinished().expect("readable").is_none());
                let session = vault.session(Actor::Operator, "test").expect("the operator");
                let kind = session.permit(Action::Read, home.asha, "note").expect_err("out of reach").kind();
                assert_eq!(kind, ErrorKind::NotFound, "{number}");
                if asked < number {
                    break;
                }
            }
        }
    }
    assert!(refused > 2 && finished > 0, "{refused} refused, {finished} finished");
}

#[test]
fn a_step_taken_twice_is_as_good_as_once() {
    let mut home = Home::new(Engine::Redb);
    let session = home.session();
    let mut plan = session.begin_erasing(home.asha).expect("begun");
    for step in plan.steps() {
        step(&session, &mut plan).expect("a step");
        let ended = plan.ended.clone();
        step(&session, &mut plan).expect("a step again");
        assert_eq!(plan.ended, ended);
    }
    drop(session);
    is_erased(&home);
    home.reopen();
    is_erased(&home);
}

#[test]
fn the_report_says_what_is_gone_and_what_is_not() {
    let home = Home::new(Engine::Sled);
    let session = home.session();
    let rows = all_rows(home.inner());
    let report = session.erase_profile(home.asha).expect("erased");
    assert!(all_rows(home.inner()) < rows);
    let removed = &report.removed;
    let of = |kind: &str| removed.records.get(kind).copied().unwrap_or(0);
    assert_eq!((of("condition"), of("note"), of("document"), of("profile")), (2, 2, 1, 1), "{removed:?}");
    assert_eq!((of("fhir-resource"), of("import")), (2, 0), "{removed:?}");
    assert_eq!((removed.documents, removed.originals), (1, 3), "{removed:?}");
    assert!(removed.bytes > 20_000 && removed.entries >= 9, "{removed:?}");
    let ended = &report.ended;
    assert_eq!(ended.accounts, [home.account]);
    assert_eq!((ended.relations, ended.grants, ended.tokens, ended.imports), (1, 1, 0, 1), "{ended:?}");
    assert!(ended.kept_accounts.is_empty() && report.compacted);
    assert_eq!(report.old_copies.made_before, report.begun_at);
    assert!(report.backups.iter().all(|backup| backup.made_at <= report.begun_at) && !report.backups.is_empty());
    assert_eq!((report.mentions.total, report.mentions.records[0].profile), (1, home.ravi));
    let json = serde_json::to_string(&report).expect("JSON");
    assert!(!json.contains("Asha") && !json.contains("example.org"), "a report names nobody");
    assert_eq!(session.erase_profile(home.asha).expect_err("gone").kind(), ErrorKind::NotFound);
}

#[test]
fn every_proof_of_the_log_still_holds_and_what_it_said_about_the_erased_is_silent() {
    let home = Home::new(Engine::Sled);
    let inner = home.inner();
    let log = inner.keys.log().expect("a log");
    home.session().inner.committer.flush().expect("flushed");
    let said = log_bodies(inner, home.asha).len();
    let head = inner.stored_head(home.asha, &home.blinded()).expect("whole").expect("a head");
    let (size, root) = inner.at_barrier(|ledger| Ok((ledger.size(), ledger.root()))).expect("the log");
    let note = home.dir.path().join("note");
    std::fs::write(&note, home.vault().checkpoint().expect("a checkpoint")).expect("kept elsewhere");
    home.session().erase_profile(home.asha).expect("erased");

    let (now, new) = inner.at_barrier(|ledger| Ok((ledger.size(), ledger.root()))).expect("the log");
    let hash = |level, index| tree_hash(inner, log, level, index);
    let grown = consistency_proof(size, now, hash).expect("a proof");
    assert!(verify_consistency(size, &root, now, &new, &grown), "the log only grew");
    for leaf in 0..now {
        let proof = inclusion_proof(leaf, now, hash).expect("a proof");
        let own = tile_hash(&inner.store, log, 0, leaf).expect("a row");
        assert!(verify_inclusion(&own, leaf, now, &proof, &new), "row {leaf}");
    }
    assert!(home.vault().verify(Some(&note)).expect("verified").ok);
    let (mut kept, mut open) = (0, 0);
    for leaf in 0..now {
        for entry in inner.audit_row(log, leaf).expect("a row").entries {
            if entry.subject.is_some_and(|subject| *subject.as_bytes() == head.pseudonym) {
                kept += usize::from(!entry.inner.is_empty());
                open += usize::from(inner.audit_about(log, home.asha, &entry).is_some());
            }
        }
    }
    assert_eq!((kept, open), (said, 0), "her rows stay, and say nothing");
}

/// The hash of a subtree from the rows themselves.
fn tree_hash(inner: &Inner, log: crate::id::LogId, level: u8, index: u64) -> crate::Result<Hash> {
    if level == 0 {
        return tile_hash(&inner.store, log, 0, index);
    }
    let left = tree_hash(inner, log, level - 1, 2 * index)?;
    Ok(crate::audit::tree::node_hash(&left, &tree_hash(inner, log, level - 1, 2 * index + 1)?))
}

#[test]
fn rows_that_went_without_an_entry_that_names_them_are_damage() {
    let home = Home::new(Engine::Redb);
    home.session().erase_profile(home.asha).expect("erased");
    home.verify();
    let blinded = home.inner().keys.blind_profile(home.ravi);
    let mut batch = Batch::default();
    batch.delete(crate::store::layout::journal(&blinded, 2, 0));
    home.inner().store.commit(batch).expect("deleted");
    let report = home.vault().verify(None).expect("verified");
    assert!(!report.ok && report.damaged.iter().any(|damage| damage.reason == "missing"), "{:?}", report.damaged);

    // And of somebody whose key and rows went, and of whom nothing was said.
    let home = Home::new(Engine::Redb);
    home.inner().keys.forget_person(home.asha).expect("forgotten");
    let mut batch = Batch::default();
    for table in [Table::Journal, Table::Origin, Table::State, Table::Head] {
        let (from, to) = rows_of(table, &home.blinded());
        let see = &mut |(address, _): (&[u8], &[u8])| {
            batch.delete(address.to_vec());
            true
        };
        home.inner().store.scan(&from, &to, see).expect("scanned");
    }
    home.inner().store.commit(batch).expect("deleted");
    let report = home.vault().verify(None).expect("verified");
    assert!(report.damaged.iter().any(|damage| damage.reason == "missing"), "{:?}", report.damaged);
}

#[test]
fn writes_on_their_way_while_somebody_is_erased_are_refused_and_leave_nothing() {
    let home = Home::new(Engine::Sled);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let write = || {
            let session = home.session();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let Ok(permit) = session.permit(Action::Add, home.asha, "document") else { continue };
                let scan = json!({"title": "Scan", "category": "other"});
                let _ = session.add_document(&permit, &scan, &mut &b"another scan"[..], 1 << 20);
                let _ = home.vault().put_state(home.asha, "late", &json!("hers"), None);
            }
        };
        let others = || {
            let session = home.session();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                add(&session, home.ravi, "condition", &json!({"concept": "Asthma"}));
                home.vault().put_state(ProfileId::SYSTEM, "job", &json!({"profile": home.ravi}), None).expect("put");
                read(&session, home.ravi);
                let report = home.vault().verify(None).expect("verified");
                assert!(report.ok, "{:?}", report.damaged);
            }
        };
        let (write, others) = (scope.spawn(write), scope.spawn(others));
        std::thread::sleep(std::time::Duration::from_millis(100));
        home.session().erase_profile(home.asha).expect("erased");
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        write.join().expect("no thread fell");
        others.join().expect("no thread fell");
    });
    is_erased(&home);
    assert_eq!(std::fs::read_dir(home.path().join("documents")).expect("list").count(), 1, "only `incoming`");
}

#[test]
fn a_plan_keeps_the_form_that_stands_on_disk() {
    let plan = Plan {
        what: What::Erase,
        profile: ProfileId::from_bytes([1; 16]),
        begun_at: Instant::from_millis(0),
        pseudonym: [2; 16],
        last: 7,
        epochs: Epochs { own: 1, system: 2, library: 3, state: 4 },
        files: vec![crate::id::FileId::from_bytes([3; 16])],
        series: vec![[4; 16]],
        removed: Removal { documents: 1, entries: 7, bytes: 9, ..Removal::default() },
        ended: Ended::default(),
        library: false,
        restrictions: None,
        done: false,
        compacted: false,
    };
    let text = serde_json::to_string(&plan).expect("JSON");
    insta::assert_snapshot!(text, @r#"{"what":"erase","profile":"01010101-0101-0101-0101-010101010101","begun_at":"1970-01-01T00:00:00.000Z","pseudonym":[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2],"last":7,"epochs":{"own":1,"system":2,"library":3,"state":4},"files":["03030303-0303-0303-0303-030303030303"],"series":[[4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4]],"removed":{"records":{},"entries":7,"originals":0,"documents":1,"bytes":9},"ended":{"accounts":[],"relations":0,"grants":0,"tokens":0,"imports":0,"kept_accounts":[],"shared_imports":0},"library":false,"done":false}"#);
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("its own form"), plan);
    let what = What::Rectify { record: RecordId::from_bytes([5; 16]), kind: "note".into() };
    insta::assert_snapshot!(serde_json::to_string(&what).expect("JSON"), @r#"{"rectify":{"record":"05050505-0505-0505-0505-050505050505","kind":"note"}}"#);
}
