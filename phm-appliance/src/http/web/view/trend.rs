//! The HbA1c trend: a drawing with its target, and the same values as a table.

use askama::Template;
use phm_core::time::{Instant, PartialDate};

use super::record::Figure;
use crate::http::api;
use crate::http::web::chart::{Point, Target, Trend, plain_number};
use crate::http::web::forms::units;
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
    /// The form token.
    pub csrf: String,
    /// The units it can be shown in, with their names and whether it is; empty where the reader may not choose.
    pub units: Vec<(&'static str, String, bool)>,
}

/// What a trend is drawn for.
#[derive(Clone, Debug, Default)]
pub struct TrendData {
    /// The values, where there are any.
    pub trend: Option<api::Trend>,
    /// Whether the reader may choose the unit.
    pub may_choose: bool,
}

/// The units HbA1c is reported in, by NGSP and by IFCC, each with the general target for non-pregnant adults with
/// diabetes: below 7 %, which is 53 mmol/mol (ADA, Standards of Care in Diabetes 2025, section 6). A person's own target
/// will come from their care plan.
const UNITS: [(&str, &str, f64); 2] = [("%", "7.0", 7.0), ("mmol/mol", "53", 53.0)];

impl TrendCard {
    /// The trend over `span` before `now`, in the unit of `data`.
    pub fn new(t: &Locale, profile: &str, csrf: &str, data: &TrendData, span: Span, now: Instant) -> Self {
        let from = now.millis() - span.days() * 86_400_000;
        let unit = data.trend.as_ref().and_then(|trend| trend.unit.as_deref()).unwrap_or("%");
        let named = units::of(t, unit, "");
        let target = UNITS.iter().find(|(known, ..)| *known == unit);
        let limit = target.map_or(f64::INFINITY, |(.., limit)| *limit);
        let values = data.trend.iter().flat_map(|trend| &trend.points);
        let points = values.filter_map(|value| point(t, profile, value, &named, limit)).collect::<Vec<_>>();
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
            target: target.map(|(_, written, value)| Target {
                value: *value,
                label: t.with("trend-target", "value", format!("{} {named}", t.number(written))),
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
            latest: latest.as_ref().map(|point| Figure {
                value: point.label.trim_end_matches(&named).trim_end().to_owned(),
                unit: named.clone(),
            }),
            latest_date: latest.map(|point| point.date).unwrap_or_default(),
            change,
            narrow: trend.svg(340, 210),
            wide: trend.svg(600, 230),
            table,
            any,
            csrf: csrf.to_owned(),
            units: if any && data.may_choose {
                UNITS.map(|(known, ..)| (known, units::of(t, known, ""), known == unit)).into()
            } else {
                Vec::new()
            },
        }
    }
}

fn point(t: &Locale, profile: &str, found: &api::Point, unit: &str, limit: f64) -> Option<Point> {
    let value: f64 = found.value.trim_start_matches(['<', '>', '=']).parse().ok()?;
    let when = found.occurred?;
    Some(Point {
        at: when.first().millis(),
        value,
        label: format!("{} {unit}", t.number(&found.value)),
        date: t.short_date(t.day_of(when)),
        link: format!("/p/{profile}/lab-results/{}", found.id),
        off: value > limit,
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
