//! What somebody outside does with a proof about the audit log, with nothing of PHM: SHA-256, base64, and the proofs as RFC
//! 6962 defines them (2.1.1 and 2.1.2; the same in RFC 9162), from the definition and not by the steps the core takes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub type Hash = [u8; 32];

pub fn leaf(row: &[u8]) -> Hash {
    Sha256::new().chain_update([0_u8]).chain_update(row).finalize().into()
}

/// The leaf of a row as it stands in an export.
pub fn row(text: &str) -> Hash {
    leaf(&STANDARD.decode(text).expect("base64"))
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1_u8]).chain_update(left).chain_update(right).finalize().into()
}

/// How many of `size` leaves stand in the left subtree: the largest power of two below it.
fn left_of(size: u64) -> u64 {
    size.next_power_of_two() / 2
}

/// The root that a path leads to from leaf `index` of `size`, where it has the length of one.
pub fn inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if size == 1 {
        return path.is_empty().then_some(*leaf);
    }
    let (sibling, path) = path.split_last()?;
    let left = left_of(size);
    Some(if index < left {
        node(&inclusion(leaf, index, left, path)?, sibling)
    } else {
        node(sibling, &inclusion(leaf, index - left, size - left, path)?)
    })
}

/// The roots of the first `old` and of all `new` leaves that a proof of growth leads to, where it has the length of one.
/// `kept` is the root of the old tree, which the proof leaves out as long as it is the left edge of the new one.
pub fn growth(old: u64, new: u64, kept: Option<Hash>, path: &[Hash]) -> Option<(Hash, Hash)> {
    if old == new {
        return match (kept, path) {
            (Some(root), []) => Some((root, root)),
            (None, [root]) => Some((*root, *root)),
            _ => None,
        };
    }
    let (other, path) = path.split_last()?;
    let left = left_of(new);
    if old <= left {
        let (before, now) = growth(old, left, kept, path)?;
        Some((before, node(&now, other)))
    } else {
        let (before, now) = growth(old - left, new - left, None, path)?;
        Some((node(other, &before), node(other, &now)))
    }
}

/// Size and root of a checkpoint; its signature is another matter.
pub fn checkpoint(note: &str) -> (u64, Hash) {
    let mut lines = note.lines().skip(1);
    let size = lines.next().expect("a size").parse().expect("a number");
    (size, base64_hash(lines.next().expect("a root")))
}

/// The index and the path of a C2SP tlog-proof, and the checkpoint behind them.
pub fn tlog_proof(text: &str) -> (u64, Vec<Hash>, &str) {
    let (head, note) = text.split_once("\n\n").expect("a checkpoint behind the proof");
    let path = head.strip_prefix("c2sp.org/tlog-proof@v1\nindex ").expect("the first line, and an index");
    let mut lines = path.lines();
    let index = lines.next().expect("an index").parse().expect("a number");
    (index, lines.map(base64_hash).collect(), note)
}

/// The hashes of a proof in JSON.
pub fn hashes(proof: &Value) -> Vec<Hash> {
    proof["hashes"].as_array().expect("hashes").iter().map(hex_hash).collect()
}

pub fn hex_hash(text: &Value) -> Hash {
    let text = text.as_str().expect("a text");
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two hex digits");
    (0..text.len()).step_by(2).map(byte).collect::<Vec<_>>().try_into().expect("32 bytes")
}

fn base64_hash(text: &str) -> Hash {
    STANDARD.decode(text).expect("base64").try_into().expect("32 bytes")
}
