//! How much a vault holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use super::Vault;
use super::records::read_lock;
use crate::error::Result;
use crate::id::VaultId;
use crate::store::Store as _;

/// How much a vault holds.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// The vault.
    pub vault: VaultId,
    /// Its storage engine.
    pub engine: &'static str,
    /// Its format.
    pub format: u32,
    /// People.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// Records that are visible and not removed, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Records that came as FHIR resources, by resource type.
    pub resources: BTreeMap<String, u64>,
    /// Samples in series that are visible and not removed.
    pub samples: u64,
    /// Files of documents.
    pub documents: u64,
    /// Bytes on disk.
    pub bytes: Bytes,
}

/// Bytes on disk.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bytes {
    /// The store's files.
    pub store: u64,
    /// The files of documents.
    pub documents: u64,
    /// What of the store is live: all addresses and values.
    pub live: u64,
}

impl Vault {
    /// How much the vault holds.
    pub fn stats(&self) -> Result<Stats> {
        let inner = &self.inner;
        let (mut profiles, mut entries, mut documents, mut samples) = (0, 0, 0, 0);
        let (mut kinds, mut resources) = (BTreeMap::new(), BTreeMap::new());
        for id in inner.profile_ids() {
            let profile = inner.open_profile(id)?;
            let index = read_lock(&profile);
            entries += index.last_seq();
            for state in index.records().filter(|state| !state.removed()) {
                let Some(version) = state.current() else { continue };
                match state.kind() {
                    super::session::PROFILE => profiles += 1,
                    kind if inner.options.kinds.get(kind).is_none_or(|info| info.system) => continue,
                    kind => *kinds.entry(kind.to_owned()).or_default() += 1,
                }
                let extent = index.series(state.id()).and_then(crate::index::SeriesState::extent);
                samples += extent.map_or(0, |extent| extent.count);
                documents += u64::from(version.file().is_some());
                if let Some(resource) = version.resource() {
                    *resources.entry(resource.to_string()).or_default() += 1;
                }
            }
        }
        let store = inner.store.stats()?;
        let bytes = Bytes {
            store: store.disk_bytes,
            documents: folder_bytes(&inner.folder.path("documents"))?,
            live: store.live_bytes,
        };
        Ok(Stats {
            vault: inner.marker.vault,
            engine: inner.store.engine().name(),
            format: super::folder::FORMAT,
            profiles,
            entries,
            kinds,
            resources,
            samples,
            documents,
            bytes,
        })
    }
}

fn folder_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { folder_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
