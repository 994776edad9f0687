//! Second factors: an authenticator app, recovery codes, and what a stolen password is then worth.

use phm_appliance::auth::totp;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, PASSWORD, Person, TestClock};

const LOGIN: &str = "/api/v1/auth/login";
const MORE: &str = "/api/v1/auth/login/mfa";

/// The bytes of a secret as people type it.
fn bytes(secret: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |letter| letters.find(letter).expect("base 32") as u64;
    let groups = secret.as_bytes().chunks(8).map(|group| {
        group.iter().fold(0_u64, |bits, letter| bits << 5 | value(char::from(*letter))).to_be_bytes()[3..].to_vec()
    });
    groups.flatten().collect()
}

/// A house whose Asha has an app; its secret and her recovery codes.
async fn with_app(clock: &TestClock) -> (Home, Person, Vec<u8>, Vec<String>) {
    let home = Home::open_at(clock, |_| ());
    let asha = home.move_in("Asha").await;
    let (secret, codes) = take_app(&home, &asha, clock).await;
    clock.pass(30);
    (home, asha, secret, codes)
}

/// Takes an app into use; its secret and recovery codes.
pub async fn take_app(home: &Home, person: &Person, clock: &TestClock) -> (Vec<u8>, Vec<String>) {
    let offered = home.post("/api/v1/auth/factors/totp", Some(person), json!({})).await.data();
    let secret = bytes(offered["secret"].as_str().expect("a secret"));
    assert!(offered["uri"].as_str().expect("an address").starts_with("otpauth://totp/PHM%3Aasha@example.org?secret="));
    let code = app_code(&secret, clock);
    let wrong = home.post("/api/v1/auth/factors/totp/confirm", Some(person), json!({"code": "000000"})).await;
    assert_eq!(wrong.failure().0, 422);
    let taken = home.post("/api/v1/auth/factors/totp/confirm", Some(person), json!({ "code": code })).await.data();
    let codes = taken["recovery_codes"].as_array().expect("codes");
    let codes: Vec<String> = codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

fn app_code(secret: &[u8], clock: &TestClock) -> String {
    totp::code(secret, u64::try_from(clock.seconds() / 30).expect("a step"), 6)
}

async fn ticket(home: &Home) -> Value {
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("set-cookie").is_empty(), "nobody is in yet");
    let data = reply.data();
    assert!(data.get("access_token").is_none());
    data["mfa"]["ticket"].clone()
}

#[tokio::test]
async fn a_ticket_ends_with_the_password_it_was_given_for() {
    let clock = TestClock::default();
    let (home, asha, secret, _) = with_app(&clock).await;
    let ticket = ticket(&home).await;
    clock.pass(1);
    let change = json!({"current": PASSWORD, "password": "seven otters juggle"});
    assert_eq!(home.post("/api/v1/auth/password", Some(&asha), change).await.status, 204);
    let code = app_code(&secret, &clock);
    let late = home.post(MORE, None, json!({"ticket": ticket, "method": "totp", "code": code})).await;
    assert_eq!(late.failure(), (401, "sign-in-failed".to_owned()));
}

#[tokio::test]
async fn who_is_half_way_in_when_the_operator_moves_the_address_begins_again() {
    use phm_appliance::i18n::{Digits, Language, Locale};
    let clock = TestClock::default();
    let (home, asha, secret, _) = with_app(&clock).await;
    let ticket = ticket(&home).await;
    clock.pass(1);
    let account = asha.account.parse().expect("an id");
    let t = Locale::new(Language::English, Digits::Latin, jiff::tz::TimeZone::UTC);
    let opened = home.house.open().expect("open");
    let moved = opened.desk(move |desk| desk.move_address(account, "asha@new.example", &t)).await;
    assert!(moved.is_ok());
    let code = app_code(&secret, &clock);
    let late = home.post(MORE, None, json!({"ticket": ticket, "method": "totp", "code": code})).await;
    assert_eq!(late.failure(), (401, "sign-in-failed".to_owned()));
}

#[tokio::test]
async fn with_an_app_the_password_alone_lets_nobody_in() {
    let clock = TestClock::default();
    let (home, asha, secret, _) = with_app(&clock).await;
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await.data();
    assert_eq!(reply["mfa"]["methods"], json!(["totp", "recovery-code"]));
    let ticket = reply["mfa"]["ticket"].clone();
    let more =
        async |code: &str| home.post(MORE, None, json!({"ticket": ticket, "method": "totp", "code": code})).await;
    assert_eq!(more("000000").await.failure(), (401, "sign-in-failed".to_owned()));
    let code = app_code(&secret, &clock);
    let inside = more(&code).await;
    assert_eq!(inside.data()["account"]["id"], asha.account.as_str());
    assert!(inside.header("set-cookie").starts_with("phm_refresh="));
    assert_eq!(more(&code).await.failure(), (401, "session-ended".to_owned()), "a ticket serves once");
    let form = poem::Request::builder().method(Method::POST).uri("/api/v1/auth/token".parse().expect("a path"));
    let body = "grant_type=password&username=asha%40example.org&password=correct+horse+battery";
    let reply = home.send(form.content_type("application/x-www-form-urlencoded").body(body)).await;
    assert_eq!(reply.failure(), (401, "second-factor-needed".to_owned()));
}

#[tokio::test]
async fn a_code_serves_once_and_only_near_its_time() {
    let clock = TestClock::default();
    let (home, _, secret, _) = with_app(&clock).await;
    let code = app_code(&secret, &clock);
    let more = async |ticket: &Value, code: &str| {
        let body = json!({"ticket": ticket, "method": "totp", "code": code});
        home.post(MORE, None, body).await.status.as_u16()
    };
    assert_eq!(more(&ticket(&home).await, &code).await, 200);
    assert_eq!(more(&ticket(&home).await, &code).await, 401, "somebody looked over the shoulder");
    let earlier = totp::code(&secret, u64::try_from(clock.seconds() / 30 - 1).expect("a step"), 6);
    assert_eq!(more(&ticket(&home).await, &earlier).await, 401, "an earlier one neither");
    clock.pass(90);
    assert_eq!(more(&ticket(&home).await, &code).await, 401, "too old in any case");
    assert_eq!(more(&ticket(&home).await, &app_code(&secret, &clock)).await, 200);
    let waits = ticket(&home).await;
    clock.pass(5 * 60);
    assert_eq!(more(&waits, &app_code(&secret, &clock)).await, 401, "a ticket lasts five minutes");
}

#[tokio::test]
async fn wrong_codes_end_the_ticket_and_then_cost_time() {
    let clock = TestClock::default();
    let (home, _, secret, codes) = with_app(&clock).await;
    let first = ticket(&home).await;
    let more = async |ticket: &Value, method: &str, code: &str| {
        let reply = home.post(MORE, None, json!({"ticket": ticket, "method": method, "code": code})).await;
        (reply.status.as_u16(), reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    for _ in 0..4 {
        assert_eq!(more(&first, "totp", "000000").await.1, "sign-in-failed");
    }
    assert_eq!(more(&first, "recovery-code", "AAAAA-AAAAA").await.1, "sign-in-failed");
    assert_eq!(more(&first, "totp", &app_code(&secret, &clock)).await.1, "session-ended", "five are enough");
    // Another ticket does not make guessing cheaper.
    let second = ticket(&home).await;
    assert_eq!(more(&second, "totp", "000000").await.0, 429);
    assert_eq!(more(&second, "recovery-code", &codes[0]).await.0, 429, "a right one waits too");
    clock.pass(6);
    assert_eq!(more(&second, "recovery-code", &codes[0]).await.0, 200);
}

#[tokio::test]
async fn each_recovery_code_opens_once_and_new_ones_void_the_old() {
    let clock = TestClock::default();
    let (home, asha, _, codes) = with_app(&clock).await;
    let open = async |code: &str| {
        let body = json!({"ticket": ticket(&home).await, "method": "recovery-code", "code": code});
        home.post(MORE, None, body).await.status.as_u16()
    };
    assert_eq!(open(&codes[0].to_lowercase().replace('-', " ")).await, 200);
    assert_eq!(open(&codes[0]).await, 401, "used");
    let factors = home.get("/api/v1/auth/factors", Some(&asha)).await.data();
    assert_eq!((&factors["totp"], &factors["recovery_codes"]), (&json!(true), &json!(9)));
    let made = home.post("/api/v1/auth/factors/recovery-codes", Some(&asha), json!({})).await.data();
    assert_eq!(open(&codes[1]).await, 401, "void");
    assert_eq!(open(made["recovery_codes"][9].as_str().expect("a code")).await, 200);
}

#[tokio::test]
async fn factors_change_only_for_who_proves_once_more_who_they_are() {
    let clock = TestClock::default();
    let (home, asha, ..) = with_app(&clock).await;
    let remove = async |body: Value| home.post("/api/v1/auth/factors/totp/remove", Some(&asha), body).await;
    clock.pass(10 * 60);
    assert_eq!(remove(json!({})).await.failure(), (403, "password-needed".to_owned()));
    assert_eq!(remove(json!({"password": "wrong wrong wrong"})).await.failure().0, 403);
    for path in ["totp", "recovery-codes", "passkeys/begin"] {
        let reply = home.post(&format!("/api/v1/auth/factors/{path}"), Some(&asha), json!({})).await;
        assert_eq!(reply.failure(), (403, "password-needed".to_owned()), "{path}");
    }
    assert_eq!(remove(json!({"password": PASSWORD})).await.status, 204);
    let factors = home.get("/api/v1/auth/factors", Some(&asha)).await.data();
    assert_eq!((&factors["totp"], &factors["recovery_codes"]), (&json!(false), &json!(0)));
    let reply = home.post(LOGIN, None, json!({"email": "asha@example.org", "password": PASSWORD})).await;
    assert!(reply.data().get("access_token").is_some(), "the password is enough again");
    let codes = home.post("/api/v1/auth/factors/recovery-codes", Some(&asha), json!({"password": PASSWORD})).await;
    assert_eq!(codes.failure(), (409, "no-second-factor".to_owned()));
}

#[tokio::test]
async fn passkeys_are_offered_only_where_they_work() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let begin = async |host: &str| {
        let headers = [("host", host)];
        let path = "/api/v1/auth/factors/passkeys/begin";
        home.change(Method::POST, path, Some(&asha), &headers, json!({})).await
    };
    let begun = begin("localhost:8080").await.data();
    assert_eq!(begun["options"]["publicKey"]["rp"]["id"], "localhost");
    assert_eq!(begun["options"]["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    for host in ["box.local:8080", "192.168.1.5", "evil.example", ""] {
        assert_eq!(begin(host).await.failure(), (403, "https-needed".to_owned()), "{host}");
    }
    let keep = json!({"ticket": begun["ticket"], "credential": {"id": "x"}});
    let reply = home.post("/api/v1/auth/factors/passkeys", Some(&asha), keep).await;
    assert_eq!(reply.failure().0, 422, "what is no credential is none");
    let made_up = json!({
        "ticket": begun["ticket"],
        "credential": {"id": "AA", "rawId": "AA", "type": "public-key", "extensions": {},
            "response": {"attestationObject": "oA", "clientDataJSON": "e30"}},
    });
    assert_eq!(home.post("/api/v1/auth/factors/passkeys", Some(&asha), made_up.clone()).await.failure().0, 422);
    assert_eq!(home.post("/api/v1/auth/factors/passkeys", Some(&asha), made_up).await.failure().0, 401, "ticket used");
    let assertion = json!({
        "ticket": "x",
        "assertion": {"id": "AA", "rawId": "AA", "type": "public-key", "extensions": {},
            "response": {"authenticatorData": "AA", "clientDataJSON": "e30", "signature": "AA", "userHandle": null}},
    });
    let reply = home.post("/api/v1/auth/passkey", None, assertion).await;
    assert_eq!(reply.failure(), (401, "sign-in-failed".to_owned()));
}
