//! What a person lets plugins do with their records.

use std::collections::BTreeSet;

use askama::Template;
use phm_plugins::installed::Installed;

use super::page::Page;
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// The page.
#[derive(Debug, Template)]
#[template(path = "person_plugins.html")]
pub struct PersonPlugins {
    /// Shared parts.
    pub page: Page,
    /// The plugins that ask for something.
    pub plugins: Vec<PersonPlugin>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// One plugin, ready to print.
#[derive(Clone, Debug)]
pub struct PersonPlugin {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it does, in its author's words.
    pub summary: String,
    /// The kinds of record it asks for: word and name.
    pub kinds: Vec<(String, String)>,
    /// Where it can send what it reads: host and a sentence.
    pub hosts: Vec<(String, String)>,
    /// Why it asks, in its author's words.
    pub reasons: Vec<String>,
}

impl PersonPlugin {
    /// A plugin that asks for these kinds and hosts.
    pub fn new(t: &Locale, plugin: &Installed, kinds: &BTreeSet<String>, hosts: &BTreeSet<String>) -> Self {
        let asks = plugin.granted.iter().flatten().filter(|one| !one.kinds.is_empty() || !one.hosts.is_empty());
        Self {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            summary: plugin.summary.clone(),
            kinds: kinds.iter().map(|kind| (kind.clone(), labels::kinds(t, kind))).collect(),
            hosts: hosts.iter().map(|host| (host.clone(), t.with("person-plugins-send", "host", host))).collect(),
            reasons: asks.map(|one| one.reason.clone()).collect(),
        }
    }
}
