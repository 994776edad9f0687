//! Invitations to register: what waits, making one, taking one back.

use phm_core::time::When;
use poem::Response;

use super::reply::{go, html};
use super::visit::Visit;
use crate::auth::Desk;
use crate::auth::desk::WaitingGuest;
use crate::http::api::invitations::must_run_the_house;
use crate::http::problem::Problem;
use crate::http::web::view::door::ShownOnce;
use crate::http::web::view::invitations::{GuestView, Invitations};
use crate::http::web::view::page::{Here, Page};
use crate::settings::Registration;

/// What waits.
pub async fn all(visit: Visit) -> Result<Response, Problem> {
    must_run_the_house(&visit.house, &visit.signed_in()?.signed).await?;
    let guests = visit.house.open()?.desk(Desk::guests).await?;
    let in_use = visit.house.settings.registration == Registration::Invitation;
    let view = visit.with(move |session, frame| {
        let t = frame.t();
        let guest = |guest: WaitingGuest| {
            let when = t.when(When::Instant(guest.made_at));
            GuestView {
                id: guest.id,
                made: t.with_all("guests-made", &[("by", &guest.by), ("when", &when)]),
                until: t.with("access-until", "when", t.when(When::Instant(guest.expires_at))),
            }
        };
        let waiting = guests.into_iter().map(guest).collect();
        let page = frame.page(session, &t.say("guests-title"), Here::Admin, None)?;
        Ok(Invitations { page, waiting, in_use })
    });
    html(&view.await?)
}

/// Makes one, and shows its link this once.
pub async fn make(visit: Visit) -> Result<Response, Problem> {
    let signed = visit.signed_in()?.signed.clone();
    must_run_the_house(&visit.house, &signed).await?;
    let (secret, _) = visit.house.open()?.desk(move |desk| desk.invite(signed.account)).await?;
    let t = &visit.t;
    html(&ShownOnce {
        page: Page { path: "/admin/invitations".to_owned(), ..visit.bare(&t.say("guests-title")) },
        heading: t.say("guests-link"),
        lead: t.say("guests-link-lead"),
        lines: vec![format!("{}/register#token={secret}", visit.house.settings.public_url)],
        onward: "/admin/invitations",
    })
}

/// Takes one back.
pub async fn withdraw(visit: Visit) -> Result<Response, Problem> {
    must_run_the_house(&visit.house, &visit.signed_in()?.signed).await?;
    let id = visit.part("id");
    match visit.house.open()?.desk(move |desk| desk.take_back(&id)).await {
        // Somebody has registered with it meanwhile, or its time is over.
        Err(problem) if problem.code() != "not-found" => Err(problem),
        _ => Ok(go("/admin/invitations")),
    }
}
