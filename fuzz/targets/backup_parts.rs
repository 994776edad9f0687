//! The parts of a backup behind its seal and its signatures: section of keys, manifest, inventory, items of the body.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use phm_core::backup;
use phm_fuzz::scratch;

fuzz_target!(|data: &[u8]| {
    let file = scratch("parts");
    fs::write(&file, data).expect("written");
    backup::try_to_read(&file);
});
