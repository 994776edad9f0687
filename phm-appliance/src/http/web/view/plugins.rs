//! Plugins, for whoever runs the house: what each asks for and why, and whether it is on.

use askama::Template;
use phm_plugins::Limits;
use phm_plugins::installed::Installed;
use phm_plugins::manifest::Permission;

use super::page::{Page, Tone};
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// The page.
#[derive(Debug, Template)]
#[template(path = "plugins.html")]
pub struct PluginsPage {
    /// Shared parts.
    pub page: Page,
    /// What went wrong, in a sentence; empty for nothing.
    pub fault: String,
    /// The plugins, by name.
    pub plugins: Vec<PluginView>,
}

/// One plugin, ready to print.
#[derive(Clone, Debug)]
pub struct PluginView {
    /// Its name, which is the one in addresses too.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its package, so that what is switched on is what was shown.
    pub sha256: String,
    /// What it does, in its author's words.
    pub summary: String,
    /// Whether it is on.
    pub on: bool,
    /// The same in words.
    pub state: String,
    /// How that is meant.
    pub tone: Tone,
    /// Whose signature it carries, in a sentence.
    pub signed: String,
    /// What it asks for.
    pub asks: Vec<AskView>,
    /// How much it may take for one call, in a sentence.
    pub takes: String,
    /// Whether it has settings.
    pub has_settings: bool,
    /// What it logged in calls about nobody, oldest first.
    pub log: Vec<String>,
}

/// One thing a plugin asks for, ready to print.
#[derive(Clone, Debug)]
pub struct AskView {
    /// The capability.
    pub capability: String,
    /// The capability and the kinds of record.
    pub what: String,
    /// Why, in its author's words.
    pub reason: String,
    /// Where it can send what it reads, in a sentence; empty where it sends nothing.
    pub sends: String,
    /// Whether it was granted, in words.
    pub state: String,
}

impl PluginsPage {
    /// The page of what is installed; beside each plugin the lines of its log. `fault` is the code of what went wrong, or empty.
    pub fn new(page: Page, installed: &[(Installed, Vec<String>)], fault: &str) -> Self {
        let plugins = installed.iter().map(|(plugin, log)| view(&page.t, plugin, log.clone())).collect();
        Self { fault: fault_of(&page.t, fault), page, plugins }
    }
}

/// What went wrong with a package, in a sentence; nothing for no code.
pub fn fault_of(t: &Locale, code: &str) -> String {
    if code.is_empty() {
        return String::new();
    }
    t.first_of(&[&format!("plugin-fault-{code}"), "plugin-fault-other"]).unwrap_or_default()
}

/// One thing a plugin asks for.
pub fn ask_view(t: &Locale, asked: &Permission, granted: bool) -> AskView {
    let kinds: Vec<String> = asked.kinds.iter().map(|kind| labels::kinds(t, kind)).collect();
    let what =
        if kinds.is_empty() { asked.capability.clone() } else { format!("{}: {}", asked.capability, kinds.join(", ")) };
    let sends =
        if asked.hosts.is_empty() { String::new() } else { t.with("plugin-sends", "hosts", asked.hosts.join(", ")) };
    let state = t.say(if granted { "plugin-granted" } else { "plugin-not-granted" });
    AskView { capability: asked.capability.clone(), what, reason: asked.reason.clone(), sends, state }
}

/// How much a plugin may take for one call, in a sentence.
pub fn takes(t: &Locale, limits: &Limits) -> String {
    let memory = t.number(limits.memory_bytes.div_ceil(1 << 20));
    let seconds = t.number(limits.time_ms.div_ceil(1_000));
    t.with_all("plugin-takes", &[("memory", &memory), ("seconds", &seconds)])
}

fn view(t: &Locale, plugin: &Installed, log: Vec<String>) -> PluginView {
    let on = plugin.granted.is_some();
    let (state, tone) = if on { ("plugin-on", Tone::Good) } else { ("plugin-off", Tone::Calm) };
    let ask =
        |asked: &Permission| ask_view(t, asked, plugin.granted.as_ref().is_some_and(|granted| granted.contains(asked)));
    PluginView {
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        sha256: plugin.sha256.clone(),
        summary: plugin.summary.clone(),
        on,
        state: t.say(state),
        tone,
        signed: t.with("plugin-signed", "key", plugin.signer),
        asks: plugin.declared.iter().map(ask).collect(),
        takes: takes(t, &plugin.limits),
        has_settings: plugin.schema.is_some(),
        log,
    }
}
