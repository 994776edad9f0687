//! Retention for the whole house: proposed to everybody, carried out for nobody who did not agree, unless the settings say so.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Clock as _;
use phm_core::vault::{HouseRetention, How, KEEP_DAYS, Session, Vault};
use phm_core::{Error, ErrorKind};
use serde_json::json;

use crate::practice::{HOUR, Practice, person, sees, somebody};

const DAY: i64 = 24 * HOUR;

fn write_to(session: &Session, profile: ProfileId) -> RecordId {
    let permit = session.permit(Action::Add, profile, "message").expect("theirs");
    let body = json!({"text": "a message", "sent_at": "2020-01-01T00:00:00Z"});
    session.add(&permit, &body, How::Typed).expect("added").id
}

/// What came of a look: who was told of a proposal, who of what will be done, and how many records went of whom.
fn look(vault: &Vault, enforced: bool) -> (Vec<ProfileId>, Vec<ProfileId>, Vec<(ProfileId, u64)>) {
    let (mut proposed, mut announced, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    let told = |came| {
        match came {
            HouseRetention::Proposed(profile) => proposed.push(profile),
            HouseRetention::Announced(profile) => announced.push(profile),
            HouseRetention::Purged(purged) => gone.push((purged.profile, purged.removed.records.values().sum())),
        }
        Ok(())
    };
    vault.carry_out_house_retention(enforced, told).expect("carried out");
    (proposed, announced, gone)
}

#[test]
fn a_rule_of_the_house_is_counted_for_admins_and_destroys_nothing_of_who_did_not_agree() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, ravi) = (practice.asha(), person(&practice.vault, practice.ravi));
    for (session, profile) in [(&asha, practice.asha.profile), (&ravi, practice.ravi.profile)] {
        write_to(session, profile);
    }
    let held = write_to(&asha, practice.asha.profile);
    asha.restrict(practice.asha.profile, &json!({"records": [held]})).expect("hers");
    practice.after(40 * DAY);
    let seen = boss.preview_house_retention("message", 30).expect("a preview");
    assert_eq!((seen.people, seen.due, seen.restricted, seen.own_rules), (2, 2, 1, 0));
    let told = serde_json::to_string(&seen).expect("JSON");
    assert!(!told.contains("2020") && !told.contains("asha"), "{told}");
    assert!(boss.house_retention().expect("none").is_empty(), "a preview makes no rule");
    let rule = boss.propose_for_all("message", 30).expect("made");
    assert_eq!((&*rule.by.name, &rule.outlook), ("boss", &seen));

    let (proposed, announced, gone) = look(&practice.vault, false);
    assert!(announced.is_empty() && gone.is_empty());
    assert_eq!(proposed.len(), 2, "everybody whom it is about is told, and nobody else");
    assert!(look(&practice.vault, false).0.is_empty(), "once");
    practice.after(29 * DAY);
    assert_eq!(look(&practice.vault, false), (vec![], vec![], vec![]), "however long nobody answers");

    let open = asha.retention_proposals(practice.asha.profile).expect("hers");
    assert_eq!((open.len(), open[0].preview.due, open[0].begins_at), (1, 1, None));
    let own = asha.answer_proposal(practice.asha.profile, "message", Some(30)).expect("hers");
    assert_eq!((own.preview.days, &*own.by.name), (30, "asha"));
    assert!(asha.retention_proposals(practice.asha.profile).expect("hers").is_empty());
    practice.after(7 * DAY);
    let mut went = Vec::new();
    practice.vault.carry_out_retention(|purged| went.push(purged.profile)).expect("carried out");
    assert_eq!(went, [practice.asha.profile], "by a rule of her own");
    assert_eq!(sees(&asha, practice.asha.profile, "message"), Ok(1), "what is restricted stays");
    assert_eq!(sees(&ravi, practice.ravi.profile, "message"), Ok(1), "who did not agree keeps everything");
    boss.end_proposal("message").expect("theirs");
    assert_eq!(boss.end_proposal("message").expect_err("none").kind(), ErrorKind::NotFound);
    assert_eq!(asha.retention(practice.asha.profile).expect("hers").len(), 1, "what was agreed to stays");
}

#[test]
fn where_the_settings_say_so_it_is_carried_out_a_week_after_it_was_told_but_not_for_who_said_otherwise() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, ravi) = (practice.asha(), person(&practice.vault, practice.ravi));
    write_to(&asha, practice.asha.profile);
    write_to(&ravi, practice.ravi.profile);
    practice.after(40 * DAY);
    boss.propose_for_all("message", 30).expect("made");
    assert_eq!(look(&practice.vault, false).0.len(), 2);
    practice.after(8 * DAY);
    let (proposed, announced, gone) = look(&practice.vault, true);
    assert!(proposed.is_empty() && gone.is_empty(), "who was told of a proposal was not told of this");
    assert_eq!(announced.len(), 2);
    let begins_at = ravi.retention_proposals(practice.ravi.profile).expect("his")[0].begins_at;
    assert_eq!(begins_at, Some(practice.clock.now().plus_millis(7 * DAY)));
    asha.answer_proposal(practice.asha.profile, "message", None).expect("hers");
    assert_eq!(asha.retention(practice.asha.profile).expect("hers")[0].preview.days, KEEP_DAYS);
    practice.after(7 * DAY - 1);
    assert_eq!(look(&practice.vault, true), (vec![], vec![], vec![]));
    practice.after(1);
    assert_eq!(look(&practice.vault, true).2, [(practice.ravi.profile, 1)]);
    assert_eq!(sees(&asha, practice.asha.profile, "message"), Ok(1));
    assert!(practice.vault.verify(None).expect("verified").ok);
}

#[test]
fn nobody_agrees_to_a_rule_that_they_did_not_see() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    boss.propose_for_all("message", 3650).expect("made");
    let seen = asha.retention_proposals(profile).expect("hers")[0].preview.days;
    boss.propose_for_all("message", 30).expect("changed while she reads");
    let refused = asha.answer_proposal(profile, "message", Some(seen)).expect_err("another rule");
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "changed"));
    assert!(asha.retention(profile).expect("hers").is_empty(), "nothing of hers has a rule");
    assert_eq!(asha.answer_proposal(profile, "message", None).expect("hers").preview.days, KEEP_DAYS);
}

#[test]
fn what_was_turned_off_is_announced_anew_before_it_is_carried_out_again() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    write_to(&asha, profile);
    practice.after(40 * DAY);
    boss.propose_for_all("message", 30).expect("made");
    assert_eq!(look(&practice.vault, true).1, [profile]);
    practice.after(DAY);
    assert_eq!(look(&practice.vault, false), (vec![], vec![], vec![]), "they know what is proposed");
    assert_eq!(asha.retention_proposals(profile).expect("hers")[0].begins_at, None, "not carried out any more");
    practice.after(20 * DAY);
    assert_eq!(look(&practice.vault, true), (vec![], vec![profile], vec![]), "told again, and nothing goes yet");
    practice.after(7 * DAY - 1);
    assert!(look(&practice.vault, true).2.is_empty());
    practice.after(1);
    assert_eq!(look(&practice.vault, true).2, [(profile, 1)]);
}

#[test]
fn a_week_in_which_somebody_was_closed_out_is_announced_anew() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let profile = practice.ravi.profile;
    write_to(&person(&practice.vault, practice.ravi), profile);
    practice.after(40 * DAY);
    boss.propose_for_all("message", 30).expect("made");
    assert_eq!(look(&practice.vault, true).1, [profile]);
    practice.after(HOUR);
    boss.change_account(practice.ravi.account, None, Some(false)).expect("closed");
    practice.after(7 * DAY);
    assert_eq!(look(&practice.vault, true), (vec![], vec![], vec![]), "nobody is there to be told");
    boss.change_account(practice.ravi.account, None, Some(true)).expect("opened");
    assert_eq!(look(&practice.vault, true), (vec![], vec![profile], vec![]), "he could not say that he keeps them");
    practice.after(7 * DAY - 1);
    assert_eq!(look(&practice.vault, true), (vec![], vec![], vec![]));
    practice.after(1);
    assert_eq!(look(&practice.vault, true).2, [(profile, 1)]);
}

#[test]
fn the_week_begins_once_somebody_could_be_told() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    write_to(&asha, profile);
    practice.after(40 * DAY);
    boss.propose_for_all("message", 30).expect("made");
    for _ in 0..3 {
        let failed = practice.vault.carry_out_house_retention(true, |_| Err(Error::not_found()));
        assert_eq!(failed.expect_err("nobody could be told").kind(), ErrorKind::NotFound);
        practice.after(8 * DAY);
    }
    assert_eq!(sees(&asha, profile, "message"), Ok(1));
    assert_eq!(look(&practice.vault, true), (vec![], vec![profile], vec![]), "told at last");
    practice.after(7 * DAY);
    assert_eq!(look(&practice.vault, true).2, [(profile, 1)]);
}

#[test]
fn who_has_nobody_to_be_told_keeps_everything_and_only_who_runs_the_house_makes_its_rules() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let operator = practice.vault.session(phm_core::access::Actor::Operator, "test").expect("the operator");
    let alone = operator.add_profile(&json!({"name": {"text": "Nobody's"}}), None).expect("added").profile;
    write_to(&operator, alone);
    practice.after(40 * DAY);
    boss.propose_for_all("message", 30).expect("made");
    for _ in 0..3 {
        assert_eq!(look(&practice.vault, true), (vec![], vec![], vec![]));
        practice.after(8 * DAY);
    }
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    assert_eq!(asha.propose_for_all("message", 30).expect_err("no admin").kind(), ErrorKind::Denied);
    assert_eq!(asha.preview_house_retention("message", 30).expect_err("no admin").kind(), ErrorKind::Denied);
    assert_eq!(asha.house_retention().expect_err("no admin").kind(), ErrorKind::Denied);
    assert_eq!(asha.end_proposal("message").expect_err("no admin").kind(), ErrorKind::Denied);
    assert_eq!(boss.retention_proposals(profile).expect_err("not theirs").kind(), ErrorKind::NotFound);
    assert_eq!(boss.answer_proposal(profile, "message", Some(30)).expect_err("not theirs").kind(), ErrorKind::NotFound);
    assert_eq!(asha.answer_proposal(profile, "note", Some(30)).expect_err("no such rule").kind(), ErrorKind::NotFound);
    assert_eq!(boss.propose_for_all("profile", 3650).expect_err("who they are").kind(), ErrorKind::Invalid);
    assert_eq!(boss.propose_for_all("message", 1).expect_err("too short").kind(), ErrorKind::Invalid);
}
