//! The samples of a series: a drawing of a day, a week, a month or a year, and the same numbers as a table.

use askama::Template;
use jiff::{Timestamp, ToSpan as _, Zoned};
use phm_core::time::{Instant, When};
use phm_core::vault::{Bucket, Gathered};

use super::record::Figure;
use crate::http::web::chart::{Point, Trend, plain_number};
use crate::http::web::forms::units;
use crate::i18n::Locale;

/// How much of a series is shown at once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Range {
    /// One day.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// Thirty days.
    Month,
    /// A year.
    Year,
}

impl Range {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its word in the address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The range a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.word() == word)
    }

    const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }

    /// The stretches its samples are gathered in: days are those of the reader.
    pub fn bucket(self, t: &Locale) -> Bucket {
        let fixed = |text: &str| text.parse().expect("a stretch of time");
        match self {
            Self::Day => fixed("30m"),
            Self::Week => fixed("3h"),
            Self::Month => {
                let own = t.zone().iana_name().and_then(|zone| Bucket::days_in(zone).ok());
                own.unwrap_or_else(|| fixed("1d"))
            }
            Self::Year => fixed("1w"),
        }
    }
}

/// The stretch of time that is shown: whole days of the reader.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stretch {
    /// Its first moment.
    pub from: Instant,
    /// The first moment behind it.
    pub to: Instant,
}

impl Stretch {
    /// As long as `range`, with the day of `last` as its last one.
    pub fn ending(t: &Locale, range: Range, last: Instant) -> Self {
        let days = || {
            let last = Timestamp::from_millisecond(last.millis())?.to_zoned(t.zone().clone());
            let end = last.tomorrow()?.start_of_day()?;
            let start = end.checked_sub(range.days().days())?.start_of_day()?;
            let instant = |zoned: &Zoned| Instant::from_millis(zoned.timestamp().as_millisecond());
            Ok::<_, jiff::Error>(Self { from: instant(&start), to: instant(&end) })
        };
        days().unwrap_or(Self { from: last, to: last.plus_millis(1) })
    }
}

/// What a session answered about a series.
#[derive(Clone, Debug)]
pub struct Gauged {
    /// The unit of its samples.
    pub unit: String,
    /// The samples of the stretch, gathered.
    pub rows: Vec<Gathered>,
    /// Moments of the first and the last sample, where they are known.
    pub extent: Option<(Instant, Instant)>,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its place, which the drawing links to.
    pub id: String,
    /// When.
    pub when: String,
    /// The mean.
    pub mean: String,
    /// The least.
    pub low: String,
    /// The greatest.
    pub high: String,
    /// How many samples.
    pub count: String,
}

/// The samples of a series.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/series.html")]
pub struct SeriesCard {
    /// The reader.
    pub t: Locale,
    /// The ranges one may choose: address, name, and whether it is the one shown.
    pub ranges: Vec<(String, String, bool)>,
    /// From which day to which.
    pub days: String,
    /// The mean over all that is shown.
    pub figure: Option<Figure>,
    /// The least and the greatest of it, in words.
    pub bounds: String,
    /// Drawing for narrow screens.
    pub narrow: String,
    /// Drawing for wide screens.
    pub wide: String,
    /// The numbers, newest first.
    pub table: Vec<Line>,
    /// The unit as people write it.
    pub unit: String,
    /// Address of the stretch before; empty where nothing is there.
    pub earlier: String,
    /// Address of the stretch behind.
    pub later: String,
}

impl SeriesCard {
    /// The card of the series at `path`.
    pub fn new(t: &Locale, path: &str, range: Range, stretch: Stretch, gauged: &Gauged) -> Self {
        let unit = units::of(t, &gauged.unit, "2");
        let points: Vec<Point> = gauged.rows.iter().filter_map(|row| point(t, range, &unit, row)).collect();
        let day = |at: Instant| t.short_date(t.local_date(at));
        let (first, last) = (day(stretch.from), day(stretch.to.plus_millis(-1)));
        let days = if first == last { first } else { t.with_all("series-days", &[("from", &first), ("to", &last)]) };
        let band = |row: &Gathered| Some((row.at.millis(), row.min.parse().ok()?, row.max.parse().ok()?));
        let trend = Trend {
            target: None,
            band: gauged.rows.iter().filter_map(band).collect(),
            span: (stretch.from.millis(), stretch.to.millis()),
            ticks: ticks(t, range, stretch),
            title: t.with("series-chart", "days", &days),
            number: plain_number,
            locale: t.clone(),
            points,
        };
        let link = |at: Instant| format!("{path}?range={}&until={at}#samples", range.word());
        let (from, to) = gauged.extent.unwrap_or((stretch.from, stretch.from));
        let mut table: Vec<Line> = gauged.rows.iter().map(|row| line(t, range, row)).collect();
        table.reverse();
        Self {
            t: t.clone(),
            ranges: Range::ALL
                .into_iter()
                .map(|one| {
                    let name = t.say(&format!("series-{}", one.word()));
                    (format!("{path}?range={}", one.word()), name, one == range)
                })
                .collect(),
            days,
            figure: mean_of(&gauged.rows).map(|mean| Figure { value: t.number(mean), unit: unit.clone() }),
            bounds: bounds(t, &gauged.rows),
            narrow: trend.svg(340, 210),
            wide: trend.svg(600, 230),
            table,
            unit,
            earlier: if from < stretch.from { link(stretch.from.plus_millis(-1)) } else { String::new() },
            later: if to >= stretch.to { link(later(t, range, stretch)) } else { String::new() },
        }
    }
}

/// A moment of the last day of the stretch behind.
fn later(t: &Locale, range: Range, stretch: Stretch) -> Instant {
    let day = 24 * 60 * 60 * 1000;
    let last = stretch.to.plus_millis((range.days() - 1) * day + day / 2);
    // Clocks may have changed within it; the middle of a day stays in it.
    Stretch::ending(t, Range::Day, last).from
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn point(t: &Locale, range: Range, unit: &str, row: &Gathered) -> Option<Point> {
    let value = t.number(shown(number(&row.mean)?));
    let bounds = t.with_all("series-bounds", &[("low", &t.number(&row.min)), ("high", &t.number(&row.max))]);
    Some(Point {
        at: row.at.millis(),
        value: number(&row.mean)?,
        label: format!("{value} {unit} · {bounds}"),
        date: moment(t, range, row.at),
        link: format!("#{}", id_of(row)),
        off: false,
    })
}

fn id_of(row: &Gathered) -> String {
    format!("s{}", row.at.millis())
}

/// A computed number as people read it: at most one decimal.
fn shown(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn line(t: &Locale, range: Range, row: &Gathered) -> Line {
    Line {
        id: id_of(row),
        when: moment(t, range, row.at),
        mean: t.number(number(&row.mean).map_or_else(|| row.mean.clone(), shown)),
        low: t.number(&row.min),
        high: t.number(&row.max),
        count: t.number(row.count),
    }
}

fn moment(t: &Locale, range: Range, at: Instant) -> String {
    match range {
        Range::Day | Range::Week => t.short_when(When::Instant(at)),
        Range::Month | Range::Year => t.short_date(t.local_date(at)),
    }
}

/// The mean of all samples of these rows.
fn mean_of(rows: &[Gathered]) -> Option<String> {
    let weight = |row: &Gathered| Some((number(&row.mean)?, f64::from(u32::try_from(row.count).ok()?)));
    let (sum, count) = rows
        .iter()
        .filter_map(weight)
        .fold((0.0, 0.0), |(sum, total), (mean, count)| (sum + mean * count, total + count));
    (count > 0.0).then(|| shown(sum / count))
}

fn bounds(t: &Locale, rows: &[Gathered]) -> String {
    let by = |one: &&Gathered, other: &&Gathered, text: fn(&Gathered) -> &str| {
        number(text(one)).unwrap_or(f64::NAN).total_cmp(&number(text(other)).unwrap_or(f64::NAN))
    };
    let low = rows.iter().min_by(|one, other| by(one, other, |row| &row.min));
    let high = rows.iter().max_by(|one, other| by(one, other, |row| &row.max));
    match (low, high) {
        (Some(low), Some(high)) => {
            t.with_all("series-bounds", &[("low", &t.number(&low.min)), ("high", &t.number(&high.max))])
        }
        _ => String::new(),
    }
}

/// Marks of the time axis: hours of a day, days of a week or month, months of a year.
fn ticks(t: &Locale, range: Range, stretch: Stretch) -> Vec<(i64, String)> {
    let hour = 60 * 60 * 1000;
    let (from, to) = (stretch.from.millis(), stretch.to.millis());
    let steps = |step: i64| (0..).map(move |n| from + n * step).take_while(move |at| *at < to);
    let day = |at: i64| {
        let date = t.local_date(Instant::from_millis(at));
        t.number(date.day_of_month().unwrap_or_default())
    };
    match range {
        Range::Day => steps(6 * hour).map(|at| (at, t.time(Instant::from_millis(at)))).collect(),
        Range::Week => steps(24 * hour).map(|at| (at, day(at))).collect(),
        Range::Month => steps(5 * 24 * hour).map(|at| (at, day(at))).collect(),
        Range::Year => super::trend::months(t, from, to),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::i18n::{Digits, Language};

    fn reader(language: Language) -> Locale {
        Locale::new(language, Digits::Latin, TimeZone::get("Asia/Kolkata").expect("a place"))
    }

    fn row(at: &str, min: &str, max: &str, mean: &str, count: u64) -> Gathered {
        let at = at.parse().expect("a moment");
        Gathered { at, min: min.into(), max: max.into(), mean: mean.into(), count }
    }

    fn gauged(rows: Vec<Gathered>) -> Gauged {
        let instant = |text: &str| text.parse::<Instant>().expect("a moment");
        let extent = Some((instant("2026-10-01T00:00:00Z"), instant("2026-11-22T10:00:00Z")));
        Gauged { unit: "/min".into(), rows, extent }
    }

    #[test]
    fn a_stretch_is_made_of_whole_days_of_the_reader() {
        let t = reader(Language::English);
        let last = "2026-11-22T20:00:00Z".parse().expect("a moment");
        let week = Stretch::ending(&t, Range::Week, last);
        assert_eq!(week.from.to_string(), "2026-11-16T18:30:00.000Z");
        assert_eq!(week.to.to_string(), "2026-11-23T18:30:00.000Z");
    }

    #[test]
    fn every_number_of_the_drawing_stands_in_the_table_too() {
        for language in [Language::English, Language::Hindi, Language::Punjabi] {
            let t = reader(language);
            let stretch = Stretch::ending(&t, Range::Week, "2026-11-22T10:00:00Z".parse().expect("a moment"));
            let rows = vec![
                row("2026-11-20T06:00:00Z", "58", "71.5", "63.3", 180),
                row("2026-11-20T09:00:00Z", "60", "104", "80", 60),
            ];
            let card = SeriesCard::new(&t, "/p/x/series/y", Range::Week, stretch, &gauged(rows));
            let html = card.render().expect("rendered");
            assert_eq!(card.figure.as_ref().map(|figure| figure.value.as_str()), Some("67.5"));
            for text in ["63.3", "71.5", "104", "58", "180", "id=\"s1", "href=\"#s1", "class=\"zone\""] {
                assert!(html.contains(text), "{text} in {html}");
            }
            assert!(!html.contains("series-"), "every text is in the catalogue of {language:?}");
            assert!(card.earlier.contains("range=week&until=2026-11-1") && card.later.is_empty());
        }
    }

    #[test]
    fn a_stretch_without_samples_says_so_and_leads_to_those_there_are() {
        let t = reader(Language::English);
        let stretch = Stretch::ending(&t, Range::Day, "2026-10-20T10:00:00Z".parse().expect("a moment"));
        let card = SeriesCard::new(&t, "/p/x/series/y", Range::Day, stretch, &gauged(Vec::new()));
        assert!(card.render().expect("rendered").contains(&t.say("series-none")));
        assert!(!card.earlier.is_empty() && !card.later.is_empty());
        let none = Gauged { extent: None, ..gauged(Vec::new()) };
        let card = SeriesCard::new(&t, "/p/x/series/y", Range::Day, stretch, &none);
        assert!(card.earlier.is_empty() && card.later.is_empty());
    }
}
