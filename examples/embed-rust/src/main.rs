//! A vault of one's own: makes one, writes a result, reads it back and asks who looked. `embed-rust FOLDER`

use std::path::PathBuf;

use phm_core::access::{Action, Actor};
use phm_core::audit::query::AuditQuery;
use phm_core::crypto::secret::make_key_file;
use phm_core::vault::{How, Options, Removed, Vault};
use serde_json::json;

fn main() -> phm_core::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "vault".to_owned()));
    // The key belongs where the vault is not: a key store, another disk.
    let key = make_key_file(&folder.with_extension("key"))?;
    let (vault, code) = Vault::create(&folder, &[key], Options::default())?;
    println!("Write this down; it opens the vault when the key is lost: {code}");

    let session = vault.session(Actor::Operator, "trying it out")?;
    let asha = session.add_profile(&json!({"name": "Asha Example"}), None)?.profile;
    let add = session.permit(Action::Add, asha, "lab-result")?;
    let hba1c = json!({
        "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "quantity": {"value": "6.40", "unit": "%"}, "collected_at": "2026-04-03",
    });
    let record = session.add(&add, &hba1c, How::Typed)?;

    let read = session.permit(Action::Read, asha, "lab-result")?;
    println!("{}", session.read(&read, record.id, Removed::Hide)?.body);
    for row in session.who_looked(asha, &AuditQuery::default())?.rows {
        println!("{} {} {} {}", row.at, row.actor.r#type, row.action, row.kind.unwrap_or_default());
    }
    drop(session);
    vault.close()
}
