//! Rectifying one record: what it said goes, beyond recall, and its places in the journal stay.

use std::collections::{BTreeSet, HashSet};
use std::sync::PoisonError;

use super::plan::{Plan, ROW, Survey, What};
use super::report::Rectified;
use crate::access::{Action, Permit};
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{FileId, ProfileId, RecordId};
use crate::index::{Act, Header, Version};
use crate::store::layout::Table;
use crate::vault::journal;
use crate::vault::readings::DOCUMENT;
use crate::vault::records::{admits, find, read_lock};
use crate::vault::series::SERIES;
use crate::vault::session::Session;
use crate::vault::shown::Removed;
use crate::vault::state::StateChange;
use crate::vault::waiting::{Replacement, Write};

/// What stays of a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// The newest version: what it said before is destroyed.
    Newest,
}

impl Session {
    /// The kind of a record of a person.
    ///
    /// # Errors
    /// `not-found` where there is none; only the operator may ask, since the answer tells that there is one.
    pub fn kind_of(&self, profile: ProfileId, id: RecordId) -> Result<String> {
        self.is_operator()?;
        let open = self.inner.open_profile(profile)?;
        let index = read_lock(&open);
        Ok(index.record(id).ok_or_else(Error::not_found)?.kind().to_owned())
    }

    /// Destroys what a record said, in every version, with the original bytes and the file it came with; of a record
    /// whose newest version is right, what it said before that. The permit is one to erase.
    ///
    /// The same as erasing is true of it: see the front page of this module. Links to the record end, and state of the
    /// person that names it, such as what a plugin kept, goes. Reads and writes go on meanwhile, backups wait.
    ///
    /// # Errors
    /// `not-found` and `not-granted` as elsewhere; `not-removable` for the record that says who a person is, of which the
    /// newest version has to stay; `nothing-to-destroy` where there is no earlier version.
    pub fn rectify(&self, permit: &Permit, id: RecordId, keep: Keep) -> Result<Rectified> {
        self.use_permit(permit, Action::Erase)?;
        if keep == Keep::Nothing && id.as_bytes() == permit.profile().as_bytes() {
            let text =
                "the record that says who a person is cannot be destroyed; amend it, and destroy what it said before";
            return Err(Error::new(ErrorKind::Invalid, "not-removable", text));
        }
        let _rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        self.carry_on()?;
        let mut plan = self.begin_rectifying(permit, id, keep)?;
        self.carry_out(&mut plan)?;
        Ok(Rectified::of(&plan, id, self.inner.backups_from_before(plan.begun_at)?))
    }

    /// Commits that a record is to be rectified, together with what stands in the place of its versions from then on.
    pub(super) fn begin_rectifying(&self, permit: &Permit, id: RecordId, keep: Keep) -> Result<Plan> {
        let (inner, profile) = (&self.inner, permit.profile());
        let open = inner.open_profile(profile)?;
        find(&open, permit, id, Removed::Show)?;
        // Nobody adds samples to a series while it goes.
        let place = open.shelves.place(id);
        let mut shelf = place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut survey = Survey::default();
        let (seqs, last_version) = {
            let index = read_lock(&open);
            let state = index.record(id).ok_or_else(Error::not_found)?;
            let current = state.current().ok_or_else(Error::not_found)?;
            // Samples of a series and entries of open imports too, not only the versions that show.
            let goes = |entry: &Version<'_>| match keep {
                Keep::Nothing => entry.record() == id,
                Keep::Newest => {
                    let earlier = entry.act().is_version() && entry.version() < current.version();
                    earlier && entry.record() == id
                }
            };
            let gone: Vec<Version<'_>> = index.entries().filter(goes).collect();
            if keep == Keep::Newest && (gone.is_empty() || current.act() == Act::Remove) {
                let text =
                    "there is no earlier version to destroy, or the record is removed and nothing of it would stay";
                return Err(Error::new(ErrorKind::Invalid, "nothing-to-destroy", text));
            }
            if !gone.iter().all(|version| admits(permit, *version)) {
                return Err(crate::access::not_granted());
            }
            let seqs: HashSet<u64> = gone.iter().map(|version| version.seq()).collect();
            let left = index.entries().filter(|entry| !seqs.contains(&entry.seq()));
            let stays: HashSet<FileId> = left.filter_map(|entry| Some(entry.file()?.file)).collect();
            let files = gone.iter().filter_map(|version| Some(version.file()?.file));
            survey.files.extend(files.filter(|file| !stays.contains(file)));
            survey.removed.originals = gone.iter().filter(|version| version.has_origin()).count() as u64;
            (seqs, state.last_version())
        };
        survey.removed.records.insert(permit.kind().to_owned(), u64::from(keep == Keep::Nothing));
        survey.removed.entries = seqs.len() as u64;
        survey.count_files(inner)?;
        if permit.kind() == SERIES && keep == Keep::Nothing {
            survey.add_series(inner, profile, id)?;
        }
        // Links hand out what the record said when they were made.
        self.end_shares_of(profile, id)?;
        let mut write =
            Write { rewritten: vec![profile], unmoved: vec![(profile, id, last_version)], ..Write::default() };
        let reader = inner.reader(profile, open.blinded);
        for seq in seqs {
            for table in [Table::Journal, Table::Origin] {
                let parts = reader.parts(table, seq)?.unwrap_or_default();
                survey.removed.bytes += parts.iter().map(|part| part.len() as u64).sum::<u64>();
            }
            let prepared = journal::prepare(&Header::destroyed(inner.now()), None)?;
            write.replaced.push(Replacement { profile, seq, prepared });
        }
        let what = What::Rectify { record: id, kind: permit.kind().to_owned() };
        let plan = Plan::new(inner, what, profile, survey)?;
        write.state.push(StateChange::put(ProfileId::SYSTEM, ROW, &plan, None)?);
        write.notes.push(self.deed(Deed::Rectify, "rectify", profile, permit.kind(), [id]));
        inner.with_state_lock(|| {
            write.state.extend(inner.end_shares_of(profile, id)?);
            if permit.kind() == DOCUMENT {
                write.state.extend(inner.forget_readings_of(profile, &BTreeSet::from([id]))?);
            }
            inner.committer.commit(write)
        })?;
        *shelf = None;
        Ok(plan)
    }
}
