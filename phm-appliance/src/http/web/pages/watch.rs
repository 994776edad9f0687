//! Telling an open page that what it shows is no longer open to its reader.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use phm_core::access::Action;
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
    let kind = layout::of_collection(visit.asked("of")).map(|layout| layout.kind);
    let house = Arc::clone(&visit.house);
    let may = move |house: Arc<House>| {
        let caller = caller.clone();
        async move {
            let session = caller.session;
            let Ok(opened) = house.open() else { return false };
            // Who was signed out, or idled for too long, leaves nothing on the screen.
            if !opened.desk(move |desk| desk.goes_on(session)).await.unwrap_or(false) {
                return false;
            }
            let looked = house.with(&caller, move |session| {
                Ok(match kind {
                    Some(kind) => session.may(Action::Read, profile, kind),
                    None => session.knows(profile),
                })
            });
            // Whose account was closed, or whose house is locked, sees nothing either.
            looked.await.unwrap_or(false)
        }
    };
    if !may(Arc::clone(&house)).await {
        return Err(Problem::not_found());
    }
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
