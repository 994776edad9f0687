//! Sessions, and every operation by its name.

use std::ffi::c_char;
use std::sync::Arc;

use phm_core::access::Actor;
use phm_core::vault::{Session, Vault};
use phm_core::{Error, analytics};

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::handles::{self, Thing, find, keep};
use crate::text::{self, phm_text};
use crate::vault::{House, house, phm_vault};

/// Somebody at work in a vault for a purpose, which stands in the audit log of everybody they look at.
pub struct phm_session {
    _opaque: [u8; 0],
}

/// What stands behind a session's handle: enough to make one for each call, so that none keeps a closed vault locked.
pub(crate) struct Opened {
    house: Arc<House>,
    actor: Actor,
    purpose: String,
}

impl Opened {
    pub fn session(&self) -> Result<(Vault, Session), Error> {
        let vault = self.house.open()?;
        let session = vault.session(self.actor.clone(), &self.purpose)?;
        Ok((vault, session))
    }
}

pub(crate) fn opened(handle: *const phm_session) -> Result<Arc<Opened>, Error> {
    match find(handle)? {
        Thing::Session(session) => Ok(session),
        _ => Err(handles::wrong()),
    }
}

/// Lets somebody work in a vault for a purpose: the account with an e-mail address, or with NULL the operator, who holds the
/// vault's secret and may do all. The caller owns the session.
///
/// # Safety
/// `purpose` is a NUL-terminated text, `account` one or NULL; `session` points to room for a handle; `error` is NULL or points
/// to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_session_open(
    vault: *const phm_vault,
    purpose: *const c_char,
    account: *const c_char,
    session: *mut *mut phm_session,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(session)?;
        let house = house(vault)?;
        // SAFETY: the caller promises NUL-terminated texts.
        let (purpose, account) = unsafe { (given::text(purpose)?, given::text_if(account)?) };
        let operator = house.open()?.session(Actor::Operator, purpose)?;
        let actor = match account {
            Some(email) => Actor::Person { account: operator.account_by_email(email)? },
            None => Actor::Operator,
        };
        drop(operator);
        let opened = Opened { house, actor, purpose: purpose.to_owned() };
        opened.session()?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { out.write(keep(Thing::Session(Arc::new(opened)))) };
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Gives a session back. NULL and a handle that is none are left alone.
#[unsafe(no_mangle)]
pub extern "C" fn phm_session_free(session: *mut phm_session) {
    handles::give_back(session, |thing| matches!(thing, Thing::Session(_)));
}

/// Does the operation named `op`: `profiles add_profile put get amend remove restore history list search timeline who_looked
/// add_document save_document add_samples samples buckets import_file export verify backup stats …`, the names and arguments
/// of the Python module. The arguments are a JSON object, `length` bytes of UTF-8; the caller owns the answer, which is JSON.
///
/// # Safety
/// `op` is a NUL-terminated text; `args` points to `length` bytes, or is NULL with length 0; `answer` points to room for a
/// handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_call(
    session: *const phm_session,
    op: *const c_char,
    args: *const c_char,
    length: usize,
    answer: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(answer)?;
        // SAFETY: the caller promises a NUL-terminated text and that many bytes.
        let (op, args) = unsafe { (given::text(op)?, given::json(args, length)?) };
        let (vault, session) = opened(session)?.session()?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { text::answer(out, &vault.call(&session, op, &args)?) }
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

/// Does one of the operations that need no vault: `calculators calculate parse_dose convert schedule supply trend …`. As
/// `phm_call` otherwise.
///
/// # Safety
/// As `phm_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_calculate(
    op: *const c_char,
    args: *const c_char,
    length: usize,
    answer: *mut *mut phm_text,
    error: *mut *mut phm_error,
) -> phm_status {
    let work = || {
        let out = given::room(answer)?;
        // SAFETY: the caller promises a NUL-terminated text and that many bytes.
        let (op, args) = unsafe { (given::text(op)?, given::json(args, length)?) };
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { text::answer(out, &analytics::call(op, &args)?.to_string()) }
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}
