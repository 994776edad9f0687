//! The question, what is known, and the answer: the contract of a consent policy.

use super::actor::{AccountId, Actor, TokenId};
use super::grant::{Grant, GrantTerms};
use super::kinds::Kinds;
use super::relation::Relation;
use super::scope::Scope;
use super::words::{Action, Actions, Labels, Roles};
use crate::error::{Error, ErrorKind, Result};
use crate::id::ProfileId;
use crate::time::{Instant, PartialDate};

/// May this actor do this with records of this kind of this profile?
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Who asks.
    pub actor: &'q Actor,
    /// What they want to do.
    pub action: Action,
    /// Whose records.
    pub profile: ProfileId,
    /// The kind of record; `*` asks for every kind at once.
    pub kind: &'q str,
    /// Why, as the session was opened.
    pub purpose: &'q str,
}

/// What is known when a question is decided. The default knows nothing, so everything is refused.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Policy time: the system clock, but never earlier than the newest record. A box without a clock must not
    /// revive a grant that has ended.
    pub now: Instant,
    /// Whether the account the actor is, or acts for, exists and is open.
    pub active: bool,
    /// That account's roles.
    pub roles: Roles,
    /// That account's relations to the profile.
    pub relations: Vec<Relation>,
    /// The birth date of the person the profile is about, where it is known.
    pub birth_date: Option<PartialDate>,
    /// The grants on the profile, live or not, to whomever they are.
    pub grants: Vec<Grant>,
    /// The limits of the token, when the actor is one.
    pub token: Option<TokenLimits>,
}

impl Facts {
    /// Nothing is known but the time: everything is refused.
    pub fn nothing(now: Instant) -> Self {
        Self {
            now,
            active: false,
            roles: Roles::NONE,
            relations: Vec::new(),
            birth_date: None,
            grants: Vec::new(),
            token: None,
        }
    }
}

/// What a token was made for. It never exceeds the account it acts for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenLimits {
    /// The token.
    pub id: TokenId,
    /// The account that made it.
    pub account: AccountId,
    /// The profiles it may know of.
    pub profiles: Vec<ProfileId>,
    /// The kinds of record.
    pub kinds: Kinds,
    /// What it may do with them.
    pub actions: Actions,
    /// The sensitive labels that were named for it.
    pub labels: Labels,
    /// First moment at which it is void; without one it lasts until it is revoked.
    pub expires_at: Option<Instant>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A policy's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Yes, for the records in `scope`.
    Allow {
        /// The records that are open; never empty.
        scope: Scope,
        /// First moment at which the answer may be another; ask again then. `None`: it does not change by itself.
        until: Option<Instant>,
    },
    /// No. The actor may know that the profile exists (403 `not-granted`).
    NotGranted,
    /// No, and the actor may not even know whether the profile exists (404).
    Unknown,
}

impl Decision {
    /// The open records and until when, or the error the caller gets to see.
    pub fn allowed(self) -> Result<(Scope, Option<Instant>)> {
        match self {
            Self::Allow { scope, until } => Ok((scope, until)),
            Self::NotGranted => Err(not_granted()),
            Self::Unknown => Err(Error::not_found()),
        }
    }

    /// Whether the answer is yes, for some records.
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }
}

/// The one refusal of a caller who may know that the profile exists.
pub(crate) fn not_granted() -> Error {
    Error::new(ErrorKind::Denied, "not-granted", "this was not granted; ask the person the records are about")
}

/// Decides who may do what.
///
/// A policy is pure: it looks at the question and the facts and at nothing else, neither a clock nor the store. It
/// promises that with [`Facts::nothing`] only operator and gate get a yes; that the gate gets one for the `system`
/// profile alone; that an account without a relation and without a live grant gets [`Decision::Unknown`]; that the
/// role `admin` alone opens no record; that a token, plugin or service never gets more than the account it acts
/// for would get; and that no grant, token, plugin or service erases. Every implementation runs the crate's `policy_suite!`.
pub trait ConsentPolicy: Send + Sync {
    /// The answer to `question`, given `facts`.
    fn decide(&self, question: &Question<'_>, facts: &Facts) -> Decision;

    /// Whether somebody born on `birth_date` is old enough at `now` to take over the records that others keep for them.
    fn takes_over(&self, birth_date: Option<PartialDate>, now: Instant) -> bool;
}

/// Whether `actor` may give `terms` to somebody, and the moment by which such a grant must end.
///
/// Nobody gives what they do not have, and nobody gives the right to erase: for each kind of the terms the actor must hold `share` and each of the granted
/// actions, over all the records the terms open. A guardian's grant ends with the guardian's reach.
pub fn may_give(
    policy: &dyn ConsentPolicy,
    actor: &Actor,
    profile: ProfileId,
    terms: &GrantTerms,
    facts: &Facts,
) -> Result<Option<Instant>> {
    let scope = terms.scope();
    let mut latest = None;
    if terms.actions.contains(Action::Erase) {
        return Err(not_granted());
    }
    for kind in terms.kinds.names() {
        for action in terms.actions.iter().chain([Action::Share]) {
            let question = Question { actor, action, profile, kind, purpose: "share" };
            let (have, until) = policy.decide(&question, facts).allowed()?;
            // The kind `profile` has no place in time, so a window does not narrow it.
            let covered = have.covers(&scope) || (kind == "profile" && have.covers(&scope.clone().timeless()));
            if !covered {
                return Err(not_granted());
            }
            latest = [latest, until].into_iter().flatten().min();
        }
    }
    if scope.is_nothing() || latest.is_some_and(|latest| terms.ends_at.is_some_and(|ends_at| latest < ends_at)) {
        return Err(not_granted());
    }
    Ok(latest)
}
