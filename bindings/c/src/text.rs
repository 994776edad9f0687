//! Texts that the library made.

use std::ffi::{CString, c_char};
use std::sync::Arc;

use phm_core::Error;

use crate::error::{phm_error, phm_status};
use crate::handles::{self, Thing, find, keep};
use crate::{error, given};

/// A text that a call answered with: UTF-8, usually JSON.
pub struct phm_text {
    _opaque: [u8; 0],
}

/// Stores a text for the caller.
///
/// # Safety
/// `out` was checked by [`given::room`] and has room for a handle.
pub(crate) unsafe fn answer(out: *mut *mut phm_text, text: &str) -> Result<(), Error> {
    let text = CString::new(text).map_err(|_| Error::internal("an answer holds a NUL"))?;
    let handle = keep(Thing::Text(Arc::new(text)));
    // SAFETY: the caller promises room for a handle.
    unsafe { out.write(handle) };
    Ok(())
}

/// Where a text stands and how long it is, without the NUL behind it.
///
/// The bytes are the text's and last until `phm_text_free`. `length` may be NULL.
///
/// # Safety
/// `data` points to room for a pointer; `length` and `error` are NULL or point to room for theirs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_text_data(
    text: *const phm_text,
    data: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let data = given::room(data)?;
        let length = if length.is_null() { None } else { Some(given::room(length)?) };
        let Thing::Text(text) = find(text)? else { return Err(handles::wrong()) };
        // SAFETY: `data` is not NULL, and the caller promises room; the table keeps the text where it is.
        unsafe { data.write(text.as_ptr()) };
        if let Some(length) = length {
            // SAFETY: it is not NULL, and the caller promises room.
            unsafe { length.write(text.as_bytes().len()) };
        }
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { error::guard(error, work) }
}

/// Gives a text back; NULL and a handle that is none are left alone.
#[unsafe(no_mangle)]
pub extern "C" fn phm_text_free(text: *mut phm_text) {
    handles::give_back(text, |thing| matches!(thing, Thing::Text(_)));
}
