//! Ctrl-C while the core works.
//!
//! Python runs the handlers of signals between two of its own steps, and a call of the core is one of them however long it
//! takes. So a session asks now and then whether a handler has raised something; the work ends then, and what was raised goes
//! on its way. Only the main thread runs handlers; in any other asking changes nothing.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// Asking takes the interpreter, which other threads want too.
const EVERY: Duration = Duration::from_millis(50);

/// Whether Python wants a call to end.
pub struct Signals(Mutex<Asked>);

struct Asked {
    last: Instant,
    raised: Option<PyErr>,
}

impl Signals {
    /// Nothing is known yet; the first question is asked after a while.
    pub fn new() -> Self {
        Self(Mutex::new(Asked { last: Instant::now(), raised: None }))
    }

    /// Whether a handler has raised something; asks Python at most so often.
    pub fn pending(&self) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.raised.is_none() && asked.last.elapsed() >= EVERY {
            asked.last = Instant::now();
            asked.raised = Python::try_attach(|py| py.check_signals().err()).flatten();
        }
        asked.raised.is_some()
    }

    /// What a handler has raised.
    pub fn raised(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).raised.take()
    }
}
