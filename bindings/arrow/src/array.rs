//! `struct ArrowArray`: the values of one batch.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Arc;

use phm_core::vault::flat::{Bits, Filled, Strings, Table, Values};

/// `struct ArrowArray` of the Arrow C data interface.
#[derive(Debug)]
#[repr(C)]
pub struct ArrowArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut ArrowArray,
    dictionary: *mut ArrowArray,
    release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    private_data: *mut c_void,
}

// SAFETY: an array is owned by whoever holds it; what it points to is never written again.
unsafe impl Send for ArrowArray {}

/// What an array points to; dropped when it is released.
struct Kept {
    /// Owns the values themselves.
    _table: Arc<Table>,
    buffers: Vec<*const c_void>,
    children: Vec<*mut ArrowArray>,
    dictionary: *mut ArrowArray,
}

impl Drop for Kept {
    fn drop(&mut self) {
        for child in self.children.iter().copied().chain([self.dictionary]).filter(|child| !child.is_null()) {
            // SAFETY: each child was made by `Box::into_raw` in `ArrowArray::new` and is given back once, here.
            // A child the consumer has moved out of is marked as released, and dropping it does nothing.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).expect("what is in memory has fewer than 2^63 parts")
}

impl ArrowArray {
    /// An array that is released already: the end of a stream.
    pub const fn empty() -> Self {
        Self {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: null_mut(),
            children: null_mut(),
            dictionary: null_mut(),
            release: None,
            private_data: null_mut(),
        }
    }

    fn new(
        table: &Arc<Table>,
        (length, null_count): (usize, usize),
        buffers: Vec<*const c_void>,
        children: Vec<Self>,
        dictionary: Option<Self>,
    ) -> Self {
        let boxed = |array| Box::into_raw(Box::new(array));
        let mut kept = Box::new(Kept {
            _table: Arc::clone(table),
            buffers,
            children: children.into_iter().map(boxed).collect(),
            dictionary: dictionary.map_or(null_mut(), boxed),
        });
        Self {
            length: signed(length),
            null_count: signed(null_count),
            offset: 0,
            n_buffers: signed(kept.buffers.len()),
            n_children: signed(kept.children.len()),
            buffers: kept.buffers.as_mut_ptr(),
            children: kept.children.as_mut_ptr(),
            dictionary: kept.dictionary,
            release: Some(release),
            private_data: Box::into_raw(kept).cast(),
        }
    }

    /// Batch number `at` of a table, from 0.
    pub fn of(table: &Arc<Table>, at: usize) -> Option<Self> {
        let batch = table.batches.get(at)?;
        let children = batch.columns.iter().map(|column| Self::column(table, column, batch.rows)).collect();
        Some(Self::new(table, (batch.rows, 0), vec![std::ptr::null()], children, None))
    }

    fn column(table: &Arc<Table>, column: &Filled, rows: usize) -> Self {
        let nulls = column.valid.as_ref().map_or(0, Bits::zeros);
        let valid = column.valid.as_ref().map_or(std::ptr::null(), |bits| start(bits.bytes()));
        let new = |values: &[*const c_void], dictionary| {
            let buffers = [&[valid], values].concat();
            Self::new(table, (rows, nulls), buffers, Vec::new(), dictionary)
        };
        match &column.values {
            Values::Text(texts) => new(&[start(texts.offsets()), start(texts.text())], None),
            Values::Word(places, words) => new(&[start(places)], Some(Self::words(table, words))),
            Values::Integer(all) => new(&[start(all)], None),
            Values::Number(all) => new(&[start(all)], None),
            Values::Boolean(all) => new(&[start(all.bytes())], None),
        }
    }

    fn words(table: &Arc<Table>, words: &Strings) -> Self {
        let buffers = vec![std::ptr::null(), start(words.offsets()), start(words.text())];
        Self::new(table, (words.len(), 0), buffers, Vec::new(), None)
    }
}

/// Where values stand.
fn start<T>(values: &[T]) -> *const c_void {
    values.as_ptr().cast()
}

impl Drop for ArrowArray {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: it was not released yet, and nobody else has it.
            unsafe { release(self) }
        }
    }
}

unsafe extern "C" fn release(array: *mut ArrowArray) {
    // SAFETY: the interface has the consumer pass the array it was given, or a copy whose original is marked released.
    let Some(array) = (unsafe { array.as_mut() }) else { return };
    if array.release.take().is_some() && !array.private_data.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `ArrowArray::new`, and `take` above has it given back once.
        drop(unsafe { Box::from_raw(array.private_data.cast::<Kept>()) });
        array.private_data = null_mut();
    }
}
