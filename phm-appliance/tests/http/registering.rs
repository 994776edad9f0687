//! Registering, and the invitations by which somebody comes into the house.

use phm_appliance::settings::Registration;
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD};

#[tokio::test]
async fn registration_is_by_invitation_unless_the_house_says_otherwise() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let register = async |home: &Home, email: &str, invitation: Option<&str>| {
        let body = json!({"email": email, "password": PASSWORD, "name": "Noor Example", "invitation": invitation});
        home.post("/api/v1/auth/register", None, body).await
    };
    assert_eq!(register(&home, "noor@example.org", None).await.failure(), (403, "registration-closed".to_owned()));
    assert_eq!(register(&home, "noor@example.org", Some("x")).await.failure().0, 403);
    let invited = home.act(Method::POST, "/api/v1/invitations", Some(&asha), &[]).await.data();
    let invitation = invited["invitation"].as_str().expect("an invitation");
    let taken = register(&home, "asha@example.org", Some(invitation)).await;
    assert_eq!(taken.failure().0, 409, "{}", taken.text());
    let made = register(&home, "noor@example.org", Some(invitation)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(made.data()["account"].is_string() && made.data()["profile"].is_string());
    assert_eq!(
        register(&home, "omar@example.org", Some(invitation)).await.failure().0,
        403,
        "an invitation is for one"
    );

    let shut = Home::open(|settings| settings.registration = Registration::Closed);
    let boss = shut.move_in("Asha").await;
    let invited = shut.act(Method::POST, "/api/v1/invitations", Some(&boss), &[]).await.data();
    let refused = register(&shut, "noor@example.org", invited["invitation"].as_str()).await;
    assert_eq!(refused.failure(), (403, "registration-closed".to_owned()), "not even by an invitation");

    let open = Home::open(|settings| settings.registration = Registration::Open);
    open.move_in("Asha").await;
    assert_eq!(register(&open, "noor@example.org", None).await.status, 201);
    let weak = json!({"email": "x", "password": "short", "name": " "});
    let reply = open.post("/api/v1/auth/register", None, weak).await;
    let details = json!([
        {"path": "/email", "code": "invalid-email"}, {"path": "/name", "code": "required"},
        {"path": "/password", "code": "too-short"},
    ]);
    assert_eq!(reply.json()["error"]["details"], details);
}

#[tokio::test]
async fn only_admins_invite() {
    let (home, [_, omar]) = Home::of(["Asha", "Omar"]).await;
    let reply = home.act(Method::POST, "/api/v1/invitations", Some(&omar), &[]).await;
    assert_eq!(reply.failure(), (403, "not-granted".to_owned()));
}

#[tokio::test]
async fn admins_see_the_invitations_that_wait_and_take_them_back() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let invite = async || {
        let made = home.act(Method::POST, "/api/v1/invitations", Some(&asha), &[]).await.data();
        made["invitation"].as_str().expect("a secret").to_owned()
    };
    let waiting =
        async || home.get("/api/v1/invitations", Some(&asha)).await.data().as_array().expect("a list").clone();
    let register = async |email: &str, invitation: &str| {
        let body = json!({"email": email, "password": PASSWORD, "name": "Noor Example", "invitation": invitation});
        home.post("/api/v1/auth/register", None, body).await.status.as_u16()
    };
    let (first, second) = (invite().await, invite().await);
    let listed = waiting().await;
    assert_eq!((listed.len(), &listed[0]["by"]), (2, &json!("Asha Example")));
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    assert_ne!(id, first);
    assert_eq!(register("noor@example.org", &id).await, 403, "its id lets nobody in");
    assert_eq!(home.get("/api/v1/invitations", Some(&omar)).await.failure().0, 403);
    let one = format!("/api/v1/invitations/{id}");
    assert_eq!(home.act(Method::DELETE, &one, Some(&omar), &[]).await.failure().0, 403);
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.failure().0, 404, "once");
    assert_eq!(register("noor@example.org", &first).await, 403, "taken back");
    assert_eq!(register("omar@example.org", &second).await, 409, "a taken address uses it up for nobody");
    assert_eq!(waiting().await.len(), 1);
    assert_eq!(register("noor@example.org", &second).await, 201);
    assert!(waiting().await.is_empty());
}
