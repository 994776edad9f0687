//! PHM core: sealed, versioned, consented health records.
//!
//! A [`vault::Vault`] is a folder that holds the records of a family or a small clinic. Every record is
//! sealed under a key of the person it is about, every change keeps the earlier version, every use
//! passes the consent policy, and every use and change stands in a tamper-evident audit log.
//!
//! The whole of it in a few lines:
//!
//! ```
//! use phm_core::access::{Action, Actor};
//! use phm_core::crypto::secret::Secret;
//! use phm_core::vault::{How, Options, Vault};
//!
//! # fn main() -> phm_core::Result<()> {
//! let folder = tempfile::tempdir()?;
//! # let options = Options { cost: phm_core::crypto::kdf::Cost::FLOOR, ..Options::default() };
//! let (vault, _recovery_code) = Vault::create(folder.path(), &[Secret::passphrase("correct horse battery")], options)?;
//! let session = vault.session(Actor::Operator, "setting up")?;
//! let asha = session.add_profile(&serde_json::json!({"name": {"text": "Asha Example"}}), None)?;
//! let permit = session.permit(Action::Add, asha.profile, "condition")?;
//! let asthma = session.add(&permit, &serde_json::json!({"concept": "Asthma"}), How::Typed)?;
//! assert_eq!(asthma.version, 1);
//! # vault.close()
//! # }
//! ```
//!
//! The library is synchronous and does no networking; see `ARCHITECTURE.md` for the whole house.
//!
//! # For who embeds it
//!
//! - A [`vault::Session`] is one actor at work for a purpose; it gives an [`access::Permit`] for one action on records of one
//!   kind of one person, and every read and write takes one. Vaults and sessions may be used from any thread.
//! - The key that opens a vault can stay where yours are: implement [`crypto::secret::KeyProvider`], and make a secret of it
//!   with [`crypto::secret::Secret::provided`].
//! - Kinds of records of your own go into [`vault::Options::kinds`], another policy into [`vault::Options::policy`], another
//!   clock into [`vault::Options::clock`].
//! - An [`Error`] has a kind for programs, a stable code for catalogues, and a text that carries no name, value or diagnosis.
//! - [`vault::Vault::call`] does every operation by name with JSON in and out; [`vault::flat`] gives records as columns.
//! - What is public here follows Semantic Versioning. The oldest Rust it builds with is `rust-version` in `Cargo.toml`, which
//!   rises with a minor version only. Fields may be added to [`vault::Options`]: make one with `..Options::default()`.

pub mod access;
pub mod analytics;
pub mod audit;
pub mod backup;
mod bytes;
pub mod crypto;
pub mod error;
pub mod exchange;
pub mod id;
pub mod index;
pub mod manual;
pub mod model;
pub mod store;
pub mod time;
pub mod vault;

pub use error::{Detail, Error, ErrorKind, Result};
