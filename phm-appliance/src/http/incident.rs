//! A report about what happened: what the log of the vault says, and the devices that were signed in.

use phm_core::access::AccountId;
use phm_core::time::{Instant, When};
use phm_core::vault::{Incident, IncidentQuery};
use serde::Serialize;

use super::guard::SignedIn;
use super::house::House;
use super::problem::Problem;
use crate::auth::session::Door;

/// A sign-in of an account that did something.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentSession {
    /// The session.
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// `api` or `web`.
    pub door: &'static str,
    /// The device, by its own words.
    pub agent: String,
    /// When they signed in.
    pub created_at: Instant,
    /// When it was last used to get new tokens.
    pub used_at: Instant,
}

/// What a breach report needs.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// When it was made.
    pub made_at: Instant,
    /// What the log says.
    #[serde(flatten)]
    pub incident: Incident,
    /// The sign-ins of these accounts that have not ended and were there at that time.
    pub sessions: Vec<IncidentSession>,
}

/// Reads what is asked for: two moments or days, the second inclusive where it is a day, and an account or nothing.
///
/// # Errors
/// 422 with the place that is wrong.
pub fn asked(from: &str, to: &str, account: &str) -> Result<IncidentQuery, Problem> {
    let when = |path: &'static str, text: &str| -> Result<When, Problem> {
        text.trim().parse().map_err(|_| Problem::invalid(path, "invalid-instant"))
    };
    let account: Option<AccountId> = match account.trim() {
        "" => None,
        id => Some(id.parse().map_err(|_| Problem::invalid("/account", "invalid-id"))?),
    };
    Ok(IncidentQuery { from: when("/from", from)?.first(), to: when("/to", to)?.end(), account })
}

/// The report, for whoever runs the house.
///
/// # Errors
/// 403 for anybody else; 422 for a stretch of time that means nothing.
pub async fn report(house: &House, caller: &SignedIn, asked: IncidentQuery) -> Result<Report, Problem> {
    let (incident, made_at) = house.with(caller, move |session| Ok((session.incident(&asked)?, session.now()))).await?;
    let mut accounts: Vec<AccountId> = incident.actors.iter().filter_map(|actor| actor.account).collect();
    accounts.sort();
    accounts.dedup();
    let opened = house.open()?;
    let found = opened.desk(move |desk| {
        let mut found = Vec::new();
        for account in accounts {
            found.extend(desk.sessions(account)?);
        }
        Ok(found)
    });
    let there = found.await?.into_iter().filter(|sign_in| sign_in.created_at < asked.to);
    let sessions = there.map(|sign_in| IncidentSession {
        id: sign_in.id.to_string(),
        account: sign_in.account.to_string(),
        door: if sign_in.door == Door::Api { "api" } else { "web" },
        agent: sign_in.agent,
        created_at: sign_in.created_at,
        used_at: sign_in.used_at,
    });
    Ok(Report { made_at, sessions: sessions.collect(), incident })
}
