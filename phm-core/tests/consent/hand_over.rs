//! An administrator's wish to hand somebody's records over: how it waits, is heard of and is refused.

use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::access::{Actor, CarerRights, Kinds};
use phm_core::audit::unusual::Unusual;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::time::Clock;
use phm_core::vault::{HAND_OVER_DAYS, HandOver, Offer, Options, Vault};

use crate::practice::{HOUR, Practice, Somebody, UNKNOWN, person, sees, somebody};
use crate::take_over::{dependant, until};

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
