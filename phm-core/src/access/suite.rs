//! The contract of [`ConsentPolicy`](super::ConsentPolicy) as tests that every policy runs.
//!
//! The facts are drawn at random: relations, roles, birth dates, grants dead and alive to everybody, token limits. A
//! promise that holds for all of them does not depend on which rules a policy prefers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

pub(super) const NOW: Instant = Instant::from_millis(1_795_000_000_000);
pub(super) const PROFILE: ProfileId = ProfileId::from_bytes([0x99; 16]);
pub(super) const ACCOUNT: AccountId = RecordId::from_bytes([1; 16]);
pub(super) const TOKEN: TokenId = RecordId::from_bytes([2; 16]);
pub(super) const STANDING: GrantId = RecordId::from_bytes([3; 16]);
const STRANGER: AccountId = RecordId::from_bytes([4; 16]);
const KINDS: [&str; 6] = ["note", "lab-result", "profile", "account", "token", "*"];

/// One actor of each kind; those who act for somebody act for the same account.
pub(super) fn actors() -> [Actor; 6] {
    [
        Actor::Person { account: ACCOUNT },
        Actor::Token { id: TOKEN, account: ACCOUNT },
        Actor::Plugin { name: "labs".into(), account: ACCOUNT },
        Actor::Service { grant: STANDING, account: ACCOUNT, name: "reminders".into() },
        Actor::Operator,
        Actor::Gate,
    ]
}

pub(super) fn ask(policy: &dyn ConsentPolicy, actor: &Actor, action: Action, kind: &str, facts: &Facts) -> Decision {
    policy.decide(&Question { actor, action, profile: PROFILE, kind, purpose: "test" }, facts)
}

/// Every question there is about `profile`.
pub(super) fn questions(actor: &Actor, profile: ProfileId) -> impl Iterator<Item = Question<'_>> {
    let actions = Action::ALL.iter().copied();
    actions.flat_map(move |action| {
        KINDS.iter().map(move |kind| Question { actor, action, profile, kind, purpose: "test" })
    })
}

pub(super) fn facts() -> impl Strategy<Value = Facts> {
    let relations = proptest::collection::vec(relation(), 0..3);
    let born = proptest::option::of((2000_i16..2028).prop_map(|year| year.to_string().parse().expect("a year")));
    let roles = (0_usize..64).prop_map(|bits| chosen(Role::ALL, bits).collect());
    let grants = proptest::collection::vec(grant(), 0..4);
    (any::<bool>(), roles, relations, born, grants, proptest::option::of(limits())).prop_map(
        |(active, roles, relations, birth_date, grants, token)| Facts {
            now: NOW,
            active,
            roles,
            relations,
            birth_date,
            grants,
            token,
        },
    )
}

/// Grants that give nothing to the account at `NOW`, each for another reason.
pub(super) fn dead_grants() -> impl Strategy<Value = Grant> {
    (grant(), 0_usize..6).prop_map(|(mut grant, reason)| {
        grant.terms.to = Grantee::Account(ACCOUNT);
        match reason {
            0 => grant.revoked_at = Some(NOW),
            1 => grant.terms.ends_at = Some(NOW),
            2 => grant.terms.starts_at = NOW.plus_millis(1),
            3 => (grant.terms.wait_hours, grant.asked_at) = (Some(1), None),
            4 => (grant.terms.wait_hours, grant.asked_at) = (Some(1), Some(NOW.plus_millis(-3_600_000 + 1))),
            _ => grant.terms.to = Grantee::Account(STRANGER),
        }
        grant
    })
}

fn chosen<T: Copy>(words: &'static [T], bits: usize) -> impl Iterator<Item = T> {
    words.iter().copied().enumerate().filter(move |(n, _)| bits >> n & 1 == 1).map(|(_, word)| word)
}

fn relation() -> impl Strategy<Value = Relation> {
    prop_oneof![
        Just(Relation::Myself),
        Just(Relation::Owner),
        Just(Relation::Guardian),
        (kinds(), any::<bool>(), labels(), proptest::option::of(-2_i64..3)).prop_map(|(kinds, edit, labels, ends)| {
            let ends_at = ends.map(|ends| NOW.plus_millis(ends));
            Relation::Carer(CarerRights { kinds, edit, labels, ends_at })
        }),
    ]
}

fn kinds() -> impl Strategy<Value = Kinds> {
    (0_usize..64).prop_map(|bits| Kinds::of(chosen(&KINDS, bits)))
}

fn labels() -> impl Strategy<Value = Labels> {
    (0_usize..8).prop_map(|bits| chosen(Sensitivity::ALL, bits).collect())
}

fn actions() -> impl Strategy<Value = Actions> {
    (0_usize..32).prop_map(|bits| chosen(Action::ALL, bits).collect())
}

fn grant() -> impl Strategy<Value = Grant> {
    let to = prop_oneof![
        Just(Grantee::Account(ACCOUNT)),
        Just(Grantee::Account(STRANGER)),
        Just(Grantee::Role(Role::Provider)),
        Just(Grantee::Token(TOKEN)),
        Just(Grantee::Plugin("labs".into())),
        Just(Grantee::Plugin("other".into())),
        Just(Grantee::Service("reminders".into())),
    ];
    let from = proptest::option::of((2000_i16..2030).prop_map(|year| year.to_string().parse().expect("a year")));
    let times = (-2_i64..3, proptest::option::of(-2_i64..3), any::<bool>());
    let records = proptest::option::of(proptest::collection::btree_set((0_u8..3).prop_map(id), 0..3));
    // For an emergency: hours to wait, and how many ago somebody asked.
    let wait = proptest::option::of((1_u16..4, proptest::option::of(0_i64..5)));
    (to, kinds(), actions(), labels(), from, times, records, any::<bool>(), wait).prop_map(
        |(to, kinds, actions, labels, from, (starts, ends, revoked), records, standing, wait)| Grant {
            id: if standing { STANDING } else { STRANGER },
            profile: PROFILE,
            given_by: Some(ACCOUNT),
            terms: GrantTerms {
                from,
                labels,
                records,
                wait_hours: wait.map(|(hours, _)| hours),
                ..terms(to, kinds, actions, NOW.plus_millis(starts), ends.map(|ends| NOW.plus_millis(ends)))
            },
            revoked_at: revoked.then_some(NOW),
            asked_at: wait.and_then(|(_, ago)| ago).map(|ago| NOW.plus_millis(-ago * 3_600_000)),
        },
    )
}

fn limits() -> impl Strategy<Value = TokenLimits> {
    (kinds(), actions(), labels(), proptest::option::of(-2_i64..3), any::<bool>(), any::<bool>()).prop_map(
        |(kinds, actions, labels, expires, revoked, known)| TokenLimits {
            id: TOKEN,
            account: ACCOUNT,
            profiles: if known { vec![PROFILE, ProfileId::SYSTEM] } else { Vec::new() },
            kinds,
            actions,
            labels,
            expires_at: expires.map(|expires| NOW.plus_millis(expires)),
            revoked,
        },
    )
}

fn id(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

/// Plain terms: no window, no label, no chosen records.
pub(super) fn terms(
    to: Grantee,
    kinds: Kinds,
    actions: Actions,
    starts_at: Instant,
    ends_at: Option<Instant>,
) -> GrantTerms {
    GrantTerms {
        to,
        hosts: Vec::new(),
        kinds,
        from: None,
        to_date: None,
        labels: Labels::NONE,
        records: None::<BTreeSet<RecordId>>,
        actions,
        purpose: None,
        starts_at,
        ends_at,
        template: None,
        wait_hours: None,
    }
}

/// Runs the contract of [`ConsentPolicy`](super::ConsentPolicy) against the policy that `$make` makes.
macro_rules! policy_suite {
    ($make:expr) => {
        mod contract {
            use proptest::prelude::*;

            use super::*;
            use crate::access::suite::{ACCOUNT, NOW, PROFILE, actors, dead_grants, facts, questions};
            use crate::access::{Actor, Decision, Facts, Roles};
            use crate::id::ProfileId;

            #[test]
            fn with_nothing_known_only_operator_and_gate_get_a_yes() {
                let facts = Facts::nothing(NOW);
                for actor in actors() {
                    for profile in [PROFILE, ProfileId::SYSTEM, ProfileId::LIBRARY] {
                        for question in questions(&actor, profile) {
                            let yes = $make.decide(&question, &facts).is_allow();
                            let may = matches!(actor, Actor::Operator)
                                || matches!(actor, Actor::Gate) && profile == ProfileId::SYSTEM;
                            assert!(!yes || may, "{question:?}");
                        }
                    }
                }
            }

            proptest! {
                #[test]
                fn the_gate_sees_nothing_but_system(facts in facts()) {
                    for profile in [PROFILE, ProfileId::LIBRARY] {
                        for question in questions(&Actor::Gate, profile) {
                            prop_assert_eq!($make.decide(&question, &facts), Decision::Unknown);
                        }
                    }
                }

                #[test]
                fn nobody_who_signed_in_reaches_into_system(mut facts in facts()) {
                    facts.grants.iter_mut().for_each(|grant| grant.profile = ProfileId::SYSTEM);
                    for actor in &actors()[..4] {
                        for question in questions(actor, ProfileId::SYSTEM) {
                            prop_assert_eq!($make.decide(&question, &facts), Decision::Unknown);
                        }
                    }
                }

                #[test]
                fn dead_grants_and_roles_alone_leave_a_profile_unknown(mut facts in facts(), dead in dead_grants()) {
                    facts.relations.clear();
                    facts.grants = vec![dead];
                    facts.roles = Roles::ALL;
                    for actor in &actors()[..4] {
                        for question in questions(actor, PROFILE) {
                            prop_assert_eq!($make.decide(&question, &facts), Decision::Unknown);
                        }
                    }
                }

                #[test]
                fn a_closed_account_opens_nothing(mut facts in facts()) {
                    facts.active = false;
                    for actor in &actors()[..4] {
                        for question in questions(actor, PROFILE) {
                            prop_assert_eq!($make.decide(&question, &facts), Decision::Unknown);
                        }
                    }
                }

                #[test]
                fn whoever_acts_for_somebody_never_exceeds_them(facts in facts()) {
                    let person = Actor::Person { account: ACCOUNT };
                    for actor in &actors()[1..4] {
                        for (theirs, own) in questions(&person, PROFILE).zip(questions(actor, PROFILE)) {
                            let Decision::Allow { scope, .. } = $make.decide(&own, &facts) else { continue };
                            let Decision::Allow { scope: limit, .. } = $make.decide(&theirs, &facts) else {
                                panic!("{own:?}")
                            };
                            prop_assert!(limit.covers(&scope), "{:?}", own);
                        }
                    }
                }

                #[test]
                fn an_answer_is_never_empty_and_holds_until_it_says(facts in facts()) {
                    for actor in actors() {
                        for question in questions(&actor, PROFILE) {
                            let Decision::Allow { scope, until } = $make.decide(&question, &facts) else { continue };
                            prop_assert!(!scope.is_nothing());
                            let Some(until) = until else { continue };
                            prop_assert!(facts.now < until);
                            let later = Facts { now: until.plus_millis(-1), ..facts.clone() };
                            let then = $make.decide(&question, &later).allowed();
                            prop_assert!(then.is_ok_and(|(then, _)| then.covers(&scope)), "{:?}", question);
                        }
                    }
                }

                #[test]
                fn the_same_question_has_the_same_answer(facts in facts()) {
                    for actor in actors() {
                        for question in questions(&actor, PROFILE) {
                            prop_assert_eq!($make.decide(&question, &facts), $make.decide(&question, &facts));
                        }
                    }
                }
            }
        }
    };
}
pub(crate) use policy_suite;
