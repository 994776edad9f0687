//! What plugins have to say about a person: interactions, and proposals to accept or reject.

use phm_plugins::proposals;
use poem::Response;

use super::reply::{go, html};
use super::visit::Visit;
use crate::http::interactions::{Asked, check};
use crate::http::problem::Problem;
use crate::http::web::view::interactions::InteractionsPage;
use crate::http::web::view::page::Here;
use crate::http::web::view::proposals::ProposalsPage;

/// Whether a person's medicines go together.
pub async fn interactions(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit
        .with(move |session, frame| {
            let found = check(session, profile, &Asked::default())?;
            let page = frame.page(session, &frame.t().say("nav-interactions"), Here::Elsewhere, Some(profile))?;
            Ok(InteractionsPage::new(page, &found))
        })
        .await?;
    html(&view)
}

/// What plugins would add.
pub async fn waiting(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit
        .with(move |session, frame| {
            let page = frame.page(session, &frame.t().say("nav-proposals"), Here::Elsewhere, Some(profile))?;
            let waiting = proposals::waiting(&session.vault, session, profile)?;
            Ok(ProposalsPage::new(page, &waiting))
        })
        .await?;
    html(&view)
}

/// Makes the record that was proposed.
pub async fn accept(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    visit.with(move |session, _| Ok(proposals::accept(&session.vault, session, profile, id)?)).await?;
    Ok(go(&format!("/p/{profile}/proposals")))
}

/// Forgets what was proposed.
pub async fn reject(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    visit.with(move |session, _| Ok(proposals::reject(&session.vault, session, profile, id)?)).await?;
    Ok(go(&format!("/p/{profile}/proposals")))
}
