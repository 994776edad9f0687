//! For how long records are kept: rules, what they would destroy, and making one in two steps.

use phm_core::id::ProfileId;
use poem::Response;
use poem::http::StatusCode;

use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::retention::{Retention, YEAR, outlook};
use crate::notify::letters;

/// The rules for a person's records.
pub async fn rules(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let done = visit.asked("done").to_owned();
    let view = visit.with(move |session, frame| {
        let mut view = shown(session, frame, profile)?;
        let said = match done.as_str() {
            "made" => Some((Tone::Good, "retention-made")),
            "ended" => Some((Tone::Good, "retention-ended")),
            "changed" => Some((Tone::Warn, "house-retention-changed")),
            _ => None,
        };
        view.page.notices.extend(said.map(|(tone, key)| Notice { tone, text: frame.t().say(key) }));
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<Retention, Problem> {
    let (rules, proposals) = (session.retention(profile)?, session.retention_proposals(profile)?);
    let page = frame.page(session, &frame.t().say("nav-retention"), Here::Access, Some(profile))?;
    Ok(Retention::new(page, &rules, &proposals, session.now()))
}

/// Shows what a rule would destroy; makes it where that has been confirmed.
pub async fn keep(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (kind, years, sure) = (visit.field("kind"), visit.field("years"), visit.field("confirm") == "yes");
    let outcome = visit.with(move |session, frame| {
        let days = years.trim().parse::<u32>().ok().and_then(|years| years.checked_mul(YEAR)).unwrap_or(0);
        let done = if sure {
            session.keep_for(profile, &kind, days).map(|_| None)
        } else {
            session.preview_retention(profile, &kind, days).map(Some)
        };
        match done {
            Ok(None) => Ok(None),
            Ok(Some(preview)) => {
                let preview = Some(outlook(frame.t(), &preview));
                let view = Retention { kind, years, preview, ..shown(session, frame, profile)? };
                Ok(Some((StatusCode::OK, view)))
            }
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let errors = vec![frame.t().say("retention-wrong")];
                let view = Retention { kind, years, errors, ..shown(session, frame, profile)? };
                Ok(Some((StatusCode::UNPROCESSABLE_ENTITY, view)))
            }
            Err(error) => Err(error.into()),
        }
    });
    match outcome.await? {
        None => {
            // Whoever else answers for the person has a week to end it.
            tell(&visit.house, profile, visit.t.clone(), letters::retention).await;
            Ok(go(&format!("/p/{profile}/retention?done=made")))
        }
        Some((status, view)) => html_with(status, &view),
    }
}

/// Ends a rule.
pub async fn end(visit: Visit) -> Result<Response, Problem> {
    let (profile, kind) = (visit.profile()?, visit.part("kind"));
    visit.with(move |session, _| Ok(session.keep_for_good(profile, &kind)?)).await?;
    Ok(go(&format!("/p/{profile}/retention?done=ended")))
}
