//! Reminders: which there are, answering one, and how somebody wants them.

use std::sync::Arc;

use phm_core::access::Action;
use phm_core::id::RecordId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::types::Any;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Body;
use crate::http::envelope::Answer;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::reminders::{self, Chosen, ChosenDoor};
use crate::i18n::{Digits, Language, Locale};
use crate::notify::Channel;

/// An answer to a reminder about doses.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReminderAnswer {
    /// `taken` or `skipped`.
    status: String,
}

/// A channel that is to be tried.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReminderTest {
    /// `mail`, `ntfy`, `gotify` or `webhook`.
    channel: String,
}

/// When nothing is sent.
#[derive(Default, poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietHours {
    /// From when on, such as `22:00`; empty for never.
    #[serde(default)]
    #[oai(default)]
    from: String,
    /// Until when.
    #[serde(default)]
    #[oai(default)]
    to: String,
}

/// A channel.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReminderChannel {
    /// `mail`, `ntfy`, `gotify` or `webhook`.
    channel: String,
    /// The topic of an ntfy server, the address of a Gotify server, or of the webhook.
    #[serde(default)]
    #[oai(default)]
    url: String,
    /// Token, or the key of the webhook's signatures; without one the kept one stays, and a webhook gets a new one.
    #[serde(default)]
    secret: Option<String>,
    /// Whether its messages may say what they are about. By default nothing medical leaves the house.
    #[serde(default)]
    #[oai(default)]
    detail: bool,
}

/// How somebody wants to be reminded.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReminderWishes {
    /// The language of messages: `en`, `hi` or `pa`.
    language: String,
    /// The time zone, such as `Asia/Kolkata`.
    zone: String,
    /// When nothing is sent.
    #[serde(default)]
    #[oai(default)]
    quiet: QuietHours,
    /// Minutes after which a dose that nobody answered is said again, 5 to 240; 0: never.
    #[serde(default)]
    #[oai(default)]
    repeat_minutes: u32,
    /// How often it is said again, 5 times at most.
    #[serde(default)]
    #[oai(default)]
    repeat_times: u8,
    /// The channels beside the list in PHM itself.
    #[serde(default)]
    #[oai(default)]
    channels: Vec<ReminderChannel>,
    /// About whom: ids of people the caller answers for.
    #[serde(default)]
    #[oai(default)]
    people: Vec<String>,
}

impl ReminderWishes {
    fn chosen(self) -> Result<Chosen, Problem> {
        let unknown = |path: String| Problem::invalid(path, "invalid-choice");
        let mut doors = Vec::new();
        for (n, asked) in self.channels.into_iter().enumerate() {
            let channel = Channel::of_word(&asked.channel).ok_or_else(|| unknown(format!("/channels/{n}/channel")))?;
            doors.push(ChosenDoor { channel, url: asked.url, secret: asked.secret, detail: asked.detail });
        }
        let mut people = Vec::new();
        for (n, person) in self.people.iter().enumerate() {
            people.push(person.parse().map_err(|_| unknown(format!("/people/{n}")))?);
        }
        Ok(Chosen {
            language: self.language,
            zone: self.zone,
            quiet_from: self.quiet.from,
            quiet_to: self.quiet.to,
            repeat_minutes: self.repeat_minutes,
            repeat_times: self.repeat_times,
            doors,
            people,
        })
    }
}

/// Reminders.
pub struct Notifications;

#[OpenApi(tag = "Chapter::Notifications")]
impl Notifications {
    /// The caller's reminders, newest first, and how many are unread. `available` says whether a plugin for notifications is on:
    /// without one no reminder is made.
    #[oai(path = "/notifications", method = "get", operation_id = "notifications_list")]
    async fn list(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Any<Value>>, Problem> {
        let found = house.with(&caller, |at| {
            let notices: Vec<Value> =
                reminders::notices(at, None)?.iter().map(|notice| reminders::shown(at, notice)).collect();
            let (unread, available) = (reminders::unread(at)?, reminders::has_words(at)?);
            Ok(json!({"unread": unread, "available": available, "notifications": notices}))
        });
        Ok(Answer::new(Any(found.await?)))
    }

    /// Note that the caller has seen all their reminders.
    #[oai(path = "/notifications/seen", method = "post", operation_id = "notifications_seen")]
    async fn seen(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Any<Value>>, Problem> {
        house.with(&caller, reminders::seen).await?;
        Ok(Answer::new(Any(json!({"unread": 0}))))
    }

    /// Answer a reminder about doses: each is recorded as taken or skipped, unless the log has it already.
    #[oai(path = "/notifications/:id/answer", method = "post", operation_id = "notifications_answer")]
    async fn answer(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
        body: Body<ReminderAnswer>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let id: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        let taken = match body.0.status.as_str() {
            "taken" => true,
            "skipped" => false,
            _ => return Err(Problem::invalid("/status", "invalid-choice")),
        };
        let zone = house.settings.time_zone.clone();
        house.with(&caller, move |at| reminders::answer_own(at, id, taken, zone.as_ref())).await?;
        Ok(Answer::new(Any(json!({"id": id, "status": body.0.status}))))
    }

    /// How the caller is reminded. Secrets are not shown.
    #[oai(path = "/notifications/settings", method = "get", operation_id = "notifications_settings_read")]
    async fn settings(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Any<Value>>, Problem> {
        let t = reader(&house);
        let found = house.with(&caller, move |at| reminders::shown_wishes(at, &reminders::wishes_of(at, &t)?));
        Ok(Answer::new(Any(found.await?)))
    }

    /// Choose how to be reminded, about whom and by which channels. For each person a standing grant to the service `reminders`
    /// is given or taken back.
    #[oai(path = "/notifications/settings", method = "put", operation_id = "notifications_settings_save")]
    async fn save(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<ReminderWishes>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let (chosen, t) = (body.0.chosen()?, reader(&house));
        let own = Arc::clone(house.0);
        let found = house.with(&caller, move |at| {
            let wishes = reminders::choose(&own, at, &t, &chosen)?;
            reminders::shown_wishes(at, &wishes)
        });
        Ok(Answer::new(Any(found.await?)))
    }

    /// Send a message by one of the caller's channels, to see whether it arrives; 422 with the code of what went wrong.
    #[oai(path = "/notifications/test", method = "post", operation_id = "notifications_test")]
    async fn test(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<ReminderTest>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let channel = Channel::of_word(&body.0.channel);
        let channel = channel.ok_or_else(|| Problem::invalid("/channel", "invalid-choice"))?;
        let (own, t) = (Arc::clone(house.0), reader(&house));
        house.with(&caller, move |at| reminders::send_test(&own, at, &t, channel)).await?;
        Ok(Answer::new(Any(json!({"channel": channel}))))
    }

    /// The caller's reminders about one person, newest first.
    #[oai(path = "/profiles/:profile/notifications", method = "get", operation_id = "profile_notifications")]
    async fn of_person(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let found = house.with(&caller, move |at| {
            let profile = profile.resolve(at)?;
            at.permit(Action::Read, profile, "profile")?;
            let notices = reminders::notices(at, Some(profile))?;
            Ok(notices.iter().map(|notice| reminders::shown(at, notice)).collect::<Value>())
        });
        Ok(Answer::new(Any(found.await?)))
    }
}

/// A reader of whom nothing is known but where the house stands.
fn reader(house: &House) -> Locale {
    let zone = house.settings.time_zone.clone().unwrap_or_else(jiff::tz::TimeZone::system);
    Locale::new(Language::English, Digits::Latin, zone)
}
