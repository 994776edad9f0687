//! FHIR's dates and moments, turned into those of PHM.
//!
//! FHIR's `dateTime` is a year, a month, a day, or a moment with an offset. Files in the wild also leave out the
//! seconds, or the offset; without an offset the moment is not known, only its day.

use crate::time::{Instant, PartialDate, When};

/// `10:00:00.` and nine digits behind it.
const MOST_DIGITS: usize = 18;

/// Whether `text` is a `date`, `dateTime` or `instant`, seconds and offset optional.
pub(super) fn is_valid(text: &str) -> bool {
    when(text).is_some()
}

/// The moment or date, as precisely as it is known.
pub(super) fn when(text: &str) -> Option<When> {
    let text = text.trim();
    if text.len() <= 10 {
        return text.parse().ok().map(When::Date);
    }
    let (day, time) = (text.get(..10)?, text.get(10..)?.strip_prefix(['T', 't'])?);
    let date: PartialDate = day.parse().ok()?;
    let offset = time.find(['Z', 'z', '+', '-']);
    let (clock, offset) = time.split_at(offset.unwrap_or(time.len()));
    if !is_clock(clock) {
        return None;
    }
    if offset.is_empty() {
        return Some(When::Date(date));
    }
    let seconds = if clock.len() == 5 { ":00" } else { "" };
    // FHIR bounds the digits of a fraction nowhere; what lies below a nanosecond says nothing.
    let clock = clock.get(..MOST_DIGITS).unwrap_or(clock);
    let instant: Instant = format!("{day}T{clock}{seconds}{}", offset.to_ascii_uppercase()).parse().ok()?;
    Some(When::Instant(instant))
}

/// The moment, when it is known.
pub(super) fn instant(text: &str) -> Option<Instant> {
    match when(text)? {
        When::Instant(instant) => Some(instant),
        When::Date(_) => None,
    }
}

/// The day as the source wrote it, whatever its offset.
pub(super) fn date(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    text.get(..text.len().min(10))?.parse().ok()
}

/// `10:00`, `10:00:00` or `10:00:00.123`.
fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = whole.split(':');
    let in_range = |part: Option<&str>, most: u8| {
        part.is_some_and(|part| part.len() == 2 && digits(part) && part.parse::<u8>().is_ok_and(|value| value <= most))
    };
    in_range(parts.next(), 23)
        && in_range(parts.next(), 59)
        && match parts.next() {
            None => fraction.is_none(),
            second => in_range(second, 60) && parts.next().is_none(),
        }
        && fraction.is_none_or(|fraction| !fraction.is_empty() && digits(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        when(text).map(|when| when.to_string())
    }

    #[test]
    fn moments_are_brought_to_utc_and_dates_keep_their_precision() {
        let cases = [
            ("2019", "2019"),
            ("2019-04", "2019-04"),
            ("2019-04-03", "2019-04-03"),
            ("2019-04-03T10:00:00+02:00", "2019-04-03T08:00:00.000Z"),
            ("2019-04-03T10:00:00.1234567Z", "2019-04-03T10:00:00.123Z"),
            ("2019-04-03T10:00Z", "2019-04-03T10:00:00.000Z"),
            ("2019-04-03T10:00:00.12345678901234567890Z", "2019-04-03T10:00:00.123Z"),
            ("2019-04-03T10:00:00.5+05:30", "2019-04-03T04:30:00.500Z"),
            ("2019-04-03T10:00:00", "2019-04-03"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(date("2019-04-03T23:00:00-05:00").expect("a day").to_string(), "2019-04-03");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "x",
            "2019-02-29",
            "2019-04-03T25:00:00Z",
            "2019-04-03T10",
            "2019-04-03 10:00:00Z",
            "2019-04-03T10:00:00.Z",
            "2019-04-03T10:00:00+99:00",
            "03.04.2019",
            "2019-04-03T",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
