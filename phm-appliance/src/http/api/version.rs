//! Versions of records as HTTP says them: `ETag` and `If-Match`.

use poem::http::{HeaderValue, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::records::text;
use crate::http::problem::Problem;

/// The version a change is based on.
///
/// # Errors
/// 428 when it is missing, 422 when it is no version of ours.
pub fn based_on(request: &Request) -> Result<u32, Problem> {
    let text = request.header(header::IF_MATCH).map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(Problem::version_required)?;
    let text = text.strip_prefix("W/").unwrap_or(text);
    let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    number.parse().map_err(|_| Problem::invalid("/If-Match", "invalid-version"))
}

/// The version a change is based on, as an argument of an operation.
pub struct BasedOn(pub u32);

impl<'a> ApiExtractor<'a> for BasedOn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(text())
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(based_on(request)?))
    }
}

/// A version as an `ETag`.
pub fn etag(version: u32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits in quotes are a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_or_without_quotes() {
        let read = |value: &str| based_on(&Request::builder().header("if-match", value).finish());
        assert_eq!(read("\"3\"").expect("a version"), 3);
        assert_eq!(read("W/\"3\"").expect("a version"), 3);
        assert_eq!(read("12").expect("a version"), 12);
        for bad in ["*", "\"x\"", "\"-1\"", "\"1\", \"2\""] {
            assert_eq!(read(bad).expect_err(bad).status_code().as_u16(), 422);
        }
        let missing = based_on(&Request::builder().finish()).expect_err("missing");
        assert_eq!((missing.status_code().as_u16(), missing.code()), (428, "version-required"));
    }
}
