//! What the log says a person's rows commit to, less what a later entry says was destroyed on purpose.
//!
//! Rectifying a record, or erasing a person, takes rows away that the log has commitments of. The entry about it names
//! them; whatever else is missing is damage.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::sum::Sum;
use super::{Verifying, each_row};
use crate::audit::entry::{Entry, Pseudonym, Remark, Written};
use crate::audit::row::Row;
use crate::error::Result;
use crate::store::layout::Table;

/// A table and a seq in it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Place(pub Table, pub u64);

/// What the log says was written of one person.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    sum: Sum,
    /// The first and the last seq of each table of which anything is said.
    span: HashMap<Table, (u64, u64)>,
}

impl Said {
    /// Adds what one entry says.
    pub fn add(&mut self, written: &Written) {
        self.sum.add(written.table, written.seq, &written.commitment);
        let (first, last) = self.span.entry(written.table).or_insert((written.seq, written.seq));
        (*first, *last) = ((*first).min(written.seq), (*last).max(written.seq));
    }

    /// All of it, to be compared.
    pub fn sum(&self) -> Sum {
        self.sum
    }

    /// Whether all of it lies within what was purged.
    pub fn is_all_within(&self, purged: &[(Table, Range<u64>)]) -> bool {
        self.span.iter().all(|(table, (first, last))| {
            purged.iter().any(|(of, range)| of == table && range.contains(first) && range.contains(last))
        })
    }
}

impl FromIterator<(Place, [u8; 32])> for Said {
    fn from_iter<I: IntoIterator<Item = (Place, [u8; 32])>>(rows: I) -> Self {
        let mut said = Self::default();
        for (Place(table, seq), commitment) in rows {
            said.add(&Written { table, pseudonym: Pseudonym::from_bytes([0; 16]), seq, commitment });
        }
        said
    }
}

/// What all rows of all logs say together.
#[derive(Debug, Default)]
pub(super) struct Claims {
    said: HashMap<Pseudonym, Said>,
    purged: HashMap<Pseudonym, Vec<(Table, Range<u64>)>>,
}

impl Claims {
    /// Hears one row; they may come in any order.
    pub fn hear(&mut self, row: &Row) {
        for entry in &row.entries {
            for (person, range) in purges(entry) {
                self.purged.entry(person).or_default().push(range);
            }
            for written in &entry.writes {
                self.said.entry(written.pseudonym).or_default().add(written);
            }
        }
    }
}

/// Whose rows an entry says are missing on purpose from there on, and which.
fn purges(entry: &Entry) -> impl Iterator<Item = (Pseudonym, (Table, Range<u64>))> {
    entry.remarks.iter().filter_map(|remark| match remark {
        Remark::Purged { table, pseudonym, from, to } => Some((*pseudonym, (*table, *from..*to))),
        Remark::Continues { .. } => None,
    })
}

impl Verifying<'_> {
    /// What is said of each person, less what was purged. Of somebody who was erased nothing is left; of whom single rows
    /// were purged, a second look at the logs tells what is.
    pub(super) fn settle(&mut self) -> Result<HashMap<Pseudonym, Said>> {
        let Claims { mut said, purged } = std::mem::take(&mut self.claims);
        let mut partly = HashSet::new();
        for (person, ranges) in purged {
            if said.get(&person).is_none_or(|said| said.is_all_within(&ranges)) {
                said.remove(&person);
            } else {
                partly.insert(person);
            }
        }
        if !partly.is_empty() {
            for (person, rows) in self.still_said(&partly)? {
                if rows.is_empty() {
                    said.remove(&person);
                } else {
                    said.insert(person, rows.into_iter().collect());
                }
            }
        }
        Ok(said)
    }

    /// What each of `people` wrote and nothing says was destroyed since, row by row.
    ///
    /// An entry destroys first and writes then: what it puts in the place of a destroyed row is there.
    pub(super) fn still_said(
        &self,
        people: &HashSet<Pseudonym>,
    ) -> Result<HashMap<Pseudonym, HashMap<Place, [u8; 32]>>> {
        let mut said: HashMap<Pseudonym, HashMap<Place, [u8; 32]>> = HashMap::new();
        for log in &self.logs {
            each_row(&self.inner.store, Table::Audit, log.as_bytes(), self.stop, |leaf, parts| {
                // One that does not open was named by the first look.
                let row = self.inner.open_audit_row(*log, leaf, parts).unwrap_or_default();
                for entry in &row.entries {
                    for (person, (table, seqs)) in purges(entry) {
                        let Some(rows) = said.get_mut(&person) else { continue };
                        if seqs.end.saturating_sub(seqs.start) > rows.len() as u64 {
                            rows.retain(|place, _| place.0 != table || !seqs.contains(&place.1));
                        } else {
                            seqs.for_each(|seq| _ = rows.remove(&Place(table, seq)));
                        }
                    }
                    for written in entry.writes.iter().filter(|written| people.contains(&written.pseudonym)) {
                        let place = Place(written.table, written.seq);
                        said.entry(written.pseudonym).or_default().insert(place, written.commitment);
                    }
                }
            })?;
        }
        Ok(said)
    }
}
