//! Reading a damaged vault without trusting its heads, its indexes or its audit log.

use std::path::Path;

use serde_json::value::RawValue;

use super::Options;
use super::folder::{Folder, Marker};
use super::journal::{self, Reader};
use super::keys::KeyBook;
use super::series::rows::{Rows, blind};
use crate::crypto::secret::Secret;
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::index::Header;
use crate::store::layout::{self, Table};
use crate::store::{Generations, Store as _};
use crate::time::Instant;

/// An entry that opened: its header, its body and the text of its original.
pub(crate) type Saved = (Header, Option<Box<RawValue>>, Option<String>);

/// A vault of which only keys and rows are used.
pub(crate) struct SalvageFolder {
    /// Held for its lock.
    _folder: Folder,
    marker: Marker,
    keys: KeyBook,
    store: Generations,
}

impl SalvageFolder {
    /// Opens keys and store, and nothing else.
    pub fn open(dir: &Path, secret: &Secret, options: &Options) -> Result<Self> {
        let (folder, marker) = Folder::open(dir)?;
        let keys = KeyBook::open(dir, marker.vault, secret)?;
        let store = Generations::open(dir, marker.engine, options.cache)?;
        Ok(Self { _folder: folder, marker, keys, store })
    }

    /// Everybody with a key.
    pub fn profiles(&self) -> Vec<ProfileId> {
        self.keys.profiles()
    }

    /// Shows every entry there is a row of, `None` where it does not open.
    pub fn entries(&self, profile: ProfileId, mut visit: impl FnMut(u64, Option<Saved>) -> Result<()>) -> Result<()> {
        let blinded = self.keys.blind_profile(profile);
        let reader = Reader { store: &self.store, keys: &self.keys, vault: self.marker.vault, profile, blinded };
        let mut seqs = Vec::new();
        let (from, to) = layout::rows_of(Table::Journal, &blinded);
        self.store.scan(&from, &to, &mut |(address, _)| {
            if let Some((seq, _)) = layout::seq_and_part(address)
                && seqs.last() != Some(&seq)
            {
                seqs.push(seq);
            }
            true
        })?;
        for seq in seqs {
            let entry = reader.row(Table::Journal, seq).ok().flatten();
            let entry = entry.and_then(|opened| journal::decode(&opened.plaintext).ok());
            let original = reader.origin(seq).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
            visit(seq, entry.map(|entry| (entry.header, entry.body, original)))?;
        }
        Ok(())
    }

    /// Shows every sample of a series of which the row opens: the entry that added it, when it was taken, its value.
    /// Answers how many rows do not open.
    pub fn samples(
        &self,
        profile: ProfileId,
        series: RecordId,
        mut visit: impl FnMut(u64, Instant, String) -> Result<()>,
    ) -> Result<u64> {
        let blinded = blind(&self.keys, profile, series);
        let (store, keys, vault) = (&self.store, &self.keys, self.marker.vault);
        let rows = Rows { store, keys, vault, profile, series, blinded };
        rows.saved(|sample| visit(sample.source, Instant::from_millis(sample.at), sample.value.to_string()))
    }
}
