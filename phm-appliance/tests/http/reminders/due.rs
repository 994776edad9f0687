//! What is due and what is not any more: doses, appointments, results and grants that end.

use phm_appliance::jobs::reminders::look;
use phm_core::access::{Action, Actor};
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::How;
use poem::http::Method;
use serde_json::json;

use super::servers::{Ntfy, next, silent};
use super::{DAY, Reminded, again, at_eight, doses, install_words, listed, medicine, told, wish};
use crate::house::{Home, Person, TestClock};

#[tokio::test]
async fn a_dose_that_is_logged_meanwhile_is_not_said_again_and_what_is_quiet_waits() {
    let (reminded, Ntfy { heard: ntfy, .. }) = told(200, json!({"quiet": {"from": "22:00", "to": "08:30"}})).await;
    let Reminded { clock, home, asha, medication, kept } = reminded;
    assert_eq!(kept["quiet"]["to"], "08:30");
    at_eight(&clock, &home).await;
    assert!(silent(&ntfy), "it is quiet until half past eight");
    clock.pass(30 * 60);
    look(&home.house).await;
    assert_eq!(next(&ntfy).1["message"], "There is something.");

    let asha = again(&home, &asha, "asha@example.org").await;
    let body = json!({"medication": medication, "at": Instant::from_millis(clock.seconds() * 1000), "status": "taken"});
    assert_eq!(home.post(&format!("/api/v1/profiles/{}/doses", asha.profile), Some(&asha), body).await.status, 201);
    clock.pass(15 * 60);
    look(&home.house).await;
    assert!(silent(&ntfy), "the log says it was taken");
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(listed(&home, &asha).await["notifications"][0]["answer"]["status"], "elsewhere");
}

#[tokio::test]
async fn without_a_plugin_no_reminder_is_made_and_a_grant_that_is_taken_back_ends_them() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    medicine(&home, &asha).await;
    assert_eq!(wish(&home, &asha, json!({})).await.data()["available"], false);
    look(&home.house).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    let none = listed(&home, &asha).await;
    assert_eq!((&none["available"], &none["notifications"]), (&json!(false), &json!([])));
    install_words(&home).await;
    look(&home.house).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(listed(&home, &asha).await["notifications"].as_array().expect("rows").len(), 1);

    let path = format!("/api/v1/profiles/{}/grants", asha.profile);
    let grants = home.get(&path, Some(&asha)).await.data();
    let service = grants.as_array().expect("rows").iter().find(|grant| grant["to"]["service"] == "reminders");
    let one = format!("{path}/{}", service.expect("a standing grant")["id"].as_str().expect("an id"));
    assert!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status.is_success());
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(listed(&home, &asha).await["notifications"].as_array().expect("rows").len(), 1, "nothing new");
    // Chosen again, it is granted again.
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    look(&home.house).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    let all = listed(&home, &asha).await["notifications"].clone();
    assert!(all.as_array().expect("rows").len() >= 2, "{all}");
    // Answered in the app, by somebody else not at all.
    let ravi = home.move_in_as("Ravi", &["patient"]).await;
    let answer = format!("/api/v1/notifications/{}/answer", all[0]["id"].as_str().expect("an id"));
    assert_eq!(home.post(&answer, Some(&ravi), json!({"status": "taken"})).await.status, 404);
    assert_eq!(home.post(&answer, Some(&asha), json!({"status": "perhaps"})).await.status, 422);
    assert_eq!(home.post(&answer, Some(&asha), json!({"status": "skipped"})).await.status, 200);
    assert_eq!(doses(&home, &asha).await[0]["body"]["status"], "skipped");
    // Who does not answer for a person is not reminded about them.
    let foreign = wish(&home, &ravi, json!({"people": [asha.profile]})).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(home.post("/api/v1/notifications/seen", Some(&asha), json!({})).await.data()["unread"], 0);
}

#[tokio::test]
async fn appointments_results_and_grants_that_end_are_said_once() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let ravi = home.move_in_as("Ravi", &["patient"]).await;
    install_words(&home).await;
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    look(&home.house).await;
    let now = Instant::from_millis(clock.seconds() * 1000);
    let of = |rest: &str| format!("/api/v1/profiles/{}/{rest}", asha.profile);
    let start = now.plus_millis(20 * 3_600_000);
    assert_eq!(
        home.post(&of("appointments"), Some(&asha), json!({"start": start, "status": "booked"})).await.status,
        201
    );
    let ends = now.plus_millis(5 * DAY * 1000);
    let grant = json!({"to": {"account": ravi.account}, "kinds": ["*"], "actions": ["read"], "ends_at": ends});
    assert_eq!(home.post(&of("grants"), Some(&asha), grant).await.status, 201);
    let own = json!({"concept": "HbA1c", "quantity": {"value": "7.1", "unit": "%"}, "collected_at": now});
    assert_eq!(home.post(&of("lab-results"), Some(&asha), own.clone()).await.status, 201);
    clock.pass(61);
    look(&home.house).await;
    let events = async |who: &Person| {
        let all = listed(&home, who).await["notifications"].clone();
        let mut events: Vec<String> =
            all.as_array().expect("rows").iter().map(|one| one["event"].as_str().expect("one").to_owned()).collect();
        events.sort_unstable();
        events
    };
    assert_eq!(events(&asha).await, ["appointment"], "what somebody typed is no news to them");

    let (vault, profile) = (home.house.open().expect("open").vault, asha.profile.parse::<ProfileId>().expect("an id"));
    tokio::task::spawn_blocking(move || {
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let permit = session.permit(Action::Add, profile, "lab-result").expect("a permit");
        session.add(&permit, &own, How::Typed).expect("added");
    })
    .await
    .expect("no panic");
    clock.pass(61);
    look(&home.house).await;
    assert_eq!(events(&asha).await, ["appointment", "result"]);
    clock.pass(2 * DAY + 3_600);
    look(&home.house).await;
    look(&home.house).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(events(&asha).await, ["appointment", "grant-expires", "result"]);
}

#[tokio::test]
async fn a_medicine_that_runs_out_is_said_once_and_in_the_morning() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    let today = Instant::from_millis(clock.seconds() * 1000).date().to_string();
    let tablets = |count: &str| json!({"value": count, "unit": "{tablet}"});
    let body = json!({
        "drug": "Metformin", "dose": tablets("1"), "frequency": {"at": ["08:00"]}, "start": today, "status": "active",
        "packs": [{"got_on": today, "amount": tablets("5")}],
    });
    let made = home.post(&format!("/api/v1/profiles/{}/medications", asha.profile), Some(&asha), body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    let refills = async || {
        let asha = again(&home, &asha, "asha@example.org").await;
        let all = listed(&home, &asha).await["notifications"].clone();
        all.as_array().expect("rows").iter().filter(|one| one["event"] == "refill").count()
    };
    at_eight(&clock, &home).await;
    assert_eq!(refills().await, 0, "nobody is woken for it");
    clock.pass(3_600);
    look(&home.house).await;
    assert_eq!(refills().await, 1);
    clock.pass(DAY);
    look(&home.house).await;
    assert_eq!(refills().await, 1, "once a week");
}
