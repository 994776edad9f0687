//! A small identity provider that runs here, honest or not.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use phm_core::time::Instant;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{Data, Form, Json};
use poem::{EndpointExt as _, Route, Server, get, handler, post};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How the provider cheats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trick {
    None,
    Signature,
    OtherKey,
    NoSignature,
    KeyConfusion,
    Issuer,
    Audience,
    FurtherAudience,
    Nonce,
    NoNonce,
    Expiry,
    AccessToken,
    /// It says that it is another provider.
    Name,
}

/// A small identity provider.
pub struct Identity {
    pub issuer: String,
    key: KeyPair,
    other: KeyPair,
    pub trick: Trick,
    /// What `authorize` was asked: challenge and nonce.
    pub asked: Option<(String, String)>,
    pub claims: Value,
    /// Where one signs out there, if it says so.
    pub way_out: Option<String>,
}

pub type Shared = Arc<Mutex<Identity>>;

fn jwk(key: &KeyPair) -> Value {
    let point = key.public_key_raw();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1", "x": part(1..33), "y": part(33..65)})
}

#[handler]
fn about(provider: Data<&Shared>) -> Json<Value> {
    let provider = provider.lock().expect("the provider");
    let issuer = provider.issuer.clone();
    let name = if provider.trick == Trick::Name { "https://another.example" } else { issuer.as_str() };
    let mut about = json!({
        "issuer": name, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    if let Some(way_out) = &provider.way_out {
        about["end_session_endpoint"] = json!(way_out);
    }
    Json(about)
}

#[handler]
fn keys(provider: Data<&Shared>) -> Json<Value> {
    Json(json!({"keys": [jwk(&provider.lock().expect("the provider").key)]}))
}

#[handler]
fn token(provider: Data<&Shared>, form: Form<Vec<(String, String)>>) -> poem::Response {
    let provider = provider.lock().expect("the provider");
    let field = |name: &str| form.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let Some((challenge, nonce)) = &provider.asked else { return bad() };
    // The code is bound to who asked for it (RFC 7636).
    if URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier"))) != *challenge || field("code") != "the-code" {
        return bad();
    }
    let now = Instant::now().millis() / 1000;
    let hash = Sha256::digest(b"an-access-token");
    let mut claims = json!({
        "iss": provider.issuer, "aud": "phm-house", "sub": "u-17", "nonce": nonce, "iat": now, "exp": now + 300,
        "at_hash": URL_SAFE_NO_PAD.encode(&hash[..16]),
    });
    for (name, value) in provider.claims.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    match provider.trick {
        Trick::Issuer => claims["iss"] = json!("https://another.example"),
        Trick::Audience => claims["aud"] = json!("another-house"),
        Trick::FurtherAudience => claims["aud"] = json!(["phm-house", "another-house"]),
        Trick::Nonce => claims["nonce"] = json!("another-nonce"),
        Trick::NoNonce => drop(claims.as_object_mut().expect("claims").remove("nonce")),
        Trick::Expiry => claims["exp"] = json!(now - 1),
        Trick::AccessToken => claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
        _ => {}
    }
    let key = if provider.trick == Trick::OtherKey { &provider.other } else { &provider.key };
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
    let signing = EncodingKey::from_ec_der(key.serialized_der());
    let mut signed = jsonwebtoken::encode(&header, &claims, &signing).expect("a token");
    let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    match provider.trick {
        Trick::Signature => {
            let at = signed.len() - 10;
            let other = if signed.as_bytes()[at] == b'A' { "B" } else { "A" };
            signed.replace_range(at..=at, other);
        }
        Trick::NoSignature => signed = format!("{}.{}.", coded(&json!({"alg": "none"})), coded(&claims)),
        Trick::KeyConfusion => {
            let public = EncodingKey::from_secret(provider.key.public_key_raw());
            signed = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &public).expect("a token");
        }
        _ => {}
    }
    poem::Response::builder().content_type("application/json").body(
        json!({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": signed})
            .to_string(),
    )
}

fn bad() -> poem::Response {
    poem::Response::builder()
        .status(poem::http::StatusCode::BAD_REQUEST)
        .content_type("application/json")
        .body("{\"error\":\"invalid_grant\"}")
}

/// A provider that serves, with these claims about the one person it knows.
pub async fn provider(claims: Value) -> Shared {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.expect("a port");
    let address = acceptor.local_addr()[0].as_socket_addr().copied().expect("an address");
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let shared = Arc::new(Mutex::new(Identity {
        issuer: format!("http://127.0.0.1:{}", address.port()),
        key: key(),
        other: key(),
        trick: Trick::None,
        asked: None,
        claims,
        way_out: None,
    }));
    let app = Route::new()
        .at("/.well-known/openid-configuration", get(about))
        .at("/keys", get(keys))
        .at("/token", post(token))
        .data(Arc::clone(&shared));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
    shared
}
