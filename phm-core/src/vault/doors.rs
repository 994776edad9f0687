//! Doors for the fuzz targets in `fuzz/`: parsers of stored bytes that otherwise stand behind a seal.
//!
//! Each door takes whatever it is given, and panics where a parser breaks its promise.

use super::folder::Marker;
use super::{flat, journal, series};
use crate::index::{ProfileIndex, decode_checkpoint, encode_checkpoint};

/// Reads `text` as `vault.toml`.
pub fn marker(text: &str) {
    if let Ok(marker) = Marker::parse(text) {
        assert_eq!(Marker::parse(&marker.text()).ok(), Some(marker), "what was understood is written the same");
    }
}

/// Reads `plaintext` as a journal entry and folds it into an index.
pub fn journal_entry(plaintext: &[u8]) {
    let Ok(entry) = journal::decode(plaintext) else { return };
    let stored = journal::encode(&entry.header, entry.body.as_deref());
    let again = journal::decode(&stored).expect("what was read can be written and read again");
    assert_eq!(again.header, entry.header);
    let mut index = ProfileIndex::default();
    index.fold(1, entry.header);
    assert_eq!(index.last_seq(), 1);
}

/// Reads `chunk` as the first chunk of an index checkpoint; what was folded is written and read again.
pub fn index_chunk(chunk: &[u8]) {
    let mut index = ProfileIndex::default();
    if decode_checkpoint(&mut index, chunk).is_none() {
        return;
    }
    if let Some((stored, last)) = encode_checkpoint(&index, 0, u64::MAX) {
        assert_eq!(last, index.last_seq());
        let mut again = ProfileIndex::default();
        decode_checkpoint(&mut again, &stored).expect("what an index writes reads back");
        assert_eq!((again.last_seq(), again.live()), (index.last_seq(), index.live()));
    }
}

/// The chunk of an index checkpoint that these entries of a journal make, for a seed; `None` where one is no entry.
pub fn index_chunk_of(plaintexts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut index = ProfileIndex::default();
    for (seq, plaintext) in (1..).zip(plaintexts) {
        index.fold(seq, journal::decode(plaintext).ok()?.header);
    }
    encode_checkpoint(&index, 0, u64::MAX).map(|(chunk, _)| chunk)
}

/// Reads `bytes` as a block of samples and as the directory of a series.
pub fn samples(bytes: &[u8]) {
    series::try_to_read(bytes);
}

/// Reads `bytes` as kept columns of laboratory results.
pub fn columns(bytes: &[u8]) {
    flat::door::try_to_read(bytes);
}

/// What is kept of these laboratory results, as the API answers them, for a seed; `None` where one is none.
pub fn columns_of(results: &[serde_json::Value]) -> Option<Vec<u8>> {
    flat::door::stored_of(results)
}
