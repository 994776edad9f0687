//! What needs attention, from what the caller may read.

use std::collections::{BTreeMap, HashSet};

use jiff::tz::TimeZone;
use phm_core::access::{Action, Permit};
use phm_core::analytics::labs::{self, LOINC, Test, Who, judge};
use phm_core::analytics::schedule::State;
use phm_core::analytics::{Message, summary};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Timeframe};
use phm_core::model::{Condition, Immunization, Kind as _, LabResult, Medication, VitalSign};
use phm_core::time::{Instant, PartialDate, When};
use phm_core::vault::{ProfileCard, Record, Removed, Row, Session};

use super::medicine::{Logs, Taking};
use crate::http::problem::Problem;

const DAY: i64 = 86_400_000;

/// Results older than this are history, not news.
const RECENT_MONTHS: i64 = 12;

/// A vital sign older than this says nothing about today.
const FRESH_DAYS: i64 = 7;

/// What is known of a person when their attention is counted.
pub struct About<'a> {
    /// Who it is.
    pub card: &'a ProfileCard,
    /// Conditions that are not over.
    pub conditions: &'a [Record],
    /// Medications in use.
    pub medications: &'a [Record],
    /// The time zone of days.
    pub zone: &'a TimeZone,
}

/// What needs attention: results, refills, late doses, overdue tests and boosters; the most urgent first.
pub fn attention(session: &Session, profile: ProfileId, about: &About<'_>) -> Result<Vec<Message>, Problem> {
    let now = session.now();
    let at = jiff::Timestamp::from_millisecond(now.millis()).unwrap_or(jiff::Timestamp::MAX);
    let day = about.zone.to_datetime(at).date();
    let today =
        PartialDate::day(day.year(), day.month().unsigned_abs(), day.day().unsigned_abs()).unwrap_or(now.date());
    let conditions: Vec<Condition> =
        about.conditions.iter().map(|record| Condition::from_stored(record.body.get())).collect::<Result<_, _>>()?;
    let mut messages = Vec::new();
    let newest = newest_results(session, profile, now)?;
    let permit = session.permit_if_allowed(Action::Read, profile, LabResult::NAME);
    if let Some(permit) = permit {
        let recent = recent(now);
        for (test, row) in newest.values().filter(|(_, row)| row.occurred.is_some_and(|when| when.end() >= recent)) {
            let record = session.read(&permit, row.id, Removed::Hide)?;
            let result = LabResult::from_stored(record.body.get())?;
            // Rows written before their titles named what was examined may be of another specimen.
            if labs::of_result(&result).is_none_or(|own| own.key != test.key) {
                continue;
            }
            let judgement = judge(Some(*test), &result, who(about.card, row.occurred));
            messages.extend(judgement.and_then(|judgement| summary::about_result(test, &result, &judgement)));
        }
    }
    messages.extend(vital_signs(session, profile, now)?);
    if session.may(Action::Read, profile, "dose") {
        let ids: Vec<RecordId> = about.medications.iter().map(|record| record.id).collect();
        let mut logs = Logs::of(session, profile, &ids)?;
        for record in about.medications {
            let medication = Medication::from_stored(record.body.get())?;
            let name = medication.drug().title().to_owned();
            let taking = Taking::with(medication, logs.take(record.id), about.zone);
            messages.extend(summary::about_supply(&name, &taking.supply(now), today));
            if taking.is_logged() {
                let doses = taking.doses(now.plus_millis(-DAY), now, now).unwrap_or_default();
                let late = doses.iter().filter(|dose| dose.state == State::Late).count();
                messages.extend(summary::about_late_doses(&name, late));
            }
        }
    }
    let dates: BTreeMap<&str, PartialDate> =
        newest.iter().filter_map(|(key, (_, row))| Some((*key, row.occurred?.date()))).collect();
    messages.extend(summary::overdue_tests(conditions.iter().map(Condition::concept), &dates, today));
    if let Some(permit) = session.permit_if_allowed(Action::Read, profile, Immunization::NAME) {
        let mut given: Vec<Immunization> = Vec::new();
        for record in every(session, &permit, Query::default())? {
            given.push(Immunization::from_stored(record.body.get())?);
        }
        given.retain(summary::was_given);
        messages.extend(summary::overdue_immunizations(given.iter().map(|one| (one.vaccine(), one.given_on())), today));
    }
    messages.sort_by_key(|message| !is_urgent(message));
    Ok(messages)
}

fn is_urgent(message: &Message) -> bool {
    message.code.starts_with("attention-critically") || message.code == "attention-severe-pressure"
}

fn recent(now: Instant) -> Instant {
    now.plus_millis(-RECENT_MONTHS * 31 * DAY)
}

/// The query for everything on one page: the index is gone through once, and not once for each page.
pub(super) fn on_one_page(query: Query) -> Query {
    Query { page: 1, per_page: u32::MAX, ..query }
}

/// Every record that a query finds.
pub(super) fn every(session: &Session, permit: &Permit, query: Query) -> Result<Vec<Record>, Problem> {
    Ok(session.list(permit, &on_one_page(query))?.items)
}

/// Every row that a query finds.
pub(super) fn every_row(session: &Session, permit: &Permit, query: Query) -> Result<Vec<Row>, Problem> {
    Ok(session.summaries(permit, &on_one_page(query))?.items)
}

/// The newest measurement of each sign of the last days, where it cannot wait.
fn vital_signs(session: &Session, profile: ProfileId, now: Instant) -> Result<Vec<Message>, Problem> {
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, VitalSign::NAME) else { return Ok(Vec::new()) };
    let from = Some(When::Instant(now.plus_millis(-FRESH_DAYS * DAY)));
    let time = Timeframe { from, to: None };
    let query = Query { time, first_of_each: true, ..Query::default() };
    let mut seen = HashSet::new();
    let mut messages = Vec::new();
    for row in every_row(session, &permit, query)? {
        // Newest first: an older measurement of the same sign says nothing any more.
        let sign = row.codes.first().map_or_else(|| row.title.to_lowercase(), |(_, code)| code.clone());
        if seen.insert(sign) {
            let record = session.read(&permit, row.id, Removed::Hide)?;
            messages.extend(summary::about_vital_sign(&VitalSign::from_stored(record.body.get())?));
        }
    }
    Ok(messages)
}

/// Sex and age of a person at a time.
pub(super) fn who(card: &ProfileCard, when: Option<When>) -> Who {
    let sex = match card.sex.as_deref() {
        Some("female") => Some("female"),
        Some("male") => Some("male"),
        _ => None,
    };
    let born: Option<PartialDate> = card.birth_date.as_deref().and_then(|born| born.parse().ok());
    let age_years = born.zip(when).and_then(|(born, when)| summary::sure_age_years(born, when));
    let youngest_years = born.zip(when).map(|(born, when)| summary::least_age_years(born, when));
    Who { sex, age_years, youngest_years }
}

/// The test that a result is about: by its codes, else by the name that somebody typed.
pub(super) fn test_of(codes: &[(String, String)], title: &str) -> Option<&'static Test> {
    labs::of_codes(codes.iter().map(|(system, code)| (system.as_str(), code.as_str())), title)
}

type Newest = BTreeMap<&'static str, (&'static Test, Row)>;

/// The newest result of each test of the catalogue in the last months, and of the tests of the rules however old.
fn newest_results(session: &Session, profile: ProfileId, now: Instant) -> Result<Newest, Problem> {
    let mut newest = Newest::new();
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, LabResult::NAME) else { return Ok(newest) };
    // Newest first, and only the first of those that look the same: few rows, however many results there are.
    let gather = |query: Query, newest: &mut Newest| -> Result<(), Problem> {
        for row in every_row(session, &permit, Query { first_of_each: true, ..query })? {
            let counts = row.occurred.is_some() && !is_void(row.status.as_deref());
            let Some(test) = test_of(&row.codes, &row.title).filter(|_| counts) else { continue };
            let at = |row: &Row| row.occurred.map(When::first);
            if newest.get(test.key.as_str()).is_none_or(|(_, known)| at(known) < at(&row)) {
                newest.insert(&test.key, (test, row));
            }
        }
        Ok(())
    };
    let time = Timeframe { from: Some(When::Instant(recent(now))), to: None };
    gather(Query { time, ..Query::default() }, &mut newest)?;
    let of_rules: Vec<&Test> = summary::tests_of_rules().filter_map(labs::by_key).collect();
    if of_rules.iter().any(|test| !newest.contains_key(test.key.as_str())) {
        let codes = of_rules.iter().flat_map(|test| &test.loinc);
        let mut codes: Vec<CodeFilter> =
            codes.map(|code| CodeFilter { system: Some(LOINC.to_owned()), code: code.clone() }).collect();
        codes.push(CodeFilter::uncoded());
        gather(Query { codes, ..Query::default() }, &mut newest)?;
    }
    Ok(newest)
}

/// Whether a result was never one, by its status.
pub(super) fn is_void(status: Option<&str>) -> bool {
    matches!(status, Some("entered-in-error" | "cancelled"))
}
