//! The doors: what a running plugin asks for and does not get, and what it gets.

#[path = "../house/mod.rs"]
mod house;
mod proposing;

use house::{House, manifest, permission};
use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_plugins::context::CallContext;
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::runtime::{self, Engine, Module};
use phm_plugins::{Limits, Manifest};
use serde_json::{Value, json};

/// Sends its input to the house and answers with the reply.
const MIRROR: &str = r#"(module
    (import "extism:host/env" "input_offset" (func $input (result i64)))
    (import "extism:host/env" "length" (func $length (param i64) (result i64)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (import "extism:host/user" "phm_call" (func $call (param i64) (result i64)))
    (func (export "find") (result i32) (local $reply i64)
        (local.set $reply (call $call (call $input)))
        (call $output (local.get $reply) (call $length (local.get $reply)))
        (i32.const 0)))"#;

/// A plugin that may do whatever the test says, as it runs.
struct Probe<'h> {
    house: &'h House,
    module: Module,
    granter: Granter,
    settings: Value,
}

impl<'h> Probe<'h> {
    /// Declares and is granted these.
    fn new(house: &'h House, permissions: &str) -> Self {
        Self::granted(house, permissions, permissions)
    }

    fn granted(house: &'h House, declared: &str, granted: &str) -> Self {
        let of = |text: &str| Manifest::parse(&manifest(text)).expect("a manifest").permissions;
        let wasm = wat::parse_str(MIRROR).expect("good text");
        let module = Module::compile(&Engine::shared().expect("an engine"), &wasm, "find").expect("a module");
        Self { house, module, granter: Granter::new(of(declared), of(granted)), settings: json!({}) }
    }

    fn raw(&self, context: &CallContext, request: &[u8]) -> Value {
        self.raw_as("probe", context, request)
    }

    /// The same under the name of a plugin.
    fn raw_as(&self, name: &str, context: &CallContext, request: &[u8]) -> Value {
        let vault = &self.house.vault;
        let sessions = context.open(vault, name, "0.1.0", "find").expect("sessions");
        let named = (name.to_owned(), "0.1.0".to_owned());
        let host =
            Host::new(vault.clone(), sessions, self.granter.clone(), named, self.settings.clone(), Limits::USUAL);
        let run = runtime::run(&self.module, "find", request.to_vec(), &Limits::USUAL, host);
        serde_json::from_slice(&run.output.expect("a reply")).expect("JSON")
    }

    fn ask_in(&self, context: &CallContext, op: &str, args: Value) -> Value {
        self.raw(context, json!({"v": 1, "op": op, "args": args}).to_string().as_bytes())
    }

    /// Asks in a call about Asha, for Asha.
    fn ask(&self, op: &str, args: Value) -> Value {
        self.ask_in(&self.house.about_asha(), op, args)
    }
}

/// The code and the door of a refusal.
fn refusal(reply: &Value) -> (&str, &str) {
    let error = &reply["error"];
    (error["code"].as_str().unwrap_or("none"), error["door"].as_str().unwrap_or("none"))
}

fn list_notes() -> String {
    permission("records.list", "kinds = [\"note\"]")
}

#[test]
fn what_all_three_doors_let_through_is_read_and_stands_in_the_audit() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["note"]);
    let reply = Probe::new(&house, &list_notes()).ask("records.list", json!({"kind": "note"}));
    assert_eq!(reply["ok"]["total"], 1, "{reply}");
    assert_eq!(reply["ok"]["records"][0]["body"]["text"], "Ashas note");
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let plugin = page.rows.iter().find(|row| row.actor.r#type == "plugin").expect("the plugin's look");
    assert_eq!((plugin.actor.id.as_str(), plugin.action, plugin.count), ("probe", "read", 1));
    assert_eq!(plugin.purpose.as_deref(), Some("plugin probe 0.1.0: find"));
}

#[test]
fn every_operation_is_refused_at_the_manifest_unless_declared() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note", "document"]);
    let probe = Probe::new(&house, "");
    for (op, args) in [
        ("records.list", json!({"kind": "note"})),
        ("records.propose", json!({"kind": "note", "body": {"text": "x"}})),
        ("documents.text", json!({"document": "x"})),
        ("documents.content", json!({"document": "x"})),
        ("ocr.recognize", json!({"document": "x"})),
        ("llm.generate", json!({"prompt": "x", "max_tokens": 1})),
        ("llm.embed", json!({"texts": []})),
        ("drugs.facts", json!({"name": "x"})),
        ("clinical.call", json!({"op": "calculators"})),
        ("http.fetch", json!({"url": "https://evil.example/"})),
        ("settings.get", json!({})),
        ("kv.get", json!({"key": "x"})),
        ("kv.put", json!({"key": "x", "value": 1})),
        ("log", json!({"level": "info", "message": "x"})),
    ] {
        assert_eq!(refusal(&probe.ask(op, args)), ("not-declared", "manifest"), "{op}");
    }
}

#[test]
fn a_kind_or_host_that_was_not_declared_or_granted_is_refused_at_its_door() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["*"]);
    let both = permission("records.list", "kinds = [\"note\", \"allergy\"]");
    let probe = Probe::granted(&house, &both, &list_notes());
    assert_eq!(refusal(&probe.ask("records.list", json!({"kind": "visit"}))), ("not-declared", "manifest"));
    assert_eq!(refusal(&probe.ask("records.list", json!({"kind": "allergy"}))), ("not-granted", "administrator"));
    assert_eq!(refusal(&probe.ask("records.list", json!({"kind": "note"}))), ("none", "none"));
    for kind in ["account", "grant", "token", "*", "", "Note"] {
        assert_eq!(
            refusal(&probe.ask("records.list", json!({ "kind": kind }))),
            ("not-declared", "manifest"),
            "{kind}"
        );
    }
    let fetch = Probe::new(&house, &permission("http.fetch", "hosts = [\"a.example\"]"));
    assert_eq!(refusal(&fetch.ask("http.fetch", json!({"url": "https://b.example/"}))), ("not-declared", "manifest"));
    for url in ["https://a.example@b.example/", "https://127.0.0.1/", "file:///x"] {
        let code = fetch.ask("http.fetch", json!({ "url": url }));
        assert!(["bad-arguments", "not-declared"].contains(&refusal(&code).0), "{url}: {code}");
    }
}

#[test]
fn without_the_persons_grant_nothing_is_read() {
    let house = House::new();
    let probe = Probe::new(&house, &list_notes());
    assert_eq!(refusal(&probe.ask("records.list", json!({"kind": "note"}))), ("not-granted", "consent"));
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    assert!(page.rows.iter().all(|row| row.actor.r#type != "plugin" || row.outcome == "refused"), "{page:?}");
}

#[test]
fn a_consent_taken_back_between_two_calls_stops_the_second() {
    let house = House::new();
    let grant = house.grant(house.asha, &["read"], &["note"]);
    let more = format!("{}{}{}", list_notes(), permission("kv.put", ""), permission("kv.get", ""));
    let probe = Probe::new(&house, &more);
    assert_eq!(probe.ask("records.list", json!({"kind": "note"}))["ok"]["total"], 1);
    assert_eq!(refusal(&probe.ask("kv.put", json!({"key": "seen", "value": "Ashas note"}))), ("none", "none"));
    house.revoke(grant);
    assert_eq!(refusal(&probe.ask("records.list", json!({"kind": "note"}))), ("not-granted", "consent"));
    assert_eq!(refusal(&probe.ask("kv.get", json!({"key": "seen"}))), ("not-granted", "consent"), "nor what it kept");
}

#[test]
fn another_persons_records_are_out_of_reach() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note"]);
    // Even with a grant of the other person: the caller has nothing to do with them.
    house.grant(house.bela, &["read", "add"], &["note"]);
    let probe = Probe::new(&house, &format!("{}{}", list_notes(), permission("records.propose", "kinds = [\"note\"]")));
    let other = json!({"kind": "note", "profile": house.bela});
    assert_eq!(refusal(&probe.ask("records.list", other)), ("other-person", "consent"));
    let proposal = json!({"kind": "note", "profile": house.bela, "body": {"text": "x"}});
    assert_eq!(refusal(&probe.ask("records.propose", proposal)), ("other-person", "consent"));
    assert!(house.person().permit(Action::Read, house.bela, "note").is_err());
    // In a call about nobody there is no person at all.
    let nobody = house.about_nobody();
    let list = json!({"kind": "note", "profile": house.asha});
    assert_eq!(refusal(&probe.ask_in(&nobody, "records.list", list)), ("nobody", "consent"));
}

#[test]
fn a_forged_context_is_no_message() {
    let house = House::new();
    let probe = Probe::new(&house, &list_notes());
    for request in [
        r#"{"v":1,"op":"records.list","args":{"kind":"note","actor":"operator"}}"#,
        r#"{"v":1,"op":"records.list","args":{"kind":"note"},"actor":"operator"}"#,
        r#"{"v":1,"op":"records.list","args":{"kind":"note","account":"me"}}"#,
        r#"{"v":1,"op":"records.list","args":["note"]}"#,
    ] {
        let reply = probe.raw(&house.about_asha(), request.as_bytes());
        let (code, door) = refusal(&reply);
        assert!(["bad-message", "bad-arguments"].contains(&code) && door == "manifest", "{request}: {reply}");
    }
}

#[test]
fn whatever_bytes_arrive_a_reply_leaves() {
    let house = House::new();
    let probe = Probe::new(&house, &list_notes());
    for (request, code) in [
        (b"".as_slice(), "bad-message"),
        (b"null", "bad-message"),
        (b"\xff\xfe", "bad-message"),
        (br#"{"v":1}"#, "bad-message"),
        (br#"{"v":2,"op":"records.list","args":{}}"#, "unknown-version"),
        (br#"{"v":-1,"op":"records.list"}"#, "bad-message"),
        (br#"{"v":1,"op":"records.delete","args":{}}"#, "unknown-operation"),
        (br#"{"v":1,"op":"","args":{}}"#, "unknown-operation"),
        (br#"{"v":1,"op":"records.list"}"#, "bad-arguments"),
        (br#"{"v":1,"op":"records.list","args":{"kind":"note","page":0}}"#, "bad-arguments"),
        (br#"{"v":1,"op":"records.list","args":{"kind":"note","per_page":100000}}"#, "bad-arguments"),
        (br#"{"v":1,"op":"records.list","args":{"kind":"note","from":"yesterday"}}"#, "bad-arguments"),
    ] {
        let reply = probe.raw(&house.about_asha(), request);
        assert_eq!(refusal(&reply), (code, "manifest"), "{:?}", String::from_utf8_lossy(request));
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusal(&probe.raw(&house.about_asha(), deep.as_bytes())).0, "bad-message");
}

#[test]
fn the_operator_lends_no_plugin_a_look() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["note"]);
    let admin = house.admin();
    let permit = admin.permit(Action::Read, house.asha, "note").expect("the operator may");
    let reply = Probe::new(&house, &list_notes()).ask_in(
        &CallContext::about(&admin, permit),
        "records.list",
        json!({"kind": "note"}),
    );
    assert_eq!(refusal(&reply), ("no-account", "consent"));
}

#[test]
fn a_token_lends_a_plugin_no_more_than_it_has() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["note", "allergy"]);
    let body = json!({"name": "Notebook", "account": house.account, "profiles": [house.asha], "kinds": ["allergy"],
        "actions": ["read"]});
    let id = house::add(&house.admin(), phm_core::id::ProfileId::SYSTEM, "token", &body);
    let token = house.vault.session(Actor::Token { id, account: house.account }, "test").expect("a token");
    let permit = token.permit(Action::Read, house.asha, "allergy").expect("it was made for that");
    let context = CallContext::about(&token, permit);
    let probe = Probe::new(&house, &permission("records.list", "kinds = [\"note\", \"allergy\"]"));
    assert_eq!(refusal(&probe.ask_in(&context, "records.list", json!({"kind": "note"}))), ("not-granted", "consent"));
    assert_eq!(probe.ask_in(&context, "records.list", json!({"kind": "allergy"}))["ok"]["total"], 0);
}

#[test]
fn what_is_kept_belongs_to_one_plugin_and_one_person_and_is_bounded() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["note"]);
    let probe = Probe::new(&house, &format!("{}{}", permission("kv.get", ""), permission("kv.put", "")));
    let nobody = house.about_nobody();
    assert_eq!(refusal(&probe.ask("kv.put", json!({"key": "a", "value": {"n": 1}}))), ("none", "none"));
    assert_eq!(probe.ask("kv.get", json!({"key": "a"}))["ok"]["value"], json!({"n": 1}));
    assert_eq!(probe.ask_in(&nobody, "kv.get", json!({"key": "a"}))["ok"]["value"], Value::Null);
    assert_eq!(refusal(&probe.ask("kv.put", json!({"key": "", "value": 1}))).0, "bad-arguments");
    let large = json!({"key": "b", "value": "x".repeat(300_000)});
    assert_eq!(refusal(&probe.ask("kv.put", large)), ("kept-too-much", "limit"));
    assert_eq!(probe.ask("kv.get", json!({"key": "a"}))["ok"]["value"], json!({"n": 1}), "what stood there stays");
    probe.ask("kv.put", json!({"key": "a", "value": null}));
    assert_eq!(probe.ask("kv.get", json!({"key": "a"}))["ok"]["value"], Value::Null);
}

#[test]
fn what_is_kept_of_one_person_is_not_there_for_another_person_nor_for_another_plugin() {
    let house = House::new();
    let system = phm_core::id::ProfileId::SYSTEM;
    // The account looks after Bela too, and both people let both plugins in.
    let theirs = json!({"profile": house.bela, "to": {"account": house.account}, "kinds": ["note"], "actions": ["read"],
        "purpose": "test"});
    house::add(&house.admin(), system, "grant", &theirs);
    for profile in [house.asha, house.bela] {
        for plugin in ["probe", "other"] {
            let grant = json!({"profile": profile, "to": {"plugin": plugin}, "kinds": ["note"], "actions": ["read"],
                "purpose": "test"});
            house::add(&house.admin(), system, "grant", &grant);
        }
    }
    let person = house.person();
    let permit = person.permit(Action::Read, house.bela, "note").expect("granted");
    let (about_asha, about_bela) = (house.about_asha(), CallContext::about(&person, permit));
    let probe = Probe::new(&house, &format!("{}{}", permission("kv.get", ""), permission("kv.put", "")));
    let get = |plugin: &str, context: &CallContext| {
        let reply = probe.raw_as(plugin, context, br#"{"v":1,"op":"kv.get","args":{"key":"a"}}"#);
        assert!(reply["ok"].is_object(), "{reply}");
        reply["ok"]["value"].clone()
    };
    assert_eq!(refusal(&probe.ask("kv.put", json!({"key": "a", "value": "Ashas"}))), ("none", "none"));
    assert_eq!(get("probe", &about_asha), "Ashas");
    assert_eq!((get("probe", &about_bela), get("other", &about_asha)), (Value::Null, Value::Null));
    let put = json!({"key": "a", "value": "Belas"});
    assert_eq!(refusal(&probe.ask_in(&about_bela, "kv.put", put)), ("none", "none"));
    assert_eq!((get("probe", &about_asha), get("probe", &about_bela)), (json!("Ashas"), json!("Belas")));
    assert_eq!(get("other", &about_bela), Value::Null);
    // It goes with the person it is about, and with nobody else.
    house.admin().erase_profile(house.asha).expect("erased");
    let kept = |profile| house.vault.state::<Value>(profile, "plugin kv/probe").expect("a vault that reads");
    assert!(kept(house.asha).is_none() && kept(house.bela).is_some());
}

#[test]
fn clinical_logic_is_lent_by_name_and_refuses_with_the_place_and_never_the_value() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["note"]);
    let declared = permission("clinical.call", "");
    let probe = Probe::new(&house, &declared);
    let ask = |op: &str, args: Value| probe.ask("clinical.call", json!({"op": op, "args": args}));
    let all = probe.ask("clinical.call", json!({"op": "calculators"}));
    let names: Vec<&str> =
        all["ok"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&"ckd-epi-2021") && names.contains(&"eag"), "{names:?}");
    let hba1c = |value: &str| json!({"name": "eag", "inputs": {"hba1c": {"value": value, "unit": "%"}}});
    assert_eq!(ask("calculate", hba1c("7.0"))["ok"]["applicable"], true);
    assert_eq!(ask("parse_dose", json!({"text": "as directed"}))["ok"], json!({"understood": false}));
    let wrong = ask("calculate", hba1c("53"));
    assert_eq!(refusal(&wrong), ("invalid", "none"));
    assert_eq!(wrong["error"]["message"], "/inputs/hba1c implausible-value");
    assert_eq!(refusal(&ask("guess", json!({}))), ("not-found", "none"));
    assert_eq!(refusal(&probe.ask("clinical.call", json!({"op": 1}))), ("bad-arguments", "manifest"));
    let ungranted = Probe::granted(&house, &declared, "");
    assert_eq!(
        refusal(&ungranted.ask("clinical.call", json!({"op": "calculators"}))),
        ("not-granted", "administrator")
    );
}

#[test]
fn settings_are_given_and_what_the_house_lacks_is_not_made_up() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["document"]);
    let more = ["settings.get", "ocr.recognize", "llm.generate", "llm.embed", "drugs.facts"]
        .map(|name| permission(name, ""))
        .concat();
    let mut probe = Probe::new(&house, &more);
    probe.settings = json!({"unit": "mmol/L"});
    assert_eq!(probe.ask("settings.get", json!({}))["ok"]["unit"], "mmol/L");
    for (op, args) in [
        ("ocr.recognize", json!({"document": "x"})),
        ("llm.generate", json!({"prompt": "x", "max_tokens": 1})),
        ("llm.embed", json!({"texts": []})),
        ("drugs.facts", json!({"name": "x"})),
    ] {
        assert_eq!(refusal(&probe.ask(op, args)).0, "unavailable", "{op}");
    }
}
