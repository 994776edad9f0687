//! Nothing a person writes into a vault is to be found on the disk, in any form, at any time: while the vault is open,
//! after `kill -9`, and after compaction.
//!
//! Canaries are words of twelve random letters. They stand in every field of every public kind, in names and contents of
//! documents and inputs, in an e-mail address, in searches, purposes, state rows, spooled uploads and the passphrase.
//!
//! The control is the same search in a build whose cipher does nothing, and must find them:
//! `cargo test -p phm-core --features null-cipher --test canaries`.

mod bodies;
mod deidentified;
#[path = "../house/mod.rs"]
mod house;
mod search;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bodies::{Canaries, bodies};
use phm_core::access::Action;
use phm_core::backup;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::index::Query;
use phm_core::model::{KindInfo, kinds};
use phm_core::vault::flat::FlatQuery;
use phm_core::vault::{How, Vault};
use serde_json::json;

/// Not a test by itself: the program that fills a vault with canaries, or compacts it, and then waits to be killed.
#[test]
fn program() {
    let Ok(work) = std::env::var("PHM_CANARY_WORK") else { return };
    let home = std::env::var("PHM_CANARY_HOME").expect("set by the test");
    let home = Path::new(&home);
    let seed = std::env::var("PHM_CANARY_SEED").expect("set by the test").parse().expect("a number");
    let mut canaries = Canaries::new(seed);
    let passphrase = Secret::passphrase(&canaries.next());
    let dir = home.join("data");
    let vault = if work == "fill" {
        Vault::create(&dir, &[passphrase], house::options()).expect("a new vault").0
    } else {
        Vault::open(&dir, &passphrase, house::options()).expect("the vault opens")
    };
    let mut in_document = 0;
    match work.as_str() {
        "fill" => in_document = fill(&vault, home, &mut canaries),
        _ => {
            vault.compact().expect("compacted");
            // Counting opens every person, which writes checkpoints of their indexes.
            vault.stats().expect("counted");
            backup::write(&vault, &home.join("backup.phmb")).expect("a backup");
        }
    }
    // Held open, so that an upload is on its way while the disk is looked through.
    let _spool = vault.spool_all(&mut canaries.next().repeat(2_000).as_bytes(), 1 << 20).expect("spooled");
    eprintln!("ready {} {in_document}", canaries.made);
    std::thread::sleep(std::time::Duration::from_mins(5));
}

/// Writes canaries everywhere; answers the number of the one that fills the file of a document.
fn fill(vault: &Vault, home: &Path, canaries: &mut Canaries) -> u64 {
    let session = house::operator(vault);
    let mut person = None;
    for kind in public_kinds() {
        let bodies = bodies(kind, canaries);
        if kind.name == "profile" {
            for body in &bodies {
                person = Some(session.add_profile(body, None).expect("a person").profile);
            }
            continue;
        }
        let profile = person.expect("profiles come first");
        let permit = session.permit(Action::Add, profile, kind.name).expect("allowed");
        session.add_many(&permit, &bodies, &How::Typed).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
    }
    let profile = person.expect("profiles come first");
    let notes: Vec<_> = (0..150).map(|_| json!({"text": canaries.next()})).collect();
    let permit = session.permit(Action::Add, profile, "note").expect("allowed");
    session.add_many(&permit, &notes, &How::Typed).expect("added");
    // A table of them, of which the columns are kept.
    let table = session.table("note", &FlatQuery::default()).expect("a table");
    let is_kept = |file: std::io::Result<fs::DirEntry>| {
        file.expect("a file").path().extension().is_some_and(|ending| ending == "columns")
    };
    assert!(table.rows() >= 150 && fs::read_dir(home.join("data/index")).expect("a folder").any(is_kept));
    let condition = house::add(&session, profile, "condition", &json!({"concept": canaries.next()}));
    house::amend(&session, &condition, &json!({"concept": canaries.next()}));
    let email = format!("{}@example.org", canaries.next());
    let account = json!({"email": email, "name": canaries.next(), "roles": ["patient"]});
    house::add(&session, ProfileId::SYSTEM, "account", &account);
    let patient = json!({
        "resourceType": "Patient", "id": canaries.next(), "name": [{"text": canaries.next()}],
        "telecom": [{"system": "email", "value": canaries.next()}], "text": {"div": canaries.next()},
    });
    let claim = json!({"resourceType": "Claim", "id": "c", "patient": {"reference": format!("Patient/{}", patient["id"].as_str().expect("text"))}, "unknown": canaries.next()});
    let input = home.join(format!("{}.json", canaries.next()));
    let bundle =
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": claim}]});
    fs::write(&input, bundle.to_string()).expect("an input");
    house::import(&session, &input).expect("imported");
    fs::remove_file(input).expect("the input itself is not the vault's");
    let (title, content) = (canaries.next(), canaries.next());
    let in_document = canaries.made;
    house::add_document(&session, profile, &title, content.repeat(10_000).as_bytes());
    vault.put_state(profile, &canaries.next(), &json!({"cursor": canaries.next()}), None).expect("state");
    let purposeful = vault.session(phm_core::access::Actor::Operator, &canaries.next()).expect("a session");
    for word in [canaries.next(), content, title] {
        let query = Query { text: Some(word), ..Query::default() };
        purposeful.timeline(profile, &[], &query).expect("searched");
    }
    in_document
}

fn public_kinds() -> impl Iterator<Item = &'static KindInfo> {
    kinds().iter().filter(|kind| !kind.system)
}

/// The canaries that `fill` puts into the fields of records.
fn in_fields(seed: u64, all: &HashSet<String>) -> HashSet<String> {
    let mut canaries = Canaries::new(seed);
    canaries.next(); // the passphrase
    let mut found = HashSet::new();
    for kind in public_kinds() {
        for body in bodies(kind, &mut canaries) {
            search::look(body.to_string().as_bytes(), all, &mut found);
        }
    }
    found
}

/// A running program and what it has told.
struct Filled {
    child: Child,
    made: u64,
    /// The number of the canary in the file of a document.
    in_document: u64,
}

impl Drop for Filled {
    fn drop(&mut self) {
        // SIGKILL; nothing to do where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(work: &str, home: &Path, seed: u64) -> Filled {
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["program", "--exact", "--nocapture"])
        .env("PHM_CANARY_WORK", work)
        .env("PHM_CANARY_HOME", home)
        .env("PHM_CANARY_SEED", seed.to_string())
        .env("TMPDIR", home.join("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut filled = Filled { child, made: 0, in_document: 0 };
    let mut said = String::new();
    for line in BufReader::new(filled.child.stderr.take().expect("piped")).lines().map_while(Result::ok) {
        if let Some((made, in_document)) = line.strip_prefix("ready ").and_then(|told| told.split_once(' ')) {
            filled.made = made.parse().expect("a number");
            filled.in_document = in_document.parse().expect("a number");
            return filled;
        }
        said += &line;
    }
    panic!("the program said {said}")
}

/// A seed that is another each time.
fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_nanos() % u128::from(u64::MAX)).expect("made to fit")
}

/// The first `count` canaries of a seed.
fn words(seed: u64, count: u64) -> HashSet<String> {
    let mut canaries = Canaries::new(seed);
    (0..count).map(|_| canaries.next()).collect()
}

/// The canary with this number.
fn word(seed: u64, number: u64) -> String {
    let mut canaries = Canaries::new(seed);
    canaries.made = number - 1;
    canaries.next()
}

/// The canaries that were found, and those of them the control must find.
#[cfg_attr(not(feature = "null-cipher"), allow(dead_code))] // only the control asks for single ones
struct Looked {
    in_fields: HashSet<String>,
    in_document: String,
    in_upload: String,
    found: [(&'static str, HashSet<String>); 3],
}

/// Fills, kills, compacts, and looks after each step.
fn look_through() -> Looked {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("tmp")).expect("a folder");
    let seed = seed();
    let filled = start("fill", home.path(), seed);
    let all = words(seed, filled.made);
    let in_fields = in_fields(seed, &all);
    let (in_document, in_upload) = (word(seed, filled.in_document), word(seed, filled.made));
    println!("{} canaries, {} of them in fields of records", all.len(), in_fields.len());
    assert!(in_fields.len() > 300, "{} canaries are few", in_fields.len());
    let live = search::search(home.path(), &all);
    drop(filled);
    let killed = search::search(home.path(), &all);
    let compacted = start("compact", home.path(), seed);
    let after = search::search(home.path(), &all);
    for there in ["data/index", "data/documents", "data/spool"] {
        let files = house::files(&home.path().join(there)).len();
        assert!(files > 0, "there is nothing in {there} to look through");
    }
    drop(compacted);
    let found = [("live", live), ("after kill -9", killed), ("after compaction", after)];
    Looked { in_fields, in_document, in_upload, found }
}

#[cfg(not(feature = "null-cipher"))]
#[test]
fn nothing_that_was_written_is_to_be_found_on_the_disk() {
    for (when, found) in look_through().found {
        assert!(found.is_empty(), "{when}: {} canaries were found", found.len());
    }
}

#[cfg(feature = "null-cipher")]
#[test]
fn control_without_a_cipher_the_same_search_finds_every_field_and_every_file() {
    let looked = look_through();
    for (when, found) in looked.found {
        let missed = looked.in_fields.difference(&found).count();
        println!("{when}: {} canaries found", found.len());
        assert_eq!(missed, 0, "{when}: {missed} of {} canaries in fields were not found", looked.in_fields.len());
        assert!(found.contains(&looked.in_document), "{when}: the canary in a document's file was not found");
        // The next start sweeps what was on its way.
        let upload = found.contains(&looked.in_upload);
        assert!(upload || when == "after compaction", "{when}: the canary in an upload was not found");
    }
}
