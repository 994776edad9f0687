//! One's own password, second factors and devices, on the settings page.

use phm_core::id::RecordId;
use poem::Response;
use poem::http::StatusCode;

use super::enter::typed;
use super::reply::{go, html, html_with};
use super::visit::Visit;
use crate::auth::Desk;
use crate::http::api::accounts::administer;
use crate::http::problem::Problem;
use crate::http::web::qr;
use crate::http::web::view::door::{FactorApp, ShownOnce};
use crate::http::web::view::page::Page;

/// What went wrong is told at the head of the page the form stands on; what is not a person's mistake goes its own way.
const TOLD: [&str; 10] = [
    "password-needed",
    "too-many",
    "too-short",
    "too-long",
    "too-easy",
    "no-second-factor",
    "https-needed",
    "refused",
    "invalid-email",
    "email-taken",
];

/// Runs `work` for somebody who typed their password, or signed in a moment ago.
async fn proven<T: Send + 'static>(
    visit: &Visit,
    work: impl FnOnce(&Desk, RecordId, RecordId) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let signed = &visit.signed_in()?.signed;
    let (account, session, password) = (signed.account, signed.session, typed(visit, "password"));
    let work = move |desk: &Desk| {
        desk.prove(account, session, Some(&password))?;
        work(desk, account, session)
    };
    visit.house.open()?.desk(work).await
}

/// Says on the page `there` what was wrong.
fn told(problem: Problem, there: &str) -> Result<Response, Problem> {
    let mut codes = problem.faults().into_iter().map(|(_, code)| code).chain([problem.code().to_owned()]);
    let known = codes.find_map(|code| TOLD.into_iter().find(|known| code.starts_with(known)).map(|_| code));
    known.map_or(Err(problem), |code| Ok(go(&format!("{there}?problem={code}"))))
}

/// Changes the password.
pub async fn change_password(visit: Visit) -> Result<Response, Problem> {
    let (new, t) = (typed(&visit, "new_password"), visit.t.clone());
    let signed = &visit.signed_in()?.signed;
    let (account, session, current) = (signed.account, signed.session, typed(&visit, "password"));
    let change = move |desk: &Desk| desk.change_password(account, session, &current, &new, &t);
    match visit.house.open()?.desk(change).await {
        Ok(()) => Ok(go("/settings?done=password")),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Changes the address one signs in with, or sends the letter that does.
pub async fn change_email(visit: Visit) -> Result<Response, Problem> {
    let (email, t) = (visit.field("email"), visit.t.clone());
    let signed = &visit.signed_in()?.signed;
    let (account, session, password) = (signed.account, signed.session, typed(&visit, "password"));
    if let Err(problem) = visit.house.limits.account(&email) {
        return told(problem, "/settings");
    }
    let change = move |desk: &Desk| desk.change_email(account, session, Some(&password), &email, &t);
    match visit.house.open()?.desk(change).await {
        Ok(true) => Ok(go("/settings?done=email-sent")),
        Ok(false) => Ok(go("/settings?done=email")),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Shows a secret for an authenticator app.
pub async fn offer_app(visit: Visit) -> Result<Response, Problem> {
    match proven(&visit, |desk, account, _| desk.offer_app(account)).await {
        Ok((secret, address)) => html(&app_page(&visit, &secret, &address, "")),
        Err(problem) => told(problem, "/settings"),
    }
}

fn app_page(visit: &Visit, secret: &str, address: &str, error: &str) -> FactorApp {
    let t = &visit.t;
    let groups: Vec<String> = secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into()).collect();
    FactorApp {
        page: settings_page(visit, "app-heading"),
        secret: groups.join(" "),
        code: if address.is_empty() { String::new() } else { qr::svg(address, &t.say("app-qr")) },
        error: if error.is_empty() { String::new() } else { t.say(error) },
    }
}

/// Takes the app into use.
pub async fn confirm_app(visit: Visit) -> Result<Response, Problem> {
    let (account, code, t) = (visit.signed_in()?.signed.account, visit.field("code"), visit.t.clone());
    let opened = visit.house.open()?;
    let taken = opened.desk(move |desk| {
        let codes = desk.take_app(account, &code)?;
        desk.tell_of_factors(account, &t)?;
        Ok(codes)
    });
    match taken.await {
        Ok(Some(codes)) => shown_once(&visit, codes),
        Ok(None) => Ok(go("/settings?done=app")),
        Err(problem) if problem.status_code() == StatusCode::UNPROCESSABLE_ENTITY => {
            html_with(problem.status_code(), &app_page(&visit, "", "", "app-wrong"))
        }
        Err(problem) => told(problem, "/settings"),
    }
}

/// Uses no app any more.
pub async fn drop_app(visit: Visit) -> Result<Response, Problem> {
    let t = visit.t.clone();
    let drop_app = move |desk: &Desk, account: RecordId, _: RecordId| {
        desk.drop_app(account)?;
        desk.tell_of_factors(account, &t)
    };
    match proven(&visit, drop_app).await {
        Ok(()) => Ok(go("/settings?done=saved")),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Shows ten new recovery codes.
pub async fn new_codes(visit: Visit) -> Result<Response, Problem> {
    let t = visit.t.clone();
    let make = move |desk: &Desk, account: RecordId, _: RecordId| -> Result<Vec<String>, Problem> {
        let codes = desk.new_recovery_codes(account)?;
        desk.tell_of_factors(account, &t)?;
        Ok(codes)
    };
    match proven(&visit, make).await {
        Ok(codes) => shown_once(&visit, codes),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Keeps a passkey the browser made.
pub async fn keep_passkey(visit: Visit) -> Result<Response, Problem> {
    let account = visit.signed_in()?.signed.account;
    let (ticket, name, t) = (visit.field("ticket"), visit.field("name"), visit.t.clone());
    let Ok(made) = serde_json::from_str(&visit.field("assertion")) else {
        return Ok(go("/settings?problem=refused"));
    };
    let opened = visit.house.open()?;
    let kept = opened.desk(move |desk| {
        let kept = desk.keep_passkey(account, &ticket, &name, &made)?;
        desk.tell_of_factors(account, &t)?;
        Ok(kept)
    });
    match kept.await {
        Ok((_, Some(codes))) => shown_once(&visit, codes),
        Ok((_, None)) => Ok(go("/settings?done=passkey")),
        // Too late, or made twice: they begin again.
        Err(problem) if matches!(problem.code(), "session-ended" | "passkey-known") => {
            Ok(go("/settings?problem=refused"))
        }
        Err(problem) => told(problem, "/settings"),
    }
}

/// Forgets a passkey.
pub async fn drop_passkey(visit: Visit) -> Result<Response, Problem> {
    let (id, t) = (visit.record()?, visit.t.clone());
    let drop_passkey = move |desk: &Desk, account: RecordId, _: RecordId| -> Result<(), Problem> {
        desk.drop_passkey(account, id)?;
        desk.tell_of_factors(account, &t)
    };
    match proven(&visit, drop_passkey).await {
        Ok(()) => Ok(go("/settings?done=saved")),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Lets an identity provider sign one in, or not any more.
pub async fn let_elsewhere(visit: Visit) -> Result<Response, Problem> {
    let (account, password) = (visit.signed_in()?.signed.account, typed(&visit, "password"));
    let allowed = visit.field("allowed") == "true";
    match visit.house.open()?.desk(move |desk| desk.let_elsewhere(account, &password, allowed)).await {
        Ok(()) => Ok(go("/settings?done=saved")),
        Err(problem) => told(problem, "/settings"),
    }
}

/// Signs out everywhere else.
pub async fn end_others(visit: Visit) -> Result<Response, Problem> {
    let signed = &visit.signed_in()?.signed;
    let (account, session) = (signed.account, signed.session);
    visit.house.open()?.desk(move |desk| desk.end_others(account, Some(session))).await?;
    Ok(go("/settings?done=saved"))
}

/// The administrator's link with which somebody chooses a new password.
pub async fn hand_out_link(visit: Visit) -> Result<Response, Problem> {
    let (account, forgets) = (visit.record()?, visit.field("forgets_factors") == "true");
    administer(&visit.house, &visit.signed_in()?.signed, "account-reset-link", account).await?;
    let made = proven(&visit, move |desk, _, _| desk.hand_out_link(account, forgets));
    let (link, _) = match made.await {
        Ok(made) => made,
        Err(problem) => return told(problem, "/admin"),
    };
    // Whoever has it signs in as them: nobody gets it of whom that is not known.
    visit.with(move |session, _| Ok(session.alert_of_link(account)?)).await?;
    let t = &visit.t;
    html(&ShownOnce {
        page: Page { path: "/admin".to_owned(), ..settings_page(&visit, "handed-heading") },
        heading: t.say("handed-heading"),
        lead: t.say("handed-lead"),
        lines: vec![link],
        onward: "/admin",
    })
}

/// A page that only a form leads to; its language links lead to the settings, where the form is.
fn settings_page(visit: &Visit, title: &str) -> Page {
    Page { path: "/settings".to_owned(), ..visit.bare(&visit.t.say(title)) }
}

fn shown_once(visit: &Visit, codes: Vec<String>) -> Result<Response, Problem> {
    let t = &visit.t;
    html(&ShownOnce {
        page: settings_page(visit, "codes-once-heading"),
        heading: t.say("codes-once-heading"),
        lead: t.say("codes-once-lead"),
        lines: codes,
        onward: "/settings",
    })
}
