//! Quiet hours: nothing is sent from one time on the wall to another, in the person's own time zone.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// From when to when it is quiet, as minutes after midnight; over midnight where the end is not after the beginning.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Quiet {
    from: u16,
    to: u16,
}

impl Quiet {
    /// The hours from `from` to `to`, each as `22:30`; nothing where both are empty or the same.
    ///
    /// # Errors
    /// The one of both, `from` or `to`, that is no time.
    pub fn parse(from: &str, to: &str) -> Result<Option<Self>, &'static str> {
        if from.trim().is_empty() && to.trim().is_empty() {
            return Ok(None);
        }
        let (from, to) = (minutes(from).ok_or("from")?, minutes(to).ok_or("to")?);
        Ok((from != to).then_some(Self { from, to }))
    }

    /// Both ends as a form shows them.
    pub fn written(self) -> (String, String) {
        let written = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        (written(self.from), written(self.to))
    }

    /// The first moment from `now` on at which it is not quiet.
    pub fn over(self, now: Instant, zone: &TimeZone) -> Instant {
        let minute = minute_of_day(now, zone);
        let quiet = if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        };
        if !quiet {
            return now;
        }
        let today = zone.to_datetime(timestamp(now)).date();
        let day = if minute < self.to { today } else { today.tomorrow().unwrap_or(today) };
        let (hour, minute) = (i8::try_from(self.to / 60).unwrap_or(0), i8::try_from(self.to % 60).unwrap_or(0));
        let end = day.to_datetime(Time::new(hour, minute, 0, 0).unwrap_or(Time::MIN));
        // Where clocks go back, the end of the quiet comes twice, and the second one counts once the first is over.
        let ends = [zone.to_ambiguous_timestamp(end).compatible(), zone.to_ambiguous_timestamp(end).later()];
        let ends = ends.into_iter().flatten().map(|end| Instant::from_millis(end.as_millisecond()));
        ends.filter(|end| *end > now).min().unwrap_or(now)
    }
}

/// Minutes after midnight on the wall.
pub fn minute_of_day(now: Instant, zone: &TimeZone) -> u16 {
    let time = zone.to_datetime(timestamp(now)).time();
    let part = |number: i8| u16::try_from(number).unwrap_or(0);
    part(time.hour()) * 60 + part(time.minute())
}

fn timestamp(now: Instant) -> Timestamp {
    Timestamp::from_millisecond(now.millis()).unwrap_or(Timestamp::MAX)
}

/// `7:05` and `07:05`; `24:00` is midnight.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    if hour > 24 || minute >= 60 {
        return None;
    }
    let whole = hour * 60 + minute;
    (whole <= DAY).then_some(whole % DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_night_is_over_in_the_morning_of_the_persons_own_place() {
        let night = Quiet::parse("22:00", "07:00").expect("times").expect("hours");
        let india = TimeZone::get("Asia/Kolkata").expect("a zone");
        for (now, over) in [
            // 22:30 and 03:30 there, then 07:00 and noon.
            ("2026-11-28T17:00:00.000Z", "2026-11-29T01:30:00.000Z"),
            ("2026-11-28T22:00:00.000Z", "2026-11-29T01:30:00.000Z"),
            ("2026-11-29T01:30:00.000Z", "2026-11-29T01:30:00.000Z"),
            ("2026-11-29T06:30:00.000Z", "2026-11-29T06:30:00.000Z"),
        ] {
            assert_eq!(night.over(at(now), &india), at(over), "{now}");
        }
        let noon = Quiet::parse("13:00", "14:30").expect("times").expect("hours");
        assert_eq!(noon.over(at("2026-11-28T13:10:00.000Z"), &TimeZone::UTC), at("2026-11-28T14:30:00.000Z"));
        assert_eq!(noon.over(at("2026-11-28T14:30:00.000Z"), &TimeZone::UTC), at("2026-11-28T14:30:00.000Z"));
    }

    #[test]
    fn an_hour_that_is_left_out_or_comes_twice_is_quiet_to_its_end() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let night = Quiet::parse("22:00", "02:30").expect("times").expect("hours");
        for (now, over) in [
            // 29 March 2026: after 02:00 it is 03:00, so that half past two is half past three.
            ("2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z"),
            // 25 October 2026: 02:15 in summer, and 02:15 again an hour later.
            ("2026-10-25T00:15:00.000Z", "2026-10-25T00:30:00.000Z"),
            ("2026-10-25T01:15:00.000Z", "2026-10-25T01:30:00.000Z"),
        ] {
            assert_eq!(night.over(at(now), &berlin), at(over), "{now}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them_and_nonsense_is_named() {
        assert_eq!(Quiet::parse("", " "), Ok(None));
        assert_eq!(Quiet::parse("22:00", "22:00"), Ok(None));
        let read = Quiet::parse("7:05", "24:00").expect("times").expect("hours");
        assert_eq!(read.written(), ("07:05".to_owned(), "00:00".to_owned()));
        for (from, to, wrong) in [
            ("25:00", "7:00", "from"),
            ("22", "7:00", "from"),
            ("22:00", "", "to"),
            ("1:60", "2:00", "from"),
            ("1:00", "24:01", "to"),
        ] {
            assert_eq!(Quiet::parse(from, to), Err(wrong), "{from} {to}");
        }
    }
}
