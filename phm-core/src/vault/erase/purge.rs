//! Purging: records of one kind whose time is over go together, as one that is rectified goes alone.
//!
//! Sealing a journal again costs as much for one record as for two hundred, so a purge takes many in one plan. What is
//! promised of a rectified record is true of each of them.

use std::collections::{BTreeSet, HashSet};
use std::sync::PoisonError;

use super::plan::{Plan, ROW, Survey, What};
use super::report::Removal;
use crate::access::{Action, Permit};
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{FileId, ProfileId, RecordId};
use crate::index::{Header, RecordState, Version};
use crate::store::layout::Table;
use crate::vault::journal;
use crate::vault::readings::DOCUMENT;
use crate::vault::records::{admits, is_restricted, read_lock};
use crate::vault::series::SERIES;
use crate::vault::session::{PROFILE, Session};
use crate::vault::state::StateChange;
use crate::vault::waiting::{Replacement, Write};

impl Session {
    /// Destroys records of the permit's kind, in every version, with their original bytes and files; what is true of
    /// [`Session::rectify`] is true of this. The permit is one to erase.
    ///
    /// # Errors
    /// `not-found` where one of them is not there; `not-granted` where the permit does not open all of it; `conflict` where
    /// one of them was restricted meanwhile. Nothing has gone then.
    pub(in crate::vault) fn purge(&self, permit: &Permit, ids: &BTreeSet<RecordId>) -> Result<Removal> {
        self.use_permit(permit, Action::Erase)?;
        if permit.kind() == PROFILE {
            return Err(Error::internal("who a person is goes with the person alone"));
        }
        let _rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        self.carry_on()?;
        let mut plan = self.begin_purging(permit, ids)?;
        self.carry_out(&mut plan)?;
        Ok(plan.removed)
    }

    /// Commits that these records are to go, together with what stands in the place of their versions from then on.
    pub(super) fn begin_purging(&self, permit: &Permit, ids: &BTreeSet<RecordId>) -> Result<Plan> {
        let (inner, profile) = (&self.inner, permit.profile());
        let open = inner.open_profile(profile)?;
        // Nobody adds samples to a series while it goes.
        let places: Vec<_> = ids.iter().map(|id| open.shelves.place(*id)).collect();
        let mut shelves: Vec<_> =
            places.iter().map(|place| place.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        let mut survey = Survey::default();
        let mut write = Write { rewritten: vec![profile], ..Write::default() };
        let seqs: HashSet<u64> = {
            let index = read_lock(&open);
            for id in ids {
                let state = index.record(*id).filter(|state| state.kind() == permit.kind());
                write.unmoved.push((profile, *id, state.ok_or_else(Error::not_found)?.last_version()));
            }
            // Samples of a series and entries of open imports too, not only the versions that show.
            let goes = |entry: &Version<'_>| ids.contains(&entry.record());
            let gone: Vec<Version<'_>> = index.entries().filter(goes).collect();
            if !gone.iter().all(|version| admits(permit, *version)) {
                return Err(crate::access::not_granted());
            }
            let stays: HashSet<FileId> =
                index.entries().filter(|entry| !goes(entry)).filter_map(|entry| Some(entry.file()?.file)).collect();
            let files = gone.iter().filter_map(|version| Some(version.file()?.file));
            survey.files.extend(files.filter(|file| !stays.contains(file)));
            survey.removed.originals = gone.iter().filter(|version| version.has_origin()).count() as u64;
            gone.iter().map(|version| version.seq()).collect()
        };
        survey.removed.records.insert(permit.kind().to_owned(), ids.len() as u64);
        survey.removed.entries = seqs.len() as u64;
        survey.count_files(inner)?;
        if permit.kind() == SERIES {
            for id in ids {
                survey.add_series(inner, profile, *id)?;
            }
        }
        // Links hand out what the records said when they were made.
        for id in ids {
            self.end_shares_of(profile, *id)?;
        }
        let reader = inner.reader(profile, open.blinded);
        for seq in seqs {
            for table in [Table::Journal, Table::Origin] {
                let parts = reader.parts(table, seq)?.unwrap_or_default();
                survey.removed.bytes += parts.iter().map(|part| part.len() as u64).sum::<u64>();
            }
            let prepared = journal::prepare(&Header::destroyed(inner.now()), None)?;
            write.replaced.push(Replacement { profile, seq, prepared });
        }
        let what = What::Purge { kind: permit.kind().to_owned(), records: ids.iter().copied().collect() };
        let plan = Plan::new(inner, what, profile, survey)?;
        write.state.push(StateChange::put(ProfileId::SYSTEM, ROW, &plan, None)?);
        write.notes.push(self.deed(Deed::Purge, "purge", profile, permit.kind(), ids.iter().copied()));
        inner.with_state_lock(|| {
            // Whoever restricts records takes the same lock: what was restricted before this moment stays.
            let restricted = self.people()?.restricted(profile);
            let held = |state: RecordState<'_>| is_restricted(&restricted, state);
            let index = read_lock(&open);
            let is_held = ids.iter().filter_map(|id| index.record(*id)).any(held);
            drop(index);
            if is_held {
                return Err(Error::new(ErrorKind::Conflict, "conflict", "some of these records are restricted now"));
            }
            for id in ids {
                write.state.extend(inner.end_shares_of(profile, *id)?);
            }
            if permit.kind() == DOCUMENT {
                write.state.extend(inner.forget_readings_of(profile, ids)?);
            }
            inner.committer.commit(write)
        })?;
        for shelf in &mut shelves {
            **shelf = None;
        }
        Ok(plan)
    }
}
