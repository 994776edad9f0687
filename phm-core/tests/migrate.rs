//! A vault moved to another storage engine is the same vault: every record, every audit row, every key.

mod house;
#[allow(dead_code)] // these tests do without kills at random
mod powercut;
mod told;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use phm_core::store::{Engine, Generations, Opener, Store as _, StoreError};
use phm_core::vault::{MigrateReport, Options, Vault};
use powercut::{Disk, long, this_test};
use serde_json::json;
use told::told;

fn vault_on(dir: &Path, engine: Engine) {
    let options = Options { engine, ..house::options() };
    let (vault, _) = Vault::create(dir, &[house::key()], options).expect("a new vault");
    let session = house::operator(&vault);
    for name in ["Asha Example", "Ravi Example"] {
        let person = house::person(&session, name);
        for text in ["Asthma", "Gout", "Migraine"] {
            house::add(&session, person, "condition", &json!({"concept": text, "onset": "2019-04"}));
        }
    }
    drop(session);
    vault.close().expect("closed");
}

fn migrate(dir: &Path, to: Engine) -> MigrateReport {
    Vault::migrate_store(dir, &house::key(), to, house::options()).expect("moved")
}

fn open(dir: &Path) -> Vault {
    house::open(dir).expect("the vault opens")
}

/// What stands in the folder's two files that name an engine, in the first line of each that does.
fn named(dir: &Path) -> (String, String) {
    let marker = fs::read_to_string(dir.join("vault.toml")).expect("vault.toml");
    let marker = marker.lines().find_map(|line| line.strip_prefix("engine = ")).expect("an engine").trim_matches('"');
    let current = fs::read_to_string(dir.join("CURRENT")).expect("CURRENT");
    (marker.to_owned(), current.split(' ').nth(1).expect("an engine").to_owned())
}

fn is_whole_on(dir: &Path, engine: Engine) {
    let vault = open(dir);
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{:?}", report.damaged);
    let stats = vault.stats().expect("stats");
    assert_eq!((stats.engine, stats.profiles, stats.kinds.get("condition")), (engine.name(), 2, Some(&6)));
    vault.close().expect("closed");
    assert_eq!(named(dir), (engine.name().to_owned(), engine.name().to_owned()));
    assert_eq!(fs::read_dir(dir.join("store")).expect("list").count(), 1);
}

#[test]
fn a_vault_goes_to_the_other_engine_and_back_with_everything_in_it() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    vault_on(&dir, Engine::Sled);
    let there = migrate(&dir, Engine::Redb);
    assert_eq!((there.from, there.to, there.changed), ("sled", "redb", true));
    assert!(there.rows["journal"] >= 8 && there.rows["audit"] >= 8 && there.audit.size >= 8, "{there:?}");
    is_whole_on(&dir, Engine::Redb);
    // Once more is no mistake: the first answer may have been lost.
    let again = migrate(&dir, Engine::Redb);
    assert_eq!((again.changed, again.to), (false, "redb"));
    assert_eq!(migrate(&dir, Engine::Sled).to, "sled");
    is_whole_on(&dir, Engine::Sled);
}

#[test]
fn a_vault_made_on_redb_works_is_compacted_and_backed_up_like_any_other() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    vault_on(&dir, Engine::Redb);
    let vault = open(&dir);
    vault.compact().expect("compacted");
    phm_core::backup::write(&vault, &home.path().join("backup")).expect("a backup");
    vault.close().expect("closed");
    is_whole_on(&dir, Engine::Redb);
    let restored = home.path().join("restored");
    phm_core::backup::restore(&home.path().join("backup"), &restored, &house::key(), house::options())
        .expect("restored");
    is_whole_on(&restored, Engine::Redb);
}

#[test]
fn a_vault_in_use_is_not_moved() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    vault_on(&dir, Engine::Sled);
    let held = open(&dir);
    let refused = Vault::migrate_store(&dir, &house::key(), Engine::Redb, house::options()).expect_err("in use");
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Busy, "in-use"));
    held.close().expect("closed");
    is_whole_on(&dir, Engine::Sled);
}

#[test]
fn a_move_killed_before_its_switch_or_before_the_marker_is_written_is_found_where_current_says() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    vault_on(&dir, Engine::Sled);
    let marker = fs::read(dir.join("vault.toml")).expect("vault.toml");

    // Killed while the rows were copied, and again with the next `CURRENT` prepared.
    fs::create_dir(dir.join("store/2")).expect("mkdir");
    fs::write(dir.join("store/2/rows.redb"), b"half").expect("write");
    fs::write(dir.join("CURRENT.new"), "2 redb 00000000\n").expect("write");
    is_whole_on(&dir, Engine::Sled);

    // Killed right behind the switch: the marker is the old one and the old rows are still there.
    let store = Generations::open(&dir, Engine::Sled, 1 << 20).expect("the store opens");
    store.migrate(Engine::Redb, |_| Ok::<(), StoreError>(())).expect("moved");
    drop(store);
    assert_eq!(named(&dir), ("sled".to_owned(), "redb".to_owned()));
    assert!(dir.join("store/1/db").exists());
    let inspected = Vault::inspect(&dir, &house::key(), house::options(), None).expect("inspected");
    assert!(inspected.ok, "{:?}", inspected.damaged);
    is_whole_on(&dir, Engine::Redb);

    // Somebody puts an old marker back: the rows are still where they are.
    fs::write(dir.join("vault.toml"), marker).expect("write");
    is_whole_on(&dir, Engine::Redb);
}

#[test]
fn a_creation_killed_on_one_engine_may_be_repeated_on_another() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    fs::create_dir(&dir).expect("mkdir");
    drop(Generations::open(&dir, Engine::Sled, 1 << 20).expect("a store"));
    vault_on(&dir, Engine::Redb);
    is_whole_on(&dir, Engine::Redb);
    let store = Generations::open(&dir, Engine::Sled, 1 << 20).expect("the store opens");
    assert!(store.stats().expect("stats").values > 0);
}

/// A move whose store fails as planned, and how it ended.
fn move_with(dir: &Path, faults: &Faults) -> phm_core::Result<MigrateReport> {
    let faults = faults.clone();
    let opener: Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &faults)) as Box<_>)
    });
    Vault::migrate_store(dir, &house::key(), Engine::Redb, Options { opener, ..house::options() })
}

#[test]
fn a_disk_that_fails_once_during_a_move_is_never_taken_for_damage() {
    let home = tempfile::tempdir().expect("a folder");
    let (sound, dir) = (home.path().join("sound"), home.path().join("vault"));
    vault_on(&sound, Engine::Sled);
    let undisturbed = Faults::default();
    house::copy(&sound, &dir);
    move_with(&dir, &undisturbed).expect("moved");
    let mut failed = 0;
    for (call, step) in [(Call::Scan, 1), (Call::Get, if long() { 1 } else { 7 })] {
        for number in (1..=undisturbed.calls(call)).step_by(step) {
            fs::remove_dir_all(&dir).expect("the last one goes");
            house::copy(&sound, &dir);
            let faults = Faults::default();
            let error = || StoreError::Io(io::Error::other("planned"));
            faults.fail(Fault { call, number, moment: Moment::Before, error });
            match move_with(&dir, &faults) {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Io, "{call:?} {number}: {error:?}");
                    failed += 1;
                }
            }
            let engine = Engine::on_disk(&named(&dir).1).expect("an engine");
            is_whole_on(&dir, engine);
        }
    }
    assert!(failed > 3, "{failed} failures reached the move");
}

/// Not a test by itself: moves the vault of `PHM_MOVE` to the engine `PHM_MOVE_TO` names and says how it went.
#[test]
fn mover() {
    let Some(dir) = std::env::var_os("PHM_MOVE") else { return };
    let to = std::env::var("PHM_MOVE_TO").expect("set by the test");
    let to = Engine::on_disk(&to).expect("an engine");
    match Vault::migrate_store(Path::new(&dir), &house::key(), to, house::options()) {
        Ok(_) => eprintln!("moved"),
        Err(error) => eprintln!("refused {}", error.code()),
    }
}

#[test]
fn a_move_to_redb_on_a_disk_that_dies_at_any_call_leaves_a_whole_vault_and_can_be_repeated() {
    dies_at_any_call(Engine::Sled, Engine::Redb);
}

#[test]
fn a_move_to_sled_on_a_disk_that_dies_at_any_call_leaves_a_whole_vault_and_can_be_repeated() {
    dies_at_any_call(Engine::Redb, Engine::Sled);
}

fn dies_at_any_call(from: Engine, to: Engine) {
    let home = tempfile::tempdir().expect("a folder");
    let sound = home.path().join("vault");
    vault_on(&sound, from);
    let count = home.path().join("calls");
    let start = |disk: &Disk, name: &str, value: &str| {
        let dir = disk.folder().join("vault");
        house::copy(&sound, &dir);
        let mut command = this_test("mover");
        command.env("PHM_MOVE", &dir).env("PHM_MOVE_TO", to.name()).env(name, value);
        disk.start(&mut command).finish().1
    };
    let said = start(&Disk::new(), "PHM_CUT_COUNT", count.to_str().expect("a path"));
    assert!(said.contains(&"moved".to_owned()), "{said:?}");
    let calls: u64 = fs::read_to_string(count).expect("counted").trim().parse().expect("a number");
    let step = if long() { 1 } else { (calls / 24).max(1) };
    // How often the vault was found where it was, and how often where it was to go.
    let mut found = [0, 0];
    for call in (1..=calls).rev().step_by(usize::try_from(step).expect("small")) {
        let disk = Disk::new();
        let said = start(&disk, "PHM_CUT_FAIL", &format!("EIO@{call}+"));
        disk.cut_power();
        let dir = disk.folder().join("vault");
        open(&dir).close().unwrap_or_else(|error| panic!("call {call}: {error}; {said:?}"));
        let engine = Engine::on_disk(&named(&dir).1).expect("an engine");
        is_whole_on(&dir, engine);
        found[usize::from(engine == to)] += 1;
        assert_eq!(migrate(&dir, to).changed, engine == from);
        is_whole_on(&dir, to);
    }
    told(&format!(
        "migration from {} to {}: a disk that dies at {} of {calls} calls: {} times found where it was, {} where it was to \
         go, 0 lost",
        from.name(),
        to.name(),
        found[0] + found[1],
        found[0],
        found[1]
    ));
    assert!(found.iter().all(|times| *times > 0), "{found:?}");
}
