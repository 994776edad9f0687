//! Version 1 of the messages. Frozen: see the front page of the crate.
//!
//! [`calls`] holds what a plugin may ask the house for; [`drugs`], [`document`] and the others what each kind of plugin
//! takes and answers.

pub mod assistant;
pub mod calls;
pub mod document;
pub mod drugs;
mod envelope;
pub mod import;
pub mod insight;
pub mod notify;

pub use calls::Operation;
pub use envelope::{Call, Door, Refusal, Reply};

/// The number of this version in every call.
pub const VERSION: u32 = 1;
