//! The audit log: every row against the tree, and every full tile.

use std::collections::{BTreeSet, HashMap};

use super::sum::Sum;
use super::{Verifying, Where, each_row, span};
use crate::audit::checkpoint::Verifier;
use crate::audit::entry::{Pseudonym, Written};
use crate::audit::tiles::{Tile, WIDTH};
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
        let mut newest: HashMap<Pseudonym, (u64, u64)> = HashMap::new();
        let (mut gaps, mut beyond, mut next) = (Vec::new(), Vec::new(), 0);
        each_row(&self.inner.store, Table::Audit, log.as_bytes(), |leaf, parts| {
            if leaf >= size {
                // An address can say anything; nothing is counted up to it.
                beyond.push(leaf);
                return;
            }
            gaps.extend(span(next..leaf));
            next = leaf + 1;
            frontier.push(leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
            fork |= !same(&frontier);
            match self.inner.open_audit_row(log, leaf, parts) {
                Ok(row) => {
                    for subject in row.entries.iter().filter_map(|entry| entry.subject) {
                        let (last, count) = newest.entry(subject).or_default();
                        (*last, *count) = (leaf, *count + 1);
                    }
                    for Written { table, pseudonym, seq, commitment } in row.writes() {
                        said.entry(*pseudonym).or_default().add(*table, *seq, commitment);
                    }
                }
                Err(_) => damaged.push((leaf, "seal")),
            }
        })?;
        gaps.extend(span(next..size));
        damaged.extend(beyond.into_iter().map(|leaf| (leaf, "order")));
        for (leaf, reason) in damaged {
            self.found(Where::Audit, Some(format!("#{leaf}")), None, reason);
        }
        for gap in gaps {
            self.found(Where::Audit, Some(gap), None, "missing");
        }
        (self.said, self.newest) = (said, newest);
        if frontier.root() != root && self.log_is_whole() {
            self.found(Where::Audit, None, None, "order");
        }
        if fork {
            self.found(Where::Audit, None, None, "fork");
        }
        Ok(root)
    }

    /// Checks that every full tile is there, and that it holds the hashes it should.
    pub(super) fn tiles(&mut self, log: LogId, size: u64) -> Result<()> {
        let mut missing = BTreeSet::new();
        let (mut level, mut full) = (0, size / WIDTH as u64);
        while full > 0 {
            missing.extend((0..full).map(|number| (level, number)));
            (level, full) = (level + 1, full / WIDTH as u64);
        }
        let (from, to) = layout::rows_of(Table::Tile, log.as_bytes());
        let mut wrong = Vec::new();
        let mut children: HashMap<(u8, u64), Hash> = HashMap::new();
        self.inner.store.scan(&from, &to, &mut |(address, value)| {
            let level = address.get(17).copied().unwrap_or_default();
            let number = address.get(18..26).and_then(|n| n.try_into().ok()).map_or(0, u64::from_be_bytes);
            let expected = missing.remove(&(level, number));
            // Looked into only where one belongs: the number of any other may be too large to count with.
            let right = expected
                && Tile::decode(level, number, value).is_ok_and(|tile| {
                    children.insert((level, number), tile.root());
                    (number * WIDTH as u64..).zip(tile.hashes()).all(|(at, hash)| {
                        let below = match level {
                            0 => self.leaf(log, at).ok(),
                            _ => children.get(&(level - 1, at)).copied(),
                        };
                        below.is_none_or(|below| below == *hash)
                    })
                });
            if !right {
                wrong.push((level, number, "order"));
            }
            true
        })?;
        wrong.extend(missing.into_iter().map(|(level, number)| (level, number, "missing")));
        for (level, number, reason) in wrong {
            self.found(Where::Audit, Some(format!("tile {level}/{number}")), None, reason);
        }
        Ok(())
    }

    fn leaf(&self, log: LogId, leaf: u64) -> Result<Hash> {
        tile_hash(&self.inner.store, log, 0, leaf)
    }
}
