//! Medicines: a rule accepts them only after the check that warns a person, and where that found nothing.

use std::time::{Duration, Instant};

use phm_core::access::{Action, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Removed;
use phm_plugins::acceptance::{self, Held};
use phm_plugins::{CallContext, Called, proposals};
use serde_json::{Value, json};

use crate::house::{House, add, answers, document, manifest, permission};
use crate::{make, read};

/// A house whose plugin `probe` proposes this of every document, with rules for medicines and prescriptions, of somebody who takes
/// warfarin.
fn ruled(proposed: &[Value]) -> House {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "medication", "prescription"]);
    let propose = permission("records.propose", "kinds = [\"medication\", \"prescription\"]");
    let permissions = format!("{}{propose}", permission("documents.content", ""));
    let output = json!({ "proposals": proposed }).to_string();
    house.enable(
        &manifest(&permissions).replace("\"insight\"", "\"document\""),
        &answers(&output).replace("(export \"find\")", "(export \"read\")"),
    );
    for kind in ["medication", "prescription"] {
        make(&house, kind, true).expect("a rule");
    }
    add(&house.person(), house.asha, "medication", &json!({"drug": "warfarin", "status": "active"}));
    house
}

/// Switches on a drugs plugin that answers with this, whatever it is asked to check.
fn drugs(house: &House, output: &Value) {
    let toml = manifest("").replace("\"probe\"", "\"drugs\"").replace("\"insight\"", "\"drugs\"");
    house.enable(&toml, &answers(&output.to_string()).replace("(export \"find\")", "(export \"check\")"));
}

/// The answer of a drugs plugin that has checked these, with something else in it.
fn checked(names: &[&str], more: &[(&str, Value)]) -> Value {
    let mut output = json!({"data_version": "t", "checked": 0, "total": 0, "not_checked": [], "proposed": [],
        "findings": [], "checked_names": names});
    for (name, value) in more {
        output[*name] = value.clone();
    }
    output
}

fn finding(kind: &str, drugs: &[&str]) -> Value {
    json!({"kind": kind, "drugs": drugs, "severity": "major", "mechanism": "Bleeding.", "advice": "Ask first.",
        "source": "A label"})
}

fn medicine(drug: &str) -> Value {
    json!({"kind": "medication", "body": {"drug": drug, "status": "active"}})
}

fn read_one(house: &House) -> Called {
    let file = format!("%PDF-1.7 {}", RecordId::new());
    read(house, document(house, house.asha, file.as_bytes()))
}

/// What waits, and why.
fn waiting(house: &House) -> Vec<(RecordId, Option<Held>)> {
    let all = proposals::waiting(&house.vault, &house.person(), house.asha).expect("proposals");
    all.into_iter().map(|one| (one.id, one.held)).collect()
}

#[test]
fn a_rule_accepts_the_medicine_that_nothing_speaks_against_and_leaves_the_other_to_a_person() {
    let house = ruled(&[medicine("ibuprofen"), medicine("metformin")]);
    let found = [("findings", json!([finding("interaction", &["ibuprofen", "warfarin"])]))];
    drugs(&house, &checked(&["warfarin", "ibuprofen", "metformin"], &found));
    let called = read_one(&house);
    assert_eq!((called.accepted.len(), called.proposals.len()), (1, 1));
    let person = house.person();
    let permit = person.permit(Action::Read, house.asha, "medication").expect("their own");
    let record = person.read(&permit, called.accepted[0].parse().expect("an id"), Removed::Hide).expect("a record");
    assert!(record.body.get().contains("metformin") && record.provenance.rule.is_some(), "{}", record.body.get());
    let waits = waiting(&house);
    let (id, held) = waits[0];
    assert_eq!((waits.len(), id.to_string(), held), (1, called.proposals[0].clone(), Some(Held::MedicineAlert)));
    let accepted: Vec<u64> = acceptance::rules(&house.vault, &person, house.asha)
        .expect("rules")
        .iter()
        .filter(|rule| rule.kind == "medication")
        .map(|rule| rule.accepted)
        .collect();
    assert_eq!(accepted, [1]);
    // A person may accept it all the same.
    let by_hand = proposals::accept(&house.vault, &person, house.asha, id).expect("accepted");
    assert!(by_hand.provenance.rule.is_none() && waiting(&house).is_empty());
    assert!(house.vault.verify(None).expect("verified").ok);
}

#[test]
fn whatever_the_check_finds_holds_a_medicine() {
    // The last two: the same medicine with another dose.
    for (kind, others) in [
        ("interaction", &["warfarin", "paracetamol"][..]),
        ("qt", &["paracetamol", "warfarin"][..]),
        ("allergy", &["paracetamol"][..]),
        ("duplicate", &["paracetamol", "paracetamol"][..]),
        ("dose-sum", &["paracetamol", "paracetamol"][..]),
    ] {
        let body = json!({"drug": "paracetamol", "strength": "1 g", "status": "active",
            "frequency": {"times": 4, "per": 1, "unit": "d"}});
        let house = ruled(&[json!({"kind": "medication", "body": body})]);
        add(&house.person(), house.asha, "medication", &json!({"drug": "paracetamol", "status": "active"}));
        let names = ["warfarin", "paracetamol", "paracetamol"];
        drugs(&house, &checked(&names, &[("findings", json!([finding(kind, others)]))]));
        let called = read_one(&house);
        assert_eq!((called.accepted.len(), called.proposals.len()), (0, 1), "{kind}");
        assert_eq!(waiting(&house)[0].1, Some(Held::MedicineAlert), "{kind}");
    }
}

#[test]
fn a_medicine_that_could_not_be_checked_waits() {
    let both = ["warfarin", "ibuprofen"];
    let list = |name: &'static str, all: &[&str]| [(name, json!(all))];
    for (what, output, held) in [
        ("no plugin", None, Some(Held::MedicineNotChecked)),
        ("one that fails", Some(json!("no answer")), Some(Held::MedicineNotChecked)),
        ("says nothing of it", Some(checked(&["warfarin"], &[])), Some(Held::MedicineUnknown)),
        (
            "not understood",
            Some(checked(&["warfarin"], &list("not_checked", &["ibuprofen"]))),
            Some(Held::MedicineUnknown),
        ),
        (
            "nothing known of it",
            Some(checked(&both, &list("nothing_known", &["ibuprofen"]))),
            Some(Held::MedicineUnknown),
        ),
        (
            "another is not understood",
            Some(checked(&["ibuprofen"], &list("not_checked", &["warfarin"]))),
            Some(Held::MedicineNotCompared),
        ),
        (
            "an allergy is not understood",
            Some(checked(&both, &list("allergies_not_checked", &["Xyzabc"]))),
            Some(Held::MedicineNotCompared),
        ),
        ("a food is not understood", Some(checked(&both, &list("allergies_not_checked", &["peanut"]))), None),
    ] {
        let house = ruled(&[medicine("ibuprofen")]);
        let person = house.person();
        add(&person, house.asha, "allergy", &json!({"substance": "Xyzabc", "category": "medication"}));
        add(&person, house.asha, "allergy", &json!({"substance": "peanut", "category": "food"}));
        if let Some(output) = output {
            drugs(&house, &output);
        }
        let called = read_one(&house);
        let waits: Vec<Option<Held>> = waiting(&house).into_iter().map(|(_, held)| held).collect();
        match held {
            Some(_) => assert_eq!((called.accepted.len(), waits), (0, vec![held]), "{what}"),
            None => assert_eq!((called.accepted.len(), waits), (1, Vec::new()), "{what}"),
        }
    }
}

#[test]
fn an_allergy_that_one_record_calls_a_food_and_another_does_not_is_no_food() {
    let house = ruled(&[medicine("ibuprofen")]);
    let person = house.person();
    add(&person, house.asha, "allergy", &json!({"substance": "latex", "category": "environment"}));
    add(&person, house.asha, "allergy", &json!({"substance": "latex"}));
    drugs(&house, &checked(&["warfarin", "ibuprofen"], &[("allergies_not_checked", json!(["latex"]))]));
    assert!(read_one(&house).accepted.is_empty());
    assert_eq!(waiting(&house)[0].1, Some(Held::MedicineNotCompared));
}

#[test]
fn every_medicine_of_a_prescription_is_checked() {
    let prescription = |drugs: &[&str]| {
        let items: Vec<Value> = drugs.iter().map(|drug| json!({ "drug": drug })).collect();
        json!({"kind": "prescription", "body": {"items": items, "prescribed_on": "2026-04-03"}})
    };
    let house = ruled(&[prescription(&["metformin", "ibuprofen"]), prescription(&["metformin"])]);
    let found = [("findings", json!([finding("interaction", &["ibuprofen", "warfarin"])]))];
    drugs(&house, &checked(&["warfarin", "metformin", "ibuprofen", "metformin"], &found));
    let called = read_one(&house);
    assert_eq!((called.accepted.len(), called.proposals.len()), (1, 1));
    assert_eq!(waiting(&house)[0].1, Some(Held::MedicineAlert));
}

#[test]
fn what_holds_a_medicine_is_told_to_who_sees_all_medicines_and_allergies() {
    let house = ruled(&[medicine("ibuprofen")]);
    drugs(&house, &checked(&["warfarin", "ibuprofen"], &[("findings", json!([finding("allergy", &["ibuprofen"])]))]));
    read_one(&house);
    let admin = house.admin();
    let other = add(&admin, ProfileId::SYSTEM, "account", &json!({"email": "bo@example.org", "name": "Bo"}));
    let terms = json!({"profile": house.asha, "to": {"account": other}, "kinds": ["document", "medication"],
        "actions": ["read", "add"], "purpose": "test"});
    add(&admin, ProfileId::SYSTEM, "grant", &terms);
    let session = house.vault.session(Actor::Person { account: other }, "test").expect("an account");
    let seen = proposals::waiting(&house.vault, &session, house.asha).expect("proposals");
    assert_eq!((seen.len(), seen[0].held), (1, None));
    assert_eq!(waiting(&house)[0].1, Some(Held::MedicineAlert));
}

#[test]
fn many_calls_whose_medicines_are_checked_do_not_wait_for_each_other() {
    let house = ruled(&[medicine("metformin")]);
    drugs(&house, &checked(&["warfarin", "metformin"], &[]));
    let inputs: Vec<Value> = (0..8)
        .map(|n| document(&house, house.asha, format!("%PDF-1.7 {n}").as_bytes()))
        .map(|id| json!({"document": id, "media_type": "application/pdf", "pages": []}))
        .collect();
    let (vault, plugins, account, asha) = (&house.vault, &house.plugins, house.account, house.asha);
    let read = |input: &Value| {
        let session = vault.session(Actor::Person { account }, "test").expect("an account");
        let permit = session.permit(Action::Read, asha, "note").expect("their own");
        plugins.call(&CallContext::about(&session, permit), "probe", input, &[]).expect("read").accepted.len()
    };
    let began = Instant::now();
    let accepted: usize = std::thread::scope(|scope| {
        let all: Vec<_> = inputs.iter().map(|input| scope.spawn(move || read(input))).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).sum()
    });
    // As long as a call waits for its turn: longer, and they would have waited for each other.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!((accepted, waiting(&house).len()), (1, 7), "the same is accepted once");
}
