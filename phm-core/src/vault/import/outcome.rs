//! What becomes of a resource that the vault may know already.

use std::cmp::Ordering;

use crate::exchange::fhir::Freshness;
use crate::id::RecordId;
use crate::index::{Act, ImportMark, Newness, ProfileIndex, RecordState, Version};

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
) -> Option<(RecordState<'i>, Was)> {
    let of_item = |version: &Version<'_>| version.import_mark() == Some(mark) && version.identity().is_some();
    let state = index.by_identity_where(key, |state| state.versions().any(|version| of_item(&version)))?;
    let version = state.versions().find(of_item)?;
    Some((state, was(index, key, state, version, own)))
}

/// What became of the resource when `version` of `state` was written: told by what else came under its identity.
fn was(index: &ProfileIndex, key: &[u8; 16], state: RecordState<'_>, version: Version<'_>, own: &[RecordId]) -> Was {
    if version.act() != Act::Create {
        return Was::Updated;
    }
    let before = |version: &Version<'_>| version.is_visible() && !of_own(*version, own);
    let beside = index
        .by_identity_where(key, |other| other.id() != state.id() && other.versions().any(|version| before(&version)))
        .filter(|other| other.id() != state.id())
        .and_then(|other| other.versions().find(before));
    match beside {
        None => Was::Added,
        Some(known) if known.identity().is_none() => Was::Conflict,
        Some(_) => Was::Updated,
    }
}

/// The record that came under this identity: the newest that is visible, or of this request's imports `own`; else the
/// newest that was hidden again.
pub(super) fn known<'i>(index: &'i ProfileIndex, key: &[u8; 16], own: &[RecordId]) -> Option<RecordState<'i>> {
    index.by_identity_where(key, |state| state.versions().any(|version| shown(version, own)))
}

/// Whether some version that is shown, of any record under this identity, said exactly this.
pub(super) fn said_before(index: &ProfileIndex, key: &[u8; 16], content: &[u8; 16], own: &[RecordId]) -> bool {
    let says = |version: &Version<'_>| {
        shown(*version, own) && version.identity().is_some_and(|identity| identity.content == *content)
    };
    let says_so = |state: RecordState<'_>| state.versions().any(|version| says(&version));
    index.by_identity_where(key, says_so).is_some_and(says_so)
}

fn of_own(version: Version<'_>, own: &[RecordId]) -> bool {
    version.import().is_some_and(|import| own.contains(&import))
}

fn shown(version: Version<'_>, own: &[RecordId]) -> bool {
    version.is_visible() || of_own(version, own)
}

/// What becomes of a resource with this content and freshness, given what the index has under its identity.
///
/// `own` are the imports of this request: what they wrote counts as visible. `repeated` tells whether the input holds
/// this resource more than once, and the vault has this very content from before.
pub(super) fn decide(
    state: RecordState<'_>,
    content: &[u8; 16],
    freshness: Freshness,
    own: &[RecordId],
    repeated: &dyn Fn() -> bool,
) -> Outcome {
    let version = state.last_version() + 1;
    let Some(current) = state.versions().find(|version| shown(*version, own)) else {
        return Outcome::Add { version };
    };
    let newest = state.versions().find(|version| shown(*version, own) && version.identity().is_some());
    let Some((newest, identity)) = newest.and_then(|newest| Some((newest, newest.identity()?))) else {
        return Outcome::Conflict;
    };
    // A mark says again what the resource said; its original stands with the version that was marked, and went with it
    // where that import was taken back.
    let has_original = |version: Version<'_>| {
        version.has_origin() && version.identity().is_some_and(|identity| identity.content == *content)
    };
    if identity.content == *content && state.versions().any(|version| shown(version, own) && has_original(version)) {
        // Of an earlier import, or said before in this input.
        return Outcome::Unchanged;
    }
    if current.act() == Act::Remove {
        // Removed by a person: an import does not bring it back.
        return Outcome::Unchanged;
    }
    let have = Freshness { last_updated: identity.newness.updated, version: identity.newness.version };
    match freshness.compare(&have) {
        Some(Ordering::Less) => return Outcome::Older,
        // An input that says first this and then that comes again: this was said, and taken over by that.
        None if !of_own(newest, own) && repeated() => return Outcome::Unchanged,
        _ => {}
    }
    if current.identity().is_none() { Outcome::Conflict } else { Outcome::Update { version } }
}

/// The freshness of a resource as the index keeps it.
pub(super) fn newness(freshness: Freshness) -> Newness {
    Newness { updated: freshness.last_updated, version: freshness.version }
}
