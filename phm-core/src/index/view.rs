//! What the index shows of a record and of one version of it: views into its packed rows.

use super::header::{Act, FileRef, Header, Identity, ImportMark, NOBODY};
use super::packed::{NO_SLOT, Row};
use super::series::{Extent, SeriesState};
use super::templates::Template;
use super::{ImportState, ProfileIndex, Slot};
use crate::id::RecordId;
use crate::model::Provenance;
use crate::time::{Instant, When};

/// Every version of one record.
#[derive(Clone, Copy)]
pub(crate) struct RecordState<'i> {
    pub(super) index: &'i ProfileIndex,
    pub(super) slot: Slot,
}

impl<'i> RecordState<'i> {
    pub fn id(self) -> RecordId {
        self.index.records[self.slot as usize].id
    }

    /// The kind, which never changes.
    pub fn kind(self) -> &'i str {
        self.newest().kind()
    }

    /// The newest visible version.
    pub fn current(self) -> Option<Version<'i>> {
        let seq = self.index.records[self.slot as usize].current;
        (seq > 0).then_some(Version { index: self.index, seq })
    }

    /// Whether the newest visible version says the record is removed.
    pub fn removed(self) -> bool {
        self.current().is_some_and(|version| version.act() == Act::Remove)
    }

    /// The newest version, visible or not.
    pub fn newest(self) -> Version<'i> {
        Version { index: self.index, seq: self.index.records[self.slot as usize].last }
    }

    /// The first version, visible or not.
    pub fn first(self) -> Version<'i> {
        self.versions().last().unwrap_or_else(|| self.newest())
    }

    /// The number of the newest version, visible or not; the next one counts from here.
    pub fn last_version(self) -> u32 {
        self.newest().version()
    }

    /// Every version, visible or not, newest first.
    pub fn versions(self) -> impl Iterator<Item = Version<'i>> {
        std::iter::successors(Some(self.newest()), |version| version.before())
    }

    /// The visible versions, newest first.
    pub fn visible(self) -> impl Iterator<Item = Version<'i>> {
        self.versions().filter(|version| version.is_visible())
    }
}

/// One version of a record, or an entry about an import.
#[derive(Clone, Copy)]
pub(crate) struct Version<'i> {
    pub(super) index: &'i ProfileIndex,
    pub(super) seq: u32,
}

impl<'i> Version<'i> {
    pub(super) fn row(self) -> &'i Row {
        self.index.packed.row(self.seq)
    }

    fn template(self) -> &'i Template {
        self.index.packed.template(self.row())
    }

    fn before(self) -> Option<Self> {
        let seq = self.row().before;
        (seq > 0).then_some(Self { seq, ..self })
    }

    /// Seq of the journal entry.
    pub fn seq(self) -> u64 {
        u64::from(self.seq)
    }

    /// Whether it is part of no import, or of one that is complete.
    pub fn is_visible(self) -> bool {
        let row = self.row();
        match row.import {
            _ if !row.act.is_version() && row.slot != NO_SLOT => false,
            0 => true,
            number => self.index.imports[number as usize - 1].state == ImportState::Complete,
        }
    }

    /// The record, or the import for the acts of imports; of a destroyed entry nobody's id.
    pub fn record(self) -> RecordId {
        let row = self.row();
        match (row.slot, row.import) {
            (NO_SLOT, 0) => NOBODY,
            (NO_SLOT, import) => self.index.imports[import as usize - 1].id,
            (slot, _) => self.index.records[slot as usize].id,
        }
    }

    /// From when to when the samples of a series were taken; none where it has none, and for every other kind.
    pub fn samples(self) -> Option<Extent> {
        self.index.series(self.record()).and_then(SeriesState::extent)
    }

    pub fn at(self) -> Instant {
        self.row().at()
    }

    pub fn act(self) -> Act {
        self.row().act
    }

    pub fn kind(self) -> &'i str {
        &self.template().kind
    }

    pub fn version(self) -> u32 {
        self.row().version
    }

    pub fn occurred(self) -> Option<When> {
        self.row().occurred()
    }

    pub fn labels(self) -> &'i [Box<str>] {
        &self.template().labels
    }

    /// The import that brought it.
    pub fn import(self) -> Option<RecordId> {
        let row = self.row();
        (row.import > 0 && row.slot != NO_SLOT).then(|| self.index.imports[row.import as usize - 1].id)
    }

    /// The import that brought it, and as which item.
    pub fn import_mark(self) -> Option<ImportMark> {
        self.import().map(|import| ImportMark { import, item: self.row().item() })
    }

    pub fn identity(self) -> Option<Identity> {
        let number = self.row().outside;
        (number > 0).then(|| self.index.packed.outside(number).identity())
    }

    /// Whether original bytes stand in the origin table under the same seq.
    pub fn has_origin(self) -> bool {
        self.row().origin
    }

    /// The FHIR resource type it came as.
    pub fn resource(self) -> Option<&'i str> {
        self.template().resource.as_deref()
    }

    /// Whether it is the bare file of something else: a FHIR Binary.
    pub fn is_bare_file(self) -> bool {
        self.template().is_bare_file()
    }

    pub fn file(self) -> Option<&'i FileRef> {
        self.row().file()
    }

    pub fn title(self) -> &'i str {
        &self.template().title
    }

    pub fn value(self) -> Option<&'i str> {
        self.row().value()
    }

    pub fn unit(self) -> Option<&'i str> {
        self.template().unit.as_deref()
    }

    pub fn status(self) -> Option<&'i str> {
        self.template().status.as_deref()
    }

    pub fn flag(self) -> Option<&'i str> {
        self.template().flag.as_deref()
    }

    pub fn codes(self) -> &'i [(String, String)] {
        &self.template().codes
    }

    /// Who said so and how.
    pub fn provenance(self) -> &'i Provenance {
        &self.template().provenance
    }

    /// Number of what it has in common with others: same number, same title, unit, status, flag, codes and labels.
    pub fn template_number(self) -> u32 {
        self.row().template_number()
    }

    /// The whole header.
    pub fn header(self) -> Header {
        let row = self.row();
        row.header(&self.index.packed, self.record(), self.import_mark())
    }
}
