//! Links to chosen records, and the page that somebody without an account opens one on.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Timeframe};
use phm_core::time::When;
use phm_core::vault::{ShareCard, ShareState};
use poem::http::{StatusCode, header};
use poem::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::access::chosen;
use super::reply::{go, html, html_with, said_wrong};
use super::visit::{Frame, Visit};
use crate::http::api::shares::{needs_https, share_url};
use crate::http::house::{AtWork, House, blocking};
use crate::http::problem::Problem;
use crate::http::web::forms::labels;
use crate::http::web::view::links::{LinkView, Links, OpenLink};
use crate::http::web::view::page::{Here, Tone};
use crate::http::web::view::sent::Sent;

/// What can go along, all of it or what happened in the last year.
const PARTS: [(&str, bool); 7] = [
    ("profile", false),
    ("allergy", false),
    ("condition", false),
    ("medication", false),
    ("immunization", false),
    ("lab-result", true),
    ("vital-sign", true),
];
/// Places of a link, and what their fields are called.
const FIELDS: &[(&str, &str)] =
    &[("/records", "links-parts"), ("/passcode", "links-passcode-field"), ("/expires_at", "tokens-until")];
/// Hours a link may be made for.
const SPANS: [u32; 4] = [24, 7 * 24, 30 * 24, 90 * 24];
const YEAR: i64 = 366 * 24 * 3_600_000;

/// The links to a person's records.
pub async fn links(visit: Visit) -> Result<Response, Problem> {
    let (profile, record) = (visit.profile()?, visit.asked("record").to_owned());
    let closed = needs_https(&visit.house).is_err();
    html(&visit.with(move |session, frame| shown(session, frame, profile, record, closed)).await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId, record: String, closed: bool) -> Result<Links, Problem> {
    let t = frame.t();
    let page = frame.page(session, &t.say("nav-links"), Here::Access, Some(profile))?;
    let cards = session.shares(profile)?;
    // Of a person there is one profile.
    let named = |kind: &str| if kind == "profile" { labels::kind(t, kind) } else { labels::kinds(t, kind) };
    let part = |(kind, _): &(&str, bool)| ((*kind).to_owned(), named(kind));
    Ok(Links {
        links: cards.iter().map(|card| link(frame, card)).collect(),
        parts: PARTS.iter().map(part).collect(),
        spans: SPANS.map(|hours| (hours, span(t, hours))).to_vec(),
        record: if record.parse::<RecordId>().is_ok() { record } else { String::new() },
        link: String::new(),
        closed,
        errors: Vec::new(),
        sent: Sent::default(),
        page,
    })
}

fn span(t: &crate::i18n::Locale, hours: u32) -> String {
    if hours == 24 { t.say("links-one-day") } else { t.count("tokens-for-days", hours / 24) }
}

fn link(frame: &Frame, card: &ShareCard) -> LinkView {
    let t = frame.t();
    let moment = |when: phm_core::time::Instant| t.when(When::Instant(when));
    let (state, tone) = match card.state {
        ShareState::Open => ("state-live", Tone::Good),
        ShareState::Used => ("links-used", Tone::Calm),
        ShareState::Locked => ("links-locked", Tone::Warn),
        ShareState::Ended => ("state-ended", Tone::Calm),
        ShareState::Revoked => ("state-revoked", Tone::Calm),
    };
    let mut facts = vec![t.with("access-until", "when", moment(card.expires_at))];
    if card.single_use {
        facts.push(t.say("links-once"));
    }
    if card.has_passcode {
        facts.push(t.say("links-passcode"));
    }
    facts.push(match card.opened.last() {
        Some(last) => t.with_all("links-opened", &[("count", &t.number(card.times_opened)), ("when", &moment(*last))]),
        None => t.say("links-not-opened"),
    });
    LinkView {
        id: card.id.clone(),
        title: t.count("records-count", u32::try_from(card.records.len()).unwrap_or(u32::MAX)),
        made: moment(card.made_at),
        facts,
        state: t.say(state),
        tone,
        open: card.state == ShareState::Open,
    }
}

/// Makes a link, and shows it this once.
pub async fn make(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let parts = chosen(&visit, "parts");
    let record = visit.field("record");
    let hours = visit.field("hours").parse().ok().filter(|hours| SPANS.contains(hours)).unwrap_or(24);
    let (once, passcode) = (visit.field("single_use") == "yes", visit.field("passcode"));
    let house = std::sync::Arc::clone(&visit.house);
    let sent = Sent::new(&visit.form);
    let outcome = visit.with(move |session, frame| {
        session.permit(Action::Share, profile, "profile")?;
        needs_https(&house)?;
        let mut records = wanted(session, profile, &parts)?;
        records.extend(record.parse::<RecordId>().ok());
        let expires = session.now().plus_millis(i64::from(hours) * 3_600_000);
        let mut body = json!({"records": records, "expires_at": expires, "single_use": once});
        if !passcode.is_empty() {
            body["passcode"] = json!(passcode);
        }
        match session.make_share(profile, &body) {
            Ok(made) => {
                let link = share_url(&house, &made.card.id, &made.key);
                Ok((StatusCode::OK, Links { link, ..shown(session, frame, profile, String::new(), false)? }))
            }
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let errors = said_wrong(frame.t(), &error, FIELDS);
                Ok((
                    StatusCode::UNPROCESSABLE_ENTITY,
                    Links { errors, sent, ..shown(session, frame, profile, record, false)? },
                ))
            }
            Err(error) => Err(error.into()),
        }
    });
    let (status, view) = outcome.await?;
    html_with(status, &view)
}

/// The records that were chosen by what they are.
fn wanted(session: &AtWork, profile: ProfileId, parts: &[String]) -> Result<Vec<RecordId>, Problem> {
    let mut records = Vec::new();
    for (kind, recent) in PARTS.iter().filter(|(kind, _)| parts.iter().any(|part| part == kind)) {
        if *kind == "profile" {
            records.push(RecordId::from_bytes(*profile.as_bytes()));
            continue;
        }
        let Some(permit) = session.permit_if_allowed(Action::Read, profile, kind) else { continue };
        let since = recent.then(|| When::Instant(session.now().plus_millis(-YEAR)));
        let query = Query { time: Timeframe { from: since, to: None }, per_page: 200, ..Query::default() };
        records.extend(session.summaries(&permit, &query)?.items.iter().map(|row| row.id));
    }
    Ok(records)
}

/// Ends a link.
pub async fn end(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.part("id"));
    visit.with(move |session, _| Ok(session.end_share(profile, &id)?)).await?;
    Ok(go(&format!("/p/{profile}/links")))
}

/// The page somebody without an account opens a link on.
pub async fn door(visit: Visit) -> Result<Response, Problem> {
    let id = visit.part("id");
    let vault = visit.house.open()?.vault;
    let asked = id.clone();
    let asks = blocking(move || Ok(vault.share_asks(&asked)?)).await;
    let title = visit.t.say("link-title");
    match asks {
        Ok(asks) => html(&OpenLink { page: visit.bare(&title), id, asks, gone: false }),
        Err(problem) if problem.status_code() == StatusCode::NOT_FOUND => {
            html_with(StatusCode::NOT_FOUND, &OpenLink { page: visit.bare(&title), id, asks: false, gone: true })
        }
        Err(problem) => Err(problem),
    }
}

/// What is sent to open a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    #[serde(default)]
    passcode: Option<String>,
}

/// Hands out the ciphertext; the page decrypts it with the key that stands in its address.
pub async fn open(request: &poem::Request, body: &mut poem::RequestBody) -> Result<Response, Problem> {
    let house = House::of(request);
    house.limits.sign_in(*request.data().expect("the outermost layer knows the client"))?;
    let (_, value) = crate::http::body::read_json(request, body, &["application/json"]).await?;
    let Opening { passcode } = crate::http::body::typed(value)?;
    let id = request.raw_path_param("id").unwrap_or_default().to_owned();
    let vault = house.open()?.vault;
    let jwe = blocking(move || Ok(vault.open_share(&id, passcode.as_deref())?)).await?;
    let answer = poem::web::Json(json!({ "jwe": jwe }));
    Ok(answer.with_header(header::CACHE_CONTROL, "no-store").into_response())
}
