//! What a permit shows of the records an index knows, and how that leaves the vault.

use serde_json::value::RawValue;

use super::read_lock;
use crate::access::{Labels, Permit, Restricted, Sensitivity};
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{self, Act, Admission, Extent, Header, ProfileIndex, Query, RecordState};
use crate::time::Instant;
use crate::vault::profiles::OpenProfile;
use crate::vault::series::{self, SERIES};
use crate::vault::shown::{Record, Removed, Row};

/// A record with all that is known of it, before anything leaves the vault.
pub(in crate::vault) struct Found {
    pub header: Header,
    pub recorded_at: Instant,
    pub last_version: u32,
    pub removed: bool,
    /// Seq of the entry that holds the body.
    pub body_seq: u64,
}

/// What the outside sees of a version.
pub(super) fn record_of(
    profile: ProfileId,
    header: &Header,
    recorded_at: Instant,
    removed: bool,
    body: Box<RawValue>,
) -> Record {
    Record {
        id: header.record,
        kind: header.kind.to_string(),
        profile,
        version: header.version,
        occurred: header.occurred,
        recorded_at,
        updated_at: header.at,
        removed,
        labels: header.labels.iter().map(ToString::to_string).collect(),
        provenance: header.provenance.clone(),
        body,
    }
}

/// Whether the permit admits this version of a record.
///
/// The bare file of something else is as private as what names it, which nobody is asked here: by itself it is shown to who
/// sees every label and from whom nothing is held back, whatever the other is marked with or whether it is restricted,
/// before it or after. To everybody else its document opens it.
pub(in crate::vault) fn admits(permit: &Permit, version: index::Version<'_>) -> bool {
    if version.is_bare_file() {
        return permit.admits_file(version.occurred(), version.record());
    }
    admits_as_labelled(permit, version)
}

/// The same by nothing but the labels the version has, for the bare file of a document that the caller may open.
pub(in crate::vault) fn admits_as_labelled(permit: &Permit, version: index::Version<'_>) -> bool {
    let labels = labels_of(version.labels());
    if version.kind() == SERIES {
        return series::reaches(permit, version.record(), labels, version.occurred(), version.samples());
    }
    permit.admits(version.occurred(), labels, version.record())
}

/// Whether the permit admits a version with this header; `samples` says when those of a series were taken.
pub(in crate::vault) fn admits_header(permit: &Permit, header: &Header, samples: Option<Extent>) -> bool {
    if header.is_bare_file() {
        return permit.admits_file(header.occurred, header.record);
    }
    let labels = labels_of(&header.labels);
    if &*header.kind == SERIES {
        return series::reaches(permit, header.record, labels, header.occurred, samples);
    }
    permit.admits(header.occurred, labels, header.record)
}

/// Whether a record is restricted. The bare file of something else is with whatever is: that may be what names it.
pub(in crate::vault) fn is_restricted(restricted: &Restricted, state: RecordState<'_>) -> bool {
    restricted.holds(state.id()) || (!restricted.is_nothing() && state.newest().is_bare_file())
}

pub(in crate::vault) fn labels_of(labels: &[Box<str>]) -> Labels {
    let known: std::result::Result<Labels, _> = labels.iter().map(|label| label.parse::<Sensitivity>()).collect();
    // A label nobody here knows keeps the record in: only who may see everything sees it.
    known.unwrap_or(Labels::ALL)
}

/// Whether a list with this permit shows the record: not one that was removed by hand and of which nothing else is left,
/// because the import that brought it was undone.
fn shows(index: &ProfileIndex, permit: &Permit, version: index::Version<'_>) -> bool {
    let has_body = |version: index::Version<'_>| version.act() != Act::Remove;
    let stays = || index.record(version.record()).is_some_and(|state| state.visible().any(has_body));
    admits(permit, version) && (has_body(version) || stays())
}

/// Whether what a permit shows of its kind depends on labels alone, so that it need not be asked of each record. What
/// is open of a series is told by its samples.
fn by_labels(permit: &Permit) -> bool {
    permit.kind() != SERIES && permit.scope().is_by_labels()
}

/// One page of the records of the permit's kind that `query` asks for and the permit shows, and how many there are in
/// all.
pub(in crate::vault) fn page_of<'i>(
    index: &'i ProfileIndex,
    permit: &Permit,
    query: &Query,
) -> (u64, Vec<RecordState<'i>>) {
    let admits = |version: index::Version<'_>| shows(index, permit, version);
    let by_labels = by_labels(permit);
    index.find_admitted(&[permit.kind()], query, &Admission { admits: &admits, by_labels: &|_| by_labels })
}

/// The same over the kinds of several permits, of which no two are of one kind.
pub(in crate::vault) fn page_of_all<'i>(
    index: &'i ProfileIndex,
    permits: &[Permit],
    query: &Query,
) -> (u64, Vec<RecordState<'i>>) {
    if permits.is_empty() {
        // No kinds at all would mean every kind.
        return (0, Vec::new());
    }
    let kinds: Vec<&str> = permits.iter().map(Permit::kind).collect();
    let of = |kind: &str| permits.iter().find(|permit| permit.kind() == kind);
    let admits = |version: index::Version<'_>| of(version.kind()).is_some_and(|permit| shows(index, permit, version));
    let by_labels = |kind: &str| of(kind).is_some_and(by_labels);
    index.find_admitted(&kinds, query, &Admission { admits: &admits, by_labels: &by_labels })
}

/// The record with this id that the permit admits.
pub(in crate::vault) fn find(profile: &OpenProfile, permit: &Permit, id: RecordId, removed: Removed) -> Result<Found> {
    let index = read_lock(profile);
    let state = index.record(id).filter(|state| state.kind() == permit.kind()).ok_or_else(Error::not_found)?;
    let found = found(state).ok_or_else(Error::not_found)?;
    let hidden = found.removed && removed == Removed::Hide;
    let samples = state.current().and_then(index::Version::samples);
    if hidden || !admits_header(permit, &found.header, samples) { Err(Error::not_found()) } else { Ok(found) }
}

pub(in crate::vault) fn found(state: RecordState<'_>) -> Option<Found> {
    let header = state.current()?.header();
    let with_body = state.visible().find(|version| version.act() != Act::Remove)?;
    Some(Found {
        header,
        recorded_at: state.visible().last()?.at(),
        last_version: state.last_version(),
        removed: state.removed(),
        body_seq: with_body.seq(),
    })
}

/// What a list shows of a record.
pub(in crate::vault) fn row(state: RecordState<'_>) -> Option<Row> {
    let version = state.current()?;
    let own = |text: Option<&str>| text.map(str::to_owned);
    let parts = [version.value(), version.unit(), version.status(), version.flag()];
    Some(Row {
        id: state.id(),
        kind: version.kind().to_owned(),
        occurred: version.occurred(),
        title: version.title().to_owned(),
        summary: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        value: own(version.value()),
        unit: own(version.unit()),
        status: own(version.status()),
        flag: own(version.flag()),
        codes: version.codes().to_vec(),
        version: version.version(),
        updated_at: version.at(),
        removed: state.removed(),
    })
}
