//! Tokens for programs.

use phm_core::ErrorKind;
use phm_core::access::Actor;
use phm_core::time::Clock as _;
use serde_json::json;

use crate::practice::{HOUR, Practice, REFUSED, UNKNOWN, sees};

#[test]
fn a_token_does_what_it_was_made_for_and_ends() {
    let practice = Practice::new();
    let asha = practice.asha();
    let wanted = json!({
        "name": "Notebook", "profiles": [practice.asha.profile], "kinds": ["lab-result"], "actions": ["read"],
        "expires_at": practice.clock.now().plus_millis(HOUR),
    });
    let made = asha.make_token(&wanted).expect("made");
    assert!(made.text.starts_with("phm_") && !format!("{made:?}").contains("phm_"), "it prints as nothing");
    let (id, account) = practice.vault.admit_token(&made.text).expect("it holds");
    assert_eq!((id, account), (made.card.id, practice.asha.account));
    let token = practice.vault.session(Actor::Token { id, account }, "analysis").expect("at work");
    assert_eq!(sees(&token, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&token, practice.asha.profile, "condition"), REFUSED);
    assert_eq!(sees(&token, practice.ravi.profile, "lab-result"), UNKNOWN);
    assert!(token.make_token(&wanted).is_err(), "a token makes no token");
    for bit in 0..made.text.len() * 8 {
        let mut bytes = made.text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        // The last letter of base64 has bits that carry nothing; strict decoding refuses those too.
        assert!(practice.vault.admit_token(&changed).is_err(), "bit {bit}");
    }
    practice.after(HOUR);
    assert_eq!(practice.vault.admit_token(&made.text).expect_err("over").kind(), ErrorKind::WrongSecret);
    let later = json!({"expires_at": practice.clock.now().plus_millis(HOUR)});
    let mut again = wanted.clone();
    again["expires_at"] = later["expires_at"].clone();
    let made = asha.make_token(&again).expect("made");
    assert!(practice.ravi().revoke_token(made.card.id).is_err(), "not theirs");
    asha.revoke_token(made.card.id).expect("hers");
    assert!(practice.vault.admit_token(&made.text).is_err());
    assert_eq!(asha.tokens().expect("a list").len(), 2);
}

#[test]
fn the_door_takes_all_tokens_of_an_account_back_at_once_and_no_others() {
    let practice = Practice::new();
    let wanted = |profile| {
        json!({
            "name": "Notebook", "profiles": [profile], "kinds": ["lab-result"], "actions": ["read"],
            "expires_at": practice.clock.now().plus_millis(HOUR),
        })
    };
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let hers = [(), ()].map(|()| asha.make_token(&wanted(practice.asha.profile)).expect("made"));
    let his = ravi.make_token(&wanted(practice.ravi.profile)).expect("made");
    let refused = asha.revoke_tokens_of(practice.asha.account).expect_err("for the door");
    assert_eq!(refused.code(), "not-granted");
    let door = practice.vault.session(Actor::Gate, "test").expect("the door");
    assert_eq!(door.revoke_tokens_of(practice.asha.account).expect("taken back"), 2);
    for made in &hers {
        assert_eq!(practice.vault.admit_token(&made.text).expect_err("over").kind(), ErrorKind::WrongSecret);
    }
    assert!(practice.vault.admit_token(&his.text).is_ok());
    assert_eq!(door.revoke_tokens_of(practice.asha.account).expect("none hold"), 0);
}

#[test]
fn a_token_is_never_without_limits_nor_wider_than_who_made_it() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let wanted = json!({
        "name": "N", "profiles": [practice.asha.profile], "kinds": ["note"], "actions": ["read"], "expires_at": soon,
    });
    for (change, path, code) in [
        (json!({"profiles": []}), "/profiles", "required"),
        (json!({"kinds": []}), "/kinds", "required"),
        (json!({"actions": []}), "/actions", "required"),
        (json!({"expires_at": null}), "/expires_at", "required"),
        (json!({"expires_at": "2020-01-01"}), "/expires_at", "in-the-past"),
        (json!({"expires_at": "2126-01-01"}), "/expires_at", "too-late"),
        (json!({"actions": ["everything"]}), "/actions", "invalid"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"admin": true}), "/admin", "unknown-field"),
    ] {
        let mut body = wanted.clone();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let error = asha.make_token(&body).expect_err("wrong");
        let details: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
        assert_eq!(details, [(path, code)], "{change}");
    }
    let mut others = wanted.clone();
    others["profiles"] = json!([practice.ravi.profile]);
    assert_eq!(asha.make_token(&others).expect_err("a stranger's").kind(), ErrorKind::NotFound);
}
