//! What needs attention, from what the caller may read.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use phm_core::access::Action;
use phm_core::analytics::labs::{self, LOINC, Test, Who, judge};
use phm_core::analytics::schedule::State;
use phm_core::analytics::{Message, summary};
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::model::{Condition, Immunization, Kind as _, LabResult, Medication};
use phm_core::time::{PartialDate, When};
use phm_core::vault::{ProfileCard, Record, Removed, Row, Session};

use super::medicine::Taking;
use crate::http::api::records::MOST_PER_PAGE;
use crate::http::problem::Problem;

const DAY: i64 = 86_400_000;

/// Results older than this are history, not news.
const RECENT_MONTHS: i64 = 12;

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
    let newest = newest_results(session, profile)?;
    let permit = session.permit_if_allowed(Action::Read, profile, LabResult::NAME);
    if let Some(permit) = permit {
        let recent = now.plus_millis(-RECENT_MONTHS * 31 * DAY);
        for (test, row) in newest.values().filter(|(_, row)| row.occurred.is_some_and(|when| when.end() >= recent)) {
            let record = session.read(&permit, row.id, Removed::Hide)?;
            let result = LabResult::from_stored(record.body.get())?;
            let judgement = judge(Some(*test), &result, who(about.card, row.occurred));
            messages.extend(judgement.and_then(|judgement| summary::about_result(test, &result, &judgement)));
        }
    }
    if session.may(Action::Read, profile, "dose") {
        for record in about.medications {
            let medication = Medication::from_stored(record.body.get())?;
            let name = medication.drug().title().to_owned();
            let taking = Taking::with(session, profile, record.id, medication, about.zone)?;
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
        let found = session.list(&permit, &Query { per_page: MOST_PER_PAGE, ..Query::default() })?;
        let given: Vec<Immunization> =
            found.items.iter().map(|record| Immunization::from_stored(record.body.get())).collect::<Result<_, _>>()?;
        messages.extend(summary::overdue_immunizations(given.iter().map(|one| (one.vaccine(), one.given_on())), today));
    }
    messages.sort_by_key(|message| !message.code.starts_with("attention-critically"));
    Ok(messages)
}

/// Sex and age of a person at a time.
fn who(card: &ProfileCard, when: Option<When>) -> Who {
    let sex = match card.sex.as_deref() {
        Some("female") => Some("female"),
        Some("male") => Some("male"),
        _ => None,
    };
    let born: Option<PartialDate> = card.birth_date.as_deref().and_then(|born| born.parse().ok());
    let age_years = born.zip(when).map(|(born, when)| summary::age_years(born, when));
    Who { sex, age_years }
}

/// The newest result of each test of the catalogue.
fn newest_results(
    session: &Session,
    profile: ProfileId,
) -> Result<BTreeMap<&'static str, (&'static Test, Row)>, Problem> {
    let mut newest = BTreeMap::new();
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, LabResult::NAME) else { return Ok(newest) };
    let mut query = Query { page: 1, per_page: MOST_PER_PAGE, ..Query::default() };
    loop {
        // Newest first: the first of each test is the one.
        let page = session.summaries(&permit, &query)?;
        let seen = u64::from(query.page) * u64::from(query.per_page);
        for row in page.items.into_iter().filter(|row| row.occurred.is_some()) {
            let test =
                row.codes.iter().filter(|(system, _)| system == LOINC).find_map(|(_, code)| labs::by_loinc(code));
            if let Some(test) = test {
                newest.entry(test.key.as_str()).or_insert((test, row));
            }
        }
        // What is old is needed only for rules that ask when a test was last done; ten pages reach back far enough.
        if seen >= page.total || query.page >= 10 {
            break;
        }
        query.page += 1;
    }
    Ok(newest)
}
