//! One entry of a chunk: what of it no template says.

use crate::bytes::{Bytes, put, put_signed, put_text};
use crate::id::{FileId, RecordId};
use crate::index::header::{Act, FileRef, Identity, ImportMark, Newness, SampleMark};
use crate::index::parts::Own;
use crate::index::view::Version;
use crate::time::{Instant, When};

/// No entry is shorter: what is there, template, act, record, version, and when it was recorded.
pub(super) const LEAST: usize = 1 + 1 + 1 + 16 + 1 + 1;

/// Original bytes stand in the origin table.
const ORIGIN: u64 = 1;
/// It occurred at a moment.
const MOMENT: u64 = 1 << 1;
const VALUE: u64 = 1 << 2;
const IMPORT: u64 = 1 << 3;
const IDENTITY: u64 = 1 << 4;
/// The identity says when it was updated.
const UPDATED: u64 = 1 << 5;
/// The identity says which version it is.
const NUMBERED: u64 = 1 << 6;
/// It occurred on a day, or in a month or a year.
const DATE: u64 = 1 << 7;
const FILE: u64 = 1 << 8;
const SAMPLES: u64 = 1 << 9;
/// The samples are those of an entry before.
const UNDOES: u64 = 1 << 10;
const ALL: u64 = (1 << 11) - 1;

/// The longest text of a date.
const LONGEST_DATE: usize = 10;

/// Adds an entry; `template` and `import` are numbers in the chunk, the latter with the number of the item.
pub(super) fn write(out: &mut Vec<u8>, entry: Version<'_>, template: u64, import: Option<(u64, u64)>) {
    let (occurred, identity, samples) = (entry.occurred(), entry.identity(), entry.row().samples());
    let newness = identity.map(|identity| identity.newness).unwrap_or_default();
    let there = [
        (ORIGIN, entry.has_origin()),
        (MOMENT, matches!(occurred, Some(When::Instant(_)))),
        (VALUE, entry.value().is_some()),
        (IMPORT, import.is_some()),
        (IDENTITY, identity.is_some()),
        (UPDATED, newness.updated.is_some()),
        (NUMBERED, newness.version.is_some()),
        (DATE, matches!(occurred, Some(When::Date(_)))),
        (FILE, entry.file().is_some()),
        (SAMPLES, samples.is_some()),
        (UNDOES, samples.is_some_and(|mark| mark.undoes.is_some())),
    ];
    put(out, there.iter().filter(|(_, is)| *is).map(|(flag, _)| flag).sum());
    put(out, template);
    out.push(number_of(entry.act()));
    out.extend_from_slice(entry.record().as_bytes());
    put(out, entry.version().into());
    put_signed(out, entry.at().millis());
    match occurred {
        Some(When::Instant(moment)) => put_signed(out, moment.millis()),
        Some(When::Date(date)) => put_text(out, &date.to_string()),
        None => {}
    }
    if let Some(value) = entry.value() {
        put_text(out, value);
    }
    if let Some((number, item)) = import {
        put(out, number);
        put(out, item);
    }
    if let Some(Identity { key, content, newness }) = identity {
        out.extend_from_slice(&key);
        out.extend_from_slice(&content);
        if let Some(updated) = newness.updated {
            put_signed(out, updated.millis());
        }
        if let Some(version) = newness.version {
            put(out, version);
        }
    }
    if let Some(FileRef { file, key, bytes, sha256 }) = entry.file() {
        out.extend_from_slice(file.as_bytes());
        out.extend_from_slice(key);
        put(out, *bytes);
        out.extend_from_slice(sha256);
    }
    if let Some(SampleMark { count, to, undoes }) = samples {
        put(out, *count);
        put_signed(out, to.millis());
        if let Some(undone) = undoes {
            put(out, *undone);
        }
    }
}

/// Reads an entry, with the number of its template; `None` where no [`write()`] with so many templates and these imports
/// made it.
pub(super) fn read(bytes: &mut Bytes<'_>, templates: usize, imports: &[RecordId]) -> Option<(usize, Own)> {
    let flags = bytes.number().filter(|flags| is_possible(*flags))?;
    let has = |flag: u64| flags & flag != 0;
    let template = bytes.count(templates.checked_sub(1)?)?;
    let act = act_of(bytes.byte()?)?;
    let record = RecordId::from_bytes(bytes.array()?);
    let version = u32::try_from(bytes.number()?).ok()?;
    let at = moment(bytes)?;
    let occurred = if has(MOMENT) {
        Some(When::Instant(moment(bytes)?))
    } else if has(DATE) {
        Some(When::Date(bytes.text(LONGEST_DATE)?.parse().ok()?))
    } else {
        None
    };
    let value = if has(VALUE) { Some(bytes.text(usize::MAX)?.into()) } else { None };
    let import = if has(IMPORT) { Some(import(bytes, imports)?) } else { None };
    let identity = if has(IDENTITY) { Some(identity(bytes, has(UPDATED), has(NUMBERED))?) } else { None };
    let file = if has(FILE) { Some(Box::new(file(bytes)?)) } else { None };
    let samples = if has(SAMPLES) { Some(Box::new(samples(bytes, has(UNDOES))?)) } else { None };
    let origin = has(ORIGIN);
    Some((template, Own { at, act, record, version, occurred, import, identity, origin, value, file, samples }))
}

/// Whether an entry can have just this.
fn is_possible(flags: u64) -> bool {
    let has = |flag: u64| flags & flag != 0;
    let identified = has(IDENTITY) || !has(UPDATED | NUMBERED);
    let sampled = has(SAMPLES) || !has(UNDOES);
    flags <= ALL && identified && sampled && !(has(MOMENT) && has(DATE))
}

fn moment(bytes: &mut Bytes<'_>) -> Option<Instant> {
    bytes.signed().map(Instant::from_millis)
}

fn import(bytes: &mut Bytes<'_>, imports: &[RecordId]) -> Option<ImportMark> {
    let import = *imports.get(bytes.count(imports.len())?)?;
    Some(ImportMark { import, item: bytes.number()? })
}

fn identity(bytes: &mut Bytes<'_>, updated: bool, numbered: bool) -> Option<Identity> {
    let (key, content) = (bytes.array()?, bytes.array()?);
    let updated = if updated { Some(moment(bytes)?) } else { None };
    let version = if numbered { Some(bytes.number()?) } else { None };
    Some(Identity { key, content, newness: Newness { updated, version } })
}

fn file(bytes: &mut Bytes<'_>) -> Option<FileRef> {
    let file = FileId::from_bytes(bytes.array()?);
    Some(FileRef { file, key: bytes.array()?, bytes: bytes.number()?, sha256: bytes.array()? })
}

fn samples(bytes: &mut Bytes<'_>, undoes: bool) -> Option<SampleMark> {
    let (count, to) = (bytes.number()?, moment(bytes)?);
    let undoes = if undoes { Some(bytes.number()?) } else { None };
    Some(SampleMark { count, to, undoes })
}

fn number_of(act: Act) -> u8 {
    match act {
        Act::Create => 1,
        Act::Amend => 2,
        Act::Remove => 3,
        Act::Restore => 4,
        Act::ImportComplete => 5,
        Act::ImportUndo => 6,
        Act::Append => 7,
        Act::AppendUndo => 8,
        Act::Destroyed => 9,
    }
}

fn act_of(number: u8) -> Option<Act> {
    Some(match number {
        1 => Act::Create,
        2 => Act::Amend,
        3 => Act::Remove,
        4 => Act::Restore,
        5 => Act::ImportComplete,
        6 => Act::ImportUndo,
        7 => Act::Append,
        8 => Act::AppendUndo,
        9 => Act::Destroyed,
        _ => return None,
    })
}
