//! The logic of daily care: pure functions over records.
//!
//! Nothing here reads a clock, a file or a vault: moments, time zones and records are arguments, so the same records give
//! the same answer in the appliance, the bindings and the plugins. The order of records never matters, and a record that
//! was removed leaves no trace. Everything clinical names its source and year; where a rule does not apply the answer says
//! so instead of giving a number, and where something is unclear somebody is asked.
//!
//! [`call`] reaches by name, with JSON in and out, what bindings, plugins and test vectors run: calculators, notations, units,
//! tests and results, medicines, schedules, supply and sums, trends, averages, what is overdue, figures and summaries of visits.
//! What needs attention in one record ([`summary::about_result`], [`summary::about_vital_sign`], [`summary::about_supply`]) is
//! for whoever holds the records.

pub mod calculators;
pub mod labs;
pub mod medicines;
mod message;
mod ops;
pub mod schedule;
pub mod summary;
pub mod trends;
pub mod units;
pub mod vitals;

pub use message::{Argument, Message};
pub use ops::{OPS, call};

/// How many, as a number to calculate with; exact up to four thousand million.
fn count(many: usize) -> f64 {
    f64::from(u32::try_from(many).unwrap_or(u32::MAX))
}

/// Whether a value reaches a bound. Arithmetic leaves the last bits uncertain: 64 kg at 160 cm are a body mass index of 25,
/// not of 24.999999999999996.
fn reaches(value: f64, bound: f64) -> bool {
    value >= bound - 1e-9 * bound.abs()
}

/// Whether a value is beyond a bound, which itself is not, whatever arithmetic did to its last bits.
fn exceeds(value: f64, bound: f64) -> bool {
    value > bound + 1e-9 * bound.abs()
}
