//! Down-sampling: least, greatest, mean and number of the samples in each stretch of time.
//!
//! A stretch has a fixed length and is counted from 1970-01-01T00:00:00Z (weeks from the Monday before), or is a day of a
//! place. A block that lies in one stretch is not opened: the directory knows what it comes to.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use super::block::Stored;
use super::directory::Shelved;
use super::read::Reading;
use super::rows::Rows;
use super::shelf::Shelf;
use super::summary::Summary;
use crate::error::{Detail, Error, Result};
use crate::time::Instant;

/// More stretches than this are not answered at once.
pub const MOST_BUCKETS: usize = 10_000;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// 1969-12-29 was a Monday.
const MONDAY: i64 = -3 * DAY;

/// How samples are gathered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bucket(Length);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Length {
    /// Milliseconds, and where they are counted from.
    Fixed { millis: i64, origin: i64 },
    /// Days of a place, whose clocks may change.
    Days(jiff::tz::TimeZone),
}

/// What the samples of one stretch come to.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Gathered {
    /// When the stretch begins.
    pub at: Instant,
    /// The least value, as it was written.
    pub min: String,
    /// The greatest value, as it was written.
    pub max: String,
    /// The mean, to two decimals more than the values have.
    pub mean: String,
    /// How many samples there are.
    pub count: u64,
}

impl Bucket {
    /// Days of the place with this name in the time zone database, for example `Asia/Kolkata`.
    ///
    /// # Errors
    /// `invalid` with `/zone unknown-zone`.
    pub fn days_in(zone: &str) -> Result<Self> {
        let found = jiff::tz::TimeZone::get(zone);
        found.map(|zone| Self(Length::Days(zone))).map_err(|_| invalid("/zone", "unknown-zone"))
    }

    /// Whether it is one day of 24 hours.
    pub fn is_day(&self) -> bool {
        self.0 == Length::Fixed { millis: DAY, origin: 0 }
    }

    /// The stretch that holds a moment, in milliseconds.
    fn stretch(&self, at: i64) -> Range<i64> {
        match &self.0 {
            Length::Fixed { millis, origin } => {
                let start = at.saturating_sub(at.saturating_sub(*origin).rem_euclid(*millis));
                start..start.saturating_add(*millis)
            }
            Length::Days(zone) => {
                let day = || {
                    let moment = jiff::Timestamp::from_millisecond(at)?.to_zoned(zone.clone());
                    let (start, end) = (moment.start_of_day()?, moment.tomorrow()?.start_of_day()?);
                    Ok::<_, jiff::Error>(start.timestamp().as_millisecond()..end.timestamp().as_millisecond())
                };
                // The first and the last day of the calendar have no whole day around them.
                day().unwrap_or(at..at.saturating_add(1))
            }
        }
    }
}

/// `15m`, `1h`, `1d` or `2w`: minutes, hours, days of 24 hours in UTC, weeks.
impl FromStr for Bucket {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || invalid("/bucket", "invalid-bucket");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let plain = !number.is_empty() && number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = number.parse().ok().filter(|number| plain && *number > 0).ok_or_else(wrong)?;
        let (unit, origin) = match unit {
            "m" => (MINUTE, 0),
            "h" => (60 * MINUTE, 0),
            "d" => (DAY, 0),
            "w" => (7 * DAY, MONDAY),
            _ => return Err(wrong()),
        };
        Ok(Self(Length::Fixed { millis: number * unit, origin }))
    }
}

impl Reading<'_> {
    /// The samples, gathered.
    pub fn gathered(&self, bucket: &Bucket, shelf: &Shelf, rows: &Rows<'_>) -> Result<Vec<Gathered>> {
        let mut all: BTreeMap<i64, Summary> = BTreeMap::new();
        let whole = |block: &&Shelved| {
            let known = !self.hides_some(block) && self.windows.hold_all(block.from, block.to);
            known && bucket.stretch(block.from).contains(&block.to)
        };
        let (counted, opened): (Vec<&Shelved>, Vec<&Shelved>) = self.blocks(shelf).partition(whole);
        for block in counted {
            join(&mut all, bucket.stretch(block.from).start, block.summary.clone());
        }
        let mut current: Option<(Range<i64>, Summary)> = None;
        let mut too_many = false;
        self.each(opened.into_iter(), shelf, rows, &mut |sample: &Stored| {
            // Samples come in order of time, so most lie in the stretch of the one before.
            match &mut current {
                Some((stretch, summary)) if stretch.contains(&sample.at) => summary.add(&sample.value),
                _ => {
                    let next = (bucket.stretch(sample.at), Summary::of(&sample.value));
                    if let Some((stretch, summary)) = current.replace(next) {
                        join(&mut all, stretch.start, summary);
                    }
                }
            }
            too_many = all.len() > MOST_BUCKETS;
            !too_many
        })?;
        if let Some((stretch, summary)) = current {
            join(&mut all, stretch.start, summary);
        }
        if too_many || all.len() > MOST_BUCKETS {
            return Err(invalid("/bucket", "too-many"));
        }
        let gathered = all.into_iter().map(|(start, summary)| Gathered {
            at: Instant::from_millis(start),
            min: summary.min.to_string(),
            max: summary.max.to_string(),
            mean: summary.mean(),
            count: summary.count,
        });
        Ok(gathered.collect())
    }
}

fn join(all: &mut BTreeMap<i64, Summary>, start: i64, summary: Summary) {
    match all.get_mut(&start) {
        Some(before) => before.join(&summary),
        None => _ = all.insert(start, summary),
    }
}

fn invalid(path: &str, code: &'static str) -> Error {
    Error::invalid(vec![Detail { path: path.to_owned(), code }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(bucket: &Bucket, at: &str) -> String {
        Instant::from_millis(bucket.stretch(at.parse::<Instant>().expect("a moment").millis()).start).to_string()
    }

    #[test]
    fn stretches_are_counted_from_1970_and_weeks_from_monday() {
        let at = "2026-11-22T10:47:31.250Z";
        for (bucket, expected) in [
            ("15m", "2026-11-22T10:45:00.000Z"),
            ("1h", "2026-11-22T10:00:00.000Z"),
            ("6h", "2026-11-22T06:00:00.000Z"),
            ("1d", "2026-11-22T00:00:00.000Z"),
            ("1w", "2026-11-16T00:00:00.000Z"),
        ] {
            assert_eq!(start(&bucket.parse().expect("a bucket"), at), expected, "{bucket}");
        }
        assert_eq!(start(&"1d".parse().expect("a bucket"), "1969-12-31T23:00:00Z"), "1969-12-31T00:00:00.000Z");
    }

    #[test]
    fn days_of_a_place_begin_at_its_midnight_and_may_have_another_length() {
        let kolkata = Bucket::days_in("Asia/Kolkata").expect("a place");
        assert_eq!(start(&kolkata, "2026-11-22T18:29:59.999Z"), "2026-11-21T18:30:00.000Z");
        assert_eq!(start(&kolkata, "2026-11-22T18:30:00Z"), "2026-11-22T18:30:00.000Z");
        // Clocks in Berlin go back on 25 October 2026: that day has 25 hours.
        let berlin = Bucket::days_in("Europe/Berlin").expect("a place");
        assert_eq!(start(&berlin, "2026-10-25T22:59:00Z"), "2026-10-24T22:00:00.000Z");
        assert_eq!(start(&berlin, "2026-10-25T23:00:00Z"), "2026-10-25T23:00:00.000Z");
    }

    #[test]
    fn what_is_no_stretch_or_no_place_is_refused_with_its_place() {
        for text in ["", "h", "0h", "-1h", "+1h", "1", "1s", "1.5h", "10000m", "1H", "१h"] {
            let error = text.parse::<Bucket>().expect_err(text);
            assert_eq!((error.details()[0].path.as_str(), error.details()[0].code), ("/bucket", "invalid-bucket"));
        }
        let error = Bucket::days_in("Mars/Olympus").expect_err("no such place");
        assert_eq!((error.details()[0].path.as_str(), error.details()[0].code), ("/zone", "unknown-zone"));
    }
}
