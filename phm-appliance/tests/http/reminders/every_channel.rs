//! One due dose from the shipped words to its recorded answer, by every channel there is.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use phm_appliance::jobs::reminders::look;
use phm_appliance::notify::channels::signature;
use phm_appliance::notify::{MailWay, Security};
use poem::Request;
use poem::http::Method;
use serde_json::json;

use super::servers::{header, next, silent, smtp, web};
use super::{again, allow, at_eight, doses, listed, medicine, wish};
use crate::house::{Home, Reply, TestClock};
use crate::interactions::install_files;

/// The shipped plugin, compiled as `phm plugin build` does it.
static SHIPPED: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a folder");
    let phm = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        // What a plugin needs is in cargo's cache; a test asks no registry.
        command.env_remove("CARGO_TARGET_DIR").env("CARGO_NET_OFFLINE", "true");
        command.env("PHM_DATA_DIR", dir.path().join("data")).current_dir(dir.path());
        let output = command.args(args).stdin(Stdio::null()).output().expect("the program runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    phm(&["plugin", "new", "reminders", "--kind", "notify"]);
    let (shipped, copy) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/reminders"), dir.path().join("reminders"));
    for part in ["src", "tests"] {
        std::fs::create_dir_all(copy.join(part)).expect("a folder");
        for file in std::fs::read_dir(shipped.join(part)).expect("a folder") {
            let file = file.expect("an entry");
            std::fs::copy(file.path(), copy.join(part).join(file.file_name())).expect("copied");
        }
    }
    for file in ["plugin.toml", "settings.json"] {
        std::fs::copy(shipped.join(file), copy.join(file)).expect("copied");
    }
    let cargo = std::fs::read_to_string(copy.join("Cargo.toml")).expect("a manifest");
    let named = cargo.replacen("name = \"reminders\"", "name = \"phm-plugin-reminders\"", 1);
    std::fs::write(copy.join("Cargo.toml"), named).expect("written");
    phm(&["plugin", "build", "reminders"]);
    phm(&["plugin", "validate", "reminders"]);
    let files = ["plugin.toml", "settings.json", "plugin.wasm"];
    files.map(|file| (file.to_owned(), std::fs::read(copy.join(file)).expect("built"))).into()
});

async fn install_shipped(home: &Home) {
    let files = tokio::task::spawn_blocking(|| SHIPPED.clone()).await.expect("no panic");
    install_files(home, "reminders", files).await;
}

/// Presses the first button of a page that nobody signed in for.
async fn press(home: &Home, page: &str, status: &str) -> Reply {
    let shown = home.get(page, None).await;
    let text = shown.text();
    let csrf = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let Some(csrf) = csrf else { return shown };
    let cookie = shown.cookie("phm_form");
    let request = Request::builder().method(Method::POST).uri(page.parse().expect("a path")).header("cookie", cookie);
    let request = request.content_type("application/x-www-form-urlencoded");
    home.send(request.body(format!("csrf={csrf}&status={status}"))).await
}

#[tokio::test]
async fn a_due_dose_goes_by_every_channel_is_said_again_and_is_answered_once() {
    let clock = TestClock::default();
    let (mail_port, letters) = smtp();
    let ((ntfy_port, _, ntfy), (gotify_port, _, gotify), (hook_port, _, hook)) = (web(200), web(200), web(200));
    let home = Home::with_pages_at(&clock, |settings| {
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = mail_port;
        allow(settings, &[ntfy_port, gotify_port, hook_port]);
    });
    let asha = home.move_in("Asha").await;
    install_shipped(&home).await;
    let medication = medicine(&home, &asha).await;
    let kept = wish(
        &home,
        &asha,
        json!({"repeat_times": 2, "channels": [
            {"channel": "mail"},
            {"channel": "ntfy", "url": format!("http://127.0.0.1:{ntfy_port}/doses"), "secret": "tk_1"},
            {"channel": "gotify", "url": format!("http://127.0.0.1:{gotify_port}/"), "secret": "A.1"},
            {"channel": "webhook", "url": format!("http://127.0.0.1:{hook_port}/hook"), "secret": "key", "detail": true},
        ]}),
    )
    .await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(kept.data()["channels"]["ntfy"]["has_secret"], true);
    assert!(!kept.text().contains("tk_1"), "a secret is not shown again");
    look(&home.house).await;
    assert_eq!(listed(&home, &asha).await["unread"], 0, "nothing is due yet");

    at_eight(&clock, &home).await;
    let (reader, letter) = next(&letters);
    assert!(reader.contains("asha@example.org"), "{reader}");
    let letter = letter.as_str().expect("a letter").to_owned();
    let link =
        letter.lines().find_map(|line| line.trim().strip_prefix("http://localhost:8080")).expect("a link").to_owned();
    assert!(link.starts_with("/r/") && letter.contains("You have a reminder from PHM"), "{letter}");
    let (head, body) = next(&ntfy);
    assert_eq!((&body["topic"], &body["title"]), (&json!("doses"), &json!("You have a reminder from PHM")));
    assert_eq!(header(&head, "authorization"), "Bearer tk_1");
    assert!(body["click"].as_str().is_some_and(|click| click.ends_with(&link)), "{body}");
    let (head, gotified) = next(&gotify);
    assert!(head.starts_with("POST /message ") && header(&head, "x-gotify-key") == "A.1", "{head}");
    assert_eq!(gotified["message"], "Open PHM to see what it is about.");
    for outside in [&letter, &body.to_string(), &gotified.to_string()] {
        assert!(!outside.contains("Metformin") && !outside.contains("Asha Example"), "{outside}");
    }
    // The person chose to be told more on this one, and it is signed.
    let (head, hooked) = hook.recv_timeout(Duration::from_secs(10)).expect("it was called");
    let seconds: i64 = header(&head, "x-phm-timestamp").parse().expect("seconds");
    assert_eq!((header(&head, "x-phm-signature"), seconds), (signature("key", seconds, &hooked), clock.seconds()));
    assert!(hooked.contains("Metformin 500 mg") && hooked.contains("08:00"), "{hooked}");

    let asha = again(&home, &asha, "asha@example.org").await;
    let inside = listed(&home, &asha).await;
    assert_eq!((&inside["unread"], &inside["available"]), (&json!(1), &json!(true)));
    let notice = &inside["notifications"][0];
    assert_eq!((&notice["event"], &notice["asks"]), (&json!("dose-due"), &json!(true)));
    assert!(notice["text"].as_str().is_some_and(|text| text.contains("Metformin 500 mg")), "{notice}");

    look(&home.house).await;
    assert!(silent(&ntfy) && silent(&hook), "it was said");
    // Another run of the program does not say it again either.
    home.house.move_out().expect("an open vault").close().expect("closed");
    let second = Home::empty_with_pages_at(&clock, |settings| *settings = home.house.settings.clone());
    let unlock = json!({"passphrase": "a passphrase for tests"});
    assert_eq!(second.post("/api/v1/unlock", None, unlock).await.status, 200);
    let home = second.keep(home);
    look(&home.house).await;
    assert!(silent(&ntfy) && silent(&gotify), "it was said before the program ended");
    clock.pass(15 * 60);
    look(&home.house).await;
    assert_eq!(next(&ntfy).1["title"], "You have a reminder from PHM", "nobody answered");
    assert_eq!(next(&gotify).1["title"], "You have a reminder from PHM");

    // Whatever previews a link answers nothing.
    let shown = home.get(&link, None).await;
    assert!(
        shown.status == 200
            && !shown.text().contains("Metformin")
            && !shown.text().contains("Asha")
            && shown.text().contains("When it was due:"),
        "{}",
        shown.text()
    );
    let asha = again(&home, &asha, "asha@example.org").await;
    assert!(doses(&home, &asha).await.is_empty());
    let answered = press(&home, &link, "taken").await;
    assert!(answered.status == 200 && answered.text().contains("Your answer is recorded"), "{}", answered.text());
    let logged = doses(&home, &asha).await;
    let dose = &logged[0]["body"];
    assert_eq!((logged.len(), &dose["status"], &dose["medication"]), (1, &json!("taken"), &json!(medication)));
    assert!(press(&home, &link, "skipped").await.text().contains("used already"), "a link is good once");
    assert_eq!(doses(&home, &asha).await.len(), 1);
    let notice = listed(&home, &asha).await["notifications"][0].clone();
    assert_eq!((&notice["answer"]["status"], &notice["asks"]), (&json!("taken"), &json!(false)));
    clock.pass(15 * 60);
    look(&home.house).await;
    assert!(silent(&ntfy), "who answered is left alone");

    let asha = again(&home, &asha, "asha@example.org").await;
    let audit = home.get(&format!("/api/v1/profiles/{}/audit?per_page=100", asha.profile), Some(&asha)).await.data();
    let services = audit.as_array().expect("rows").iter().filter(|row| row["actor"]["type"] == "service");
    assert!(services.clone().any(|row| row["purpose"] == "answered a reminder"), "{audit}");
    assert!(services.count() >= 2, "who looked says what the house did");
}
