//! Days, as far as they can be read in one way only: `03/04/2026` is April here and March there, so it is none.

/// Months by their names in English and German, in small letters; the first three letters do too.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jan"],
    &["february", "februar", "feb"],
    &["march", "märz", "mar"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "juni", "jun"],
    &["july", "juli", "jul"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oktober", "oct", "okt"],
    &["november", "nov"],
    &["december", "dezember", "dec", "dez"],
];

/// A day that a text names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Named {
    /// This one: `2026-04-03`.
    Day(String),
    /// One that can be read in two ways.
    Doubtful,
}

/// Words that may stand between what a day is called and the day, in small letters.
const BETWEEN: &[&str] = &["am", "and", "at", "date", "datum", "hrs", "on", "pm", "time", "uhr", "um", "vom"];

/// The day that a text begins with, behind words that only lead to it. A day behind any other word belongs to that word.
pub fn leading(text: &str) -> Option<Named> {
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter == ',')
        .map(|word| word.trim_matches([':', ';', '(', ')']))
        .filter(|word| !word.is_empty())
        .collect();
    for (at, word) in words.iter().enumerate() {
        let named = one(word).or_else(|| three(words.get(at..at + 3)?));
        if named.is_some() {
            return named;
        }
        if !leads(word) {
            return None;
        }
    }
    None
}

/// Whether a word is no more than a way to the day: a sign, a time of day, `on`, `Date/Time`.
fn leads(word: &str) -> bool {
    let small = word.to_lowercase();
    let is_time = word.contains(':') && word.starts_with(|letter: char| letter.is_ascii_digit());
    is_time || !word.contains(char::is_alphanumeric) || small.split('/').all(|part| BETWEEN.contains(&part))
}

/// A day in one word.
fn one(word: &str) -> Option<Named> {
    // The time of day follows behind a T.
    let is_digit = |letter: char| letter.is_ascii_digit();
    let word = match word.split_once('T') {
        Some((day, time)) if day.ends_with(is_digit) && time.starts_with(is_digit) => day,
        _ => word.trim_end_matches('.'),
    };
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if let Some(month) = month(b) {
        return day(number(c, 4)?, month, number(a, 2)?);
    }
    if a.len() == 4 {
        return day(number(a, 4)?, number(b, 2)?, number(c, 2)?);
    }
    let (first, second) = (number(a, 2)?, number(b, 2)?);
    if c.len() == 2 && number(c, 2).is_some() {
        // Of three short numbers any may be the year.
        return Some(Named::Doubtful);
    }
    let year = number(c, 4).filter(|_| c.len() == 4)?;
    match (first > 12, second > 12) {
        (true, false) => day(year, second, first),
        (false, true) => day(year, first, second),
        (false, false) if first == second => day(year, first, second),
        (false, false) => Some(Named::Doubtful),
        (true, true) => None,
    }
}

/// A day in three words: `3 April 2026`, `3. April 2026`, `April 3 2026`.
fn three(words: &[&str]) -> Option<Named> {
    let [a, b, c] = words else { return None };
    let year = number(c, 4).filter(|_| c.len() == 4)?;
    let short = |word: &str| number(word.trim_end_matches('.'), 2);
    match (month(a), month(b)) {
        (None, Some(month)) => day(year, month, short(a)?),
        (Some(month), None) => day(year, month, short(b)?),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS.iter().position(|names| names.contains(&word.as_str()))?;
    u32::try_from(at + 1).ok()
}

/// A number of at most this many digits.
fn number(text: &str, most: usize) -> Option<u32> {
    let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn day(year: u32, month: u32, day: u32) -> Option<Named> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let is_day = (1..=longest).contains(&day) && (1900..=2100).contains(&year);
    is_day.then(|| Named::Day(format!("{year:04}-{month:02}-{day:02}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_mean_one_thing_are_read() {
        for text in [
            "2026-04-25",
            "on 2026-04-25T08:30, at home",
            "25/04/2026",
            "04/25/2026",
            "25.04.2026 08:30",
            "25-Apr-2026",
            "25/APR/2026",
            "25.4.2026.",
            "25 April 2026",
            "25. April 2026",
            "Apr 25, 2026",
            ": (25 Apr. 2026)",
            " on 08:30 25/04/2026",
            " Date/Time - 25/04/2026",
        ] {
            assert_eq!(leading(text), Some(Named::Day("2026-04-25".into())), "{text}");
        }
        assert_eq!(leading("04/04/2026"), Some(Named::Day("2026-04-04".into())));
    }

    #[test]
    fn days_that_mean_two_things_or_none_are_not() {
        for text in ["03/04/2026", "03.04.2026", "3-4-2026", "25/04/26"] {
            assert_eq!(leading(text), Some(Named::Doubtful), "{text}");
        }
        for text in ["", "25/13/2026", "30 February 2026", "2026", "April 2026", "1/2", "25 Foo 2026", "31.11.2026"]
            .into_iter()
            .chain(["   DOB: 25/12/1960", "by Dr X 25/04/2026", "2 March Street, 25/04/2026"])
        {
            assert_eq!(leading(text), None, "{text}");
        }
    }
}
