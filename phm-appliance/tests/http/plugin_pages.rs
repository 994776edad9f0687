//! The pages of plugins as a browser gets them: what was checked and what was not, in words, and what an admin switches.

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

const AGAINST: &str = r#"{"data_version":"t","checked":2,"total":2,"not_checked":[],"checked_names":["warfarin","ibuprofen"],"proposed":[],"findings":[{"kind":"interaction","drugs":["ibuprofen","warfarin"],"severity":"major","mechanism":"Bleeding.","advice":"Ask first.","source":"A label"}]}"#;

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
    assert!(browser.fill(&form, &form, "&drug=metformin").await.status.is_redirection(), "nothing is said of it");
    assert!(browser.fill(&form, &form, "&drug=ibuprofen&warned=ibuprofen").await.status.is_redirection());
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
