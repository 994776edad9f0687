//! Proving and changing an address, changing a password, and coming back when it is forgotten.

use std::sync::Arc;

use phm_core::id::RecordId;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::accounts::administer;
use super::sign_in::reader;
use crate::http::body::Body;
use crate::http::context::Client;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::{House, unhurried};
use crate::http::problem::Problem;

/// The secret of a link.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
pub(super) struct LetterToken {
    /// What stands behind `#token=`.
    pub(super) token: String,
}

/// Who forgot their password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Forgetful {
    /// The address they sign in with.
    email: String,
}

/// A new password by a link.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// What stands behind `#token=`.
    token: String,
    /// The new password.
    password: String,
}

/// A new password by its holder.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The current one.
    current: String,
    /// The new one.
    password: String,
}

/// Another address to sign in with.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct NewAddress {
    /// The address.
    email: String,
    /// The password; not needed within ten minutes of signing in.
    #[serde(default)]
    password: Option<String>,
}

/// What became of it.
#[derive(Object, Serialize)]
struct AddressChange {
    /// Whether the link that was sent to the new address must be opened first.
    verify_email: bool,
}

/// What a link made by hand does.
#[derive(Default, Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct ByHand {
    /// Whether it also takes the second factors away, for who lost them too.
    #[serde(default)]
    forgets_factors: bool,
    /// The password of the admin who asks; not needed within ten minutes of signing in.
    #[serde(default)]
    password: Option<String>,
}

/// A link to hand over; shown once.
#[derive(Object, Serialize)]
struct HandedLink {
    /// The link.
    url: String,
    /// Until when it is good.
    expires_at: String,
}

/// Addresses and passwords.
pub struct Recovery;

#[OpenApi(tag = "Chapter::Auth")]
impl Recovery {
    /// Prove an address with the link that was sent to it.
    #[oai(path = "/auth/verify", method = "post", operation_id = "auth_verify")]
    async fn verify(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<LetterToken>,
    ) -> Result<NoContent, Problem> {
        house.limits.sign_in(*client.0)?;
        let t = reader(request);
        house.open()?.desk(move |desk| desk.verify_address(&body.0.token, &t)).await?;
        Ok(NoContent::default())
    }

    /// Ask for a letter to choose a new password; the answer is the same whether or not there is an account.
    #[oai(path = "/auth/password/forgot", method = "post", operation_id = "auth_password_forgot")]
    async fn forgot(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<Forgetful>,
    ) -> Result<NoContent, Problem> {
        house.limits.sign_in(*client.0)?;
        house.limits.account(&body.0.email)?;
        let t = reader(request);
        unhurried(house.open()?.desk(move |desk| desk.forgot(&body.0.email, &t))).await?;
        Ok(NoContent::default())
    }

    /// Choose a new password by a link; every session of the account ends.
    #[oai(path = "/auth/password/reset", method = "post", operation_id = "auth_password_reset")]
    async fn reset(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<Reset>,
    ) -> Result<NoContent, Problem> {
        house.limits.sign_in(*client.0)?;
        let t = reader(request);
        house.open()?.desk(move |desk| desk.reset(&body.0.token, &body.0.password, &t)).await?;
        Ok(NoContent::default())
    }

    /// Change the address one signs in with. Where letters leave the house it is proven first, by the link in one to the new
    /// address; the old one is told.
    #[oai(path = "/auth/email", method = "post", operation_id = "auth_email_change")]
    async fn change_email(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<NewAddress>,
    ) -> Result<Answer<AddressChange>, Problem> {
        let NewAddress { email, password } = body.0;
        house.limits.account(&email)?;
        let t = reader(request);
        let (account, session) = (caller.account, caller.session);
        let change =
            move |desk: &crate::auth::Desk| desk.change_email(account, session, password.as_deref(), &email, &t);
        Ok(Answer::new(AddressChange { verify_email: house.open()?.desk(change).await? }))
    }

    /// Change one's password; every other session ends.
    #[oai(path = "/auth/password", method = "post", operation_id = "auth_password_change")]
    async fn change(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<PasswordChange>,
    ) -> Result<NoContent, Problem> {
        let t = reader(request);
        let change = move |desk: &crate::auth::Desk| {
            let PasswordChange { current, password } = body.0;
            desk.change_password(caller.account, caller.session, &current, &password, &t)
        };
        house.open()?.desk(change).await?;
        Ok(NoContent::default())
    }

    /// A link with which somebody chooses a new password, to be handed over; for admins.
    #[oai(path = "/accounts/:id/reset-link", method = "post", operation_id = "accounts_reset_link")]
    async fn hand_out(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
        body: Body<ByHand>,
    ) -> Result<Created<HandedLink>, Problem> {
        let account: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        administer(&house, &caller, "account-reset-link", account).await?;
        let hand_out = move |desk: &crate::auth::Desk| {
            desk.prove(caller.account, caller.session, body.0.password.as_deref())?;
            desk.hand_out_link(account, body.0.forgets_factors)
        };
        let (url, expires) = house.open()?.desk(hand_out).await?;
        // Whoever has it signs in as them: nobody gets it of whom that is not known.
        house.with(&caller, move |session| Ok(session.alert_of_link(account)?)).await?;
        Ok(Created::new(HandedLink { url, expires_at: expires.to_string() }))
    }
}
