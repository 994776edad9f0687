//! The door beside the front one: registering, the second factor, passkeys, forgotten passwords, proven addresses.

use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use webauthn_rs::prelude::PublicKeyCredential;

use super::enter::{arrival, faults_of, inside, typed};
use super::reply::{go, html, html_with, own_path};
use super::visit::Visit;
use crate::auth::accounts::NewAccount;
use crate::auth::cookies;
use crate::auth::desk::{HalfWay, Method, Outcome, Proof};
use crate::auth::password::SHORTEST;
use crate::auth::session::Door;
use crate::http::house::unhurried;
use crate::http::problem::Problem;
use crate::http::web::view::door::{DoorField, DoorForm};
use crate::http::web::view::page::Page;
use crate::settings::Registration;

/// The cookie of somebody who is at the identity provider.
const STATE: &str = "phm_oidc";

/// The form for a second factor, after the password.
pub fn second_form(visit: &Visit, half_way: &HalfWay, next: &str, error: &str) -> DoorForm {
    let options = half_way.passkey.as_ref().map(ToString::to_string).unwrap_or_default();
    second_page(visit, &half_way.ticket, next, &half_way.methods, options, error)
}

fn second_page(visit: &Visit, ticket: &str, next: &str, methods: &[Method], passkey: String, error: &str) -> DoorForm {
    let t = &visit.t;
    let takes_codes = methods.is_empty() || methods.iter().any(|method| *method != Method::Passkey);
    let lead = match methods {
        [Method::Passkey] => "second-lead-passkey",
        // Their passkeys belong to another name of the house, or the connection is not encrypted.
        [Method::Recovery] => "second-lead-recovery",
        _ => "second-lead",
    };
    let code = DoorField {
        name: "code",
        label: t.say("second-code"),
        kind: "text",
        autocomplete: "one-time-code",
        help: t.say("second-code-help"),
        ..DoorField::default()
    };
    DoorForm {
        lead: t.say(lead),
        error: said(visit, error),
        action: "/sign-in/second",
        hidden: vec![("ticket", ticket.to_owned()), ("next", next.to_owned())],
        fields: if takes_codes { vec![code] } else { Vec::new() },
        passkey,
        button: if takes_codes { t.say("sign-in") } else { String::new() },
        links: vec![("/sign-in".to_owned(), t.say("second-again"))],
        ..DoorForm::titled(Page { path: "/sign-in".to_owned(), ..visit.bare(&t.say("second-heading")) })
    }
}

/// Takes a second factor.
pub async fn second(visit: Visit) -> Result<Response, Problem> {
    let (ticket, next) = (visit.field("ticket"), own_path(&visit.field("next")).unwrap_or("/").to_owned());
    let (code, assertion) = (visit.field("code"), visit.field("assertion"));
    let proof = if !assertion.is_empty() {
        let answer: PublicKeyCredential =
            serde_json::from_str(&assertion).map_err(|_| Problem::invalid("/assertion", "wrong-type"))?;
        Proof::Passkey(Box::new(answer))
    } else if code.chars().filter(|letter| !letter.is_whitespace()).all(|letter| letter.is_ascii_digit()) {
        Proof::App(code)
    } else {
        Proof::Recovery(code)
    };
    let entered = match visit.house.limits.sign_in(visit.client) {
        Err(problem) => Err(problem),
        Ok(()) => {
            let ticket = ticket.clone();
            visit.house.open()?.desk(move |desk| desk.sign_in_more(&ticket, proof)).await
        }
    };
    match entered {
        Ok(entered) => inside(&visit, go(&next), &entered).await,
        Err(problem) => {
            let error = match problem.code() {
                "sign-in-failed" => "second-failed",
                "too-many-requests" => "sign-in-wait",
                "session-ended" => return Ok(go("/sign-in?again=1")),
                _ => return Err(problem),
            };
            html_with(problem.status_code(), &second_page(&visit, &ticket, &next, &[], String::new(), error))
        }
    }
}

/// Signs somebody in with a passkey alone.
pub async fn passkey(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let next = own_path(&visit.field("next")).unwrap_or("/").to_owned();
    let answer: Result<PublicKeyCredential, _> = serde_json::from_str(&visit.field("assertion"));
    let (ticket, arrival) = (visit.field("ticket"), arrival(&visit, Door::Web));
    let Ok(answer) = answer else { return Ok(go("/sign-in?passkey=failed")) };
    match visit.house.open()?.desk(move |desk| desk.open_with_passkey(&ticket, &answer, &arrival)).await {
        Ok(entered) => inside(&visit, go(&next), &entered).await,
        Err(problem) if problem.code() == "sign-in-failed" => Ok(go("/sign-in?passkey=failed")),
        Err(problem) => Err(problem),
    }
}

/// Sends somebody to the identity provider; their browser keeps the state they must come back with.
pub async fn leave(visit: Visit) -> Result<Response, Problem> {
    // Somebody presses a button of ours; another site does not sign people in.
    if visit.request.header("sec-fetch-site") == Some("cross-site") {
        return Ok(go("/sign-in"));
    }
    if visit.house.needs_setup().await? {
        return Ok(go("/setup"));
    }
    visit.house.limits.sign_in(visit.client)?;
    let next = own_path(visit.asked("next")).unwrap_or("/").to_owned();
    let (address, state) = match visit.house.open()?.desk(move |desk| desk.leave(&next)).await {
        Err(problem) if problem.code() == "provider-unreachable" => return Ok(go("/sign-in?elsewhere=unreachable")),
        other => other?,
    };
    let mut response = go(&address);
    let secure = if visit.client.https { "; Secure" } else { "" };
    let cookie = format!("{STATE}={state}; HttpOnly; SameSite=Lax; Path=/sign-in/oidc; Max-Age=300{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Takes somebody back from the identity provider.
pub async fn come_back(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let (state, code) = (visit.asked("state").to_owned(), visit.asked("code").to_owned());
    let issuer = Some(visit.asked("iss").to_owned()).filter(|issuer| !issuer.is_empty());
    // A state that this browser did not leave with was planted.
    if code.is_empty() || cookies::read(&visit.request, STATE) != Some(state.as_str()) {
        return Ok(go("/sign-in?elsewhere=failed"));
    }
    let arrival = arrival(&visit, Door::Web);
    let back = move |desk: &crate::auth::Desk| desk.come_back(&state, &code, issuer.as_deref(), &arrival);
    match visit.house.open()?.desk(back).await {
        Ok((Outcome::Inside(entered), next)) => inside(&visit, go(&next), &entered).await,
        Ok((Outcome::HalfWay(half_way), next)) => html(&second_form(&visit, &half_way, &next, "")),
        Err(problem) => match problem.code() {
            "sign-in-failed" => Ok(go("/sign-in?elsewhere=failed")),
            "no-account" => Ok(go("/sign-in?elsewhere=unknown")),
            "provider-unreachable" => Ok(go("/sign-in?elsewhere=unreachable")),
            _ => Err(problem),
        },
    }
}

/// The form to register.
pub async fn register(visit: Visit) -> Result<Response, Problem> {
    if visit.house.needs_setup().await? {
        return Ok(go("/setup"));
    }
    visit.house.open()?;
    html(&register_page(&visit, "", &[]))
}

fn register_page(visit: &Visit, error: &str, faults: &[(String, String)]) -> DoorForm {
    let t = &visit.t;
    let by_invitation = visit.house.settings.registration != Registration::Open;
    let fault = |name: &str| faults.iter().find(|(field, _)| field == name).map(|(_, text)| text.clone());
    let field = |name: &'static str, label: &str, kind: &'static str, autocomplete: &'static str| DoorField {
        name,
        label: t.say(label),
        kind,
        autocomplete,
        value: if kind == "password" { String::new() } else { visit.field(name) },
        error: fault(name).unwrap_or_default(),
        help: String::new(),
    };
    let mut fields = vec![
        field("name", "your-name", "text", "name"),
        field("email", "email", "email", "username"),
        DoorField {
            help: t.count("setup-password-help", SHORTEST),
            ..field("password", "password", "password", "new-password")
        },
    ];
    if by_invitation {
        fields.insert(0, DoorField { help: t.say("invitation-help"), ..field("token", "invitation", "text", "off") });
    }
    DoorForm {
        lead: t.say(if by_invitation { "register-lead-invited" } else { "register-lead" }),
        error: said(visit, error),
        action: "/register",
        island: "setup",
        fields,
        button: t.say("register-go"),
        links: vec![("/sign-in".to_owned(), t.say("register-known"))],
        ..DoorForm::titled(visit.bare(&t.say("register-heading")))
    }
}

/// Registers somebody.
pub async fn sign_up(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    if visit.house.needs_setup().await? {
        return Ok(go("/setup"));
    }
    let new = NewAccount {
        email: visit.field("email"),
        name: visit.field("name"),
        roles: Vec::new(),
        password: typed(&visit, "password"),
    };
    visit.house.limits.account(&new.email)?;
    let invitation = Some(visit.field("token")).filter(|token| !token.is_empty());
    let t = visit.t.clone();
    let opened = visit.house.open()?;
    let made = unhurried(opened.desk(move |desk| desk.register(&new, invitation.as_deref(), &t))).await;
    match made {
        Ok(made) if made.must_verify => message(&visit, "register-sent-heading", "register-sent"),
        Ok(made) => {
            let (account, agent) = (made.account, arrival(&visit, Door::Web).agent);
            let entered = visit.house.open()?.desk(move |desk| desk.enter(account, Door::Web, &agent)).await?;
            inside(&visit, go("/"), &entered).await
        }
        Err(problem) => {
            let faults = faults_of(&visit, &problem);
            let error = match problem.code() {
                "registration-closed" => "register-closed",
                "email-taken" => "register-taken",
                _ if faults.is_empty() => return Err(problem),
                _ => "",
            };
            html_with(problem.status_code(), &register_page(&visit, error, &faults))
        }
    }
}

/// The form of a forgotten password.
pub async fn forgotten(visit: Visit) -> Result<Response, Problem> {
    visit.house.open()?;
    let t = &visit.t;
    let has_mail = visit.house.sends_mail();
    let email = DoorField {
        name: "email",
        label: t.say("email"),
        kind: "email",
        autocomplete: "username",
        ..DoorField::default()
    };
    html(&DoorForm {
        lead: t.say(if has_mail { "forgot-lead" } else { "forgot-lead-by-hand" }),
        action: "/forgot",
        fields: if has_mail { vec![email] } else { Vec::new() },
        button: if has_mail { t.say("forgot-go") } else { String::new() },
        links: vec![("/sign-in".to_owned(), t.say("back"))],
        ..DoorForm::titled(visit.bare(&t.say("forgot-heading")))
    })
}

/// Sends the letter, where there is an account.
pub async fn forgot(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let email = visit.field("email");
    visit.house.limits.account(&email)?;
    let t = visit.t.clone();
    unhurried(visit.house.open()?.desk(move |desk| desk.forgot(&email, &t))).await?;
    message(&visit, "forgot-sent-heading", "forgot-sent")
}

/// The form for a new password by a link.
pub async fn resetting(visit: Visit) -> Result<Response, Problem> {
    visit.house.open()?;
    html(&reset_page(&visit, "", &[]))
}

fn reset_page(visit: &Visit, error: &str, faults: &[(String, String)]) -> DoorForm {
    let t = &visit.t;
    let password = faults.iter().find(|(field, _)| field == "password").map(|(_, text)| text.clone());
    DoorForm {
        lead: t.say("reset-lead"),
        error: said(visit, error),
        action: "/reset",
        island: "setup",
        fields: vec![
            token_field(visit),
            DoorField {
                name: "password",
                label: t.say("password-new"),
                kind: "password",
                autocomplete: "new-password",
                help: t.count("setup-password-help", SHORTEST),
                error: password.unwrap_or_default(),
                ..DoorField::default()
            },
        ],
        button: t.say("reset-go"),
        ..DoorForm::titled(visit.bare(&t.say("reset-heading")))
    }
}

/// Chooses a new password.
pub async fn reset(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let (token, password, t) = (visit.field("token"), typed(&visit, "password"), visit.t.clone());
    match visit.house.open()?.desk(move |desk| desk.reset(&token, &password, &t)).await {
        Ok(()) => message(&visit, "reset-done-heading", "reset-done"),
        Err(problem) => {
            let faults = faults_of(&visit, &problem);
            let error = match problem.code() {
                "link-invalid" => "link-invalid",
                _ if faults.is_empty() => return Err(problem),
                _ => "",
            };
            html_with(problem.status_code(), &reset_page(&visit, error, &faults))
        }
    }
}

/// The form that proves an address; a person presses it, since mail programs open links by themselves.
pub async fn verifying(visit: Visit) -> Result<Response, Problem> {
    visit.house.open()?;
    html(&verify_page(&visit, ""))
}

fn verify_page(visit: &Visit, error: &str) -> DoorForm {
    let t = &visit.t;
    DoorForm {
        lead: t.say("verify-lead"),
        error: said(visit, error),
        action: "/verify",
        island: "setup",
        fields: vec![token_field(visit)],
        button: t.say("verify-go"),
        ..DoorForm::titled(visit.bare(&t.say("verify-heading")))
    }
}

/// Takes the proof of an address.
pub async fn verify(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let (token, t) = (visit.field("token"), visit.t.clone());
    match visit.house.open()?.desk(move |desk| desk.verify_address(&token, &t)).await {
        Ok(()) => message(&visit, "verify-done-heading", "verify-done"),
        Err(problem) if problem.code() == "link-invalid" => {
            html_with(StatusCode::FORBIDDEN, &verify_page(&visit, "link-invalid"))
        }
        Err(problem) => Err(problem),
    }
}

/// The field a link fills in.
pub(super) fn token_field(visit: &Visit) -> DoorField {
    DoorField {
        name: "token",
        label: visit.t.say("link-token"),
        kind: "text",
        autocomplete: "off",
        value: visit.field("token"),
        help: visit.t.say("link-token-help"),
        ..DoorField::default()
    }
}

/// A page that only says something.
pub(super) fn message(visit: &Visit, heading: &str, text: &str) -> Result<Response, Problem> {
    let t = &visit.t;
    html(&DoorForm {
        lead: t.say(text),
        links: vec![("/sign-in".to_owned(), t.say("sign-in"))],
        ..DoorForm::titled(visit.bare(&t.say(heading)))
    })
}

/// A text by its key; nothing for none.
pub(super) fn said(visit: &Visit, key: &str) -> String {
    if key.is_empty() { String::new() } else { visit.t.say(key) }
}
