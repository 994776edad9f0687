//! Reminders: the list, the answer from outside, how somebody wants them, and how they stand for whoever runs the house.

use askama::Template;
use phm_core::time::When;

use super::page::{Page, Tone};
use crate::http::reminders::{About, Chosen};
use crate::i18n::{Language, Locale, zones};
use crate::jobs::reminders::Standing;
use crate::notify::Channel;
use crate::notify::board::{Delivery, Notice, State};
use crate::notify::wishes::Wishes;

/// Messages that were given up are listed up to so many, the newest; all of them are counted.
const MOST_LISTED: usize = 200;

/// The reader's reminders.
#[derive(Debug, Template)]
#[template(path = "notifications.html")]
pub struct Notifications {
    /// Shared parts.
    pub page: Page,
    /// Whether a plugin has the words; without one no reminder is made.
    pub available: bool,
    /// The reminders, newest first.
    pub notices: Vec<NoticeView>,
}

/// A reminder, ready to print.
#[derive(Clone, Debug)]
pub struct NoticeView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Whom it is about.
    pub about: String,
    /// When it was made.
    pub when: String,
    /// Whether it is new to its reader.
    pub unread: bool,
    /// Whether it waits for an answer.
    pub asks: bool,
    /// What was answered, in words; empty for nothing.
    pub answer: String,
    /// What became of each message, in words.
    pub sent: Vec<String>,
}

impl Notifications {
    /// The page of these reminders.
    pub fn new(page: Page, available: bool, notices: &[About], now: phm_core::time::Instant) -> Self {
        let view = |(profile, notice): &About| {
            let id = profile.to_string();
            let about = page.people.iter().find(|person| person.id == id).map(|person| person.name.clone());
            notice_view(&page.t, notice, about.unwrap_or_default(), now)
        };
        Self { notices: notices.iter().map(view).collect(), available, page }
    }
}

fn notice_view(t: &Locale, notice: &Notice, about: String, now: phm_core::time::Instant) -> NoticeView {
    let answer = notice.answer.as_ref().map(|answer| t.say(&format!("reminders-answered-{}", answer.status)));
    NoticeView {
        id: notice.id.to_string(),
        title: notice.inside.title.clone(),
        text: notice.inside.text.clone(),
        about,
        when: t.when(When::Instant(notice.at)),
        unread: !notice.read,
        asks: notice.asks(now),
        answer: answer.unwrap_or_default(),
        sent: notice.deliveries.iter().map(|one| sent(t, one)).collect(),
    }
}

/// What became of a message: `ntfy: sent`.
fn sent(t: &Locale, one: &Delivery) -> String {
    let state = match one.state {
        State::Waiting | State::Sending => "reminders-state-waiting",
        State::Sent => "reminders-state-sent",
        State::Dead => "reminders-state-dead",
        State::Dropped => "reminders-state-dropped",
    };
    t.with_all("reminders-sent", &[("channel", &channel_name(t, one.channel)), ("state", &t.say(state))])
}

fn channel_name(t: &Locale, channel: Channel) -> String {
    t.say(&format!("channel-{}", channel.word()))
}

/// What a link in a message opens.
#[derive(Debug, Template)]
#[template(path = "reminder_answer.html")]
pub struct AnswerPage {
    /// Shared parts.
    pub page: Page,
    /// The secret of the link.
    pub token: String,
    /// Whether it leads nowhere any more.
    pub gone: bool,
    /// What was done, in words; empty before.
    pub done: String,
    /// When it was due, in words; empty where that is not said.
    pub due: String,
}

/// How somebody wants to be reminded.
#[derive(Debug, Template)]
#[template(path = "reminder_settings.html")]
pub struct ReminderSettings {
    /// Shared parts.
    pub page: Page,
    /// Whether a plugin has the words; without one no reminder is made.
    pub available: bool,
    /// Languages: tag, name, whether it is chosen.
    pub languages: Vec<(&'static str, &'static str, bool)>,
    /// Time zones, and whether each is chosen.
    pub zones: Vec<(String, bool)>,
    /// When it is quiet.
    pub quiet_from: String,
    /// Until when.
    pub quiet_to: String,
    /// Minutes after which a dose is said again.
    pub repeat_minutes: u32,
    /// How often.
    pub repeat_times: u8,
    /// People: id, name, whether they are chosen.
    pub people: Vec<(String, String, bool)>,
    /// The channels.
    pub channels: Vec<ChannelView>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// A channel in the form.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a question the page asks by itself
pub struct ChannelView {
    /// Its word.
    pub word: &'static str,
    /// Its name.
    pub name: String,
    /// What to write there.
    pub help: String,
    /// Whether it is chosen.
    pub on: bool,
    /// Whether it is kept, so that it can be tried.
    pub kept: bool,
    /// Whether it has an address of its own.
    pub has_address: bool,
    /// The address.
    pub url: String,
    /// Whether a token is kept.
    pub has_secret: bool,
    /// The key with which its messages are signed, for the receiver; empty where there is none to show.
    pub key: String,
    /// Whether it may say what it is about.
    pub detail: bool,
}

impl ReminderSettings {
    /// The page with what is chosen, beside what is kept.
    pub fn new(page: Page, available: bool, chosen: &Chosen, kept: &Wishes, people: &[String]) -> Self {
        let t = &page.t;
        let channels = Channel::ALL.map(|channel| channel_view(t, channel, chosen, kept)).to_vec();
        let ids: Vec<String> = chosen.people.iter().map(ToString::to_string).collect();
        let choices = page.people.iter().filter(|person| people.contains(&person.id));
        let people = choices.map(|person| (person.id.clone(), person.name.clone(), ids.contains(&person.id))).collect();
        let zone = |name: String| {
            let is_it = name == chosen.zone;
            (name, is_it)
        };
        let language = |language: Language| (language.tag(), language.name(), language.tag() == chosen.language);
        Self {
            available,
            languages: Language::ALL.map(language).to_vec(),
            zones: zones::names().into_iter().map(zone).collect(),
            quiet_from: chosen.quiet_from.clone(),
            quiet_to: chosen.quiet_to.clone(),
            repeat_minutes: chosen.repeat_minutes,
            repeat_times: chosen.repeat_times,
            people,
            channels,
            errors: Vec::new(),
            page,
        }
    }
}

fn channel_view(t: &Locale, channel: Channel, chosen: &Chosen, kept: &Wishes) -> ChannelView {
    let asked = chosen.doors.iter().find(|door| door.channel == channel);
    let door = kept.doors.get(&channel);
    let key = door.filter(|_| channel == Channel::Webhook).map(|door| door.secret.clone());
    ChannelView {
        word: channel.word(),
        name: channel_name(t, channel),
        help: t.say(&format!("channel-{}-help", channel.word())),
        on: asked.is_some(),
        kept: door.is_some(),
        has_address: channel.has_address(),
        url: asked.map(|door| door.url.clone()).unwrap_or_default(),
        has_secret: door.is_some_and(|door| !door.secret.is_empty()),
        key: key.unwrap_or_default(),
        detail: asked.is_some_and(|door| door.detail),
    }
}

/// How reminders stand, for whoever runs the house.
#[derive(Debug, Template)]
#[template(path = "admin_reminders.html")]
pub struct AdminReminders {
    /// Shared parts.
    pub page: Page,
    /// The plugin that has the words, in a sentence.
    pub plugin: String,
    /// How that is meant.
    pub tone: Tone,
    /// Figures: name and number.
    pub figures: Vec<(String, String)>,
    /// Messages that were given up.
    pub failed: Vec<FailedView>,
}

/// A message that was given up, ready to print.
#[derive(Clone, Debug)]
pub struct FailedView {
    /// The reminder it belongs to.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// Why, in words.
    pub why: String,
    /// When it was made.
    pub when: String,
    /// Attempts, in words.
    pub tries: String,
}

impl AdminReminders {
    /// The page of how they stand.
    pub fn new(page: Page, standing: &Standing) -> Self {
        let t = &page.t;
        let (plugin, tone) = match &standing.plugin {
            Some(plugin) => (t.with("reminders-plugin", "plugin", plugin), Tone::Good),
            None => (t.say("reminders-no-plugin"), Tone::Warn),
        };
        let figures = vec![
            (t.say("reminders-figure-people"), t.number(standing.people)),
            (t.say("reminders-figure-waiting"), t.number(standing.waiting)),
            (t.say("reminders-figure-sent"), t.number(standing.sent)),
            (t.say("reminders-figure-failed"), t.number(standing.failed.len())),
            (t.say("reminders-figure-trouble"), t.number(standing.in_trouble)),
        ];
        let failed = standing.failed.iter().take(MOST_LISTED).map(|failed| FailedView {
            id: failed.id.to_string(),
            channel: channel_name(t, failed.channel),
            why: problem(t, &failed.code),
            when: t.when(When::Instant(failed.at)),
            tries: t.count("reminders-tries", failed.tries),
        });
        Self { failed: failed.collect(), plugin, tone, figures, page }
    }
}

/// Why a channel does not work, in words.
pub fn problem(t: &Locale, code: &str) -> String {
    t.first_of(&[&format!("reminders-problem-{code}"), &format!("problem-{code}"), "problem-invalid"])
        .unwrap_or_default()
}
