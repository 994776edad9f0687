//! Going through all rows of a series once, in order of their numbers: do they fit together, and what is in them.

use std::collections::{BTreeMap, HashMap};

use super::block::{Stored, decode};
use super::directory::{Directory, Shelved};
use super::rows::{DIRECTORY, Rows, entry_of};
use super::stub::{Commitment, Stub};
use crate::crypto::Opened;
use crate::time::Instant;

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Checked {
    merged: u64,
    /// Whether there is a directory that does not open: then nobody knows which blocks there should be.
    blind: bool,
    /// The blocks the directory knows and that have not been seen.
    blocks: BTreeMap<u64, Shelved>,
    found: HashMap<u64, Found>,
}

#[derive(Clone, Copy)]
struct Found {
    count: u64,
    from: i64,
    to: i64,
    commitment: Commitment,
}

impl Checked {
    /// Takes the next row; the error is the reason that it does not fit.
    pub fn row(&mut self, rows: &Rows<'_>, number: u64, opened: &Opened) -> Result<(), &'static str> {
        if number == DIRECTORY {
            let Directory { merged, blocks, .. } = Directory::decode(&opened.plaintext).ok_or("seal")?;
            self.merged = merged;
            self.blocks = blocks.into_iter().map(|block| (block.number, block)).collect();
            return Ok(());
        }
        if let Some(seq) = entry_of(number) {
            let samples = rows.delta(seq, opened).map_err(|_| "seal")?;
            if seq <= self.merged {
                return Err("order");
            }
            self.take(&samples);
            return Ok(());
        }
        let known = self.blocks.remove(&number);
        if !self.blind && known.is_none_or(|known| known.commitment != opened.commitment()) {
            return Err("order");
        }
        self.take(&decode(&opened.plaintext).ok_or("seal")?);
        Ok(())
    }

    /// Takes a row that does not open.
    pub fn unreadable(&mut self, number: u64) {
        self.blind |= number == DIRECTORY;
        self.blocks.remove(&number);
    }

    fn take(&mut self, samples: &[Stored]) {
        for sample in samples {
            let start = Found { count: 0, from: sample.at, to: sample.at, commitment: Commitment::default() };
            let found = self.found.entry(sample.source).or_insert(start);
            found.count += 1;
            found.from = found.from.min(sample.at);
            found.to = found.to.max(sample.at);
            found.commitment.add(sample);
        }
    }

    /// The blocks that should have come.
    pub fn missing(&self) -> impl Iterator<Item = u64> {
        self.blocks.keys().copied()
    }

    /// What each entry's samples come to.
    pub fn found(self) -> HashMap<u64, Stub> {
        let stub = |found: Found| Stub {
            count: found.count,
            from: Instant::from_millis(found.from),
            to: Instant::from_millis(found.to),
            commitment: found.commitment,
        };
        self.found.into_iter().map(|(seq, found)| (seq, stub(found))).collect()
    }
}
