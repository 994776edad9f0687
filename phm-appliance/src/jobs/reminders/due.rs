//! What somebody is to be reminded of: doses, refills, appointments, results, and grants that end.
//!
//! What is due follows from the analytics of the core; here it is gathered into events, each with a name under which it is said
//! once. What the grant does not open (sensitive records, unless it names them) is not looked at and reminds of nothing.

use std::collections::BTreeMap;

use phm_core::ErrorKind;
use phm_core::access::{AccountId, Action, Grantee, Permit};
use phm_core::analytics::summary;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Timeframe};
use phm_core::model::{How, Kind as _, Medication};
use phm_core::time::{Instant, When};
use phm_core::vault::{Given, GrantState, Record, Removed, Row, Session};
use serde_json::{Value, json};

use super::course::Course;
use crate::http::Problem;
use crate::http::api::Taking;
use crate::i18n::Locale;
use crate::notify::board::{Asked, Board};
use crate::notify::quiet::minute_of_day;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// As long after it was due a dose may still be asked about; the schedule says whether its time is over before.
const ASKED_FOR: i64 = 12 * HOUR;
/// A look foresees so much, and the next one comes by then.
const AHEAD: i64 = 6 * HOUR;
/// How long before an appointment somebody is reminded.
const BEFORE_APPOINTMENT: i64 = DAY;
/// How long before a grant ends.
const BEFORE_END: i64 = 3 * DAY;
/// A grant that is made for fewer days ends as everybody expects.
const SHORT_GRANT: i64 = 4 * DAY;
/// Results of older samples are history, whenever they come in.
const RECENT_RESULT: i64 = 90 * DAY;
/// How long it is remembered that a result was said: longer than a house stands still.
const REMEMBERED: i64 = 30 * DAY;
/// How long a reminder that is no question is of use.
const OF_USE: i64 = 7 * DAY;
/// What is about a day is said from nine in the morning on.
const MORNING: u16 = 9 * 60;
/// What an appointment is called that is still to come; one without a status is, too.
const TO_COME: [&str; 4] = ["requested", "booked", "confirmed", ""];
/// Results named in one reminder.
const NAMED: usize = 5;
/// So many of the newest results are looked at.
const LOOKED_AT: u32 = 50;
const PER_PAGE: u32 = 200;

/// Something to be said.
#[allow(clippy::struct_field_names)] // the word of the messages to plugins
pub(super) struct Event {
    /// What: `dose-due refill appointment result grant-expires`.
    pub event: &'static str,
    /// The names under which it is said once, and until when each is remembered.
    pub keys: Vec<(String, Instant)>,
    /// After this nobody needs it.
    pub until: Instant,
    /// What is known of it, for the words.
    pub data: Value,
    /// The doses it asks about.
    pub doses: Vec<Asked>,
    /// The kind of the records it rests on.
    pub kind: &'static str,
    /// The records.
    pub records: Vec<RecordId>,
}

/// What a look found.
pub(super) struct Looked {
    /// What is to be said now.
    pub events: Vec<Event>,
    /// What else is to be remembered, and until when.
    pub remember: Vec<(String, Instant)>,
    /// When to look again.
    pub next_at: Instant,
}

impl Looked {
    fn again_at(&mut self, at: Instant) {
        self.next_at = self.next_at.min(at);
    }
}

/// About whom, for whom and when.
pub(super) struct About<'a> {
    /// The session of the service.
    pub session: &'a Session,
    /// About whom.
    pub profile: ProfileId,
    /// The reader.
    pub t: &'a Locale,
    /// When.
    pub now: Instant,
    /// What was said before.
    pub board: &'a Board,
    /// Who is reminded.
    pub account: AccountId,
}

/// Looks at everything the grant opens.
pub(super) fn look(about: &About<'_>) -> Result<Looked, Problem> {
    let mut looked = Looked { events: Vec::new(), remember: Vec::new(), next_at: about.now.plus_millis(AHEAD) };
    medicines(about, &mut looked)?;
    appointments(about, &mut looked)?;
    results(about, &mut looked)?;
    grants(about, &mut looked)?;
    looked.events.retain(|event| !event.keys.iter().any(|(key, _)| about.board.knows(key, about.now)));
    Ok(looked)
}

impl About<'_> {
    fn permit(&self, kind: &str) -> Option<Permit> {
        self.session.permit_if_allowed(Action::Read, self.profile, kind)
    }

    fn every(&self, permit: &Permit, query: Query) -> Result<Vec<Record>, Problem> {
        let mut query = Query { page: 1, per_page: PER_PAGE, ..query };
        let mut all = Vec::new();
        loop {
            let page = self.session.list(permit, &query)?;
            all.extend(page.items);
            if u64::from(query.page) * u64::from(query.per_page) >= page.total {
                return Ok(all);
            }
            query.page += 1;
        }
    }
}

/// Doses that are due, all of one moment together, and medicines that run out.
fn medicines(about: &About<'_>, looked: &mut Looked) -> Result<(), Problem> {
    if about.permit(Medication::NAME).is_none() || about.permit("dose").is_none() {
        return Ok(());
    }
    let (now, zone) = (about.now, about.t.zone());
    let morning = minute_of_day(now, zone) >= MORNING;
    // What is left of a medicine takes its whole log, which is read once a day.
    let counted = format!("supply/{}", about.t.local_date(now));
    let counts = morning && !about.board.knows(&counted, now);
    let mut due: BTreeMap<Instant, Vec<(RecordId, String)>> = BTreeMap::new();
    for course in Course::in_use(about.session, about.profile, zone, now)? {
        let name = course.medication.drug().title().to_owned();
        let strength = course.medication.strength().unwrap_or_default();
        for dose in course.doses(now.plus_millis(-ASKED_FOR), now.plus_millis(AHEAD), now) {
            if dose.due_at > now {
                looked.again_at(dose.due_at);
            } else if dose.state.is_open() && dose.due_at >= about.board.began {
                let words = joined(&[name.as_str(), strength, dose.amount.as_str()]);
                due.entry(dose.due_at).or_default().push((course.id, words));
            }
        }
        if counts {
            let taking = Taking::of(about.session, about.profile, course.id, zone)?;
            looked.events.extend(refill(about, course.id, &name, &taking));
        }
    }
    if counts {
        looked.remember.push((counted, now.plus_millis(DAY)));
    }
    if !morning {
        looked.again_at(now.plus_millis(i64::from(MORNING - minute_of_day(now, zone)) * 60_000));
    }
    for (due_at, medicines) in due {
        let until = due_at.plus_millis(ASKED_FOR);
        let names: Vec<&str> = medicines.iter().map(|(_, words)| words.as_str()).collect();
        looked.events.push(Event {
            event: "dose-due",
            keys: vec![(format!("dose/{due_at}"), until.plus_millis(DAY))],
            until,
            data: json!({"at": about.t.time(due_at), "medicines": names.join(", "), "count": names.len()}),
            doses: medicines.iter().map(|(medication, _)| Asked { medication: *medication, due_at }).collect(),
            kind: Medication::NAME,
            records: medicines.iter().map(|(medication, _)| *medication).collect(),
        });
    }
    Ok(())
}

/// A medicine of which more is to be got; said once a week until there is more.
fn refill(about: &About<'_>, id: RecordId, name: &str, taking: &Taking) -> Option<Event> {
    let supply = taking.supply(about.now);
    summary::about_supply(name, &supply, about.t.local_date(about.now))?;
    let run_out_on = supply.run_out_on.map(|day| about.t.date(day)).unwrap_or_default();
    Some(Event {
        event: "refill",
        keys: vec![(format!("refill/{id}"), about.now.plus_millis(OF_USE))],
        until: about.now.plus_millis(OF_USE),
        data: json!({"medicine": name, "run_out_on": run_out_on}),
        doses: Vec::new(),
        kind: Medication::NAME,
        records: vec![id],
    })
}

/// Appointments of the next day.
fn appointments(about: &About<'_>, looked: &mut Looked) -> Result<(), Problem> {
    let Some(permit) = about.permit("appointment") else { return Ok(()) };
    let until = about.now.plus_millis(BEFORE_APPOINTMENT + AHEAD);
    let time = Timeframe { from: Some(When::Instant(about.now)), to: Some(When::Instant(until)) };
    let status = TO_COME.map(str::to_owned).to_vec();
    for record in about.every(&permit, Query { time, status, ..Query::default() })? {
        let body = value(&record);
        let Some(start) = start_of(&body).filter(|start| *start > about.now) else { continue };
        let from = start.plus_millis(-BEFORE_APPOINTMENT);
        if from > about.now {
            looked.again_at(from);
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        looked.events.push(Event {
            event: "appointment",
            keys: vec![(format!("appointment/{}/{start}", record.id), start.plus_millis(DAY))],
            until: start,
            data: json!({
                "at": about.t.when(When::Instant(start)), "with": text(&body["provider"]["name"]),
                "place": text(&body["place"]), "reason": text(&body["reason"]),
            }),
            doses: Vec::new(),
            kind: "appointment",
            records: vec![record.id],
        });
    }
    Ok(())
}

fn start_of(appointment: &Value) -> Option<Instant> {
    appointment["start"].as_str().and_then(|start| start.parse().ok())
}

/// Whether an appointment is still to come and begins then, as far as the session may see it.
///
/// # Errors
/// Where the records cannot be read; an appointment that is gone is no error and is not to come.
pub(super) fn is_to_come(
    session: &Session,
    profile: ProfileId,
    appointment: RecordId,
    start: Instant,
) -> Result<bool, Problem> {
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, "appointment") else { return Ok(false) };
    let record = match session.read(&permit, appointment, Removed::Hide) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        record => record?,
    };
    let body = value(&record);
    let status = body["status"].as_str().unwrap_or_default();
    Ok(start_of(&body) == Some(start) && TO_COME.contains(&status))
}

/// Results that came in since the last look, all together; what its reader typed is no news to them.
fn results(about: &About<'_>, looked: &mut Looked) -> Result<(), Problem> {
    let Some(permit) = about.permit("lab-result") else { return Ok(()) };
    let time = Timeframe { from: Some(When::Instant(about.now.plus_millis(-RECENT_RESULT))), to: None };
    let newest = Query { time, per_page: LOOKED_AT, uncounted: true, ..Query::default() };
    let rows = about.session.summaries(&permit, &newest)?.items;
    let key = |id: RecordId| format!("result/{id}");
    let is_new = |id: RecordId| !about.board.knows(&key(id), about.now);
    let fresh: Vec<Row> = rows
        .into_iter()
        .filter(|row| row.version == 1 && row.updated_at >= about.board.since && is_new(row.id))
        .collect();
    let own = about.account.to_string();
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    for row in fresh {
        let record = about.session.read(&permit, row.id, Removed::Hide)?;
        if record.provenance.how == How::Typed && record.provenance.actor == own {
            continue;
        }
        if names.len() < NAMED && !names.contains(&row.title) {
            names.push(row.title);
        }
        ids.push(row.id);
    }
    if ids.is_empty() {
        return Ok(());
    }
    looked.events.push(Event {
        event: "result",
        keys: ids.iter().map(|id| (key(*id), about.now.plus_millis(REMEMBERED))).collect(),
        until: about.now.plus_millis(OF_USE),
        data: json!({"names": names.join(", "), "count": ids.len()}),
        doses: Vec::new(),
        kind: "lab-result",
        records: ids,
    });
    Ok(())
}

/// Grants that their giver may want to renew.
fn grants(about: &About<'_>, looked: &mut Looked) -> Result<(), Problem> {
    for given in about.session.grants(about.profile)? {
        let Some(ends_at) = given.terms.ends_at.filter(|_| given.state == GrantState::Live) else { continue };
        if ends_at.millis() - given.terms.starts_at.millis() < SHORT_GRANT {
            continue;
        }
        let from = ends_at.plus_millis(-BEFORE_END);
        if from > about.now {
            looked.again_at(from);
            continue;
        }
        looked.events.push(Event {
            event: "grant-expires",
            keys: vec![(format!("grant/{}/{ends_at}", given.id), ends_at.plus_millis(DAY))],
            until: ends_at,
            data: json!({"to": to_whom(about.t, &given), "at": about.t.when(When::Instant(ends_at))}),
            doses: Vec::new(),
            kind: "profile",
            records: Vec::new(),
        });
    }
    Ok(())
}

fn to_whom(t: &Locale, given: &Given) -> String {
    match &given.terms.to {
        Grantee::Account(_) => given.to_name.clone().unwrap_or_else(|| t.say("person-nameless")),
        Grantee::Role(role) => t.with("access-role", "role", t.say(&format!("role-{role}"))),
        Grantee::Token(_) => t.say("access-token"),
        Grantee::Plugin(name) => t.with("access-plugin", "name", name),
        Grantee::Service(name) => t.with("access-service", "name", name),
    }
}

fn joined(words: &[&str]) -> String {
    words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn value(record: &Record) -> Value {
    serde_json::from_str(record.body.get()).unwrap_or_default()
}
