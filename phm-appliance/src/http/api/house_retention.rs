//! Retention for the whole house: what administrators propose, what it comes to, and what a person answers.

use std::sync::Arc;

use phm_core::vault::{HouseOutlook, HouseRule, RetentionProposal, RetentionRule};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::place::ProfileName;
use super::retention::{RetentionBy, RetentionOutlook, RetentionRuleCard, WantedRetention};
use super::sign_in::reader;
use crate::http::body::Body;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::notify::letters;

/// What a rule of the house would come to at this moment, over all people.
#[derive(Object)]
struct HouseRetentionOutlook {
    /// The kind of record.
    kind: String,
    /// For how many days records of it are kept.
    days: u32,
    /// How many people have records that would go.
    people: u64,
    /// How many records would go.
    due: u64,
    /// How many are not as old as that.
    kept: u64,
    /// How many are as old and are restricted, and so are kept.
    restricted: u64,
    /// How many are as old and go on, and so are kept.
    going_on: u64,
    /// How many people have a rule of their own for this kind, which goes before.
    own_rules: u64,
}

/// A rule of the house, and what it would come to at this moment.
#[derive(Object)]
struct HouseRetentionRule {
    /// When it was made or changed.
    since: String,
    /// Who made it.
    by: RetentionBy,
    /// What it would come to.
    #[oai(flatten)]
    outlook: HouseRetentionOutlook,
}

/// A rule of the house that a person has not answered.
#[derive(Object)]
struct RetentionProposalCard {
    /// When it was made or changed.
    since: String,
    /// When those who answer for the person were told.
    told_at: Option<String>,
    /// When it destroys something without having been agreed to; without this never.
    begins_at: Option<String>,
    /// What it would destroy.
    #[oai(flatten)]
    outlook: RetentionOutlook,
}

/// What a person says to a rule of the house.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct RetentionAnswer {
    /// Whether records of the kind are kept as the house proposes; otherwise for a hundred years.
    agrees: bool,
    /// For how many days the rule keeps them that is agreed to; where the house proposes something else by now, it is not.
    #[serde(default)]
    days: Option<u32>,
}

/// Retention for the whole house.
pub struct HouseRetention;

#[OpenApi(tag = "Chapter::Profiles")]
impl HouseRetention {
    /// The rules of the house, each with what it would come to at this moment, for admins: numbers over all people.
    #[oai(path = "/retention", method = "get", operation_id = "house_retention_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
    ) -> Result<Answer<Vec<As<HouseRule, HouseRetentionRule>>>, Problem> {
        let rules = house.with(&caller, |session| Ok(session.house_retention()?)).await?;
        Ok(Answer::new(rules.into_iter().map(As::new).collect()))
    }

    /// What a rule of the house would come to at this moment, without making it.
    #[oai(path = "/retention/preview", method = "post", operation_id = "house_retention_preview")]
    async fn preview(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<WantedRetention>,
    ) -> Result<Answer<As<HouseOutlook, HouseRetentionOutlook>>, Problem> {
        let WantedRetention { kind, days } = body.0;
        let seen = house.with(&caller, move |session| Ok(session.preview_house_retention(&kind, days)?)).await?;
        Ok(Answer::new(As::new(seen)))
    }

    /// Propose to everybody to keep records of a kind for so many days; a rule of the house for this kind from before ends.
    /// Whoever it is about is told, and nothing goes unless they agree, or `retention.enforce` says so.
    #[oai(path = "/retention", method = "post", operation_id = "house_retention_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<WantedRetention>,
    ) -> Result<Created<As<HouseRule, HouseRetentionRule>>, Problem> {
        let WantedRetention { kind, days } = body.0;
        let made = house.with(&caller, move |session| Ok(session.propose_for_all(&kind, days)?)).await?;
        Ok(Created::new(As::new(made)))
    }

    /// End a rule of the house. What somebody agreed to is a rule of their own, and stays.
    #[oai(path = "/retention/:kind", method = "delete", operation_id = "house_retention_delete")]
    async fn delete(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        kind: Path<String>,
    ) -> Result<NoContent, Problem> {
        house.with(&caller, move |session| Ok(session.end_proposal(&kind.0)?)).await?;
        Ok(NoContent::default())
    }

    /// The rules of the house that a person has no rule of their own for, each with what it would destroy, for whoever may
    /// erase the person.
    #[oai(path = "/profiles/:profile/retention/proposals", method = "get", operation_id = "retention_proposals")]
    async fn proposals(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<RetentionProposal, RetentionProposalCard>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let open =
            house.with(&caller, move |session| Ok(session.retention_proposals(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(open.into_iter().map(As::new).collect()))
    }

    /// Agree to a rule of the house, or keep records of the kind for a hundred years; either is a rule of the person's own.
    /// 409 `changed` where the house proposes another number of days by now than was agreed to.
    #[oai(path = "/profiles/:profile/retention/proposals/:kind", method = "post", operation_id = "retention_answer")]
    async fn answer(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        kind: Path<String>,
        request: &Request,
        body: Body<RetentionAnswer>,
    ) -> Result<Created<As<RetentionRule, RetentionRuleCard>>, Problem> {
        let (profile, t) = (ProfileName::read(&profile.0)?, reader(request));
        let RetentionAnswer { agrees, days } = body.0;
        if agrees && days.is_none() {
            return Err(Problem::invalid("/days", "required"));
        }
        let agreed = days.filter(|_| agrees);
        let made = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            Ok((profile, session.answer_proposal(profile, &kind.0, agreed)?))
        });
        let (profile, rule) = made.await?;
        // Whoever else answers for the person has a week to end it.
        tell(&house, profile, t, letters::retention).await;
        Ok(Created::new(As::new(rule)))
    }
}
