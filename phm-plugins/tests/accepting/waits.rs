//! What a rule accepts, what waits for a person beside it, and how both are taken back.

use phm_core::access::Action;
use phm_core::audit::query::AuditQuery;
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_core::vault::{How, Removed};
use phm_plugins::proposals::{self, Proposal};
use phm_plugins::{acceptance, readings, taken_back};
use serde_json::json;

use crate::house::{House, add, document, found, reader};
use crate::{came, counted, make, read, ruled};

#[test]
fn what_a_rule_accepts_names_plugin_version_and_rule_and_is_undone_like_anything_else() {
    let (house, rule) = ruled(&json!({"proposals": [found("6.5", 2), found("7.5", 3)]}));
    let id = document(&house, house.asha, b"%PDF-1.7");
    let called = read(&house, id);
    assert_eq!((called.accepted.len(), called.proposals.len()), (2, 0));
    let person = house.person();
    assert!(proposals::waiting(&house.vault, &person, house.asha).expect("none").is_empty());
    let permit = person.permit(Action::Read, house.asha, "lab-result").expect("their own");
    let record = called.accepted[0].parse().expect("an id");
    let record = person.read(&permit, record, Removed::Hide).expect("the record");
    let from = &record.provenance;
    assert_eq!((from.plugin.as_deref(), from.page), (Some("probe 0.1.0"), Some(2)));
    assert_eq!(from.rule, Some(rule.id.to_string()));
    assert_eq!(from.actor, house.account.to_string(), "whoever made the rule answers for it");
    assert_eq!(from.source.as_ref().map(|source| source.file.as_str()), Some("Report of April"));

    let page = person.who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let by_rule = |row: &&phm_core::audit::query::AuditRow| {
        row.actor.r#type == "plugin" && row.purpose.as_deref() == Some("plugin probe 0.1.0: accepted by rule")
    };
    let added = page.rows.iter().filter(by_rule).find(|row| row.action == "add").expect("the plugin's doing");
    assert_eq!(added.kind.as_deref(), Some("lab-result"));
    let made = page.rows.iter().find(|row| row.kind.as_deref() == Some("acceptance")).expect("that the rule was made");
    assert_eq!(made.operation.as_deref(), Some("acceptance probe 0.1.0 lab-result"));
    assert_eq!(made.records, [rule.id], "by which what it accepted is found");

    let amend = person.permit(Action::Amend, house.asha, "lab-result").expect("their own");
    assert!(person.remove(&amend, record.id, 1).expect("removed").removed);
    // Read again it does not come back, and nothing comes twice.
    let again = read(&house, id);
    assert_eq!((again.accepted.len(), again.proposals.len()), (0, 0));
    assert_eq!(acceptance::rules(&house.vault, &person, house.asha).expect("rules")[0].accepted, 2);
    assert!(house.vault.verify(None).expect("verified").ok);
}

#[test]
fn what_a_rule_has_accepted_once_and_what_it_is_not_about_waits_for_a_person() {
    let (house, rule) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    assert_eq!(came(&house), (1, 0));
    assert_eq!(came(&house), (0, 1), "the same from another document: perhaps the same report twice");
    let person = house.person();
    // Made anew it still knows.
    let anew = make(&house, "lab-result", false).expect("a rule");
    assert!(anew.id != rule.id && acceptance::rules(&house.vault, &person, house.asha).expect("rules").len() == 1);
    assert_eq!(came(&house), (0, 1));
    // A waiting note of the same plugin is of another kind.
    let note = Proposal::new("probe".into(), "0.1.0".into(), "note".into(), json!({"text": "x"}), None, person.now());
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![note]).expect("a vault that writes"));
    assert_eq!(counted(&house).0, 0);
    // Ended, everything waits.
    acceptance::end(&house.vault, &person, house.asha, anew.id).expect("ended");
    assert_eq!(acceptance::end(&house.vault, &person, house.asha, anew.id).expect_err("once").code(), "not-found");
    reader(&house, &json!({"proposals": [found("9.5", 2)]}));
    assert_eq!(came(&house), (0, 1));
    let page = person.who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let about = page.rows.iter().filter(|row| row.kind.as_deref() == Some("acceptance"));
    let ended: Vec<_> = about.filter(|row| row.action == "revoke").map(|row| row.records.clone()).collect();
    assert_eq!(ended, [vec![anew.id], vec![rule.id]], "that it was ended, and the one before by making it");
}

#[test]
fn what_a_person_has_decided_on_no_rule_decides_on_again() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    reader(&house, &json!({"proposals": [found("6.5", 2), found("7.5", 3), found("8.5", 3)]}));
    let id = document(&house, house.asha, b"%PDF-1.7");
    assert_eq!(read(&house, id).proposals.len(), 3);
    let person = house.person();
    let waiting = proposals::waiting(&house.vault, &person, house.asha).expect("three");
    let of = |value: &str| waiting.iter().find(|one| one.body["quantity"]["value"] == value).expect("proposed").clone();
    proposals::reject(&house.vault, &person, house.asha, of("6.5").id).expect("rejected");
    let mut amended = of("7.5").body;
    amended["quantity"]["value"] = json!("7.4");
    proposals::accept_as(&house.vault, &person, house.asha, of("7.5").id, Some(&amended)).expect("accepted");

    let rule = make(&house, "lab-result", false).expect("a rule");
    assert_eq!(came(&house), (1, 2), "one that nobody has decided on, and two that wait for somebody");
    // Without saying that it was found in a document it is the same.
    let body = of("6.5").body;
    let one = Proposal::new("probe".into(), "0.1.0".into(), "lab-result".into(), body, None, person.now());
    let before = proposals::waiting(&house.vault, &person, house.asha).expect("all").len();
    assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    assert_eq!(proposals::waiting(&house.vault, &person, house.asha).expect("all").len(), before + 1);
    // Nor is it forgotten with the rule.
    acceptance::end(&house.vault, &person, house.asha, rule.id).expect("ended");
    make(&house, "lab-result", false).expect("a rule");
    assert_eq!(came(&house), (0, 3));
}

#[test]
fn what_a_rule_made_is_taken_back_with_it_but_for_what_somebody_has_changed() {
    let (house, rule) = ruled(&json!({"proposals": [found("6.5", 2), found("7.5", 3), found("8.5", 3)]}));
    let id = document(&house, house.asha, b"%PDF-1.7");
    let made = read(&house, id).accepted;
    assert_eq!(made.len(), 3);
    let person = house.person();
    let by_hand = found("5.5", 1)["body"].clone();
    add(&person, house.asha, "lab-result", &by_hand);
    // One was amended, one removed already.
    let amend = person.permit(Action::Amend, house.asha, "lab-result").expect("their own");
    let of = |n: usize| made[n].parse::<RecordId>().expect("an id");
    let mut body = found("6.5", 2)["body"].clone();
    body["quantity"]["value"] = json!("6.4");
    person.amend(&amend, of(0), 1, &body, How::Typed).expect("amended");
    person.remove(&amend, of(1), 1).expect("removed");

    let stranger = taken_back::end_and_take_back(&house.vault, &person, house.bela, rule.id);
    assert_eq!(stranger.expect_err("a stranger").code(), "not-found");
    let removed = taken_back::end_and_take_back(&house.vault, &person, house.asha, rule.id).expect("taken back");
    assert_eq!(removed, 1);
    assert!(acceptance::rules(&house.vault, &person, house.asha).expect("rules").is_empty());
    let permit = person.permit(Action::Read, house.asha, "lab-result").expect("their own");
    let left = person.list(&permit, &Query::default()).expect("results").items;
    assert_eq!(left.len(), 2, "the amended one and the one by hand");
    assert!(person.read(&permit, of(2), Removed::Show).expect("its history").removed);
    // It does not come again by itself.
    let again = read(&house, id);
    assert_eq!((again.accepted.len(), again.proposals.len()), (0, 0));
    let gone = taken_back::end_and_take_back(&house.vault, &person, house.asha, rule.id);
    assert_eq!(gone.expect_err("once").code(), "not-found");
}

#[test]
fn what_names_a_document_that_the_plugin_may_not_see_waits() {
    let (house, _) = ruled(&json!({"proposals": [found("6.5", 2)]}));
    let person = house.person();
    let id = document(&house, house.asha, b"%PDF-1.7");
    let held = person.restrict(house.asha, &json!({"records": [id]})).expect("theirs").id;
    let waiting = || proposals::waiting(&house.vault, &person, house.asha).expect("all").len();
    let add = || {
        let evidence = serde_json::from_value(json!({ "document": id })).expect("evidence");
        let (body, now) = (found("8.5", 1)["body"].clone(), person.now());
        let one = Proposal::new("probe".into(), "0.1.0".into(), "lab-result".into(), body, Some(evidence), now);
        assert!(proposals::add(&house.vault, house.asha, "probe", vec![one]).expect("a vault that writes"));
    };
    add();
    assert_eq!(waiting(), 1);
    person.lift_restriction(house.asha, held).expect("theirs");
    add();
    assert_eq!(waiting(), 1, "and of one that it may see it is accepted");
}

#[test]
fn of_what_was_decided_on_or_removed_while_the_plugin_ran_nothing_waits() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    reader(&house, &json!({"proposals": [found("6.5", 2), found("7.5", 2)]}));
    let id = document(&house, house.asha, b"%PDF-1.7");
    read(&house, id);
    let person = house.person();
    let waiting = || proposals::waiting(&house.vault, &person, house.asha).expect("all");
    let again = waiting();
    proposals::reject(&house.vault, &person, house.asha, again[0].id).expect("rejected");
    // What another call had found before that comes only now.
    let come = |again: Vec<Proposal>| {
        let came = proposals::add_of(&house.vault, house.asha, "probe", None, Some(id), again);
        came.expect("a vault that writes").expect("room").waiting.len()
    };
    assert_eq!((come(again.clone()), waiting().len()), (1, 1));
    let permit = person.permit(Action::Amend, house.asha, "document").expect("their own");
    person.remove(&permit, id, 1).expect("removed");
    assert_eq!((come(again), waiting().len()), (0, 0));
    assert!(readings::get(&house.vault, house.asha, id).expect("a vault that reads").is_none());
}
