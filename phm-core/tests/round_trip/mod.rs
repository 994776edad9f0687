//! Importing a file and exporting it again, compared resource by resource; the tests of the appliance use it too.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use phm_core::access::Actor;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::exchange::fhir::json::Node;
use phm_core::exchange::fhir::{Found, Freshness, Origin, Source};
use phm_core::id::ProfileId;
use phm_core::vault::{ExportFormat, ImportInput, ImportReport, ImportRequest, ImportTarget, Options, Session, Vault};

/// A new vault in a folder.
pub fn vault(dir: &Path) -> Vault {
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    Vault::create(dir, &[Secret::passphrase("correct horse battery")], options).expect("a vault").0
}

/// Imports one input, each of its patients as a person.
pub fn import(session: &Session, path: &Path) -> ImportReport {
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(path.to_owned())],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    session.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported")
}

/// Every resource of an input by identity; of several with one identity the newest, else the last.
pub fn resources(path: &Path) -> BTreeMap<[u8; 16], Vec<u8>> {
    let mut newest: BTreeMap<[u8; 16], (Freshness, Vec<u8>)> = BTreeMap::new();
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

/// Imports, imports again, exports, and compares every resource as JSON with numbers as written; answers what was
/// counted at the first import.
pub fn round_trip(path: &Path, label: &str) -> ImportReport {
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
    first
}

fn start(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned()
}
