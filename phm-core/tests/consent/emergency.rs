//! Emergencies: what was arranged beforehand, and breaking the glass.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::id::ProfileId;
use phm_core::time::Clock as _;
use phm_core::vault::{GrantState, Session};
use serde_json::{Value, json};

use crate::practice::{HOUR, Practice, UNKNOWN, sees};

#[test]
fn an_emergency_opens_after_its_hours_unless_somebody_says_no() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let mut terms = practice.for_a_day();
    terms["to"] = json!({"account": practice.ravi.account});
    terms["ends_at"] = Value::Null;
    terms["wait_hours"] = json!(48);
    let given = asha.give(practice.asha.profile, &terms).expect("given");
    assert_eq!(given.state, GrantState::Waiting);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
    assert_eq!(practice.doctor().emergencies().expect("a list").len(), 0);
    assert_eq!(ravi.emergencies().expect("a list")[0].id, given.id);
    assert!(practice.doctor().ask_in_emergency(practice.asha.profile, given.id).is_err(), "not theirs to ask for");
    let asked = ravi.ask_in_emergency(practice.asha.profile, given.id).expect("asked");
    assert_eq!((asked.state, asked.opens_at), (GrantState::Asked, Some(practice.clock.now().plus_millis(48 * HOUR))));
    practice.after(47 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
    asha.refuse_in_emergency(practice.asha.profile, given.id).expect("no");
    practice.after(2 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN, "no is no");
    ravi.ask_in_emergency(practice.asha.profile, given.id).expect("asked again");
    practice.after(48 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), Ok(1));
    asha.revoke(practice.asha.profile, given.id).expect("taken back");
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn only_a_provider_breaks_the_glass_with_a_reason_for_an_hour_and_is_listed() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let reason = "unconscious in the emergency room";
    assert_eq!(
        practice.ravi().break_glass(practice.asha.profile, reason).expect_err("no provider").kind(),
        ErrorKind::NotFound
    );
    assert_eq!(doctor.break_glass(ProfileId::new(), reason).expect_err("nobody").kind(), ErrorKind::NotFound);
    assert_eq!(doctor.break_glass(practice.asha.profile, " . ").expect_err("why?").kind(), ErrorKind::Invalid);
    let given = doctor.break_glass(practice.asha.profile, reason).expect("opened");
    assert_eq!(given.terms.template.as_deref(), Some("break-glass"));
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0), "what is private stays so");
    assert_eq!(
        asha.notices(practice.asha.profile).expect("told").iter().map(|one| one.id).collect::<Vec<_>>(),
        [given.id]
    );
    assert!(doctor.notices(practice.asha.profile).expect("nothing").is_empty());
    let gate = practice.vault.session(Actor::Gate, "notice").expect("the door");
    assert_eq!(gate.whom_to_tell(practice.asha.profile).expect("addresses"), ["asha@phm.example"]);
    assert_eq!(doctor.whom_to_tell(practice.asha.profile).expect_err("for the door").kind(), ErrorKind::Denied);
    assert!(doctor.put_notices_away(practice.asha.profile).is_err());
    asha.put_notices_away(practice.asha.profile).expect("seen");
    assert!(asha.notices(practice.asha.profile).expect("put away").is_empty());
    assert!(doctor.permit(Action::Amend, practice.asha.profile, "lab-result").is_err(), "to read only");
    assert!(asha.grants(practice.asha.profile).expect("a list").iter().any(|grant| grant.id == given.id));
    practice.after(HOUR);
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let broke =
        log.rows.iter().find(|row| row.operation.as_deref() == Some("break-glass")).expect("it stands in the log");
    assert_eq!(broke.purpose.as_deref(), Some("break-glass: unconscious in the emergency room"));
    let behind = |row: &&phm_core::audit::query::AuditRow| {
        row.kind.as_deref() == Some("lab-result") && row.actor.name == "doctor"
    };
    let read = log.rows.iter().find(behind).expect("what was done behind it");
    assert!(read.purpose.as_deref().is_some_and(|purpose| purpose.starts_with("break-glass: ")));
}

#[test]
fn the_glass_of_somebody_without_papers_breaks_by_name_and_day_of_birth_together() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let born = |name: &str, day: &str| {
        operator.add_profile(&json!({"name": {"text": name}, "birth_date": day}), None).expect("a person").profile
    };
    let kamala = born("Kamala Devi", "1950-02-03");
    let (doctor, reason) = (practice.doctor(), "brought in without papers");
    let try_with = |session: &Session, name: &str, day: &str| {
        session
            .break_glass_of(name, day.parse().expect("a day"), reason)
            .map(|given| given.profile)
            .map_err(|error| error.kind())
    };
    for (name, day) in
        [("Kamala Devi", "1950-02-04"), ("Kamala", "1950-02-03"), ("Kamala Devi", "1950"), ("", "1950-02-03")]
    {
        assert_eq!(try_with(&doctor, name, day), Err(ErrorKind::NotFound), "{name} {day}");
    }
    assert_eq!(try_with(&practice.ravi(), "Kamala Devi", "1950-02-03"), Err(ErrorKind::NotFound));
    assert_eq!(try_with(&doctor, " kamala  DEVI", "1950-02-03"), Ok(kamala));
    born("Kamala Devi", "1950-02-03");
    assert_eq!(try_with(&doctor, "Kamala Devi", "1950-02-03"), Err(ErrorKind::NotFound), "two fit");
}

#[test]
fn a_broken_glass_closes_with_the_role_it_was_broken_in() {
    let practice = Practice::new();
    let doctor = practice.doctor();
    doctor.break_glass(practice.asha.profile, "unconscious in the emergency room").expect("opened");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), Ok(1));
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let patient = phm_core::access::Roles::of(&[phm_core::access::Role::Patient]);
    operator.change_account(practice.doctor.account, Some(patient), None).expect("changed");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn names_that_fit_nobody_are_counted_in_the_log_of_the_house() {
    let practice = Practice::new();
    let day = "1950-02-03".parse().expect("a day");
    for name in ["Kamala", "Kamala Devi", "Kamla Devi"] {
        let missing = practice.doctor().break_glass_of(name, day, "brought in without papers").expect_err("nobody");
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }
    practice.after(60_000);
    let house = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let query = phm_core::audit::query::AuditQuery::default();
    let log = house.who_looked(ProfileId::SYSTEM, &query).expect("the log of the house");
    let refused: u64 = log.rows.iter().filter(|row| row.outcome == "refused").map(|row| row.count).sum();
    assert_eq!(refused, 3);
    let own = practice.asha().who_looked(practice.asha.profile, &query).expect("her own");
    assert!(own.rows.iter().all(|row| row.outcome != "refused"), "nothing of it stands in anybody's own");
}
