//! Signing in by an identity provider: a small one that runs here, honest or not.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use phm_appliance::settings::{OidcLink, Registration, Settings};
use phm_core::access::Role;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use poem::http::Method;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{Data, Form, Json};
use poem::{EndpointExt as _, Route, Server, get, handler, post};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::house::{Home, PASSWORD, Reply, TestClock};

/// How the provider cheats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Trick {
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
struct Identity {
    issuer: String,
    key: KeyPair,
    other: KeyPair,
    trick: Trick,
    /// What `authorize` was asked: challenge and nonce.
    asked: Option<(String, String)>,
    claims: Value,
    /// Where one signs out there, if it says so.
    way_out: Option<String>,
}

type Shared = Arc<Mutex<Identity>>;

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
async fn provider(claims: Value) -> Shared {
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

fn house(provider: &Shared, change: impl FnOnce(&mut Settings)) -> Home {
    let issuer = provider.lock().expect("the provider").issuer.clone();
    Home::with_pages(|settings| {
        (settings.oidc_issuer, settings.oidc_client_id) = (issuer, "phm-house".to_owned());
        change(settings);
    })
}

/// Leaves for the provider; gives the state and the cookie that go with it.
async fn leave(home: &Home, provider: &Shared) -> (String, String) {
    let reply = home.act(Method::GET, "/sign-in/oidc?next=/settings", None, &[]).await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let address = reply.header("location").to_owned();
    let (base, query) = address.split_once('?').expect("a query");
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).expect("pairs");
    let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let mut provider = provider.lock().expect("the provider");
    assert_eq!(base, format!("{}/authorize", provider.issuer));
    assert_eq!((of("response_type").as_str(), of("code_challenge_method").as_str()), ("code", "S256"));
    assert_eq!(of("redirect_uri"), "http://localhost:8080/sign-in/oidc/back");
    assert!(of("scope").contains("openid") && of("nonce").len() >= 32 && of("state").len() >= 32);
    provider.asked = Some((of("code_challenge"), of("nonce")));
    (of("state"), reply.cookie("phm_oidc"))
}

async fn back(home: &Home, state: &str, cookie: &str) -> Reply {
    home.act(Method::GET, &format!("/sign-in/oidc/back?code=the-code&state={state}"), None, &[("cookie", cookie)]).await
}

async fn come_in(home: &Home, provider: &Shared) -> Reply {
    let (state, cookie) = leave(home, provider).await;
    back(home, &state, &cookie).await
}

fn is_in(reply: &Reply) -> bool {
    reply.header("location") == "/settings" && reply.header("set-cookie").starts_with("phm_session=")
}

fn asha() -> Value {
    json!({"email": "Asha@Example.org", "email_verified": true, "name": "Asha Example", "groups": ["doctors"]})
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_the_provider_vouches_for_comes_into_the_account_with_their_address() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    // Known again by issuer and subject, whatever the address has become.
    provider.lock().expect("the provider").claims = json!({"email": "new@example.org", "email_verified": true});
    assert!(is_in(&come_in(&home, &provider).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_that_was_tampered_with_is_refused() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    home.move_in("Asha").await;
    for trick in [
        Trick::Signature,
        Trick::OtherKey,
        Trick::NoSignature,
        Trick::KeyConfusion,
        Trick::Issuer,
        Trick::Audience,
        Trick::FurtherAudience,
        Trick::Nonce,
        Trick::NoNonce,
        Trick::Expiry,
        Trick::AccessToken,
    ] {
        provider.lock().expect("the provider").trick = trick;
        let reply = come_in(&home, &provider).await;
        assert_eq!(reply.header("location"), "/sign-in?elsewhere=failed", "{trick:?}");
        assert!(reply.headers.get("set-cookie").is_none_or(|cookie| !cookie.as_bytes().starts_with(b"phm_session")));
    }
    provider.lock().expect("the provider").trick = Trick::None;
    assert!(is_in(&come_in(&home, &provider).await), "the honest answer is still taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_serves_once_and_only_in_the_browser_that_left_with_it() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    home.move_in("Asha").await;
    let failed = async |state: &str, cookie: &str| {
        assert_eq!(back(&home, state, cookie).await.header("location"), "/sign-in?elsewhere=failed");
    };
    let (state, cookie) = leave(&home, &provider).await;
    failed(&state, "").await;
    failed(&state, "phm_oidc=another").await;
    failed("another", &cookie).await;
    failed("another", "phm_oidc=another").await;
    failed("", "phm_oidc=").await;
    let other = home
        .act(
            Method::GET,
            &format!("/sign-in/oidc/back?code=the-code&state={state}&iss=https%3A%2F%2Fanother.example"),
            None,
            &[("cookie", &cookie)],
        )
        .await;
    assert_eq!(other.header("location"), "/sign-in?elsewhere=failed", "another provider's answer (RFC 9207)");
    let (state, cookie) = leave(&home, &provider).await;
    let wrong_code = format!("/sign-in/oidc/back?code=another&state={state}");
    let reply = home.act(Method::GET, &wrong_code, None, &[("cookie", &cookie)]).await;
    assert_eq!(reply.header("location"), "/sign-in?elsewhere=failed");
    let (state, cookie) = leave(&home, &provider).await;
    assert!(is_in(&back(&home, &state, &cookie).await));
    failed(&state, &cookie).await;
    let planted = home.act(Method::GET, "/sign-in/oidc", None, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!((planted.header("location"), planted.header("set-cookie").contains("phm_oidc")), ("/sign-in", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_without_a_proven_address_or_against_the_policy_gets_no_account() {
    let unknown = async |claims: Value, change: fn(&mut Settings)| {
        let provider = provider(claims).await;
        let home = house(&provider, change);
        home.move_in("Asha").await;
        come_in(&home, &provider).await.header("location") == "/sign-in?elsewhere=unknown"
    };
    assert!(unknown(json!({"email": "asha@example.org", "email_verified": false}), |_| ()).await);
    assert!(unknown(json!({"email": "asha@example.org"}), |_| ()).await);
    assert!(unknown(json!({}), |_| ()).await);
    assert!(unknown(asha(), |settings| settings.oidc_link = OidcLink::Never).await);
    assert!(unknown(json!({"email": "noor@example.org", "email_verified": true}), |_| ()).await);
    let provider = provider(json!({"email": "noor@example.org", "email_verified": true, "name": "Noor"})).await;
    let home = house(&provider, |settings| settings.oidc_register = true);
    home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await), "where newcomers are welcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_give_and_take_the_roles_that_are_tied_to_them_but_never_the_last_administrator() {
    let provider = provider(asha()).await;
    let home = house(&provider, |settings| {
        settings.oidc_roles = vec![("doctors".to_owned(), Role::Provider), ("keepers".to_owned(), Role::Admin)];
    });
    let person = home.move_in("Asha").await;
    let roles = async || home.get("/api/v1/me", Some(&person)).await.data()["roles"].clone();
    come_in(&home, &provider).await;
    assert_eq!(roles().await, json!(["admin", "patient", "provider"]), "the only administrator stays one");
    home.move_in_as("Omar", &["admin"]).await;
    provider.lock().expect("the provider").claims["groups"] = json!([]);
    come_in(&home, &provider).await;
    assert_eq!(roles().await, json!(["patient"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_left_is_not_let_in_and_a_newcomer_gets_what_the_groups_give() {
    let provider = provider(json!({"email": "lin@example.org", "email_verified": true, "groups": ["labs"]})).await;
    let home = house(&provider, |settings| {
        settings.oidc_register = true;
        settings.oidc_roles = vec![("family".to_owned(), Role::Patient), ("labs".to_owned(), Role::Lab)];
    });
    let early = home.act(Method::GET, "/sign-in/oidc", None, &[]).await;
    assert_eq!(early.header("location"), "/setup", "the first account is made by setting the house up");
    let boss = home.move_in_as("Boss", &["admin"]).await;
    assert!(is_in(&come_in(&home, &provider).await));
    let accounts = home.get("/api/v1/accounts", Some(&boss)).await.data();
    let lin = accounts.as_array().expect("a list").iter().find(|one| one["email"] == "lin@example.org");
    assert_eq!(lin.expect("an account")["roles"], json!(["lab"]));
    provider.lock().expect("the provider").claims["groups"] = json!("family");
    assert!(is_in(&come_in(&home, &provider).await), "one group may come as a word");
    provider.lock().expect("the provider").claims["groups"] = json!([]);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_who_gets_the_same_address_at_the_provider_is_not_taken_for_the_first() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    provider.lock().expect("the provider").claims["sub"] = json!("u-18");
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
    // The administrator, who knows the person, lets them begin anew.
    let path = format!("/api/v1/accounts/{}/reset-link", person.account);
    let handed = home.post(&path, Some(&boss), json!({"forgets_factors": true})).await.data();
    let (_, secret) = handed["url"].as_str().expect("a link").split_once("#token=").expect("a secret");
    let chosen = json!({"token": secret, "password": "tulips grow in rows"});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, chosen).await.status, 204);
    assert!(is_in(&come_in(&home, &provider).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_closed_here_stays_closed_whatever_the_provider_says() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    let path = format!("/api/v1/accounts/{}", person.account);
    assert_eq!(home.post(&path, Some(&boss), json!({"active": false})).await.status, 200);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_answer_is_said_to() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let home = Home::with_pages(|settings| {
        settings.oidc_issuer = format!("http://127.0.0.1:{port}");
        settings.oidc_client_id = "phm-house".to_owned();
    });
    home.move_in("Asha").await;
    let reply = home.act(Method::GET, "/sign-in/oidc", None, &[]).await;
    assert_eq!(reply.header("location"), "/sign-in?elsewhere=unreachable");
    let without = Home::with_pages(|_| ());
    without.move_in("Asha").await;
    assert_eq!(without.act(Method::GET, "/sign-in/oidc", None, &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_somebody_made_with_an_address_they_did_not_prove_is_not_handed_over() {
    let provider = provider(json!({"email": "noor@example.org", "email_verified": true})).await;
    let home = house(&provider, |settings| settings.registration = Registration::Open);
    home.move_in("Asha").await;
    let person = json!({"email": "noor@example.org", "password": PASSWORD, "name": "Not Noor"});
    assert_eq!(home.post("/api/v1/auth/register", None, person).await.status, 201);
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_sign_in_by_a_provider_is_let_in_by_none_that_knew_them_before() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let person = home.move_in("Asha").await;
    assert!(is_in(&come_in(&home, &provider).await));
    // As after a change of providers and back: the earlier one's row is there, and the account names it no more.
    let vault = home.house.open().expect("an open house").vault;
    let row = format!("standing/{}", person.account);
    let refused = tokio::task::spawn_blocking(move || {
        vault.update_state(ProfileId::SYSTEM, &row, |kept: Option<Value>| {
            let mut kept = kept.expect("how the account stands");
            kept["elsewhere"] = Value::Null;
            kept["elsewhere_refused"] = json!(true);
            Ok((Some((kept, None)), ()))
        })
    });
    refused.await.expect("no panic").expect("written");
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_calls_itself_another_is_not_asked() {
    let provider = provider(asha()).await;
    provider.lock().expect("the provider").trick = Trick::Name;
    let home = house(&provider, |_| ());
    home.move_in("Asha").await;
    let reply = home.act(Method::GET, "/sign-in/oidc", None, &[]).await;
    assert_eq!(reply.header("location"), "/sign-in?elsewhere=unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_also_after_an_identity_provider() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let person = home.move_in("Asha").await;
    crate::second::take_app(&home, &person, &TestClock::default()).await;
    let reply = come_in(&home, &provider).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("name=\"code\"") && reply.text().contains("name=\"ticket\""));
    let cookies = reply.headers.get_all("set-cookie").iter();
    assert!(!cookies.into_iter().any(|cookie| cookie.as_bytes().starts_with(b"phm_session=")), "nobody is in yet");
}

/// Signs out in the browser that just came in.
async fn sign_out(home: &Home, entered: &Reply) -> Reply {
    let cookie = entered.cookie("phm_session");
    let (_, session) = cookie.split_once('=').expect("a value");
    let csrf = phm_appliance::auth::session::Refresh::parse(session).expect("a session").csrf();
    let request = poem::Request::builder().method(Method::POST).uri("/sign-out".parse().expect("a path"));
    let request = request.header("cookie", &cookie).content_type("application/x-www-form-urlencoded");
    home.send(request.body(format!("csrf={csrf}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_from_elsewhere_is_led_to_sign_out_there_too() {
    let shared = provider(asha()).await;
    shared.lock().expect("the provider").way_out = Some("https://id.example/end?realm=home".to_owned());
    let home = house(&shared, |settings| settings.oidc_name = "Example".to_owned());
    home.move_in("Asha").await;
    let entered = come_in(&home, &shared).await;
    let out = sign_out(&home, &entered).await;
    assert_eq!(out.status, 200, "{}", out.text());
    let mut cookies = out.headers.get_all("set-cookie").iter();
    assert!(cookies.any(|cookie| cookie.as_bytes().starts_with(b"phm_session=;")), "signed out here");
    let text = out.text().replace("&#38;", "&").replace("&amp;", "&");
    let (_, rest) = text.split_once("href=\"https://id.example/end?").expect("the way out");
    let (query, _) = rest.split_once('"').expect("an end");
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).expect("pairs");
    let of = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    assert_eq!((of("realm").as_str(), of("client_id").as_str()), ("home", "phm-house"));
    assert_eq!(of("post_logout_redirect_uri"), "http://localhost:8080/sign-in");
    assert_eq!(of("id_token_hint").split('.').count(), 3, "the token that was given");

    // A provider without such a place, and one that offers no web page for it.
    for way_out in [None, Some("javascript:alert(1)".to_owned())] {
        let shared = provider(asha()).await;
        shared.lock().expect("the provider").way_out = way_out;
        let home = house(&shared, |_| ());
        home.move_in("Asha").await;
        let entered = come_in(&home, &shared).await;
        assert_eq!(sign_out(&home, &entered).await.header("location"), "/sign-in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_no_sign_in_elsewhere_is_not_found_by_their_address_again() {
    let provider = provider(asha()).await;
    let home = house(&provider, |_| ());
    let person = home.move_in("Asha").await;
    let state = async || home.get("/api/v1/auth/elsewhere", Some(&person)).await.data();
    assert_eq!(state().await, json!({"available": true, "linked": false, "allowed": true}));
    assert!(is_in(&come_in(&home, &provider).await));
    assert_eq!(state().await, json!({"available": true, "linked": true, "allowed": true}));
    let choose = async |allowed: bool, password: &str| {
        let body = json!({"allowed": allowed, "password": password});
        home.post("/api/v1/auth/elsewhere", Some(&person), body).await
    };
    assert_eq!(choose(false, "wrong wrong wrong").await.failure(), (403, "password-needed".to_owned()));
    assert!(is_in(&come_in(&home, &provider).await));
    assert_eq!(choose(false, PASSWORD).await.status, 204);
    assert_eq!(state().await, json!({"available": true, "linked": false, "allowed": false}));
    assert_eq!(come_in(&home, &provider).await.header("location"), "/sign-in?elsewhere=unknown");
    assert_eq!(choose(true, PASSWORD).await.status, 204);
    assert!(is_in(&come_in(&home, &provider).await));
}
