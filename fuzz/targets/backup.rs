//! A backup file, restored as a person would: whatever it holds, nothing is left of a restore that failed.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use phm_core::backup;
use phm_core::crypto::kdf::Cost;
use phm_core::vault::Options;
use phm_fuzz::{scratch, secret};

/// Made once: the default cost of passphrases is found by trying.
static OPTIONS: LazyLock<Options> = LazyLock::new(|| Options { cost: Cost::FLOOR, ..Options::default() });

fuzz_target!(|data: &[u8]| {
    let (file, dir) = (scratch("backup"), scratch("restored"));
    fs::write(&file, data).expect("written");
    match backup::restore(&file, &dir, secret(), OPTIONS.clone()) {
        Ok(_) => fs::remove_dir_all(&dir).expect("removed"),
        Err(_) => assert!(!dir.exists(), "half a vault is left"),
    }
});
