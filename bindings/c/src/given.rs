//! What C gave, as our types.

use std::ffi::{CStr, c_char};
use std::path::PathBuf;

use phm_core::{Error, ErrorKind};
use serde_json::Value;

fn invalid(text: &'static str) -> Error {
    Error::new(ErrorKind::Invalid, "bad-argument", text)
}

/// The text a pointer leads to.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated text that stays as it is during the call.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(invalid("a text is NULL"));
    }
    // SAFETY: the caller promises a NUL-terminated text.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| invalid("a text is not UTF-8"))
}

/// The same where NULL means that there is none.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn text_if<'a>(given: *const c_char) -> Result<Option<&'a str>, Error> {
    // SAFETY: the same promise.
    if given.is_null() { Ok(None) } else { unsafe { text(given) }.map(Some) }
}

/// # Safety
/// As [`text`].
pub(crate) unsafe fn path(given: *const c_char) -> Result<PathBuf, Error> {
    // SAFETY: the same promise.
    unsafe { text(given) }.map(PathBuf::from)
}

/// A text with its length.
///
/// # Safety
/// `data` is NULL, or points to `length` bytes that stay as they are during the call.
pub(crate) unsafe fn sized<'a>(data: *const c_char, length: usize) -> Result<&'a str, Error> {
    if data.is_null() || length > isize::MAX.unsigned_abs() {
        return Err(invalid("a text is NULL, or longer than memory"));
    }
    // SAFETY: the caller promises that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) };
    std::str::from_utf8(bytes).map_err(|_| invalid("a text is not UTF-8"))
}

/// JSON with its length; NULL with length 0 is an empty object.
///
/// # Safety
/// As [`sized`].
pub(crate) unsafe fn json(data: *const c_char, length: usize) -> Result<Value, Error> {
    if data.is_null() && length == 0 {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    // SAFETY: the same promise.
    let text = unsafe { sized(data, length) }?;
    serde_json::from_str(text).map_err(|_| invalid("the arguments are not JSON"))
}

/// Checks that there is room for an answer before the work is done.
pub(crate) fn room<T>(out: *mut T) -> Result<*mut T, Error> {
    if out.is_null() || !out.is_aligned() {
        return Err(invalid("there is no room for the answer, or it stands across the words of memory"));
    }
    Ok(out)
}
