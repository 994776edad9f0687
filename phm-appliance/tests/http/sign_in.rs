//! Set-up, registering, signing in and out.

use phm_appliance::auth::desk::{Arrival, Outcome};
use phm_appliance::auth::session::Door;
use phm_appliance::http::Client;
use phm_appliance::settings::{Registration, Tls};
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD, TestClock};

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
