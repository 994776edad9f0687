//! Whoever runs the house, the door and the library; and that hardly anybody destroys anything.

use super::{everything, granted, known, limits, me, mine, notes, policy, token};
use crate::access::suite::{NOW, PROFILE, actors, ask, questions};
use crate::access::{
    Action, Actions, Actor, ConsentPolicy, Decision, Facts, GrantTerms, Question, Relation, Role, Roles, TokenLimits,
};
use crate::id::ProfileId;

#[test]
fn an_admin_sees_no_content_and_the_operator_all() {
    let admin = Facts { roles: Roles::of(&[Role::Admin]), ..known(Vec::new()) };
    for profile in [PROFILE, ProfileId::SYSTEM] {
        for question in questions(&me(), profile) {
            assert_eq!(policy().decide(&question, &admin), Decision::Unknown, "{question:?}");
        }
        for question in questions(&Actor::Operator, profile) {
            assert_eq!(policy().decide(&question, &Facts::nothing(NOW)), everything(), "{question:?}");
        }
    }
}

#[test]
fn the_gate_looks_up_accounts_and_tokens_registers_and_nothing_else() {
    let facts = Facts { roles: Roles::ALL, ..known(vec![Relation::Myself]) };
    let open: Vec<_> = questions(&Actor::Gate, ProfileId::SYSTEM)
        .filter(|question| policy().decide(question, &facts).is_allow())
        .map(|question| (question.action, question.kind))
        .collect();
    assert_eq!(open, [(Action::Read, "account"), (Action::Read, "token"), (Action::Add, "account")]);
}

#[test]
fn the_library_is_readable_by_whoever_signed_in_and_nobody_writes_in_it() {
    let library = ProfileId::LIBRARY;
    let signed_in = known(Vec::new());
    let with_token = Facts { token: Some(limits()), ..known(Vec::new()) };
    let answer = |actor: &Actor, action, facts: &Facts| {
        policy().decide(&Question { actor, action, profile: library, kind: "note", purpose: "test" }, facts)
    };
    assert_eq!(answer(&me(), Action::Read, &signed_in), everything());
    assert!(answer(&token(), Action::Read, &with_token).is_allow());
    for action in [Action::Add, Action::Amend, Action::Share, Action::Export, Action::Erase] {
        assert_eq!(answer(&me(), action, &signed_in), Decision::NotGranted, "{action}");
    }
    assert_eq!(answer(&me(), Action::Read, &Facts::nothing(NOW)), Decision::Unknown, "nobody signed in");
    assert_eq!(answer(&Actor::Gate, Action::Read, &signed_in), Decision::Unknown);
    assert_eq!(answer(&actors()[2], Action::Read, &signed_in), Decision::NotGranted, "a plugin");
}

#[test]
fn no_grant_token_plugin_or_service_erases_whatever_it_says() {
    let own = Facts { token: Some(TokenLimits { actions: Actions::ALL, ..limits() }), ..known(vec![Relation::Owner]) };
    assert!(ask(&policy(), &me(), Action::Erase, "note", &own).is_allow(), "whoever keeps the profile");
    for actor in actors().iter().filter(|actor| !matches!(actor, Actor::Person { .. } | Actor::Operator)) {
        assert!(!ask(&policy(), actor, Action::Erase, "note", &own).is_allow(), "{actor:?}");
    }
    let terms = GrantTerms { actions: Actions::ALL, ..notes(mine()) };
    assert!(ask(&policy(), &me(), Action::Read, "note", &granted(terms.clone())).is_allow());
    assert_eq!(ask(&policy(), &me(), Action::Erase, "note", &granted(terms)), Decision::NotGranted);
    let admin = Facts { roles: Roles::of(&[Role::Admin]), ..known(Vec::new()) };
    assert_eq!(ask(&policy(), &me(), Action::Erase, "note", &admin), Decision::Unknown, "an admin without a relation");
}
