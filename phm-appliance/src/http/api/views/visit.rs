//! What a doctor should know at a visit.
//!
//! Made from the dashboard and what came since the visit before; kinds the caller may not read are left out and named.

use phm_core::access::Action;
use phm_core::analytics::summary::{VisitSummary, for_visit};
use phm_core::analytics::vitals::{home_average, pressure_of};
use phm_core::index::{Query, Timeframe};
use phm_core::model::{Allergy, Condition, Kind, Medication, MedicationStatus, VitalSign};
use phm_core::time::When;
use phm_core::vault::Record;
use serde::Serialize;

use super::attention::{every, on_one_page};
use super::dashboard::{BLOOD_PRESSURE, Dashboard, loinc};
use super::{Asked, Shown};
use crate::http::problem::Problem;

const DAY: i64 = 86_400_000;

/// Readings at home are averaged over this many days.
const PRESSURE_DAYS: i64 = 7;

/// The average of the blood pressures of the last days; one reading has none.
#[derive(Clone, Debug, Serialize)]
struct PressureAverage {
    systolic: String,
    diastolic: String,
    unit: &'static str,
    readings: usize,
    days: i64,
}

/// The summary, and what it is without.
#[derive(Clone, Debug, Serialize)]
struct ForVisit {
    #[serde(flatten)]
    summary: VisitSummary,
    /// The average of the blood pressures of the last days.
    pressure: Option<PressureAverage>,
    /// Kinds the caller may not read, which are therefore not in here.
    not_shown: Vec<&'static str>,
}

/// The view.
pub fn summary(asked: &Asked<'_>) -> Result<Shown, Problem> {
    let at_a_glance = Dashboard::of(asked.session, asked.profile, &asked.zone)?;
    let since = at_a_glance.figures.and_then(|figures| figures.last_visit);
    let conditions: Vec<Condition> = read(&at_a_glance.conditions)?;
    let allergies: Vec<Allergy> = read(&at_a_glance.allergies)?;
    let mut medications: Vec<Medication> = read(&at_a_glance.medications)?;
    medications.retain(|medication| medication.status() != Some(MedicationStatus::OnHold));
    let new = since.map(|since| new_records(asked, since)).transpose()?.unwrap_or_default();
    let new: Vec<(&str, When)> = new.iter().map(|(kind, when)| (kind.as_str(), *when)).collect();
    let summary = for_visit(
        since,
        &conditions.iter().map(|one| one.concept().title()).collect::<Vec<_>>(),
        &allergies.iter().map(|one| one.substance().title()).collect::<Vec<_>>(),
        &medications.iter().map(|one| one.drug().title()).collect::<Vec<_>>(),
        &new,
        at_a_glance.attention,
    );
    Shown::new(&ForVisit { summary, pressure: pressure(asked)?, not_shown: at_a_glance.not_shown })
}

fn read<K: Kind>(records: &[Record]) -> Result<Vec<K>, Problem> {
    Ok(records.iter().map(|record| K::from_stored(record.body.get())).collect::<Result<_, _>>()?)
}

/// Kinds and days of what came after a visit.
fn new_records(asked: &Asked<'_>, since: When) -> Result<Vec<(String, When)>, Problem> {
    let time = Timeframe { from: Some(since), to: None };
    let page = asked.session.timeline(asked.profile, &[], &on_one_page(Query { time, ..Query::default() }))?;
    Ok(page.items.into_iter().filter_map(|row| Some((row.kind, row.occurred?))).collect())
}

/// The average of the readings of the last days, where there are two at least.
fn pressure(asked: &Asked<'_>) -> Result<Option<PressureAverage>, Problem> {
    let permit = asked.session.permit_if_allowed(Action::Read, asked.profile, VitalSign::NAME);
    let Some(permit) = permit else { return Ok(None) };
    let from = asked.session.now().plus_millis(-PRESSURE_DAYS * DAY);
    let query = Query {
        codes: BLOOD_PRESSURE.map(loinc).into(),
        time: Timeframe { from: Some(When::Instant(from)), to: None },
        ..Query::default()
    };
    let signs: Vec<VitalSign> = read(&every(asked.session, &permit, query)?)?;
    let readings: Vec<_> = signs.iter().filter_map(pressure_of).filter_map(Result::ok).collect();
    Ok(home_average(&readings).map(|average| PressureAverage {
        systolic: format!("{:.0}", average.systolic),
        diastolic: format!("{:.0}", average.diastolic),
        unit: "mm[Hg]",
        readings: average.readings,
        days: PRESSURE_DAYS,
    }))
}
