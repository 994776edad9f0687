//! Invitations to register, made by admins.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use crate::auth::Desk;
use crate::auth::desk::WaitingGuest;
use crate::http::envelope::{Answer, Created, NoContent};
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

/// An invitation that nobody has registered with.
#[derive(Object, Serialize)]
struct GuestCard {
    /// Its id, which nobody registers with.
    id: String,
    /// Who made it, by name.
    by: String,
    /// When it was made.
    made_at: String,
    /// Until when it is good.
    expires_at: String,
}

/// Refuses whoever does not run the house.
pub(in crate::http) async fn must_run_the_house(house: &House, caller: &SignedIn) -> Result<(), Problem> {
    house.with(caller, |session| Ok(session.runs_the_house()?)).await
}

/// Invitations to register.
pub struct Invitations;

#[OpenApi]
impl Invitations {
    /// Invite one person to register; for admins.
    #[oai(path = "/invitations", method = "post", operation_id = "invitations_create", tag = "Chapter::Auth")]
    async fn invite(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Created<Invitation>, Problem> {
        let account = caller.account;
        must_run_the_house(&house, &caller).await?;
        let (invitation, expires) = house.open()?.desk(move |desk| desk.invite(account)).await?;
        Ok(Created::new(Invitation { invitation, expires_at: expires.to_string() }))
    }

    /// The invitations that nobody has registered with, oldest first; for admins.
    #[oai(path = "/invitations", method = "get", operation_id = "invitations_list", tag = "Chapter::Auth")]
    async fn list(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Vec<GuestCard>>, Problem> {
        must_run_the_house(&house, &caller).await?;
        let guests = house.open()?.desk(Desk::guests).await?;
        let card = |guest: WaitingGuest| GuestCard {
            id: guest.id,
            by: guest.by,
            made_at: guest.made_at.to_string(),
            expires_at: guest.expires_at.to_string(),
        };
        Ok(Answer::new(guests.into_iter().map(card).collect()))
    }

    /// Take an invitation back that nobody has registered with; for admins.
    #[oai(path = "/invitations/:id", method = "delete", operation_id = "invitations_end", tag = "Chapter::Auth")]
    async fn end(&self, caller: SignedIn, house: Data<&Arc<House>>, id: Path<String>) -> Result<NoContent, Problem> {
        must_run_the_house(&house, &caller).await?;
        house.open()?.desk(move |desk| desk.take_back(&id.0)).await?;
        Ok(NoContent::default())
    }
}
