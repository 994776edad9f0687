//! What was prescribed, as far as plans go, and why some of it makes no plan.

use jiff::Span;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::units::{Conversion, Substance};
use super::clock::{after, instant};
use crate::model::{Frequency, LONGEST_COURSE_YEARS, Medication, MedicationStatus, Quantity, Unit};
use crate::time::{Instant, When};

/// Why there is no plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoPlan {
    /// Nobody said how often.
    NoFrequency,
    /// Only when it is needed.
    AsNeeded,
    /// Nobody said from when as precisely as it takes: the day where days are counted, the hour where hours are.
    NoStart,
    /// So many times a week or month, but nobody said on which days.
    WhichDays,
    /// More often than every quarter of an hour.
    TooOften,
    /// What was said contradicts itself: twice a day, at eight o'clock.
    Contradictory,
    /// The steps of a taper are in units that do not meet.
    UnitsDiffer,
    /// It is not taken: stopped, completed or interrupted.
    NotInUse,
}

impl NoPlan {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NoFrequency,
        Self::AsNeeded,
        Self::NoStart,
        Self::WhichDays,
        Self::TooOften,
        Self::Contradictory,
        Self::UnitsDiffer,
        Self::NotInUse,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoFrequency => "no-frequency",
            Self::AsNeeded => "as-needed",
            Self::NoStart => "no-start",
            Self::WhichDays => "which-days",
            Self::TooOften => "too-often",
            Self::Contradictory => "contradictory",
            Self::UnitsDiffer => "units-differ",
            Self::NotInUse => "not-in-use",
        }
    }
}

/// What was prescribed, as far as plans go.
#[derive(Clone, Copy, Default)]
pub struct Prescribed<'a> {
    /// How often.
    pub frequency: Option<&'a Frequency>,
    /// How much at a time.
    pub dose: Option<&'a Quantity>,
    /// From when.
    pub start: Option<When>,
    /// Until when, that day included.
    pub end: Option<When>,
    /// For how long.
    pub duration: Option<&'a Quantity>,
    /// Whether it is taken; nobody saying so means that it is in use.
    pub status: Option<MedicationStatus>,
}

impl<'a> Prescribed<'a> {
    /// What a medication says; a start that is not known is the day it was prescribed.
    pub fn of(medication: &'a Medication) -> Self {
        Self {
            frequency: medication.frequency(),
            dose: medication.dose(),
            start: medication.start().or(medication.prescribed_on().map(When::Date)),
            end: medication.end(),
            duration: medication.duration(),
            status: medication.status(),
        }
    }

    pub(super) fn in_use(&self) -> bool {
        use MedicationStatus::{Active, Completed, OnHold, Stopped, Unknown};
        match self.status {
            None | Some(Active | Unknown) => true,
            Some(Completed | Stopped | OnHold) => false,
        }
    }
}

/// Where it ends: the end that was written (that day included) or start and duration, whichever comes first; `None` for never.
///
/// `from` is where it begins, on the wall and as a moment, as far as it is known to the day.
pub(super) fn until(
    end: Option<When>,
    duration: Option<&Quantity>,
    from: Option<(DateTime, Instant)>,
    zone: &TimeZone,
) -> Result<Option<Instant>, NoPlan> {
    let written = end.and_then(|end| after(end, zone));
    let Some(duration) = duration else { return Ok(written) };
    // An end says by itself how long.
    let Some((wall, at)) = from else { return if end.is_some() { Ok(written) } else { Err(NoPlan::NoStart) } };
    let over = match length(duration).ok_or(NoPlan::Contradictory)? {
        Length::Calendar(span) => wall.checked_add(span).ok().and_then(|over| instant(over, zone)),
        Length::Passing(millis) => Some(at.plus_millis(millis)),
    };
    Ok(match (written, over) {
        (Some(written), Some(over)) => Some(written.min(over)),
        (written, over) => written.or(over),
    })
}

/// How long a course is.
enum Length {
    /// Days, weeks, months and years of the calendar, over changing clocks too.
    Calendar(Span),
    /// Hours and parts of days: milliseconds that pass.
    Passing(i64),
}

/// How long a course is; `None` for one of nothing, of less than nothing or of more than a life.
fn length(duration: &Quantity) -> Option<Length> {
    let unit: Unit = duration.unit().parse().ok()?;
    let days = Conversion::between(&unit, &"d".parse().ok()?, &Substance::NONE).ok()?;
    let days = days.apply(duration.value().to_f64());
    if !(days > 0.0 && days <= LONGEST_COURSE_YEARS * 366.0) {
        return None;
    }
    let length = duration.value().to_f64();
    match duration.unit() {
        "mo" if length.fract() == 0.0 => Span::new().try_months(nearest(length)).ok().map(Length::Calendar),
        "a" if length.fract() == 0.0 => Span::new().try_years(nearest(length)).ok().map(Length::Calendar),
        "d" | "wk" if days.fract() == 0.0 => Span::new().try_days(nearest(days)).ok().map(Length::Calendar),
        _ => Some(Length::Passing(nearest(days * 86_400_000.0))),
    }
}

/// The nearest whole number; what is rounded here is far below 2^53.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn nearest(number: f64) -> i64 {
    number.round() as i64
}
