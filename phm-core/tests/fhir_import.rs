//! Importing and exporting real files, through a vault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use phm_core::access::Actor;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::exchange::fhir::json::Node;
use phm_core::exchange::fhir::{Found, Origin, Source};
use phm_core::id::ProfileId;
use phm_core::vault::{ExportFormat, ImportInput, ImportReport, ImportRequest, ImportTarget, Options, Session, Vault};

/// A file or folder of the sample data beside the project; without it the test says so and ends.
fn sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !path.exists() {
        eprintln!("SKIPPED: ../shared/data/{name} is not here; nothing was tested");
        return None;
    }
    Some(path)
}

fn vault(dir: &Path) -> Vault {
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    Vault::create(dir, &[Secret::passphrase("correct horse battery")], options).expect("a vault").0
}

fn import(session: &Session, path: &Path) -> ImportReport {
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(path.to_owned())],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    session.import(&request, &mut |_| {}).expect("imported")
}

/// Every resource of an input by identity; of several with one identity the newest, else the last.
fn resources(path: &Path) -> BTreeMap<[u8; 16], Vec<u8>> {
    let mut newest: BTreeMap<[u8; 16], (phm_core::exchange::fhir::Freshness, Vec<u8>)> = BTreeMap::new();
    let source = Source::path(path);
    let read = source.read(&mut |found| {
        if let Found::Resource(entry) = found {
            let origin = Origin { full_url: entry.full_url, resource: entry.bytes };
            let (identity, freshness, _) = origin.facts().expect("a resource");
            let key = *identity.as_bytes();
            let older =
                newest.get(&key).is_some_and(|(have, _)| freshness.compare(have) == Some(std::cmp::Ordering::Less));
            if !older {
                newest.insert(key, (freshness, entry.bytes.to_vec()));
            }
        }
        Ok(())
    });
    read.expect("readable");
    newest.into_iter().map(|(key, (_, bytes))| (key, bytes)).collect()
}

/// Everything that all profiles and the library export, by identity.
fn exported(session: &Session, dir: &Path) -> BTreeMap<[u8; 16], Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut profiles: Vec<ProfileId> =
        session.profiles().expect("people").into_iter().map(|card| card.profile).collect();
    profiles.push(ProfileId::LIBRARY);
    for profile in profiles {
        let path = dir.join(format!("{profile}.json"));
        let mut out = std::io::BufWriter::new(std::fs::File::create(&path).expect("a file"));
        session.export(profile, ExportFormat::FhirBundle, &mut out).expect("exported");
        drop(out);
        all.extend(resources(&path));
    }
    all
}

/// Imports, imports again, exports, and compares every resource as JSON with numbers as written.
fn round_trip(path: &Path, label: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = vault(&dir.path().join("vault"));
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let first = import(&session, path);
    let read: u64 = first.totals.resources.values().sum();
    let counts = first.totals.counts;
    assert_eq!(counts.added + counts.updated + counts.unchanged + counts.older, read, "{label}: each is counted once");
    assert_eq!(counts.conflicts, 0, "{label}");
    let second = import(&session, path).totals.counts;
    assert_eq!((second.added, second.updated, second.conflicts), (0, 0, 0), "{label}: a second import adds nothing");
    let (input, output) = (resources(path), exported(&session, dir.path()));
    for (key, bytes) in &input {
        let back = output.get(key).unwrap_or_else(|| panic!("{label}: a resource is missing: {}", start(bytes)));
        let same = Node::parse(bytes).expect("JSON").same(&Node::parse(back).expect("JSON"));
        assert!(same, "{label}: {} came back as {}", start(bytes), start(back));
    }
    drop(session);
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{label}: {:?}", report.damaged);
}

fn start(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
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
