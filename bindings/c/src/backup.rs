//! Backups: opened for reading, restored, tried out.

use std::ffi::c_char;
use std::sync::Arc;

use phm_core::backup;
use phm_core::vault::{Options, Vault};
use phm_core::{Error, ErrorKind};

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::handles::{Thing, keep};
use crate::secret::{phm_secret, secret};
use crate::text::{self, phm_text};
use crate::vault::{House, options, phm_vault};

/// Opens the backup `file` for reading only. It is verified and unpacked, sealed as it is, into `scratch`, which must not
/// exist yet and is removed when the vault is closed.
///
/// # Safety
/// `file` and `scratch` are NUL-terminated texts; `vault` points to room for a handle; `error` is NULL or points to room for
/// a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_vault_open_backup(
    file: *const c_char,
    scratch: *const c_char,
    with: *const phm_secret,
    vault: *mut *mut phm_vault,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(vault)?;
        // SAFETY: the caller promises NUL-terminated texts.
        let (file, scratch) = unsafe { (given::path(file)?, given::path(scratch)?) };
        let secret = secret(with)?;
        if scratch.exists() {
            let text = "the folder for unpacking exists already; choose another one";
            return Err(Error::new(ErrorKind::Conflict, "not-empty", text));
        }
        backup::restore(&file, &scratch, &secret, options())?;
        let opened = Vault::open(&scratch, &secret, Options { read_only: true, ..options() });
        let opened = opened.inspect_err(|_| {
            // It is of no use to anybody; why it did not open is what counts.
            let _ = std::fs::remove_dir_all(&scratch);
        })?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { out.write(keep(Thing::Vault(Arc::new(House::new(opened, Some(scratch)))))) };
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Restores the backup `file` into an empty or new folder and verifies it; the caller owns the report, which is JSON.
///
/// # Safety
/// `file` and `folder` are NUL-terminated texts; `report` points to room for a handle; `error` is NULL or points to room for
/// a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_backup_restore(
    file: *const c_char,
    folder: *const c_char,
    with: *const phm_secret,
    report: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(report)?;
        // SAFETY: the caller promises NUL-terminated texts.
        let (file, folder) = unsafe { (given::path(file)?, given::path(folder)?) };
        let done = backup::restore(&file, &folder, &*secret(with)?, options())?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { text::answer(out, &shown(&done)?) }
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Tries a backup out: restores it beside itself, verifies everything, removes it again. The caller owns the report.
///
/// # Safety
/// `file` is a NUL-terminated text; `report` points to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_backup_drill(
    file: *const c_char,
    with: *const phm_secret,
    report: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(report)?;
        // SAFETY: the caller promises a NUL-terminated text.
        let file = unsafe { given::path(file) }?;
        let done = backup::drill(&file, &*secret(with)?, options())?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { text::answer(out, &shown(&done)?) }
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

fn shown(report: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(report).map_err(|_| Error::internal("an answer is not JSON"))
}
