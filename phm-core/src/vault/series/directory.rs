//! The directory of a series: which blocks there are, from when to when, and what is kept of each.
//!
//! A range of time is read without opening other blocks, and a bucket that holds whole blocks without opening those. The
//! directory names what each block commits to, so that a block somebody put back from an earlier time is noticed when
//! it is read. It is sealed in place of block 0 and replaced in the batch that replaces blocks:
//!
//! | part | form |
//! |---|---|
//! | format | one byte, 1 |
//! | next | number of the next new block |
//! | merged | the newest entry whose samples are in blocks; later ones stand by themselves |
//! | count | how many blocks, in order of time |
//! | of each block | its number ‖ how many samples ‖ time of the first, signed, as the difference to the block before ‖ from there to the last ‖ the oldest entry with samples in it ‖ from there to the newest ‖ commitment (32) ‖ [`Summary`] |

use super::summary::Summary;
use crate::bytes::{Bytes, put, put_signed};

const FORMAT: u8 = 1;
/// Blocks of one series at most; a series of ten samples a second reaches it in fifty years.
const MOST: usize = 1 << 22;

/// One block, as the directory knows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shelved {
    pub number: u64,
    /// Time of the first sample and of the last.
    pub from: i64,
    pub to: i64,
    /// The oldest and the newest entry with samples in it.
    pub sources: (u64, u64),
    pub commitment: [u8; 32],
    pub summary: Summary,
}

/// The blocks of one series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Directory {
    pub(super) next: u64,
    pub(super) merged: u64,
    pub(super) blocks: Vec<Shelved>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { next: 1, merged: 0, blocks: Vec::new() }
    }
}

impl Directory {
    /// How many samples are in blocks.
    pub fn count(&self) -> u64 {
        self.blocks.iter().map(|block| block.summary.count).sum()
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<Shelved>()
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        for number in [self.next, self.merged, self.blocks.len() as u64] {
            put(&mut out, number);
        }
        let mut before = 0_i64;
        for block in &self.blocks {
            put(&mut out, block.number);
            put(&mut out, block.summary.count);
            put_signed(&mut out, block.from.wrapping_sub(before));
            put(&mut out, block.to.wrapping_sub(block.from).cast_unsigned());
            put(&mut out, block.sources.0);
            put(&mut out, block.sources.1.wrapping_sub(block.sources.0));
            out.extend_from_slice(&block.commitment);
            block.summary.encode(&mut out);
            before = block.from;
        }
        out
    }

    /// Reads the stored form; `None` unless every byte is as [`Directory::encode`] puts it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.byte()? != FORMAT {
            return None;
        }
        let (next, merged) = (bytes.number()?, bytes.number()?);
        let count = bytes.count(MOST)?;
        let mut blocks: Vec<Shelved> = Vec::new();
        for _ in 0..count {
            let (number, count) = (bytes.number()?, bytes.number()?);
            let before = blocks.last().map_or(0, |block| block.from);
            let from = before.wrapping_add(bytes.signed()?);
            let to = from.checked_add_unsigned(bytes.number()?)?;
            let oldest = bytes.number()?;
            let sources = (oldest, oldest.checked_add(bytes.number()?)?);
            let commitment = bytes.array()?;
            let summary = Summary::decode(&mut bytes, count)?;
            let in_order = blocks.last().is_none_or(|block| block.to <= from);
            if !in_order || count == 0 || number == 0 || number >= next {
                return None;
            }
            blocks.push(Shelved { number, from, to, sources, commitment, summary });
        }
        bytes.at_end().then_some(Self { next, merged, blocks })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::written::Written;
    use super::*;
    use crate::crypto::digest::hex;

    fn summary(values: &[&str]) -> Summary {
        let values: Vec<Written> = values.iter().map(|text| Written::of(&text.parse().expect("a decimal"))).collect();
        Summary::of_all(&values).expect("some")
    }

    fn directory() -> Directory {
        let block = |number, from, to, values: &[&str]| Shelved {
            number,
            from,
            to,
            sources: (2, 7),
            commitment: [number.to_le_bytes()[0]; 32],
            summary: summary(values),
        };
        let blocks = vec![block(1, -5, 10, &["72", "73.5"]), block(3, 10, 900, &["1e3"])];
        Directory { next: 4, merged: 7, blocks }
    }

    #[test]
    fn a_directory_has_the_form_that_stands_on_disk() {
        let directory = directory();
        let bytes = directory.encode();
        insta::assert_snapshot!(hex(&bytes), @"010407020102090f0205010101010101010101010101010101010101010101010101010101010101010100900101be0b0001000000000000000000000000000005af03011efa0602050303030303030303030303030303030303030303030303030303030303030303ff03316533ff0331653301408f400000000000");
        assert_eq!(Directory::decode(&bytes), Some(directory));
        assert_eq!(Directory::decode(&Directory::default().encode()), Some(Directory::default()));
    }

    #[test]
    fn bytes_that_were_cut_or_contradict_themselves_are_refused() {
        let good = directory();
        let bytes = good.encode();
        for end in 0..bytes.len() {
            assert!(Directory::decode(&bytes[..end]).is_none(), "cut at {end}");
        }
        assert!(Directory::decode(&[&bytes[..], &[0]].concat()).is_none());
        let mut swapped = good.clone();
        swapped.blocks.swap(0, 1);
        assert!(Directory::decode(&swapped.encode()).is_none(), "out of order");
        let early = Directory { next: 3, ..good };
        assert!(Directory::decode(&early.encode()).is_none(), "a number that is given only later");
    }

    proptest! {
        #[test]
        fn reading_ends_whatever_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Directory::decode(&[&[FORMAT], &bytes[..]].concat());
        }
    }
}
