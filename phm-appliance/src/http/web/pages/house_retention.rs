//! For how long records are kept, for the whole house: what administrators propose, and what a person answers.

use phm_core::id::ProfileId;
use poem::Response;
use poem::http::StatusCode;

use super::oversight::admin;
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::http::web::view::house_retention::{HouseRetention, sums};
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::retention::YEAR;
use crate::notify::letters;

/// Where the page stands.
const HERE: &str = "/admin/retention";

/// The rules of the house.
pub async fn rules(visit: Visit) -> Result<Response, Problem> {
    let (own, enforced) = (admin(&visit)?.own, visit.house.enforces_retention());
    let said = match visit.asked("done") {
        "made" => Some("house-retention-made"),
        "ended" => Some("house-retention-ended"),
        _ => None,
    };
    let view = visit.with(move |session, frame| {
        let mut view = shown(session, frame, own, enforced)?;
        view.page.notices.extend(said.map(|key| Notice { tone: Tone::Good, text: frame.t().say(key) }));
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, own: Option<ProfileId>, enforced: bool) -> Result<HouseRetention, Problem> {
    let rules = session.house_retention()?;
    let page = frame.page(session, &frame.t().say("nav-house-retention"), Here::Admin, own)?;
    Ok(HouseRetention::new(page, enforced, &rules))
}

/// Shows what a rule of the house would come to; makes it where that has been confirmed.
pub async fn propose(visit: Visit) -> Result<Response, Problem> {
    let (own, enforced) = (admin(&visit)?.own, visit.house.enforces_retention());
    let (kind, years, sure) = (visit.field("kind"), visit.field("years"), visit.field("confirm") == "yes");
    let outcome = visit.with(move |session, frame| {
        let days = years.trim().parse::<u32>().ok().and_then(|years| years.checked_mul(YEAR)).unwrap_or(0);
        let done = if sure {
            session.propose_for_all(&kind, days).map(|_| None)
        } else {
            session.preview_house_retention(&kind, days).map(Some)
        };
        match done {
            Ok(None) => Ok(None),
            Ok(Some(seen)) => {
                let preview = Some(sums(frame.t(), &seen));
                let view = HouseRetention { kind, years, preview, ..shown(session, frame, own, enforced)? };
                Ok(Some((StatusCode::OK, view)))
            }
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let errors = vec![frame.t().say("retention-wrong")];
                let view = HouseRetention { kind, years, errors, ..shown(session, frame, own, enforced)? };
                Ok(Some((StatusCode::UNPROCESSABLE_ENTITY, view)))
            }
            Err(error) => Err(error.into()),
        }
    });
    match outcome.await? {
        None => Ok(go(&format!("{HERE}?done=made"))),
        Some((status, view)) => html_with(status, &view),
    }
}

/// Ends a rule of the house.
pub async fn end(visit: Visit) -> Result<Response, Problem> {
    admin(&visit)?;
    let kind = visit.part("kind");
    visit.with(move |session, _| Ok(session.end_proposal(&kind)?)).await?;
    Ok(go(&format!("{HERE}?done=ended")))
}

/// Answers a rule of the house for a person: agrees to it, or keeps records of the kind.
pub async fn answer(visit: Visit) -> Result<Response, Problem> {
    let (profile, kind) = (visit.profile()?, visit.part("kind"));
    // What was agreed to is what stood on the page, and not what the house proposes by now.
    let agreed = (visit.field("agrees") == "yes").then(|| visit.field("days").parse::<u32>().unwrap_or(0));
    let answered = visit.with(move |session, _| match session.answer_proposal(profile, &kind, agreed) {
        Err(error) if error.code() == "changed" => Ok(false),
        other => Ok(other.map(|_| true)?),
    });
    if !answered.await? {
        return Ok(go(&format!("/p/{profile}/retention?done=changed")));
    }
    // Whoever else answers for the person has a week to end it.
    tell(&visit.house, profile, visit.t.clone(), letters::retention).await;
    Ok(go(&format!("/p/{profile}/retention?done=made")))
}

/// Says on a person's overview that the house waits for an answer, to whoever may give it.
pub fn said(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<Option<Notice>, Problem> {
    let waits = session.has_open_proposals(profile)?;
    Ok(waits.then(|| Notice { tone: Tone::Warn, text: frame.t().say("house-retention-waits") }))
}
