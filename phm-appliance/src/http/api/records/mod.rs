//! Records of every kind: `/profiles/{profile}/{collection}` and below.
//!
//! One implementation serves all kinds. [`table`] says which operations there are, [`schema`] describes their bodies from
//! what the core knows of each kind, [`Work`] does them; a kind added to the core appears here by itself.

pub(super) mod query;
mod schema;
mod table;
mod work;

use std::collections::{BTreeMap, HashMap};

use phm_core::access::Sensitivity;
use poem::endpoint::{BoxEndpoint, make};
use poem::http::Method;
use poem::{EndpointExt as _, Request, Response, Result};
use poem_openapi::registry::{
    MetaApi, MetaHeader, MetaMediaType, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaResponse,
    MetaResponses, MetaSchema, MetaTag, Registry,
};
use poem_openapi::types::Type as _;
use poem_openapi::{OpenApi, OperationId};

pub(super) use schema::{body_name, body_ref, formatted, inline, list_of, record_ref, text};
use table::{Operation, Verb, operations};
pub(super) use table::{described, kinds};
use work::Work;

use super::erasure::Rectification;
use crate::http::envelope::{register_meta, success_response};
use crate::http::guard::{self, Caller};
use crate::http::problem::{failure_responses, register_failure};

/// The media types of a patch.
pub(super) const PATCHES: [&str; 2] = ["application/merge-patch+json", "application/json"];

/// The media type of a whole body.
pub(super) const WHOLE: [&str; 1] = ["application/json"];

/// The operations on records of every kind.
pub struct Records;

impl OpenApi for Records {
    fn meta() -> Vec<MetaApi> {
        let mut paths: BTreeMap<&str, Vec<MetaOperation>> = BTreeMap::new();
        for operation in operations() {
            paths.entry(&operation.path).or_default().push(describe(operation));
        }
        let path = |(path, operations): (&str, _)| MetaPath { path: path.to_owned(), operations };
        vec![MetaApi { paths: paths.into_iter().map(path).collect() }]
    }

    fn register(registry: &mut Registry) {
        schema::register(registry, &described());
        register_meta(registry);
        register_failure(registry);
        Rectification::register(registry);
        guard::register_scheme(registry);
        for kind in kinds() {
            registry.create_tag(MetaTag { name: kind.collection, description: None, external_docs: None });
        }
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        for operation in operations() {
            let endpoint =
                make(move |request| answer(operation, request)).after(|mut answer: Result<Response>| async {
                    if let Ok(response) = &mut answer {
                        response.set_data(OperationId(operation.id));
                    }
                    answer
                });
            routes.entry(operation.route.clone()).or_default().insert(operation.verb.method(), endpoint.boxed());
        }
    }
}

/// The guard first, then the request as our types, then one piece of work.
async fn answer(operation: &'static Operation, request: Request) -> Result<Response> {
    let caller = Caller::of(&request).await?;
    let (request, mut body) = request.split();
    let work = Work::read(operation, caller, &request, &mut body).await?;
    Ok(work.done().await?)
}

fn describe(operation: &'static Operation) -> MetaOperation {
    let Operation { kind, verb, .. } = operation;
    let media_types = if *verb == Verb::Patch { &PATCHES[..] } else { &WHOLE[..] };
    MetaOperation {
        method: verb.method(),
        tags: vec![kind.collection],
        summary: Some(operation.summary),
        description: None,
        external_docs: None,
        params: parameters(operation),
        request: verb.has_body().then(|| crate::http::body::json_request(body_schema(operation), media_types)),
        responses: MetaResponses { responses: responses(operation) },
        deprecated: false,
        security: vec![HashMap::from([(guard::SCHEME, vec![])])],
        operation_id: Some(operation.id),
        code_samples: Vec::new(),
    }
}

/// A patch may leave out what the whole body requires.
fn body_schema(operation: &Operation) -> poem_openapi::registry::MetaSchemaRef {
    match operation.verb {
        Verb::Patch => inline(MetaSchema::new("object")),
        Verb::Rectify => {
            let word = |values: &[&str]| {
                inline(MetaSchema {
                    enum_items: values.iter().map(|word| (*word).into()).collect(),
                    ..MetaSchema::new("string")
                })
            };
            inline(MetaSchema {
                properties: vec![("confirm", formatted("uuid")), ("keep", word(&["nothing", "newest"]))],
                required: vec!["confirm"],
                ..MetaSchema::new("object")
            })
        }
        Verb::Mark => {
            let words = Sensitivity::ALL.iter().map(|word| word.as_str().into()).collect();
            let word = inline(MetaSchema { enum_items: words, ..MetaSchema::new("string") });
            inline(MetaSchema {
                properties: vec![("labels", list_of(word))],
                required: vec!["labels"],
                ..MetaSchema::new("object")
            })
        }
        _ => body_ref(operation.kind),
    }
}

fn parameters(operation: &Operation) -> Vec<MetaOperationParam> {
    let verb = operation.verb;
    let profile = "Id of the profile, or `me`.";
    let mut parameters = vec![query::parameter("profile", profile, MetaParamIn::Path, true, text())];
    if verb.is_about_one() {
        parameters.push(query::parameter("id", "Id of the record.", MetaParamIn::Path, true, formatted("uuid")));
    }
    match verb {
        Verb::List => parameters.extend(query::parameters()),
        Verb::Read => {
            let schema = inline(MetaSchema::new("boolean"));
            parameters.push(query::optional("removed", "Show the record though it is removed.", schema));
        }
        Verb::Restore => {
            let schema = inline(MetaSchema { minimum: Some(1.0), ..MetaSchema::new("integer") });
            parameters.push(query::optional("version", "The version to bring back; the last one if absent.", schema));
        }
        Verb::Create => parameters.push(query::parameter(
            "Idempotency-Key",
            "The same key and body within 24 hours give the same answer and add nothing.",
            MetaParamIn::Header,
            false,
            text(),
        )),
        _ => {}
    }
    if verb.needs_version() {
        let description = "The version the change is based on, such as `\"1\"`.";
        parameters.push(query::parameter("If-Match", description, MetaParamIn::Header, true, text()));
    }
    parameters
}

fn responses(operation: &Operation) -> Vec<MetaResponse> {
    let Operation { kind, verb, .. } = operation;
    let etag = |name: &str, description: &str| MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: text(),
    };
    let mut success = match verb {
        Verb::List => success_response(200, list_of(record_ref(kind))),
        Verb::History => {
            success_response(200, list_of(poem_openapi::registry::MetaSchemaRef::Reference("Version".into())))
        }
        Verb::Original => MetaResponse {
            description: "The bytes as they were imported.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/fhir+json",
                schema: inline(MetaSchema::new("object")),
            }],
            headers: Vec::new(),
        },
        Verb::Delete => MetaResponse {
            description: "Removed.",
            status: Some(204),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        },
        Verb::Rectify => success_response(200, Rectification::schema_ref()),
        _ => success_response(verb.status(), record_ref(kind)),
    };
    if matches!(verb, Verb::Create | Verb::Read | Verb::Put | Verb::Patch | Verb::Restore | Verb::Mark) {
        success.headers.push(etag("ETag", "The version, such as `\"1\"`."));
    }
    if *verb == Verb::Create {
        success.headers.push(etag("Location", "Where the new record is."));
    }
    let mut statuses = vec![400, 401, 403, 404, 422, 429, 500, 503];
    if verb.has_body() {
        statuses.extend([409, 413, 415]);
    }
    if verb.needs_version() {
        statuses.extend([409, 428]);
    }
    let mut responses = vec![success];
    responses.extend(failure_responses(&statuses));
    responses
}
