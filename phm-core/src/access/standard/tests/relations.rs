//! What somebody may who is related to a person, and when that ends.

use super::{born_years_ago, granted, id, known, me, mine, notes, policy};
use crate::access::suite::{NOW, ask};
use crate::access::{Action, CarerRights, Decision, Facts, GrantTerms, Kinds, Labels, Relation, Scope, Sensitivity};

#[test]
fn what_each_relation_opens_by_itself() {
    let carer = |edit| Relation::Carer(CarerRights { kinds: Kinds::of(["note"]), edit, ..CarerRights::default() });
    let all = [true; 6];
    let most = [true, true, true, true, true, false];
    let none = [false; 6];
    // Actions in the order read, add, amend, share, export, erase.
    for (relation, years, kind, open) in [
        (Relation::Myself, 40, "note", all),
        (Relation::Owner, 40, "note", all),
        (Relation::Guardian, 5, "note", most),
        (Relation::Guardian, 11, "lab-result", most),
        (Relation::Guardian, 12, "note", most),
        (Relation::Guardian, 15, "note", most),
        (Relation::Guardian, 16, "note", none),
        (Relation::Guardian, 17, "profile", none),
        (Relation::Guardian, 18, "note", none),
        (Relation::Guardian, 40, "note", none),
        (carer(false), 40, "note", [true, false, false, false, false, false]),
        (carer(true), 40, "note", [true, true, true, false, false, false]),
        (carer(true), 40, "lab-result", none),
        (carer(true), 40, "profile", none),
        (carer(true), 40, "*", none),
    ] {
        let facts = Facts { birth_date: born_years_ago(years), ..known(vec![relation.clone()]) };
        let answers = Action::ALL.iter().map(|action| ask(&policy(), &me(), *action, kind, &facts).is_allow());
        assert!(answers.eq(open), "{} at {years}, {kind}", relation.as_str());
    }
}

#[test]
fn sensitive_labels_are_hidden_from_a_guardian_from_twelve_and_from_a_carer() {
    let mental = Labels::of(&[Sensitivity::MentalHealth]);
    let carer = |labels| Relation::Carer(CarerRights { kinds: Kinds::All, edit: true, labels, ends_at: None });
    for (relation, years, open) in [
        (Relation::Myself, 14, true),
        (Relation::Owner, 14, true),
        (Relation::Guardian, 11, true),
        (Relation::Guardian, 12, false),
        (Relation::Guardian, 15, false),
        (carer(Labels::NONE), 40, false),
        (carer(Labels::of(&[Sensitivity::SexualHealth])), 40, false),
        (carer(mental), 40, true),
    ] {
        let facts = Facts { birth_date: born_years_ago(years), ..known(vec![relation.clone()]) };
        let (scope, _) = ask(&policy(), &me(), Action::Read, "note", &facts).allowed().expect("plain notes are open");
        assert!(scope.admits(None, Labels::NONE, id(7)));
        assert_eq!(scope.admits(None, mental, id(7)), open, "{} at {years}", relation.as_str());
    }
}

#[test]
fn a_carer_is_a_stranger_from_the_moment_their_time_is_over() {
    for (ends, decision) in [
        (NOW, Decision::Unknown),
        (NOW.plus_millis(-1), Decision::Unknown),
        (NOW.plus_millis(1), Decision::Allow { scope: Scope::labelled(Labels::NONE), until: Some(NOW.plus_millis(1)) }),
    ] {
        let rights = CarerRights { kinds: Kinds::of(["note"]), ends_at: Some(ends), ..CarerRights::default() };
        let facts = known(vec![Relation::Carer(rights)]);
        assert_eq!(ask(&policy(), &me(), Action::Read, "note", &facts), decision, "{ends}");
    }
}

#[test]
fn a_guardian_of_a_grown_up_is_a_stranger_and_before_that_knows_of_the_profile() {
    for (years, decision) in [(16, Decision::NotGranted), (17, Decision::NotGranted), (18, Decision::Unknown)] {
        let facts = Facts { birth_date: born_years_ago(years), ..known(vec![Relation::Guardian]) };
        assert_eq!(ask(&policy(), &me(), Action::Read, "note", &facts), decision, "{years}");
    }
    let unknown_age = known(vec![Relation::Guardian]);
    assert_eq!(ask(&policy(), &me(), Action::Read, "note", &unknown_age), Decision::NotGranted);
}

#[test]
fn a_guardians_answer_ends_on_the_second_of_the_birthday() {
    let born = born_years_ago(11);
    let facts = |now| Facts { now, birth_date: born, ..known(vec![Relation::Guardian]) };
    let (_, until) = ask(&policy(), &me(), Action::Read, "note", &facts(NOW)).allowed().expect("a child");
    let birthday = until.expect("it ends");
    assert_eq!(birthday.date().to_string()[4..], born.expect("a day").to_string()[4..]);
    let private = Labels::of(&[Sensitivity::PrivateNote]);
    for (now, open) in [(birthday.plus_millis(-1), true), (birthday, false)] {
        let (scope, _) = ask(&policy(), &me(), Action::Read, "note", &facts(now)).allowed().expect("plain notes");
        assert_eq!(scope.admits(None, private, id(7)), open, "{now}");
    }
}

#[test]
fn a_dependant_may_open_to_a_guardian_what_age_has_closed() {
    let mut facts = granted(GrantTerms { labels: Labels::of(&[Sensitivity::SexualHealth]), ..notes(mine()) });
    facts.relations = vec![Relation::Guardian];
    facts.birth_date = born_years_ago(16);
    let (scope, _) = ask(&policy(), &me(), Action::Read, "note", &facts).allowed().expect("granted");
    assert!(scope.admits(None, Labels::of(&[Sensitivity::SexualHealth]), id(7)));
    assert!(!scope.admits(None, Labels::of(&[Sensitivity::MentalHealth]), id(7)));
    for (action, kind) in [(Action::Add, "note"), (Action::Read, "lab-result"), (Action::Export, "note")] {
        assert_eq!(ask(&policy(), &me(), action, kind, &facts), Decision::NotGranted, "{action} {kind}");
    }
}
