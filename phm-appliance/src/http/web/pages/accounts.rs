//! Accounts and the table of permissions, for whoever runs the house.

use phm_core::ErrorKind;
use phm_core::access::Role;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::When;
use phm_core::vault::{AccountCard, AskedHandOver, HandOver};
use poem::Response;
use poem::http::StatusCode;

use super::access::chosen;
use super::household::devices;
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::auth::accounts::{self, NewAccount};
use crate::http::api::accounts::{administer, end_sessions, roles};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell_of_wish;
use crate::http::web::view::accounts::{AccountForm, PermissionView, Permissions};
use crate::http::web::view::page::Here;
use crate::i18n::Locale;
use crate::permissions::{Row, Table, Verdict};

/// One account.
pub async fn account(visit: Visit) -> Result<Response, Problem> {
    let id = visit.record()?;
    let signed = visit.signed_in()?.signed.clone();
    let card = administer(&visit.house, &signed, "account-sessions", id).await?;
    let sessions = visit.house.open()?.desk(move |desk| desk.sessions(id)).await?;
    let devices = devices(&visit.t, sessions, signed.session);
    let view = visit.with(move |session, frame| form(session, frame, &card, Vec::new()));
    html(&AccountForm { devices, ..view.await? })
}

fn form(session: &AtWork, frame: &Frame, card: &AccountCard, errors: Vec<String>) -> Result<AccountForm, Problem> {
    let page = frame.page(session, &frame.t().say("admin-accounts"), Here::Admin, None)?;
    let AccountCard { id, email, name, active, .. } = card.clone();
    let roles = all_roles(frame.t(), &card.roles.iter().collect::<Vec<_>>());
    let asked = session.asked_hand_overs()?.into_iter().filter(|asked| asked.account == id);
    let waiting = asked.map(|asked| waits(frame.t(), &asked)).collect();
    Ok(AccountForm { page, id: id.to_string(), name, email, roles, active, devices: Vec::new(), waiting, errors })
}

/// Records that wait to be handed over: whose, what is to be known, and whether that can be agreed to.
fn waits(t: &Locale, asked: &AskedHandOver) -> (String, String, bool) {
    let key = match asked.until {
        _ if asked.refused => "account-take-over-no",
        Some(_) => "account-take-over-waits",
        None => "account-take-over-unheard",
    };
    let until = asked.until.map(|until| t.when(When::Instant(until))).unwrap_or_default();
    let at = t.when(When::Instant(asked.at));
    let said = t.with_all(key, &[("name", &asked.by.name), ("at", &at), ("until", &until)]);
    (asked.profile.to_string(), said, !asked.refused)
}

fn all_roles(t: &Locale, held: &[Role]) -> Vec<(String, String, bool)> {
    let role = |role: &Role| (role.to_string(), t.say(&format!("role-{role}")), held.contains(role));
    Role::ALL.iter().map(role).collect()
}

/// Changes an account.
pub async fn change(visit: Visit) -> Result<Response, Problem> {
    let id = visit.record()?;
    let (wanted, active) = (chosen(&visit, "roles"), visit.field("active") == "yes");
    let outcome = visit.with(move |session, frame| {
        let roles = roles(&wanted)?;
        let key = match session.change_account(id, Some(roles), Some(active)) {
            Ok(card) => return Ok(Ok(card.active)),
            Err(error) if error.code() == "last-admin" => "account-last-admin",
            Err(error) if error.kind() == ErrorKind::Invalid => "account-need-role",
            Err(error) => return Err(error.into()),
        };
        let card = session.accounts()?.into_iter().find(|card| card.id == id).ok_or_else(Problem::not_found)?;
        Ok(Err(form(session, frame, &card, vec![frame.t().say(key)])?))
    });
    match outcome.await? {
        Ok(active) => {
            if !active {
                end_sessions(&visit.house, id).await?;
            }
            Ok(go("/admin?done=saved"))
        }
        Err(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// Signs an account out everywhere.
pub async fn sign_out(visit: Visit) -> Result<Response, Problem> {
    let id: RecordId = visit.record()?;
    administer(&visit.house, &visit.signed_in()?.signed, "account-sign-out", id).await?;
    end_sessions(&visit.house, id).await?;
    Ok(go("/admin?done=saved"))
}

/// Forgets the wrong passwords and codes that make somebody wait.
pub async fn unlock(visit: Visit) -> Result<Response, Problem> {
    let id: RecordId = visit.record()?;
    administer(&visit.house, &visit.signed_in()?.signed, "account-unlock", id).await?;
    visit.house.open()?.desk(move |desk| desk.forgive(id)).await?;
    Ok(go("/admin?done=saved"))
}

/// Hands somebody's records over to the person's own account, where nobody in the family can any more.
pub async fn take_over(visit: Visit) -> Result<Response, Problem> {
    let (id, typed) = (visit.record()?, visit.field("profile"));
    let outcome = visit.with(move |session, frame| {
        session.runs_the_house()?;
        // Also where somebody pasted the address of one of the person's pages.
        let word = typed.rsplit_once("/p/").map_or(typed.as_str(), |(_, rest)| rest);
        let profile = word.split(['/', '?', '#']).next().unwrap_or_default().trim().parse::<ProfileId>();
        let key = match profile.map(|profile| session.hand_over(profile, id).map(|came| (profile, came))) {
            Ok(Ok(done)) => return Ok(Ok(done)),
            Ok(Err(error)) => match (error.kind(), error.code()) {
                (ErrorKind::NotFound, _) => "account-take-over-refused",
                (_, "too-young") => "family-too-young",
                (_, "has-records") => "account-take-over-full",
                (_, "refused") => "account-take-over-was-refused",
                (ErrorKind::Invalid | ErrorKind::Conflict, _) => "form-check-fields",
                _ => return Err(error.into()),
            },
            Err(_) => "form-check-fields",
        };
        let card = session.accounts()?.into_iter().find(|card| card.id == id).ok_or_else(Problem::not_found)?;
        Ok(Err(form(session, frame, &card, vec![frame.t().say(key)])?))
    });
    match outcome.await? {
        Ok((profile, came)) => {
            let came = tell_of_wish(&visit.house, profile, id, came, visit.t.clone()).await;
            // There it stands until when it waits.
            let waits = format!("/admin/accounts/{id}");
            Ok(go(if came == HandOver::Done { "/admin?done=saved" } else { &waits }))
        }
        Err(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// The form of a new account.
pub async fn new(visit: Visit) -> Result<Response, Problem> {
    let view = visit.with(|session, frame| {
        session.accounts()?;
        new_form(session, frame, ("", ""), &[Role::Patient], Vec::new())
    });
    html(&view.await?)
}

fn new_form(
    session: &AtWork,
    frame: &Frame,
    (name, email): (&str, &str),
    held: &[Role],
    errors: Vec<String>,
) -> Result<AccountForm, Problem> {
    let page = frame.page(session, &frame.t().say("account-new"), Here::Admin, None)?;
    let roles = all_roles(frame.t(), held);
    let (id, name, email) = (String::new(), name.to_owned(), email.to_owned());
    Ok(AccountForm { page, id, name, email, roles, active: true, devices: Vec::new(), waiting: Vec::new(), errors })
}

/// Makes an account.
pub async fn add(visit: Visit) -> Result<Response, Problem> {
    let (name, email, wanted) = (visit.field("name"), visit.field("email"), chosen(&visit, "roles"));
    let password = visit.form.iter().find(|(key, _)| key == "password").map(|(_, text)| text.clone());
    let outcome = visit.with(move |session, frame| {
        session.accounts()?;
        let held: Vec<Role> = roles(&wanted)?.iter().collect();
        let password = password.unwrap_or_default();
        let new = NewAccount { email: email.clone(), name: name.clone(), roles: wanted, password };
        let t = frame.t();
        let errors = if held.is_empty() {
            vec![t.say("account-need-role")]
        } else {
            match accounts::add(&session.vault, &new) {
                Ok(_) => return Ok(None),
                Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict) => {
                    let problem = Problem::from(error);
                    let say = |code: &str| t.first_of(&[&format!("problem-{code}")]);
                    let mut said: Vec<String> = problem.faults().iter().filter_map(|(_, code)| say(code)).collect();
                    said.extend(say(problem.code()));
                    if said.is_empty() {
                        said.push(t.say("form-check-fields"));
                    }
                    said
                }
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Some(new_form(session, frame, (&name, &email), &held, errors)?))
    });
    match outcome.await? {
        None => Ok(go("/admin?done=saved")),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// Who may do what.
pub async fn permissions(visit: Visit) -> Result<Response, Problem> {
    let view = visit.with(|session, frame| {
        session.accounts()?;
        let t = frame.t();
        let table = Table::standard();
        let mut chapters: Vec<(String, Vec<PermissionView>)> = Vec::new();
        for row in &table.rows {
            let chapter = t.say(&format!("chapter-{}", row.chapter));
            match chapters.last_mut().filter(|(name, _)| *name == chapter) {
                Some((_, rows)) => rows.push(permission(t, row)),
                None => chapters.push((chapter, vec![permission(t, row)])),
            }
        }
        let signs = [Verdict::Yes, Verdict::No, Verdict::Unknown, Verdict::Door, Verdict::Open];
        Ok(Permissions {
            page: frame.page(session, &t.say("permissions-title"), Here::Admin, None)?,
            who: table.who.iter().map(|who| t.say(&format!("column-{who}"))).collect(),
            chapters,
            key: signs.map(|verdict| shown(t, verdict)).to_vec(),
        })
    });
    html(&view.await?)
}

fn permission(t: &Locale, row: &Row) -> PermissionView {
    let verdicts = row.verdicts.iter().map(|verdict| shown(t, *verdict)).collect();
    PermissionView { operation: row.operation.to_owned(), verdicts }
}

/// Sign, class and meaning of a verdict.
fn shown(t: &Locale, verdict: Verdict) -> (String, &'static str, String) {
    let (sign, class, key) = match verdict {
        Verdict::Yes => ("✓", "yes", "permission-yes"),
        Verdict::No => ("✗", "no", "permission-no"),
        Verdict::Unknown => ("?", "unknown", "permission-unknown"),
        Verdict::Door => ("–", "door", "permission-door"),
        Verdict::Open => ("○", "open", "permission-open"),
    };
    (sign.to_owned(), class, t.say(key))
}
