//! Importing FHIR: two passes, invisible until complete, resumable, undoable.
//!
//! The first pass (`exchange::fhir::Plan`) checks everything and finds out whose each resource is; any refusal refuses the
//! whole input. The second writes, and one last commit makes all of it visible in every profile at once; an import about a
//! great many people becomes visible in parts, and is never left in part. An import that was killed is taken up again by
//! the same request on the same input: what already stands in a journal is not written twice.

mod outcome;
mod show;
mod undo;
mod units;
mod writer;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde_json::json;

use super::Spool;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::fhir::{Aim, Opener, Plan, Refused, Skipped, Source, are_two_people};
use crate::id::{ProfileId, RecordId};

pub use units::ImportUnit;

/// One input of an import.
#[derive(Clone, Debug)]
pub enum ImportInput {
    /// A file or folder.
    Path(PathBuf),
    /// Bytes that were spooled.
    Spool {
        /// The name reports show; `-` for standard input.
        name: String,
        /// The bytes.
        spool: Arc<Spool>,
    },
}

/// Whose records an import brings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportTarget {
    /// This person's.
    Profile(ProfileId),
    /// Those of every patient in the input; the vault makes a profile for each it does not know.
    NewProfiles,
}

/// What is to be imported, and for whom.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The inputs; each becomes an import of its own, all of them become visible together.
    pub inputs: Vec<ImportInput>,
    /// Whose records they are.
    pub target: ImportTarget,
    /// The account that keeps the new people's records.
    pub owner: Option<RecordId>,
    /// Check and count, write nothing.
    pub dry_run: bool,
    /// With [`ImportTarget::Profile`]: take resources that name another patient as this person's. Always: believe an
    /// id, even where another name and day of birth speak against it.
    pub accept_other_patient: bool,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Resources done.
    pub done: u64,
    /// Resources in all inputs.
    pub total: u64,
    /// `checking`, `importing` or `done`.
    pub state: &'static str,
}

/// Is told how far an import has come, and says whether it is to go on.
pub type Watch<'w> = dyn FnMut(Progress) -> ControlFlow<()> + 'w;

/// What became of the resources of an input; each is counted once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// New records.
    pub added: u64,
    /// New versions of records that came by an earlier import.
    pub updated: u64,
    /// Said nothing new.
    pub unchanged: u64,
    /// Older than what the vault has.
    pub older: u64,
    /// The record was amended by hand meanwhile; both are kept.
    pub conflicts: u64,
    /// Files and entries that are not FHIR, such as the log of a bulk export.
    pub skipped: u64,
}

/// One input, as it was imported or would be.
#[derive(Clone, Debug, Serialize)]
pub struct ImportRun {
    /// The import; it can be undone by this id.
    pub import: RecordId,
    /// The input.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What the input is.
    pub format: &'static str,
    /// The people it is about.
    pub profiles: Vec<ProfileId>,
    /// Resources as read, by type.
    pub resources: BTreeMap<String, u64>,
    /// What they became, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Entries that were refused, a thousand of them at most; then nothing was imported.
    pub refused: Vec<Refused>,
    /// How many were.
    pub refused_in_all: u64,
    /// Files and entries that were left out, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Skipped>,
    /// How long it took.
    pub seconds: f64,
}

/// Everything of one request.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// One for each input.
    pub imports: Vec<ImportRun>,
    /// All of them together.
    pub totals: Totals,
}

/// The sums over all inputs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Resources as read, by type.
    pub resources: BTreeMap<String, u64>,
    /// What they became, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Entries that were refused, a thousand of each input at most.
    pub refused: Vec<Refused>,
    /// How many were.
    pub refused_in_all: u64,
}

/// How often one import is taken up again because somebody amended what it was about to write.
const MOST_OVERTAKEN: u32 = 5;

impl Session {
    /// Imports FHIR R4: all of it or nothing.
    ///
    /// # Errors
    /// `invalid-input` with `{"refused":[{"entry","path","code"}],"refused_in_all"}` when anything in the input is broken,
    /// `other-patient` when it names somebody other than the target, or by a known id somebody who was born on another
    /// day and has another name; nothing is written then. `interrupted` when
    /// `progress` says to stop: nothing of the import shows, and the same request goes on where this one stopped.
    pub fn import(&self, request: &ImportRequest, progress: &mut Watch<'_>) -> Result<ImportReport> {
        tell(progress, Progress { done: 0, total: 0, state: "checking" })?;
        let sources: Vec<Source> = request.inputs.iter().map(source).collect();
        let mut overtaken = 0;
        loop {
            // Also what this import has shown a part of, before it was overtaken.
            self.finish_showing()?;
            let planned = self.inner.imports_done.load(Ordering::SeqCst);
            let aim = self.aim(request)?;
            let known = self.known_patients(request.target)?;
            let mut plan = Plan::make(&sources, aim, &|identity| Ok(known.get(identity.as_bytes()).copied()))?;
            if !request.accept_other_patient {
                self.refuse_others(&mut plan)?;
            }
            if plan.is_refused() && !request.dry_run {
                return Err(refusal(&plan));
            }
            let Some(writer) = writer::Writer::new(self, request, &sources, &plan, planned)? else { continue };
            let mut report = match writer.run(progress) {
                // Somebody amended a record between the look at it and the write. Nothing of the import shows yet: it is
                // taken up where it stopped, with what they wrote.
                Err(error) if error.kind() == ErrorKind::Conflict && overtaken < MOST_OVERTAKEN => {
                    overtaken += 1;
                    continue;
                }
                outcome => outcome?,
            };
            report.total();
            return Ok(report);
        }
    }

    /// Refuses what comes under the id of a person and says that it is about another one.
    fn refuse_others(&self, plan: &mut Plan) -> Result<()> {
        let mut others = Vec::new();
        for (number, profile, said) in plan.claims() {
            if self.says_who(profile)?.is_some_and(|known| are_two_people(&known, said)) {
                others.push(number);
            }
        }
        plan.refuse_others(&others);
        Ok(())
    }

    fn aim(&self, request: &ImportRequest) -> Result<Aim> {
        let ImportTarget::Profile(profile) = request.target else {
            self.may_make_people()?;
            return Ok(Aim::NewProfiles);
        };
        self.may_import_for(profile)?;
        let has_patient =
            self.patient_identities(profile)?.next().is_some() || !self.kept_patients(profile)?.is_empty();
        Ok(Aim::Profile { profile, has_patient, accept_other_patient: request.accept_other_patient })
    }
}

impl ImportReport {
    fn total(&mut self) {
        let totals = &mut self.totals;
        for run in &self.imports {
            for (from, to) in [(&run.resources, &mut totals.resources), (&run.kinds, &mut totals.kinds)] {
                for (name, count) in from {
                    *to.entry(name.clone()).or_default() += count;
                }
            }
            let (sum, counts) = (&mut totals.counts, run.counts);
            sum.added += counts.added;
            sum.updated += counts.updated;
            sum.unchanged += counts.unchanged;
            sum.older += counts.older;
            sum.conflicts += counts.conflicts;
            sum.skipped += counts.skipped;
            totals.refused.extend(run.refused.iter().cloned());
            totals.refused_in_all += run.refused_in_all;
        }
    }
}

fn tell(progress: &mut Watch<'_>, how_far: Progress) -> Result<()> {
    match progress(how_far) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => {
            let text = "the import was stopped and nothing of it shows; the same import goes on where it stopped";
            Err(Error::new(ErrorKind::Io, "interrupted", text))
        }
    }
}

fn source(input: &ImportInput) -> Source {
    match input {
        ImportInput::Path(path) => Source::path(path),
        ImportInput::Spool { name, spool } => {
            let spool = Arc::clone(spool);
            let open: Opener = Box::new(move || Ok(Box::new(spool.reader().map_err(std::io::Error::other)?)));
            Source::stream(name.clone(), open)
        }
    }
}

fn refusal(plan: &Plan) -> Error {
    let broken: Vec<&Refused> = plan.sources().iter().flat_map(|source| &source.refused_entries).collect();
    if broken.is_empty() {
        return Error::new(
            ErrorKind::Invalid,
            "other-patient",
            "the input names another patient; check the file, or say --accept-other-patient",
        )
        .with_data(json!({ "refused": plan.other_patients(), "refused_in_all": plan.other_patients().len() }));
    }
    let in_all: u64 = plan.sources().iter().map(|source| source.refused).sum();
    Error::new(
        ErrorKind::Invalid,
        "invalid-input",
        "the input is broken in the places named by the details; nothing was imported",
    )
    .with_data(json!({ "refused": broken, "refused_in_all": in_all }))
}
