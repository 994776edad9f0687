//! The HbA1c trend: a drawing with its target, and the same values as a table.

use askama::Template;
use phm_core::time::{Instant, PartialDate};

use super::record::Figure;
use super::row::RowData;
use crate::http::web::chart::{Point, Target, Trend, plain_number};
use crate::i18n::Locale;

/// How far back the trend looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Span {
    /// Six months.
    HalfYear,
    /// One year.
    #[default]
    Year,
}

impl Span {
    /// Its word in the address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HalfYear => "6m",
            Self::Year => "1y",
        }
    }

    /// The span a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::HalfYear, Self::Year].into_iter().find(|span| span.word() == word)
    }

    const fn days(self) -> i64 {
        match self {
            Self::HalfYear => 183,
            Self::Year => 366,
        }
    }
}

/// The HbA1c trend.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/trend.html")]
pub struct TrendCard {
    /// The reader.
    pub t: Locale,
    /// The profile.
    pub profile: String,
    /// The span shown.
    pub span: Span,
    /// The newest value.
    pub latest: Option<Figure>,
    /// Its day.
    pub latest_date: String,
    /// How it stands to the one before: catalogue text.
    pub change: String,
    /// Drawing for narrow screens.
    pub narrow: String,
    /// Drawing for wide screens.
    pub wide: String,
    /// Dates, values and addresses, newest first.
    pub table: Vec<(String, String, String)>,
    /// Whether the person has any HbA1c at all.
    pub any: bool,
}

/// The general target of HbA1c for non-pregnant adults with diabetes: below 7 % (ADA, Standards of Care in
/// Diabetes 2025, section 6). A person's own target will come from their care plan.
const HBA1C_TARGET: f64 = 7.0;

impl TrendCard {
    /// The trend over `span` before `now`. Results in another unit than percent are in the list, not in the drawing.
    pub fn new(t: &Locale, profile: &str, rows: &[RowData], span: Span, now: Instant) -> Self {
        let from = now.millis() - span.days() * 86_400_000;
        let mut points = rows.iter().filter_map(|row| point(t, profile, row)).collect::<Vec<_>>();
        points.sort_by_key(|point| point.at);
        let latest = points.last().cloned();
        let change = match points.as_slice() {
            [.., before, last] if last.value < before.value => t.with("trend-lower", "before", &before.label),
            [.., before, last] if last.value > before.value => t.with("trend-higher", "before", &before.label),
            [.., before, _] => t.with("trend-same", "before", &before.label),
            _ => String::new(),
        };
        let any = !points.is_empty();
        let visible =
            points.into_iter().filter(|point| point.at >= from && point.at <= now.millis()).collect::<Vec<_>>();
        let table =
            visible.iter().rev().map(|point| (point.date.clone(), point.label.clone(), point.link.clone())).collect();
        let trend = Trend {
            target: Some(Target {
                value: HBA1C_TARGET,
                label: t.with("trend-target", "value", format!("{} %", t.number("7.0"))),
            }),
            band: Vec::new(),
            span: (from, now.millis()),
            ticks: months(t, from, now.millis()),
            title: t.say("trend-title"),
            number: plain_number,
            locale: t.clone(),
            points: visible,
        };
        Self {
            t: t.clone(),
            profile: profile.to_owned(),
            span,
            latest: latest
                .as_ref()
                .map(|point| Figure { value: point.label.trim_end_matches(" %").to_owned(), unit: "%".to_owned() }),
            latest_date: latest.map(|point| point.date).unwrap_or_default(),
            change,
            narrow: trend.svg(340, 210),
            wide: trend.svg(600, 230),
            table,
            any,
        }
    }
}

fn point(t: &Locale, profile: &str, row: &RowData) -> Option<Point> {
    let value = row.number_in("%")?;
    let when = row.occurred?;
    Some(Point {
        at: when.first().millis(),
        value,
        label: format!("{} %", t.number(row.value.as_deref()?)),
        date: t.short_date(t.day_of(when)),
        link: format!("/p/{profile}/lab-results/{}", row.id),
        off: value > HBA1C_TARGET,
    })
}

/// The first of each month between two moments, with the month's short name.
pub(super) fn months(t: &Locale, from: i64, to: i64) -> Vec<(i64, String)> {
    let first = t.local_date(Instant::from_millis(from));
    let (mut year, mut month) = (first.year(), first.month().unwrap_or(1));
    let mut ticks = Vec::new();
    for _ in 0..14 {
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let Some(day) = PartialDate::day(year, month, 1) else { break };
        let at = day.first().millis();
        if at > to {
            break;
        }
        ticks.push((at, t.short_month(month)));
    }
    ticks
}
