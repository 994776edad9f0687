//! The values of a test over time.
//!
//! A test of the catalogue is one trend, whatever units and codes its results came with: every value stands in the unit
//! of the trend, beside it the original. Other tests are one trend for each code and unit.

use std::collections::{BTreeMap, HashMap};

use phm_core::access::{Action, Permit};
use phm_core::analytics::labs::{self, Bounds, LOINC, Test, Who};
use phm_core::analytics::trends::{Entry, Expected, Series, Statistics, explain, hba1c_story, series, statistics_of};
use phm_core::analytics::units::Conversion;
use phm_core::analytics::{Message, summary, units};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Sort};
use phm_core::model::{Condition, Decimal, Kind as _, LabResult, Unit};
use phm_core::time::When;
use phm_core::vault::{Common, Measured, Removed, Session};
use serde::Serialize;

use super::attention::{self, every, is_void, who};
use super::{Asked, Shown};
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
    let asked_for: Vec<&Test> = query.codes.iter().filter_map(|filter| labs::by_loinc(&filter.code)).collect();
    let query = Query { sort: Sort::OldestFirst, codes: of_same_test(&query.codes), ..query.clone() };
    let found = session.values(&permit, &query)?;
    let mut names = Names::default();
    // Results that never were belong to no trend; of those that somebody typed without a code, only the ones whose name
    // says a test that was asked for.
    let groups_of: Vec<Option<Group>> = found
        .common
        .iter()
        .map(|common| {
            let test = names.test_of(common);
            let wanted = |test: &Test| asked_for.iter().any(|asked| asked.key == test.key);
            let counts = !common.codes.is_empty() || test.is_some_and(wanted);
            (counts && !is_void(common.status.as_deref())).then(|| Group::of(common, test))
        })
        .collect();
    let mut groups: BTreeMap<&Group, Vec<Row<'_>>> = BTreeMap::new();
    // Records without a value (panels, texts) belong to no trend either.
    for own in found.items.iter().filter(|own| own.value.is_some()) {
        if let Some(group) = &groups_of[own.of] {
            groups.entry(group).or_default().push(Row { own, common: &found.common[own.of] });
        }
    }
    let has_hba1c = groups.keys().any(|group| matches!(group, Group::Test("hba1c")));
    let altered = has_hba1c && altered_red_cells(session, profile)?;
    let mut trends = Vec::with_capacity(groups.len());
    for (group, rows) in groups {
        trends.push(match group.test() {
            Some(test) => {
                let unit = unit_of(test, &rows, unit, preferred.of_test(test))?;
                let expected = expected_of(session, &permit, test, &rows, &unit)?;
                of_test(test, &rows, &unit, expected.as_ref(), altered)
            }
            None => of_others(&rows),
        });
    }
    Ok(trends)
}

/// One value, with what it has in common with others.
#[derive(Clone, Copy)]
struct Row<'v> {
    own: &'v Measured,
    common: &'v Common,
}

impl<'v> Row<'v> {
    fn unit(self) -> Option<&'v str> {
        self.common.unit.as_deref()
    }

    fn written(self) -> String {
        self.own.value.clone().unwrap_or_default()
    }

    fn entry(self) -> Option<Entry<'v>> {
        Some(Entry { value: self.own.value.as_deref()?, unit: self.unit().unwrap_or("1"), when: self.own.occurred? })
    }
}

/// Where values are expected: in the range of the newest result, else in the usual one of the person.
fn expected_of(
    session: &AtWork,
    permit: &Permit,
    test: &'static Test,
    rows: &[Row<'_>],
    unit: &Unit,
) -> Result<Option<Expected>, Problem> {
    let Some(newest) = rows.last() else { return Ok(None) };
    let record = session.read(permit, newest.own.id, Removed::Hide)?;
    let result = LabResult::from_stored(record.body.get())?;
    let to_unit = |from: &Unit| Conversion::between(from, unit, &test.substance()).ok();
    if let Some(range) = result.range() {
        let own: Option<Unit> = result.quantity().and_then(|quantity| quantity.unit().parse().ok());
        let bounds = own.as_ref().and_then(|own| Bounds::of(range, own, &test.substance())).zip(own.as_ref());
        return Ok(bounds.and_then(|(bounds, own)| bounds.brought(to_unit(own)?)).map(Expected::from));
    }
    let profile = permit.profile();
    let who = if session.may(Action::Read, profile, "profile") {
        who(&session.profile_card(profile)?, newest.own.occurred)
    } else {
        Who::default()
    };
    Ok(Expected::usual(test, who, unit))
}

/// A code of the catalogue stands for all codes of its test: one counts, another weighs.
fn of_same_test(codes: &[CodeFilter]) -> Vec<CodeFilter> {
    let mut all = codes.to_vec();
    for filter in codes.iter().filter(|filter| filter.system.as_deref().is_none_or(|system| system == LOINC)) {
        let test = labs::by_loinc(&filter.code);
        let others = test.into_iter().flat_map(|test| &test.loinc).filter(|code| **code != filter.code);
        all.extend(others.map(|code| CodeFilter { system: filter.system.clone(), code: code.clone() }));
        if test.is_some() {
            all.push(CodeFilter::uncoded());
        }
    }
    all
}

fn test_of(common: &Common) -> Option<&'static Test> {
    attention::test_of(&common.codes, &common.title).filter(|test| test.unit.is_some())
}

/// What names mean that somebody typed, each looked up once however many results have it.
#[derive(Default)]
struct Names {
    known: HashMap<String, Option<&'static Test>>,
}

impl Names {
    fn test_of(&mut self, common: &Common) -> Option<&'static Test> {
        if !common.codes.is_empty() {
            return test_of(common);
        }
        if let Some(known) = self.known.get(&common.title) {
            return *known;
        }
        let test = test_of(common);
        self.known.insert(common.title.clone(), test);
        test
    }
}

/// What the rows of one trend have in common.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
enum Group {
    /// The code, or the name, and the unit.
    Other(String, String),
    /// The test of the catalogue, by its key.
    Test(&'static str),
}

impl Group {
    fn of(common: &Common, test: Option<&'static Test>) -> Self {
        if let Some(test) = test {
            return Self::Test(&test.key);
        }
        let first = common.codes.first().map(|(system, code)| format!("{system}|{code}"));
        Self::Other(first.unwrap_or_else(|| common.title.clone()), common.unit.clone().unwrap_or_default())
    }

    fn test(&self) -> Option<&'static Test> {
        match self {
            Self::Test(key) => labs::by_key(key),
            Self::Other(..) => None,
        }
    }
}

/// The unit asked for, else the one the person wants, else that of the newest value, as far as the test can be brought to
/// it; one asked for that it cannot be brought to is an error.
fn unit_of(test: &Test, rows: &[Row<'_>], asked: Option<&Unit>, preferred: Option<Unit>) -> Result<Unit, Problem> {
    let own = test.unit.clone().unwrap_or_else(|| Unit::from_free_text("1"));
    let newest = rows.iter().rev().find_map(|row| row.unit()?.parse().ok());
    let fits = |unit: &Unit| Conversion::between(&own, unit, &test.substance()).is_ok();
    if let Some(asked) = asked {
        return if fits(asked) { Ok(asked.clone()) } else { Err(Problem::invalid("/unit", "unit-does-not-fit")) };
    }
    Ok(preferred.filter(fits).or_else(|| newest.filter(fits)).unwrap_or(own))
}

/// Values without a day stand on no axis of time: they are named beside those that have to be asked about.
fn undated(rows: &[Row<'_>]) -> impl Iterator<Item = Question> {
    rows.iter().filter(|row| row.own.occurred.is_none()).map(|row| Question { id: row.own.id, code: "no-date" })
}

/// The series of rows; places in it are places among the rows.
fn series_of(test: Option<&'static Test>, rows: &[Row<'_>], unit: &Unit) -> (Series, Vec<Question>) {
    let entries: Vec<(usize, Entry<'_>)> =
        rows.iter().enumerate().filter_map(|(index, row)| Some((index, row.entry()?))).collect();
    let values: Vec<Entry<'_>> = entries.iter().map(|(_, entry)| *entry).collect();
    let mut found = series(test, &values, unit);
    found.points.iter_mut().for_each(|point| point.entry = entries[point.entry].0);
    found.asked.iter_mut().for_each(|(place, _)| *place = entries[*place].0);
    let asked = found.asked.iter().map(|(place, question)| Question { id: rows[*place].own.id, code: question.code });
    let asked = asked.chain(undated(rows)).collect();
    (found, asked)
}

fn of_test(test: &'static Test, rows: &[Row<'_>], unit: &Unit, expected: Option<&Expected>, altered: bool) -> Trend {
    let (found, asked) = series_of(Some(test), rows, unit);
    let statistics = statistics_of(&found, expected);
    let mut explanation = explain(&found, statistics.as_ref());
    if test.key == "hba1c" {
        explanation.extend(hba1c_story(&found, altered));
    }
    let point = |point: &phm_core::analytics::trends::Point| {
        let row = rows[point.entry];
        let written = row.written();
        let (value, original) = if row.unit() == Some(unit.as_str()) {
            (written, None)
        } else {
            (brought(&written, point), Some(Original { value: written, unit: row.common.unit.clone() }))
        };
        Point { id: row.own.id, occurred: row.own.occurred, value, original, flag: row.common.flag.clone() }
    };
    let newest = rows.last();
    let coded = rows.iter().rev().find_map(|row| row.common.codes.iter().find(|(system, _)| system == LOINC));
    Trend {
        system: Some(LOINC.to_owned()),
        code: Some(coded.map_or_else(|| test.code().to_owned(), |(_, code)| code.clone())),
        title: newest.map(|row| row.common.title.clone()).unwrap_or_default(),
        test: Some(&test.key),
        unit: Some(unit.to_string()),
        points: found.points.iter().map(point).collect(),
        asked,
        statistics,
        explanation,
    }
}

/// A value on the axis of its trend, with one digit more than it was written with.
fn brought(written: &str, point: &phm_core::analytics::trends::Point) -> String {
    let digits = written
        .trim_start_matches(['<', '>', '='])
        .parse::<Decimal>()
        .map_or(3, |decimal| units::significant_digits(&decimal));
    let sign = point.comparator.map_or("", phm_core::model::Comparator::word);
    format!("{sign}{}", units::significant(point.value, digits + 1))
}

fn of_others(rows: &[Row<'_>]) -> Trend {
    let common = rows[0].common;
    let first = common.codes.first().cloned();
    let unit = common.unit.clone();
    let own: Option<Unit> = unit.as_deref().unwrap_or("1").parse().ok();
    let (statistics, explanation, asked) = match own {
        None => (None, Vec::new(), undated(rows).collect()),
        Some(own) => {
            let (found, asked) = series_of(None, rows, &own);
            let statistics = statistics_of(&found, None);
            (statistics, explain(&found, statistics.as_ref()), asked)
        }
    };
    let points = rows.iter().map(|row| Point {
        id: row.own.id,
        occurred: row.own.occurred,
        value: row.written(),
        original: None,
        flag: row.common.flag.clone(),
    });
    Trend {
        system: first.as_ref().map(|(system, _)| system.clone()),
        code: first.map(|(_, code)| code),
        title: common.title.clone(),
        test: None,
        unit,
        points: points.collect(),
        asked,
        statistics,
        explanation,
    }
}

/// Whether a condition that the caller may read makes HbA1c unreliable.
fn altered_red_cells(session: &Session, profile: ProfileId) -> Result<bool, Problem> {
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, Condition::NAME) else { return Ok(false) };
    // One that is over alters nothing any more; one without a status may not be.
    let active = ["active", "recurrence", "relapse", ""].map(str::to_owned).into();
    let found = every(session, &permit, Query { status: active, ..Query::default() })?;
    let conditions: Vec<Condition> =
        found.iter().map(|record| Condition::from_stored(record.body.get())).collect::<Result<_, _>>()?;
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
