//! Tables as Arrow C streams.

use std::ffi::c_char;
use std::sync::Arc;

use phm_arrow::{ArrowArrayStream, stream};
use phm_core::Error;
use phm_core::vault::call::{export_secret, flat_query};
use phm_core::vault::{Session, flat};

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::session::{opened, phm_session};
use crate::text::{self, phm_text};

/// # Safety
/// `query` points to `length` bytes, or is NULL with length 0; `out` points to room for a stream; `error` is NULL or points to
/// room for a handle.
unsafe fn table(
    session: *const phm_session,
    query: *const c_char,
    length: usize,
    out: *mut ArrowArrayStream,
    error: *mut *mut phm_error,
    read: impl FnOnce(&Session, &flat::FlatQuery) -> Result<flat::Table, Error>,
) -> phm_status {
    let work = || {
        let out = given::room(out)?;
        // SAFETY: the caller promises that many bytes.
        let query = flat_query(&unsafe { given::json(query, length) }?)?;
        let (_vault, session) = opened(session)?.session()?;
        let table = read(&session, &query)?;
        // SAFETY: `out` is not NULL, and the caller promises room in which nothing stands that would have to be released.
        unsafe { out.write(stream(Arc::new(table))) };
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// The records of `kind` as an Arrow C stream, for any library that reads one. `query` is JSON,
/// `{"profiles":[…],"codes":[…],"since":"2016","until":"…"}` with all of it optional; NULL with length 0 asks for everything.
///
/// On success the caller owns the stream and releases it by its own `release`; on failure it is untouched.
///
/// # Safety
/// `kind` is a NUL-terminated text; `query` points to `length` bytes, or is NULL with length 0; `stream` points to room for a
/// stream; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_table(
    session: *const phm_session,
    kind: *const c_char,
    query: *const c_char,
    length: usize,
    stream: *mut ArrowArrayStream,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { table(session, query, length, stream, error, |session, query| session.table(given::text(kind)?, query)) }
}

/// The records of `kind` without what names a person, as `phm_table` gives them, and a report of what went: names, places, free
/// text, identifiers; dates move by the same span for one person, ids become others. `secret` are at least 16 characters,
/// `secret_length` bytes: tables with the same secret fit together. NULL with length 0 is a random one that nobody keeps.
///
/// On success the caller owns the stream and the report, which is JSON; on failure both are untouched.
///
/// # Safety
/// As `phm_table`; `secret` points to `secret_length` bytes, or is NULL with length 0; `report` points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_table_deidentified(
    session: *const phm_session,
    kind: *const c_char,
    query: *const c_char,
    length: usize,
    secret: *const c_char,
    secret_length: usize,
    stream: *mut ArrowArrayStream,
    report: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let read = |session: &Session, query: &flat::FlatQuery| -> Result<flat::Table, Error> {
        let report_out = given::room(report)?;
        let random = secret.is_null() && secret_length == 0;
        // SAFETY: the caller promises that many bytes.
        let words = if random { None } else { Some(unsafe { given::sized(secret, secret_length) }?) };
        let secret = export_secret(words)?;
        // SAFETY: the caller promises a NUL-terminated text.
        let kind = unsafe { given::text(kind) }?;
        let (table, went) = session.deidentified_table(kind, query, secret.as_bytes())?;
        let went = serde_json::to_string(&went).map_err(|_| Error::internal("an answer is not JSON"))?;
        // SAFETY: `report` is not NULL, and the caller promises room.
        unsafe { text::answer(report_out, &went) }?;
        Ok(table)
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { table(session, query, length, stream, error, read) }
}

/// The samples of every series with any of the codes as an Arrow C stream: `profile series at value unit`. As `phm_table`
/// otherwise.
///
/// # Safety
/// As `phm_table`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_samples(
    session: *const phm_session,
    query: *const c_char,
    length: usize,
    stream: *mut ArrowArrayStream,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { table(session, query, length, stream, error, Session::sample_table) }
}
