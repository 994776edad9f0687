//! A person's state at a glance.
//!
//! Made from the summaries of the index; kinds the caller may not read are left out and named, so that an empty list is
//! never mistaken for a person without allergies.

use jiff::tz::TimeZone;
use phm_core::access::{Action, Permit};
use phm_core::analytics::labs::LOINC;
use phm_core::analytics::vitals::{self, Sign};
use phm_core::analytics::{Message, summary};
use phm_core::id::ProfileId;
use phm_core::index::{CodeFilter, Query, Sort, Timeframe};
use phm_core::model::Quantity;
use phm_core::time::When;
use phm_core::vault::{ProfileCard, Record, Row, Session};
use poem::http::StatusCode;
use serde::Serialize;

use super::attention::{self, About};
use super::trends::trends;
use super::{Asked, Shown, Trend};
use crate::http::house::AtWork;
use crate::http::problem::Problem;

/// HbA1c in blood: NGSP percentage and IFCC (LOINC).
const HBA1C: [&str; 3] = ["4548-4", "17856-6", "59261-8"];

/// Both numbers of a blood pressure in one record (LOINC).
pub(super) const BLOOD_PRESSURE: [&str; 2] = ["85354-9", "55284-4"];

/// Vital signs shown at a glance (LOINC), with the word the dashboard calls them by.
const VITALS: [(&str, &[&str]); 8] = [
    ("blood-pressure", &BLOOD_PRESSURE),
    ("heart-rate", &["8867-4"]),
    ("weight", &["29463-7", "3141-9"]),
    ("height", &["8302-2"]),
    ("bmi", &["39156-5"]),
    ("temperature", &["8310-5"]),
    ("oxygen-saturation", &["2708-6", "59408-5"]),
    ("respiratory-rate", &["9279-1"]),
];

/// Rows in a list of the dashboard.
const ROWS: u32 = 50;

/// Rows of the recent timeline.
const RECENT: u32 = 10;

/// One of the newest vital signs.
#[derive(Clone, Debug, Serialize)]
pub struct Vital {
    /// What was measured: `blood-pressure`, `weight`, …
    pub name: &'static str,
    /// The newest measurement.
    #[serde(flatten)]
    pub row: Row,
    /// The value as it was written.
    pub value: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
}

/// Body mass index from the newest weight and height.
#[derive(Clone, Debug, Serialize)]
pub struct Bmi {
    /// kg/m², with one decimal.
    pub value: String,
    /// Always `kg/m2`.
    pub unit: &'static str,
    /// When the newer of the two was measured.
    pub occurred: Option<When>,
}

/// HbA1c over time, whatever unit it was reported in.
pub fn hba1c(session: &AtWork, profile: ProfileId) -> Result<Vec<Trend>, Problem> {
    trends(session, profile, &Query { codes: HBA1C.map(loinc).into(), ..Query::default() })
}

/// A person's state at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct Dashboard {
    /// Who it is.
    pub profile: ProfileCard,
    /// Conditions that are not over; `chronic` stands in their bodies.
    pub conditions: Vec<Record>,
    /// Medications in use.
    pub medications: Vec<Record>,
    /// Allergies.
    pub allergies: Vec<Record>,
    /// Appointments from now on, soonest first.
    pub appointments: Vec<Record>,
    /// HbA1c over time.
    pub hba1c: Vec<Trend>,
    /// The newest vital signs.
    pub vitals: Vec<Vital>,
    /// Body mass index.
    pub bmi: Option<Bmi>,
    /// What happened last.
    pub recent: Vec<Row>,
    /// What needs attention, as codes of the catalogues.
    pub attention: Vec<Message>,
    /// Visits so far, and the last of them; nothing where the caller may not read visits.
    pub figures: Option<summary::Figures>,
    /// Kinds the caller may not read, which are therefore not in here.
    pub not_shown: Vec<&'static str>,
}

impl Dashboard {
    /// The dashboard of a person, as the session's actor may see it.
    pub fn of(session: &AtWork, profile: ProfileId, zone: &TimeZone) -> Result<Self, Problem> {
        let card = session.profile_card(profile)?;
        let mut not_shown = Vec::new();
        let of_status = |words: &[&str]| Query {
            status: words.iter().map(|word| (*word).to_owned()).collect(),
            per_page: ROWS,
            ..Query::default()
        };
        // All of them: what needs attention may rest on one that began long before those that are shown.
        let mut all = |kind: &'static str, query: Query| -> Result<Vec<Record>, Problem> {
            let found = quietly(session, profile, kind).and_then(|permit| attention::every(session, &permit, query));
            Ok(readable(kind, &mut not_shown, found)?.unwrap_or_default())
        };
        let mut conditions = all("condition", of_status(&["active", "recurrence", "relapse"]))?;
        // One without a status counts as in use; nobody is reminded of one that is interrupted.
        let mut medications = all("medication", of_status(&["active", "on-hold", "unknown", ""]))?;
        let mut list = |kind: &'static str, query: Query| -> Result<Vec<Record>, Problem> {
            Ok(readable(kind, &mut not_shown, records(session, profile, kind, &query))?.unwrap_or_default())
        };
        let allergies = list("allergy", Query { per_page: ROWS, ..Query::default() })?;
        let appointments = list(
            "appointment",
            Query {
                time: Timeframe { from: Some(When::Instant(session.now())), to: None },
                sort: Sort::OldestFirst,
                ..of_status(&["requested", "booked", "confirmed", "arrived"])
            },
        )?;
        let hba1c = quietly(session, profile, "lab-result").and_then(|_| hba1c(session, profile));
        let hba1c = readable("lab-result", &mut not_shown, hba1c)?.unwrap_or_default();
        let vitals = readable("vital-sign", &mut not_shown, newest_vitals(session, profile))?.unwrap_or_default();
        let figures = readable("visit", &mut not_shown, figures(session, profile))?;
        let about = About { card: &card, conditions: &conditions, medications: &medications, zone };
        let attention = attention::attention(session, profile, &about)?;
        for shown in [&mut conditions, &mut medications] {
            shown.truncate(ROWS as usize);
        }
        let newest = Query { per_page: RECENT, uncounted: true, ..Query::default() };
        let recent = session.timeline(profile, &[], &newest)?.items;
        let bmi = bmi(&vitals, &card);
        Ok(Self {
            profile: card,
            conditions,
            medications,
            allergies,
            appointments,
            hba1c,
            vitals,
            bmi,
            recent,
            attention,
            figures,
            not_shown,
        })
    }
}

/// `None` and a note where the caller may not read the kind.
fn readable<T>(
    kind: &'static str,
    not_shown: &mut Vec<&'static str>,
    result: Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem.code() == "not-granted" => {
            if !not_shown.contains(&kind) {
                not_shown.push(kind);
            }
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}

fn records(session: &Session, profile: ProfileId, kind: &str, query: &Query) -> Result<Vec<Record>, Problem> {
    Ok(session.list(&quietly(session, profile, kind)?, query)?.items)
}

/// The newest of each vital sign that is shown.
fn newest_vitals(session: &Session, profile: ProfileId) -> Result<Vec<Vital>, Problem> {
    let permit = quietly(session, profile, "vital-sign")?;
    let codes = VITALS.iter().flat_map(|(_, codes)| *codes).map(|code| loinc(code)).collect();
    // Newest first: the first row with one of the codes of a sign is the newest of the sign.
    let rows = attention::every_row(session, &permit, Query { codes, first_of_each: true, ..Query::default() })?;
    let mut vitals = Vec::new();
    for (name, codes) in VITALS {
        let of_sign = |(system, code): &(String, String)| system == LOINC && codes.contains(&code.as_str());
        let newest = rows.iter().find(|row| row.codes.iter().any(of_sign));
        vitals.extend(newest.cloned().map(|row| Vital { name, value: row.value.clone(), unit: row.unit.clone(), row }));
    }
    Ok(vitals)
}

/// A permit where there is one: a dashboard shows what it may, and nobody was refused what they did not ask for.
fn quietly(session: &Session, profile: ProfileId, kind: &str) -> Result<Permit, Problem> {
    let refused = || Problem::new(StatusCode::FORBIDDEN, "not-granted", "this was not granted");
    session.permit_if_allowed(Action::Read, profile, kind).ok_or_else(refused)
}

/// How many visits there were, and the last.
fn figures(session: &Session, profile: ProfileId) -> Result<summary::Figures, Problem> {
    let permit = quietly(session, profile, "visit")?;
    let visits = session.values(&permit, &Query::default())?;
    Ok(summary::figures(visits.items.iter().filter_map(|visit| visit.occurred), session.now()))
}

pub(super) fn loinc(code: &str) -> CodeFilter {
    CodeFilter { system: Some(LOINC.to_owned()), code: code.to_owned() }
}

/// A height says something about a weight measured within this time, where nobody knows whether somebody still grows.
const HEIGHT_LASTS_DAYS: i64 = 2 * 366;

/// A measured BMI as it is, else that of an adult: the weight by the square of a height that is an adult's too.
///
/// A child's is only told in percentiles, for which it takes sex and age to the day; here it is left out.
fn bmi(vitals: &[Vital], card: &ProfileCard) -> Option<Bmi> {
    let of = |name: &str| vitals.iter().find(|vital| vital.name == name);
    if let Some(measured) = of("bmi") {
        let value = measured.value.clone()?;
        return Some(Bmi { value, unit: "kg/m2", occurred: measured.row.occurred });
    }
    let (weight, height) = (of("weight")?, of("height")?);
    let (weighed, measured) = (weight.row.occurred?, height.row.occurred?);
    let age = |when: When| attention::who(card, Some(when)).age_years;
    let adult = match (age(weighed), age(measured)) {
        (Some(then), Some(at)) => then >= 18.0 && at >= 18.0,
        _ => (weighed.first().millis() - measured.first().millis()).abs() <= HEIGHT_LASTS_DAYS * 86_400_000,
    };
    let read = |name: &str, vital: &Vital| {
        let quantity = Quantity::new(vital.value.as_deref()?.parse().ok()?, vital.unit.as_deref()?.parse().ok()?);
        Sign::by_name(name)?.read(&quantity).ok()
    };
    let (kilograms, centimetres) = (read("weight", weight)?, read("height", height)?);
    let newer = weighed.first().max(measured.first());
    let value = format!("{:.1}", vitals::bmi(kilograms, centimetres));
    adult.then_some(Bmi { value, unit: "kg/m2", occurred: Some(When::Instant(newer)) })
}

/// The view.
pub fn dashboard(asked: &Asked<'_>) -> Result<Shown, Problem> {
    Shown::new(&Dashboard::of(asked.session, asked.profile, &asked.zone)?)
}
