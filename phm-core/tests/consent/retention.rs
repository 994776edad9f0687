//! Rules of retention: what they would destroy is said before, and what they destroy is said after.

use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::RecordId;
use phm_core::time::Clock;
use phm_core::vault::{How, Options, Purged, Removed, Session, Vault};
use serde_json::{Value, json};

use crate::practice::{HOUR, Practice, person, sees, somebody};

const DAY: i64 = 24 * HOUR;

fn add(session: &Session, practice: &Practice, kind: &str, body: &Value) -> RecordId {
    let permit = session.permit(Action::Add, practice.asha.profile, kind).expect("her own");
    session.add(&permit, body, How::Typed).expect("added").id
}

fn carry_out(vault: &Vault) -> Vec<Purged> {
    let mut all = Vec::new();
    vault.carry_out_retention(|purged| all.push(purged)).expect("carried out");
    all
}

#[test]
fn what_is_past_its_time_is_previewed_then_destroyed_after_the_grace_and_told() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    let condition = json!({"concept": "Asthma", "onset": "2010", "status": "active"});
    let active = add(&asha, &practice, "condition", &condition);
    let over =
        add(&asha, &practice, "condition", &json!({"concept": "Measles", "onset": "2010", "status": "resolved"}));
    let held = add(&asha, &practice, "condition", &json!({"concept": "Mumps", "onset": "2010", "status": "resolved"}));
    asha.restrict(profile, &json!({"records": [held]})).expect("hers");
    let fresh = asha.preview_retention(profile, "condition", 60).expect("a preview");
    assert_eq!((fresh.due, fresh.kept), (0, 3), "what was written down just now is kept, however old it is");
    practice.after(61 * DAY);
    let young = add(&asha, &practice, "condition", &json!({"concept": "Cold", "status": "resolved"}));
    let preview = asha.preview_retention(profile, "condition", 60).expect("a preview");
    assert_eq!((preview.due, preview.kept, preview.restricted, preview.going_on), (1, 1, 1, 1));
    assert!(preview.oldest.is_some() && preview.oldest == preview.newest);
    assert!(asha.retention(profile).expect("none").is_empty(), "a preview makes no rule");

    let rule = asha.keep_for(profile, "condition", 60).expect("hers");
    assert_eq!((rule.begins_at, &*rule.by.name), (rule.since.plus_millis(7 * DAY), "asha"));
    assert_eq!(rule.preview, preview);
    practice.after(7 * DAY - 1);
    assert!(carry_out(&practice.vault).is_empty(), "nothing goes before the grace has passed");
    practice.after(1);
    let purged = carry_out(&practice.vault);
    assert_eq!(purged.len(), 1);
    assert_eq!(
        (purged[0].profile, &*purged[0].kind, purged[0].removed.records.get("condition")),
        (profile, "condition", Some(&1))
    );
    assert!(carry_out(&practice.vault).is_empty(), "once");

    let permit = asha.permit(Action::Read, profile, "condition").expect("hers");
    assert_eq!(asha.read(&permit, over, Removed::Show).expect_err("gone").kind(), ErrorKind::NotFound);
    for id in [active, held, young] {
        assert!(asha.read(&permit, id, Removed::Hide).is_ok());
    }
    let log = asha.who_looked(profile, &AuditQuery::default()).expect("a log");
    let deeds: Vec<_> = log.rows.iter().filter(|row| row.action == "purge").collect();
    assert!(!deeds.is_empty() && deeds.iter().all(|row| row.purpose.as_deref() == Some("retention")));
    let report = practice.vault.verify(None).expect("verified");
    assert!(report.ok, "{:?}", report.damaged);
    assert_eq!(practice.vault.erasures().expect("a list").last().and_then(|one| one.purged), Some(1));
    asha.keep_for_good(profile, "condition").expect("hers");
    assert_eq!(asha.keep_for_good(profile, "condition").expect_err("none").kind(), ErrorKind::NotFound);
}

#[test]
fn more_records_than_go_at_one_time_all_go() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    for n in 0..205 {
        add(&asha, &practice, "message", &json!({"text": format!("message {n}"), "sent_at": "2020-01-01T00:00:00Z"}));
    }
    asha.keep_for(profile, "message", 30).expect("hers");
    practice.after(31 * DAY);
    let purged = carry_out(&practice.vault);
    assert_eq!(purged.iter().filter_map(|one| one.removed.records.get("message")).sum::<u64>(), 205);
    assert_eq!(sees(&asha, profile, "message"), Ok(0));
    assert!(practice.vault.verify(None).expect("verified").ok);
}

#[test]
fn a_rule_that_is_ended_while_it_is_carried_out_destroys_no_further_lot() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    for n in 0..205 {
        add(&asha, &practice, "message", &json!({"text": format!("message {n}"), "sent_at": "2020-01-01T00:00:00Z"}));
    }
    asha.keep_for(profile, "message", 30).expect("hers");
    practice.after(31 * DAY);
    let mut gone = 0;
    let told = |purged: Purged| {
        gone += purged.removed.records.get("message").copied().unwrap_or_default();
        asha.keep_for_good(profile, "message").expect("hers");
    };
    practice.vault.carry_out_retention(told).expect("carried out");
    assert_eq!((gone, sees(&asha, profile, "message")), (200, Ok(5)));
}

#[test]
fn a_house_that_was_off_for_long_or_whose_clock_has_jumped_waits_before_it_destroys() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    add(&asha, &practice, "message", &json!({"text": "a message", "sent_at": "2020-01-01T00:00:00Z"}));
    asha.keep_for(profile, "message", 30).expect("hers");
    assert!(carry_out(&practice.vault).is_empty(), "not within a week");
    for pause in [25_000 * DAY, 7 * DAY - 1] {
        practice.after(pause);
        assert!(carry_out(&practice.vault).is_empty(), "{pause}");
    }
    practice.after(1);
    assert_eq!(carry_out(&practice.vault).len(), 1);
}

#[test]
fn what_came_back_from_a_backup_is_not_destroyed_again_within_a_week() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    add(&asha, &practice, "message", &json!({"text": "a message", "sent_at": "2020-01-01T00:00:00Z"}));
    practice.after(31 * DAY);
    asha.keep_for(profile, "message", 30).expect("hers");
    assert!(carry_out(&practice.vault).is_empty(), "not within a week");
    let dir = tempfile::tempdir().expect("a folder");
    let (file, again) = (dir.path().join("backup.phmb"), dir.path().join("again"));
    phm_core::backup::write(&practice.vault, &file).expect("written");
    practice.after(7 * DAY);
    assert_eq!(carry_out(&practice.vault).len(), 1);

    let options =
        || Options { cost: Cost::FLOOR, clock: Arc::clone(&practice.clock) as Arc<dyn Clock>, ..Options::default() };
    let secret = Secret::passphrase("correct horse battery staple");
    phm_core::backup::restore(&file, &again, &secret, options()).expect("restored");
    let restored = Vault::open(&again, &secret, options()).expect("the vault opens");
    assert!(carry_out(&restored).is_empty(), "somebody wanted it back");
    practice.after(7 * DAY - 1);
    assert!(carry_out(&restored).is_empty());
    practice.after(1);
    assert_eq!(carry_out(&restored).len(), 1, "the rule itself goes on");
}

#[test]
fn what_nobody_says_is_over_goes_on() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    for (kind, body, stays) in [
        ("medication", json!({"drug": "Aspirin", "start": "2015"}), true),
        ("medication", json!({"drug": "Metformin", "start": "2015", "status": "unknown"}), true),
        ("medication", json!({"drug": "Amoxicillin", "start": "2015", "status": "completed"}), false),
        ("condition", json!({"concept": "Asthma", "onset": "2010"}), true),
        ("allergy", json!({"substance": "Penicillin"}), true),
        ("allergy", json!({"substance": "Milk", "status": "resolved"}), false),
        ("appointment", json!({"start": "2099-01-01T10:00:00Z", "status": "booked"}), true),
        ("appointment", json!({"start": "2015-01-01T10:00:00Z", "status": "booked"}), false),
        ("insurance", json!({"payer": "Lake", "start": "2015"}), true),
        ("insurance", json!({"payer": "Hill", "start": "2015", "end": "2099"}), true),
        ("insurance", json!({"payer": "Mill", "start": "2015", "end": "2016"}), false),
    ] {
        add(&asha, &practice, kind, &body);
        practice.after(31 * DAY);
        let seen = asha.preview_retention(profile, kind, 30).expect("a preview");
        assert_eq!((seen.due, seen.kept + seen.going_on > 0), (u64::from(!stays), true), "{body}");
        if !stays {
            asha.keep_for(profile, kind, 30).expect("hers");
            assert!(carry_out(&practice.vault).is_empty(), "not yet");
            practice.after(7 * DAY);
            let purged = carry_out(&practice.vault);
            assert_eq!(purged.iter().filter_map(|one| one.removed.records.get(kind)).sum::<u64>(), 1, "{body}");
            asha.keep_for_good(profile, kind).expect("hers");
        }
    }
    let left = ["medication", "condition", "allergy", "insurance"].map(|kind| sees(&asha, profile, kind));
    assert_eq!(left, [Ok(2), Ok(1), Ok(1), Ok(2)]);
}

#[test]
fn only_whoever_may_erase_makes_rules_and_a_rule_ends_with_that_right() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    assert_eq!(doctor.keep_for(profile, "note", 60).expect_err("a stranger").kind(), ErrorKind::NotFound);
    asha.give(profile, &practice.for_a_day()).expect("given");
    for error in [
        doctor.keep_for(profile, "note", 60).map(|_| ()).expect_err("not theirs"),
        doctor.preview_retention(profile, "note", 60).map(|_| ()).expect_err("not theirs"),
        doctor.retention(profile).map(|_| ()).expect_err("not theirs"),
    ] {
        assert_eq!(error.code(), "not-granted");
    }
    for (kind, days, path) in
        [("profile", 60, "/kind"), ("account", 60, "/kind"), ("note", 29, "/days"), ("note", 40_000, "/days")]
    {
        let error = asha.keep_for(profile, kind, days).expect_err("wrong");
        assert_eq!(error.details()[0].path, path, "{kind} {days}");
    }
    // An owner's rule is void once they keep the records no more.
    let owner = somebody(&practice.vault, "mira", "patient");
    asha.let_in(profile, owner.account, &phm_core::vault::Offer::Owner).expect("let in");
    person(&practice.vault, owner).keep_for(profile, "note", 30).expect("theirs");
    let family = asha.family(profile).expect("hers");
    let relation = family.iter().find(|one| one.account == owner.account).expect("an owner").id;
    asha.end_relation(profile, relation).expect("hers");
    practice.after(40 * DAY);
    assert!(carry_out(&practice.vault).is_empty());
    assert_eq!(sees(&asha, profile, "note"), Ok(1));
    // The operator's own stays one.
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    operator.keep_for(profile, "note", 30).expect("allowed");
    practice.after(8 * DAY);
    assert_eq!(carry_out(&practice.vault).len(), 1);
    assert_eq!(sees(&asha, profile, "note"), Ok(0));
}
