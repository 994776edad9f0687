//! Whether every row of every series was there at one moment, without opening more than the directories.
//!
//! The directory of a series knows its blocks, and the journal the entries whose samples are in no block yet; together they
//! name every row there has to be.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::rows::{DIRECTORY, Rows, delta};
use crate::index::SeriesState;
use crate::store::layout::{Blinded, seq_and_part};
use crate::vault::Inner;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::read_lock;

/// The rows of all series at one moment.
#[derive(Debug, Default)]
pub(crate) struct PresentSeries(BTreeMap<Blinded, Present>);

/// Those of one series.
#[derive(Debug, Default)]
struct Present {
    /// The sealed parts of its directory.
    directory: Vec<Vec<u8>>,
    /// The numbers of the others.
    numbers: BTreeSet<u64>,
}

impl PresentSeries {
    /// Takes a row as it stands in the store.
    pub fn take(&mut self, address: &[u8], value: &[u8]) {
        let owner = address.get(1..17).and_then(|owner| Blinded::try_from(owner).ok());
        let (Some(owner), Some((number, _))) = (owner, seq_and_part(address)) else { return };
        let series = self.0.entry(owner).or_default();
        if number == DIRECTORY {
            series.directory.push(value.to_vec());
        } else {
            series.numbers.insert(number);
        }
    }
}

impl Present {
    /// The directory; an empty one where nothing was ever merged, `None` where it does not open.
    fn directory(&self, rows: &Rows<'_>) -> Option<Directory> {
        if self.directory.is_empty() {
            return Some(Directory::default());
        }
        Directory::decode(&rows.open(DIRECTORY, &self.directory)?.plaintext)
    }
}

impl Inner {
    /// Whether `present` has every row that a person's series had at their entry `last`, and no other of theirs.
    pub fn has_series_rows(&self, profile: &OpenProfile, last: u64, present: &PresentSeries) -> bool {
        let nothing = Present::default();
        self.series_of(profile).into_iter().all(|(series, blinded)| {
            let present = present.0.get(&blinded).unwrap_or(&nothing);
            let Some(directory) = present.directory(&self.series_rows(profile, series)) else { return false };
            let mut expected: BTreeSet<u64> = directory.blocks.iter().map(|block| block.number).collect();
            let mut in_blocks = 0;
            let index = read_lock(profile);
            for append in index.series(series).into_iter().flat_map(SeriesState::appends) {
                if append.seq <= directory.merged {
                    in_blocks += append.count;
                } else if append.seq <= last {
                    expected.insert(delta(append.seq));
                }
            }
            in_blocks == directory.count() && expected == present.numbers
        })
    }
}
