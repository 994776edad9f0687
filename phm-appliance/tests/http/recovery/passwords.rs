//! Passwords that are changed, and links for new ones that an administrator hands out.

use phm_appliance::settings::Registration;
use poem::http::Method;
use serde_json::json;

use super::{LOGIN, OTHER, token};
use crate::house::{Home, PASSWORD, TestClock};

#[tokio::test]
async fn a_link_for_a_new_password_is_handed_out_only_by_an_admin_who_shows_who_they_are() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    clock.pass(11 * 60);
    let path = format!("/api/v1/accounts/{}/reset-link", asha.account);
    let reply = home.post(&path, Some(&asha), json!({})).await;
    assert_eq!(reply.failure(), (403, "password-needed".to_owned()), "no way around the current password");
    assert_eq!(home.post(&path, Some(&asha), json!({"password": PASSWORD})).await.status, 201);
}

#[tokio::test]
async fn changing_a_password_needs_the_current_one_and_leaves_only_this_session() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let (_, elsewhere) = home.sign_in("asha@example.org").await;
    let change = async |current: &str, password: &str| {
        home.post("/api/v1/auth/password", Some(&asha), json!({"current": current, "password": password})).await
    };
    let without = home.post("/api/v1/auth/password", Some(&asha), json!({"password": OTHER})).await;
    assert_eq!(without.failure().0, 422, "not even a moment after signing in");
    assert_eq!(change("", OTHER).await.failure(), (403, "password-needed".to_owned()));
    assert_eq!(change("wrong wrong wrong", OTHER).await.failure(), (403, "password-needed".to_owned()));
    assert_eq!(change(PASSWORD, "asha asha asha").await.failure().0, 422);
    assert_eq!(change(PASSWORD, OTHER).await.status, 204);
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 200);
    let refresh = home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &elsewhere)]).await;
    assert_eq!(refresh.failure().0, 401);
    // Guessing it is no way around the lock-out of the door.
    for _ in 0..5 {
        change("wrong wrong wrong", PASSWORD).await;
    }
    assert_eq!(change(OTHER, PASSWORD).await.failure().0, 429);
}

#[tokio::test]
async fn without_mail_the_administrator_hands_out_a_link_that_also_forgets_lost_factors() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let (asha, omar) = (home.move_in("Asha").await, home.move_in("Omar").await);
    let path = format!("/api/v1/accounts/{}/reset-link", omar.account);
    assert_eq!(home.post(&path, Some(&omar), json!({})).await.failure(), (403, "not-granted".to_owned()));
    let missing = "/api/v1/accounts/6f9619ff-8b86-4011-b42d-00c04fc964ff/reset-link";
    assert_eq!(home.post(missing, Some(&asha), json!({})).await.failure().0, 404);
    let offered = home.post("/api/v1/auth/factors/totp", Some(&omar), json!({})).await.data();
    assert!(offered["secret"].is_string());
    let made = home.post(&path, Some(&asha), json!({"forgets_factors": true})).await;
    assert_eq!(made.status, 201);
    let link = made.data()["url"].as_str().expect("a link").to_owned();
    assert!(link.starts_with("http://localhost:8080/reset#token="), "{link}");
    let own = home.get(&format!("/api/v1/profiles/{}/alerts", omar.profile), Some(&omar)).await.data();
    assert_eq!((&own[0]["what"], &own[0]["actor"]["name"]), (&json!("reset-link"), &json!("Asha Example")), "{own}");
    let of_the_house = home.get("/api/v1/alerts", Some(&asha)).await.data();
    assert_eq!((of_the_house.as_array().map(Vec::len), &of_the_house[0]["id"]), (Some(1), &own[0]["id"]));
    assert!(!of_the_house.to_string().contains(&omar.profile), "not whose: {of_the_house}");
    let body = json!({"token": token(&link), "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, body).await.status, 204);
    let reply = home.post(LOGIN, None, json!({"email": "omar@example.org", "password": OTHER})).await;
    assert!(reply.data().get("access_token").is_some());
}

#[tokio::test]
async fn a_password_is_taken_as_it_was_typed() {
    let home = Home::open(|settings| settings.registration = Registration::Open);
    home.move_in("Asha").await;
    let long: String = "ਪੰਜਾਬ quiet lanterns juggle ".chars().cycle().take(256).collect();
    for (at, password) in ["  Seven Otters Juggle ", &long].into_iter().enumerate() {
        let email = format!("noor{at}@example.org");
        let person = json!({"email": email, "password": password, "name": "Somebody Else"});
        assert_eq!(home.post("/api/v1/auth/register", None, person).await.status, 201);
        let sign_in = async |password: &str| {
            home.post(LOGIN, None, json!({"email": email, "password": password})).await.status.as_u16()
        };
        let cut: String = password.chars().take(password.chars().count() - 1).collect();
        for other in [password.trim(), &password.to_lowercase(), &password.to_uppercase(), &cut] {
            let expected = if other == password { 200 } else { 401 };
            assert_eq!(sign_in(other).await, expected);
        }
        assert_eq!(sign_in(password).await, 200);
    }
}
