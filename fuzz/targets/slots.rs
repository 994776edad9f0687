//! The file of the ways in: as it comes, and with a digest that fits.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use phm_core::crypto::digest::sha256;
use phm_core::crypto::slot::{FILES, LockedSlots};
use phm_fuzz::{VAULT, scratch, secret};

fuzz_target!(|data: &[u8]| {
    let dir = scratch("slots");
    fs::create_dir_all(&dir).expect("created");
    for file in [data.to_vec(), [data, &sha256(&[data])].concat()] {
        fs::write(dir.join(FILES[0]), file).expect("written");
        let Ok(slots) = LockedSlots::load(&dir, VAULT) else { continue };
        let listed = slots.list();
        if let Ok(opened) = slots.open(secret()) {
            assert!(listed.iter().any(|slot| slot.number == opened.slot));
        }
    }
});
