//! Everything that can go wrong with a request, as one envelope.
//!
//! A handler returns a [`Problem`]; errors of the core become one by their kind, errors of poem by their status, so
//! that a client meets one shape only: `{"success":false,"error":{"code","message","details"},…}`. Texts never carry
//! what the request contained.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use phm_core::time::Instant;
use phm_core::{Detail, ErrorKind};
use poem::error::ResponseError;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use serde::Serialize;
use serde_json::{Value, json};

use super::context::RequestId;
use super::envelope::json_response;

/// Why a request was not fulfilled.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    details: Value,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with its status, stable code and a text for the person who has to act.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: Cow::Borrowed(code), message: message.into(), details: json!({}), headers: Vec::new() }
    }

    /// 401: no valid sign-in came with the request.
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "sign in first")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 401: the sign-in session is over; the person signs in again.
    pub fn session_ended() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "session-ended", "this session has ended; sign in again")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 404, the same for what does not exist and for what the caller may not know of.
    pub fn not_found() -> Self {
        phm_core::Error::not_found().into()
    }

    /// 422: one place in the input breaks a rule.
    pub fn invalid(path: impl Into<String>, code: &'static str) -> Self {
        phm_core::Error::invalid(vec![Detail { path: path.into(), code }]).into()
    }

    /// 428: a change must say which version it is based on.
    pub fn version_required() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "version-required",
            "send If-Match with the version you started from, for example \"1\"",
        )
    }

    /// 403: this is done over https only, since others could listen.
    pub fn https_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "https-needed",
            "this works over https only, or on the machine itself; set server.tls, or open it as localhost",
        )
    }

    /// 429: too many requests; `wait` says when the next one is taken.
    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "too many requests; wait and try again")
            .with_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// 503: the vault is closed until somebody unlocks it.
    pub fn locked() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "locked", "the vault is locked; unlock it first")
    }

    /// 503: there is no vault or no account yet.
    pub fn setup_needed() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "setup-needed", "set up PHM first")
    }

    /// 500: a promise inside PHM was broken.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong inside PHM; it is logged")
    }

    /// The same problem with `details`.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The same problem with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status of the answer.
    pub fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The places that break a rule, with their codes.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |fault: &Value, name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let faults = self.details.as_array().into_iter().flatten();
        faults.map(|fault| (text(fault, "path"), text(fault, "code"))).collect()
    }

    /// The part of the envelope that says what went wrong.
    pub fn error(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "details": self.details })
    }

    /// Any error on its way out, as a problem in our envelope.
    pub fn from_poem(error: poem::Error) -> Response {
        if error.is::<Self>() || error.is_from_response() {
            return error.into_response();
        }
        if let Some(error) = error.downcast_ref::<poem_openapi::error::ParseParamError>() {
            return Self::invalid(format!("/{}", error.name), "invalid-value").into_response();
        }
        let status = error.status();
        let (code, message) = match status {
            StatusCode::BAD_REQUEST => ("bad-request", "the request cannot be read"),
            StatusCode::UNAUTHORIZED => return Self::not_signed_in().into_response(),
            StatusCode::NOT_FOUND => return Self::not_found().into_response(),
            StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "this address does not take that method"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the request is larger than this address takes"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported-media-type", "this address takes another media type"),
            StatusCode::RANGE_NOT_SATISFIABLE => ("range-not-satisfiable", "the content has no such range"),
            status if status.is_client_error() => ("bad-request", "the request cannot be fulfilled"),
            _ => {
                tracing::error!(status = status.as_u16(), "a request failed inside the server");
                return Self::internal().into_response();
            }
        };
        Self::new(status, code, message).into_response()
    }
}

impl From<phm_plugins::PluginError> for Problem {
    fn from(error: phm_plugins::PluginError) -> Self {
        phm_core::Error::from(error).into()
    }
}

impl From<phm_core::Error> for Problem {
    fn from(error: phm_core::Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::Locked | ErrorKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::WrongSecret => StatusCode::UNAUTHORIZED,
            ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            // The text only: a cause may quote what it could not read.
            tracing::error!(code = error.code(), %error, request = RequestId::current(), "the core failed");
        }
        let details = match (error.data(), error.current_version(), error.details()) {
            (Some(data), ..) => data.clone(),
            (None, Some(version), _) => json!({ "current_version": version }),
            (None, None, []) => json!({}),
            (None, None, details) => json!(details),
        };
        Self {
            status,
            code: Cow::Borrowed(error.code()),
            message: Cow::Owned(error.to_string()),
            details,
            headers: Vec::new(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn as_response(&self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'a str,
            message: &'a str,
            details: &'a Value,
        }
        #[derive(Serialize)]
        struct Failure<'a> {
            success: bool,
            error: Body<'a>,
            timestamp: Instant,
            request_id: String,
        }
        let failure = Failure {
            success: false,
            error: Body { code: &self.code, message: &self.message, details: &self.details },
            timestamp: Instant::now(),
            request_id: RequestId::current(),
        };
        let body = serde_json::to_vec(&failure).expect("an envelope always serialises");
        let mut response = json_response(self.status, body);
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.as_response()
    }
}

/// The statuses any operation may answer instead of success, for the OpenAPI document.
const STATUSES: [(u16, &str); 12] = [
    (400, "The request cannot be read."),
    (401, "Not signed in, or the session has ended."),
    (403, "Known, but not granted."),
    (404, "There is no such thing, or none the caller may know of."),
    (409, "Based on a version that is no longer the newest."),
    (413, "Larger than this address takes."),
    (415, "Another media type is needed."),
    (422, "The input breaks a rule; the details say where."),
    (428, "The version this change is based on is missing."),
    (429, "Too many requests."),
    (500, "Something went wrong inside."),
    (503, "Locked, busy or not set up."),
];

/// The failure answers of an operation, for the OpenAPI document.
pub(super) fn failure_responses(statuses: &[u16]) -> Vec<MetaResponse> {
    let known = STATUSES.iter().filter(|(status, _)| statuses.contains(status));
    known
        .map(|(status, description)| MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: MetaSchemaRef::Reference("Failure".to_owned()),
            }],
            headers: Vec::new(),
        })
        .collect()
}

/// Names the failure envelope in the OpenAPI document.
pub(super) fn register_failure(registry: &mut Registry) {
    registry.create_schema::<Problem, _>("Failure".to_owned(), |_| {
        let text = || MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let error = MetaSchema {
            required: vec!["code", "message", "details"],
            properties: vec![
                ("code", text()),
                ("message", text()),
                ("details", MetaSchemaRef::Inline(Box::new(MetaSchema::ANY))),
            ],
            ..MetaSchema::new("object")
        };
        MetaSchema {
            description: Some("The answer to a request that was not fulfilled."),
            required: vec!["success", "error", "timestamp", "request_id"],
            properties: vec![
                ("success", MetaSchemaRef::Inline(Box::new(MetaSchema::new("boolean")))),
                ("error", MetaSchemaRef::Inline(Box::new(error))),
                ("timestamp", MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))),
                ("request_id", text()),
            ],
            ..MetaSchema::new("object")
        }
    });
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses { responses: failure_responses(&[400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]) }
    }

    fn register(registry: &mut Registry) {
        register_failure(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_the_status_the_contract_names() {
        let kinds = [
            (ErrorKind::Invalid, 422),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::Denied, 403),
            (ErrorKind::Locked, 503),
            (ErrorKind::WrongSecret, 401),
            (ErrorKind::Corrupt, 500),
            (ErrorKind::Unsupported, 501),
            (ErrorKind::TooLarge, 413),
            (ErrorKind::Busy, 503),
            (ErrorKind::Io, 500),
            (ErrorKind::Internal, 500),
        ];
        for (kind, status) in kinds {
            let problem = Problem::from(phm_core::Error::new(kind, "code", "text"));
            assert_eq!(problem.status_code().as_u16(), status, "{kind:?}");
        }
    }

    #[test]
    fn a_conflict_says_which_version_is_the_newest() {
        let error = phm_core::Error::new(ErrorKind::Conflict, "conflict", "text").with_current_version(4);
        assert_eq!(Problem::from(error).details, json!({"current_version": 4}));
    }

    #[tokio::test]
    async fn a_problem_is_one_envelope() {
        let id = RequestId::of(&poem::Request::builder().header("x-request-id", "test-0001").finish());
        let response = id.scope(async { Problem::invalid("/quantity/unit", "unknown-unit").into_response() }).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let body: Value = response.into_body().into_json().await.expect("JSON");
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["details"], json!([{"path": "/quantity/unit", "code": "unknown-unit"}]));
        assert_eq!(body["request_id"], "test-0001");
        assert!(body["timestamp"].is_string());
    }

    #[test]
    fn waiting_time_is_rounded_up_to_whole_seconds() {
        let problem = Problem::too_many(Duration::from_millis(1200));
        assert_eq!(problem.as_response().headers()["retry-after"], "2");
    }
}
