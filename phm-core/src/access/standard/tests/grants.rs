//! What a grant opens, to whom and how long, and what nobody can give on.

use std::collections::BTreeSet;

use super::{SECOND, born_years_ago, everything, give, granted, id, known, me, mine, notes, policy};
use crate::access::suite::{NOW, PROFILE, TOKEN, ask, terms};
use crate::access::{
    Action, Actions, CarerRights, Decision, Facts, GrantTerms, Grantee, Kinds, Labels, Relation, Role, Roles, may_give,
};
use crate::id::ProfileId;
use crate::time::When;

#[test]
fn a_grant_opens_what_it_names_to_whom_it_names() {
    let provider = Roles::of(&[Role::Provider]);
    for (to, roles, action, kind, decision) in [
        (mine(), Roles::NONE, Action::Read, "note", None),
        (mine(), Roles::NONE, Action::Read, "lab-result", Some(Decision::NotGranted)),
        (mine(), Roles::NONE, Action::Read, "*", Some(Decision::NotGranted)),
        (mine(), Roles::NONE, Action::Add, "note", Some(Decision::NotGranted)),
        (mine(), Roles::NONE, Action::Amend, "note", Some(Decision::NotGranted)),
        (mine(), Roles::NONE, Action::Share, "note", Some(Decision::NotGranted)),
        (mine(), Roles::NONE, Action::Export, "note", Some(Decision::NotGranted)),
        (Grantee::Account(id(5)), Roles::ALL, Action::Read, "note", Some(Decision::Unknown)),
        (Grantee::Role(Role::Provider), provider, Action::Read, "note", None),
        (Grantee::Role(Role::Provider), Roles::of(&[Role::Admin]), Action::Read, "note", Some(Decision::Unknown)),
        (Grantee::Role(Role::Pharmacist), provider, Action::Read, "note", Some(Decision::Unknown)),
        (Grantee::Token(TOKEN), Roles::ALL, Action::Read, "note", Some(Decision::Unknown)),
        (Grantee::Plugin("labs".into()), Roles::ALL, Action::Read, "note", Some(Decision::Unknown)),
        (Grantee::Service("reminders".into()), Roles::ALL, Action::Read, "note", Some(Decision::Unknown)),
    ] {
        let facts = Facts { roles, ..granted(notes(to.clone())) };
        let answer = ask(&policy(), &me(), action, kind, &facts);
        match decision {
            Some(refusal) => assert_eq!(answer, refusal, "{to:?} {action} {kind}"),
            None => assert!(answer.is_allow(), "{to:?} {action} {kind}"),
        }
    }
}

#[test]
fn a_grant_on_one_profile_says_nothing_of_another() {
    let mut facts = granted(notes(mine()));
    facts.grants[0].profile = ProfileId::from_bytes([0x77; 16]);
    assert_eq!(ask(&policy(), &me(), Action::Read, "note", &facts), Decision::Unknown);
}

#[test]
fn grants_that_are_revoked_over_or_not_begun_give_nothing_on_the_second() {
    let end = NOW.plus_millis(3600 * SECOND);
    for (now, open) in [
        (NOW.plus_millis(-SECOND), false),
        (NOW.plus_millis(-1), false),
        (NOW, true),
        (NOW.plus_millis(SECOND), true),
        (end.plus_millis(-SECOND), true),
        (end.plus_millis(-1), true),
        (end, false),
        (end.plus_millis(SECOND), false),
    ] {
        let facts = Facts { now, ..granted(notes(mine())) };
        let answer = ask(&policy(), &me(), Action::Read, "note", &facts);
        assert_eq!(answer.is_allow(), open, "{now}");
        assert!(open || answer == Decision::Unknown, "{now}: a dead grant is no relation");
        let mut revoked = facts;
        revoked.grants[0].revoked_at = Some(end);
        assert_eq!(ask(&policy(), &me(), Action::Read, "note", &revoked), Decision::Unknown, "{now}, revoked");
    }
}

#[test]
fn a_dead_grant_beside_a_relation_is_a_refusal_that_may_be_told() {
    let relation = Relation::Carer(CarerRights { kinds: Kinds::of(["dose"]), ..CarerRights::default() });
    let mut facts = Facts { relations: vec![relation], ..granted(notes(mine())) };
    facts.grants[0].revoked_at = Some(NOW);
    assert_eq!(ask(&policy(), &me(), Action::Read, "note", &facts), Decision::NotGranted);
}

#[test]
fn the_window_of_a_grant_bounds_records_but_not_the_name_of_the_person() {
    let when = |text: &str| -> Option<When> { Some(text.parse().expect("a date")) };
    let window = GrantTerms {
        from: when("2024-01-01"),
        to_date: when("2024-12-31"),
        kinds: Kinds::of(["note", "profile"]),
        ..notes(mine())
    };
    let facts = granted(window);
    let scope = |kind| ask(&policy(), &me(), Action::Read, kind, &facts).allowed().expect("granted").0;
    assert!(scope("note").admits(when("2024-06-01"), Labels::NONE, id(7)));
    assert!(!scope("note").admits(when("2025-01-01"), Labels::NONE, id(7)));
    assert!(!scope("note").admits(None, Labels::NONE, id(7)));
    assert!(scope("profile").admits(None, Labels::NONE, id(7)));
}

#[test]
fn an_answer_from_several_grants_ends_with_the_first_that_adds_something() {
    let long = GrantTerms { ends_at: None, ..notes(mine()) };
    let labelled = GrantTerms { labels: Labels::ALL, ..notes(mine()) };
    let until = |grants: Vec<GrantTerms>| {
        let facts = Facts { grants: grants.into_iter().map(give).collect(), ..known(Vec::new()) };
        ask(&policy(), &me(), Action::Read, "note", &facts).allowed().expect("granted").1
    };
    let hour = Some(NOW.plus_millis(3600 * SECOND));
    assert_eq!(until(vec![notes(mine()), long.clone()]), None, "the longer one contains the shorter");
    assert_eq!(until(vec![long, labelled]), hour, "the shorter one opens more");
}

#[test]
fn the_owners_answer_does_not_end_with_somebody_elses_grant() {
    let facts = Facts { relations: vec![Relation::Owner], ..granted(notes(mine())) };
    assert_eq!(ask(&policy(), &me(), Action::Read, "note", &facts), everything());
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let asked = |kinds: Kinds, actions: &[Action], ends_at| {
        terms(Grantee::Account(id(6)), kinds, Actions::of(actions), NOW, ends_at)
    };
    let one = || asked(Kinds::of(["note"]), &[Action::Read], None);
    let share = GrantTerms { actions: Actions::of(&[Action::Read, Action::Share]), ..notes(mine()) };
    let shares = granted(share);
    let hour = NOW.plus_millis(3600 * SECOND);
    let may = |facts: &Facts, terms: &GrantTerms| {
        may_give(&policy(), &me(), PROFILE, terms, facts).map_err(|error| error.code())
    };

    let all_but_erasing = &Action::ALL[..5];
    assert_eq!(may(&known(vec![Relation::Owner]), &asked(Kinds::All, all_but_erasing, None)), Ok(None));
    assert_eq!(may(&shares, &one()), Ok(Some(hour)), "it must end with the giver's own");
    assert_eq!(may(&shares, &GrantTerms { ends_at: Some(hour), ..one() }), Ok(Some(hour)));

    let private = GrantTerms { labels: Labels::ALL, ..one() };
    let guardian = Facts { birth_date: born_years_ago(13), ..known(vec![Relation::Guardian]) };
    let nothing = GrantTerms { records: Some(BTreeSet::new()), ..one() };
    for (case, facts, terms, code) in [
        ("a stranger", &known(Vec::new()), &one(), "not-found"),
        ("may read, not share", &granted(notes(mine())), &one(), "not-granted"),
        ("another action", &shares, &asked(Kinds::of(["note"]), &[Action::Read, Action::Add], None), "not-granted"),
        ("another kind beside", &shares, &asked(Kinds::of(["note", "dose"]), &[Action::Read], None), "not-granted"),
        ("every kind", &shares, &asked(Kinds::All, &[Action::Read], None), "not-granted"),
        ("a label", &shares, &private, "not-granted"),
        ("longer", &shares, &GrantTerms { ends_at: Some(hour.plus_millis(1)), ..one() }, "not-granted"),
        ("a guardian, a hidden label", &guardian, &private, "not-granted"),
        ("nothing at all", &known(vec![Relation::Owner]), &nothing, "not-granted"),
        ("to erase", &known(vec![Relation::Owner]), &asked(Kinds::All, &[Action::Erase], None), "not-granted"),
    ] {
        assert_eq!(may(facts, terms), Err(code), "{case}");
    }
}
