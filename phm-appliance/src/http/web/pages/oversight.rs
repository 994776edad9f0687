//! What those who run the house are to know of: unusual access, and what a breach report needs.

use poem::Response;
use poem::http::StatusCode;

use super::reply::html;
use super::visit::{Caller, Visit};
use crate::http::problem::Problem;
use crate::http::web::view::alerts::{Alerts, sentence};
use crate::http::web::view::page::Here;

/// Whoever runs the house; the page of anybody else says that it is not for them.
fn admin(visit: &Visit) -> Result<Caller, Problem> {
    let caller = visit.signed_in()?.clone();
    if !caller.account.admin {
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", "this page is for administrators"));
    }
    Ok(caller)
}

/// Unusual access.
pub async fn alerts(visit: Visit) -> Result<Response, Problem> {
    let caller = admin(&visit)?;
    let view = visit.with(move |session, frame| {
        let t = frame.t();
        let page = frame.page(session, &t.say("alerts-title"), Here::Admin, caller.own)?;
        Ok(Alerts { alerts: session.house_alerts()?.iter().map(|alert| sentence(t, alert)).collect(), page })
    });
    html(&view.await?)
}
