//! Whether an identity provider signs somebody in.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use crate::http::body::Body;
use crate::http::envelope::{Answer, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// How an account stands with the identity provider.
#[derive(Object, Serialize)]
struct ElsewhereState {
    /// Whether this house has one.
    available: bool,
    /// Whether it knows the caller.
    linked: bool,
    /// Whether the caller lets it sign them in.
    allowed: bool,
}

/// Whether it may.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
struct ElsewhereChoice {
    /// Whether it may sign the caller in from now on. `false` also forgets who they are there.
    allowed: bool,
    /// The caller's password here, which is their way in without it.
    password: String,
}

/// Signing in elsewhere.
pub struct SigningInElsewhere;

#[OpenApi(tag = "Chapter::Auth")]
impl SigningInElsewhere {
    /// Whether an identity provider knows the caller, and may sign them in.
    #[oai(path = "/auth/elsewhere", method = "get", operation_id = "auth_elsewhere_read")]
    async fn read(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<ElsewhereState>, Problem> {
        let account = caller.account;
        let (linked, allowed) = house.open()?.desk(move |desk| desk.elsewhere(account)).await?;
        let available = !house.settings.oidc_issuer.is_empty();
        Ok(Answer::new(ElsewhereState { available, linked, allowed }))
    }

    /// Let an identity provider sign the caller in, or not any more.
    #[oai(path = "/auth/elsewhere", method = "post", operation_id = "auth_elsewhere_change")]
    async fn change(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<ElsewhereChoice>,
    ) -> Result<NoContent, Problem> {
        let (account, ElsewhereChoice { allowed, password }) = (caller.account, body.0);
        house.open()?.desk(move |desk| desk.let_elsewhere(account, &password, allowed)).await?;
        Ok(NoContent::default())
    }
}
