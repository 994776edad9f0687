//! Reminders as people meet them, on pages and over the API: how they want them, which there are, and answering one.
//!
//! To be reminded about a person, somebody who answers for that person gives the service `reminders` a standing grant; it stands
//! among the grants on the person's records and ends like any other.

use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use phm_core::access::{AccountId, Action, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Session;
use phm_core::{ErrorKind, Result as CoreResult};
use phm_plugin_api::Kind;
use poem::http::StatusCode;
use serde_json::{Value, json};

use super::house::{AtWork, House};
use super::problem::Problem;
use crate::auth::standing::Standing;
use crate::auth::{accounts, invitation};
use crate::i18n::{Language, Locale, zones};
use crate::jobs::reminders::{Answered, answer, try_out};
use crate::notify::Channel;
use crate::notify::board::{self, Notice, Place, Words};
use crate::notify::channels::Unsent;
use crate::notify::quiet::Quiet;
use crate::notify::wishes::{self, Door, SERVICE, Served, Wishes};

/// Minutes after which a dose may be said again.
const REPEATS_AFTER: std::ops::RangeInclusive<u32> = 5..=240;

/// How often at most.
const MOST_REPEATS: u8 = 5;

/// People somebody is reminded about at most.
const MOST_PEOPLE: usize = 50;

/// How long somebody waits who had letters sent to try it too often.
const PAUSE: std::time::Duration = std::time::Duration::from_hours(1);

/// Reminders shown at a time, the newest.
const MOST_SHOWN: usize = 200;

/// The longest token or key.
const LONGEST_SECRET: usize = 200;

/// A channel as somebody asks for it.
pub struct ChosenDoor {
    /// The channel.
    pub channel: Channel,
    /// Its address; nothing for mail.
    pub url: String,
    /// Token or key; without one the kept one stays, as long as the address does.
    pub secret: Option<String>,
    /// Whether it may say what it is about.
    pub detail: bool,
}

/// How somebody asks to be reminded.
pub struct Chosen {
    /// The language of messages.
    pub language: String,
    /// The time zone.
    pub zone: String,
    /// When it is quiet, as `22:00`; empty for never.
    pub quiet_from: String,
    /// Until when.
    pub quiet_to: String,
    /// Minutes after which a dose is said again; 0: never.
    pub repeat_minutes: u32,
    /// How often.
    pub repeat_times: u8,
    /// The channels.
    pub doors: Vec<ChosenDoor>,
    /// About whom.
    pub people: Vec<ProfileId>,
}

/// A reminder and whom it is about.
pub type About = (ProfileId, Notice);

/// Whether a plugin has the words; without one no reminder is made.
pub fn has_words(at: &AtWork) -> Result<bool, Problem> {
    Ok(at.plugins.enabled_of(Kind::Notify)?.is_some())
}

/// How the caller is reminded, or what a reader like `t` begins with. A person whose grant was taken back does not stand in it,
/// so that who keeps what they are shown gives it again only by choosing that person again.
pub fn wishes_of(at: &AtWork, t: &Locale) -> Result<Wishes, Problem> {
    let account = account_of(at)?;
    let mut wishes = kept(at, account, t)?;
    for served in std::mem::take(&mut wishes.people) {
        if holds(at, account, &served)? {
            wishes.people.push(served);
        }
    }
    Ok(wishes)
}

/// The wishes as they are kept.
fn kept(at: &AtWork, account: AccountId, t: &Locale) -> CoreResult<Wishes> {
    Ok(wishes::read(&at.vault, account)?.unwrap_or_else(|| Wishes::of(t)))
}

/// Keeps how the caller wants to be reminded, and gives and takes back the grants that this rests on.
///
/// # Errors
/// 422 with the place that breaks a rule; 403 for a person the caller does not answer for.
pub fn choose(house: &House, at: &AtWork, t: &Locale, chosen: &Chosen) -> Result<Wishes, Problem> {
    // One at a time: of two who save at once, one would give a grant that nobody's wishes know of.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let account = account_of(at)?;
    let before = kept(at, account, t)?;
    let mut wishes = before.clone();
    let language = Language::of_tag(&chosen.language).ok_or_else(|| Problem::invalid("/language", "invalid-choice"))?;
    language.tag().clone_into(&mut wishes.language);
    zones::named(&chosen.zone).ok_or_else(|| Problem::invalid("/zone", "unknown-time-zone"))?;
    wishes.zone.clone_from(&chosen.zone);
    let quiet = Quiet::parse(&chosen.quiet_from, &chosen.quiet_to);
    wishes.quiet = quiet.map_err(|which| Problem::invalid(format!("/quiet/{which}"), "invalid-time"))?;
    if chosen.repeat_minutes != 0 && !REPEATS_AFTER.contains(&chosen.repeat_minutes) {
        return Err(Problem::invalid("/repeat_minutes", "out-of-range"));
    }
    if chosen.repeat_times > MOST_REPEATS {
        return Err(Problem::invalid("/repeat_times", "out-of-range"));
    }
    (wishes.repeat_minutes, wishes.repeat_times) = (chosen.repeat_minutes, chosen.repeat_times);
    wishes.doors = std::collections::BTreeMap::new();
    for asked in &chosen.doors {
        if asked.channel == Channel::Mail && house.sends_mail() && !Standing::of(&at.vault, account)?.is_proven() {
            return Err(Problem::invalid("/channels/mail", Unsent::Unproven.code()));
        }
        let door = door(house, asked, before.doors.get(&asked.channel))?;
        wishes.doors.insert(asked.channel, door);
    }
    if chosen.people.len() > MOST_PEOPLE {
        return Err(Problem::invalid("/people", "too-many"));
    }
    wishes.people = serve(at, account, &before.people, &chosen.people)?;
    wishes::save(&at.vault, account, &wishes)?;
    // In another time zone something else is due next.
    for served in &wishes.people {
        let (place, now) = (Place { profile: served.profile, account }, at.now());
        if place.look(&at.vault)?.is_some() {
            place.update(&at.vault, now, |board| board.look_at = now)?;
        }
    }
    Ok(wishes)
}

/// A channel that can work.
fn door(house: &House, asked: &ChosenDoor, before: Option<&Door>) -> Result<Door, Problem> {
    let wrong = |code| Problem::invalid(format!("/channels/{}", asked.channel.word()), code);
    if asked.channel == Channel::Mail && !house.sends_mail() {
        return Err(wrong("mail-off"));
    }
    let url = if asked.channel.has_address() { asked.url.trim().to_owned() } else { String::new() };
    // A secret goes to the address it was given for and to no other.
    let kept = before.filter(|before| before.url == url).map(|before| before.secret.clone());
    let mut secret = asked.secret.clone().map(|secret| secret.trim().to_owned()).or(kept).unwrap_or_default();
    if secret.len() > LONGEST_SECRET || !secret.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err(wrong("bad-secret"));
    }
    if asked.channel == Channel::Webhook && secret.is_empty() {
        secret = invitation::secret();
    }
    let door = Door { url, secret, detail: asked.detail };
    asked.channel.check(&door, house.outside()).map_err(|unsent| wrong(unsent.code()))?;
    Ok(door)
}

/// Gives the service a grant for each person who is chosen, and takes back those of the others. Where one cannot be given,
/// everything stays as it was.
fn serve(at: &AtWork, account: AccountId, before: &[Served], chosen: &[ProfileId]) -> Result<Vec<Served>, Problem> {
    let mut all: Vec<Served> = Vec::new();
    for profile in chosen {
        if all.iter().any(|served| served.profile == *profile) {
            continue;
        }
        let kept = before.iter().find(|served| served.profile == *profile);
        let grant = match kept {
            Some(served) if holds(at, account, served)? => served.grant,
            _ => match at.give(*profile, &terms()) {
                Ok(given) => given.id,
                Err(error) => {
                    for served in all.iter().filter(|served| !before.contains(served)) {
                        at.revoke(served.profile, served.grant)?;
                    }
                    return Err(error.into());
                }
            },
        };
        all.push(Served { profile: *profile, grant });
    }
    for served in before.iter().filter(|served| !chosen.contains(&served.profile)) {
        match at.revoke(served.profile, served.grant) {
            // It was taken back already, or the person is gone.
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => Place { profile: served.profile, account }.clear(&at.vault)?,
        }
    }
    Ok(all)
}

/// What the service may do: see what is due, and record what was answered.
fn terms() -> Value {
    json!({
        "to": {"service": SERVICE}, "kinds": ["profile", "medication", "dose", "appointment", "lab-result"],
        "actions": ["read", "add"], "purpose": SERVICE,
    })
}

/// Whether the standing grant still opens anything.
fn holds(at: &AtWork, account: AccountId, served: &Served) -> CoreResult<bool> {
    let actor = Actor::Service { grant: served.grant, account, name: SERVICE.to_owned() };
    let service: Session = at.vault.session(actor, SERVICE)?;
    Ok(service.may(Action::Read, served.profile, "profile"))
}

/// The newest of the caller's reminders, newest first, as far as they may still see what each is about; about one person where
/// `only` says so.
pub fn notices(at: &AtWork, only: Option<ProfileId>) -> Result<Vec<About>, Problem> {
    let mut all = every(at, only)?;
    all.sort_by_key(|(_, notice)| std::cmp::Reverse(notice.at));
    all.truncate(MOST_SHOWN);
    Ok(all)
}

fn every(at: &AtWork, only: Option<ProfileId>) -> Result<Vec<About>, Problem> {
    let account = account_of(at)?;
    let mut all = Vec::new();
    for profile in people(at, account)?.into_iter().filter(|profile| only.is_none_or(|only| only == *profile)) {
        let notices = Place { profile, account }.notices(&at.vault)?;
        all.extend(notices.into_iter().filter(|notice| is_shown(at, profile, notice)).map(|notice| (profile, notice)));
    }
    Ok(all)
}

/// Whether the caller may see now what a reminder told them about then.
fn is_shown(at: &AtWork, profile: ProfileId, notice: &Notice) -> bool {
    let kind = match notice.event.as_str() {
        "dose-due" | "refill" => "medication",
        "appointment" => "appointment",
        "result" => "lab-result",
        _ => "profile",
    };
    at.may(Action::Read, profile, "profile") && at.may(Action::Read, profile, kind)
}

/// How many of their reminders the caller has not seen.
pub fn unread(at: &AtWork) -> Result<u32, Problem> {
    Ok(board::unread(&at.vault, account_of(at)?)?)
}

/// Notes that the caller has seen all their reminders.
pub fn seen(at: &AtWork) -> Result<(), Problem> {
    let account = account_of(at)?;
    for (profile, notice) in every(at, None)?.iter().filter(|(_, notice)| !notice.read) {
        let place = Place { profile: *profile, account };
        place.change(&at.vault, notice.id, |notice| notice.read = true)?;
    }
    board::change_unread(&at.vault, account, |_| 0)?;
    Ok(())
}

/// Answers one of the caller's reminders: every dose it asks about was taken, or left out on purpose.
///
/// # Errors
/// 404 where the caller has no such reminder; 409 `over` where it asks no more; as for recording a dose.
pub fn answer_own(at: &AtWork, id: RecordId, taken: bool, household: Option<&TimeZone>) -> Result<(), Problem> {
    let account = account_of(at)?;
    let wishes = wishes::read(&at.vault, account)?.ok_or_else(Problem::not_found)?;
    let place = place_of(at, account, id)?.ok_or_else(Problem::not_found)?;
    let zone = wishes.locale(household).zone().clone();
    match answer(&at.vault, place, id, at.actor().clone(), taken, &zone)? {
        Answered::Recorded | Answered::Before => Ok(()),
        Answered::Over => Err(Problem::new(StatusCode::CONFLICT, "over", "this reminder asks no more")),
    }
}

/// Where a reminder of the caller's stands that they may still see.
fn place_of(at: &AtWork, account: AccountId, id: RecordId) -> Result<Option<Place>, Problem> {
    for profile in people(at, account)? {
        let place = Place { profile, account };
        if place.notice(&at.vault, id)?.is_some_and(|notice| is_shown(at, profile, &notice)) {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Sends a message by one of the caller's channels, to see whether it arrives.
///
/// # Errors
/// 422 with the code of what went wrong, or `not-chosen`; 429 where too many letters went there.
pub fn send_test(house: &House, at: &AtWork, t: &Locale, channel: Channel) -> Result<(), Problem> {
    let wrong = |code| Problem::invalid(format!("/channels/{}", channel.word()), code);
    let id = account_of(at)?;
    let wishes = wishes_of(at, t)?;
    let door = wishes.doors.get(&channel).ok_or_else(|| wrong("not-chosen"))?;
    let account = accounts::find(&at.vault, id)?.ok_or_else(Problem::not_signed_in)?;
    let reader = wishes.locale(house.settings.time_zone.as_ref());
    let words = Words { title: reader.say("reminders-test-title"), text: reader.say("reminders-test-text") };
    let opened = house.open()?;
    if channel == Channel::Mail && !opened.desk_now().may_write_to(&account.email)? {
        return Err(Problem::too_many(PAUSE));
    }
    try_out(house, &opened, &account, channel, door, words).map_err(|unsent| wrong(unsent.code()))
}

/// A reminder in JSON.
pub fn shown(at: &AtWork, (profile, notice): &About) -> Value {
    json!({
        "id": notice.id, "profile": profile, "event": notice.event, "title": notice.inside.title,
        "text": notice.inside.text, "at": notice.at, "until": notice.until, "read": notice.read,
        "asks": notice.asks(at.now()), "doses": notice.doses, "answer": notice.answer,
    })
}

/// The wishes in JSON; whether a secret is kept, and not which.
pub fn shown_wishes(at: &AtWork, wishes: &Wishes) -> Result<Value, Problem> {
    let (from, to) = wishes.quiet.map(Quiet::written).unwrap_or_default();
    let mut channels = json!({});
    for (channel, door) in &wishes.doors {
        let has_secret = !door.secret.is_empty();
        channels[channel.word()] = json!({"url": door.url, "has_secret": has_secret, "detail": door.detail});
    }
    let people: Vec<ProfileId> = wishes.people.iter().map(|served| served.profile).collect();
    Ok(json!({
        "language": wishes.language, "zone": wishes.zone, "quiet": {"from": from, "to": to},
        "repeat_minutes": wishes.repeat_minutes, "repeat_times": wishes.repeat_times, "channels": channels,
        "people": people, "available": has_words(at)?,
    }))
}

/// Whom the caller is reminded about.
fn people(at: &AtWork, account: AccountId) -> Result<Vec<ProfileId>, Problem> {
    let people = wishes::read(&at.vault, account)?.map(|wishes| wishes.people).unwrap_or_default();
    Ok(people.into_iter().map(|served| served.profile).collect())
}

fn account_of(at: &AtWork) -> Result<AccountId, Problem> {
    at.actor().account().ok_or_else(Problem::not_signed_in)
}
