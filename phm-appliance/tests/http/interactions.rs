//! Interactions through the API: nothing is answered that was not looked at.

use std::collections::BTreeMap;

use std::time::Instant;

use phm_core::access::Actor;
use phm_plugins::signature::SigningKey;
use phm_plugins::{Package, installed, logbook};
use serde_json::{Value, json};

use crate::house::{Home, Person};

/// Answers with this text, whatever it is asked to check.
pub fn answering(text: &str) -> Vec<u8> {
    answering_as("check", text)
}

/// The same for a plugin of another kind, whose function has this name.
pub fn answering_as(export: &str, text: &str) -> Vec<u8> {
    let bytes: String =
        text.bytes().flat_map(|byte| ["\\".to_owned(), phm_core::crypto::digest::hex(&[byte])]).collect();
    let length = text.len();
    let wat = format!(
        r#"(module
        (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
        (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
        (import "extism:host/env" "output_set" (func $output (param i64 i64)))
        (memory 1)
        (data (i32.const 0) "{bytes}")
        (func (export "{export}") (result i32) (local $at i64) (local $n i32)
            (local.set $at (call $alloc (i64.const {length})))
            (loop $next
                (call $store (i64.add (local.get $at) (i64.extend_i32_u (local.get $n))) (i32.load8_u (local.get $n)))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (i32.const {length}))))
            (call $output (local.get $at) (i64.const {length}))
            (i32.const 0)))"#
    );
    wat::parse_str(wat).expect("good text")
}

/// Installs the drugs plugin `drugs` with this module and switches it on.
pub async fn install(home: &Home, wasm: Vec<u8>) {
    let toml =
        "name = \"drugs\"\nversion = \"1.0.0\"\napi = 1\nkind = \"drugs\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n";
    install_as(home, "drugs", toml, wasm).await;
}

/// The same for the plugin `name` of a manifest.
pub async fn install_as(home: &Home, name: &'static str, toml: &'static str, wasm: Vec<u8>) {
    let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
    install_files(home, name, files).await;
}

/// Installs the plugin `name` of these files and switches it on.
pub async fn install_files(home: &Home, name: &'static str, files: BTreeMap<String, Vec<u8>>) {
    let opened = home.house.open().expect("an open house");
    tokio::task::spawn_blocking(move || {
        let dir = tempfile::tempdir().expect("a folder");
        let key = SigningKey::create(&dir.path().join("key")).expect("a key");
        let bytes = Package::of(files).expect("a package").signed(&key).write().expect("written");
        let admin = opened.vault.session(Actor::Operator, "test").expect("the operator");
        installed::trust(&opened.vault, &admin, key.public(), "The tests").expect("trusted");
        opened.plugins.install(&admin, &bytes).expect("installed");
        installed::enable(&opened.vault, &admin, name, None).expect("enabled");
    })
    .await
    .expect("no panic");
}

fn place(who: &Person) -> String {
    format!("/api/v1/profiles/{}/interactions", who.profile)
}

async fn medicine(home: &Home, who: &Person, body: Value) {
    let path = format!("/api/v1/profiles/{}/medications", who.profile);
    assert_eq!(home.post(&path, Some(who), body).await.status, 201);
}

const FOUND: &str = r#"{"data_version":"t 1","checked":2,"total":3,"not_checked":["Xyzabc"],"checked_names":["warfarin","made up"],"nothing_known":["warfarin"],"proposed":[{"from":"made up","ingredients":["x"]}],"findings":[{"kind":"interaction","drugs":["a","b"],"severity":"major","mechanism":"m","advice":"a","source":"s"}]}"#;

#[tokio::test]
async fn without_a_plugin_nothing_was_checked_and_that_is_said() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    medicine(&home, &asha, json!({"drug": "warfarin", "status": "active"})).await;
    let answer = home.get(&place(&asha), Some(&asha)).await;
    assert_eq!(answer.status, 200);
    let found = answer.data();
    assert_eq!((&found["available"], &found["checked"], &found["total"]), (&json!(false), &json!(0), &json!(1)));
    assert_eq!((&found["not_checked"], &found["why"]), (&json!(["warfarin"]), &json!("no-plugin")));
    let asked = home.post(&place(&asha), Some(&asha), json!({"candidates": ["ibuprofen 400 mg"]})).await;
    assert_eq!(asked.failure(), (503, "interactions-unavailable".to_owned()));
    assert_eq!(home.get("/readyz", None).await.json()["status"], "ready", "nothing installed is nothing missing");
}

#[tokio::test]
async fn what_the_plugin_finds_is_answered_as_the_contract_says_and_stands_in_the_audit() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    install(&home, answering(FOUND)).await;
    medicine(&home, &asha, json!({"drug": "warfarin", "status": "active"})).await;
    let found = home.get(&place(&asha), Some(&asha)).await.data();
    assert_eq!((&found["available"], &found["data_version"]), (&json!(true), &json!("t 1")));
    // The plugin's counts, and medicines it was never handed, are not believed.
    assert_eq!((&found["checked"], &found["total"], &found["not_checked"]), (&json!(1), &json!(1), &json!([])));
    assert_eq!((&found["checked_names"], &found["nothing_known"]), (&json!(["warfarin"]), &json!(["warfarin"])));
    assert_eq!((&found["plugin"], &found["proposed"]), (&json!("drugs 1.0.0"), &json!([])));
    assert_eq!((&found["findings"][0]["severity"], &found["reviewed"]), (&json!("major"), &json!(false)));
    let asked = home.post(&place(&asha), Some(&asha), json!({"candidates": ["ibuprofen 400 mg"]})).await;
    let asked_found = asked.data();
    assert_eq!((asked.status.as_u16(), &asked_found["findings"][0]["kind"]), (200, &json!("interaction")));
    let unnamed = (&asked_found["checked"], &asked_found["total"], &asked_found["not_checked"]);
    assert_eq!(unnamed, (&json!(1), &json!(2), &json!(["ibuprofen 400 mg"])), "nothing was said of it");
    let audit = format!("/api/v1/profiles/{}/audit", asha.profile);
    let rows = home.get(&audit, Some(&asha)).await.data();
    let plugin = rows.as_array().expect("rows").iter().find(|row| row["actor"]["type"] == "plugin").expect("its look");
    assert_eq!((&plugin["actor"]["id"], &plugin["count"]), (&json!("drugs"), &json!(1)));
    assert_eq!(plugin["purpose"], "plugin drugs 1.0.0: check");
    assert!(home.get("/readyz", None).await.json().to_string().contains("drug-interactions"));
}

#[tokio::test]
async fn a_plugin_that_fails_or_is_gone_leaves_nothing_checked_and_the_house_degraded() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    install(&home, answering("no JSON")).await;
    let found = home.get(&place(&asha), Some(&asha)).await.data();
    assert_eq!((&found["available"], &found["why"]), (&json!(false), &json!("bad-answer")));
    let dir = home.house.settings.data_dir.join("plugins");
    std::fs::remove_file(dir.join("drugs.phmp")).expect("removed");
    let ready = home.get("/readyz", None).await;
    assert_eq!((ready.status.as_u16(), &ready.json()["status"]), (200, &json!("degraded")));
}

/// What the plugin `drugs` logged in calls about somebody.
fn logged(home: &Home, who: &Person) -> Vec<String> {
    let vault = home.house.open().expect("an open house").vault;
    let about = who.profile.parse().expect("an id");
    let lines = logbook::read(&vault, "drugs", Some(about)).expect("a log");
    lines.into_iter().map(|line| line.message).collect()
}

#[tokio::test]
async fn a_plugin_that_never_ends_is_stopped_and_the_house_answers_meanwhile() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let toml = "name = \"drugs\"\nversion = \"1.0.0\"\napi = 1\nkind = \"drugs\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
         [limits]\nfuel = 100000000000\ntime_ms = 3000\n";
    let endless = r#"(module (func (export "check") (result i32) (loop $on (br $on)) (i32.const 0)))"#;
    install_as(&home, "drugs", toml, wat::parse_str(endless).expect("good text")).await;
    let began = Instant::now();
    let ((stuck, stopped_after), others_after) =
        tokio::join!(async { (home.get(&place(&asha), Some(&asha)).await, began.elapsed()) }, async {
            for _ in 0..3 {
                assert_eq!(home.get("/api/v1/me", Some(&asha)).await.status, 200);
            }
            began.elapsed()
        });
    assert!(others_after < stopped_after, "{others_after:?}, {stopped_after:?}");
    assert_eq!((&stuck.data()["available"], &stuck.data()["why"]), (&json!(false), &json!("limit-reached")));
    let lines = logged(&home, &asha);
    assert!(lines.last().is_some_and(|line| line.ends_with("(stopped at: limit)")), "{lines:?}");
}

#[tokio::test]
async fn what_somebody_says_a_name_means_is_what_the_plugin_checks() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let toml = "name = \"drugs\"\nversion = \"1.0.0\"\napi = 1\nkind = \"drugs\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
         [[permission]]\ncapability = \"log\"\nreason = \"The test reads what it was handed.\"\n";
    // Logs what it is handed, and says that it could not check it.
    let tells = r#"(module
        (import "extism:host/env" "input_offset" (func $input (result i64)))
        (import "extism:host/env" "log_info" (func $log (param i64)))
        (func (export "check") (result i32) (call $log (call $input)) (i32.const 1)))"#;
    install_as(&home, "drugs", toml, wat::parse_str(tells).expect("good text")).await;
    medicine(&home, &asha, json!({"drug": "Imitrex", "status": "active"})).await;
    let handed = || {
        let inputs: Vec<Value> =
            logged(&home, &asha).iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        inputs.last().cloned().expect("it was asked")
    };
    home.get(&place(&asha), Some(&asha)).await;
    assert_eq!(handed()["medications"][0]["name"], "Imitrex");
    assert_eq!(handed()["medications"][0]["confirmed"], Value::Null, "a brand is never taken for anything by itself");
    let body = json!({"candidates": ["Nardil", "Zoloft"], "confirmed": [
        {"from": "imitrex", "ingredients": ["sumatriptan"]}, {"from": "Nardil", "ingredients": ["phenelzine"]}]});
    assert_eq!(home.post(&place(&asha), Some(&asha), body).await.status, 503);
    let told: Vec<_> =
        handed()["medications"].as_array().expect("medicines").iter().map(|one| one["confirmed"].clone()).collect();
    assert_eq!(told, [json!(["sumatriptan"]), json!(["phenelzine"])]);
    assert_eq!(handed()["candidates"], json!(["Zoloft"]));
}

#[tokio::test]
async fn an_allergy_that_was_handed_over_stands_in_the_audit_and_is_named_where_it_was_not_understood() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let told = FOUND.replacen('{', r#"{"allergies_not_checked":["Augmentin","made up"],"#, 1);
    install(&home, answering(&told)).await;
    medicine(&home, &asha, json!({"drug": "warfarin", "status": "active"})).await;
    let path = format!("/api/v1/profiles/{}/allergies", asha.profile);
    assert_eq!(home.post(&path, Some(&asha), json!({"substance": "Augmentin"})).await.status, 201);
    let found = home.get(&place(&asha), Some(&asha)).await.data();
    assert_eq!(found["allergies_not_checked"], json!(["Augmentin"]));
    let rows = home.get(&format!("/api/v1/profiles/{}/audit", asha.profile), Some(&asha)).await.data();
    let by_plugin = rows.as_array().expect("rows").iter().filter(|row| row["actor"]["type"] == "plugin");
    assert!(by_plugin.map(ToString::to_string).any(|row| row.contains("allergy")), "{rows}");
}

#[tokio::test]
async fn an_admin_sees_what_a_plugin_may_do_and_switches_it_off_and_on() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let ravi = home.move_in_as("Ravi", &["patient"]).await;
    install(&home, answering(FOUND)).await;
    let plugins = home.get("/api/v1/plugins", Some(&boss)).await.data();
    assert_eq!((&plugins[0]["name"], &plugins[0]["state"]), (&json!("drugs"), &json!("on")));
    assert_eq!((&plugins[0]["version"], &plugins[0]["permissions"]), (&json!("1.0.0"), &json!([])));
    assert_eq!(plugins[0]["settings"], Value::Null, "settings may hold a secret");
    assert_eq!(plugins[0]["limits"]["memory_bytes"], 64 << 20, "what it may take is no secret");
    assert_eq!(home.get("/api/v1/plugins", Some(&ravi)).await.failure(), (403, "not-granted".to_owned()));

    let off = home.post("/api/v1/plugins/drugs/disable", Some(&boss), json!({})).await;
    assert_eq!((off.status.as_u16(), &off.data()["state"]), (200, &json!("off")));
    assert_eq!(home.get(&place(&asha), Some(&asha)).await.data()["why"], "no-plugin");
    let more = home.post("/api/v1/plugins/drugs/enable", Some(&boss), json!({"only": ["records.list"]})).await;
    assert_eq!(more.failure(), (422, "invalid-manifest".to_owned()), "it never asked for that");
    assert_eq!(home.post("/api/v1/plugins/drugs/enable", Some(&boss), json!({})).await.data()["state"], "on");
    assert_eq!(home.get("/api/v1/plugins/drugs/log", Some(&boss)).await.data(), json!([]));
    assert_eq!(home.post("/api/v1/plugins/nothing/disable", Some(&boss), json!({})).await.status, 404);
}

#[tokio::test]
async fn only_who_may_read_medicines_asks_about_them() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    install(&home, answering(FOUND)).await;
    assert_eq!(home.get(&place(&asha), Some(&ravi)).await.failure(), (404, "not-found".to_owned()));
    assert_eq!(home.get(&place(&asha), None).await.status, 401);
    assert_eq!(home.post(&place(&asha), Some(&ravi), json!({"candidates": []})).await.status, 404);
}

#[tokio::test]
async fn a_request_of_another_form_is_refused() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    install(&home, answering(FOUND)).await;
    for body in [
        json!({"candidates": [""]}),
        json!({"candidates": ["x".repeat(301)]}),
        json!({"candidates": vec!["x"; 51]}),
        json!({"candidates": "ibuprofen"}),
        json!({"candidates": [], "as": "admin"}),
    ] {
        assert_eq!(home.post(&place(&asha), Some(&asha), body.clone()).await.status, 422, "{body}");
    }
}
