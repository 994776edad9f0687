//! The audit log: every row against the tree, and every full tile.

use std::collections::HashMap;

use super::sum::Sum;
use super::{Verifying, Where, each_row};
use crate::audit::checkpoint::Verifier;
use crate::audit::entry::{Pseudonym, Written};
use crate::audit::tree::{Frontier, Hash, leaf_hash};
use crate::error::{Error, Result};
use crate::id::LogId;
use crate::store::Store as _;
use crate::store::layout::{self, Table};
use crate::vault::ledger::tile_hash;

impl Verifying<'_> {
    /// Checks every row against the tree, and learns what they say about journals.
    pub(super) fn audit(&mut self, log: LogId, size: u64, root: Hash, note: Option<&str>) -> Result<Hash> {
        let checkpoint = match note {
            None => None,
            Some(note) => {
                let seed = self.inner.keys.checkpoint_seed(log)?;
                let verified = Verifier::new(log, seed.public_key())
                    .verify(note)
                    .map_err(|error| Error::new(crate::ErrorKind::Invalid, "invalid-checkpoint", error.to_string()))?;
                Some(verified)
            }
        };
        let mut frontier = Frontier::new();
        let mut fork = checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.size > size);
        let same = |frontier: &Frontier| {
            checkpoint
                .as_ref()
                .is_none_or(|checkpoint| checkpoint.size != frontier.size() || checkpoint.root == frontier.root())
        };
        fork |= !same(&frontier);
        let mut damaged = Vec::new();
        let mut said: HashMap<Pseudonym, Sum> = HashMap::new();
        let mut newest: HashMap<Pseudonym, u64> = HashMap::new();
        let (mut gaps, mut next) = (Vec::new(), 0);
        each_row(self.inner, Table::Audit, log.as_bytes(), |leaf, parts| {
            gaps.extend(next..leaf);
            next = leaf + 1;
            frontier.push(leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
            fork |= !same(&frontier);
            match self.inner.open_audit_row(log, leaf, parts) {
                Ok(row) => {
                    newest.extend(row.entries.iter().filter_map(|entry| Some((entry.subject?, leaf))));
                    for Written { table, pseudonym, seq, commitment } in row.writes() {
                        said.entry(*pseudonym).or_default().add(*table, *seq, commitment);
                    }
                }
                Err(_) => damaged.push((leaf, "seal")),
            }
        })?;
        gaps.extend(next..size);
        for (leaf, reason) in damaged.into_iter().chain(gaps.iter().map(|leaf| (*leaf, "missing"))) {
            self.found(Where::Audit, Some(format!("#{leaf}")), None, reason);
        }
        (self.said, self.newest) = (said, newest);
        if next > size {
            self.found(Where::Audit, Some(format!("#{size}")), None, "order");
        } else if gaps.is_empty() && frontier.root() != root && self.damaged.iter().all(|d| d.place != Where::Audit) {
            self.found(Where::Audit, None, None, "order");
        }
        if fork {
            self.found(Where::Audit, None, None, "fork");
        }
        self.tiles(log)?;
        Ok(root)
    }

    /// Checks that every full tile is there and of its size.
    fn tiles(&mut self, log: LogId) -> Result<()> {
        let (from, to) = layout::rows_of(Table::Tile, log.as_bytes());
        let mut bad = 0;
        let mut children: HashMap<(u8, u64), Hash> = HashMap::new();
        self.inner.store.scan(&from, &to, &mut |(address, value)| {
            let level = address.get(17).copied().unwrap_or_default();
            let number = address.get(18..26).and_then(|n| n.try_into().ok()).map_or(0, u64::from_be_bytes);
            match crate::audit::tiles::Tile::decode(level, number, value) {
                Ok(tile) => {
                    children.insert((level, number), tile.root());
                    for (at, hash) in tile.hashes().iter().enumerate() {
                        let below = match level {
                            0 => self.leaf(log, number * 256 + at as u64).ok(),
                            _ => children.get(&(level - 1, number * 256 + at as u64)).copied(),
                        };
                        bad += u64::from(below.is_some_and(|below| below != *hash));
                    }
                }
                Err(_) => bad += 1,
            }
            true
        })?;
        if bad > 0 {
            self.found(Where::Audit, Some("tile".to_owned()), None, "order");
        }
        Ok(())
    }

    fn leaf(&self, log: LogId, leaf: u64) -> Result<Hash> {
        tile_hash(&self.inner.store, log, 0, leaf)
    }
}
