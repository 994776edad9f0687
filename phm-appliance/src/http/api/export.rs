//! Taking a person's records out, as one stream: as they are, or without what names the person.

use std::sync::Arc;

use phm_core::id::ProfileId;
use phm_core::vault::ExportFormat;
use phm_core::vault::call::{export_secret, flat_query};
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, Registry};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use serde_json::json;

use super::Chapter;
use super::documents::binary;
use super::place::ProfileName;
use super::records::inline;
use crate::http::body::Body;
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::stream::written;

/// What is taken out without what names a person.
#[derive(poem_openapi::Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeidentifiedExport {
    /// Only records with any of these codes: `system|code` or a bare code.
    #[serde(default)]
    codes: Option<Vec<String>>,
    /// Nothing before this.
    #[serde(default)]
    since: Option<String>,
    /// Nothing after this; a date means all of it.
    #[serde(default)]
    until: Option<String>,
    /// At least 16 characters. Exports with the same secret fit together; without one a random one is used and forgotten.
    #[serde(default)]
    secret: Option<String>,
}

/// Export.
pub struct Export;

#[OpenApi]
impl Export {
    /// All records of a person: `fhir-bundle`, `ndjson` or `csv`.
    #[oai(path = "/profiles/:profile/export", method = "get", operation_id = "export", tag = "Chapter::Export")]
    async fn export(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        format: Query<Option<String>>,
    ) -> Result<Exported, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let word = format.0.unwrap_or_else(|| "fhir-bundle".to_owned());
        let format: ExportFormat = word.parse().map_err(|_| Problem::invalid("/format", "invalid-choice"))?;
        let id: ProfileId = house.with(&caller, move |session| profile.resolve(session)).await?;
        let vault = house.open()?.vault;
        let body = written(move |out| {
            let session = vault.session(caller.actor(), &caller.purpose)?;
            session.export(id, format, out)?;
            Ok(())
        })
        .await?;
        let (kind, name) = match word.as_str() {
            "ndjson" => ("application/x-ndjson", "records.ndjson"),
            "csv" => ("text/csv; charset=utf-8", "records.csv"),
            _ => ("application/fhir+json", "records.json"),
        };
        Ok(Exported { body, kind, name })
    }

    /// The records and samples of a person without names, places, parties, identifiers and free text, with other ids and
    /// dates that were moved, as JSON lines; the last one, of kind `report`, says what went.
    #[oai(
        path = "/profiles/:profile/export/deidentified",
        method = "post",
        operation_id = "export_deidentified",
        tag = "Chapter::Export"
    )]
    async fn deidentified(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<DeidentifiedExport>,
    ) -> Result<Exported, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let DeidentifiedExport { codes, since, until, secret } = body.0;
        let secret = export_secret(secret.as_deref())?;
        let id: ProfileId = house.with(&caller, move |session| profile.resolve(session)).await?;
        let asked = json!({"profiles": [id.to_string()], "codes": codes, "since": since, "until": until});
        let query = flat_query(&asked)?;
        let vault = house.open()?.vault;
        let body = written(move |out| {
            let session = vault.session(caller.actor(), &caller.purpose)?;
            let report = session.export_deidentified(&query, secret.as_bytes(), out)?;
            let last = json!({"kind": "report", "report": report});
            writeln!(out, "{last}").map_err(|_| Problem::internal())
        })
        .await?;
        Ok(Exported { body, kind: "application/x-ndjson", name: "deidentified.ndjson" })
    }
}

/// An export on its way out.
struct Exported {
    body: poem::Body,
    kind: &'static str,
    name: &'static str,
}

impl IntoResponse for Exported {
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::OK)
            .content_type(self.kind)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name))
            .body(self.body)
    }
}

impl ApiResponse for Exported {
    fn meta() -> MetaResponses {
        let media = |content_type| MetaMediaType { content_type, schema: binary() };
        let whole = MetaResponse {
            description: "The records.",
            status: Some(200),
            status_range: None,
            content: vec![
                MetaMediaType { schema: inline(MetaSchema::new("object")), ..media("application/fhir+json") },
                media("application/x-ndjson"),
                media("text/csv"),
            ],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![whole] }
    }

    fn register(_registry: &mut Registry) {}
}
