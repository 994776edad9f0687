//! Moments and the clock on the wall.
//!
//! A time on the wall is a moment only in a time zone: one that the clocks skip is the moment at which they go on, one that
//! comes twice is the first of the two.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::time::{Instant, PartialDate, When};

/// What the clock on the wall shows; at the ends of the calendar its first or last moment.
pub(super) fn local(at: Instant, zone: &TimeZone) -> DateTime {
    let edge = if at.millis() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    zone.to_datetime(Timestamp::from_millisecond(at.millis()).unwrap_or(edge))
}

/// The moment of a time on the wall: after the gap where the clocks skip it, the first one where it comes twice.
pub(super) fn instant(wall: DateTime, zone: &TimeZone) -> Option<Instant> {
    let at = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
    Some(Instant::from_millis(at.as_millisecond()))
}

/// The first moment of a day in a zone; a month or year begins with its first day.
pub fn midnight(date: PartialDate, zone: &TimeZone) -> Option<Instant> {
    instant(civil(date).to_datetime(Time::midnight()), zone)
}

/// The first time on the wall that this may mean.
pub(super) fn first(when: When, zone: &TimeZone) -> DateTime {
    match when {
        When::Instant(at) => local(at, zone),
        When::Date(date) => civil(date).to_datetime(Time::midnight()),
    }
}

/// The first moment that this may mean: one that was given is itself, also where its hour comes twice on the wall.
pub(super) fn begin(when: When, zone: &TimeZone) -> Option<Instant> {
    match when {
        When::Instant(at) => Some(at),
        When::Date(date) => midnight(date, zone),
    }
}

/// The first moment after everything this may mean; `None` beyond the calendar.
pub(super) fn after(when: When, zone: &TimeZone) -> Option<Instant> {
    let date = match when {
        When::Instant(at) => return Some(at.plus_millis(1)),
        When::Date(date) => date,
    };
    let first = civil(date);
    let after = match (date.month(), date.day_of_month()) {
        (None, _) => first.saturating_add(1.year()),
        (_, None) => first.saturating_add(1.month()),
        _ => first.saturating_add(1.day()),
    };
    instant(after.to_datetime(Time::midnight()), zone)
}

/// Whether it names a day.
pub(super) fn is_a_day(when: When) -> bool {
    match when {
        When::Instant(_) => true,
        When::Date(date) => date.day_of_month().is_some(),
    }
}

pub(super) fn days_between(from: Date, to: Date) -> i64 {
    (to - from).get_days().into()
}

/// Whole days on the wall between two times: a day of a course that began at ten o'clock lasts until ten o'clock.
pub(super) fn whole_days(from: DateTime, to: DateTime) -> i64 {
    (to - from).get_days().into()
}

fn civil(date: PartialDate) -> Date {
    let small = |number: Option<u8>| i8::try_from(number.unwrap_or(1)).unwrap_or(1);
    Date::new(date.year(), small(date.month()), small(date.day_of_month())).unwrap_or(Date::MAX)
}
