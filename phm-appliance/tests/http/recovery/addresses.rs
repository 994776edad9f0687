//! Addresses: proven before they are signed in with, and how an account gets another one.

use phm_appliance::settings::Registration;
use phm_core::time::Clock as _;
use serde_json::json;

use super::{LOGIN, OTHER, letter, token, with_letters};
use crate::house::{Home, PASSWORD, Person, TestClock};

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
