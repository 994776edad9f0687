//! Documents: what a plugin is given of them, what of its reading is kept, and what becomes of what it proposes.

mod house;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use house::{House, add, answers, document, found, manifest, permission, reader};
use phm_core::access::{Action, Actor, Labels, Sensitivity};
use phm_core::audit::query::AuditQuery;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{Keep, Record};
use phm_plugin_api::v1::Door;
use phm_plugin_api::v1::document::Page;
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::readings::{self, Reading};
use phm_plugins::{CallContext, Limits, Manifest, Package, conformance, proposals};
use serde_json::{Value, json};

const BOTH: [&str; 2] = ["documents.text", "documents.content"];

/// The reply to an operation that the plugin `probe` declares and is granted.
fn ask(house: &House, context: &CallContext, op: &str, args: Value) -> Value {
    let permissions = BOTH.map(|name| permission(name, "")).concat();
    let permissions = Manifest::parse(&manifest(&permissions)).expect("a manifest").permissions;
    let sessions = context.open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
    let named = ("probe".to_owned(), "0.1.0".to_owned());
    let granter = Granter::new(permissions.clone(), permissions);
    let mut host = Host::new(house.vault.clone(), sessions, granter, named, json!({}), Limits::USUAL);
    let asked = json!({"v": 1, "op": op, "args": args}).to_string();
    serde_json::from_slice(&phm_plugins::api::v1::answer(&mut host, asked.as_bytes())).expect("JSON")
}

fn refusal(reply: &Value) -> (&str, &str) {
    let error = &reply["error"];
    (error["code"].as_str().unwrap_or("none"), error["door"].as_str().unwrap_or("none"))
}

#[test]
fn a_file_is_given_in_pieces_and_the_look_stands_in_the_audit() {
    let house = House::new();
    let bytes: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain((0..=255).cycle().take(3_000)).collect();
    let id = document(&house, house.asha, &bytes);
    house.grant(house.asha, &["read"], &["document"]);
    let about = house.about_asha();
    let piece = |from: u64, length: u32| {
        let reply = ask(&house, &about, "documents.content", json!({"document": id, "from": from, "length": length}));
        assert_eq!((&reply["ok"]["size"], &reply["ok"]["media_type"]), (&json!(3_009), &json!("application/pdf")));
        STANDARD.decode(reply["ok"]["bytes"].as_str().expect("base64")).expect("base64")
    };
    let whole: Vec<u8> = [piece(0, 1_000), piece(1_000, 2_000), piece(3_000, 2_000), piece(9_999, 10)].concat();
    assert!(whole == bytes, "the pieces are the file");
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let look = page.rows.iter().find(|row| row.actor.r#type == "plugin").expect("the plugin's look");
    assert_eq!(look.purpose.as_deref(), Some("plugin probe 0.1.0: find"));
    for length in [0, (1 << 20) + 1] {
        let asked = json!({"document": id, "from": 0, "length": length});
        assert_eq!(refusal(&ask(&house, &about, "documents.content", asked)).0, "bad-arguments");
    }
}

#[test]
fn a_document_is_given_by_consent_and_of_the_person_of_the_call_only() {
    let house = House::new();
    let (own, other) = (document(&house, house.asha, b"%PDF-1.7"), document(&house, house.bela, b"%PDF-1.7"));
    for op in BOTH {
        let reply = ask(&house, &house.about_asha(), op, json!({"document": own}));
        assert_eq!(refusal(&reply), ("not-granted", "consent"), "{op}");
    }
    let grant = house.grant(house.asha, &["read"], &["document"]);
    house.grant(house.bela, &["read"], &["document"]);
    for op in BOTH {
        let reply = ask(&house, &house.about_asha(), op, json!({"document": other}));
        assert_eq!(refusal(&reply).0, "not-found", "{op}: {reply}");
        let reply = ask(&house, &house.about_nobody(), op, json!({"document": own}));
        assert_eq!(refusal(&reply), ("nobody", "consent"), "{op}");
        assert_eq!(refusal(&ask(&house, &house.about_asha(), op, json!({"document": "x"}))).0, "bad-arguments");
    }
    assert_eq!(refusal(&ask(&house, &house.about_asha(), "documents.content", json!({"document": own}))).0, "none");
    house.revoke(grant);
    let reply = ask(&house, &house.about_asha(), "documents.content", json!({"document": own}));
    assert_eq!(refusal(&reply), ("not-granted", "consent"), "taken back");
}

#[test]
fn text_is_what_was_read_of_this_very_file_or_the_file_itself() {
    let house = House::new();
    house.grant(house.asha, &["read"], &["document"]);
    let about = house.about_asha();
    let text = |id: RecordId| ask(&house, &about, "documents.text", json!({ "document": id }));
    let plain = document(&house, house.asha, "HbA1c 6,5 %".as_bytes());
    assert_eq!(text(plain)["ok"]["text"], "HbA1c 6,5 %");
    assert_eq!(text(plain)["ok"]["pages"][0]["number"], 1);

    let pdf = document(&house, house.asha, b"%PDF-1.7");
    assert_eq!(refusal(&text(pdf)).0, "not-read");
    let sha256 = phm_core::crypto::digest::hex(&phm_core::crypto::digest::sha256(&[b"%PDF-1.7"]));
    let page = |text: &str| Page { number: 1, text: text.into(), words: Vec::new() };
    let reading = |sha256: &str| Reading {
        sha256: sha256.to_owned(),
        plugin: "reader".into(),
        version: "1.2.3".into(),
        read_at: house.admin().now(),
        pages: vec![page("one"), page("two")],
        not_understood: Vec::new(),
        unreadable: None,
        found: 0,
        decided: Vec::new(),
        sensitive: false,
    };
    readings::keep(&house.vault, house.asha, pdf, reading("0")).expect("kept");
    assert_eq!(refusal(&text(pdf)).0, "not-read", "that was another file");
    readings::keep(&house.vault, house.asha, pdf, reading(&sha256)).expect("kept");
    let reply = text(pdf);
    assert_eq!((&reply["ok"]["text"], &reply["ok"]["read_by"]), (&json!("one\ntwo"), &json!("reader 1.2.3")));
}

fn read(house: &House, id: RecordId) -> usize {
    let input = json!({"document": id, "media_type": "application/pdf", "pages": []});
    house.plugins.call(&house.about_asha(), "probe", &input, &[]).expect("read").proposals.len()
}

fn waiting(house: &House) -> Vec<proposals::Proposal> {
    proposals::waiting(&house.vault, &house.person(), house.asha).expect("proposals")
}

fn accept(house: &House, id: RecordId, body: Option<&Value>) -> Record {
    proposals::accept_as(&house.vault, &house.person(), house.asha, id, body).expect("accepted")
}

#[test]
fn what_was_found_becomes_a_record_that_names_plugin_version_file_page_and_place() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let id = document(&house, house.asha, b"%PDF-1.7");
    let line = json!({"text": "Hb ??", "page": 1, "why": "letters"});
    reader(&house, &json!({"proposals": [found("6.5", 2), found("7.5", 3)], "not_understood": [line]}));
    assert_eq!(read(&house, id), 2);
    let kept = readings::get(&house.vault, house.asha, id).expect("a vault that reads").expect("a reading");
    assert_eq!((kept.found, kept.not_understood.len(), kept.plugin.as_str()), (2, 1, "probe"));

    let all = waiting(&house);
    assert_eq!(all[0].document(), Some(id), "found in the document that was handed over");
    let record = accept(&house, all[0].id, None);
    let from = &record.provenance;
    assert_eq!((from.plugin.as_deref(), from.page), (Some("probe 0.1.0"), Some(2)));
    assert_eq!(from.region, Some([0.5, 0.25, 0.125, 0.0]));
    assert_eq!(from.source.as_ref().map(|source| source.file.as_str()), Some("Report of April"));

    // What a person amends is what is written; where it was found stays.
    let mut amended = all[1].body.clone();
    amended["quantity"]["value"] = json!("7.6");
    let record = accept(&house, all[1].id, Some(&amended));
    assert!(record.body.get().contains("7.6") && record.provenance.page == Some(3), "{:?}", record.provenance);
    assert!(waiting(&house).is_empty());
}

#[test]
fn read_again_what_waits_is_replaced_and_what_was_decided_is_not_asked_again() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let id = document(&house, house.asha, b"%PDF-1.7");
    reader(&house, &json!({"proposals": [found("6.5", 1), found("7.5", 1), found("8.5", 1)]}));
    assert_eq!((read(&house, id), read(&house, id)), (3, 3));
    let all = waiting(&house);
    assert_eq!(all.len(), 3, "once each");
    accept(&house, all[0].id, None);
    proposals::reject(&house.vault, &house.person(), house.asha, all[1].id).expect("rejected");
    assert_eq!(read(&house, id), 1);
    let left = waiting(&house);
    assert_eq!((left.len(), &left[0].body["quantity"]["value"]), (1, &json!("8.5")));
    // Of another document the same value is news.
    assert_eq!(read(&house, document(&house, house.asha, b"%PDF-1.6")), 3);
}

#[test]
fn what_comes_of_a_sensitive_document_is_as_sensitive() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let id = document(&house, house.asha, b"%PDF-1.7");
    reader(&house, &json!({"proposals": [found("6.5", 1)]}));
    read(&house, id);
    // Somebody who may see and add results, but none that is sensitive.
    let actor = Actor::Plugin { name: "probe".into(), account: house.account };
    let other = house.vault.session(actor, "test").expect("a session");
    let seen = || proposals::waiting(&house.vault, &other, house.asha).expect("proposals").len();
    assert_eq!(seen(), 1);
    // Somebody who may see and add results, but no document.
    let body = json!({"profile": house.asha, "to": {"plugin": "other"}, "kinds": ["lab-result"],
        "actions": ["read", "add"], "purpose": "test"});
    add(&house.admin(), ProfileId::SYSTEM, "grant", &body);
    let actor = Actor::Plugin { name: "other".into(), account: house.account };
    let blind = house.vault.session(actor, "test").expect("a session");
    assert!(proposals::waiting(&house.vault, &blind, house.asha).expect("proposals").is_empty());
    let person = house.person();
    let permit = person.permit(Action::Amend, house.asha, "document").expect("their own");
    person.mark(&permit, id, 1, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    assert_eq!(seen(), 0);
    assert_eq!(accept(&house, waiting(&house)[0].id, None).labels, ["sexual-health"]);
}

#[test]
fn what_was_read_out_of_a_document_goes_when_it_is_removed() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let (first, second) = (document(&house, house.asha, b"%PDF-1.7"), document(&house, house.asha, b"%PDF-1.6"));
    reader(&house, &json!({"proposals": [found("6.5", 1)], "pages": [{"number": 1, "text": "HbA1c 6,5 %"}]}));
    assert_eq!((read(&house, first), read(&house, second), waiting(&house).len()), (1, 1, 2));
    let person = house.person();
    let permit = person.permit(Action::Amend, house.asha, "document").expect("their own");
    person.remove(&permit, first, 1).expect("removed");
    let kept = |id: RecordId| readings::get(&house.vault, house.asha, id).expect("a vault that reads").is_some();
    assert_eq!((kept(first), kept(second)), (false, true));
    let left: Vec<_> = waiting(&house).iter().map(proposals::Proposal::document).collect();
    assert_eq!(left, [Some(second)]);
    // And when it is destroyed.
    let admin = house.admin();
    let permit = admin.permit(Action::Erase, house.asha, "document").expect("the operator may");
    admin.rectify(&permit, second, Keep::Nothing).expect("destroyed");
    assert!(!kept(second) && waiting(&house).is_empty());
}

#[test]
fn what_is_not_found_any_more_waits_no_more_and_who_may_not_read_finds_nothing() {
    let house = House::new();
    let grant = house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let id = document(&house, house.asha, b"%PDF-1.7");
    reader(&house, &json!({"proposals": [found("6.5", 1)]}));
    assert_eq!((read(&house, id), waiting(&house).len()), (1, 1));
    reader(&house, &json!({"proposals": [], "unreadable": "damaged"}));
    assert_eq!((read(&house, id), waiting(&house).len()), (0, 0));

    house.revoke(grant);
    house.grant(house.asha, &["add"], &["lab-result"]);
    reader(&house, &json!({"proposals": [found("6.5", 1)]}));
    let input = json!({"document": id, "media_type": "application/pdf", "pages": []});
    let refused = house.plugins.call(&house.about_asha(), "probe", &input, &[]).expect_err("it may not read it");
    assert_eq!((refused.code(), refused.door(), waiting(&house).len()), ("not-granted", Some(Door::Consent), 0));
}

#[test]
fn an_amended_body_that_breaks_a_rule_leaves_the_proposal_waiting() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    let id = document(&house, house.asha, b"%PDF-1.7");
    reader(&house, &json!({"proposals": [found("6.5", 1)]}));
    read(&house, id);
    let proposal = waiting(&house)[0].id;
    let refused =
        proposals::accept_as(&house.vault, &house.person(), house.asha, proposal, Some(&json!({"concept": 3})));
    assert_eq!(refused.expect_err("no body").code(), "invalid");
    assert_eq!(waiting(&house).len(), 1);
}

#[test]
fn a_document_plugin_that_makes_something_of_nothing_breaks_its_promise() {
    let broken = |output: &str| {
        let toml = manifest("").replace("\"insight\"", "\"document\"");
        let wasm =
            wat::parse_str(answers(output).replace("(export \"find\")", "(export \"read\")")).expect("good text");
        let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
        conformance::broken(&Package::of(files).expect("a package")).expect("it runs")
    };
    assert_eq!(broken(r#"{"proposals":[]}"#), Vec::<String>::new());
    assert_eq!(broken(r#"{"proposals":[],"unreadable":"damaged"}"#), Vec::<String>::new());
    let all = broken(
        r#"{"proposals":[{"kind":"note","body":{"text":"x"}}],"unreadable":"because","not_understood":[{"text":"x","page":1,"why":"x"}]}"#,
    );
    for promise in [
        "a file that is cut off: something was proposed from nothing",
        "an empty file: `unreadable` is none of the words there are for it",
        "no page: `why` is none of the words there are for it",
    ] {
        assert!(all.iter().any(|one| one == promise), "{promise}: {all:?}");
    }
    assert!(broken("no answer").iter().any(|one| one.starts_with("a file of noise: ")));
}
