//! What became of a record: every version, what was done, by whom, and the exact bytes it came with.

use serde::Serialize;
use serde_json::value::RawValue;

use super::export::value_of;
use super::profiles::OpenProfile;
use super::records::{admits, page_of_all, raw, read_lock, row};
use super::series::{SERIES, say_extent};
use super::session::Session;
use super::shown::{Page, Row};
use crate::access::{Action, ActorRef, Permit};
use crate::error::{Error, Result};
use crate::exchange::fhir::Origin;
use crate::id::RecordId;
use crate::index::{self, Act, Header, Query};
use crate::time::Instant;

/// One version of a record.
#[derive(Clone, Debug, Serialize)]
pub struct Version {
    /// Its number, from 1.
    pub version: u32,
    /// `create`, `amend`, `remove` or `restore`.
    pub action: &'static str,
    /// Who did it.
    pub actor: ActorRef,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The body; a removal has that of the version before.
    pub body: Box<RawValue>,
}

/// The body of a version; one of a series says of its samples what holds today.
fn said(open: &OpenProfile, permit: &Permit, id: RecordId, body: Box<RawValue>) -> Result<Box<RawValue>> {
    if permit.kind() != SERIES {
        return Ok(body);
    }
    let mut value = value_of(&body)?;
    say_extent(open, permit, id, &mut value);
    raw(value.to_string())
}

impl Session {
    /// Every version of a record the permit admits, oldest first; none of a record whose newest version it does not admit:
    /// what was marked as private is private in what it said before, too.
    pub fn history(&self, permit: &Permit, id: RecordId) -> Result<Vec<Version>> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let mut versions: Vec<(u64, Header)> = {
            let index = read_lock(&profile);
            let state = index.record(id).filter(|state| state.kind() == permit.kind()).ok_or_else(Error::not_found)?;
            state.current().filter(|current| admits(permit, *current)).ok_or_else(Error::not_found)?;
            let admitted = state.visible().filter(|version| admits(permit, *version));
            admitted.map(|version| (version.seq(), version.header())).collect()
        };
        versions.reverse();
        if versions.is_empty() {
            return Err(Error::not_found());
        }
        let people = self.people()?;
        let mut out: Vec<Version> = Vec::with_capacity(versions.len());
        for (seq, header) in versions {
            let body = match (header.act, out.last()) {
                (Act::Remove, Some(before)) => before.body.clone(),
                (Act::Remove, None) => continue,
                _ => said(&profile, permit, id, self.body(&profile, seq)?)?,
            };
            out.push(Version {
                version: header.version,
                action: header.act.word(),
                actor: people.actor_ref(&header.provenance.actor),
                recorded_at: header.at,
                body,
            });
        }
        self.note_read("history", permit, &[id])?;
        Ok(out)
    }

    /// The exact bytes of the resource the record was imported from, if it was.
    pub fn original(&self, permit: &Permit, id: RecordId) -> Result<Option<Vec<u8>>> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let seq = {
            let index = read_lock(&profile);
            let state = index.record(id).filter(|state| state.kind() == permit.kind()).ok_or_else(Error::not_found)?;
            state.current().filter(|current| admits(permit, *current)).ok_or_else(Error::not_found)?;
            // The version that came with them passes the permit too: it may have occurred at another time.
            let original = state.visible().find(|version| version.has_origin());
            original.filter(|version| admits(permit, *version)).map(index::Version::seq)
        };
        let Some(seq) = seq else { return Ok(None) };
        let bytes = self.inner.reader(profile.id, profile.blinded).origin(seq)?;
        let bytes = bytes.ok_or_else(|| Error::corrupt("an original is missing; run `phm verify`"))?;
        self.note_read("original", permit, &[id])?;
        let unknown = || Error::corrupt("an original has an unknown form; run `phm verify`");
        let origin = Origin::decode(&bytes).ok_or_else(unknown)?;
        Ok(Some(origin.resource.to_vec()))
    }

    /// One page of what happened to a person, over all kinds the actor may read there.
    ///
    /// `kinds` narrows it; empty means all. Kinds the actor may not read are left out.
    pub fn timeline(&self, profile: crate::id::ProfileId, kinds: &[&str], query: &Query) -> Result<Page<Row>> {
        let permits = self.read_permits(profile, kinds)?;
        let open = self.inner.open_profile(profile)?;
        if query.text.is_some() {
            self.load_words(&open)?;
        }
        let (total, items) = {
            let index = read_lock(&open);
            let (total, states) = page_of_all(&index, &permits, query);
            (total, states.into_iter().filter_map(row).collect::<Vec<Row>>())
        };
        for permit in &permits {
            let ids: Vec<RecordId> = items.iter().filter(|row| row.kind == permit.kind()).map(|row| row.id).collect();
            if !ids.is_empty() {
                self.note_read(if query.text.is_some() { "search" } else { "timeline" }, permit, &ids)?;
            }
        }
        Ok(Page { items, total, page: query.page, per_page: query.per_page })
    }

    /// A permit to read each of `kinds` (all public ones when empty) that the actor has one for.
    ///
    /// # Errors
    /// As [`Session::permit`] when there is none at all.
    pub fn read_permits(&self, profile: crate::id::ProfileId, kinds: &[&str]) -> Result<Vec<Permit>> {
        let mut permits = Vec::new();
        let mut refused = None;
        for info in self.inner.options.kinds.iter().filter(|info| !info.system) {
            if info.name == super::session::PROFILE || !(kinds.is_empty() || kinds.contains(&info.name)) {
                continue;
            }
            match self.unless_refused(Action::Read, profile, info.name)? {
                Some(permit) => permits.push(permit),
                None => refused = Some(info.name),
            }
        }
        match refused {
            // Asked aloud: somebody who may see nothing of what they asked for was refused.
            Some(kind) if permits.is_empty() => self.permit(Action::Read, profile, kind).map(|permit| vec![permit]),
            // Nothing was asked for that there is: that the person exists must not show by it.
            None if permits.is_empty() => self.permit(Action::Read, profile, super::session::PROFILE).map(|_| permits),
            _ => Ok(permits),
        }
    }
}
