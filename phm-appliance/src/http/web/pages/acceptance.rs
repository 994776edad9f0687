//! Making and ending rules by which proposals are accepted.

use phm_core::ErrorKind;
use phm_plugins::acceptance::{self, Wanted};
use phm_plugins::taken_back::end_and_take_back;
use poem::Response;
use poem::http::StatusCode;

use super::proposals::shown;
use super::reply::{go, html_with};
use super::visit::Visit;
use crate::http::problem::Problem;
use crate::http::telling::tell_of_rule;
use crate::http::web::view::acceptance::Chosen;

/// Accepts what was chosen from now on.
pub async fn make(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let chosen = Chosen::read(&visit.field("what"));
    let despite_harm = visit.field("despite_harm") == "yes";
    let wanted = Wanted { plugin: chosen.plugin, kind: chosen.kind, despite_harm, shown: chosen.sha256 };
    let outcome = visit.with(move |session, frame| match acceptance::make(&session.vault, session, profile, &wanted) {
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let mut view = shown(session, frame, profile, None)?;
            view.errors = vec![frame.t().say("acceptance-wrong")];
            Ok(Some(view))
        }
        Err(error) => Err(error.into()),
    });
    match outcome.await? {
        None => {
            // Whoever else answers for the person is to know what nobody looks at any more.
            tell_of_rule(&visit.house, profile, visit.t.clone()).await;
            Ok(go(&format!("/p/{profile}/proposals?done=made")))
        }
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// Ends a rule, and removes what it accepted where that is wanted.
pub async fn end(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let take_back = visit.field("take_back") == "yes";
    let removed = visit.with(move |session, _| {
        if take_back {
            return Ok(end_and_take_back(&session.vault, session, profile, id)?);
        }
        acceptance::end(&session.vault, session, profile, id)?;
        Ok(0)
    });
    let removed = removed.await?;
    let removed = if removed > 0 { format!("&removed={removed}") } else { String::new() };
    Ok(go(&format!("/p/{profile}/proposals?done=ended{removed}")))
}
