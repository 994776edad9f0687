//! Restricting what is kept: what others do not use until it is lifted.

use phm_core::id::{ProfileId, RecordId};
use poem::Response;
use poem::http::StatusCode;
use serde_json::json;

use super::reply::{go, html, html_with, own_path};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::view::RowData;
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::restrictions::Restrictions;

/// What is restricted of a person's records.
pub async fn restrictions(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let done = visit.asked("done").to_owned();
    let view = visit.with(move |session, frame| {
        let mut view = shown(session, frame, profile)?;
        let said = match done.as_str() {
            "restricted" => Some("restrict-done"),
            "lifted" => Some("restrict-lifted"),
            _ => None,
        };
        view.page.notices.extend(said.map(|key| Notice { tone: Tone::Good, text: frame.t().say(key) }));
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<Restrictions, Problem> {
    let held = session.restrictions(profile)?;
    let page = frame.page(session, &frame.t().say("nav-restrictions"), Here::Access, Some(profile))?;
    Ok(Restrictions::new(page, &held))
}

/// Restricts one record, or everything where none is named.
pub async fn restrict(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (record, reason, back) = (visit.field("record"), visit.field("reason"), visit.field("back"));
    let refused = visit.with(move |session, frame| {
        let mut body = json!({ "reason": reason });
        if record.is_empty() {
            body["everything"] = json!(true);
        } else {
            body["records"] = json!([record]);
        }
        match session.restrict(profile, &body) {
            Ok(_) => Ok(None),
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let errors = vec![frame.t().say("form-check-fields")];
                Ok(Some(Restrictions { errors, ..shown(session, frame, profile)? }))
            }
            Err(error) => Err(error.into()),
        }
    });
    match refused.await? {
        None => Ok(go(own_path(&back).unwrap_or(&format!("/p/{profile}/restrictions?done=restricted")))),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// Lifts a restriction.
pub async fn lift(visit: Visit) -> Result<Response, Problem> {
    let (profile, id): (ProfileId, RecordId) = (visit.profile()?, visit.record()?);
    visit.with(move |session, _| Ok(session.lift_restriction(profile, id)?)).await?;
    Ok(go(&format!("/p/{profile}/restrictions?done=lifted")))
}

/// That a person's records are restricted, for the head of a page; `record` asks for one of them.
pub fn said(
    session: &AtWork,
    frame: &Frame,
    profile: ProfileId,
    record: Option<RecordId>,
) -> Result<Option<Notice>, Problem> {
    let restricted = session.restricted(profile)?;
    let key = match record {
        _ if restricted.is_everything() => "restrict-notice-all",
        Some(record) if restricted.holds(record) => "restrict-notice-record",
        _ => return Ok(None),
    };
    Ok(Some(Notice { tone: Tone::Calm, text: frame.t().say(key) }))
}

/// Says in a list which of its records are restricted.
pub fn mark(session: &AtWork, profile: ProfileId, rows: &mut [RowData]) -> Result<(), Problem> {
    let restricted = session.restricted(profile)?;
    if restricted.is_nothing() {
        return Ok(());
    }
    for row in rows {
        row.restricted = row.id.parse::<RecordId>().is_ok_and(|id| restricted.holds(id));
    }
    Ok(())
}
