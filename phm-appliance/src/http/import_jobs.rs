//! Imports that were uploaded: checked in the background, shown as a preview, done when confirmed.
//!
//! The upload waits in the vault's sealed spool, whose key dies with the process: after a restart an unconfirmed upload is
//! gone, and what was confirmed stands in the vault under the import's own id. Only who uploaded sees a job.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phm_core::ErrorKind;
use phm_core::access::{AccountId, Action};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{ImportInput, ImportReport, ImportRequest, ImportTarget, ImportUnit, Progress, Spool};
use poem::http::StatusCode;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::guard::SignedIn;
use super::house::{AtWork, House};
use super::problem::Problem;

/// How long an unconfirmed upload waits.
const WAITS_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Uploads of one account that may wait at the same time.
const WAITING: usize = 20;

/// The code of a refusal because the input is about somebody else.
const OTHER_PATIENT: &str = "other-patient";

/// How far a job has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Step {
    /// Resources done.
    pub done: u64,
    /// Resources in all.
    pub total: u64,
    /// `checking preview importing done failed undone`.
    pub state: &'static str,
}

impl Step {
    /// Whether nothing more happens until somebody asks for it.
    pub fn is_at_rest(self) -> bool {
        !matches!(self.state, "checking" | "importing")
    }
}

/// What was uploaded, and what is to become of it.
pub struct Uploaded {
    /// The file's name.
    pub name: String,
    /// Its content.
    pub spool: Spool,
    /// Whose records they are.
    pub target: ImportTarget,
    /// Take resources about another patient as this person's.
    pub accept_other_patient: bool,
}

/// One upload.
pub struct Job {
    id: RecordId,
    account: AccountId,
    request: ImportRequest,
    begun: Instant,
    found: Mutex<Found>,
    step: watch::Sender<Step>,
}

/// What is known of the upload's content so far.
#[derive(Default)]
struct Found {
    run: Option<Map<String, Value>>,
    error: Option<Value>,
    /// The import in the vault, once it is done.
    import: Option<RecordId>,
}

/// The uploads of this process.
#[derive(Default)]
pub struct ImportJobs(Mutex<HashMap<RecordId, Arc<Job>>>);

impl ImportJobs {
    /// Takes an upload and begins to check it.
    ///
    /// # Errors
    /// 404 or 403 when the caller may not import for this person, 429 when too many uploads wait already.
    pub async fn begin(house: &Arc<House>, caller: &SignedIn, uploaded: Uploaded) -> Result<Arc<Job>, Problem> {
        let Uploaded { name, spool, target, accept_other_patient } = uploaded;
        if let ImportTarget::Profile(profile) = target {
            house.with(caller, move |at| Ok(at.permit(Action::Add, profile, "fhir-resource").map(|_| ())?)).await?;
        }
        let job = Arc::new(Job {
            id: RecordId::new(),
            account: caller.account,
            request: ImportRequest {
                inputs: vec![ImportInput::Spool { name, spool: Arc::new(spool) }],
                target,
                owner: Some(caller.account),
                dry_run: true,
                accept_other_patient,
            },
            begun: Instant::now(),
            found: Mutex::default(),
            step: watch::Sender::new(Step { done: 0, total: 0, state: "checking" }),
        });
        house.imports.add(Arc::clone(&job))?;
        tokio::spawn(Self::check(Arc::clone(house), caller.clone(), Arc::clone(&job)));
        Ok(job)
    }

    /// Checks an upload again, for other people or with resources about other patients taken along.
    ///
    /// # Errors
    /// As [`ImportJobs::begin`].
    pub async fn again(
        house: &Arc<House>,
        caller: &SignedIn,
        job: &Job,
        target: ImportTarget,
        accept_other_patient: bool,
    ) -> Result<Arc<Job>, Problem> {
        if let ImportTarget::Profile(profile) = target {
            house.with(caller, move |at| Ok(at.permit(Action::Add, profile, "fhir-resource").map(|_| ())?)).await?;
        }
        let request = ImportRequest { target, accept_other_patient, ..job.request.clone() };
        let job = Arc::new(Job {
            id: RecordId::new(),
            account: caller.account,
            request,
            begun: Instant::now(),
            found: Mutex::default(),
            step: watch::Sender::new(Step { done: 0, total: 0, state: "checking" }),
        });
        house.imports.add(Arc::clone(&job))?;
        tokio::spawn(Self::check(Arc::clone(house), caller.clone(), Arc::clone(&job)));
        Ok(job)
    }

    /// The caller's upload with this id.
    pub fn find(&self, caller: &SignedIn, id: RecordId) -> Option<Arc<Job>> {
        self.jobs().get(&id).filter(|job| job.account == caller.account).cloned()
    }

    /// The caller's uploads that nothing has been written of yet, newest first.
    pub fn waiting(&self, caller: &SignedIn) -> Vec<Arc<Job>> {
        let jobs = self.jobs();
        let is_theirs = |job: &&Arc<Job>| job.account == caller.account && !job.is_over();
        let mut waiting: Vec<_> = jobs.values().filter(is_theirs).cloned().collect();
        waiting.sort_by_key(|job| std::cmp::Reverse(job.begun));
        waiting
    }

    /// Does what was previewed.
    ///
    /// # Errors
    /// 409 unless the upload is at its preview.
    pub fn confirm(house: &Arc<House>, caller: &SignedIn, job: &Arc<Job>) -> Result<(), Problem> {
        let begun = job.step.send_if_modified(|step| {
            let is_ready = step.state == "preview";
            if is_ready {
                step.state = "importing";
                step.done = 0;
            }
            is_ready
        });
        if !begun {
            return Err(conflict("this import is not waiting to be confirmed"));
        }
        tokio::spawn(Self::import(Arc::clone(house), caller.clone(), Arc::clone(job)));
        Ok(())
    }

    async fn check(house: Arc<House>, caller: SignedIn, job: Arc<Job>) {
        match Self::run(&house, &caller, &job, true).await {
            Ok(report) => {
                let refused = job.take(&report);
                job.rest(if refused { "failed" } else { "preview" });
            }
            Err(problem) => job.fail(&problem),
        }
    }

    async fn import(house: Arc<House>, caller: SignedIn, job: Arc<Job>) {
        match Self::run(&house, &caller, &job, false).await {
            Ok(report) => {
                job.take(&report);
                job.rest("done");
            }
            Err(problem) => job.fail(&problem),
        }
    }

    async fn run(house: &House, caller: &SignedIn, job: &Arc<Job>, dry_run: bool) -> Result<ImportReport, Problem> {
        let job = Arc::clone(job);
        let work = move |at: &AtWork| {
            let request = ImportRequest { dry_run, ..job.request.clone() };
            let report = at.import(&request, &mut |progress| {
                job.progress(progress, dry_run);
                ControlFlow::Continue(())
            })?;
            if let (false, Some(run)) = (dry_run, report.imports.first()) {
                at.vault.put_state(ProfileId::SYSTEM, &row(job.id), &run.import, None)?;
                job.found().import = Some(run.import);
            }
            Ok(report)
        };
        house.with(caller, work).await
    }

    fn add(&self, job: Arc<Job>) -> Result<(), Problem> {
        let mut jobs = self.jobs();
        jobs.retain(|_, old| !old.step().is_at_rest() || old.begun.plus_millis(WAITS_MILLIS) > job.begun);
        let waiting = jobs.values().filter(|old| old.account == job.account && !old.is_over()).count();
        if waiting >= WAITING {
            return Err(Problem::too_many(std::time::Duration::from_mins(1)));
        }
        jobs.insert(job.id, job);
        Ok(())
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<RecordId, Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    /// Its id, which is also the import's in answers.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// When it was uploaded.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Whether it is for everybody the file names.
    pub fn is_for_everybody(&self) -> bool {
        self.request.target == ImportTarget::NewProfiles
    }

    /// How far it has come.
    pub fn step(&self) -> Step {
        *self.step.borrow()
    }

    /// Follows its steps.
    pub fn watch(&self) -> watch::Receiver<Step> {
        self.step.subscribe()
    }

    /// The import object of the contract.
    pub fn shown(&self) -> Value {
        let found = self.found();
        let name = match self.request.inputs.first() {
            Some(ImportInput::Spool { name, .. }) => name.clone(),
            _ => String::new(),
        };
        let mut shown = found.run.clone().unwrap_or_else(|| nothing_yet(&name));
        shown.insert("import".to_owned(), json!(self.id));
        shown.insert("state".to_owned(), json!(self.step().state));
        if let Some(error) = &found.error {
            shown.insert("error".to_owned(), error.clone());
            for name in ["refused", "refused_in_all"] {
                if let Some(refused) = error.pointer(&format!("/details/{name}")) {
                    shown.insert(name.to_owned(), refused.clone());
                }
            }
        }
        Value::Object(shown)
    }

    /// The import in the vault, once it is done.
    pub fn import(&self) -> Option<RecordId> {
        self.found().import
    }

    /// Notes that the import was taken back.
    pub fn undone(&self) {
        self.rest("undone");
    }

    /// Keeps what a run found; answers whether it refused anything.
    fn take(&self, report: &ImportReport) -> bool {
        let Some(run) = report.imports.first() else { return false };
        if let Ok(Value::Object(run)) = serde_json::to_value(run) {
            self.found().run = Some(run);
        }
        let refused = !run.refused.is_empty();
        if refused {
            let (code, text) = if run.refused.iter().all(|refused| refused.code == OTHER_PATIENT) {
                (
                    OTHER_PATIENT,
                    "the input names another patient; check the file, or upload it with accept_other_patient",
                )
            } else {
                ("invalid-input", "the input is broken in the places named by the details; nothing was imported")
            };
            let details = json!({ "refused": run.refused, "refused_in_all": run.refused_in_all });
            self.found().error = Some(json!({ "code": code, "message": text, "details": details }));
        }
        refused
    }

    fn progress(&self, progress: Progress, dry_run: bool) {
        let state = if dry_run { "checking" } else { "importing" };
        self.step.send_replace(Step { done: progress.done, total: progress.total, state });
    }

    fn rest(&self, state: &'static str) {
        self.step.send_modify(|step| step.state = state);
    }

    fn fail(&self, problem: &Problem) {
        tracing::warn!(import = %self.id, code = problem.code(), "an import failed");
        self.found().error = Some(problem.error());
        self.rest("failed");
    }

    fn is_over(&self) -> bool {
        matches!(self.step().state, "done" | "failed" | "undone")
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The import in the vault that an id of an earlier job, or of the import itself, means.
pub fn unit(at: &AtWork, id: RecordId) -> Result<ImportUnit, Problem> {
    let import = at.vault.state::<RecordId>(ProfileId::SYSTEM, &row(id))?.unwrap_or(id);
    at.imports()?.into_iter().find(|unit| unit.import == import).ok_or_else(Problem::not_found)
}

/// Takes an import back.
pub fn undo(at: &AtWork, import: RecordId) -> Result<(), Problem> {
    at.undo_import(import).map_err(|error| match error.kind() {
        ErrorKind::Conflict => conflict("this import is not complete, or was undone already"),
        _ => error.into(),
    })
}

fn conflict(text: &'static str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "conflict", text)
}

fn row(job: RecordId) -> String {
    format!("import-job/{job}")
}

/// What is said of an upload before it was looked at.
fn nothing_yet(name: &str) -> Map<String, Value> {
    let empty: BTreeMap<String, u64> = BTreeMap::new();
    let counts = ["added", "updated", "unchanged", "older", "conflicts", "skipped"];
    let mut shown: Map<String, Value> = counts.into_iter().map(|name| (name.to_owned(), json!(0))).collect();
    for (key, value) in [
        ("path", json!(name)),
        ("sha256", Value::Null),
        ("format", Value::Null),
        ("profiles", json!([])),
        ("resources", json!(empty)),
        ("kinds", json!(empty)),
        ("refused", json!([])),
        ("refused_in_all", json!(0)),
        ("seconds", json!(0.0)),
    ] {
        shown.insert(key.to_owned(), value);
    }
    shown
}
