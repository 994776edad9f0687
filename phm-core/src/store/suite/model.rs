//! Any sequence of calls, compared with a sorted map.

use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{Model, rows};
use crate::store::{Batch, Expectation, MAX_VALUE, Store, StoreError};

/// A step of the comparison with a sorted map.
#[derive(Clone, Debug)]
enum Step {
    Commit { expect: Vec<(Vec<u8>, bool)>, put: Vec<(Vec<u8>, Vec<u8>)>, delete: Vec<Vec<u8>> },
    Get(Vec<u8>),
    Scan { from: Vec<u8>, to: Vec<u8>, at_most: usize },
    Reopen,
    Compact,
}

/// Few letters and lengths, so that addresses meet and are prefixes of each other.
fn address() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0u8), Just(1), Just(127), Just(255)], 1..4)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![Just(0usize), 1..40usize, 300..1000usize, Just(MAX_VALUE)];
    (any::<u8>(), length).prop_map(|(byte, length)| vec![byte; length])
}

fn step() -> impl Strategy<Value = Step> {
    let commit = (vec((address(), any::<bool>()), 0..2), vec((address(), value()), 0..6), vec(address(), 0..3));
    prop_oneof![
        4 => commit.prop_map(|(expect, put, delete)| Step::Commit { expect, put, delete }),
        2 => address().prop_map(Step::Get),
        2 => (address(), address(), 0..20usize).prop_map(|(from, to, at_most)| Step::Scan { from, to, at_most }),
        1 => Just(Step::Reopen),
        1 => Just(Step::Compact),
    ]
}

/// Any sequence of calls answers what a sorted map would answer, also across reopening and compacting.
pub fn behaves_like_a_sorted_map<S: Store>(
    dir: &Path,
    persists: bool,
    open: impl Fn(&Path) -> S,
    compact: impl Fn(&S),
) {
    let mut case = 0;
    let folder = std::cell::RefCell::new(&mut case);
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() });
    let property = |(filled, steps): (Model, Vec<Step>)| {
        **folder.borrow_mut() += 1;
        let home = dir.join(folder.borrow().to_string());
        let mut store = Some(open(&home));
        let new = store.as_ref().expect("it was opened");
        new.fill(filled.clone().into_iter().collect()).expect("filled");
        new.commit(Batch::default()).expect("durable");
        let mut model = filled;
        for step in steps {
            let open_store = store.as_ref().expect("reopening puts it back");
            match step {
                Step::Commit { expect, put, delete } => {
                    let holds = expect.iter().all(|(address, present)| model.contains_key(address) == *present);
                    let expect = expect.into_iter().map(|(address, present)| {
                        (address, if present { Expectation::Present } else { Expectation::Absent })
                    });
                    let batch = Batch { expect: expect.collect(), put: put.clone(), delete: delete.clone() };
                    match open_store.commit(batch) {
                        Ok(()) => {
                            prop_assert!(holds);
                            model.extend(put);
                            model.retain(|address, _| !delete.contains(address));
                        }
                        Err(StoreError::Expectation) => prop_assert!(!holds),
                        Err(error) => return Err(TestCaseError::fail(error.to_string())),
                    }
                }
                Step::Get(address) => {
                    prop_assert_eq!(open_store.get(&address).expect("get"), model.get(&address).cloned());
                }
                Step::Scan { from, to, at_most } => {
                    let expected: Vec<_> = if from < to {
                        let range = model.range(from.clone()..to.clone()).take(at_most);
                        range.map(|(address, value)| (address.clone(), value.clone())).collect()
                    } else {
                        Vec::new()
                    };
                    prop_assert_eq!(rows(open_store, &from, &to, at_most), expected);
                }
                Step::Reopen if persists => {
                    drop(store.take());
                    store = Some(open(&home));
                }
                Step::Reopen => {}
                Step::Compact => compact(open_store),
            }
            let stats = store.as_ref().expect("open").stats().expect("stats");
            let live: usize = model.iter().map(|(address, value)| address.len() + value.len()).sum();
            prop_assert_eq!((stats.values, stats.live_bytes), (model.len() as u64, live as u64));
        }
        let all: Model = rows(store.as_ref().expect("open"), &[], &[255; 8], usize::MAX).into_iter().collect();
        prop_assert_eq!(all, model);
        Ok(())
    };
    let cases = (btree_map(address(), value(), 0..40), vec(step(), 1..30));
    runner.run(&cases, property).expect("the store answers like a sorted map");
}
