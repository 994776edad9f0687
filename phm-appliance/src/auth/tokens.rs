//! Access tokens: signed, short-lived, bound to one vault and one session.
//!
//! JWT (RFC 7519) with HS256 under a key derived from the vault's token key; every claim is required and checked, with
//! no leeway, and no other algorithm is accepted. A token says who signed in, never what they may see: that is asked
//! anew at every request.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use phm_core::crypto::secret::TokenKey;
use phm_core::id::{RecordId, VaultId};
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

/// How long an access token is good for.
pub const LIFETIME: Duration = Duration::from_mins(15);

const AUDIENCE: &str = "phm-api";

/// Seconds the clock may step back, as when it is corrected, before tokens made until then are refused.
const AHEAD: i64 = 60;

/// What an access token says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The vault that signed.
    pub iss: String,
    /// What the token is for.
    pub aud: String,
    /// The account.
    pub sub: RecordId,
    /// The session it belongs to.
    pub sid: RecordId,
    /// The token's own id.
    pub jti: RecordId,
    /// Made at, in seconds since 1970.
    pub iat: i64,
    /// Good until, in seconds since 1970.
    pub exp: i64,
}

/// Signs and checks access tokens.
pub struct Tokens {
    issuer: String,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// Tokens of one vault under its token key.
    pub fn new(vault: VaultId, key: &TokenKey) -> Self {
        let key = key.digest(b"access token", vault.as_bytes());
        let issuer = format!("phm:{vault}");
        let mut validation = Validation::new(Algorithm::HS256);
        // The times are checked against the clock of the house, which tests may set.
        validation.validate_exp = false;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        Self { issuer, signing: EncodingKey::from_secret(&key), checking: DecodingKey::from_secret(&key), validation }
    }

    /// A fresh token for a session of an account.
    pub fn issue(&self, account: RecordId, session: RecordId, now: Instant) -> String {
        let iat = now.millis().div_euclid(1000);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account,
            sid: session,
            jti: RecordId::new(),
            iat,
            exp: iat.saturating_add_unsigned(LIFETIME.as_secs()),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).expect("HS256 signs any claims")
    }

    /// What a token says, if it is ours and still good at `now`.
    pub fn check(&self, token: &str, now: Instant) -> Option<Claims> {
        let claims: Claims = jsonwebtoken::decode(token, &self.checking, &self.validation).ok()?.claims;
        let now = now.millis().div_euclid(1000);
        // A token from the future means that the clock was set back: it would live longer than it should.
        (claims.iat <= now + AHEAD && now < claims.exp).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(key: u8) -> Tokens {
        Tokens::new(VaultId::from_bytes([7; 16]), &TokenKey::from_bytes([key; 32]))
    }

    #[test]
    fn a_token_says_who_signed_in() {
        let (account, session) = (RecordId::new(), RecordId::new());
        let token = tokens(1).issue(account, session, Instant::now());
        let claims = tokens(1).check(&token, Instant::now()).expect("our own token");
        assert_eq!((claims.sub, claims.sid), (account, session));
        assert_eq!(claims.exp - claims.iat, 900);
    }

    #[test]
    fn other_keys_vaults_algorithms_and_times_are_refused() {
        let ours = tokens(1);
        let now = Instant::now();
        let token = ours.issue(RecordId::new(), RecordId::new(), now);
        assert!(tokens(2).check(&token, now).is_none(), "another key");
        assert!(
            Tokens::new(VaultId::from_bytes([8; 16]), &TokenKey::from_bytes([1; 32])).check(&token, now).is_none(),
            "another vault"
        );
        let old = ours.issue(RecordId::new(), RecordId::new(), now.plus_millis(-901_000));
        assert!(ours.check(&old, now).is_none(), "expired");
        let mut parts = token.split('.');
        let (_, claims, signature) = (parts.next(), parts.next().expect("claims"), parts.next().expect("signature"));
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        assert!(ours.check(&format!("{none}.{claims}."), now).is_none(), "no algorithm");
        assert!(ours.check(&format!("{none}.{claims}.{signature}"), now).is_none(), "another header");
        for bit in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[bit] ^= 2;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            let claims = ours.check(&changed, now).map(|claims| claims.sub);
            assert!(claims.is_none(), "byte {bit}");
        }
    }
}
