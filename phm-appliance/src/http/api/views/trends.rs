//! The values of a test over time.

use std::collections::BTreeMap;

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Sort};
use phm_core::time::When;
use phm_core::vault::{Row, Session};
use serde::Serialize;

use super::{Asked, Shown};
use crate::http::api::records::MOST_PER_PAGE;
use crate::http::problem::Problem;

/// One value of a trend.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The record it stands in.
    pub id: RecordId,
    /// When it was measured.
    pub occurred: Option<When>,
    /// The value as it was written.
    pub value: String,
    /// The interpretation, such as `H`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// The values of one test in one unit, oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// The code system.
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The test in words.
    pub title: String,
    /// The unit of all values.
    pub unit: Option<String>,
    /// The values.
    pub points: Vec<Point>,
}

/// Every trend of a kind that `query` finds, one for each test and unit.
pub fn trends(session: &Session, profile: ProfileId, kind: &str, query: &Query) -> Result<Vec<Trend>, Problem> {
    let permit = session.permit(Action::Read, profile, kind)?;
    let mut trends: BTreeMap<(String, Option<String>), Trend> = BTreeMap::new();
    let mut query = Query { sort: Sort::OldestFirst, page: 1, per_page: MOST_PER_PAGE, ..query.clone() };
    loop {
        let page = session.summaries(&permit, &query)?;
        let seen = u64::from(query.page) * u64::from(query.per_page);
        for row in page.items {
            add(&mut trends, row);
        }
        if seen >= page.total {
            break;
        }
        query.page += 1;
    }
    Ok(trends.into_values().collect())
}

/// Rows without a value (panels, texts) belong to no trend.
fn add(trends: &mut BTreeMap<(String, Option<String>), Trend>, row: Row) {
    let Some(value) = row.value else { return };
    let first = row.codes.first().cloned();
    let key = first.as_ref().map_or_else(|| row.title.clone(), |(system, code)| format!("{system}|{code}"));
    let trend = trends.entry((key, row.unit.clone())).or_insert_with(|| Trend {
        system: first.as_ref().map(|(system, _)| system.clone()),
        code: first.map(|(_, code)| code),
        title: row.title,
        unit: row.unit,
        points: Vec::new(),
    });
    trend.points.push(Point { id: row.id, occurred: row.occurred, value, flag: row.flag });
}

/// The view: `code` says which tests.
pub fn lab_results(asked: &Asked<'_>) -> Result<Shown, Problem> {
    if asked.query.codes.is_empty() {
        return Err(Problem::invalid("/code", "required"));
    }
    Shown::new(&trends(asked.session, asked.profile, "lab-result", &asked.query)?)
}
