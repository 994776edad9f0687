//! Passwords that somebody forgot: the link that comes by mail, how long it is good, and what it does not tell.

use std::time::Duration;

use phm_appliance::settings::Registration;
use poem::http::Method;
use serde_json::json;

use super::{LOGIN, OTHER, letter, token, with_letters};
use crate::house::{PASSWORD, TestClock};

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_every_session_ends() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let (_, cookie) = home.sign_in("asha@example.org").await;
    let forgot = async |email: &str| home.post("/api/v1/auth/password/forgot", None, json!({ "email": email })).await;
    assert_eq!(forgot("nobody@example.org").await.status, 204);
    assert_eq!(forgot("Asha@Example.org").await.status, 204, "the same answer");
    let text = letter(&folder, 0).await;
    assert!(text.contains("To: asha@example.org"), "nobody else was written to: {text}");
    let link = token(&text);
    let reset = async |token: &str, password: &str| {
        home.post("/api/v1/auth/password/reset", None, json!({"token": token, "password": password})).await
    };
    assert_eq!(reset(&link, "short").await.json()["error"]["details"][0]["code"], "too-short");
    assert_eq!(reset(&link, OTHER).await.status, 204, "a refused password leaves the link good");
    assert_eq!(reset(&link, PASSWORD).await.failure(), (403, "link-invalid".to_owned()), "used");
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.failure(), (401, "session-ended".to_owned()));
    let refresh = home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &cookie)]).await;
    assert_eq!(refresh.failure(), (401, "session-ended".to_owned()));
    let sign_in = async |password: &str| {
        home.post(LOGIN, None, json!({"email": "asha@example.org", "password": password})).await.status.as_u16()
    };
    assert_eq!((sign_in(PASSWORD).await, sign_in(OTHER).await), (401, 200));
    assert!(letter(&folder, 1).await.contains("password was changed"));
}

#[tokio::test]
async fn nobody_can_have_somebody_elses_mailbox_filled() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let forgot = async || home.post("/api/v1/auth/password/forgot", None, json!({"email": "asha@example.org"})).await;
    for _ in 0..5 {
        assert_eq!(forgot().await.status, 204, "the answer is the same");
    }
    let change = json!({"current": PASSWORD, "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password", Some(&asha), change).await.status, 204);
    assert!(letter(&folder, 3).await.contains("password was changed"), "three were enough");
    clock.pass(60 * 60);
    forgot().await;
    assert!(letter(&folder, 4).await.contains("#token="));
}

#[tokio::test]
async fn a_new_password_by_a_link_ends_the_wait_for_wrong_ones() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    home.move_in("Asha").await;
    let sign_in = async |password: &str| {
        home.post(LOGIN, None, json!({"email": "asha@example.org", "password": password})).await.status.as_u16()
    };
    for _ in 0..6 {
        sign_in("wrong wrong wrong").await;
    }
    assert_eq!(sign_in(PASSWORD).await, 429);
    home.post("/api/v1/auth/password/forgot", None, json!({"email": "asha@example.org"})).await;
    let body = json!({"token": token(&letter(&folder, 0).await), "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, body).await.status, 204);
    assert_eq!(sign_in(OTHER).await, 200);
}

#[tokio::test]
async fn links_end_with_their_time_and_with_the_next_password() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let mut asha = home.move_in("Asha").await;
    let forgot = async || home.post("/api/v1/auth/password/forgot", None, json!({"email": "asha@example.org"})).await;
    let reset = async |token: &str| {
        home.post("/api/v1/auth/password/reset", None, json!({"token": token, "password": OTHER})).await.status.as_u16()
    };
    forgot().await;
    let late = token(&letter(&folder, 0).await);
    clock.pass(30 * 60);
    assert_eq!(reset(&late).await, 403, "half an hour, on the second");
    forgot().await;
    let older = token(&letter(&folder, 1).await);
    let change = json!({"current": PASSWORD, "password": "nine quiet lanterns"});
    clock.pass(1);
    (asha.token, _) = home.sign_in("asha@example.org").await;
    assert_eq!(home.post("/api/v1/auth/password", Some(&asha), change).await.status, 204);
    assert_eq!(reset(&older).await, 403, "made before the password was changed");
}

#[tokio::test]
async fn a_reset_by_mail_leaves_the_second_factor_in_place() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    crate::second::take_app(&home, &asha, &clock).await;
    home.post("/api/v1/auth/password/forgot", None, json!({"email": "asha@example.org"})).await;
    // The first told of the app.
    let body = json!({"token": token(&letter(&folder, 1).await), "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, body).await.status, 204);
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": OTHER})).await.data();
    assert_eq!(reply["mfa"]["methods"], json!(["totp", "recovery-code"]));
}

#[tokio::test]
async fn what_is_answered_about_addresses_comes_no_sooner_for_one_that_is_free() {
    let clock = TestClock::default();
    let (home, _) = with_letters(&clock, Registration::Open);
    home.move_in("Asha").await;
    let took = async |path: &str, body: serde_json::Value| {
        let begun = std::time::Instant::now();
        let status = home.post(path, None, body).await.status.as_u16();
        (status, begun.elapsed() >= Duration::from_millis(750))
    };
    for email in ["asha@example.org", "nobody@example.org"] {
        assert_eq!(took("/api/v1/auth/password/forgot", json!({"email": email})).await, (204, true), "{email}");
        let person = json!({"email": email, "password": OTHER, "name": "Somebody Else"});
        assert_eq!(took("/api/v1/auth/register", person).await, (201, true), "{email}");
    }
}
