//! Invitations to register, made by admins.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use crate::http::envelope::Created;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// An invitation; shown once.
#[derive(Object, Serialize)]
struct Invitation {
    /// What the invited person registers with.
    invitation: String,
    /// Until when.
    expires_at: String,
}

/// Invitations to register.
pub struct Invitations;

#[OpenApi]
impl Invitations {
    /// Invite one person to register; for admins.
    #[oai(path = "/invitations", method = "post", operation_id = "invitations_create", tag = "Chapter::Auth")]
    async fn invite(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Created<Invitation>, Problem> {
        let (invitation, expires) = house
            .open()?
            .desk(move |desk| {
                if !desk.account(caller.account)?.roles.iter().any(|role| role == "admin") {
                    return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", "this is for admins"));
                }
                desk.invite()
            })
            .await?;
        Ok(Created::new(Invitation { invitation, expires_at: expires.to_string() }))
    }
}
