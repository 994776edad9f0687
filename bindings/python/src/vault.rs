//! Vaults as Python sees them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use phm_core::access::Actor;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::store::Engine;
use phm_core::vault::{self, Options, Session, Stop, call};
use phm_core::{Error, ErrorKind, backup};
use pyo3::prelude::*;

use crate::failure::{self, Failure, detached};
use crate::signals::Signals;
use crate::table::Table;

/// An open vault. All of its methods may be called from any thread.
#[pyclass(frozen, module = "phm._phm")]
pub struct Vault {
    vault: Mutex<Option<vault::Vault>>,
    /// The process that opened it.
    process: u32,
}

impl Vault {
    fn new(vault: vault::Vault) -> Self {
        Self { vault: Mutex::new(Some(vault)), process: std::process::id() }
    }

    fn here(&self) -> Result<(), Failure> {
        if self.process == std::process::id() { Ok(()) } else { Err(Failure::Forked) }
    }

    fn open(&self) -> Result<vault::Vault, Failure> {
        // Asked before the lock: in a forked child it may be held by a thread that is not there.
        self.here()?;
        let vault = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        vault
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Locked, "closed", "the vault was closed; open it again").into())
    }

    /// Lets `work` work as whoever uses the vault, while other threads of Python run; Ctrl-C ends it between two of its parts.
    fn work<T: Send>(
        &self,
        py: Python<'_>,
        purpose: &str,
        account: Option<&str>,
        work: impl FnOnce(&vault::Vault, &Session) -> Result<T, Failure> + Send,
    ) -> PyResult<T> {
        let signals = Arc::new(Signals::new());
        let asked = Arc::clone(&signals);
        let done = detached(py, || {
            let vault = self.open()?;
            let session = session(&vault, purpose, account)?.stopped_by(Arc::new(move || asked.pending()));
            work(&vault, &session)
        });
        // What the handler raised says more than that the work was interrupted.
        signals.raised().map_or(done, Err)
    }
}

fn session(vault: &vault::Vault, purpose: &str, account: Option<&str>) -> Result<Session, Failure> {
    let operator = vault.session(Actor::Operator, purpose)?;
    let Some(email) = account else { return Ok(operator) };
    let account = operator.account_by_email(email)?;
    Ok(vault.session(Actor::Person { account }, purpose)?)
}

impl Drop for Vault {
    fn drop(&mut self) {
        if self.here().is_err() {
            // Its threads, locks and files belong to the parent: whatever closing it did here, the parent would meet.
            let vault = self.vault.get_mut().unwrap_or_else(PoisonError::into_inner).take();
            std::mem::forget(vault);
        }
    }
}

#[pymethods]
impl Vault {
    /// The vault's id.
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<String> {
        self.open().map(|vault| vault.id().to_string()).map_err(|failed| failed.raise(py))
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.here().is_ok() && self.vault.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Does the operation named `op` with arguments in JSON and answers with JSON.
    #[pyo3(signature = (op, args, purpose, account = None))]
    fn call(&self, py: Python<'_>, op: &str, args: &str, purpose: &str, account: Option<&str>) -> PyResult<String> {
        self.work(py, purpose, account, |vault, session| Ok(vault.call(session, op, &failure::json(args)?)?))
    }

    /// The records of `kind` that `query` (JSON) asks for as a table.
    #[pyo3(signature = (kind, query, purpose, account = None))]
    fn table(&self, py: Python<'_>, kind: &str, query: &str, purpose: &str, account: Option<&str>) -> PyResult<Table> {
        self.work(py, purpose, account, |_, session| {
            let query = call::flat_query(&failure::json(query)?)?;
            Ok(Table::new(session.table(kind, &query)?))
        })
    }

    /// The samples of the series that `query` (JSON) asks for as a table.
    #[pyo3(signature = (query, purpose, account = None))]
    fn samples(&self, py: Python<'_>, query: &str, purpose: &str, account: Option<&str>) -> PyResult<Table> {
        self.work(py, purpose, account, |_, session| {
            let query = call::flat_query(&failure::json(query)?)?;
            Ok(Table::new(session.sample_table(&query)?))
        })
    }

    /// The table of `kind` without what names a person, and as JSON what went.
    #[pyo3(signature = (kind, query, purpose, account = None, secret = None))]
    fn deidentified(
        &self,
        py: Python<'_>,
        kind: &str,
        query: &str,
        purpose: &str,
        account: Option<&str>,
        secret: Option<&str>,
    ) -> PyResult<(Table, String)> {
        self.work(py, purpose, account, |_, session| {
            let query = call::flat_query(&failure::json(query)?)?;
            let secret = call::export_secret(secret)?;
            let (table, report) = session.deidentified_table(kind, &query, secret.as_bytes())?;
            Ok((Table::new(table), shown(&report)?))
        })
    }

    /// Makes everything durable and closes the vault; closing it again does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.here()?;
            let vault = self.vault.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(vault.map_or(Ok(()), vault::Vault::close)?)
        })
    }
}

/// The secret that the caller named, one of the two or three.
fn secret(passphrase: Option<&str>, key_file: Option<&Path>, recovery_code: Option<&str>) -> Result<Secret, Failure> {
    let invalid = |text| Failure::from(Error::new(ErrorKind::Invalid, "no-secret", text));
    match (passphrase, key_file, recovery_code) {
        (Some(words), None, None) => Ok(Secret::passphrase(words)),
        (None, Some(path), None) => Ok(Secret::key_file(path).map_err(Error::from)?),
        (None, None, Some(code)) => Ok(Secret::recovery_code(code).map_err(Error::from)?),
        (None, None, None) => Err(invalid("give a passphrase, a key file or a recovery code")),
        _ => Err(invalid("give one secret, not several")),
    }
}

/// Makes a vault; answers with it and its recovery code.
#[pyfunction]
#[pyo3(signature = (path, passphrase = None, key_file = None, engine = "redb", cost = None))]
pub fn create(
    py: Python<'_>,
    path: PathBuf,
    passphrase: Option<&str>,
    key_file: Option<PathBuf>,
    engine: &str,
    cost: Option<(u32, u32)>,
) -> PyResult<(Vault, String)> {
    let fresh = !path.exists();
    let (mut made, code) = detached(py, || {
        let mut secrets = Vec::new();
        secrets.extend(passphrase.map(Secret::passphrase));
        secrets.extend(key_file.map(|path| Secret::key_file(&path).map_err(Error::from)).transpose()?);
        let engine = Engine::on_disk(engine).map_err(|said| Error::new(ErrorKind::Invalid, "invalid-choice", said))?;
        let cost = match cost {
            Some((memory_kib, passes)) => Cost::new(memory_kib, passes).map_err(Error::from)?,
            None if passphrase.is_none() => Cost::FLOOR,
            None => Cost::tuned(),
        };
        let options = Options { engine, cost, ..reading() };
        let (vault, code) = vault::Vault::create(&path, &secrets, Options { read_only: false, ..options })?;
        Ok((Vault::new(vault), code.to_string()))
    })?;
    if let Err(raised) = py.check_signals() {
        // The recovery code would be seen by nobody, and the next try would find a vault in its way.
        let open = made.vault.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| {
            let _ = open.map(vault::Vault::close);
            if fresh {
                let _ = std::fs::remove_dir_all(&path);
            }
        });
        return Err(raised);
    }
    Ok((made, code))
}

/// Bytes that the indexes of the people in use may take: who reads tables reads a thousand people again and again, on a
/// machine that has room for their tables. The appliance's 64 MiB hold about as many people.
const INDEX_BUDGET: usize = 256 << 20;

/// What a vault is opened with; a trial of what a passphrase may cost is for new ones only.
fn reading() -> Options {
    Options { cost: Cost::FLOOR, index_budget: INDEX_BUDGET, ..Options::default() }
}

/// Lets `work` work with options by which Ctrl-C ends it, while other threads of Python run.
fn stoppable<T: Send>(py: Python<'_>, work: impl FnOnce(Options) -> Result<T, Failure> + Send) -> PyResult<T> {
    let signals = Arc::new(Signals::new());
    let asked = Arc::clone(&signals);
    let stop: Stop = Arc::new(move || asked.pending());
    let done = detached(py, || work(Options { stop: Some(stop), ..reading() }));
    // What the handler raised says more than that the work was interrupted.
    signals.raised().map_or(done, Err)
}

/// Opens a vault with one of its secrets.
#[pyfunction]
#[pyo3(signature = (path, passphrase = None, key_file = None, recovery_code = None, read_only = false))]
pub fn open(
    py: Python<'_>,
    path: PathBuf,
    passphrase: Option<&str>,
    key_file: Option<PathBuf>,
    recovery_code: Option<&str>,
    read_only: bool,
) -> PyResult<Vault> {
    detached(py, || {
        let secret = secret(passphrase, key_file.as_deref(), recovery_code)?;
        Ok(Vault::new(vault::Vault::open(&path, &secret, Options { read_only, ..reading() })?))
    })
}

/// Restores the backup `file` into an empty or new folder; answers with JSON.
#[pyfunction]
#[pyo3(signature = (file, path, passphrase = None, key_file = None, recovery_code = None))]
pub fn restore(
    py: Python<'_>,
    file: PathBuf,
    path: PathBuf,
    passphrase: Option<&str>,
    key_file: Option<PathBuf>,
    recovery_code: Option<&str>,
) -> PyResult<String> {
    stoppable(py, |options| {
        let secret = secret(passphrase, key_file.as_deref(), recovery_code)?;
        shown(&backup::restore(&file, &path, &secret, options)?)
    })
}

/// Tries a backup out: restores it beside itself, verifies everything and removes it; answers with JSON.
#[pyfunction]
#[pyo3(signature = (file, passphrase = None, key_file = None, recovery_code = None))]
pub fn drill(
    py: Python<'_>,
    file: PathBuf,
    passphrase: Option<&str>,
    key_file: Option<PathBuf>,
    recovery_code: Option<&str>,
) -> PyResult<String> {
    stoppable(py, |options| {
        let secret = secret(passphrase, key_file.as_deref(), recovery_code)?;
        shown(&backup::drill(&file, &secret, options)?)
    })
}

fn shown(report: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(report).map_err(|_| Error::internal("an answer is not JSON").into())
}
