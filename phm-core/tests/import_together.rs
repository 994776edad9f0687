//! Imports that meet other work: another import, indexes closed for want of room, people without a name, damage.

mod house;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::vault::{ImportInput, ImportReport, ImportRequest, ImportTarget, Options, ProfileCard, Session, Vault};
use serde_json::{Value, json};

fn write(dir: &Path, name: &str, resources: &[Value]) -> PathBuf {
    let path = dir.join(name);
    let lines: Vec<String> = resources.iter().map(Value::to_string).collect();
    std::fs::write(&path, lines.join("\n")).expect("written");
    path
}

fn request(paths: &[&Path]) -> ImportRequest {
    ImportRequest {
        inputs: paths.iter().map(|path| ImportInput::Path(path.to_path_buf())).collect(),
        target: ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    }
}

fn import(session: &Session, paths: &[&Path]) -> ImportReport {
    session.import(&request(paths), &mut |_| ControlFlow::Continue(())).expect("imported")
}

fn conditions(patient: &str, count: u32) -> Vec<Value> {
    let subject = json!({"reference": format!("Patient/{patient}")});
    let one = |n| json!({"resourceType": "Condition", "id": format!("{patient}-{n}"), "subject": subject, "code": {"text": "x"}});
    (0..count).map(one).collect()
}

fn history(patient: &str, count: u32) -> Vec<Value> {
    let who = json!({"resourceType": "Patient", "id": patient, "name": [{"family": patient}]});
    std::iter::once(who).chain(conditions(patient, count)).collect()
}

fn count(session: &Session, profile: ProfileId) -> u64 {
    let read = session.permit(Action::Read, profile, "condition").expect("allowed");
    session.summaries(&read, &Query::default()).expect("a page").total
}

fn cards(session: &Session) -> Vec<ProfileCard> {
    session.profiles().expect("people")
}

#[test]
fn somebody_without_a_name_is_reached_when_a_killed_import_of_several_files_is_taken_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let paths =
        [write(dir.path(), "a.ndjson", &history("a", 300)), write(dir.path(), "b.ndjson", &conditions("b", 300))];
    let paths = paths.each_ref().map(PathBuf::as_path);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.import(&request(&paths), &mut |progress| {
            assert!(progress.done < 300, "killed");
            ControlFlow::Continue(())
        })
    }));
    assert!(died.is_err() && cards(&session).is_empty());
    import(&session, &paths);
    let reached: u64 = cards(&session).iter().map(|card| count(&session, card.profile)).sum();
    assert_eq!(reached, 600);
    assert!(vault.verify(None).expect("verified").ok);
}

#[test]
fn imports_at_the_same_time_bring_nothing_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    // Other bytes each time, the same people and resources.
    let paths: Vec<PathBuf> = (0..4)
        .map(|n| write(dir.path(), &format!("{n}.ndjson"), &[history("a", 300 + n), history("b", 200)].concat()))
        .collect();
    std::thread::scope(|scope| {
        for path in &paths {
            let vault = &vault;
            scope.spawn(move || import(&house::operator(vault), &[path]));
        }
    });
    let session = house::operator(&vault);
    let mut counts: Vec<_> = cards(&session).into_iter().map(|card| (card.name, card.records)).collect();
    counts.sort();
    assert_eq!(counts, [("a".to_owned(), 303), ("b".to_owned(), 200)]);
}

#[test]
fn an_import_is_shown_and_hidden_to_people_whose_index_is_closed() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Options { index_budget: 1, ..house::options() };
    let (vault, _) = Vault::create(&dir.path().join("vault"), &[house::key()], options.clone()).expect("a vault");
    let session = house::operator(&vault);
    let people: Vec<Value> = (0..12).flat_map(|n| history(&format!("p{n:02}"), 40)).collect();
    let path = write(dir.path(), "people.ndjson", &people);
    // Somebody reads all the time: people are opened and closed while the import writes.
    let done = std::sync::atomic::AtomicBool::new(false);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            let reader = house::operator(&vault);
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                for card in cards(&reader) {
                    assert_eq!(card.records, 40, "all of an import or nothing");
                }
            }
        });
        let report = import(&session, &[&path]);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        report
    });
    let each = |session: &Session| cards(session).iter().map(|card| card.records).collect::<Vec<_>>();
    assert_eq!(each(&session), [40; 12]);
    session.undo_import(report.imports[0].import).expect("undone");
    assert!(cards(&session).is_empty());
    import(&session, &[&path]);
    assert_eq!(each(&session), [40; 12]);
    drop(session);
    drop(vault);
    let vault = Vault::open(&dir.path().join("vault"), &house::key(), options).expect("opened");
    assert_eq!(each(&house::operator(&vault)), [40; 12]);
    assert!(vault.verify(None).expect("verified").ok);
}
