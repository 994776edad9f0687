//! Permission as a value.

use super::policy::not_granted;
use super::scope::Scope;
use super::words::{Action, Labels};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::{Instant, When};

/// Proof that the policy allowed one action on the records of one kind of one profile.
///
/// Only a session makes one, and nobody can copy it. Every use, and every page of a stream, calls [`Permit::check`]
/// again, because a grant may end or be revoked meanwhile; each record *and each version* passes [`Permit::admits`].
/// A write done with it is in the audit trail in the same commit; reads follow within a second, refusals are gathered
/// by actor and minute.
///
/// ```compile_fail
/// # fn twice(permit: phm_core::access::Permit) -> (phm_core::access::Permit, phm_core::access::Permit) {
/// (permit.clone(), permit)
/// # }
/// ```
#[derive(Debug)]
pub struct Permit {
    action: Action,
    profile: ProfileId,
    kind: &'static str,
    scope: Scope,
    until: Option<Instant>,
    epoch: u64,
}

impl Permit {
    /// A permit for what a policy has just allowed, at policy epoch `epoch`: a number that changes with every change
    /// of an account, a relation, a grant or a token.
    pub(crate) const fn new(
        action: Action,
        profile: ProfileId,
        kind: &'static str,
        scope: Scope,
        until: Option<Instant>,
        epoch: u64,
    ) -> Self {
        Self { action, profile, kind, scope, until, epoch }
    }

    /// What is allowed.
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Whose records are open.
    pub const fn profile(&self) -> ProfileId {
        self.profile
    }

    /// Their kind.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Which of them are open.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// First moment at which the permit is void.
    pub const fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether the permit still holds, at policy time `now` and policy epoch `epoch`.
    ///
    /// When it does not, ask the session for a new one: it may be that only the time or another's grant changed.
    pub fn check(&self, now: Instant, epoch: u64) -> Result<()> {
        if self.epoch == epoch && self.until.is_none_or(|until| now < until) { Ok(()) } else { Err(not_granted()) }
    }

    /// Whether the permit still holds and is one for `action`; passing the permit of another action is a bug of the
    /// caller and answered as one.
    pub fn check_for(&self, action: Action, now: Instant, epoch: u64) -> Result<()> {
        if self.action != action {
            let text = "a permit for another action was used; ask for the one that is needed";
            return Err(Error::new(ErrorKind::Denied, "other-permit", text));
        }
        self.check(now, epoch)
    }

    /// Whether a record, or one version of it, is open.
    pub fn admits(&self, occurred: Option<When>, labels: Labels, id: RecordId) -> bool {
        self.scope.admits(occurred, labels, id)
    }

    /// Whether the bare file of something else is open by itself; see [`Scope::admits_file`].
    pub fn admits_file(&self, occurred: Option<When>, id: RecordId) -> bool {
        self.scope.admits_file(occurred, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit(until: Option<Instant>) -> Permit {
        let profile = ProfileId::from_bytes([1; 16]);
        Permit::new(Action::Read, profile, "note", Scope::labelled(Labels::NONE), until, 7)
    }

    #[test]
    fn a_permit_is_void_from_its_last_moment_on() {
        let end = Instant::from_millis(1_000_000);
        for (now, epoch, holds) in [
            (end.plus_millis(-1), 7, true),
            (end, 7, false),
            (end.plus_millis(1), 7, false),
            (end.plus_millis(-1), 8, false),
            (end.plus_millis(-1), 6, false),
        ] {
            assert_eq!(permit(Some(end)).check(now, epoch).is_ok(), holds, "{now} at {epoch}");
        }
        assert!(permit(None).check(Instant::from_millis(i64::MAX), 7).is_ok());
        assert_eq!(permit(None).check(end, 8).expect_err("another epoch").code(), "not-granted");
    }

    #[test]
    fn a_permit_for_one_action_is_none_for_another() {
        let now = Instant::from_millis(0);
        assert!(permit(None).check_for(Action::Read, now, 7).is_ok());
        for action in [Action::Add, Action::Amend, Action::Share, Action::Export] {
            assert!(permit(None).check_for(action, now, 7).is_err(), "{action}");
        }
    }

    #[test]
    fn a_permit_admits_what_its_scope_admits() {
        let id = RecordId::from_bytes([1; 16]);
        assert!(permit(None).admits(None, Labels::NONE, id));
        assert!(!permit(None).admits(None, Labels::ALL, id) && !permit(None).admits_file(None, id));
    }
}
