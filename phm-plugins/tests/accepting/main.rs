//! Accepting what plugins propose: once, whatever happens meanwhile, and by rules only as far as a person made them.

#[path = "../house/mod.rs"]
mod house;
mod medicines;
mod once;
mod rules;
mod sensitive;
mod waits;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_plugins::acceptance::{self, Card, State, Wanted};
use phm_plugins::{Called, proposals};
use serde_json::{Value, json};

use crate::house::{House, document, reader};

/// How many records came of proposals, and how many proposals wait.
fn counted(house: &House) -> (usize, usize) {
    let person = house.person();
    let permit = person.permit(Action::Read, house.asha, "note").expect("their own");
    let notes = person.list(&permit, &Query::default()).expect("notes").items;
    let made = notes.iter().filter(|note| note.provenance.plugin.is_some()).count();
    (made, proposals::waiting(&house.vault, &person, house.asha).expect("proposals").len())
}

/// A house whose plugin `probe` reads documents, and is let read them and add results, with a rule for results.
fn ruled(output: &Value) -> (House, Card) {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["document", "lab-result"]);
    reader(&house, output);
    let rule = make(&house, "lab-result", false).expect("a rule");
    assert_eq!((rule.state, rule.version.as_str()), (State::Holds, "0.1.0"));
    (house, rule)
}

fn make(house: &House, kind: &str, despite_harm: bool) -> phm_core::Result<Card> {
    let wanted = Wanted { plugin: "probe".into(), kind: kind.into(), despite_harm, shown: None };
    acceptance::make(&house.vault, &house.person(), house.asha, &wanted)
}

fn state(house: &House) -> State {
    acceptance::rules(&house.vault, &house.person(), house.asha).expect("rules")[0].state
}

fn read(house: &House, id: RecordId) -> Called {
    let input = json!({"document": id, "media_type": "application/pdf", "pages": []});
    house.plugins.call(&house.about_asha(), "probe", &input, &[]).expect("read")
}

/// How many records came of reading a new document, and how many proposals wait of it.
fn came(house: &House) -> (usize, usize) {
    let file = format!("%PDF-1.7 {}", RecordId::new());
    let called = read(house, document(house, house.asha, file.as_bytes()));
    (called.accepted.len(), called.proposals.len())
}
