//! What stands inside a sealed piece of kept columns.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phm_core::vault::doors;

fuzz_target!(|data: &[u8]| doors::columns(data));
