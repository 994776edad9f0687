//! Signing in: passwords, access tokens, sessions that refresh, and lock-out.
//!
//! A person signs in with e-mail and password and gets an access token for [`tokens::LIFETIME`] and a session. The
//! session's refresh token changes at every use; an old one shown again means that somebody copied it, and ends the
//! session. Nothing tells an outsider whether an account exists: not the answer, not its time, not the lock-out.
//! What must survive a restart lies in the vault as sealed state.

pub mod accounts;
pub mod codes;
pub mod cookies;
pub mod desk;
pub mod factors;
mod hashing;
pub mod invitation;
pub mod links;
pub mod lockout;
pub mod password;
pub mod provider;
pub mod session;
pub mod site;
pub mod standing;
pub mod tickets;
pub mod tokens;
pub mod totp;

pub use desk::Desk;
