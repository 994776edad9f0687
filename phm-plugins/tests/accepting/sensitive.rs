//! What is sensitive, and what came of seeing it, waits for a person whatever a rule says.

use phm_core::access::{Action, Labels, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_plugins::acceptance::State;
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::proposals::{self, Proposal};
use phm_plugins::{Limits, Manifest};
use serde_json::{Value, json};

use crate::house::{House, add, document, found, manifest, permission};
use crate::{came, read, ruled, state};

#[test]
fn what_is_sensitive_waits_for_a_person_whatever_the_rule_says() {
    let (house, _) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    let person = house.person();
    let id = document(&house, house.asha, b"%PDF-1.7");
    let permit = person.permit(Action::Amend, house.asha, "document").expect("their own");
    person.mark(&permit, id, 1, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    // Let read it, the plugin could say what it has seen without saying where.
    let terms = json!({"profile": house.asha, "to": {"plugin": "probe"}, "kinds": ["document"], "actions": ["read"],
        "labels": ["sexual-health"], "records": [id], "purpose": "test"});
    let grant = add(&house.admin(), ProfileId::SYSTEM, "grant", &terms);
    assert_eq!(state(&house), State::SeesSensitive);
    let called = read(&house, id);
    assert_eq!((called.accepted.len(), called.proposals.len()), (0, 1));
    assert_eq!(came(&house), (0, 1));
    // And of what it may not see it cannot make anything that is not as sensitive.
    house.revoke(grant);
    assert_eq!(state(&house), State::Holds);
    let evidence = serde_json::from_value(json!({ "document": id })).expect("evidence");
    let body = found("8.5", 1)["body"].clone();
    let one = Proposal::new("probe".into(), "0.1.0".into(), "lab-result".into(), body, Some(evidence), person.now());
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    assert!(
        proposals::waiting(&house.vault, &person, house.asha)
            .expect("all")
            .iter()
            .any(|one| { one.document() == Some(id) && one.body["quantity"]["value"] == "8.5" })
    );
    assert_eq!(came(&house), (1, 0), "of what is not sensitive the rule goes on making records");
}

/// A call of the plugin `probe` about Asha, as it was installed and switched on once.
fn call(house: &House) -> Host {
    let permissions = ["kv.get", "kv.put", "documents.content", "documents.text"].map(|name| permission(name, ""));
    let permissions = format!("{}{}", permissions.concat(), permission("records.propose", "kinds = [\"lab-result\"]"));
    let permissions = Manifest::parse(&manifest(&permissions)).expect("a manifest").permissions;
    let sessions = house.about_asha().open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
    let named = ("probe".to_owned(), "0.1.0".to_owned());
    let granter = Granter::new(permissions.clone(), permissions);
    let host = Host::new(house.vault.clone(), sessions, granter, named, json!({}), Limits::USUAL);
    host.counted(Some(2))
}

fn ask(host: &mut Host, op: &str, args: &Value) -> Value {
    let asked = json!({"v": 1, "op": op, "args": args}).to_string();
    let reply: Value = serde_json::from_slice(&phm_plugins::api::v1::answer(host, asked.as_bytes())).expect("JSON");
    assert!(reply.get("ok").is_some(), "{op}: {reply}");
    reply["ok"].clone()
}

/// A document that is sensitive, and the grant by which the plugin may read it all the same.
fn sensitive(house: &House) -> (RecordId, RecordId) {
    let person = house.person();
    let id = document(house, house.asha, b"%PDF-1.7");
    let permit = person.permit(Action::Amend, house.asha, "document").expect("their own");
    person.mark(&permit, id, 1, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    let terms = json!({"profile": house.asha, "to": {"plugin": "probe"}, "kinds": ["document"], "actions": ["read"],
        "labels": ["sexual-health"], "records": [id], "purpose": "test"});
    (id, add(&house.admin(), ProfileId::SYSTEM, "grant", &terms))
}

#[test]
fn what_a_call_proposes_that_has_seen_something_sensitive_waits_also_when_that_is_over() {
    let (house, _) = ruled(&json!({"proposals": []}));
    let proposal = |value: &str| json!({"kind": "lab-result", "body": found(value, 1)["body"]});
    let mut clean = call(&house);
    ask(&mut clean, "records.propose", &proposal("5.5"));
    assert_eq!((clean.accepted().len(), clean.proposed().len()), (1, 0));
    let (id, grant) = sensitive(&house);
    let mut knowing = call(&house);
    ask(&mut knowing, "documents.content", &json!({"document": id, "from": 0, "length": 8}));
    house.revoke(grant);
    assert_eq!(state(&house), State::Holds, "the rule is as it was");
    ask(&mut knowing, "records.propose", &proposal("6.5"));
    assert_eq!((knowing.accepted().len(), knowing.proposed().len()), (0, 1));
}

#[test]
fn what_a_plugin_keeps_from_when_it_saw_something_sensitive_keeps_its_rules_at_rest() {
    let (house, _) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    let put = |value: Value| json!({"key": "a", "value": value});
    ask(&mut call(&house), "kv.put", &put(json!("nothing sensitive")));
    assert_eq!(state(&house), State::Holds);
    let (id, grant) = sensitive(&house);
    let mut knowing = call(&house);
    ask(&mut knowing, "documents.content", &json!({"document": id, "from": 0, "length": 8}));
    ask(&mut knowing, "kv.put", &put(json!("seen")));
    house.revoke(grant);
    assert_eq!((state(&house), came(&house)), (State::SeesSensitive, (0, 1)));
    // Whoever takes it out knows it, and is asked about.
    let mut taking = call(&house);
    assert_eq!(ask(&mut taking, "kv.get", &json!({"key": "a"}))["value"], "seen");
    ask(&mut taking, "kv.put", &put(Value::Null));
    assert_eq!(state(&house), State::Holds, "nothing is kept any more");
    ask(&mut taking, "records.propose", &json!({"kind": "lab-result", "body": found("9.5", 1)["body"]}));
    assert_eq!((taking.accepted().len(), taking.proposed().len()), (0, 1));
    assert_eq!(came(&house), (1, 0), "a call that knows nothing goes on");
}

#[test]
fn the_text_that_was_read_by_who_knew_something_sensitive_is_known_as_such() {
    let page = json!({"number": 1, "text": "whatever the plugin says", "words": []});
    let (house, _) = ruled(&json!({"proposals": [], "pages": [page]}));
    let text = |id: RecordId| {
        let mut host = call(&house);
        ask(&mut host, "documents.text", &json!({ "document": id }));
        host.sessions().knows_sensitive()
    };
    let plain = document(&house, house.asha, b"%PDF-1.7 plain");
    read(&house, plain);
    assert!(!text(plain));
    let (_, grant) = sensitive(&house);
    read(&house, plain);
    house.revoke(grant);
    assert!(text(plain), "it might have come from the other document");
}
