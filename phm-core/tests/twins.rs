//! Two vaults restored from one copy have the same keys, and yet no key derived from them ever seals twice.

mod house;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use phm_core::access::Action;
use phm_core::backup;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::model::Sample;
use phm_core::store::layout::{Table, rows};
use phm_core::store::{Engine, Generations, Store as _};
use phm_core::time::Instant;
use phm_core::vault::How;
use serde_json::json;

/// Where format, epoch and salt of a sealed body stand in a row.
const SALT: std::ops::Range<usize> = 5..29;
/// Where the salt of a sealed file stands.
const FILE_SALT: std::ops::Range<usize> = 10..34;

/// The salts of every sealed body and sealed file of a vault.
fn salts(dir: &Path) -> Vec<Vec<u8>> {
    let mut salts = Vec::new();
    let store = Generations::open(dir, Engine::default(), 4 << 20).expect("the store opens");
    for table in [Table::Journal, Table::Origin, Table::Series, Table::State, Table::Audit, Table::Head] {
        let (from, to) = rows(table);
        store
            .scan(&from, &to, &mut |(_, value)| {
                salts.push(value[SALT].to_vec());
                true
            })
            .expect("scanned");
    }
    salts.push(fs::read(dir.join("heads")).expect("heads")[SALT].to_vec());
    for file in house::files(&dir.join("documents")) {
        salts.push(fs::read(file).expect("a document")[FILE_SALT].to_vec());
    }
    salts
}

fn write_the_same(dir: &Path, person: ProfileId) {
    let vault = house::open(dir).expect("the vault opens");
    let session = house::operator(&vault);
    for text in ["Asthma", "Gout"] {
        let record = house::add(&session, person, "condition", &json!({ "concept": text }));
        house::amend(&session, &record, &json!({"concept": text, "onset": "2019"}));
    }
    house::add_document(&session, person, "Scan", b"the same scan");
    let series = house::add(&session, person, "series", &json!({"concept": "Heart rate", "unit": "/min"})).id;
    let add = session.permit(Action::Add, person, "series").expect("allowed");
    let sample = |at: i64| Sample::new(Instant::from_millis(at), "70".parse().expect("a decimal"));
    let samples: Vec<Sample> = (0..3).map(sample).collect();
    session.append_samples(&add, series, &samples, &How::Device).expect("added");
    vault.put_state(ProfileId::SYSTEM, "job", &json!({"tries": 1}), None).expect("state");
    let read = session.permit(Action::Read, person, "condition").expect("allowed");
    session.list(&read, &Query::default()).expect("read");
    drop(session);
    vault.close().expect("closed");
}

#[test]
fn two_vaults_restored_from_one_copy_that_get_the_same_writes_share_no_salt() {
    let home = tempfile::tempdir().expect("a folder");
    let (first, second) = (home.path().join("first"), home.path().join("second"));
    let vault = house::create(&home.path().join("vault"));
    let person = house::person(&house::operator(&vault), "Asha Example");
    let file = home.path().join("copy.phmb");
    backup::write(&vault, &file).expect("written");
    vault.close().expect("closed");
    for dir in [&first, &second] {
        backup::restore(&file, dir, &house::key(), house::options()).expect("restored");
    }
    let before: BTreeSet<Vec<u8>> = salts(&first).into_iter().collect();
    for dir in [&first, &second] {
        write_the_same(dir, person);
    }
    let (first, second) = (salts(&first), salts(&second));
    let all = first.iter().chain(&second).filter(|salt| !before.contains(*salt));
    let (count, distinct) = (all.clone().count(), all.collect::<BTreeSet<_>>().len());
    assert!(count >= 20, "{count} bodies were sealed");
    assert_eq!(count, distinct, "a salt was used twice");
}
