//! What a plugin proposes: it waits until a person decides, and is as private as what comes of it.

use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_plugin_api::v1::Door;
use phm_plugins::proposals::{self, Proposal};
use serde_json::json;

use crate::house::{self, House, answers, manifest, permission};
use crate::{Probe, list_notes, refusal};

#[test]
fn a_proposal_is_a_record_only_when_a_person_accepts_it() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note"]);
    let more = format!("{}{}", list_notes(), permission("records.propose", "kinds = [\"note\"]"));
    let probe = Probe::new(&house, &more);
    let reply = probe.ask(
        "records.propose",
        json!({"kind": "note", "body": {"text": "from the report"},
        "evidence": {"page": 2, "text": "from the report"}}),
    );
    let id = reply["ok"]["proposal"].as_str().unwrap_or_else(|| panic!("{reply}")).parse().expect("an id");
    assert_eq!(probe.ask("records.list", json!({"kind": "note"}))["ok"]["total"], 1, "no record yet");
    let person = house.person();
    let page = person.who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let proposed = page.rows.iter().find(|row| row.operation.as_deref() == Some("propose")).expect("it stands there");
    assert_eq!((proposed.actor.id.as_str(), proposed.kind.as_deref()), ("probe", Some("note")));
    assert_eq!(proposed.purpose.as_deref(), Some("plugin probe 0.1.0: find"));
    let waiting = proposals::waiting(&house.vault, &person, house.asha).expect("proposals");
    assert_eq!((waiting.len(), waiting[0].plugin.as_str()), (1, "probe"));

    // Who may not add the record does not see it and does not decide.
    let other = house::add(
        &house.admin(),
        phm_core::id::ProfileId::SYSTEM,
        "account",
        &json!({"email": "other@example.org", "name": "Other"}),
    );
    let other = house.vault.session(Actor::Person { account: other }, "test").expect("an account");
    assert!(proposals::waiting(&house.vault, &other, house.asha).expect("none").is_empty());
    assert_eq!(proposals::accept(&house.vault, &other, house.asha, id).expect_err("refused").code(), "not-found");
    assert_eq!(proposals::reject(&house.vault, &other, house.asha, id).expect_err("refused").code(), "not-found");

    let record = proposals::accept(&house.vault, &person, house.asha, id).expect("accepted");
    assert_eq!(record.provenance.plugin.as_deref(), Some("probe 0.1.0"));
    assert_eq!((record.provenance.page, record.provenance.source), (Some(2), None));
    assert_eq!(proposals::accept(&house.vault, &person, house.asha, id).expect_err("once only").code(), "not-found");
    assert_eq!(probe.ask("records.list", json!({"kind": "note"}))["ok"]["total"], 2);

    let reply = probe.ask("records.propose", json!({"kind": "note", "body": {"text": "nonsense"}}));
    let id = reply["ok"]["proposal"].as_str().expect("a proposal").parse().expect("an id");
    proposals::reject(&house.vault, &person, house.asha, id).expect("rejected");
    assert!(proposals::waiting(&house.vault, &person, house.asha).expect("none").is_empty());
}

#[test]
fn a_proposal_is_as_private_as_what_comes_of_it() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note"]);
    let probe = Probe::new(&house, &permission("records.propose", "kinds = [\"note\"]"));
    let reply = probe.ask("records.propose", json!({"kind": "note", "body": {"text": "between us", "private": true}}));
    let id = reply["ok"]["proposal"].as_str().unwrap_or_else(|| panic!("{reply}")).parse().expect("an id");
    let system = phm_core::id::ProfileId::SYSTEM;
    let other = json!({"email": "other@example.org", "name": "Other"});
    let other = house::add(&house.admin(), system, "account", &other);
    let notes = json!({"profile": house.asha, "to": {"account": other}, "kinds": ["note"], "actions": ["read", "add"],
        "purpose": "test"});
    house::add(&house.admin(), system, "grant", &notes);
    let other = house.vault.session(Actor::Person { account: other }, "test").expect("an account");
    assert!(other.permit(Action::Add, house.asha, "note").is_ok());
    assert!(proposals::waiting(&house.vault, &other, house.asha).expect("none").is_empty());
    assert_eq!(proposals::accept(&house.vault, &other, house.asha, id).expect_err("not seen").code(), "not-found");
    assert_eq!(proposals::reject(&house.vault, &other, house.asha, id).expect_err("not seen").code(), "not-found");
    assert_eq!(proposals::waiting(&house.vault, &house.person(), house.asha).expect("theirs").len(), 1);
}

#[test]
fn what_was_read_out_of_a_restricted_document_is_closed_with_it() {
    let house = House::new();
    let system = phm_core::id::ProfileId::SYSTEM;
    let other = json!({"email": "other@example.org", "name": "Other"});
    let other = house::add(&house.admin(), system, "account", &other);
    let grant = json!({"profile": house.asha, "to": {"account": other}, "kinds": ["note", "document"],
        "actions": ["read", "add"], "purpose": "test"});
    house::add(&house.admin(), system, "grant", &grant);
    let other = house.vault.session(Actor::Person { account: other }, "test").expect("an account");
    let person = house.person();
    let permit = person.permit(Action::Add, house.asha, "document").expect("their own");
    let scan = json!({"title": "Scan", "category": "other"});
    let scan = person.add_document(&permit, &scan, &mut &b"a scan"[..], 1 << 20).expect("added").id;
    let evidence = serde_json::from_value(json!({"document": scan, "text": "from the scan"})).expect("evidence");
    let body = json!({"text": "from the scan"});
    let one = Proposal::new("probe".into(), "0.1.0".into(), "note".into(), body, Some(evidence), person.now());
    let id = one.id;
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    let seen = |session: &phm_core::vault::Session| {
        proposals::waiting(&house.vault, session, house.asha).expect("proposals").len()
    };
    assert_eq!((seen(&person), seen(&other)), (1, 1));

    let held = person.restrict(house.asha, &json!({"records": [scan]})).expect("theirs").id;
    assert_eq!((seen(&person), seen(&other)), (1, 0), "it says what the document says");
    assert_eq!(proposals::accept(&house.vault, &other, house.asha, id).expect_err("closed").code(), "not-found");
    assert_eq!(proposals::reject(&house.vault, &other, house.asha, id).expect_err("closed").code(), "not-found");
    person.lift_restriction(house.asha, held).expect("theirs");
    assert_eq!(seen(&other), 1);
}

#[test]
fn a_proposal_that_breaks_the_rules_of_its_kind_or_is_too_large_does_not_wait() {
    let house = House::new();
    house.grant(house.asha, &["add"], &["note"]);
    let probe = Probe::new(&house, &permission("records.propose", "kinds = [\"note\"]"));
    for (body, code) in [
        (json!({}), "invalid"),
        (json!({"text": "x", "owner": "me"}), "invalid"),
        (json!(null), "invalid"),
        (json!({"text": "x".repeat(70_000)}), "proposal-too-large"),
    ] {
        assert_eq!(refusal(&probe.ask("records.propose", json!({"kind": "note", "body": body}))).0, code);
    }
    let evidence = json!({"document": "x".repeat(70_000)});
    let asked = json!({"kind": "note", "body": {"text": "x"}, "evidence": evidence});
    assert_eq!(
        refusal(&probe.ask("records.propose", asked)),
        ("proposal-too-large", "limit"),
        "evidence takes room too"
    );
    assert!(proposals::waiting(&house.vault, &house.admin(), house.asha).expect("none").is_empty());
}

#[test]
fn no_plugin_proposes_who_somebody_is_or_a_document_without_a_file() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["profile", "document"]);
    let probe = Probe::new(&house, &permission("records.propose", "kinds = [\"profile\", \"document\"]"));
    for (kind, body) in [
        ("profile", json!({"name": {"text": "Somebody Else"}})),
        ("document", json!({"title": "T", "category": "other", "media_type": "a/b", "sha256": "0a".repeat(32)})),
    ] {
        let reply = probe.ask("records.propose", json!({"kind": kind, "body": body}));
        assert_eq!(refusal(&reply), ("not-proposed", "none"), "{kind}: {reply}");
    }
    assert!(proposals::waiting(&house.vault, &house.admin(), house.asha).expect("none").is_empty());
}

#[test]
fn of_a_document_all_findings_wait_or_none() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note", "document"]);
    let toml = manifest(&permission("records.propose", "kinds = [\"note\"]")).replace("\"insight\"", "\"document\"");
    let read = |text: &str| answers(text).replace("(export \"find\")", "(export \"read\")");
    let input = json!({"document": "x", "pages": []});
    let call = || house.plugins.call(&house.about_asha(), "probe", &input, &[]);
    let waiting = || proposals::waiting(&house.vault, &house.person(), house.asha).expect("proposals").len();

    house.enable(&toml, &read(r#"{"proposals":[{"kind":"note","body":{"text":"a"}},{"kind":"note","body":{}}]}"#));
    assert_eq!((call().expect_err("the second is none").code(), waiting()), ("invalid", 0));
    let many = vec![r#"{"kind":"note","body":{"text":"a"}}"#; proposals::MOST + 1].join(",");
    house.enable(&toml, &read(&format!("{{\"proposals\":[{many}]}}")));
    let error = call().expect_err("too many");
    assert_eq!((error.code(), error.door(), waiting()), ("too-many-proposals", Some(Door::Limit), 0));
    house.enable(
        &toml,
        &read(r#"{"proposals":[{"kind":"note","body":{"text":"a"}},{"kind":"note","body":{"text":"b"}}]}"#),
    );
    assert_eq!((call().expect("both fit").proposals.len(), waiting()), (2, 2));
}

#[test]
fn who_sees_a_part_of_the_records_sees_no_proposal_and_who_sees_them_stands_in_the_audit() {
    let house = House::new();
    let now = house.admin().now();
    let one = Proposal::new("probe".into(), "0.1.0".into(), "note".into(), json!({"text": "x"}), None, now);
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    let account = json!({"email": "other@example.org", "name": "Other"});
    let other = house::add(&house.admin(), phm_core::id::ProfileId::SYSTEM, "account", &account);
    let grant = json!({"profile": house.asha, "to": {"account": other}, "kinds": ["note"], "actions": ["read", "add"],
        "from": "2026-01-01", "purpose": "test"});
    house::add(&house.admin(), phm_core::id::ProfileId::SYSTEM, "grant", &grant);
    let other = house.vault.session(Actor::Person { account: other }, "test").expect("an account");
    assert!(other.may(Action::Read, house.asha, "note"), "but of some time only");
    assert!(proposals::waiting(&house.vault, &other, house.asha).expect("none").is_empty());

    assert_eq!(proposals::waiting(&house.vault, &house.person(), house.asha).expect("its own").len(), 1);
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    assert!(page.rows.iter().any(|row| row.operation.as_deref() == Some("proposals")), "{page:?}");
}

#[test]
fn a_plugin_that_proposes_too_much_shuts_out_itself_only() {
    let house = House::new();
    let now = house.admin().now();
    let of = |plugin: &str, count: usize| {
        let one = || Proposal::new(plugin.into(), "0.1.0".into(), "note".into(), json!({"text": "x"}), None, now);
        let all = (0..count).map(|_| one()).collect();
        proposals::add(&house.vault, house.asha, plugin, all).expect("a vault that writes")
    };
    assert!(!of("loud", proposals::MOST + 1) && of("loud", proposals::MOST) && !of("loud", 1));
    assert!(of("quiet", 1), "another plugin's proposals still wait");
}
