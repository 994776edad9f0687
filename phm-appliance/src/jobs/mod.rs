//! Work the appliance does by itself, beside what people ask for.

pub mod backup;
pub mod compaction;
pub mod reminders;
mod standing;
mod target;
