//! Up to where a vault was written at one moment.
//!
//! Journals, originals, audit rows and tiles are only appended to, so whoever knows where they ended at a moment can copy
//! them later, while more is written behind it. Heads and state are replaced, and have to be copied at the moment itself.

use std::collections::HashMap;

use super::Inner;
use super::ledger::Ledger;
use crate::audit::tiles::WIDTH;
use crate::error::Result;
use crate::id::LogId;
use crate::store::layout::{Blinded, Table, seq_and_part};

/// Where everything that is only appended to ended at one moment.
pub(crate) struct Bounds {
    journals: HashMap<Blinded, u64>,
    log: LogId,
    size: u64,
    /// Journal entries of everybody.
    pub entries: u64,
}

impl Bounds {
    /// The tables whose rows are replaced; copied where nothing is written meanwhile.
    pub const REPLACED: [Table; 3] = [Table::Series, Table::State, Table::Head];
    /// The tables that are only appended to.
    pub const APPENDED: [Table; 4] = [Table::Journal, Table::Origin, Table::Audit, Table::Tile];

    /// As it stands now, while nothing is written.
    pub fn now(inner: &Inner, ledger: &Ledger) -> Result<Self> {
        let mut journals = HashMap::new();
        for id in inner.profile_ids() {
            let blinded = inner.keys.blind_profile(id);
            if let Some(head) = inner.stored_head(id, &blinded)? {
                journals.insert(blinded, head.seq);
            }
        }
        let entries = journals.values().sum();
        Ok(Self { journals, log: ledger.log(), size: ledger.size(), entries })
    }

    /// Whether this row was there already.
    pub fn hold(&self, table: Table, address: &[u8]) -> bool {
        let owner: Option<&Blinded> = address.get(1..17).and_then(|owner| owner.try_into().ok());
        let of_log = owner == Some(self.log.as_bytes());
        match table {
            Table::Journal | Table::Origin => {
                let end = owner.and_then(|owner| self.journals.get(owner)).copied().unwrap_or(0);
                seq_and_part(address).is_some_and(|(seq, _)| seq <= end)
            }
            Table::Audit => of_log && seq_and_part(address).is_some_and(|(leaf, _)| leaf < self.size),
            Table::Tile => {
                let full = |level: u8| (0..=level).fold(self.size, |count, _| count / WIDTH as u64);
                let number = address.get(18..26).and_then(|number| number.try_into().ok()).map(u64::from_be_bytes);
                of_log && number.is_some_and(|number| number < full(address[17]))
            }
            Table::Series | Table::State | Table::Head => true,
        }
    }
}
