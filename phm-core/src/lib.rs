//! PHM core: sealed, versioned, consented health records and pure analytics.
//!
//! A [`vault::Vault`] is a folder that holds the records of a family or a small clinic. Every record is
//! sealed under a key of the person it is about, every change keeps the earlier version, every use
//! passes the consent policy, and every use and change stands in a tamper-evident audit log.
//!
//! The library is synchronous and does no networking; see `ARCHITECTURE.md` for the whole house.

pub mod access;
pub mod analytics;
pub mod audit;
pub mod backup;
pub mod crypto;
pub mod error;
pub mod exchange;
pub mod id;
pub mod index;
pub mod model;
pub mod store;
pub mod time;
pub mod vault;

pub use error::{Detail, Error, ErrorKind, Result};
