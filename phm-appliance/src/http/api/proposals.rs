//! Having documents read, and deciding on what plugins propose.

use std::sync::Arc;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_plugins::proposals;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Body;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::reading;

/// The longest purpose.
const LONGEST: usize = 200;

/// Whether a plugin may read a document.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct ReadingConsent {
    /// What for: lets the plugin read this one document, for fifteen minutes. Without it the plugin needs a grant.
    #[serde(default)]
    consent: Option<String>,
}

/// A proposal as somebody accepts it.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct AcceptedProposal {
    /// The body where it is amended; that of the proposal where it is not.
    #[serde(default)]
    body: Option<Value>,
}

/// Proposals.
pub struct Proposals;

#[OpenApi(tag = "Chapter::Plugins")]
impl Proposals {
    /// Has a document read by the document plugin that is on: `{"plugin","version","proposals":[id],"pages","not_understood":
    /// [{"text","page","box"?,"why"}],"unreadable","accepted"?:[id]}`. What it finds waits until somebody accepts or rejects it;
    /// `accepted` are the records that a rule of acceptance made of it.
    #[oai(path = "/profiles/:profile/documents/:id/reading", method = "post", operation_id = "document_reading")]
    async fn reading(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        body: Body<ReadingConsent>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let (profile, id) = (ProfileName::read(&profile.0)?, record(&id.0)?);
        let consent = body.0.consent;
        if consent.as_ref().is_some_and(|purpose| purpose.trim().is_empty() || purpose.len() > LONGEST) {
            return Err(Problem::invalid("/consent", "invalid-value"));
        }
        let outcome = house.with(&caller, move |at| reading::read(at, profile.resolve(at)?, id, consent.as_deref()));
        Ok(Answer::new(Any(json!(outcome.await?))))
    }

    /// What plugins propose about a person and the caller may decide on, oldest first: `{"id","plugin","version","kind","body",
    /// "evidence":{"document","page","box","text"},"proposed_at","held"?}`. `held` says why a medicine waits that a rule of acceptance
    /// would have accepted: `medicine-alert`, `medicine-unknown`, `medicine-not-compared` or `medicine-not-checked`; it is told to
    /// who sees all medicines and allergies.
    #[oai(path = "/profiles/:profile/proposals", method = "get", operation_id = "proposals_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let waiting = house.with(&caller, move |at| {
            let profile = profile.resolve(at)?;
            at.permit(Action::Read, profile, "document")?;
            Ok(proposals::waiting(&at.vault, at, profile)?)
        });
        Ok(Answer::new(Any(json!(waiting.await?))))
    }

    /// Make the record that was proposed, or with a `body` the one that somebody made of it. Its provenance names the plugin
    /// with its version, and the file, page and place it was found at.
    #[oai(path = "/profiles/:profile/proposals/:id/accept", method = "post", operation_id = "proposals_accept")]
    async fn accept(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        body: Body<AcceptedProposal>,
    ) -> Result<Created<Any<Value>>, Problem> {
        let (profile, id) = (ProfileName::read(&profile.0)?, record(&id.0)?);
        let amended = body.0.body;
        let made = house.with(&caller, move |at| {
            Ok(proposals::accept_as(&at.vault, at, profile.resolve(at)?, id, amended.as_ref())?)
        });
        Ok(Created::new(Any(json!(made.await?))))
    }

    /// Forget what was proposed. It is not proposed again when the document is read again.
    #[oai(path = "/profiles/:profile/proposals/:id/reject", method = "post", operation_id = "proposals_reject")]
    async fn reject(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let (profile, id) = (ProfileName::read(&profile.0)?, record(&id.0)?);
        house.with(&caller, move |at| Ok(proposals::reject(&at.vault, at, profile.resolve(at)?, id)?)).await?;
        Ok(NoContent::default())
    }
}

fn record(id: &str) -> Result<RecordId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}
