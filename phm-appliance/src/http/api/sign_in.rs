//! Registering, signing in, refreshing, signing out.

mod shown;

use std::sync::Arc;

use phm_core::id::RecordId;
use poem::Request;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use crate::auth::accounts::NewAccount;
use crate::auth::cookies;
use crate::auth::desk::{Arrival, Outcome};
use crate::auth::session::Door;
use crate::auth::site::Site;
use crate::http::body::{Body, Pairs};
use crate::http::context::Client;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::{House, unhurried};
use crate::http::problem::Problem;
use crate::i18n::{Digits, Language, Locale};

pub use shown::Holder;
use shown::{Bare, LoginAnswer};
pub(super) use shown::{SessionCard, Tokens, answer};

/// Who wants an account.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The e-mail address to sign in with.
    pub email: String,
    /// The password: at least twelve characters.
    pub password: String,
    /// The person's name.
    pub name: String,
    /// The invitation, where registration needs one.
    #[serde(default)]
    pub invitation: Option<String>,
}

/// A new account.
#[derive(Object, Serialize)]
pub struct Registered {
    /// The account.
    pub account: String,
    /// The person's own profile.
    pub profile: Option<String>,
    /// Whether the link that was sent to the address must be opened before signing in.
    pub verify_email: bool,
}

/// E-mail address and password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The e-mail address.
    email: String,
    /// The password.
    password: String,
}

/// The password form of OAuth2 (RFC 6749, 4.3).
#[derive(Deserialize, Object)]
struct PasswordGrant {
    /// `password`.
    #[serde(default)]
    grant_type: Option<String>,
    /// The e-mail address.
    username: String,
    /// The password.
    password: String,
    /// Ignored.
    #[serde(default)]
    scope: Option<String>,
}

/// Signing in and out.
pub struct SigningIn;

#[OpenApi(prefix_path = "/auth", tag = "Chapter::Auth")]
impl SigningIn {
    /// Make an account.
    #[oai(path = "/register", method = "post", operation_id = "auth_register")]
    async fn register(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<NewPerson>,
    ) -> Result<Created<Registered>, Problem> {
        house.limits.sign_in(*client.0)?;
        if house.needs_setup().await? {
            return Err(Problem::setup_needed());
        }
        let NewPerson { email, password, name, invitation } = body.0;
        house.limits.account(&email)?;
        let new = NewAccount { email, name, roles: Vec::new(), password };
        let t = reader(request);
        let opened = house.open()?;
        let made = unhurried(opened.desk(move |desk| desk.register(&new, invitation.as_deref(), &t))).await?;
        let profile = made.profile.map(|profile| profile.to_string());
        Ok(Created::new(Registered { account: made.account.to_string(), profile, verify_email: made.must_verify }))
    }

    /// Sign in; who has a second factor is asked for it.
    #[oai(path = "/login", method = "post", operation_id = "auth_login")]
    async fn login(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        body: Body<Credentials>,
    ) -> Result<Answer<LoginAnswer>, Problem> {
        match sign_in(house.0, *client.0, request, body.0.email, body.0.password).await? {
            Outcome::Inside(entered) => {
                let cookie = cookies::refresh(&entered.refresh.text(), client.https);
                Ok(Answer::new(LoginAnswer::inside(*entered)).with_header(header::SET_COOKIE, cookie))
            }
            Outcome::HalfWay(half_way) => Ok(Answer::new(LoginAnswer::half_way(half_way))),
        }
    }

    /// Sign in by the password form of OAuth2.
    #[oai(path = "/token", method = "post", operation_id = "auth_token")]
    async fn token(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
        form: Pairs<PasswordGrant>,
    ) -> Result<Bare, Problem> {
        let PasswordGrant { grant_type, username, password, .. } = form.0;
        if grant_type.is_some_and(|grant_type| grant_type != "password") {
            return Err(Problem::invalid("/grant_type", "invalid-value"));
        }
        let Outcome::Inside(entered) = sign_in(house.0, *client.0, request, username, password).await? else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "second-factor-needed",
                "this form knows no second factor; sign in by /auth/login",
            ));
        };
        Ok(Bare::of(*entered, client.https))
    }

    /// Get a new access token with the cookie `phm_refresh`, which changes too.
    #[oai(path = "/refresh", method = "post", operation_id = "auth_refresh")]
    async fn refresh(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
    ) -> Result<Answer<Tokens>, Problem> {
        let opened = house.open()?;
        let shown = cookies::read(request, cookies::REFRESH).ok_or_else(Problem::session_ended)?.to_owned();
        let https = client.https;
        let entered = opened.desk(move |desk| desk.refresh(&shown)).await.map_err(|problem| {
            if problem.code() == "session-ended" {
                problem.with_header(header::SET_COOKIE, cookies::no_refresh(https))
            } else {
                problem
            }
        })?;
        Ok(answer(entered, https))
    }

    /// Sign out: end the session of the access token or of the cookie `phm_refresh`.
    #[oai(path = "/logout", method = "post", operation_id = "auth_logout")]
    async fn logout(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        request: &Request,
    ) -> Result<NoContent, Problem> {
        let (account, session) = match cookies::read(request, cookies::REFRESH) {
            Some(shown) => {
                let shown = shown.to_owned();
                let by_cookie = house.open()?.desk(move |desk| desk.holder(&shown)).await;
                match by_cookie {
                    Ok(holder) => holder,
                    Err(_) => holder(request).await?,
                }
            }
            None => holder(request).await?,
        };
        house.open()?.desk(move |desk| desk.end(account, session)).await?;
        let https = client.https;
        Ok(NoContent::default().with_header(header::SET_COOKIE, cookies::no_refresh(https)))
    }

    /// Everywhere the caller is signed in.
    #[oai(path = "/sessions", method = "get", operation_id = "auth_sessions_list")]
    async fn sessions(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Vec<SessionCard>>, Problem> {
        let account = caller.account;
        let sessions = house.open()?.desk(move |desk| desk.sessions(account)).await?;
        let cards = sessions.into_iter().map(|session| SessionCard::of(session, caller.session));
        Ok(Answer::new(cards.collect()))
    }

    /// Sign out everywhere else.
    #[oai(path = "/sessions/end-others", method = "post", operation_id = "auth_sessions_end_others")]
    async fn end_others(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<NoContent, Problem> {
        let (account, session) = (caller.account, caller.session);
        house.open()?.desk(move |desk| desk.end_others(account, Some(session))).await?;
        Ok(NoContent::default())
    }

    /// Sign out somewhere else.
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "auth_sessions_end")]
    async fn end(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: poem_openapi::param::Path<String>,
    ) -> Result<NoContent, Problem> {
        let session: RecordId = id.0.parse().map_err(|_| Problem::not_found())?;
        house.open()?.desk(move |desk| desk.end(caller.account, session)).await?;
        Ok(NoContent::default())
    }
}

async fn holder(request: &Request) -> Result<(RecordId, RecordId), Problem> {
    let caller = SignedIn::of(request).await?;
    Ok((caller.account, caller.session))
}

async fn sign_in(
    house: &Arc<House>,
    client: Client,
    request: &Request,
    email: String,
    password: String,
) -> Result<Outcome, Problem> {
    house.limits.sign_in(client)?;
    house.limits.account(&email)?;
    let arrival = arrival(request, client, house, Door::Api);
    house.open()?.desk(move |desk| desk.sign_in(&email, &password, &arrival)).await
}

/// Who stands at the desk with this request.
pub(in crate::http) fn arrival(request: &Request, client: Client, house: &House, door: Door) -> Arrival {
    let agent = request.header(header::USER_AGENT).unwrap_or_default().to_owned();
    Arrival { client, door, agent, site: Site::of(request, client, house) }
}

/// The language letters are written in for a program's user.
pub(super) fn reader(request: &Request) -> Locale {
    let language = request.header(header::ACCEPT_LANGUAGE).map(Language::accepted).unwrap_or_default();
    Locale::new(language, Digits::default(), jiff::tz::TimeZone::UTC)
}
