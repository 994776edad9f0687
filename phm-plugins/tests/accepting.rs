//! Accepting what plugins propose: once, whatever happens meanwhile.

mod house;

use std::io::ErrorKind::Other;
use std::sync::Arc;

use house::House;
use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_core::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use phm_core::store::{Opener, StoreError};
use phm_core::vault::Options;
use phm_plugins::proposals::{self, Proposal};
use serde_json::json;

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

/// How many records came of proposals, and how many proposals wait.
fn counted(house: &House) -> (usize, usize) {
    let person = house.person();
    let permit = person.permit(Action::Read, house.asha, "note").expect("their own");
    let notes = person.list(&permit, &Query::default()).expect("notes").items;
    let made = notes.iter().filter(|note| note.provenance.plugin.is_some()).count();
    (made, proposals::waiting(&house.vault, &person, house.asha).expect("proposals").len())
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
