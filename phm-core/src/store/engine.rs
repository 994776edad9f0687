//! The engines a vault can stand on, and how their files are told apart.

use std::path::Path;
use std::sync::Arc;

use super::{MemoryStore, RedbStore, SledStore, Store, StoreError};

/// How the files of a store are opened: [`Engine::open`], or what a test puts in front of it.
pub type Opener = Arc<dyn Fn(Engine, &Path, u64) -> Result<Box<dyn Store>, StoreError> + Send + Sync>;

/// The engines a vault can be created with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Engine {
    /// sled behind its guard.
    Sled,
    /// redb behind its guard; what a new vault stands on where nobody names another.
    #[default]
    Redb,
    /// Nothing on disk; for tests.
    Memory,
}

impl Engine {
    /// The engines that keep what they are given.
    pub const ON_DISK: [Self; 2] = [Self::Sled, Self::Redb];

    /// The name that stands in `vault.toml` and in `CURRENT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Redb => "redb",
            Self::Memory => "memory",
        }
    }

    /// The engine with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sled, Self::Redb, Self::Memory].into_iter().find(|engine| engine.name() == name)
    }

    /// The engine on disk with this name, or what to say to somebody who named another one.
    ///
    /// # Errors
    /// A sentence that names the engines there are.
    pub fn on_disk(name: &str) -> Result<Self, String> {
        let there = Self::ON_DISK.map(|engine| format!("`{}`", engine.name())).join(" and ");
        let engine = Self::ON_DISK.into_iter().find(|engine| engine.name() == name);
        engine.ok_or_else(|| format!("there is no such storage engine; this build has {there}"))
    }

    /// The engine of a test: the one `PHM_TEST_ENGINE` names, so that tests can be run on another one, or else `usual`.
    #[cfg(test)]
    pub(crate) fn of_tests(usual: Self) -> Self {
        std::env::var("PHM_TEST_ENGINE")
            .map_or(usual, |name| Self::on_disk(&name).expect("PHM_TEST_ENGINE names an engine"))
    }

    /// Opens the store of this engine in `dir`, or makes it there, with a page cache of `cache_bytes`.
    pub fn open(self, dir: &Path, cache_bytes: u64) -> Result<Box<dyn Store>, StoreError> {
        Ok(match self {
            Self::Sled => Box::new(SledStore::open(dir, cache_bytes)?),
            Self::Redb => Box::new(RedbStore::open(dir, cache_bytes)?),
            Self::Memory => Box::new(MemoryStore::new()),
        })
    }

    /// Whether this engine's files stand in `dir`. Opening a folder without them would make an empty store.
    pub(super) fn stands_in(self, dir: &Path) -> bool {
        match self {
            Self::Sled => dir.join("db").is_file(),
            Self::Redb => dir.join(RedbStore::FILE).is_file(),
            Self::Memory => dir.is_dir(),
        }
    }

    /// The engine whose files stand in `dir`: this one, another one, or none.
    pub(super) fn found_in(self, dir: &Path) -> Option<Self> {
        let others = Self::ON_DISK.into_iter().find(|engine| engine.stands_in(dir));
        if self.stands_in(dir) { Some(self) } else { others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_names_an_unknown_engine_hears_which_ones_there_are() {
        assert_eq!(Engine::on_disk("redb"), Ok(Engine::Redb));
        for name in ["memory", "", "SLED", "rocksdb"] {
            let said = Engine::on_disk(name).expect_err("not on disk");
            assert!(said.contains("`sled` and `redb`"), "{said}");
        }
    }
}
