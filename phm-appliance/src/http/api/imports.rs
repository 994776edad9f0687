//! Imports: upload, preview, confirm, undo, and progress as it happens.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use phm_core::id::RecordId;
use phm_core::vault::{ImportTarget, ImportUnit};
use poem::web::Data;
use poem::web::sse::{Event, SSE};
use poem::{IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::param::Path;
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, Registry};
use poem_openapi::types::Any;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, OpenApi};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Chapter;
use super::documents::{binary, multipart};
use super::place::ProfileName;
use super::records::{inline, text};
use super::upload::Upload;
use crate::http::envelope::{Accepted, Answer};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::import_jobs::{ImportJobs, Step, Uploaded, undo, unit};
use crate::http::problem::Problem;

/// Imports.
pub struct Imports;

// poem-openapi wants every operation to be async.
#[allow(clippy::unused_async)]
#[OpenApi(tag = "Chapter::Imports")]
impl Imports {
    /// Upload FHIR for one person (`profile`) or for everybody in it (`new_profile=true`); it is checked and waits.
    #[oai(path = "/imports", method = "post", operation_id = "imports_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        upload: ImportUpload,
    ) -> Result<Accepted<Any<Value>>, Problem> {
        let Upload { content, name, fields } = upload.0;
        let given = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let target = match (given("profile"), flag("new_profile", given("new_profile"))?) {
            (Some(profile), false) => {
                let profile = ProfileName::read(profile)?;
                ImportTarget::Profile(house.with(&caller, move |at| profile.resolve(at)).await?)
            }
            (None, true) => ImportTarget::NewProfiles,
            (Some(_), true) => return Err(Problem::invalid("/new_profile", "only-one")),
            (None, false) => return Err(Problem::invalid("/profile", "required")),
        };
        let accept_other_patient = flag("accept_other_patient", given("accept_other_patient"))?;
        let uploaded = Uploaded { name, spool: content, target, accept_other_patient };
        let job = ImportJobs::begin(house.0, &caller, uploaded).await?;
        Ok(Accepted::new(Any(job.shown())))
    }

    /// Imports of the people the caller may see, newest first.
    #[oai(path = "/imports", method = "get", operation_id = "imports_list")]
    async fn list(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Any<Value>>, Problem> {
        let units = house.with(&caller, |at| Ok(at.imports()?)).await?;
        Ok(Answer::new(Any(json!(units))))
    }

    /// How far an import has come, and what it found.
    #[oai(path = "/imports/:id", method = "get", operation_id = "imports_read")]
    async fn read(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let id = record_id(&id)?;
        if let Some(job) = house.imports.find(&caller, id) {
            return Ok(Answer::new(Any(job.shown())));
        }
        let unit = house.with(&caller, move |at| unit(at, id)).await?;
        Ok(Answer::new(Any(shown(id, &unit))))
    }

    /// Do what the preview shows.
    #[oai(path = "/imports/:id/confirm", method = "post", operation_id = "imports_confirm")]
    async fn confirm(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
    ) -> Result<Accepted<Any<Value>>, Problem> {
        let job = house.imports.find(&caller, record_id(&id)?).ok_or_else(Problem::not_found)?;
        ImportJobs::confirm(house.0, &caller, &job)?;
        Ok(Accepted::new(Any(job.shown())))
    }

    /// Take an import back as a whole; what was amended by hand since stays.
    #[oai(path = "/imports/:id/undo", method = "post", operation_id = "imports_undo")]
    async fn undo(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let id = record_id(&id)?;
        let unit = house
            .with(&caller, move |at| {
                let found = unit(at, id)?;
                undo(at, found.import)?;
                Ok(ImportUnit { state: "undone".to_owned(), ..found })
            })
            .await?;
        let job = house.imports.find(&caller, id);
        Ok(Answer::new(Any(match job {
            Some(job) => {
                job.undone();
                job.shown()
            }
            None => shown(id, &unit),
        })))
    }

    /// Progress as server-sent events, until the import rests.
    #[oai(path = "/imports/:id/events", method = "get", operation_id = "imports_events")]
    async fn events(&self, caller: SignedIn, house: Data<&Arc<House>>, id: Path<String>) -> Result<Events, Problem> {
        let job = house.imports.find(&caller, record_id(&id)?).ok_or_else(Problem::not_found)?;
        Ok(Events { steps: job.watch(), house: Arc::clone(house.0), session: caller.session })
    }
}

fn record_id(text: &str) -> Result<RecordId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

fn flag(name: &str, value: Option<&str>) -> Result<bool, Problem> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::invalid(format!("/{name}"), "wrong-type")),
    }
}

/// An import of an earlier run of the server, under the id it was asked for by.
fn shown(id: RecordId, unit: &ImportUnit) -> Value {
    let mut shown = json!(unit);
    shown["import"] = json!(id);
    shown
}

/// A file to import.
struct ImportUpload(Upload);

impl<'a> ApiExtractor<'a> for ImportUpload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let flag = || inline(MetaSchema::new("boolean"));
        Some(multipart(vec![
            ("file", binary()),
            ("profile", text()),
            ("new_profile", flag()),
            ("accept_other_patient", flag()),
        ]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let fields = ["profile", "new_profile", "accept_other_patient"];
        Ok(Self(Upload::read(request, body, &fields).await?))
    }
}

/// How often it is asked whether a session goes on.
const LOOK: Duration = Duration::from_secs(1);

/// Progress on its way out, for as long as the session goes on in which it was asked for.
struct Events {
    steps: watch::Receiver<Step>,
    house: Arc<House>,
    session: RecordId,
}

impl Events {
    /// How it stands.
    fn now(&mut self) -> Step {
        *self.steps.borrow_and_update()
    }

    /// The next step; `None` where none comes any more, or its reader is out.
    async fn next(&mut self) -> Option<Step> {
        loop {
            let changed = tokio::time::timeout(LOOK, self.steps.changed()).await;
            let (session, opened) = (self.session, self.house.open().ok()?);
            if !opened.desk(move |desk| desk.goes_on(session)).await.unwrap_or(false) {
                return None;
            }
            match changed {
                Ok(Ok(())) => return Some(self.now()),
                Ok(Err(_)) => return None,
                Err(_) => {}
            }
        }
    }
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        // The first event says how it stands; each further one comes with a step, and a job at rest has said its last.
        let steps = stream::unfold((self, None::<Step>), |(mut events, last)| async move {
            let step = match last {
                None => events.now(),
                Some(last) if last.is_at_rest() => return None,
                Some(_) => events.next().await?,
            };
            let data = json!({ "done": step.done, "total": step.total, "state": step.state });
            Some((Event::message(data.to_string()).event_type("progress"), (events, Some(step))))
        });
        SSE::new(steps).into_response()
    }
}

impl ApiResponse for Events {
    fn meta() -> MetaResponses {
        let media = MetaMediaType { content_type: "text/event-stream", schema: text() };
        let response = MetaResponse {
            description: "Events of type `progress`: `{\"done\",\"total\",\"state\"}`.",
            status: Some(200),
            status_range: None,
            content: vec![media],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::secret::Secret;
    use phm_core::vault::{Options, Vault};

    use super::*;
    use crate::auth::accounts::{self, NewAccount};
    use crate::auth::session::Door;
    use crate::settings::Settings;

    #[tokio::test]
    async fn progress_ends_with_the_session_in_which_it_was_asked_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let house = House::new(Settings::defaults(&dir.path().join("vault")));
        let options = Options { cost: Cost::FLOOR, ..house.options() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&house.settings.data_dir, &[secret], options).expect("a vault");
        house.move_in(vault.clone()).expect("an open house");
        let new = NewAccount {
            email: "asha@example.org".to_owned(),
            name: "Asha Example".to_owned(),
            roles: Vec::new(),
            password: "correct horse battery".to_owned(),
        };
        let made = tokio::task::spawn_blocking(move || accounts::add(&vault, &new)).await.expect("no panic");
        let account = made.expect("an account").id;
        let opened = house.open().expect("an open house");
        let enter = opened.desk(move |desk| Ok(desk.enter(account, Door::Api, "a test")?.session));
        let session = enter.await.expect("signed in");
        let step = |done| Step { done, total: 9, state: "importing" };
        let (sender, steps) = watch::channel(step(1));
        let mut events = Events { steps, house: Arc::clone(&house), session };
        assert_eq!(events.now(), step(1));
        sender.send(step(2)).expect("somebody listens");
        assert_eq!(events.next().await, Some(step(2)));
        opened.desk(move |desk| desk.end(account, session)).await.expect("signed out");
        assert_eq!(events.next().await, None, "though there is no further step");
        sender.send(step(3)).expect("somebody listens");
        assert_eq!(events.next().await, None, "nor is one told");
    }
}
