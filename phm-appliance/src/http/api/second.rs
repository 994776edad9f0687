//! Second factors: signing in with one, and setting them up.

use std::sync::Arc;

use phm_core::id::RecordId;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::Chapter;
use super::sign_in::{Tokens, answer, arrival, reader};
use crate::auth::Desk;
use crate::auth::desk::Proof;
use crate::auth::session::Door;
use crate::auth::site::Site;
use crate::http::body::Body;
use crate::http::context::Client;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What somebody half-way in shows.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct SecondFactor {
    /// The ticket of `POST /auth/login`.
    ticket: String,
    /// `totp`, `recovery-code` or `passkey`.
    method: String,
    /// The code, for the first two.
    #[serde(default)]
    code: Option<String>,
    /// The browser's answer, for a passkey.
    #[serde(default)]
    assertion: Option<Value>,
}

/// A ceremony that was begun.
#[derive(Object, Serialize)]
struct Begun {
    /// What it is finished with, within five minutes.
    ticket: String,
    /// What the browser is asked (`navigator.credentials`).
    options: Value,
}

/// A passkey that comes in alone.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct OpenedByPasskey {
    /// The ticket.
    ticket: String,
    /// The browser's answer.
    assertion: Value,
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
    /// Passkeys.
    passkeys: Vec<PasskeyCard>,
    /// How many recovery codes are left.
    recovery_codes: u64,
}

/// A passkey.
#[derive(Object, Serialize)]
struct PasskeyCard {
    /// Its id.
    id: String,
    /// What its owner calls it.
    name: String,
    /// The name of this house it works under.
    host: String,
    /// When it was made.
    created_at: String,
    /// When it was last used.
    used_at: Option<String>,
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

/// A passkey a browser made.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct MadePasskey {
    /// The ticket.
    ticket: String,
    /// What its owner calls it.
    #[serde(default)]
    name: Option<String>,
    /// The browser's answer.
    credential: Value,
}

/// A passkey that is kept.
#[derive(Object, Serialize)]
struct KeptPasskey {
    /// Its id.
    id: String,
    /// Recovery codes, shown once; none where there are some already.
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
        let SecondFactor { ticket, method, code, assertion } = body.0;
        let code = code.ok_or_else(|| Problem::invalid("/code", "required"));
        let proof = match method.as_str() {
            "totp" => Proof::App(code?),
            "recovery-code" => Proof::Recovery(code?),
            "passkey" => {
                let assertion = assertion.ok_or_else(|| Problem::invalid("/assertion", "required"))?;
                Proof::Passkey(Box::new(read("/assertion", assertion)?))
            }
            _ => return Err(Problem::invalid("/method", "invalid-choice")),
        };
        let entered = house.open()?.desk(move |desk| desk.sign_in_more(&ticket, proof)).await?;
        Ok(answer(entered, client.https))
    }

    /// Begin to sign in with a passkey alone.
    #[oai(path = "/passkey/begin", method = "post", operation_id = "auth_passkey_begin")]
    async fn begin_alone(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
    ) -> Result<Answer<Begun>, Problem> {
        house.limits.sign_in(*client.0)?;
        let site = Site::of(request, *client.0, house.0);
        let (ticket, options) = house.open()?.desk(move |desk| desk.begin_opening(site)).await?;
        Ok(Answer::new(Begun { ticket, options }))
    }

    /// Sign in with a passkey alone.
    #[oai(path = "/passkey", method = "post", operation_id = "auth_passkey")]
    async fn alone(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<OpenedByPasskey>,
    ) -> Result<Answer<Tokens>, Problem> {
        house.limits.sign_in(*client.0)?;
        let OpenedByPasskey { ticket, assertion } = body.0;
        let shown = read("/assertion", assertion)?;
        let arrival = arrival(request, *client.0, house.0, Door::Api);
        let entered = house.open()?.desk(move |desk| desk.open_with_passkey(&ticket, &shown, &arrival)).await?;
        Ok(answer(entered, client.https))
    }

    /// The caller's second factors.
    #[oai(path = "/factors", method = "get", operation_id = "auth_factors_read")]
    async fn factors(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<FactorCards>, Problem> {
        let factors = house.open()?.desk(move |desk| desk.factors(caller.account)).await?;
        let card = |kept: crate::auth::factors::KeptPasskey| PasskeyCard {
            id: kept.id.to_string(),
            name: kept.name,
            host: kept.host,
            created_at: kept.made_at.to_string(),
            used_at: kept.used_at.map(|at| at.to_string()),
        };
        Ok(Answer::new(FactorCards {
            totp: factors.app.is_some(),
            recovery_codes: factors.recovery.len() as u64,
            passkeys: factors.passkeys.into_iter().map(card).collect(),
        }))
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

    /// Begin to make a passkey; over https, or on the machine itself.
    #[oai(path = "/factors/passkeys/begin", method = "post", operation_id = "auth_passkeys_begin")]
    async fn begin_passkey(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<Proven>,
    ) -> Result<Answer<Begun>, Problem> {
        let site = Site::of(request, *client.0, house.0);
        let begin = move |desk: &Desk, account| desk.begin_passkey(account, site);
        let (ticket, options) = proven(house.0, &caller, body.0, begin).await?;
        Ok(Answer::new(Begun { ticket, options }))
    }

    /// Keep the passkey a browser made.
    #[oai(path = "/factors/passkeys", method = "post", operation_id = "auth_passkeys_create")]
    async fn keep_passkey(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<MadePasskey>,
    ) -> Result<Created<KeptPasskey>, Problem> {
        let MadePasskey { ticket, name, credential } = body.0;
        let made = read("/credential", credential)?;
        let (name, t) = (name.unwrap_or_default(), reader(request));
        let keep = move |desk: &Desk| -> Result<_, Problem> {
            let kept = desk.keep_passkey(caller.account, &ticket, &name, &made)?;
            desk.tell_of_factors(caller.account, &t)?;
            Ok(kept)
        };
        let (id, codes) = house.open()?.desk(keep).await?;
        Ok(Created::new(KeptPasskey { id: id.to_string(), recovery_codes: codes.unwrap_or_default() }))
    }

    /// Forget a passkey.
    #[oai(path = "/factors/passkeys/:id/remove", method = "post", operation_id = "auth_passkeys_remove")]
    async fn remove_passkey(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        id: Path<String>,
        body: Body<Proven>,
    ) -> Result<NoContent, Problem> {
        let id: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        let t = reader(request);
        let forget = move |desk: &Desk, account: RecordId| -> Result<(), Problem> {
            desk.drop_passkey(account, id)?;
            desk.tell_of_factors(account, &t)
        };
        proven(house.0, &caller, body.0, forget).await?;
        Ok(NoContent::default())
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

/// What a browser answered, in the form WebAuthn gives it.
fn read<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|_| Problem::invalid(path, "wrong-type"))
}
