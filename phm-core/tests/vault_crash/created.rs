//! A vault that was just made, and the power goes.

use crate::house;
use crate::powercut::{Disk, this_test};

/// Not a test by itself: makes a vault, says so, and waits to be killed.
#[test]
fn program_that_has_made_a_vault() {
    if std::env::var_os("PHM_CRASH_CREATED").is_none() {
        return;
    }
    let dir = std::env::var_os("PHM_CUT_ROOT").expect("set by the test");
    let vault = house::create(&std::path::Path::new(&dir).join("a/vault"));
    let person = house::person(&house::operator(&vault), "Asha Example");
    eprintln!("made {person}");
    std::thread::sleep(std::time::Duration::from_mins(1));
}

#[test]
fn a_vault_that_was_just_made_survives_a_power_cut() {
    let disk = Disk::new();
    let mut writer = disk.start(this_test("created::program_that_has_made_a_vault").env("PHM_CRASH_CREATED", "1"));
    writer.wait_for("made");
    let said = writer.kill_after(std::time::Duration::ZERO);
    disk.cut_power();
    let person = said.iter().find_map(|line| line.strip_prefix("made ")).expect("it was made");
    let vault = house::open(&disk.folder().join("a/vault")).expect("it is there with all its keys");
    let people = house::operator(&vault).profiles().expect("listed");
    assert_eq!(people.iter().map(|card| card.profile.to_string()).collect::<Vec<_>>(), [person]);
    assert!(vault.verify(None).expect("verified").ok);
}
