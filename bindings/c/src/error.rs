//! Errors as objects, the numbers of their kinds, and the guard around every function.

use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use phm_core::{Error, ErrorKind};

use crate::handles::{self, Thing, find, keep};

/// How a call ended: `PHM_OK`, or the kind of its error. The numbers never change.
pub type phm_status = i32;

/// It was done.
pub const PHM_OK: phm_status = 0;
/// The input breaks a rule; the error's JSON says where.
pub const PHM_INVALID: phm_status = 1;
/// There is no such thing, or none that the caller may know of.
pub const PHM_NOT_FOUND: phm_status = 2;
/// The version the caller started from is no longer the newest.
pub const PHM_CONFLICT: phm_status = 3;
/// The policy refuses.
pub const PHM_DENIED: phm_status = 4;
/// The vault is locked, or was closed.
pub const PHM_LOCKED: phm_status = 5;
/// The secret opens none of the slots.
pub const PHM_WRONG_SECRET: phm_status = 6;
/// Stored bytes are damaged.
pub const PHM_CORRUPT: phm_status = 7;
/// This build, format or process cannot do that.
pub const PHM_UNSUPPORTED: phm_status = 8;
/// The value is larger than the vault takes.
pub const PHM_TOO_LARGE: phm_status = 9;
/// Somebody else holds it; try again later.
pub const PHM_BUSY: phm_status = 10;
/// The operating system refused.
pub const PHM_IO: phm_status = 11;
/// A promise inside PHM was broken: a bug.
pub const PHM_INTERNAL: phm_status = 12;

/// Why a call failed. It never carries a name, a value or a diagnosis.
pub struct phm_error {
    _opaque: [u8; 0],
}

/// What stands behind an error's handle.
pub(crate) struct Failed {
    status: phm_status,
    code: CString,
    message: CString,
    json: CString,
}

impl Failed {
    fn new(error: &Error) -> Self {
        let json = serde_json::json!({
            "code": error.code(),
            "message": error.to_string(),
            "details": error.details(),
            "current_version": error.current_version(),
            "data": error.data(),
        });
        Self {
            status: error.kind() as phm_status,
            code: text(error.code()),
            message: text(&error.to_string()),
            json: text(&json.to_string()),
        }
    }
}

fn text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Runs the work of a function: its error becomes a status and, where the caller wants one, an object.
///
/// # Safety
/// `error` is NULL or points to room for a handle.
pub(crate) unsafe fn guard(error: *mut *mut phm_error, work: impl FnOnce() -> Result<(), Error>) -> phm_status {
    let done = catch_unwind(AssertUnwindSafe(work));
    let failed = match done {
        Ok(Ok(())) => return PHM_OK,
        Ok(Err(failed)) => failed,
        // What a panic says may carry anything, so it is not passed on.
        Err(_) => Error::new(ErrorKind::Internal, "internal", "a promise inside PHM was broken; please report it"),
    };
    let status = failed.kind() as phm_status;
    if !error.is_null() && error.is_aligned() {
        let object = keep(Thing::Error(Arc::new(Failed::new(&failed))));
        // SAFETY: the caller promises room for a handle.
        unsafe { error.write(object) };
    }
    status
}

fn failed(error: *const phm_error) -> Option<Arc<Failed>> {
    match find(error) {
        Ok(Thing::Error(failed)) => Some(failed),
        _ => None,
    }
}

/// The kind of an error; `PHM_INVALID` for a handle that is none.
#[unsafe(no_mangle)]
pub extern "C" fn phm_error_status(error: *const phm_error) -> phm_status {
    failed(error).map_or(PHM_INVALID, |failed| failed.status)
}

/// The stable code of an error, for example `not-granted`; empty for a handle that is none.
///
/// The text is the error's and lasts until `phm_error_free`.
#[unsafe(no_mangle)]
pub extern "C" fn phm_error_code(error: *const phm_error) -> *const c_char {
    failed(error).map_or(c"".as_ptr(), |failed| failed.code.as_ptr())
}

/// What went wrong and what to do, in English, for a log; people read the text of their language, looked up by code.
///
/// The text is the error's and lasts until `phm_error_free`.
#[unsafe(no_mangle)]
pub extern "C" fn phm_error_message(error: *const phm_error) -> *const c_char {
    failed(error).map_or(c"".as_ptr(), |failed| failed.message.as_ptr())
}

/// All of an error as JSON: `{"code","message","details":[{"path","code"}],"current_version","data"}`.
///
/// The text is the error's and lasts until `phm_error_free`.
#[unsafe(no_mangle)]
pub extern "C" fn phm_error_json(error: *const phm_error) -> *const c_char {
    failed(error).map_or(c"".as_ptr(), |failed| failed.json.as_ptr())
}

/// Gives an error back; NULL and a handle that is none are left alone.
#[unsafe(no_mangle)]
pub extern "C" fn phm_error_free(error: *mut phm_error) {
    handles::give_back(error, |thing| matches!(thing, Thing::Error(_)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_an_error_that_does_not_say_what_it_was_about() {
        let mut object: *mut phm_error = std::ptr::null_mut();
        // SAFETY: there is room for a handle.
        let status = unsafe { guard(&raw mut object, || panic!("about Zebediah")) };
        assert_eq!((status, phm_error_status(object)), (PHM_INTERNAL, PHM_INTERNAL));
        let found = failed(object).expect("an error");
        assert_eq!(found.code.to_str(), Ok("internal"));
        assert!(!found.message.to_string_lossy().contains("Zebediah"));
        assert!(!found.json.to_string_lossy().contains("Zebediah"));
        // SAFETY: NULL is no room, and nothing is written there.
        assert_eq!(unsafe { guard(std::ptr::null_mut(), || panic!("about Zebediah")) }, PHM_INTERNAL);
        phm_error_free(object);
        assert_eq!(phm_error_status(object), PHM_INVALID);
        assert!(failed(object).is_none(), "it was given back");
    }
}
