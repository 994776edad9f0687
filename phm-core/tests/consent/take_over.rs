//! How a dependant comes to their own records, and who is out with that.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor, CarerRights, Kinds};
use phm_core::id::ProfileId;
use phm_core::time::{Clock as _, Instant};
use phm_core::vault::{How, Offer};
use serde_json::json;

use crate::practice::{Practice, REFUSED, Somebody, UNKNOWN, person, sees, somebody};

/// A dependant of Asha's with one result, born on `day`.
pub fn dependant(practice: &Practice, day: &str) -> ProfileId {
    let asha = practice.asha();
    let born = json!({"name": {"text": "Teen"}, "birth_date": day});
    let teen = asha.add_profile(&born, None).expect("hers").profile;
    let add = asha.permit(Action::Add, teen, "lab-result").expect("hers");
    let body = json!({"concept": "Ferritin", "quantity": {"value": "30", "unit": "ng/mL"}});
    asha.add(&add, &body, How::Typed).expect("added");
    teen
}

/// Sets the clock.
pub fn until(practice: &Practice, moment: &str) {
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
