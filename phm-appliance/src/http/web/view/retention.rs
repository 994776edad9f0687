//! For how long records are kept, in plain words, and what that would destroy.

use askama::Template;
use phm_core::time::{Instant, When};
use phm_core::vault::{RetentionPreview, RetentionProposal, RetentionRule};

use super::house_retention::of_a_person;
use super::page::{Page, Tone};
use crate::http::web::forms::{labels, layout};
use crate::i18n::Locale;

/// Days of a year, as rules count them.
pub const YEAR: u32 = 365;

/// The rules of a person, and the form that makes one.
#[derive(Debug, Template)]
#[template(path = "retention.html")]
pub struct Retention {
    /// Shared parts.
    pub page: Page,
    /// What the house proposes and nobody has answered.
    pub proposals: Vec<RuleView>,
    /// The rules.
    pub rules: Vec<RuleView>,
    /// Kinds to choose from: word and name.
    pub kinds: Vec<(String, String)>,
    /// The kind that was chosen.
    pub kind: String,
    /// The years that were typed.
    pub years: String,
    /// What a rule that is not made yet would destroy; nothing where none was looked at.
    pub preview: Option<Vec<String>>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// A rule, ready to print.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// The kind.
    pub kind: String,
    /// For how many days.
    pub days: u32,
    /// What is kept for how long.
    pub title: String,
    /// From when on, and what it would destroy.
    pub facts: Vec<String>,
    /// Whether something is about to go.
    pub tone: Tone,
    /// How it stands.
    pub state: String,
}

impl Retention {
    /// The page with these rules and nothing chosen.
    pub fn new(page: Page, rules: &[RetentionRule], proposals: &[RetentionProposal], now: Instant) -> Self {
        let t = page.t.clone();
        Self {
            proposals: proposals.iter().map(|one| of_a_person(&t, one)).collect(),
            rules: rules.iter().map(|rule| RuleView::new(&t, rule, now)).collect(),
            kinds: kinds(&t),
            kind: String::new(),
            years: String::new(),
            preview: None,
            errors: Vec::new(),
            page,
        }
    }
}

impl RuleView {
    fn new(t: &Locale, rule: &RetentionRule, now: Instant) -> Self {
        let preview = &rule.preview;
        let begun = rule.begins_at <= now;
        let mut facts = outlook(t, preview);
        let when = t.when(When::Instant(rule.begins_at));
        facts.insert(0, t.with(if begun { "retention-since" } else { "retention-from" }, "when", when));
        let (what, span) = (labels::kinds(t, &preview.kind), span(t, preview.days));
        Self {
            kind: preview.kind.clone(),
            days: preview.days,
            title: t.with_all("retention-rule", &[("what", &what), ("span", &span)]),
            facts,
            tone: if preview.due > 0 { Tone::Warn } else { Tone::Calm },
            state: t.say(if begun { "retention-on" } else { "retention-soon" }),
        }
    }
}

/// Kinds a rule can be about: word and name.
pub fn kinds(t: &Locale) -> Vec<(String, String)> {
    let kinds = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty());
    kinds.map(|layout| (layout.kind.to_owned(), labels::kinds(t, layout.kind))).collect()
}

/// What would go, and what is kept all the same.
pub fn outlook(t: &Locale, preview: &RetentionPreview) -> Vec<String> {
    let count = |key: &str, many: u64| t.count(key, u32::try_from(many).unwrap_or(u32::MAX));
    let day = |at: Instant| t.date(t.local_date(at));
    let mut lines = vec![count("retention-due", preview.due)];
    if let (Some(oldest), Some(newest)) = (preview.oldest, preview.newest) {
        lines.push(t.with_all("retention-between", &[("from", &day(oldest)), ("to", &day(newest))]));
    }
    if preview.kept > 0 {
        lines.push(count("retention-kept", preview.kept));
    }
    if preview.restricted > 0 {
        lines.push(count("retention-restricted", preview.restricted));
    }
    if preview.going_on > 0 {
        lines.push(count("retention-going-on", preview.going_on));
    }
    lines
}

/// A length of time in years where it is whole ones, else in days.
pub fn span(t: &Locale, days: u32) -> String {
    if days.is_multiple_of(YEAR) { t.count("retention-years", days / YEAR) } else { t.count("retention-days", days) }
}
