//! Import from a page: a file is sealed as it arrives, checked, shown, and written only when its owner says so.
//!
//! What waits for an answer stands in memory with its sealed spool; after a restart the file is chosen again. An
//! import that was begun is a matter of the vault, which finishes or forgets it by its own rules.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{ImportInput, ImportReport, ImportRequest, ImportTarget, ImportUnit, Session, Spool};
use poem::Response;

use super::Answer;
use super::reply::{go, html, html_with};
use super::visit::Visit;
use crate::http::house::blocking;
use crate::http::problem::Problem;
use crate::http::web::view::import::{ImportData, ImportOne, ImportStart, Refusal};
use crate::http::web::view::page::Here;

/// Files that wait for an answer at most; the oldest is forgotten first.
const WAITING: usize = 32;

/// A small file is checked within this, and its page shows the preview at once.
const SOON: Duration = Duration::from_millis(1500);

/// Imports shown on the start page.
const SHOWN: usize = 30;

/// Files on their way in.
#[derive(Default)]
pub struct Uploads(Mutex<HashMap<RecordId, Waiting>>);

#[derive(Clone)]
struct Waiting {
    account: AccountId,
    profile: ProfileId,
    name: String,
    at: Instant,
    spool: Arc<Spool>,
    target: ImportTarget,
    accept_other: bool,
    state: State,
    done: u64,
    total: u64,
    report: Option<ImportData>,
    imported: Option<RecordId>,
    error: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Checking,
    Preview,
    Importing,
    Done,
    Failed,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Preview => "preview",
            Self::Importing => "importing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl Uploads {
    fn all(&self) -> MutexGuard<'_, HashMap<RecordId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, id: RecordId, waiting: Waiting) {
        let mut all = self.all();
        while all.len() >= WAITING {
            let oldest = all.iter().min_by_key(|(_, waiting)| waiting.at).map(|(id, _)| *id);
            oldest.and_then(|id| all.remove(&id));
        }
        all.insert(id, waiting);
    }

    fn find(&self, id: RecordId, visit: &Visit) -> Result<Waiting, Problem> {
        let (account, profile) = (visit.signed_in()?.signed.account, visit.profile()?);
        let found = self.all().get(&id).cloned();
        found.filter(|w| w.account == account && w.profile == profile).ok_or_else(Problem::not_found)
    }

    fn change(&self, id: RecordId, change: impl FnOnce(&mut Waiting)) {
        if let Some(waiting) = self.all().get_mut(&id) {
            change(waiting);
        }
    }
}

/// The page to choose a file, with earlier imports.
pub fn start(visit: Visit, _uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move { html(&start_page(&visit, String::new()).await?) })
}

async fn start_page(visit: &Visit, error: String) -> Result<ImportStart, Problem> {
    let profile = visit.profile()?;
    visit
        .with(move |session, frame| {
            let units = session.imports()?.into_iter().filter(|unit| unit.profiles.contains(&profile)).take(SHOWN);
            let imports: Vec<ImportData> = units.map(|unit| of_unit(&unit)).collect();
            let page = frame.page(session, &frame.t().say("import-heading"), Here::Import, Some(profile))?;
            let mut view = ImportStart::new(page, &imports);
            view.error = error;
            Ok(view)
        })
        .await
}

fn of_unit(unit: &ImportUnit) -> ImportData {
    ImportData {
        import: unit.import.to_string(),
        path: unit.path.clone(),
        state: unit.state.clone(),
        at: unit.started_at.to_string(),
        added: unit.counts.added,
        updated: unit.counts.updated,
        unchanged: unit.counts.unchanged,
        older: unit.counts.older,
        conflicts: unit.counts.conflicts,
        skipped: unit.counts.skipped,
        ..ImportData::default()
    }
}

/// Takes a file in and begins to check it.
pub fn upload(mut visit: Visit, uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move {
        let profile = visit.profile()?;
        let account = visit.signed_in()?.signed.account;
        let Some(upload) = visit.upload.take() else {
            let view = start_page(&visit, visit.t.say("problem-no-file")).await?;
            return html_with(poem::http::StatusCode::UNPROCESSABLE_ENTITY, &view);
        };
        let target = match visit.field("target").as_str() {
            "new" => ImportTarget::NewProfiles,
            _ => ImportTarget::Profile(profile),
        };
        let id = RecordId::new();
        uploads.keep(id, Waiting {
            account,
            profile,
            name: upload.name,
            at: Instant::now(),
            spool: Arc::new(upload.content),
            target,
            accept_other: false,
            state: State::Checking,
            done: 0,
            total: 0,
            report: None,
            imported: None,
            error: String::new(),
        });
        run(&visit, &uploads, id, true).await?;
        Ok(go(&format!("/p/{profile}/import/{id}")))
    })
}

/// Begins to check or to import, and waits a moment for the end of it.
async fn run(visit: &Visit, uploads: &Arc<Uploads>, id: RecordId, dry_run: bool) -> Result<(), Problem> {
    let waiting = uploads.find(id, visit)?;
    let signed = visit.signed_in()?.signed.clone();
    let vault = visit.house.open()?.vault;
    let uploads = Arc::clone(uploads);
    let work = tokio::spawn(blocking(move || {
        let session = vault.session(signed.actor(), &signed.purpose)?;
        let request = ImportRequest {
            inputs: vec![ImportInput::Spool { name: waiting.name.clone(), spool: Arc::clone(&waiting.spool) }],
            target: waiting.target,
            owner: Some(waiting.account),
            dry_run,
            accept_other_patient: waiting.accept_other,
        };
        let mut progress = |progress: phm_core::vault::Progress| {
            uploads.change(id, |waiting| (waiting.done, waiting.total) = (progress.done, progress.total));
        };
        let outcome = import(&session, &request, &mut progress);
        uploads.change(id, |waiting| settle(waiting, outcome, dry_run));
        Ok(())
    }));
    let _ = tokio::time::timeout(SOON, work).await;
    Ok(())
}

fn import(
    session: &Session,
    request: &ImportRequest,
    progress: &mut dyn FnMut(phm_core::vault::Progress),
) -> phm_core::Result<ImportReport> {
    session.import(request, progress)
}

/// What came of a check or an import.
fn settle(waiting: &mut Waiting, outcome: phm_core::Result<ImportReport>, dry_run: bool) {
    match outcome {
        Ok(report) => {
            let run = report.imports.into_iter().next();
            waiting.imported = run.as_ref().filter(|_| !dry_run).map(|run| run.import);
            waiting.report = run.map(|run| ImportData {
                path: run.path,
                format: run.format.to_owned(),
                kinds: run.kinds,
                added: run.counts.added,
                updated: run.counts.updated,
                unchanged: run.counts.unchanged,
                older: run.counts.older,
                conflicts: run.counts.conflicts,
                skipped: run.counts.skipped,
                refused: refusals(serde_json::to_value(&run.refused).unwrap_or_default()),
                ..ImportData::default()
            });
            waiting.state = if dry_run { State::Preview } else { State::Done };
        }
        Err(error) => {
            waiting.state = State::Failed;
            waiting.error = error.code().to_owned();
            let refused = error.data().and_then(|data| data.get("refused").cloned()).unwrap_or_default();
            waiting.report = Some(ImportData { refused: refusals(refused), ..ImportData::default() });
        }
    }
}

fn refusals(refused: serde_json::Value) -> Vec<Refusal> {
    let text = |entry: &serde_json::Value, name: &str| match entry.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let entries = refused.as_array().cloned().unwrap_or_default();
    let refusal = |entry: &serde_json::Value| Refusal {
        entry: text(entry, "entry"),
        path: text(entry, "path"),
        code: text(entry, "code"),
    };
    entries.iter().map(refusal).collect()
}

fn import_id(visit: &Visit) -> Result<RecordId, Problem> {
    visit.part("i").parse().map_err(|_| Problem::not_found())
}

/// One import: waiting here, or known to the vault.
pub fn one(visit: Visit, uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move {
        let (profile, id) = (visit.profile()?, import_id(&visit)?);
        let waiting = uploads.find(id, &visit).ok();
        if let Some(imported) = waiting.as_ref().and_then(|waiting| waiting.imported) {
            if waiting.as_ref().is_some_and(|waiting| waiting.profile == profile) {
                return Ok(go(&format!("/p/{profile}/import/{imported}")));
            }
        }
        let error = waiting.as_ref().map(|waiting| waiting.error.clone()).unwrap_or_default();
        let data = waiting.map(|waiting| ImportData {
            import: id.to_string(),
            path: waiting.name,
            state: waiting.state.word().to_owned(),
            at: waiting.at.to_string(),
            done: waiting.done,
            total: waiting.total,
            ..waiting.report.unwrap_or_default()
        });
        let view = visit
            .with(move |session, frame| {
                let data = match data {
                    Some(data) => data,
                    None => {
                        let known = session.imports()?.into_iter().find(|unit| unit.import == id);
                        of_unit(&known.ok_or_else(Problem::not_found)?)
                    }
                };
                let page = frame.page(session, &frame.t().say("import-heading"), Here::Import, Some(profile))?;
                Ok(ImportOne::new(page, &data, &error))
            })
            .await?;
        html(&view)
    })
}

/// Writes what was shown.
pub fn confirm(visit: Visit, uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move {
        let (profile, id) = (visit.profile()?, import_id(&visit)?);
        let waiting = uploads.find(id, &visit)?;
        if waiting.state == State::Preview {
            uploads.change(id, |waiting| (waiting.state, waiting.done) = (State::Importing, 0));
            run(&visit, &uploads, id, false).await?;
        }
        Ok(go(&format!("/p/{profile}/import/{id}")))
    })
}

/// Checks again, taking resources about another patient as this person's, or making the people the file names.
pub fn accept(visit: Visit, uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move {
        let (profile, id) = (visit.profile()?, import_id(&visit)?);
        let new_people = visit.field("target") == "new";
        uploads.find(id, &visit)?;
        uploads.change(id, |waiting| {
            if new_people {
                waiting.target = ImportTarget::NewProfiles;
            } else {
                waiting.accept_other = true;
            }
            waiting.state = State::Checking;
        });
        run(&visit, &uploads, id, true).await?;
        Ok(go(&format!("/p/{profile}/import/{id}")))
    })
}

/// Takes an import back.
pub fn undo(visit: Visit, _uploads: Arc<Uploads>) -> Answer {
    Box::pin(async move {
        let (profile, id) = (visit.profile()?, import_id(&visit)?);
        visit.with(move |session, _| Ok(session.undo_import(id)?)).await?;
        Ok(go(&format!("/p/{profile}/import/{id}")))
    })
}
