//! What is accepted becomes one record, whatever fails and whoever else accepts it.

use std::io::ErrorKind::Other;
use std::sync::Arc;

use phm_core::access::Actor;
use phm_core::crypto::kdf::Cost;
use phm_core::id::RecordId;
use phm_core::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use phm_core::store::{Opener, StoreError};
use phm_core::vault::Options;
use phm_plugins::acceptance;
use phm_plugins::proposals::{self, Proposal};
use serde_json::json;

use crate::house::{House, answers, manifest, permission};
use crate::{counted, make};

/// A house whose store fails as planned.
fn failing(faults: &Faults) -> House {
    let sharing = faults.clone();
    let opener: Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
    });
    House::with(Options { cost: Cost::FLOOR, opener, ..Options::default() })
}

/// Lets a note wait, and gives its proposal's id.
fn proposed(house: &House) -> RecordId {
    let body = json!({"text": "proposed"});
    let now = house.admin().now();
    let one = Proposal::new("probe".into(), "0.1.0".into(), "note".into(), body, None, now);
    let id = one.id;
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    id
}

#[test]
fn a_power_cut_leaves_the_proposal_or_the_record_and_never_both() {
    let mut failed = 0;
    for number in 1..=3 {
        for moment in [Moment::Before, Moment::After] {
            let faults = Faults::default();
            let house = failing(&faults);
            let id = proposed(&house);
            faults.fail(Fault { call: Call::Commit, number, moment, error: || StoreError::Io(Other.into()) });
            let accepted = proposals::accept(&house.vault, &house.person(), house.asha, id);
            faults.heal();
            failed += usize::from(accepted.is_err());
            let house = house.again();
            let (made, waiting) = counted(&house);
            assert_eq!(made + waiting, 1, "{moment:?} commit {number}: {made} records, {waiting} proposals");
            if waiting == 1 {
                assert!(accepted.is_err(), "what was answered has happened");
                proposals::accept(&house.vault, &house.person(), house.asha, id).expect("accepted now");
            } else {
                let again = proposals::accept(&house.vault, &house.person(), house.asha, id);
                assert_eq!(again.expect_err("once only").code(), "not-found");
            }
            assert_eq!(counted(&house), (1, 0));
        }
    }
    assert!(failed >= 2, "the first commit fails before and after its effect");
}

#[test]
fn of_two_who_accept_the_same_proposal_at_once_one_makes_the_record() {
    let house = House::new();
    let id = proposed(&house);
    let (vault, account, asha) = (&house.vault, house.account, house.asha);
    let accept = || {
        let session = vault.session(Actor::Person { account }, "test").expect("an account");
        proposals::accept(vault, &session, asha, id).is_ok()
    };
    let done: Vec<bool> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    assert_eq!((done.iter().filter(|done| **done).count(), counted(&house)), (1, (1, 0)));
}

#[test]
fn a_power_cut_while_a_rule_accepts_leaves_nothing_half_done() {
    for moment in [Moment::Before, Moment::After] {
        let faults = Faults::default();
        let house = failing(&faults);
        house.grant(house.asha, &["read", "add"], &["document", "note"]);
        let propose = permission("records.propose", "kinds = [\"note\"]");
        house.enable(&manifest(&propose), &answers("{}"));
        make(&house, "note", false).expect("a rule");
        let of = |text: &str| {
            Proposal::new(
                "probe".into(),
                "0.1.0".into(),
                "note".into(),
                json!({"text": text}),
                None,
                house.admin().now(),
            )
        };
        let all = vec![of("a"), of("b")];
        faults.fail(Fault { call: Call::Commit, number: 1, moment, error: || StoreError::Io(Other.into()) });
        assert!(proposals::add(&house.vault, house.asha, "probe", all).is_err());
        faults.heal();
        let house = house.again();
        let accepted = acceptance::rules(&house.vault, &house.person(), house.asha).expect("rules")[0].accepted;
        let (made, waiting) = counted(&house);
        // What stood in the audit before may have gone to the disk by itself, and taken the failure.
        assert!(made == 0 || (made == 2 && moment == Moment::After), "{moment:?}: {made} records");
        assert_eq!((waiting, accepted), (0, made as u64), "{moment:?}");
    }
}
