//! What ends a session by itself: idling, however many pages are open, and an account that is closed.

use std::time::Duration;

use phm_appliance::auth::desk::{Arrival, Outcome};
use phm_appliance::auth::session::Door;
use phm_appliance::http::Client;
use phm_core::access::{Action, Actor};
use phm_core::id::ProfileId;
use phm_core::vault::{How, Removed};
use poem::http::Method;
use serde_json::json;

use super::LOGIN;
use crate::house::{Home, PASSWORD, TestClock};

/// Signs Asha in with a browser, which goes on with this cookie.
async fn browser(home: &Home) -> String {
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let opened = home.house.open().expect("open");
    let outcome = opened.desk(move |desk| desk.sign_in("asha@example.org", PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    format!("phm_session={}", entered.refresh.text())
}

#[tokio::test]
async fn a_browser_that_idles_is_signed_out_and_one_that_is_used_stays() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |settings| settings.idle_minutes = 60);
    home.move_in("Asha").await;
    let cookie = browser(&home).await;
    let me = async || home.act(Method::GET, "/api/v1/me", None, &[("cookie", &cookie)]).await.status.as_u16();
    for _ in 0..5 {
        clock.pass(59 * 60);
        assert_eq!(me().await, 200, "used within the hour");
    }
    clock.pass(60 * 60);
    assert_eq!(me().await, 401, "idle for an hour, on the second");
    clock.pass(-59 * 60);
    assert_eq!(me().await, 401, "a clock set back does not revive it");
}

#[tokio::test]
async fn a_page_that_is_left_open_does_not_keep_its_reader_signed_in() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |settings| settings.idle_minutes = 60);
    let asha = home.move_in("Asha").await;
    let cookie = browser(&home).await;
    let watch = format!("/p/{}/watch", asha.profile);
    let headers = [("cookie", cookie.as_str())];
    clock.pass(59 * 60);
    let later = async {
        tokio::time::sleep(Duration::from_millis(800)).await;
        clock.pass(2 * 60);
    };
    let (stream, ()) = tokio::join!(home.act(Method::GET, &watch, None, &headers), later);
    assert!(stream.status == 200 && stream.text().contains("ended"), "{}", stream.text());
    let page = home.act(Method::GET, &format!("/p/{}", asha.profile), None, &headers).await;
    assert_eq!(page.status, 303);
    assert!(page.header("location").starts_with("/sign-in"));
    // What was typed before is not taken, and the way on is to sign in.
    let form = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let sent = home.act(Method::POST, "/sign-out", None, &form).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/sign-in"));
}

#[tokio::test]
async fn an_account_that_was_closed_is_out_at_once() {
    let (home, [asha, _]) = Home::of(["Asha", "Omar"]).await;
    let (_, cookie) = home.sign_in("asha@example.org").await;
    let vault = home.house.open().expect("an open house").vault;
    let account = asha.account.parse().expect("an id");
    let close = move || -> phm_core::Result<()> {
        let session = vault.session(Actor::Operator, "closing an account")?;
        let permit = |action| session.permit(action, ProfileId::SYSTEM, "account");
        let record = session.read(&permit(Action::Read)?, account, Removed::Hide)?;
        let mut body: serde_json::Value = serde_json::from_str(record.body.get()).expect("JSON");
        body["status"] = json!("deactivated");
        session.amend(&permit(Action::Amend)?, account, record.version, &body, How::Typed).map(|_| ())
    };
    tokio::task::spawn_blocking(close).await.expect("no panic").expect("closed");
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.failure().0, 401);
    let refresh = home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &cookie)]).await;
    assert_eq!(refresh.failure().0, 401);
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await;
    assert_eq!(reply.failure(), (401, "sign-in-failed".to_owned()));
}
