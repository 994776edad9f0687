//! Taking a person's records out, as one stream.

use std::sync::Arc;

use phm_core::id::ProfileId;
use phm_core::vault::ExportFormat;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Body, IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, Registry};
use poem_openapi::{ApiResponse, OpenApi};

use super::Chapter;
use super::documents::binary;
use super::place::ProfileName;
use super::records::inline;
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::stream::written;

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
}

/// An export on its way out.
struct Exported {
    body: Body,
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
