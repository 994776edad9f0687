//! The files of a store that opens no more: whatever they hold, looking for rows ends, and no row is longer than one can be.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use phm_core::store::{Carved, MAX_VALUE};
use phm_fuzz::scratch;

fuzz_target!(|data: &[u8]| {
    let dir = scratch("files");
    let store = dir.join("store/1");
    fs::create_dir_all(store.join("blobs")).expect("created");
    for name in ["db", "rows.redb", "blobs/7"] {
        fs::write(store.join(name), data).expect("written");
    }
    let carved = Carved::look(&dir).expect("the files can be read");
    let found: Vec<Vec<u8>> = carved.addresses(&[0], &[u8::MAX]).map(<[u8]>::to_vec).collect();
    for address in found {
        assert!(carved.values(&address).iter().all(|value| value.len() <= MAX_VALUE));
    }
});
