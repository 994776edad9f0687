//! Vaults.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::{Secret, SecretKind};
use phm_core::vault::{Options, Vault};
use phm_core::{Error, ErrorKind};

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::handles::{self, Thing, find, keep};
use crate::secret::{phm_secret, secret};
use crate::text::{self, phm_text};

/// An open vault. Any thread may use it.
pub struct phm_vault {
    _opaque: [u8; 0],
}

/// Refuse every change; who looked is noted all the same.
pub const PHM_READ_ONLY: u32 = 1;

/// What stands behind a vault's handle.
pub(crate) struct House(Mutex<Option<Standing>>);

/// A vault that was not closed yet.
struct Standing {
    vault: Vault,
    /// The folder a backup was unpacked into, which nobody needs when the vault is gone.
    scratch: Option<PathBuf>,
}

impl House {
    pub fn new(vault: Vault, scratch: Option<PathBuf>) -> Self {
        Self(Mutex::new(Some(Standing { vault, scratch })))
    }

    pub fn open(&self) -> Result<Vault, Error> {
        let standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || Error::new(ErrorKind::Locked, "closed", "the vault was closed; open it again");
        standing.as_ref().map(|standing| standing.vault.clone()).ok_or_else(closed)
    }

    fn close(&self) -> Result<(), Error> {
        let standing = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Once: what stands at the place of the folder later belongs to somebody else.
        let Some(Standing { vault, scratch }) = standing else { return Ok(()) };
        let closed = vault.close();
        if let Some(scratch) = scratch {
            // Sealed like the backup it came from; the error of closing is what counts.
            let _ = std::fs::remove_dir_all(scratch);
        }
        closed
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Nobody is left to be told; `phm_vault_close` tells.
        let _ = self.close();
    }
}

pub(crate) fn house(handle: *const phm_vault) -> Result<Arc<House>, Error> {
    match find(handle)? {
        Thing::Vault(house) => Ok(house),
        _ => Err(handles::wrong()),
    }
}

/// Options that need no trial of what a passphrase may cost, which matters for new secrets only.
pub(crate) fn options() -> Options {
    Options { cost: Cost::FLOOR, ..Options::default() }
}

/// The version of the library, for example `0.1.0`. The text is the library's and lasts as long as it is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn phm_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// Makes a vault in an empty or new folder, unlocked by any of `count` secrets, which the caller keeps.
/// It stands on redb; `phm migrate-store` moves it to another storage engine.
///
/// On success the caller owns the vault and the recovery code: a text to be shown once and written down. On failure both
/// are untouched.
///
/// # Safety
/// `folder` is a NUL-terminated text; `secrets` points to `count` handles; `vault` and `recovery_code` point to room for
/// handles; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_vault_create(
    folder: *const c_char,
    secrets: *const *const phm_secret,
    count: usize,
    vault: *mut *mut phm_vault,
    recovery_code: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let (out, code_out) = (given::room(vault)?, given::room(recovery_code)?);
        // SAFETY: the caller promises a NUL-terminated text.
        let folder = unsafe { given::path(folder) }?;
        if secrets.is_null() || !secrets.is_aligned() || count > 64 {
            return Err(Error::new(ErrorKind::Invalid, "bad-argument", "give between 1 and 64 secrets"));
        }
        // SAFETY: the caller promises that many handles.
        let given = unsafe { std::slice::from_raw_parts(secrets, count) };
        let given = given.iter().map(|one| Ok((*secret(*one)?).clone())).collect::<Result<Vec<Secret>, Error>>()?;
        let words = given.iter().any(|secret| secret.kind() == SecretKind::Passphrase);
        let options = Options { cost: if words { Cost::tuned() } else { Cost::FLOOR }, ..Options::default() };
        let (made, code) = Vault::create(&folder, &given, options)?;
        // SAFETY: both are not NULL, and the caller promises room.
        unsafe {
            text::answer(code_out, &code.to_string())?;
            out.write(keep(Thing::Vault(Arc::new(House::new(made, None)))));
        }
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Opens a vault with one of its secrets, which the caller keeps. `flags` are 0 or `PHM_READ_ONLY`.
///
/// On success the caller owns the vault; on failure `vault` is untouched. `PHM_BUSY` with the code `in-use` says that another
/// process has it.
///
/// # Safety
/// `folder` is a NUL-terminated text; `vault` points to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_vault_open(
    folder: *const c_char,
    with: *const phm_secret,
    flags: u32,
    vault: *mut *mut phm_vault,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(vault)?;
        // SAFETY: the caller promises a NUL-terminated text.
        let folder = unsafe { given::path(folder) }?;
        if flags & !PHM_READ_ONLY != 0 {
            return Err(Error::new(ErrorKind::Invalid, "bad-argument", "there is no such flag"));
        }
        let options = Options { read_only: flags & PHM_READ_ONLY != 0, ..options() };
        let opened = Vault::open(&folder, &*secret(with)?, options)?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { out.write(keep(Thing::Vault(Arc::new(House::new(opened, None))))) };
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Makes everything durable and closes the vault; its handle stays until `phm_vault_free`. Closing it again does nothing.
///
/// # Safety
/// `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_vault_close(vault: *mut phm_vault, error: *mut *mut phm_error) -> phm_status {
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, || house(vault)?.close()) }
}

/// Gives a vault back, and closes it when its sessions have been given back too. NULL and a handle that is none are left
/// alone.
#[unsafe(no_mangle)]
pub extern "C" fn phm_vault_free(vault: *mut phm_vault) {
    handles::give_back(vault, |thing| matches!(thing, Thing::Vault(_)));
}
