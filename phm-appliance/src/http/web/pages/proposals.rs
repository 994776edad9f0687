//! Having a document read, and what plugins would add: to accept, to amend, to reject.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Removed;
use phm_plugins::readings::Reading;
use phm_plugins::{acceptance, proposals, readings};
use poem::Response;
use poem::http::StatusCode;
use serde_json::Value;

use super::records::{Draft, faults, form, grow, warn, warnings};
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::reading;
use crate::http::web::forms::read::{Submitted, body as read_body};
use crate::http::web::forms::{Layout, Problem as Fault, layout};
use crate::http::web::view::acceptance::Acceptance;
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::proposals::ProposalsPage;
use crate::http::web::view::records::Form;

/// What the list says went wrong with the plugin; anything else is a page of its own.
const OF_THE_PLUGIN: [&str; 7] = [
    "bad-answer",
    "limit-reached",
    "no-reader",
    "package-changed",
    "plugin-crashed",
    "plugin-failed",
    "plugin-refused",
];

/// What plugins would add, and with a document what was not understood of it.
pub async fn waiting(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let document: Option<RecordId> = visit.asked("document").parse().ok();
    let failed = OF_THE_PLUGIN.into_iter().find(|code| *code == visit.asked("failed"));
    let accepted: u32 = visit.asked("accepted").parse().unwrap_or_default();
    let removed: u32 = visit.asked("removed").parse().unwrap_or_default();
    let done = visit.asked("done").to_owned();
    let view = visit
        .with(move |session, frame| {
            let t = frame.t();
            let mut view = shown(session, frame, profile, document)?;
            let mut notice = |tone: Tone, text: String| view.page.notices.push(Notice { tone, text });
            if let Some(code) = failed {
                notice(Tone::Alert, t.with("reading-failed", "code", code));
            }
            if accepted > 0 {
                notice(Tone::Warn, t.count("acceptance-read", accepted));
            }
            match done.as_str() {
                "made" => notice(Tone::Good, t.say("acceptance-made")),
                "ended" => notice(Tone::Good, t.say("acceptance-ended")),
                _ => {}
            }
            if removed > 0 {
                notice(Tone::Good, t.count("acceptance-removed", removed));
            }
            Ok(view)
        })
        .await?;
    html(&view)
}

/// The list, with what was read out of a document where one is named, and the rules for whoever may make some.
pub(super) fn shown(
    session: &AtWork,
    frame: &Frame,
    profile: ProfileId,
    document: Option<RecordId>,
) -> Result<ProposalsPage, Problem> {
    let page = frame.page(session, &frame.t().say("nav-proposals"), Here::Elsewhere, Some(profile))?;
    let waiting = proposals::waiting(&session.vault, session, profile)?;
    let reading = match document {
        Some(id) => reading_of(session, profile, id)?.map(|reading| (id, reading)),
        None => None,
    };
    let acceptance = if session.answers_for(profile) {
        let rules = acceptance::rules(&session.vault, session, profile)?;
        Some(Acceptance::new(frame.t(), &rules, &session.plugins.list()?))
    } else {
        None
    };
    let reading = reading.as_ref().map(|(id, reading)| (*id, reading));
    Ok(ProposalsPage::new(page, &waiting, reading, acceptance))
}

/// What was read out of a document, for somebody who may read the document, while the file is the one that was read.
fn reading_of(session: &AtWork, profile: ProfileId, id: RecordId) -> Result<Option<Reading>, Problem> {
    let Some(permit) = session.permit_if_allowed(Action::Read, profile, "document") else { return Ok(None) };
    let record = session.read(&permit, id, Removed::Hide)?;
    let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
    Ok(readings::get(&session.vault, profile, id)?.filter(|reading| reading.is_of(&body)))
}

/// Has a document read: whoever presses the button lets the plugin read this one.
pub async fn read(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let purpose = visit.t.say("document-read-purpose");
    let outcome = visit.with(move |session, _| Ok(reading::read(session, profile, id, Some(&purpose)))).await?;
    let list = format!("/p/{profile}/proposals?document={id}");
    match outcome {
        Ok(outcome) if outcome.accepted.is_empty() => Ok(go(&list)),
        Ok(outcome) => Ok(go(&format!("{list}&accepted={}", outcome.accepted.len()))),
        Err(problem) if OF_THE_PLUGIN.contains(&problem.code()) => Ok(go(&format!("{list}&failed={}", problem.code()))),
        Err(problem) => Err(problem),
    }
}

/// Makes the record that was proposed. Where something speaks against a medicine its form comes first, which says what.
pub async fn accept(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let pairs = visit.form.clone();
    let outcome = visit.with(move |session, frame| {
        let waiting = proposals::waiting(&session.vault, session, profile)?;
        let proposal = waiting.iter().find(|one| one.id == id);
        if let Some((body, layout)) = proposal.and_then(|one| Some((&one.body, layout::of_kind(&one.kind)?))) {
            let warnings = warnings(session, layout, profile, body, Submitted(&pairs))?;
            if !warnings.is_empty() {
                let mut view = form_of(session, frame, layout, (profile, id), &Draft::of(body))?;
                warn(&mut view, session, frame, body, &warnings);
                return Ok(Some(Box::new(view)));
            }
        }
        proposals::accept(&session.vault, session, profile, id)?;
        Ok(None)
    });
    match outcome.await? {
        None => Ok(go(&list(&visit, profile))),
        Some(form) => html_with(StatusCode::CONFLICT, &*form),
    }
}

/// Forgets what was proposed.
pub async fn reject(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    visit.with(move |session, _| Ok(proposals::reject(&session.vault, session, profile, id)?)).await?;
    Ok(go(&list(&visit, profile)))
}

/// The list that a button was pressed on.
fn list(visit: &Visit, profile: ProfileId) -> String {
    let document: Option<RecordId> = visit.field("document").parse().ok();
    let document = document.map(|id| format!("?document={id}")).unwrap_or_default();
    format!("/p/{profile}/proposals{document}")
}

/// The form of what was proposed.
pub async fn edit(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let view = visit
        .with(move |session, frame| {
            let proposal = proposals::one(&session.vault, session, profile, id)?;
            let layout = layout::of_kind(&proposal.kind).ok_or_else(Problem::not_found)?;
            form_of(session, frame, layout, (profile, id), &Draft::of(&proposal.body))
        })
        .await?;
    html(&view)
}

/// Makes the record that somebody made of what was proposed.
pub async fn amend(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let outcome = visit.with(move |session, frame| {
        let proposal = proposals::one(&session.vault, session, profile, id)?;
        let layout = layout::of_kind(&proposal.kind).ok_or_else(Problem::not_found)?;
        let body = read_body(layout, Submitted(&pairs), Some(&proposal.body), &zone);
        let again = |faults: &[Fault], status: StatusCode| -> Result<Option<(Box<Form>, StatusCode)>, Problem> {
            let draft = Draft { faults, grow: grow.as_deref(), ..Draft::of(&body) };
            Ok(Some((Box::new(form_of(session, frame, layout, (profile, id), &draft)?), status)))
        };
        if grow.is_some() {
            return again(&[], StatusCode::OK);
        }
        let warnings = warnings(session, layout, profile, &body, Submitted(&pairs))?;
        if !warnings.is_empty() {
            let mut view = form_of(session, frame, layout, (profile, id), &Draft::of(&body))?;
            warn(&mut view, session, frame, &body, &warnings);
            return Ok(Some((Box::new(view), StatusCode::CONFLICT)));
        }
        match proposals::accept_as(&session.vault, session, profile, id, Some(&body)) {
            Ok(_) => Ok(None),
            Err(error) => again(&faults(error)?, StatusCode::UNPROCESSABLE_ENTITY),
        }
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}/proposals"))),
        Some((form, status)) => html_with(status, &*form),
    }
}

fn form_of(
    session: &AtWork,
    frame: &Frame,
    layout: &'static Layout,
    (profile, id): (ProfileId, RecordId),
    draft: &Draft<'_>,
) -> Result<Form, Problem> {
    let mut view = form(session, frame, layout, profile, draft)?;
    let t = frame.t();
    view.heading = t.say("proposal-amend-title");
    view.page.title.clone_from(&view.heading);
    view.list_name = t.say("nav-proposals");
    view.back = view.page.under("proposals");
    view.action = format!("{}/{id}/amend", view.back);
    view.quick = Vec::new();
    view.with_file = false;
    Ok(view)
}
