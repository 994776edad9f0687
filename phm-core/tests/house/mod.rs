//! Small vaults for the tests that break them: made, opened, filled and copied in a line each.

#![allow(dead_code)] // every test program uses its own part of it

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use phm_core::Result;
use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::store::Engine;
use phm_core::vault::flat::{Batch, Filled, Table, Values};
use phm_core::vault::{
    How, ImportInput, ImportReport, ImportRequest, ImportTarget, Options, Record, Session, Vault, VerifyReport,
};
use serde_json::{Value, json};

/// A key file opens at once; a passphrase would cost half a second each time. It is read once, before any disk fails.
pub fn key() -> Secret {
    static KEY: OnceLock<Secret> = OnceLock::new();
    KEY.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("key");
        fs::write(&path, "0123456789abcdef".repeat(4)).expect("a key file");
        Secret::key_file(&path).expect("64 hex digits")
    })
    .clone()
}

/// The default engine, or the one `PHM_TEST_ENGINE` names: so all these tests can be run on another one.
pub fn options() -> Options {
    let engine = std::env::var("PHM_TEST_ENGINE")
        .map_or(Engine::default(), |name| Engine::on_disk(&name).expect("PHM_TEST_ENGINE names an engine"));
    Options { engine, cost: Cost::FLOOR, ..Options::default() }
}

pub fn create(dir: &Path) -> Vault {
    Vault::create(dir, &[key()], options()).expect("a new vault").0
}

/// Opens the vault. What another thread of the test starts at this moment holds all open files, locks among them, until
/// it has become its own program: then the vault is in use for an instant.
pub fn open(dir: &Path) -> Result<Vault> {
    open_with(dir, &options())
}

pub fn open_with(dir: &Path, options: &Options) -> Result<Vault> {
    let began = Instant::now();
    loop {
        match Vault::open(dir, &key(), options.clone()) {
            Err(error) if error.code() == "in-use" && began.elapsed() < Duration::from_secs(5) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

/// The report on a vault that may be too damaged to be opened.
pub fn inspect(dir: &Path) -> Result<VerifyReport> {
    Vault::inspect(dir, &key(), options(), None)
}

pub fn operator(vault: &Vault) -> Session {
    vault.session(Actor::Operator, "test").expect("the operator may always work")
}

pub fn person(session: &Session, name: &str) -> ProfileId {
    session.add_profile(&json!({"name": {"text": name}}), None).expect("a person").profile
}

pub fn add(session: &Session, profile: ProfileId, kind: &str, body: &Value) -> Record {
    let permit = session.permit(Action::Add, profile, kind).expect("allowed");
    session.add(&permit, body, How::Typed).unwrap_or_else(|error| panic!("{kind}: {error} {:?}", error.details()))
}

pub fn amend(session: &Session, record: &Record, body: &Value) -> Record {
    let permit = session.permit(Action::Amend, record.profile, &record.kind).expect("allowed");
    session.amend(&permit, record.id, record.version, body, How::Typed).expect("amended")
}

pub fn add_document(session: &Session, profile: ProfileId, title: &str, content: &[u8]) -> RecordId {
    let permit = session.permit(Action::Add, profile, "document").expect("allowed");
    let body = json!({"title": title, "category": "other"});
    session.add_document(&permit, &body, &mut &content[..], 1 << 30).expect("added").id
}

pub fn import(session: &Session, path: &Path) -> Result<ImportReport> {
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(path.to_owned())],
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    session.import(&request, &mut |_| ControlFlow::Continue(()))
}

/// The report as one line for a failing test: place, entry, file and reason of each damage.
pub fn damage(report: &VerifyReport) -> String {
    serde_json::to_string(&report.damaged).expect("JSON")
}

/// A file or folder of the sample data beside the project, where it is there.
pub fn sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !path.exists() {
        eprintln!("SKIPPED: ../shared/data/{name} is not here");
        return None;
    }
    Some(path)
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("list") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

/// Every file below a folder, in the same order each time.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("list") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Numbers that look random and are the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| u8::try_from(self.below(256)).expect("a byte")).collect()
    }
}

/// Every cell of a table, row by row.
pub fn cells(table: &Table) -> Vec<Vec<String>> {
    let cell = |column: &Filled, row: usize| match &column.values {
        _ if column.valid.as_ref().is_some_and(|valid| !valid.get(row)) => "-".to_owned(),
        Values::Text(texts) => texts.get(row).to_owned(),
        Values::Word(places, words) => words.get(usize::try_from(places[row]).expect("a place")).to_owned(),
        Values::Integer(all) => all[row].to_string(),
        Values::Number(all) => all[row].to_string(),
        Values::Boolean(all) => all.get(row).to_string(),
    };
    let of_batch = |batch: &Batch| -> Vec<Vec<String>> {
        (0..batch.rows).map(|row| batch.columns.iter().map(|column| cell(column, row)).collect()).collect()
    };
    table.batches.iter().flat_map(of_batch).collect()
}
