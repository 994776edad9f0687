//! Restricting what is kept: records that nobody else uses until it is lifted.

use std::sync::Arc;

use phm_core::id::RecordId;
use phm_core::vault::Restriction;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Told;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What is to be restricted: everything, or these records.
#[derive(Object)]
struct WantedRestriction {
    /// Everything about the person, also what is added later.
    everything: Option<bool>,
    /// The records, by id; at most a thousand.
    records: Option<Vec<String>>,
    /// Why, in a few words.
    reason: Option<String>,
}

/// A record that is restricted.
#[derive(Object)]
struct HeldRecord {
    /// The record.
    id: String,
    /// Its kind; none where it is not there any more.
    kind: Option<String>,
}

/// Who restricted records.
#[derive(Object)]
struct RestrictedBy {
    /// `person` or `operator`.
    r#type: String,
    /// The account.
    id: String,
    /// The name people know them by.
    name: String,
}

/// A restriction as those who answer for the person see it.
#[derive(Object)]
struct HeldRestriction {
    /// The restriction's own id.
    id: String,
    /// Whether it closes everything about the person, also what is added later.
    everything: bool,
    /// The records it closes, where it does not close everything.
    records: Vec<HeldRecord>,
    /// Why.
    reason: Option<String>,
    /// Who restricted them.
    by: RestrictedBy,
    /// Since when.
    since: String,
}

/// Restrictions.
pub struct Restrictions;

#[OpenApi(tag = "Chapter::Consent")]
impl Restrictions {
    /// What of a person's records is restricted, newest first, for whoever answers for the person.
    #[oai(path = "/profiles/:profile/restrictions", method = "get", operation_id = "restrictions_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<Restriction, HeldRestriction>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let held = house.with(&caller, move |session| Ok(session.restrictions(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(held.into_iter().map(As::new).collect()))
    }

    /// Restrict records: they are kept and stay open to those who answer for the person; providers, carers, programs,
    /// plugins and links use them no more, whatever was granted, until it is lifted.
    #[oai(path = "/profiles/:profile/restrictions", method = "post", operation_id = "restrictions_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Told<WantedRestriction>,
    ) -> Result<Created<As<Restriction, HeldRestriction>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let made =
            house.with(&caller, move |session| Ok(session.restrict(profile.resolve(session)?, &body.value)?)).await?;
        Ok(Created::new(As::new(made)))
    }

    /// Lift a restriction: what was granted opens again what it names.
    #[oai(path = "/profiles/:profile/restrictions/:id", method = "delete", operation_id = "restrictions_lift")]
    async fn lift(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let lifted = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            // Strangers learn nothing of it, whatever they send.
            session.restrictions(profile)?;
            let id: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
            Ok(session.lift_restriction(profile, id)?)
        });
        lifted.await?;
        Ok(NoContent::default())
    }
}
