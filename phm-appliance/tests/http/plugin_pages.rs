//! The pages of plugins as a browser gets them: what was checked and what was not, in words, and what an admin switches.

use std::collections::BTreeMap;

use phm_core::time::Instant;
use phm_plugins::Package;
use phm_plugins::proposals::{self, Proposal};
use phm_plugins::signature::SigningKey;
use poem::http::Method;
use poem::{Request, RequestBuilder};
use serde_json::json;

use crate::house::{Home, PASSWORD, Person, Reply};
use crate::interactions::{answering, install};

/// A browser in which somebody has signed in.
pub struct Browser<'h> {
    home: &'h Home,
    cookie: String,
}

fn form(path: &str, cookie: &str) -> RequestBuilder {
    let request = Request::builder().method(Method::POST).uri(path.parse().expect("a path"));
    request.header("cookie", cookie).content_type("application/x-www-form-urlencoded")
}

impl<'h> Browser<'h> {
    pub async fn of(home: &'h Home, name: &str) -> Self {
        // Before sign-in a form is bound to a cookie of its own.
        let token = "f".repeat(40);
        let password = PASSWORD.replace(' ', "+");
        let body = format!("email={name}%40example.org&password={password}&csrf={token}");
        let reply = home.send(form("/sign-in", &format!("phm_form={token}")).body(body)).await;
        assert!(reply.status.is_redirection(), "{}: {}", reply.status, reply.text());
        Self { home, cookie: reply.cookie("phm_session") }
    }

    pub async fn page(&self, path: &str) -> String {
        let reply = self.home.act(Method::GET, path, None, &[("cookie", &self.cookie)]).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.text()
    }

    /// Sends a form of a page that has no fields but the token against forgery.
    pub async fn press(&self, page: &str, action: &str) -> Reply {
        self.fill(page, action, "").await
    }

    /// Sends a form of a page with these fields beside the token against forgery.
    pub async fn fill(&self, page: &str, action: &str, fields: &str) -> Reply {
        let text = self.page(page).await;
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let body = format!("csrf={}{fields}", token.expect("a form"));
        self.home.send(form(action, &self.cookie).body(body)).await
    }

    /// Sends a form as a file would be sent, with so many fields of a MiB and no file.
    async fn flood(&self, action: &str, fields: usize) -> Reply {
        let text = "x".repeat(1 << 20);
        let one = |n| format!("--cut\r\ncontent-disposition: form-data; name=\"f{n}\"\r\n\r\n{text}\r\n");
        let body = (0..fields).map(one).collect::<Vec<String>>().concat() + "--cut--\r\n";
        let request = Request::builder().method(Method::POST).uri(action.parse().expect("a path"));
        let request = request.header("cookie", &self.cookie).content_type("multipart/form-data; boundary=cut");
        self.home.send(request.body(body)).await
    }

    /// Sends a file by a form of a page.
    async fn hand_in(&self, page: &str, action: &str, file: &[u8]) -> Reply {
        let text = self.page(page).await;
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let token = token.expect("a form");
        let mut body = format!(
            "--cut\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
             --cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.phmp\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--cut--\r\n");
        let request = Request::builder().method(Method::POST).uri(action.parse().expect("a path"));
        let request = request.header("cookie", &self.cookie).content_type("multipart/form-data; boundary=cut");
        self.home.send(request.body(body)).await
    }
}

/// A package of the drugs plugin `sender` that wants to send something, signed by a new key, and that key.
fn package(version: &str) -> (Vec<u8>, String) {
    let toml = format!(
        "name = \"sender\"\nversion = \"{version}\"\napi = 1\nkind = \"drugs\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
         [[permission]]\ncapability = \"http.fetch\"\nreason = \"Asks for the price of a medicine.\"\n\
         hosts = [\"api.example.org\"]\n[[permission]]\ncapability = \"log\"\nreason = \"Says how it went.\"\n"
    );
    let dir = tempfile::tempdir().expect("a folder");
    let key = SigningKey::create(&dir.path().join("key")).expect("a key");
    let files =
        BTreeMap::from([("plugin.toml".to_owned(), toml.into_bytes()), ("plugin.wasm".to_owned(), answering(CHECKED))]);
    let bytes = Package::of(files).expect("a package").signed(&key).write().expect("written");
    (bytes, key.public().to_string())
}

async fn takes(home: &Home, who: &Person, drug: &str) {
    let path = format!("/api/v1/profiles/{}/medications", who.profile);
    assert_eq!(home.post(&path, Some(who), json!({"drug": drug, "status": "active"})).await.status, 201);
}

const CHECKED: &str = r#"{"data_version":"tables 7","checked":2,"total":3,"not_checked":["Xyzabc"],"checked_names":["warfarin","furosemide"],"nothing_known":["furosemide"],"proposed":[],"findings":[]}"#;

#[tokio::test]
async fn the_page_says_what_was_checked_what_was_not_and_that_nothing_found_is_no_promise() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    install(&home, answering(CHECKED)).await;
    for drug in ["warfarin", "furosemide", "Xyzabc"] {
        takes(&home, &asha, drug).await;
    }
    let page = Browser::of(&home, "asha").await.page(&format!("/p/{}/interactions", asha.profile)).await;
    for said in [
        "2 of 3 medicines were checked",
        "no promise that the medicines are safe together",
        "no clinician has reviewed",
        "tables 7, from the plugin drugs 1.0.0",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let under = |heading: &str| {
        let section = page.split("<section").find(|section| section.contains(heading));
        section.unwrap_or_else(|| panic!("{heading}: {page}")).to_owned()
    };
    assert!(under("the names were not understood").contains("Xyzabc"));
    assert!(under("the table knows nothing about them").contains("furosemide"));
    assert!(under("<h2>Checked</h2>").contains("warfarin") && !under("<h2>Checked</h2>").contains("furosemide"));
}

#[tokio::test]
async fn a_plugin_that_fails_is_told_from_none_and_nothing_looks_checked() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    takes(&home, &asha, "warfarin").await;
    let browser = Browser::of(&home, "asha").await;
    let path = format!("/p/{}/interactions", asha.profile);
    let none = browser.page(&path).await;
    assert!(none.contains("no plugin that knows medicines is on") && !none.contains("no-promise"), "{none}");
    install(&home, answering("no JSON")).await;
    let failed = browser.page(&path).await;
    assert!(failed.contains("did not work (bad-answer)") && failed.contains("warfarin"), "{failed}");
    assert!(!failed.contains("not understood"), "nobody tried to: {failed}");
    assert!(!failed.contains("no clinician has reviewed") && !failed.contains("<h2>Checked</h2>"), "{failed}");
}

/// What a drugs plugin answers that finds something against ibuprofen.
pub const AGAINST: &str = r#"{"data_version":"t","checked":2,"total":2,"not_checked":[],"checked_names":["warfarin","ibuprofen"],"proposed":[],"findings":[{"kind":"interaction","drugs":["ibuprofen","warfarin"],"severity":"major","mechanism":"Bleeding.","advice":"Ask first.","source":"A label"}]}"#;

#[tokio::test]
async fn a_medicine_that_does_not_go_with_the_others_is_saved_only_by_who_was_told() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    install(&home, answering(AGAINST)).await;
    takes(&home, &asha, "warfarin").await;
    let browser = Browser::of(&home, "asha").await;
    let form = format!("/p/{}/medications/new", asha.profile);
    let list = format!("/api/v1/profiles/{}/medications", asha.profile);
    let count = || async { home.get(&list, Some(&asha)).await.data().as_array().expect("rows").len() };

    let told = browser.fill(&form, &form, "&drug=ibuprofen").await;
    let text = told.text();
    assert_eq!(told.status, 409, "{text}");
    assert!(text.contains("Bleeding. Ask first.") && text.contains("Nothing was saved yet"), "{text}");
    assert!(text.contains("name=\"warned\" value=\"ibuprofen\"") && text.contains("Save all the same"), "{text}");
    assert_eq!(count().await, 1);
    // Who was told of another medicine was not told of this one.
    assert_eq!(browser.fill(&form, &form, "&drug=ibuprofen&warned=aspirin").await.status, 409);
    let dosed = "&drug=ibuprofen&strength=800%20mg";
    assert_eq!(browser.fill(&form, &form, &format!("{dosed}&warned=ibuprofen")).await.status, 409, "nor of this dose");
    assert!(browser.fill(&form, &form, dosed).await.text().contains("name=\"warned\" value=\"ibuprofen 800\""));
    assert_eq!(count().await, 1);
    assert!(browser.fill(&form, &form, "&drug=metformin").await.status.is_redirection(), "nothing is said of it");
    assert!(browser.fill(&form, &form, "&drug=ibuprofen&warned=ibuprofen").await.status.is_redirection());
    assert_eq!(count().await, 3);
}

#[tokio::test]
async fn a_medicine_that_is_proposed_and_does_not_go_with_the_others_is_accepted_only_by_who_was_told() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    install(&home, answering(AGAINST)).await;
    takes(&home, &asha, "warfarin").await;
    let propose = |drug: &str| {
        let vault = home.house.open().expect("an open house").vault;
        let body = json!({"drug": drug});
        let one = Proposal::new("probe".into(), "1.0.0".into(), "medication".into(), body, None, Instant::now());
        let (id, profile) = (one.id, asha.profile.parse().expect("an id"));
        assert!(proposals::add(&vault, profile, "probe", vec![one]).expect("a vault that writes"));
        format!("/p/{}/proposals/{id}", asha.profile)
    };
    let browser = Browser::of(&home, "asha").await;
    let list = format!("/p/{}/proposals", asha.profile);
    let place = format!("/api/v1/profiles/{}/medications", asha.profile);
    let count = || async { home.get(&place, Some(&asha)).await.data().as_array().expect("rows").len() };

    let (first, second) = (propose("ibuprofen"), propose("ibuprofen"));
    let told = browser.press(&list, &format!("{first}/accept")).await;
    let text = told.text();
    assert_eq!((told.status.as_u16(), count().await), (409, 1), "{text}");
    assert!(text.contains("Bleeding. Ask first.") && text.contains("name=\"warned\" value=\"ibuprofen\""), "{text}");
    assert!(text.contains(&format!("action=\"{first}/amend\"")), "{text}");
    let amend = format!("{second}/amend");
    assert_eq!(browser.fill(&amend, &amend, "&drug=ibuprofen").await.status, 409);
    assert_eq!(count().await, 1);
    assert!(browser.fill(&amend, &amend, "&drug=ibuprofen&warned=ibuprofen").await.status.is_redirection());
    assert_eq!(count().await, 2);
    let other = propose("metformin");
    assert!(browser.press(&list, &format!("{other}/accept")).await.status.is_redirection(), "nothing is said of it");
    assert_eq!(count().await, 3);
}

#[tokio::test]
async fn an_admin_switches_plugins_on_their_page_and_nobody_else_does() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Boss", &["admin"]).await;
    home.move_in_as("Asha", &["patient"]).await;
    install(&home, answering(CHECKED)).await;
    let boss = Browser::of(&home, "boss").await;
    let page = boss.page("/admin/plugins").await;
    assert!(page.contains("drugs 1.0.0") && page.contains("It asks for nothing"), "{page}");
    assert!(page.contains("phm-plugin-key-1:"), "whose signature it carries");
    assert!(page.contains("64 MiB of memory and 5 s"), "{page}");
    assert!(boss.press("/admin/plugins", "/admin/plugins/drugs/disable").await.status.is_redirection());
    assert!(boss.page("/admin/plugins").await.contains("/admin/plugins/drugs/enable"));

    let asha = Browser::of(&home, "asha").await;
    let refused = asha.home.act(Method::GET, "/admin/plugins", None, &[("cookie", &asha.cookie)]).await;
    assert_eq!(refused.status, 403);
    assert_eq!(asha.press("/settings", "/admin/plugins/drugs/enable").await.status, 403);
    assert!(boss.page("/admin/plugins").await.contains("/admin/plugins/drugs/enable"), "it is still off");
    // What was looked at is what is switched on.
    let (page, enable) = ("/admin/plugins", "/admin/plugins/drugs/enable");
    assert_eq!(boss.fill(page, enable, &format!("&sha256={}", "0".repeat(64))).await.status, 409);
    let text = boss.page(page).await;
    let sha256 = text.split("name=\"sha256\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let shown = format!("&sha256={}", sha256.expect("the package that is shown"));
    assert!(boss.fill(page, enable, &shown).await.status.is_redirection());
    assert!(boss.page(page).await.contains("/admin/plugins/drugs/disable"));
}

#[tokio::test]
async fn an_admin_installs_by_upload_after_looking_at_what_is_asked_for_and_deciding_about_the_key() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Boss", &["admin"]).await;
    home.move_in_as("Asha", &["patient"]).await;
    let (boss, asha) = (Browser::of(&home, "boss").await, Browser::of(&home, "asha").await);
    let (bytes, key) = package("1.0.0");
    let (page, uploads) = ("/admin/plugins", "/admin/plugin-uploads");

    let noise = boss.hand_in(page, uploads, b"no package").await;
    assert_eq!(noise.status, 422);
    assert!(noise.text().contains("This is no plugin package"), "{}", noise.text());
    assert!(boss.hand_in(page, uploads, b"").await.text().contains("This is no plugin package"));
    assert_eq!(boss.hand_in(page, uploads, &vec![0; (16 << 20) + 1]).await.status, 413);
    assert_eq!(asha.hand_in("/settings", uploads, &bytes).await.status, 403);

    let taken = boss.hand_in(page, uploads, &bytes).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let look = taken.header("location").to_owned();
    let text = boss.page(&look).await;
    for said in [
        "sender 1.0.0",
        "Nothing is installed yet",
        "Asks for the price of a medicine.",
        "Can send what it reads to api.example.org",
        "64 MiB of memory and 5 s",
        "a key that is not trusted here",
        &key,
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(boss.page(page).await.contains("No plugin is installed"), "looking installs nothing");
    let other = asha.home.act(Method::GET, &look, None, &[("cookie", &asha.cookie)]).await;
    assert_eq!(other.status, 404, "it waits for who sent it");

    let refused = boss.fill(&look, &look, "&then=on&only=log").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("is not trusted here. Trust it"), "{}", refused.text());
    assert_eq!(boss.fill(&look, &look, "&then=on&only=log&trust=yes&whose=").await.status, 422);
    let done = boss.fill(&look, &look, "&then=on&only=log&trust=yes&whose=A+friend").await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, page), "{}", done.text());
    let text = boss.page(page).await;
    assert!(text.contains("/admin/plugins/sender/disable"), "it is on: {text}");
    assert!(text.contains("not granted") && text.contains(">granted<"), "with what was chosen: {text}");
    let gone = boss.home.act(Method::GET, &look, None, &[("cookie", &boss.cookie)]).await;
    assert_eq!(gone.status, 404, "nothing waits any more");

    // The name is its author's now.
    let (theirs, _) = package("2.0.0");
    let refused = boss.hand_in(page, uploads, &theirs).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("belongs to another author"), "{}", refused.text());
}

#[tokio::test]
async fn what_was_not_ticked_is_not_granted_by_switching_on_later() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Boss", &["admin"]).await;
    let boss = Browser::of(&home, "boss").await;
    let (bytes, _) = package("1.0.0");
    let look = boss.hand_in("/admin/plugins", "/admin/plugin-uploads", &bytes).await.header("location").to_owned();
    let done = boss.fill(&look, &look, "&then=off&trust=yes&whose=A+friend").await;
    assert_eq!(done.status, 303, "{}", done.text());
    let page = boss.page("/admin/plugins").await;
    assert!(page.contains("name=\"only\" value=\"http.fetch\"") && page.contains("name=\"choice\""), "{page}");
    let sha256 = page.split("name=\"sha256\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let fields = format!("&sha256={}&choice=yes&only=log", sha256.expect("the package that is shown"));
    assert!(boss.fill("/admin/plugins", "/admin/plugins/sender/enable", &fields).await.status.is_redirection());
    let vault = home.house.open().expect("an open house").vault;
    let granted = phm_plugins::installed::get(&vault, "sender").expect("installed").granted.expect("it is on");
    let names: Vec<&str> = granted.iter().map(|one| one.capability.as_str()).collect();
    assert_eq!(names, ["log"]);
}

#[tokio::test]
async fn fields_beside_a_file_do_not_fill_the_memory() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Asha", &["patient"]).await;
    let asha = Browser::of(&home, "asha").await;
    assert_eq!(asha.flood("/admin/plugin-uploads", 6).await.status, 400, "more than the form may hold");
    assert_eq!(asha.flood("/admin/plugin-uploads", 2).await.status, 403, "without the page's token");
}

#[tokio::test]
async fn a_program_of_an_admin_installs_a_package_whose_key_it_names() {
    let home = Home::open(|_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let (bytes, key) = package("1.0.0");
    let (_, other) = package("1.0.0");
    let send = async |fields: &[(&str, &str)]| home.upload("/api/v1/plugins", &boss, ("a.phmp", &bytes), fields).await;
    assert_eq!(send(&[]).await.failure(), (403, "untrusted-key".to_owned()));
    assert_eq!(send(&[("trust", &other), ("name", "A friend")]).await.failure(), (403, "untrusted-key".to_owned()));
    assert_eq!(send(&[("trust", &key)]).await.status, 422);
    assert_eq!(send(&[("trust", "my key"), ("name", "A friend")]).await.status, 422);
    let put = send(&[("trust", &key), ("name", "A friend")]).await;
    assert_eq!(put.status, 201, "{}", put.text());
    assert_eq!((&put.data()["name"], &put.data()["state"]), (&json!("sender"), &json!("off")));
    assert_eq!(send(&[]).await.status, 201, "the key is trusted by now");
}

#[tokio::test]
async fn settings_are_a_form_of_the_schema_and_a_secret_is_never_shown() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Boss", &["admin"]).await;
    home.move_in_as("Asha", &["patient"]).await;
    let (boss, asha) = (Browser::of(&home, "boss").await, Browser::of(&home, "asha").await);
    let schema = json!({"type": "object", "properties": {
        "unit": {"type": "string", "title": "Unit of glucose", "enum": ["mg/dL", "mmol/L"], "default": "mg/dL"},
        "days": {"type": "integer", "description": "How far it looks back.", "minimum": 1, "maximum": 30},
        "key": {"type": "string", "title": "Key", "writeOnly": true},
        "loud": {"type": "boolean", "title": "Loud"}}});
    let toml = "name = \"set\"\nversion = \"1.0.0\"\napi = 1\nkind = \"drugs\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
        settings = \"settings.json\"\n";
    let files = BTreeMap::from([
        ("plugin.toml".to_owned(), toml.as_bytes().to_vec()),
        ("plugin.wasm".to_owned(), answering(CHECKED)),
        ("settings.json".to_owned(), schema.to_string().into_bytes()),
    ]);
    let dir = tempfile::tempdir().expect("a folder");
    let key = SigningKey::create(&dir.path().join("key")).expect("a key");
    let bytes = Package::of(files).expect("a package").signed(&key).write().expect("written");
    let look = boss.hand_in("/admin/plugins", "/admin/plugin-uploads", &bytes).await.header("location").to_owned();
    let done = boss.fill(&look, &look, "&then=off&trust=yes&whose=A+friend").await;
    assert_eq!(done.status, 303, "{}", done.text());

    let place = "/admin/plugins/set/settings";
    assert!(boss.page("/admin/plugins").await.contains(place));
    let form = boss.page(place).await;
    for said in
        ["Unit of glucose", "<option selected>mg/dL", "How far it looks back.", "None is set", "name=\"set.loud\""]
    {
        assert!(form.contains(said), "{said}: {form}");
    }
    let wrong = boss.fill(place, place, "&set.unit=mg%2FdL&set.days=31&set.key=hush").await;
    assert_eq!(wrong.status, 422);
    let text = wrong.text();
    assert!(text.contains("days: This number is too small or too large") && text.contains("value=\"31\""), "{text}");
    assert!(!text.contains("hush"), "a secret does not come back, even where nothing was saved: {text}");
    let saved = boss.fill(place, place, "&set.unit=mmol%2FL&set.days=30&set.key=hush&set.loud=yes").await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let form = boss.page(place).await;
    assert!(form.contains("One is set") && !form.contains("hush") && form.contains("value=\"30\""), "{form}");
    assert_eq!(boss.fill(place, place, "&set.unit=mg%2FdL&set.key=").await.status, 303);
    let vault = home.house.open().expect("an open house").vault;
    let set = phm_plugins::installed::get(&vault, "set").expect("installed").settings;
    assert_eq!(set, json!({"unit": "mg/dL", "key": "hush", "loud": false}), "what is left empty of a secret stays");
    assert_eq!(boss.fill(place, place, "&set.unit=mg%2FdL&forget.key=yes").await.status, 303);
    assert!(boss.page(place).await.contains("None is set"));
    assert_eq!(asha.press("/settings", place).await.status, 403);
    let refused = asha.home.act(Method::GET, place, None, &[("cookie", &asha.cookie)]).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_person_lets_a_plugin_read_and_send_on_a_page_and_nothing_that_it_does_not_ask_for() {
    let home = Home::with_pages(|_| ());
    home.move_in_as("Boss", &["admin"]).await;
    let asha = home.move_in_as("Asha", &["patient"]).await;
    home.move_in_as("Omar", &["patient"]).await;
    let (boss, browser, omar) =
        (Browser::of(&home, "boss").await, Browser::of(&home, "asha").await, Browser::of(&home, "omar").await);
    let place = format!("/p/{}/plugins", asha.profile);
    assert!(browser.page(&place).await.contains("No plugin that is on asks for anything"));
    let (bytes, _) = package("1.0.0");
    let look = boss.hand_in("/admin/plugins", "/admin/plugin-uploads", &bytes).await.header("location").to_owned();
    let done = boss.fill(&look, &look, "&then=on&only=http.fetch&trust=yes&whose=A+friend").await;
    assert_eq!(done.status, 303, "{}", done.text());

    let text = browser.page(&place).await;
    for said in ["sender 1.0.0", "Asks for the price of a medicine.", "It may send what it reads to api.example.org"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let sends = |host: &'static str| {
        let vault = home.house.open().expect("an open house").vault;
        let account = asha.account.parse().expect("an account");
        let actor = phm_core::access::Actor::Plugin { name: "sender".to_owned(), account };
        let profile = asha.profile.parse().expect("a person");
        vault.session(actor, "test").expect("a session").may_send_to(profile, host).expect("readable")
    };
    assert_eq!(browser.fill(&place, &place, "&plugin=sender&hosts=api.example.org").await.status, 422, "no kind");
    let unasked = browser.fill(&place, &place, "&plugin=sender&kinds=note&kinds=medication&hosts=evil.example").await;
    assert_eq!(unasked.status, 303, "{}", unasked.text());
    assert!(!sends("evil.example") && !sends("api.example.org"));
    let given = browser.fill(&place, &place, "&plugin=sender&kinds=medication&hosts=api.example.org").await;
    assert_eq!(given.status, 303, "{}", given.text());
    assert!(sends("api.example.org") && !sends("evil.example"));
    let access = browser.page(&format!("/p/{}/access", asha.profile)).await;
    assert!(
        access.contains("The plugin sender") && access.contains("Can send what it reads to api.example.org"),
        "{access}"
    );
    assert!(!access.contains("evil.example"), "{access}");

    assert_eq!(browser.fill(&place, &place, "&plugin=other&kinds=medication").await.status, 404);
    let stranger = omar.home.act(Method::GET, &place, None, &[("cookie", &omar.cookie)]).await;
    assert_eq!(stranger.status, 404);
}
