//! `phm grant`: who may see a person's records, for how long, and its end.

use clap::{Args, Subcommand};
use phm_core::access::{Action, GrantId, Template};
use phm_core::id::ProfileId;
use phm_core::vault::{Given, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Place;
use super::output::{Answer, Failure};

/// `phm grant …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Grant {
    /// Let somebody do something with a person's records
    Add(Box<Terms>),
    /// List the grants on a person's records
    List {
        /// Whose records
        #[arg(long, value_name = "ID")]
        profile: ProfileId,
    },
    /// Take a grant back; whatever it opened closes at once
    Revoke {
        /// Whose records
        #[arg(long, value_name = "ID")]
        profile: ProfileId,
        /// The grant
        id: GrantId,
    },
    /// List the templates
    Templates,
}

/// What is granted.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Terms {
    /// Whose records
    #[arg(long, value_name = "ID")]
    profile: ProfileId,
    /// To whom: an e-mail address, role:NAME, token:ID, plugin:NAME or service:NAME
    #[arg(long)]
    to: String,
    /// A template of `phm grant templates`; what is said beside it goes first
    #[arg(long)]
    template: Option<String>,
    /// A kind of record, or `*` for all; may be given several times
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// read, add, amend, share or export; may be given several times
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<String>,
    /// Only records that occurred from here on
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only records that occurred up to here, inclusive
    #[arg(long, value_name = "DATE")]
    to_date: Option<String>,
    /// A label of sensitive records it covers too: mental-health, sexual-health or private-note
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// A host to which a plugin may send what it reads
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Why
    #[arg(long)]
    purpose: Option<String>,
    /// First moment or day; now, unless said otherwise
    #[arg(long, value_name = "TIME")]
    starts_at: Option<String>,
    /// First moment after it, or last day; without it, until it is revoked
    #[arg(long, value_name = "TIME")]
    ends_at: Option<String>,
}

/// `phm grant …`
pub fn grant(place: &Place, grant: &Grant) -> Result<Answer, Failure> {
    match grant {
        Grant::Add(terms) => place.with("granting access", |_, session| {
            let given = session.give(terms.profile, &body(terms, session)?)?;
            Ok(Answer::new(value(&given)?, format!("Granted as {}.", given.id)))
        }),
        Grant::List { profile } => place.with("listing grants", |_, session| {
            let given = session.grants(*profile)?;
            let text: String = given.iter().map(line).collect();
            let text = if text.is_empty() { "No grants on these records.".to_owned() } else { text };
            let all = given.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            Ok(Answer::new(json!({ "grants": all }), text))
        }),
        Grant::Revoke { profile, id } => place.with("revoking a grant", |_, session| {
            let given = session.revoke(*profile, *id)?;
            Ok(Answer::new(value(&given)?, format!("Revoked {id}.")))
        }),
        Grant::Templates => Ok(templates()),
    }
}

fn value(given: &Given) -> Result<Value, Failure> {
    serde_json::to_value(given).map_err(|error| Failure::new("internal", error.to_string()))
}

/// The terms as the core reads them; what was not said stays open for the template.
fn body(terms: &Terms, session: &Session) -> Result<Value, Failure> {
    let to = match terms.to.split_once(':') {
        Some((sort @ ("role" | "token" | "plugin" | "service"), name)) => json!({ sort: name }),
        _ => json!({"account": session.account_by_email(&terms.to)?}),
    };
    let mut body = json!({ "to": to });
    for (name, list) in
        [("kinds", &terms.kinds), ("actions", &terms.actions), ("labels", &terms.labels), ("hosts", &terms.hosts)]
    {
        if !list.is_empty() {
            body[name] = json!(list);
        }
    }
    for (name, text) in [
        ("template", &terms.template),
        ("from", &terms.from),
        ("to_date", &terms.to_date),
        ("purpose", &terms.purpose),
        ("starts_at", &terms.starts_at),
        ("ends_at", &terms.ends_at),
    ] {
        if let Some(text) = text {
            body[name] = json!(text);
        }
    }
    Ok(body)
}

/// A grant on one line.
fn line(given: &Given) -> String {
    let to = json!(given.terms.to);
    let to = given.to_name.clone().or_else(|| {
        let (sort, name) = to.as_object()?.iter().next()?;
        Some(format!("{sort} {}", name.as_str()?))
    });
    let state = json!(given.state);
    let until = given.terms.ends_at.map_or_else(|| "until revoked".to_owned(), |ends| format!("until {ends}"));
    format!(
        "{}  {:<9} {:<24} {} ({})  {until}\n",
        given.id,
        state.as_str().unwrap_or_default(),
        to.unwrap_or_default(),
        given.terms.kinds.names().join(" "),
        given.terms.actions.iter().map(Action::as_str).collect::<Vec<_>>().join(" "),
    )
}

fn templates() -> Answer {
    let card = |template: &Template| {
        json!({
            "name": template.name, "kinds": template.kinds, "actions": template.set(), "hours": template.hours,
            "wait_hours": template.wait_hours,
        })
    };
    let line = |template: &Template| {
        let hours = template.hours.map_or_else(|| "until revoked".to_owned(), |hours| format!("{hours} hours"));
        format!("{:<20} {hours:<14} {}\n", template.name, template.kinds.join(" "))
    };
    let all: Vec<Value> = Template::ALL.iter().map(card).collect();
    Answer::new(json!({ "templates": all }), Template::ALL.iter().map(line).collect::<String>())
}
