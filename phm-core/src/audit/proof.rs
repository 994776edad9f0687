//! Proofs of the tree: that a row stands in the log, and that a log only grew.
//!
//! Everything here is pure. The hashes of perfect subtrees come from a function `hash(level, index)`, where level 0
//! are the leaves and a subtree of level l with index n covers the leaves `n << l` up to `(n + 1) << l`. Making a proof
//! needs the log; checking one needs only the two roots.

use super::tree::{Hash, empty_root, node_hash};

/// Whether the leaves `from..to` form one perfect subtree, as its level and index.
fn perfect(from: u64, to: u64) -> Option<(u8, u64)> {
    let count = to - from;
    if !count.is_power_of_two() || !from.is_multiple_of(count) {
        return None;
    }
    let level = u8::try_from(count.trailing_zeros()).expect("a u64 has 64 bits");
    Some((level, from >> level))
}

/// How many of `count` leaves, at least two, stand in the left subtree: the largest power of two below `count`.
const fn left_of(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The hash over the leaves `from..to`, where `from` is where a subtree of that size may begin.
fn range_hash<E>(from: u64, to: u64, hash: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    if let Some((level, index)) = perfect(from, to) {
        return hash(level, index);
    }
    let middle = from + left_of(to - from);
    let left = range_hash(from, middle, hash)?;
    Ok(node_hash(&left, &range_hash(middle, to, hash)?))
}

/// The root of the first `size` leaves.
pub fn root<E>(size: u64, mut hash: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 { Ok(empty_root()) } else { range_hash(0, size, &mut hash) }
}

/// The proof that leaf `index` stands in the tree of the first `size` leaves: `PATH` of RFC 6962, 2.1.1.
///
/// `index` must be below `size`; otherwise there is no proof and the answer is empty.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    mut hash: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if index >= size {
        return Ok(proof);
    }
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + left_of(to - from);
        if index < middle {
            proof.push(range_hash(middle, to, &mut hash)?);
            to = middle;
        } else {
            proof.push(range_hash(from, middle, &mut hash)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `old` leaves is the beginning of the tree of the first `new`: `PROOF` of
/// RFC 6962, 2.1.2. Empty when `old` is 0, equals `new`, or is larger.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    mut hash: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut from, mut to) = (0, new);
    // Down to the subtree that ends where the old tree ended.
    while to != old {
        let middle = from + left_of(to - from);
        if old <= middle {
            proof.push(range_hash(middle, to, &mut hash)?);
            to = middle;
        } else {
            proof.push(range_hash(from, middle, &mut hash)?);
            from = middle;
        }
    }
    // When that subtree is the whole old tree, whoever checks has its root already.
    if from > 0 {
        proof.push(range_hash(from, to, &mut hash)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that `leaf` is leaf `index` of the tree with `size` leaves and `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(step, &hash);
            let levels = node.trailing_zeros();
            (node, last) = (shift(node, levels), shift(last, levels));
        } else {
            hash = node_hash(&hash, step);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree with `old` leaves and `old_root` is the beginning of the tree with `new` leaves
/// and `new_root` (RFC 9162, 2.1.4.2).
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    let (first, steps) = if old.is_power_of_two() {
        (old_root, proof)
    } else if let Some((first, steps)) = proof.split_first() {
        (first, steps)
    } else {
        return false;
    };
    let levels = (old - 1).trailing_ones();
    let (mut node, mut last) = (shift(old - 1, levels), shift(new - 1, levels));
    let (mut of_old, mut of_new) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            of_old = node_hash(step, &of_old);
            of_new = node_hash(step, &of_new);
            let levels = node.trailing_zeros();
            (node, last) = (shift(node, levels), shift(last, levels));
        } else {
            of_new = node_hash(&of_new, step);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && of_old == *old_root && of_new == *new_root
}

const fn shift(number: u64, levels: u32) -> u64 {
    if levels < u64::BITS { number >> levels } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::reference::{ROOTS, hash, leaves, naive, reference, source};
    use crate::audit::tree::leaf_hash;

    fn include(leaves: &[Hash], index: u64) -> Vec<Hash> {
        let Ok(proof) = inclusion_proof(index, leaves.len() as u64, source(leaves));
        proof
    }

    fn grow(leaves: &[Hash], old: usize) -> Vec<Hash> {
        let Ok(proof) = consistency_proof(old as u64, leaves.len() as u64, source(leaves));
        proof
    }

    #[test]
    fn inclusion_proofs_match_the_reference_tree() {
        let leaves = reference();
        for (index, size, expected) in [
            (0, 1, vec![]),
            (
                0,
                8,
                vec![
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                5,
                8,
                vec![
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    ROOTS[4],
                ],
            ),
            (2, 3, vec![ROOTS[2]]),
            (
                1,
                5,
                vec![
                    ROOTS[1],
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ] {
            let expected: Vec<Hash> = expected.into_iter().map(hash).collect();
            assert_eq!(include(&leaves[..size], index), expected, "leaf {index} of {size}");
        }
    }

    #[test]
    fn consistency_proofs_match_the_reference_tree() {
        let leaves = reference();
        for (old, size, expected) in [
            (1, 1, vec![]),
            (
                1,
                8,
                vec![
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                vec![
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    ROOTS[4],
                ],
            ),
            (
                2,
                5,
                vec![
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ] {
            let expected: Vec<Hash> = expected.into_iter().map(hash).collect();
            assert_eq!(grow(&leaves[..size], old), expected, "{old} to {size}");
        }
    }

    proptest! {
        #[test]
        fn the_root_agrees_with_the_definition(leaves in leaves(300)) {
            prop_assert_eq!(root(leaves.len() as u64, source(&leaves)), Ok(naive(&leaves)));
        }

        #[test]
        fn a_leaf_is_proven_to_stand_where_it_stands_and_nowhere_else(leaves in leaves(70), at: u64, other: u64) {
            let size = leaves.len() as u64;
            let (index, other) = (at % size, other % (size + 2));
            let (leaf, proof, root) = (leaves[usize::try_from(index).unwrap()], include(&leaves, index), naive(&leaves));
            prop_assert!(verify_inclusion(&leaf, index, size, &proof, &root));
            prop_assert!(other == index || !verify_inclusion(&leaf, other, size, &proof, &root));
            prop_assert!(!verify_inclusion(&leaf, index, size, &proof, &leaf_hash(&[b"another root"])));
            prop_assert!(!verify_inclusion(&leaf_hash(&[b"another leaf"]), index, size, &proof, &root));
            prop_assert!(!verify_inclusion(&leaf, index, size, &[&proof[..], &[root]].concat(), &root));
            prop_assert!(proof.is_empty() || !verify_inclusion(&leaf, index, size, &proof[1..], &root));
        }

        #[test]
        fn growth_is_proven_and_a_rewritten_past_is_noticed(leaves in leaves(70), old: usize, forged: usize) {
            let (size, old) = (leaves.len() as u64, old % leaves.len() + 1);
            let (proof, root) = (grow(&leaves, old), naive(&leaves));
            let old_root = naive(&leaves[..old]);
            prop_assert!(verify_consistency(old as u64, &old_root, size, &root, &proof));
            prop_assert!(verify_consistency(0, &empty_root(), size, &root, &[]));
            let mut past = leaves[..old].to_vec();
            past[forged % old] = leaf_hash(&[b"forged"]);
            prop_assert!(!verify_consistency(old as u64, &naive(&past), size, &root, &proof));
            let mut present = leaves.clone();
            present[forged % old] = leaf_hash(&[b"forged"]);
            prop_assert!(!verify_consistency(old as u64, &old_root, size, &naive(&present), &grow(&present, old)));
            prop_assert!(!verify_consistency(size + 1, &root, size, &root, &[]));
            prop_assert!(!verify_consistency(old as u64, &old_root, size, &root, &[&proof[..], &[root]].concat()));
        }
    }

    #[test]
    fn absurd_sizes_are_refused_without_harm() {
        let any = [7; 32];
        for size in [0, 1, u64::MAX] {
            assert!(!verify_inclusion(&any, size, size, &[any; 80], &any));
            assert!(!verify_inclusion(&any, u64::MAX - 1, u64::MAX, &[any; 80], &any));
            assert!(!verify_consistency(1, &any, u64::MAX, &any, &[any; 80]));
            assert!(!verify_consistency(u64::MAX - 1, &any, u64::MAX, &any, &[any; 80]));
        }
    }
}
