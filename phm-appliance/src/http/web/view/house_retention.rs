//! What the house proposes about how long records are kept, in plain words, for those who run it and for each person.

use askama::Template;
use phm_core::time::When;
use phm_core::vault::{HouseOutlook, HouseRule, RetentionProposal};

use super::page::{Page, Tone};
use super::retention::{RuleView, kinds, outlook, span};
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// The rules of the house, and the form that makes one, for those who run it.
#[derive(Debug, Template)]
#[template(path = "house_retention.html")]
pub struct HouseRetention {
    /// Shared parts.
    pub page: Page,
    /// Whether a rule is carried out for those who said nothing.
    pub enforced: bool,
    /// The rules.
    pub rules: Vec<RuleView>,
    /// Kinds to choose from: word and name.
    pub kinds: Vec<(String, String)>,
    /// The kind that was chosen.
    pub kind: String,
    /// The years that were typed.
    pub years: String,
    /// What a rule that is not made yet would come to; nothing where none was looked at.
    pub preview: Option<Vec<String>>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

impl HouseRetention {
    /// The page with these rules and nothing chosen.
    pub fn new(page: Page, enforced: bool, rules: &[HouseRule]) -> Self {
        let t = page.t.clone();
        Self {
            enforced,
            rules: rules.iter().map(|rule| of_the_house(&t, enforced, rule)).collect(),
            kinds: kinds(&t),
            kind: String::new(),
            years: String::new(),
            preview: None,
            errors: Vec::new(),
            page,
        }
    }
}

/// A rule of the house as those who run it see it.
fn of_the_house(t: &Locale, enforced: bool, rule: &HouseRule) -> RuleView {
    let mut facts = sums(t, &rule.outlook);
    let when = t.when(When::Instant(rule.since));
    facts.insert(0, t.with_all("house-retention-by", &[("name", &rule.by.name), ("when", &when)]));
    RuleView {
        kind: rule.outlook.kind.clone(),
        days: rule.outlook.days,
        title: title(t, &rule.outlook.kind, rule.outlook.days),
        facts,
        tone: if enforced { Tone::Warn } else { Tone::Calm },
        state: t.say(if enforced { "house-retention-enforced" } else { "house-retention-proposed" }),
    }
}

/// A rule of the house as a person sees it who has not answered.
pub fn of_a_person(t: &Locale, proposal: &RetentionProposal) -> RuleView {
    let preview = &proposal.preview;
    let mut facts = outlook(t, preview);
    facts.insert(
        0,
        match proposal.begins_at {
            Some(begins_at) => t.with("house-retention-begins", "when", t.when(When::Instant(begins_at))),
            None => t.say("house-retention-asks"),
        },
    );
    RuleView {
        kind: preview.kind.clone(),
        days: preview.days,
        title: title(t, &preview.kind, preview.days),
        facts,
        tone: if proposal.begins_at.is_some() { Tone::Alert } else { Tone::Warn },
        state: t.say("house-retention-open"),
    }
}

/// What a rule of the house would come to, over all people.
pub fn sums(t: &Locale, seen: &HouseOutlook) -> Vec<String> {
    let count = |key: &str, many: u64| t.count(key, u32::try_from(many).unwrap_or(u32::MAX));
    let mut lines = vec![count("retention-due", seen.due), count("house-retention-people", seen.people)];
    for (key, many) in [
        ("retention-kept", seen.kept),
        ("retention-restricted", seen.restricted),
        ("retention-going-on", seen.going_on),
        ("house-retention-own", seen.own_rules),
    ] {
        if many > 0 {
            lines.push(count(key, many));
        }
    }
    lines
}

fn title(t: &Locale, kind: &str, days: u32) -> String {
    let (what, span) = (labels::kinds(t, kind), span(t, days));
    t.with_all("retention-rule", &[("what", &what), ("span", &span)])
}
