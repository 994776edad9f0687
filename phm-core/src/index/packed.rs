//! Headers packed: one small row for each journal entry.
//!
//! A person's history repeats itself: the same test under the same code in the same unit, brought by the same import.
//! A row holds what is its own (when, which version, which value) and points to a [`Template`] for the rest, so that a
//! record takes some 270 bytes with everything that finds it again. A [`Header`] is made of both when somebody asks.

use super::Slot;
use super::chunks::Chunks;
use super::header::{Act, FileRef, Header, Identity, ImportMark, Newness, SampleMark};
use super::order::Standing;
use super::parts::{Own, Shared};
use super::templates::{Template, Templates, heap};
use crate::id::RecordId;
use crate::model::Summary;
use crate::time::{Instant, When};

/// The slot of an entry that is about an import, or was destroyed, and so is about no record.
pub(super) const NO_SLOT: Slot = Slot::MAX;

/// What a header has that others rarely share.
#[derive(Debug)]
pub(super) struct Row {
    at: Instant,
    occurred: Option<When>,
    /// The record, or [`NO_SLOT`].
    pub slot: Slot,
    /// Seq of the record's version before; 0 for the first.
    pub before: u32,
    pub version: u32,
    template: u32,
    /// Number of the import from 1; 0 for none.
    pub import: u32,
    /// Number of the identity from 1; 0 for none.
    pub outside: u32,
    item: u64,
    value: Option<Box<str>>,
    file: Option<Box<FileRef>>,
    samples: Option<Box<SampleMark>>,
    pub act: Act,
    pub origin: bool,
}

/// An identity, packed.
#[derive(Debug)]
pub(super) struct Outside {
    pub key: [u8; 16],
    content: [u8; 16],
    /// Milliseconds; the smallest number for none.
    updated: i64,
    /// One more than the version; 0 for none.
    version: u64,
    pub slot: Slot,
}

/// The rows of a journal, entry by entry.
#[derive(Debug, Default)]
pub(super) struct Packed {
    rows: Chunks<Row>,
    outsides: Chunks<Outside>,
    templates: Templates,
    /// Bytes of texts and files that the rows own.
    heap: usize,
}

impl Packed {
    /// How many entries there are; also the seq of the newest.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row of the entry `seq`.
    pub fn row(&self, seq: u32) -> &Row {
        &self.rows[seq as usize - 1]
    }

    pub fn template(&self, row: &Row) -> &Template {
        self.numbered(row.template)
    }

    /// How many templates there are, and which one a row has.
    pub fn templates(&self) -> usize {
        self.templates.len()
    }

    pub fn outside(&self, number: u32) -> &Outside {
        &self.outsides[number as usize - 1]
    }

    /// The template with this number.
    pub fn numbered(&self, template: u32) -> &Template {
        self.templates.numbered(template)
    }

    /// About how many bytes of memory all of it takes.
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.outsides.bytes() + self.templates.bytes() + self.heap
    }

    /// Adds the next entry, which has the template with the number `template`: `slot` and `before` say where it stands,
    /// `import` is the number of its import from 1.
    pub fn push(&mut self, own: Own, template: u32, slot: Slot, before: u32, import: u32) {
        let outside = own.identity.map_or(0, |identity| self.add_outside(identity, slot));
        self.heap += own.value.as_ref().map_or(0, |text| heap(text.len()));
        self.heap += own.file.as_ref().map_or(0, |_| heap(size_of::<FileRef>()));
        self.heap += own.samples.as_ref().map_or(0, |_| heap(size_of::<SampleMark>()));
        self.rows.push(Row {
            at: own.at,
            occurred: own.occurred,
            slot,
            before,
            version: own.version,
            template,
            import,
            outside,
            item: own.import.map_or(0, |mark| mark.item),
            value: own.value,
            file: own.file,
            samples: own.samples,
            act: own.act,
            origin: own.origin,
        });
    }

    fn add_outside(&mut self, identity: Identity, slot: Slot) -> u32 {
        let Identity { key, content, newness } = identity;
        self.outsides.push(Outside {
            key,
            content,
            updated: newness.updated.map_or(i64::MIN, Instant::millis),
            version: newness.version.and_then(|version| version.checked_add(1)).unwrap_or(0),
            slot,
        });
        u32::try_from(self.outsides.len()).expect("a journal holds fewer than four billion entries")
    }

    /// The number of the template of all that have this in common, made when it is new.
    pub fn template_of(&mut self, shared: &Shared) -> u32 {
        self.templates.number_of(shared)
    }
}

impl Row {
    pub fn at(&self) -> Instant {
        self.at
    }

    pub fn occurred(&self) -> Option<When> {
        self.occurred
    }

    /// Number of the template, below [`Packed::templates`].
    pub fn template_number(&self) -> u32 {
        self.template
    }

    /// What a list asks of it first; it is the entry `seq`.
    pub fn standing(&self, seq: u32) -> Standing {
        Standing { seq, template: self.template, removed: self.act == Act::Remove }
    }

    pub fn item(&self) -> u64 {
        self.item
    }

    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    pub fn file(&self) -> Option<&FileRef> {
        self.file.as_deref()
    }

    /// What it says of samples.
    pub fn samples(&self) -> Option<&SampleMark> {
        self.samples.as_deref()
    }

    /// When it occurred, for sorting; undated ones come before all others.
    pub fn sort_moment(&self) -> i64 {
        self.occurred.map_or(i64::MIN, |when| when.first().millis())
    }

    /// The header again, of the record or import `record`.
    pub fn header(&self, packed: &Packed, record: RecordId, import: Option<ImportMark>) -> Header {
        let shared = packed.template(self).shared();
        Header {
            at: self.at,
            act: self.act,
            record,
            kind: shared.kind,
            version: self.version,
            form: shared.form,
            occurred: self.occurred,
            labels: shared.labels,
            provenance: shared.provenance,
            import,
            identity: (self.outside > 0).then(|| packed.outside(self.outside).identity()),
            origin: self.origin,
            resource: shared.resource,
            file: self.file.as_deref().cloned(),
            samples: self.samples.as_deref().copied(),
            summary: Summary {
                title: shared.title,
                value: self.value.as_deref().map(str::to_owned),
                unit: shared.unit,
                status: shared.status,
                flag: shared.flag,
                codes: shared.codes,
            },
        }
    }
}

impl Outside {
    pub fn identity(&self) -> Identity {
        let newness = Newness {
            updated: (self.updated != i64::MIN).then(|| Instant::from_millis(self.updated)),
            version: self.version.checked_sub(1),
        };
        Identity { key: self.key, content: self.content, newness }
    }
}

/// A hash of sixteen bytes that are random or a digest already: both halves multiplied, and the product folded.
pub(super) fn spread(bytes: &[u8; 16]) -> u64 {
    let half = |at: usize| u128::from(u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte])));
    let product = (half(0) ^ 0x9E37_79B9_7F4A_7C15) * (half(8) ^ 0xD1B5_4A32_D192_ED03);
    let folded = product ^ (product >> 64);
    u64::from_le_bytes(std::array::from_fn(|byte| folded.to_le_bytes()[byte]))
}

#[cfg(test)]
mod tests {
    use crate::id::{FileId, RecordId};
    use crate::index::{Act, FileRef, Header, Identity, ImportMark, Newness, ProfileIndex, RecordState, SampleMark};
    use crate::model::{How, Provenance, Source, Summary};
    use crate::time::Instant;

    /// A header with everything in it, or with nothing.
    fn header(number: u64, full: bool) -> Header {
        let bytes = u128::from(number).to_be_bytes();
        let text = |text: &str| full.then(|| text.to_owned());
        Header {
            at: Instant::from_millis(number.cast_signed()),
            act: Act::Create,
            record: RecordId::version_four(bytes),
            kind: "lab-result".into(),
            version: 1,
            form: 1,
            occurred: full.then(|| "2024-05".parse().expect("a month")),
            labels: if full { vec!["private-note".into(), "mental-health".into()] } else { Vec::new() },
            provenance: Provenance {
                how: How::Import,
                source: full.then(|| Source { file: "report.json".into(), sha256: "0".repeat(64) }),
                ..Provenance::typed("operator")
            },
            import: full.then(|| ImportMark { import: RecordId::from_bytes([9; 16]), item: number }),
            identity: full.then(|| Identity {
                key: bytes,
                content: [number.to_be_bytes()[7]; 16],
                newness: Newness {
                    updated: Some(Instant::from_millis(-1)),
                    version: number.is_multiple_of(2).then_some(0),
                },
            }),
            origin: full,
            resource: full.then(|| "Observation".into()),
            file: full.then(|| FileRef { file: FileId::from_bytes(bytes), key: [1; 32], bytes: 3, sha256: [2; 32] }),
            samples: None,
            summary: Summary {
                title: format!("HbA1c {}", number % 7),
                value: text("7.1"),
                unit: text("%"),
                status: text("final"),
                flag: text("H"),
                codes: if full { vec![("http://loinc.org".into(), "4548-4".into())] } else { Vec::new() },
            },
        }
    }

    #[test]
    fn a_header_comes_back_as_it_was_folded() {
        let mut index = ProfileIndex::default();
        let headers: Vec<Header> = (1..3000).map(|number| header(number, number % 3 > 0)).collect();
        for (seq, header) in (1..).zip(&headers) {
            index.fold(seq, header.clone());
        }
        for (entry, header) in index.entries().zip(&headers) {
            assert_eq!(entry.header(), *header);
        }
        assert_eq!(index.entries().count(), headers.len());
        for header in &headers {
            assert_eq!(index.any(header.record).map(RecordState::id), Some(header.record));
            let Some(identity) = header.identity else { continue };
            assert_eq!(index.by_identity(&identity.key).map(RecordState::id), Some(header.record));
        }
        assert!(index.entry(0).is_none() && index.entry(3000).is_none());
    }

    #[test]
    fn what_an_entry_says_of_samples_comes_back_too() {
        let mut index = ProfileIndex::default();
        let series = Header { kind: "series".into(), ..header(1, false) };
        let mark = SampleMark { count: 3, to: Instant::from_millis(7), undoes: None };
        let append = Header { act: Act::Append, samples: Some(mark), ..series.clone() };
        let undo = SampleMark { undoes: Some(2), ..mark };
        let undo = Header { act: Act::AppendUndo, samples: Some(undo), ..series.clone() };
        let headers = [series, append, undo];
        for (seq, header) in (1..).zip(&headers) {
            index.fold(seq, header.clone());
        }
        for (entry, header) in index.entries().zip(&headers) {
            assert_eq!(entry.header(), *header);
        }
    }

    #[test]
    fn an_imported_result_takes_no_more_than_three_hundred_bytes() {
        let mut index = ProfileIndex::default();
        for number in 1..=50_000 {
            index.fold(number, Header { file: None, ..header(number, true) });
        }
        index.fold(
            50_001,
            Header { act: Act::ImportComplete, record: RecordId::from_bytes([9; 16]), ..header(1, false) },
        );
        assert_eq!(index.live(), 50_000);
        let each = index.bytes() / 50_000;
        assert!((100..300).contains(&each), "{each} bytes");
    }
}
