//! An identity provider elsewhere, by OpenID Connect.
//!
//! Authorization code with PKCE (RFC 7636), state and nonce; the token's signature, issuer, audience, nonce and expiry
//! are checked by openidconnect, symmetric and absent signatures are never taken. Everything asked of the provider goes by https,
//! except to this machine itself, straight there, follows no redirect and has a deadline.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields,
    IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::invitation;
use crate::settings::Settings;
use crate::tls::{host_of, native_roots, provider};

/// How long what a provider says about itself is believed.
const BELIEVED: Duration = Duration::from_hours(1);

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes an answer of a provider may have.
const LARGEST: u64 = 1 << 20;

/// Every claim of a token beside the standard ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Further {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Further {}

type Fields = IdTokenFields<
    Further,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type TokenAnswer = StandardTokenResponse<Fields, CoreTokenType>;

type Party = Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a provider could not be asked, or its answer not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The settings do not fit.
    #[error("the settings of the identity provider cannot be used")]
    Settings,
    /// It does not answer, or not as OpenID Connect says.
    #[error("the identity provider does not answer as it should")]
    Unreachable,
    /// Its answer was not taken.
    #[error("the identity provider's answer was refused: {0}")]
    Refused(&'static str),
}

/// Somebody on their way to the provider and back.
pub struct Leaving {
    nonce: String,
    verifier: String,
    /// Where they go afterwards.
    pub next: String,
}

/// Who somebody is at the provider.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Who says so.
    pub issuer: String,
    /// Their id there.
    pub subject: String,
    /// Their address, where the provider vouches for it.
    pub verified_email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their groups.
    pub groups: Vec<String>,
    /// The token that said all this, which the provider wants to see where they sign out there too.
    pub token: String,
}

/// The provider the settings name.
pub struct Provider {
    issuer: String,
    client: String,
    secret_file: Option<std::path::PathBuf>,
    back: String,
    home: String,
    group_claim: String,
    agent: ureq::Agent,
    known: Mutex<Option<(Instant, ProviderMetadataWithLogout)>>,
}

impl Provider {
    /// The provider of the settings; `None` where they name none.
    pub fn new(settings: &Settings) -> Option<Self> {
        if settings.oidc_issuer.is_empty() {
            return None;
        }
        let is_here = host_of(&settings.oidc_issuer).is_some_and(|host| host == "localhost" || host == "127.0.0.1");
        let roots: Vec<_> = native_roots().iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider())
            .root_certs(RootCerts::new_with_certs(&roots))
            .build();
        let config = ureq::Agent::config_builder()
            .https_only(!is_here)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(true)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .tls_config(tls)
            .build();
        Some(Self {
            issuer: settings.oidc_issuer.clone(),
            client: settings.oidc_client_id.clone(),
            secret_file: settings.oidc_client_secret_file.clone(),
            back: format!("{}/sign-in/oidc/back", settings.public_url),
            home: format!("{}/sign-in", settings.public_url),
            group_claim: settings.oidc_group_claim.clone(),
            agent: config.into(),
            known: Mutex::default(),
        })
    }

    /// Where to send somebody, the state they come back with, and what is kept until then.
    pub fn leave(&self, next: &str) -> Result<(String, String, Leaving), ProviderError> {
        let leaving = Leaving { nonce: invitation::secret(), verifier: long_secret(), next: next.to_owned() };
        let (state, nonce) = (invitation::secret(), leaving.nonce.clone());
        let (challenge, sent) = (challenge(&leaving.verifier), state.clone());
        let party = self.party(false)?;
        let (address, ..) = party
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(sent),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok((address.into(), state, leaving))
    }

    /// Who came back with `code`. `issuer` is what the answer names as its sender (RFC 9207), where it does.
    pub fn come_back(&self, leaving: &Leaving, code: &str, issuer: Option<&str>) -> Result<Elsewhere, ProviderError> {
        if issuer.is_some_and(|issuer| issuer != self.issuer) {
            return Err(ProviderError::Refused("it comes from another provider"));
        }
        let party = self.party(false)?;
        let answer = party
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| ProviderError::Unreachable)?
            .set_pkce_verifier(PkceCodeVerifier::new(leaving.verifier.clone()))
            .request(&|request| self.ask(request))
            .map_err(|error| match error {
                RequestTokenError::Request(_) => ProviderError::Unreachable,
                _ => ProviderError::Refused("the code was not exchanged"),
            })?;
        // The provider may have changed its keys since they were read.
        self.who(&party, &answer, leaving).or_else(|_| self.who(&self.party(true)?, &answer, leaving))
    }

    /// Who an answer says has come, where everything about it holds.
    fn who(&self, party: &Party, answer: &TokenAnswer, leaving: &Leaving) -> Result<Elsewhere, ProviderError> {
        let verifier = party.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let token = answer.id_token().ok_or(ProviderError::Refused("there is no token in it"))?;
        let claims = token
            .claims(&verifier, &Nonce::new(leaving.nonce.clone()))
            .map_err(|_| ProviderError::Refused("the token does not hold"))?;
        if let Some(expected) = claims.access_token_hash() {
            let unfit = || ProviderError::Refused("the access token is another's");
            let algorithm = token.signing_alg().map_err(|_| unfit())?;
            let key = token.signing_key(&verifier).map_err(|_| unfit())?;
            let found = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|_| unfit())?;
            if found != *expected {
                return Err(unfit());
            }
        }
        let verified_email = claims.email().filter(|_| claims.email_verified() == Some(true));
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        let groups = match claims.additional_claims().all.get(&self.group_claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(group)) => vec![group.clone()],
            _ => Vec::new(),
        };
        Ok(Elsewhere {
            issuer: self.issuer.clone(),
            subject: claims.subject().as_str().to_owned(),
            verified_email: verified_email.map(|email| email.as_str().to_owned()),
            name,
            groups,
            token: token.to_string(),
        })
    }

    /// Where somebody signs out at the provider too, who came in with `token`, and comes back from
    /// (OpenID Connect RP-Initiated Logout 1.0); `None` where it offers no such place.
    pub fn way_out(&self, token: &str) -> Result<Option<String>, ProviderError> {
        let endpoint = self.metadata(false)?.additional_metadata().end_session_endpoint.clone();
        let Some(endpoint) = endpoint.filter(|endpoint| matches!(endpoint.url().scheme(), "https" | "http")) else {
            return Ok(None);
        };
        let home = PostLogoutRedirectUrl::new(self.home.clone()).map_err(|_| ProviderError::Settings)?;
        let request = LogoutRequest::from(endpoint).set_client_id(ClientId::new(self.client.clone()));
        let mut address = request.set_post_logout_redirect_uri(home).http_get_url();
        address.query_pairs_mut().append_pair("id_token_hint", token);
        Ok(Some(address.into()))
    }

    /// What the provider says about itself, asked anew when that is old or `anew` says so.
    fn metadata(&self, anew: bool) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = known.filter(|(asked, _)| !anew && asked.elapsed() < BELIEVED);
        if let Some((_, metadata)) = known {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|_| ProviderError::Settings)?;
        let asked = ProviderMetadataWithLogout::discover(&issuer, &|request| self.ask(request));
        let metadata = asked.map_err(|_| ProviderError::Unreachable)?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn party(&self, anew: bool) -> Result<Party, ProviderError> {
        let metadata = self.metadata(anew)?;
        let secret = match &self.secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|_| ProviderError::Settings)?;
                Some(ClientSecret::new(text.lines().next().unwrap_or_default().to_owned()))
            }
            None => None,
        };
        let back = RedirectUrl::new(self.back.clone()).map_err(|_| ProviderError::Settings)?;
        Ok(Party::from_provider_metadata(metadata, ClientId::new(self.client.clone()), secret).set_redirect_uri(back))
    }

    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, body) = request.into_parts();
        let mut answer = if body.is_empty() {
            self.agent.run(poem::http::Request::from_parts(parts, ()))?
        } else {
            self.agent.run(poem::http::Request::from_parts(parts, body))?
        };
        let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(HttpResponse::from_parts(parts, body))
    }
}

/// What a code is bound to (RFC 7636, S256).
fn challenge(verifier: &str) -> PkceCodeChallenge {
    PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()))
}

/// 43 letters from 32 random bytes, as RFC 7636 section 4.1 recommends.
fn long_secret() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(phm_core::crypto::random::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_bound_to_its_verifier_as_rfc_7636_shows() {
        // Appendix B.
        let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(challenge.method().as_str(), "S256");
        assert_eq!(long_secret().len(), 43);
    }
}
