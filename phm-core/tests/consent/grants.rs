//! Grants: what was given, to whom, until when, and its end.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_core::time::Clock as _;
use phm_core::vault::{GrantState, How, Removed};
use serde_json::{Value, json};

use crate::practice::{HOUR, Practice, REFUSED, UNKNOWN, sees};

#[test]
fn a_doctor_for_a_day_sees_what_was_named_until_the_second_it_ends() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!((given.state, given.to_name.as_deref()), (GrantState::Live, Some("doctor")));
    assert_eq!(given.given_by.name, "asha");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&doctor, practice.asha.profile, "condition"), REFUSED);
    let permit = doctor.permit(Action::Read, practice.asha.profile, "lab-result").expect("granted");
    practice.after(24 * HOUR - 1);
    assert!(doctor.read(&permit, practice.result, Removed::Hide).is_ok(), "the last millisecond");
    practice.after(1);
    let closed = doctor.read(&permit, practice.result, Removed::Hide).expect_err("over");
    assert_eq!(closed.kind(), ErrorKind::NotFound, "whose grant has ended knows of nobody");
    assert_eq!(asha.grants(practice.asha.profile).expect("a list")[0].state, GrantState::Ended);
    // A clock that is set back revives nothing, once something was written later.
    let permit = asha.permit(Action::Add, practice.asha.profile, "note").expect("her own");
    asha.add(&permit, &json!({"text": "later"}), How::Typed).expect("added");
    practice.after(-48 * HOUR);
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn a_revoked_grant_closes_what_is_open() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    let permit = doctor.permit(Action::Read, practice.asha.profile, "lab-result").expect("granted");
    assert!(doctor.summaries(&permit, &Query::default()).is_ok());
    // Neither a stranger nor an unknown grant is told apart from what is not there.
    for (session, id) in [(practice.ravi(), given.id), (practice.asha(), RecordId::new())] {
        let error = session.revoke(practice.asha.profile, id).expect_err("not theirs");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let revoked = asha.revoke(practice.asha.profile, given.id).expect("hers");
    assert_eq!(revoked.state, GrantState::Revoked);
    assert!(doctor.summaries(&permit, &Query::default()).is_err(), "an open page closes");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    assert_eq!(asha.revoke(practice.asha.profile, given.id).expect("again").revoked_at, revoked.revoked_at);
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let deeds: Vec<&str> =
        log.rows.iter().filter(|row| row.kind.as_deref() == Some("grant")).map(|row| row.action).collect();
    assert!(deeds.contains(&"share") && deeds.contains(&"revoke"), "{deeds:?}");
}

#[test]
fn who_was_given_something_may_give_it_up_and_see_no_other_grant() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    let mut other = practice.for_a_day();
    other["to"] = json!({"account": practice.ravi.account});
    asha.give(practice.asha.profile, &other).expect("given");
    let seen = doctor.grants(practice.asha.profile).expect("their own");
    assert_eq!(seen.iter().map(|grant| grant.id).collect::<Vec<_>>(), [given.id]);
    assert_eq!(asha.grants(practice.asha.profile).expect("all").len(), 2);
    doctor.revoke(practice.asha.profile, given.id).expect("theirs to give up");
    assert!(doctor.grants(practice.asha.profile).is_err());
}

#[test]
fn a_service_sees_the_grants_of_whoever_it_serves_and_takes_none_back() {
    let practice = Practice::new();
    let profile = practice.asha.profile;
    let given = practice.asha().give(profile, &practice.for_a_day()).expect("given");
    let terms = json!({"to": {"service": "reminders"}, "kinds": ["profile", "lab-result"], "actions": ["read"]});
    let standing = practice.asha().give(profile, &terms).expect("given");
    let of = |account: RecordId| {
        let actor = Actor::Service { grant: standing.id, account, name: "reminders".into() };
        practice.vault.session(actor, "reminders").expect("a session")
    };
    let service = of(practice.asha.account);
    assert_eq!(service.grants(profile).expect("hers").len(), 2);
    assert_eq!(service.revoke(profile, given.id).expect_err("not its own").kind(), ErrorKind::NotFound);
    assert!(of(practice.ravi.account).grants(profile).is_err(), "it serves nobody else");
    let before = service.changes(profile).expect("a number");
    assert_eq!(service.changes(profile).expect("a number"), before, "looking is no change");
    let permit = practice.asha().permit(Action::Add, profile, "note").expect("her own");
    practice.asha().add(&permit, &json!({"text": "x"}), How::Typed).expect("added");
    assert!(service.changes(profile).expect("a number") > before);
    practice.asha().revoke(profile, standing.id).expect("hers");
    assert!(service.grants(profile).expect("nothing").is_empty(), "it ends with its grant");
    assert!(practice.ravi().changes(profile).is_err(), "a stranger learns nothing");
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let to_ravi = |actions: &[&str]| json!({"to": {"account": practice.ravi.account}, "kinds": ["lab-result"], "actions": actions});
    assert_eq!(
        doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect_err("a stranger").kind(),
        ErrorKind::NotFound
    );
    asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!(doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect_err("no share").code(), "not-granted");
    let mut share = practice.for_a_day();
    share["actions"] = json!(["read", "share"]);
    asha.give(practice.asha.profile, &share).expect("given");
    assert_eq!(doctor.give(practice.asha.profile, &to_ravi(&["amend"])).expect_err("more").code(), "not-granted");
    let lent = doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect("what they have");
    assert_eq!(lent.terms.ends_at, Some(practice.clock.now().plus_millis(24 * HOUR)), "and for no longer");
    let refused = |body: &Value| -> Vec<(String, &'static str)> {
        let error = asha.give(practice.asha.profile, body).expect_err("wrong");
        error.details().iter().map(|detail| (detail.path.clone(), detail.code)).collect()
    };
    for (change, path, code) in [
        (json!({"to": {"account": RecordId::new()}}), "/to/account", "unknown"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"kinds": []}), "/kinds", "required"),
        (json!({"ends_at": "2020-01-01"}), "/ends_at", "ends-before-it-begins"),
        (json!({"everything": true}), "/everything", "unknown-field"),
        (json!({"wait_hours": 0}), "/wait_hours", "out-of-range"),
    ] {
        let mut body = practice.for_a_day();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        assert_eq!(refused(&body), [(path.to_owned(), code)], "{change}");
    }
}

#[test]
fn a_template_fills_in_what_the_terms_leave_open() {
    let practice = Practice::new();
    let asha = practice.asha();
    let terms = json!({"to": {"account": practice.doctor.account}, "template": "labs-and-medicines"});
    let given = asha.give(practice.asha.profile, &terms).expect("given").terms;
    assert_eq!(given.ends_at, Some(practice.clock.now().plus_millis(24 * HOUR)));
    assert_eq!(given.kinds.names(), ["allergy", "lab-result", "medication", "prescription", "profile"]);
    let narrower = json!({"to": {"account": practice.doctor.account}, "template": "visit", "kinds": ["lab-result"]});
    assert_eq!(asha.give(practice.asha.profile, &narrower).expect("given").terms.kinds.names(), ["lab-result"]);
    let emergency = json!({"to": {"account": practice.ravi.account}, "template": "emergency"});
    assert_eq!(asha.give(practice.asha.profile, &emergency).expect("given").terms.wait_hours, Some(48));
    let forged = json!({"to": {"account": practice.doctor.account}, "template": "break-glass", "kinds": ["*"], "actions": ["read"]});
    assert_eq!(asha.give(practice.asha.profile, &forged).expect_err("listed apart").kind(), ErrorKind::Invalid);
}

#[test]
fn a_sensitive_record_shows_only_where_it_was_named() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let notes = |labels: Value| json!({"to": {"account": practice.doctor.account}, "kinds": ["note"], "actions": ["read"], "labels": labels});
    let plain = asha.give(practice.asha.profile, &notes(json!([]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0));
    asha.give(practice.asha.profile, &notes(json!(["mental-health"]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0), "another label");
    let named = asha.give(practice.asha.profile, &notes(json!(["private-note"]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(1));
    asha.revoke(practice.asha.profile, named.id).expect("hers");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0));
    asha.revoke(practice.asha.profile, plain.id).expect("hers");
}

#[test]
fn whoever_was_lent_the_right_to_give_on_does_not_speak_for_the_person() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let mut lent = practice.for_a_day();
    lent["actions"] = json!(["read", "share"]);
    let lent = asha.give(practice.asha.profile, &lent).expect("given");
    let to = |to: Value| json!({"to": to, "kinds": ["lab-result"], "actions": ["read"], "purpose": "hers alone"});
    let other = asha.give(practice.asha.profile, &to(json!({"account": practice.ravi.account}))).expect("given");
    let all = asha.give(practice.asha.profile, &to(json!({"role": "provider"}))).expect("given");
    let given_on = doctor.give(practice.asha.profile, &to(json!({"account": practice.ravi.account}))).expect("on");
    let mut seen: Vec<_> = doctor.grants(practice.asha.profile).expect("theirs").iter().map(|one| one.id).collect();
    let mut theirs = [lent.id, all.id, given_on.id];
    seen.sort();
    theirs.sort();
    assert_eq!(seen, theirs, "nothing of whom else she lets in");
    for id in [other.id, all.id] {
        assert_eq!(doctor.revoke(practice.asha.profile, id).expect_err("hers").kind(), ErrorKind::NotFound);
    }
    assert!(doctor.family(practice.asha.profile).expect("their own").is_empty());
    let soon = practice.clock.now().plus_millis(HOUR);
    let link = json!({"records": [practice.result], "expires_at": soon});
    let link = asha.make_share(practice.asha.profile, &link).expect("hers").card.id;
    assert!(doctor.shares(practice.asha.profile).expect("their own").is_empty());
    assert_eq!(doctor.end_share(practice.asha.profile, &link).expect_err("hers").kind(), ErrorKind::NotFound);
    assert_eq!(doctor.put_notices_away(practice.asha.profile).expect_err("hers").kind(), ErrorKind::Denied);
    doctor.revoke(practice.asha.profile, given_on.id).expect("what one gave one takes back");
    doctor.revoke(practice.asha.profile, lent.id).expect("what one was given one gives up");
}

#[test]
fn what_was_given_on_goes_with_what_it_was_given_of() {
    let practice = Practice::new();
    let (asha, doctor, ravi) = (practice.asha(), practice.doctor(), practice.ravi());
    let mira = crate::practice::somebody(&practice.vault, "mira", "patient");
    let profile = practice.asha.profile;
    let read_on =
        |account: RecordId| json!({"to": {"account": account}, "kinds": ["lab-result"], "actions": ["read", "share"]});
    let lent = asha.give(profile, &read_on(practice.doctor.account)).expect("given");
    let second = doctor.give(profile, &read_on(practice.ravi.account)).expect("given on");
    let third = ravi.give(profile, &read_on(mira.account)).expect("and on");
    let hers = asha.give(profile, &json!({"to": {"account": mira.account}, "kinds": ["note"], "actions": ["read"]}));
    let hers = hers.expect("given");
    asha.revoke(profile, lent.id).expect("hers");
    let state = |id| {
        let all = asha.grants(profile).expect("all");
        all.iter().find(|one| one.id == id).expect("listed").state
    };
    for id in [lent.id, second.id, third.id] {
        assert_eq!(state(id), GrantState::Revoked);
    }
    assert_eq!(state(hers.id), GrantState::Live, "what the person gave herself stays");
    assert_eq!(sees(&ravi, profile, "lab-result"), UNKNOWN);
}

#[test]
fn what_a_guardian_granted_goes_with_the_guardian() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let born = json!({"name": {"text": "Child"}, "birth_date": "2020-05-01"});
    let child = asha.add_profile(&born, None).expect("hers").profile;
    asha.let_in(child, practice.ravi.account, &phm_core::vault::Offer::Guardian).expect("hers to give");
    let read = json!({"to": {"account": practice.doctor.account}, "kinds": ["*"], "actions": ["read"]});
    ravi.give(child, &read).expect("a guardian's to give");
    assert_eq!(sees(&practice.doctor(), child, "lab-result"), Ok(0));
    let family = asha.family(child).expect("a list");
    let guardian = family.iter().find(|one| one.relation == "guardian").expect("ravi");
    asha.end_relation(child, guardian.id).expect("hers to end");
    assert_eq!(sees(&practice.doctor(), child, "lab-result"), UNKNOWN);
}

#[test]
fn what_became_private_is_private_in_what_it_said_before() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let profile = practice.asha.profile;
    let add = asha.permit(Action::Add, profile, "note").expect("hers");
    let note = asha.add(&add, &json!({"text": "before"}), How::Typed).expect("added").id;
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["note"], "actions": ["read"]});
    asha.give(profile, &terms).expect("given");
    let read = doctor.permit(Action::Read, profile, "note").expect("granted");
    assert_eq!(doctor.history(&read, note).expect("plain").len(), 1);
    let amend = asha.permit(Action::Amend, profile, "note").expect("hers");
    asha.amend(&amend, note, 1, &json!({"text": "after", "private": true}), How::Typed).expect("amended");
    for error in [
        doctor.history(&read, note).map(|_| ()).expect_err("private now"),
        doctor.read(&read, note, Removed::Show).map(|_| ()).expect_err("private now"),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let own = asha.permit(Action::Read, profile, "note").expect("hers");
    assert_eq!(asha.history(&own, note).expect("hers").len(), 2);
}
