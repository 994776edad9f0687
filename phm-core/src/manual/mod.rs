//! The manual: what PHM protects and what not, what stands on the disk, and what to do when something is lost.
//!
//! Written for two readers: somebody who keeps their family's records and wants to know what they can rely on, and a
//! reviewer who wants to check it. Where it gives sizes and offsets, tests read them from the text and compare them
//! with sample files.
//!
//! | chapter | answers |
//! |---|---|
//! | [`threat_model`] | What is protected, against whom, and what is not? |
//! | [`stolen_disk`] | What does somebody see who takes the disk? |
//! | [`root_attacker`] | What can somebody do who rules the machine? |
//! | [`consent`] | Who may see what, and who decides? |
//! | [`audit_log`] | How would I notice that somebody changed the log? |
//! | [`mod@format`] | What exactly stands in the files, byte by byte? |
//! | [`recovery`] | The passphrase, the disk or the store is lost: what now? |

#[doc = include_str!("threat_model.md")]
pub mod threat_model {}

#[doc = include_str!("stolen_disk.md")]
pub mod stolen_disk {}

#[doc = include_str!("root_attacker.md")]
pub mod root_attacker {}

#[doc = include_str!("consent.md")]
pub mod consent {}

#[doc = include_str!("audit_log.md")]
pub mod audit_log {}

#[doc = include_str!("format.md")]
pub mod format {}

#[doc = include_str!("recovery.md")]
pub mod recovery {}

#[cfg(test)]
mod tests;
