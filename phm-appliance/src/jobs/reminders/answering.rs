//! What somebody answers: the doses a reminder asks about are recorded as taken or skipped, each once.
//!
//! Whoever answers records under their own session, or, by a link from outside, under the standing grant that was given for
//! reminders. A dose that the log has already is left as it stands; one that the plan has no more, because it was changed since, is
//! recorded all the same, for somebody said what became of it.

use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use phm_core::access::{Action, Actor};
use phm_core::analytics::schedule::LATE_AFTER;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{How, Session, Vault};
use serde_json::json;

use super::course::Course;
use crate::http::Problem;
use crate::notify::answers;
use crate::notify::board::{Answer, Asked, Notice, Place, change_unread};

/// Why somebody records a dose, in the audit.
const PURPOSE: &str = "answered a reminder";

/// What came of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answered {
    /// It is recorded, as far as the log had nothing yet.
    Recorded,
    /// It was answered before.
    Before,
    /// It asks no more: its time is over, its medicines are gone, or it never asked.
    Over,
}

/// Records an answer for `actor`; `taken`, or else skipped.
///
/// # Errors
/// `not-found` where there is no such reminder; as [`Session::permit`] for adding a dose.
pub fn answer(
    vault: &Vault,
    place: Place,
    notice: RecordId,
    actor: Actor,
    taken: bool,
    zone: &TimeZone,
) -> Result<Answered, Problem> {
    // One at a time: two presses of one button record one dose.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let session = vault.session(actor, PURPOSE)?;
    let now = session.now();
    let kept = place.notice(vault, notice)?.ok_or_else(Problem::not_found)?;
    if kept.answer.is_some() {
        return Ok(Answered::Before);
    }
    if !kept.asks(now) {
        return Ok(Answered::Over);
    }
    let (mut stands, mut is_new) = (false, false);
    for asked in &kept.doses {
        if let Some(added) = record(&session, place.profile, asked, taken, zone, now)? {
            (stands, is_new) = (true, is_new || added);
        }
    }
    if !stands {
        place.change(vault, notice, Notice::drop_the_rest)?;
        return Ok(Answered::Over);
    }
    // A power cut before this leaves a reminder that asks again about doses the log has, which adds nothing to it.
    let unread = place.change(vault, notice, |notice| {
        // What the log said before is what became of it, and not what is said now.
        let status = match (is_new, taken) {
            (false, _) => "elsewhere",
            (true, true) => "taken",
            (true, false) => "skipped",
        };
        notice.answer = Some(Answer { status: status.to_owned(), at: now });
        notice.drop_the_rest();
        !std::mem::replace(&mut notice.read, true)
    })?;
    if unread == Some(true) {
        change_unread(vault, place.account, |unread| unread.saturating_sub(1))?;
    }
    if let Some(token) = &kept.token {
        answers::end(vault, token)?;
    }
    Ok(Answered::Recorded)
}

/// Records a dose; answers whether that was news to the log, and nothing where its medicine is gone.
fn record(
    session: &Session,
    profile: ProfileId,
    asked: &Asked,
    taken: bool,
    zone: &TimeZone,
    now: Instant,
) -> Result<Option<bool>, Problem> {
    let permit = session.permit(Action::Add, profile, "dose")?;
    let Some(course) = Course::one(session, profile, asked.medication, zone, asked.due_at)? else { return Ok(None) };
    let dose = course.dose_at(asked.due_at, now);
    if dose.map_or_else(|| course.is_logged_near(asked.due_at), |dose| dose.is_logged) {
        return Ok(Some(false));
    }
    // Who answers soon took it now, unless that would be the time of another dose; who answers late took it when it was due.
    let late = now.millis() - asked.due_at.millis();
    let others = course.doses(asked.due_at.plus_millis(1), now.plus_millis(late + 1), now);
    let at = if taken && late <= LATE_AFTER && others.is_empty() { now } else { asked.due_at };
    let status = if taken { "taken" } else { "skipped" };
    session.add(&permit, &json!({"medication": asked.medication, "at": at, "status": status}), How::Typed)?;
    Ok(Some(true))
}

/// Whether a dose is still to be taken.
///
/// # Errors
/// Where the records cannot be read; a medication that is gone is no error and asks for nothing.
pub(super) fn is_open(
    session: &Session,
    profile: ProfileId,
    asked: &Asked,
    zone: &TimeZone,
    now: Instant,
) -> Result<bool, Problem> {
    let course = Course::one(session, profile, asked.medication, zone, asked.due_at)?;
    Ok(course.and_then(|course| course.dose_at(asked.due_at, now)).is_some_and(|dose| dose.state.is_open()))
}

/// Whether the log says what became of a dose.
///
/// # Errors
/// As [`is_open`].
pub(super) fn is_logged(
    session: &Session,
    profile: ProfileId,
    asked: &Asked,
    zone: &TimeZone,
    now: Instant,
) -> Result<bool, Problem> {
    let course = Course::one(session, profile, asked.medication, zone, asked.due_at)?;
    Ok(course.and_then(|course| course.dose_at(asked.due_at, now)).is_some_and(|dose| dose.is_logged))
}
