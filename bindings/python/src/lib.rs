//! The native part of the Python module `phm`: vaults by name with JSON in and out, and tables as Arrow streams.
//!
//! What people import is the package beside it (`phm/`), which gives every operation its name, types and words. Everything
//! that works lets other threads run meanwhile; a vault used in a forked child is refused, because the thread that makes
//! its writes durable stayed with the parent.

mod failure;
mod signals;
mod table;
mod vault;

use pyo3::prelude::*;

use failure::detached;

/// Does one of the operations that need no vault: `op` with its arguments as JSON, answered with JSON.
#[pyfunction]
fn call(py: Python<'_>, op: &str, args: &str) -> PyResult<String> {
    detached(py, || {
        let answer = phm_core::analytics::call(op, &failure::json(args)?)?;
        Ok(answer.to_string())
    })
}

/// The names that `call` takes.
#[pyfunction]
fn ops() -> Vec<&'static str> {
    phm_core::analytics::OPS.to_vec()
}

/// The names that `Vault.call` takes beside them.
#[pyfunction]
fn vault_ops() -> Vec<&'static str> {
    phm_core::vault::call::OPS.to_vec()
}

/// Makes a file with a new random key; the file must not exist yet.
#[pyfunction]
fn make_key_file(py: Python<'_>, path: std::path::PathBuf) -> PyResult<()> {
    detached(py, || {
        phm_core::crypto::secret::make_key_file(&path).map_err(phm_core::Error::from)?;
        Ok(())
    })
}

/// The native part of `phm`.
#[pymodule(gil_used = false)]
fn _phm(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<vault::Vault>()?;
    module.add_class::<table::Table>()?;
    module.add_function(wrap_pyfunction!(call, module)?)?;
    module.add_function(wrap_pyfunction!(ops, module)?)?;
    module.add_function(wrap_pyfunction!(vault_ops, module)?)?;
    module.add_function(wrap_pyfunction!(make_key_file, module)?)?;
    module.add_function(wrap_pyfunction!(vault::create, module)?)?;
    module.add_function(wrap_pyfunction!(vault::open, module)?)?;
    module.add_function(wrap_pyfunction!(vault::restore, module)?)?;
    module.add_function(wrap_pyfunction!(vault::drill, module)?)?;
    module.add_function(wrap_pyfunction!(table::table_of, module)?)?;
    module.add_function(wrap_pyfunction!(table::samples_of, module)?)?;
    module.add_function(wrap_pyfunction!(table::columns_of, module)?)
}
