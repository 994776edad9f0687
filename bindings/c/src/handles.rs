//! Handles: numbers that look like pointers, and what each stands for.
//!
//! Numbers are never used twice, so what was given back stays unknown. After a fork the child has an empty table and goes on
//! counting: the handles of its parent are told from wrong ones, and no lock that a thread of the parent held is waited for.

use std::collections::HashMap;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use phm_core::crypto::secret::Secret;
use phm_core::{Error, ErrorKind};

use crate::error::Failed;
use crate::session::Opened;
use crate::vault::House;

/// What a handle stands for.
#[derive(Clone)]
pub(crate) enum Thing {
    Secret(Arc<Secret>),
    Vault(Arc<House>),
    Session(Arc<Opened>),
    Text(Arc<CString>),
    Error(Arc<Failed>),
}

struct Handles {
    process: u32,
    first: usize,
    things: Mutex<HashMap<usize, Thing>>,
}

static HANDLES: AtomicPtr<Handles> = AtomicPtr::new(std::ptr::null_mut());
/// Handles keep away from NULL and from each other, so that arithmetic on one does not find its neighbour.
static NEXT: AtomicUsize = AtomicUsize::new(0x10000);
const STEP: usize = 0x10;

fn handles() -> &'static Handles {
    let process = std::process::id();
    loop {
        let known = HANDLES.load(Ordering::Acquire);
        // SAFETY: what stands here was made by `Box::into_raw` below and is never given back.
        if let Some(handles) = unsafe { known.as_ref() }.filter(|handles| handles.process == process) {
            return handles;
        }
        let first = NEXT.load(Ordering::Relaxed);
        let fresh = Box::into_raw(Box::new(Handles { process, first, things: Mutex::default() }));
        if HANDLES.compare_exchange(known, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: another thread was first, so nobody has seen this one.
            drop(unsafe { Box::from_raw(fresh) });
        }
        // The table of the parent is left as it is: what it holds belongs to the parent's threads.
    }
}

/// A new handle for a thing.
pub(crate) fn keep<H>(thing: Thing) -> *mut H {
    // The table before the number: what is counted before there is a table belongs to a parent.
    let all = handles();
    let number = NEXT.fetch_add(STEP, Ordering::Relaxed);
    all.things.lock().unwrap_or_else(PoisonError::into_inner).insert(number, thing);
    std::ptr::without_provenance_mut(number)
}

/// What a handle stands for.
pub(crate) fn find<H>(handle: *const H) -> Result<Thing, Error> {
    let (all, number) = (handles(), handle.addr());
    let found = all.things.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
    found.ok_or_else(|| {
        if number >= 0x10000 && number < all.first {
            let text = "this handle belongs to the process this one was forked from; open the vault again";
            return Error::new(ErrorKind::Unsupported, "forked", text);
        }
        wrong()
    })
}

/// Gives a handle back; NULL and a handle that is none are left alone.
pub(crate) fn give_back<H>(handle: *mut H, is_one: fn(&Thing) -> bool) {
    let mut things = handles().things.lock().unwrap_or_else(PoisonError::into_inner);
    let gone = if things.get(&handle.addr()).is_some_and(is_one) { things.remove(&handle.addr()) } else { None };
    drop(things);
    // Outside the lock: closing a vault may take a while. A panic has nobody to be told to, and must not get as far as C.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(gone)));
}

/// The handle is NULL, of another type, or was given back.
pub(crate) fn wrong() -> Error {
    Error::new(ErrorKind::Invalid, "bad-handle", "the handle is NULL, of another type, or was given back")
}
