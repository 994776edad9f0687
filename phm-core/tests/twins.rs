//! Two vaults restored from one copy have the same keys, and yet no key derived from them ever seals twice.

mod house;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use phm_core::access::Action;
use phm_core::backup;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::model::Sample;
use phm_core::store::layout::{Table, rows};
use phm_core::store::{Engine, Generations, Store as _};
use phm_core::time::Instant;
use phm_core::vault::flat::FlatQuery;
use phm_core::vault::{How, Options, Vault};
use serde_json::json;

/// Where format, epoch and salt of a sealed body stand in a row.
const SALT: std::ops::Range<usize> = 5..29;
/// Where the salt of a sealed file stands.
const FILE_SALT: std::ops::Range<usize> = 10..34;

/// Bytes of a key in the keyring, and of a way to unlock in the slots.
const KEY: usize = 1 + 16 + 4 + 72;
const WAY: usize = 2 + 1 + 4 + 4 + 32 + 32 + 72;

fn options(engine: Engine) -> Options {
    Options { engine, ..house::options() }
}

/// The salts of every sealed body, sealed file, wrapped key and way to unlock of a vault.
fn salts(dir: &Path, engine: Engine) -> Vec<Vec<u8>> {
    let mut salts = Vec::new();
    let store = Generations::open(dir, engine, 4 << 20).expect("the store opens");
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
    for file in house::files(&dir.join("index")) {
        salts.extend(kept_salts(&fs::read(&file).expect("a file of the index"), is_columns(&file)));
    }
    salts.extend(key_salts(dir));
    salts
}

/// Whether a file of the folder `index` holds columns of tables, and not what the index knows.
fn is_columns(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "columns")
}

/// The salts of the bodies in a file of the folder `index`: of each it says how many parts there are, then of each part
/// how long it is. Where these are columns, 32 bytes stand in front of every body.
fn kept_salts(mut rest: &[u8], are_columns: bool) -> Vec<Vec<u8>> {
    let mut salts = Vec::new();
    while !rest.is_empty() {
        rest = if are_columns { &rest[32..] } else { rest };
        for _ in 0..number(&mut rest) {
            let length = number(&mut rest);
            let (part, behind) = rest.split_at(length);
            salts.push(part[SALT].to_vec());
            rest = behind;
        }
    }
    salts
}

/// Takes a number of two bytes from the front.
fn number(bytes: &mut &[u8]) -> usize {
    let all = *bytes;
    let (number, behind) = all.split_first_chunk().expect("two bytes");
    *bytes = behind;
    usize::from(u16::from_be_bytes(*number))
}

/// The salts in the files `keyring` and `slots`, of which each stands there twice.
fn key_salts(dir: &Path) -> Vec<Vec<u8>> {
    let read = |name: &str| {
        let [bytes, copy] = [name.to_owned(), format!("{name}.2")].map(|name| fs::read(dir.join(name)).expect("keys"));
        assert!(bytes == copy, "both copies of `{name}` are the same");
        bytes
    };
    let (keyring, slots) = (read("keyring"), read("slots"));
    let keys = keyring[33..keyring.len() - 32].chunks(KEY);
    let mut salts: Vec<_> = keys.map(|key| key[21..45].to_vec()).collect();
    let root = 32 + usize::from(slots[31]) * WAY;
    for way in slots[32..root].chunks(WAY) {
        salts.extend([way[11..43].to_vec(), way[75..99].to_vec()]);
    }
    salts.push(slots[root..root + 24].to_vec());
    assert_eq!(slots.len(), root + 72 + 1 + 32 + 32, "one root key and no next one");
    salts
}

fn write_the_same(dir: &Path, engine: Engine, person: ProfileId) {
    let vault = house::open_with(dir, &options(engine)).expect("the vault opens");
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
    // As many as are kept as columns once there was a table of them, and with all others as an index is kept for.
    let add = session.permit(Action::Add, person, "allergy").expect("allowed");
    let allergies: Vec<_> = (0..64).map(|number| json!({"substance": format!("nut {number}")})).collect();
    session.add_many(&add, &allergies, &How::Typed).expect("added");
    assert_eq!(session.table("allergy", &FlatQuery::default()).expect("a table").rows(), 64);
    // Keys and a way to unlock of their own.
    house::person(&session, "Ravi Example");
    session.add_secret(&Secret::passphrase("correct horse battery staple")).expect("another way in");
    vault.put_state(ProfileId::SYSTEM, "job", &json!({"tries": 1}), None).expect("state");
    let read = session.permit(Action::Read, person, "condition").expect("allowed");
    session.list(&read, &Query::default()).expect("read");
    drop(session);
    vault.close().expect("closed");
}

#[test]
fn two_vaults_restored_from_one_copy_that_get_the_same_writes_share_no_salt() {
    for engine in Engine::ON_DISK {
        let home = tempfile::tempdir().expect("a folder");
        let (first, second) = (home.path().join("first"), home.path().join("second"));
        let made = Vault::create(&home.path().join("vault"), &[house::key()], options(engine));
        let vault = made.expect("a new vault").0;
        let person = house::person(&house::operator(&vault), "Asha Example");
        let file = home.path().join("copy.phmb");
        backup::write(&vault, &file).expect("written");
        vault.close().expect("closed");
        for dir in [&first, &second] {
            backup::restore(&file, dir, &house::key(), options(engine)).expect("restored");
        }
        let before: BTreeSet<Vec<u8>> = salts(&first, engine).into_iter().collect();
        let keys = key_salts(&first).len();
        for dir in [&first, &second] {
            write_the_same(dir, engine, person);
            let kept: Vec<bool> = house::files(&dir.join("index")).iter().map(|file| is_columns(file)).collect();
            assert_eq!(kept, [false, true], "{engine:?}: the index and the columns of a table are kept");
            assert!(key_salts(dir).len() >= keys + 4, "{engine:?}: two keys of a person, and a way to unlock with two");
        }
        let (first, second) = (salts(&first, engine), salts(&second, engine));
        let all = first.iter().chain(&second).filter(|salt| !before.contains(*salt));
        let (count, distinct) = (all.clone().count(), all.collect::<BTreeSet<_>>().len());
        assert!(count >= 20, "{engine:?}: {count} bodies were sealed");
        assert_eq!(count, distinct, "{engine:?}: a salt was used twice");
    }
}
