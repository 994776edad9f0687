//! Why a store refuses work until it is opened again.

use super::StoreError;

/// The first failure of a store; what it is asked later, it answers with that.
#[derive(Debug)]
pub(super) enum Failure {
    /// What became of a write is not known.
    Write,
    /// The files are damaged, and how.
    Damage(String),
}

impl Failure {
    /// What an error of the engine says about the store.
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Corrupt(how) => Self::Damage(how.clone()),
            _ => Self::Write,
        }
    }

    /// What whoever comes later is told.
    pub fn error(&self) -> StoreError {
        match self {
            Self::Write => StoreError::Poisoned,
            Self::Damage(how) => StoreError::Corrupt(how.clone()),
        }
    }
}
