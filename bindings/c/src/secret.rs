//! Secrets that open vaults.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

use phm_core::crypto::secret::{KeyProvider, Secret, make_key_file};
use phm_core::{Error, ErrorKind};
use zeroize::Zeroizing;

use crate::error::{guard, phm_error, phm_status};
use crate::given;
use crate::handles::{self, Thing, find, keep};

/// What opens a vault: a passphrase, a key file, a recovery code, or the key of a provider.
pub struct phm_secret {
    _opaque: [u8; 0],
}

/// Writes the 32 bytes of a key to `key` and answers 0; anything else means that there is none.
///
/// It is called once, during `phm_secret_provided`, on the same thread. It returns: no exception and no longjmp leaves it.
pub type phm_key_provider = Option<unsafe extern "C" fn(context: *mut c_void, key: *mut u8) -> c_int>;

/// # Safety
/// `out` and `error` are as the functions below promise.
unsafe fn made(
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
    make: impl FnOnce() -> Result<Secret, Error>,
) -> phm_status {
    let work = || {
        let out = given::room(out)?;
        let secret = make()?;
        // SAFETY: `out` is not NULL, and the caller promises room.
        unsafe { out.write(keep(Thing::Secret(Arc::new(secret)))) };
        Ok(())
    };
    // SAFETY: the caller promises room for a handle, or NULL.
    unsafe { guard(error, work) }
}

pub(crate) fn secret(handle: *const phm_secret) -> Result<Arc<Secret>, Error> {
    match find(handle)? {
        Thing::Secret(secret) => Ok(secret),
        _ => Err(handles::wrong()),
    }
}

/// The secret of a passphrase: `length` bytes of UTF-8, which are copied. Wipe your own when you need them no more.
///
/// # Safety
/// `words` points to `length` bytes; `out` to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_secret_passphrase(
    words: *const c_char,
    length: usize,
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { made(out, error, || Ok(Secret::passphrase(given::sized(words, length)?))) }
}

/// The secret in a key file: 64 hexadecimal digits.
///
/// # Safety
/// `path` is a NUL-terminated text; `out` points to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_secret_key_file(
    path: *const c_char,
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { made(out, error, || Ok(Secret::key_file(&given::path(path)?)?)) }
}

/// Makes a key file with a new random key, which must not exist yet, and its secret.
///
/// # Safety
/// `path` is a NUL-terminated text; `out` points to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_secret_make_key_file(
    path: *const c_char,
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { made(out, error, || Ok(make_key_file(&given::path(path)?)?)) }
}

/// The secret of a recovery code as somebody typed it.
///
/// # Safety
/// `code` points to `length` bytes; `out` to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_secret_recovery_code(
    code: *const c_char,
    length: usize,
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
) -> phm_status {
    // SAFETY: the caller's promises, passed on.
    unsafe { made(out, error, || Ok(Secret::recovery_code(given::sized(code, length)?)?)) }
}

/// The secret that a provider keeps: a key store, a key management service, a token. `context` is passed to it as it is.
///
/// # Safety
/// `provider` writes 32 bytes and no more; `out` points to room for a handle; `error` is NULL or points to room for a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn phm_secret_provided(
    provider: phm_key_provider,
    context: *mut c_void,
    out: *mut *mut phm_secret,
    error: *mut *mut phm_error,
) -> phm_status {
    struct Asked(unsafe extern "C" fn(*mut c_void, *mut u8) -> c_int, *mut c_void);

    impl KeyProvider for Asked {
        fn key(&self) -> std::io::Result<Zeroizing<[u8; 32]>> {
            let mut key = Zeroizing::new([0; 32]);
            // SAFETY: the caller promises a function that writes 32 bytes.
            match unsafe { (self.0)(self.1, key.as_mut_ptr()) } {
                0 => Ok(key),
                _ => Err(std::io::Error::other("the key provider gave no key")),
            }
        }
    }

    let make = || {
        let missing = || Error::new(ErrorKind::Invalid, "bad-argument", "the key provider is NULL");
        Ok(Secret::provided(&Asked(provider.ok_or_else(missing)?, context))?)
    };
    // SAFETY: the caller's promises, passed on.
    unsafe { made(out, error, make) }
}

/// Gives a secret back; it is wiped. NULL and a handle that is none are left alone.
#[unsafe(no_mangle)]
pub extern "C" fn phm_secret_free(secret: *mut phm_secret) {
    handles::give_back(secret, |thing| matches!(thing, Thing::Secret(_)));
}
