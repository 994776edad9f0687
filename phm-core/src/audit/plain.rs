//! The plain form of a log, for verifiers that have no key of the vault.
//!
//! A text of lines. Rows stay sealed: whoever reads it sees how many there are, how long each is, and nothing else.
//! After a restore there is more than one log; they stand one behind the other, the oldest first.
//!
//! ```text
//! phm audit log 1                      the first line
//! log <verifier key>                   begins a log: C2SP signed-note, name+key id+key
//! row <base64>                         a sealed row, the next leaf of the tree: its parts one behind the other
//! leaf <base64>                        or only the leaf's hash, SHA-256(0x00 ‖ row)
//! checkpoint                           ends the rows
//! <signed note>                        C2SP tlog-checkpoint over exactly these rows, as it is, with its empty line
//! end
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::Verifier;
use super::tree::{Hash, leaf_hash};

/// The first line of the form.
pub const HEADING: &str = "phm audit log 1\n";

/// How a row is written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rows {
    /// Whole, as it stands sealed in the vault.
    Sealed,
    /// As the hash of its leaf only, which is much shorter.
    Hashes,
}

/// Begins a log.
pub fn begin(verifier: &Verifier) -> String {
    format!("log {}\n", verifier.to_text())
}

/// The next row, from its sealed parts.
pub fn row(parts: &[Vec<u8>], rows: Rows) -> String {
    match rows {
        Rows::Sealed => format!("row {}\n", STANDARD.encode(parts.concat())),
        Rows::Hashes => leaf(&leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())),
    }
}

fn leaf(hash: &Hash) -> String {
    format!("leaf {}\n", STANDARD.encode(hash))
}

/// Ends a log with the checkpoint over its rows.
pub fn end(note: &str) -> String {
    format!("checkpoint\n{note}end\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::checkpoint::Checkpoint;
    use crate::audit::tree::Frontier;
    use crate::crypto::secret::CheckpointSeed;
    use crate::id::LogId;

    /// The sample that the verifiers in `examples/verify-log` are tried on, in Rust and in Python: a log of five rows that
    /// ended, and one of three that continues it. The seeds are 32 times 6 and 7, so that their tests can forge.
    const SAMPLE: &str = include_str!("../../../examples/verify-log/samples/log-1.txt");

    fn log(id: u8, texts: &[&str], rows: Rows, before: Option<&(LogId, u64, Hash)>) -> (String, (LogId, u64, Hash)) {
        let (id, seed) = (LogId::from_bytes([0x40 + id; 16]), CheckpointSeed::from_bytes([id; 32]));
        let mut frontier = Frontier::new();
        let mut text = begin(&Verifier::new(id, seed.public_key()));
        for part in texts {
            let parts = [part.as_bytes().to_vec()];
            frontier.push(leaf_hash(&[part.as_bytes()]));
            text += &row(&parts, rows);
        }
        let checkpoint = Checkpoint::new(id, frontier.size(), frontier.root());
        let note = match before {
            None => checkpoint.sign(&seed),
            Some((log, size, root)) => checkpoint
                .continuing(*log, *size, *root)
                .sign_with_earlier(&seed, &CheckpointSeed::from_bytes([log.as_bytes()[0] - 0x40; 32])),
        };
        (text + &end(&note), (id, frontier.size(), frontier.root()))
    }

    #[test]
    fn the_plain_form_is_the_one_the_verifiers_read() {
        let (old, ended) = log(6, &["one", "two", "three", "four", "five"], Rows::Sealed, None);
        let (new, _) = log(7, &["six", "seven", "eight"], Rows::Hashes, Some(&ended));
        assert_eq!(format!("{HEADING}{old}{new}"), SAMPLE);
    }

    #[test]
    fn a_row_in_parts_is_written_as_one() {
        let parts = [b"on".to_vec(), b"e".to_vec()];
        assert_eq!(row(&parts, Rows::Sealed), row(&[b"one".to_vec()], Rows::Sealed));
        assert_eq!(row(&parts, Rows::Hashes), row(&[b"one".to_vec()], Rows::Hashes));
    }
}
