//! Dates moved by the same span for one person, so that what lies between two of theirs stays as it was.

use crate::time::{Instant, PartialDate, When};

/// How far the dates of one person are moved, in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Shift(i64);

const DAY: i64 = 86_400_000;
/// At least so far, so that the day itself never stays.
const LEAST: i64 = 30 * DAY;
const MOST: i64 = 5 * 365 * DAY;

impl Shift {
    /// The shift made of random bits: between 30 days and five years, forwards or backwards, to the millisecond, so that the
    /// time of a day says nothing either.
    pub fn of(random: [u8; 8]) -> Self {
        let bits = u64::from_be_bytes(random);
        let span = (bits >> 1) % (MOST - LEAST).unsigned_abs();
        let far = LEAST + i64::try_from(span).expect("a span of five years");
        Self(if bits & 1 == 0 { far } else { -far })
    }

    pub fn instant(self, at: Instant) -> Instant {
        at.plus_millis(self.0)
    }

    /// A date as precisely as it was known; `None` where the calendar ends.
    pub fn date(self, date: PartialDate) -> Option<PartialDate> {
        // From the middle, so that a month or year does not lean to one side.
        let middle = i64::midpoint(date.first().millis(), date.end().millis());
        let moved = Instant::from_millis(middle.saturating_add(self.0)).date();
        let text = moved.to_string();
        let known = match (date.month(), date.day_of_month()) {
            (None, _) => 4,
            (_, None) => 7,
            _ => 10,
        };
        text.get(..known)?.parse().ok()
    }

    pub fn when(self, when: When) -> Option<When> {
        match when {
            When::Instant(at) => Some(When::Instant(self.instant(at))),
            When::Date(date) => self.date(date).map(When::Date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_two_dates_stays() {
        for seed in 0..200_u64 {
            let shift =
                Shift::of(crate::crypto::digest::sha256(&[&seed.to_be_bytes()])[..8].try_into().expect("eight"));
            let at = |text: &str| text.parse::<Instant>().expect("a moment");
            let (one, other) = (at("2020-02-28T10:00:00Z"), at("2020-03-01T10:00:00Z"));
            assert_eq!(shift.instant(other).millis() - shift.instant(one).millis(), other.millis() - one.millis());
            assert!((LEAST..MOST).contains(&shift.0.abs()));
            let day = |text: &str| shift.date(text.parse().expect("a date")).expect("a date");
            let days = (day("2020-03-01").first().millis() - day("2020-02-28").first().millis()) / DAY;
            assert_eq!(days, 2);
            assert_eq!((day("2020").to_string().len(), day("2020-05").to_string().len()), (4, 7));
        }
    }

    #[test]
    fn a_date_at_the_end_of_the_calendar_is_left_out() {
        let back = Shift(-MOST);
        assert!(back.date("0001-01-01".parse().expect("a date")).is_none());
    }
}
