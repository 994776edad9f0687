//! Moving samples into blocks.
//!
//! Blocks stay in order of time and hold about a fixed number of samples: those of one moment stand in one block. A new sample goes to the block its time lies in; only
//! the blocks that get some are sealed again. Samples behind the last block fill it up, so that whoever measures day by
//! day has full blocks; a block that overflows in the middle is cut into even pieces.

use super::block::{Stored, encode};
use super::directory::{Directory, Shelved};
use super::summary::Summary;
use crate::crypto::Prepared;
use crate::error::Result;

/// Blocks to write, and the directory that then holds.
pub(super) struct Merged {
    pub blocks: Vec<(u64, Prepared)>,
    pub directory: Directory,
}

/// Puts `fresh`, which stands in order of time and reaches up to the entry `merged`, into the blocks of `directory`, each
/// of `most` samples; `open` reads one of those.
pub(super) fn merge(
    directory: &Directory,
    fresh: Vec<Stored>,
    merged: u64,
    most: usize,
    open: &mut dyn FnMut(&Shelved) -> Result<Vec<Stored>>,
) -> Result<Merged> {
    let mut out =
        Merged { blocks: Vec::new(), directory: Directory { next: directory.next, merged, blocks: Vec::new() } };
    let mut fresh = fresh.into_iter().peekable();
    let last = directory.blocks.len().saturating_sub(1);
    for (at, block) in directory.blocks.iter().enumerate() {
        let next = directory.blocks.get(at + 1).map(|next| next.from);
        let mut samples = Vec::new();
        while let Some(sample) = fresh.next_if(|sample| next.is_none_or(|next| sample.at < next)) {
            samples.push(sample);
        }
        let full = block.summary.count >= most as u64;
        if samples.is_empty() {
            out.directory.blocks.push(block.clone());
        } else if at == last && full && samples[0].at > block.to {
            out.directory.blocks.push(block.clone());
            out.put(None, &samples, most)?;
        } else {
            let only_behind = at == last && samples[0].at >= block.to;
            samples.append(&mut open(block)?);
            samples.sort();
            let even = samples.len().div_ceil(samples.len().div_ceil(most));
            let piece = if only_behind { most } else { even };
            out.put(Some(block.number), &samples, piece)?;
        }
    }
    let rest: Vec<Stored> = fresh.collect();
    out.put(None, &rest, most)?;
    Ok(out)
}

impl Merged {
    /// Cuts samples into pieces, the first of which becomes block `number`, where there is one.
    fn put(&mut self, mut number: Option<u64>, samples: &[Stored], piece: usize) -> Result<()> {
        let mut rest = samples;
        while !rest.is_empty() {
            let (samples, others) = rest.split_at(cut(rest, piece));
            rest = others;
            let number = number.take().unwrap_or_else(|| {
                self.directory.next += 1;
                self.directory.next - 1
            });
            let (Some(first), Some(last)) = (samples.first(), samples.last()) else { continue };
            let Some(summary) = Summary::of_all(samples.iter().map(|sample| &sample.value)) else { continue };
            let prepared = Prepared::new(&encode(samples))?;
            let sources = samples
                .iter()
                .fold((u64::MAX, 0), |(oldest, newest), sample| (sample.source.min(oldest), sample.source.max(newest)));
            let commitment = prepared.commitment();
            self.directory.blocks.push(Shelved { number, from: first.at, to: last.at, sources, commitment, summary });
            self.blocks.push((number, prepared));
        }
        Ok(())
    }
}

/// Where a piece of about `piece` samples ends: those of one moment stay together, unless there are too many.
fn cut(samples: &[Stored], piece: usize) -> usize {
    let end = piece.min(samples.len());
    let Some(last) = samples[..end].last() else { return end };
    end + samples[end..].iter().take(piece).take_while(|next| next.at == last.at).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::block::{BLOCK, decode};
    use super::super::written::Written;
    use super::*;

    /// Blocks as a store would keep them.
    #[derive(Default)]
    struct Blocks {
        directory: Directory,
        rows: BTreeMap<u64, Vec<Stored>>,
        opened: usize,
        written: usize,
    }

    fn sample(at: i64, source: u64) -> Stored {
        Stored { at, value: Written::of(&(at % 97).abs().to_string().parse().expect("a decimal")), source }
    }

    impl Blocks {
        fn merge(&mut self, mut fresh: Vec<Stored>) {
            fresh.sort();
            let source = fresh.iter().map(|sample| sample.source).max().unwrap_or(0);
            (self.opened, self.written) = (0, 0);
            let Self { directory, rows, opened, .. } = self;
            let merged = merge(directory, fresh, source, BLOCK, &mut |block| {
                *opened += 1;
                Ok(rows[&block.number].clone())
            })
            .expect("merged");
            self.written = merged.blocks.len();
            self.directory = merged.directory;
            // What is sealed is what the directory says it is.
            for block in &self.directory.blocks {
                if let Some((_, prepared)) = merged.blocks.iter().find(|(number, _)| *number == block.number) {
                    assert_eq!(prepared.commitment(), block.commitment);
                }
            }
            let all: Vec<Stored> = self.pending(&merged.blocks);
            assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at), "blocks are in order of time");
        }

        /// Takes the written blocks into the rows; all samples in order of the blocks.
        fn pending(&mut self, written: &[(u64, Prepared)]) -> Vec<Stored> {
            for (number, prepared) in written {
                let key = crate::crypto::secret::ProfileKey::from_bytes([1; 32]);
                let sealed = crate::crypto::seal(crate::crypto::Suite::fastest_here(), &key, 1, b"x", prepared);
                let opened = crate::crypto::open(&key, b"x", &sealed).expect("opens");
                self.rows.insert(*number, decode(&opened.plaintext).expect("a block"));
            }
            let rows = self.directory.blocks.iter().flat_map(|block| {
                let samples = &self.rows[&block.number];
                assert!(samples.len() <= 2 * BLOCK && samples.len() as u64 == block.summary.count);
                assert_eq!((samples[0].at, samples[samples.len() - 1].at), (block.from, block.to));
                samples.clone()
            });
            rows.collect()
        }
    }

    #[test]
    fn samples_that_come_day_by_day_fill_blocks_and_touch_only_the_last() {
        let mut blocks = Blocks::default();
        for day in 0..20 {
            blocks.merge((0..1000).map(|n| sample(day * 1000 + n, 1)).collect());
            assert!(blocks.opened <= 1 && blocks.written <= 2);
        }
        let counts: Vec<u64> = blocks.directory.blocks.iter().map(|block| block.summary.count).collect();
        assert_eq!(counts, [4096, 4096, 4096, 4096, 3616]);
    }

    #[test]
    fn samples_from_long_ago_open_only_the_block_they_belong_to() {
        let mut blocks = Blocks::default();
        blocks.merge((0..4096 * 5).map(|n| sample(n * 10, 1)).collect());
        blocks.merge(vec![sample(4096 * 20 + 5, 2)]);
        assert_eq!((blocks.opened, blocks.written), (1, 2), "one block, cut into two");
        blocks.merge(vec![sample(-1, 3)]);
        assert_eq!((blocks.opened, blocks.directory.blocks[0].from), (1, -1));
        assert_eq!(blocks.directory.blocks[0].sources, (1, 3));
        assert_eq!(blocks.directory.count(), 4096 * 5 + 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn nothing_is_lost_or_doubled_by_merging(
            rounds in prop::collection::vec(prop::collection::vec(0_i64..200_000, 1..3000), 1..6)
        ) {
            let mut blocks = Blocks::default();
            let mut expected = Vec::new();
            for (source, times) in (1..).zip(rounds) {
                let fresh: Vec<Stored> = times.into_iter().map(|at| sample(at, source)).collect();
                expected.extend(fresh.clone());
                blocks.merge(fresh);
            }
            let mut all: Vec<Stored> = blocks.pending(&[]);
            all.sort();
            expected.sort();
            prop_assert!(all == expected);
        }
    }
}
