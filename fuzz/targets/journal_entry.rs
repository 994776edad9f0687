//! What stands inside a sealed journal entry, and inside a chunk of an index checkpoint.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phm_core::vault::doors;

fuzz_target!(|data: &[u8]| {
    doors::journal_entry(data);
    doors::index_chunk(data);
});
