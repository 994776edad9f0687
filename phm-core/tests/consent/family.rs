//! Families: carers, guardians, owners, invitations, leaving.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor, CarerRights, Kinds, Labels, Sensitivity};
use phm_core::time::{Clock as _, Instant};
use phm_core::vault::{How, Offer};
use serde_json::json;

use crate::practice::{HOUR, Practice, REFUSED, UNKNOWN, sees};

#[test]
fn a_carer_helps_with_what_was_chosen_and_may_leave() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let kinds = || Kinds::of(["profile", "medication", "dose"]);
    let rights = |edit| CarerRights { kinds: kinds(), edit, ..CarerRights::default() };
    let carer = |edit| Offer::Carer(rights(edit));
    asha.let_in(practice.asha.profile, practice.ravi.account, &carer(false)).expect("hers to give");
    assert_eq!(sees(&ravi, practice.asha.profile, "medication"), Ok(0));
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), REFUSED);
    assert!(ravi.permit(Action::Add, practice.asha.profile, "dose").is_err(), "looks only");
    let id = asha.family(practice.asha.profile).expect("a list")[1].id;
    assert!(ravi.change_carer(practice.asha.profile, id, rights(true)).is_err(), "not theirs to widen");
    asha.change_carer(practice.asha.profile, id, rights(true)).expect("more");
    assert!(ravi.permit(Action::Add, practice.asha.profile, "dose").is_ok());
    assert!(ravi.permit(Action::Export, practice.asha.profile, "dose").is_err(), "a carer never takes out");
    let doctor = practice.doctor.account;
    assert!(ravi.let_in(practice.asha.profile, doctor, &carer(false)).is_err(), "nor lets others in");
    let family = asha.family(practice.asha.profile).expect("a list");
    assert_eq!(family.iter().map(|one| one.relation).collect::<Vec<_>>(), ["self", "carer"]);
    let own = ravi.family(practice.asha.profile).expect("their own");
    assert_eq!(own.len(), 1);
    let asha_self = family[0].id;
    assert_eq!(ravi.end_relation(practice.asha.profile, asha_self).expect_err("hers").kind(), ErrorKind::NotFound);
    assert_eq!(asha.end_relation(practice.asha.profile, asha_self).expect_err("the last").code(), "last-keeper");
    ravi.end_relation(practice.asha.profile, own[0].id).expect("left");
    assert_eq!(sees(&ravi, practice.asha.profile, "medication"), UNKNOWN);
}

#[test]
fn whoever_holds_an_invitation_accepts_it_once_while_its_giver_may_give_it() {
    let practice = Practice::new();
    let (asha, ravi, doctor) = (practice.asha(), practice.ravi(), practice.doctor());
    let child =
        asha.add_profile(&json!({"name": {"text": "Child"}, "birth_date": "2020-05-01"}), None).expect("hers").profile;
    assert_eq!(ravi.invite(child, &Offer::Owner).expect_err("a stranger").kind(), ErrorKind::NotFound);
    let (secret, _) = asha.invite(child, &Offer::Guardian).expect("hers to give");
    let shown = ravi.invited(&secret).expect("good");
    assert_eq!((shown.name.as_str(), shown.by.name.as_str()), ("Child", "asha"));
    assert!(ravi.invited("another secret").is_err());
    assert_eq!(asha.accept(&secret).expect_err("already more").code(), "conflict");
    assert_eq!(ravi.accept(&secret).expect("accepted"), child);
    assert_eq!(doctor.accept(&secret).expect_err("used up").kind(), ErrorKind::NotFound);
    assert_eq!(sees(&ravi, child, "lab-result"), Ok(0));
    // What a guardian invites to ends when the guardian is one no more.
    assert!(ravi.invite(child, &Offer::Owner).is_err(), "a guardian makes no owner");
    let (secret, _) = ravi.invite(child, &Offer::Guardian).expect("a guardian's to give");
    let related = asha.family(child).expect("a list");
    let guardian = related.iter().find(|one| one.relation == "guardian").expect("ravi");
    let owner = related.iter().find(|one| one.relation == "owner").expect("asha");
    assert!(ravi.end_relation(child, owner.id).is_err(), "a guardian ends no owner");
    asha.end_relation(child, guardian.id).expect("hers to end");
    assert!(doctor.invited(&secret).is_err() && doctor.accept(&secret).is_err());
    assert_eq!(asha.end_relation(child, owner.id).expect_err("the last").code(), "last-keeper");
    // One that nobody accepted ends by itself.
    let (secret, expires) = asha.invite(child, &Offer::Owner).expect("hers to give");
    practice.after(expires.millis() - practice.clock.now().millis());
    assert!(doctor.accept(&secret).is_err());
    // One that went to the wrong person is taken back.
    let (secret, _) = asha.invite(child, &Offer::Owner).expect("hers to give");
    let waiting = asha.invitations(child).expect("hers to see");
    assert_eq!((waiting.len(), waiting[0].by.name.as_str()), (1, "asha"), "those that are over are gone");
    assert!(doctor.accept(&waiting[0].id).is_err(), "its id accepts nothing");
    assert!(doctor.invitations(child).is_err() && doctor.withdraw_invitation(child, &waiting[0].id).is_err());
    asha.withdraw_invitation(child, &waiting[0].id).expect("hers to take back");
    assert!(doctor.accept(&secret).is_err() && asha.invitations(child).expect("none").is_empty());
    let (secret, _) = asha.invite(child, &Offer::Owner).expect("hers to give");
    doctor.accept(&secret).expect("accepted");
    assert!(doctor.invitations(child).expect("an owner's to see").is_empty(), "what was accepted waits no more");
    asha.end_relation(child, owner.id).expect("somebody else keeps them");
    assert_eq!(sees(&asha, child, "lab-result"), UNKNOWN);
}

#[test]
fn a_guardian_who_sees_nothing_any_more_keeps_nobody() {
    let practice = Practice::new();
    let asha = practice.asha();
    let born = json!({"name": {"text": "Teen"}, "birth_date": "2009-12-01"});
    let teen = asha.add_profile(&born, None).expect("hers").profile;
    let guardian = Offer::Guardian;
    asha.let_in(teen, practice.ravi.account, &guardian).expect("hers to give");
    assert_eq!(sees(&practice.ravi(), teen, "lab-result"), REFUSED, "sixteen: by grant alone");
    let owner = asha.family(teen).expect("a list").into_iter().find(|one| one.mine).expect("her own");
    assert_eq!(asha.end_relation(teen, owner.id).expect_err("nobody reaches them").code(), "last-keeper");
}

#[test]
fn a_carer_for_a_day_is_a_stranger_when_it_is_over() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let day = practice.clock.now().plus_millis(24 * HOUR);
    let carer = |ends_at| Offer::Carer(CarerRights { kinds: Kinds::All, ends_at, ..CarerRights::default() });
    let past = asha.let_in(practice.asha.profile, practice.ravi.account, &carer(Some(practice.clock.now())));
    assert_eq!(past.expect_err("over before it begins").details()[0].path, "/ends_at");
    asha.let_in(practice.asha.profile, practice.ravi.account, &carer(Some(day))).expect("hers to give");
    let permit = ravi.permit(Action::Read, practice.asha.profile, "lab-result").expect("a carer");
    let id = asha.family(practice.asha.profile).expect("a list")[1].id;
    let more = CarerRights { kinds: Kinds::All, edit: true, ..CarerRights::default() };
    asha.change_carer(practice.asha.profile, id, more).expect("hers");
    let kept = asha.family(practice.asha.profile).expect("a list").swap_remove(1).rights.expect("a carer's");
    assert_eq!((kept.edit, kept.ends_at), (true, Some(day)), "the end stays");
    practice.after(24 * HOUR - 1);
    assert!(ravi.read(&permit, practice.result, phm_core::vault::Removed::Hide).is_ok(), "the last millisecond");
    practice.after(1);
    assert!(ravi.read(&permit, practice.result, phm_core::vault::Removed::Hide).is_err());
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn whom_a_guardian_lets_in_is_family_no_longer_than_the_guardian_sees() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let born = json!({"name": {"text": "Child"}, "birth_date": "2020-05-01"});
    let child = asha.add_profile(&born, None).expect("hers").profile;
    asha.let_in(child, practice.ravi.account, &Offer::Guardian).expect("hers to give");
    let all = Labels::of(Sensitivity::ALL);
    let carer = |ends_at| Offer::Carer(CarerRights { kinds: Kinds::All, edit: true, labels: all, ends_at });
    let twelve: Instant = "2032-05-01T00:00:00Z".parse().expect("a moment");
    let later = Some("2038-05-01T00:00:00Z".parse().expect("a moment"));
    let refused = ravi.let_in(child, practice.doctor.account, &carer(later)).expect_err("longer than the guardian");
    assert_eq!(refused.code(), "not-granted");
    ravi.let_in(child, practice.doctor.account, &carer(None)).expect("a guardian's to give");
    let family = asha.family(child).expect("a list");
    let ends = family.iter().find_map(|one| one.rights.as_ref()).and_then(|rights| rights.ends_at);
    assert_eq!(ends, Some(twelve));
    assert_eq!(sees(&practice.doctor(), child, "lab-result"), Ok(0));
    practice.after(twelve.millis() - practice.clock.now().millis());
    assert_eq!(sees(&practice.doctor(), child, "lab-result"), UNKNOWN);
}

#[test]
fn whoever_was_lent_the_right_to_give_on_makes_nobody_family() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let lent = json!({
        "to": {"account": practice.doctor.account}, "kinds": ["*"], "actions": ["read", "add", "amend", "share", "export"],
        "labels": ["mental-health", "sexual-health", "private-note"],
        "ends_at": practice.clock.now().plus_millis(24 * HOUR),
    });
    asha.give(practice.asha.profile, &lent).expect("given");
    let carer = Offer::Carer(CarerRights { kinds: Kinds::All, ..CarerRights::default() });
    for offer in [carer, Offer::Guardian, Offer::Owner] {
        // Neither themselves nor anybody else: it would outlast what they were lent.
        for account in [practice.doctor.account, practice.ravi.account] {
            let refused = doctor.let_in(practice.asha.profile, account, &offer).expect_err("not theirs");
            assert_eq!(refused.code(), "not-granted", "{}", offer.as_str());
        }
        assert_eq!(doctor.invite(practice.asha.profile, &offer).expect_err("not theirs").code(), "not-granted");
    }
    practice.after(24 * HOUR);
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn a_guardian_shuts_no_other_guardian_out() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let born = json!({"name": {"text": "Child"}, "birth_date": "2020-05-01"});
    let child = asha.add_profile(&born, None).expect("hers").profile;
    asha.let_in(child, practice.ravi.account, &Offer::Guardian).expect("hers to give");
    asha.let_in(child, practice.doctor.account, &Offer::Guardian).expect("hers to give");
    let all = ravi.family(child).expect("a guardian's to see");
    let other = all.iter().find(|one| one.relation == "guardian" && !one.mine).expect("the doctor");
    assert_eq!(ravi.end_relation(child, other.id).expect_err("not theirs").kind(), ErrorKind::NotFound);
    asha.end_relation(child, other.id).expect("an owner's to end");
}

#[test]
fn a_guardian_makes_nobody_younger() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let born = |day: &str| json!({"name": {"text": "Child"}, "birth_date": day});
    let child = asha.add_profile(&born("2020-05-01"), None).expect("hers");
    asha.let_in(child.profile, practice.ravi.account, &Offer::Guardian).expect("hers to give");
    let amend = ravi.permit(Action::Amend, child.profile, "profile").expect("a guardian's");
    for body in [born("2024-05-01"), born("2016-05-01"), json!({"name": {"text": "Child"}})] {
        let refused = ravi.amend(&amend, child.id, 1, &body, How::Typed).expect_err("not a guardian's");
        assert_eq!(refused.code(), "not-granted", "{body}");
    }
    let mut named = born("2020-05-01");
    named["name"]["text"] = json!("Child Kaur");
    ravi.amend(&amend, child.id, 1, &named, How::Typed).expect("a name is a guardian's to mend");
    let amend = asha.permit(Action::Amend, child.profile, "profile").expect("hers");
    asha.amend(&amend, child.id, 2, &born("2014-05-01"), How::Typed).expect("an owner's to mend");
    assert_eq!(sees(&ravi, child.profile, "lab-result"), Ok(0));
    let back = ravi.permit(Action::Amend, child.profile, "profile").expect("a guardian's");
    assert!(ravi.restore(&back, child.id, 3, Some(1)).is_err(), "an earlier version is no way round");
}

#[test]
fn a_guardians_reach_follows_every_change_of_the_day_of_birth_at_once() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let born = |day: &str| json!({"name": {"text": "Child"}, "birth_date": day});
    let child = asha.add_profile(&born("2020-05-01"), None).expect("hers");
    asha.let_in(child.profile, practice.ravi.account, &Offer::Guardian).expect("hers to give");
    let amend = asha.permit(Action::Amend, child.profile, "profile").expect("hers");
    for (version, day, reach) in
        [(1, "2009-12-01", REFUSED), (2, "2020-05-01", Ok(0)), (3, "2000-05-01", UNKNOWN), (4, "2014-05-01", Ok(0))]
    {
        asha.amend(&amend, child.id, version, &born(day), How::Typed).expect("an owner's to mend");
        assert_eq!(sees(&ravi, child.profile, "lab-result"), reach, "born on {day}");
        assert_eq!(sees(&ravi, child.profile, "lab-result"), reach, "born on {day}, asked again");
    }
}

#[test]
fn somebody_who_is_two_things_to_a_person_is_shown_once() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    operator.relate_account(practice.asha.account, practice.asha.profile, "owner").expect("related");
    let family = practice.asha().family(practice.asha.profile).expect("hers to see");
    assert_eq!(family.iter().map(|one| one.relation).collect::<Vec<_>>(), ["self"]);
}
