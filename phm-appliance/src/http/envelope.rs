//! The envelope of every fulfilled request.
//!
//! `{"success":true,"data":…,"message"?,"meta":{"timestamp","request_id","pagination"?}}`. The status is part of the
//! type, so an operation's signature says what it answers: [`Answer`] 200, [`Created`] 201, [`Accepted`] 202 and
//! [`NoContent`] 204.

use phm_core::time::Instant;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::Serialize;

use super::context::RequestId;

/// Which part of a list an answer holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Pagination {
    /// This page, from 1.
    pub page: u32,
    /// Rows on a full page.
    pub per_page: u32,
    /// Rows on all pages.
    pub total: u64,
    /// Number of pages.
    pub pages: u64,
}

impl Pagination {
    /// The place of `page` in a list of `total` rows.
    pub fn new(page: u32, per_page: u32, total: u64) -> Self {
        Self { page, per_page, total, pages: total.div_ceil(u64::from(per_page.max(1))) }
    }
}

/// A fulfilled request with its data.
#[derive(Debug)]
pub struct Answer<T, const STATUS: u16 = 200> {
    data: T,
    message: Option<&'static str>,
    pagination: Option<Pagination>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// 201 with what was made.
pub type Created<T> = Answer<T, 201>;

/// 202 with what is being worked on.
pub type Accepted<T> = Answer<T, 202>;

impl<T, const STATUS: u16> Answer<T, STATUS> {
    /// An answer with `data`.
    pub fn new(data: T) -> Self {
        Self { data, message: None, pagination: None, headers: Vec::new() }
    }

    /// The same answer with a sentence for people.
    #[must_use]
    pub fn with_message(mut self, message: &'static str) -> Self {
        self.message = Some(message);
        self
    }

    /// The same answer as a part of a list.
    #[must_use]
    pub fn with_pagination(mut self, pagination: Pagination) -> Self {
        self.pagination = Some(pagination);
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl<T: Serialize + Send, const STATUS: u16> IntoResponse for Answer<T, STATUS> {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Meta {
            timestamp: Instant,
            request_id: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            pagination: Option<Pagination>,
        }
        #[derive(Serialize)]
        struct Fulfilled<T> {
            success: bool,
            data: T,
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<&'static str>,
            meta: Meta,
        }
        let fulfilled = Fulfilled {
            success: true,
            data: self.data,
            message: self.message,
            meta: Meta { timestamp: Instant::now(), request_id: RequestId::current(), pagination: self.pagination },
        };
        let body = serde_json::to_vec(&fulfilled).expect("an envelope always serialises");
        let status = StatusCode::from_u16(STATUS).expect("the types name valid statuses");
        let mut response = json_response(status, body);
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// An answer whose length is known before it is sent, which is what compression goes by.
pub(super) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(body)
}

/// The OpenAPI description of an envelope around `data`.
pub(super) fn success_response(status: u16, data: MetaSchemaRef) -> MetaResponse {
    let description = match status {
        201 => "Made.",
        202 => "Taken; the work goes on.",
        _ => "Fulfilled.",
    };
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    let schema = MetaSchema {
        required: vec!["success", "data", "meta"],
        properties: vec![
            ("success", inline(MetaSchema::new("boolean"))),
            ("data", data),
            ("message", inline(MetaSchema::new("string"))),
            ("meta", MetaSchemaRef::Reference("Meta".to_owned())),
        ],
        ..MetaSchema::new("object")
    };
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType { content_type: "application/json", schema: inline(schema) }],
        headers: Vec::new(),
    }
}

/// Names the `meta` of an envelope in the OpenAPI document.
pub(super) fn register_meta(registry: &mut Registry) {
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    registry.create_schema::<Pagination, _>("Pagination".to_owned(), |_| MetaSchema {
        required: vec!["page", "per_page", "total", "pages"],
        properties: ["page", "per_page", "total", "pages"]
            .map(|name| (name, inline(MetaSchema::new("integer"))))
            .into(),
        ..MetaSchema::new("object")
    });
    registry.create_schema::<RequestId, _>("Meta".to_owned(), |_| MetaSchema {
        required: vec!["timestamp", "request_id"],
        properties: vec![
            ("timestamp", inline(MetaSchema::new_with_format("string", "date-time"))),
            ("request_id", inline(MetaSchema::new("string"))),
            ("pagination", MetaSchemaRef::Reference("Pagination".to_owned())),
        ],
        ..MetaSchema::new("object")
    });
}

impl<T: Type, const STATUS: u16> ApiResponse for Answer<T, STATUS> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![success_response(STATUS, T::schema_ref())] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        register_meta(registry);
    }
}

/// 204: done, nothing to say.
#[derive(Debug, Default)]
pub struct NoContent {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl NoContent {
    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        let done = MetaResponse {
            description: "Done.",
            status: Some(204),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![done] }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_one_envelope() {
        let answer: Answer<_> = Answer::new(json!([1, 2])).with_pagination(Pagination::new(2, 50, 101));
        let response = answer.into_response();
        assert_eq!(response.status(), StatusCode::OK);
        let body: Value = response.into_body().into_json().await.expect("JSON");
        assert_eq!(body["success"], true);
        assert_eq!(body["data"], json!([1, 2]));
        assert_eq!(body["meta"]["pagination"], json!({"page": 2, "per_page": 50, "total": 101, "pages": 3}));
        assert!(body.get("message").is_none());
    }

    #[test]
    fn the_type_carries_the_status() {
        assert_eq!(Created::new(1).into_response().status(), StatusCode::CREATED);
        assert_eq!(Accepted::new(1).into_response().status(), StatusCode::ACCEPTED);
        assert_eq!(NoContent::default().into_response().status(), StatusCode::NO_CONTENT);
    }
}
