//! When a medicine is due.
//!
//! A [`Plan`] is made from what was prescribed and nothing else: no frequency means no plan, and an answer that says so.
//! Times on the wall keep their place over daylight saving (a dose due at an hour that the clocks skip is due when they go
//! on; one at an hour that comes twice is due once); every-n-hours counts hours that pass. Days and times are those of the
//! person's time zone. A course that began at an hour counts its days from that hour, so that each of its steps has all of its
//! doses; a medicine taken less than daily that began after its usual time begins with a dose.

mod clock;
mod doses;
mod letters;
mod needed;
mod notation;
mod plan;
mod prescribed;
mod rhythm;
mod words;

use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::model::{ClockTime, DayPart};

pub use clock::midnight;
pub use doses::{LATE_AFTER, Logged, Scheduled, Shift, State, schedule, shifted, states};
pub use needed::{Allowance, allowance};
pub use notation::{Notation, parse};
pub use plan::{Due, Plan};
pub use prescribed::{NoPlan, Prescribed};

/// When a person takes medicine that has no time by the clock, and where they are.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The time zone.
    pub zone: TimeZone,
    /// Morning, noon, evening and night.
    pub parts: [ClockTime; 4],
    /// The first of several doses on one day.
    pub first: ClockTime,
    /// The last of several doses on one day.
    pub last: ClockTime,
}

impl Habits {
    /// Morning at 8, noon at 13, evening at 18, night at 21; several doses on one day spread evenly from 8 to 20.
    pub fn usual(zone: TimeZone) -> Self {
        let at = |hour| ClockTime::new(hour, 0).expect("an hour of the day");
        Self { zone, parts: [at(8), at(13), at(18), at(21)], first: at(8), last: at(20) }
    }

    fn part(&self, part: DayPart) -> Time {
        let index = match part {
            DayPart::Morning => 0,
            DayPart::Noon => 1,
            DayPart::Evening => 2,
            DayPart::Night => 3,
        };
        time(self.parts[index])
    }

    /// `times` doses on one day, evenly between the first and the last.
    fn spread(&self, times: u32) -> Vec<Time> {
        let (first, last) = (minutes(self.first), minutes(self.last).max(minutes(self.first)));
        let gaps = times.saturating_sub(1).max(1);
        let at = |index: u32| {
            let minute = first + (last - first) * index / gaps;
            let (hour, minute) = (minute / 60, minute % 60);
            Time::constant(0, 0, 0, 0).with().hour(small(hour)).minute(small(minute)).build().unwrap_or(Time::MIN)
        };
        (0..times).map(at).collect()
    }
}

/// An amount as people write it, with at most three digits after the point.
pub fn written(amount: f64) -> String {
    ((amount * 1000.0).round() / 1000.0).to_string()
}

fn minutes(time: ClockTime) -> u32 {
    u32::from(time.hour()) * 60 + u32::from(time.minute())
}

fn small(number: u32) -> i8 {
    i8::try_from(number).unwrap_or(0)
}

fn time(clock: ClockTime) -> Time {
    let (hour, minute) = (small(clock.hour().into()), small(clock.minute().into()));
    Time::new(hour, minute, 0, 0).expect("a clock time exists")
}
