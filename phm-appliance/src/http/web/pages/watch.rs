//! Telling an open page that what it shows is no longer open to its reader, or not all of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use phm_core::access::{Action, Scope};
use poem::web::sse::{Event, SSE};
use poem::{IntoResponse as _, Response};

use super::visit::Visit;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::web::forms::layout;

/// How often it is asked whether the page may stay.
const LOOK: Duration = Duration::from_millis(500);

/// Looks of one stream; the browser asks for the next by itself.
const LOOKS: u32 = 600;

/// A stream that says `ended` when the reader may not see the page any more, and nothing before.
pub async fn watch(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let caller = visit.signed_in()?.signed.clone();
    let of = layout::of_collection(visit.asked("of")).map(|layout| layout.kind);
    let house = Arc::clone(&visit.house);
    // What the page can show: of one kind, or of everything the reader may see of the person.
    let shown = house
        .with(&caller, move |session| {
            let kinds: Vec<&'static str> = match of {
                Some(kind) => vec![kind],
                None => layout::LAYOUTS.iter().map(|layout| layout.kind).collect(),
            };
            let open = |kind: &str| Some(session.permit_if_allowed(Action::Read, profile, kind)?.scope().clone());
            let shown: Vec<(&'static str, Scope)> =
                kinds.into_iter().filter_map(|kind| Some((kind, open(kind)?))).collect();
            let nothing = if of.is_some() { shown.is_empty() } else { !session.knows(profile) };
            if nothing { Err(Problem::not_found()) } else { Ok(Arc::new(shown)) }
        })
        .await?;
    let may = move |house: Arc<House>| {
        let (caller, shown) = (caller.clone(), Arc::clone(&shown));
        async move {
            let session = caller.session;
            let Ok(opened) = house.open() else { return false };
            // Who was signed out, or idled for too long, leaves nothing on the screen.
            if !opened.desk(move |desk| desk.goes_on(session)).await.unwrap_or(false) {
                return false;
            }
            let looked = house.with(&caller, move |session| {
                let still = |(kind, scope): &(&'static str, Scope)| {
                    let now = session.permit_if_allowed(Action::Read, profile, kind);
                    now.is_some_and(|now| now.scope().covers(scope))
                };
                Ok(session.knows(profile) && shown.iter().all(still))
            });
            // Whose account was closed, or whose house is locked, sees nothing either.
            looked.await.unwrap_or(false)
        }
    };
    let steps = stream::unfold((0, false), move |(looks, over)| {
        let (house, may) = (Arc::clone(&house), may.clone());
        async move {
            // An event without data is none to a browser.
            if over || looks >= LOOKS {
                return None;
            }
            let mut looks = looks;
            while looks < LOOKS {
                tokio::time::sleep(LOOK).await;
                looks += 1;
                if !may(Arc::clone(&house)).await {
                    return Some((Event::message("-").event_type("ended"), (looks, true)));
                }
            }
            Some((Event::message("-").event_type("open"), (looks, true)))
        }
    });
    Ok(SSE::new(steps).into_response())
}
