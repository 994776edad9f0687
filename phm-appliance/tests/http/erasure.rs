//! Erasing a person and rectifying a record over HTTP: who is refused, and what is left.

use phm_appliance::auth::accounts::{self, NewAccount};
use phm_core::access::Actor;
use phm_core::backup::{self, Order};
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::Vault;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, PASSWORD, Person};

fn note(who: &Person) -> String {
    format!("/api/v1/profiles/{}/notes", who.profile)
}

fn erase(who: &Person) -> String {
    format!("/api/v1/profiles/{}/erase", who.profile)
}

/// Adds a note of `who`, with the key that makes the request one that is kept; answers its id.
async fn write(home: &Home, who: &Person, text: &str) -> String {
    let headers = [("idempotency-key", text)];
    let reply = home.change(Method::POST, &note(who), Some(who), &headers, json!({ "text": text })).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.data()["id"].as_str().expect("an id").to_owned()
}

/// An admin whom nobody is related to but themselves.
async fn admin(home: &Home) -> Person {
    let vault = home.house.open().expect("an open house").vault;
    let new = NewAccount {
        email: "admin@example.org".into(),
        name: "Admin Example".into(),
        roles: vec!["admin".into()],
        password: PASSWORD.into(),
    };
    let made = tokio::task::spawn_blocking(move || accounts::add(&vault, &new)).await.expect("no panic");
    let account = made.expect("an account");
    let (token, _) = home.sign_in("admin@example.org").await;
    Person {
        token,
        account: account.id.to_string(),
        profile: account.profile.map(|id| id.to_string()).unwrap_or_default(),
    }
}

async fn on_vault<T: Send + 'static>(home: &Home, work: impl FnOnce(&Vault) -> T + Send + 'static) -> T {
    let vault = home.house.open().expect("an open house").vault;
    tokio::task::spawn_blocking(move || work(&vault)).await.expect("no panic")
}

async fn is_whole(home: &Home) {
    let report = on_vault(home, |vault| vault.verify(None)).await.expect("verified");
    assert!(report.ok, "{:?}", report.damaged);
}

/// Writes a backup as the schedule does; answers when that deletes it.
async fn back_up(home: &Home) -> Instant {
    let until = Instant::now().plus_millis(48 * 3_600_000);
    let order = Order { kept_until: Some(until), ..Order::default() };
    let write = move |vault: &Vault| backup::make(vault, &vault.dir().with_file_name("kept.phmb"), &order);
    on_vault(home, write).await.expect("written");
    until
}

/// Asserts that a report names that backup and until when it is kept, and whichever the vault does not know of.
fn is_held_until(report: &Value, until: Instant) {
    let backups = report["backups"].as_array().expect("backups");
    let held: Vec<_> = backups.iter().map(|held| (&held["name"], &held["until"])).collect();
    let kept = (&json!("kept.phmb"), &json!(until.to_string()));
    assert_eq!(held, [kept, (&Value::Null, &Value::Null)], "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_erases_themselves_and_nobody_else_does() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    write(&home, &asha, "asthma since childhood").await;
    write(&home, &ravi, "slept well").await;
    let (admin, confirmed) = (admin(&home).await, json!({"confirm": asha.profile}));

    assert_eq!(home.post(&erase(&asha), None, confirmed.clone()).await.failure(), (401, "not-signed-in".into()));
    let nobody = ProfileId::new();
    let missing = format!("/api/v1/profiles/{nobody}/erase");
    let missing = home.post(&missing, Some(&ravi), json!({ "confirm": nobody })).await.failure();
    for stranger in [&ravi, &admin] {
        let refused = home.post(&erase(&asha), Some(stranger), confirmed.clone()).await.failure();
        assert_eq!(refused, (404, "not-found".into()));
    }
    assert_eq!(missing, (404, "not-found".into()), "the same as for somebody one has nothing to do with");
    for (body, status) in [
        (json!({}), 422),
        (json!({"confirm": ravi.profile}), 422),
        (json!({"confirm": "yes"}), 422),
        (json!({"confirm": asha.profile, "force": true}), 422),
        (json!(["confirm"]), 422),
    ] {
        let refused = home.post(&erase(&asha), Some(&asha), body.clone()).await;
        assert_eq!(refused.failure().0, status, "{body}");
    }
    assert_eq!(home.get(&note(&asha), Some(&asha)).await.data().as_array().map(Vec::len), Some(1));

    let until = back_up(&home).await;
    let reply = home.post(&erase(&asha), Some(&asha), confirmed.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let report = reply.data();
    assert_eq!((&report["profile"], &report["compacted"]), (&json!(asha.profile), &json!(true)));
    assert_eq!(report["removed"]["records"], json!({"note": 1, "profile": 1}));
    assert_eq!(report["ended"]["accounts"], json!([asha.account]));
    assert!(report["old_copies"]["made_before"].is_string() && report["backups"].is_array(), "{report}");
    is_held_until(&report, until);

    let gone = home.get(&note(&asha), Some(&asha)).await.status;
    assert!(gone == 401 || gone == 403, "her sign-in ended with her account: {gone}");
    let again = home.change(
        Method::POST,
        "/api/v1/auth/login",
        None,
        &[],
        json!({
            "email": "asha@example.org", "password": PASSWORD,
        }),
    );
    assert_eq!(again.await.failure(), (401, "sign-in-failed".into()));
    assert_eq!(home.get(&note(&ravi), Some(&ravi)).await.data().as_array().map(Vec::len), Some(1));
    is_whole(&home).await;
    // Not even the answer that was kept for a repeated request.
    let (account, text) = (asha.account.clone(), "asthma since childhood");
    let name = format!("idempotency/{account}/{text}");
    let kept: Option<Value> = on_vault(&home, move |vault| vault.state(ProfileId::SYSTEM, &name)).await.expect("read");
    assert!(kept.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_a_profile_erases_it_and_who_was_only_let_in_does_not() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    // Else nobody would be left who runs the house.
    home.move_in_as("Bela", &["admin"]).await;
    let (account, profile) = (ravi.account.parse().expect("an id"), asha.profile.parse().expect("an id"));
    let carer = json!({
        "account": ravi.account, "profile": asha.profile, "relation": "carer", "actions": ["read", "add", "amend"],
        "kinds": ["note"],
    });
    let relate = move |vault: &Vault| {
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let permit = session.permit(phm_core::access::Action::Add, ProfileId::SYSTEM, "relation").expect("allowed");
        session.add(&permit, &carer, phm_core::vault::How::Typed).expect("related");
    };
    on_vault(&home, relate).await;
    let id = write(&home, &asha, "a note").await;
    let confirmed = json!({"confirm": asha.profile});
    let refused = home.post(&erase(&asha), Some(&ravi), confirmed.clone()).await.failure();
    assert_eq!(refused, (403, "not-granted".into()));
    let one = format!("{}/{id}/rectify", note(&asha));
    assert_eq!(home.post(&one, Some(&ravi), json!({"confirm": id})).await.failure(), (403, "not-granted".into()));

    let keep = move |vault: &Vault| {
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        session.relate_account(account, profile, "owner").expect("related");
    };
    on_vault(&home, keep).await;
    let reply = home.post(&erase(&asha), Some(&ravi), confirmed).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(home.get(&note(&asha), Some(&ravi)).await.failure(), (404, "not-found".into()));
    is_whole(&home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_rectified_by_its_person_alone() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    let id = write(&home, &asha, "wrong").await;
    let kept = write(&home, &asha, "right").await;
    let place = |id: &str| format!("{}/{id}", note(&asha));
    let rectify = |id: &str| format!("{}/{id}/rectify", note(&asha));
    let headers = [("if-match", "\"1\"")];
    let amended = home.change(Method::PUT, &place(&kept), Some(&asha), &headers, json!({"text": "righter"})).await;
    assert_eq!(amended.status, 200);

    for (who, path, body, refused) in [
        (&ravi, rectify(&id), json!({"confirm": id}), (404, "not-found")),
        (&asha, rectify(&id), json!({}), (422, "invalid")),
        (&asha, rectify(&id), json!({"confirm": kept}), (422, "invalid")),
        (&asha, rectify(&id), json!({"confirm": id, "keep": "all"}), (422, "invalid")),
        (&asha, rectify(&id).replace("/notes/", "/conditions/"), json!({"confirm": id}), (404, "not-found")),
        (&asha, rectify(&id), json!({"confirm": id, "keep": "newest"}), (422, "nothing-to-destroy")),
    ] {
        let failure = home.post(&path, Some(who), body.clone()).await.failure();
        assert_eq!((failure.0, failure.1.as_str()), refused, "{body}");
    }
    let until = back_up(&home).await;
    let reply = home.post(&rectify(&id), Some(&asha), json!({"confirm": id})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.data()["removed"]["records"], json!({"note": 1}));
    is_held_until(&reply.data(), until);
    for path in [place(&id), format!("{}?removed=true", place(&id)), format!("{}/history", place(&id))] {
        assert_eq!(home.get(&path, Some(&asha)).await.failure(), (404, "not-found".into()), "{path}");
    }
    let reply = home.post(&rectify(&kept), Some(&asha), json!({"confirm": kept, "keep": "newest"})).await;
    assert_eq!(reply.data()["removed"]["entries"], 1);
    let history = home.get(&format!("{}/history", place(&kept)), Some(&asha)).await.data();
    assert_eq!(history.as_array().map(Vec::len), Some(1), "{history}");
    assert_eq!(history[0]["body"]["text"], "righter");
    is_whole(&home).await;
}
