//! What the door answers: tokens, what is still to be shown, sessions.

use phm_core::id::RecordId;
use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type as _;
use poem_openapi::{ApiResponse, Object, Union};
use serde::Serialize;
use serde_json::Value;

use crate::auth::desk::{Entered, HalfWay};
use crate::auth::session::{Door, SignIn};
use crate::auth::{accounts, cookies, tokens};
use crate::http::envelope::Answer;

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
pub(in crate::http::api) struct Tokens {
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
pub(super) struct More {
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
pub(super) struct HalfWayIn {
    /// What is still to be shown.
    mfa: More,
}

/// Signed in, or half-way.
#[derive(Serialize, Union)]
#[serde(untagged)]
pub(super) enum LoginAnswer {
    /// Signed in.
    Inside(Tokens),
    /// A second factor is needed.
    HalfWay(HalfWayIn),
}

/// The same without our envelope, as OAuth2 clients expect it.
#[derive(Object, Serialize)]
pub(super) struct BareTokens {
    /// The token for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds it is good for.
    expires_in: u64,
}

/// One of the places somebody is signed in.
#[derive(Object, Serialize)]
pub(in crate::http::api) struct SessionCard {
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

pub(in crate::http::api) fn answer(entered: Entered, https: bool) -> Answer<Tokens> {
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

impl LoginAnswer {
    /// What somebody is told who is in.
    pub(super) fn inside(entered: Entered) -> Self {
        Self::Inside(tokens_of(entered))
    }

    /// What somebody is told who is half-way in.
    pub(super) fn half_way(HalfWay { ticket, methods, passkey }: HalfWay) -> Self {
        let methods = methods.into_iter().map(|method| method.word().to_owned()).collect();
        Self::HalfWay(HalfWayIn { mfa: More { ticket, methods, passkey } })
    }
}

impl SessionCard {
    /// A session as it is told to somebody in the session `current`.
    pub(in crate::http::api) fn of(session: SignIn, current: RecordId) -> Self {
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
pub(super) struct Bare {
    tokens: BareTokens,
    cookie: HeaderValue,
}

impl Bare {
    /// The tokens of somebody who is in.
    pub(super) fn of(entered: Entered, https: bool) -> Self {
        Self {
            cookie: cookies::refresh(&entered.refresh.text(), https),
            tokens: BareTokens {
                access_token: entered.access,
                token_type: "Bearer".to_owned(),
                expires_in: tokens::LIFETIME.as_secs(),
            },
        }
    }
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
