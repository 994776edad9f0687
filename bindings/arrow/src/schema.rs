//! `struct ArrowSchema`: names and types of columns.

use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;

use phm_core::vault::flat::{Column, Of, Table};

/// Set where a column may have rows without a value.
const NULLABLE: i64 = 2;

/// `struct ArrowSchema` of the Arrow C data interface.
#[derive(Debug)]
#[repr(C)]
pub struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut ArrowSchema,
    dictionary: *mut ArrowSchema,
    release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    private_data: *mut c_void,
}

// SAFETY: a schema is owned by whoever holds it and has no state that belongs to a thread.
unsafe impl Send for ArrowSchema {}

/// What a schema points to; dropped when it is released.
struct Kept {
    name: CString,
    metadata: Vec<u8>,
    children: Vec<*mut ArrowSchema>,
    dictionary: *mut ArrowSchema,
}

impl Drop for Kept {
    fn drop(&mut self) {
        for child in self.children.iter().copied().chain([self.dictionary]).filter(|child| !child.is_null()) {
            // SAFETY: each child was made by `Box::into_raw` in `ArrowSchema::new` and is given back once, here.
            // A child the consumer has moved out of is marked as released, and dropping it does nothing.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}

impl ArrowSchema {
    /// A schema that is released already, for a consumer to be filled in.
    pub const fn empty() -> Self {
        Self {
            format: std::ptr::null(),
            name: std::ptr::null(),
            metadata: std::ptr::null(),
            flags: 0,
            n_children: 0,
            children: null_mut(),
            dictionary: null_mut(),
            release: None,
            private_data: null_mut(),
        }
    }

    fn new(
        format: &'static std::ffi::CStr,
        name: &str,
        notes: &[(&str, &str)],
        children: Vec<Self>,
        dictionary: Option<Self>,
    ) -> Self {
        let boxed = |schema| Box::into_raw(Box::new(schema));
        let name = CString::new(name.replace('\0', "")).unwrap_or_default();
        let mut kept = Box::new(Kept {
            metadata: metadata(notes),
            name,
            children: children.into_iter().map(boxed).collect(),
            dictionary: dictionary.map_or(null_mut(), boxed),
        });
        Self {
            format: format.as_ptr(),
            name: kept.name.as_ptr(),
            metadata: if notes.is_empty() { std::ptr::null() } else { kept.metadata.as_ptr().cast() },
            flags: NULLABLE,
            n_children: i64::try_from(kept.children.len()).unwrap_or(0),
            children: kept.children.as_mut_ptr(),
            dictionary: kept.dictionary,
            release: Some(release),
            private_data: Box::into_raw(kept).cast(),
        }
    }

    /// The schema of a table: a struct with a field for each column.
    pub fn of(table: &Table) -> Self {
        let children = table.columns.iter().map(field).collect();
        Self::new(c"+s", "", &[("phm.table", &table.name)], children, None)
    }
}

impl Drop for ArrowSchema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: it was not released yet, and nobody else has it.
            unsafe { release(self) }
        }
    }
}

fn field(column: &Column) -> ArrowSchema {
    let mut notes = vec![("description", column.doc.as_str())];
    if let Some(unit) = &column.unit {
        notes.push(("unit", unit));
    }
    let (format, dictionary) = match column.of {
        Of::Text => (c"u", None),
        Of::Word => (c"i", Some(ArrowSchema::new(c"u", "", &[], Vec::new(), None))),
        Of::Integer => (c"l", None),
        Of::Number => (c"g", None),
        Of::Boolean => (c"b", None),
        Of::Moment => (c"tsm:UTC", None),
    };
    ArrowSchema::new(format, &column.name, &notes, Vec::new(), dictionary)
}

/// Keys and values in the form of the C data interface: a count, then each text behind its length, in the order of bytes
/// of the machine.
fn metadata(notes: &[(&str, &str)]) -> Vec<u8> {
    let number = |length: usize| i32::try_from(length).unwrap_or(0).to_ne_bytes();
    let mut out = number(notes.len()).to_vec();
    for text in notes.iter().flat_map(|(key, value)| [key, value]) {
        out.extend(number(text.len()));
        out.extend(text.as_bytes());
    }
    out
}

unsafe extern "C" fn release(schema: *mut ArrowSchema) {
    // SAFETY: the interface has the consumer pass the schema it was given, or a copy whose original is marked released.
    let Some(schema) = (unsafe { schema.as_mut() }) else { return };
    if schema.release.take().is_some() && !schema.private_data.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `ArrowSchema::new`, and `take` above has it given back once.
        drop(unsafe { Box::from_raw(schema.private_data.cast::<Kept>()) });
        schema.private_data = null_mut();
    }
}
