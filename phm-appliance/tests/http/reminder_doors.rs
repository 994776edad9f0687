//! What a reminder must not do: wait for another's server, say outside what it is about, outlive a consent, or be lost.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use phm_appliance::auth::standing::Standing;
use phm_appliance::jobs::reminders::look;
use phm_appliance::notify::{MailWay, Security};
use phm_core::access::Actor;
use phm_core::audit::query::AuditQuery;
use phm_core::crypto::digest;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person, TestClock};
use crate::interactions::install_files;
use crate::reminders::{
    Ntfy, Reminded, again, allow, at_eight, doses, install_words, listed, medicine, next, ntfy_at, reminded, silent,
    smtp, to_eight, told, web, wish,
};

const ASHA: &str = "asha@example.org";

/// The ids of the standing grants of the service on somebody's records that open something.
async fn standing(home: &Home, who: &Person) -> Vec<String> {
    let grants = home.get(&format!("/api/v1/profiles/{}/grants", who.profile), Some(who)).await.data();
    let live = |grant: &&Value| grant["to"]["service"] == "reminders" && grant["state"] == "live";
    let found = grants.as_array().expect("rows").iter().filter(live);
    found.map(|grant| grant["id"].as_str().expect("an id").to_owned()).collect()
}

async fn take_back(home: &Home, who: &Person, grant: &str) {
    let path = format!("/api/v1/profiles/{}/grants/{grant}", who.profile);
    assert!(home.act(Method::DELETE, &path, Some(who), &[]).await.status.is_success());
}

/// A module that asks the house for something first, and says the same whatever comes of it.
fn asking_first(request: &str, text: &str) -> Vec<u8> {
    let bytes =
        |text: &str| -> String { text.bytes().flat_map(|byte| ["\\".to_owned(), digest::hex(&[byte])]).collect() };
    let (asked, said, longer, shorter) = (bytes(request), bytes(text), request.len(), text.len());
    let wat = format!(
        r#"(module
        (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
        (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
        (import "extism:host/env" "output_set" (func $output (param i64 i64)))
        (import "extism:host/user" "phm_call" (func $call (param i64) (result i64)))
        (memory 1)
        (data (i32.const 0) "{asked}")
        (data (i32.const 4096) "{said}")
        (func $message (param $at i32) (param $length i32) (result i64) (local $block i64) (local $n i32)
            (local.set $block (call $alloc (i64.extend_i32_u (local.get $length))))
            (loop $next
                (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $n)))
                    (i32.load8_u (i32.add (local.get $at) (local.get $n))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (local.get $length))))
            (local.get $block))
        (func (export "render") (result i32)
            (drop (call $call (call $message (i32.const 0) (i32.const {longer}))))
            (call $output (call $message (i32.const 4096) (i32.const {shorter})) (i64.const {shorter}))
            (i32.const 0)))"#
    );
    wat::parse_str(wat).expect("good text")
}

#[tokio::test]
async fn a_shut_way_is_asked_once_a_look_and_what_waits_goes_when_it_opens() {
    let clock = TestClock::default();
    let (port, says, ntfy) = web(503);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    let path = format!("/api/v1/profiles/{}/medications", asha.profile);
    for (drug, at) in [("Metformin", "08:00"), ("Amlodipine", "08:05")] {
        let body = json!({"drug": drug, "status": "active", "frequency": {"at": [at]}, "start": "2026-01-01"});
        assert_eq!(home.post(&path, Some(&asha), body).await.status, 201);
    }
    let kept = wish(&home, &asha, json!({"channels": ntfy_at(port), "repeat_minutes": 0})).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    look(&home.house).await;
    to_eight(&clock, 6 * 60);
    look(&home.house).await;
    next(&ntfy);
    assert!(silent(&ntfy), "two messages wait, and one found the way shut");
    says.store(200, Ordering::SeqCst);
    look(&home.house).await;
    next(&ntfy);
    assert!(silent(&ntfy), "the first one waits for its time");
    clock.pass(61);
    look(&home.house).await;
    next(&ntfy);
    let asha = again(&home, &asha, ASHA).await;
    assert_eq!(listed(&home, &asha).await["unread"], 2);
}

#[tokio::test]
async fn who_turns_repeats_off_hears_nothing_again() {
    let (reminded, Ntfy { port, heard: ntfy, .. }) = told(200, json!({"repeat_times": 3})).await;
    let Reminded { clock, home, asha, .. } = reminded;
    at_eight(&clock, &home).await;
    next(&ntfy);
    let asha = again(&home, &asha, ASHA).await;
    assert_eq!(wish(&home, &asha, json!({"channels": ntfy_at(port), "repeat_minutes": 0})).await.status, 200);
    clock.pass(15 * 60);
    look(&home.house).await;
    look(&home.house).await;
    assert!(silent(&ntfy), "once was enough");
}

#[tokio::test]
async fn what_leaves_the_house_is_worded_in_a_call_about_nobody() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let toml = "name = \"words\"\nversion = \"1.0.0\"\napi = 1\nkind = \"notify\"\nsummary = \"A test.\"\n\
                license = \"MIT\"\n[[permission]]\ncapability = \"kv.put\"\nreason = \"The test wants it.\"\n";
    let request = r#"{"v":1,"op":"kv.put","args":{"key":"k","value":1}}"#;
    let wasm = asking_first(request, r#"{"messages":[{"title":"Something","text":"There is something."}]}"#);
    let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
    install_files(&home, "words", files).await;
    medicine(&home, &asha).await;
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    look(&home.house).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, ASHA).await;
    assert_eq!(listed(&home, &asha).await["notifications"][0]["title"], "Something");
    let (vault, profile) = (home.house.open().expect("open").vault, asha.profile.parse::<ProfileId>().expect("an id"));
    let kept = tokio::task::spawn_blocking(move || {
        let kept = |owner| vault.state::<BTreeMap<String, Value>>(owner, "plugin kv/words").expect("state");
        let operator = vault.session(Actor::Operator, "test").expect("the operator");
        let query = AuditQuery { kind: Some("plugin".to_owned()), ..AuditQuery::default() };
        let log = operator.who_looked(ProfileId::SYSTEM, &query).expect("the log of the house").rows;
        (kept(ProfileId::SYSTEM), kept(profile), log)
    });
    let (of_nobody, of_asha, log) = kept.await.expect("no panic");
    assert!(of_nobody.is_some(), "one call was about nobody: what it keeps of a person is out of its reach");
    assert!(of_asha.is_none(), "she granted the plugin nothing");
    let calls: Vec<_> = log.iter().map(|row| (row.actor.id.as_str(), row.purpose.as_deref(), row.outcome)).collect();
    let expected = ("words", Some("plugin words 1.0.0: render"), "allowed");
    assert!(!calls.is_empty() && calls.iter().all(|call| *call == expected), "in the log of the house: {calls:?}");
}

#[tokio::test]
async fn an_answer_counts_although_the_plan_looks_different_by_then() {
    let Reminded { clock, home, asha, medication, .. } = reminded(json!({})).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, ASHA).await;
    // Eight o'clock is another moment there.
    assert_eq!(wish(&home, &asha, json!({"zone": "UTC"})).await.status, 200);
    let notice = listed(&home, &asha).await["notifications"][0].clone();
    let answer = format!("/api/v1/notifications/{}/answer", notice["id"].as_str().expect("an id"));
    assert_eq!(home.post(&answer, Some(&asha), json!({"status": "taken"})).await.status, 200);
    let logged = doses(&home, &asha).await;
    assert_eq!((logged.len(), &logged[0]["body"]["medication"]), (1, &json!(medication)), "what is said is recorded");
}

#[tokio::test]
async fn who_may_see_no_medicines_any_more_sees_no_reminders_of_them() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let ravi = home.move_in_as("Ravi", &["patient"]).await;
    install_words(&home).await;
    medicine(&home, &asha).await;
    let grants = format!("/api/v1/profiles/{}/grants", asha.profile);
    let all = json!({"to": {"account": ravi.account}, "kinds": ["*"], "actions": ["read", "add", "share"]});
    let given = home.post(&grants, Some(&asha), all).await;
    assert_eq!(given.status, 201, "{}", given.text());
    let kept = wish(&home, &ravi, json!({"people": [asha.profile]})).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    look(&home.house).await;
    at_eight(&clock, &home).await;
    let (asha, ravi) = (again(&home, &asha, ASHA).await, again(&home, &ravi, "ravi@example.org").await);
    let notice = listed(&home, &ravi).await["notifications"][0].clone();
    assert_eq!(notice["event"], "dose-due");
    take_back(&home, &asha, given.data()["id"].as_str().expect("an id")).await;
    let less = json!({"to": {"account": ravi.account}, "kinds": ["profile", "note"], "actions": ["read"]});
    assert_eq!(home.post(&grants, Some(&asha), less).await.status, 201);
    assert_eq!(listed(&home, &ravi).await["notifications"], json!([]));
    let answer = format!("/api/v1/notifications/{}/answer", notice["id"].as_str().expect("an id"));
    assert_eq!(home.post(&answer, Some(&ravi), json!({"status": "taken"})).await.status, 404);
}

#[tokio::test]
async fn a_consent_that_is_taken_back_stops_what_waits_and_comes_back_only_on_purpose() {
    let (reminded, Ntfy { heard: ntfy, .. }) = told(200, json!({"quiet": {"from": "22:00", "to": "08:30"}})).await;
    let Reminded { clock, home, asha, .. } = reminded;
    let ravi = home.move_in_as("Ravi", &["patient"]).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, ASHA).await;
    let grants = standing(&home, &asha).await;
    assert_eq!(grants.len(), 1);
    take_back(&home, &asha, &grants[0]).await;
    clock.pass(30 * 60);
    look(&home.house).await;
    assert!(silent(&ntfy), "it waited for the end of the quiet, and the consent ended first");
    let asha = again(&home, &asha, ASHA).await;
    // Who keeps what they are shown chooses nobody again.
    let shown = home.get("/api/v1/notifications/settings", Some(&asha)).await.data();
    assert_eq!(shown["people"], json!([]));
    // One who may not be chosen leaves no grant for the others that no wishes know of.
    let refused = wish(&home, &asha, json!({"people": [asha.profile, ravi.profile]})).await;
    assert_eq!(refused.status, 404, "{}", refused.text());
    assert!(standing(&home, &asha).await.is_empty());
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    assert_eq!(standing(&home, &asha).await.len(), 1);
}

#[tokio::test]
async fn a_letter_goes_to_no_address_that_may_be_a_strangers_and_tests_fill_no_mailbox() {
    let clock = TestClock::default();
    let (port, letters) = smtp();
    let home = Home::open_at(&clock, |settings| {
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = port;
    });
    let asha = home.move_in("Asha").await;
    // As of somebody who was invited, wrote an address and has shown nothing of it.
    let claim = async |claimed: bool| {
        let (vault, account) =
            (home.house.open().expect("open").vault, asha.account.parse::<RecordId>().expect("an id"));
        let change = move || Standing::change(&vault, account, |standing| standing.claimed = claimed);
        tokio::task::spawn_blocking(change).await.expect("no panic").expect("state");
    };
    let test = async || home.post("/api/v1/notifications/test", Some(&asha), json!({"channel": "mail"})).await;
    let mail = || json!({"channels": [{"channel": "mail"}]});
    claim(true).await;
    let refused = wish(&home, &asha, mail()).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["error"]["details"][0]["code"], "unproven-address");
    claim(false).await;
    assert_eq!(wish(&home, &asha, mail()).await.status, 200);
    // Chosen before, and the address is another one since.
    claim(true).await;
    assert_eq!(test().await.json()["error"]["details"][0]["code"], "unproven-address");
    assert!(silent(&letters), "nobody was written to");
    claim(false).await;
    for _ in 0..2 {
        assert_eq!(test().await.status, 200);
        assert!(next(&letters).0.contains(ASHA));
    }
    assert_eq!(test().await.status, 429, "three an hour");
}

#[tokio::test]
async fn whoever_has_very_much_to_be_said_holds_up_nobody_and_misses_nothing() {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    look(&home.house).await;
    let path = format!("/api/v1/profiles/{}/appointments", asha.profile);
    for minutes in 0..25 {
        let start = Instant::from_millis((clock.seconds() + 20 * 3_600 + minutes * 60) * 1000);
        let made = home.post(&path, Some(&asha), json!({"start": start, "status": "booked"})).await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    clock.pass(61);
    look(&home.house).await;
    assert_eq!(listed(&home, &asha).await["unread"], 20);
    look(&home.house).await;
    assert_eq!(listed(&home, &asha).await["unread"], 25);
    look(&home.house).await;
    assert_eq!(listed(&home, &asha).await["unread"], 25, "each is said once");
}

#[tokio::test]
async fn an_appointment_that_is_called_off_while_its_message_waits_is_not_said() {
    let clock = TestClock::default();
    let (port, _, ntfy) = web(200);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    let quiet = json!({"from": "22:00", "to": "08:30"});
    assert_eq!(wish(&home, &asha, json!({"channels": ntfy_at(port), "quiet": quiet})).await.status, 200);
    look(&home.house).await;
    to_eight(&clock, 60);
    let asha = again(&home, &asha, ASHA).await;
    let path = format!("/api/v1/profiles/{}/appointments", asha.profile);
    let mut made = Vec::new();
    for hours in [5, 6] {
        let start = Instant::from_millis((clock.seconds() + hours * 3_600) * 1000);
        let booked = home.post(&path, Some(&asha), json!({"start": start, "status": "booked"})).await;
        assert_eq!(booked.status, 201, "{}", booked.text());
        made.push((booked.data()["id"].as_str().expect("an id").to_owned(), start));
    }
    clock.pass(61);
    look(&home.house).await;
    assert!(silent(&ntfy), "it is quiet");
    assert_eq!(listed(&home, &asha).await["unread"], 2);
    let (id, start) = &made[0];
    let off = json!({"start": start, "status": "cancelled"});
    let off = home.change(Method::PUT, &format!("{path}/{id}"), Some(&asha), &[("if-match", "\"1\"")], off).await;
    assert_eq!(off.status, 200, "{}", off.text());
    clock.pass(30 * 60);
    look(&home.house).await;
    next(&ntfy);
    assert!(silent(&ntfy), "one of both takes place");
}

#[tokio::test]
async fn a_house_that_is_being_stopped_begins_no_message() {
    let (Reminded { clock, home, .. }, Ntfy { heard: ntfy, .. }) = told(200, json!({})).await;
    to_eight(&clock, 60);
    home.house.backups.stop();
    look(&home.house).await;
    assert!(silent(&ntfy), "what the end interrupts would be lost; what waits is sent after the next start");
}

#[tokio::test]
async fn who_travels_is_reminded_by_the_clock_of_the_new_place_at_once() {
    let Reminded { clock, home, asha, .. } = reminded(json!({})).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, ASHA).await;
    assert_eq!(listed(&home, &asha).await["unread"], 1);
    // Half an hour behind: eight o'clock comes once more there, sooner than anything was expected.
    assert_eq!(wish(&home, &asha, json!({"zone": "Asia/Karachi"})).await.status, 200);
    clock.pass(30 * 60);
    look(&home.house).await;
    let asha = again(&home, &asha, ASHA).await;
    assert_eq!(listed(&home, &asha).await["unread"], 2);
}

#[tokio::test]
async fn an_answer_to_what_is_logged_already_changes_nothing_and_says_so() {
    let Reminded { clock, home, asha, medication, .. } = reminded(json!({})).await;
    at_eight(&clock, &home).await;
    let asha = again(&home, &asha, ASHA).await;
    let now = Instant::from_millis(clock.seconds() * 1000);
    let body = json!({"medication": medication, "at": now, "status": "taken"});
    assert_eq!(home.post(&format!("/api/v1/profiles/{}/doses", asha.profile), Some(&asha), body).await.status, 201);
    let notice = listed(&home, &asha).await["notifications"][0].clone();
    let answer = format!("/api/v1/notifications/{}/answer", notice["id"].as_str().expect("an id"));
    assert_eq!(home.post(&answer, Some(&asha), json!({"status": "skipped"})).await.status, 200);
    let logged = doses(&home, &asha).await;
    assert_eq!((logged.len(), &logged[0]["body"]["status"]), (1, &json!("taken")));
    assert_eq!(listed(&home, &asha).await["notifications"][0]["answer"]["status"], "elsewhere");
}
