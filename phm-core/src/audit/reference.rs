//! The reference tree of Certificate Transparency, and the tree as RFC 6962 defines it, for tests.

use std::convert::Infallible;

use proptest::prelude::*;

use super::tree::{Hash, empty_root, leaf_hash, node_hash};

/// The leaves and roots of the reference tree of Certificate Transparency
/// (`merkletree/merkle_tree_test.cc` in google/certificate-transparency).
pub(super) const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
pub(super) const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

pub(super) fn unhex(text: &str) -> Vec<u8> {
    let digits = |n: usize| u8::from_str_radix(&text[n..n + 2], 16).expect("hex digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

pub(super) fn hash(text: &str) -> Hash {
    unhex(text).try_into().expect("32 bytes")
}

pub(super) fn reference() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&[&unhex(leaf)])).collect()
}

/// `MTH` of RFC 6962 as it is written there.
pub(super) fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive(left), &naive(right))
        }
    }
}

pub(super) fn source(leaves: &[Hash]) -> impl FnMut(u8, u64) -> Result<Hash, Infallible> {
    move |level, index| {
        let from = usize::try_from(index << level).expect("a small tree");
        Ok(naive(&leaves[from..from + (1 << level)]))
    }
}

pub(super) fn leaves(most: usize) -> impl Strategy<Value = Vec<Hash>> {
    (1..most).prop_map(|count| (0..count as u64).map(|n| leaf_hash(&[&n.to_be_bytes()])).collect())
}
