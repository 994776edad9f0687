//! The names of this house under which passkeys work, and the ceremonies of WebAuthn there.
//!
//! A passkey belongs to one host name, never to an address. Only names that are the house's own are taken, and only
//! where a browser offers passkeys at all: by https, or as localhost.

use phm_core::access::AccountId;
use poem::Request;
use poem::http::uri::Authority;
use poem::http::{StatusCode, header};
use serde_json::Value;
use webauthn_rs::prelude::{
    AuthenticationResult, CreationChallengeResponse, CredentialID, DiscoverableAuthentication, Passkey,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::auth::accounts::Account;
use crate::http::{Client, House, Problem};
use crate::tls::host_of;

/// One name of this house.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Site {
    /// The name, the relying party of WebAuthn.
    pub host: String,
    /// Scheme, name and port as the browser sees them.
    origin: Url,
}

impl Site {
    /// The name a request uses, where passkeys work under it.
    pub fn of(request: &Request, client: Client, house: &House) -> Option<Self> {
        if !client.is_secure {
            return None;
        }
        let named =
            request.header(header::HOST).or_else(|| request.original_uri().authority().map(Authority::as_str))?;
        let scheme = if client.https { "https" } else { "http" };
        let origin = Url::parse(&format!("{scheme}://{named}")).ok()?;
        let host = origin.domain()?.to_owned();
        let is_ours = host == "localhost"
            || host_of(&house.settings.public_url) == Some(host.as_str())
            || house.keeper().is_some_and(|keeper| keeper.is_called(&host));
        is_ours.then_some(Self { host, origin })
    }

    /// What a browser is asked to make a passkey, and what is kept until it answers.
    pub fn invite(
        &self,
        account: &Account,
        known: Vec<CredentialID>,
    ) -> Result<(CreationChallengeResponse, PasskeyRegistration), Problem> {
        let id = handle(account.id)?;
        let begun = self.party()?.start_passkey_registration(id, &account.email, &account.name, Some(known));
        let (mut asked, kept) = begun.map_err(|_| Problem::internal())?;
        // So that it can also be the only factor: the key itself then knows whose it is.
        if let Some(selection) = &mut asked.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        Ok((asked, kept))
    }

    /// The passkey a browser made.
    pub fn welcome(&self, made: &RegisterPublicKeyCredential, kept: &PasskeyRegistration) -> Result<Passkey, Problem> {
        self.party()?.finish_passkey_registration(made, kept).map_err(|_| refused())
    }

    /// What a browser is asked to show one of these passkeys; `None` where there are none.
    pub fn ask(&self, keys: &[Passkey]) -> Result<Option<(Value, PasskeyAuthentication)>, Problem> {
        if keys.is_empty() {
            return Ok(None);
        }
        let (asked, kept) = self.party()?.start_passkey_authentication(keys).map_err(|_| Problem::internal())?;
        Ok(Some((serde_json::to_value(asked).map_err(|_| Problem::internal())?, kept)))
    }

    /// Whether a browser's answer is right.
    pub fn check(
        &self,
        answer: &PublicKeyCredential,
        kept: &PasskeyAuthentication,
    ) -> Result<AuthenticationResult, Problem> {
        self.party()?.finish_passkey_authentication(answer, kept).map_err(|_| refused())
    }

    /// What a browser is asked to show any passkey of this house.
    pub fn ask_anybody(&self) -> Result<(Value, DiscoverableAuthentication), Problem> {
        let begun = self.party()?.start_discoverable_authentication();
        let (mut asked, kept) = begun.map_err(|_| Problem::internal())?;
        // A button was pressed: the browser asks at once instead of waiting in a list of suggestions.
        asked.mediation = None;
        Ok((serde_json::to_value(asked).map_err(|_| Problem::internal())?, kept))
    }

    /// Whose passkey answers, by its own words.
    pub fn whose(&self, answer: &PublicKeyCredential) -> Result<AccountId, Problem> {
        let (id, _) = self.party()?.identify_discoverable_authentication(answer).map_err(|_| refused())?;
        id.to_string().parse().map_err(|_| refused())
    }

    /// Whether such an answer is right for this key.
    pub fn check_anybody(
        &self,
        answer: &PublicKeyCredential,
        kept: DiscoverableAuthentication,
        key: &Passkey,
    ) -> Result<AuthenticationResult, Problem> {
        self.party()?.finish_discoverable_authentication_v2(answer, kept, key).map_err(|_| refused())
    }

    fn party(&self) -> Result<Webauthn, Problem> {
        WebauthnBuilder::new(&self.host, &self.origin)
            .and_then(|builder| builder.rp_name("PHM").build())
            .map_err(|_| Problem::internal())
    }
}

/// What a passkey knows its owner by: the account's id.
fn handle(account: AccountId) -> Result<Uuid, Problem> {
    Uuid::parse_str(&account.to_string()).map_err(|_| Problem::internal())
}

fn refused() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "sign-in-failed", "this passkey was not accepted")
}
