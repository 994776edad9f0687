//! What a vault promises, through its front door.

mod lists;
mod opened;
mod reach;
mod records;

use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{How, Options, Session, Vault};
use serde_json::{Value, json};

const PASSPHRASE: &str = "correct horse battery staple";

fn options() -> Options {
    Options { cost: Cost::FLOOR, ..Options::default() }
}

fn create(dir: &Path) -> Vault {
    Vault::create(dir, &[Secret::passphrase(PASSPHRASE)], options()).expect("a new vault").0
}

fn open(dir: &Path) -> Vault {
    Vault::open(dir, &Secret::passphrase(PASSPHRASE), options()).expect("the vault opens")
}

fn operator(vault: &Vault) -> Session {
    vault.session(Actor::Operator, "test").expect("the operator may always work")
}

fn person(session: &Session, name: &str) -> ProfileId {
    session.add_profile(&json!({"name": {"text": name}}), None).expect("a person").profile
}

fn condition(text: &str, onset: &str) -> Value {
    json!({"concept": {"text": text, "codes": [{"system": "http://snomed.info/sct", "code": "44054006"}]}, "onset": onset})
}

fn add(session: &Session, profile: ProfileId, kind: &str, body: &Value) -> RecordId {
    let permit = session.permit(Action::Add, profile, kind).expect("allowed");
    session.add(&permit, body, How::Typed).expect("a valid record").id
}
