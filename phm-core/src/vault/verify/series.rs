//! Samples: every block, and every sample against the journal entry that added it.
//!
//! The entry says how many samples it added and what they commit to, and the audit log commits to the entry. So a block
//! that is missing, from an earlier time or of another series is found whatever the directory says.

use std::collections::{BTreeMap, HashMap};

use super::{Verifying, Where, each_row_in_place};
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::index::Act;
use crate::store::layout::Table;
use crate::vault::journal::Entry;
use crate::vault::series::rows::{DIRECTORY, Rows, blind, entry_of};
use crate::vault::series::{Checked, Stub};

/// What a journal says of the samples of one person: of each series the stubs, by entry.
#[derive(Default)]
pub(super) struct Stubs(BTreeMap<RecordId, BTreeMap<u64, Option<Stub>>>);

impl Stubs {
    /// Takes down what an entry says, if it added samples.
    pub fn take(&mut self, seq: u64, entry: &Entry) {
        if entry.header.act == Act::Append {
            let stub = entry.body.as_ref().and_then(|body| serde_json::from_str(body.get()).ok());
            self.0.entry(entry.header.record).or_default().insert(seq, stub);
        }
    }
}

impl Verifying<'_> {
    /// Compares every sample of a person with what the journal says.
    pub(super) fn samples(&mut self, profile: ProfileId, stubs: Stubs) -> Result<()> {
        for (series, stubs) in stubs.0 {
            let inner = self.inner;
            let blinded = blind(&inner.keys, profile, series);
            self.series.insert(blinded);
            let vault = inner.marker.vault;
            let rows = Rows { store: &inner.store, keys: &inner.keys, vault, profile, series, blinded };
            self.one_series(&rows, stubs)?;
        }
        Ok(())
    }

    fn one_series(&mut self, rows: &Rows<'_>, stubs: BTreeMap<u64, Option<Stub>>) -> Result<()> {
        let mut wrong: Vec<(u64, &'static str)> = Vec::new();
        let mut checked = Checked::default();
        let mut directory = false;
        each_row_in_place(rows.store, Table::Series, &rows.blinded, self.stop, |number, parts| {
            directory |= number == DIRECTORY;
            if !directory && entry_of(number).is_none() {
                // Not blocks that it does not know, but one that knows them.
                directory = true;
                checked.unreadable(DIRECTORY);
                wrong.push((DIRECTORY, "missing"));
            }
            let reason = match rows.open(number, parts) {
                None => {
                    checked.unreadable(number);
                    Some("seal")
                }
                Some(opened) => checked.row(rows, number, &opened).err(),
            };
            wrong.extend(reason.map(|reason| (number, reason)));
        })?;
        wrong.extend(checked.missing().map(|number| (number, "missing")));
        let whole = wrong.is_empty();
        for (number, reason) in wrong {
            self.wrong_row(rows, number, reason);
        }
        let mut found: HashMap<u64, Stub> = checked.found();
        for (seq, stub) in stubs {
            let found = found.remove(&seq);
            if stub.is_none() || whole && found != stub {
                let fewer = found.map_or(0, |found| found.count) < stub.map_or(0, |stub| stub.count);
                let name = Some(format!("{}#{seq}", rows.profile));
                self.found(Where::Journal, name, Some("samples".into()), if fewer { "missing" } else { "order" });
            }
        }
        let nobodys = found.len();
        if whole && nobodys > 0 {
            let name = format!("{}: samples of {nobodys} entries that added none", rows.name(DIRECTORY));
            self.found(Where::Store, Some(name), None, "order");
        }
        Ok(())
    }

    fn wrong_row(&mut self, rows: &Rows<'_>, number: u64, reason: &'static str) {
        let (place, file) = match entry_of(number) {
            Some(_) => (Where::Journal, Some("samples".to_owned())),
            None => (Where::Store, None),
        };
        self.found(place, Some(rows.name(number)), file, reason);
    }
}
