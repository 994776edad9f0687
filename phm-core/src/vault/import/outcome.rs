//! What becomes of a resource that the vault may know already.

use std::cmp::Ordering;

use crate::exchange::fhir::Freshness;
use crate::id::RecordId;
use crate::index::{Act, ImportMark, ImportState, Newness, ProfileIndex, RecordState, VersionRef};

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// A first version, or the first one anybody will see.
    Add {
        /// The number of the version.
        version: u32,
    },
    /// A new version.
    Update {
        /// The number of the version.
        version: u32,
    },
    /// Amended by hand meanwhile: the resource becomes a record beside it.
    Conflict,
    /// This very import wrote it before it was killed.
    Written(Was),
    /// It says nothing new.
    Unchanged,
    /// The vault has a newer one.
    Older,
}

/// What became of a resource that stands there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Was {
    /// A first version.
    Added,
    /// A new version, or a record of another kind in place of the one that was known.
    Updated,
    /// A record beside one amended by hand.
    Conflict,
}

/// The version that an item of a killed import became, and what that was.
pub(super) fn written<'i>(
    index: &'i ProfileIndex,
    key: &[u8; 16],
    mark: ImportMark,
    own: &[RecordId],
) -> Option<(&'i RecordState, Was)> {
    let of_item = |version: &&VersionRef| version.header.import == Some(mark) && version.header.identity.is_some();
    let state = index.by_identity_where(key, |state| state.versions.iter().any(|version| of_item(&version)))?;
    let version = state.versions.iter().find(of_item)?;
    Some((state, was(index, key, state, version, own)))
}

/// What became of the resource when `version` of `state` was written: told by what else came under its identity.
fn was(index: &ProfileIndex, key: &[u8; 16], state: &RecordState, version: &VersionRef, own: &[RecordId]) -> Was {
    if version.header.act != Act::Create {
        return Was::Updated;
    }
    let before = |version: &&VersionRef| shown(index, version, own) && !of_own(version, own);
    let beside = index
        .by_identity_where(key, |other| other.id != state.id && other.versions.iter().any(|version| before(&version)))
        .filter(|other| other.id != state.id)
        .and_then(|other| other.versions.iter().rev().find(before));
    match beside {
        None => Was::Added,
        Some(known) if known.header.identity.is_none() => Was::Conflict,
        Some(_) => Was::Updated,
    }
}

/// The record that came under this identity: the newest that is visible, or of this request's imports `own`; else the
/// newest that was hidden again.
pub(super) fn known<'i>(index: &'i ProfileIndex, key: &[u8; 16], own: &[RecordId]) -> Option<&'i RecordState> {
    index.by_identity_where(key, |state| state.versions.iter().any(|version| shown(index, version, own)))
}

fn of_own(version: &VersionRef, own: &[RecordId]) -> bool {
    version.header.import.is_some_and(|mark| own.contains(&mark.import))
}

fn shown(index: &ProfileIndex, version: &VersionRef, own: &[RecordId]) -> bool {
    match version.header.import {
        None => true,
        Some(mark) => of_own(version, own) || index.import_state(mark.import) == Some(ImportState::Complete),
    }
}

/// What becomes of a resource with this content and freshness, given what the index has under its identity.
///
/// `own` are the imports of this request: what they wrote counts as visible.
pub(super) fn decide(
    index: &ProfileIndex,
    state: &RecordState,
    key: &[u8; 16],
    content: &[u8; 16],
    freshness: Freshness,
    own: &[RecordId],
) -> Outcome {
    let of_own = |version: &VersionRef| of_own(version, own);
    let shown = |version: &VersionRef| shown(index, version, own);
    let version = state.last_version() + 1;
    let Some(current) = state.versions.iter().rev().find(|version| shown(version)) else {
        return Outcome::Add { version };
    };
    let newest = state.versions.iter().rev().find(|version| shown(version) && version.header.identity.is_some());
    let Some((newest, identity)) = newest.and_then(|newest| Some((newest, newest.header.identity?))) else {
        return Outcome::Conflict;
    };
    if identity.content == *content {
        return if of_own(newest) { Outcome::Written(was(index, key, state, newest, own)) } else { Outcome::Unchanged };
    }
    if current.header.act == Act::Remove {
        // Removed by a person: an import does not bring it back.
        return Outcome::Unchanged;
    }
    let have = Freshness { last_updated: identity.newness.updated, version: identity.newness.version };
    if freshness.compare(&have) == Some(Ordering::Less) {
        return Outcome::Older;
    }
    if current.header.identity.is_none() { Outcome::Conflict } else { Outcome::Update { version } }
}

/// The freshness of a resource as the index keeps it.
pub(super) fn newness(freshness: Freshness) -> Newness {
    Newness { updated: freshness.last_updated, version: freshness.version }
}
