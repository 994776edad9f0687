//! A backup that is killed at any moment.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use phm_core::backup::{self, Order};

use crate::house;
use crate::told::told;

const CHILD: &str = "PHM_BACKUP_CHILD";

/// The other process of the test below: writes backups, each continuing the one before, until it is killed.
#[test]
fn writes_backups_where_it_is_told_to() {
    let Some(home) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let vault = house::open(&home.join("vault")).expect("the vault opens");
    let mut before = None;
    for number in 0.. {
        let file = home.join(format!("backups/{number:05}.phmb"));
        backup::make(&vault, &file, &Order { since: before.take(), ..Order::default() }).expect("written");
        before = (number % 3 != 2).then_some(file);
    }
}

#[test]
fn whatever_moment_a_backup_is_killed_at_no_half_one_is_taken_for_one() {
    let rounds = if std::env::var_os("PHM_LONG").is_some() { 60 } else { 5 };
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let mut dice = house::Dice::new(11);
    house::add_document(&session, asha, "Scan", &dice.bytes(4 << 20));
    drop(session);
    vault.close().expect("closed");
    let (mut left, mut whole) = (0, 0);
    for _ in 0..rounds {
        let folder = home.path().join("backups");
        fs::create_dir_all(&folder).expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "killed::writes_backups_where_it_is_told_to", "--nocapture"])
            .env(CHILD, home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        while fs::read_dir(&folder).expect("list").next().is_none() {
            assert!(child.try_wait().expect("asked").is_none(), "it wrote nothing and ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(dice.below(400)));
        child.kill().expect("killed");
        child.wait().expect("ended");
        for path in house::files(&folder) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with('.') {
                assert!(path.extension().is_some_and(|ending| ending == "part"), "{name}");
                left += 1;
            } else {
                assert!(backup::drill(&path, &house::key(), house::options()).expect(&name).ok);
                whole += 1;
            }
        }
        let opened = house::open(&home.path().join("vault")).expect("the vault opens");
        assert!(opened.verify(None).expect("verified").ok);
        opened.close().expect("closed");
        fs::remove_dir_all(&folder).expect("removed");
    }
    told(&format!(
        "{}, backups: {rounds} kills, {whole} whole files, {left} half-written ones under their temporary names, 0 lost",
        house::options().engine.name()
    ));
}
