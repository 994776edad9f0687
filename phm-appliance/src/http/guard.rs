//! Who asks: the guard a handler names among its arguments.
//!
//! [`SignedIn`] is a person with a valid access token (`Authorization: Bearer`), or a browser of ours with its session
//! cookie; a browser must send its CSRF value along with anything but reading. Without either the answer is 401, before
//! anything else about the request is looked at.

use phm_core::access::Actor;
use phm_core::id::RecordId;
use poem::http::{Method, header};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::house::House;
use super::problem::Problem;
use crate::auth::cookies;
use crate::auth::session::Refresh;

/// Name of the security scheme in the OpenAPI document.
pub(super) const SCHEME: &str = "bearer";

/// The header with the CSRF value of a browser's session.
const CSRF: &str = "x-csrf-token";

/// Why somebody asks, unless they say otherwise in `X-Purpose`.
const PURPOSE: &str = "care";

/// A person who signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their account.
    pub account: RecordId,
    /// The session.
    pub session: RecordId,
    /// Why they ask; it stands in the audit trail.
    pub purpose: String,
}

impl SignedIn {
    /// Who sent the request.
    ///
    /// # Errors
    /// 401 without a valid sign-in, 503 while the vault is locked.
    pub async fn of(request: &Request) -> Result<Self, Problem> {
        let house = House::of(request);
        let purpose = request.header("x-purpose").filter(|text| !text.is_empty()).unwrap_or(PURPOSE).to_owned();
        let bearer = request.header(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
        if let Some(token) = bearer {
            let (account, session) = house.open()?.desk(move |desk| desk.admit_token(&token)).await?;
            return Ok(Self { account, session, purpose });
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
        Ok(Self { account, session, purpose })
    }

    /// The actor of the core's sessions.
    pub fn actor(&self) -> Actor {
        Actor::Person { account: self.account }
    }
}

/// Names the security scheme in the OpenAPI document.
pub(super) fn register_scheme(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some("The access token of `POST /api/v1/auth/login`, good for 15 minutes."),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

impl<'a> ApiExtractor<'a> for SignedIn {
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
