//! The records of one person: what programs do most, without building arguments.

use std::ffi::c_char;

use phm_core::Error;
use serde_json::{Value, json};

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::session::{opened, phm_session};
use crate::text::{self, phm_text};

/// # Safety
/// `answer` is NULL or points to room for a handle; `error` is NULL or points to room for a handle.
unsafe fn does(
    session: *const phm_session,
    op: &str,
    args: impl FnOnce() -> Result<Value, Error>,
    answer: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(answer)?;
        let args = args()?;
        let (vault, session) = opened(session)?.session()?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { text::answer(out, &vault.call(&session, op, &args)?) }
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Adds a record of `kind`: `body` is JSON, `length` bytes. The caller owns the answer, the record as JSON.
///
/// # Safety
/// `profile` and `kind` are NUL-terminated texts; `body` points to `length` bytes; `record` points to room for a handle;
/// `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_put(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    body: *const c_char,
    length: usize,
    record: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    let args = || unsafe {
        let body = given::json(body, length)?;
        Ok(json!({"profile": given::text(profile)?, "kind": given::text(kind)?, "body": body}))
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "put", args, record, error) }
}

/// The newest version of a record. The caller owns the answer.
///
/// # Safety
/// `profile`, `kind` and `id` are NUL-terminated texts; `record` points to room for a handle; `error` is NULL or points to
/// room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_get(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    id: *const c_char,
    record: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "get", || named(profile, kind, id), record, error) }
}

/// Replaces the body of a record that still is at version `based_on`; else `PHM_CONFLICT`. The caller owns the answer.
///
/// # Safety
/// As `phm_record_put`, with `id` a NUL-terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_amend(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    id: *const c_char,
    based_on: u32,
    body: *const c_char,
    length: usize,
    record: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    let args = || unsafe {
        let mut args = named(profile, kind, id)?;
        args["based_on"] = based_on.into();
        args["body"] = given::json(body, length)?;
        Ok(args)
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "amend", args, record, error) }
}

/// Removes a record that still is at version `based_on`; its history stays. The caller owns the answer.
///
/// # Safety
/// As `phm_record_get`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_remove(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    id: *const c_char,
    based_on: u32,
    record: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    let args = || unsafe {
        let mut args = named(profile, kind, id)?;
        args["based_on"] = based_on.into();
        Ok(args)
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "remove", args, record, error) }
}

/// Brings a removed record back, or with a `version` other than 0 the body it had then. The caller owns the answer.
///
/// # Safety
/// As `phm_record_get`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_restore(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    id: *const c_char,
    based_on: u32,
    version: u32,
    record: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    let args = || unsafe {
        let mut args = named(profile, kind, id)?;
        args["based_on"] = based_on.into();
        if version != 0 {
            args["version"] = version.into();
        }
        Ok(args)
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "restore", args, record, error) }
}

/// Every version of a record, oldest first. The caller owns the answer, a JSON list.
///
/// # Safety
/// As `phm_record_get`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_record_history(
    session: *const phm_session,
    profile: *const c_char,
    kind: *const c_char,
    id: *const c_char,
    versions: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { does(session, "history", || named(profile, kind, id), versions, error) }
}

/// # Safety
/// All three are NUL-terminated texts, or NULL.
unsafe fn named(profile: *const c_char, kind: *const c_char, id: *const c_char) -> Result<Value, Error> {
    // SAFETY: the caller's promises, passed on.
    unsafe { Ok(json!({"profile": given::text(profile)?, "kind": given::text(kind)?, "id": given::text(id)?})) }
}
