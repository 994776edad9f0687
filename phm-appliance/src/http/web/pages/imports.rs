//! Import from a page: a file is sealed as it arrives, checked, shown, and written only when its owner says so.

use std::sync::Arc;
use std::time::Duration;

use phm_core::id::RecordId;
use phm_core::vault::{ImportTarget, ImportUnit};
use poem::Response;
use poem::http::StatusCode;
use serde_json::Value;

use super::reply::{go, html, html_with};
use super::visit::Visit;
use crate::http::import_jobs::{ImportJobs, Job, Uploaded, undo as take_back, unit};
use crate::http::problem::Problem;
use crate::http::web::view::import::{ImportData, ImportOne, ImportStart, Refusal};
use crate::http::web::view::page::{Here, Person};

/// A small file is done within this, and the next page shows the result at once.
const SOON: Duration = Duration::from_millis(1500);

/// Imports shown on the start page.
const SHOWN: usize = 30;

/// The page to choose a file, with earlier imports.
pub async fn start(visit: Visit) -> Result<Response, Problem> {
    html(&start_page(&visit, String::new()).await?)
}

async fn start_page(visit: &Visit, error: String) -> Result<ImportStart, Problem> {
    let profile = visit.profile()?;
    let waiting = visit.house.imports.waiting(&visit.signed_in()?.signed);
    visit
        .with(move |at, frame| {
            // A file that names its people is found again where it was uploaded, so all imports the reader may see are
            // listed, each with whom it is about.
            let mut imports: Vec<ImportData> =
                waiting.iter().map(|job| ImportData { at: job.begun().to_string(), ..of_job(job).0 }).collect();
            let people = at.profiles()?;
            for unit in at.imports()?.into_iter().take(SHOWN) {
                let is_other = unit.profiles != [profile];
                let named = people.iter().filter(|card| is_other && unit.profiles.contains(&card.profile));
                let about =
                    named.map(|card| Person::new(frame.t(), &card.profile.to_string(), &card.name).name).collect();
                imports.push(ImportData { about, ..of_unit(unit.import, &unit) });
            }
            let page = frame.page(at, &frame.t().say("import-heading"), Here::Import, Some(profile))?;
            let mut view = ImportStart::new(page, &imports);
            view.error = error;
            Ok(view)
        })
        .await
}

fn of_unit(id: RecordId, unit: &ImportUnit) -> ImportData {
    ImportData {
        import: id.to_string(),
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

/// An upload, with the code of what went wrong.
fn of_job(job: &Job) -> (ImportData, String) {
    let shown = job.shown();
    let step = job.step();
    let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let count = |name: &str| shown.get(name).and_then(Value::as_u64).unwrap_or(0);
    let kinds = shown.get("kinds").and_then(Value::as_object).into_iter().flatten();
    let refused = shown.get("refused").and_then(Value::as_array).into_iter().flatten();
    let error = shown.pointer("/error/code").and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = ImportData {
        import: text("import"),
        path: text("path"),
        format: text("format"),
        state: step.state.to_owned(),
        at: String::new(),
        about: Vec::new(),
        is_for_everybody: job.is_for_everybody(),
        kinds: kinds.filter_map(|(kind, count)| Some((kind.clone(), count.as_u64()?))).collect(),
        added: count("added"),
        updated: count("updated"),
        unchanged: count("unchanged"),
        older: count("older"),
        conflicts: count("conflicts"),
        skipped: count("skipped"),
        refused: refused.map(refusal).collect(),
        refused_in_all: count("refused_in_all"),
        done: step.done,
        total: step.total,
    };
    (data, error)
}

fn refusal(entry: &Value) -> Refusal {
    let text = |name: &str| match entry.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    Refusal { entry: text("entry"), path: text("path"), code: text("code") }
}

/// Waits a moment for the job to rest.
async fn soon(job: &Job) {
    let mut steps = job.watch();
    let rest = steps.wait_for(|step| step.is_at_rest());
    let _ = tokio::time::timeout(SOON, rest).await;
}

/// Takes a file in and begins to check it.
pub async fn upload(mut visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let caller = visit.signed_in()?.signed.clone();
    let Some(upload) = visit.upload.take() else {
        let view = start_page(&visit, visit.t.say("problem-no-file")).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let target = match visit.field("target").as_str() {
        "new" => ImportTarget::NewProfiles,
        _ => ImportTarget::Profile(profile),
    };
    let uploaded = Uploaded { name: upload.name, spool: upload.content, target, accept_other_patient: false };
    let job = ImportJobs::begin(&visit.house, &caller, uploaded).await?;
    soon(&job).await;
    Ok(go(&format!("/p/{profile}/import/{}", job.id())))
}

fn import_id(visit: &Visit) -> Result<RecordId, Problem> {
    visit.part("i").parse().map_err(|_| Problem::not_found())
}

fn job_of(visit: &Visit) -> Result<Arc<Job>, Problem> {
    let found = visit.house.imports.find(&visit.signed_in()?.signed, import_id(visit)?);
    found.ok_or_else(Problem::not_found)
}

/// One import: of this run of the server, or known to the vault.
pub async fn one(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, import_id(&visit)?);
    let job = job_of(&visit).ok().map(|job| of_job(&job));
    let view = visit
        .with(move |at, frame| {
            let (data, error) = match job {
                Some(found) => found,
                None => (of_unit(id, &unit(at, id)?), String::new()),
            };
            let page = frame.page(at, &frame.t().say("import-heading"), Here::Import, Some(profile))?;
            Ok(ImportOne::new(page, &data, &error))
        })
        .await?;
    html(&view)
}

/// Writes what was shown.
pub async fn confirm(visit: Visit) -> Result<Response, Problem> {
    let (profile, job) = (visit.profile()?, job_of(&visit)?);
    // Sent twice, it goes on to what the first one began.
    if job.step().state == "preview" {
        ImportJobs::confirm(&visit.house, &visit.signed_in()?.signed, &job)?;
    }
    soon(&job).await;
    Ok(go(&format!("/p/{profile}/import/{}", job.id())))
}

/// Checks again, taking resources about another patient as this person's, or making the people the file names.
pub async fn accept(visit: Visit) -> Result<Response, Problem> {
    let (profile, job) = (visit.profile()?, job_of(&visit)?);
    let (target, other) = match visit.field("target").as_str() {
        "new" => (ImportTarget::NewProfiles, false),
        _ => (ImportTarget::Profile(profile), true),
    };
    let job = ImportJobs::again(&visit.house, &visit.signed_in()?.signed, &job, target, other).await?;
    soon(&job).await;
    Ok(go(&format!("/p/{profile}/import/{}", job.id())))
}

/// Takes an import back.
pub async fn undo(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, import_id(&visit)?);
    let stays = visit
        .with(move |at, _| {
            take_back(at, unit(at, id)?.import)?;
            Ok(at.profiles()?.iter().any(|card| card.profile == profile))
        })
        .await?;
    if let Ok(job) = job_of(&visit) {
        job.undone();
    }
    // A person whom the import brought leaves with it.
    Ok(go(&if stays { format!("/p/{profile}/import/{id}") } else { "/people".to_owned() }))
}
