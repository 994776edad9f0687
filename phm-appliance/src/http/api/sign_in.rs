//! Registering, signing in, refreshing, signing out.

use std::sync::Arc;

use phm_core::id::RecordId;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse, Request, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type as _;
use poem_openapi::{ApiResponse, Object, OpenApi, Union};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Chapter;
use crate::auth::accounts::{self, NewAccount};
use crate::auth::desk::{Arrival, Entered, HalfWay, Outcome};
use crate::auth::session::{Door, SignIn};
use crate::auth::site::Site;
use crate::auth::{cookies, tokens};
use crate::http::body::{Body, Pairs};
use crate::http::context::Client;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::{House, unhurried};
use crate::http::problem::Problem;
use crate::i18n::{Digits, Language, Locale};

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

/// Who signed in.
#[derive(Object, Serialize)]
pub struct Holder {
    /// The account.
    id: String,
    /// Its e-mail address.
    email: String,
    /// The person's name.
    name: String,
    /// The roles in the house.
    roles: Vec<String>,
    /// The person's own profile.
    profile: Option<String>,
}

/// A fresh access token.
#[derive(Object, Serialize)]
pub(super) struct Tokens {
    /// The token for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds it is good for.
    expires_in: u64,
    /// Who signed in.
    account: Holder,
}

/// What somebody still has to show.
#[derive(Object, Serialize)]
struct More {
    /// What they come back with to `POST /auth/login/mfa`.
    ticket: String,
    /// What they may show: `passkey totp recovery-code`.
    methods: Vec<String>,
    /// What a browser asks a passkey, where that is among the methods.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Value>,
}

/// The password was right, and a second factor is needed.
#[derive(Object, Serialize)]
struct HalfWayIn {
    /// What is still to be shown.
    mfa: More,
}

/// Signed in, or half-way.
#[derive(Serialize, Union)]
#[serde(untagged)]
enum LoginAnswer {
    /// Signed in.
    Inside(Tokens),
    /// A second factor is needed.
    HalfWay(HalfWayIn),
}

/// The same without our envelope, as OAuth2 clients expect it.
#[derive(Object, Serialize)]
struct BareTokens {
    /// The token for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds it is good for.
    expires_in: u64,
}

/// One of the places somebody is signed in.
#[derive(Object, Serialize)]
pub(super) struct SessionCard {
    /// The session.
    id: String,
    /// `api` or `web`.
    door: String,
    /// The device, by its own words.
    agent: String,
    /// When they signed in.
    created_at: String,
    /// When it was last used to get new tokens.
    used_at: String,
    /// Whether it is the one that asks.
    current: bool,
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
                Ok(Answer::new(LoginAnswer::Inside(tokens_of(*entered))).with_header(header::SET_COOKIE, cookie))
            }
            Outcome::HalfWay(HalfWay { ticket, methods, passkey }) => {
                let methods = methods.into_iter().map(|method| method.word().to_owned()).collect();
                Ok(Answer::new(LoginAnswer::HalfWay(HalfWayIn { mfa: More { ticket, methods, passkey } })))
            }
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
        Ok(Bare {
            cookie: cookies::refresh(&entered.refresh.text(), client.https),
            tokens: BareTokens {
                access_token: entered.access,
                token_type: "Bearer".to_owned(),
                expires_in: tokens::LIFETIME.as_secs(),
            },
        })
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

pub(super) fn answer(entered: Entered, https: bool) -> Answer<Tokens> {
    let cookie = cookies::refresh(&entered.refresh.text(), https);
    Answer::new(tokens_of(entered)).with_header(header::SET_COOKIE, cookie)
}

fn tokens_of(entered: Entered) -> Tokens {
    Tokens {
        access_token: entered.access,
        token_type: "Bearer".to_owned(),
        expires_in: tokens::LIFETIME.as_secs(),
        account: Holder::of(entered.account),
    }
}

impl SessionCard {
    /// A session as it is told to somebody in the session `current`.
    pub(super) fn of(session: SignIn, current: RecordId) -> Self {
        Self {
            id: session.id.to_string(),
            door: if session.door == Door::Api { "api" } else { "web" }.to_owned(),
            agent: session.agent,
            created_at: session.created_at.to_string(),
            used_at: session.used_at.to_string(),
            current: session.id == current,
        }
    }
}

impl Holder {
    /// What somebody sees of their own account.
    pub fn of(account: accounts::Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email,
            name: account.name,
            roles: account.roles,
            profile: account.profile.map(|profile| profile.to_string()),
        }
    }
}

/// Tokens without envelope, with the cookie.
struct Bare {
    tokens: BareTokens,
    cookie: HeaderValue,
}

impl IntoResponse for Bare {
    fn into_response(self) -> Response {
        let mut response = poem::web::Json(self.tokens).into_response();
        response.headers_mut().insert(header::SET_COOKIE, self.cookie);
        response
    }
}

impl ApiResponse for Bare {
    fn meta() -> MetaResponses {
        let tokens = MetaMediaType { content_type: "application/json", schema: BareTokens::schema_ref() };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Signed in.",
                status: Some(200),
                status_range: None,
                content: vec![tokens],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        BareTokens::register(registry);
    }
}
