//! Adding documents by upload, and their content, whole or in parts.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::RangeInclusive;
use std::sync::Arc;

use phm_core::access::Action;
use phm_core::vault::DocumentReader;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::param::Path;
use poem_openapi::registry::{
    MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, OpenApi};

use super::Chapter;
use super::idempotency::Kept;
use super::place::ProfileName;
use super::records::{inline, record_ref, text};
use super::upload::Upload;
use crate::http::body::parse;
use crate::http::envelope::success_response;
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::stream::written;

/// A document is not trusted: it may be shown, but nothing in it may run or reach out.
const NOTHING_RUNS: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

/// Media types a browser may show in place; anything else is downloaded.
const SHOWN_IN_PLACE: [&str; 6] =
    ["application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"];

/// Documents.
pub struct Documents;

#[OpenApi]
impl Documents {
    /// Add a document: `file`, and `body` as JSON. The server finds media type, size and hash.
    #[oai(
        path = "/profiles/:profile/documents",
        method = "post",
        operation_id = "documents_create",
        tag = "Chapter::Content"
    )]
    async fn create(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        upload: DocumentUpload,
    ) -> Result<MadeDocument, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let limit = house.settings.upload_bytes;
        let Upload { content, name, fields } = upload.0;
        let mut body = match fields.get("body") {
            Some(body) => parse(body.as_bytes())?,
            None => serde_json::json!({}),
        };
        if let Some(body) = body.as_object_mut() {
            body.entry("title").or_insert_with(|| name.into());
            body.entry("category").or_insert_with(|| "other".into());
        }
        let made = house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Add, profile.resolve(session)?, "document")?;
                Ok(Kept::of(&session.add_document(&permit, &body, &mut content.reader()?, limit)?))
            })
            .await?;
        Ok(MadeDocument(made))
    }

    /// The content of a document, or the part `Range` names.
    #[oai(
        path = "/profiles/:profile/documents/:id/content",
        method = "get",
        operation_id = "documents_content",
        tag = "Chapter::Content"
    )]
    async fn content(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        request: &Request,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<Content, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let id = id.0.parse().map_err(|_| Problem::not_found())?;
        let range = request.header(header::RANGE).map(str::to_owned);
        let document = house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Read, profile.resolve(session)?, "document")?;
                Ok(session.document(&permit, id)?)
            })
            .await?;
        let range = range.map_or(Ok(None), |range| wanted(&range, document.bytes))?;
        Content::of(document, range).await
    }
}

/// A document as it is uploaded.
struct DocumentUpload(Upload);

impl<'a> ApiExtractor<'a> for DocumentUpload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        Some(multipart(vec![("file", binary()), ("body", text())]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(Upload::read(request, body, &["body"]).await?))
    }
}

/// A file in the OpenAPI document.
pub(super) fn binary() -> MetaSchemaRef {
    inline(MetaSchema::new_with_format("string", "binary"))
}

/// The description of an upload whose `file` is required.
pub(super) fn multipart(properties: Vec<(&'static str, MetaSchemaRef)>) -> MetaRequest {
    let schema = MetaSchema { required: vec!["file"], properties, ..MetaSchema::new("object") };
    let media = MetaMediaType { content_type: "multipart/form-data", schema: inline(schema) };
    MetaRequest { description: None, content: vec![media], required: true }
}

/// 201 with the new document's record.
struct MadeDocument(Kept);

impl IntoResponse for MadeDocument {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl ApiResponse for MadeDocument {
    fn meta() -> MetaResponses {
        let document = super::records::kinds().iter().find(|kind| kind.name == "document");
        let record = document.map_or_else(|| inline(MetaSchema::ANY), |kind| record_ref(kind));
        MetaResponses { responses: vec![success_response(201, record)] }
    }

    fn register(_registry: &mut Registry) {}
}

/// Content on its way out.
pub struct Content(pub Response);

impl Content {
    /// The content, or a part of it.
    pub async fn of(mut document: DocumentReader, range: Option<RangeInclusive<u64>>) -> Result<Self, Problem> {
        let total = document.bytes;
        // Without its encoding a browser takes a text for one of western Europe.
        let kind = match document.media_type.as_str() {
            "text/plain" => "text/plain; charset=utf-8".to_owned(),
            kind => kind.to_owned(),
        };
        let is_shown = SHOWN_IN_PLACE.contains(&kind.split(';').next().unwrap_or_default());
        let (status, first, length) = match &range {
            Some(range) => (StatusCode::PARTIAL_CONTENT, *range.start(), range.end() - range.start() + 1),
            None => (StatusCode::OK, 0, total),
        };
        let body = written(move |out| {
            let sent = document.seek(SeekFrom::Start(first)).and_then(|_| io::copy(&mut document.take(length), out));
            sent.map(|_| ()).map_err(|error| phm_core::Error::from(error).into())
        });
        let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_LENGTH, length)
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::CONTENT_DISPOSITION, if is_shown { "inline" } else { "attachment" })
            .header(header::CONTENT_SECURITY_POLICY, NOTHING_RUNS)
            .body(body.await?);
        if let Some(range) = range {
            let text = format!("bytes {}-{}/{total}", range.start(), range.end());
            let value = HeaderValue::from_str(&text).map_err(|_| Problem::internal())?;
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
        Ok(Self(response))
    }
}

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Content {
    fn meta() -> MetaResponses {
        let response = |status, description| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/octet-stream", schema: binary() }],
            headers: Vec::new(),
        };
        let mut responses = vec![response(200, "The whole content."), response(206, "The part that was asked for.")];
        responses.push(MetaResponse { content: Vec::new(), ..response(416, "The content has no such range.") });
        MetaResponses { responses }
    }

    fn register(_registry: &mut Registry) {}
}

/// The one range a client asks for; several, or another unit, count as none (RFC 9110, 14.2).
pub fn wanted(text: &str, total: u64) -> Result<Option<RangeInclusive<u64>>, Problem> {
    let Some(spec) = text.strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Ok(None) };
    let Some((first, last)) = spec.trim().split_once('-') else { return Ok(None) };
    let number = |text: &str| text.parse::<u64>().ok();
    let range = match (first.is_empty(), last.is_empty()) {
        (false, false) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
        (false, true) => number(first).map(|first| (first, u64::MAX)),
        (true, false) => {
            number(last).map(|length| (total.saturating_sub(length), if length == 0 { 0 } else { u64::MAX }))
        }
        (true, true) => None,
    };
    let Some((first, last)) = range else { return Ok(None) };
    let is_nothing = last == 0 && spec.starts_with('-');
    if first >= total || is_nothing {
        let problem =
            Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range-not-satisfiable", "the content has no such range");
        let value = HeaderValue::from_str(&format!("bytes */{total}")).map_err(|_| Problem::internal())?;
        return Err(problem.with_header(header::CONTENT_RANGE, value));
    }
    Ok(Some(first..=last.min(total - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let range = |text| wanted(text, 100).expect("a range that exists");
        assert_eq!(range("bytes=0-9"), Some(0..=9));
        assert_eq!(range("bytes=90-"), Some(90..=99));
        assert_eq!(range("bytes=-10"), Some(90..=99));
        assert_eq!(range("bytes=-500"), Some(0..=99));
        assert_eq!(range("bytes=50-500"), Some(50..=99));
        for ignored in ["bytes=1-2,4-5", "lines=1-2", "bytes=x-y", "bytes=9-2", "bytes=-", "bytes"] {
            assert_eq!(range(ignored), None, "{ignored}");
        }
        for missing in ["bytes=100-", "bytes=200-300", "bytes=-0"] {
            assert_eq!(wanted(missing, 100).expect_err(missing).status_code().as_u16(), 416);
        }
        assert!(wanted("bytes=0-", 0).is_err());
    }
}
