//! Importing and exporting real files, through a vault.

mod round_trip;

use std::path::{Path, PathBuf};

use phm_core::access::Actor;

use round_trip::{import, round_trip, vault};

/// A file or folder of the sample data beside the project; without it the test says so and ends.
fn sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !path.exists() {
        eprintln!("SKIPPED: ../shared/data/{name} is not here; nothing was tested");
        return None;
    }
    Some(path)
}

#[test]
fn synthea_patients_come_back_as_they_went_in() {
    let Some(path) = sample("synthea-r4") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let vault = vault(dir.path());
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let report = import(&session, &path);
    assert_eq!(session.profiles().expect("people").len(), 24);
    assert_eq!(report.totals.resources.values().sum::<u64>(), 5_917);
    assert_eq!(report.totals.resources.len(), 16);
    assert_eq!(report.totals.resources["Observation"], 2_568);
    drop(session);
    vault.close().expect("closed");
    round_trip(&path, "synthea-r4");
}

#[test]
fn a_bulk_export_is_one_import() {
    let Some(path) = sample("bulk-10-patients") else { return };
    round_trip(&path, "bulk-10-patients");
}

#[test]
fn every_example_of_the_specification_survives_a_vault_of_its_own() {
    let Some(path) = sample("r4-examples.tar.gz") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let file = std::fs::File::open(&path).expect("the archive");
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(dir.path()).expect("unpacked");
    let mut files: Vec<_> = walk(dir.path());
    files.sort();
    assert!(files.len() > 400);
    // In the short form every tenth; all of them with PHM_LONG=1.
    let step = if std::env::var_os("PHM_LONG").is_some() { 1 } else { 10 };
    for file in files.iter().step_by(step) {
        round_trip(file, &file.file_name().expect("a name").to_string_lossy());
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
