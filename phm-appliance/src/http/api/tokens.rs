//! Tokens with which programs act for an account.

use std::sync::Arc;

use phm_core::id::RecordId;
use phm_core::vault::TokenCard;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use crate::http::body::Told;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What a token is to do; none of it is empty.
#[derive(Object)]
struct WantedToken {
    /// What it is called.
    name: String,
    /// On whose records, by id.
    profiles: Vec<String>,
    /// On which kinds of record; `*` stands for all.
    kinds: Vec<String>,
    /// What it may do: `read add amend share export`.
    actions: Vec<String>,
    /// Until when it holds, a year at most.
    expires_at: String,
}

/// A token as its owner sees it.
#[derive(Object)]
struct Token {
    /// The token.
    id: String,
    /// What it is called.
    name: String,
    /// On whose records.
    profiles: Vec<String>,
    /// On which kinds.
    kinds: Vec<String>,
    /// What it may do.
    actions: Vec<String>,
    /// When it was made.
    created_at: Option<String>,
    /// Until when it holds.
    expires_at: Option<String>,
    /// Whether it was taken back.
    revoked: bool,
}

/// A token that was just made, with its secret, which is shown this once.
#[derive(Object)]
struct NewToken {
    /// What a program sends as `Authorization: Bearer`; it begins with `phm_`.
    secret: String,
    /// The token.
    #[oai(flatten)]
    token: Token,
}

#[derive(Serialize)]
struct MadeToken {
    secret: String,
    #[serde(flatten)]
    card: TokenCard,
}

/// Tokens.
pub struct Tokens;

#[OpenApi(tag = "Chapter::Tokens")]
impl Tokens {
    /// The caller's tokens, newest first.
    #[oai(path = "/tokens", method = "get", operation_id = "tokens_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
    ) -> Result<Answer<Vec<As<TokenCard, Token>>>, Problem> {
        let cards = house.with(&caller, |session| Ok(session.tokens()?)).await?;
        Ok(Answer::new(cards.into_iter().map(As::new).collect()))
    }

    /// Make a token: narrower than its owner, with an end.
    #[oai(path = "/tokens", method = "post", operation_id = "tokens_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Told<WantedToken>,
    ) -> Result<Created<As<MadeToken, NewToken>>, Problem> {
        let made = house.with(&caller, move |session| Ok(session.make_token(&body.value)?)).await?;
        Ok(Created::new(As::new(MadeToken { secret: made.text.to_string(), card: made.card })))
    }

    /// Take a token back.
    #[oai(path = "/tokens/:id", method = "delete", operation_id = "tokens_revoke")]
    async fn revoke(&self, caller: SignedIn, house: Data<&Arc<House>>, id: Path<String>) -> Result<NoContent, Problem> {
        let id: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        house.with(&caller, move |session| Ok(session.revoke_token(id)?)).await?;
        Ok(NoContent::default())
    }
}
