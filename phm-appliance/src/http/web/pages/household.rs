//! The people of the house, one's own settings, and the administration.

use phm_core::access::{Action, Roles};
use phm_core::id::RecordId;
use phm_core::vault::{How, Removed};
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::enter::elsewhere_name;
use super::patients::emergencies;
use super::records::faults;
use super::reply::{go, html, html_with};
use super::visit::{CHOSEN_ZONE, Caller, Frame, Visit, small_cookie};
use crate::auth::factors::KeptPasskey;
use crate::auth::session::{Door, SignIn};
use crate::auth::site::Site;
use crate::auth::{Desk, cookies};
use crate::http::health::Readiness;
use crate::http::house::AtWork;
use crate::http::house::blocking;
use crate::http::problem::Problem;
use crate::http::web::forms::fill::{Filling, at_the_head, problem_text, sections};
use crate::http::web::forms::read::{Submitted, body as read_body};
use crate::http::web::forms::{Layout, Links, Problem as Fault, layout};
use crate::http::web::view::Record;
use crate::http::web::view::document::size_in_words;
use crate::http::web::view::oversight::{AccountView, Admin, CheckView, DeviceView, PasskeyView, Settings};
use crate::http::web::view::page::Theme;
use crate::http::web::view::page::{Here, Notice, Page, Tone};
use crate::http::web::view::people::{People, ProfileForm};
use crate::i18n::{Digits, Language, Locale, zones};

/// Everyone whose records one may see.
pub async fn people(visit: Visit) -> Result<Response, Problem> {
    let view = visit.with(|session, frame| {
        let page = frame.page(session, &frame.t().say("people-heading"), Here::People, None)?;
        Ok(People { emergencies: emergencies(session, frame.t())?, page })
    });
    html(&view.await?)
}

fn profile_layout() -> Result<&'static Layout, Problem> {
    layout::of_kind("profile").ok_or_else(Problem::internal)
}

struct Draft<'a> {
    heading: String,
    action: String,
    back: String,
    version: u32,
    body: &'a Value,
    problems: &'a [Fault],
    grow: Option<&'a str>,
}

fn profile_form(page: Page, layout: &'static Layout, draft: Draft<'_>) -> ProfileForm {
    let t = page.t.clone();
    let links = Links::new();
    let filling = Filling {
        locale: &t,
        kind: "profile",
        body: draft.body,
        problems: draft.problems,
        links: &links,
        grow: draft.grow,
    };
    let sections = sections(layout, filling);
    ProfileForm {
        errors: at_the_head(layout, &t, draft.problems, &sections),
        sections,
        heading: draft.heading,
        action: draft.action,
        back: draft.back,
        version: draft.version,
        page,
    }
}

fn new_form(
    session: &AtWork,
    frame: &Frame,
    body: &Value,
    problems: &[Fault],
    grow: Option<&str>,
) -> Result<ProfileForm, Problem> {
    let heading = frame.t().say("people-add");
    let page = frame.page(session, &heading, Here::People, None)?;
    let (action, back) = ("/people/new".to_owned(), "/people".to_owned());
    Ok(profile_form(page, profile_layout()?, Draft { heading, action, back, version: 0, body, problems, grow }))
}

/// The form of a new person.
pub async fn new_person(visit: Visit) -> Result<Response, Problem> {
    let view = visit.with(|session, frame| new_form(session, frame, &json!({}), &[], None));
    html(&view.await?)
}

fn grow(visit: &Visit) -> Option<String> {
    Some(visit.field("grow")).filter(|group| !group.is_empty())
}

/// How a form goes back: one more row was asked for, or something is not right.
fn status_of(visit: &Visit) -> StatusCode {
    if grow(visit).is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// Adds a person; whoever adds them keeps their records.
pub async fn add_person(visit: Visit) -> Result<Response, Problem> {
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let outcome = visit.with(move |session, frame| {
        let body = read_body(profile_layout()?, Submitted(&pairs), None, &zone);
        if grow.is_some() {
            return Ok(Err(new_form(session, frame, &body, &[], grow.as_deref())?));
        }
        match session.add_profile(&body, None) {
            Ok(record) => Ok(Ok(record.profile)),
            Err(error) => Ok(Err(new_form(session, frame, &body, &faults(error)?, None)?)),
        }
    });
    match outcome.await? {
        Ok(profile) => Ok(go(&format!("/p/{profile}"))),
        Err(form) => html_with(status_of(&visit), &form),
    }
}

fn edit_form(
    session: &AtWork,
    frame: &Frame,
    at: (phm_core::id::ProfileId, u32),
    body: &Value,
    problems: &[Fault],
    grow: Option<&str>,
) -> Result<ProfileForm, Problem> {
    let heading = frame.t().say("edit-profile");
    let page = frame.page(session, &heading, Here::Elsewhere, Some(at.0))?;
    let (action, back) = (format!("/p/{}/profile", at.0), format!("/p/{}", at.0));
    Ok(profile_form(page, profile_layout()?, Draft { heading, action, back, version: at.1, body, problems, grow }))
}

/// The form of a person.
pub async fn profile(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit.with(move |session, frame| {
        let permit = session.permit(Action::Read, profile, "profile")?;
        let record = session.read(&permit, RecordId::from_bytes(*profile.as_bytes()), Removed::Hide)?;
        edit_form(session, frame, (profile, record.version), &Record::of(&record).body, &[], None)
    });
    html(&view.await?)
}

/// Changes who a person is.
pub async fn save_profile(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let outcome = visit.with(move |session, frame| {
        let id = RecordId::from_bytes(*profile.as_bytes());
        let permit = session.permit(Action::Amend, profile, "profile")?;
        let before = session.read(&session.permit(Action::Read, profile, "profile")?, id, Removed::Hide)?;
        let body = read_body(profile_layout()?, Submitted(&pairs), Some(&Record::of(&before).body), &zone);
        if grow.is_some() {
            return Ok(Some(edit_form(session, frame, (profile, based_on), &body, &[], grow.as_deref())?));
        }
        match session.amend(&permit, id, based_on, &body, How::Typed) {
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(edit_form(session, frame, (profile, based_on), &body, &faults(error)?, None)?)),
        }
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}"))),
        Some(form) => html_with(status_of(&visit), &form),
    }
}

/// One's own settings.
pub async fn settings(visit: Visit) -> Result<Response, Problem> {
    let caller = visit.signed_in()?.clone();
    let (account, current) = (caller.signed.account, caller.signed.session);
    let look = move |desk: &Desk| Ok((desk.sessions(account)?, desk.factors(account)?, desk.elsewhere(account)?));
    let (sessions, factors, (elsewhere_linked, elsewhere_allowed)) = visit.house.open()?.desk(look).await?;
    let t = visit.t.clone();
    let passkey = |kept: KeptPasskey| PasskeyView {
        id: kept.id.to_string(),
        name: kept.name,
        host: kept.host,
        used: t.when_text(&kept.used_at.unwrap_or(kept.made_at).to_string()),
    };
    let passkeys = factors.passkeys.into_iter().map(passkey).collect();
    let codes_left = t.count("codes-left", u32::try_from(factors.recovery.len()).unwrap_or(0));
    let passkeys_here = Site::of(&visit.request, visit.client, &visit.house).is_some();
    let devices = devices(&t, sessions, current);
    let done = match visit.asked("done") {
        "saved" => Some("settings-saved"),
        "password" => Some("password-changed"),
        "email" => Some("email-changed"),
        "email-sent" => Some("email-sent"),
        "app" => Some("app-done"),
        "passkey" => Some("passkey-done"),
        _ => None,
    };
    let problem = Some(visit.asked("problem")).filter(|code| !code.is_empty()).map(|code| problem_text(&t, code));
    let good = done.map(|key| Notice { tone: Tone::Good, text: t.say(key) });
    let notices: Vec<Notice> = problem.map(|text| Notice { tone: Tone::Alert, text }).into_iter().chain(good).collect();
    let page = visit.with(move |session, frame| {
        let own = own_page(&caller, session, frame)?;
        Ok(Page { notices, ..own })
    });
    let zone = cookies::read(&visit.request, CHOSEN_ZONE).unwrap_or_default().to_owned();
    html(&Settings {
        page: page.await?,
        devices,
        app: factors.app.is_some(),
        passkeys,
        passkeys_here,
        elsewhere: if visit.house.settings.oidc_issuer.is_empty() {
            String::new()
        } else {
            elsewhere_name(&visit).to_owned()
        },
        elsewhere_linked,
        elsewhere_allowed,
        codes_left,
        zone,
        zone_now: zones::name_of(visit.t.zone()),
    })
}

/// Sessions as a page lists them, for somebody in the session `current`.
pub fn devices(t: &Locale, sessions: Vec<SignIn>, current: RecordId) -> Vec<DeviceView> {
    let view = |session: SignIn| DeviceView {
        id: session.id.to_string(),
        name: if session.door == Door::Api && session.agent.is_empty() {
            "API".to_owned()
        } else {
            device(&session.agent)
        },
        since: t.when_text(&session.created_at.to_string()),
        current: session.id == current,
    };
    sessions.into_iter().map(view).collect()
}

fn own_page(caller: &Caller, session: &AtWork, frame: &Frame) -> Result<Page, Problem> {
    frame.page(session, &frame.t().say("nav-settings"), Here::Settings, caller.own)
}

/// A browser's name out of what it says about itself.
fn device(agent: &str) -> String {
    let find =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    let browser = find(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

/// Keeps language, digits, time zone and colours on this device.
pub async fn save_settings(visit: Visit) -> Result<Response, Problem> {
    let account = visit.signed_in()?.signed.account;
    if let Some(language) = Language::of_tag(&visit.field("lang")) {
        visit.house.open()?.desk(move |desk| desk.speak(account, language)).await?;
    }
    let https = visit.client.https;
    let mut response = go("/settings?done=saved");
    let choices = [
        ("phm_lang", Language::of_tag(&visit.field("lang")).map(Language::tag)),
        ("phm_digits", Digits::of_word(&visit.field("digits")).map(Digits::word)),
        ("phm_theme", Theme::of_word(&visit.field("theme")).map(Theme::word)),
    ];
    let zone = visit.field("zone");
    if zone.is_empty() || zones::named(&zone).is_some() {
        // An empty choice is no choice: the browser's own zone, the household's or the machine's holds.
        let days = if zone.is_empty() { 0 } else { 365 };
        if let Some(cookie) = small_cookie(CHOSEN_ZONE, &zone, Some(days), https) {
            response.headers_mut().append(poem::http::header::SET_COOKIE, cookie);
        }
    }
    for (name, value) in choices {
        if let Some(cookie) = value.and_then(|value| small_cookie(name, value, Some(365), https)) {
            response.headers_mut().append(poem::http::header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Signs out somewhere else.
pub async fn end_session(visit: Visit) -> Result<Response, Problem> {
    let account = visit.signed_in()?.signed.account;
    let session = visit.record()?;
    visit.house.open()?.desk(move |desk| desk.end(account, session)).await?;
    Ok(go("/settings"))
}

/// Alerts of so many milliseconds are recent.
const WEEK: i64 = 7 * 24 * 3_600_000;

/// The state of the house, for its administrators.
pub async fn admin(visit: Visit) -> Result<Response, Problem> {
    let caller = visit.signed_in()?.clone();
    if !caller.account.admin {
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", "this page is for administrators"));
    }
    let t = visit.t.clone();
    let vault = visit.house.open()?.vault;
    let stats = blocking(move || Ok(vault.stats()?)).await?;
    let checks = visit.house.checks().await;
    let accounts = visit.with(|session, _| Ok(session.accounts()?)).await?;
    let settings = visit.house.settings.listing().iter();
    let settings = settings.map(|row| (row.key.clone(), text(&row.value), text(&row.source))).collect();
    let own = caller.clone();
    let saved = visit.asked("done") == "saved";
    let problem = Some(visit.asked("problem")).filter(|code| !code.is_empty()).map(|code| problem_text(&t, code));
    let page = visit.with(move |session, frame| {
        let title = frame.t().say("nav-admin");
        let mut page = frame.page(session, &title, Here::Admin, own.own)?;
        page.notices.extend(problem.map(|text| Notice { tone: Tone::Alert, text }));
        let since = session.now().plus_millis(-WEEK);
        let unusual = session.house_alerts()?.first().is_some_and(|alert| alert.at > since);
        page.notices.extend(unusual.then(|| Notice { tone: Tone::Alert, text: frame.t().say("alerts-recent") }));
        page.notices.extend(saved.then(|| Notice { tone: Tone::Good, text: frame.t().say("account-saved") }));
        Ok(page)
    });
    let records = stats.kinds.values().sum::<u64>();
    html(&Admin {
        page: page.await?,
        figures: vec![
            (t.say("admin-people"), t.number(stats.profiles)),
            (t.say("admin-records"), t.number(records)),
            (t.say("admin-documents"), t.number(stats.documents)),
            (t.say("admin-space"), size_in_words(&t, stats.bytes.store + stats.bytes.documents)),
            (t.say("admin-version"), t.number(env!("CARGO_PKG_VERSION"))),
        ],
        checks: checks.into_iter().map(|check| check_view(&t, check.id, check.status)).collect(),
        accounts: accounts
            .into_iter()
            .map(|account| AccountView {
                id: account.id.to_string(),
                roles: roles(&t, account.roles),
                name: account.name,
                email: account.email,
                active: account.active,
            })
            .collect(),
        settings,
    })
}

fn check_view(t: &Locale, id: &str, state: Readiness) -> CheckView {
    let (status, message) = match state {
        Readiness::Ready => ("ok", t.say("check-status-ok")),
        Readiness::Degraded => ("warn", t.say("check-status-warn")),
        Readiness::NotReady | Readiness::Locked => ("fail", t.say("check-status-fail")),
    };
    let name = t.first_of(&[&format!("check-{id}")]).unwrap_or_else(|| id.to_owned());
    CheckView { name, status: status.to_owned(), message }
}

fn roles(t: &Locale, roles: Roles) -> String {
    roles.iter().map(|role| t.say(&format!("role-{role}"))).collect::<Vec<_>>().join(", ")
}

/// A value of the settings as a page shows it.
fn text(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
