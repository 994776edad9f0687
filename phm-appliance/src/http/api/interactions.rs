//! Whether medicines go together.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::types::Any;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Body;
use crate::http::envelope::Answer;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::interactions::{Asked, check};
use crate::http::problem::Problem;

/// Candidates in one request at most.
const MOST: usize = 50;
/// The longest name.
const LONGEST: usize = 300;

/// Medicines that somebody thinks of.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thought {
    /// The medicines as written, for example `ibuprofen 400 mg`.
    #[serde(default)]
    #[oai(default)]
    candidates: Vec<String>,
    /// What names mean, as somebody said who was asked.
    #[serde(default)]
    #[oai(default)]
    confirmed: Vec<Confirmed>,
}

/// What a name means.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    /// The name as it is written in the record or among the candidates.
    from: String,
    /// The substances it is.
    ingredients: Vec<String>,
}

/// Interactions.
pub struct Interactions;

#[OpenApi(tag = "Chapter::Clinical")]
impl Interactions {
    /// Whether a person's medicines go together, as far as they were checked: what was not stands in `not_checked`. No
    /// clinician has reviewed the tables yet.
    #[oai(path = "/profiles/:profile/interactions", method = "get", operation_id = "interactions")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let found =
            house.with(&caller, move |session| check(session, profile.resolve(session)?, &Asked::default())).await?;
        Ok(Answer::new(Any(json!(found))))
    }

    /// The same with medicines that somebody thinks of; 503 where nothing can be checked.
    #[oai(path = "/profiles/:profile/interactions", method = "post", operation_id = "interactions_check")]
    async fn check(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<Thought>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let Thought { candidates, confirmed } = body.0;
        let names = candidates.iter().chain(confirmed.iter().flat_map(|one| one.ingredients.iter().chain([&one.from])));
        for (n, name) in names.enumerate() {
            if name.trim().is_empty() || name.len() > LONGEST {
                return Err(Problem::invalid(
                    format!("/candidates/{}", n.min(candidates.len().saturating_sub(1))),
                    "invalid-value",
                ));
            }
        }
        if candidates.len() > MOST || confirmed.len() > MOST {
            return Err(Problem::invalid("/candidates", "too-many"));
        }
        let confirmed = confirmed.into_iter().map(|one| (one.from, one.ingredients)).collect();
        let asked = Asked { candidates, confirmed, ..Asked::default() };
        let found = house.with(&caller, move |session| check(session, profile.resolve(session)?, &asked)).await?;
        if !found.available {
            let text = "medicines cannot be checked here now; nothing was looked at";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "interactions-unavailable", text));
        }
        Ok(Answer::new(Any(json!(found))))
    }
}
