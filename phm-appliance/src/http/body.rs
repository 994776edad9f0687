//! Bodies of requests: JSON, and the one form of OAuth2.
//!
//! A [`Body`] is read within the limits of size and depth; what does not parse is 400, what parses but breaks a rule is
//! 422 with the place of the fault, and a field nobody asked for is `unknown-field`: a misspelt name never disappears.

use std::marker::PhantomData;

use poem::http::{StatusCode, header};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::house::House;
use super::limits::is_shallow;
use super::problem::Problem;

/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request body of type `T`, as JSON.
pub struct Body<T>(pub T);

impl<'a, T: Type + DeserializeOwned + Send> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(json_request(T::schema_ref(), &["application/json"]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let (_, value) = read_json(request, body, &["application/json"]).await?;
        Ok(Self(typed(value)?))
    }
}

/// A form of pairs, as programs of OAuth2 send it, within the limit of size.
pub struct Pairs<T>(pub T);

impl<'a, T: Type + DeserializeOwned + Send> ApiExtractor<'a> for Pairs<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(json_request(T::schema_ref(), &[FORM]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let bytes = read_bytes(request, body, &[FORM], "send this body as application/x-www-form-urlencoded").await?;
        let unreadable = |_| Problem::new(StatusCode::BAD_REQUEST, "bad-request", "the form cannot be read");
        Ok(Self(serde_urlencoded::from_bytes(&bytes).map_err(unreadable)?))
    }
}

/// A request body described as a `T` that the core reads itself, with the places of what is wrong.
pub struct Told<T> {
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as a value.
    pub value: Value,
    described: PhantomData<fn() -> T>,
}

impl<'a, T: Type> ApiExtractor<'a> for Told<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(json_request(T::schema_ref(), &["application/json"]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let (bytes, value) = read_json(request, body, &["application/json"]).await?;
        Ok(Self { bytes, value, described: PhantomData })
    }
}

/// The OpenAPI description of a body of `schema`.
pub(super) fn json_request(schema: MetaSchemaRef, media_types: &[&'static str]) -> MetaRequest {
    let media = |content_type: &&'static str| MetaMediaType { content_type, schema: schema.clone() };
    MetaRequest { description: None, content: media_types.iter().map(media).collect(), required: true }
}

/// The bytes and the value of a JSON body in one of `media_types`.
pub(super) async fn read_json(
    request: &Request,
    body: &mut RequestBody,
    media_types: &[&str],
) -> Result<(Vec<u8>, Value), Problem> {
    let bytes = read_bytes(request, body, media_types, "send this body as application/json").await?;
    let value = parse(&bytes)?;
    Ok((bytes, value))
}

/// The bytes of a body in one of `media_types`, within the limit of size; `otherwise` says what else was expected.
async fn read_bytes(
    request: &Request,
    body: &mut RequestBody,
    media_types: &[&str],
    otherwise: &'static str,
) -> Result<Vec<u8>, Problem> {
    let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !media_types.iter().any(|media| media.eq_ignore_ascii_case(essence)) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", otherwise));
    }
    let limit = House::of(request).settings.body_bytes;
    let cannot_be_read = || Problem::new(StatusCode::BAD_REQUEST, "bad-request", "the body cannot be read");
    let body = body.take().map_err(|_| cannot_be_read())?;
    let bytes = body.into_bytes_limit(limit).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is larger than this address takes")
        }
        _ => cannot_be_read(),
    })?;
    Ok(bytes.to_vec())
}

/// JSON text as a value, within the limit of depth.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "missing-body", "send a JSON body"));
    }
    if !is_shallow(bytes) {
        return Err(Problem::invalid("", "too-deep"));
    }
    serde_json::from_slice(bytes)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "invalid-json", "the body is not valid JSON"))
}

/// A value as a typed body, or the place where it breaks a rule.
pub(super) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut path = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Map { key } => path = format!("{path}/{key}"),
                Segment::Seq { index } => path = format!("{path}/{index}"),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let text = error.inner().to_string();
        let named = text.split('`').nth(1).unwrap_or_default();
        let ends_with_name = path.rsplit('/').next() == Some(named);
        match text.split(' ').next() {
            Some("unknown") if text.starts_with("unknown field") && ends_with_name => {
                Problem::invalid(path, "unknown-field")
            }
            Some("unknown") if text.starts_with("unknown field") => {
                Problem::invalid(format!("{path}/{named}"), "unknown-field")
            }
            Some("missing") => Problem::invalid(format!("{path}/{named}"), "required"),
            _ => Problem::invalid(path, "wrong-type"),
        }
    })
}

#[cfg(test)]
mod tests {
    use poem::error::ResponseError as _;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u8,
    }

    async fn fault(value: Value) -> (String, String) {
        let problem = typed::<Outer>(value).map(|outer| (outer.name, outer.inner.map(|inner| inner.count)));
        let response = problem.expect_err("a fault").as_response();
        let body: Value = response.into_body().into_json().await.expect("JSON");
        let detail = &body["error"]["details"][0];
        (detail["path"].as_str().expect("path").to_owned(), detail["code"].as_str().expect("code").to_owned())
    }

    #[tokio::test]
    async fn a_fault_is_named_by_its_place() {
        let pair = |path: &str, code: &str| (path.to_owned(), code.to_owned());
        assert_eq!(fault(json!({})).await, pair("/name", "required"));
        assert_eq!(fault(json!({"name": 3})).await, pair("/name", "wrong-type"));
        assert_eq!(fault(json!({"name": "a", "nmae": "b"})).await, pair("/nmae", "unknown-field"));
        assert_eq!(fault(json!({"name": "a", "inner": {}})).await, pair("/inner/count", "required"));
        assert_eq!(fault(json!({"name": "a", "inner": {"x": 1}})).await, pair("/inner/x", "unknown-field"));
        assert_eq!(fault(json!([1])).await.1, "wrong-type");
    }

    #[test]
    fn what_is_not_json_is_a_bad_request_and_what_is_deep_is_refused() {
        assert_eq!(parse(b"").expect_err("empty").status_code(), StatusCode::BAD_REQUEST);
        assert_eq!(parse(b"{\"a\":").expect_err("cut").status_code(), StatusCode::BAD_REQUEST);
        let deep = "[".repeat(3_000_000);
        assert_eq!(parse(deep.as_bytes()).expect_err("deep").status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
