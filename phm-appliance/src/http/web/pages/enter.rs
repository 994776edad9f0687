//! Coming in: set-up, unlock, sign-in, sign-out.

use std::sync::Arc;

use phm_core::crypto::secret::Secret;
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};

use super::account::second_form;
use super::reply::{encoded, go, html, html_with, own_path};
use super::visit::Visit;
use crate::auth::cookies;
use crate::auth::desk::{Arrival, Entered, Outcome};
use crate::auth::session::Door;
use crate::auth::site::Site;
use crate::http::api::setup::{FirstSteps, set_up as make};
use crate::http::house::blocking;
use crate::http::problem::Problem;
use crate::http::web::forms::fill::problem_text;
use crate::http::web::view::door::DoorForm;
use crate::http::web::view::gate::{Recovery, RestoreBackup, Setup, SignIn, Typed, Unlock};
use crate::http::web::view::page::Page;
use crate::settings::Registration;

/// The start: one's own overview.
pub async fn home(visit: Visit) -> Result<Response, Problem> {
    if visit.house.needs_setup().await? {
        return Ok(go("/setup"));
    }
    let own = visit.signed_in()?.own;
    Ok(go(&own.map_or_else(|| "/people".to_owned(), |own| format!("/p/{own}"))))
}

/// Whatever else is asked for. The bare address of the house arrives here too, since a nested route has no root.
pub async fn nowhere(visit: Visit) -> Result<Response, Problem> {
    if visit.request.original_uri().path() == "/" { home(visit).await } else { Err(Problem::not_found()) }
}

/// The set-up page.
pub async fn setup(visit: Visit) -> Result<Response, Problem> {
    if !visit.house.needs_setup().await? {
        return Ok(go("/"));
    }
    html(&setup_page(&visit, Vec::new()))
}

fn setup_page(visit: &Visit, errors: Vec<(String, String)>) -> Setup {
    let typed = Typed { token: visit.field("token"), email: visit.field("email"), name: visit.field("name") };
    let makes_vault = visit.house.open().is_err();
    let is_safe = !makes_vault || visit.client.is_private();
    let page = visit.bare(&visit.t.say("setup-title"));
    Setup { page, typed, makes_vault, is_safe, has_authority: has_authority(visit), errors }
}

/// Whether `/trust` says how to come to a connection that nobody can listen to.
fn has_authority(visit: &Visit) -> bool {
    visit.house.keeper().is_some_and(|keeper| keeper.authority().is_some())
}

/// Makes the vault and the first account, and signs them in.
pub async fn set_up(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    if !visit.house.needs_setup().await? {
        return Ok(go("/"));
    }
    let steps = FirstSteps {
        token: visit.field("token"),
        passphrase: Some(typed(&visit, "passphrase")),
        email: visit.field("email"),
        password: typed(&visit, "password"),
        name: visit.field("name"),
    };
    let (house, client) = (Arc::clone(&visit.house), visit.client);
    let made = match blocking(move || make(&house, client, steps)).await {
        Ok(made) => made,
        // The page says so.
        Err(problem) if problem.code() == "https-needed" => {
            return html_with(problem.status_code(), &setup_page(&visit, Vec::new()));
        }
        Err(problem) => {
            let errors = faults(&visit, &problem)?;
            return html_with(problem.status_code(), &setup_page(&visit, errors));
        }
    };
    let account = made.account.parse().map_err(|_| Problem::internal())?;
    let agent = arrival(&visit, Door::Web).agent;
    let entered = visit.house.open()?.desk(move |desk| desk.enter(account, Door::Web, &agent)).await?;
    let response = match made.recovery_code {
        Some(code) => {
            let page = visit.bare(&visit.t.say("recovery-title"));
            html(&Recovery { page, groups: code.split('-').map(str::to_owned).collect() })?
        }
        None => go("/"),
    };
    inside(&visit, response, &entered).await
}

/// The page that restores a backup, where there is no vault yet.
pub async fn restore_page(visit: Visit) -> Result<Response, Problem> {
    if !visit.house.needs_setup().await? || visit.house.open().is_ok() {
        return Ok(go("/setup"));
    }
    html(&restore_view(&visit, Vec::new()))
}

fn restore_view(visit: &Visit, errors: Vec<(String, String)>) -> RestoreBackup {
    let page = visit.bare(&visit.t.say("restore-title"));
    let (is_safe, has_authority) = (visit.client.is_private(), has_authority(visit));
    RestoreBackup { page, token: visit.field("token"), is_safe, has_authority, errors }
}

/// Restores what was uploaded, and leads to whoever may come in then.
pub async fn restore(mut visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let Some(received) = visit.backups.take() else { return Ok(go(super::visit::RESTORE)) };
    let house = Arc::clone(&visit.house);
    match blocking(move || received.restore(&house)).await {
        Ok(_) => Ok(go("/")),
        Err(problem) => {
            let said = match (problem.code(), problem.status_code()) {
                ("setup-token-invalid", _) => vec![("token", "setup-token-wrong")],
                ("wrong-secret", _) => vec![("passphrase", "restore-wrong-secret")],
                ("invalid", _) => Vec::new(),
                ("not-empty" | "in-use", _) => vec![("", "restore-not-empty")],
                ("invalid-input" | "not-found" | "keys-changed", _) => vec![("file", "restore-not-together")],
                ("corrupt" | "unsupported" | "newer-format", _) => vec![("file", "restore-damaged")],
                _ => return Err(problem),
            };
            let mut errors: Vec<_> =
                said.into_iter().map(|(field, key)| (field.to_owned(), visit.t.say(key))).collect();
            for (path, code) in problem.faults() {
                errors.push((path.trim_start_matches('/').to_owned(), problem_text(&visit.t, &code)));
            }
            html_with(problem.status_code(), &restore_view(&visit, errors))
        }
    }
}

/// What is wrong with set-up, by field; another kind of problem is passed on.
fn faults(visit: &Visit, problem: &Problem) -> Result<Vec<(String, String)>, Problem> {
    if problem.code() == "setup-token-invalid" {
        return Ok(vec![("token".to_owned(), visit.t.say("setup-token-wrong"))]);
    }
    let found = faults_of(visit, problem);
    if found.is_empty() {
        return Err(Problem::new(problem.status_code(), "setup-failed", "set-up could not be finished"));
    }
    Ok(found)
}

/// What is wrong with a form, by field.
pub fn faults_of(visit: &Visit, problem: &Problem) -> Vec<(String, String)> {
    let fault =
        |(path, code): (String, String)| (path.trim_start_matches('/').to_owned(), problem_text(&visit.t, &code));
    problem.faults().into_iter().map(fault).collect()
}

/// A secret as it was typed: it may begin or end with a space.
pub fn typed(visit: &Visit, name: &str) -> String {
    visit.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Who stands at the desk with this visit.
pub fn arrival(visit: &Visit, door: Door) -> Arrival {
    crate::http::api::arrival(&visit.request, visit.client, &visit.house, door)
}

/// The page of a locked house.
pub async fn locked(visit: Visit) -> Result<Response, Problem> {
    if !visit.house.is_locked() {
        return Ok(go("/"));
    }
    unlock_page(&visit, StatusCode::OK, "")
}

/// The page of a locked house; where others could listen it says so and has no form.
fn unlock_page(visit: &Visit, status: StatusCode, error: &str) -> Result<Response, Problem> {
    let page = visit.bare(&visit.t.say("unlock-title"));
    let (is_safe, has_authority) = (visit.client.is_private(), has_authority(visit));
    let error = if error.is_empty() { String::new() } else { visit.t.say(error) };
    html_with(status, &Unlock { page, error, is_safe, has_authority })
}

/// Opens the vault.
pub async fn unlock(visit: Visit) -> Result<Response, Problem> {
    let refused = |visit: &Visit, problem: Problem| {
        let status = problem.status_code();
        match status {
            StatusCode::UNAUTHORIZED => unlock_page(visit, status, "unlock-failed"),
            StatusCode::TOO_MANY_REQUESTS => unlock_page(visit, status, "sign-in-wait"),
            StatusCode::FORBIDDEN => unlock_page(visit, status, ""),
            _ => Err(problem),
        }
    };
    if let Err(problem) = visit.house.limits.sign_in(visit.client) {
        return refused(&visit, problem);
    }
    let code = visit.field("recovery_code");
    let secret = if code.is_empty() {
        Secret::passphrase(&typed(&visit, "passphrase"))
    } else {
        match Secret::recovery_code(&code) {
            Ok(secret) => secret,
            Err(_) => return unlock_page(&visit, StatusCode::UNAUTHORIZED, "unlock-failed"),
        }
    };
    let (house, client) = (Arc::clone(&visit.house), visit.client);
    match blocking(move || house.unlock(&secret, client)).await {
        Ok(()) => Ok(go("/")),
        Err(problem) => refused(&visit, problem),
    }
}

/// The sign-in page.
pub async fn door(visit: Visit) -> Result<Response, Problem> {
    if visit.house.needs_setup().await? {
        return Ok(go("/setup"));
    }
    visit.house.open()?;
    if visit.caller().is_some() && visit.asked("lang").is_empty() {
        return Ok(go("/"));
    }
    let next = own_path(visit.asked("next")).unwrap_or_default().to_owned();
    let said = if let Some(said) = elsewhere_said(visit.asked("elsewhere")) {
        said
    } else if visit.asked("passkey") == "failed" {
        "passkey-failed"
    } else if !visit.asked("again").is_empty() {
        "sign-in-ended"
    } else {
        ""
    };
    html(&sign_in_page(&visit, next, said))
}

fn elsewhere_said(word: &str) -> Option<&'static str> {
    match word {
        "failed" => Some("elsewhere-failed"),
        "unknown" => Some("elsewhere-unknown"),
        "unreachable" => Some("elsewhere-unreachable"),
        _ => None,
    }
}

fn sign_in_page(visit: &Visit, next: String, error: &str) -> SignIn {
    let has_passkeys = Site::of(&visit.request, visit.client, &visit.house).is_some();
    let may_register = visit.house.settings.registration != Registration::Closed;
    let error = if error.is_empty() { String::new() } else { visit.t.say(error) };
    let page = visit.bare(&visit.t.say("sign-in-title"));
    let settings = &visit.house.settings;
    let has_elsewhere = !settings.oidc_issuer.is_empty();
    let elsewhere = has_elsewhere.then(|| visit.t.with("elsewhere-go", "name", elsewhere_name(visit)));
    SignIn {
        page,
        email: visit.field("email"),
        next_query: encoded(&next),
        next,
        error,
        has_passkeys,
        may_register,
        elsewhere: elsewhere.unwrap_or_default(),
    }
}

/// What the identity provider is called.
pub fn elsewhere_name(visit: &Visit) -> &str {
    let name = visit.house.settings.oidc_name.as_str();
    if name.is_empty() { "OpenID Connect" } else { name }
}

/// Signs somebody in, or asks for their second factor.
pub async fn sign_in(visit: Visit) -> Result<Response, Problem> {
    let next = own_path(&visit.field("next")).unwrap_or("/").to_owned();
    let (email, password, arrival) = (visit.field("email"), typed(&visit, "password"), arrival(&visit, Door::Web));
    let outcome = match visit.house.limits.sign_in(visit.client).and_then(|()| visit.house.limits.account(&email)) {
        Err(problem) => Err(problem),
        Ok(()) => visit.house.open()?.desk(move |desk| desk.sign_in(&email, &password, &arrival)).await,
    };
    match outcome {
        Ok(Outcome::Inside(entered)) => inside(&visit, go(&next), &entered).await,
        Ok(Outcome::HalfWay(half_way)) => html(&second_form(&visit, &half_way, &next, "")),
        Err(problem) => {
            let key = match problem.code() {
                "sign-in-failed" => "sign-in-failed",
                "too-many-requests" => "sign-in-wait",
                "email-unverified" => "sign-in-unverified",
                _ => return Err(problem),
            };
            html_with(problem.status_code(), &sign_in_page(&visit, next, key))
        }
    }
}

/// Signs out here.
pub async fn sign_out(visit: Visit) -> Result<Response, Problem> {
    let mut way_out = None;
    if let Some(caller) = visit.caller() {
        let (account, session) = (caller.signed.account, caller.signed.session);
        let ended = visit.house.open()?.desk(move |desk| desk.end(account, session)).await;
        // One that ended meanwhile, by itself or from elsewhere, is what was wanted.
        if let Err(problem) = ended
            && problem.status_code() != StatusCode::NOT_FOUND
        {
            return Err(problem);
        }
        // Asked for afterwards: a provider that does not answer holds nobody up who wants to be out here.
        way_out = visit.house.open()?.desk(move |desk| desk.way_out(session)).await?;
    }
    let mut response = match way_out {
        None => go("/sign-in"),
        Some(address) => signed_out_here(&visit, address)?,
    };
    response.headers_mut().append(header::SET_COOKIE, cookies::no_session(visit.client.https));
    // Browsers heed it over https alone. Cookies stay: language and looks are the device's.
    if visit.client.https {
        response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    }
    Ok(response)
}

/// Says to somebody who came by an identity provider that they are signed out here, and leads them on to there.
fn signed_out_here(visit: &Visit, address: String) -> Result<Response, Problem> {
    let (t, name) = (&visit.t, elsewhere_name(visit));
    let page = Page { path: "/sign-in".to_owned(), account: None, ..visit.bare(&t.say("signed-out-heading")) };
    html(&DoorForm {
        lead: t.with("signed-out-elsewhere", "name", name),
        links: vec![(address, t.with("sign-out-elsewhere", "name", name)), ("/sign-in".to_owned(), t.say("sign-in"))],
        ..DoorForm::titled(page)
    })
}

/// The answer with the session of somebody who just came in; the one their browser had until then ends.
pub async fn inside(visit: &Visit, mut response: Response, entered: &Entered) -> Result<Response, Problem> {
    if let Some(before) = visit.caller() {
        let (account, session) = (before.signed.account, before.signed.session);
        visit.house.open()?.desk(move |desk| desk.end(account, session)).await?;
    }
    let (account, language) = (entered.account.id, visit.t.language());
    visit.house.open()?.desk(move |desk| desk.speak_first(account, language)).await?;
    let cookie = cookies::session(&entered.refresh.text(), visit.client.https);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
