//! Rules by which what plugins propose is accepted without being looked at.

use std::sync::Arc;

use phm_core::id::RecordId;
use phm_plugins::acceptance::{self, Card, Wanted};
use phm_plugins::taken_back::end_and_take_back;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::place::ProfileName;
use super::sign_in::reader;
use crate::http::body::Body;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::telling::tell_of_rule;

/// What is to be accepted without being looked at.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct WantedAcceptance {
    /// The plugin, by name; it is on.
    plugin: String,
    /// The kind of record, which the plugin may propose.
    kind: String,
    /// Has to be true for `allergy dose medication prescription`: a wrong one can harm, and nobody will have looked at it.
    #[serde(default)]
    despite_harm: Option<bool>,
}

/// A rule, and whether it holds.
#[derive(Object)]
struct AcceptanceRule {
    /// The rule's own id, which stands in the provenance of what it accepts.
    id: String,
    /// The plugin.
    plugin: String,
    /// Its version when the rule was made.
    version: String,
    /// Whose signature it carried then.
    signer: String,
    /// The kind of record.
    kind: String,
    /// The account that made it.
    made_by: String,
    /// When.
    made_at: String,
    /// How many records it has accepted.
    accepted: u64,
    /// `holds`, or why it does not: `restored plugin-changed maker-may-not not-granted sees-sensitive`.
    state: String,
}

/// Rules of acceptance.
pub struct Acceptances;

#[OpenApi(tag = "Chapter::Plugins")]
impl Acceptances {
    /// The rules by which what plugins propose about a person is accepted, oldest first, for whoever answers for the
    /// person.
    #[oai(path = "/profiles/:profile/acceptance-rules", method = "get", operation_id = "acceptance_rules_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<Card, AcceptanceRule>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let rules = house.with(&caller, move |at| Ok(acceptance::rules(&at.vault, at, profile.resolve(at)?)?)).await?;
        Ok(Answer::new(rules.into_iter().map(As::new).collect()))
    }

    /// Accept what this plugin proposes of this kind without looking at it, from now on; a rule about both from before ends. It is
    /// over for good when package, author or permissions of the plugin change, and what is sensitive waits all the same.
    #[oai(path = "/profiles/:profile/acceptance-rules", method = "post", operation_id = "acceptance_rules_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        request: &Request,
        body: Body<WantedAcceptance>,
    ) -> Result<Created<As<Card, AcceptanceRule>>, Problem> {
        let (profile, t) = (ProfileName::read(&profile.0)?, reader(request));
        let WantedAcceptance { plugin, kind, despite_harm } = body.0;
        let wanted = Wanted { plugin, kind, despite_harm: despite_harm == Some(true), shown: None };
        let made = house.with(&caller, move |at| {
            let profile = profile.resolve(at)?;
            Ok((profile, acceptance::make(&at.vault, at, profile, &wanted)?))
        });
        let (profile, rule) = made.await?;
        // Whoever else answers for the person is to know what nobody looks at any more.
        tell_of_rule(&house, profile, t).await;
        Ok(Created::new(As::new(rule)))
    }

    /// End a rule: what the plugin proposes waits for somebody again. What the rule accepted stays; with `take_back=true` it is
    /// removed as far as nobody has changed it since, and its history stays.
    #[oai(path = "/profiles/:profile/acceptance-rules/:id", method = "delete", operation_id = "acceptance_rules_end")]
    async fn end(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        take_back: Query<Option<bool>>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let id: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        let ended = house.with(&caller, move |at| {
            let profile = profile.resolve(at)?;
            if take_back.0 == Some(true) {
                end_and_take_back(&at.vault, at, profile, id)?;
            } else {
                acceptance::end(&at.vault, at, profile, id)?;
            }
            Ok(())
        });
        ended.await?;
        Ok(NoContent::default())
    }
}
