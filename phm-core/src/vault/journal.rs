//! A journal entry: its form, and reading entries back.
//!
//! The sealed plaintext of an entry is a format byte and a JSON object: the header `h` and, where the entry has one,
//! the body `b` in its kind's stored form. An imported resource's exact bytes stand in the origin table under
//! the same seq.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::keys::KeyBook;
use crate::crypto::{self, Opened, Prepared};
use crate::error::{Error, Result};
use crate::id::{ProfileId, VaultId};
use crate::index::Header;
use crate::store::Store;
use crate::store::layout::{self, Blinded, Table};

const FORMAT: u8 = 1;

/// A journal entry as it is read back.
#[derive(Debug)]
pub(crate) struct Entry {
    pub header: Header,
    /// The body as JSON; none for the acts of imports and removals.
    pub body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Incoming {
    h: Header,
    #[serde(default)]
    b: Option<Box<RawValue>>,
}

/// The body of an entry, for whoever knows its header from the index already.
#[derive(Deserialize)]
struct BodyOnly {
    #[serde(default)]
    b: Option<Box<RawValue>>,
}

/// The plaintext of an entry.
pub(crate) fn encode(header: &Header, body: Option<&RawValue>) -> Vec<u8> {
    encode_json(header, body.map(RawValue::get))
}

/// The same of a body that was just written as JSON, and so need not be read again to know that it is.
fn encode_json(header: &Header, body: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024 + body.map_or(0, str::len));
    out.push(FORMAT);
    out.extend_from_slice(b"{\"h\":");
    serde_json::to_writer(&mut out, header).expect("headers are always JSON");
    if let Some(body) = body {
        out.extend_from_slice(b",\"b\":");
        out.extend_from_slice(body.as_bytes());
    }
    out.push(b'}');
    out
}

/// Reads the plaintext of an entry.
pub(crate) fn decode(plaintext: &[u8]) -> Result<Entry> {
    let Incoming { h, b } = read(plaintext)?;
    Ok(Entry { header: h, body: b })
}

fn read<'p, T: Deserialize<'p>>(plaintext: &'p [u8]) -> Result<T> {
    let entry = match plaintext.split_first() {
        Some((&FORMAT, json)) => serde_json::from_slice(json).ok(),
        Some(_) => return Err(super::newer_format()),
        None => None,
    };
    entry.ok_or_else(|| Error::corrupt("a journal entry has an unknown form; run `phm verify`"))
}

/// What a sealed body is bound to: vault, table, profile and seq. The part is added by the seal.
pub(crate) fn context(vault: VaultId, table: Table, profile: ProfileId, seq: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(41);
    out.extend_from_slice(vault.as_bytes());
    out.push(table as u8);
    out.extend_from_slice(profile.as_bytes());
    out.extend_from_slice(&seq.to_be_bytes());
    out
}

/// Reads and opens the rows of one profile.
pub(crate) struct Reader<'v> {
    pub store: &'v dyn Store,
    pub keys: &'v KeyBook,
    pub vault: VaultId,
    pub profile: ProfileId,
    pub blinded: Blinded,
}

impl Reader<'_> {
    /// The entry `seq`.
    pub fn entry(&self, seq: u64) -> Result<Entry> {
        let opened = self.row(Table::Journal, seq)?.ok_or_else(|| self.missing(seq))?;
        decode(&opened.plaintext)
    }

    /// The body of the entry `seq` alone, where it has one: its header is passed over.
    pub fn body(&self, seq: u64) -> Result<Option<Box<RawValue>>> {
        let opened = self.row(Table::Journal, seq)?.ok_or_else(|| self.missing(seq))?;
        read::<BodyOnly>(&opened.plaintext).map(|entry| entry.b)
    }

    /// The original bytes that came with the entry `seq`.
    pub fn origin(&self, seq: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.row(Table::Origin, seq)?.map(|opened| opened.plaintext))
    }

    /// A row of the journal or origin table, opened.
    pub fn row(&self, table: Table, seq: u64) -> Result<Option<Opened>> {
        let Some(mut parts) = self.parts(table, seq)? else { return Ok(None) };
        loop {
            let outcome = self.open(table, seq, &parts);
            if outcome.is_ok() {
                return outcome.map(Some);
            }
            // Resealed between two parts, or its old key dropped meanwhile: then other bytes stand there now.
            let Some(now) = self.parts(table, seq)? else { return outcome.map(Some) };
            if now == parts {
                return outcome.map(Some);
            }
            parts = now;
        }
    }

    /// Opens the parts of a row as a scan showed them; where they do not open, as they stand now.
    pub fn open_or_again(&self, table: Table, seq: u64, parts: &[Vec<u8>]) -> Result<Opened> {
        self.open(table, seq, parts).or_else(|error| self.row(table, seq)?.ok_or(error))
    }

    /// The sealed parts of a row.
    pub fn parts(&self, table: Table, seq: u64) -> Result<Option<Vec<Vec<u8>>>> {
        let Some(first) = self.store.get(&self.address(table, seq, 0))? else { return Ok(None) };
        let mut parts = vec![first];
        while parts.last().is_some_and(|part| crypto::is_full_part(part)) {
            let number = u16::try_from(parts.len()).map_err(|_| self.damaged(seq))?;
            match self.store.get(&self.address(table, seq, number))? {
                Some(part) => parts.push(part),
                None => break,
            }
        }
        Ok(Some(parts))
    }

    /// Where a part of a row stands.
    pub fn address(&self, table: Table, seq: u64, part: u16) -> Vec<u8> {
        match table {
            Table::Origin => layout::origin(&self.blinded, seq, part),
            _ => layout::journal(&self.blinded, seq, part),
        }
    }

    /// Opens the parts of a row.
    pub fn open(&self, table: Table, seq: u64, parts: &[Vec<u8>]) -> Result<Opened> {
        let epoch = parts.first().and_then(|part| crypto::epoch_of(part)).ok_or_else(|| self.damaged(seq))?;
        let key = self.keys.profile_key_at(self.profile, epoch).ok_or_else(|| self.damaged(seq))?;
        crypto::open(&key, &context(self.vault, table, self.profile, seq), parts).map_err(|_| self.damaged(seq))
    }

    /// Shows every entry with `from <= seq <= to` in order; a gap or damage is an error that names the entry.
    pub fn entries(&self, from: u64, to: u64, mut visit: impl FnMut(u64, Entry) -> Result<()>) -> Result<()> {
        if from > to {
            return Ok(());
        }
        let mut expected = from;
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut failed = None;
        let mut finish = |seq: u64, parts: &mut Vec<Vec<u8>>| -> Result<()> {
            let opened = self.open_or_again(Table::Journal, seq, parts)?;
            parts.clear();
            visit(seq, decode(&opened.plaintext)?)
        };
        let (start, end) = (layout::journal(&self.blinded, from, 0), layout::journal(&self.blinded, to, u16::MAX));
        self.store.scan(&start, &end, &mut |(address, value)| {
            let Some((seq, part)) = layout::seq_and_part(address) else { return false };
            if part == 0 && !parts.is_empty() {
                if let Err(error) = finish(expected, &mut parts) {
                    failed = Some(error);
                    return false;
                }
                expected += 1;
            }
            if seq != expected || usize::from(part) != parts.len() {
                failed = Some(self.missing(expected));
                return false;
            }
            parts.push(value.to_vec());
            true
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if parts.is_empty() || expected != to {
            return Err(self.missing(expected));
        }
        finish(expected, &mut parts)
    }

    fn missing(&self, seq: u64) -> Error {
        Error::corrupt(format!(
            "entry {}#{seq} is missing; run `phm verify`, then restore the newest backup",
            self.profile
        ))
    }

    fn damaged(&self, seq: u64) -> Error {
        Error::corrupt(format!(
            "entry {}#{seq} is damaged; run `phm verify`, then restore the newest backup",
            self.profile
        ))
    }
}

/// An entry that is ready to be sealed.
pub(crate) fn prepare(header: &Header, body: Option<&RawValue>) -> Result<Prepared> {
    Ok(Prepared::new(&encode(header, body))?)
}

/// The same of a body that was just written as JSON: the stored form of a kind.
pub(crate) fn prepare_json(header: &Header, body: Option<&str>) -> Result<Prepared> {
    Ok(Prepared::new(&encode_json(header, body))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;

    #[test]
    fn an_entry_has_the_form_that_stands_on_disk() {
        let header = Header {
            at: crate::time::Instant::from_millis(0),
            act: crate::index::Act::Create,
            record: RecordId::from_bytes([7; 16]),
            kind: "note".into(),
            version: 1,
            form: 1,
            occurred: None,
            labels: Vec::new(),
            provenance: crate::model::Provenance::default(),
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: crate::model::Summary { title: "Note".into(), ..Default::default() },
        };
        let body = RawValue::from_string(r#"{"text":"x"}"#.into()).expect("JSON");
        let bytes = encode(&header, Some(&body));
        assert_eq!(bytes[0], 1);
        insta::assert_snapshot!(String::from_utf8_lossy(&bytes[1..]), @r#"{"h":{"t":"1970-01-01T00:00:00.000Z","a":"create","r":"07070707-0707-0707-0707-070707070707","k":"note","v":1,"f":1,"p":{"how":"typed","actor":""},"s":{"title":"Note"}},"b":{"text":"x"}}"#);
        assert_eq!(encode_json(&header, Some(body.get())), bytes);
        assert!(decode(&encode_json(&header, None)).is_ok_and(|entry| entry.body.is_none() && entry.header == header));
        let alone = |bytes: &[u8]| read::<BodyOnly>(bytes).expect("an entry").b.map(|body| body.get().to_owned());
        assert_eq!(alone(&bytes).as_deref(), Some(body.get()));
        assert_eq!(alone(&encode(&header, None)), None);
        for broken in [&bytes[..bytes.len() - 1], &[2_u8][..], &[][..]] {
            assert!(read::<BodyOnly>(broken).is_err() && decode(broken).is_err());
        }
        let back = decode(&bytes).expect("an entry");
        assert_eq!(back.header, header);
        assert_eq!(back.body.map(|body| body.get().to_owned()).as_deref(), Some(r#"{"text":"x"}"#));
    }
}
