//! Access tokens: signed, short-lived, bound to one vault and one session.
//!
//! JWT (RFC 7519) with HS256 under a key derived from the vault's token key; every claim is required and checked, with
//! no leeway, and no other algorithm is accepted (RFC 8725). The header names the epoch of the key, so that keys change
//! without signing anybody out. A token says who signed in, never what they may see: that is asked anew at every
//! request.

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
    /// The newest first; that one signs.
    keys: Vec<Key>,
    validation: Validation,
}

struct Key {
    id: String,
    signing: EncodingKey,
    checking: DecodingKey,
}

impl Tokens {
    /// Tokens of one vault under its token keys, the newest first, each with its epoch.
    pub fn new(vault: VaultId, keys: &[(u32, TokenKey)]) -> Self {
        let issuer = format!("phm:{vault}");
        let key = |(epoch, key): &(u32, TokenKey)| {
            let key = key.digest(b"access token", vault.as_bytes());
            Key {
                id: epoch.to_string(),
                signing: EncodingKey::from_secret(&key),
                checking: DecodingKey::from_secret(&key),
            }
        };
        Self { validation: validation(&issuer), keys: keys.iter().map(key).collect(), issuer }
    }

    /// A fresh token for a session of an account; `None` where there is no key.
    pub fn issue(&self, account: RecordId, session: RecordId, now: Instant) -> Option<String> {
        let key = self.keys.first()?;
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
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &key.signing).ok()
    }

    /// What a token says, if it is ours and still good at `now`.
    pub fn check(&self, token: &str, now: Instant) -> Option<Claims> {
        let named = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.id == named)?;
        let claims: Claims = jsonwebtoken::decode(token, &key.checking, &self.validation).ok()?.claims;
        let now = now.millis().div_euclid(1000);
        // A token from the future means that the clock was set back: it would live longer than it should.
        (claims.iat <= now + AHEAD && now < claims.exp).then_some(claims)
    }
}

fn validation(issuer: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    // The times are checked against the clock of the house, which tests may set.
    validation.validate_exp = false;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use phm_core::crypto::digest::hmac_sha256;
    use serde_json::{Value, json};

    use super::*;

    const VAULT: VaultId = VaultId::from_bytes([7; 16]);

    fn tokens(keys: &[u8]) -> Tokens {
        let keys: Vec<(u32, TokenKey)> =
            keys.iter().map(|key| (u32::from(*key), TokenKey::from_bytes([*key; 32]))).collect();
        Tokens::new(VAULT, &keys)
    }

    /// The bytes tokens of epoch 1 are signed with.
    fn secret() -> [u8; 32] {
        TokenKey::from_bytes([1; 32]).digest(b"access token", VAULT.as_bytes())
    }

    fn coded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    /// A token with this header and these claims, signed with HMAC-SHA-256 under `key`.
    fn forged(header: &Value, claims: &Value, key: &[u8]) -> String {
        let signed = format!("{}.{}", coded(header), coded(claims));
        let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(key, &[signed.as_bytes()]));
        format!("{signed}.{signature}")
    }

    fn claims(now: Instant) -> Value {
        let iat = now.millis() / 1000;
        json!({
            "iss": format!("phm:{VAULT}"), "aud": "phm-api", "sub": RecordId::new(), "sid": RecordId::new(),
            "jti": RecordId::new(), "iat": iat, "exp": iat + 900,
        })
    }

    #[test]
    fn a_token_says_who_signed_in_for_a_quarter_of_an_hour() {
        let (account, session, now) = (RecordId::new(), RecordId::new(), Instant::now());
        let token = tokens(&[1]).issue(account, session, now).expect("a token");
        let read = |seconds: i64| tokens(&[1]).check(&token, now.plus_millis(seconds * 1000));
        let claims = read(0).expect("our own token");
        assert_eq!((claims.sub, claims.sid, claims.exp - claims.iat), (account, session, 900));
        assert!(read(899).is_some() && read(900).is_none(), "it ends on the second");
        assert!(read(-60).is_some() && read(-61).is_none(), "a clock set back makes it live no longer");
    }

    #[test]
    fn keys_change_without_signing_anybody_out_until_the_old_is_forgotten() {
        let now = Instant::now();
        let token = tokens(&[1]).issue(RecordId::new(), RecordId::new(), now).expect("a token");
        assert!(tokens(&[2, 1]).check(&token, now).is_some(), "signed by the key before");
        assert!(tokens(&[2]).check(&token, now).is_none(), "forgotten");
        let newer = tokens(&[2, 1]).issue(RecordId::new(), RecordId::new(), now).expect("a token");
        assert!(tokens(&[1]).check(&newer, now).is_none(), "the newest signs");
        assert!(tokens(&[]).issue(RecordId::new(), RecordId::new(), now).is_none());
    }

    #[test]
    fn hmac_signatures_are_those_of_rfc_7515() {
        // Appendix A.1: the header and payload as they stand there, signed by the same library call as ours.
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .expect("a key");
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                      eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let expected = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let made = jsonwebtoken::crypto::sign(signed.as_bytes(), &EncodingKey::from_secret(&key), Algorithm::HS256);
        assert_eq!(made.expect("signed"), expected);
        let mut lenient = validation("joe");
        (lenient.validate_aud, lenient.iss, lenient.required_spec_claims) = (false, None, ["exp".to_owned()].into());
        let whole = format!("{signed}.{expected}");
        let read = jsonwebtoken::decode::<Value>(&whole, &DecodingKey::from_secret(&key), &lenient).expect("read");
        assert_eq!(read.claims["http://example.com/is_root"], true);

        // The code of ours that gives the signature of the RFC gives that of a token we issue, too.
        let hmac = |key: &[u8], signed: &str| URL_SAFE_NO_PAD.encode(hmac_sha256(key, &[signed.as_bytes()]));
        assert_eq!(hmac(&key, signed), expected);
        let issued = tokens(&[1]).issue(RecordId::new(), RecordId::new(), Instant::now()).expect("a token");
        let (signed, signature) = issued.rsplit_once('.').expect("three parts");
        assert_eq!(hmac(&secret(), signed), signature);
    }

    #[test]
    fn the_attacks_of_rfc_8725_are_refused() {
        let (ours, now) = (tokens(&[1]), Instant::now());
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": "1"});
        let good = claims(now);
        assert!(ours.check(&forged(&header, &good, &secret()), now).is_some(), "the forge itself works");

        // 2.1, 3.1: no signature, another algorithm, a key taken for one of another kind.
        let unsigned = |alg: &str| format!("{}.{}.", coded(&json!({"alg": alg, "kid": "1"})), coded(&good));
        for alg in ["none", "None", "NONE", "nOnE", "HS256"] {
            assert!(ours.check(&unsigned(alg), now).is_none(), "{alg} without a signature");
        }
        for alg in ["HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "none", "", "hs256"] {
            let header = json!({"alg": alg, "typ": "JWT", "kid": "1"});
            assert!(ours.check(&forged(&header, &good, &secret()), now).is_none(), "{alg}");
        }
        // 2.2, 3.5: keys that can be guessed.
        for weak in [&b""[..], b"secret", b"phm", &[0; 32]] {
            assert!(ours.check(&forged(&header, &good, weak), now).is_none());
        }
        // 3.10: a key, or a way to one, that the token brings along; a kid that leads elsewhere.
        for (field, value) in [
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("jku", json!("https://evil.example/keys")),
            ("x5u", json!("https://evil.example/chain")),
        ] {
            let mut brings = header.clone();
            brings[field] = value;
            assert!(ours.check(&forged(&brings, &good, b"AAAA"), now).is_none(), "{field}");
        }
        for kid in [json!("../../dev/null"), json!("0"), json!("2"), json!(""), json!(1), Value::Null] {
            let header = json!({"alg": "HS256", "kid": kid});
            assert!(ours.check(&forged(&header, &good, &secret()), now).is_none(), "{kid}");
        }
        // 3.8, 3.9, 3.11: another issuer, audience or kind; a claim missing or added.
        for (claim, value) in [
            ("iss", json!("phm:00000000-0000-4000-8000-000000000000")),
            ("aud", json!("another")),
            ("aud", json!([])),
            ("sub", json!("nobody")),
            ("exp", json!(now.millis() / 1000 - 1)),
            ("exp", json!("tomorrow")),
            ("iat", json!(now.millis() / 1000 + 3600)),
            ("admin", json!(true)),
        ] {
            let mut changed = good.clone();
            changed[claim] = value;
            assert!(ours.check(&forged(&header, &changed, &secret()), now).is_none(), "{claim}");
        }
        for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
            let mut missing = good.clone();
            missing.as_object_mut().expect("claims").remove(claim);
            assert!(ours.check(&forged(&header, &missing, &secret()), now).is_none(), "without {claim}");
        }
        // 2.4: five parts are an encrypted token, which is none of ours.
        for shape in ["", ".", "..", "a.b.c", "a.b.c.d.e"] {
            assert!(ours.check(shape, now).is_none(), "{shape}");
        }
    }

    #[test]
    fn every_changed_letter_is_noticed() {
        let (ours, now) = (tokens(&[1]), Instant::now());
        let token = ours.issue(RecordId::new(), RecordId::new(), now).expect("a token");
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 2;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert!(ours.check(&changed, now).is_none(), "letter {at}");
        }
        assert!(
            Tokens::new(VaultId::from_bytes([8; 16]), &[(1, TokenKey::from_bytes([1; 32]))])
                .check(&token, now)
                .is_none()
        );
    }
}
