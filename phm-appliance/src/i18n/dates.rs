//! Days and moments as people read them.
//!
//! A month is always a word, so that no reader takes 3 April for 4 March. A date known only to the month or
//! the year is shown as precisely as it is known, never filled up.

use jiff::Timestamp;
use jiff::civil::Date;
use phm_core::time::{Instant, PartialDate, When};

use super::Locale;

/// How long someone has lived, in the unit people use for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Age {
    /// Two years and more.
    Years(u32),
    /// Under two years.
    Months(u32),
}

impl Age {
    /// The age on `today` of someone born on `birth`; nothing for a birth in the future.
    pub fn on(birth: PartialDate, today: PartialDate) -> Option<Self> {
        let months = |date: PartialDate| i32::from(date.year()) * 12 + i32::from(date.month().unwrap_or(1));
        let day = |date: PartialDate| date.day_of_month().unwrap_or(1);
        let lived = months(today) - months(birth) - i32::from(day(today) < day(birth));
        let lived = u32::try_from(lived).ok()?;
        Some(if lived < 24 { Self::Months(lived) } else { Self::Years(lived / 12) })
    }
}

impl Locale {
    /// A day, a month or a year in words: `3 April 2026`.
    pub fn date(&self, date: PartialDate) -> String {
        let year = self.number(date.year());
        let Some(month) = date.month() else { return year };
        let month = self.month(month);
        match date.day_of_month() {
            Some(day) => self.with_all("date-day", &[("day", &self.number(day)), ("month", &month), ("year", &year)]),
            None => self.with_all("date-month", &[("month", &month), ("year", &year)]),
        }
    }

    /// A day in few letters, for tables and charts: `3 Apr 2026`.
    pub fn short_date(&self, date: PartialDate) -> String {
        let year = self.number(date.year());
        let Some(month) = date.month() else { return year };
        let month = self.short_month(month);
        match date.day_of_month() {
            Some(day) => self.with_all("date-day", &[("day", &self.number(day)), ("month", &month), ("year", &year)]),
            None => self.with_all("date-month", &[("month", &month), ("year", &year)]),
        }
    }

    /// The name of a month, 1 to 12.
    pub fn month(&self, month: u8) -> String {
        self.say(&format!("month-{month}"))
    }

    /// The short name of a month, 1 to 12.
    pub fn short_month(&self, month: u8) -> String {
        self.say(&format!("month-short-{month}"))
    }

    /// The day on which a moment falls for the reader.
    pub fn local_date(&self, instant: Instant) -> PartialDate {
        self.civil(instant).map_or_else(|| instant.date(), |(date, _)| partial(date))
    }

    /// The first moment of a day such as `2026-11-22` for the reader; nothing for any other text.
    pub fn day_begins(&self, day: &str) -> Option<Instant> {
        self.midnight(day_of_form(day)?)
    }

    /// The last moment of a day such as `2026-11-22` for the reader; nothing for any other text.
    pub fn day_ends(&self, day: &str) -> Option<Instant> {
        let next = day_of_form(day)?.tomorrow().ok()?;
        Some(self.midnight(next)?.plus_millis(-1))
    }

    fn midnight(&self, day: Date) -> Option<Instant> {
        let begins = day.to_zoned(self.zone().clone()).ok()?;
        Some(Instant::from_millis(begins.timestamp().as_millisecond()))
    }

    /// The day of `when` for the reader, as precisely as it is known.
    pub fn day_of(&self, when: When) -> PartialDate {
        match when {
            When::Instant(instant) => self.local_date(instant),
            When::Date(date) => date,
        }
    }

    /// Hour and minute of a moment for the reader: `14:05`.
    pub fn time(&self, instant: Instant) -> String {
        self.number(self.civil(instant).map_or_else(String::new, |(_, time)| time))
    }

    /// A moment with its time, or a date as precisely as it is known.
    pub fn when(&self, when: When) -> String {
        match when {
            When::Date(date) => self.date(date),
            When::Instant(instant) => self.with_all(
                "date-time",
                &[("date", &self.date(self.local_date(instant))), ("time", &self.time(instant))],
            ),
        }
    }

    /// As [`Locale::when`], with the short month.
    pub fn short_when(&self, when: When) -> String {
        match when {
            When::Date(date) => self.short_date(date),
            When::Instant(instant) => self.with_all(
                "date-time",
                &[("date", &self.short_date(self.local_date(instant))), ("time", &self.time(instant))],
            ),
        }
    }

    /// A moment or date in text form, in words; other text as it stands.
    pub fn when_text(&self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |when| self.when(when))
    }

    /// An age in words.
    pub fn age(&self, age: Age) -> String {
        match age {
            Age::Years(years) => self.count("age-years", years),
            Age::Months(months) => self.count("age-months", months),
        }
    }

    /// The moment as a form shows it: `2026-04-03 14:05`, in the reader's zone.
    pub fn typed(&self, instant: Instant) -> String {
        self.civil(instant).map_or_else(String::new, |(date, time)| format!("{date} {time}"))
    }

    fn civil(&self, instant: Instant) -> Option<(Date, String)> {
        let zoned = Timestamp::from_millisecond(instant.millis()).ok()?.to_zoned(self.zone().clone());
        Some((zoned.date(), format!("{:02}:{:02}", zoned.hour(), zoned.minute())))
    }
}

/// A whole day as forms send it.
fn day_of_form(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == 10 { text.parse().ok() } else { None }
}

fn partial(date: Date) -> PartialDate {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    PartialDate::day(date.year(), month, day).unwrap_or_else(|| Instant::from_millis(0).date())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::{Digits, Language};

    fn date(text: &str) -> PartialDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_date_is_shown_as_precisely_as_it_is_known() {
        let locale = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
        assert_eq!(locale.date(date("2019")), "2019");
        assert_eq!(locale.date(date("2019-04")), "April 2019");
        assert_eq!(locale.date(date("2019-04-03")), "3 April 2019");
        let hindi = Locale::new(Language::Hindi, Digits::Native, TimeZone::UTC);
        assert_eq!(hindi.date(date("2019-04-03")), "३ अप्रैल २०१९");
    }

    #[test]
    fn a_moment_is_shown_on_the_reader_s_day() {
        let india = Locale::new(Language::English, Digits::Latin, TimeZone::fixed(jiff::tz::offset(5)));
        let late = "2026-04-03T20:30:00Z".parse().expect("a moment");
        assert_eq!(india.when(When::Instant(late)), "4 April 2026, 01:30");
    }

    #[test]
    fn a_day_of_a_form_is_the_reader_s_day() {
        let india =
            Locale::new(Language::English, Digits::Latin, crate::i18n::zones::named("Asia/Kolkata").expect("it"));
        let moment = |text: &str| Some(text.parse::<Instant>().expect("a moment"));
        assert_eq!(india.day_begins("2026-11-22"), moment("2026-11-21T18:30:00.000Z"));
        assert_eq!(india.day_ends(" 2026-11-22 "), moment("2026-11-22T18:29:59.999Z"));
        for text in ["", "2026", "2026-11", "2026-11-31", "next Monday", "2026-11-22T10:00:00Z"] {
            assert_eq!((india.day_begins(text), india.day_ends(text)), (None, None), "{text}");
        }
    }

    #[test]
    fn an_age_is_counted_in_full_years_and_for_infants_in_months() {
        assert_eq!(Age::on(date("1964-11-23"), date("2026-11-22")), Some(Age::Years(61)));
        assert_eq!(Age::on(date("1964-11-22"), date("2026-11-22")), Some(Age::Years(62)));
        assert_eq!(Age::on(date("2026-01-30"), date("2026-11-22")), Some(Age::Months(9)));
        assert_eq!(Age::on(date("2027"), date("2026-11-22")), None);
    }
}
