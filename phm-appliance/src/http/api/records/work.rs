//! One operation on records: the request as our types, one call of the core, the answer.

use phm_core::access::{Action, Labels, Sensitivity};
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_core::model::merge_patch;
use phm_core::vault::{How, Keep, Record, Removed, Session};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Request, RequestBody, Response};
use serde_json::Value;

use super::table::{Operation, Verb};
use super::{PATCHES, WHOLE, query};
use crate::http::api::erasure::Rectification;
use crate::http::api::idempotency::{Kept, Once};
use crate::http::api::place::ProfileName;
use crate::http::api::version::{based_on, etag};
use crate::http::body::{read_json, typed};
use crate::http::envelope::{Answer, NoContent, Pagination};
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What one request asks for.
pub struct Work {
    operation: &'static Operation,
    caller: Caller,
    house: std::sync::Arc<House>,
    profile: ProfileName,
    task: Task,
}

enum Task {
    List(Query),
    Create(Value, Option<Once>),
    Read(RecordId, Removed),
    Put(RecordId, u32, Value),
    Patch(RecordId, u32, Value),
    Delete(RecordId, u32),
    Restore(RecordId, u32, Option<u32>),
    History(RecordId),
    Original(RecordId),
    Rectify(RecordId, Keep),
    Mark(RecordId, u32, Labels),
}

impl Work {
    /// Reads a request; everything about it that can be wrong by itself is found here.
    pub async fn read(
        operation: &'static Operation,
        caller: Caller,
        request: &Request,
        body: &mut RequestBody,
    ) -> Result<Self, Problem> {
        let profile = ProfileName::read(request.raw_path_param("param0").unwrap_or_default())?;
        let id = || request.raw_path_param("param1").and_then(|id| id.parse().ok()).ok_or_else(Problem::not_found);
        let task = match operation.verb {
            Verb::List => Task::List(query::read(request)?),
            Verb::Create => {
                let (bytes, value) = read_json(request, body, &WHOLE).await?;
                Task::Create(value, Once::read(request, &bytes)?)
            }
            Verb::Read => Task::Read(id()?, removed(request)?),
            Verb::Put => {
                let version = based_on(request)?;
                Task::Put(id()?, version, read_json(request, body, &WHOLE).await?.1)
            }
            Verb::Patch => {
                let version = based_on(request)?;
                Task::Patch(id()?, version, read_json(request, body, &PATCHES).await?.1)
            }
            Verb::Delete => Task::Delete(id()?, based_on(request)?),
            Verb::Restore => Task::Restore(id()?, based_on(request)?, wanted_version(request)?),
            Verb::History => Task::History(id()?),
            Verb::Original => Task::Original(id()?),
            Verb::Rectify => {
                let id = id()?;
                Task::Rectify(id, kept(id, read_json(request, body, &WHOLE).await?.1)?)
            }
            Verb::Mark => {
                let version = based_on(request)?;
                Task::Mark(id()?, version, marks(read_json(request, body, &WHOLE).await?.1)?)
            }
        };
        Ok(Self { operation, caller, house: std::sync::Arc::clone(House::of(request)), profile, task })
    }

    /// Does it, on a blocking thread.
    pub async fn done(self) -> Result<Response, Problem> {
        let Self { operation, caller, house, profile, task } = self;
        let kind = operation.kind.name;
        let outcome = house
            .with(&caller, move |session| {
                let profile = profile.resolve(session)?;
                let permit = |action| session.permit(action, profile, kind);
                Ok(match task {
                    Task::List(query) => {
                        let page = session.list(&permit(Action::Read)?, &query)?;
                        Outcome::Page(page.items, Pagination::new(page.page, page.per_page, page.total))
                    }
                    Task::Create(body, once) => {
                        let permit = permit(Action::Add)?;
                        let add = || session.add(&permit, &body, How::Typed);
                        match once {
                            Some(once) => Outcome::Made(once.keep(session, add)?),
                            None => Outcome::Made(Kept::of(&add()?)),
                        }
                    }
                    Task::Read(id, removed) => {
                        Outcome::One(Box::new(session.read(&permit(Action::Read)?, id, removed)?))
                    }
                    Task::Put(id, version, body) => Outcome::One(Box::new(session.amend(
                        &permit(Action::Amend)?,
                        id,
                        version,
                        &body,
                        How::Typed,
                    )?)),
                    Task::Patch(id, version, patch) => {
                        Outcome::One(Box::new(amend_parts(session, profile, kind, id, version, &patch)?))
                    }
                    Task::Delete(id, version) => {
                        session.remove(&permit(Action::Amend)?, id, version)?;
                        Outcome::Removed
                    }
                    Task::Restore(id, version, wanted) => {
                        Outcome::One(Box::new(session.restore(&permit(Action::Amend)?, id, version, wanted)?))
                    }
                    Task::History(id) => Outcome::History(session.history(&permit(Action::Read)?, id)?),
                    Task::Original(id) => {
                        let bytes = session.original(&permit(Action::Read)?, id)?;
                        Outcome::Original(bytes.ok_or_else(Problem::not_found)?)
                    }
                    Task::Rectify(id, keep) => {
                        Outcome::Rectified(Box::new(session.rectify(&permit(Action::Erase)?, id, keep)?.into()))
                    }
                    Task::Mark(id, version, labels) => {
                        Outcome::One(Box::new(session.mark(&permit(Action::Amend)?, id, version, labels)?))
                    }
                })
            })
            .await?;
        Ok(outcome.into_response())
    }
}

/// Applies a patch to the newest body and amends with the result, unless the record has moved on from `version`.
fn amend_parts(
    session: &Session,
    profile: phm_core::id::ProfileId,
    kind: &'static str,
    id: RecordId,
    version: u32,
    patch: &Value,
) -> Result<Record, Problem> {
    if !patch.is_object() {
        return Err(Problem::invalid("", "invalid-value"));
    }
    let permit = session.permit(Action::Amend, profile, kind)?;
    let current = session.read(&session.permit(Action::Read, profile, kind)?, id, Removed::Hide)?;
    let mut body: Value = serde_json::from_str(current.body.get()).map_err(|_| Problem::internal())?;
    merge_patch(&mut body, patch);
    Ok(session.amend(&permit, id, version, &body, How::Typed)?)
}

enum Outcome {
    Page(Vec<Record>, Pagination),
    Made(Kept),
    One(Box<Record>),
    Removed,
    History(Vec<phm_core::vault::Version>),
    Original(Vec<u8>),
    Rectified(Box<Rectification>),
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Page(records, pagination) => Answer::<_>::new(records).with_pagination(pagination).into_response(),
            Self::Made(made) => made.into_response(),
            Self::One(record) => {
                let tag = etag(record.version);
                Answer::<_>::new(record).with_header(header::ETAG, tag).into_response()
            }
            Self::Removed => NoContent::default().into_response(),
            Self::History(versions) => Answer::<_>::new(versions).into_response(),
            Self::Rectified(report) => Answer::<_>::new(report).into_response(),
            Self::Original(bytes) => Response::builder()
                .status(StatusCode::OK)
                .header(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"original.json\""))
                .content_type("application/fhir+json")
                .body(bytes),
        }
    }
}

fn removed(request: &Request) -> Result<Removed, Problem> {
    match parameter(request, "removed")?.as_deref() {
        None | Some("false") => Ok(Removed::Hide),
        Some("true") => Ok(Removed::Show),
        Some(_) => Err(Problem::invalid("/removed", "invalid-value")),
    }
}

/// What is to stay of a record, where its id was typed again.
fn kept(id: RecordId, body: Value) -> Result<Keep, Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        confirm: String,
        #[serde(default)]
        keep: Option<String>,
    }
    let wanted: Wanted = typed(body)?;
    if wanted.confirm != id.to_string() {
        return Err(Problem::invalid("/confirm", "not-confirmed"));
    }
    match wanted.keep.as_deref() {
        None | Some("nothing") => Ok(Keep::Nothing),
        Some("newest") => Ok(Keep::Newest),
        Some(_) => Err(Problem::invalid("/keep", "invalid-choice")),
    }
}

/// The labels that a record is to have.
fn marks(body: Value) -> Result<Labels, Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        labels: Vec<String>,
    }
    let wanted: Wanted = typed(body)?;
    let label = |(at, label): (usize, &String)| {
        label.parse::<Sensitivity>().map_err(|_| Problem::invalid(format!("/labels/{at}"), "invalid-choice"))
    };
    wanted.labels.iter().enumerate().map(label).collect()
}

fn wanted_version(request: &Request) -> Result<Option<u32>, Problem> {
    let text = parameter(request, "version")?;
    text.map(|text| text.parse().map_err(|_| Problem::invalid("/version", "invalid-value"))).transpose()
}

/// The one parameter an operation knows.
fn parameter(request: &Request, known: &str) -> Result<Option<String>, Problem> {
    let pairs: Vec<(String, String)> = request.params().unwrap_or_default();
    match pairs.iter().find(|(name, _)| name != known) {
        Some((name, _)) => Err(Problem::invalid(format!("/{name}"), "unknown-field")),
        None => Ok(pairs.into_iter().next().map(|(_, value)| value)),
    }
}
