//! Access that was unusual, in plain words.

use askama::Template;
use phm_core::audit::unusual::Unusual;
use phm_core::time::When;
use phm_core::vault::Alert;

use super::access::NoticeView;
use super::page::Page;
use crate::i18n::Locale;

/// Unusual access in the house, for those who run it.
#[derive(Debug, Template)]
#[template(path = "alerts.html")]
pub struct Alerts {
    /// Shared parts.
    pub page: Page,
    /// The alerts in words, newest first.
    pub alerts: Vec<String>,
}

/// An alert in a sentence; it says nothing of a record.
pub fn sentence(t: &Locale, alert: &Alert) -> String {
    let name = match &*alert.actor.r#type {
        "gate" => t.say("alert-door"),
        _ if alert.actor.name.is_empty() => t.say("alert-somebody"),
        _ => alert.actor.name.clone(),
    };
    let key = match alert.what {
        Unusual::Volume => "alert-volume",
        Unusual::Hour => "alert-hour",
        Unusual::Refusals => "alert-refusals",
        Unusual::HandOver => "alert-hand-over",
        Unusual::ResetLink => "alert-reset-link",
        Unusual::LetIn => "alert-let-in",
    };
    let (count, when) = (t.number(alert.count), t.when(When::Instant(alert.at)));
    t.with_all(key, &[("name", &name), ("count", &count), ("when", &when)])
}

/// The notice of an alert at the head of a person's pages, until it is put away.
pub fn notice(t: &Locale, alert: &Alert) -> NoticeView {
    NoticeView { id: alert.id.to_string(), text: sentence(t, alert), asked: false }
}
