//! What people send about records: new ones, amended ones, marks, removals and what is brought back.
//!
//! What is refused comes back as the form it was, with its faults beside its fields; nothing that was typed is lost.

use askama::Template;
use phm_core::access::{Action, Labels, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{How, Removed};
use phm_plugin_api::v1::drugs::Finding;
use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::Value;

use super::super::access::chosen;
use super::super::reply::{go, html_with, own_path};
use super::super::visit::{Frame, Visit};
use super::form::{Draft, form, grow};
use super::kind_of;
use crate::http::house::AtWork;
use crate::http::interactions::{against, warned_of};
use crate::http::problem::Problem;
use crate::http::web::forms::read::{Submitted, body as read_body};
use crate::http::web::forms::{Layout, Problem as Fault};
use crate::http::web::view::Record;
use crate::http::web::view::dashboard::ConditionCard;
use crate::http::web::view::interactions::FindingView;
use crate::http::web::view::page::Here;
use crate::http::web::view::records::Form;

/// What came of a form.
enum Outcome {
    Saved(RecordId),
    Again(Box<Form>, StatusCode),
}

fn answer(outcome: Outcome, list: &str, back: Option<&str>) -> Result<Response, Problem> {
    match outcome {
        Outcome::Saved(id) => Ok(go(&back.map_or_else(|| format!("{list}/{id}?done=saved"), str::to_owned))),
        Outcome::Again(form, status) => html_with(status, &*form),
    }
}

/// The faults of a refused body; any other problem is passed on.
pub fn faults(error: phm_core::Error) -> Result<Vec<Fault>, Problem> {
    let found: Vec<Fault> =
        error.details().iter().map(|fault| Fault { path: fault.path.clone(), code: fault.code.to_owned() }).collect();
    if found.is_empty() { Err(error.into()) } else { Ok(found) }
}

/// Adds a record.
pub async fn create(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout) = (visit.profile()?, kind_of(&visit)?);
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let outcome = visit.with(move |session, frame| {
        let permit = session.permit(Action::Add, profile, layout.kind)?;
        let body = read_body(layout, Submitted(&pairs), None, &zone);
        let again = |faults: &[Fault], status| {
            let draft = Draft { faults, grow: grow.as_deref(), ..Draft::of(&body) };
            Ok(Outcome::Again(Box::new(form(session, frame, layout, profile, &draft)?), status))
        };
        if grow.is_some() {
            return again(&[], StatusCode::OK);
        }
        let warnings = warnings(session, layout, profile, &body, Submitted(&pairs))?;
        if !warnings.is_empty() {
            let mut view = form(session, frame, layout, profile, &Draft::of(&body))?;
            warn(&mut view, session, frame, &body, &warnings);
            return Ok(Outcome::Again(Box::new(view), StatusCode::CONFLICT));
        }
        match session.add(&permit, &body, How::Typed) {
            Ok(record) => Ok(Outcome::Saved(record.id)),
            Err(error) => again(&faults(error)?, StatusCode::UNPROCESSABLE_ENTITY),
        }
    });
    answer(outcome.await?, &format!("/p/{profile}/{}", layout.collection), None)
}

/// Says on a form what speaks against the medicine in it; whoever sends it again was told.
pub(in crate::http::web::pages) fn warn(
    view: &mut Form,
    session: &AtWork,
    frame: &Frame,
    body: &Value,
    warnings: &[Finding],
) {
    view.warnings = warnings.iter().map(|finding| FindingView::of(frame.t(), finding)).collect();
    view.warned = warned_of(body, session.now());
}

/// What speaks against a medicine that is about to be added, unless whoever adds it has been told of this one in this dose.
pub(in crate::http::web::pages) fn warnings(
    session: &AtWork,
    layout: &Layout,
    profile: ProfileId,
    body: &Value,
    sent: Submitted<'_>,
) -> Result<Vec<Finding>, Problem> {
    let was_told = || sent.get("warned").is_some_and(|warned| warned == warned_of(body, session.now()));
    if layout.kind != "medication" || was_told() {
        return Ok(Vec::new());
    }
    against(session, profile, body)
}

/// Amends a record; htmx gets the condition's card back when it was edited in place.
pub async fn amend(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let in_place = visit.is_part && visit.asked("inline") == "1" && layout.kind == "condition";
    let work = move |session: &AtWork, frame: &Frame| {
        let permit = session.permit(Action::Amend, profile, layout.kind)?;
        let current = session.read(&session.permit(Action::Read, profile, layout.kind)?, id, Removed::Hide)?;
        let before = Record::of(&current);
        let body = read_body(layout, Submitted(&pairs), Some(&before.body), &zone);
        let again = |faults: &[Fault], conflict, status| {
            let version = if conflict { current.version } else { based_on };
            let editing = Some((id, version));
            let draft = Draft { body: &body, editing, faults, grow: grow.as_deref(), of: None, conflict };
            Ok(Outcome::Again(Box::new(form(session, frame, layout, profile, &draft)?), status))
        };
        if grow.is_some() {
            return again(&[], false, StatusCode::OK);
        }
        match session.amend(&permit, id, based_on, &body, How::Typed) {
            Ok(_) => Ok(Outcome::Saved(id)),
            Err(error) if error.kind() == phm_core::ErrorKind::Conflict => again(&[], true, StatusCode::CONFLICT),
            Err(error) => again(&faults(error)?, false, StatusCode::UNPROCESSABLE_ENTITY),
        }
    };
    let outcome = visit.with(work).await?;
    if in_place {
        return card(&visit, profile, id, matches!(outcome, Outcome::Saved(_))).await;
    }
    let back = visit.field("back");
    answer(outcome, &format!("/p/{profile}/{}", layout.collection), own_path(&back))
}

/// The card of a condition as it is now.
async fn card(visit: &Visit, profile: ProfileId, id: RecordId, saved: bool) -> Result<Response, Problem> {
    let card = visit.with(move |session, frame| {
        let record = session.read(&session.permit(Action::Read, profile, "condition")?, id, Removed::Hide)?;
        let page = frame.page(session, "", Here::Dashboard, Some(profile))?;
        let mut card = ConditionCard::new(&page, &Record::of(&record));
        if !saved {
            card.open = true;
            card.error = frame.t().say("form-conflict");
        }
        card.render().map_err(|_| Problem::internal())
    });
    let text = card.await?;
    Ok(Response::builder().header(header::CONTENT_TYPE, "text/html; charset=utf-8").body(text))
}

/// Marks a record as sensitive, or takes marks away.
pub async fn mark(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let words = chosen(&visit, "labels");
    visit
        .with(move |session, _| {
            let label = |word: &String| word.parse::<Sensitivity>();
            let labels: Result<Labels, _> = words.iter().map(label).collect();
            let labels = labels.map_err(|_| Problem::invalid("/labels", "invalid-choice"))?;
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            session.mark(&permit, id, based_on, labels)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}", layout.collection)))
}

/// Removes a record.
pub async fn remove(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    visit
        .with(move |session, _| {
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            Ok(session.remove(&permit, id, based_on)?)
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}?done=removed", layout.collection)))
}

/// Brings a removed record, or an earlier version, back.
pub async fn restore(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let to = visit.field("to").parse().ok();
    visit
        .with(move |session, _| {
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            Ok(session.restore(&permit, id, based_on, to)?)
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}?done=restored", layout.collection)))
}
