//! Errors on their way to Python: kind, code and places, never a name or a value.

use std::panic::{AssertUnwindSafe, catch_unwind};

use phm_core::{Error, ErrorKind};
use pyo3::prelude::*;

/// Why a call failed.
pub enum Failure {
    /// The core refused.
    Core(Box<Error>),
    /// The vault belongs to the process this one was forked from.
    Forked,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(Box::new(error))
    }
}

impl Failure {
    /// The exception of the package for it.
    pub fn raise(&self, py: Python<'_>) -> PyErr {
        self.exception(py).unwrap_or_else(|error| error)
    }

    fn exception(&self, py: Python<'_>) -> PyResult<PyErr> {
        let make = py.import("phm._errors")?.getattr("make")?;
        let made = match self {
            Self::Core(error) => {
                let details: Vec<(&str, &str)> =
                    error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
                let data = error.data().map(ToString::to_string);
                let kind = error.kind() as i32;
                make.call1((kind, error.code(), error.to_string(), details, error.current_version(), data))?
            }
            Self::Forked => {
                let text = "this vault was opened by the parent process; open it in the child after the fork";
                make.call1((0, "forked", text, Vec::<(&str, &str)>::new(), None::<u32>, None::<String>))?
            }
        };
        Ok(PyErr::from_value(made))
    }
}

/// Works while other threads of Python run. A panic inside is an error like another (`phm.Internal`); what it says may carry
/// anything, so it is not passed on.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, Failure> + Send) -> PyResult<T> {
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(broken())));
    done.map_err(|failed| failed.raise(py))
}

fn broken() -> Failure {
    Error::new(ErrorKind::Internal, "internal", "a promise inside PHM was broken; please report it").into()
}

/// Reads arguments that came as JSON.
pub fn json(text: &str) -> Result<serde_json::Value, Failure> {
    serde_json::from_str(text)
        .map_err(|_| Error::new(ErrorKind::Invalid, "invalid", "the arguments are not JSON").into())
}
