//! All cryptography of PHM: the keys, what wraps what, and the sealed forms that stand on disk.
//!
//! Nothing outside this folder names a cipher. The promise: a stolen disk shows sizes and times, nothing else;
//! a sealed body that was changed, cut, swapped or moved to another address does not open; and no key is ever
//! printed.
//!
//! ```text
//!  passphrase            key file           recovery code         what a person keeps           secret
//!      | Argon2id            | HKDF               | HKDF                                        kdf
//!      +---------------------+--------------------+
//!                            | wraps, once per slot                                             slot
//!                       unlock key
//!                            | wraps                                                            slot
//!                        root key        only wraps; rotated whenever somebody is erased        unlock
//!                            | wraps, bound to vault, owner and epoch                           keyring
//!     +-----------+----------+----------+-----------+------------+------------+
//!  profile key, index key  audit key  checkpoint  state key   token key   backup key
//!  about key    (blinds    (one per   seed (one   |                                             secret
//!  (each per     addresses) log)      per log)    |
//!   person)                                       |
//!     |           blind        |                  |
//!     +------------------------+------------------+
//!     | HKDF with a fresh salt per body, per sealed file
//!  body key (seals exactly once, nonce zero)   file key (nonce = chunk number)            seal, stream
//! ```
//!
//! The about key seals what the audit log says about a person inside; it stays when their profile key is rotated.
//! Randomness comes from the operating system and is taken in this file and nowhere else: by [`random`], and for
//! [`certificate_key`], whose bytes ring chooses itself.

mod aead;
pub mod blind;
mod bytes;
mod certificate;
mod copies;
pub mod digest;
pub mod durable;
mod error;
pub mod jwe;
pub mod kdf;
pub mod keyring;
mod part;
pub mod seal;
pub mod secret;
pub mod slot;
pub mod stream;
pub mod unlock;
#[cfg(test)]
mod vectors;
mod wrap;

pub use aead::Suite;
pub use certificate::certificate_key;
pub use error::CryptoError;
pub use seal::{MAX_BODY, MAX_PART, Opened, Prepared, epoch_of, is_full_part, open, reopen, seal};
pub use stream::{StreamReader, StreamWriter};

use ring::rand::{SecureRandom as _, SystemRandom};

/// `N` random bytes from the operating system; the one place in PHM where randomness is taken.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    source().fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// What [`random`] takes from, for the one key in this folder whose bytes ring chooses itself.
fn source() -> SystemRandom {
    SystemRandom::new()
}
