//! Full tiles of the tree: 256 hashes each, so that opening a log reads only its frontier and a proof a few tiles.
//!
//! Tile n of tile level t holds the hashes of the subtrees of tree level 8 t with index 256 n up to 256 (n + 1) (C2SP
//! tlog-tiles). A tile is stored once, when its last hash is known; what is not full yet is read from the rows.

use super::codec::FormError;
use super::tree::{Hash, node_hash};

/// How many hashes a tile holds.
pub const WIDTH: usize = 256;
/// How many levels of the tree a tile spans.
const SPAN: u8 = 8;

/// A full tile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tile {
    level: u8,
    number: u64,
    hashes: Vec<Hash>,
}

impl Tile {
    /// The tile level; level 0 holds hashes of leaves.
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Which tile of its level it is.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Its hashes, 256 of them.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The hash over the whole tile.
    pub fn root(&self) -> Hash {
        perfect_root(&self.hashes)
    }

    /// The stored form: the hashes, one behind the other, 8 KiB, as C2SP tlog-tiles has them.
    pub fn encode(&self) -> Vec<u8> {
        self.hashes.as_flattened().to_vec()
    }

    /// Reads the stored form of tile `number` of `level`.
    pub fn decode(level: u8, number: u64, bytes: &[u8]) -> Result<Self, FormError> {
        match bytes.as_chunks::<32>() {
            (hashes, []) if hashes.len() == WIDTH => Ok(Self { level, number, hashes: hashes.to_vec() }),
            _ => Err(FormError),
        }
    }
}

/// The tiles that are not full yet, in memory.
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    size: u64,
    /// For each tile level, the hashes behind its last full tile.
    open: Vec<Vec<Hash>>,
}

impl Tiles {
    /// The tiles of a log without leaves.
    pub const fn new() -> Self {
        Self { size: 0, open: Vec::new() }
    }

    /// The open tiles of a log with `size` leaves.
    ///
    /// `read(level, index)` answers the hash at a tile level: of leaf `index` for level 0, else the root of tile
    /// `index` of the level below. At most 255 of each level are asked for.
    pub fn at<E>(size: u64, mut read: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Self, E> {
        let mut open = Vec::new();
        let (mut level, mut count) = (0, size);
        while count > 0 {
            let full = count / WIDTH as u64;
            open.push((full * WIDTH as u64..count).map(|index| read(level, index)).collect::<Result<_, E>>()?);
            (level, count) = (level + 1, full);
        }
        Ok(Self { size, open })
    }

    /// How many leaves the log has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash and answers the tiles it fills, lowest level first; store them in the same batch.
    pub fn push(&mut self, leaf: Hash) -> Vec<Tile> {
        self.size += 1;
        let mut filled = Vec::new();
        let (mut hash, mut count) = (leaf, self.size);
        for level in 0.. {
            if self.open.len() == usize::from(level) {
                self.open.push(Vec::new());
            }
            let open = &mut self.open[usize::from(level)];
            open.push(hash);
            if open.len() < WIDTH {
                break;
            }
            count /= WIDTH as u64;
            let tile = Tile { level, number: count - 1, hashes: std::mem::take(open) };
            hash = tile.root();
            filled.push(tile);
        }
        filled
    }
}

/// The hash of the subtree `index` of tree level `level`, for the proofs of [`proof`](super::proof).
///
/// `read` answers hashes at tile levels, as for [`Tiles::at`]; up to 128 of them are asked for.
pub fn subtree<E>(level: u8, index: u64, read: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let (tile_level, height) = (level / SPAN, level % SPAN);
    let from = index << height;
    let hashes = (from..from + (1 << height)).map(|index| read(tile_level, index)).collect::<Result<Vec<_>, E>>()?;
    Ok(perfect_root(&hashes))
}

/// The hash over a power of two of hashes.
fn perfect_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&perfect_root(left), &perfect_root(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;
    use crate::audit::proof;
    use crate::audit::tree::{Frontier, leaf_hash};

    fn leaf(n: u64) -> Hash {
        leaf_hash(&[&n.to_be_bytes()])
    }

    struct Log {
        tiles: Tiles,
        stored: BTreeMap<(u8, u64), Vec<u8>>,
        frontier: Frontier,
    }

    impl Log {
        fn of(size: u64) -> Self {
            let mut log = Self { tiles: Tiles::new(), stored: BTreeMap::new(), frontier: Frontier::new() };
            for n in 0..size {
                log.frontier.push(leaf(n));
                for tile in log.tiles.push(leaf(n)) {
                    log.stored.insert((tile.level(), tile.number()), tile.encode());
                }
            }
            log
        }

        #[allow(clippy::unnecessary_wraps)] // the form of a source
        fn read(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
            let Some(below) = level.checked_sub(1) else { return Ok(leaf(index)) };
            let bytes = &self.stored[&(below, index)];
            Ok(Tile::decode(below, index, bytes).expect("own tile").root())
        }
    }

    #[test]
    fn a_tile_is_filled_by_every_256th_leaf_and_a_higher_one_by_every_65536th() {
        let log = Log::of(65_536 + 300);
        let levels = |level| log.stored.keys().filter(move |(at, _)| *at == level).map(|(_, number)| *number);
        assert!(levels(0).eq(0..257) && levels(1).eq(0..1) && levels(2).next().is_none());
        assert!(log.stored.values().all(|tile| tile.len() == 8192));
    }

    #[test]
    fn open_tiles_read_back_go_on_as_if_never_closed() {
        for size in [0, 1, 255, 256, 257, 511, 600] {
            let mut log = Log::of(size);
            let Ok(mut reopened) = Tiles::at(size, |level, index| log.read(level, index));
            assert_eq!(reopened.size(), size);
            for n in size..size + 300 {
                assert_eq!(reopened.push(leaf(n)), log.tiles.push(leaf(n)), "{n} after {size}");
            }
        }
    }

    #[test]
    fn proofs_from_tiles_hold() {
        for size in [1, 256, 257, 1000] {
            let log = Log::of(size);
            let mut read = |level, index| log.read(level, index);
            let mut hash = |level, index| subtree(level, index, &mut read);
            assert_eq!(proof::root(size, &mut hash), Ok(log.frontier.root()));
            for index in [0, size / 2, size - 1] {
                let Ok(proof) = proof::inclusion_proof(index, size, &mut hash);
                assert!(proof::verify_inclusion(&leaf(index), index, size, &proof, &log.frontier.root()));
                let Ok(proof) = proof::consistency_proof(index, size, &mut hash);
                let old = Log::of(index).frontier.root();
                assert!(proof::verify_consistency(index, &old, size, &log.frontier.root(), &proof));
            }
        }
    }

    #[test]
    fn a_tile_cut_short_is_refused() {
        let bytes = vec![0; 8192];
        assert!(Tile::decode(0, 0, &bytes).is_ok());
        assert!(Tile::decode(0, 0, &bytes[1..]).is_err() && Tile::decode(0, 0, &bytes[32..]).is_err());
        assert!(Tile::decode(0, 0, &[0; 8224]).is_err() && Tile::decode(0, 0, &[]).is_err());
    }
}
