//! What is shown of one person across kinds: timeline, search, dashboard, trends and who looked.
//!
//! Each view is a line in [`VIEWS`] and a function that asks the core once; routing, guard and documentation are the same
//! for all.

mod attention;
mod audit;
mod dashboard;
mod medicine;
mod timeline;
mod trends;
mod visit;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use poem::endpoint::{BoxEndpoint, make};
use poem::http::Method;
use poem::{EndpointExt as _, IntoResponse as _, Request, Response, Result};
use poem_openapi::registry::{
    MetaApi, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaResponses, MetaSchema, MetaSchemaRef,
    MetaTag, Registry,
};
use poem_openapi::{OpenApi, OperationId};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::place::ProfileName;
use super::records::query::{optional, parameter, parameters, read_with};
use super::records::{inline, text};
use crate::http::envelope::{Answer, Pagination, register_meta, success_response};
use crate::http::guard::{self, Caller};
use crate::http::house::{AtWork, House};
use crate::http::problem::{Problem, failure_responses, register_failure};
use crate::i18n::zones;

pub use dashboard::{Dashboard, hba1c};
pub use medicine::Taking;
pub use phm_core::analytics::trends::shown::{Point, Trend};

/// What a view is asked for.
pub struct Asked<'a> {
    session: &'a AtWork,
    profile: ProfileId,
    record: Option<RecordId>,
    zone: TimeZone,
    query: Query,
    others: HashMap<String, String>,
}

impl Asked<'_> {
    /// The record that the path names.
    fn record(&self) -> Result<RecordId, Problem> {
        self.record.ok_or_else(Problem::not_found)
    }

    /// A parameter of the view's own; an empty one counts as absent.
    fn other(&self, name: &str) -> Option<&str> {
        self.others.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The words of a list separated by commas.
    fn words(&self, name: &str) -> Vec<&str> {
        self.other(name).into_iter().flat_map(|list| list.split(',')).map(str::trim).collect()
    }
}

/// What a view answers.
pub struct Shown {
    data: Box<RawValue>,
    message: Option<&'static str>,
    pagination: Option<Pagination>,
}

impl Shown {
    fn new(data: &impl Serialize) -> Result<Self, Problem> {
        Self::written(to_raw_value(data))
    }

    /// Data that were written already.
    fn written(data: serde_json::Result<Box<RawValue>>) -> Result<Self, Problem> {
        let data = data.map_err(|_| Problem::internal())?;
        Ok(Self { data, message: None, pagination: None })
    }

    fn page<T: Serialize>(page: &phm_core::vault::Page<T>) -> Result<Self, Problem> {
        let pagination = Pagination::new(page.page, page.per_page, page.total);
        Ok(Self { pagination: Some(pagination), ..Self::new(&page.items)? })
    }
}

/// One view.
struct View {
    /// The path below the profile.
    path: &'static str,
    /// Its name in the document.
    id: &'static str,
    /// A line about it.
    summary: &'static str,
    /// Parameters of its own, with a line about each.
    others: &'static [(&'static str, &'static str)],
    /// Parameters of a list that mean something here.
    of_a_list: &'static [&'static str],
    run: fn(&Asked<'_>) -> Result<Shown, Problem>,
}

/// Days and times belong to a place.
const ZONE: (&str, &str) = ("zone", "The time zone, for example `Asia/Kolkata`; else that of the family.");

/// A plan as it would be with doses put off.
const SHIFT: (&str, &str) = (
    "shift",
    "Doses to be taken at another time, separated by commas: `PLANNED/TO` for one, `PLANNED/TO/later` for it and all \
     later ones, both as instants. The answer shows the plan with them; nothing is kept. Write times that are to stay \
     into the medication, and log a dose when it was taken.",
);

const VIEWS: &[View] = &[
    View {
        path: "timeline",
        id: "timeline",
        summary: "What happened to a person, over all kinds, newest first.",
        others: &[("kinds", "Only these kinds, separated by commas.")],
        of_a_list: &["code", "from", "to", "status", "q", "sort", "page", "per_page"],
        run: timeline::timeline,
    },
    View {
        path: "search",
        id: "search",
        summary: "Records of a person in which all words occur.",
        others: &[("kinds", "Only these kinds, separated by commas.")],
        of_a_list: &["q", "from", "to", "page", "per_page"],
        run: timeline::search,
    },
    View {
        path: "dashboard",
        id: "dashboard",
        summary: "A person's state at a glance.",
        others: &[],
        of_a_list: &[],
        run: dashboard::dashboard,
    },
    View {
        path: "lab-results/trends",
        id: "lab_results_trends",
        summary: "The values of a test over time.",
        others: &[("unit", "The unit of the values, where the test can be brought to it.")],
        of_a_list: &["code", "from", "to"],
        run: trends::lab_results,
    },
    View {
        path: "medications/{id}/schedule",
        id: "medications_schedule",
        summary: "When a medicine is due, and what became of each dose.",
        others: &[ZONE, SHIFT],
        of_a_list: &["from", "to"],
        run: medicine::schedule,
    },
    View {
        path: "medications/{id}/supply",
        id: "medications_supply",
        summary: "How much of a medicine is left, until when it lasts, and how much of what was due was taken.",
        others: &[ZONE, SHIFT],
        of_a_list: &["from", "to"],
        run: medicine::supply,
    },
    View {
        path: "visit-summary",
        id: "visit_summary",
        summary: "What a doctor should know at a visit: conditions, allergies, medicines, what is new and what needs attention.",
        others: &[ZONE],
        of_a_list: &[],
        run: visit::summary,
    },
    View {
        path: "audit",
        id: "audit",
        summary: "Who looked at or changed a person's records, when and why.",
        others: &[("actor", "Only this actor, by id."), ("kind", "Only records of this kind.")],
        of_a_list: &["from", "to", "page", "per_page"],
        run: audit::audit,
    },
];

/// The views.
pub struct Views;

impl OpenApi for Views {
    fn meta() -> Vec<MetaApi> {
        let paths = VIEWS.iter().map(|view| MetaPath {
            path: format!("/profiles/{{profile}}/{}", view.path),
            operations: vec![describe(view)],
        });
        vec![MetaApi { paths: paths.collect() }]
    }

    fn register(registry: &mut Registry) {
        register_meta(registry);
        register_failure(registry);
        guard::register_scheme(registry);
        registry.create_tag(MetaTag { name: "views", description: None, external_docs: None });
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        for view in VIEWS {
            let endpoint = make(move |request| answer(view, request)).after(|mut answer: Result<Response>| async {
                if let Ok(response) = &mut answer {
                    response.set_data(OperationId(view.id));
                }
                answer
            });
            let route = format!("/profiles/:param0/{}", view.path.replace("{id}", ":param1"));
            routes.entry(route).or_default().insert(Method::GET, endpoint.boxed());
        }
    }
}

async fn answer(view: &'static View, request: Request) -> Result<Response> {
    let caller = Caller::of(&request).await?;
    let house = Arc::clone(House::of(&request));
    let profile = ProfileName::read(request.raw_path_param("param0").unwrap_or_default())?;
    let record = request.raw_path_param("param1").map(str::parse).transpose().map_err(|_| Problem::not_found())?;
    let others: Vec<&str> = view.others.iter().map(|(name, _)| *name).collect();
    let (query, others) = read_with(&request, &others)?;
    let asked_zone = others.get("zone").filter(|zone| !zone.is_empty());
    let zone = match asked_zone {
        Some(name) => zones::named(name).ok_or_else(|| Problem::invalid("/zone", "unknown-time-zone"))?,
        None => house.settings.time_zone.clone().unwrap_or_else(TimeZone::system),
    };
    let shown = house
        .with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            (view.run)(&Asked { session, profile, record, zone, query, others })
        })
        .await?;
    let mut answer: Answer<_> = Answer::new(shown.data);
    if let Some(message) = shown.message {
        answer = answer.with_message(message);
    }
    if let Some(pagination) = shown.pagination {
        answer = answer.with_pagination(pagination);
    }
    Ok(answer.into_response())
}

fn describe(view: &'static View) -> MetaOperation {
    let mut responses = vec![success_response(200, anything())];
    responses.extend(failure_responses(&[401, 403, 404, 422, 429, 500, 503]));
    MetaOperation {
        method: Method::GET,
        tags: vec!["views"],
        summary: Some(view.summary),
        description: None,
        external_docs: None,
        params: describe_parameters(view),
        request: None,
        responses: MetaResponses { responses },
        deprecated: false,
        security: vec![HashMap::from([(guard::SCHEME, vec![])])],
        operation_id: Some(view.id),
        code_samples: Vec::new(),
    }
}

fn describe_parameters(view: &View) -> Vec<MetaOperationParam> {
    let mut all = vec![parameter("profile", "Id of the profile, or `me`.", MetaParamIn::Path, true, text())];
    if view.path.contains("{id}") {
        all.push(parameter("id", "Id of the record.", MetaParamIn::Path, true, text()));
    }
    all.extend(view.others.iter().map(|(name, description)| optional(name, description, text())));
    all.extend(parameters().into_iter().filter(|parameter| view.of_a_list.contains(&parameter.name.as_str())));
    all
}

fn anything() -> MetaSchemaRef {
    inline(MetaSchema::ANY)
}
