//! The pages of reminders: for whoever is reminded, and for whoever runs the house.

use std::sync::atomic::Ordering;

use phm_appliance::jobs::reminders::look;
use phm_core::time::Instant;
use serde_json::json;

use super::servers::{next, ntfy_at, web};
use super::{DAY, allow, at_eight, install_words, medicine, wish};
use crate::house::{Home, TestClock};
use crate::plugin_pages::Browser;

/// Fields of a form, as a browser sends them behind others.
fn fields(pairs: &[(&str, &str)]) -> String {
    format!("&{}", serde_urlencoded::to_string(pairs).expect("a form"))
}

#[tokio::test]
async fn the_pages_say_how_somebody_is_reminded_and_let_them_choose_test_and_answer() {
    let clock = TestClock::default();
    let (port, _, hook) = web(200);
    let home = Home::with_pages_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    medicine(&home, &asha).await;
    let page = "/settings/reminders";
    let browser = Browser::of(&home, "asha").await;
    let text = browser.page(page).await;
    assert!(text.contains("No reminder is made") && text.contains("nothing medical leaves the house"), "{text}");
    assert!(browser.page("/notifications").await.contains("No reminder is made"));
    install_words(&home).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let chosen = |url: &str, from: &str| {
        fields(&[
            ("people", asha.profile.as_str()),
            ("language", "hi"),
            ("zone", "Asia/Kolkata"),
            ("quiet_from", from),
            ("quiet_to", "07:00"),
            ("repeat_minutes", "0"),
            ("repeat_times", "0"),
            ("channels", "webhook"),
            ("webhook.url", url),
        ])
    };
    let wrong = browser.fill(page, page, &chosen("https://10.0.0.1/x", "22:00")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Webhook: This address lies inside the house"), "{}", wrong.text());
    assert!(wrong.text().contains("https://10.0.0.1/x"), "what was typed stays");
    assert!(browser.fill(page, page, &chosen(&url, "22:00")).await.status.is_redirection());
    let text = browser.page(page).await;
    assert!(!text.contains("No reminder is made") && text.contains("The key that signs the messages"), "{text}");
    let tested = browser.fill(page, "/settings/reminders/test", "&channel=webhook").await;
    assert_eq!(tested.header("location"), "/settings/reminders?done=tested");
    assert_eq!(next(&hook).1["title"], "PHM से एक जाँच संदेश", "in the language that was chosen");

    look(&home.house).await;
    at_eight(&clock, &home).await;
    assert_eq!(next(&hook).1["title"], "Something");
    let browser = Browser::of(&home, "asha").await;
    let text = browser.page("/notifications").await;
    assert!(text.contains("data-test=\"unread\">1<") && text.contains("Webhook: sent"), "{text}");
    let id =
        text.split("data-notice=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a reminder").to_owned();
    let answered = browser.fill("/notifications", &format!("/notifications/{id}/answer"), "&status=taken").await;
    assert!(answered.status.is_redirection(), "{}", answered.text());
    let text = browser.page("/notifications").await;
    assert!(text.contains("Answered: taken") && !text.contains("data-test=\"unread\""), "{text}");
    assert!(browser.page(&format!("/p/{}/access", asha.profile)).await.contains("reminders"), "the grant stands there");
}

#[tokio::test]
async fn whoever_runs_the_house_sees_how_reminders_stand_and_nobody_in_them() {
    let clock = TestClock::default();
    let (port, says, ntfy) = web(404);
    let home = Home::with_pages_at(&clock, |settings| allow(settings, &[port]));
    home.move_in_as("Boss", &["admin"]).await;
    let asha = home.move_in_as("Asha", &["patient"]).await;
    install_words(&home).await;
    medicine(&home, &asha).await;
    assert_eq!(wish(&home, &asha, json!({"channels": ntfy_at(port), "repeat_minutes": 0})).await.status, 200);
    look(&home.house).await;
    at_eight(&clock, &home).await;
    next(&ntfy);
    let boss = Browser::of(&home, "boss").await;
    let text = boss.page("/admin/reminders").await;
    assert!(
        text.contains("The words are those of words 1.0.0") && text.contains("The server did not take it"),
        "{text}"
    );
    for hidden in ["Asha", "asha", "Metformin", "Something", asha.profile.as_str(), asha.account.as_str()] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let id = text.split("data-failed=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("one").to_owned();
    says.store(200, Ordering::SeqCst);
    assert!(boss.press("/admin/reminders", &format!("/admin/reminders/{id}/retry")).await.status.is_redirection());
    look(&home.house).await;
    next(&ntfy);
    assert!(boss.page("/admin/reminders").await.contains("None was given up"));
    // Both days, wherever the night lies between them.
    let day = |seconds: i64| Instant::from_millis((clock.seconds() + seconds) * 1000).date();
    let asked = format!("/admin/incident?from={}&to={}", day(-2 * DAY), day(DAY));
    let text = boss.page(&asked).await;
    assert!(text.contains("words") && text.contains("A call of a plugin about nobody"), "{text}");
    let patient = Browser::of(&home, "asha").await;
    assert_eq!(patient.press("/settings", &format!("/admin/reminders/{id}/forget")).await.status, 403);
}
