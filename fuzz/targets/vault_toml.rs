//! The marker of a vault's folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phm_core::vault::doors;

fuzz_target!(|text: &str| doors::marker(text));
