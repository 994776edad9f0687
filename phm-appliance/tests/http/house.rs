//! A house with a vault, people who signed in, and requests to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use phm_appliance::auth::accounts::{self, NewAccount};
use phm_appliance::http::{House, Shell, app};
use phm_appliance::settings::Settings;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::time::{Clock, Instant, SystemClock};
use phm_core::vault::{Options, Vault};
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Endpoint, Request, Response, Route};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";

/// A running house; its folder is gone when it is dropped.
pub struct Home {
    pub house: Arc<House>,
    app: Shell<Route>,
    _dir: TempDir,
    _before: Option<Box<Home>>,
}

/// A clock that stands until it is told to go on.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(Instant::now().millis())))
    }
}

impl TestClock {
    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst).div_euclid(1000)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// Somebody who signed in.
#[derive(Clone)]
pub struct Person {
    pub token: String,
    pub account: String,
    pub profile: String,
}

impl Home {
    /// A house that nobody has set up.
    pub fn empty(change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(SystemClock), false, change)
    }

    /// The same, with the pages of the web app.
    pub fn empty_with_pages(change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(SystemClock), true, change)
    }

    /// A house that nobody has set up or unlocked, by a clock of the test's own.
    pub fn empty_at(clock: &TestClock, change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(clock.clone()), false, change)
    }

    /// The same, with the pages of the web app.
    pub fn empty_with_pages_at(clock: &TestClock, change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(clock.clone()), true, change)
    }

    fn make(clock: Arc<dyn Clock>, with_pages: bool, change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults(&dir.path().join("vault"));
        settings.login_per_minute = 0;
        change(&mut settings);
        let house = House::with_clock(settings, clock);
        let app = if with_pages {
            app(&house, phm_appliance::http::web::pages())
        } else {
            app(&house, poem::endpoint::make_sync(|_| Response::builder().body("a page")))
        };
        Self { house, app, _dir: dir, _before: None }
    }

    /// A house with an open vault and no account.
    pub fn open(change: impl FnOnce(&mut Settings)) -> Self {
        Self::empty(change).with_vault()
    }

    /// The same, with the pages of the web app.
    pub fn with_pages(change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(SystemClock), true, change).with_vault()
    }

    /// The same, by a clock of the test's own.
    pub fn with_pages_at(clock: &TestClock, change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(clock.clone()), true, change).with_vault()
    }

    /// A house with an open vault, by a clock of the test's own.
    pub fn open_at(clock: &TestClock, change: impl FnOnce(&mut Settings)) -> Self {
        Self::make(Arc::new(clock.clone()), false, change).with_vault()
    }

    fn with_vault(self) -> Self {
        let options = Options { cost: Cost::FLOOR, ..self.house.options() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&self.house.settings.data_dir, &[secret], options).expect("a vault");
        self.house.move_in(vault).expect("an open house");
        self
    }

    /// Keeps an earlier house, in whose folder this one lives.
    pub fn keep(self, before: Self) -> Self {
        Self { _before: Some(Box::new(before)), ..self }
    }

    /// A house with the accounts of these people, all signed in.
    pub async fn of<const N: usize>(names: [&str; N]) -> (Self, [Person; N]) {
        let home = Self::open(|_| ());
        let mut people = Vec::new();
        for name in names {
            people.push(home.move_in(name).await);
        }
        let people = people.try_into().unwrap_or_else(|_| panic!("as many people as names"));
        (home, people)
    }

    /// Makes an account and signs in with it.
    pub async fn move_in(&self, name: &str) -> Person {
        self.move_in_as(name, &[]).await
    }

    /// The same with roles; one that is no patient has no profile.
    pub async fn move_in_as(&self, name: &str, roles: &[&str]) -> Person {
        let email = format!("{}@example.org", name.to_lowercase());
        let new = NewAccount {
            email: email.clone(),
            name: format!("{name} Example"),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            password: PASSWORD.to_owned(),
        };
        let vault = self.house.open().expect("an open house").vault;
        let made = tokio::task::spawn_blocking(move || accounts::add(&vault, &new)).await.expect("no panic");
        let account = made.expect("an account");
        let (token, _) = self.sign_in(&email).await;
        let profile = account.profile.map(|profile| profile.to_string()).unwrap_or_default();
        Person { token, account: account.id.to_string(), profile }
    }

    /// Signs in; answers access token and refresh cookie.
    pub async fn sign_in(&self, email: &str) -> (String, String) {
        let reply = self.post("/api/v1/auth/login", None, json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let token = reply.json()["data"]["access_token"].as_str().expect("a token").to_owned();
        (token, reply.cookie("phm_refresh"))
    }

    pub async fn send(&self, request: Request) -> Reply {
        let response = self.app.call(request).await.expect("the shell answers everything");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().into_vec().await.expect("a whole body");
        Reply { status, headers, bytes }
    }

    pub async fn get(&self, path: &str, who: Option<&Person>) -> Reply {
        self.send(request(Method::GET, path, who, &[]).finish()).await
    }

    pub async fn put(&self, path: &str, who: Option<&Person>, body: Value) -> Reply {
        self.change(Method::PUT, path, who, &[], body).await
    }

    pub async fn post(&self, path: &str, who: Option<&Person>, body: Value) -> Reply {
        self.change(Method::POST, path, who, &[], body).await
    }

    /// A request with a JSON body and more headers.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        who: Option<&Person>,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Reply {
        let request = request(method, path, who, headers).content_type("application/json");
        self.send(request.body(body.to_string())).await
    }

    /// A request without a body.
    pub async fn act(&self, method: Method, path: &str, who: Option<&Person>, headers: &[(&str, &str)]) -> Reply {
        self.send(request(method, path, who, headers).finish()).await
    }

    /// An upload of one file with text fields.
    pub async fn upload(&self, path: &str, who: &Person, file: (&str, &[u8]), fields: &[(&str, &str)]) -> Reply {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let (name, content) = file;
        let part = format!("--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--cut--\r\n");
        let request = request(Method::POST, path, Some(who), &[]).content_type("multipart/form-data; boundary=cut");
        self.send(request.body(body)).await
    }
}

fn request(method: Method, path: &str, who: Option<&Person>, headers: &[(&str, &str)]) -> poem::RequestBuilder {
    let mut request = Request::builder().method(method).uri(path.parse().expect("a path"));
    if let Some(who) = who {
        request = request.header("authorization", format!("Bearer {}", who.token));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn data(&self) -> Value {
        let json = self.json();
        assert_eq!(json["success"], true, "{json}");
        json["data"].clone()
    }

    /// Status and code of a failure, whose envelope is checked on the way.
    pub fn failure(&self) -> (u16, String) {
        let json = self.json();
        assert_eq!(json["success"], false, "{json}");
        for field in ["timestamp", "request_id"] {
            assert!(json[field].as_str().is_some_and(|text| !text.is_empty()), "{json}");
        }
        assert!(json["error"]["message"].is_string() && json["error"].get("details").is_some(), "{json}");
        (self.status.as_u16(), json["error"]["code"].as_str().expect("a code").to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `name=value` of a cookie that was set.
    pub fn cookie(&self, name: &str) -> String {
        let lines = self.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        let line = lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).expect("the cookie");
        line.split(';').next().expect("name and value").to_owned()
    }
}
