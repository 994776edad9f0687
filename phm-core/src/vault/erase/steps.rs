//! The steps of an erasure and of a rectification. Each may be done twice: a kill between any two leaves a vault in which
//! the same steps, from the first, finish the work.

use std::fs;
use std::io::ErrorKind;

use super::of_person;
use super::plan::{DONE, Plan, ROW, What};
use super::report::Erasure;
use crate::audit::entry::{Deed, Remark};
use crate::crypto::durable;
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::store::layout::{Blinded, Table, rows_of};
use crate::store::{Batch, Store as _};
use crate::vault::session::{PROFILE, Session};
use crate::vault::state::StateChange;
use crate::vault::waiting::{Farewell, Write};
use crate::vault::{Inner, heads};

/// Rows that are deleted in one commit at most.
const BATCH: usize = 1000;

type Step = fn(&Session, &mut Plan) -> Result<()>;

const ERASE: &[Step] = &[
    Session::drop_keys,
    Session::delete_rows,
    Session::delete_files,
    Session::clear_house,
    Session::renew_house,
    Session::renew_state,
    Session::say_erased,
    Session::compact_store,
];

const RECTIFY: &[Step] = &[
    Session::delete_series,
    Session::delete_files,
    Session::renew_own,
    Session::renew_state,
    Session::say_rectified,
    Session::compact_store,
];

const PURGE: &[Step] = &[
    Session::delete_series,
    Session::delete_files,
    Session::renew_own,
    Session::renew_state,
    Session::say_purged,
    Session::compact_store,
];

impl Plan {
    /// Its steps, in order.
    pub(super) fn steps(&self) -> &'static [Step] {
        match self.what {
            _ if self.done => &[Session::compact_store],
            What::Erase => ERASE,
            What::Rectify { .. } => RECTIFY,
            What::Purge { .. } => PURGE,
        }
    }
}

impl Session {
    /// Takes every step of a plan.
    pub(super) fn carry_out(&self, plan: &mut Plan) -> Result<()> {
        plan.steps().iter().try_for_each(|step| step(self, plan))
    }

    /// The person's keys go, and the root that wrapped them: from here on nothing of theirs opens.
    fn drop_keys(&self, plan: &mut Plan) -> Result<()> {
        let keys = &self.inner.keys;
        if keys.has_profile(plan.profile) || keys.about_key(plan.profile).is_some() {
            // Between two group commits, so that whoever looks at a barrier finds the key, or the plan without it.
            self.inner.at_barrier(|_| keys.forget_person(plan.profile))?;
        }
        self.inner.forget_profile(plan.profile)
    }

    fn delete_rows(&self, plan: &mut Plan) -> Result<()> {
        let blinded = self.inner.keys.blind_profile(plan.profile);
        for table in [Table::Journal, Table::Origin, Table::State, Table::Head] {
            self.inner.delete_all(table, &blinded)?;
        }
        self.delete_series(plan)
    }

    fn delete_series(&self, plan: &mut Plan) -> Result<()> {
        for series in &plan.series {
            loop {
                let mut batch = Batch::default();
                if self.inner.delete_series_rows(series, BATCH, &mut batch)? == 0 {
                    break;
                }
                self.inner.at_barrier(|_| Ok(self.inner.store.commit(batch)?))?;
            }
        }
        Ok(())
    }

    fn delete_files(&self, plan: &mut Plan) -> Result<()> {
        let folder = self.inner.folder.path("documents");
        for file in &plan.files {
            match fs::remove_file(folder.join(file.to_string())) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(durable::sync_folder(&folder)?)
    }

    /// What `system` and `library` say is sealed again under new keys, where anything of it was destroyed.
    fn renew_house(&self, plan: &mut Plan) -> Result<()> {
        let ended = &plan.ended;
        let accounts = ended.accounts.len() as u64;
        let gone = accounts + ended.relations + ended.grants + ended.tokens + ended.imports;
        if gone > 0 || plan.restrictions.is_some() {
            self.renew(ProfileId::SYSTEM, plan.epochs.system)?;
        }
        if plan.library {
            self.renew(ProfileId::LIBRARY, plan.epochs.library)?;
        }
        Ok(())
    }

    /// The rest of the person's journal is sealed again under a new key.
    fn renew_own(&self, plan: &mut Plan) -> Result<()> {
        self.renew(plan.profile, plan.epochs.own)
    }

    /// Gives `id` a key newer than the epoch `was`, unless that is done.
    fn renew(&self, id: ProfileId, was: u32) -> Result<()> {
        // Twice where a rotation was under way when the plan was made: what is finished first only leads to its key.
        while self.inner.keys.profile_epochs(id).iter().any(|epoch| *epoch <= was) {
            self.rotate_alone(id)?;
        }
        Ok(())
    }

    /// State has one key for all of the house, so the rows of the person, and what names them in rows of the house, are
    /// closed by giving the others a new one.
    fn renew_state(&self, plan: &mut Plan) -> Result<()> {
        let mut names: Vec<String> = match &plan.what {
            What::Erase => vec![plan.profile.to_string()],
            What::Rectify { record, .. } => vec![record.to_string()],
            What::Purge { records, .. } => records.iter().map(ToString::to_string).collect(),
        };
        names.extend(plan.ended.accounts.iter().map(ToString::to_string));
        self.inner.renew_state_key(plan.epochs.state, plan.profile, &names)
    }

    fn say_erased(&self, plan: &mut Plan) -> Result<()> {
        let id = plan.profile;
        let purged = |table, from, to| Remark::Purged { table, pseudonym: plan.pseudonym(), from, to };
        let farewell = (plan.last > 0).then(|| Farewell {
            done: crate::audit::reads::Use { profile: None, ..self.deed(Deed::Erase, "erased", id, "", []) },
            subject: plan.pseudonym(),
            remarks: vec![
                purged(Table::Journal, 1, plan.last + 1),
                purged(Table::Origin, 1, plan.last + 1),
                purged(Table::Series, 0, u64::MAX),
            ],
        });
        let note = self.deed(Deed::Erase, "erased", ProfileId::SYSTEM, PROFILE, [of_person(id)]);
        self.say_done(plan, Write { farewell, notes: vec![note], ..Write::default() })?;
        self.inner.leaving().remove(&id);
        heads::write(&self.inner)
    }

    fn say_rectified(&self, plan: &mut Plan) -> Result<()> {
        let What::Rectify { record, kind } = &plan.what else {
            return Err(Error::internal("this plan rectifies nothing"));
        };
        let note = self.deed(Deed::Rectify, "rectified", plan.profile, kind, [*record]);
        self.say_done(plan, Write { notes: vec![note], ..Write::default() })
    }

    fn say_purged(&self, plan: &mut Plan) -> Result<()> {
        let What::Purge { records, kind } = &plan.what else {
            return Err(Error::internal("this plan purges nothing"));
        };
        let note = self.deed(Deed::Purge, "purged", plan.profile, kind, records.iter().copied());
        self.say_done(plan, Write { notes: vec![note], ..Write::default() })
    }

    fn say_done(&self, plan: &mut Plan, mut write: Write) -> Result<()> {
        plan.done = true;
        let erasure =
            Erasure { profile: plan.profile, record: plan.record(), purged: plan.purged(), at: plan.begun_at };
        let mut all = self.inner.erasures()?;
        if !all.contains(&erasure) {
            all.push(erasure);
        }
        // Nothing of what went is named any longer than it takes.
        let left = Plan { files: Vec::new(), series: Vec::new(), ..plan.clone() };
        write.state.push(StateChange::put(ProfileId::SYSTEM, ROW, &left, None)?);
        write.state.push(StateChange::put(ProfileId::SYSTEM, DONE, &all, None)?);
        self.inner.committer.commit(write)
    }

    /// Takes the sealed bytes out of the store's files. Where the disk has no room for that the plan stays, and the next
    /// opening tries again; no key opens these bytes.
    fn compact_store(&self, plan: &mut Plan) -> Result<()> {
        plan.compacted = self.inner.store.compact().is_ok();
        if !plan.compacted {
            return Ok(());
        }
        let state = vec![StateChange::delete(ProfileId::SYSTEM, ROW)];
        self.inner.committer.commit(Write { state, ..Write::default() })
    }
}

impl Inner {
    /// Deletes every row of an owner in a table.
    fn delete_all(&self, table: Table, owner: &Blinded) -> Result<()> {
        let (from, to) = rows_of(table, owner);
        loop {
            let mut batch = Batch::default();
            self.store.scan(&from, &to, &mut |(address, _)| {
                batch.delete(address.to_vec());
                batch.delete.len() < BATCH
            })?;
            if batch.delete.is_empty() {
                return Ok(());
            }
            self.at_barrier(|_| Ok(self.store.commit(batch)?))?;
        }
    }
}
