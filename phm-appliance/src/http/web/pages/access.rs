//! Who can see a person's records: giving access, taking it back, and what the person is told at once.

use phm_core::access::{Action, GrantId};
use phm_core::id::ProfileId;
use phm_core::vault::Given;
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::api::grants::ask_once;
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::http::web::view::access::{Access, GiveForm, GrantView, NoticeView};
use crate::http::web::view::alerts;
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::i18n::Locale;
use crate::notify::letters;

/// Who can see.
pub async fn access(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let done = visit.asked("done").to_owned();
    let view = visit.with(move |session, frame| {
        let mut view = shown(session, frame, profile)?;
        let said = match done.as_str() {
            "given" => Some("access-given"),
            "taken" => Some("access-taken-back"),
            "refused" => Some("emergency-refused"),
            _ => None,
        };
        let notice = |key: &str| Notice { tone: Tone::Good, text: frame.t().say(key) };
        view.page.notices.extend(said.map(notice));
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<Access, Problem> {
    let t = frame.t();
    let page = frame.page(session, &t.say("nav-access"), Here::Access, Some(profile))?;
    let given = session.grants(profile)?;
    let may_give = session.may(Action::Share, profile, "profile");
    let own = session.actor().account().map(|account| account.to_string()).unwrap_or_default();
    let view = |given: &Given| GrantView::new(t, given, !may_give && given.given_by.id != own, &own);
    let (now, past): (Vec<&Given>, Vec<&Given>) = given.iter().partition(|given| GrantView::is_now(given));
    Ok(Access {
        notices: notices(session, t, profile)?,
        now: now.into_iter().map(view).collect(),
        past: past.into_iter().map(view).collect(),
        form: may_give.then(|| form(session, t, profile)).transpose()?,
        may_restrict: session.answers_for(profile),
        may_retain: session.may_erase_profile(profile),
        errors: Vec::new(),
        page,
    })
}

/// What a person is to know of at once.
pub fn notices(session: &AtWork, t: &Locale, profile: ProfileId) -> Result<Vec<NoticeView>, Problem> {
    let mut told: Vec<NoticeView> =
        session.fresh_alerts(profile)?.iter().map(|alert| alerts::notice(t, alert)).collect();
    told.extend(session.notices(profile)?.iter().map(|given| NoticeView::new(t, given)));
    Ok(told)
}

fn form(session: &AtWork, t: &Locale, profile: ProfileId) -> Result<GiveForm, Problem> {
    let people = session.acquaintances(profile)?.into_iter().map(|(account, name, roles)| {
        let roles: Vec<String> =
            roles.iter().filter(|role| role.as_str() != "patient").map(|role| t.say(&format!("role-{role}"))).collect();
        let name = if roles.is_empty() { name } else { format!("{name} ({})", roles.join(", ")) };
        (account.to_string(), name)
    });
    Ok(GiveForm::new(t, people.collect()))
}

/// Lets somebody see.
pub async fn give(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (to, template, purpose) = (visit.field("to"), visit.field("template"), visit.field("purpose"));
    let labels: Vec<String> = chosen(&visit, "labels");
    let outcome = visit.with(move |session, frame| {
        let mut terms = json!({"to": {"account": to}, "template": template, "labels": labels});
        if !purpose.trim().is_empty() {
            terms["purpose"] = Value::String(purpose.trim().to_owned());
        }
        match session.give(profile, &terms) {
            Ok(_) => Ok(None),
            Err(error) if error.kind() == phm_core::ErrorKind::Invalid => {
                let mut view = shown(session, frame, profile)?;
                view.errors = vec![frame.t().say("form-check-fields")];
                view.form = view.form.map(|form| {
                    let templates = form.templates.into_iter().map(|(name, title, text, _)| {
                        let is_it = name == template;
                        (name, title, text, is_it)
                    });
                    GiveForm { to, purpose, templates: templates.collect(), ..form }
                });
                Ok(Some(view))
            }
            Err(error) => Err(error.into()),
        }
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}/access?done=given"))),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// The values of all fields of a name.
pub fn chosen(visit: &Visit, name: &str) -> Vec<String> {
    visit.form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

/// Takes a grant back, or gives up one of one's own.
pub async fn revoke(visit: Visit) -> Result<Response, Problem> {
    let (profile, id): (ProfileId, GrantId) = (visit.profile()?, visit.record()?);
    let known = visit.with(move |session, _| {
        session.revoke(profile, id)?;
        Ok(session.knows(profile))
    });
    // Whoever gave up what they had sees nothing of the person any more.
    Ok(go(&if known.await? { format!("/p/{profile}/access?done=taken") } else { "/people".to_owned() }))
}

/// Says no to somebody who asked in an emergency.
pub async fn refuse(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    visit.with(move |session, _| Ok(session.refuse_in_emergency(profile, id)?)).await?;
    Ok(go(&format!("/p/{profile}/access?done=refused")))
}

/// Asks for what was granted for an emergency.
pub async fn ask(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let (given, first) = visit.with(move |session, _| ask_once(session, profile, id)).await?;
    if first {
        tell(&visit.house, given.profile, visit.t.clone(), letters::asked).await;
    }
    Ok(go("/patients"))
}

/// Puts the notices about broken glass away.
pub async fn seen(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    visit.with(move |session, _| Ok(session.put_notices_away(profile)?)).await?;
    Ok(go(&format!("/p/{profile}/access")))
}
