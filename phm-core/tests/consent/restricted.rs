//! Records that are kept and not used: restriction of processing.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor, CarerRights, Kinds, Labels};
use phm_core::id::RecordId;
use phm_core::time::Clock as _;
use phm_core::vault::{ExportFormat, How, Offer, Removed, ShareState};
use serde_json::json;

use crate::practice::{HOUR, Practice, REFUSED, UNKNOWN, sees};

#[test]
fn a_restricted_record_is_kept_and_used_by_nobody_else_until_it_is_lifted() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    let add = asha.permit(Action::Add, profile, "lab-result").expect("her own");
    let body = json!({"concept": "Iron", "quantity": {"value": "60", "unit": "ug/dL"}, "collected_at": "2026-01-11"});
    asha.add(&add, &body, How::Typed).expect("added");
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(2));
    let open = doctor.permit(Action::Read, profile, "lab-result").expect("granted");

    let made = asha.restrict(profile, &json!({"records": [practice.result], "reason": " disputed "})).expect("hers");
    assert_eq!((made.everything, made.reason.as_deref(), &*made.by.name), (false, Some("disputed"), "asha"));
    assert_eq!((made.records[0].id, made.records[0].kind.as_deref()), (practice.result, Some("lab-result")));
    assert!(doctor.read(&open, practice.result, Removed::Hide).is_err(), "an open page closes");
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(1), "the rest stays open");
    let anew = doctor.permit(Action::Read, profile, "lab-result").expect("granted");
    assert!(doctor.read(&anew, practice.result, Removed::Hide).is_err());
    assert!(doctor.history(&anew, practice.result).is_err(), "no version of it either");
    // Who answers for the person goes on with it, and it is shown as such.
    assert_eq!(sees(&asha, profile, "lab-result"), Ok(2));
    let restricted = asha.restricted(profile).expect("hers");
    assert!(restricted.holds(practice.result) && !restricted.is_everything());
    assert_eq!(asha.restrict(profile, &json!({"records": [practice.result]})).expect("again").id, made.id);
    assert_eq!(asha.restrictions(profile).expect("a list").len(), 1);

    assert_eq!(doctor.lift_restriction(profile, made.id).expect_err("not theirs").code(), "not-granted");
    assert_eq!(practice.ravi().restrictions(profile).expect_err("a stranger").kind(), ErrorKind::NotFound);
    assert_eq!(asha.lift_restriction(profile, RecordId::new()).expect_err("none").kind(), ErrorKind::NotFound);
    asha.lift_restriction(profile, made.id).expect("hers");
    assert_eq!(sees(&doctor, profile, "lab-result"), Ok(2));
    assert!(asha.restrictions(profile).expect("a list").is_empty());
    let log = asha.who_looked(profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let deeds: Vec<&str> =
        log.rows.iter().filter(|row| row.kind.as_deref() == Some("restriction")).map(|row| row.action).collect();
    assert!(deeds.contains(&"administer") && deeds.contains(&"revoke"), "{deeds:?}");
}

#[test]
fn everything_restricted_is_closed_to_carers_tokens_and_a_broken_glass_but_not_to_the_person() {
    let practice = Practice::new();
    let (asha, doctor, ravi, profile) = (practice.asha(), practice.doctor(), practice.ravi(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    let rights = CarerRights { kinds: Kinds::All, edit: true, labels: Labels::ALL, ends_at: None };
    asha.let_in(profile, practice.ravi.account, &Offer::Carer(rights)).expect("let in");
    let token = asha
        .make_token(&json!({
            "name": "N", "profiles": [profile], "kinds": ["lab-result"], "actions": ["read"],
            "expires_at": practice.clock.now().plus_millis(HOUR),
        }))
        .expect("hers");
    let token = Actor::Token { id: token.card.id, account: practice.asha.account };
    let token = practice.vault.session(token, "script").expect("a token");
    assert_eq!((sees(&token, profile, "lab-result"), sees(&ravi, profile, "lab-result")), (Ok(1), Ok(1)));

    let made = asha.restrict(profile, &json!({"everything": true})).expect("hers");
    assert!(made.everything && made.records.is_empty());
    for session in [&doctor, &ravi, &token] {
        assert_eq!(sees(session, profile, "lab-result"), REFUSED);
    }
    assert!(ravi.permit(Action::Add, profile, "note").is_err(), "nor is anything added");
    let stranger = practice.vault.session(Actor::Person { account: practice.doctor.account }, "care").expect("open");
    stranger.break_glass(profile, "found unconscious").expect("broken");
    assert_eq!(sees(&stranger, profile, "lab-result"), REFUSED, "not even then");
    assert_eq!(sees(&asha, profile, "lab-result"), Ok(1));
    let mut out = Vec::new();
    asha.export(profile, ExportFormat::FhirBundle, &mut out).expect("her own copy");
    assert!(!out.is_empty());
    asha.lift_restriction(profile, made.id).expect("hers");
    assert_eq!(sees(&ravi, profile, "lab-result"), Ok(1));
}

#[test]
fn a_program_that_may_give_on_neither_restricts_nor_opens_what_is_restricted() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    let wanted = json!({
        "name": "N", "profiles": [profile], "kinds": ["profile", "lab-result"], "actions": ["read", "share"],
        "expires_at": practice.clock.now().plus_millis(HOUR),
    });
    let id = asha.make_token(&wanted).expect("hers").card.id;
    let token = Actor::Token { id, account: practice.asha.account };
    let token = practice.vault.session(token, "script").expect("a token");
    let made = asha.restrict(profile, &json!({"records": [practice.result]})).expect("hers");
    assert_eq!(sees(&token, profile, "lab-result"), Ok(0));
    assert_eq!(token.lift_restriction(profile, made.id).expect_err("a program").code(), "not-granted");
    assert_eq!(token.restrict(profile, &json!({"everything": true})).expect_err("a program").code(), "not-granted");
    assert_eq!(asha.restrictions(profile).expect("a list").len(), 1);
}

#[test]
fn a_link_to_what_is_restricted_hands_out_nothing_and_none_is_made() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    let wanted = json!({"records": [practice.result], "expires_at": practice.clock.now().plus_millis(HOUR)});
    let link = asha.make_share(profile, &wanted).expect("hers").card.id;
    let code = || practice.vault.open_share(&link, None).map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(), Ok(()));
    let made = asha.restrict(profile, &json!({"records": [practice.result]})).expect("hers");
    assert_eq!(code(), Err("not-found"));
    assert_eq!(asha.shares(profile).expect("a list")[0].state, ShareState::Revoked);
    assert_eq!(asha.make_share(profile, &wanted).expect_err("closed").code(), "invalid");
    asha.lift_restriction(profile, made.id).expect("hers");
    assert_eq!(code(), Ok(()));
}

#[test]
fn only_who_answers_for_the_person_restricts_and_only_what_is_there() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    let all = json!({"everything": true});
    assert_eq!(doctor.restrict(profile, &all).expect_err("a stranger").kind(), ErrorKind::NotFound);
    asha.give(profile, &practice.for_a_day()).expect("given");
    assert_eq!(doctor.restrict(profile, &all).expect_err("not theirs").code(), "not-granted");
    let own = RecordId::from_bytes(*profile.as_bytes());
    let error = asha.restrict(profile, &json!({"records": [RecordId::new(), own]})).expect_err("not there");
    assert!(error.details().iter().all(|detail| detail.code == "unknown"));
    assert_eq!(error.details().len(), 2);
    assert_eq!(sees(&practice.ravi(), profile, "lab-result"), UNKNOWN);
}
