//! Tokens, plugins and services: never more than was named for them, and never more than their account.

use super::{granted, id, known, limits, mine, notes, policy, token};
use crate::access::suite::{ACCOUNT, NOW, STANDING, TOKEN, ask};
use crate::access::{
    Action, Actor, CarerRights, Decision, Facts, GrantTerms, Grantee, Kinds, Labels, Relation, Sensitivity, TokenId,
    TokenLimits,
};

#[test]
fn a_token_does_what_it_was_made_for_while_its_account_may() {
    let not_granted = Some(Decision::NotGranted);
    let unknown = Some(Decision::Unknown);
    let owner = || vec![Relation::Owner];
    let other: TokenId = id(8);
    for (case, relations, limits, action, kind, refusal) in [
        ("reads notes", owner(), Some(limits()), Action::Read, "note", None),
        ("does not add", owner(), Some(limits()), Action::Add, "note", not_granted.clone()),
        ("no other kind", owner(), Some(limits()), Action::Read, "dose", not_granted.clone()),
        ("not all kinds", owner(), Some(limits()), Action::Read, "*", not_granted.clone()),
        ("not after its account", Vec::new(), Some(limits()), Action::Read, "note", unknown.clone()),
        ("not unknown", owner(), None, Action::Read, "note", unknown.clone()),
        (
            "not revoked",
            owner(),
            Some(TokenLimits { revoked: true, ..limits() }),
            Action::Read,
            "note",
            unknown.clone(),
        ),
        (
            "not on its last moment",
            owner(),
            Some(TokenLimits { expires_at: Some(NOW), ..limits() }),
            Action::Read,
            "note",
            unknown.clone(),
        ),
        ("not another's", owner(), Some(TokenLimits { id: other, ..limits() }), Action::Read, "note", unknown.clone()),
        (
            "not of another account",
            owner(),
            Some(TokenLimits { account: id(9), ..limits() }),
            Action::Read,
            "note",
            unknown.clone(),
        ),
        (
            "no other profile",
            owner(),
            Some(TokenLimits { profiles: Vec::new(), ..limits() }),
            Action::Read,
            "note",
            unknown,
        ),
    ] {
        let facts = Facts { token: limits, ..known(relations) };
        let answer = ask(&policy(), &token(), action, kind, &facts);
        match refusal {
            Some(refusal) => assert_eq!(answer, refusal, "{case}"),
            None => assert!(answer.is_allow(), "{case}"),
        }
    }
}

#[test]
fn a_token_sees_no_sensitive_label_that_was_not_named_for_it_and_ends_in_time() {
    let facts = Facts { token: Some(limits()), ..known(vec![Relation::Myself]) };
    let (scope, until) = ask(&policy(), &token(), Action::Read, "note", &facts).allowed().expect("a token");
    assert!(!scope.admits(None, Labels::of(&[Sensitivity::MentalHealth]), id(7)));
    assert_eq!(until, limits().expires_at);
}

#[test]
fn a_token_of_a_carer_is_bounded_by_both() {
    let carer =
        Relation::Carer(CarerRights { kinds: Kinds::of(["dose"]), edit: true, labels: Labels::ALL, ends_at: None });
    let facts = Facts { token: Some(limits()), ..known(vec![carer]) };
    assert_eq!(ask(&policy(), &token(), Action::Read, "dose", &facts), Decision::NotGranted);
    assert_eq!(ask(&policy(), &token(), Action::Read, "note", &facts), Decision::NotGranted);
}

#[test]
fn a_grant_to_a_token_adds_to_what_it_was_made_for() {
    let doses = GrantTerms { kinds: Kinds::of(["dose"]), ends_at: None, ..notes(Grantee::Token(TOKEN)) };
    let facts = |relations| Facts { token: Some(limits()), relations, ..granted(doses.clone()) };
    let answer = ask(&policy(), &token(), Action::Read, "dose", &facts(vec![Relation::Owner]));
    assert_eq!(answer.allowed().expect("granted").1, limits().expires_at, "and ends with the token");
    let answer = ask(&policy(), &token(), Action::Read, "dose", &facts(Vec::new()));
    assert_eq!(answer, Decision::Unknown, "the account may not");
}

#[test]
fn a_plugin_needs_a_grant_that_names_it_and_a_person_who_may() {
    let plugin = Actor::Plugin { name: "labs".into(), account: ACCOUNT };
    let named = || notes(Grantee::Plugin("labs".into()));
    for (case, relations, terms, kind, refusal) in [
        ("granted", vec![Relation::Owner], named(), "note", None),
        ("another kind", vec![Relation::Owner], named(), "dose", Some(Decision::NotGranted)),
        ("a stranger", vec![], named(), "note", Some(Decision::Unknown)),
        (
            "a plugin of another name",
            vec![Relation::Owner],
            notes(Grantee::Plugin("lab".into())),
            "note",
            Some(Decision::NotGranted),
        ),
        ("a grant to the person only", vec![Relation::Owner], notes(mine()), "note", Some(Decision::NotGranted)),
        (
            "a carer of other kinds",
            vec![Relation::Carer(CarerRights::default())],
            named(),
            "note",
            Some(Decision::NotGranted),
        ),
    ] {
        let facts = Facts { relations, ..granted(terms) };
        let answer = ask(&policy(), &plugin, Action::Read, kind, &facts);
        match refusal {
            Some(refusal) => assert_eq!(answer, refusal, "{case}"),
            None => assert!(answer.is_allow(), "{case}"),
        }
        assert!(!ask(&policy(), &plugin, Action::Add, kind, &facts).is_allow(), "{case}");
    }
}

#[test]
fn a_service_works_under_the_one_grant_it_names() {
    let service = |grant, name: &str| Actor::Service { grant, account: ACCOUNT, name: name.into() };
    let facts = || Facts { relations: vec![Relation::Owner], ..granted(notes(Grantee::Service("reminders".into()))) };
    let read = |actor: &Actor, facts: &Facts| ask(&policy(), actor, Action::Read, "note", facts);
    let reminders = service(STANDING, "reminders");
    assert!(read(&reminders, &facts()).is_allow());
    assert_eq!(ask(&policy(), &reminders, Action::Amend, "note", &facts()), Decision::NotGranted);
    assert_eq!(read(&service(id(6), "reminders"), &facts()), Decision::NotGranted, "another grant");
    assert_eq!(read(&service(STANDING, "backups"), &facts()), Decision::NotGranted, "another service");

    let mut revoked = facts();
    revoked.grants[0].revoked_at = Some(NOW);
    assert_eq!(read(&reminders, &revoked), Decision::NotGranted);
    let mut given_by_another = facts();
    given_by_another.grants[0].given_by = Some(id(6));
    assert_eq!(read(&reminders, &given_by_another), Decision::NotGranted);
    let mut giver_may_no_longer = facts();
    giver_may_no_longer.relations.clear();
    assert_eq!(read(&reminders, &giver_may_no_longer), Decision::Unknown);
}
