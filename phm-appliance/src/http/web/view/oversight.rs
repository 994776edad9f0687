//! Who looked, settings, administration.

use askama::Template;

use super::page::Page;
use super::records::Pager;
use crate::http::web::forms::labels;
use crate::i18n::{Digits, Language};

/// An entry of the audit trail in the shape of the contract.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct AuditData {
    /// When.
    pub at: String,
    /// Who: `account`, `operator`, `plugin`, `token`, `job`.
    pub actor_type: String,
    /// Their name.
    pub actor_name: String,
    /// What they did: `read`, `add`, …
    pub action: String,
    /// With which kind; empty for all.
    pub kind: String,
    /// How many records.
    pub count: u64,
    /// What for.
    pub purpose: String,
    /// `allowed` or `refused`.
    pub outcome: String,
}

/// Who looked at what, when and why.
#[derive(Debug, Template)]
#[template(path = "who_looked.html")]
pub struct WhoLooked {
    /// Shared parts.
    pub page: Page,
    /// Days, newest first.
    pub days: Vec<AuditDay>,
    /// Where in the list.
    pub pager: Pager,
}

/// One day of the trail.
#[derive(Clone, Debug)]
pub struct AuditDay {
    /// The day in words.
    pub name: String,
    /// Its entries.
    pub rows: Vec<AuditView>,
}

/// One entry, ready to print.
#[derive(Clone, Debug)]
pub struct AuditView {
    /// The time.
    pub time: String,
    /// Who.
    pub actor: String,
    /// Icon of who.
    pub icon: &'static str,
    /// What, in a sentence.
    pub sentence: String,
    /// What for, in words.
    pub purpose: String,
    /// Whether it was refused.
    pub refused: bool,
}

impl WhoLooked {
    /// The page of these entries, newest first.
    pub fn new(page: Page, entries: &[AuditData], pager: Pager) -> Self {
        let t = page.t.clone();
        let mut days: Vec<AuditDay> = Vec::new();
        for entry in entries {
            let at = entry.at.parse::<phm_core::time::Instant>().ok();
            let name = at.map(|at| t.date(t.local_date(at))).unwrap_or_default();
            let what = if entry.kind.is_empty() { t.say("audit-everything") } else { labels::kinds(&t, &entry.kind) };
            let key = format!("audit-{}", entry.action);
            let key = if t.has(&key) { key } else { "audit-other".to_owned() };
            let view = AuditView {
                time: at.map(|at| t.time(at)).unwrap_or_default(),
                actor: if entry.actor_type == "operator" { t.say("actor-operator") } else { entry.actor_name.clone() },
                icon: match entry.actor_type.as_str() {
                    "operator" => "server",
                    "plugin" | "token" | "service" => "key-round",
                    "job" => "clock",
                    _ => "user-round",
                },
                sentence: t.with_all(&key, &[("what", &what), ("records", &t.count("records-count", entry.count))]),
                purpose: t.first_of(&[&format!("purpose-{}", entry.purpose)]).unwrap_or_else(|| entry.purpose.clone()),
                refused: entry.outcome == "refused" || entry.outcome == "denied",
            };
            match days.last_mut().filter(|day| day.name == name) {
                Some(day) => day.rows.push(view),
                None => days.push(AuditDay { name, rows: vec![view] }),
            }
        }
        Self { page, days, pager }
    }
}

/// One signed-in device.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The session.
    pub id: String,
    /// Browser or program, as it named itself.
    pub name: String,
    /// Since when, in words.
    pub since: String,
    /// Whether it is this one.
    pub current: bool,
}

/// A person's own settings.
#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// Shared parts.
    pub page: Page,
    /// Signed-in devices.
    pub devices: Vec<DeviceView>,
}

impl Settings {
    /// Whether `word` is the chosen digits.
    pub fn digits_are(&self, word: &str) -> bool {
        Digits::of_word(word) == Some(self.page.t.digits())
    }

    /// Whether `word` is the chosen theme.
    pub fn theme_is(&self, word: &str) -> bool {
        self.page.theme.word() == word
    }

    /// The digits of the language itself, as a sample.
    pub fn native_sample(&self) -> String {
        let language = match self.page.t.language() {
            Language::English => Language::Hindi,
            other => other,
        };
        crate::i18n::Locale::new(language, Digits::Native, self.page.t.zone().clone()).number("0123")
    }
}

/// An account in the administration.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Roles in words.
    pub roles: String,
}

/// A check of the house.
#[derive(Clone, Debug)]
pub struct CheckView {
    /// Name.
    pub name: String,
    /// `ok`, `warn`, `fail`.
    pub status: String,
    /// What it says.
    pub message: String,
}

/// The administration, which sees no content.
#[derive(Debug, Template)]
#[template(path = "admin.html")]
pub struct Admin {
    /// Shared parts.
    pub page: Page,
    /// Label and value of each figure.
    pub figures: Vec<(String, String)>,
    /// Checks of the house.
    pub checks: Vec<CheckView>,
    /// Accounts.
    pub accounts: Vec<AccountView>,
    /// Settings in force: key, value, where from.
    pub settings: Vec<(String, String, String)>,
}
