//! What a look leaves in the audit log, and what it does not; tokens and their limits.

mod house;

use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::audit::query::{AuditQuery, AuditRow};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{ExportFormat, Session, Vault};
use serde_json::{Value, json};

fn looked(session: &Session, profile: ProfileId) -> Vec<AuditRow> {
    session.who_looked(profile, &AuditQuery { per_page: 1_000, ..AuditQuery::default() }).expect("the audit").rows
}

fn account(session: &Session, name: &str) -> RecordId {
    let body = json!({"email": format!("{name}@example.org"), "name": name, "roles": ["patient"]});
    house::add(session, ProfileId::SYSTEM, "account", &body).id
}

fn carer(session: &Session, profile: ProfileId, kinds: &[&str]) -> RecordId {
    let account = account(session, "carer");
    let body =
        json!({"account": account, "profile": profile, "relation": "carer", "kinds": kinds, "actions": ["read"]});
    house::add(session, ProfileId::SYSTEM, "relation", &body);
    account
}

/// Refusals are gathered by the minute; closing writes what there is.
fn reopened(vault: Vault, dir: &Path) -> Vault {
    vault.close().expect("closed");
    house::open(dir).expect("the vault opens")
}

#[test]
fn a_list_of_people_is_one_entry_and_one_person_by_themselves_is_theirs() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let (asha, ravi) = (house::person(&session, "Asha Example"), house::person(&session, "Ravi Example"));
    let before = looked(&session, ProfileId::SYSTEM).len();
    assert_eq!(session.profiles().expect("people").len(), 2);
    let rows = looked(&session, ProfileId::SYSTEM);
    // Asking who looked is a look as well.
    assert_eq!(rows.len(), before + 2);
    assert_eq!((rows[0].action, rows[0].operation.as_deref(), rows[0].count), ("read", Some("people"), 2));
    assert_eq!(rows[0].records.len(), 2);
    session.profile_card(asha).expect("a card");
    let card = |row: &AuditRow| row.operation.as_deref() == Some("read") && row.kind.as_deref() == Some("profile");
    assert!(card(&looked(&session, asha)[0]), "{:?}", looked(&session, asha));
    assert!(!looked(&session, ravi).iter().any(card));
}

#[test]
fn what_somebody_did_not_ask_for_is_no_refusal() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    house::add(&session, asha, "condition", &json!({"concept": "Asthma"}));
    let account = carer(&session, asha, &["condition", "profile"]);
    let helper = vault.session(Actor::Person { account }, "care").expect("a session");
    assert_eq!(helper.timeline(asha, &[], &Query::default()).expect("what they may see").total, 1);
    assert_eq!(helper.profiles().expect("people").len(), 1);
    assert!(helper.imports().expect("a list").is_empty());
    assert!(!helper.may(Action::Amend, asha, "condition") && helper.may(Action::Read, asha, "condition"));
    assert!(helper.permit_if_allowed(Action::Read, asha, "medication").is_none());
    drop((session, helper));
    let vault = reopened(vault, dir.path());
    let refused = |session: &Session| looked(session, asha).iter().filter(|row| row.outcome == "refused").count();
    assert_eq!(refused(&house::operator(&vault)), 0);

    let helper = vault.session(Actor::Person { account }, "care").expect("a session");
    assert!(helper.timeline(asha, &["medication"], &Query::default()).is_err());
    helper.export(asha, ExportFormat::Ndjson, &mut Vec::new()).expect_err("they may only read");
    drop(helper);
    let vault = reopened(vault, dir.path());
    let rows = looked(&house::operator(&vault), asha);
    let refusals: Vec<_> = rows.iter().filter(|row| row.outcome == "refused").map(|row| row.count).collect();
    assert_eq!(refusals.iter().sum::<u64>(), 2, "each was asked for once");
}

#[test]
fn a_token_reads_what_it_was_made_for_until_it_is_taken_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let account = account(&session, "asha");
    let person = |name: &str| session.add_profile(&json!({"name": {"text": name}}), Some(account)).expect("a person");
    let (asha, child) = (person("Asha Example").profile, person("Child Example").profile);
    let body = |more: Value| {
        let mut body = json!({"name": "Notebook", "account": account, "profiles": [asha], "kinds": ["condition"],
            "actions": ["read"]});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let token = house::add(&session, ProfileId::SYSTEM, "token", &body(json!({"expires_at": "2999-12-31"})));
    let at_work = |id: RecordId| vault.session(Actor::Token { id, account }, "notebook").expect("a session");
    let may = |id, action, profile, kind: &str| at_work(id).may(action, profile, kind);
    assert!(may(token.id, Action::Read, asha, "condition"));
    for (action, profile, kind) in [
        (Action::Amend, asha, "condition"),
        (Action::Read, asha, "medication"),
        (Action::Read, child, "condition"),
        (Action::Read, ProfileId::SYSTEM, "account"),
    ] {
        assert!(!may(token.id, action, profile, kind), "{action:?} {kind}");
    }
    assert!(!may(RecordId::new(), Action::Read, asha, "condition"), "no such token");
    let old = house::add(&session, ProfileId::SYSTEM, "token", &body(json!({"expires_at": "2020-12-31"})));
    assert!(!may(old.id, Action::Read, asha, "condition"));
    let permit = at_work(token.id).permit(Action::Read, asha, "condition").expect("allowed");
    house::amend(&session, &token, &body(json!({"revoked_at": "2026-01-01"})));
    assert!(!may(token.id, Action::Read, asha, "condition"));
    assert!(at_work(token.id).list(&permit, &Query::default()).is_err(), "the permit is asked for again");
}

#[test]
fn pages_of_a_long_log_agree_with_all_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    for _ in 0..60 {
        session.list(&read, &Query::default()).expect("a page");
    }
    drop(session);
    let vault = reopened(vault, dir.path());
    let session = house::operator(&vault);
    let page = |page| {
        let query = AuditQuery { page, per_page: 25, ..AuditQuery::default() };
        session.who_looked(asha, &query).expect("the audit")
    };
    // Each question adds an entry of its own.
    let sizes: Vec<_> = (1..=4).map(|at| (page(at).rows.len(), page(at).total)).collect();
    assert_eq!(sizes, [(25, 62), (25, 64), (15, 66), (0, 68)]);
    let only = AuditQuery { kind: Some("condition".into()), per_page: 10, ..AuditQuery::default() };
    assert_eq!(session.who_looked(asha, &only).expect("the audit").total, 60);
    assert!(vault.verify(None).expect("verified").ok);
}
