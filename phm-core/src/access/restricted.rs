//! What of a person's records is kept and not used: restriction of processing.
//!
//! Somebody may want their records kept but not used, for example while it is disputed whether they are right (GDPR,
//! article 18). What is restricted is open to those who answer for the person, themselves and signed in, and to the
//! operator who keeps the house; it is closed to everybody else, whatever was granted: carers, providers, tokens,
//! plugins and services, in an emergency too. Every answer of a policy passes [`Restricted::narrow`] before it becomes a
//! permit, so no policy and no grant opens what is restricted. A bare file, such as a FHIR Binary, is as private as the
//! document that names it, whichever came first: where anything is restricted it is open to the others by no more than a
//! document that is open to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::policy::Decision;
use super::scope::Scope;
use crate::id::RecordId;

/// What of one person's records is restricted. The default restricts nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Restricted {
    everything: bool,
    records: Arc<BTreeSet<RecordId>>,
}

impl Restricted {
    /// Restricts everything about the person, also what is added later.
    pub fn add_everything(&mut self) {
        self.everything = true;
    }

    /// Restricts these records, with all their versions.
    pub fn add(&mut self, records: impl IntoIterator<Item = RecordId>) {
        Arc::make_mut(&mut self.records).extend(records);
    }

    /// Whether nothing is restricted.
    pub fn is_nothing(&self) -> bool {
        !self.everything && self.records.is_empty()
    }

    /// Whether everything is restricted.
    pub const fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether this record is restricted.
    pub fn holds(&self, record: RecordId) -> bool {
        self.everything || self.records.contains(&record)
    }

    /// What is left of a policy's answer. `own` is what the same policy says of the actor as somebody who answers for
    /// the person, without what was granted to them or lent to them as a carer; that stays open.
    pub fn narrow(&self, decision: Decision, own: Decision) -> Decision {
        let (scope, until) = match decision {
            Decision::Allow { scope, until } => (scope, until),
            refused => return refused,
        };
        let left = if self.everything { Scope::nothing() } else { scope.without(&self.records) };
        let (scope, until) = match own {
            Decision::Allow { scope: own, until: own_until } => {
                (left.union(own), [until, own_until].into_iter().flatten().min())
            }
            Decision::NotGranted | Decision::Unknown => (left, until),
        };
        if scope.is_nothing() { Decision::NotGranted } else { Decision::Allow { scope, until } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Labels;

    fn id(n: u8) -> RecordId {
        RecordId::from_bytes([n; 16])
    }

    fn allow(scope: Scope) -> Decision {
        Decision::Allow { scope, until: None }
    }

    #[test]
    fn what_is_restricted_is_closed_and_the_rest_stays_open() {
        let mut restricted = Restricted::default();
        assert!(restricted.is_nothing());
        restricted.add([id(1)]);
        assert!(restricted.holds(id(1)) && !restricted.holds(id(2)) && !restricted.is_nothing());
        let left = restricted.narrow(allow(Scope::everything()), Decision::NotGranted);
        let Decision::Allow { scope, .. } = left else { panic!("something is left") };
        assert!(!scope.admits_file(None, id(2)), "a bare file may be that of what is restricted");
        assert!(!scope.admits(None, Labels::NONE, id(1)) && scope.admits(None, Labels::NONE, id(2)));
        assert!(!scope.is_everything());
    }

    #[test]
    fn everything_restricted_leaves_nothing_but_what_is_ones_own() {
        let mut restricted = Restricted::default();
        restricted.add_everything();
        assert!(restricted.is_everything() && restricted.holds(id(9)));
        let granted = allow(Scope::labelled(Labels::NONE));
        assert_eq!(restricted.narrow(granted.clone(), Decision::NotGranted), Decision::NotGranted);
        let own = allow(Scope::everything());
        assert_eq!(restricted.narrow(granted, own.clone()), own);
        assert_eq!(restricted.narrow(Decision::Unknown, own), Decision::Unknown, "a stranger stays one");
    }

    #[test]
    fn records_chosen_one_by_one_are_closed_too() {
        let mut restricted = Restricted::default();
        restricted.add([id(1)]);
        let chosen = |ids: &[u8]| {
            let records: BTreeSet<RecordId> = ids.iter().map(|n| id(*n)).collect();
            allow(Scope::new(None, None, Labels::ALL, Some(records)))
        };
        let left = restricted.narrow(chosen(&[1, 2]), Decision::NotGranted);
        let Decision::Allow { scope, .. } = &left else { panic!("something is left") };
        assert!(scope.admits(None, Labels::ALL, id(2)) && !scope.admits(None, Labels::ALL, id(1)));
        assert!(!scope.admits_file(None, id(2)), "a bare file that was chosen is closed with what may name it");
        let own = allow(Scope::everything());
        assert_eq!(restricted.narrow(chosen(&[1, 2]), own.clone()), own, "and open to who answers for the person");
        assert_eq!(restricted.narrow(chosen(&[1]), Decision::NotGranted), Decision::NotGranted);
    }
}
