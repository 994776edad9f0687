//! What stands inside a sealed block of samples, and inside the directory of a series.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phm_core::vault::doors;

fuzz_target!(|data: &[u8]| doors::samples(data));
