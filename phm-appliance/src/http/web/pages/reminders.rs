//! Reminders: the list and its answers, the link in a message, how somebody wants them, and how they stand.

use jiff::tz::TimeZone;
use phm_core::access::Actor;
use phm_core::id::ProfileId;
use phm_core::time::When;
use phm_core::vault::Vault;
use poem::Response;
use poem::http::StatusCode;

use super::access::chosen;
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::{AtWork, blocking};
use crate::http::problem::Problem;
use crate::http::reminders::{self, Chosen, ChosenDoor};
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::reminders::{AdminReminders, AnswerPage, Notifications, ReminderSettings, problem};
use crate::i18n::Locale;
use crate::jobs::reminders::{self as job, Answered};
use crate::notify::quiet::Quiet;
use crate::notify::wishes::{self, SERVICE, Wishes};
use crate::notify::{Channel, answers};

/// The reader's reminders.
pub async fn notifications(visit: Visit) -> Result<Response, Problem> {
    let view = visit.with(|session, frame| {
        let page = frame.page(session, &frame.t().say("nav-notifications"), Here::Notifications, None)?;
        let notices = reminders::notices(session, None)?;
        Ok(Notifications::new(page, reminders::has_words(session)?, &notices, session.now()))
    });
    html(&view.await?)
}

/// Notes that the reader has seen them.
pub async fn seen(visit: Visit) -> Result<Response, Problem> {
    visit.with(|session, _| reminders::seen(session)).await?;
    Ok(go("/notifications"))
}

/// Answers a reminder about doses.
pub async fn answer(visit: Visit) -> Result<Response, Problem> {
    let (id, taken) = (visit.record()?, taken(&visit)?);
    let zone = visit.house.settings.time_zone.clone();
    visit.with(move |session, _| reminders::answer_own(session, id, taken, zone.as_ref())).await?;
    Ok(go("/notifications"))
}

fn taken(visit: &Visit) -> Result<bool, Problem> {
    match visit.field("status").as_str() {
        "taken" => Ok(true),
        "skipped" => Ok(false),
        _ => Err(Problem::invalid("/status", "invalid-choice")),
    }
}

/// What a link in a message opens: a page with buttons. Looking at it answers nothing, so that previews do not either.
pub async fn link(visit: Visit) -> Result<Response, Problem> {
    let (token, vault) = (visit.part("token"), visit.house.open()?.vault);
    let (asked, household) = (token.clone(), visit.house.settings.time_zone.clone());
    let due = blocking(move || due_of(&vault, &asked, household.as_ref())).await?;
    let page = answer_page(&visit, token, due.is_none(), "");
    let due = due.map(|at| visit.t.with("reminders-answer-due", "at", at));
    html(&AnswerPage { due: due.unwrap_or_default(), ..page })
}

/// When the doses were due that a link asks about, in words of its reader; nothing where it leads nowhere any more. Who has two
/// messages knows by it which is which, and whoever else sees the page learns of no medicine.
fn due_of(vault: &Vault, secret: &str, household: Option<&TimeZone>) -> Result<Option<String>, Problem> {
    let Some(link) = answers::look(vault, secret)? else { return Ok(None) };
    let (notice, wishes) = (link.place().notice(vault, link.notice)?, wishes::read(vault, link.account)?);
    let due_at = notice.and_then(|notice| notice.doses.first().map(|asked| asked.due_at));
    Ok(due_at.zip(wishes).map(|(at, wishes)| wishes.locale(household).when(When::Instant(at))))
}

/// Answers by a link, for whoever holds it.
pub async fn answer_link(visit: Visit) -> Result<Response, Problem> {
    let (token, taken) = (visit.part("token"), taken(&visit)?);
    let (vault, household) = (visit.house.open()?.vault, visit.house.settings.time_zone.clone());
    let signed_in = visit.caller().map(|caller| caller.signed.account);
    let asked = token.clone();
    let answered = blocking(move || {
        let Some(link) = answers::look(&vault, &asked)? else { return Ok(Answered::Over) };
        // Who is signed in answers for themselves; else it is the service, as far as the standing grant goes.
        let service = || Actor::Service { grant: link.grant, account: link.account, name: SERVICE.to_owned() };
        let own = signed_in.filter(|account| *account == link.account);
        let actor = own.map_or_else(service, |account| Actor::Person { account });
        let wishes = wishes::read(&vault, link.account)?.ok_or_else(Problem::not_found)?;
        let zone = wishes.locale(household.as_ref()).zone().clone();
        job::answer(&vault, link.place(), link.notice, actor, taken, &zone)
    });
    match answered.await? {
        Answered::Recorded | Answered::Before => html(&answer_page(&visit, token, false, "reminders-answer-done")),
        Answered::Over => html_with(StatusCode::GONE, &answer_page(&visit, token, true, "")),
    }
}

fn answer_page(visit: &Visit, token: String, gone: bool, done: &str) -> AnswerPage {
    let done = if done.is_empty() { String::new() } else { visit.t.say(done) };
    AnswerPage { page: visit.bare(&visit.t.say("reminders-answer-title")), token, gone, done, due: String::new() }
}

/// How the reader wants to be reminded.
pub async fn settings(visit: Visit) -> Result<Response, Problem> {
    let t = &visit.t;
    let done = match visit.asked("done") {
        "saved" => Some(Notice { tone: Tone::Good, text: t.say("reminders-saved") }),
        "tested" => Some(Notice { tone: Tone::Good, text: t.say("reminders-tested") }),
        _ => None,
    };
    let failed = Some(visit.asked("problem")).filter(|code| !code.is_empty());
    let failed = failed.map(|code| Notice { tone: Tone::Alert, text: problem(t, code) });
    let notices: Vec<Notice> = failed.into_iter().chain(done).collect();
    let view = visit.with(move |session, frame| {
        let kept = reminders::wishes_of(session, frame.t())?;
        let mut view = shown(session, frame, &chosen_before(&kept), &kept)?;
        view.page.notices = notices;
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, asked: &Chosen, kept: &Wishes) -> Result<ReminderSettings, Problem> {
    let page = frame.page(session, &frame.t().say("reminders-title"), Here::Settings, None)?;
    let answers_for = |id: &&String| id.parse().is_ok_and(|profile: ProfileId| session.answers_for(profile));
    let ids: Vec<String> = page.people.iter().map(|person| person.id.clone()).collect();
    let people: Vec<String> = ids.iter().filter(answers_for).cloned().collect();
    Ok(ReminderSettings::new(page, reminders::has_words(session)?, asked, kept, &people))
}

/// What was chosen before, as a form has it.
fn chosen_before(kept: &Wishes) -> Chosen {
    let (quiet_from, quiet_to) = kept.quiet.map(Quiet::written).unwrap_or_default();
    let door = |(channel, door): (&Channel, &wishes::Door)| ChosenDoor {
        channel: *channel,
        url: door.url.clone(),
        secret: None,
        detail: door.detail,
    };
    Chosen {
        language: kept.language.clone(),
        zone: kept.zone.clone(),
        quiet_from,
        quiet_to,
        repeat_minutes: kept.repeat_minutes,
        repeat_times: kept.repeat_times,
        doors: kept.doors.iter().map(door).collect(),
        people: kept.people.iter().map(|served| served.profile).collect(),
    }
}

/// Keeps how the reader wants to be reminded.
pub async fn save(visit: Visit) -> Result<Response, Problem> {
    let asked = asked(&visit);
    let house = std::sync::Arc::clone(&visit.house);
    let outcome = visit.with(move |session, frame| match reminders::choose(&house, session, frame.t(), &asked) {
        Ok(_) => Ok(None),
        Err(problem) if problem.status_code() == StatusCode::UNPROCESSABLE_ENTITY => {
            let kept = reminders::wishes_of(session, frame.t())?;
            let view = shown(session, frame, &asked, &kept)?;
            Ok(Some(ReminderSettings { errors: errors(frame.t(), &problem), ..view }))
        }
        Err(problem) => Err(problem),
    });
    match outcome.await? {
        None => Ok(go("/settings/reminders?done=saved")),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

/// What is wrong, each with the place it belongs to.
fn errors(t: &Locale, refused: &Problem) -> Vec<String> {
    let named = |(path, code): (String, String)| {
        let place = path.trim_start_matches('/').replace('/', "-");
        let text = problem(t, &code);
        match t.first_of(&[&format!("reminders-at-{place}")]) {
            Some(place) => t.with_all("reminders-wrong", &[("place", &place), ("text", &text)]),
            None => text,
        }
    };
    refused.faults().into_iter().map(named).collect()
}

fn asked(visit: &Visit) -> Chosen {
    let on = chosen(visit, "channels");
    let doors = Channel::ALL.into_iter().filter(|channel| on.iter().any(|word| word == channel.word()));
    let door = |channel: Channel| {
        let word = channel.word();
        let secret = visit.field(&format!("{word}.secret"));
        ChosenDoor {
            channel,
            url: visit.field(&format!("{word}.url")),
            secret: Some(secret).filter(|secret| !secret.trim().is_empty()),
            detail: visit.field(&format!("{word}.detail")) == "yes",
        }
    };
    let number = |name: &str| visit.field(name).trim().parse::<u32>().unwrap_or(u32::MAX);
    Chosen {
        language: visit.field("language"),
        zone: visit.field("zone"),
        quiet_from: visit.field("quiet_from"),
        quiet_to: visit.field("quiet_to"),
        repeat_minutes: number("repeat_minutes"),
        repeat_times: u8::try_from(number("repeat_times")).unwrap_or(u8::MAX),
        doors: doors.map(door).collect(),
        people: chosen(visit, "people").iter().filter_map(|id| id.parse().ok()).collect(),
    }
}

/// Sends a message by one of the reader's channels.
pub async fn test(visit: Visit) -> Result<Response, Problem> {
    let channel = Channel::of_word(&visit.field("channel"));
    let channel = channel.ok_or_else(|| Problem::invalid("/channel", "invalid-choice"))?;
    let house = std::sync::Arc::clone(&visit.house);
    let sent = visit.with(move |session, frame| reminders::send_test(&house, session, frame.t(), channel)).await;
    match sent {
        Ok(()) => Ok(go("/settings/reminders?done=tested")),
        Err(problem) if problem.status_code() == StatusCode::UNPROCESSABLE_ENTITY => {
            let code = problem.faults().into_iter().map(|(_, code)| code).next().unwrap_or_default();
            Ok(go(&format!("/settings/reminders?problem={code}")))
        }
        Err(problem) => Err(problem),
    }
}

/// How reminders stand, for whoever runs the house.
pub async fn admin(visit: Visit) -> Result<Response, Problem> {
    let opened = visit.house.open()?;
    let view = visit.with(move |session, frame| {
        session.runs_the_house()?;
        let page = frame.page(session, &frame.t().say("admin-reminders"), Here::Admin, None)?;
        Ok(AdminReminders::new(page, &job::standing(&opened)?))
    });
    html(&view.await?)
}

/// Lets messages that were given up be tried again.
pub async fn retry(visit: Visit) -> Result<Response, Problem> {
    let id = visit.record()?;
    visit
        .with(move |session, _| {
            session.runs_the_house()?;
            job::retry(&session.vault, id, session.now())?;
            Ok(session.note_administered("retry a reminder")?)
        })
        .await?;
    Ok(go("/admin/reminders"))
}

/// Forgets messages that were given up.
pub async fn forget(visit: Visit) -> Result<Response, Problem> {
    let id = visit.record()?;
    visit
        .with(move |session, _| {
            session.runs_the_house()?;
            job::forget(&session.vault, id, session.now())?;
            Ok(session.note_administered("forget a reminder")?)
        })
        .await?;
    Ok(go("/admin/reminders"))
}
