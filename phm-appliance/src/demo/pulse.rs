//! The pulse as a watch counts it: one sample a minute, as many as are asked for, none of them kept.

use jiff::civil::Date;
use phm_core::time::Instant;

use super::dice::Dice;

/// Milliseconds between two samples.
const STEP: i64 = 60_000;
/// Resting pulse by hour of the day in India.
const BY_HOUR: [i64; 24] =
    [58, 56, 55, 54, 55, 58, 66, 74, 78, 74, 72, 73, 76, 74, 72, 72, 75, 82, 84, 78, 74, 70, 66, 61];

/// One measured value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
    /// When it was measured.
    pub at: Instant,
    /// Beats per minute.
    pub value: i64,
}

/// The first and the last moment of `count` samples before `today`.
pub(super) fn range(today: Date, count: u64) -> (Instant, Instant) {
    let end = today.to_zoned(jiff::tz::TimeZone::UTC).expect("UTC has every civil day").timestamp().as_millisecond();
    let count = i64::try_from(count).unwrap_or(i64::MAX / STEP / 2);
    (Instant::from_millis(end - count * STEP), Instant::from_millis(end - STEP))
}

/// `count` samples, the oldest first, the last one a minute before `today` begins.
pub(super) fn samples(mut dice: Dice, today: Date, count: u64) -> impl Iterator<Item = Sample> {
    let (first, _) = range(today, count);
    let mut walking = 0_i64;
    (0..count).map(move |number| {
        let at = first.plus_millis(i64::try_from(number).expect("a count of minutes") * STEP);
        let hour = (at.millis() / 60_000 + 330) / 60 % 24;
        let hour = usize::try_from(hour.rem_euclid(24)).expect("below 24");
        walking = match walking {
            0 if (6..21).contains(&hour) && dice.below(90) == 0 => i64::from(10 + dice.below(35)),
            0 => 0,
            left => left - 1,
        };
        let effort = if walking > 0 { 31 } else { 0 };
        Sample { at, value: dice.near(BY_HOUR[hour] + effort, 8) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_minute_by_minute_and_end_before_the_day() {
        let today = jiff::civil::date(2026, 3, 1);
        let all: Vec<_> = samples(Dice::new(1, 1), today, 3000).collect();
        assert_eq!(all.len(), 3000);
        assert!(all.windows(2).all(|two| two[1].at.millis() - two[0].at.millis() == STEP));
        assert_eq!((all[0].at, all[2999].at), range(today, 3000));
        assert_eq!(all[2999].at.to_string(), "2026-02-28T23:59:00.000Z");
        assert!(all.iter().all(|sample| (40..140).contains(&sample.value)));
    }
}
