//! Erasing and rectifying survive `kill -9` at any moment: the next opening finds the person whole, or goes on until
//! nothing of them is left; everybody else is as they were, and the vault is whole.
//!
//! The short form kills 24 times an engine; `PHM_LONG=1` kills 200 times. `PHM_TEST_ENGINE` names the engine.

mod house;
mod told;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{Keep, Removed, Session, Vault};
use serde_json::json;
use told::told;

const NOTES: u64 = 60;

/// Not a test by itself: the program that erases a person, or rectifies one of their records, and is killed.
#[test]
fn program() {
    let Ok(dir) = std::env::var("PHM_ERASE_DIR") else { return };
    let id = |name: &str| std::env::var(name).ok().map(|text| text.parse::<RecordId>().expect("an id"));
    let profile = ProfileId::from_bytes(*id("PHM_ERASE_PROFILE").expect("set by the test").as_bytes());
    let vault = house::open(Path::new(&dir)).expect("the vault opens");
    let session = house::operator(&vault);
    eprintln!("begin");
    match id("PHM_ERASE_RECORD") {
        None => _ = session.erase_profile(profile).expect("erased"),
        Some(record) => {
            let permit = session.permit(Action::Erase, profile, "document").expect("allowed");
            session.rectify(&permit, record, Keep::Nothing).expect("rectified");
        }
    }
    eprintln!("done");
}

/// A vault with two people, each with notes and a document, that is copied for every kill.
struct Scene {
    home: tempfile::TempDir,
    asha: ProfileId,
    ravi: ProfileId,
    document: RecordId,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let vault = house::create(&home.path().join("whole"));
        let session = house::operator(&vault);
        let mut people = ["Asha Example", "Ravi Example"].map(|name| {
            let person = house::person(&session, name);
            let permit = session.permit(Action::Add, person, "note").expect("allowed");
            let notes: Vec<_> = (0..NOTES).map(|number| json!({ "text": format!("note {number}") })).collect();
            session.add_many(&permit, &notes, &phm_core::vault::How::Typed).expect("added");
            (person, house::add_document(&session, person, "Scan", &vec![7; 100_000]))
        });
        people.sort_by_key(|(person, _)| *person);
        let [(asha, document), (ravi, _)] = people;
        vault.put_state(asha, "plugin", &json!("hers"), None).expect("state");
        drop(session);
        vault.close().expect("closed");
        Self { home, asha, ravi, document }
    }

    fn start(&self, dir: &Path, record: Option<RecordId>) -> Child {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["program", "--exact", "--nocapture"]).env("PHM_ERASE_DIR", dir);
        command.env("PHM_ERASE_PROFILE", self.asha.to_string());
        if let Some(record) = record {
            command.env("PHM_ERASE_RECORD", record.to_string());
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    /// Lets the program work on a copy for a while after it has begun; answers whether it was done before it was killed.
    fn kill(&self, record: Option<RecordId>, after: Option<Duration>) -> (tempfile::TempDir, bool, Duration) {
        use std::io::{BufRead as _, BufReader};
        let dir = tempfile::tempdir_in(self.home.path()).expect("a folder");
        house::copy(&self.home.path().join("whole"), &dir.path().join("vault"));
        let mut child = self.start(&dir.path().join("vault"), record);
        let mut said = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        assert!(said.any(|line| line == "begin"), "the program begins");
        let began = Instant::now();
        if let Some(after) = after {
            std::thread::sleep(after);
            child.kill().expect("killed");
        }
        let done = said.any(|line| line == "done");
        child.wait().expect("ended");
        (dir, done, began.elapsed())
    }
}

fn notes(session: &Session, person: ProfileId) -> phm_core::Result<u64> {
    let permit = session.permit(Action::Read, person, "note")?;
    Ok(session.list(&permit, &Query::default())?.total)
}

fn is_whole(vault: &Vault) {
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{}", house::damage(&report));
    assert!(vault.unfinished().expect("readable").is_none());
}

fn tell(of: &str, before: u32, amid: u32) {
    let (engine, kills) = (house::options().engine.name(), kills());
    told(&format!("{engine}, {of}: {kills} kills, {before} before its intent, {amid} amid it, 0 half done"));
}

fn kills() -> u32 {
    if std::env::var_os("PHM_LONG").is_some() { 200 } else { 24 }
}

#[test]
fn an_erasure_killed_at_any_moment_is_finished_by_the_next_opening() {
    let scene = Scene::new();
    let (_, done, takes) = scene.kill(None, None);
    assert!(done);
    let (mut before, mut amid) = (0, 0);
    for number in 0..kills() {
        let after = takes * number / kills();
        let (dir, done, _) = scene.kill(None, Some(after));
        let dir = dir.path().join("vault");
        let vault = house::open(&dir).expect("the vault opens");
        let session = house::operator(&vault);
        match notes(&session, scene.asha) {
            Ok(all) => {
                assert!(!done, "an erasure that was answered is durable");
                assert_eq!(all, NOTES, "all or nothing");
                let permit = session.permit(Action::Read, scene.asha, "document").expect("allowed");
                session.document(&permit, scene.document).expect("the file is there");
                before += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound);
                assert_eq!(std::fs::read_dir(dir.join("documents")).expect("list").count(), 2, "Ravi's and `incoming`");
                assert_eq!(vault.erasures().expect("a list").len(), 1);
                amid += u32::from(!done);
            }
        }
        assert_eq!(notes(&session, scene.ravi).expect("Ravi's"), NOTES);
        is_whole(&vault);
    }
    tell("erasure", before, amid);
    assert!(amid >= 3, "too few kills fell amid an erasure ({amid})");
}

#[test]
fn a_rectification_killed_at_any_moment_is_finished_by_the_next_opening() {
    let scene = Scene::new();
    let record = Some(scene.document);
    let (_, done, takes) = scene.kill(record, None);
    assert!(done);
    let (mut before, mut amid) = (0, 0);
    for number in 0..kills() {
        let after = takes * number / kills();
        let (dir, done, _) = scene.kill(record, Some(after));
        let dir = dir.path().join("vault");
        let vault = house::open(&dir).expect("the vault opens");
        let session = house::operator(&vault);
        let permit = session.permit(Action::Read, scene.asha, "document").expect("allowed");
        match session.read(&permit, scene.document, Removed::Show) {
            Ok(_) => {
                assert!(!done, "a rectification that was answered is durable");
                session.document(&permit, scene.document).expect("the file is there");
                before += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound);
                assert_eq!(std::fs::read_dir(dir.join("documents")).expect("list").count(), 2);
                amid += u32::from(!done);
            }
        }
        assert_eq!(
            (notes(&session, scene.asha).expect("hers"), notes(&session, scene.ravi).expect("his")),
            (NOTES, NOTES)
        );
        is_whole(&vault);
    }
    tell("rectification", before, amid);
    assert!(amid >= 3, "too few kills fell amid a rectification ({amid})");
}
