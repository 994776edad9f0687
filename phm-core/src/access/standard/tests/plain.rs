//! The policy against a plain reading of relations and grants, for whatever is known.

use super::{SECOND, id, me, policy};
use crate::access::suite::{ACCOUNT, NOW, PROFILE, ask, facts};
use crate::access::{Action, Decision, Facts, Grant, Grantee, Labels, Relation, Sensitivity};
use crate::id::RecordId;
use crate::time::When;

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
