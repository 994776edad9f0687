//! The form of an index checkpoint: what stands in front of the bodies of a journal, in order, so that opening a
//! profile need not open them.
//!
//! A checkpoint is a list of chunks, each a run of entries; since journals only grow, new chunks are appended and
//! none is rewritten. It is sealed by the vault, and may be thrown away at any time.
//!
//! What many entries have in common stands once in a chunk, as a template, and so do the ids of imports. Numbers are
//! varints, signed ones are folded ([`crate::bytes`]); a text stands behind its length in bytes.
//!
//! ```text
//! chunk    = 2 ‖ seq of the first entry ‖ count ‖ template… ‖ count ‖ import (16)… ‖ count ‖ entry…
//! template = JSON, as a text
//! entry    = what is there ‖ template, from 0 ‖ act (1) ‖ record (16) ‖ version ‖ at, in milliseconds, signed
//!            ‖ occurred: milliseconds, signed | a date, as a text
//!            ‖ value, a text
//!            ‖ import, from 0 ‖ item
//!            ‖ identity: key (16) ‖ content (16) ‖ updated, in milliseconds, signed ‖ version
//!            ‖ file: id (16) ‖ key (32) ‖ bytes ‖ SHA-256 (32)
//!            ‖ samples: count ‖ to, in milliseconds, signed ‖ the entry whose samples are hidden
//! ```
//!
//! From `occurred` on everything may be missing; what is there is said in front, bit by bit (`row.rs`).

mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::Hash;

use super::ProfileIndex;
use super::header::Act;
use super::parts::Shared;
use crate::bytes::{Bytes, put, put_text};
use crate::id::RecordId;

/// The first byte of every chunk. Chunks of older builds, which begin with 1, are not read: the journal says the same.
const FORMAT: u8 = 2;

/// Things that a chunk says once and then names by number, in the order they first came in.
struct Numbered<T> {
    numbers: HashMap<T, u64>,
    in_order: Vec<T>,
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), in_order: Vec::new() }
    }

    /// The number of a thing, from 0.
    fn number(&mut self, thing: T) -> u64 {
        let next = self.in_order.len() as u64;
        let number = *self.numbers.entry(thing).or_insert(next);
        if number == next {
            self.in_order.push(thing);
        }
        number
    }
}

/// What entries of a chunk have in common, and its numbers in an index, once it has some.
struct Template {
    shared: Shared,
    /// For versions of records, which have the labels of today.
    of_versions: Option<u32>,
    of_others: Option<u32>,
}

impl Template {
    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let shared = serde_json::from_str(bytes.text(usize::MAX)?).ok()?;
        Some(Self { shared, of_versions: None, of_others: None })
    }

    /// Its number in `index` for an entry that does `act`.
    fn number(&mut self, index: &mut ProfileIndex, act: Act) -> u32 {
        let known = if act.is_version() { &mut self.of_versions } else { &mut self.of_others };
        *known.get_or_insert_with(|| index.template_of(act, self.shared.clone()))
    }
}

/// The entries behind `after` as one chunk, `most` of them at most, and the seq of the last one; `None` when there is
/// none.
pub(crate) fn encode(index: &ProfileIndex, after: u64, most: u64) -> Option<(Vec<u8>, u64)> {
    let last = index.last_seq().min(after.saturating_add(most));
    if last <= after {
        return None;
    }
    let (mut templates, mut imports, mut rows) = (Numbered::new(), Numbered::new(), Vec::new());
    for entry in (after + 1..=last).filter_map(|seq| index.entry(seq)) {
        let template = templates.number(entry.template_number());
        let import = entry.import_mark().map(|mark| (imports.number(mark.import), mark.item));
        row::write(&mut rows, entry, template, import);
    }
    let mut out = vec![FORMAT];
    put(&mut out, after + 1);
    put(&mut out, templates.in_order.len() as u64);
    for template in templates.in_order {
        let shared = index.packed.numbered(template).shared();
        let json = serde_json::to_string(&shared).expect("what headers share has no map with other than text keys");
        put_text(&mut out, &json);
    }
    put(&mut out, imports.in_order.len() as u64);
    out.extend(imports.in_order.iter().flat_map(RecordId::as_bytes));
    put(&mut out, last - after);
    out.append(&mut rows);
    Some((out, last))
}

/// Folds a chunk into `index`; `None` when it is damaged or not the next one of this index, which then stays as it is.
pub(crate) fn decode(index: &mut ProfileIndex, chunk: &[u8]) -> Option<()> {
    let mut bytes = Bytes(chunk);
    if bytes.byte()? != FORMAT || bytes.number()? != index.last_seq() + 1 {
        return None;
    }
    // A count is believed only as far as there are bytes for so many.
    let count = bytes.count(bytes.0.len())?;
    let mut templates = (0..count).map(|_| Template::read(&mut bytes)).collect::<Option<Vec<_>>>()?;
    let count = bytes.count(bytes.0.len() / size_of::<RecordId>())?;
    let imports = (0..count).map(|_| bytes.array().map(RecordId::from_bytes)).collect::<Option<Vec<_>>>()?;
    let count = bytes.count(bytes.0.len() / row::LEAST)?;
    let mut rows = Vec::with_capacity(count);
    for _ in 0..count {
        rows.push(row::read(&mut bytes, templates.len(), &imports)?);
    }
    if rows.is_empty() || !bytes.at_end() {
        return None;
    }
    for (template, own) in rows {
        let template = templates[template].number(index, own.act);
        index.fold_parts(own, template);
    }
    Some(())
}
