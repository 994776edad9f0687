//! The values of a test over time.
//!
//! A test of the catalogue is one trend, whatever units and codes its results came with: every value stands in the unit
//! of the trend, beside it the original. Other tests are one trend for each code and unit.

use std::collections::{BTreeMap, HashMap};

use phm_core::access::{Action, Permit};
use phm_core::analytics::labs::{self, Bounds, LOINC, Test, Who};
use phm_core::analytics::summary;
use phm_core::analytics::trends::Expected;
use phm_core::analytics::trends::shown::{Common, Row, Trend, json};
use phm_core::analytics::units::Conversion;
use phm_core::id::ProfileId;
use phm_core::index::{CodeFilter, Query, Sort};
use phm_core::model::{Condition, Kind as _, LabResult, Unit};
use phm_core::vault::{Measured, Removed, Session};

use super::attention::{self, every, is_void, who};
use super::{Asked, Shown};
use crate::http::api::units::PreferredUnits;
use crate::http::house::AtWork;
use crate::http::problem::Problem;

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
    for Measured { id, occurred, value, of } in found.items {
        if let (Some(value), Some(group)) = (value, &groups_of[of]) {
            groups.entry(group).or_default().push(Row { id, occurred, value, common: &found.common[of] });
        }
    }
    let has_hba1c = groups.keys().any(|group| matches!(group, Group::Test("hba1c")));
    let altered = has_hba1c && altered_red_cells(session, profile)?;
    let mut trends = Vec::with_capacity(groups.len());
    for (group, rows) in groups {
        trends.extend(match group.test() {
            Some(test) => {
                let unit = unit_of(test, &rows, unit, preferred.of_test(test))?;
                let expected = expected_of(session, &permit, test, &rows, &unit)?;
                Some(Trend::of_test(test, rows, &unit, expected.as_ref(), altered))
            }
            None => Trend::of_others(rows),
        });
    }
    Ok(trends)
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
    let record = session.read(permit, newest.id, Removed::Hide)?;
    let result = LabResult::from_stored(record.body.get())?;
    let to_unit = |from: &Unit| Conversion::between(from, unit, &test.substance()).ok();
    if let Some(range) = result.range() {
        let own: Option<Unit> = result.quantity().and_then(|quantity| quantity.unit().parse().ok());
        let bounds = own.as_ref().and_then(|own| Bounds::of(range, own, &test.substance())).zip(own.as_ref());
        return Ok(bounds.and_then(|(bounds, own)| bounds.brought(to_unit(own)?)).map(Expected::from));
    }
    let profile = permit.profile();
    let who = if session.may(Action::Read, profile, "profile") {
        who(&session.profile_card(profile)?, newest.occurred)
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
    Shown::written(json(&in_unit(asked.session, asked.profile, &asked.query, unit.as_ref())?))
}
