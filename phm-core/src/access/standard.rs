//! The policy PHM comes with.
//!
//! Nothing by default. A person's own profile and the profiles they keep are theirs. A guardian's reach shrinks with
//! the dependant's age, a carer does what was chosen while it lasts, everybody else does what a live grant names. The role `admin`
//! opens no record. The operator may do all, and the people concerned see it.
//!
//! Erasing is for the person, whoever keeps their profile, and the operator: no guardian, carer, grant, token, plugin or
//! service destroys anything.

use super::actor::{AccountId, Actor};
use super::grant::{Grant, Grantee};
use super::guardian::{GuardianAges, GuardianStage};
use super::policy::{ConsentPolicy, Decision, Facts, Question, TokenLimits};
use super::relation::Relation;
use super::scope::Scope;
use super::words::Action;
use crate::id::ProfileId;
use crate::time::{Instant, PartialDate};

/// The policy PHM comes with; see the front page of this module.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardPolicy {
    /// The birthdays at which a guardian's reach shrinks.
    pub ages: GuardianAges,
}

/// What the gate may do, in `system` alone: look up who is at the door, and register them.
const GATE: [(Action, &str); 3] = [(Action::Read, "account"), (Action::Read, "token"), (Action::Add, "account")];

/// What somebody has, before it is put into a decision.
enum Standing {
    /// May not know of the profile.
    Stranger,
    /// May know of the profile, and has these grounds, perhaps none.
    Known(Vec<Ground>),
}

/// One reason to say yes.
#[derive(Clone)]
struct Ground {
    scope: Scope,
    until: Option<Instant>,
}

impl ConsentPolicy for StandardPolicy {
    fn decide(&self, question: &Question<'_>, facts: &Facts) -> Decision {
        match question.actor {
            Actor::Operator => Decision::Allow { scope: Scope::everything(), until: None },
            Actor::Gate => gate(question),
            Actor::Person { account } => self.person(*account, question, facts).decision(),
            Actor::Token { id, account } => {
                let limits = facts.token.as_ref().filter(|limits| limits.id == *id && limits.account == *account);
                let token = limits.map_or(Standing::Stranger, |limits| token(limits, question, facts));
                token.within(self.person(*account, question, facts)).decision()
            }
            Actor::Plugin { name, account } => {
                let named = |grant: &Grant| matches!(&grant.terms.to, Grantee::Plugin(to) if to == name);
                let plugin = Standing::Known(grounds(question, facts, named));
                plugin.within(self.person(*account, question, facts)).decision()
            }
            Actor::Service { grant: id, account, name } => {
                let named = |grant: &Grant| {
                    grant.id == *id
                        && grant.given_by == Some(*account)
                        && matches!(&grant.terms.to, Grantee::Service(to) if to == name)
                };
                let service = Standing::Known(grounds(question, facts, named));
                service.within(self.person(*account, question, facts)).decision()
            }
        }
    }

    fn takes_over(&self, birth_date: Option<PartialDate>, now: Instant) -> bool {
        self.ages.takes_over(birth_date, now)
    }
}

impl StandardPolicy {
    fn person(self, account: AccountId, question: &Question<'_>, facts: &Facts) -> Standing {
        if !facts.active || question.profile == ProfileId::SYSTEM {
            return Standing::Stranger;
        }
        if question.profile == ProfileId::LIBRARY {
            return library(question);
        }
        let mut known = false;
        let mut reasons = Vec::new();
        for relation in &facts.relations {
            let (related, ground) = self.related(relation, question, facts);
            known |= related;
            reasons.extend(ground);
        }
        let to_them = |grant: &Grant| match &grant.terms.to {
            Grantee::Account(to) => *to == account,
            Grantee::Role(role) => facts.roles.contains(*role),
            Grantee::Token(_) | Grantee::Plugin(_) | Grantee::Service(_) => false,
        };
        known |= live(question, facts).any(to_them);
        reasons.extend(grounds(question, facts, to_them));
        if known { Standing::Known(reasons) } else { Standing::Stranger }
    }

    /// Whether `relation` lets somebody know of the profile, and what it opens by itself.
    fn related(self, relation: &Relation, question: &Question<'_>, facts: &Facts) -> (bool, Option<Ground>) {
        match relation {
            Relation::Myself | Relation::Owner => (true, Some(Ground { scope: Scope::everything(), until: None })),
            Relation::Guardian => match self.ages.stage(facts.birth_date, facts.now) {
                GuardianStage::Sees { .. } if question.action == Action::Erase => (true, None),
                GuardianStage::Sees { labels, until } => {
                    (true, Some(Ground { scope: Scope::labelled(labels), until: Some(until) }))
                }
                GuardianStage::ByGrant => (true, None),
                GuardianStage::Ended => (false, None),
            },
            Relation::Carer(rights) if rights.is_over(facts.now) => (false, None),
            Relation::Carer(rights) => {
                let chosen = rights.allows(question.action, question.kind);
                (true, chosen.then(|| Ground { scope: Scope::labelled(rights.labels), until: rights.ends_at }))
            }
        }
    }
}

fn gate(question: &Question<'_>) -> Decision {
    if question.profile == ProfileId::SYSTEM && GATE.contains(&(question.action, question.kind)) {
        Decision::Allow { scope: Scope::everything(), until: None }
    } else {
        Decision::Unknown
    }
}

/// Everybody who is signed in may read the shared reference resources; they name nobody's illness.
fn library(question: &Question<'_>) -> Standing {
    let open = question.action == Action::Read;
    Standing::Known(open.then(|| Ground { scope: Scope::everything(), until: None }).into_iter().collect())
}

/// What a token has of its own: what it was made for, and what is granted to it by name.
fn token(limits: &TokenLimits, question: &Question<'_>, facts: &Facts) -> Standing {
    if limits.revoked || limits.expires_at.is_some_and(|expires_at| expires_at <= facts.now) {
        return Standing::Stranger;
    }
    let named = |grant: &Grant| matches!(grant.terms.to, Grantee::Token(to) if to == limits.id);
    let made_for = limits.profiles.contains(&question.profile) || question.profile == ProfileId::LIBRARY;
    if !made_for && !live(question, facts).any(named) {
        return Standing::Stranger;
    }
    let mut reasons = grounds(question, facts, named);
    let may = limits.actions.contains(question.action) && question.action != Action::Erase;
    if made_for && may && limits.kinds.contains(question.kind) {
        reasons.push(Ground { scope: Scope::labelled(limits.labels), until: None });
    }
    for reason in &mut reasons {
        reason.until = earlier(reason.until, limits.expires_at);
    }
    Standing::Known(reasons)
}

/// The grants on the profile that give something at this moment.
fn live<'f>(question: &Question<'_>, facts: &'f Facts) -> impl Iterator<Item = &'f Grant> {
    let profile = question.profile;
    facts.grants.iter().filter(move |grant| grant.profile == profile && grant.is_live(facts.now))
}

/// What the live grants to `named` open for the question.
fn grounds(question: &Question<'_>, facts: &Facts, named: impl Fn(&Grant) -> bool) -> Vec<Ground> {
    live(question, facts)
        .filter(|grant| named(grant) && grant.names(question.action, question.kind))
        .map(|grant| {
            let scope = grant.terms.scope();
            // The kind `profile` (name, birth date) has no place in time.
            let scope = if question.kind == "profile" { scope.timeless() } else { scope };
            Ground { scope, until: grant.terms.ends_at }
        })
        .collect()
}

impl Standing {
    /// What both have. Somebody who acts for a stranger is one.
    fn within(self, person: Self) -> Self {
        match (self, person) {
            (Self::Known(own), Self::Known(theirs)) => {
                let pairs = own.iter().flat_map(|a| theirs.iter().map(move |b| a.intersection(b)));
                Self::Known(pairs.collect())
            }
            _ => Self::Stranger,
        }
    }

    fn decision(self) -> Decision {
        let Self::Known(grounds) = self else { return Decision::Unknown };
        let mut needed: Vec<Ground> = Vec::new();
        for ground in grounds.into_iter().filter(|ground| !ground.scope.is_nothing()) {
            // A ground that another one contains and outlives must not end the decision early.
            if !needed.iter().any(|have| have.outlasts(&ground)) {
                needed.retain(|have| !ground.outlasts(have));
                needed.push(ground);
            }
        }
        let until = needed.iter().filter_map(|ground| ground.until).min();
        let scope = needed.into_iter().fold(Scope::nothing(), |scope, ground| scope.union(ground.scope));
        if scope.is_nothing() { Decision::NotGranted } else { Decision::Allow { scope, until } }
    }
}

impl Ground {
    fn intersection(&self, other: &Self) -> Self {
        Self { scope: self.scope.intersection(&other.scope), until: earlier(self.until, other.until) }
    }

    fn outlasts(&self, other: &Self) -> bool {
        let longer = self.until.is_none_or(|mine| other.until.is_some_and(|theirs| theirs <= mine));
        longer && self.scope.covers(&other.scope)
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    [a, b].into_iter().flatten().min()
}

#[cfg(test)]
mod tests;
