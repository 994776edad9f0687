//! Reminders through the whole path: from what is due, by every channel to servers on this machine, to the recorded answer.

mod delivery;
mod due;
mod every_channel;
mod pages;
mod servers;

use std::collections::BTreeMap;

use phm_appliance::jobs::reminders::look;
use phm_appliance::settings::Settings;
use serde_json::{Value, json};

use crate::house::{Home, Person, Reply, TestClock};
use crate::interactions::{answering_as, install_files};

pub use servers::{Ntfy, next, ntfy_at, silent, smtp, web};

pub const DAY: i64 = 86_400;

/// Kolkata is so many seconds ahead.
const INDIA: i64 = 19_800;

/// Says the same of every event.
pub async fn install_words(home: &Home) {
    let toml =
        "name = \"words\"\nversion = \"1.0.0\"\napi = 1\nkind = \"notify\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n";
    let wasm = answering_as("render", r#"{"messages":[{"title":"Something","text":"There is something."}]}"#);
    let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
    install_files(home, "words", files).await;
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

/// Lets the clock go on to a minute after the next eight o'clock in India, when the house looks what is due.
pub async fn at_eight(clock: &TestClock, home: &Home) {
    to_eight(clock, 60);
    look(&home.house).await;
}

/// A house that has words for reminders, and Asha in it, who takes a medicine at eight and is reminded of it.
pub struct Reminded {
    pub clock: TestClock,
    pub home: Home,
    pub asha: Person,
    pub medication: String,
    /// What the house kept of her wishes.
    pub kept: Value,
}

async fn begin(change: impl FnOnce(&mut Settings), wishes: Value) -> Reminded {
    let clock = TestClock::default();
    let home = Home::open_at(&clock, change);
    let asha = home.move_in("Asha").await;
    install_words(&home).await;
    let medication = medicine(&home, &asha).await;
    let kept = wish(&home, &asha, wishes).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let kept = kept.data();
    look(&home.house).await;
    Reminded { clock, home, asha, medication, kept }
}

/// Asha with these wishes, reminded inside the house.
pub async fn reminded(wishes: Value) -> Reminded {
    begin(|_| (), wishes).await
}

/// Asha with these wishes, told by a server that answers with a status that may change.
pub async fn told(status: u16, mut wishes: Value) -> (Reminded, Ntfy) {
    let ntfy = Ntfy::answering(status);
    wishes["channels"] = ntfy_at(ntfy.port);
    let reminded = begin(|settings| allow(settings, &[ntfy.port]), wishes).await;
    (reminded, ntfy)
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
