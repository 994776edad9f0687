//! Second factors: signing in with one, and setting them up.

use std::sync::Arc;

use phm_core::id::RecordId;
use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::sign_in::{Tokens, answer, reader};
use crate::auth::Desk;
use crate::auth::desk::Proof;
use crate::http::body::Body;
use crate::http::context::Client;
use crate::http::envelope::{Answer, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What somebody half-way in shows.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    /// The ticket of `POST /auth/login`.
    ticket: String,
    /// `totp` or `recovery-code`.
    method: String,
    /// The code.
    code: String,
}

/// Once more the password, before something that matters; not needed within ten minutes of signing in.
#[derive(Default, Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Proven {
    /// The password.
    #[serde(default)]
    password: Option<String>,
}

/// The second factors of an account.
#[derive(Object, Serialize)]
struct FactorCards {
    /// Whether an authenticator app is in use.
    totp: bool,
    /// How many recovery codes are left.
    recovery_codes: u64,
}

/// A secret for an authenticator app, shown once.
#[derive(Object, Serialize)]
struct OfferedApp {
    /// As people type it.
    secret: String,
    /// As an app reads it from a QR code.
    uri: String,
}

/// A code of an authenticator app.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct AppCode {
    /// Six digits.
    code: String,
}

/// Recovery codes, shown once; none where there are some already.
#[derive(Object, Serialize)]
struct RecoveryCodes {
    /// The codes.
    recovery_codes: Vec<String>,
}

/// Second factors.
pub struct SecondFactors;

#[OpenApi(prefix_path = "/auth", tag = "Chapter::Auth")]
impl SecondFactors {
    /// Sign in with a second factor, after the password.
    #[oai(path = "/login/mfa", method = "post", operation_id = "auth_login_mfa")]
    async fn more(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        body: Body<SecondFactor>,
    ) -> Result<Answer<Tokens>, Problem> {
        house.limits.sign_in(*client.0)?;
        let SecondFactor { ticket, method, code } = body.0;
        let proof = match method.as_str() {
            "totp" => Proof::App(code),
            "recovery-code" => Proof::Recovery(code),
            _ => return Err(Problem::invalid("/method", "invalid-choice")),
        };
        let entered = house.open()?.desk(move |desk| desk.sign_in_more(&ticket, proof)).await?;
        Ok(answer(entered, client.https))
    }

    /// The caller's second factors.
    #[oai(path = "/factors", method = "get", operation_id = "auth_factors_read")]
    async fn factors(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<FactorCards>, Problem> {
        let factors = house.open()?.desk(move |desk| desk.factors(caller.account)).await?;
        Ok(Answer::new(FactorCards { totp: factors.app.is_some(), recovery_codes: factors.recovery.len() as u64 }))
    }

    /// Begin to use an authenticator app: its secret, shown once.
    #[oai(path = "/factors/totp", method = "post", operation_id = "auth_totp_offer")]
    async fn offer(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<Proven>,
    ) -> Result<Answer<OfferedApp>, Problem> {
        let (secret, uri) = proven(house.0, &caller, body.0, Desk::offer_app).await?;
        Ok(Answer::new(OfferedApp { secret, uri }))
    }

    /// Take the authenticator app into use with one of its codes.
    #[oai(path = "/factors/totp/confirm", method = "post", operation_id = "auth_totp_confirm")]
    async fn confirm(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<AppCode>,
    ) -> Result<Answer<RecoveryCodes>, Problem> {
        let (code, t, account) = (body.0.code, reader(request), caller.account);
        let opened = house.open()?;
        let taken = opened.desk(move |desk| {
            let made = desk.take_app(account, &code)?;
            desk.tell_of_factors(account, &t)?;
            Ok(made)
        });
        let made = taken.await?;
        Ok(Answer::new(RecoveryCodes { recovery_codes: made.unwrap_or_default() }))
    }

    /// Use no authenticator app any more.
    #[oai(path = "/factors/totp/remove", method = "post", operation_id = "auth_totp_remove")]
    async fn remove_app(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<Proven>,
    ) -> Result<NoContent, Problem> {
        let t = reader(request);
        let drop_app = move |desk: &Desk, account: RecordId| {
            desk.drop_app(account)?;
            desk.tell_of_factors(account, &t)
        };
        proven(house.0, &caller, body.0, drop_app).await?;
        Ok(NoContent::default())
    }

    /// Ten new recovery codes, shown once; the earlier ones are void.
    #[oai(path = "/factors/recovery-codes", method = "post", operation_id = "auth_recovery_codes")]
    async fn codes(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<Proven>,
    ) -> Result<Answer<RecoveryCodes>, Problem> {
        let t = reader(request);
        let make = move |desk: &Desk, account: RecordId| -> Result<Vec<String>, Problem> {
            let made = desk.new_recovery_codes(account)?;
            desk.tell_of_factors(account, &t)?;
            Ok(made)
        };
        let made = proven(house.0, &caller, body.0, make).await?;
        Ok(Answer::new(RecoveryCodes { recovery_codes: made }))
    }
}

/// Runs `work` for somebody who proved once more who they are.
async fn proven<T: Send + 'static>(
    house: &Arc<House>,
    caller: &SignedIn,
    proven: Proven,
    work: impl FnOnce(&Desk, RecordId) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (account, session) = (caller.account, caller.session);
    house
        .open()?
        .desk(move |desk| {
            desk.prove(account, session, proven.password.as_deref())?;
            work(desk, account)
        })
        .await
}
