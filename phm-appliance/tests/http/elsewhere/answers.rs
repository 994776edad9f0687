//! What is taken from a provider and what is not: forged answers, used states, silence; and the way out again.

use poem::http::Method;

use super::provider::{Trick, provider};
use super::{asha, back, come_in, house, is_in, leave};
use crate::house::{Home, Reply, TestClock};

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
