//! The door as a browser without script meets it.

use std::collections::BTreeMap;

use poem::Request;
use poem::http::Method;
use serde_json::json;

use crate::house::{Home, PASSWORD, Reply};

/// A browser: it keeps cookies and sends forms.
pub struct Browser<'a> {
    home: &'a Home,
    jar: BTreeMap<String, String>,
    /// What stands in the address bar; empty for nothing.
    host: &'static str,
}

impl<'a> Browser<'a> {
    pub fn of(home: &'a Home) -> Self {
        Self { home, jar: BTreeMap::new(), host: "" }
    }

    pub async fn send(&mut self, method: Method, path: &str, body: String) -> Reply {
        let jar: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path.parse().expect("a path"));
        let mut request = request.header("cookie", jar.join("; "));
        if !self.host.is_empty() {
            request = request.header("host", self.host);
        }
        let reply = self.home.send(request.content_type("application/x-www-form-urlencoded").body(body)).await;
        for line in reply.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()) {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    /// Fills in the form of a page.
    pub async fn fill(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let html = self.send(Method::GET, page, String::new()).await.text();
        let (_, rest) = html.split_once("name=\"csrf\" value=\"").expect("a form");
        let csrf = rest.split('"').next().expect("a value");
        let pairs: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf)]).collect();
        let body = serde_urlencoded::to_string(pairs).expect("a form");
        self.send(Method::POST, action, body).await
    }

    pub async fn sign_in(&mut self, page: &str, password: &str) -> Reply {
        self.fill(page, "/sign-in", &[("email", "asha@example.org"), ("password", password), ("next", "/settings")])
            .await
    }

    fn session(&self) -> String {
        format!("phm_session={}", self.jar["phm_session"])
    }
}

async fn me(home: &Home, cookie: &str) -> u16 {
    home.act(Method::GET, "/api/v1/me", None, &[("cookie", cookie)]).await.status.as_u16()
}

#[tokio::test]
async fn a_browser_that_signs_in_anew_ends_the_session_it_had() {
    let home = Home::with_pages(|_| ());
    home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    assert_eq!(browser.sign_in("/sign-in", "wrong wrong wrong").await.status, 401);
    assert!(!browser.jar.contains_key("phm_session"));
    assert_eq!(browser.sign_in("/sign-in", PASSWORD).await.header("location"), "/settings");
    let first = browser.session();
    assert_eq!(me(&home, &first).await, 200);
    assert_eq!(browser.sign_in("/settings", "wrong wrong wrong").await.status, 401);
    assert_eq!(me(&home, &first).await, 200, "a mistake ends nothing");
    assert_eq!(browser.sign_in("/settings", PASSWORD).await.header("location"), "/settings");
    assert_ne!(browser.session(), first);
    assert_eq!((me(&home, &first).await, me(&home, &browser.session()).await), (401, 200));
}

#[tokio::test]
async fn a_form_that_another_site_sends_signs_nobody_in() {
    let home = Home::with_pages(|_| ());
    home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.send(Method::GET, "/sign-in", String::new()).await;
    for csrf in ["", "&csrf=", "&csrf=0123456789abcdef0123456789abcdef0123456789abcdef"] {
        let body = format!("email=asha%40example.org&password=correct+horse+battery{csrf}");
        let reply = browser.send(Method::POST, "/sign-in", body).await;
        assert_ne!(reply.header("location"), "/settings");
        assert!(!browser.jar.contains_key("phm_session"), "{csrf}");
    }
}

#[tokio::test]
async fn where_passkeys_do_not_work_the_settings_page_says_why() {
    let home = Home::with_pages(|_| ());
    home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    for (host, says, offers) in [
        ("box.local:8080", "Passkeys need https", false),
        ("127.0.0.1:8080", "Passkeys need a name", false),
        ("localhost:8080", "Make a passkey", true),
    ] {
        browser.host = host;
        let html = browser.send(Method::GET, "/settings", String::new()).await.text();
        assert!(html.contains(says), "{host}");
        assert_eq!(html.contains("data-make"), offers, "{host}");
    }
    for (host, offers) in [("box.local:8080", false), ("localhost:8080", true)] {
        let mut stranger = Browser { host, ..Browser::of(&home) };
        let html = stranger.send(Method::GET, "/sign-in", String::new()).await.text();
        assert_eq!(html.contains("data-island=\"passkey\""), offers, "{host}");
    }
}

#[tokio::test]
async fn an_address_is_changed_on_the_settings_page() {
    let home = Home::with_pages(|_| ());
    home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    for (email, password, problem) in
        [("nobody", PASSWORD, "invalid-email"), ("new@example.org", "wrong wrong wrong", "password-needed")]
    {
        let refused = browser.fill("/settings", "/settings/email", &[("email", email), ("password", password)]).await;
        assert_eq!(refused.header("location"), format!("/settings?problem={problem}"));
    }
    let fields = [("email", "new@example.org"), ("password", PASSWORD)];
    let done = browser.fill("/settings", "/settings/email", &fields).await;
    assert_eq!(done.header("location"), "/settings?done=email");
    let page = browser.send(Method::GET, "/settings?done=email", String::new()).await.text();
    assert!(page.contains("new@example.org") && page.contains("Your address is changed."), "{page}");
    home.sign_in("new@example.org").await;
}

#[tokio::test]
async fn an_admin_invites_somebody_and_takes_it_back_without_script() {
    let home = Home::with_pages(|_| ());
    home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let place = "/admin/invitations";
    let made = browser.fill(place, place, &[]).await;
    assert!(made.status == 200 && made.text().contains("/register#token="), "{}", made.text());
    let page = browser.send(Method::GET, place, String::new()).await.text();
    let (_, rest) = page.split_once("action=\"/admin/invitations/").expect("one that waits");
    let one = format!("{place}/{}/withdraw", rest.split('/').next().expect("an id"));
    let back = browser.fill(place, &one, &[]).await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, place));
    let page = browser.send(Method::GET, place, String::new()).await.text();
    assert!(!page.contains("/withdraw"), "{page}");
}

#[tokio::test]
async fn a_page_about_nobody_has_the_way_on_to_the_readers_own_records() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    for path in ["/people", "/notifications", "/settings/reminders", "/tokens", "/admin", "/admin/permissions"] {
        let html = browser.send(Method::GET, path, String::new()).await.text();
        assert!(html.contains("class=\"tabs\""), "{path} has the bar of small screens");
        assert!(html.contains(&format!("href=\"/p/{}/records\"", asha.profile)), "{path}");
        let (_, links) = html.split_once("class=\"top-links\"").expect("the reader's own places");
        let (links, _) = links.split_once("</nav>").expect("an end");
        assert!(links.contains("href=\"/notifications\"") && !links.contains("href=\"/settings\""), "{path}: {links}");
    }
}

#[tokio::test]
async fn whoever_has_no_records_finds_the_settings_on_a_small_screen() {
    let home = Home::with_pages(|_| ());
    home.move_in("Ravi").await;
    home.move_in_as("Asha", &["provider"]).await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let html = browser.send(Method::GET, "/patients", String::new()).await.text();
    let (_, links) = html.split_once("class=\"top-links\"").expect("the reader's own places");
    let (links, _) = links.split_once("</nav>").expect("an end");
    for place in ["/patients", "/notifications", "/settings"] {
        assert!(links.contains(&format!("href=\"{place}\"")), "{place}: {links}");
    }
}

#[tokio::test]
async fn a_dose_is_written_down_from_the_page_of_its_medicine() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let body = json!({"drug": "Metformin", "status": "active", "frequency": {"times": 2, "per": 1, "unit": "d"}});
    let made = home.post(&format!("/api/v1/profiles/{}/medications", asha.profile), Some(&asha), body).await;
    let id = made.data()["id"].as_str().expect("an id").to_owned();
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let place = format!("/p/{}/medications/{id}", asha.profile);
    let html = browser.send(Method::GET, &place, String::new()).await.text();
    let form = format!("/p/{}/doses/new?medication={id}", asha.profile);
    assert!(html.contains(&form), "{html}");
    let html = browser.send(Method::GET, &form, String::new()).await.text();
    for chosen in [format!("value=\"{id}\" selected"), "value=\"taken\" selected".to_owned()] {
        assert!(html.contains(&chosen), "{chosen}");
    }
}

#[tokio::test]
async fn a_form_that_was_refused_gives_away_no_more_than_was_chosen() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;

    let family = format!("/p/{}/family", asha.profile);
    let refused = browser.fill(&family, &family, &[("as", "editor"), ("all", "no")]).await;
    assert_eq!(refused.status, 422);
    let html = refused.text();
    assert!(html.contains("What a carer sees: This is needed."), "{html}");
    let (_, invitation) = html.split_once("data-test=\"invite\"").expect("the form");
    for stays in ["value=\"editor\" checked", "name=\"all\" value=\"no\" checked"] {
        assert!(invitation.contains(stays), "{stays}: {invitation}");
    }
    assert!(!invitation.contains("name=\"all\" value=\"yes\" checked"), "{invitation}");

    let sent = [("name", "Notebook"), ("profiles", asha.profile.as_str()), ("actions", "add"), ("days", "7")];
    let refused = browser.fill("/tokens", "/tokens", &sent).await;
    assert_eq!(refused.status, 422);
    let html = refused.text();
    let (_, form) = html.split_once("data-test=\"make\"").expect("the form");
    for stays in ["value=\"Notebook\"", "value=\"add\" checked", "value=\"7\" selected"] {
        assert!(form.contains(stays), "{stays}: {form}");
    }
    assert!(!form.contains("value=\"read\" checked"), "{form}");
}
