//! Sealed bodies in parts, and sealed files.
#![no_main]

use std::io::{Cursor, Read as _, Seek as _, SeekFrom};

use libfuzzer_sys::fuzz_target;
use phm_core::crypto::{self, MAX_BODY, MAX_PART, StreamReader};
use phm_fuzz::{FILE, VAULT, key, pieces};

fuzz_target!(|data: &[u8]| {
    let parts = pieces(data, MAX_PART + 1);
    if let Some(first) = parts.first() {
        let _ = crypto::epoch_of(first);
    }
    if let Ok(opened) = crypto::open(key(), b"place", &parts) {
        assert!(opened.plaintext.len() <= MAX_BODY);
        let commitment = opened.commitment();
        let again = crypto::reopen(key(), b"place", &parts).expect("what opened can be sealed again");
        assert_eq!(again.commitment(), commitment);
        assert_eq!(opened.prepare_again().expect("it was short enough once").commitment(), commitment);
    }
    if let Ok(mut file) = StreamReader::open(Cursor::new(data), key(), VAULT, FILE) {
        assert!(file.len() <= data.len() as u64);
        let length = file.len();
        let mut out = Vec::new();
        if file.read_to_end(&mut out).is_ok() {
            assert_eq!(out.len() as u64, length);
        }
        let _ = file.seek(SeekFrom::Start(length / 2)).and_then(|_| file.read(&mut [0; 64]));
    }
});
