//! A person's history, newest first, month by month.

use askama::Template;
use phm_core::time::When;

use super::page::Page;
use super::records::Pager;
use super::row::{Row, RowData};
use crate::http::web::forms::{labels, layout};

/// One month of the timeline.
#[derive(Clone, Debug)]
pub struct Month {
    /// `April 2026`, or the words for entries without a date.
    pub name: String,
    /// Its entries.
    pub rows: Vec<Row>,
}

/// A choice of kinds.
#[derive(Clone, Debug)]
pub struct KindFilter {
    /// The kind.
    pub kind: String,
    /// Its name.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The timeline.
#[derive(Debug, Template)]
#[template(path = "timeline.html")]
pub struct Timeline {
    /// Shared parts.
    pub page: Page,
    /// Kinds to choose from.
    pub kinds: Vec<KindFilter>,
    /// Months with entries.
    pub months: Vec<Month>,
    /// Where in the list.
    pub pager: Pager,
}

impl Timeline {
    /// The timeline of these rows, which come newest first.
    pub fn new(page: Page, rows: &[RowData], chosen: &[String], pager: Pager) -> Self {
        let t = page.t.clone();
        let mut months: Vec<Month> = Vec::new();
        for data in rows {
            let name = month_of(&t, data.occurred);
            let row = Row::new(&t, page.profile(), data);
            match months.last_mut().filter(|month| month.name == name) {
                Some(month) => month.rows.push(row),
                None => months.push(Month { name, rows: vec![row] }),
            }
        }
        let kinds = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty());
        let kinds = kinds.enumerate().filter(|(n, layout)| *n < 10 || layout.kind == "dose").map(|(_, layout)| layout);
        let kinds = kinds.map(|layout| KindFilter {
            kind: layout.kind.to_owned(),
            label: labels::kinds(&t, layout.kind),
            chosen: chosen.iter().any(|kind| kind == layout.kind),
        });
        Self { kinds: kinds.collect(), months, pager, page }
    }
}

fn month_of(t: &crate::i18n::Locale, when: Option<When>) -> String {
    let Some(when) = when else { return t.say("timeline-undated") };
    let day = t.day_of(when);
    let Some(month) = day.month() else { return t.number(day.year()) };
    t.with_all("date-month", &[("month", &t.month(month)), ("year", &t.number(day.year()))])
}
