//! Moments and days, as precisely as they are known.
//!
//! [`Instant`] is a moment in UTC with milliseconds. [`PartialDate`] is a year, a month or a day. [`When`] is
//! either, for the many facts of a history that are known only to the day, the month or the year.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not a moment or a day.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not `2026-11-22T10:00:00Z` or the same with an offset.
    #[error("a moment needs date, time and offset, for example `2026-11-22T10:00:00.000Z`")]
    NotAnInstant,
    /// Not `2019`, `2019-04` or `2019-04-03`.
    #[error("a date is `2019`, `2019-04` or `2019-04-03`")]
    NotADate,
}

/// A moment in UTC, to the millisecond; written `2026-11-22T10:00:00.000Z`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(i64);

impl Instant {
    /// The system clock's moment.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The moment this many milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment and `millis` milliseconds more (fewer when negative).
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The day of this moment in UTC.
    pub fn date(self) -> PartialDate {
        PartialDate::of(self.civil().date())
    }

    /// Date and time in UTC, within the calendar, which ends in the years -9999 and 9999.
    fn civil(self) -> jiff::civil::DateTime {
        let edge = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(self.0).unwrap_or(edge))
    }

    fn written(self) -> Written {
        let moment = self.civil();
        let mut written = PartialDate::of(moment.date()).written();
        for (sign, number) in [(b'T', moment.hour()), (b':', moment.minute()), (b':', moment.second())] {
            written = written.sign(sign).number(number.unsigned_abs().into(), 2);
        }
        written.sign(b'.').number(moment.millisecond().unsigned_abs(), 3).sign(b'Z')
    }
}

impl FromStr for Instant {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.len() < 20 || text.as_bytes().get(10) != Some(&b'T') {
            return Err(TimeError::NotAnInstant);
        }
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| TimeError::NotAnInstant)?;
        // What lies below a millisecond is left out, before 1970 too, where it would otherwise bring the next day on.
        let has_rest = timestamp.subsec_nanosecond() % 1_000_000 < 0;
        let millis = timestamp.as_millisecond() - i64::from(has_rest);
        // An offset may reach into the year before, which four digits cannot write: nobody could read it back.
        if millis < YEAR_ZERO { Err(TimeError::NotAnInstant) } else { Ok(Self(millis)) }
    }
}

/// A year, a month or a day; written `2019`, `2019-04` or `2019-04-03`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartialDate {
    year: i16,
    month: u8,
    day: u8,
}

impl PartialDate {
    /// A whole day; `None` when the calendar has no such day.
    pub fn day(year: i16, month: u8, day: u8) -> Option<Self> {
        jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        (year >= 0).then_some(Self { year, month, day })
    }

    fn of(date: jiff::civil::Date) -> Self {
        Self { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, where it is known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, where it is known.
    pub fn day_of_month(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The first moment in UTC that this date may mean.
    pub fn first(self) -> Instant {
        Instant(days_since_1970(self.civil()) * DAY)
    }

    /// The first moment in UTC after everything this date may mean.
    pub fn end(self) -> Instant {
        let date = self.civil();
        let after = match (self.month, self.day) {
            (0, _) => date.checked_add(jiff::Span::new().years(1)),
            (_, 0) => date.checked_add(jiff::Span::new().months(1)),
            _ => date.checked_add(jiff::Span::new().days(1)),
        };
        // After the last day that the calendar has comes one more, so that an end always lies behind its beginning.
        let days = after.map_or_else(|_| days_since_1970(jiff::civil::Date::MAX) + 1, days_since_1970);
        Instant(days * DAY)
    }

    fn civil(self) -> jiff::civil::Date {
        let month = i8::try_from(self.month.max(1)).expect("a month is at most 12");
        let day = i8::try_from(self.day.max(1)).expect("a day is at most 31");
        jiff::civil::Date::new(self.year, month, day).expect("parsed dates exist")
    }

    fn written(self) -> Written {
        let (nothing, year) = (Written::nothing(), self.year.unsigned_abs());
        // ISO 8601 writes a year before 0 with its sign and six digits.
        let mut written = if self.year < 0 { nothing.sign(b'-').number(year, 6) } else { nothing.number(year, 4) };
        for part in [self.month, self.day].into_iter().filter(|part| *part > 0) {
            written = written.sign(b'-').number(part.into(), 2);
        }
        written
    }
}

const DAY: i64 = 86_400_000;

/// 0000-01-01T00:00:00Z.
const YEAR_ZERO: i64 = -62_167_219_200_000;

/// Days, and not a timestamp: jiff's last one lies a day before the last day of its calendar.
fn days_since_1970(date: jiff::civil::Date) -> i64 {
    let first = jiff::civil::Date::constant(1970, 1, 1);
    (date - first).get_days().into()
}

impl FromStr for PartialDate {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let number = |range: std::ops::Range<usize>| {
            let digits = text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|part| part.parse::<i16>().ok()).ok_or(TimeError::NotADate)
        };
        let dash = |at: usize| text.as_bytes().get(at) == Some(&b'-');
        let year = number(0..4)?;
        let (month, day) = match text.len() {
            4 => (0, 0),
            7 if dash(4) => (number(5..7)?, 0),
            10 if dash(4) && dash(7) => (number(5..7)?, number(8..10)?),
            _ => return Err(TimeError::NotADate),
        };
        let (month, day) = (month.unsigned_abs(), day.unsigned_abs());
        let (month, day) = (u8::try_from(month).unwrap_or(99), u8::try_from(day).unwrap_or(99));
        let known = match text.len() {
            4 => year > 0,
            7 => year > 0 && (1..=12).contains(&month),
            _ => year > 0 && Self::day(year, month, day).is_some(),
        };
        if known { Ok(Self { year, month, day }) } else { Err(TimeError::NotADate) }
    }
}

/// A moment or a date, as precisely as it is known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum When {
    /// A moment.
    Instant(Instant),
    /// A day, a month or a year.
    Date(PartialDate),
}

impl When {
    /// The first moment in UTC that this may mean; what lists sort by.
    pub fn first(self) -> Instant {
        match self {
            Self::Instant(instant) => instant,
            Self::Date(date) => date.first(),
        }
    }

    /// The first moment in UTC after everything this may mean.
    pub fn end(self) -> Instant {
        match self {
            Self::Instant(instant) => instant.plus_millis(1),
            Self::Date(date) => date.end(),
        }
    }

    /// The day, in UTC, as precisely as it is known.
    pub fn date(self) -> PartialDate {
        match self {
            Self::Instant(instant) => instant.date(),
            Self::Date(date) => date,
        }
    }

    fn written(self) -> Written {
        match self {
            Self::Instant(instant) => instant.written(),
            Self::Date(date) => date.written(),
        }
    }
}

impl FromStr for When {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.len() <= 10 { text.parse().map(Self::Date) } else { text.parse().map(Self::Instant) }
    }
}

/// As long is `-009999-01-02T01:59:59.000Z`.
const LONGEST: usize = 27;

/// The text of a moment or a day. Thousands of them stand in one answer, so its digits are put down where they stay.
struct Written {
    signs: [u8; LONGEST],
    length: usize,
}

impl Written {
    const fn nothing() -> Self {
        Self { signs: [0; LONGEST], length: 0 }
    }

    fn sign(mut self, sign: u8) -> Self {
        self.signs[self.length] = sign;
        self.length += 1;
        self
    }

    /// Adds the last `digits` digits of a number.
    fn number(mut self, number: u16, digits: usize) -> Self {
        let (mut rest, end) = (number, self.length + digits);
        for digit in self.signs[self.length..end].iter_mut().rev() {
            *digit = b"0123456789"[usize::from(rest % 10)];
            rest /= 10;
        }
        self.length = end;
        self
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.signs[..self.length]).expect("digits and signs are ASCII")
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.written().as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.written().as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Instant, PartialDate, When);

/// Where the vault takes the time from; tests bring their own.
pub trait Clock: Send + Sync {
    /// The moment it is now.
    fn now(&self) -> Instant;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc_with_milliseconds() {
        let instant: Instant = "2026-11-22T12:00:00+02:00".parse().expect("an offset is fine");
        assert_eq!(instant.to_string(), "2026-11-22T10:00:00.000Z");
        assert_eq!(instant.date().to_string(), "2026-11-22");
    }

    #[test]
    fn moments_are_written_as_the_calendar_writes_them() {
        // Steps of about 37 years from edge to edge, of no whole days, hours, minutes or seconds.
        let steps = (0..541).map(|step| -377_705_023_201_000 + step * 1_167_609_661_001);
        let edges = [i64::MIN, YEAR_ZERO - 1, YEAR_ZERO, -1, 0, 999, i64::MAX];
        for millis in steps.chain(edges) {
            let edge = if millis < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
            let calendar = jiff::Timestamp::from_millisecond(millis).unwrap_or(edge);
            let instant = Instant::from_millis(millis);
            assert_eq!(instant.to_string(), format!("{calendar:.3}"));
            let date = calendar.to_zoned(jiff::tz::TimeZone::UTC).date();
            assert_eq!(instant.date().to_string(), date.to_string());
        }
    }

    #[test]
    fn json_has_the_same_text() {
        for text in ["2019", "2019-04", "2019-04-03", "0000-01-01T00:00:00.000Z", "2026-11-22T10:00:00.007Z"] {
            let when: When = text.parse().expect("a date or a moment");
            assert_eq!(serde_json::to_string(&when).expect("JSON"), format!("\"{text}\""));
            assert_eq!(when.to_string(), text);
        }
    }

    #[test]
    fn every_moment_that_is_read_can_be_read_back() {
        for text in [
            "0000-01-01T00:00:00Z",
            // What programs write that know no date, in India.
            "0001-01-01T00:00:00+05:30",
            "1969-12-31T23:59:59.9999999Z",
            "9999-12-30T21:59:59.999Z",
        ] {
            let instant: Instant = text.parse().expect("a moment");
            assert_eq!(instant.to_string().parse::<Instant>(), Ok(instant), "{text}");
        }
        for text in ["0000-01-01T00:00:00+00:01", "0000-01-01T05:29:59+05:30"] {
            assert_eq!(text.parse::<Instant>(), Err(TimeError::NotAnInstant), "{text}");
        }
    }

    #[test]
    fn what_lies_below_a_millisecond_is_left_out_on_both_sides_of_1970() {
        for (text, written) in [
            ("1965-05-31T23:59:59.9999999Z", "1965-05-31T23:59:59.999Z"),
            ("1965-05-31T23:59:59.999Z", "1965-05-31T23:59:59.999Z"),
            ("1969-12-31T23:59:59.999000001Z", "1969-12-31T23:59:59.999Z"),
            ("1970-01-01T00:00:00.0009Z", "1970-01-01T00:00:00.000Z"),
            ("2026-05-31T23:59:59.9999999Z", "2026-05-31T23:59:59.999Z"),
        ] {
            assert_eq!(text.parse::<Instant>().expect("a moment").to_string(), written, "{text}");
        }
    }

    #[test]
    fn dates_keep_the_precision_they_were_given() {
        for text in ["2019", "2019-04", "2019-04-03", "2020-02-29"] {
            assert_eq!(text.parse::<PartialDate>().expect("a date").to_string(), text);
        }
    }

    #[test]
    fn days_the_calendar_does_not_have_are_refused() {
        for text in ["", "19", "2019-13", "2019-00", "2019-02-29", "2019-4-3", "+019", "2019/04", "0000", "2019-04-03Z"]
        {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
        for text in ["2019-04-03T10:00", "2019-04-03 10:00:00Z", "2019-04-03T25:00:00Z", "2019-04-03T10:00:00"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let april: When = "2019-04".parse().expect("a month");
        assert_eq!(april.first().to_string(), "2019-04-01T00:00:00.000Z");
        assert_eq!(april.end().to_string(), "2019-05-01T00:00:00.000Z");
    }

    #[test]
    fn the_first_and_the_last_days_of_the_calendar_have_a_beginning_and_an_end() {
        for (text, first) in [
            ("0001", "0001-01-01T00:00:00.000Z"),
            ("0001-01-01", "0001-01-01T00:00:00.000Z"),
            ("9999", "9999-01-01T00:00:00.000Z"),
            ("9999-12", "9999-12-01T00:00:00.000Z"),
            ("9999-12-30", "9999-12-30T00:00:00.000Z"),
        ] {
            let date: PartialDate = text.parse().expect("a date");
            assert_eq!(date.first().to_string(), first);
            assert!(date.end() > date.first(), "{text}");
        }
        let (eve, last): (PartialDate, PartialDate) =
            ("9999-12-30".parse().expect("a day"), "9999-12-31".parse().expect("a day"));
        assert_eq!(eve.end(), last.first());
        assert_eq!(last.end().millis() - last.first().millis(), 86_400_000);
        assert_eq!("9999".parse::<PartialDate>().expect("a year").end(), last.end());
        // What lies outside the calendar is still written as a moment.
        for millis in [i64::MIN, i64::MAX] {
            assert!(Instant::from_millis(millis).to_string().parse::<Instant>().is_ok() || millis < 0);
            Instant::from_millis(millis).date();
        }
    }
}
