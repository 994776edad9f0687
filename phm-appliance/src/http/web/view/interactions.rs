//! Whether a person's medicines go together, as a page: first how much was looked at, then what was found.

use askama::Template;
use phm_plugin_api::v1::drugs::{Finding, FindingKind, Severity};

use super::page::{Page, Tone};
use crate::http::interactions::Interactions;

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
    /// Whether the caller may not see everything.
    pub partial: bool,
    /// Which data it was checked against; empty where nothing was.
    pub data: String,
    /// Medicines that were not looked at.
    pub not_checked: Vec<String>,
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

impl InteractionsPage {
    /// The page of what was found.
    pub fn new(page: Page, found: &Interactions) -> Self {
        let t = page.t.clone();
        let counts = [("checked", t.number(found.checked)), ("total", t.number(found.total))];
        let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
        let (key, tone) = match found {
            Interactions { available: false, .. } => ("interactions-unavailable", Tone::Alert),
            Interactions { total: 0, .. } => ("interactions-nothing", Tone::Calm),
            _ if found.checked < found.total => ("interactions-part-checked", Tone::Warn),
            _ => ("interactions-all-checked", Tone::Calm),
        };
        let proposed = found.proposed.iter().map(|one| {
            t.with_all("interactions-may-be", &[("name", &one.from), ("substances", &one.ingredients.join(" + "))])
        });
        let view = |finding: &Finding| FindingView {
            drugs: finding.drugs.join(" + "),
            kind: t.say(kind(finding.kind)),
            severity: t.say(severity(finding.severity)),
            tone: if finding.severity <= Severity::Major { Tone::Alert } else { Tone::Warn },
            mechanism: finding.mechanism.clone(),
            advice: finding.advice.clone(),
            source: finding.source.clone(),
        };
        Self {
            looked_at: t.with_all(key, &counts),
            tone,
            partial: !found.complete,
            data: found.data_version.clone().unwrap_or_default(),
            not_checked: found.not_checked.clone(),
            proposed: proposed.collect(),
            findings: found.findings.iter().map(view).collect(),
            page,
        }
    }
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
