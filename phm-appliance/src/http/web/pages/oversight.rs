//! What those who run the house are to know of: unusual access, and what a breach report needs.

use phm_core::time::Instant;
use poem::Response;
use poem::http::{StatusCode, header};

use super::reply::{html, html_with};
use super::visit::{Caller, Visit};
use crate::http::incident::{self, Report};
use crate::http::problem::Problem;
use crate::http::web::view::alerts::{Alerts, sentence};
use crate::http::web::view::incident::{IncidentPage, ReportView};
use crate::http::web::view::page::Here;

/// Whoever runs the house; the page of anybody else says that it is not for them.
pub(super) fn admin(visit: &Visit) -> Result<Caller, Problem> {
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

/// Milliseconds of a week, for which a report is offered first.
const WEEK: i64 = 7 * 24 * 3_600_000;

/// What a breach report needs: the form that asks for it, and the report where one was asked for.
pub async fn incident(visit: Visit) -> Result<Response, Problem> {
    let caller = admin(&visit)?;
    let accounts = visit.with(|session, _| Ok(session.accounts()?)).await?;
    let wanted = !visit.asked("from").is_empty();
    let (status, errors, report) = if wanted {
        match made(&visit, &caller).await {
            Ok(report) => (StatusCode::OK, Vec::new(), Some(report)),
            Err(problem) if problem.status_code() == StatusCode::UNPROCESSABLE_ENTITY => {
                (StatusCode::UNPROCESSABLE_ENTITY, vec![visit.t.say("incident-wrong")], None)
            }
            Err(problem) => return Err(problem),
        }
    } else {
        (StatusCode::OK, Vec::new(), None)
    };
    let now = visit.house.clock.now();
    let day = |name: &str, at| match visit.asked(name) {
        "" => visit.t.local_date(at).to_string(),
        given => given.to_owned(),
    };
    let (from, to, account) = (day("from", now.plus_millis(-WEEK)), day("to", now), visit.asked("account").to_owned());
    let query = [("from", &from), ("to", &to), ("account", &account)];
    let query = serde_urlencoded::to_string(query).map_err(|_| Problem::internal())?;
    let file = format!("/admin/incident/report.json?{query}");
    let report = report.map(|report| ReportView::new(&visit.t, &report, file));
    let title = visit.t.say("incident-title");
    let page = visit.with(move |session, frame| frame.page(session, &title, Here::Admin, caller.own)).await?;
    let accounts = accounts.into_iter().map(|card| (card.id.to_string(), card.name)).collect();
    html_with(status, &IncidentPage { page, from, to, account, accounts, errors, report })
}

/// The report as a file that programs read.
pub async fn incident_file(visit: Visit) -> Result<Response, Problem> {
    let caller = admin(&visit)?;
    let report = made(&visit, &caller).await?;
    let bytes = serde_json::to_vec_pretty(&report).map_err(|_| Problem::internal())?;
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"incident.json\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes))
}

async fn made(visit: &Visit, caller: &Caller) -> Result<Report, Problem> {
    let text = |at: Option<Instant>, name: &str| at.map_or_else(|| visit.asked(name).to_owned(), |at| at.to_string());
    // The days of the reader, as the report shows them.
    let from = text(visit.t.day_begins(visit.asked("from")), "from");
    let to = text(visit.t.day_ends(visit.asked("to")), "to");
    let asked = incident::asked(&from, &to, visit.asked("account"))?;
    incident::report(&visit.house, &caller.signed, asked).await
}
