//! What a breach report needs, for admins.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::http::described::As;
use crate::http::envelope::Answer;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::incident::{self, Report};
use crate::http::problem::Problem;

/// An actor as the log names them.
#[derive(Object)]
struct IncidentWho {
    /// `person token plugin service operator gate`.
    r#type: String,
    /// The account, token or grant; a plugin's name.
    id: String,
    /// The name of today.
    name: String,
}

/// Somebody who did something.
#[derive(Object)]
struct IncidentActorCard {
    /// Who.
    actor: IncidentWho,
    /// The account they are, or act for.
    account: Option<String>,
    /// Its e-mail address.
    email: Option<String>,
    /// Its roles.
    roles: Vec<String>,
    /// When they first did something.
    first_at: String,
    /// When they last did.
    last_at: String,
    /// How many people's records they touched.
    people: u64,
    /// How often they touched records, by kind.
    records: BTreeMap<String, u64>,
    /// How often they were refused.
    refused: u64,
}

/// What somebody did with one kind of record within an hour.
#[derive(Object)]
struct IncidentEventCard {
    /// The hour.
    hour: String,
    /// Who.
    actor: IncidentWho,
    /// What was done: `read add amend export share …`.
    action: String,
    /// `allowed refused failed`.
    outcome: String,
    /// The kind of record.
    kind: Option<String>,
    /// How many records, or how many times.
    count: u64,
    /// How many people they are about.
    people: u64,
}

/// A token of an account that did something.
#[derive(Object)]
struct IncidentTokenCard {
    /// The token.
    id: String,
    /// Whose it is.
    account: String,
    /// What it is called.
    name: String,
    /// On which kinds of record.
    kinds: Vec<String>,
    /// What it may do.
    actions: Vec<String>,
    /// On how many people's records.
    people: u64,
    /// When it was made.
    made_at: Option<String>,
    /// Until when it holds.
    expires_at: Option<String>,
    /// Whether it was taken back.
    revoked: bool,
}

/// To whom something was granted: one of these.
#[derive(Object)]
struct IncidentGrantee {
    /// An account.
    account: Option<String>,
    /// Everybody in a role.
    role: Option<String>,
    /// A token.
    token: Option<String>,
}

/// What was granted to an account that did something.
#[derive(Object)]
struct IncidentGrantCard {
    /// The grant.
    id: String,
    /// To whom.
    to: IncidentGrantee,
    /// On which kinds of record.
    kinds: Vec<String>,
    /// What may be done with them.
    actions: Vec<String>,
    /// From when on.
    starts_at: String,
    /// Until when.
    ends_at: Option<String>,
    /// When it was taken back.
    revoked_at: Option<String>,
    /// The template it was made from, such as `break-glass`.
    template: Option<String>,
}

/// A sign-in of an account that did something.
#[derive(Object)]
struct IncidentSessionCard {
    /// The session.
    id: String,
    /// Whose it is.
    account: String,
    /// `api` or `web`.
    door: String,
    /// The device, by its own words.
    agent: String,
    /// When they signed in.
    created_at: String,
    /// When it was last used to get new tokens.
    used_at: String,
}

/// What a breach report needs, without anything of a record.
#[derive(Object)]
struct IncidentReport {
    /// When it was made.
    made_at: String,
    /// From when on.
    from: String,
    /// First moment after it.
    to: String,
    /// How many people records were touched of.
    people: u64,
    /// How often records were touched, by kind.
    records: BTreeMap<String, u64>,
    /// Who did something, whoever touched most records first.
    actors: Vec<IncidentActorCard>,
    /// What happened, by the hour, oldest first.
    events: Vec<IncidentEventCard>,
    /// The tokens of these accounts.
    tokens: Vec<IncidentTokenCard>,
    /// What was granted to these accounts at that time.
    grants: Vec<IncidentGrantCard>,
    /// Their sign-ins that have not ended and were there at that time.
    sessions: Vec<IncidentSessionCard>,
    /// Whether there are more lines of what happened than stand here; numbers are of all.
    truncated: bool,
    /// Rows of the log that could not be read.
    unreadable: u64,
}

/// Reports of incidents.
pub struct Incidents;

#[OpenApi(tag = "Chapter::Accounts")]
impl Incidents {
    /// What happened in a stretch of time: who did what and when, to how many people and with which kinds of record, by
    /// which sessions, tokens and grants. Nothing of a record, and nobody's name but those of accounts.
    #[oai(path = "/incident", method = "get", operation_id = "incident_report")]
    async fn report(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        from: Query<String>,
        to: Query<String>,
        account: Query<Option<String>>,
    ) -> Result<Answer<As<Report, IncidentReport>>, Problem> {
        house.with(&caller, |session| Ok(session.runs_the_house()?)).await?;
        let asked = incident::asked(&from.0, &to.0, account.0.as_deref().unwrap_or_default())?;
        Ok(Answer::new(As::new(incident::report(&house, &caller, asked).await?)))
    }
}
