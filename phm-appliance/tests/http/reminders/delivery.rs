//! What becomes of a message on its way: tried again, given up, interrupted; and which channels are taken.

use std::sync::atomic::Ordering;

use phm_appliance::jobs::reminders::look;
use phm_appliance::notify::board::{Place, State};
use phm_core::id::RecordId;
use phm_core::time::Instant;
use serde_json::json;

use super::servers::{Ntfy, next, silent, web};
use super::{DAY, Reminded, allow, at_eight, told, wish};
use crate::house::{Home, TestClock};

#[tokio::test]
async fn a_message_that_cannot_be_sent_is_tried_later_given_up_and_tried_again_by_hand() {
    let (Reminded { clock, home, .. }, Ntfy { says, heard: ntfy, .. }) = told(503, json!({"repeat_minutes": 0})).await;
    at_eight(&clock, &home).await;
    next(&ntfy);
    look(&home.house).await;
    assert!(silent(&ntfy), "not before its time");
    says.store(404, Ordering::SeqCst);
    clock.pass(61);
    look(&home.house).await;
    next(&ntfy);
    clock.pass(DAY / 24);
    look(&home.house).await;
    assert!(silent(&ntfy), "what was refused for good is given up");

    let opened = home.house.open().expect("an open house");
    let standing = tokio::task::spawn_blocking(move || phm_appliance::jobs::reminders::standing(&opened));
    let standing = standing.await.expect("no panic").expect("state");
    assert_eq!((standing.failed.len(), standing.waiting, standing.people), (1, 0, 1));
    assert_eq!((standing.failed[0].code.as_str(), standing.failed[0].tries), ("refused", 2));
    says.store(200, Ordering::SeqCst);
    let (vault, id) = (home.house.open().expect("open").vault, standing.failed[0].id);
    let now = Instant::from_millis(clock.seconds() * 1000);
    let retried = tokio::task::spawn_blocking(move || phm_appliance::jobs::reminders::retry(&vault, id, now));
    retried.await.expect("no panic").expect("tried again");
    look(&home.house).await;
    assert_eq!(next(&ntfy).1["title"], "Something");
}

#[tokio::test]
async fn what_was_on_its_way_when_the_program_ended_is_not_sent_twice() {
    let (reminded, Ntfy { says, heard: ntfy, .. }) = told(503, json!({"repeat_minutes": 0})).await;
    let Reminded { clock, home, asha, .. } = reminded;
    at_eight(&clock, &home).await;
    next(&ntfy);
    let place = Place { profile: asha.profile.parse().expect("an id"), account: asha.account.parse().expect("an id") };
    let vault = home.house.open().expect("open").vault;
    let changed = tokio::task::spawn_blocking(move || {
        let id = place.look(&vault)?.expect("a board").ids[0];
        place.change(&vault, id, |notice| {
            // As a kill leaves it while a message is sent.
            (notice.deliveries[0].state, notice.deliveries[0].run) = (State::Sending, Some(RecordId::new()));
        })
    });
    changed.await.expect("no panic").expect("state");
    says.store(200, Ordering::SeqCst);
    clock.pass(DAY / 24);
    look(&home.house).await;
    assert!(silent(&ntfy), "nobody knows whether it arrived");
    let opened = home.house.open().expect("an open house");
    let standing = tokio::task::spawn_blocking(move || phm_appliance::jobs::reminders::standing(&opened));
    assert_eq!(standing.await.expect("no panic").expect("state").failed[0].code, "interrupted");
}

#[tokio::test]
async fn a_channel_is_tried_by_a_button_and_one_that_leads_into_the_house_is_refused() {
    let clock = TestClock::default();
    let (port, says, gotify) = web(200);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    let gone = json!([{"channel": "gotify", "url": format!("http://127.0.0.1:{port}"), "secret": "A"}]);
    assert_eq!(wish(&home, &asha, json!({"channels": gone})).await.status, 200);
    let test =
        async |channel: &str| home.post("/api/v1/notifications/test", Some(&asha), json!({"channel": channel})).await;
    assert_eq!(test("gotify").await.status, 200);
    assert_eq!(next(&gotify).1["title"], "A test from PHM");
    says.store(401, Ordering::SeqCst);
    let refused = test("gotify").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["details"][0]["code"]), (422, &json!("refused")));
    assert_eq!(test("webhook").await.json()["error"]["details"][0]["code"], "not-chosen");
    assert_eq!(test("pigeon").await.status, 422);
    for (asked, code) in [
        (json!({"channel": "webhook", "url": "https://192.168.1.1/x"}), "private-address"),
        (json!({"channel": "webhook", "url": "http://hook.example/x"}), "private-address"),
        (json!({"channel": "ntfy", "url": "nowhere"}), "bad-address"),
        (json!({"channel": "gotify", "url": "https://gotify.example"}), "bad-secret"),
        (json!({"channel": "mail"}), "mail-off"),
    ] {
        let refused = wish(&home, &asha, json!({"channels": [asked]})).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["details"][0]["code"]), (422, &json!(code)));
    }
    for (more, path) in [
        (json!({"zone": "Asia/Nowhere"}), "/zone"),
        (json!({"language": "fr"}), "/language"),
        (json!({"quiet": {"from": "25:00", "to": "07:00"}}), "/quiet/from"),
        (json!({"repeat_minutes": 1}), "/repeat_minutes"),
        (json!({"repeat_times": 6}), "/repeat_times"),
    ] {
        let refused = wish(&home, &asha, more).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["details"][0]["path"]), (422, &json!(path)));
    }
    // A token goes to the address it was given for, and to no other.
    let (other, _, _heard) = web(200);
    let moved = json!([{"channel": "gotify", "url": format!("http://127.0.0.1:{other}")}]);
    assert_eq!(wish(&home, &asha, json!({"channels": moved})).await.status, 422);
}
