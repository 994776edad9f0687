//! Rules by which proposals are accepted, in plain words, and what a rule may be made about.

use phm_core::time::When;
use phm_plugins::acceptance::{self, Card};
use phm_plugins::installed::Installed;

use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// What stands between plugin, kind and package in a choice; no name has it.
const BETWEEN: char = '/';

/// The rules about a person, and the form that makes one.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The rules.
    pub rules: Vec<AcceptanceView>,
    /// What a rule may be about: word and name.
    pub choices: Vec<(String, String)>,
}

/// A rule, ready to print.
#[derive(Clone, Debug)]
pub struct AcceptanceView {
    /// Its id.
    pub id: String,
    /// What it accepts.
    pub title: String,
    /// Since when, and how much it has accepted.
    pub facts: Vec<String>,
    /// Whether it holds, or why not.
    pub state: String,
    /// Whether it has accepted anything that could be taken back.
    pub has_made: bool,
}

impl Acceptance {
    /// These rules, and what the plugins that are on may propose.
    pub fn new(t: &Locale, rules: &[Card], plugins: &[Installed]) -> Self {
        let on = plugins.iter().filter(|plugin| plugin.granted.is_some());
        let choices = on.flat_map(|plugin| {
            let kinds = acceptance::kinds_of(plugin).into_iter();
            kinds.map(move |kind| {
                let name = named(t, &kind, &plugin.name, &plugin.version);
                (format!("{}{BETWEEN}{kind}{BETWEEN}{}", plugin.name, plugin.sha256), name)
            })
        });
        Self { rules: rules.iter().map(|rule| AcceptanceView::new(t, rule)).collect(), choices: choices.collect() }
    }
}

impl AcceptanceView {
    fn new(t: &Locale, rule: &Card) -> Self {
        Self {
            id: rule.id.to_string(),
            title: named(t, &rule.kind, &rule.plugin, &rule.version),
            facts: vec![
                t.with("acceptance-since", "when", t.when(When::Instant(rule.made_at))),
                t.count("acceptance-count", rule.accepted),
            ],
            state: t.say(&format!("acceptance-{}", rule.state.word())),
            has_made: rule.accepted > 0,
        }
    }
}

/// What was chosen to make a rule about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chosen {
    /// The plugin; empty where nothing was chosen.
    pub plugin: String,
    /// The kind of record; empty where nothing was chosen.
    pub kind: String,
    /// The package that was shown.
    pub sha256: Option<String>,
}

impl Chosen {
    /// Reads the word of a choice.
    pub fn read(word: &str) -> Self {
        let mut parts = word.split(BETWEEN).map(str::to_owned);
        let (plugin, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Self { plugin, kind, sha256: parts.next() }
    }
}

fn named(t: &Locale, kind: &str, plugin: &str, version: &str) -> String {
    let kind = labels::kinds(t, kind);
    t.with_all("acceptance-title", &[("kind", kind.as_str()), ("plugin", plugin), ("version", version)])
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use phm_plugins::acceptance::State;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn why_a_rule_does_not_hold_is_said_in_words() {
        for language in Language::ALL {
            let t = Locale::new(language, Digits::Latin, TimeZone::UTC);
            for state in State::ALL {
                assert!(t.has(&format!("acceptance-{}", state.word())), "{state:?} in {language:?}");
            }
        }
    }

    #[test]
    fn a_choice_names_plugin_kind_and_package() {
        let (plugin, kind) = ("pdf-text".to_owned(), "lab-result".to_owned());
        let chosen = Chosen { plugin, kind, sha256: Some("0a".to_owned()) };
        assert_eq!(Chosen::read("pdf-text/lab-result/0a"), chosen);
        assert_eq!(Chosen::read("pdf-text/lab-result"), Chosen { sha256: None, ..chosen });
        assert_eq!(Chosen::read(""), Chosen::default());
    }
}
