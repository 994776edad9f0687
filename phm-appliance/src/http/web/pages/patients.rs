//! The provider's home: who lets them see, what was arranged for an emergency, and breaking the glass.

use phm_core::ErrorKind;
use phm_core::access::Role;
use phm_core::time::{PartialDate, When};
use phm_core::vault::{BREAK_GLASS, Given};
use poem::Response;
use poem::http::StatusCode;

use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::http::web::view::access::{GrantView, kinds};
use crate::http::web::view::page::Here;
use crate::http::web::view::patients::{EmergencyView, GlassForm, PatientView, Patients};
use crate::i18n::Locale;
use crate::notify::letters;

/// My patients.
pub async fn patients(visit: Visit) -> Result<Response, Problem> {
    let provider = visit.signed_in()?.account.roles.iter().any(|role| role == Role::Provider.as_str());
    let view = visit.with(move |session, frame| shown(session, frame, provider.then(GlassForm::default)));
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, glass: Option<GlassForm>) -> Result<Patients, Problem> {
    let t = frame.t();
    let page = frame.page(session, &t.say("nav-patients"), Here::Patients, None)?;
    let mut patients = Vec::new();
    for person in page.people.iter().filter(|person| person.watched) {
        let profile = person.id.parse().map_err(|_| Problem::internal())?;
        let given = session.grants(profile)?;
        let Some(grant) = given.iter().find(|given| given.state == phm_core::vault::GrantState::Live) else { continue };
        patients.push(PatientView {
            person: person.clone(),
            what: kinds(t, &grant.terms.kinds),
            term: match grant.terms.ends_at {
                Some(ends) => t.with("access-until", "when", t.when(When::Instant(ends))),
                None => String::new(),
            },
            broken: grant.terms.template.as_deref() == Some(BREAK_GLASS),
        });
    }
    Ok(Patients { patients, emergencies: emergencies(session, t)?, glass, page })
}

/// What others have arranged with the reader for an emergency.
pub fn emergencies(session: &AtWork, t: &Locale) -> Result<Vec<EmergencyView>, Problem> {
    let given = session.emergencies()?;
    Ok(given.iter().filter(|given| GrantView::is_now(given)).map(|given| emergency(t, given)).collect())
}

fn emergency(t: &Locale, given: &Given) -> EmergencyView {
    use phm_core::vault::GrantState::{Live, Waiting};
    let text = match (given.state, given.opens_at) {
        (Live, _) => t.say("state-live"),
        (Waiting, _) | (_, None) => t.count("patients-hours", u32::from(given.terms.wait_hours.unwrap_or_default())),
        (_, Some(opens)) => t.with("patients-asked", "when", t.when(When::Instant(opens))),
    };
    EmergencyView {
        id: given.id.to_string(),
        profile: given.profile.to_string(),
        name: given.given_by.name.clone(),
        text,
        may_ask: given.state == Waiting,
    }
}

/// Breaks the glass for somebody of whom name and day of birth are known.
pub async fn break_glass(visit: Visit) -> Result<Response, Problem> {
    let form = GlassForm {
        name: visit.field("name"),
        born: visit.field("birth_date"),
        reason: visit.field("reason"),
        error: String::new(),
    };
    let outcome = visit.with(move |session, frame| {
        let born = form.born.parse::<PartialDate>().map_err(|_| ErrorKind::NotFound);
        let broken =
            born.and_then(|born| session.break_glass_of(&form.name, born, &form.reason).map_err(|error| error.kind()));
        let key = match broken {
            Ok(given) => return Ok(Ok(given.profile)),
            Err(ErrorKind::NotFound) => "glass-nobody",
            Err(ErrorKind::Invalid) => "glass-reason-needed",
            Err(_) => return Err(Problem::internal()),
        };
        let form = GlassForm { error: frame.t().say(key), ..form };
        Ok(Err(shown(session, frame, Some(form))?))
    });
    match outcome.await? {
        Ok(profile) => {
            tell(&visit.house, profile, visit.t.clone(), letters::glass).await;
            Ok(go(&format!("/p/{profile}")))
        }
        Err(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}
