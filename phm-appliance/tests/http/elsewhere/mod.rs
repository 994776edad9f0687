//! Signing in by an identity provider: a small one that runs here, honest or not.

mod accounts;
mod answers;
mod provider;

use phm_appliance::settings::Settings;
use poem::http::Method;
use provider::Shared;
use serde_json::{Value, json};

use crate::house::{Home, Reply};

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
