//! The second pass: every resource becomes entries of the people it belongs to, in batches, and the last commit shows them.

mod begin;
mod place;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::MutexGuard;
use std::time::Instant as Stopwatch;

use super::show::{SHOWING, Showing};
use super::units::IMPORT;
use super::{Counts, ImportReport, ImportRequest, ImportRun, Progress, Totals, Watch, tell};
use crate::audit::entry::Deed;
use crate::crypto::Prepared;
use crate::crypto::digest::hex;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::fhir::{Freshness, Plan, Source};
use crate::id::{ProfileId, RecordId};
use crate::index::Act;
use crate::model::{How as Said, Provenance, Source as File};
use crate::vault::session::Session;
use crate::vault::shown::How;
use crate::vault::waiting::{NewEntry, Write};
use begin::Running;

/// Entries of one commit, and bytes of their bodies.
const BATCH_ENTRIES: usize = 256;
const BATCH_BYTES: usize = 2 << 20;
/// Resources between two words of progress.
const PROGRESS_EVERY: u64 = 250;

/// A resource by its identity, and whose it is: the profile, or where there is none yet the place of the person in the
/// plan.
type Whose = ([u8; 16], Option<ProfileId>, u32);

pub(in crate::vault::import) struct Writer<'w> {
    session: &'w Session,
    request: &'w ImportRequest,
    sources: &'w [Source],
    plan: &'w Plan,
    /// The import of each source.
    ids: Vec<RecordId>,
    /// The profile of each person of the plan; without one in a dry run that would make one.
    profiles: Vec<Option<ProfileId>>,
    /// Those that this import makes.
    made: HashSet<ProfileId>,
    runs: Vec<ImportRun>,
    /// The profiles each source is about; the report has them in order.
    about: Vec<HashSet<ProfileId>>,
    /// The profiles in which each source wrote something.
    touched: Vec<BTreeSet<ProfileId>>,
    batch: Write,
    bytes: usize,
    in_batch: BTreeMap<ProfileId, u64>,
    /// In a dry run, what repeated resources said before, and how new that is.
    seen: HashMap<Whose, ([u8; 16], Freshness)>,
    done: u64,
    total: u64,
    /// The epoch of the policy at which this import was last allowed.
    epoch: u64,
    /// Held as long as this import is written.
    running: Option<Running<'w>>,
    /// One import is written at a time: what the vault holds already must not change under it.
    turn: Option<MutexGuard<'w, ()>>,
}

impl<'w> Writer<'w> {
    /// Makes or takes up the imports of a request; from here on new people have keys. `None` when another import was
    /// written since the `planned`th: then the plan has to be made anew.
    pub fn new(
        session: &'w Session,
        request: &'w ImportRequest,
        sources: &'w [Source],
        plan: &'w Plan,
        planned: u64,
    ) -> Result<Option<Self>> {
        let runs: Vec<ImportRun> = plan
            .sources()
            .iter()
            .map(|report| ImportRun {
                import: RecordId::new(),
                path: report.name.clone(),
                sha256: hex(&report.seen.sha256),
                format: "fhir-r4",
                profiles: Vec::new(),
                resources: report.resources.clone(),
                kinds: BTreeMap::new(),
                counts: Counts { skipped: report.skipped, ..Counts::default() },
                refused: report.refused_entries.clone(),
                refused_in_all: report.refused,
                left_out: report.skipped_entries.clone(),
                seconds: 0.0,
            })
            .collect();
        let total = runs.iter().flat_map(|run| run.resources.values()).sum();
        let mut writer = Self {
            session,
            request,
            sources,
            plan,
            ids: runs.iter().map(|run| run.import).collect(),
            profiles: plan.people().iter().map(|person| person.known).collect(),
            made: HashSet::new(),
            about: vec![HashSet::new(); runs.len()],
            touched: vec![BTreeSet::new(); runs.len()],
            runs,
            batch: Write::default(),
            bytes: 0,
            in_batch: BTreeMap::new(),
            seen: HashMap::new(),
            done: 0,
            total,
            epoch: session.people()?.epoch,
            running: None,
            turn: None,
        };
        if let Some(first) = writer.runs.first_mut() {
            first.refused.extend(plan.other_patients().iter().cloned());
            first.refused_in_all += plan.other_patients().len() as u64;
        }
        writer.find_nameless()?;
        let begun = request.dry_run || writer.begin(planned)?;
        Ok(begun.then_some(writer))
    }

    fn provenance(&self) -> Provenance {
        Provenance { how: Said::Import, ..self.session.provenance(&How::Typed) }
    }

    /// Reads and writes everything, and shows it.
    pub fn run(mut self, progress: &mut Watch<'_>) -> Result<ImportReport> {
        let state = if self.request.dry_run { "checking" } else { "importing" };
        let (plan, sources, total) = (self.plan, self.sources, self.total);
        // A dry run over broken input lists what is broken and goes no further.
        if !plan.is_refused() {
            for number in 0..sources.len() {
                let started = Stopwatch::now();
                plan.read(sources, number, &mut |placed| {
                    if self.done.is_multiple_of(PROGRESS_EVERY) {
                        tell(progress, Progress { done: self.done, total, state })?;
                    }
                    self.done += 1;
                    self.take(number, &placed)
                })?;
                self.runs[number].seconds = started.elapsed().as_secs_f64();
            }
        }
        if !self.request.dry_run {
            self.flush()?;
            self.complete()?;
        }
        // It is done: nobody can stop it any more.
        let _ = progress(Progress { done: self.done, total, state: "done" });
        Ok(ImportReport { dry_run: self.request.dry_run, imports: self.runs, totals: Totals::default() })
    }

    fn push(&mut self, number: usize, profile: ProfileId, entry: NewEntry) {
        self.bytes += entry.prepared.sealed_len() + entry.origin.as_ref().map_or(0, Prepared::sealed_len);
        self.touched[number].insert(profile);
        *self.in_batch.entry(profile).or_default() += 1;
        self.batch.entries.push(entry);
    }

    /// Makes the batch durable.
    fn flush(&mut self) -> Result<()> {
        if self.batch.entries.is_empty() {
            return Ok(());
        }
        self.ask_again()?;
        let mut write = std::mem::take(&mut self.batch);
        self.bytes = 0;
        for (profile, count) in std::mem::take(&mut self.in_batch) {
            let mut note = self.session.deed(Deed::Import, "import", profile, IMPORT, [self.ids[0]]);
            note.count = count;
            write.notes.push(note);
        }
        self.session.inner.committer.commit(write)
    }

    /// Asks the policy again where relations or grants have changed since the import began.
    fn ask_again(&mut self) -> Result<()> {
        let people = self.session.people()?;
        if people.epoch == self.epoch {
            return Ok(());
        }
        if self.session.actor.account().is_some_and(|account| !people.active(account)) {
            return Err(Error::new(ErrorKind::Denied, "account-inactive", "this account is not active"));
        }
        for profile in self.profiles.iter().flatten().filter(|id| !self.made.contains(id)) {
            self.session.may_import_for(*profile)?;
        }
        self.epoch = people.epoch;
        Ok(())
    }

    /// Makes everything visible.
    fn complete(&mut self) -> Result<()> {
        self.ask_again()?;
        let imports = self.runs.iter().zip(&self.touched).map(|(run, touched)| {
            let file = File { file: file_name(&run.path), sha256: run.sha256.clone() };
            let header = self.session.import_header(Act::ImportComplete, run.import, run.path.clone(), Some(file));
            (header, touched.clone())
        });
        let showing = Showing {
            session: self.session,
            imports: imports.collect(),
            made: &self.made,
            owner: self.session.actor.account().or(self.request.owner),
        };
        let owner = showing.owner;
        showing.commit(&|state, write| {
            (0..self.runs.len()).try_for_each(|at| self.save(at, state, owner.filter(|_| state == SHOWING), write))
        })?;
        self.session.imports_changed();
        for profile in self.touched.iter().flatten() {
            if let Some(open) = self.session.inner.if_open(*profile) {
                self.session.inner.checkpoint(&open);
            }
        }
        Ok(())
    }
}

/// The last part of a path.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
