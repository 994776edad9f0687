//! A store that fails on purpose.
//!
//! It wraps another store and lets one chosen call fail, before or after its effect, so that tests can ask
//! what a caller does when the disk is full, or when a commit was written but its answer was lost. Several stores may
//! share their [`Faults`], as the generations of one vault do.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Batch, Row, Store, StoreError, StoreStats};

/// The calls that can be made to fail.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Call {
    /// [`Store::get`].
    Get,
    /// [`Store::scan`].
    Scan,
    /// [`Store::commit`] and [`Store::fill`].
    Commit,
    /// [`Store::stats`].
    Stats,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Get, Self::Scan, Self::Commit, Self::Stats];
}

/// On which side of its effect a call fails.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Moment {
    /// Nothing has happened.
    Before,
    /// Everything has happened, only the answer is lost.
    After,
}

/// One call that fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Which call.
    pub call: Call,
    /// The how-manieth call of this kind from now on, counted from 1.
    pub number: u64,
    /// Before or after the effect.
    pub moment: Moment,
    /// The error it answers.
    pub error: fn() -> StoreError,
}

#[derive(Debug, Default)]
struct Plan {
    faults: Vec<Fault>,
    calls: [u64; Call::ALL.len()],
}

/// The failures that are planned for one store, or for all that share this value, and the calls they had.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// Plans one failure.
    pub fn fail(&self, fault: Fault) {
        self.plan().faults.push(fault);
    }

    /// Forgets all planned failures.
    pub fn heal(&self) {
        self.plan().faults.clear();
    }

    /// How many calls of this kind came so far.
    pub fn calls(&self, call: Call) -> u64 {
        self.plan().calls[call as usize]
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call and finds the failure planned for it.
    fn due(&self, call: Call) -> Option<Fault> {
        let mut plan = self.plan();
        plan.calls[call as usize] += 1;
        let mut due = None;
        plan.faults.retain_mut(|fault| {
            if fault.call == call {
                fault.number = fault.number.saturating_sub(1);
                if fault.number == 0 {
                    due = Some(*fault);
                }
            }
            fault.number > 0
        });
        due
    }
}

/// A store whose calls fail as planned, and otherwise do what the store inside does.
#[derive(Debug, Default)]
pub struct FaultyStore<S> {
    inner: S,
    faults: Faults,
}

impl<S: Store> FaultyStore<S> {
    /// Wraps `inner`; nothing fails until a fault is planned.
    pub fn new(inner: S) -> Self {
        Self::sharing(inner, &Faults::default())
    }

    /// Wraps `inner`; what is planned in `faults` happens to it.
    pub fn sharing(inner: S, faults: &Faults) -> Self {
        Self { inner, faults: faults.clone() }
    }

    /// The failures planned for it.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The store inside, which does not fail.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn run<T>(&self, call: Call, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let Some(fault) = self.faults.due(call) else { return work() };
        if fault.moment == Moment::After {
            work()?;
        }
        Err((fault.error)())
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(Call::Get, || self.inner.get(address))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.run(Call::Scan, || self.inner.scan(from, to, visit))
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.run(Call::Commit, || self.inner.commit(batch))
    }

    fn fill(&self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        self.run(Call::Commit, || self.inner.fill(rows))
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.run(Call::Stats, || self.inner.stats())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    crate::store_suite!(no_fault_planned, false, |_| FaultyStore::new(MemoryStore::new()));

    fn one(address: &[u8]) -> Batch {
        let mut batch = Batch::default();
        batch.append(address.to_vec(), vec![1]);
        batch
    }

    #[test]
    fn only_the_planned_call_fails() {
        let store = FaultyStore::new(MemoryStore::new());
        store.faults().fail(Fault {
            call: Call::Commit,
            number: 2,
            moment: Moment::Before,
            error: || StoreError::Poisoned,
        });
        store.commit(one(b"a")).expect("the first commit");
        assert!(matches!(store.commit(one(b"b")), Err(StoreError::Poisoned)));
        assert_eq!(store.get(b"b").expect("get"), None);
        store.commit(one(b"b")).expect("the third commit");
        assert_eq!(store.faults().calls(Call::Commit), 3);
    }

    #[test]
    fn a_fault_after_the_effect_loses_only_the_answer() {
        let store = FaultyStore::new(MemoryStore::new());
        let full = || StoreError::Io(std::io::ErrorKind::StorageFull.into());
        store.faults().fail(Fault { call: Call::Commit, number: 1, moment: Moment::After, error: full });
        assert!(matches!(store.commit(one(b"a")), Err(StoreError::Io(_))));
        assert_eq!(store.get(b"a").expect("get"), Some(vec![1]));
    }
}
