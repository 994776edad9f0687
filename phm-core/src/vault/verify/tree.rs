//! The tree of a log, grown row by row beside the one that is stored.

use crate::audit::tiles::{Tile, Tiles, WIDTH};
use crate::audit::tree::{Frontier, Hash};
use crate::error::Result;
use crate::id::LogId;
use crate::store::Store;
use crate::store::layout::{self, Table};

/// A tree that grows over the rows of a log, and compares each full tile with the stored one as it fills.
pub(super) struct Tree<'v> {
    store: &'v dyn Store,
    log: LogId,
    frontier: Frontier,
    tiles: Tiles,
    /// Whether the hash of every leaf so far is known.
    known: bool,
    /// The full tile of leaves that was read last.
    read: Option<Tile>,
    /// Tiles that are missing or not as they should be: level, number and reason.
    pub wrong: Vec<(u8, u64, &'static str)>,
}

impl<'v> Tree<'v> {
    pub fn new(store: &'v dyn Store, log: LogId) -> Self {
        let (frontier, tiles) = (Frontier::new(), Tiles::new());
        Self { store, log, frontier, tiles, known: true, read: None, wrong: Vec::new() }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root, where every leaf is known.
    pub fn root(&self) -> Option<Hash> {
        self.known.then(|| self.frontier.root())
    }

    /// Adds a leaf; one whose row is missing or damaged is taken from its tile.
    pub fn push(&mut self, leaf: Option<Hash>) -> Result<()> {
        let leaf = match leaf {
            Some(leaf) => leaf,
            None => self.stored_leaf(self.size())?.unwrap_or_else(|| {
                self.known = false;
                [0; 32]
            }),
        };
        self.frontier.push(leaf);
        for tile in self.tiles.push(leaf) {
            let (level, number) = (tile.level(), tile.number());
            // Above a leaf that is not known only presence can be told.
            let comparable = self.known || level == 0;
            match self.store.get(&layout::tile(self.log.as_bytes(), level, number))? {
                None => self.wrong.push((level, number, "missing")),
                Some(stored) if comparable && stored != tile.encode() => self.wrong.push((level, number, "order")),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The hash of a leaf as its full tile has it.
    fn stored_leaf(&mut self, leaf: u64) -> Result<Option<Hash>> {
        let number = leaf / WIDTH as u64;
        if self.read.as_ref().is_none_or(|tile| tile.number() != number) {
            let stored = self.store.get(&layout::tile(self.log.as_bytes(), 0, number))?;
            self.read = stored.and_then(|bytes| Tile::decode(0, number, &bytes).ok());
        }
        let place = usize::try_from(leaf % WIDTH as u64).expect("below 256");
        Ok(self.read.as_ref().map(|tile| tile.hashes()[place]))
    }

    /// Finds tiles where none belongs.
    pub fn strangers(&mut self) -> Result<()> {
        let size = self.size();
        let full = |level: u8| (0..=level).fold(size, |count, _| count / WIDTH as u64);
        let (from, to) = layout::rows_of(Table::Tile, self.log.as_bytes());
        self.store.scan(&from, &to, &mut |(address, _)| {
            let level = address.get(17).copied().unwrap_or_default();
            let number = address.get(18..).and_then(|number| number.try_into().ok()).map(u64::from_be_bytes);
            if number.is_none_or(|number| number >= full(level)) {
                self.wrong.push((level, number.unwrap_or_default(), "order"));
            }
            true
        })?;
        Ok(())
    }
}
