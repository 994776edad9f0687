//! Grants and emergencies: what they open, how they end, and what open pages hear of it.

use poem::http::Method;
use serde_json::{Value, json};

use super::{MISSING, Practice, REFUSED, code};
use crate::house::{Home, PASSWORD, Person, TestClock};

#[tokio::test]
async fn a_grant_has_the_fields_of_the_contract_and_ends_when_it_is_revoked() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let terms = json!({
        "to": {"account": doctor.account}, "kinds": ["profile", "lab-result", "note"], "from": "2025-01-01",
        "actions": ["read"], "purpose": "second opinion", "ends_at": "2099-01-01T00:00:00Z", "template": "doctor",
    });
    let given = practice.grant(terms.clone()).await;
    for (name, value) in [
        ("to", json!({"account": doctor.account})),
        ("to_name", json!("Doctor Example")),
        ("kinds", json!(["lab-result", "note", "profile"])),
        ("from", json!("2025-01-01")),
        ("actions", json!(["read"])),
        ("purpose", json!("second opinion")),
        ("ends_at", json!("2099-01-01T00:00:00.000Z")),
        ("template", json!("doctor")),
        ("state", json!("live")),
        ("profile", json!(asha.profile)),
    ] {
        assert_eq!(given[name], value, "{name}");
    }
    assert!(given["starts_at"].is_string() && given["given_by"]["name"] == "Asha Example");
    assert_eq!(practice.sees(doctor, "lab-results").await, Ok(1));
    assert_eq!(practice.sees(doctor, "notes").await, Ok(0), "a private note is not named");
    assert_eq!(code(&practice.sees(doctor, "conditions").await.expect_err("not granted")), REFUSED);
    assert_eq!(code(&practice.sees(ravi, "lab-results").await.expect_err("a stranger")), MISSING);
    let patients = home.get("/api/v1/profiles", Some(doctor)).await.data();
    assert_eq!((patients[0]["profile"].clone(), patients.as_array().map(Vec::len)), (json!(asha.profile), Some(1)));

    let id = given["id"].as_str().expect("an id");
    let one = practice.of(&format!("grants/{id}"));
    assert_eq!(home.get(&one, Some(doctor)).await.data()["id"], given["id"]);
    assert_eq!(code(&home.get(&one, Some(ravi)).await.failure()), MISSING);
    assert_eq!(code(&home.act(Method::DELETE, &one, Some(ravi), &[]).await.failure()), MISSING);
    assert_eq!(home.act(Method::DELETE, &one, Some(asha), &[]).await.status, 204);
    assert_eq!(code(&practice.sees(doctor, "lab-results").await.expect_err("revoked")), MISSING);
    assert_eq!(home.get(&one, Some(asha)).await.data()["state"], "revoked");

    let twice = [("idempotency-key", "one grant")];
    let first = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, terms.clone()).await;
    let again = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, terms).await;
    assert_eq!((first.status.as_u16(), first.data()), (201, again.data()));
    let other = json!({"to": {"role": "provider"}, "template": "visit"});
    let other = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, other).await;
    assert_eq!(code(&other.failure()), (409, "idempotency-key-reused"));
    assert_eq!(home.get(&practice.of("grants"), Some(asha)).await.data().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn grants_that_mean_nothing_are_refused_with_their_place_and_strangers_learn_nothing() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let terms = |change: Value| {
        let mut terms = json!({"to": {"account": doctor.account}, "kinds": ["lab-result"], "actions": ["read"]});
        terms.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        terms
    };
    for (change, path, code) in [
        (json!({"to": {"account": ravi.profile}}), "/to/account", "unknown"),
        (json!({"to": {"everybody": true}}), "/to", "invalid"),
        (json!({"to": null}), "/to", "required"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"actions": []}), "/actions", "required"),
        (json!({"actions": ["erase"]}), "/actions", "not-grantable"),
        (json!({"ends_at": "2020-01-01"}), "/ends_at", "ends-before-it-begins"),
        (json!({"template": "break-glass"}), "/template", "invalid-choice"),
        (json!({"kind": "note"}), "/kind", "unknown-field"),
    ] {
        let refused = home.post(&practice.of("grants"), Some(asha), terms(change.clone())).await;
        assert_eq!(refused.failure().0, 422, "{change}");
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}), "{change}");
        let stranger = home.post(&practice.of("grants"), Some(ravi), terms(change)).await;
        assert_eq!(self::code(&stranger.failure()), MISSING);
    }
    assert_eq!(home.post(&practice.of("grants"), None, terms(json!({}))).await.failure().0, 401);
    practice.grant(terms(json!({"actions": ["read", "add"]}))).await;
    let onward = json!({"to": {"account": ravi.account}, "kinds": ["lab-result"], "actions": ["read"]});
    let onward = home.post(&practice.of("grants"), Some(doctor), onward).await;
    assert_eq!(code(&onward.failure()), REFUSED, "what was lent is not lent on");
    let templates = home.get("/api/v1/grant-templates", Some(ravi)).await.data();
    assert_eq!(templates[0]["name"], "labs-and-medicines");
    let known = home.get(&practice.of("acquaintances"), Some(asha)).await.data();
    assert_eq!(known, json!([{"account": doctor.account, "name": "Doctor Example", "roles": ["provider"]}]));
}

#[tokio::test]
async fn a_provider_breaks_the_glass_and_the_person_is_told() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let path = practice.of("break-glass");
    let reason = json!({"reason": "unconscious in the emergency room"});
    assert_eq!(code(&home.post(&path, Some(ravi), reason.clone()).await.failure()), MISSING);
    assert_eq!(home.post(&path, Some(doctor), json!({"reason": "?"})).await.failure().0, 422);
    let given = home.post(&path, Some(doctor), reason.clone()).await;
    assert_eq!((given.status.as_u16(), given.data()["template"].clone()), (201, json!("break-glass")));
    assert_eq!(practice.sees(doctor, "lab-results").await, Ok(1));
    assert_eq!(practice.sees(doctor, "notes").await, Ok(0));
    let notices = home.get(&practice.of("notices"), Some(asha)).await.data();
    assert_eq!(
        (&notices[0]["purpose"], &notices[0]["given_by"]["name"]),
        (&reason["reason"], &json!("Doctor Example"))
    );
    assert_eq!(code(&home.get(&practice.of("notices"), Some(doctor)).await.failure()), REFUSED);
    assert_eq!(home.act(Method::POST, &practice.of("notices/seen"), Some(asha), &[]).await.status, 204);
    assert_eq!(home.get(&practice.of("notices"), Some(asha)).await.data(), json!([]));
    let looked = home.get(&practice.of("audit"), Some(asha)).await.data();
    let behind = |row: &&Value| row["actor"]["name"] == "Doctor Example" && row["kind"] == "lab-result";
    let row = looked.as_array().expect("rows").iter().find(behind).expect("what was done behind it");
    assert_eq!(row["purpose"], "break-glass: unconscious in the emergency room");
    let nobody = json!({"name": "Asha Example", "birth_date": "1990-01-01", "reason": "brought in"});
    assert_eq!(code(&home.post("/api/v1/break-glass", Some(doctor), nobody).await.failure()), MISSING);
}

#[tokio::test]
async fn an_emergency_waits_and_can_be_refused() {
    let practice = Practice::new().await;
    let Practice { home, asha, ravi, doctor } = &practice;
    let given = practice.grant(json!({"to": {"account": ravi.account}, "template": "emergency"})).await;
    assert_eq!((&given["state"], &given["wait_hours"]), (&json!("waiting"), &json!(48)));
    assert_eq!(home.get("/api/v1/emergencies", Some(ravi)).await.data()[0]["id"], given["id"]);
    assert_eq!(home.get("/api/v1/emergencies", Some(doctor)).await.data(), json!([]));
    let one = practice.of(&format!("grants/{}", given["id"].as_str().expect("an id")));
    let act = async |what: &str, who: &Person| home.act(Method::POST, &format!("{one}/{what}"), Some(who), &[]).await;
    assert_eq!(code(&act("ask", doctor).await.failure()), MISSING);
    let asked = act("ask", ravi).await.data();
    assert!(asked["state"] == "asked" && asked["opens_at"].is_string());
    assert_eq!(code(&practice.sees(ravi, "lab-results").await.expect_err("not yet")), MISSING);
    assert_eq!(home.get(&practice.of("notices"), Some(asha)).await.data()[0]["state"], "asked");
    assert_eq!(code(&act("refuse", ravi).await.failure()), MISSING);
    assert_eq!(act("refuse", asha).await.data()["state"], "waiting");
}

/// The cookie of somebody who signs in with a browser.
async fn browser(home: &Home, email: &'static str) -> String {
    use phm_appliance::auth::desk::{Arrival, Outcome};
    use phm_appliance::auth::session::Door;
    use phm_appliance::http::Client;
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let opened = home.house.open().expect("open");
    let outcome = opened.desk(move |desk| desk.sign_in(email, PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    format!("phm_session={}", entered.refresh.text())
}

#[tokio::test]
async fn an_open_page_hears_that_a_grant_was_revoked_or_is_over() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let cookie = browser(&home, "doctor@example.org").await;
    let grants = format!("/api/v1/profiles/{}/grants", asha.profile);
    let give = async |kinds: &[&str], ends_at: Option<i64>| {
        let mut terms = json!({"to": {"account": doctor.account}, "kinds": kinds, "actions": ["read"]});
        if let Some(seconds) = ends_at {
            let end = phm_core::time::Instant::from_millis((clock.seconds() + seconds) * 1000);
            terms["ends_at"] = json!(end);
        }
        let made = home.post(&grants, Some(&asha), terms).await;
        assert_eq!(made.status, 201, "{}", made.text());
        format!("{grants}/{}", made.data()["id"].as_str().expect("an id"))
    };
    let watch = async |of: &str| {
        let path = format!("/p/{}/watch{of}", asha.profile);
        home.act(Method::GET, &path, None, &[("cookie", cookie.as_str())]).await
    };
    let soon = || tokio::time::sleep(std::time::Duration::from_millis(700));

    let one = give(&["profile", "lab-result"], None).await;
    let revoke = async {
        soon().await;
        home.act(Method::DELETE, &one, Some(&asha), &[]).await
    };
    let (stream, revoked) = tokio::join!(watch("?of=lab-results"), revoke);
    assert!(revoked.status.is_success(), "{}", revoked.text());
    assert!(stream.status == 200 && stream.text().contains("event: ended"), "{}", stream.text());
    assert_eq!(watch("").await.status, 404, "a stranger watches nobody");

    // A page about two kinds hears that one of them was closed, and the end by the clock.
    give(&["profile", "lab-result"], Some(600)).await;
    let notes = give(&["note"], None).await;
    let revoke = async {
        soon().await;
        home.act(Method::DELETE, &notes, Some(&asha), &[]).await
    };
    let (stream, _) = tokio::join!(watch(""), revoke);
    assert!(stream.text().contains("event: ended"), "{}", stream.text());
    let pass = async {
        soon().await;
        clock.pass(600);
    };
    let (stream, ()) = tokio::join!(watch(""), pass);
    assert!(stream.text().contains("event: ended"), "{}", stream.text());
}

#[tokio::test]
async fn whoever_sees_doses_alone_is_refused_nothing_by_their_list() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let cookie = browser(&home, "doctor@example.org").await;
    let of = |rest: &str| format!("/api/v1/profiles/{}/{rest}", asha.profile);
    let terms = json!({"to": {"account": doctor.account}, "kinds": ["profile", "dose"], "actions": ["read"]});
    assert_eq!(home.post(&of("grants"), Some(&asha), terms).await.status, 201);
    for drug in ["X", "Y", "Z"] {
        let made =
            home.post(&of("medications"), Some(&asha), json!({"drug": drug, "start": "2026-01-01"})).await.data();
        let dose = json!({"medication": made["id"], "at": "2026-01-05T08:00:00Z", "status": "taken"});
        assert_eq!(home.post(&of("doses"), Some(&asha), dose).await.status, 201);
    }
    let page = format!("/p/{}/doses", asha.profile);
    let list = home.act(Method::GET, &page, None, &[("cookie", cookie.as_str())]).await;
    assert_eq!(list.status, 200, "{}", list.text());
    assert_eq!(code(&home.get(&of("medications"), Some(&doctor)).await.failure()), REFUSED);
    // Refusals are gathered by the minute.
    clock.pass(120);
    let rows = home.get(&of("audit?per_page=100"), Some(&asha)).await.data();
    let refused = rows.as_array().expect("rows").iter().filter(|row| row["outcome"] == "refused");
    let times: u64 = refused.filter_map(|row| row["count"].as_u64()).sum();
    assert_eq!(times, 1, "what was asked for aloud, and nothing else: {rows}");
}
