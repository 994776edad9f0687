//! The rules of the standard policy, as tables: who, in what relation, may do what, when. More refusals than successes.

mod grants;
mod house;
mod plain;
mod programs;
mod relations;

use super::*;
use crate::access::suite::{ACCOUNT, NOW, PROFILE, STANDING, TOKEN, policy_suite, terms};
use crate::access::{Actions, GrantTerms, Kinds, Labels};
use crate::id::RecordId;
use crate::time::PartialDate;

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
