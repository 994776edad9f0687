//! Makes the second fixture: a folder with a vault as an archive, and for sled the backups of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use phm_core::access::{Action, Actor};
use phm_core::backup::{self, Order};
use phm_core::id::{ProfileId, RecordId};
use phm_core::model::Sample;
use phm_core::store::Engine;
use phm_core::time::{Clock, Instant};
use phm_core::vault::{How, Options, Session, Vault};
use serde_json::{Value, json};

use super::held::{only, people, results_of, table};
use super::{
    AMENDED, ASHA, DASHBOARD, FIRST, FORM, IN_BLOCKS, LATER, ORIGINAL, OVER, RAVI, RESULTS, SHOWN, TAKEN_BACK, asthma,
    dashboard, form, note_of_ravi, others, pulse, removed_note, report, result, results, weight,
};
use crate::house;

/// A clock that stands.
struct At(Instant);

impl Clock for At {
    fn now(&self) -> Instant {
        self.0
    }
}

/// Makes `vault-2-ENGINE.tar.gz` in a folder, on sled with `vault-2.phmb` and its increment beside it; answers with the
/// archive.
pub fn make(engine: &str, folder: &Path) -> PathBuf {
    let archive = folder.join(format!("vault-2-{engine}.tar.gz"));
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    let options = |at| Options {
        engine: Engine::on_disk(engine).expect("an engine"),
        clock: Arc::new(At(at)),
        ..house::options()
    };
    let (vault, _) = Vault::create(&dir, &[house::key()], options(FIRST)).expect("a new vault");
    first_day(&vault, home.path());
    vault.close().expect("closed");

    // What comes now stands behind the checkpoint and the columns.
    let vault = house::open_with(&dir, &options(LATER)).expect("the vault opens");
    vault.compact().expect("compacted");
    let (whole, increment) = (folder.join("vault-2.phmb"), folder.join("vault-2-increment.phmb"));
    if engine == "sled" {
        backup::write(&vault, &whole).expect("written");
    }
    second_day(&vault);
    if engine == "sled" {
        backup::make(&vault, &increment, &Order { since: Some(whole), ..Order::default() }).expect("written");
    }
    vault.close().expect("closed");
    pack(&dir, &archive);
    archive
}

fn first_day(vault: &Vault, scratch: &Path) {
    let operator = house::operator(vault);
    let account = |name: &str, role: &str| {
        let body = json!({"email": format!("{name}@phm.example"), "name": name, "roles": [role], "status": "active"});
        house::add(&operator, ProfileId::SYSTEM, "account", &body).id
    };
    let (her_account, doctor) = (account("asha", "patient"), account("doctor", "provider"));
    let asha = operator.add_own_profile(&json!({"name": {"text": ASHA}}), her_account).expect("a person").profile;
    let hers = vault.session(Actor::Person { account: her_account }, "care").expect("an active account");

    let first = house::add(&hers, asha, "condition", &asthma(1));
    house::amend(&hers, &first, &asthma(2));
    for (kind, body) in others() {
        house::add(&hers, asha, kind, &body);
    }
    let note = house::add(&hers, asha, "note", &removed_note());
    let permit = hers.permit(Action::Amend, asha, "note").expect("her own");
    hers.remove(&permit, note.id, note.version).expect("removed");
    let bodies: Vec<Value> = (0..RESULTS).map(result).collect();
    let permit = hers.permit(Action::Add, asha, "lab-result").expect("her own");
    hers.add_many(&permit, &bodies, &How::Typed).expect("added");
    house::add_document(&hers, asha, "Discharge", &report());
    measured(&hers, asha);
    let terms = json!({
        "to": {"account": doctor}, "kinds": ["profile", "lab-result"], "actions": ["read"], "purpose": "second opinion",
    });
    hers.give(asha, &terms).expect("given");

    let import = scratch.join("ravi.ndjson");
    let patient = json!({"resourceType": "Patient", "id": "r1", "name": [{"text": RAVI}]});
    fs::write(&import, format!("{patient}\n{ORIGINAL}\n")).expect("written");
    house::import(&operator, &import).expect("imported");
    let (_, ravi) = people(&operator);
    house::add(&operator, ravi, "note", &note_of_ravi());

    vault.put_state(asha, DASHBOARD, &dashboard(), None).expect("put");
    vault.put_state(asha, OVER, &dashboard(), Some(FIRST.plus_millis(1))).expect("put");
    vault.put_state(ProfileId::SYSTEM, FORM, &form(vault), None).expect("put");
    // Read once, so that its columns are kept.
    operator.table("lab-result", &phm_core::vault::flat::FlatQuery::default()).expect("a table");
}

/// Adds the samples: those in blocks, those that wait, and those that were taken back.
fn measured(hers: &Session, asha: ProfileId) {
    let codes = json!([{"system": "http://loinc.org", "code": "8867-4"}]);
    let body = json!({"concept": {"text": "Heart rate", "codes": codes}, "unit": "/min", "source": "Watch"});
    let series = house::add(hers, asha, "series", &body).id;
    append(hers, asha, series, &pulse(0..IN_BLOCKS));
    // With these the first are moved into blocks.
    append(hers, asha, series, &pulse(IN_BLOCKS..SHOWN));
    let entry = append(hers, asha, series, &pulse(SHOWN..TAKEN_BACK));
    let permit = hers.permit(Action::Amend, asha, "series").expect("her own");
    hers.undo_append(&permit, series, entry).expect("taken back");
    let series = house::add(hers, asha, "series", &json!({"concept": {"text": "Weight"}, "unit": "kg"})).id;
    append(hers, asha, series, &weight());
}

/// Adds samples that are all new; answers with their entry.
pub fn append(session: &Session, person: ProfileId, series: RecordId, samples: &[(i64, String)]) -> u64 {
    let sample =
        |(at, value): &(i64, String)| Sample::new(Instant::from_millis(*at), value.parse().expect("a decimal"));
    let samples: Vec<Sample> = samples.iter().map(sample).collect();
    let permit = session.permit(Action::Add, person, "series").expect("allowed");
    let appended = session.append_samples(&permit, series, &samples, &How::Device).expect("added");
    assert_eq!((appended.added, appended.duplicates), (samples.len() as u64, 0));
    appended.entry.expect("an entry")
}

fn second_day(vault: &Vault) {
    let operator = house::operator(vault);
    let (asha, _) = people(&operator);
    house::amend(&operator, &only(&operator, asha, "condition"), &asthma(3));
    house::amend(&operator, &results_of(&operator, asha)[AMENDED], &results()[AMENDED]);
    // One row is fresh, which is not worth another piece.
    table(&operator);
}

fn pack(dir: &Path, archive: &Path) {
    // Nobody has it open any more.
    let _ = fs::remove_file(dir.join("lock"));
    let packed = Command::new("tar").arg("-czf").arg(archive).arg("-C").arg(dir).arg(".").status().expect("tar runs");
    assert!(packed.success());
}
