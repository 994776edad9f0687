//! Families: carers, guardians, owners, invitations, leaving.

use phm_core::ErrorKind;
use phm_core::access::{Action, CarerRights, Kinds, Labels};
use phm_core::time::Clock as _;
use phm_core::vault::Offer;
use serde_json::json;

use crate::practice::{Practice, REFUSED, UNKNOWN, sees};

#[test]
fn a_carer_helps_with_what_was_chosen_and_may_leave() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let rights = |edit| CarerRights { kinds: Kinds::of(["profile", "medication", "dose"]), edit, labels: Labels::NONE };
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
    let (secret, _) = asha.invite(child, &Offer::Owner).expect("hers to give");
    doctor.accept(&secret).expect("accepted");
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
