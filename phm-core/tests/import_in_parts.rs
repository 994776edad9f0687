//! Imports about a great many people are shown and taken back in parts, and yet as a whole: not killed in between, and
//! not met by another import in between.

mod house;

use std::io::ErrorKind::Other;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use phm_core::ErrorKind;
use phm_core::access::Actor;
use phm_core::id::{ProfileId, RecordId};
use phm_core::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use phm_core::store::layout::Table;
use phm_core::store::{Batch, Opener, Row, Store, StoreError, StoreStats};
use phm_core::vault::{ImportInput, ImportRequest, ImportTarget, Options, Session, Vault};
use serde_json::{Value, json};

/// More than are shown or hidden at once.
const PEOPLE: usize = 600;

/// So many people, everybody with a condition; the first has `more`.
fn people(dir: &Path, name: &str, more: usize) -> PathBuf {
    let mut lines = Vec::new();
    for n in 0..PEOPLE {
        let id = format!("p{n:03}");
        let who: Value = json!({"resourceType": "Patient", "id": id, "name": [{"family": id}]});
        lines.push(who.to_string());
        let conditions = if n == 0 { 1 + more } else { 1 };
        for number in 0..conditions {
            let subject = json!({"reference": format!("Patient/{id}")});
            let condition = json!({
                "resourceType": "Condition", "id": format!("{id}-{number}"), "subject": subject, "code": {"text": "x"},
            });
            lines.push(condition.to_string());
        }
    }
    let path = dir.join(name);
    std::fs::write(&path, lines.join("\n")).expect("written");
    path
}

fn shown(session: &Session) -> usize {
    session.profiles().expect("people").len()
}

fn state(session: &Session) -> String {
    session.imports().expect("imports").first().map(|import| import.state.clone()).unwrap_or_default()
}

/// Options for a vault whose store fails as planned.
fn failing(faults: &Faults) -> Options {
    let sharing = faults.clone();
    let opener: Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
    });
    Options { opener, ..house::options() }
}

/// Lets the `number`th commit from now on fail, in turn before and after its effect.
fn fail_commit(faults: &Faults, number: u64) {
    let moment = if number.is_multiple_of(2) { Moment::Before } else { Moment::After };
    faults.fail(Fault { call: Call::Commit, number, moment, error: || StoreError::Io(Other.into()) });
}

/// How many people show in a vault that nobody has gone on with yet.
fn shown_as_it_fell(home: &Path) -> usize {
    let only_reads = Options { read_only: true, ..house::options() };
    let as_it_fell = house::open_with(home, &only_reads).expect("opens for reading");
    let count = shown(&house::operator(&as_it_fell));
    as_it_fell.close().expect("closed");
    count
}

/// A vault with an account, into which an import for that account fails at its `fail`th commit; who the account is, and
/// whether the import came to its end.
fn import_failing(dir: &Path, input: &Path, fail: u64) -> (RecordId, bool) {
    let faults = Faults::default();
    let (vault, _) = Vault::create(dir, &[house::key()], failing(&faults)).expect("a vault");
    let session = house::operator(&vault);
    let account = json!({"email": "asha@example.org", "name": "Asha", "roles": ["patient"]});
    let owner = house::add(&session, ProfileId::SYSTEM, "account", &account).id;
    fail_commit(&faults, fail);
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(input.to_owned())],
        target: ImportTarget::NewProfiles,
        owner: Some(owner),
        dry_run: false,
        accept_other_patient: false,
    };
    let failed = session.import(&request, &mut |_| ControlFlow::Continue(())).err();
    assert!(failed.as_ref().is_none_or(|error| error.kind() == ErrorKind::Io), "{failed:?}");
    (owner, failed.is_none())
}

#[test]
fn an_import_about_many_people_that_dies_while_it_is_shown_is_shown_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let input = people(dir.path(), "people.ndjson", 0);
    let (mut in_part, mut commit) = (0, 0);
    loop {
        commit += 1;
        let home = dir.path().join(commit.to_string());
        let (owner, whole) = import_failing(&home, &input, commit);
        let fell = shown_as_it_fell(&home);
        let vault = house::open(&home).expect("the vault opens");
        let session = house::operator(&vault);
        let imports = session.imports().expect("imports");
        if fell == 0 {
            // The first commit begins the import; where even that is missing there is none.
            assert!(imports.iter().all(|import| import.state == "failed"), "commit {commit}");
            assert_eq!(shown(&session), 0, "commit {commit}");
        } else {
            in_part += usize::from(fell < PEOPLE);
            assert_eq!((imports[0].state.as_str(), shown(&session)), ("done", PEOPLE), "commit {commit}");
            assert!(imports[0].path.ends_with("people.ndjson"), "{}", imports[0].path);
            let member = vault.session(Actor::Person { account: owner }, "test").expect("a session");
            assert_eq!(shown(&member), PEOPLE, "commit {commit}: everybody has the owner");
        }
        assert!(vault.verify(None).expect("verified").ok, "commit {commit}");
        if whole {
            break;
        }
    }
    assert!(in_part > 0 && commit > 8, "{in_part} of {commit} imports were shown in part");
}

/// Takes the import of the vault in `dir` back and fails at the `fail`th commit; whether it came to its end.
fn undo_failing(dir: &Path, fail: u64) -> bool {
    let faults = Faults::default();
    let vault = house::open_with(dir, &failing(&faults)).expect("the vault opens");
    let session = house::operator(&vault);
    let import = session.imports().expect("imports")[0].import;
    fail_commit(&faults, fail);
    let failed = session.undo_import(import).err();
    assert!(failed.as_ref().is_none_or(|error| error.kind() == ErrorKind::Io), "{failed:?}");
    failed.is_none()
}

#[test]
fn an_import_about_many_people_that_dies_while_it_is_taken_back_is_taken_back_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let sound = dir.path().join("sound");
    let vault = house::create(&sound);
    house::import(&house::operator(&vault), &people(dir.path(), "people.ndjson", 0)).expect("imported");
    vault.close().expect("closed");
    let (mut in_part, mut commit) = (0, 0);
    loop {
        commit += 1;
        let home = dir.path().join(commit.to_string());
        house::copy(&sound, &home);
        let whole = undo_failing(&home, commit);
        let fell = shown_as_it_fell(&home);
        let vault = house::open(&home).expect("the vault opens");
        let session = house::operator(&vault);
        if fell == PEOPLE {
            assert_eq!((state(&session).as_str(), shown(&session)), ("done", PEOPLE), "commit {commit}");
        } else {
            in_part += usize::from(fell > 0);
            assert_eq!((state(&session).as_str(), shown(&session)), ("undone", 0), "commit {commit}");
            let import = session.imports().expect("imports")[0].import;
            let again = session.undo_import(import).expect_err("there is nothing left to take back");
            assert_eq!(again.kind(), ErrorKind::NotFound, "nobody of it is left");
        }
        assert!(vault.verify(None).expect("verified").ok, "commit {commit}");
        if whole {
            break;
        }
    }
    assert!(in_part > 0 && commit > 3, "{in_part} of {commit} imports were taken back in part");
}

/// How long a part waits for the other import to make its plan.
const HELD: Duration = Duration::from_secs(3);

/// Holds back one of the commits that show or hide people in parts, and says when that stands at the door.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Option<Set>>>);

struct Set {
    /// How many such commits come until the one that is held back.
    left: usize,
    told: SyncSender<()>,
}

impl Gate {
    /// For the `number`th from now on; the answer hears of it.
    fn set(&self, number: usize) -> Receiver<()> {
        let (told, hears) = sync_channel(1);
        *self.0.lock().expect("whole") = Some(Set { left: number, told });
        hears
    }

    fn pass(&self, batch: &Batch) {
        let of = |table: Table| batch.put.iter().filter(move |(address, _)| address[0] == table as u8).count();
        // Parts are many entries about people and not one resource.
        if of(Table::Journal) < 50 || of(Table::Origin) > 0 {
            return;
        }
        let mut waiting = self.0.lock().expect("whole");
        let Some(set) = waiting.as_mut() else { return };
        set.left -= 1;
        if set.left == 0 {
            set.told.send(()).expect("somebody waits for it");
            *waiting = None;
            drop(waiting);
            std::thread::sleep(HELD);
        }
    }
}

struct Gated {
    inner: Box<dyn Store>,
    gate: Gate,
}

impl Store for Gated {
    fn get(&self, address: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(address)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut dyn FnMut(Row<'_>) -> bool) -> Result<(), StoreError> {
        self.inner.scan(from, to, visit)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.gate.pass(&batch);
        self.inner.commit(batch)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.inner.stats()
    }
}

/// A vault behind a gate.
fn gated(dir: &Path) -> (Vault, Gate) {
    let gate = Gate::default();
    let kept = gate.clone();
    let opener: Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(Gated { inner: engine.open(dir, cache)?, gate: kept.clone() }) as Box<_>)
    });
    let (vault, _) = Vault::create(dir, &[house::key()], Options { opener, ..house::options() }).expect("a vault");
    (vault, gate)
}

/// Imports `input` while the `number`th part of `work` is not committed yet; how much that added.
fn meanwhile(vault: &Vault, gate: &Gate, number: usize, input: &Path, work: impl FnOnce(&Session)) -> u64 {
    let stands = gate.set(number);
    std::thread::scope(|scope| {
        let other = scope.spawn(move || {
            stands.recv_timeout(Duration::from_mins(2)).expect("a part");
            let session = house::operator(vault);
            house::import(&session, input).expect("imported").totals.counts.added
        });
        work(&house::operator(vault));
        other.join().expect("imported")
    })
}

#[test]
fn an_import_that_begins_while_another_is_shown_in_parts_makes_nobody_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let (first, second) = (people(dir.path(), "1.ndjson", 0), people(dir.path(), "2.ndjson", 1));
    let (vault, gate) = gated(&dir.path().join("vault"));
    let added = meanwhile(&vault, &gate, 2, &second, |session| {
        house::import(session, &first).expect("imported");
    });
    assert_eq!((added, shown(&house::operator(&vault))), (1, PEOPLE));
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn an_import_that_begins_while_another_is_taken_back_brings_everybody_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let (first, second) = (people(dir.path(), "1.ndjson", 0), people(dir.path(), "2.ndjson", 1));
    let (vault, gate) = gated(&dir.path().join("vault"));
    let import = house::import(&house::operator(&vault), &first).expect("imported").imports[0].import;
    let added = meanwhile(&vault, &gate, 1, &second, |session| session.undo_import(import).expect("undone"));
    assert_eq!((added, shown(&house::operator(&vault))), (2 * PEOPLE as u64 + 1, PEOPLE));
    assert!(vault.verify(None).expect("verified").ok);
}
