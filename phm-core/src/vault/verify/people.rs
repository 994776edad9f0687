//! People: every journal against its head and against what the audit log says was written.

use std::collections::HashSet;

use super::purged::Place;
use super::series::Stubs;
use super::sum::Sum;
use super::{Verifying, Where, each_row_in_place, span};
use crate::audit::entry::Pseudonym;
use crate::error::{Result, if_whole};
use crate::id::ProfileId;
use crate::store::layout::{Blinded, Table};
use crate::vault::journal;
use crate::vault::profiles::Head;

/// A journal as the store has it.
pub(super) struct Journal {
    pub id: ProfileId,
    blinded: Blinded,
    head: Head,
}

impl Verifying<'_> {
    /// The journals with their heads.
    pub(super) fn journals(&mut self) -> Result<Vec<Journal>> {
        let mut journals = Vec::new();
        for id in self.inner.profile_ids() {
            let blinded = self.inner.keys.blind_profile(id);
            let written = self.inner.written().get(&id).copied().unwrap_or(0);
            match if_whole(self.inner.stored_head(id, &blinded))? {
                Some(Some(head)) => {
                    if written > head.seq {
                        self.found(Where::Journal, Some(format!("{id}#{}", head.seq + 1)), None, "truncated");
                    }
                    let newest = self.newest.get(&Pseudonym::from_bytes(head.pseudonym)).copied();
                    let (last, count) = newest.map_or((None, 0), |(last, count)| (Some(last), count));
                    let counted = head.audited.is_none_or(|audited| audited == count);
                    if (head.last_audit != last || !counted) && self.log_is_whole() {
                        // An older head would hide who looked since.
                        self.found(Where::Store, Some(format!("{id}#head")), None, "order");
                    }
                    journals.push(Journal { id, blinded, head });
                }
                // A key whose first entry was never committed.
                Some(None) if written == 0 => self.without_head.push(id),
                Some(None) => self.found(Where::Store, Some(format!("{id}#head")), None, "missing"),
                None => self.found(Where::Store, Some(format!("{id}#head")), None, "seal"),
            }
        }
        Ok(journals)
    }

    /// Opens every entry and original of a journal and compares them with the audit log.
    pub(super) fn journal(&mut self, journal: &Journal) -> Result<()> {
        let (id, blinded) = (journal.id, journal.blinded);
        let person = Pseudonym::from_bytes(journal.head.pseudonym);
        let mut sum = Sum::default();
        let mut originals = 0_u64;
        let mut stubs = Stubs::default();
        let before = self.damaged.len();
        let inner = self.inner;
        let reader = inner.reader(id, blinded);
        let mut next = 1;
        each_row_in_place(&inner.store, Table::Journal, &blinded, self.stop, |seq, parts| {
            let name = || Some(format!("{id}#{seq}"));
            if seq == 0 || seq > journal.head.seq {
                // An address can say anything; nothing is counted up to it.
                self.found(Where::Journal, name(), None, "order");
                return;
            }
            if let Some(gap) = span(next..seq) {
                self.found(Where::Journal, Some(format!("{id}{gap}")), None, "missing");
            }
            next = seq.saturating_add(1);
            let Ok(opened) = reader.open(Table::Journal, seq, parts) else {
                self.found(Where::Journal, name(), None, "seal");
                return;
            };
            sum.add(Table::Journal, seq, &opened.commitment());
            self.entries += 1;
            match journal::decode(&opened.plaintext) {
                Ok(entry) => {
                    originals += u64::from(entry.header.origin);
                    stubs.take(seq, &entry);
                    self.files.extend(entry.header.file.map(|file| (file, format!("{id}#{seq}"))));
                }
                Err(_) => self.found(Where::Journal, name(), None, "seal"),
            }
        })?;
        if let Some(gap) = span(next..journal.head.seq.saturating_add(1)) {
            self.found(Where::Journal, Some(format!("{id}{gap}")), None, "missing");
        }
        each_row_in_place(&inner.store, Table::Origin, &blinded, self.stop, |seq, parts| {
            match reader.open(Table::Origin, seq, parts) {
                Ok(opened) => {
                    originals = originals.saturating_sub(1);
                    sum.add(Table::Origin, seq, &opened.commitment());
                }
                Err(_) => self.found(Where::Journal, Some(format!("{id}#{seq}")), Some("origin".to_owned()), "seal"),
            }
        })?;
        self.samples(id, stubs)?;
        let said = self.said.remove(&person).unwrap_or_default();
        if self.log_is_whole() {
            if said.sum() != sum {
                self.compare(journal, person)?;
            }
        } else if originals > 0 && before == self.damaged.len() {
            self.found(Where::Journal, Some(format!("{id}: {originals} originals")), None, "missing");
        }
        Ok(())
    }

    pub(super) fn log_is_whole(&self) -> bool {
        self.damaged.iter().all(|damage| damage.place != Where::Audit)
    }

    /// Writes that the log knows of people of whom nothing is there.
    pub(super) fn nobodys_writes(&mut self) {
        if let Some(leaving) = &self.leaving {
            self.said.remove(&leaving.pseudonym());
        }
        if self.said.is_empty() || !self.log_is_whole() {
            return;
        }
        if self.without_head.is_empty() {
            self.found(Where::Journal, None, None, "missing");
        }
        for id in std::mem::take(&mut self.without_head) {
            self.found(Where::Journal, Some(format!("{id}#1")), None, "missing");
        }
    }

    /// Finds the rows whose commitment differs from what the audit log says.
    fn compare(&mut self, journal: &Journal, person: Pseudonym) -> Result<()> {
        let mut said = self.still_said(&HashSet::from([person]))?.remove(&person).unwrap_or_default();
        let reader = self.inner.reader(journal.id, journal.blinded);
        let mut wrong = Vec::new();
        for table in [Table::Journal, Table::Origin] {
            each_row_in_place(&self.inner.store, table, &journal.blinded, self.stop, |seq, parts| {
                let commitment = reader.open(table, seq, parts).map(|opened| opened.commitment()).ok();
                if said.remove(&Place(table, seq)) != commitment {
                    wrong.push((table as u8, seq, "order"));
                }
            })?;
        }
        wrong.extend(said.into_keys().map(|Place(table, seq)| (table as u8, seq, "missing")));
        wrong.sort_unstable();
        for (table, seq, reason) in wrong {
            let entry = Some(format!("{}#{seq}", journal.id));
            let file = (table == Table::Origin as u8).then(|| "origin".to_owned());
            if !self.damaged.iter().any(|damage| damage.entry == entry && damage.file == file) {
                self.found(Where::Journal, entry, file, reason);
            }
        }
        Ok(())
    }
}
