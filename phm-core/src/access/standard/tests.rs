//! The rules of the standard policy, as tables: who, in what relation, may do what, when. More refusals than successes.

use std::collections::BTreeSet;

use super::super::suite::{ACCOUNT, NOW, PROFILE, STANDING, TOKEN, actors, ask, facts, policy_suite, questions, terms};
use super::*;
use crate::access::{Actions, CarerRights, GrantTerms, Kinds, Labels, Role, Roles, Sensitivity, TokenId, may_give};
use crate::id::RecordId;
use crate::time::{PartialDate, When};

policy_suite!(StandardPolicy::default());

const SECOND: i64 = 1000;

fn policy() -> StandardPolicy {
    StandardPolicy::default()
}

fn me() -> Actor {
    Actor::Person { account: ACCOUNT }
}

fn id(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn known(relations: Vec<Relation>) -> Facts {
    Facts { active: true, relations, ..Facts::nothing(NOW) }
}

fn granted(terms: GrantTerms) -> Facts {
    Facts { grants: vec![give(terms)], ..known(Vec::new()) }
}

fn give(terms: GrantTerms) -> Grant {
    Grant { id: STANDING, profile: PROFILE, given_by: Some(ACCOUNT), terms, revoked_at: None, asked_at: None }
}

/// Read notes, now and for an hour.
fn notes(to: Grantee) -> GrantTerms {
    let end = Some(NOW.plus_millis(3600 * SECOND));
    terms(to, Kinds::of(["note"]), Actions::of(&[Action::Read]), NOW, end)
}

fn mine() -> Grantee {
    Grantee::Account(ACCOUNT)
}

fn born_years_ago(years: i16) -> Option<PartialDate> {
    let today = NOW.date();
    PartialDate::day(today.year() - years, today.month().expect("a day"), today.day_of_month().expect("a day"))
}

fn everything() -> Decision {
    Decision::Allow { scope: Scope::everything(), until: None }
}

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

fn limits() -> TokenLimits {
    TokenLimits {
        id: TOKEN,
        account: ACCOUNT,
        profiles: vec![PROFILE],
        kinds: Kinds::of(["note"]),
        actions: Actions::of(&[Action::Read]),
        labels: Labels::NONE,
        expires_at: Some(NOW.plus_millis(SECOND)),
        revoked: false,
    }
}

fn token() -> Actor {
    Actor::Token { id: TOKEN, account: ACCOUNT }
}

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

/// Whether a record is open to the account, read off relations and grants one by one, without scopes and decisions.
fn plainly_open(facts: &Facts, action: Action, kind: &str, record: (Option<When>, Labels, RecordId)) -> bool {
    let (occurred, labels, id) = record;
    let by_relation = |relation: &Relation| match relation {
        Relation::Myself | Relation::Owner => true,
        Relation::Guardian => facts.birth_date.is_some_and(|born| {
            let age = NOW.date().year() - born.year();
            action != Action::Erase && (age < 12 || (age < 16 && labels.is_empty()))
        }),
        Relation::Carer(rights) => {
            let writes = matches!(action, Action::Add | Action::Amend) && rights.edit;
            let lives = rights.ends_at.is_none_or(|ends| ends > NOW);
            lives && (action == Action::Read || writes) && rights.kinds.contains(kind) && rights.labels.covers(labels)
        }
    };
    let by_grant = |grant: &Grant| {
        let terms = &grant.terms;
        let to_me = match &terms.to {
            Grantee::Account(account) => *account == ACCOUNT,
            Grantee::Role(role) => facts.roles.contains(*role),
            _ => false,
        };
        let waited = terms.wait_hours.is_none_or(|hours| {
            grant.asked_at.is_some_and(|asked| asked.plus_millis(i64::from(hours) * 3600 * SECOND) <= NOW)
        });
        let in_time = match (terms.from, occurred) {
            (None, _) => true,
            (Some(_), None) => kind == "profile",
            (Some(from), Some(when)) => kind == "profile" || from.first() <= when.first(),
        };
        let lives = grant.revoked_at.is_none()
            && terms.starts_at <= NOW
            && terms.ends_at.is_none_or(|ends| ends > NOW)
            && waited;
        let names = action != Action::Erase && terms.actions.contains(action) && terms.kinds.contains(kind);
        let chosen = terms.records.as_ref().is_none_or(|records| records.contains(&id));
        grant.profile == PROFILE && to_me && lives && names && in_time && chosen && terms.labels.covers(labels)
    };
    facts.active && (facts.relations.iter().any(by_relation) || facts.grants.iter().any(by_grant))
}

proptest::proptest! {
    #[test]
    fn a_person_reaches_what_a_plain_reading_of_relations_and_grants_says(
        facts in facts(), action in 0_usize..6, kind in 0_usize..4, year in proptest::option::of(1999_i32..2032),
        bits in 0_usize..8, n in 0_u8..4,
    ) {
        let (action, kind) = (Action::ALL[action], ["note", "lab-result", "profile", "dose"][kind]);
        let occurred = year.map(|year| format!("{year}-06").parse().expect("a month"));
        let labels: Labels = Sensitivity::ALL.iter().copied().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, l)| l).collect();
        let decided = match ask(&policy(), &me(), action, kind, &facts) {
            Decision::Allow { scope, .. } => scope.admits(occurred, labels, id(n)),
            _ => false,
        };
        proptest::prop_assert_eq!(decided, plainly_open(&facts, action, kind, (occurred, labels, id(n))));
    }
}
