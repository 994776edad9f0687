//! Signing in and out: what a password gives, what a token and a cookie are good for, and how long.

use phm_appliance::auth::desk::{Arrival, KEY_SIGNS_FOR, Outcome};
use phm_appliance::auth::session::Door;
use phm_appliance::http::Client;
use phm_appliance::settings::Tls;
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD, Person, TestClock};

const LOGIN: &str = "/api/v1/auth/login";

#[tokio::test]
async fn signing_in_answers_as_the_contract_says() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let reply = home.post(LOGIN, None, json!({"email": "Asha@Example.org", "password": PASSWORD})).await;
    let data = reply.data();
    assert_eq!((&data["token_type"], &data["expires_in"]), (&json!("Bearer"), &json!(900)));
    let account = json!({
        "id": asha.account, "email": "asha@example.org", "name": "Asha Example", "roles": ["admin", "patient"],
        "profile": asha.profile,
    });
    assert_eq!(data["account"], account);
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("phm_refresh=") && cookie.contains("HttpOnly; SameSite=Strict; Path=/api/v1/auth"));
    assert!(!cookie.contains("Secure"));
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.data(), account);
}

#[tokio::test]
async fn a_failure_says_nothing_about_what_was_wrong() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let mut replies = Vec::new();
    for email in ["asha@example.org", "nobody@example.org", "", "not an address"] {
        let mut json = home.post(LOGIN, None, json!({"email": email, "password": "wrong wrong wrong"})).await.json();
        (json["request_id"], json["timestamp"]) = (json!(null), json!(null));
        replies.push(json);
    }
    assert_eq!(replies[0]["error"]["code"], "sign-in-failed");
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
}

#[tokio::test]
async fn wrong_passwords_lock_out_whoever_tries_and_whether_or_not_there_is_an_account() {
    let (home, [_]) = Home::of(["Asha"]).await;
    for email in ["nobody@example.org", "asha@example.org"] {
        let mut codes = Vec::new();
        for _ in 0..7 {
            codes.push(
                home.post(LOGIN, None, json!({"email": email, "password": "wrong wrong wrong"})).await.failure().0,
            );
        }
        assert_eq!(codes, [401, 401, 401, 401, 401, 429, 429], "{email}");
    }
    let right = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await;
    assert_eq!(right.failure().0, 429);
    assert!(!right.header("retry-after").is_empty());
}

#[tokio::test]
async fn without_a_valid_token_everything_answers_401() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let forged = format!("{}x", asha.token);
    for token in ["", "x", "a.b.c", &forged] {
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for (method, path) in [
            (Method::GET, "/api/v1/me"),
            (Method::GET, "/api/v1/profiles/me/notes"),
            (Method::PUT, "/api/v1/profiles/me/notes/x"),
            (Method::POST, "/api/v1/imports"),
            (Method::GET, "/api/v1/profiles/me/export"),
        ] {
            let reply = home.act(method, path, None, &headers).await;
            assert_eq!(reply.failure(), (401, "not-signed-in".to_owned()), "{path} {token}");
        }
    }
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_the_session() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let (_, first) = home.sign_in("asha@example.org").await;
    let refresh =
        async |cookie: &str| home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", cookie)]).await;
    let reply = refresh(&first).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let second = reply.cookie("phm_refresh");
    assert_ne!(first, second);
    let token = reply.data()["access_token"].as_str().expect("a token").to_owned();
    let me = async || {
        let bearer = format!("Bearer {token}");
        home.act(Method::GET, "/api/v1/me", None, &[("authorization", &bearer)]).await.status.as_u16()
    };
    assert_eq!(me().await, 200);
    assert_eq!(refresh(&first).await.failure(), (401, "session-ended".to_owned()));
    assert_eq!(refresh(&second).await.failure(), (401, "session-ended".to_owned()), "the whole session is over");
    assert_eq!(me().await, 401, "its access token too");
    assert_eq!(refresh("phm_refresh=x").await.failure(), (401, "session-ended".to_owned()));
}

#[tokio::test]
async fn two_uses_of_one_refresh_token_at_the_same_time_do_not_both_succeed() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let (_, cookie) = home.sign_in("asha@example.org").await;
    let refresh =
        async || home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &cookie)]).await.status.as_u16();
    let (a, b) = tokio::join!(refresh(), refresh());
    assert_eq!(a.min(b), 200);
    assert_eq!(a.max(b), 401);
}

#[tokio::test]
async fn an_admin_lets_somebody_who_was_locked_out_try_again_and_sees_where_they_are_signed_in() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let (asha, omar) = (home.move_in("Asha").await, home.move_in("Omar").await);
    let sign_in = async |password: &str| {
        home.post(LOGIN, None, json!({"email": "omar@example.org", "password": password})).await.status.as_u16()
    };
    for _ in 0..20 {
        sign_in("wrong wrong wrong").await;
        clock.pass(1);
    }
    assert_eq!(sign_in(PASSWORD).await, 429);
    let unlock = format!("/api/v1/accounts/{}/unlock", omar.account);
    assert_eq!(home.act(Method::POST, &unlock, Some(&omar), &[]).await.failure(), (403, "not-granted".to_owned()));
    assert_eq!(home.act(Method::POST, &unlock, Some(&asha), &[]).await.status, 204);
    clock.pass(1);
    assert_eq!(sign_in("wrong wrong wrong").await, 401, "one mistake costs nothing again");
    assert_eq!(sign_in(PASSWORD).await, 200);
    let missing = "/api/v1/accounts/6f9619ff-8b86-4011-b42d-00c04fc964ff/unlock";
    assert_eq!(home.act(Method::POST, missing, Some(&asha), &[]).await.failure().0, 404);

    let sessions = format!("/api/v1/accounts/{}/sessions", omar.account);
    assert_eq!(home.get(&sessions, Some(&omar)).await.failure().0, 403);
    assert_eq!(home.get(&sessions, Some(&asha)).await.data().as_array().map(Vec::len), Some(2));
    assert_eq!(home.act(Method::DELETE, &sessions, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.get(&sessions, Some(&asha)).await.data(), json!([]));
}

#[tokio::test]
async fn a_burst_of_wrong_passwords_is_not_looked_at_as_if_each_were_the_first() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let wrong = async || {
        home.post(LOGIN, None, json!({"email": "asha@example.org", "password": "wrong wrong wrong"})).await.status
    };
    let mut attempts = Vec::new();
    for _ in 0..30 {
        attempts.push(wrong());
    }
    let replies = futures_util::future::join_all(attempts).await;
    let looked_at = replies.iter().filter(|status| **status == 401).count();
    assert!((5..=8).contains(&looked_at), "five, and those whose turn it was already: {looked_at}");
}

#[tokio::test]
async fn the_cookie_of_a_browser_is_no_refresh_token() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let opened = home.house.open().expect("open");
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let outcome = opened.desk(move |desk| desk.sign_in("asha@example.org", PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    let text = entered.refresh.text();
    let refresh = format!("phm_refresh={text}");
    let reply = home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &refresh)]).await;
    assert_eq!(reply.failure(), (401, "session-ended".to_owned()));
    let cookie = format!("phm_session={text}");
    assert_eq!(home.act(Method::GET, "/api/v1/me", None, &[("cookie", &cookie)]).await.status, 200, "it goes on");
}

#[tokio::test]
async fn signing_out_ends_one_session_and_leaves_the_others() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let (_, cookie) = home.sign_in("asha@example.org").await;
    let sessions = home.get("/api/v1/auth/sessions", Some(&asha)).await.data();
    assert_eq!(sessions.as_array().map(Vec::len), Some(2));
    let out = home.act(Method::POST, "/api/v1/auth/logout", None, &[("cookie", &cookie)]).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let again = home.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &cookie)]).await;
    assert_eq!(again.failure(), (401, "session-ended".to_owned()));
    let sessions = home.get("/api/v1/auth/sessions", Some(&asha)).await.data();
    assert_eq!((sessions.as_array().map(Vec::len), &sessions[0]["current"]), (Some(1), &json!(true)));
    let id = sessions[0]["id"].as_str().expect("an id");
    let end = home.act(Method::DELETE, &format!("/api/v1/auth/sessions/{id}"), Some(&asha), &[]).await;
    assert_eq!(end.status, 204);
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 401);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let sessions = home.get("/api/v1/auth/sessions", Some(&asha)).await.data();
    let path = format!("/api/v1/auth/sessions/{}", sessions[0]["id"].as_str().expect("an id"));
    assert_eq!(home.act(Method::DELETE, &path, Some(&omar), &[]).await.failure().0, 404);
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 200);
}

#[tokio::test]
async fn the_password_form_of_oauth2_answers_without_envelope() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let send = async |password: &str| {
        let request = poem::Request::builder().method(Method::POST).uri("/api/v1/auth/token".parse().expect("a path"));
        let form = format!("grant_type=password&username=asha%40example.org&password={password}");
        home.send(request.content_type("application/x-www-form-urlencoded").body(form)).await
    };
    let reply = send("correct+horse+battery").await;
    let mut fields: Vec<_> = reply.json().as_object().expect("an object").keys().cloned().collect();
    fields.sort();
    assert_eq!(fields, ["access_token", "expires_in", "token_type"]);
    assert_eq!(send("wrong").await.failure(), (401, "sign-in-failed".to_owned()));
}

#[tokio::test]
async fn a_form_longer_than_bodies_may_be_is_not_read_into_memory() {
    let home = Home::open(|settings| settings.body_bytes = 4096);
    home.move_in("Asha").await;
    let send = async |kind: &str, form: String| {
        let request = poem::Request::builder().method(Method::POST).uri("/api/v1/auth/token".parse().expect("a path"));
        home.send(request.content_type(kind).body(form)).await.failure()
    };
    let long = format!("username=asha%40example.org&password={}", "x".repeat(5000));
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(send(kind, long).await, (413, "too-large".to_owned()));
    assert_eq!(send(kind, "username=asha%40example.org".to_owned()).await, (400, "bad-request".to_owned()));
    assert_eq!(send("application/json", "{}".to_owned()).await, (415, "unsupported-media-type".to_owned()));
}

#[tokio::test]
async fn behind_https_cookies_are_secure_and_browsers_are_told_to_stay() {
    let home = Home::open(|settings| settings.tls = Tls::Proxy);
    home.move_in("Asha").await;
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await;
    assert!(reply.header("set-cookie").contains("; Secure"));
    assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn signing_out_clears_what_a_browser_has_of_the_house() {
    let home = Home::with_pages(|settings| settings.tls = Tls::Proxy);
    home.move_in("Asha").await;
    let form = "f".repeat(40);
    let sign_out = async |proto: &str| {
        let request = poem::Request::builder().method(Method::POST).uri("/sign-out".parse().expect("a path"));
        let request = request.header("x-forwarded-proto", proto).header("cookie", format!("phm_form={form}"));
        let request = request.content_type("application/x-www-form-urlencoded");
        home.send(request.body(format!("csrf={form}"))).await
    };
    let out = sign_out("https").await;
    assert_eq!((out.status.as_u16(), out.header("location")), (303, "/sign-in"), "{}", out.text());
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(sign_out("http").await.header("clear-site-data"), "", "over plain http no browser heeds it");
}

#[tokio::test]
async fn a_browser_session_reads_with_its_cookie_and_writes_only_with_its_csrf_value() {
    let (home, [_]) = Home::of(["Asha"]).await;
    let opened = home.house.open().expect("open");
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let outcome = opened.desk(move |desk| desk.sign_in("asha@example.org", PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    let cookie = format!("phm_session={}", entered.refresh.text());
    let csrf = entered.refresh.csrf();
    let read = home.act(Method::GET, "/api/v1/profiles/me/notes", None, &[("cookie", &cookie)]).await;
    assert_eq!(read.status, 200);
    let write = async |headers: &[(&str, &str)]| {
        let body = json!({"text": "from a page"});
        home.change(Method::POST, "/api/v1/profiles/me/notes", None, headers, body).await.status.as_u16()
    };
    assert_eq!(write(&[("cookie", &cookie)]).await, 401);
    assert_eq!(write(&[("cookie", &cookie), ("x-csrf-token", "x")]).await, 401);
    assert_eq!(write(&[("cookie", &cookie), ("x-csrf-token", &csrf)]).await, 201);
}

#[tokio::test]
async fn an_access_token_ends_on_the_second() {
    use base64::Engine as _;
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let claims = asha.token.split('.').nth(1).expect("three parts");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).expect("base 64");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["exp"], clock.seconds() + 900);
    clock.pass(899);
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 200);
    clock.pass(1);
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.failure(), (401, "not-signed-in".to_owned()));
}

#[tokio::test]
async fn the_key_of_access_tokens_changes_in_time_and_signs_nobody_out() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let opened = home.house.open().expect("open");
    let epochs = || -> Vec<u32> { opened.vault.token_keys().into_iter().map(|(epoch, _)| epoch).collect() };
    let look_after = async || assert!(opened.desk(|desk| Ok(desk.look_after_keys()?)).await.is_ok());
    let first = epochs();
    assert_eq!(first.len(), 1);
    clock.pass(KEY_SIGNS_FOR / 1000 - 60);
    look_after().await;
    assert_eq!(epochs(), first, "not before its time");
    let (token, _) = home.sign_in("asha@example.org").await;
    let earlier = Person { token, ..asha.clone() };
    clock.pass(60);
    look_after().await;
    let both = epochs();
    assert_eq!((both.len(), both[1]), (2, first[0]));
    let (token, _) = home.sign_in("asha@example.org").await;
    let later = Person { token, ..asha.clone() };
    for who in [&earlier, &later] {
        assert_eq!(home.get("/api/v1/me", Some(who)).await.status, 200, "signed by either key");
    }
    clock.pass(901);
    look_after().await;
    assert_eq!(epochs(), both[..1], "nothing the old one signed is good any more");
    let (token, _) = home.sign_in("asha@example.org").await;
    assert_eq!(home.get("/api/v1/me", Some(&Person { token, ..asha })).await.status, 200);
}
