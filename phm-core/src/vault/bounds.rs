//! Up to where a vault was written at one moment.
//!
//! Journals, originals, audit rows and tiles are only appended to, so whoever knows where they ended at a moment can copy
//! them later, while more is written behind it. Heads and state are replaced, and have to be copied at the moment itself.

use std::collections::HashMap;

use super::Inner;
use super::ledger::{Ledger, LogHead};
use crate::audit::tiles::WIDTH;
use crate::audit::tree::Hash;
use crate::error::{Error, Result};
use crate::id::{LogId, ProfileId};
use crate::store::layout::{self, Blinded, Table};

/// Where everything that is only appended to ended at one moment.
pub(crate) struct Bounds {
    /// Every journal with entries.
    pub journals: HashMap<Blinded, Journal>,
    /// Every audit log, oldest first; the last one is written.
    pub logs: Vec<Log>,
    /// Journal entries of everybody.
    pub entries: u64,
}

/// Where a journal ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Journal {
    /// Whose it is.
    pub id: ProfileId,
    /// Its newest entry.
    pub seq: u64,
    /// How often its entries had been rewritten.
    pub rewrite: u32,
    /// The name of the person in the audit log.
    pub pseudonym: [u8; 16],
}

/// Where an audit log ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Log {
    /// Its id.
    pub id: LogId,
    /// Its rows.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Bounds {
    /// As it stands now, while nothing is written.
    pub fn now(inner: &Inner, ledger: &Ledger) -> Result<Self> {
        let mut journals = HashMap::new();
        for id in inner.profile_ids() {
            let blinded = inner.keys.blind_profile(id);
            // Refused where it is behind what is known to be durable.
            if let Some(head) = inner.head(id, &blinded)? {
                let journal = Journal { id, seq: head.seq, rewrite: head.rewrite, pseudonym: head.pseudonym };
                journals.insert(blinded, journal);
            }
        }
        let mut logs = Vec::new();
        for (id, _) in inner.keys.logs() {
            logs.push(if id == ledger.log() {
                Log { id, size: ledger.size(), root: ledger.root() }
            } else {
                let head = LogHead::read(inner.marker.vault, &inner.keys, &inner.store, id)?;
                let frontier =
                    head.ok_or_else(|| Error::corrupt("an earlier audit log is missing; run `phm verify`"))?.frontier;
                Log { id, size: frontier.size(), root: frontier.root() }
            });
        }
        let entries = journals.values().map(|journal| journal.seq).sum();
        Ok(Self { journals, logs, entries })
    }

    /// The log that is written.
    pub fn log(&self) -> Result<&Log> {
        self.logs
            .last()
            .ok_or_else(|| Error::corrupt("the keyring lacks a key the vault needs; restore the newest backup"))
    }
}

/// How many full tiles a log of `size` leaves has on a level.
pub(crate) fn full_tiles(size: u64, level: u8) -> u64 {
    (0..=level).fold(size, |count, _| count / WIDTH as u64)
}

/// The half-open range of the rows of a journal behind `after` up to `last`.
pub(crate) fn journal_rows(table: Table, owner: &Blinded, after: u64, last: u64) -> (Vec<u8>, Vec<u8>) {
    let at = |seq: u64| match table {
        Table::Origin => layout::origin(owner, seq, 0),
        _ => layout::journal(owner, seq, 0),
    };
    (at(after.saturating_add(1)), at(last.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_counted_on_every_level() {
        let width = WIDTH as u64;
        let all = |size| (0..8).map(|level| full_tiles(size, level)).sum::<u64>();
        assert_eq!([0, 255, 256, 511].map(all), [0, 0, 1, 1]);
        assert_eq!([width * width - 1, width * width, width.pow(3)].map(all), [255, 257, 65_536 + 256 + 1]);
    }
}
