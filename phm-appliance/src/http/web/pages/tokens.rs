//! Tokens for programs: making one, seeing what there are, taking them back.

use phm_core::access::Action;
use phm_core::time::When;
use phm_core::vault::TokenCard;
use poem::Response;
use poem::http::StatusCode;
use serde_json::json;

use super::access::chosen;
use super::family::kinds_to_choose;
use super::reply::{go, html, html_with, said_wrong};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::view::access::kinds;
use crate::http::web::view::page::{Here, Page, Tone};
use crate::http::web::view::sent::Sent;
use crate::http::web::view::tokens::{TokenView, Tokens};

/// Days a token may be made for.
const SPANS: [u32; 5] = [1, 7, 30, 90, 365];

/// Places of a token, and what their fields are called.
const FIELDS: &[(&str, &str)] = &[
    ("/name", "tokens-name"),
    ("/profiles", "tokens-people"),
    ("/actions", "tokens-may"),
    ("/kinds", "tokens-kinds"),
    ("/expires_at", "tokens-until"),
];

/// The reader's tokens.
pub async fn tokens(visit: Visit) -> Result<Response, Problem> {
    html(&visit.with(shown).await?)
}

fn shown(session: &AtWork, frame: &Frame) -> Result<Tokens, Problem> {
    let t = frame.t();
    let page = frame.page(session, &t.say("nav-tokens"), Here::Settings, None)?;
    let cards = session.tokens()?;
    let word = |action: &Action| (action.to_string(), t.say(&format!("action-{action}")));
    Ok(Tokens {
        tokens: cards.iter().map(|card| token(frame, &page, card, session.now())).collect(),
        kinds: kinds_to_choose(t),
        actions: Action::ALL.iter().filter(|action| **action != Action::Erase).map(word).collect(),
        spans: SPANS.map(|days| (days, t.count("tokens-for-days", days))).to_vec(),
        secret: String::new(),
        errors: Vec::new(),
        sent: Sent::default(),
        page,
    })
}

fn token(frame: &Frame, page: &Page, card: &TokenCard, now: phm_core::time::Instant) -> TokenView {
    let t = frame.t();
    let over = card.expires_at.is_none_or(|ends| ends <= now);
    let of = |profile: &phm_core::id::ProfileId| {
        let id = profile.to_string();
        page.people.iter().find(|person| person.id == id).map(|person| person.name.clone())
    };
    let people: Vec<String> = card.profiles.iter().filter_map(of).collect();
    let actions: Vec<String> = card.actions.iter().map(|action| t.say(&format!("action-{action}"))).collect();
    let names = phm_core::access::Kinds::of(card.kinds.iter().cloned());
    let mut facts = vec![people.join(", "), kinds(t, &names), actions.join(" · ")];
    facts.extend(card.expires_at.map(|ends| t.with("access-until", "when", t.when(When::Instant(ends)))));
    facts.retain(|fact| !fact.is_empty());
    let state = match (card.revoked, over) {
        (true, _) => t.say("tokens-revoked"),
        (false, true) => t.say("tokens-over"),
        (false, false) => String::new(),
    };
    TokenView {
        id: card.id.to_string(),
        name: card.name.clone(),
        facts,
        state,
        tone: Tone::Calm,
        holds: !card.revoked && !over,
    }
}

/// Makes a token, and shows its secret this once.
pub async fn make(visit: Visit) -> Result<Response, Problem> {
    let days = visit.field("days").parse().ok().filter(|days| SPANS.contains(days)).unwrap_or(30);
    let (name, profiles) = (visit.field("name"), chosen(&visit, "profiles"));
    let (kinds, actions) = (chosen(&visit, "kinds"), chosen(&visit, "actions"));
    let sent = Sent::new(&visit.form);
    let outcome = visit.with(move |session, frame| {
        let expires = session.now().plus_millis(i64::from(days) * 24 * 3_600_000);
        let wanted =
            json!({"name": name, "profiles": profiles, "kinds": kinds, "actions": actions, "expires_at": expires});
        match session.make_token(&wanted) {
            Ok(made) => Ok((StatusCode::OK, Tokens { secret: made.text.to_string(), ..shown(session, frame)? })),
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let errors = said_wrong(frame.t(), &error, FIELDS);
                Ok((StatusCode::UNPROCESSABLE_ENTITY, Tokens { errors, sent, ..shown(session, frame)? }))
            }
            Err(error) => Err(error.into()),
        }
    });
    let (status, view) = outcome.await?;
    html_with(status, &view)
}

/// Takes a token back.
pub async fn revoke(visit: Visit) -> Result<Response, Problem> {
    let id = visit.record()?;
    visit.with(move |session, _| Ok(session.revoke_token(id)?)).await?;
    Ok(go("/tokens"))
}
