//! `struct ArrowArrayStream`: a table, batch by batch.

use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Arc;

use phm_core::vault::flat::Table;

use crate::{ArrowArray, ArrowSchema};

/// What a callback answers where it failed: EINVAL for a stream that is none, EIO for a panic.
const EINVAL: c_int = 22;
const EIO: c_int = 5;

/// `struct ArrowArrayStream` of the Arrow C stream interface.
#[derive(Debug)]
#[repr(C)]
pub struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    private_data: *mut c_void,
}

// SAFETY: a stream is owned by whoever holds it; the table it reads is never written again.
unsafe impl Send for ArrowArrayStream {}

struct State {
    table: Arc<Table>,
    next: usize,
}

/// The schema of a table.
pub fn schema_of(table: &Table) -> ArrowSchema {
    ArrowSchema::of(table)
}

/// A stream over a table, from its first batch.
pub fn stream(table: Arc<Table>) -> ArrowArrayStream {
    let state = Box::new(State { table, next: 0 });
    ArrowArrayStream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release),
        private_data: Box::into_raw(state).cast(),
    }
}

impl ArrowArrayStream {
    /// Gives back what it holds; calling it again does nothing.
    pub fn release(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: it was not released yet, and nobody else has it.
            unsafe { release(self) }
        }
    }

    /// Whether it was released, or moved elsewhere.
    pub fn is_released(&self) -> bool {
        self.release.is_none()
    }
}

impl Drop for ArrowArrayStream {
    fn drop(&mut self) {
        self.release();
    }
}

/// The state behind a stream that was not released.
unsafe fn state<'s>(stream: *mut ArrowArrayStream) -> Option<&'s mut State> {
    // SAFETY: the interface has the consumer pass the stream it was given, and from one thread at a time.
    let stream = unsafe { stream.as_mut() }?;
    stream.release?;
    // SAFETY: until it is released, `private_data` is the `State` that `stream` put there.
    unsafe { stream.private_data.cast::<State>().as_mut() }
}

unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: as for every callback of this stream.
    let Some(state) = (unsafe { state(stream) }).filter(|_| !out.is_null()) else { return EINVAL };
    let Ok(schema) = catch_unwind(AssertUnwindSafe(|| ArrowSchema::of(&state.table))) else { return EIO };
    // SAFETY: `out` points to room for a schema, in which nothing stands that would have to be dropped.
    unsafe { out.write(schema) };
    0
}

unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    // SAFETY: as for every callback of this stream.
    let Some(state) = (unsafe { state(stream) }).filter(|_| !out.is_null()) else { return EINVAL };
    let made = catch_unwind(AssertUnwindSafe(|| ArrowArray::of(&state.table, state.next)));
    let Ok(array) = made else { return EIO };
    state.next += usize::from(array.is_some());
    // SAFETY: `out` points to room for an array, in which nothing stands that would have to be dropped.
    unsafe { out.write(array.unwrap_or(ArrowArray::empty())) };
    0
}

unsafe extern "C" fn get_last_error(stream: *mut ArrowArrayStream) -> *const c_char {
    // SAFETY: as for every callback of this stream.
    if unsafe { state(stream) }.is_some() { std::ptr::null() } else { c"the stream was released".as_ptr() }
}

unsafe extern "C" fn release(stream: *mut ArrowArrayStream) {
    // SAFETY: the interface has the consumer pass the stream it was given, or a copy whose original is marked released.
    let Some(stream) = (unsafe { stream.as_mut() }) else { return };
    if stream.release.take().is_some() && !stream.private_data.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `stream`, and `take` above has it given back once.
        drop(unsafe { Box::from_raw(stream.private_data.cast::<State>()) });
        stream.private_data = null_mut();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Arc<Table> {
        Arc::new(Table { name: "x".into(), columns: Vec::new(), batches: Vec::new() })
    }

    #[test]
    fn the_structs_have_the_sizes_of_the_interface() {
        let word = size_of::<usize>();
        assert_eq!(size_of::<ArrowSchema>(), 72 * word / 8);
        assert_eq!(size_of::<ArrowArray>(), 80 * word / 8);
        assert_eq!(size_of::<ArrowArrayStream>(), 40 * word / 8);
    }

    #[test]
    fn a_released_stream_answers_with_an_error_and_releases_once() {
        let table = table();
        let mut stream = stream(Arc::clone(&table));
        assert_eq!(Arc::strong_count(&table), 2);
        stream.release();
        stream.release();
        assert_eq!(Arc::strong_count(&table), 1);
        let mut schema = ArrowSchema::empty();
        // SAFETY: both point to values of this function.
        assert_eq!(unsafe { get_schema(&raw mut stream, &raw mut schema) }, EINVAL);
        // SAFETY: a null pointer is answered, not followed.
        assert_eq!(unsafe { get_next(null_mut(), null_mut()) }, EINVAL);
    }

    #[test]
    fn what_a_consumer_holds_keeps_the_table_until_it_is_released() {
        let table = table();
        let mut stream = stream(Arc::clone(&table));
        let mut schema = ArrowSchema::empty();
        // SAFETY: both point to values of this function.
        assert_eq!(unsafe { get_schema(&raw mut stream, &raw mut schema) }, 0);
        let mut array = ArrowArray::empty();
        // SAFETY: both point to values of this function.
        assert_eq!(unsafe { get_next(&raw mut stream, &raw mut array) }, 0);
        drop(schema);
        drop(stream);
        assert_eq!(Arc::strong_count(&table), 1);
    }
}
