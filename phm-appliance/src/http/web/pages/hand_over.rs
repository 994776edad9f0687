//! Refusing that an administrator hands a person's records over: by the link of a letter, or on the page of the family.

use phm_core::id::ProfileId;
use phm_core::time::When;
use poem::Response;
use poem::http::StatusCode;

use super::account::{message, said, token_field};
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::view::door::DoorForm;

/// The form of the letter's link; a person presses it, since mail programs open links by themselves.
pub async fn refusing(visit: Visit) -> Result<Response, Problem> {
    visit.house.open()?;
    html(&refuse_page(&visit, ""))
}

fn refuse_page(visit: &Visit, error: &str) -> DoorForm {
    let t = &visit.t;
    DoorForm {
        lead: t.say("refuse-lead"),
        error: said(visit, error),
        action: "/refuse",
        island: "setup",
        fields: vec![token_field(visit)],
        button: t.say("refuse-go"),
        ..DoorForm::titled(visit.bare(&t.say("refuse-heading")))
    }
}

/// Takes the refusal.
pub async fn refuse(visit: Visit) -> Result<Response, Problem> {
    visit.house.limits.sign_in(visit.client)?;
    let token = visit.field("token");
    match visit.house.open()?.desk(move |desk| desk.refuse_hand_over(&token)).await {
        Ok(()) => message(&visit, "refuse-done-heading", "refuse-done"),
        Err(problem) if problem.code() == "link-invalid" => {
            html_with(StatusCode::FORBIDDEN, &refuse_page(&visit, "link-invalid"))
        }
        Err(problem) if problem.code() == "nothing-asked" => message(&visit, "refuse-late-heading", "refuse-late"),
        Err(problem) => Err(problem),
    }
}

/// The refusal of somebody who is signed in.
pub async fn refuse_here(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    visit.with(move |session, _| Ok(session.refuse_hand_over(profile)?)).await?;
    Ok(go(&format!("/p/{profile}/family?done=saved")))
}

/// That the person's records are to be handed over, in a sentence, for whoever can refuse it; empty for nothing.
pub fn to_refuse(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<String, Problem> {
    let until = session.hand_over_to_refuse(profile)?;
    let t = frame.t();
    let sentence = until.map(|until| t.with("family-handing", "when", t.when(When::Instant(until))));
    Ok(sentence.unwrap_or_default())
}
