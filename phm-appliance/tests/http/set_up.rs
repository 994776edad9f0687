//! Setting a house up and unlocking it: what a house without an open vault serves, and to whom.

use phm_appliance::settings::Tls;
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD};

#[tokio::test]
async fn set_up_makes_the_vault_and_the_first_account_once() {
    let home = Home::empty(|_| ());
    assert_eq!(home.get("/api/v1/setup", None).await.data(), json!({"needed": true}));
    assert_eq!(home.get("/api/v1/me", None).await.failure(), (503, "setup-needed".to_owned()));
    assert_eq!(home.get("/readyz", None).await.json()["status"], "not-ready");
    let token = home.house.new_setup_token();
    let steps = |token: &str, passphrase: Option<&str>| {
        json!({
            "token": token, "passphrase": passphrase, "email": "asha@example.org", "password": PASSWORD,
            "name": "Asha Example",
        })
    };
    let good = Some("four plain words here");
    assert_eq!(home.post("/api/v1/setup", None, steps("x", good)).await.failure().0, 403);
    let none = home.post("/api/v1/setup", None, steps(&token, None)).await;
    assert_eq!(none.json()["error"]["details"][0]["path"], "/passphrase");
    let made = home.post("/api/v1/setup", None, steps(&token, good)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let code = made.data()["recovery_code"].as_str().expect("a recovery code").to_owned();
    assert_eq!(home.post("/api/v1/setup", None, steps(&token, good)).await.failure().0, 409);
    assert_eq!(home.get("/api/v1/setup", None).await.data(), json!({"needed": false}));
    home.sign_in("asha@example.org").await;

    home.house.move_out().expect("an open vault").close().expect("closed");
    let again = Home::empty(|settings| *settings = home.house.settings.clone());
    assert_eq!(again.get("/readyz", None).await.json()["status"], "locked");
    assert_eq!(again.get("/api/v1/me", None).await.failure(), (503, "locked".to_owned()));
    let wrong = again.post("/api/v1/unlock", None, json!({"passphrase": "not this one at all"})).await;
    assert_eq!(wrong.failure(), (401, "wrong-secret".to_owned()));
    let right = again.post("/api/v1/unlock", None, json!({"recovery_code": code})).await;
    assert_eq!(right.data(), json!({"locked": false}), "{}", right.text());
    assert_eq!(again.get("/readyz", None).await.json()["status"], "ready");
    again.sign_in("asha@example.org").await;
}

/// A house whose vault waits for its passphrase.
fn locked(change: impl FnOnce(&mut phm_appliance::settings::Settings)) -> Home {
    let home = Home::open(|_| ());
    home.house.move_out().expect("an open vault").close().expect("closed");
    let mut settings = home.house.settings.clone();
    change(&mut settings);
    let again = Home::empty(|own| *own = settings);
    again.keep(home)
}

#[tokio::test]
async fn a_locked_house_serves_unlocking_and_how_it_does_and_nothing_else() {
    let home = locked(|_| ());
    assert_eq!(home.get("/healthz", None).await.json(), json!({"status": "ok"}));
    let ready = home.get("/readyz", None).await;
    assert_eq!((ready.status.as_u16(), &ready.json()["status"]), (503, &json!("locked")));
    for path in ["/api/v1/me", "/api/v1/profiles", "/api/openapi.json", "/docs", "/metrics", "/api/v1/auth/login"] {
        assert_eq!(home.get(path, None).await.failure(), (503, "locked".to_owned()), "{path}");
    }
    for path in ["/", "/sign-in", "/people", "/p/me/timeline", "/admin", "/nowhere"] {
        let reply = home.get(path, None).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/unlock"), "{path}");
        let part = home.act(Method::GET, path, None, &[("hx-request", "true")]).await;
        assert_eq!((part.status.as_u16(), part.header("hx-redirect")), (204, "/unlock"), "{path}");
        let sent = home.act(Method::POST, path, None, &[]).await;
        assert_eq!(sent.failure(), (503, "locked".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn the_passphrase_is_taken_only_where_nobody_can_listen() {
    let home = locked(|settings| settings.tls = Tls::Proxy);
    let right = json!({"passphrase": "a passphrase for tests"});
    let unlock = async |home: &Home, headers: &[(&str, &str)]| {
        let reply = home.change(Method::POST, "/api/v1/unlock", None, headers, right.clone()).await;
        (reply.status.as_u16(), reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let far = ("x-forwarded-for", "192.0.2.7");
    let refused = (403, "https-needed".to_owned());
    assert_eq!(unlock(&home, &[far, ("x-forwarded-proto", "http")]).await, refused, "a proxy that took plain http");
    assert_eq!(home.get("/readyz", None).await.json()["status"], "locked");
    assert_eq!(unlock(&home, &[far, ("x-forwarded-proto", "https")]).await.0, 200);
    let plain = locked(|_| ());
    assert_eq!(unlock(&plain, &[far]).await, refused, "what came through somebody did not come from here");
    assert_eq!(unlock(&plain, &[]).await.0, 200, "on the machine itself");
}

#[tokio::test]
async fn a_vault_is_made_and_restored_only_where_nobody_can_listen() {
    let home = Home::empty(|settings| settings.tls = Tls::Proxy);
    let token = home.house.new_setup_token();
    let steps = json!({
        "token": token, "passphrase": "four plain words here", "email": "asha@example.org", "password": PASSWORD,
        "name": "Asha Example",
    });
    let (far, plain) = (("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "http"));
    let send = async |path: &str, headers: &[(&str, &str)]| {
        home.change(Method::POST, path, None, headers, steps.clone()).await
    };
    let refused = (403, "https-needed".to_owned());
    assert_eq!(send("/api/v1/setup", &[far, plain]).await.failure(), refused);
    assert_eq!(send("/api/v1/setup/restore", &[far, plain]).await.failure(), refused);
    assert!(!home.house.settings.data_dir.exists(), "nothing was made");
    assert_eq!(send("/api/v1/setup", &[far, ("x-forwarded-proto", "https")]).await.status, 201);
}

#[tokio::test]
async fn the_pages_of_set_up_have_a_form_only_where_nobody_can_listen() {
    let home = Home::empty_with_pages(|_| ());
    for path in ["/setup", "/setup/restore"] {
        let here = home.get(path, None).await.text();
        assert!(here.contains("name=\"passphrase\""), "{path}");
        let far = home.act(Method::GET, path, None, &[("x-forwarded-for", "192.0.2.7")]).await.text();
        assert!(!far.contains("name=\"passphrase\"") && far.contains("role=\"alert\""), "{far}");
    }
}

#[tokio::test]
async fn wrong_passphrases_cost_more_and_more_time() {
    let home = locked(|_| ());
    let unlock = async |text: &str| home.post("/api/v1/unlock", None, json!({"passphrase": text})).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(unlock("not this one at all").await.status.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 401, 401, 429]);
    let right = unlock("a passphrase for tests").await;
    assert_eq!(right.failure().0, 429, "the right one waits too");
    assert_eq!(right.header("retry-after"), "5");
}

#[tokio::test]
async fn the_page_to_unlock_has_a_form_only_where_nobody_can_listen() {
    let home = Home::with_pages(|_| ());
    home.house.move_out().expect("an open vault").close().expect("closed");
    let here = home.get("/unlock", None).await.text();
    assert!(here.contains("name=\"passphrase\"") && here.contains("name=\"recovery_code\""));
    let far = home.act(Method::GET, "/unlock", None, &[("x-forwarded-for", "192.0.2.7")]).await.text();
    assert!(!far.contains("name=\"passphrase\"") && far.contains("role=\"alert\""), "{far}");
}
