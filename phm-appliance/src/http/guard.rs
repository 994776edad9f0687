//! Who asks: the guard a handler names among its arguments.
//!
//! [`SignedIn`] is a person with a valid access token (`Authorization: Bearer`), or a browser of ours with its session
//! cookie; a browser must send its CSRF value along with anything but reading. [`Caller`] is the same, or a program with a
//! token a person made for it (`Bearer phm_…`). Without any of these the answer is 401, before anything else about the
//! request is looked at.

use std::ops::Deref;

use phm_core::access::Actor;
use phm_core::id::RecordId;
use poem::http::{Method, StatusCode, header};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::house::{House, blocking};
use super::problem::Problem;
use crate::auth::cookies;
use crate::auth::session::Refresh;

/// Name of the security scheme in the OpenAPI document.
pub(super) const SCHEME: &str = "bearer";

/// What the tokens of programs begin with.
const TOKEN_PREFIX: &str = "phm_";

/// The header with the CSRF value of a browser's session.
const CSRF: &str = "x-csrf-token";

/// Why somebody asks, unless they say otherwise in `X-Purpose`.
const PURPOSE: &str = "care";

/// Whoever sent a request: a person who signed in, or a program with a token of theirs.
#[derive(Clone, Debug)]
pub struct Caller {
    actor: Actor,
    /// Why they ask; it stands in the audit trail.
    pub purpose: String,
}

impl Caller {
    /// Who sent the request.
    ///
    /// # Errors
    /// 401 without a valid sign-in or token, 503 while the vault is locked.
    pub async fn of(request: &Request) -> Result<Self, Problem> {
        match bearer(request).filter(|token| token.starts_with(TOKEN_PREFIX)) {
            Some(token) => Self::program(request, token).await,
            None => Ok(SignedIn::of(request).await?.caller),
        }
    }

    /// A program with a token.
    async fn program(request: &Request, token: String) -> Result<Self, Problem> {
        let vault = House::of(request).open()?.vault;
        let (id, account) = blocking(move || vault.admit_token(&token).map_err(|_| Problem::not_signed_in())).await?;
        Ok(Self { actor: Actor::Token { id, account }, purpose: purpose(request) })
    }

    /// A person, who asks for `purpose`.
    pub fn person(account: RecordId, purpose: &str) -> Self {
        Self { actor: Actor::Person { account }, purpose: purpose.to_owned() }
    }

    /// The actor of the core's sessions.
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }
}

/// A person who signed in. A program with a token is none: what concerns the account itself is not for programs.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their account.
    pub account: RecordId,
    /// The session.
    pub session: RecordId,
    /// The same person as whoever may be a program.
    pub caller: Caller,
}

impl Deref for SignedIn {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl SignedIn {
    /// Somebody in a session, who asks for `purpose`.
    pub fn new(account: RecordId, session: RecordId, purpose: &str) -> Self {
        Self { account, session, caller: Caller::person(account, purpose) }
    }

    /// Who sent the request.
    ///
    /// # Errors
    /// 401 without a valid sign-in, 403 for a token, 503 while the vault is locked.
    pub async fn of(request: &Request) -> Result<Self, Problem> {
        let house = House::of(request);
        let purpose = purpose(request);
        if let Some(token) = bearer(request) {
            if token.starts_with(TOKEN_PREFIX) {
                Caller::program(request, token).await?;
                return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", "this is for people, not for tokens"));
            }
            let (account, session) = house.open()?.desk(move |desk| desk.admit_token(&token)).await?;
            return Ok(Self::new(account, session, &purpose));
        }
        let Some(cookie) = cookies::read(request, cookies::SESSION).and_then(Refresh::parse) else {
            house.open()?;
            return Err(Problem::not_signed_in());
        };
        let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
        if !is_reading && request.header(CSRF) != Some(cookie.csrf().as_str()) {
            return Err(Problem::not_signed_in());
        }
        let (account, session) = house.open()?.desk(move |desk| desk.admit_cookie(&cookie)).await?;
        Ok(Self::new(account, session, &purpose))
    }
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(request: &Request) -> Option<String> {
    let (scheme, token) = request.header(header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn purpose(request: &Request) -> String {
    request.header("x-purpose").filter(|text| !text.is_empty()).unwrap_or(PURPOSE).to_owned()
}

/// Names the security scheme in the OpenAPI document.
pub(super) fn register_scheme(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some(
            "The access token of `POST /api/v1/auth/login`, good for 15 minutes; or, for what is not about the account itself, a token of `POST /api/v1/tokens`.",
        ),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

macro_rules! guard {
    ($($guard:ident),+) => {$(
        impl<'a> ApiExtractor<'a> for $guard {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_scheme(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![SCHEME]
            }

            async fn from_request(
                request: &'a Request,
                _body: &mut RequestBody,
                _options: ExtractParamOptions<()>,
            ) -> Result<Self> {
                Ok(Self::of(request).await?)
            }
        }
    )+};
}

guard!(Caller, SignedIn);
