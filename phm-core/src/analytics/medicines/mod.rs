//! Medicines in daily life: what was taken, what is left, what is in them.

pub mod adherence;
pub mod ingredients;
mod names;
pub mod stock;

pub use names::{Resolved, resolve, same_substance};
