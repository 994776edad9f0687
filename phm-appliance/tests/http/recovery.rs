//! Proven addresses, forgotten passwords, and what a reset ends.

use std::path::PathBuf;
use std::time::Duration;

use phm_appliance::notify::{MailWay, Security};
use phm_appliance::settings::Registration;
use phm_core::time::Clock as _;
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD, Person, TestClock};

const LOGIN: &str = "/api/v1/auth/login";
const OTHER: &str = "seven otters juggle";

/// A house whose letters become files.
fn with_letters(clock: &TestClock, registration: Registration) -> (Home, PathBuf) {
    let mut folder = PathBuf::new();
    let home = Home::open_at(clock, |settings| {
        folder = settings.data_dir.with_extension("outbox");
        (settings.mail_way, settings.mail_from) = (MailWay::File, "phm@example.org".to_owned());
        (settings.mail_folder, settings.registration) = (folder.clone(), registration);
    });
    (home, folder)
}

/// The `n`th letter, once it is there.
async fn letter(folder: &PathBuf, n: usize) -> String {
    for _ in 0..200 {
        let mut files: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        if let Some(file) = files.get(n) {
            let text = std::fs::read_to_string(file.path()).expect("a letter");
            if !text.is_empty() {
                // Quoted-printable breaks long lines and codes the sign of equality.
                return text.replace("=\r\n", "").replace("=3D", "=");
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there is no letter {n}");
}

fn token(letter: &str) -> String {
    let (_, rest) = letter.split_once("#token=").expect("a link");
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}

#[tokio::test]
async fn who_registers_by_themselves_proves_their_address_before_they_sign_in() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Open);
    home.move_in("Asha").await;
    let person = json!({"email": "noor@example.org", "password": PASSWORD, "name": "Noor Example"});
    let made = home.post("/api/v1/auth/register", None, person.clone()).await;
    assert_eq!((made.status.as_u16(), &made.data()["verify_email"]), (201, &json!(true)));
    let sign_in = json!({"email": "noor@example.org", "password": PASSWORD});
    assert_eq!(home.post(LOGIN, None, sign_in.clone()).await.failure(), (403, "email-unverified".to_owned()));
    let wrong = json!({"email": "noor@example.org", "password": "wrong wrong wrong"});
    assert_eq!(home.post(LOGIN, None, wrong).await.failure(), (401, "sign-in-failed".to_owned()), "not told to others");
    let text = letter(&folder, 0).await;
    assert!(text.contains("To: noor@example.org") && !text.contains("Noor"), "{text}");
    let verify = async |token: &str| home.post("/api/v1/auth/verify", None, json!({ "token": token })).await;
    assert_eq!(verify("made-up").await.failure(), (403, "link-invalid".to_owned()));
    assert_eq!(verify(&token(&text)).await.status, 204);
    assert_eq!(verify(&token(&text)).await.failure().0, 403, "a link serves once");
    assert_eq!(home.post(LOGIN, None, sign_in).await.status, 200);

    // A taken address is answered like a free one; its owner alone learns of it.
    let again = home.post("/api/v1/auth/register", None, person).await;
    assert_eq!((again.status.as_u16(), &again.data()["verify_email"]), (201, &json!(true)));
    assert_ne!(again.data()["account"], made.data()["account"]);
    assert!(letter(&folder, 1).await.contains("have an account already"));
}

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
async fn a_letter_that_waits_when_the_program_ends_is_sent_by_the_next() {
    let clock = TestClock::default();
    // Taken and given back, so that nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
    let home = Home::open_at(&clock, |settings| {
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = port;
    });
    home.move_in("Asha").await;
    let body = json!({"email": "asha@example.org"});
    assert_eq!(home.post("/api/v1/auth/password/forgot", None, body).await.status, 204);
    home.house.move_out().expect("an open vault").close().expect("closed");
    let folder = home.house.settings.data_dir.with_extension("outbox");
    let again = Home::empty_at(&clock, |settings| {
        *settings = home.house.settings.clone();
        (settings.mail_way, settings.mail_folder) = (MailWay::File, folder.clone());
    });
    let unlock = json!({"passphrase": "a passphrase for tests"});
    assert_eq!(again.post("/api/v1/unlock", None, unlock.clone()).await.status, 200);
    let link = token(&letter(&folder, 0).await);
    let reset = json!({"token": link, "password": OTHER});
    assert_eq!(again.post("/api/v1/auth/password/reset", None, reset).await.status, 204);
    assert!(letter(&folder, 1).await.contains("password was changed"));

    // What has left is not kept.
    tokio::time::sleep(Duration::from_secs(1)).await;
    again.house.move_out().expect("an open vault").close().expect("closed");
    let third = Home::empty_at(&clock, |settings| *settings = again.house.settings.clone());
    assert_eq!(third.post("/api/v1/unlock", None, unlock).await.status, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(std::fs::read_dir(&folder).expect("letters").count(), 2);
}

#[tokio::test]
async fn a_change_of_second_factors_is_told_by_mail() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    crate::second::take_app(&home, &asha, &clock).await;
    assert!(letter(&folder, 0).await.contains("second step"));
    let proof = json!({"password": PASSWORD});
    assert_eq!(home.post("/api/v1/auth/factors/recovery-codes", Some(&asha), proof.clone()).await.status, 200);
    assert!(letter(&folder, 1).await.contains("second step"));
    assert_eq!(home.post("/api/v1/auth/factors/totp/remove", Some(&asha), proof).await.status, 204);
    let text = letter(&folder, 2).await;
    assert!(text.contains("To: asha@example.org") && text.contains("/settings"), "{text}");
}

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
async fn a_browser_that_idles_is_signed_out_and_one_that_is_used_stays() {
    use phm_appliance::auth::desk::{Arrival, Outcome};
    use phm_appliance::auth::session::Door;
    use phm_appliance::http::Client;
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |settings| settings.idle_minutes = 60);
    home.move_in("Asha").await;
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let opened = home.house.open().expect("open");
    let outcome = opened.desk(move |desk| desk.sign_in("asha@example.org", PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    let cookie = format!("phm_session={}", entered.refresh.text());
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
    use phm_appliance::auth::desk::{Arrival, Outcome};
    use phm_appliance::auth::session::Door;
    use phm_appliance::http::Client;
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |settings| settings.idle_minutes = 60);
    let asha = home.move_in("Asha").await;
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let opened = home.house.open().expect("open");
    let outcome = opened.desk(move |desk| desk.sign_in("asha@example.org", PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    let cookie = format!("phm_session={}", entered.refresh.text());
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

#[tokio::test]
async fn an_account_that_was_closed_is_out_at_once() {
    use phm_core::access::{Action, Actor};
    use phm_core::id::ProfileId;
    use phm_core::vault::{How, Removed};
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

#[tokio::test]
async fn a_broken_glass_is_told_by_a_letter_that_names_nobody() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let path = format!("/api/v1/profiles/{}/break-glass", asha.profile);
    let reason = json!({"reason": "unconscious in the emergency room"});
    assert_eq!(home.post(&path, Some(&doctor), reason).await.status, 201);
    let text = letter(&folder, 0).await;
    assert!(text.contains("To: asha@example.org") && text.contains("/access"), "{text}");
    for word in ["Asha Example", "Doctor", "unconscious"] {
        assert!(!text.contains(word), "{word} stands in a letter: {text}");
    }
}

#[tokio::test]
async fn another_address_is_proven_before_it_is_signed_in_with_and_the_old_one_is_told() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    home.move_in("Noor").await;
    let forgot = json!({"email": "asha@example.org"});
    assert_eq!(home.post("/api/v1/auth/password/forgot", None, forgot).await.status, 204);
    let old_link = token(&letter(&folder, 0).await);

    let change = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        home.post("/api/v1/auth/email", Some(&asha), body).await
    };
    assert_eq!(change("nobody", PASSWORD).await.json()["error"]["details"][0]["code"], "invalid-email");
    assert_eq!(change("new@example.org", OTHER).await.failure(), (403, "password-needed".to_owned()));
    clock.pass(60);
    assert_eq!(
        change("noor@example.org", PASSWORD).await.data(),
        json!({"verify_email": true}),
        "not told who is there"
    );
    assert!(letter(&folder, 1).await.contains("have an account already"));
    clock.pass(60);
    assert_eq!(change("new@example.org", PASSWORD).await.data(), json!({"verify_email": true}));
    let text = letter(&folder, 2).await;
    assert!(text.contains("To: new@example.org"), "{text}");
    let sign_in =
        async |email: &str| home.post(LOGIN, None, json!({"email": email, "password": PASSWORD})).await.status.as_u16();
    assert_eq!((sign_in("asha@example.org").await, sign_in("new@example.org").await), (200, 401), "not yet");
    clock.pass(60);
    let verify = async |link: &str| home.post("/api/v1/auth/verify", None, json!({ "token": link })).await;
    assert_eq!(verify(&token(&text)).await.status, 204);
    assert_eq!(verify(&token(&text)).await.failure(), (403, "link-invalid".to_owned()), "once");
    assert_eq!((sign_in("asha@example.org").await, sign_in("new@example.org").await), (401, 200));
    let told = letter(&folder, 3).await;
    assert!(told.contains("To: asha@example.org") && !told.contains("new@example.org"), "{told}");
    let reset = json!({"token": old_link, "password": OTHER});
    let reset = home.post("/api/v1/auth/password/reset", None, reset).await;
    assert_eq!(reset.failure(), (403, "link-invalid".to_owned()), "what went to the old address opens nothing");
}

#[tokio::test]
async fn a_link_to_another_address_is_void_after_a_new_password_or_another_change() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let change = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        home.post("/api/v1/auth/email", Some(&asha), body).await.status.as_u16()
    };
    let verify = async |n: usize| {
        let link = token(&letter(&folder, n).await);
        home.post("/api/v1/auth/verify", None, json!({ "token": link })).await.status.as_u16()
    };
    assert_eq!(change("one@example.org", PASSWORD).await, 200);
    letter(&folder, 0).await;
    clock.pass(60);
    let new = json!({"current": PASSWORD, "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password", Some(&asha), new).await.status, 204);
    letter(&folder, 1).await;
    assert_eq!(verify(0).await, 403, "whoever asked may have been the reason for the new password");
    clock.pass(60);
    assert_eq!(change("two@example.org", OTHER).await, 200);
    letter(&folder, 2).await;
    clock.pass(60);
    assert_eq!(change("three@example.org", OTHER).await, 200);
    letter(&folder, 3).await;
    clock.pass(60);
    assert_eq!((verify(3).await, verify(2).await), (204, 403));
}

#[tokio::test]
async fn without_mail_an_address_changes_at_once_and_nobody_takes_that_of_somebody_else() {
    let (home, [asha, _]) = Home::of(["Asha", "Noor"]).await;
    let change = async |email: &str| {
        home.post("/api/v1/auth/email", Some(&asha), json!({"email": email, "password": PASSWORD})).await
    };
    assert_eq!(change("Noor@example.org").await.failure(), (409, "email-taken".to_owned()));
    assert_eq!(change(" new@example.org ").await.data(), json!({"verify_email": false}));
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.data()["email"], "new@example.org");
    home.sign_in("new@example.org").await;
}

#[tokio::test]
async fn letters_are_in_the_language_of_whoever_reads_them() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let account = asha.account.parse().expect("an id");
    let opened = home.house.open().expect("open");
    let hindi = phm_appliance::i18n::Language::Hindi;
    opened.desk(move |desk| desk.speak(account, hindi)).await.expect("remembered");
    let forgot = json!({"email": "asha@example.org"});
    let english = [("accept-language", "en")];
    let asked = home.change(Method::POST, "/api/v1/auth/password/forgot", None, &english, forgot).await;
    assert_eq!(asked.status, 204);
    letter(&folder, 0).await;
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
    let raw = std::fs::read_to_string(files[0].path()).expect("a letter");
    assert!(!raw.contains("Choose a new password") && raw.contains("asha@example.org"), "{raw}");
}

#[tokio::test]
async fn the_family_is_told_when_records_were_handed_over() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let (asha, young) = (home.move_in("Asha").await, home.move_in("Young").await);
    let year = phm_core::time::Instant::now().date().year() - 17;
    let body = json!({"name": {"text": "Teen Example"}, "birth_date": format!("{year}-01-01")});
    let made = home.post("/api/v1/profiles", Some(&asha), body).await.data();
    let family = format!("/api/v1/profiles/{}/family", made["profile"].as_str().expect("an id"));
    let handed = home.post(&family, Some(&asha), json!({"account": young.account, "relation": "self"})).await;
    assert_eq!(handed.status, 204, "{}", handed.text());
    let told = letter(&folder, 0).await + &letter(&folder, 1).await;
    assert!(told.contains("To: asha@example.org") && told.contains("To: young@example.org"), "{told}");
    assert!(told.contains("Records were handed over") && !told.contains("Teen"), "{told}");
}

#[tokio::test]
async fn an_address_the_operator_gives_ends_sessions_and_what_went_to_the_old_one_and_both_are_told() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    home.move_in("Noor").await;
    let forgot = json!({"email": "asha@example.org"});
    assert_eq!(home.post("/api/v1/auth/password/forgot", None, forgot).await.status, 204);
    let old_link = token(&letter(&folder, 0).await);
    clock.pass(1);
    let account = asha.account.parse().expect("an id");
    let opened = home.house.open().expect("open");
    let reader = phm_appliance::i18n::Locale::new(
        phm_appliance::i18n::Language::English,
        phm_appliance::i18n::Digits::Latin,
        jiff::tz::TimeZone::UTC,
    );
    let give = async |address: &'static str| {
        let t = reader.clone();
        let done = opened.desk(move |desk| desk.move_address(account, address, &t)).await;
        done.map_err(|problem| problem.code().to_owned())
    };
    let wanted = json!({
        "name": "Notebook", "profiles": [asha.profile], "kinds": ["lab-result"], "actions": ["read"],
        "expires_at": clock.now().plus_millis(3_600_000),
    });
    let made = home.post("/api/v1/tokens", Some(&asha), wanted).await.data();
    let program = Person { token: made["secret"].as_str().expect("a secret").to_owned(), ..asha.clone() };
    let results = format!("/api/v1/profiles/{}/lab-results", asha.profile);
    assert_eq!(home.get(&results, Some(&program)).await.status, 200);
    assert_eq!(give("Noor@example.org").await, Err("email-taken".to_owned()));
    assert_eq!(give("no address").await, Err("invalid".to_owned()));
    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 200, "nothing was changed");
    assert_eq!(give("asha@new.example").await, Ok(()));

    assert_eq!(home.get("/api/v1/me", Some(&asha)).await.failure(), (401, "session-ended".to_owned()));
    assert_eq!(home.get(&results, Some(&program)).await.failure().0, 401, "programs are out, too");
    let reset = json!({"token": old_link, "password": OTHER});
    assert_eq!(home.post("/api/v1/auth/password/reset", None, reset).await.failure().1, "link-invalid");
    let sign_in =
        async |email: &str| home.post(LOGIN, None, json!({"email": email, "password": PASSWORD})).await.status.as_u16();
    assert_eq!((sign_in("asha@example.org").await, sign_in("asha@new.example").await), (401, 200));
    let told = [letter(&folder, 1).await, letter(&folder, 2).await];
    let to = |address: &str| told.iter().find(|letter| letter.contains(&format!("To: {address}"))).expect("told");
    assert!(to("asha@example.org").contains("/sign-in") && !to("asha@example.org").contains("#token="));
    assert!(!opened.desk(move |desk| Ok(desk.is_proven(account)?)).await.expect("known"), "nobody has shown it yet");
    let proof = json!({ "token": token(to("asha@new.example")) });
    assert_eq!(home.post("/api/v1/auth/verify", None, proof).await.status, 204);
    assert!(opened.desk(move |desk| Ok(desk.is_proven(account)?)).await.expect("known"));
}
