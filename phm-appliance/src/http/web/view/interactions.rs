//! Whether a person's medicines go together, as a page: first how much was looked at, then what was found.

use askama::Template;
use phm_plugin_api::v1::drugs::{Finding, FindingKind, Severity};

use super::page::{Page, Tone};
use crate::http::interactions::Interactions;
use crate::i18n::Locale;

/// The page.
#[derive(Debug, Template)]
#[template(path = "interactions.html")]
pub struct InteractionsPage {
    /// Shared parts.
    pub page: Page,
    /// How much was looked at, in a sentence.
    pub looked_at: String,
    /// How that is meant.
    pub tone: Tone,
    /// Whether anything was looked at.
    pub available: bool,
    /// Whether the caller may not see everything.
    pub partial: bool,
    /// Which data it was checked against and by which plugin, in a sentence; empty where nothing was.
    pub data: String,
    /// What was looked at and what was not, under a heading each. No list is empty.
    pub lists: Vec<(String, Vec<String>)>,
    /// What some of them may be, in a sentence each.
    pub proposed: Vec<String>,
    /// What was found.
    pub findings: Vec<FindingView>,
}

/// One finding, ready to print.
#[derive(Clone, Debug)]
pub struct FindingView {
    /// The medicines.
    pub drugs: String,
    /// What it is, in words.
    pub kind: String,
    /// How bad, in words.
    pub severity: String,
    /// How that is meant.
    pub tone: Tone,
    /// Why.
    pub mechanism: String,
    /// What to do.
    pub advice: String,
    /// Who says so.
    pub source: String,
}

impl FindingView {
    /// A finding in the reader's words.
    pub fn of(t: &Locale, finding: &Finding) -> Self {
        Self {
            drugs: finding.drugs.join(" + "),
            kind: t.say(kind(finding.kind)),
            severity: t.say(severity(finding.severity)),
            tone: if finding.severity <= Severity::Major { Tone::Alert } else { Tone::Warn },
            mechanism: finding.mechanism.clone(),
            advice: finding.advice.clone(),
            source: finding.source.clone(),
        }
    }
}

impl InteractionsPage {
    /// The page of what was found.
    pub fn new(page: Page, found: &Interactions) -> Self {
        let t = page.t.clone();
        let counts = [("checked", t.number(found.checked)), ("total", t.number(found.total))];
        let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
        let failed = found.why.as_deref().filter(|why| *why != "no-plugin");
        let (looked_at, tone) = match found {
            Interactions { available: false, .. } => match failed {
                Some(code) => (t.with("interactions-failed", "code", code), Tone::Alert),
                None => (t.say("interactions-unavailable"), Tone::Alert),
            },
            Interactions { total: 0, .. } => (t.say("interactions-nothing"), Tone::Calm),
            _ if found.checked < found.total => (t.with_all("interactions-part-checked", &counts), Tone::Warn),
            _ if !found.nothing_known.is_empty() || !found.allergies_not_checked.is_empty() => {
                (t.with_all("interactions-all-checked", &counts), Tone::Warn)
            }
            _ => (t.with_all("interactions-all-checked", &counts), Tone::Calm),
        };
        let data = found
            .data_version
            .as_deref()
            .zip(found.plugin.as_deref())
            .map(|(data, plugin)| t.with_all("interactions-data", &[("data", data), ("plugin", plugin)]));
        let proposed = found.proposed.iter().map(|one| {
            t.with_all("interactions-may-be", &[("name", &one.from), ("substances", &one.ingredients.join(" + "))])
        });
        Self {
            looked_at,
            tone,
            available: found.available,
            partial: !found.complete,
            data: data.unwrap_or_default(),
            lists: lists(&t, found),
            proposed: proposed.collect(),
            findings: found.findings.iter().map(|finding| FindingView::of(&t, finding)).collect(),
            page,
        }
    }
}

/// What was looked at and what was not: first what is missing, so that nobody overlooks it.
fn lists(t: &Locale, found: &Interactions) -> Vec<(String, Vec<String>)> {
    if !found.available {
        // Nobody tried to understand a name.
        let none = (t.say("interactions-none-checked"), found.not_checked.clone());
        return Some(none).into_iter().filter(|(_, names)| !names.is_empty()).collect();
    }
    let (unknown, mut known) = (&found.nothing_known, found.checked_names.clone());
    // As many of a name as the table knows nothing of are taken out, since two medicines may have one name.
    for name in unknown {
        if let Some(at) = known.iter().position(|other| other == name) {
            known.remove(at);
        }
    }
    let lists = [
        ("interactions-not-checked", found.not_checked.clone()),
        ("interactions-nothing-known", unknown.clone()),
        ("interactions-allergies-not-checked", found.allergies_not_checked.clone()),
        ("interactions-checked", known),
        ("interactions-over", found.over.clone()),
    ];
    lists.into_iter().filter(|(_, names)| !names.is_empty()).map(|(key, names)| (t.say(key), names)).collect()
}

fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Interaction => "finding-interaction",
        FindingKind::Duplicate => "finding-duplicate",
        FindingKind::Allergy => "finding-allergy",
        FindingKind::Qt => "finding-qt",
        FindingKind::DoseSum => "finding-dose-sum",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Contraindicated => "severity-contraindicated",
        Severity::Major => "severity-major",
        Severity::Moderate => "severity-moderate",
        Severity::Minor => "severity-minor",
    }
}
