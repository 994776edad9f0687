//! Two sets of commitments compared in constant memory.

use crate::crypto::digest::sha256;
use crate::store::layout::Table;

/// A multiset of commitments: equal sums mean equal sets, whatever their order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Sum([u64; 4]);

impl Sum {
    /// Adds what one row commits to.
    pub fn add(&mut self, table: Table, seq: u64, commitment: &[u8; 32]) {
        let hash = sha256(&[&[table as u8], &seq.to_be_bytes(), commitment]);
        let (words, _) = hash.as_chunks::<8>();
        for (lane, word) in self.0.iter_mut().zip(words) {
            *lane = lane.wrapping_add(u64::from_be_bytes(*word));
        }
    }
}
