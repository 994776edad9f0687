//! The Merkle tree of RFC 6962 (Certificate Transparency, 2013): its hashes, and the frontier by which it grows.
//!
//! The root says which rows a log has and in which order: changing, moving or leaving out one changes the root.

use super::codec::FormError;
use crate::crypto::digest::{Sha256, sha256};

/// A hash of the tree: SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf whose bytes are `parts`, one behind the other: `SHA-256(0x00 ‖ leaf)`.
pub fn leaf_hash(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[0]);
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root of a tree without leaves: `SHA-256()`.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The right edge of a tree: the hashes of its perfect subtrees, largest first. All that is needed to go on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, hashes: Vec::new() }
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // One carry for every perfect subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            let left = self.hashes.pop().expect("there is a hash for every one in the size");
            hash = node_hash(&left, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev();
        let Some(last) = hashes.next() else { return empty_root() };
        hashes.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The stored form, version 1: `1 · size (8) · hashes (32 each)`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(9 + 32 * self.hashes.len());
        out.push(1);
        out.extend_from_slice(&self.size.to_be_bytes());
        out.extend(self.hashes.iter().flatten());
        out
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormError> {
        let [1, rest @ ..] = bytes else { return Err(FormError) };
        let (size, hashes) = rest.split_first_chunk::<8>().ok_or(FormError)?;
        let size = u64::from_be_bytes(*size);
        let (hashes, []) = hashes.as_chunks::<32>() else { return Err(FormError) };
        if hashes.len() != size.count_ones() as usize {
            return Err(FormError);
        }
        Ok(Self { size, hashes: hashes.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::reference::{ROOTS, hash, leaves, naive, reference, unhex};

    #[test]
    fn roots_match_the_reference_tree() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), hash(ROOTS[0]));
        for (leaf, expected) in reference().into_iter().zip(&ROOTS[1..]) {
            frontier.push(leaf);
            assert_eq!(frontier.root(), hash(expected), "{} leaves", frontier.size());
        }
    }

    #[test]
    fn a_leaf_in_parts_is_the_leaf() {
        assert_eq!(leaf_hash(&[b"20", b"", b"21"]), leaf_hash(&[b"2021"]));
    }

    #[test]
    fn a_frontier_is_stored_as_it_always_was() {
        let mut frontier = Frontier::new();
        for leaf in &reference()[..3] {
            frontier.push(*leaf);
        }
        let stored = frontier.encode();
        let third = "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7";
        assert_eq!(stored, unhex(&format!("01{:016x}{}{third}", 3, ROOTS[2])));
        assert_eq!(Frontier::decode(&stored), Ok(frontier));
    }

    #[test]
    fn a_frontier_that_does_not_add_up_is_refused() {
        let mut frontier = Frontier::new();
        for leaf in reference() {
            frontier.push(leaf);
        }
        let stored = frontier.encode();
        assert!(Frontier::decode(&[]).is_err() && Frontier::decode(&[1]).is_err());
        assert!(Frontier::decode(&stored[..stored.len() - 1]).is_err(), "cut");
        assert!(Frontier::decode(&[&stored[..], &[0; 32]].concat()).is_err(), "too long");
        for (at, byte) in [(0, 2), (0, 0), (8, 9), (1, 1)] {
            let mut bad = stored.clone();
            bad[at] = byte;
            assert!(Frontier::decode(&bad).is_err(), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn a_frontier_agrees_with_the_definition(leaves in leaves(300)) {
            let mut frontier = Frontier::new();
            for leaf in &leaves {
                frontier.push(*leaf);
            }
            prop_assert_eq!(frontier.root(), naive(&leaves));
            prop_assert_eq!(Frontier::decode(&frontier.encode()), Ok(frontier));
        }
    }
}
