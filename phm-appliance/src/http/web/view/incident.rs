//! A report about what happened, to be read, printed and taken along; it holds nothing of a record.

use askama::Template;
use phm_core::access::{ActorRef, Grantee};
use phm_core::time::{Instant, When};

use super::page::Page;
use crate::http::incident::Report;
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// Lines of what happened that a page shows; the file has all.
const LINES: usize = 500;

/// The page that asks for a report, and shows it.
#[derive(Debug, Template)]
#[template(path = "incident.html")]
pub struct IncidentPage {
    /// Shared parts.
    pub page: Page,
    /// The first day, as the form has it.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The account that was chosen; empty for all.
    pub account: String,
    /// The accounts to choose from: id and name.
    pub accounts: Vec<(String, String)>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
    /// The report, where one was asked for.
    pub report: Option<ReportView>,
}

/// A report, ready to print.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// Address of the file.
    pub file: String,
    /// When it was made and what it is about, in words.
    pub facts: Vec<String>,
    /// Kinds of records and how often they were touched.
    pub records: Vec<(String, String)>,
    /// Tables: title, names of columns, rows.
    pub tables: Vec<Table>,
    /// What is missing; empty for nothing.
    pub missing: Vec<String>,
}

impl ReportView {
    /// The report as a page shows it; `file` is where it can be had whole.
    pub fn new(t: &Locale, report: &Report, file: String) -> Self {
        let incident = &report.incident;
        let mut missing = Vec::new();
        if incident.truncated || incident.events.len() > LINES {
            missing.push(t.say("incident-more"));
        }
        if incident.unreadable > 0 {
            missing.push(t.with("incident-unreadable", "count", t.number(incident.unreadable)));
        }
        let (from, to) = (moment(t, incident.from), moment(t, incident.to));
        Self {
            file,
            facts: vec![
                t.with_all("incident-span", &[("from", &from), ("to", &to)]),
                t.with("incident-made", "when", moment(t, report.made_at)),
                t.with("incident-people", "count", t.number(incident.people)),
            ],
            records: incident.records.iter().map(|(kind, count)| (kind_of(t, kind), t.number(count))).collect(),
            tables: vec![
                actors(t, report),
                events(t, report),
                sessions(t, report),
                tokens(t, report),
                grants(t, report),
            ],
            missing,
        }
    }
}

/// A table: its title, the names of its columns, its rows.
type Table = (String, Vec<String>, Vec<Vec<String>>);

fn moment(t: &Locale, at: Instant) -> String {
    t.when(When::Instant(at))
}

fn maybe(t: &Locale, at: Option<Instant>) -> String {
    at.map(|at| moment(t, at)).unwrap_or_default()
}

fn columns(t: &Locale, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| t.say(&format!("incident-column-{name}"))).collect()
}

fn kind_of(t: &Locale, kind: &str) -> String {
    match kind {
        "unknown" => t.say("incident-kind-unknown"),
        // No kind of record: a call about nobody.
        "plugin" => t.say("incident-kind-plugin"),
        _ => labels::kinds(t, kind),
    }
}

fn kinds(t: &Locale, kinds: &[String]) -> String {
    let name = |kind: &String| if kind == "*" { t.say("audit-everything") } else { labels::kinds(t, kind) };
    kinds.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn name(t: &Locale, actor: &ActorRef) -> String {
    match &*actor.r#type {
        "operator" => t.say("actor-operator"),
        "gate" => t.say("alert-door"),
        _ if actor.name.is_empty() => actor.id.clone(),
        _ => actor.name.clone(),
    }
}

fn actors(t: &Locale, report: &Report) -> Table {
    let row = |one: &phm_core::vault::IncidentActor| {
        let records = one.records.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        vec![
            name(t, &one.actor),
            one.email.clone().unwrap_or_default(),
            moment(t, one.first_at),
            moment(t, one.last_at),
            t.number(one.people),
            t.number(records),
            t.number(one.refused),
        ]
    };
    let names = columns(t, &["who", "email", "first", "last", "people", "records", "refused"]);
    (t.say("incident-actors"), names, report.incident.actors.iter().map(row).collect())
}

fn events(t: &Locale, report: &Report) -> Table {
    let row = |one: &phm_core::vault::IncidentEvent| {
        vec![
            moment(t, one.hour),
            name(t, &one.actor),
            t.first_of(&[&format!("incident-action-{}", one.action)]).unwrap_or_else(|| one.action.to_owned()),
            t.first_of(&[&format!("incident-outcome-{}", one.outcome)]).unwrap_or_else(|| one.outcome.to_owned()),
            one.kind.as_deref().map(|kind| kind_of(t, kind)).unwrap_or_default(),
            t.number(one.count),
            t.number(one.people),
        ]
    };
    let names = columns(t, &["hour", "who", "action", "outcome", "kind", "count", "people"]);
    (t.say("incident-events"), names, report.incident.events.iter().take(LINES).map(row).collect())
}

fn sessions(t: &Locale, report: &Report) -> Table {
    let row = |one: &crate::http::incident::IncidentSession| {
        vec![owner(t, report, &one.account), one.agent.clone(), moment(t, one.created_at), moment(t, one.used_at)]
    };
    let names = columns(t, &["who", "device", "since", "last"]);
    (t.say("incident-sessions"), names, report.sessions.iter().map(row).collect())
}

fn tokens(t: &Locale, report: &Report) -> Table {
    let row = |one: &phm_core::vault::IncidentToken| {
        vec![
            owner(t, report, &one.account.to_string()),
            one.name.clone(),
            kinds(t, &one.kinds),
            maybe(t, one.made_at),
            maybe(t, one.expires_at),
            if one.revoked { t.say("state-revoked") } else { String::new() },
        ]
    };
    let names = columns(t, &["who", "token", "kind", "since", "until", "state"]);
    (t.say("incident-tokens"), names, report.incident.tokens.iter().map(row).collect())
}

fn grants(t: &Locale, report: &Report) -> Table {
    let to = |to: &Grantee| match to {
        Grantee::Account(id) => owner(t, report, &id.to_string()),
        Grantee::Role(role) => t.say(&format!("role-{role}")),
        Grantee::Token(id) => id.to_string(),
        Grantee::Plugin(name) | Grantee::Service(name) => name.clone(),
    };
    let row = |one: &phm_core::vault::IncidentGrant| {
        vec![
            to(&one.to),
            kinds(t, &one.kinds),
            one.template.clone().unwrap_or_default(),
            moment(t, one.starts_at),
            maybe(t, one.ends_at),
            maybe(t, one.revoked_at),
        ]
    };
    let names = columns(t, &["who", "kind", "template", "since", "until", "revoked"]);
    (t.say("incident-grants"), names, report.incident.grants.iter().map(row).collect())
}

/// The name of the person whose account this is, where they did something themselves.
fn owner(t: &Locale, report: &Report, account: &str) -> String {
    let own = report.incident.actors.iter().find(|one| one.actor.r#type == "person" && one.actor.id == account);
    own.map_or_else(|| account.to_owned(), |one| name(t, &one.actor))
}
