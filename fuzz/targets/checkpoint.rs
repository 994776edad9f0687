//! Signed checkpoints and the keys that check them: text that people keep elsewhere and bring back.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use phm_core::audit::{Checkpoint, Verifier, checkpoint};
use phm_core::crypto::secret::CheckpointSeed;
use phm_core::id::LogId;

const LOG: LogId = LogId::from_bytes([5; 16]);

static TRUE: LazyLock<(Verifier, String)> = LazyLock::new(|| {
    let seed = CheckpointSeed::from_bytes([6; 32]);
    (Verifier::new(LOG, seed.public_key()), Checkpoint::new(LOG, 1_000, [7; 32]).sign(&seed))
});

fuzz_target!(|text: &str| {
    let (verifier, note) = &*TRUE;
    if let Ok(read) = checkpoint::read_unverified(text) {
        assert!(!read.origin.is_empty());
    }
    // Witnesses may add lines, but nobody can say anything else in the log's name.
    if let Ok(read) = verifier.verify(text) {
        let signed = note.rsplit_once("\n\n").map(|(signed, _)| signed);
        assert_eq!(text.rsplit_once("\n\n").map(|(signed, _)| signed), signed);
        assert_eq!(read, Checkpoint::new(LOG, 1_000, [7; 32]));
    }
    if let Ok(other) = Verifier::parse(text) {
        assert_eq!(Verifier::parse(&other.to_text()), Ok(other));
    }
});
