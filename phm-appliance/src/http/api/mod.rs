//! The JSON API under `/api/v1`: one file per resource, one OpenAPI document over all.

mod acceptance;
pub(in crate::http) mod accounts;
mod alerts;
mod clinical;
pub(in crate::http) mod documents;
mod elsewhere;
mod emergency;
mod erasure;
mod export;
pub(in crate::http) mod family;
pub(in crate::http) mod grants;
mod hand_over;
mod house_retention;
mod idempotency;
mod imports;
mod incident;
mod interactions;
pub(in crate::http) mod invitations;
mod me;
mod notifications;
mod permissions;
mod place;
mod plugins;
mod profiles;
mod proposals;
mod records;
mod recovery;
pub(crate) mod restoring;
mod restrictions;
mod retention;
mod samples;
mod second;
pub(in crate::http) mod setup;
pub(in crate::http) mod shares;
mod sign_in;
mod tokens;
mod units;
pub(in crate::http) mod upload;
mod version;
mod views;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, Request, Route, handler};
use poem_openapi::registry::{MetaApi, MetaOperation, MetaPath, Registry};
use poem_openapi::{OpenApi, OpenApiService, Tags};
use serde_json::{Map, Value, json};

pub(in crate::http) use sign_in::arrival;
pub use units::PreferredUnits;
pub use views::{Dashboard, Point, Taking, Trend, hba1c};

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";

type Consent = (
    accounts::Accounts,
    grants::Grants,
    emergency::Emergencies,
    family::Families,
    tokens::Tokens,
    permissions::Permissions,
    shares::Shares,
    restrictions::Restrictions,
    alerts::Alerts,
    incident::Incidents,
    retention::Retention,
    house_retention::HouseRetention,
    hand_over::HandOvers,
);

/// What second factors and lost passwords need.
type Door = (second::SecondFactors, recovery::Recovery, elsewhere::SigningInElsewhere);

/// What the house works out from records, or without any.
type Judgement = (
    clinical::Clinical,
    units::Units,
    interactions::Interactions,
    plugins::Plugins,
    proposals::Proposals,
    acceptance::Acceptances,
    notifications::Notifications,
);

type Apis = (
    setup::SetUp,
    sign_in::SigningIn,
    me::Me,
    invitations::Invitations,
    Door,
    Consent,
    profiles::Profiles,
    erasure::Erasing,
    records::Records,
    views::Views,
    samples::Samples,
    documents::Documents,
    imports::Imports,
    export::Export,
    Judgement,
);

/// The chapters of the document that are not kinds of records.
#[derive(Tags)]
enum Chapter {
    /// Setting the house up and unlocking it.
    Setup,
    /// Signing in and out.
    Auth,
    /// Accounts, for admins.
    Accounts,
    /// People.
    Profiles,
    /// Who may see a person's records: grants and emergencies.
    Consent,
    /// Owners, guardians and carers.
    Family,
    /// Tokens for programs.
    Tokens,
    /// Bringing records in.
    Imports,
    /// Taking records out.
    Export,
    /// Files of documents.
    Content,
    /// Samples of series.
    Samples,
    /// Calculators and notations of doses.
    Clinical,
    /// Plugins, for admins.
    Plugins,
    /// Reminders.
    Notifications,
}

/// Several APIs as one: operations on the same path stand together, whichever API they come from.
struct Merged<T>(T);

impl<T: OpenApi> OpenApi for Merged<T> {
    fn meta() -> Vec<MetaApi> {
        let mut paths: BTreeMap<String, Vec<MetaOperation>> = BTreeMap::new();
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            paths.entry(path.path).or_default().extend(path.operations);
        }
        let paths = paths.into_iter().map(|(path, operations)| MetaPath { path, operations });
        vec![MetaApi { paths: paths.collect() }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(routes);
    }
}

fn service() -> OpenApiService<Merged<Apis>, ()> {
    let apis = (
        setup::SetUp,
        sign_in::SigningIn,
        me::Me,
        invitations::Invitations,
        (second::SecondFactors, recovery::Recovery, elsewhere::SigningInElsewhere),
        (
            accounts::Accounts,
            grants::Grants,
            emergency::Emergencies,
            family::Families,
            tokens::Tokens,
            permissions::Permissions,
            shares::Shares,
            restrictions::Restrictions,
            alerts::Alerts,
            incident::Incidents,
            retention::Retention,
            house_retention::HouseRetention,
            hand_over::HandOvers,
        ),
        profiles::Profiles,
        erasure::Erasing,
        records::Records,
        views::Views,
        samples::Samples,
        documents::Documents,
        imports::Imports,
        export::Export,
        (
            clinical::Clinical,
            units::Units,
            interactions::Interactions,
            plugins::Plugins,
            proposals::Proposals,
            acceptance::Acceptances,
            notifications::Notifications,
        ),
    );
    OpenApiService::new(Merged(apis), "PHM", env!("CARGO_PKG_VERSION"))
        .description(
            "Personal health records, kept at home. Every answer stands in an envelope: `success`, `data`, `meta`; failures in `error` with a stable `code`. \
             `/patients/me` and everything below it is the same as `/profiles/me`. Lists are pages; changes of a record \
             name the version they start from in `If-Match`.",
        )
        .server(PREFIX)
}

/// The OpenAPI document, as committed and served.
pub fn document() -> String {
    let mut document: Value = serde_json::from_str(&service().spec()).expect("poem-openapi writes JSON");
    close_bodies(&mut document);
    allow_nothing(&mut document);
    share_failures(&mut document);
    serde_json::to_string_pretty(&document).expect("JSON can be written") + "\n"
}

/// Bodies of records know no other fields than those described; poem-openapi cannot say so itself.
fn close_bodies(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let bodies = records::described().into_iter().map(records::body_name);
    for name in bodies.chain(["Quantity", "Concept", "Party", "Range"].map(str::to_owned)) {
        if let Some(schema) = schemas.get_mut(&name) {
            close(schema);
        }
    }
}

/// What an answer may leave empty is `null` there; poem-openapi describes it as merely absent.
fn allow_nothing(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for schema in schemas.values_mut().filter(|schema| schema.get("additionalProperties").is_none()) {
        let required = schema.get("required").cloned().unwrap_or_default();
        let required: Vec<&str> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { continue };
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(&name.as_str())) {
            if let Some(property) = property.as_object_mut().filter(|property| property.contains_key("type")) {
                property.insert("nullable".to_owned(), Value::Bool(true));
            }
        }
    }
}

/// Every operation may fail in the same ways: those are described once and referred to.
fn share_failures(document: &mut Value) {
    let mut shared = Map::new();
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for responses in operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut()) {
        for (status, response) in responses {
            let is_failure =
                response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Failure";
            if is_failure {
                let reference = json!({ "$ref": format!("#/components/responses/Failure{status}") });
                shared.insert(format!("Failure{status}"), std::mem::replace(response, reference));
            }
        }
    }
    document["components"]["responses"] = Value::Object(shared);
}

/// Closes every object that names its properties.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.get("type").is_some_and(|kind| kind == "object") && fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The page of Swagger UI as poem-openapi makes it.
pub(super) fn swagger_page() -> String {
    service().swagger_ui_html()
}

#[handler]
fn openapi_json() -> poem::Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(document);
    poem::Response::builder().content_type("application/json").body(document.as_str())
}

/// Everything under `/api`.
pub fn routes() -> impl Endpoint<Output = poem::Response> {
    let service: BoxEndpoint<'static> = service().into_endpoint();
    Route::new().at("/openapi.json", poem::get(openapi_json)).nest("/v1", service).before(patients_are_profiles)
}

/// `/patients/me` and its sub-paths are the same as `/profiles/me`.
async fn patients_are_profiles(mut request: Request) -> poem::Result<Request> {
    let path = request.uri().path();
    if let Some(rest) = path.strip_prefix("/v1/patients/me")
        && (rest.is_empty() || rest.starts_with('/'))
    {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let uri = format!("/v1/profiles/me{rest}{query}").parse().map_err(poem::error::BadRequest)?;
        *request.uri_mut() = uri;
    }
    Ok(request)
}

/// The collection of a kind, where it has one.
fn collection_of(kind: &str) -> Option<&'static str> {
    records::kinds().iter().find(|info| info.name == kind).map(|info| info.collection)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operations that need no sign-in: what comes before it, and what says so itself.
    const OPEN: [&str; 16] = [
        "auth_login",
        "auth_login_mfa",
        "auth_logout",
        "auth_passkey",
        "auth_passkey_begin",
        "auth_password_forgot",
        "auth_password_reset",
        "auth_refresh",
        "auth_register",
        "auth_take_over_refuse",
        "auth_token",
        "auth_verify",
        "setup",
        "setup_restore",
        "setup_state",
        "unlock",
    ];

    fn operations() -> Vec<(String, Value)> {
        let document: Value = serde_json::from_str(&document()).expect("JSON");
        let paths = document["paths"].as_object().expect("paths").clone();
        paths
            .into_iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().expect("operations").clone();
                item.into_iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
            })
            .collect()
    }

    #[test]
    fn no_operation_is_open_but_a_short_list() {
        let mut open = Vec::new();
        for (place, operation) in operations() {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            assert!(!id.is_empty(), "{place} has no name");
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                open.push(id);
            }
        }
        open.sort();
        assert_eq!(open, OPEN, "what is open is open on purpose");
    }

    #[test]
    fn the_committed_document_is_the_one_the_program_writes() {
        let committed = include_str!("../../../openapi.json");
        assert!(document() == committed, "run `phm openapi > phm-appliance/openapi.json` and read the difference");
    }

    #[test]
    fn every_change_of_a_record_asks_for_its_version() {
        let operations = operations();
        let names: Vec<&str> =
            operations.iter().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
        for kind in records::kinds() {
            for verb in
                ["list", "create", "read", "put", "patch", "delete", "restore", "history", "original", "rectify"]
            {
                let name = format!("{}_{verb}", kind.collection.replace('-', "_"));
                assert!(names.contains(&name.as_str()), "{name} is missing");
            }
        }
        // Choices of units and reminders are no records: they have no versions, and the last one to choose is right.
        let chosen =
            |place: &str| ["/preferred-units", "/notifications/settings"].iter().any(|end| place.ends_with(end));
        for (place, operation) in operations.into_iter().filter(|(place, _)| !chosen(place)) {
            let changes = place.starts_with("put ") || place.starts_with("patch ") || place.ends_with("/{id}/restore");
            let asks = operation["parameters"].to_string().contains("If-Match");
            assert!(!changes || asks, "{place}");
        }
    }
}
