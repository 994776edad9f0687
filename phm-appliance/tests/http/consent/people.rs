//! Who else comes in: the family, whoever takes their own records over, accounts, programs with a token, strangers
//! with a link.

use poem::http::Method;
use serde_json::{Value, json};

use super::{MISSING, Practice, REFUSED, code};
use crate::house::{Home, Person};

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
