//! Links for somebody without an account.

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::time::Clock as _;
use phm_core::vault::{Keep, ShareState};
use serde_json::{Value, json};

use crate::practice::{HOUR, Practice};

/// Whether the vault still has the ciphertext of a link to Asha's records.
fn is_kept(practice: &Practice, id: &str) -> bool {
    let row = practice.vault.state::<String>(practice.asha.profile, &format!("share/{id}"));
    row.expect("a vault that reads").is_some()
}

#[test]
fn a_link_is_dead_after_five_wrong_passcodes_in_all() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let wanted = json!({"records": [practice.result], "expires_at": soon, "passcode": "4711"});
    let made = asha.make_share(practice.asha.profile, &wanted).expect("hers");
    let open = |passcode| practice.vault.open_share(&made.card.id, passcode).map_err(|error| error.code());
    assert!(practice.vault.share_asks(&made.card.id).expect("a link"));
    assert_eq!(open(None), Err("wrong-passcode"));
    for passcode in ["0000", "0001", "0002", "0003"] {
        assert_eq!(open(Some(passcode)), Err("wrong-passcode"));
    }
    assert!(open(Some("4711")).is_ok_and(|jwe| jwe.split('.').count() == 5), "the right one takes no try");
    assert!(is_kept(&practice, &made.card.id));
    assert_eq!(asha.shares(practice.asha.profile).expect("a list")[0].attempts_left, 1);
    assert_eq!(open(Some("0004")), Err("wrong-passcode"));
    assert_eq!(open(Some("4711")), Err("not-found"), "dead");
    assert!(!is_kept(&practice, &made.card.id), "and its ciphertext is gone");
    let card = &asha.shares(practice.asha.profile).expect("a list")[0];
    assert_eq!((card.state, card.opened.len()), (ShareState::Locked, 1));
    // Refusals are gathered by the minute.
    practice.after(60_000);
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let deeds: Vec<_> = log.rows.iter().filter(|row| row.operation.as_deref() == Some("share-link")).collect();
    assert_eq!(deeds.iter().map(|row| row.action).collect::<Vec<_>>(), ["read", "export"]);
    assert_eq!(deeds[0].actor.r#type, "gate");
    let refused: u64 = log.rows.iter().filter(|row| row.outcome == "refused").map(|row| row.count).sum();
    assert_eq!(refused, 5, "and so do the wrong ones");
}

#[test]
fn a_link_ends_by_time_by_use_and_when_it_is_taken_back() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let make = |change: Value| {
        let mut wanted = json!({"records": [practice.result], "expires_at": soon});
        wanted.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        asha.make_share(practice.asha.profile, &wanted)
    };
    let code = |id: &str| practice.vault.open_share(id, None).map(|_| ()).map_err(|error| error.code());
    let once = make(json!({"single_use": true})).expect("hers").card.id;
    assert!(is_kept(&practice, &once));
    assert_eq!((code(&once), code(&once)), (Ok(()), Err("not-found")));
    assert!(!is_kept(&practice, &once), "used");
    let many = make(json!({})).expect("hers").card.id;
    assert_eq!((code(&many), code(&many)), (Ok(()), Ok(())));
    assert!(practice.ravi().end_share(practice.asha.profile, &many).is_err(), "not theirs");
    assert!(is_kept(&practice, &many));
    asha.end_share(practice.asha.profile, &many).expect("hers");
    assert_eq!(code(&many), Err("not-found"));
    assert!(!is_kept(&practice, &many), "taken back");
    let late = make(json!({})).expect("hers").card.id;
    practice.after(HOUR);
    assert_eq!(code(&late), Err("not-found"));
    assert!(!is_kept(&practice, &late), "over");
    let states: Vec<_> = asha.shares(practice.asha.profile).expect("a list").iter().map(|card| card.state).collect();
    assert_eq!(states, [ShareState::Ended, ShareState::Revoked, ShareState::Used]);
    assert_eq!(code("nothing"), Err("not-found"));
}

#[test]
fn a_link_gives_on_what_its_maker_may_give_on_and_nothing_else() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let soon = practice.clock.now().plus_millis(HOUR);
    for (body, path, code) in [
        (json!({"expires_at": soon}), "/records", "required"),
        (json!({"records": [], "expires_at": soon}), "/records", "required"),
        (json!({"records": [practice.result]}), "/expires_at", "required"),
        (json!({"records": [RecordId::new()], "expires_at": soon}), "/records/0", "unknown"),
        (json!({"records": [practice.result], "expires_at": "2020-01-01"}), "/expires_at", "in-the-past"),
        (json!({"records": [practice.result], "expires_at": "2126-01-01"}), "/expires_at", "too-late"),
        (json!({"records": [practice.result], "expires_at": soon, "passcode": "1"}), "/passcode", "too-short"),
        (json!({"records": [practice.result], "expires_at": soon, "key": "x"}), "/key", "unknown-field"),
        (json!({"records": "all", "expires_at": soon}), "/records", "invalid"),
    ] {
        let error = asha.make_share(practice.asha.profile, &body).expect_err("wrong");
        let details: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
        assert_eq!(details, [(path, code)], "{body}");
    }
    let wanted = json!({"records": [practice.result], "expires_at": soon});
    assert_eq!(doctor.make_share(practice.asha.profile, &wanted).expect_err("a stranger").kind(), ErrorKind::NotFound);
    asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!(doctor.make_share(practice.asha.profile, &wanted).expect_err("reads only").code(), "not-granted");
    assert_eq!(doctor.shares(practice.asha.profile).expect_err("not theirs to see").code(), "not-granted");
}

#[test]
fn a_link_hands_out_only_what_its_maker_may_still_give_on() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let mut terms = practice.for_a_day();
    terms["actions"] = json!(["read", "share", "export"]);
    let given = asha.give(practice.asha.profile, &terms).expect("given");
    let wanted = json!({"records": [practice.result], "expires_at": practice.clock.now().plus_millis(48 * HOUR)});
    let theirs = doctor.make_share(practice.asha.profile, &wanted).expect("theirs to give on").card.id;
    let hers = asha.make_share(practice.asha.profile, &wanted).expect("hers").card.id;
    let code = |id: &str| practice.vault.open_share(id, None).map(|_| ()).map_err(|error| error.code());
    assert_eq!((code(&theirs), code(&hers)), (Ok(()), Ok(())));
    asha.revoke(practice.asha.profile, given.id).expect("hers");
    assert_eq!((code(&theirs), code(&hers)), (Err("not-found"), Ok(())));
    assert!(practice.vault.share_asks(&theirs).is_err());
    let states = || -> Vec<ShareState> {
        asha.shares(practice.asha.profile).expect("a list").iter().map(|card| card.state).collect()
    };
    assert_eq!(states(), [ShareState::Open, ShareState::Revoked]);
    let amend = asha.permit(Action::Amend, practice.asha.profile, "lab-result").expect("hers");
    asha.remove(&amend, practice.result, 1).expect("removed");
    assert_eq!(code(&hers), Err("not-found"), "what was removed is given to nobody");
    asha.restore(&amend, practice.result, 2, None).expect("back");
    assert_eq!(code(&hers), Ok(()));
}

#[test]
fn a_link_ends_with_a_record_that_is_destroyed() {
    let practice = Practice::new();
    let asha = practice.asha();
    let wanted = json!({"records": [practice.result], "expires_at": practice.clock.now().plus_millis(HOUR)});
    let made = asha.make_share(practice.asha.profile, &wanted).expect("hers").card.id;
    let erase = asha.permit(Action::Erase, practice.asha.profile, "lab-result").expect("hers");
    asha.rectify(&erase, practice.result, Keep::Nothing).expect("destroyed");
    assert_eq!(practice.vault.open_share(&made, None).expect_err("gone").code(), "not-found");
    assert!(!is_kept(&practice, &made));
    assert_eq!(asha.shares(practice.asha.profile).expect("a list")[0].state, ShareState::Revoked);
}

#[test]
fn a_link_that_is_opened_often_is_counted_and_its_list_does_not_grow() {
    let practice = Practice::new();
    let asha = practice.asha();
    let wanted = json!({"records": [practice.result], "expires_at": practice.clock.now().plus_millis(HOUR)});
    let made = asha.make_share(practice.asha.profile, &wanted).expect("hers").card.id;
    for _ in 0..102 {
        practice.vault.open_share(&made, None).expect("open");
    }
    let card = asha.shares(practice.asha.profile).expect("a list").swap_remove(0);
    assert_eq!((card.times_opened, card.opened.len()), (102, 100));
}
