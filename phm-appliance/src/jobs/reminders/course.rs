//! A medicine with its plan and what was logged around a moment: as much as it takes to say which doses are due then, and no more,
//! because every reading stands in the audit of the person.

use jiff::tz::TimeZone;
use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::analytics::schedule::{
    Habits, LATE_AFTER, Logged, Plan, Prescribed, Scheduled, State, schedule, written,
};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Sort, Timeframe};
use phm_core::model::{DoseStatus, Kind as _, Medication};
use phm_core::time::{Instant, When};
use phm_core::vault::{Record, Removed, Session};

use crate::http::Problem;

const DAY: i64 = 24 * 3_600_000;

/// What a dose is matched with lies within so much of it.
const AROUND: i64 = 2 * DAY;

const PER_PAGE: u32 = 200;

/// A medicine around a moment.
pub(super) struct Course {
    /// The medication.
    pub id: RecordId,
    /// The same, as it was prescribed.
    pub medication: Medication,
    plan: Option<Plan>,
    log: Vec<Logged>,
}

/// A dose of the plan.
pub(super) struct Dose {
    /// When it is due.
    pub due_at: Instant,
    /// What became of it.
    pub state: State,
    /// Whether the log says so.
    pub is_logged: bool,
    /// How much, in words; empty where the plan does not say.
    pub amount: String,
}

impl Course {
    /// The medicines in use that the session may read, around a moment. One without a status counts as in use; nobody is
    /// reminded of one that is interrupted.
    pub(super) fn in_use(
        session: &Session,
        profile: ProfileId,
        zone: &TimeZone,
        around: Instant,
    ) -> Result<Vec<Self>, Problem> {
        let permit = session.permit(Action::Read, profile, Medication::NAME)?;
        let status = ["active", "unknown", ""].map(str::to_owned).to_vec();
        let mut query = Query { status, per_page: PER_PAGE, ..Query::default() };
        let log = logged(session, profile, around)?;
        let mut courses = Vec::new();
        loop {
            let page = session.list(&permit, &query)?;
            for record in &page.items {
                courses.push(Self::new(record, &log, zone)?);
            }
            if u64::from(query.page) * u64::from(query.per_page) >= page.total {
                return Ok(courses);
            }
            query.page += 1;
        }
    }

    /// One medicine around a moment; nothing where it is gone.
    pub(super) fn one(
        session: &Session,
        profile: ProfileId,
        id: RecordId,
        zone: &TimeZone,
        around: Instant,
    ) -> Result<Option<Self>, Problem> {
        let permit = session.permit(Action::Read, profile, Medication::NAME)?;
        match session.read(&permit, id, Removed::Hide) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            record => Ok(Some(Self::new(&record?, &logged(session, profile, around)?, zone)?)),
        }
    }

    fn new(record: &Record, log: &[(String, Logged)], zone: &TimeZone) -> Result<Self, Problem> {
        let medication = Medication::from_stored(record.body.get())?;
        // Without a plan nothing is due; a page of the person's says why there is none.
        let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone.clone())).ok();
        let own = record.id.to_string();
        let log = log.iter().filter(|(of, _)| *of == own).map(|(_, entry)| entry.clone()).collect();
        Ok(Self { id: record.id, medication, plan, log })
    }

    /// The doses from `from` up to `to`, which lie around the moment.
    pub(super) fn doses(&self, from: Instant, to: Instant, now: Instant) -> Vec<Dose> {
        let Some(plan) = &self.plan else { return Vec::new() };
        let unit = plan.unit().map(ToString::to_string);
        let dose = |one: Scheduled| {
            let amount = match (one.due.amount.map(written), &unit) {
                (Some(amount), Some(unit)) => format!("{amount} {unit}"),
                (Some(pieces), None) => format!("× {pieces}"),
                (None, _) => String::new(),
            };
            Dose { due_at: one.due.at, state: one.state, is_logged: one.log.is_some(), amount }
        };
        schedule(plan, &[], &self.log, from, to, now).into_iter().map(dose).collect()
    }

    /// The dose that is due at this very moment.
    pub(super) fn dose_at(&self, due_at: Instant, now: Instant) -> Option<Dose> {
        self.doses(due_at, due_at.plus_millis(1), now).into_iter().next()
    }

    /// Whether something was logged so close to a moment that it speaks of what was due then.
    pub(super) fn is_logged_near(&self, moment: Instant) -> bool {
        self.log.iter().any(|entry| (entry.at.millis() - moment.millis()).abs() <= LATE_AFTER)
    }
}

/// What was logged around a moment, oldest first, with the id of the medication.
fn logged(session: &Session, profile: ProfileId, around: Instant) -> Result<Vec<(String, Logged)>, Problem> {
    let permit = session.permit(Action::Read, profile, "dose")?;
    let (from, to) = (around.plus_millis(-AROUND), around.plus_millis(AROUND));
    let time = Timeframe { from: Some(When::Instant(from)), to: Some(When::Instant(to)) };
    let query = Query { time, sort: Sort::OldestFirst, per_page: u32::MAX, ..Query::default() };
    let mut log = Vec::new();
    for row in session.summaries(&permit, &query)?.items {
        let (Some(When::Instant(at)), Some((_, medication))) = (row.occurred, row.codes.into_iter().next()) else {
            continue;
        };
        let status = row.status.as_deref().and_then(DoseStatus::from_word).unwrap_or(DoseStatus::Taken);
        let amount = row.value.as_deref().and_then(|value| value.parse().ok()).zip(row.unit);
        log.push((medication, Logged { at, status, amount }));
    }
    Ok(log)
}
