//! The values of a test over time.
//!
//! A test of the catalogue is one trend, whatever units and codes its results came with: every value stands in the unit
//! of the trend, beside it the original. Other tests are one trend for each code and unit.

use std::collections::BTreeMap;

use phm_core::access::Action;
use phm_core::analytics::labs::{self, LOINC, Test};
use phm_core::analytics::trends::{Entry, Statistics, explain, hba1c_story, series, statistics_of};
use phm_core::analytics::units::Conversion;
use phm_core::analytics::{Message, summary, units};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Sort};
use phm_core::model::{Condition, Decimal, Kind as _, Unit};
use phm_core::time::When;
use phm_core::vault::{Row, Session};
use serde::Serialize;

use super::{Asked, Shown};
use crate::http::api::records::MOST_PER_PAGE;
use crate::http::api::units::PreferredUnits;
use crate::http::house::AtWork;
use crate::http::problem::Problem;

/// One value of a trend.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The record it stands in.
    pub id: RecordId,
    /// When it was measured.
    pub occurred: Option<When>,
    /// The value in the unit of the trend; as it was written where it was written in that unit.
    pub value: String,
    /// The value as it was written, where that was another unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// The interpretation, such as `H`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// A value as it was written.
#[derive(Clone, Debug, Serialize)]
pub struct Original {
    /// The value.
    pub value: String,
    /// Its unit.
    pub unit: Option<String>,
}

/// A value that has to be asked about before it stands in a trend.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The record it stands in.
    pub id: RecordId,
    /// Why.
    pub code: &'static str,
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
    /// Its name in the catalogue, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<&'static str>,
    /// The unit of all values.
    pub unit: Option<String>,
    /// The values.
    pub points: Vec<Point>,
    /// Values that have to be asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Question>,
    /// What the numbers come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
    /// What there is to say, as codes of the catalogues.
    pub explanation: Vec<Message>,
}

/// Every trend of lab results that `query` finds, in the units the person wants.
pub fn trends(session: &AtWork, profile: ProfileId, query: &Query) -> Result<Vec<Trend>, Problem> {
    in_unit(session, profile, query, None)
}

fn in_unit(session: &AtWork, profile: ProfileId, query: &Query, unit: Option<&Unit>) -> Result<Vec<Trend>, Problem> {
    let permit = session.permit(Action::Read, profile, "lab-result")?;
    let preferred = PreferredUnits::of(session, profile)?;
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut query = Query { sort: Sort::OldestFirst, page: 1, per_page: MOST_PER_PAGE, ..query.clone() };
    query.codes = of_same_test(&query.codes);
    loop {
        let page = session.summaries(&permit, &query)?;
        let seen = u64::from(query.page) * u64::from(query.per_page);
        // Rows without a value (panels, texts) belong to no trend.
        for row in page.items.into_iter().filter(|row| row.value.is_some()) {
            groups.entry(group(&row)).or_default().push(row);
        }
        if seen >= page.total {
            break;
        }
        query.page += 1;
    }
    let altered = altered_red_cells(session, profile, &groups)?;
    let trend = |rows: Vec<Row>| match test_of(&rows[0]) {
        Some(test) => of_test(test, rows, unit.cloned().or_else(|| preferred.of_test(test)), altered),
        None => of_others(rows),
    };
    Ok(groups.into_values().map(trend).collect())
}

/// A code of the catalogue stands for all codes of its test: one counts, another weighs.
fn of_same_test(codes: &[CodeFilter]) -> Vec<CodeFilter> {
    let mut all = codes.to_vec();
    for filter in codes.iter().filter(|filter| filter.system.as_deref().is_none_or(|system| system == LOINC)) {
        let test = labs::by_loinc(&filter.code);
        let others = test.into_iter().flat_map(|test| &test.loinc).filter(|code| **code != filter.code);
        all.extend(others.map(|code| CodeFilter { system: filter.system.clone(), code: code.clone() }));
    }
    all
}

fn test_of(row: &Row) -> Option<&'static Test> {
    let coded = row.codes.iter().filter(|(system, _)| system == LOINC).find_map(|(_, code)| labs::by_loinc(code));
    coded.filter(|test| test.unit.is_some())
}

fn group(row: &Row) -> String {
    if let Some(test) = test_of(row) {
        return format!("test {}", test.key);
    }
    let first = row.codes.first().map_or_else(|| row.title.clone(), |(system, code)| format!("{system}|{code}"));
    format!("other {first} {}", row.unit.as_deref().unwrap_or_default())
}

/// The unit asked for, else that of the newest value, as far as the test can be brought to it.
fn unit_of(test: &Test, rows: &[Row], asked: Option<Unit>) -> Unit {
    let own = test.unit.clone().unwrap_or_else(|| Unit::from_free_text("1"));
    let newest = rows.iter().rev().find_map(|row| row.unit.as_deref()?.parse().ok());
    let fits = |unit: &Unit| Conversion::between(&own, unit, &test.substance()).is_ok();
    asked.filter(fits).or_else(|| newest.filter(fits)).unwrap_or(own)
}

fn of_test(test: &'static Test, rows: Vec<Row>, asked: Option<Unit>, altered: bool) -> Trend {
    let unit = unit_of(test, &rows, asked);
    let found = {
        let entries: Vec<(usize, Entry<'_>)> =
            rows.iter().enumerate().filter_map(|(index, row)| Some((index, entry(row)?))).collect();
        let values: Vec<Entry<'_>> = entries.iter().map(|(_, entry)| *entry).collect();
        let mut found = series(Some(test), &values, &unit);
        // Back from places among the dated to places among the rows.
        found.points.iter_mut().for_each(|point| point.entry = entries[point.entry].0);
        found.asked.iter_mut().for_each(|(place, _)| *place = entries[*place].0);
        found
    };
    let statistics = statistics_of(&found, None);
    let mut explanation = explain(&found, statistics.as_ref());
    if test.key == "hba1c" {
        explanation.extend(hba1c_story(&found, altered));
    }
    let point = |point: &phm_core::analytics::trends::Point| {
        let row = &rows[point.entry];
        let written = row.value.clone().unwrap_or_default();
        let same = row.unit.as_deref() == Some(unit.as_str());
        let digits = written
            .trim_start_matches(['<', '>', '='])
            .parse::<Decimal>()
            .map_or(3, |decimal| units::significant_digits(&decimal));
        let sign = point.comparator.map_or("", phm_core::model::Comparator::word);
        let shown = format!("{sign}{}", units::significant(point.value, digits + 1));
        Point {
            id: row.id,
            occurred: row.occurred,
            value: if same { written.clone() } else { shown },
            original: (!same).then(|| Original { value: written, unit: row.unit.clone() }),
            flag: row.flag.clone(),
        }
    };
    let newest = rows.last();
    Trend {
        system: Some(LOINC.to_owned()),
        code: newest.and_then(|row| row.codes.iter().find(|(system, _)| system == LOINC)).map(|(_, code)| code.clone()),
        title: newest.map(|row| row.title.clone()).unwrap_or_default(),
        test: Some(&test.key),
        unit: Some(unit.to_string()),
        points: found.points.iter().map(point).collect(),
        asked: found
            .asked
            .iter()
            .map(|(place, question)| Question { id: rows[*place].id, code: question.code })
            .collect(),
        statistics,
        explanation,
    }
}

fn entry(row: &Row) -> Option<Entry<'_>> {
    Some(Entry { value: row.value.as_deref()?, unit: row.unit.as_deref().unwrap_or("1"), when: row.occurred? })
}

fn of_others(rows: Vec<Row>) -> Trend {
    let first = rows[0].codes.first().cloned();
    let unit = rows[0].unit.clone();
    let own: Option<Unit> = unit.as_deref().unwrap_or("1").parse().ok();
    let (statistics, explanation) = own.map_or((None, Vec::new()), |own| {
        let entries: Vec<Entry<'_>> = rows.iter().filter_map(entry).collect();
        let found = series(None, &entries, &own);
        let statistics = statistics_of(&found, None);
        (statistics, explain(&found, statistics.as_ref()))
    });
    let points = rows.iter().map(|row| Point {
        id: row.id,
        occurred: row.occurred,
        value: row.value.clone().unwrap_or_default(),
        original: None,
        flag: row.flag.clone(),
    });
    Trend {
        system: first.as_ref().map(|(system, _)| system.clone()),
        code: first.map(|(_, code)| code),
        title: rows[0].title.clone(),
        test: None,
        unit,
        points: points.collect(),
        asked: Vec::new(),
        statistics,
        explanation,
    }
}

/// Whether a condition that the caller may read makes HbA1c unreliable.
fn altered_red_cells(
    session: &Session,
    profile: ProfileId,
    groups: &BTreeMap<String, Vec<Row>>,
) -> Result<bool, Problem> {
    if !groups.contains_key("test hba1c") {
        return Ok(false);
    }
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, Condition::NAME) else { return Ok(false) };
    let found = session.list(&permit, &Query { per_page: MOST_PER_PAGE, ..Query::default() })?;
    let conditions: Vec<Condition> =
        found.items.iter().map(|record| Condition::from_stored(record.body.get())).collect::<Result<_, _>>()?;
    Ok(summary::alters_red_cells(conditions.iter().map(Condition::concept)))
}

/// The view: `code` says which tests, `unit` in which unit.
pub fn lab_results(asked: &Asked<'_>) -> Result<Shown, Problem> {
    if asked.query.codes.is_empty() {
        return Err(Problem::invalid("/code", "required"));
    }
    let unit = asked.other("unit").map(str::parse::<Unit>).transpose();
    let unit = unit.map_err(|_| Problem::invalid("/unit", "unknown-unit"))?;
    Shown::new(&in_unit(asked.session, asked.profile, &asked.query, unit.as_ref())?)
}
