//! Families: carers, guardians, owners, invitations, leaving.

use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor, CarerRights, Kinds, Labels, Sensitivity};
use phm_core::audit::unusual::Unusual;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::time::{Clock, Instant};
use phm_core::vault::{HAND_OVER_DAYS, HandOver, How, Offer, Options, Vault};
use serde_json::json;

use crate::practice::{HOUR, Practice, REFUSED, Somebody, UNKNOWN, person, sees, somebody};

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

/// A dependant of Asha's with one result, born on `day`.
fn dependant(practice: &Practice, day: &str) -> ProfileId {
    let asha = practice.asha();
    let born = json!({"name": {"text": "Teen"}, "birth_date": day});
    let teen = asha.add_profile(&born, None).expect("hers").profile;
    let add = asha.permit(Action::Add, teen, "lab-result").expect("hers");
    let body = json!({"concept": "Ferritin", "quantity": {"value": "30", "unit": "ng/mL"}});
    asha.add(&add, &body, How::Typed).expect("added");
    teen
}

/// Sets the clock.
fn until(practice: &Practice, moment: &str) {
    let moment: Instant = moment.parse().expect("a moment");
    practice.after(moment.millis() - practice.clock.now().millis());
}

#[test]
fn a_young_person_takes_over_at_the_age_of_the_policy_and_decides_from_then_on() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let teen = dependant(&practice, "2010-12-01");
    let young: Somebody = somebody(&practice.vault, "teen", "patient");
    until(&practice, "2026-11-30T23:59:59.999Z");
    assert!(!asha.may_hand_over(teen));
    assert_eq!(asha.let_in(teen, young.account, &Offer::Myself).expect_err("fifteen").code(), "too-young");
    assert_eq!(asha.invite(teen, &Offer::Myself).expect_err("fifteen").code(), "too-young");
    until(&practice, "2026-12-01T00:00:00Z");
    assert!(asha.may_hand_over(teen));
    asha.give(teen, &practice.for_a_day()).expect("hers to give");
    assert_eq!(sees(&doctor, teen, "lab-result"), Ok(1));
    let (secret, _) = asha.invite(teen, &Offer::Myself).expect("sixteen");
    assert_eq!(asha.accept(&secret).expect_err("not the person").code(), "conflict");
    let ravi = practice.ravi();
    let note = ravi.permit(Action::Add, practice.ravi.profile, "note").expect("his own");
    ravi.add(&note, &json!({"text": "his"}), How::Typed).expect("added");
    assert_eq!(ravi.accept(&secret).expect_err("nobody's records are left behind").code(), "has-records");
    assert_eq!(person(&practice.vault, young).accept(&secret).expect("accepted"), teen);

    let young = person(&practice.vault, Somebody { profile: teen, ..young });
    assert_eq!(sees(&young, teen, "lab-result"), Ok(1));
    assert_eq!(young.profiles().expect("a list").len(), 1, "the empty profile made room");
    let family = young.family(teen).expect("theirs to see");
    assert_eq!(family.iter().map(|one| one.relation).collect::<Vec<_>>(), ["guardian", "self"]);
    assert_eq!(sees(&asha, teen, "lab-result"), REFUSED, "at sixteen a guardian sees what is granted");
    assert!(!asha.may_hand_over(teen) && asha.invite(teen, &Offer::Myself).is_err());
    assert_eq!(sees(&doctor, teen, "lab-result"), UNKNOWN, "what she had granted fell with that");
    let terms = json!({"to": {"account": practice.asha.account}, "kinds": ["lab-result"], "actions": ["read"]});
    let given = young.give(teen, &terms).expect("theirs to give").id;
    assert_eq!(sees(&asha, teen, "lab-result"), Ok(1));
    young.revoke(teen, given).expect("theirs to take back");
    until(&practice, "2028-12-01T00:00:00Z");
    assert_eq!(sees(&asha, teen, "lab-result"), UNKNOWN, "at eighteen nobody is a guardian any more");
    assert_eq!(sees(&young, teen, "lab-result"), Ok(1));
}

#[test]
fn whoever_takes_over_as_an_adult_leaves_no_guardian() {
    let practice = Practice::new();
    let asha = practice.asha();
    let mother = dependant(&practice, "1950");
    let account = somebody(&practice.vault, "mother", "patient").account;
    asha.let_in(mother, account, &Offer::Myself).expect("hers to hand over");
    assert_eq!(sees(&asha, mother, "lab-result"), UNKNOWN);
    let second = asha.let_in(mother, account, &Offer::Myself).expect_err("not hers any more");
    assert_eq!(second.kind(), ErrorKind::NotFound);
}

#[test]
fn whoever_is_nothing_to_the_person_any_more_is_told_that_the_records_were_handed_over() {
    let practice = Practice::new();
    let (asha, mother) = (practice.asha(), dependant(&practice, "1950"));
    let account = somebody(&practice.vault, "mother", "patient").account;
    asha.let_in(mother, account, &Offer::Myself).expect("hers to hand over");
    assert_eq!(sees(&asha, mother, "lab-result"), UNKNOWN);
    let gate = practice.vault.session(Actor::Gate, "notice").expect("the gate");
    let mut told = gate.whom_it_was_handed(mother).expect("addresses");
    told.sort();
    assert_eq!(told, ["asha@phm.example", "mother@phm.example"]);
    assert!(asha.whom_it_was_handed(mother).is_err(), "addresses are for the door");
}

#[test]
fn whoever_helped_before_the_records_were_handed_over_is_let_in_anew_by_the_person() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let mother = dependant(&practice, "1950");
    let helps = Offer::Carer(CarerRights { kinds: Kinds::All, edit: true, ..CarerRights::default() });
    asha.let_in(mother, practice.ravi.account, &helps).expect("hers to give");
    assert_eq!(sees(&ravi, mother, "lab-result"), Ok(1));
    let own = somebody(&practice.vault, "mother", "patient");
    asha.let_in(mother, own.account, &Offer::Myself).expect("hers to hand over");
    assert_eq!(sees(&ravi, mother, "lab-result"), UNKNOWN, "nobody looks on through a carer");
    let own = person(&practice.vault, Somebody { profile: mother, ..own });
    assert_eq!(own.family(mother).expect("theirs to see").len(), 1);
    own.let_in(mother, practice.ravi.account, &helps).expect("theirs to give");
    assert_eq!(sees(&ravi, mother, "lab-result"), Ok(1));
}

#[test]
fn what_somebody_granted_whose_account_is_closed_ends_when_the_records_are_handed_over() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let mother = dependant(&practice, "1950");
    let (boss, other) = (somebody(&practice.vault, "boss", "admin"), somebody(&practice.vault, "other", "admin"));
    practice.after((HAND_OVER_DAYS * 24 + 1) * HOUR);
    asha.give(mother, &practice.for_a_day()).expect("hers to give");
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    operator.change_account(practice.asha.account, None, Some(false)).expect("closed");
    assert_eq!(sees(&doctor, mother, "lab-result"), Ok(1));
    let own = somebody(&practice.vault, "mother", "patient");
    let asked = person(&practice.vault, boss).hand_over(mother, own.account).expect("nobody else can");
    assert!(matches!(asked, HandOver::Asked { .. }));
    assert_eq!(sees(&doctor, mother, "lab-result"), Ok(1), "nothing is done yet");
    assert_eq!(person(&practice.vault, other).hand_over(mother, own.account).expect("agreed"), HandOver::Done);
    assert_eq!(sees(&doctor, mother, "lab-result"), UNKNOWN);
}

#[test]
fn an_admin_hands_over_only_what_nobody_in_the_family_can_and_never_to_themselves() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let teen = dependant(&practice, "2010-12-01");
    let young = somebody(&practice.vault, "teen", "patient");
    let boss = somebody(&practice.vault, "boss", "admin");
    let admin = person(&practice.vault, boss);
    asha.let_in(teen, practice.ravi.account, &Offer::Guardian).expect("hers to give");
    let own = asha.family(teen).expect("a list").into_iter().find(|one| one.mine).expect("her own");
    asha.end_relation(teen, own.id).expect("a guardian still sees them");
    assert_eq!(admin.hand_over(teen, young.account).expect_err("somebody keeps them").kind(), ErrorKind::NotFound);
    until(&practice, "2026-12-01T00:00:00Z");
    assert_eq!(ravi.hand_over(teen, young.account).expect_err("no admin").code(), "not-granted");
    assert!(ravi.let_in(teen, young.account, &Offer::Myself).is_err(), "who sees nothing hands nothing over");
    assert_eq!(admin.hand_over(teen, boss.account).expect_err("not theirs").kind(), ErrorKind::NotFound);
    let nobody = ProfileId::new();
    assert_eq!(admin.hand_over(nobody, young.account).expect_err("nobody").kind(), ErrorKind::NotFound);
    let asked = admin.hand_over(teen, young.account).expect("nobody else can");
    assert!(matches!(asked, HandOver::Asked { .. }));
    practice.after(HAND_OVER_DAYS * 24 * HOUR - 1);
    assert!(matches!(admin.hand_over(teen, young.account), Ok(HandOver::Waits { .. })));
    assert_eq!(sees(&person(&practice.vault, young), teen, "lab-result"), UNKNOWN);
    practice.after(1);
    assert_eq!(admin.hand_over(teen, young.account).expect("asked for long ago"), HandOver::Done);
    assert!(admin.asked_hand_overs().expect("theirs").is_empty());
    assert_eq!(sees(&person(&practice.vault, young), teen, "lab-result"), Ok(1));
    assert_eq!(sees(&admin, teen, "lab-result"), UNKNOWN);
    let log = phm_core::audit::query::AuditQuery::default();
    let log = person(&practice.vault, young).who_looked(teen, &log).expect("a log");
    assert!(
        log.rows.iter().any(|row| row.kind.as_deref() == Some("relation") && row.action == "share"),
        "it is written"
    );
}

#[test]
fn an_admin_who_closes_a_family_and_makes_an_account_does_not_get_its_records_by_themselves() {
    let practice = Practice::new();
    let mother = dependant(&practice, "1950");
    let boss = somebody(&practice.vault, "boss", "admin");
    let admin = person(&practice.vault, boss);
    practice.after(HAND_OVER_DAYS * 24 * HOUR);
    admin.change_account(practice.asha.account, None, Some(false)).expect("closed");
    let (puppet, second) = (somebody(&practice.vault, "puppet", "patient"), somebody(&practice.vault, "two", "admin"));
    let asked = admin.hand_over(mother, puppet.account).expect("asked");
    assert_eq!(asked, HandOver::Asked { until: None }, "nobody could hear of it yet");
    let door = practice.vault.session(Actor::Gate, "test").expect("the door");
    let until = door.heard_of_hand_over(mother).expect("for the door");
    assert_eq!(until, Some(practice.clock.now().plus_millis(HAND_OVER_DAYS * 24 * HOUR)));
    let two = person(&practice.vault, second);
    assert_eq!(two.hand_over(mother, puppet.account).expect("too new to agree"), HandOver::Waits { until });
    let alerts = admin.house_alerts().expect("theirs");
    assert_eq!((alerts.len(), alerts[0].what, &*alerts[0].actor.name), (1, Unusual::HandOver, "boss"));
    let waiting = two.asked_hand_overs().expect("theirs");
    assert_eq!((waiting[0].profile, waiting[0].account, waiting[0].refused), (mother, puppet.account, false));

    // Whoever kept the records is told, though their account is closed, and says no by the letter.
    let told = door.whom_to_ask_of_hand_over(mother).expect("for the door");
    assert_eq!(told, [(practice.asha.account, "asha@phm.example".to_owned())]);
    assert_eq!(
        door.refuse_hand_over_for(mother, second.account).expect_err("nothing to her").kind(),
        ErrorKind::NotFound
    );
    door.refuse_hand_over_for(mother, practice.asha.account).expect("hers to refuse");
    practice.after(HAND_OVER_DAYS * 24 * HOUR);
    for session in [&admin, &two] {
        assert_eq!(session.hand_over(mother, puppet.account).expect_err("refused").code(), "refused");
    }
    assert!(admin.asked_hand_overs().expect("theirs")[0].refused);
    assert_eq!(sees(&person(&practice.vault, puppet), mother, "lab-result"), UNKNOWN);
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    assert_eq!(operator.asked_hand_overs().expect("theirs").len(), 1);
    operator.let_in(mother, puppet.account, &Offer::Myself).expect("whoever holds the vault's secret can");
    assert!(operator.asked_hand_overs().expect("theirs").is_empty());
    let own = person(&practice.vault, Somebody { profile: mother, ..puppet });
    let log = own.who_looked(mother, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    assert!(log.rows.iter().filter(|row| row.kind.as_deref() == Some("relation")).count() >= 3, "all of it is written");
}

#[test]
fn where_nobody_could_hear_of_it_time_alone_hands_nothing_over() {
    let practice = Practice::new();
    let mother = dependant(&practice, "1950");
    let boss = somebody(&practice.vault, "boss", "admin");
    let admin = person(&practice.vault, boss);
    admin.change_account(practice.asha.account, None, Some(false)).expect("closed");
    let puppet = somebody(&practice.vault, "puppet", "patient");
    assert_eq!(admin.hand_over(mother, puppet.account).expect("asked"), HandOver::Asked { until: None });
    practice.after(100 * HAND_OVER_DAYS * 24 * HOUR);
    assert_eq!(admin.hand_over(mother, puppet.account).expect("it waits"), HandOver::Waits { until: None });
    assert_eq!(admin.asked_hand_overs().expect("theirs")[0].until, None);
    assert_eq!(admin.heard_of_hand_over(mother).expect_err("the door says so").code(), "not-granted");
    let door = practice.vault.session(Actor::Gate, "test").expect("the door");
    let until = door.heard_of_hand_over(mother).expect("letters left");
    practice.after(HAND_OVER_DAYS * 24 * HOUR - 1);
    assert_eq!(door.heard_of_hand_over(mother).expect("again"), until, "a second letter makes nobody wait longer");
    assert_eq!(admin.hand_over(mother, puppet.account).expect("it waits"), HandOver::Waits { until });
    practice.after(1);
    assert_eq!(admin.hand_over(mother, puppet.account).expect("a week after the letters"), HandOver::Done);
    assert_eq!(door.heard_of_hand_over(mother).expect("nothing is asked"), None);
}

#[test]
fn a_week_in_which_the_family_was_let_in_again_is_no_week_of_waiting() {
    let practice = Practice::new();
    let mother = dependant(&practice, "1950");
    let boss = somebody(&practice.vault, "boss", "admin");
    let admin = person(&practice.vault, boss);
    let puppet = somebody(&practice.vault, "puppet", "patient");
    let door = practice.vault.session(Actor::Gate, "test").expect("the door");
    let open = |active| admin.change_account(practice.asha.account, None, Some(active)).expect("changed");
    open(false);
    assert!(matches!(admin.hand_over(mother, puppet.account), Ok(HandOver::Asked { .. })));
    door.heard_of_hand_over(mother).expect("letters left");
    practice.after(1000);
    open(true);
    practice.after(HAND_OVER_DAYS * 24 * HOUR);
    assert_eq!(admin.hand_over(mother, puppet.account).expect_err("she keeps them").kind(), ErrorKind::NotFound);
    open(false);
    let again = admin.hand_over(mother, puppet.account).expect("asked");
    assert_eq!(again, HandOver::Asked { until: None }, "it begins anew");
    assert_eq!(sees(&person(&practice.vault, puppet), mother, "lab-result"), UNKNOWN);
    // What somebody refused stays refused, whoever is let in and out.
    door.refuse_hand_over_for(mother, practice.asha.account).expect("hers to refuse");
    open(true);
    practice.after(1000);
    open(false);
    assert_eq!(admin.hand_over(mother, puppet.account).expect_err("refused").code(), "refused");
}

#[test]
fn in_a_restored_vault_it_is_asked_for_anew() {
    let practice = Practice::new();
    let mother = dependant(&practice, "1950");
    let boss = somebody(&practice.vault, "boss", "admin");
    let puppet = somebody(&practice.vault, "puppet", "patient");
    let admin = person(&practice.vault, boss);
    admin.change_account(practice.asha.account, None, Some(false)).expect("closed");
    assert!(matches!(admin.hand_over(mother, puppet.account), Ok(HandOver::Asked { .. })));
    let door = practice.vault.session(Actor::Gate, "test").expect("the door");
    door.heard_of_hand_over(mother).expect("letters left");
    let dir = tempfile::tempdir().expect("a folder");
    let (file, again) = (dir.path().join("backup.phmb"), dir.path().join("again"));
    phm_core::backup::write(&practice.vault, &file).expect("written");
    door.refuse_hand_over_for(mother, practice.asha.account).expect("hers to refuse");

    let options =
        || Options { cost: Cost::FLOOR, clock: Arc::clone(&practice.clock) as Arc<dyn Clock>, ..Options::default() };
    let secret = Secret::passphrase("correct horse battery staple");
    phm_core::backup::restore(&file, &again, &secret, options()).expect("restored");
    let restored = Vault::open(&again, &secret, options()).expect("the vault opens");
    practice.after(HAND_OVER_DAYS * 24 * HOUR);
    let came = person(&restored, boss).hand_over(mother, puppet.account).expect("asked");
    assert_eq!(came, HandOver::Asked { until: None }, "what she refused is not known there");
}

#[test]
fn whoever_helps_a_person_refuses_on_their_pages_and_another_account_begins_anew() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let mother = dependant(&practice, "1950");
    let helps = Offer::Carer(CarerRights { kinds: Kinds::All, ..CarerRights::default() });
    asha.let_in(mother, practice.ravi.account, &helps).expect("hers to give");
    let boss = somebody(&practice.vault, "boss", "admin");
    let admin = person(&practice.vault, boss);
    admin.change_account(practice.asha.account, None, Some(false)).expect("closed");
    let (one, two) = (somebody(&practice.vault, "one", "patient"), somebody(&practice.vault, "two", "patient"));
    assert_eq!(ravi.hand_over_to_refuse(mother).expect("nothing"), None);
    assert_eq!(ravi.refuse_hand_over(mother).expect_err("nothing").code(), "nothing-asked");
    admin.hand_over(mother, one.account).expect("asked");
    practice.after(HAND_OVER_DAYS * 24 * HOUR);
    assert!(matches!(admin.hand_over(mother, two.account), Ok(HandOver::Asked { .. })), "another account waits anew");
    assert!(ravi.hand_over_to_refuse(mother).expect("his to know").is_some());
    let doctor = practice.doctor();
    assert_eq!(doctor.refuse_hand_over(mother).expect_err("a stranger").kind(), ErrorKind::NotFound);
    assert_eq!(doctor.hand_over_to_refuse(mother).expect("nothing for them"), None);
    ravi.refuse_hand_over(mother).expect("his to refuse");
    assert_eq!(admin.hand_over(mother, two.account).expect_err("refused").code(), "refused");
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    operator.change_account(practice.asha.account, None, Some(true)).expect("opened");
    let asha = practice.asha();
    assert_eq!(admin.hand_over(mother, two.account).expect_err("she keeps them").kind(), ErrorKind::NotFound);
    asha.let_in(mother, one.account, &Offer::Myself).expect("hers to hand over");
}

#[test]
fn somebody_who_is_two_things_to_a_person_is_shown_once() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    operator.relate_account(practice.asha.account, practice.asha.profile, "owner").expect("related");
    let family = practice.asha().family(practice.asha.profile).expect("hers to see");
    assert_eq!(family.iter().map(|one| one.relation).collect::<Vec<_>>(), ["self"]);
}
