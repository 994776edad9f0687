//! The audit log damaged: a vault that is refused for it still gets a whole report.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use phm_core::ErrorKind;
use phm_core::id::ProfileId;
use phm_core::store::layout::Table;
use phm_core::vault::{Damage, Where};
use serde_json::json;

use crate::house;
use crate::sound::{self, overwrite, rows};
use crate::{flipped, names, number};

pub struct Long {
    home: tempfile::TempDir,
    pub dir: PathBuf,
}

/// A vault whose log has a full tile and some rows behind it.
pub fn long() -> Long {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    sound::make(&dir);
    let vault = house::open(&dir).expect("the vault opens");
    for tries in 0..260 {
        vault.put_state(ProfileId::SYSTEM, "job", &json!({ "tries": tries }), None).expect("state");
    }
    vault.close().expect("closed");
    Long { home, dir }
}

fn named(damaged: &[Damage], entry: &str, reason: &str) -> bool {
    damaged.iter().any(|one| one.place == Where::Audit && one.entry.as_deref() == Some(entry) && one.reason == reason)
}

#[test]
fn a_full_tile_that_is_gone_or_changed_is_named() {
    let long = long();
    let tiles = rows(&long.dir, Table::Tile);
    let [(address, tile)] = tiles.as_slice() else { panic!("{} tiles", tiles.len()) };
    for (change, reason) in [(None, "missing"), (Some(flipped(tile, 12_345)), "order")] {
        let dir = long.home.path().join(reason);
        house::copy(&long.dir, &dir);
        overwrite(&dir, [(address.clone(), change)]);
        // Opening needs the tile, but not what it says.
        assert_eq!(house::open(&dir).is_err(), reason == "missing");
        let report = house::inspect(&dir).expect("a report");
        assert!(named(&report.damaged, "tile 0/0", reason), "{}", house::damage(&report));
        assert_eq!(report.damaged.len(), 1, "{}", house::damage(&report));
    }
}

#[test]
fn a_vault_that_lost_audit_rows_is_refused_and_everything_else_is_reported_all_the_same() {
    let long = long();
    let audit = rows(&long.dir, Table::Audit);
    let (journal, value) = rows(&long.dir, Table::Journal).remove(2);
    let gone = [&audit[3].0, &audit[audit.len() - 2].0];
    let changes = gone.iter().map(|address| ((*address).clone(), None));
    overwrite(&long.dir, changes.chain([(journal.clone(), Some(flipped(&value, 999)))]));
    assert_eq!(house::open(&long.dir).expect_err("refused").kind(), ErrorKind::Corrupt);
    let report = house::inspect(&long.dir).expect("a report");
    for address in gone {
        assert!(named(&report.damaged, &format!("#{}", number(address)), "missing"), "{}", house::damage(&report));
    }
    assert!(names(&report.damaged, Where::Journal, number(&journal)), "{}", house::damage(&report));
    assert!(report.audit.size > 260 && report.entries > 10 && report.profiles == 3);
}

#[test]
fn a_log_without_its_head_or_behind_the_heads_file_is_reported() {
    let long = long();
    let log = rows(&long.dir, Table::Audit)[0].0[1..17].to_vec();
    let (head, value) =
        rows(&long.dir, Table::Head).into_iter().find(|(address, _)| address[1..17] == log).expect("the log's head");
    for (change, reason) in [(None, "missing"), (Some(flipped(&value, 500)), "seal")] {
        let dir = long.home.path().join(reason);
        house::copy(&long.dir, &dir);
        overwrite(&dir, [(head.clone(), change)]);
        let report = house::inspect(&dir).expect("a report");
        assert!(named(&report.damaged, "head", reason), "{}", house::damage(&report));
    }
    let old = long.home.path().join("old");
    sound::make(&old);
    let vault = house::open(&old).expect("the vault opens");
    vault.close().expect("closed");
    let before = long.home.path().join("before");
    house::copy(&old, &before);
    house::person(&house::operator(&house::open(&old).expect("the vault opens")), "Newcomer Example");
    fs::remove_dir_all(old.join("store")).expect("removed");
    house::copy(&before.join("store"), &old.join("store"));
    assert_eq!(house::open(&old).expect_err("refused").kind(), ErrorKind::Corrupt);
    let size = house::inspect(&before).expect("a report").audit.size;
    let report = house::inspect(&old).expect("a report");
    assert!(named(&report.damaged, &format!("#{size}"), "truncated"), "{}", house::damage(&report));
}

#[test]
fn inspecting_a_sound_vault_finds_nothing_and_changes_nothing_of_what_it_keeps() {
    let long = long();
    // The engine's files and the lock may change; what they hold does not.
    let kept = || -> BTreeMap<PathBuf, Vec<u8>> {
        let (engine, lock) = (long.dir.join("store"), long.dir.join("lock"));
        let files = house::files(&long.dir).into_iter().filter(|path| !path.starts_with(&engine) && *path != lock);
        files.map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
    };
    let all_rows = || Table::ALL.map(|table| rows(&long.dir, table));
    let before = (kept(), all_rows());
    let report = house::inspect(&long.dir).expect("a report");
    assert!(report.ok, "{}", house::damage(&report));
    assert!((kept(), all_rows()) == before, "something was changed");
    let vault = house::open(&long.dir).expect("the vault opens");
    assert_eq!(vault.verify(None).expect("verified").audit.root, report.audit.root);
    assert_eq!(house::inspect(&long.dir).expect_err("held").code(), "in-use");
}
