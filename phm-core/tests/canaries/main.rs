//! Nothing a person writes into a vault is to be found on the disk, in any form, at any time: while the vault is open,
//! after `kill -9`, and after compaction.
//!
//! Canaries are words of twelve random letters. They stand in every field of every public kind, in names and contents of
//! documents and inputs, in an e-mail address, in searches, purposes, state rows, spooled uploads and the passphrase.
//!
//! The control is the same search in a build whose cipher does nothing, and must find them:
//! `cargo nextest run -p phm-core --features null-cipher --test canaries`.

mod bodies;
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
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::index::Query;
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
    let fields = if work == "fill" { fill(&vault, home, &mut canaries) } else { 0 };
    if work == "compact" {
        vault.compact().expect("compacted");
    }
    // Held open, so that an upload is on its way while the disk is looked through.
    let _spool = vault.spool_all(&mut canaries.next().repeat(2_000).as_bytes(), 1 << 20).expect("spooled");
    eprintln!("ready {fields} {}", canaries.made);
    std::thread::sleep(std::time::Duration::from_mins(5));
}

/// Writes canaries everywhere; answers how many of them stand in bodies of records and originals.
fn fill(vault: &Vault, home: &Path, canaries: &mut Canaries) -> u64 {
    let kinds = vault.kinds().clone();
    let session = house::operator(vault);
    let mut person = None;
    for kind in kinds.iter().filter(|kind| !kind.system) {
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
    let fields = canaries.made;

    let input = home.join(format!("{}.json", canaries.next()));
    let bundle =
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": claim}]});
    fs::write(&input, bundle.to_string()).expect("an input");
    house::import(&session, &input).expect("imported");
    fs::remove_file(input).expect("the input itself is not the vault's");
    let (title, content) = (canaries.next(), canaries.next());
    house::add_document(&session, profile, &title, content.repeat(10_000).as_bytes());
    vault.put_state(profile, &canaries.next(), &json!({"cursor": canaries.next()}), None).expect("state");
    let purposeful = vault.session(phm_core::access::Actor::Operator, &canaries.next()).expect("a session");
    for word in [canaries.next(), content, title] {
        let query = Query { text: Some(word), ..Query::default() };
        purposeful.timeline(profile, &[], &query).expect("searched");
    }
    fields
}

/// A running program and what it has told.
struct Filled {
    child: Child,
    fields: u64,
    made: u64,
}

impl Drop for Filled {
    fn drop(&mut self) {
        // SIGKILL; nothing to do where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(work: &str, home: &Path, seed: u64) -> Filled {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["program", "--exact", "--nocapture"])
        .env("PHM_CANARY_WORK", work)
        .env("PHM_CANARY_HOME", home)
        .env("PHM_CANARY_SEED", seed.to_string())
        .env("TMPDIR", home.join("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok) {
        if let Some(numbers) = line.strip_prefix("ready ") {
            let mut numbers = numbers.split(' ').map(|number| number.parse().expect("a number"));
            let (fields, made) = (numbers.next().expect("fields"), numbers.next().expect("made"));
            return Filled { child, fields, made };
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

/// Fills, kills, compacts; looks after each step. Answers the canaries found and those that stand in bodies.
fn look_through() -> Vec<(&'static str, HashSet<String>, HashSet<String>)> {
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join("tmp")).expect("a folder");
    let seed = seed();
    let filled = start("fill", home.path(), seed);
    let all = words(seed, filled.made);
    let in_bodies: HashSet<String> =
        words(seed, filled.fields).into_iter().filter(|word| *word != Canaries::new(seed).next()).collect();
    println!("{} canaries, {} of them in bodies", all.len(), in_bodies.len());
    assert!(in_bodies.len() > 200, "{} canaries are few", in_bodies.len());
    let mut found = vec![("live", search::search(home.path(), &all), in_bodies.clone())];
    drop(filled);
    found.push(("killed", search::search(home.path(), &all), in_bodies.clone()));
    let compacted = start("compact", home.path(), seed);
    found.push(("compacted", search::search(home.path(), &all), in_bodies));
    drop(compacted);
    found
}

#[cfg(not(feature = "null-cipher"))]
#[test]
fn nothing_that_was_written_is_to_be_found_on_the_disk() {
    for (when, found, _) in look_through() {
        assert!(found.is_empty(), "{when}: {} canaries were found", found.len());
    }
}

#[cfg(feature = "null-cipher")]
#[test]
fn control_without_a_cipher_the_same_search_finds_every_field() {
    for (when, found, in_bodies) in look_through() {
        let missed = in_bodies.difference(&found).count();
        assert_eq!(missed, 0, "{when}: {missed} of {} canaries in bodies were not found", in_bodies.len());
    }
}
