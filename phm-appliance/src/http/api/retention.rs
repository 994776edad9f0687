//! Retention: for how long records of a kind are kept, and what that would destroy.

use std::sync::Arc;

use phm_core::vault::{RetentionPreview, RetentionRule};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
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
use crate::http::telling::tell;
use crate::notify::letters;

/// For how long records of a kind are to be kept.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct WantedRetention {
    /// The kind of record.
    pub(super) kind: String,
    /// For how many days, from when something happened or was last changed: 30 to 36,525.
    pub(super) days: u32,
}

/// In whose name a rule destroys.
#[derive(Object)]
pub(super) struct RetentionBy {
    /// `person` or `operator`.
    r#type: String,
    /// The account.
    id: String,
    /// The name people know them by.
    name: String,
}

/// What a rule would destroy at this moment.
#[derive(Object)]
pub(super) struct RetentionOutlook {
    /// The kind of record.
    kind: String,
    /// For how many days records of it are kept.
    days: u32,
    /// How many records would go.
    due: u64,
    /// From when the oldest of these is.
    oldest: Option<String>,
    /// From when the newest of these is.
    newest: Option<String>,
    /// How many are not as old as that.
    kept: u64,
    /// How many are as old and are restricted, and so are kept.
    restricted: u64,
    /// How many are as old and go on, and so are kept.
    going_on: u64,
}

/// A rule, and what it would destroy at this moment.
#[derive(Object)]
pub(super) struct RetentionRuleCard {
    /// When it was made or changed.
    since: String,
    /// When it destroys something for the first time.
    begins_at: String,
    /// In whose name.
    by: RetentionBy,
    /// What it would destroy.
    #[oai(flatten)]
    outlook: RetentionOutlook,
}

/// Rules of retention.
pub struct Retention;

#[OpenApi(tag = "Chapter::Profiles")]
impl Retention {
    /// The rules for a person's records, each with what it would destroy at this moment, for whoever may erase the person.
    #[oai(path = "/profiles/:profile/retention", method = "get", operation_id = "retention_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<RetentionRule, RetentionRuleCard>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let rules = house.with(&caller, move |session| Ok(session.retention(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(rules.into_iter().map(As::new).collect()))
    }

    /// What a rule would destroy at this moment, without making it.
    #[oai(path = "/profiles/:profile/retention/preview", method = "post", operation_id = "retention_preview")]
    async fn preview(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<WantedRetention>,
    ) -> Result<Answer<As<RetentionPreview, RetentionOutlook>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let WantedRetention { kind, days } = body.0;
        let seen = house
            .with(&caller, move |session| Ok(session.preview_retention(profile.resolve(session)?, &kind, days)?));
        Ok(Answer::new(As::new(seen.await?)))
    }

    /// Keep records of a kind for so many days; a rule for this kind from before ends. Nothing is destroyed before a week
    /// has passed.
    #[oai(path = "/profiles/:profile/retention", method = "post", operation_id = "retention_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        request: &Request,
        body: Body<WantedRetention>,
    ) -> Result<Created<As<RetentionRule, RetentionRuleCard>>, Problem> {
        let (profile, t) = (ProfileName::read(&profile.0)?, reader(request));
        let WantedRetention { kind, days } = body.0;
        let made = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            Ok((profile, session.keep_for(profile, &kind, days)?))
        });
        let (profile, rule) = made.await?;
        // Whoever else answers for the person has a week to end it.
        tell(&house, profile, t, letters::retention).await;
        Ok(Created::new(As::new(rule)))
    }

    /// End a rule: records of the kind are kept for good.
    #[oai(path = "/profiles/:profile/retention/:kind", method = "delete", operation_id = "retention_delete")]
    async fn delete(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        kind: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let ended = house.with(&caller, move |session| Ok(session.keep_for_good(profile.resolve(session)?, &kind.0)?));
        ended.await?;
        Ok(NoContent::default())
    }
}
