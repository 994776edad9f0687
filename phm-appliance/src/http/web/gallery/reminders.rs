//! The pages of reminders, made of invented people.

use askama::Template as _;
use phm_core::id::RecordId;
use phm_core::time::{Instant, When};

use super::samples::{gate, page};
use crate::http::reminders::{Chosen, ChosenDoor};
use crate::http::web::view::page::{Here, Page};
use crate::http::web::view::reminders::{AdminReminders, AnswerPage, Notifications, ReminderSettings};
use crate::i18n::Locale;
use crate::jobs::reminders::{Failed, Standing};
use crate::notify::Channel;
use crate::notify::board::{Answer, Asked, Delivery, Notice, Words};
use crate::notify::wishes::{Door, Wishes};

const NOW: Instant = Instant::from_millis(1_795_000_000_000);

fn notice(answered: bool) -> Notice {
    let words = Words { title: "Time for your medicine".into(), text: "Kamala, 08:00: Metformin 500 mg".into() };
    let mut notice = Notice::new("dose-due", NOW, NOW.plus_millis(3_600_000), words.clone(), Some(words));
    notice.doses.push(Asked { medication: RecordId::from_bytes([7; 16]), due_at: NOW });
    notice.deliveries = Channel::ALL.map(|channel| Delivery::new(channel, 0, NOW)).to_vec();
    notice.answer = answered.then(|| Answer { status: "taken".into(), at: NOW });
    notice.read = answered;
    notice
}

fn settings(t: &Locale, page: Page) -> ReminderSettings {
    let door = |channel: Channel| ChosenDoor { channel, url: "https://x.example/t".into(), secret: None, detail: true };
    let mut kept = Wishes::of(t);
    for channel in Channel::ALL {
        kept.doors.insert(channel, Door { url: "https://x.example/t".into(), secret: "s".into(), detail: true });
    }
    let chosen = Chosen {
        language: "hi".into(),
        zone: "Asia/Kolkata".into(),
        quiet_from: "22:00".into(),
        quiet_to: "07:00".into(),
        repeat_minutes: 15,
        repeat_times: 2,
        doors: Channel::ALL.map(door).into_iter().collect(),
        people: Vec::new(),
    };
    let people: Vec<String> = page.people.iter().map(|person| person.id.clone()).collect();
    ReminderSettings {
        errors: vec![t.say("problem-invalid")],
        ..ReminderSettings::new(page, false, &chosen, &kept, &people)
    }
}

/// Every page of reminders.
pub fn pages(t: &Locale) -> Vec<(&'static str, String)> {
    let html = |page: askama::Result<String>| page.expect("a page");
    let alone = |here: Here, path: &str| Page { person: None, ..page(t, "PHM", here, path) };
    let person = phm_core::id::ProfileId::from_bytes([3; 16]);
    let notices = [(person, notice(false)), (person, notice(true))];
    let list = Notifications::new(alone(Here::Notifications, "/notifications"), true, &notices, NOW);
    let none = Notifications::new(alone(Here::Notifications, "/notifications"), false, &[], NOW);
    let answer = |gone: bool, done: &str| AnswerPage {
        page: gate(t, "reminders-answer-title", "/r/AAAA"),
        token: "AAAA".into(),
        gone,
        done: done.into(),
        due: t.with("reminders-answer-due", "at", t.when(When::Instant(NOW))),
    };
    let standing = Standing {
        people: 3,
        failed: vec![Failed {
            id: RecordId::from_bytes([8; 16]),
            channel: Channel::Ntfy,
            code: "unreachable".into(),
            tries: 6,
            at: NOW,
        }],
        ..Standing::default()
    };
    vec![
        ("notifications", html(list.render())),
        ("notifications-none", html(none.render())),
        ("reminder-settings", html(settings(t, alone(Here::Settings, "/settings/reminders")).render())),
        ("reminder-answer", html(answer(false, "").render())),
        ("reminder-answer-gone", html(answer(true, "").render())),
        ("reminder-answer-done", html(answer(false, &t.say("reminders-answer-done")).render())),
        ("admin-reminders", html(AdminReminders::new(alone(Here::Admin, "/admin/reminders"), &standing).render())),
    ]
}
