//! Who can see a person's records: grants in plain words, and what the person is to know of at once.

use askama::Template;
use phm_core::access::{Action, Grantee, Kinds, Sensitivity};
use phm_core::time::When;
use phm_core::vault::{BREAK_GLASS, Given, GrantState};

use super::page::{Page, Tone};
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// Who can see, and the form that lets somebody.
#[derive(Debug, Template)]
#[template(path = "access.html")]
pub struct Access {
    /// Shared parts.
    pub page: Page,
    /// What is to be known at once.
    pub notices: Vec<NoticeView>,
    /// Grants that open something, or will.
    pub now: Vec<GrantView>,
    /// Grants that are over.
    pub past: Vec<GrantView>,
    /// The form, for whoever may give access.
    pub form: Option<GiveForm>,
    /// Whether the reader may restrict what others do with what is kept.
    pub may_restrict: bool,
    /// Whether the reader may say for how long records are kept.
    pub may_retain: bool,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// Something to be known at once.
#[derive(Clone, Debug)]
pub struct NoticeView {
    /// The grant it is about.
    pub id: String,
    /// What happened, in a sentence.
    pub text: String,
    /// Whether it can be refused; otherwise it is put away.
    pub asked: bool,
}

/// A grant, ready to print.
#[derive(Clone, Debug)]
pub struct GrantView {
    /// The grant.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Icon of whom.
    pub icon: &'static str,
    /// What they see.
    pub what: String,
    /// What else they may do, until when, and what bounds it.
    pub facts: Vec<String>,
    /// How it stands.
    pub state: String,
    /// How that is meant.
    pub tone: Tone,
    /// Whether it is the reader's own to give up.
    pub mine: bool,
    /// Whether it broke the glass.
    pub broken: bool,
}

/// The form that lets somebody see.
#[derive(Clone, Debug, Default)]
pub struct GiveForm {
    /// Whom it can be given to: account and name with what they are.
    pub people: Vec<(String, String)>,
    /// Templates: name, title, what it is for, whether it is chosen.
    pub templates: Vec<(String, String, String, bool)>,
    /// Labels of private records: word and name.
    pub labels: Vec<(String, String)>,
    /// Who was chosen before.
    pub to: String,
    /// The reason that was typed before.
    pub purpose: String,
}

impl GrantView {
    /// A grant; `mine` says whether it is to the reader, `own` is the reader's account.
    pub fn new(t: &Locale, given: &Given, mine: bool, own: &str) -> Self {
        let (to, icon) = recipient(t, given);
        let (state, tone) = match given.state {
            GrantState::Live => ("state-live", Tone::Good),
            GrantState::Scheduled => ("state-scheduled", Tone::Calm),
            GrantState::Waiting => ("state-waiting", Tone::Calm),
            GrantState::Asked => ("state-asked", Tone::Warn),
            GrantState::Ended => ("state-ended", Tone::Calm),
            GrantState::Revoked => ("state-revoked", Tone::Calm),
        };
        let broken = given.terms.template.as_deref() == Some(BREAK_GLASS);
        Self {
            id: given.id.to_string(),
            to,
            icon: if broken { "shield-alert" } else { icon },
            what: if broken { t.say("template-break-glass") } else { kinds(t, &given.terms.kinds) },
            facts: facts(t, given, own),
            state: t.say(state),
            tone: if broken && given.state == GrantState::Live { Tone::Alert } else { tone },
            mine,
            broken,
        }
    }

    /// Whether a grant opens something, or may still.
    pub fn is_now(given: &Given) -> bool {
        !matches!(given.state, GrantState::Ended | GrantState::Revoked)
    }
}

impl NoticeView {
    /// A notice about a grant that broke the glass, or was asked for.
    pub fn new(t: &Locale, given: &Given) -> Self {
        let name = given.to_name.clone().unwrap_or_default();
        let moment = |when: phm_core::time::Instant| t.when(When::Instant(when));
        let reason = given.terms.purpose.clone().unwrap_or_default();
        let broken = given.terms.template.as_deref() == Some(BREAK_GLASS);
        let text = if broken {
            let when = moment(given.terms.starts_at);
            t.with_all("notice-broken", &[("name", &name), ("when", &when), ("reason", &reason)])
        } else if given.state == GrantState::Live {
            t.with("notice-opened", "name", name)
        } else {
            let when = given.opens_at.map(moment).unwrap_or_default();
            t.with_all("notice-asked", &[("name", &name), ("when", &when)])
        };
        Self { id: given.id.to_string(), text, asked: !broken }
    }
}

fn recipient(t: &Locale, given: &Given) -> (String, &'static str) {
    match &given.terms.to {
        Grantee::Account(_) => (given.to_name.clone().unwrap_or_else(|| t.say("person-nameless")), "user-round"),
        Grantee::Role(role) => (t.with("access-role", "role", t.say(&format!("role-{role}"))), "users"),
        Grantee::Token(_) => (t.say("access-token"), "key-round"),
        Grantee::Plugin(name) => (t.with("access-plugin", "name", name), "braces"),
        Grantee::Service(name) => (t.with("access-service", "name", name), "server"),
    }
}

/// The kinds in words; whose records they are goes without saying.
pub fn kinds(t: &Locale, kinds: &Kinds) -> String {
    let names = kinds.names();
    if names.contains(&"*") {
        return t.say("access-everything");
    }
    let shown = names.iter().filter(|name| **name != "profile" || names.len() == 1);
    shown.map(|name| labels::kinds(t, name)).collect::<Vec<_>>().join(", ")
}

fn facts(t: &Locale, given: &Given, own: &str) -> Vec<String> {
    let terms = &given.terms;
    let mut facts = Vec::new();
    let actions: Vec<String> = terms.actions.iter().map(|action| t.say(&format!("action-{action}"))).collect();
    if terms.actions.iter().any(|action| action != Action::Read) {
        facts.push(actions.join(" · "));
    }
    if given.state == GrantState::Scheduled {
        facts.push(t.with("access-from", "when", t.when(When::Instant(terms.starts_at))));
    }
    if let Some(hours) = terms.wait_hours {
        facts.push(t.count("patients-hours", u32::from(hours)));
    }
    facts.push(match terms.ends_at {
        Some(ends) => t.with("access-until", "when", t.when(When::Instant(ends))),
        None => t.say("access-until-revoked"),
    });
    let day = |when: When| t.date(t.day_of(when));
    match (terms.from, terms.to_date) {
        (Some(from), Some(to)) => {
            facts.push(t.with_all("access-between", &[("from", &day(from)), ("to", &day(to))]));
        }
        (Some(from), None) => facts.push(t.with("access-only-from", "from", day(from))),
        (None, Some(to)) => facts.push(t.with("access-only-to", "to", day(to))),
        (None, None) => {}
    }
    if !terms.hosts.is_empty() {
        facts.push(t.with("plugin-sends", "hosts", terms.hosts.join(", ")));
    }
    if let Some(records) = &terms.records {
        facts.push(t.count("access-chosen", u32::try_from(records.len()).unwrap_or(u32::MAX)));
    }
    if !terms.labels.is_empty() {
        let names: Vec<String> = terms.labels.iter().map(|label| t.say(&format!("label-{label}"))).collect();
        facts.push(t.with("access-also-private", "labels", names.join(", ")));
    }
    facts.extend(terms.purpose.clone());
    if given.given_by.id != own && terms.template.as_deref() != Some(BREAK_GLASS) {
        let name =
            if given.given_by.r#type == "operator" { t.say("actor-operator") } else { given.given_by.name.clone() };
        facts.push(t.with("access-by", "name", name));
    }
    facts
}

impl GiveForm {
    /// The form with nothing chosen.
    pub fn new(t: &Locale, people: Vec<(String, String)>) -> Self {
        let templates = phm_core::access::Template::ALL.iter().enumerate().map(|(at, template)| {
            let key = format!("template-{}", template.name);
            (template.name.to_owned(), t.say(&key), t.say(&format!("{key}-for")), at == 0)
        });
        let label = |label: &Sensitivity| (label.to_string(), t.say(&format!("label-{label}")));
        Self {
            people,
            templates: templates.collect(),
            labels: Sensitivity::ALL.iter().map(label).collect(),
            to: String::new(),
            purpose: String::new(),
        }
    }
}
