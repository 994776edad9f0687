//! Work the appliance does by itself, beside what people ask for.

pub mod alerts;
pub mod backup;
pub mod compaction;
pub mod reminders;
pub mod retention;
mod standing;
mod target;
