//! The stored form of a row: all entries of one group commit, one leaf of the log.
//!
//! Version 1: `1 · people (pseudonyms, each once) · entries`. People are named by their place in the list, counted
//! from 1; 0 is nobody. A row is then sealed under the audit key; its leaf is the hash of the sealed parts.

use super::codec::{FormError, Reader, Writer};
use super::entry::{Deed, Entry, Outcome, Pseudonym, Remark, Written};
use crate::access::Actor;
use crate::id::{LogId, RecordId};
use crate::store::layout::Table;
use crate::time::Instant;

const VERSION: u8 = 1;

/// All entries of one group commit, in the order they happened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Row {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Row {
    /// Everything the row's entries wrote.
    pub fn writes(&self) -> impl Iterator<Item = &Written> {
        self.entries.iter().flat_map(|entry| &entry.writes)
    }

    /// The people the row's entries are about, each once.
    pub fn subjects(&self) -> Vec<Pseudonym> {
        let mut subjects: Vec<_> = self.entries.iter().filter_map(|entry| entry.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let people = self.people();
        let mut out = Writer::default();
        out.byte(VERSION);
        out.count(people.len());
        for person in &people {
            out.fixed(person.as_bytes());
        }
        out.count(self.entries.len());
        for entry in &self.entries {
            write_entry(&mut out, entry, &people);
        }
        out.0
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormError> {
        let mut from = Reader(bytes);
        if from.byte()? != VERSION {
            return Err(FormError);
        }
        let people = many(&mut from, 16, |from| from.fixed().map(Pseudonym::from_bytes))?;
        let entries = many(&mut from, 16, |from| read_entry(from, &people))?;
        from.end()?;
        Ok(Self { entries })
    }

    /// Everybody the row names, sorted, each once.
    fn people(&self) -> Vec<Pseudonym> {
        let mut people = self.subjects();
        people.extend(self.writes().map(|written| written.pseudonym));
        people.extend(self.entries.iter().flat_map(|entry| &entry.remarks).filter_map(|remark| match remark {
            Remark::Purged { pseudonym, .. } => Some(*pseudonym),
            Remark::Continues { .. } => None,
        }));
        people.sort_unstable();
        people.dedup();
        people
    }
}

fn write_entry(out: &mut Writer, entry: &Entry, people: &[Pseudonym]) {
    let person = |pseudonym: &Pseudonym| 1 + people.binary_search(pseudonym).expect("everybody is in the list");
    out.fixed(&entry.at.millis().to_be_bytes());
    write_actor(out, &entry.actor);
    out.byte(entry.deed.code());
    out.byte(entry.outcome.code());
    out.count(entry.subject.as_ref().map_or(0, person));
    // No row can stand at the last number of all, so adding one cannot overflow.
    out.number(entry.previous.map_or(0, |leaf| leaf.saturating_add(1)));
    out.number(entry.count);
    out.bytes(&entry.inner);
    out.count(entry.writes.len());
    for written in &entry.writes {
        out.byte(written.table as u8);
        out.count(person(&written.pseudonym));
        out.number(written.seq);
        out.fixed(&written.commitment);
    }
    out.count(entry.remarks.len());
    for remark in &entry.remarks {
        match remark {
            Remark::Continues { log, size, root, reason } => {
                out.byte(1);
                out.fixed(log.as_bytes());
                out.number(*size);
                out.fixed(root);
                out.bytes(reason.as_bytes());
            }
            Remark::Purged { table, pseudonym, from, to } => {
                out.byte(2);
                out.byte(*table as u8);
                out.count(person(pseudonym));
                out.number(*from);
                out.number(*to);
            }
        }
    }
}

fn read_entry(from: &mut Reader<'_>, people: &[Pseudonym]) -> Result<Entry, FormError> {
    Ok(Entry {
        at: Instant::from_millis(i64::from_be_bytes(from.fixed()?)),
        actor: read_actor(from)?,
        deed: Deed::from_code(from.byte()?).ok_or(FormError)?,
        outcome: Outcome::from_code(from.byte()?).ok_or(FormError)?,
        subject: read_person(from, people)?,
        previous: from.number()?.checked_sub(1),
        count: from.number()?,
        inner: from.bytes()?.to_vec(),
        writes: many(from, 35, |from| {
            Ok(Written {
                table: read_table(from)?,
                pseudonym: read_person(from, people)?.ok_or(FormError)?,
                seq: from.number()?,
                commitment: from.fixed()?,
            })
        })?,
        remarks: many(from, 5, |from| match from.byte()? {
            1 => Ok(Remark::Continues {
                log: LogId::from_bytes(from.fixed()?),
                size: from.number()?,
                root: from.fixed()?,
                reason: from.text()?,
            }),
            2 => Ok(Remark::Purged {
                table: read_table(from)?,
                pseudonym: read_person(from, people)?.ok_or(FormError)?,
                from: from.number()?,
                to: from.number()?,
            }),
            _ => Err(FormError),
        })?,
    })
}

fn write_actor(out: &mut Writer, actor: &Actor) {
    let mut ids = |tag: u8, ids: &[&RecordId]| {
        out.byte(tag);
        for id in ids {
            out.fixed(id.as_bytes());
        }
    };
    match actor {
        Actor::Person { account } => ids(1, &[account]),
        Actor::Token { id, account } => ids(2, &[id, account]),
        Actor::Plugin { name, account } => {
            ids(3, &[account]);
            out.bytes(name.as_bytes());
        }
        Actor::Service { grant, account, name } => {
            ids(4, &[grant, account]);
            out.bytes(name.as_bytes());
        }
        Actor::Operator => ids(5, &[]),
        Actor::Gate => ids(6, &[]),
    }
}

fn read_actor(from: &mut Reader<'_>) -> Result<Actor, FormError> {
    let tag = from.byte()?;
    let mut id = || from.fixed().map(RecordId::from_bytes);
    Ok(match tag {
        1 => Actor::Person { account: id()? },
        2 => Actor::Token { id: id()?, account: id()? },
        3 => Actor::Plugin { account: id()?, name: from.text()? },
        4 => Actor::Service { grant: id()?, account: id()?, name: from.text()? },
        5 => Actor::Operator,
        6 => Actor::Gate,
        _ => return Err(FormError),
    })
}

fn read_person(from: &mut Reader<'_>, people: &[Pseudonym]) -> Result<Option<Pseudonym>, FormError> {
    match usize::try_from(from.number()?).map_err(|_| FormError)?.checked_sub(1) {
        None => Ok(None),
        Some(place) => people.get(place).copied().map(Some).ok_or(FormError),
    }
}

fn read_table(from: &mut Reader<'_>) -> Result<Table, FormError> {
    let tag = from.byte()?;
    Table::of_tag(tag).ok_or(FormError)
}

/// A count and that many items, each of at least `least` bytes.
fn many<T>(
    from: &mut Reader<'_>,
    least: usize,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, FormError>,
) -> Result<Vec<T>, FormError> {
    (0..from.count(least)?).map(|_| item(from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let account = RecordId::from_bytes([0xA1; 16]);
        let (rosa, omar) = (Pseudonym::from_bytes([0x0A; 16]), Pseudonym::from_bytes([0x0B; 16]));
        let at = Instant::from_millis(1_795_000_000_123);
        let written = |pseudonym, seq| Written { table: Table::Journal, pseudonym, seq, commitment: [0xC0; 32] };
        let actors = [
            Actor::Token { id: RecordId::from_bytes([0xB2; 16]), account },
            Actor::Plugin { name: "labs".into(), account },
            Actor::Service { grant: RecordId::from_bytes([0xB3; 16]), account, name: "reminders".into() },
            Actor::Operator,
            Actor::Gate,
        ];
        let mut entries = vec![Entry {
            subject: Some(omar),
            previous: Some(0),
            count: 2,
            inner: b"sealed".to_vec(),
            writes: vec![written(omar, 7), written(omar, 300), written(rosa, 1)],
            ..Entry::new(at, Actor::Person { account }, Deed::Add, Outcome::Allowed)
        }];
        entries.extend(actors.map(|actor| Entry::new(at, actor, Deed::Read, Outcome::Refused)));
        let log = LogId::from_bytes([0xD4; 16]);
        entries[4].remarks = vec![
            Remark::Continues { log, size: 1000, root: [0xE5; 32], reason: "restore".into() },
            Remark::Purged { table: Table::Origin, pseudonym: rosa, from: 3, to: 9 },
        ];
        Row { entries }
    }

    #[test]
    fn the_stored_form_reads_back_and_stays_as_it_is() {
        let stored = row().encode();
        insta::assert_snapshot!(stored.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")));
        assert_eq!(Row::decode(&stored), Ok(row()));
        assert_eq!(Row::decode(&Row::default().encode()), Ok(Row::default()));
    }

    #[test]
    fn a_row_names_whom_it_is_about_once_and_what_it_wrote() {
        let row = row();
        assert_eq!(row.subjects(), [Pseudonym::from_bytes([0x0B; 16])]);
        assert_eq!(row.writes().map(|written| written.seq).collect::<Vec<_>>(), [7, 300, 1]);
    }

    #[test]
    fn a_row_cut_short_or_with_something_behind_it_is_refused() {
        let stored = row().encode();
        for length in 0..stored.len() {
            assert!(Row::decode(&stored[..length]).is_err(), "{length} bytes");
        }
        assert!(Row::decode(&[&stored[..], &[0]].concat()).is_err());
        assert!(Row::decode(&[&[2], &stored[1..]].concat()).is_err(), "a later version");
    }

    #[test]
    fn no_changed_byte_makes_reading_panic_or_pass_unnoticed() {
        let stored = row().encode();
        for at in 0..stored.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut bad = stored.clone();
                bad[at] = value;
                let read = Row::decode(&bad);
                assert!(bad == stored || read != Ok(row()), "byte {at}");
            }
        }
    }
}
