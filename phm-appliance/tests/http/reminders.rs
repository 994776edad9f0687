//! Reminders through the whole path: from what is due, by every channel to servers on this machine, to the recorded answer.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use phm_appliance::jobs::reminders::look;
use phm_appliance::notify::board::{Place, State};
use phm_appliance::notify::channels::signature;
use phm_appliance::notify::{MailWay, Security};
use phm_appliance::settings::Settings;
use phm_core::access::{Action, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::How;
use poem::Request;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person, Reply, TestClock};
use crate::interactions::{answering_as, install_files};
use crate::plugin_pages::Browser;

const DAY: i64 = 86_400;
/// Kolkata is so many seconds ahead.
const INDIA: i64 = 19_800;

/// What a server heard: the head and the body of a request, or a letter.
pub type Heard = Receiver<(String, String)>;

/// A mail server that takes every letter.
pub fn smtp() -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let (taken, letters) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut lines = BufReader::new(stream.try_clone().expect("both ways")).lines();
            let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
            let _ = say("220 here");
            let mut reader = String::new();
            while let Some(Ok(line)) = lines.next() {
                let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                    "RCPT" => {
                        reader.clone_from(&line);
                        "250 yes"
                    }
                    "DATA" => {
                        let _ = say("354 go on");
                        let letter: Vec<String> =
                            lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                        // Quoted-printable breaks long lines and codes the sign of equality.
                        let letter = letter.join("\n").replace("=\n", "").replace("=3D", "=");
                        let _ = taken.send((reader.clone(), letter));
                        "250 taken"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 yes",
                };
                let _ = say(answer);
            }
        }
    });
    (port, letters)
}

/// A server that answers with a status that may change, and tells what it heard.
pub fn web(status: u16) -> (u16, Arc<AtomicU16>, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let (says, (heard, requests)) = (Arc::new(AtomicU16::new(status)), channel());
    let status = Arc::clone(&says);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut reader = BufReader::new(stream.try_clone().expect("both ways"));
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).expect("a whole body");
            let answer = format!(
                "HTTP/1.1 {} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                status.load(Ordering::SeqCst)
            );
            let _ = stream.write_all(answer.as_bytes());
            let _ = heard.send((head, String::from_utf8(body).expect("text")));
        }
    });
    (port, says, requests)
}

/// What a server hears next.
pub fn next(heard: &Heard) -> (String, Value) {
    let (head, body) = heard.recv_timeout(Duration::from_secs(10)).expect("it was told");
    (head, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

pub fn silent(heard: &Heard) -> bool {
    heard.recv_timeout(Duration::from_millis(300)).is_err()
}

/// The value of a header.
fn header(head: &str, name: &str) -> String {
    let found = head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// Says the same of every event.
pub async fn install_words(home: &Home) {
    let toml =
        "name = \"words\"\nversion = \"1.0.0\"\napi = 1\nkind = \"notify\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n";
    let wasm = answering_as("render", r#"{"messages":[{"title":"Something","text":"There is something."}]}"#);
    let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
    install_files(home, "words", files).await;
}

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

pub fn allow(settings: &mut Settings, ports: &[u16]) {
    settings.notify_http_allow_private = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
}

/// A medicine at eight in the morning, ever since.
pub async fn medicine(home: &Home, who: &Person) -> String {
    let path = format!("/api/v1/profiles/{}/medications", who.profile);
    let body = json!({
        "drug": "Metformin", "strength": "500 mg", "status": "active", "frequency": {"at": ["08:00"]}, "start": "2026-01-01",
    });
    let made = home.post(&path, Some(who), body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.data()["id"].as_str().expect("an id").to_owned()
}

/// Lets the clock go on to so many seconds after the next eight o'clock in India.
pub fn to_eight(clock: &TestClock, seconds: i64) {
    let local = clock.seconds() + INDIA;
    let eight = (local.div_euclid(DAY) + 1) * DAY + 8 * 3_600;
    clock.pass(eight - local + seconds);
}

/// The same person in a session that is good now.
pub async fn again(home: &Home, who: &Person, email: &str) -> Person {
    Person { token: home.sign_in(email).await.0, ..who.clone() }
}

pub async fn wish(home: &Home, who: &Person, more: Value) -> Reply {
    let mut wishes = json!({
        "language": "en", "zone": "Asia/Kolkata", "repeat_minutes": 15, "repeat_times": 1, "people": [who.profile],
    });
    for (name, value) in more.as_object().expect("an object") {
        wishes[name] = value.clone();
    }
    home.put("/api/v1/notifications/settings", Some(who), wishes).await
}

pub async fn listed(home: &Home, who: &Person) -> Value {
    home.get("/api/v1/notifications", Some(who)).await.data()
}

pub async fn doses(home: &Home, who: &Person) -> Vec<Value> {
    let path = format!("/api/v1/profiles/{}/doses", who.profile);
    home.get(&path, Some(who)).await.data().as_array().expect("rows").clone()
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

    to_eight(&clock, 60);
    look(&home.house).await;
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

#[tokio::test]
async fn a_dose_that_is_logged_meanwhile_is_not_said_again_and_what_is_quiet_waits() {
    let clock = TestClock::default();
    let (port, _, ntfy) = web(200);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    let medication = medicine(&home, &asha).await;
    let channels = json!([{"channel": "ntfy", "url": format!("http://127.0.0.1:{port}/t")}]);
    let kept = wish(&home, &asha, json!({"channels": channels, "quiet": {"from": "22:00", "to": "08:30"}})).await;
    assert_eq!((kept.status.as_u16(), &kept.data()["quiet"]["to"]), (200, &json!("08:30")));
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
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
    to_eight(&clock, 60);
    look(&home.house).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    let none = listed(&home, &asha).await;
    assert_eq!((&none["available"], &none["notifications"]), (&json!(false), &json!([])));
    install_words(&home).await;
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(listed(&home, &asha).await["notifications"].as_array().expect("rows").len(), 1);

    let path = format!("/api/v1/profiles/{}/grants", asha.profile);
    let grants = home.get(&path, Some(&asha)).await.data();
    let service = grants.as_array().expect("rows").iter().find(|grant| grant["to"]["service"] == "reminders");
    let one = format!("{path}/{}", service.expect("a standing grant")["id"].as_str().expect("an id"));
    assert!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status.is_success());
    to_eight(&clock, 60);
    look(&home.house).await;
    let asha = again(&home, &asha, "asha@example.org").await;
    assert_eq!(listed(&home, &asha).await["notifications"].as_array().expect("rows").len(), 1, "nothing new");
    // Chosen again, it is granted again.
    assert_eq!(wish(&home, &asha, json!({})).await.status, 200);
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
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
async fn a_message_that_cannot_be_sent_is_tried_later_given_up_and_tried_again_by_hand() {
    let clock = TestClock::default();
    let (port, says, ntfy) = web(503);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    medicine(&home, &asha).await;
    let channels = json!([{"channel": "ntfy", "url": format!("http://127.0.0.1:{port}/t")}]);
    assert_eq!(wish(&home, &asha, json!({"channels": channels, "repeat_minutes": 0})).await.status, 200);
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
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
    let clock = TestClock::default();
    let (port, says, ntfy) = web(503);
    let home = Home::open_at(&clock, |settings| allow(settings, &[port]));
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    medicine(&home, &asha).await;
    let channels = json!([{"channel": "ntfy", "url": format!("http://127.0.0.1:{port}/t")}]);
    assert_eq!(wish(&home, &asha, json!({"channels": channels, "repeat_minutes": 0})).await.status, 200);
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
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
    to_eight(&clock, 60);
    look(&home.house).await;
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
    let channels = json!([{"channel": "ntfy", "url": format!("http://127.0.0.1:{port}/t")}]);
    assert_eq!(wish(&home, &asha, json!({"channels": channels, "repeat_minutes": 0})).await.status, 200);
    look(&home.house).await;
    to_eight(&clock, 60);
    look(&home.house).await;
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
    let patient = Browser::of(&home, "asha").await;
    assert_eq!(patient.press("/settings", &format!("/admin/reminders/{id}/forget")).await.status, 403);
}
