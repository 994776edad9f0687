//! How the values of one test change over time.
//!
//! Values in different units and from different laboratories come onto one axis; those that have to be asked about are
//! named and left out. The order in which values are given does not matter. A direction is only stated where the values
//! carry it: an ordinary least-squares slope whose 95 % interval lies on one side of zero. One value is no trend.

mod expected;
mod explain;
mod hba1c;
mod series;
pub mod shown;
mod statistics;

pub use expected::Expected;
pub use explain::explain;
pub use hba1c::hba1c_story;
pub use series::{Entry, Point, Series, series};
pub use statistics::{Direction, Statistics, statistics, statistics_of};

#[cfg(test)]
mod tests {
    use super::Entry;
    use crate::analytics::Message;
    use crate::model::Unit;

    pub(super) fn entry<'a>(day: &str, value: &'a str, unit: &'a str) -> Entry<'a> {
        Entry { value, unit, when: day.parse().expect("a day") }
    }

    pub(super) fn unit(text: &str) -> Unit {
        text.parse().expect("a unit")
    }

    pub(super) fn codes(messages: &[Message]) -> Vec<&'static str> {
        messages.iter().map(|message| message.code).collect()
    }
}
