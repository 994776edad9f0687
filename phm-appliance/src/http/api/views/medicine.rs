//! When a medicine is due, and how long it lasts.
//!
//! Both need the medication and the log of its doses, and a permit for each. Times are those of the time zone asked
//! for with `zone`, else of the family. Doses may be put off with `shift`: the answer shows what becomes of the plan,
//! and nothing is kept. A dose that was taken late is logged when it was taken, and times that are to stay are written
//! into the medication.

use std::collections::HashMap;

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use phm_core::access::Action;
use phm_core::analytics::medicines::adherence::{Adherence, taken_of_due};
use phm_core::analytics::medicines::stock::{Supply, supply as supply_of};
use phm_core::analytics::schedule::{
    Habits, Logged, Plan, Prescribed, Scheduled, Shift, State, midnight, schedule as doses_of, written,
};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Sort, Timeframe};
use phm_core::model::{DoseStatus, Kind as _, Medication};
use phm_core::time::{Instant, When};
use phm_core::vault::{Removed, Session};
use serde::Serialize;

use super::attention::every_row;
use super::{Asked, Shown};
use crate::http::problem::Problem;

const DAY: i64 = 86_400_000;

/// A longer interval is asked for in parts.
const LONGEST: i64 = 400 * DAY;

/// Days of the schedule when nobody says until when.
const USUAL_DAYS: i64 = 7;

/// Nobody puts off more doses in one question than this.
const MOST_SHIFTS: usize = 100;

/// Days over which adherence is counted when nobody says over which.
const WINDOW_DAYS: i64 = 30;

/// A dose of the schedule.
#[derive(Clone, Debug, Serialize)]
pub struct DueDose {
    /// When it is due.
    pub due_at: Instant,
    /// When the plan has it, where it is put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_at: Option<Instant>,
    /// What became of it.
    pub state: State,
    /// The record of the dose log that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose: Option<RecordId>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The unit of the amount; nothing where it counts pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What is left, and how much of what was due was taken.
#[derive(Clone, Debug, Serialize)]
pub struct SupplyAndAdherence {
    /// What is left.
    #[serde(flatten)]
    pub supply: Supply,
    /// How much of what was due was taken.
    pub adherence: Taken,
}

/// Taken of due: of the doses in the window whose time is over, those that the log says were taken.
#[derive(Clone, Debug, Serialize)]
pub struct Taken {
    /// Days of the window.
    pub window_days: i64,
    /// The share in percent; nothing without a log or without a dose whose time is over.
    pub percent: Option<f64>,
    /// What is counted.
    pub definition: &'static str,
    /// The numbers behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Adherence>,
}

/// The log of one medicine's doses, oldest first, and the records it stands in.
#[derive(Default)]
pub(super) struct Log {
    entries: Vec<Logged>,
    ids: Vec<RecordId>,
}

/// The logs of several medicines, found in one look.
#[derive(Default)]
pub(super) struct Logs(HashMap<String, Log>);

impl Logs {
    /// Those of these medications that the caller may read.
    pub(super) fn of(session: &Session, profile: ProfileId, medications: &[RecordId]) -> Result<Self, Problem> {
        let mut logs = Self::default();
        // Of no medicine there is no log; a query without codes would find all of them.
        if medications.is_empty() {
            return Ok(logs);
        }
        let permit = session.permit(Action::Read, profile, "dose")?;
        let codes = medications.iter().map(|id| CodeFilter { system: None, code: id.to_string() }).collect();
        let query = Query { codes, sort: Sort::OldestFirst, ..Query::default() };
        for row in every_row(session, &permit, query)? {
            let (Some(When::Instant(at)), Some((_, medication))) = (row.occurred, row.codes.into_iter().next()) else {
                continue;
            };
            let status = row.status.as_deref().and_then(DoseStatus::from_word).unwrap_or(DoseStatus::Taken);
            let amount = row.value.as_deref().and_then(|value| value.parse().ok()).zip(row.unit);
            let log = logs.0.entry(medication).or_default();
            log.entries.push(Logged { at, status, amount });
            log.ids.push(row.id);
        }
        Ok(logs)
    }

    /// That of one medication; an empty one where nobody logged a dose.
    pub(super) fn take(&mut self, medication: RecordId) -> Log {
        self.0.remove(&medication.to_string()).unwrap_or_default()
    }
}

/// A medication with its plan and its log.
pub struct Taking {
    medication: Medication,
    plan: Result<Plan, &'static str>,
    log: Vec<Logged>,
    ids: Vec<RecordId>,
    zone: TimeZone,
    shifts: Vec<Shift>,
}

impl Taking {
    /// Everything about one medication that the caller may read.
    pub fn of(session: &Session, profile: ProfileId, id: RecordId, zone: &TimeZone) -> Result<Self, Problem> {
        let permit = session.permit(Action::Read, profile, Medication::NAME)?;
        let record = session.read(&permit, id, Removed::Hide)?;
        let medication = Medication::from_stored(record.body.get())?;
        let log = Logs::of(session, profile, &[id])?.take(id);
        Ok(Self::with(medication, log, zone))
    }

    /// The same for a medication that was read already, with the log of its doses.
    pub(super) fn with(medication: Medication, log: Log, zone: &TimeZone) -> Self {
        let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone.clone()));
        let plan = plan.map_err(phm_core::analytics::schedule::NoPlan::code);
        Self { medication, plan, log: log.entries, ids: log.ids, zone: zone.clone(), shifts: Vec::new() }
    }

    /// The same with doses put off; one that the plan does not have is an error.
    fn shifted(mut self, shifts: Vec<Shift>) -> Result<Self, Problem> {
        let known = |plan: &Plan| shifts.iter().all(|shift| shift.is_of(plan));
        if self.plan.as_ref().is_ok_and(|plan| !known(plan)) {
            return Err(Problem::invalid("/shift", "no-such-dose"));
        }
        self.shifts = shifts;
        Ok(self)
    }

    /// The medication.
    pub fn medication(&self) -> &Medication {
        &self.medication
    }

    /// Whether anybody ever logged a dose of it.
    pub fn is_logged(&self) -> bool {
        !self.log.is_empty()
    }

    /// The doses from `from` to `to`, or why there are none.
    pub fn doses(&self, from: Instant, to: Instant, now: Instant) -> Result<Vec<DueDose>, &'static str> {
        let plan = self.plan.as_ref().map_err(|reason| *reason)?;
        let unit = plan.unit().map(ToString::to_string);
        let shown = |dose: Scheduled| DueDose {
            due_at: dose.due.at,
            planned_at: (dose.due.at != dose.due.planned).then_some(dose.due.planned),
            state: dose.state,
            dose: dose.log.map(|entry| self.ids[entry]),
            amount: dose.due.amount.map(written),
            unit: unit.clone().filter(|_| dose.due.amount.is_some()),
        };
        Ok(doses_of(plan, &self.shifts, &self.log, from, to, now).into_iter().map(shown).collect())
    }

    /// What is left at `now`.
    pub fn supply(&self, now: Instant) -> Supply {
        let plan = self.plan.as_ref().map_err(|reason| *reason);
        supply_of(&self.medication, plan, &self.zone, &self.shifts, &self.log, now)
    }

    /// Taken of due from `from` to `to`; doses whose time is not over are not counted.
    fn adherence(&self, from: Instant, to: Instant, now: Instant) -> Taken {
        // Without a single entry nobody logs this medicine, which says nothing about taking it.
        let plan = self.plan.as_ref().ok().filter(|_| !self.log.is_empty());
        let counts = plan.and_then(|plan| taken_of_due(&doses_of(plan, &self.shifts, &self.log, from, to, now)));
        Taken {
            window_days: days_between(from, to, &self.zone),
            percent: counts.map(|counts| (counts.percent * 10.0).round() / 10.0),
            definition: "taken-of-due",
            counts,
        }
    }
}

/// What the clock on the wall shows.
fn wall(at: Instant, zone: &TimeZone) -> DateTime {
    zone.to_datetime(jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::MAX))
}

/// The same time by the clock so many days later, or earlier: a day on which the clocks change is a day too.
fn days_after(at: Instant, days: i64, zone: &TimeZone) -> Instant {
    let later = zone.to_ambiguous_timestamp(wall(at, zone).saturating_add(days.days())).compatible();
    later.map_or_else(|_| at.plus_millis(days * DAY), |later| Instant::from_millis(later.as_millisecond()))
}

/// How many days there are from one moment to another, a part of a day counted as one.
fn days_between(from: Instant, to: Instant, zone: &TimeZone) -> i64 {
    let (from, to) = (wall(from, zone), wall(to, zone));
    let whole = i64::from((to - from).get_days());
    whole + i64::from(from.saturating_add(whole.days()) < to)
}

/// The day of `when` begins or ends in the family's time zone; a moment is itself.
fn moment(when: When, end: bool, zone: &TimeZone) -> Option<Instant> {
    match when {
        When::Instant(at) => Some(at),
        When::Date(date) if end => midnight(date.end().date(), zone),
        When::Date(date) => midnight(date, zone),
    }
}

/// The doses that are put off: `PLANNED/TO` for one, `PLANNED/TO/later` for it and all later ones.
fn shifts(asked: &Asked<'_>) -> Result<Vec<Shift>, Problem> {
    let bad = |code| Problem::invalid("/shift", code);
    let words = asked.words("shift");
    if words.len() > MOST_SHIFTS {
        return Err(bad("too-many"));
    }
    let one = |word: &str| {
        let parts: Vec<&str> = word.split('/').collect();
        let (planned, to, later_too) = match parts.as_slice() {
            [planned, to] => (*planned, *to, false),
            [planned, to, "later"] => (*planned, *to, true),
            _ => return Err(bad("invalid-value")),
        };
        let moment = |text: &str| text.parse::<Instant>().map_err(|_| bad("invalid-value"));
        Shift::new(moment(planned)?, moment(to)?, later_too).ok_or_else(|| bad("too-far"))
    };
    words.into_iter().map(one).collect()
}

/// The schedule from `from` to `to`; without them the seven days from today.
pub fn schedule(asked: &Asked<'_>) -> Result<Shown, Problem> {
    let taking = Taking::of(asked.session, asked.profile, asked.record()?, &asked.zone)?.shifted(shifts(asked)?)?;
    let now = asked.session.now();
    let Timeframe { from, to } = asked.query.time;
    let today = || {
        let day = wall(now, &asked.zone).date();
        let start = asked.zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
        start.map_or(now, |start| Instant::from_millis(start.as_millisecond()))
    };
    let from = from.map_or_else(|| Some(today()), |from| moment(from, false, &asked.zone));
    let from = from.ok_or_else(|| Problem::invalid("/from", "invalid-value"))?;
    let to = to.map_or_else(|| Some(days_after(from, USUAL_DAYS, &asked.zone)), |to| moment(to, true, &asked.zone));
    let to = to.ok_or_else(|| Problem::invalid("/to", "invalid-value"))?;
    in_order(from, to)?;
    match taking.doses(from, to, now) {
        Ok(doses) => Shown::new(&doses),
        Err(reason) => Ok(Shown { message: Some(reason), ..Shown::new(&[(); 0])? }),
    }
}

fn in_order(from: Instant, to: Instant) -> Result<(), Problem> {
    if to < from {
        return Err(Problem::invalid("/to", "end-before-start"));
    }
    if to.millis() - from.millis() > LONGEST { Err(Problem::invalid("/to", "too-long")) } else { Ok(()) }
}

/// What is left, until when it lasts, and how much of what was due was taken: from `from` to `to`, without them in the
/// thirty days up to now.
pub fn supply(asked: &Asked<'_>) -> Result<Shown, Problem> {
    let taking = Taking::of(asked.session, asked.profile, asked.record()?, &asked.zone)?.shifted(shifts(asked)?)?;
    let now = asked.session.now();
    let Timeframe { from, to } = asked.query.time;
    let to = to.map_or(Some(now), |to| moment(to, true, &asked.zone));
    let to = to.ok_or_else(|| Problem::invalid("/to", "invalid-value"))?;
    let from = from.map_or(Some(days_after(to, -WINDOW_DAYS, &asked.zone)), |from| moment(from, false, &asked.zone));
    let from = from.ok_or_else(|| Problem::invalid("/from", "invalid-value"))?;
    in_order(from, to)?;
    Shown::new(&SupplyAndAdherence { supply: taking.supply(now), adherence: taking.adherence(from, to, now) })
}
