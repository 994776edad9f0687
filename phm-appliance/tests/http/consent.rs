//! Who may see what, as clients meet it: grants, emergencies, families, tokens, accounts.

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, PASSWORD, Person, TestClock};

const MISSING: (u16, &str) = (404, "not-found");
const REFUSED: (u16, &str) = (403, "not-granted");

fn code(failure: &(u16, String)) -> (u16, &str) {
    (failure.0, &failure.1)
}

/// Asha, who is admin and patient, with a result and a private note; a doctor and Ravi who have nothing to do with her.
struct Practice {
    home: Home,
    asha: Person,
    doctor: Person,
    ravi: Person,
}

impl Practice {
    async fn new() -> Self {
        let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
        let doctor = home.move_in_as("Doctor", &["provider"]).await;
        let practice = Self { home, asha, doctor, ravi };
        let result =
            json!({"concept": "HbA1c", "quantity": {"value": "7.1", "unit": "%"}, "collected_at": "2026-01-10"});
        practice.home.post(&practice.of("lab-results"), Some(&practice.asha), result).await;
        let note = json!({"text": "for nobody", "private": true});
        practice.home.post(&practice.of("notes"), Some(&practice.asha), note).await;
        practice
    }

    /// A path below Asha.
    fn of(&self, rest: &str) -> String {
        format!("/api/v1/profiles/{}/{rest}", self.asha.profile)
    }

    async fn sees(&self, who: &Person, collection: &str) -> Result<u64, (u16, String)> {
        let reply = self.home.get(&self.of(collection), Some(who)).await;
        if reply.status == 200 {
            return Ok(reply.json()["meta"]["pagination"]["total"].as_u64().expect("a list"));
        }
        Err(reply.failure())
    }

    async fn grant(&self, terms: Value) -> Value {
        let made = self.home.post(&self.of("grants"), Some(&self.asha), terms).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.data()
    }
}

#[tokio::test]
async fn a_grant_has_the_fields_of_the_contract_and_ends_when_it_is_revoked() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let terms = json!({
        "to": {"account": doctor.account}, "kinds": ["profile", "lab-result", "note"], "from": "2025-01-01",
        "actions": ["read"], "purpose": "second opinion", "ends_at": "2099-01-01T00:00:00Z", "template": "doctor",
    });
    let given = practice.grant(terms.clone()).await;
    for (name, value) in [
        ("to", json!({"account": doctor.account})),
        ("to_name", json!("Doctor Example")),
        ("kinds", json!(["lab-result", "note", "profile"])),
        ("from", json!("2025-01-01")),
        ("actions", json!(["read"])),
        ("purpose", json!("second opinion")),
        ("ends_at", json!("2099-01-01T00:00:00.000Z")),
        ("template", json!("doctor")),
        ("state", json!("live")),
        ("profile", json!(asha.profile)),
    ] {
        assert_eq!(given[name], value, "{name}");
    }
    assert!(given["starts_at"].is_string() && given["given_by"]["name"] == "Asha Example");
    assert_eq!(practice.sees(doctor, "lab-results").await, Ok(1));
    assert_eq!(practice.sees(doctor, "notes").await, Ok(0), "a private note is not named");
    assert_eq!(code(&practice.sees(doctor, "conditions").await.expect_err("not granted")), REFUSED);
    assert_eq!(code(&practice.sees(ravi, "lab-results").await.expect_err("a stranger")), MISSING);
    let patients = home.get("/api/v1/profiles", Some(doctor)).await.data();
    assert_eq!((patients[0]["profile"].clone(), patients.as_array().map(Vec::len)), (json!(asha.profile), Some(1)));

    let id = given["id"].as_str().expect("an id");
    let one = practice.of(&format!("grants/{id}"));
    assert_eq!(home.get(&one, Some(doctor)).await.data()["id"], given["id"]);
    assert_eq!(code(&home.get(&one, Some(ravi)).await.failure()), MISSING);
    assert_eq!(code(&home.act(Method::DELETE, &one, Some(ravi), &[]).await.failure()), MISSING);
    assert_eq!(home.act(Method::DELETE, &one, Some(asha), &[]).await.status, 204);
    assert_eq!(code(&practice.sees(doctor, "lab-results").await.expect_err("revoked")), MISSING);
    assert_eq!(home.get(&one, Some(asha)).await.data()["state"], "revoked");

    let twice = [("idempotency-key", "one grant")];
    let first = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, terms.clone()).await;
    let again = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, terms).await;
    assert_eq!((first.status.as_u16(), first.data()), (201, again.data()));
    let other = json!({"to": {"role": "provider"}, "template": "visit"});
    let other = home.change(Method::POST, &practice.of("grants"), Some(asha), &twice, other).await;
    assert_eq!(code(&other.failure()), (409, "idempotency-key-reused"));
    assert_eq!(home.get(&practice.of("grants"), Some(asha)).await.data().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn grants_that_mean_nothing_are_refused_with_their_place_and_strangers_learn_nothing() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let terms = |change: Value| {
        let mut terms = json!({"to": {"account": doctor.account}, "kinds": ["lab-result"], "actions": ["read"]});
        terms.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        terms
    };
    for (change, path, code) in [
        (json!({"to": {"account": ravi.profile}}), "/to/account", "unknown"),
        (json!({"to": {"everybody": true}}), "/to", "invalid"),
        (json!({"to": null}), "/to", "required"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"actions": []}), "/actions", "required"),
        (json!({"actions": ["erase"]}), "/actions", "not-grantable"),
        (json!({"ends_at": "2020-01-01"}), "/ends_at", "ends-before-it-begins"),
        (json!({"template": "break-glass"}), "/template", "invalid-choice"),
        (json!({"kind": "note"}), "/kind", "unknown-field"),
    ] {
        let refused = home.post(&practice.of("grants"), Some(asha), terms(change.clone())).await;
        assert_eq!(refused.failure().0, 422, "{change}");
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}), "{change}");
        let stranger = home.post(&practice.of("grants"), Some(ravi), terms(change)).await;
        assert_eq!(self::code(&stranger.failure()), MISSING);
    }
    assert_eq!(home.post(&practice.of("grants"), None, terms(json!({}))).await.failure().0, 401);
    practice.grant(terms(json!({"actions": ["read", "add"]}))).await;
    let onward = json!({"to": {"account": ravi.account}, "kinds": ["lab-result"], "actions": ["read"]});
    let onward = home.post(&practice.of("grants"), Some(doctor), onward).await;
    assert_eq!(code(&onward.failure()), REFUSED, "what was lent is not lent on");
    let templates = home.get("/api/v1/grant-templates", Some(ravi)).await.data();
    assert_eq!(templates[0]["name"], "labs-and-medicines");
    let known = home.get(&practice.of("acquaintances"), Some(asha)).await.data();
    assert_eq!(known, json!([{"account": doctor.account, "name": "Doctor Example", "roles": ["provider"]}]));
}

#[tokio::test]
async fn a_provider_breaks_the_glass_and_the_person_is_told() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let path = practice.of("break-glass");
    let reason = json!({"reason": "unconscious in the emergency room"});
    assert_eq!(code(&home.post(&path, Some(ravi), reason.clone()).await.failure()), MISSING);
    assert_eq!(home.post(&path, Some(doctor), json!({"reason": "?"})).await.failure().0, 422);
    let given = home.post(&path, Some(doctor), reason.clone()).await;
    assert_eq!((given.status.as_u16(), given.data()["template"].clone()), (201, json!("break-glass")));
    assert_eq!(practice.sees(doctor, "lab-results").await, Ok(1));
    assert_eq!(practice.sees(doctor, "notes").await, Ok(0));
    let notices = home.get(&practice.of("notices"), Some(asha)).await.data();
    assert_eq!(
        (&notices[0]["purpose"], &notices[0]["given_by"]["name"]),
        (&reason["reason"], &json!("Doctor Example"))
    );
    assert_eq!(code(&home.get(&practice.of("notices"), Some(doctor)).await.failure()), REFUSED);
    assert_eq!(home.act(Method::POST, &practice.of("notices/seen"), Some(asha), &[]).await.status, 204);
    assert_eq!(home.get(&practice.of("notices"), Some(asha)).await.data(), json!([]));
    let looked = home.get(&practice.of("audit"), Some(asha)).await.data();
    let behind = |row: &&Value| row["actor"]["name"] == "Doctor Example" && row["kind"] == "lab-result";
    let row = looked.as_array().expect("rows").iter().find(behind).expect("what was done behind it");
    assert_eq!(row["purpose"], "break-glass: unconscious in the emergency room");
    let nobody = json!({"name": "Asha Example", "birth_date": "1990-01-01", "reason": "brought in"});
    assert_eq!(code(&home.post("/api/v1/break-glass", Some(doctor), nobody).await.failure()), MISSING);
}

#[tokio::test]
async fn an_emergency_waits_and_can_be_refused() {
    let practice = Practice::new().await;
    let Practice { home, asha, ravi, doctor } = &practice;
    let given = practice.grant(json!({"to": {"account": ravi.account}, "template": "emergency"})).await;
    assert_eq!((&given["state"], &given["wait_hours"]), (&json!("waiting"), &json!(48)));
    assert_eq!(home.get("/api/v1/emergencies", Some(ravi)).await.data()[0]["id"], given["id"]);
    assert_eq!(home.get("/api/v1/emergencies", Some(doctor)).await.data(), json!([]));
    let one = practice.of(&format!("grants/{}", given["id"].as_str().expect("an id")));
    let act = async |what: &str, who: &Person| home.act(Method::POST, &format!("{one}/{what}"), Some(who), &[]).await;
    assert_eq!(code(&act("ask", doctor).await.failure()), MISSING);
    let asked = act("ask", ravi).await.data();
    assert!(asked["state"] == "asked" && asked["opens_at"].is_string());
    assert_eq!(code(&practice.sees(ravi, "lab-results").await.expect_err("not yet")), MISSING);
    assert_eq!(home.get(&practice.of("notices"), Some(asha)).await.data()[0]["state"], "asked");
    assert_eq!(code(&act("refuse", ravi).await.failure()), MISSING);
    assert_eq!(act("refuse", asha).await.data()["state"], "waiting");
}

#[tokio::test]
async fn a_family_is_invited_changed_and_left() {
    let practice = Practice::new().await;
    let Practice { home, asha, ravi, doctor } = &practice;
    let invite = async |body: Value| home.post(&practice.of("family/invitations"), Some(asha), body).await;
    for (body, path, code) in [
        (json!({"relation": "carer"}), "/kinds", "required"),
        (json!({"relation": "carer", "kinds": ["nothing"]}), "/kinds/0", "unknown-kind"),
        (json!({"relation": "friend"}), "/relation", "invalid-choice"),
        (json!({"relation": "owner", "edit": true}), "/relation", "only-for-carers"),
    ] {
        let refused = invite(body.clone()).await;
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}), "{body}");
    }
    let made = invite(json!({"relation": "carer", "kinds": ["profile", "medication"]})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = json!({"invitation": made.data()["invitation"]});
    assert!(made.data()["url"].as_str().is_some_and(|url| url.contains("/join#")));
    let look = home.post("/api/v1/family/invitations/look", Some(ravi), secret.clone()).await.data();
    assert_eq!(
        (&look["name"], &look["relation"], &look["edit"]),
        (&json!("Asha Example"), &json!("carer"), &json!(false))
    );
    let accept = async |who: &Person| home.post("/api/v1/family/invitations/accept", Some(who), secret.clone()).await;
    assert_eq!(accept(ravi).await.data(), json!({"profile": asha.profile}));
    assert_eq!(code(&accept(doctor).await.failure()), MISSING);
    assert_eq!(practice.sees(ravi, "medications").await, Ok(0));
    assert_eq!(code(&practice.sees(ravi, "lab-results").await.expect_err("not chosen")), REFUSED);
    let family = home.get(&practice.of("family"), Some(asha)).await.data();
    let carer = family.as_array().expect("rows").iter().find(|one| one["relation"] == "carer").expect("ravi");
    let one = practice.of(&format!("family/{}", carer["id"].as_str().expect("an id")));
    let wider = json!({"kinds": ["*"], "edit": true});
    assert_eq!(code(&home.post(&one, Some(ravi), wider.clone()).await.failure()), REFUSED);
    assert_eq!(home.post(&one, Some(asha), wider).await.status, 204);
    let dose = json!({"text": "a note"});
    assert_eq!(home.post(&practice.of("notes"), Some(ravi), dose).await.status, 201);
    assert_eq!(code(&home.act(Method::DELETE, &one, Some(doctor), &[]).await.failure()), MISSING);
    assert_eq!(home.act(Method::DELETE, &one, Some(ravi), &[]).await.status, 204);
    assert_eq!(code(&practice.sees(ravi, "medications").await.expect_err("left")), MISSING);
    let own = family.as_array().expect("rows").iter().find(|one| one["relation"] == "self").expect("asha");
    let own = practice.of(&format!("family/{}", own["id"].as_str().expect("an id")));
    assert_eq!(code(&home.act(Method::DELETE, &own, Some(asha), &[]).await.failure()), (409, "last-keeper"));
}

#[tokio::test]
async fn a_token_is_shown_once_does_what_it_was_made_for_and_nothing_about_the_account() {
    let practice = Practice::new().await;
    let Practice { home, asha, ravi, .. } = &practice;
    let wanted = json!({
        "name": "Notebook", "profiles": [asha.profile], "kinds": ["lab-result"], "actions": ["read"],
        "expires_at": "2026-12-31",
    });
    let soon = phm_core::time::Instant::now().plus_millis(3_600_000).to_string();
    let with = |change: Value| {
        let mut body = wanted.clone();
        body["expires_at"] = json!(soon);
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        body
    };
    for (change, path, code) in [
        (json!({"kinds": []}), "/kinds", "required"),
        (json!({"profiles": []}), "/profiles", "required"),
        (json!({"actions": null}), "/actions", "required"),
        (json!({"expires_at": null}), "/expires_at", "required"),
        (json!({"scope": "*"}), "/scope", "unknown-field"),
    ] {
        let refused = home.post("/api/v1/tokens", Some(asha), with(change.clone())).await;
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}), "{change}");
    }
    let others = home.post("/api/v1/tokens", Some(asha), with(json!({"profiles": [ravi.profile]}))).await;
    assert_eq!(code(&others.failure()), MISSING);
    let made = home.post("/api/v1/tokens", Some(asha), with(json!({}))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.data()["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("phm_"));
    let listed = home.get("/api/v1/tokens", Some(asha)).await.data();
    assert!(listed[0].get("secret").is_none() && listed[0]["name"] == "Notebook");
    let program = Person { token: secret, ..asha.clone() };
    assert_eq!(practice.sees(&program, "lab-results").await, Ok(1));
    assert_eq!(code(&practice.sees(&program, "notes").await.expect_err("not its kind")), REFUSED);
    let add = json!({"concept": "x", "text_value": "y"});
    assert_eq!(code(&home.post(&practice.of("lab-results"), Some(&program), add).await.failure()), REFUSED);
    for (method, path) in [
        (Method::GET, "/api/v1/me"),
        (Method::GET, "/api/v1/auth/sessions"),
        (Method::GET, "/api/v1/tokens"),
        (Method::GET, "/api/v1/accounts"),
        (Method::POST, "/api/v1/invitations"),
        (Method::POST, "/api/v1/auth/logout"),
    ] {
        let reply = home.act(method, path, Some(&program), &[]).await;
        assert_eq!(code(&reply.failure()), REFUSED, "{path}");
    }
    let id = made.data()["id"].as_str().expect("an id").to_owned();
    let one = format!("/api/v1/tokens/{id}");
    assert_eq!(code(&home.act(Method::DELETE, &one, Some(ravi), &[]).await.failure()), MISSING);
    assert_eq!(home.act(Method::DELETE, &one, Some(asha), &[]).await.status, 204);
    assert_eq!(practice.sees(&program, "lab-results").await.expect_err("revoked"), (401, "not-signed-in".to_owned()));
    let forged = Person { token: "phm_AAAA".to_owned(), ..asha.clone() };
    assert_eq!(practice.sees(&forged, "lab-results").await.expect_err("forged").0, 401);
}

#[tokio::test]
async fn admins_manage_accounts_and_the_last_one_stays() {
    let practice = Practice::new().await;
    let Practice { home, asha, ravi, doctor } = &practice;
    assert_eq!(code(&home.get("/api/v1/accounts", Some(ravi)).await.failure()), REFUSED);
    let accounts = home.get("/api/v1/accounts", Some(asha)).await.data();
    assert_eq!(accounts.as_array().map(Vec::len), Some(3));
    let one = |who: &Person| format!("/api/v1/accounts/{}", who.account);
    let last = home.post(&one(asha), Some(asha), json!({"roles": ["patient"]})).await;
    assert_eq!(code(&last.failure()), (409, "last-admin"));
    assert_eq!(code(&home.post(&one(doctor), Some(ravi), json!({"active": false})).await.failure()), REFUSED);
    assert_eq!(home.post(&one(doctor), Some(asha), json!({"roles": ["boss"]})).await.failure().0, 422);
    let closed = home.post(&one(doctor), Some(asha), json!({"active": false})).await.data();
    assert_eq!(closed["active"], false);
    assert_eq!(home.get("/api/v1/me", Some(doctor)).await.failure().0, 401, "out at once");
    let new = json!({"email": "lab@example.org", "name": "Lab", "roles": ["lab"], "password": "tulips grow in rows"});
    assert_eq!(home.post("/api/v1/accounts", Some(asha), new).await.data()["roles"], json!(["lab"]));
    let out = format!("{}/sessions", one(ravi));
    assert_eq!(home.act(Method::DELETE, &out, Some(asha), &[]).await.status, 204);
    assert_eq!(home.get("/api/v1/me", Some(ravi)).await.failure().0, 401);
}

#[tokio::test]
async fn a_link_hands_out_ciphertext_that_its_key_alone_opens() {
    let practice = Practice::new().await;
    let Practice { home, asha, doctor, ravi } = &practice;
    let results = home.get(&practice.of("lab-results"), Some(asha)).await.data();
    let soon = phm_core::time::Instant::now().plus_millis(3_600_000);
    let wanted = json!({"records": [results[0]["id"]], "expires_at": soon, "single_use": true, "passcode": "4711"});
    assert_eq!(code(&home.post(&practice.of("shares"), Some(ravi), wanted.clone()).await.failure()), MISSING);
    let made = home.post(&practice.of("shares"), Some(asha), wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.data();
    let url = made["url"].as_str().expect("a link");
    let (place, key) = url.split_once('#').expect("a key in the fragment");
    assert!(place.starts_with("http://localhost:8080/s/") && key.len() == 43, "{url}");
    let listed = home.get(&practice.of("shares"), Some(asha)).await;
    assert!(!listed.text().contains(key), "the key is shown once");
    assert_eq!((&listed.data()[0]["state"], &listed.data()[0]["has_passcode"]), (&json!("open"), &json!(true)));
    assert_eq!(code(&home.get(&practice.of("shares"), Some(doctor)).await.failure()), MISSING);
    let id = made["id"].as_str().expect("an id");
    let one = practice.of(&format!("shares/{id}"));
    assert_eq!(code(&home.act(Method::DELETE, &one, Some(ravi), &[]).await.failure()), MISSING);
    assert_eq!(home.act(Method::DELETE, &one, Some(asha), &[]).await.status, 204);
    assert_eq!(home.get(&practice.of("shares"), Some(asha)).await.data()[0]["state"], "revoked");
    assert_eq!(code(&home.act(Method::DELETE, &practice.of("shares/x"), Some(asha), &[]).await.failure()), MISSING);
}

#[tokio::test]
async fn whoever_records_are_about_takes_them_over_by_an_invitation() {
    let (home, [asha, mother]) = Home::of(["Asha", "Mother"]).await;
    let add = async |born: &str| {
        let body = json!({"name": {"text": "Somebody"}, "birth_date": born});
        let made = home.post("/api/v1/profiles", Some(&asha), body).await;
        made.data()["profile"].as_str().expect("an id").to_owned()
    };
    let (child, grown) = (add("2025-05-01").await, add("1950").await);
    let invite = async |profile: &str| {
        let path = format!("/api/v1/profiles/{profile}/family/invitations");
        home.post(&path, Some(&asha), json!({"relation": "self"})).await
    };
    assert_eq!(code(&invite(&child).await.failure()), (409, "too-young"));
    let secret = invite(&grown).await.data()["invitation"].as_str().expect("a secret").to_owned();
    let accept = async |who: &Person| {
        let body = json!({"invitation": secret});
        home.post("/api/v1/family/invitations/accept", Some(who), body).await
    };
    assert_eq!(code(&accept(&asha).await.failure()), (409, "conflict"), "whoever keeps them is not the person");
    assert_eq!(accept(&mother).await.data()["profile"], json!(grown));
    let me = home.get("/api/v1/me", Some(&mother)).await.data();
    assert_eq!(me["profile"], json!(grown));
    let path = format!("/api/v1/profiles/{grown}");
    assert_eq!(home.get(&path, Some(&mother)).await.status, 200);
    assert_eq!(code(&home.get(&path, Some(&asha)).await.failure()), MISSING, "an adult has no guardian");
    let admin = json!({"profile": child});
    let take_over = format!("/api/v1/accounts/{}/take-over", mother.account);
    assert_eq!(code(&home.post(&take_over, Some(&asha), admin.clone()).await.failure()), MISSING, "Asha keeps it");
    assert_eq!(code(&home.post(&take_over, Some(&mother), admin).await.failure()), REFUSED);
}

/// The cookie of somebody who signs in with a browser.
async fn browser(home: &Home, email: &'static str) -> String {
    use phm_appliance::auth::desk::{Arrival, Outcome};
    use phm_appliance::auth::session::Door;
    use phm_appliance::http::Client;
    let arrival = Arrival { client: Client::HERE, door: Door::Web, agent: "a browser".to_owned(), site: None };
    let opened = home.house.open().expect("open");
    let outcome = opened.desk(move |desk| desk.sign_in(email, PASSWORD, &arrival)).await;
    let Ok(Outcome::Inside(entered)) = outcome else { panic!("not signed in") };
    format!("phm_session={}", entered.refresh.text())
}

#[tokio::test]
async fn an_open_page_hears_that_a_grant_was_revoked_or_is_over() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let cookie = browser(&home, "doctor@example.org").await;
    let grants = format!("/api/v1/profiles/{}/grants", asha.profile);
    let give = async |kinds: &[&str], ends_at: Option<i64>| {
        let mut terms = json!({"to": {"account": doctor.account}, "kinds": kinds, "actions": ["read"]});
        if let Some(seconds) = ends_at {
            let end = phm_core::time::Instant::from_millis((clock.seconds() + seconds) * 1000);
            terms["ends_at"] = json!(end);
        }
        let made = home.post(&grants, Some(&asha), terms).await;
        assert_eq!(made.status, 201, "{}", made.text());
        format!("{grants}/{}", made.data()["id"].as_str().expect("an id"))
    };
    let watch = async |of: &str| {
        let path = format!("/p/{}/watch{of}", asha.profile);
        home.act(Method::GET, &path, None, &[("cookie", cookie.as_str())]).await
    };
    let soon = || tokio::time::sleep(std::time::Duration::from_millis(700));

    let one = give(&["profile", "lab-result"], None).await;
    let revoke = async {
        soon().await;
        home.act(Method::DELETE, &one, Some(&asha), &[]).await
    };
    let (stream, revoked) = tokio::join!(watch("?of=lab-results"), revoke);
    assert!(revoked.status.is_success(), "{}", revoked.text());
    assert!(stream.status == 200 && stream.text().contains("event: ended"), "{}", stream.text());
    assert_eq!(watch("").await.status, 404, "a stranger watches nobody");

    // A page about two kinds hears that one of them was closed, and the end by the clock.
    give(&["profile", "lab-result"], Some(600)).await;
    let notes = give(&["note"], None).await;
    let revoke = async {
        soon().await;
        home.act(Method::DELETE, &notes, Some(&asha), &[]).await
    };
    let (stream, _) = tokio::join!(watch(""), revoke);
    assert!(stream.text().contains("event: ended"), "{}", stream.text());
    let pass = async {
        soon().await;
        clock.pass(600);
    };
    let (stream, ()) = tokio::join!(watch(""), pass);
    assert!(stream.text().contains("event: ended"), "{}", stream.text());
}

#[tokio::test]
async fn whoever_sees_doses_alone_is_refused_nothing_by_their_list() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let cookie = browser(&home, "doctor@example.org").await;
    let of = |rest: &str| format!("/api/v1/profiles/{}/{rest}", asha.profile);
    let terms = json!({"to": {"account": doctor.account}, "kinds": ["profile", "dose"], "actions": ["read"]});
    assert_eq!(home.post(&of("grants"), Some(&asha), terms).await.status, 201);
    for drug in ["X", "Y", "Z"] {
        let made =
            home.post(&of("medications"), Some(&asha), json!({"drug": drug, "start": "2026-01-01"})).await.data();
        let dose = json!({"medication": made["id"], "at": "2026-01-05T08:00:00Z", "status": "taken"});
        assert_eq!(home.post(&of("doses"), Some(&asha), dose).await.status, 201);
    }
    let page = format!("/p/{}/doses", asha.profile);
    let list = home.act(Method::GET, &page, None, &[("cookie", cookie.as_str())]).await;
    assert_eq!(list.status, 200, "{}", list.text());
    assert_eq!(code(&home.get(&of("medications"), Some(&doctor)).await.failure()), REFUSED);
    // Refusals are gathered by the minute.
    clock.pass(120);
    let rows = home.get(&of("audit?per_page=100"), Some(&asha)).await.data();
    let refused = rows.as_array().expect("rows").iter().filter(|row| row["outcome"] == "refused");
    let times: u64 = refused.filter_map(|row| row["count"].as_u64()).sum();
    assert_eq!(times, 1, "what was asked for aloud, and nothing else: {rows}");
}
