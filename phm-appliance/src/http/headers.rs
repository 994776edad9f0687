//! Headers every answer carries, and compression where it helps.
//!
//! The content security policy allows what comes from this server and nothing else; no script or style stands inside
//! a page. A page that shows a document in a frame of its own may, since frames from the same origin are allowed.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};
use poem::web::{Compress, CompressionAlgo, CompressionLevel};
use poem::{IntoResponse, Response};

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: \
     blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; \
     frame-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Bodies shorter than this go out as they are: compressing them would not save a packet.
const WORTH_COMPRESSING: usize = 1024;

/// A third smaller than the fastest, for about a millisecond of work.
const PAGE_QUALITY: CompressionLevel = CompressionLevel::Precise(5);

/// Adds the security headers of the contract.
pub fn secure(headers: &mut HeaderMap, https: bool) {
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    // No window of another site holds on to one of ours, and no other site puts our answers into its pages.
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
}

/// Keeps answers out of caches unless the handler allowed it: they are about people.
pub fn keep_private(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Compresses a text of some length for a client that takes it.
pub fn compress(response: Response, accepted: Option<&str>) -> Response {
    let headers = response.headers();
    let kind = response.content_type().unwrap_or_default();
    let is_text = kind.starts_with("text/") && !kind.starts_with("text/event-stream")
        || ["application/json", "application/fhir+json", "application/x-ndjson", "image/svg+xml"]
            .iter()
            .any(|text| kind.starts_with(text));
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let is_short = length.is_some_and(|length| length < WORTH_COMPRESSING);
    let is_done = headers.contains_key(header::CONTENT_ENCODING) || headers.contains_key(header::CONTENT_RANGE);
    if !is_text || is_short || is_done {
        return response;
    }
    let Some(algorithm) = accepted.and_then(preferred) else { return response };
    // A page is made once for somebody who waits on a telephone; the interface is asked often, by programs nearby.
    let quality = if kind.starts_with("text/html") { PAGE_QUALITY } else { CompressionLevel::Fastest };
    let mut response = Compress::new(response, algorithm).with_quality(quality).into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Brotli where the client takes it, else gzip.
fn preferred(accepted: &str) -> Option<CompressionAlgo> {
    let takes = |coding: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(coding) && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    match (takes("br"), takes("gzip")) {
        (true, _) => Some(CompressionAlgo::BR),
        (false, true) => Some(CompressionAlgo::GZIP),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Response {
        Response::builder()
            .content_type("application/json")
            .header(header::CONTENT_LENGTH, length)
            .body("1".repeat(length))
    }

    #[test]
    fn every_answer_carries_the_headers_of_the_contract() {
        let mut headers = HeaderMap::new();
        secure(&mut headers, false);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert!(!headers["content-security-policy"].to_str().expect("text").contains("unsafe"));
        assert!(!headers.contains_key("strict-transport-security"));
        secure(&mut headers, true);
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
    }

    #[test]
    fn long_texts_are_compressed_for_clients_that_take_it() {
        let coding = |length, accepted| {
            let response = compress(text(length), accepted);
            response.header("content-encoding").map(str::to_owned)
        };
        assert_eq!(coding(5000, Some("gzip, deflate, br;q=0.5")).as_deref(), Some("br"));
        assert_eq!(coding(5000, Some("gzip;q=1, br;q=0")).as_deref(), Some("gzip"));
        assert_eq!(coding(5000, Some("identity")), None);
        assert_eq!(coding(5000, None), None);
        assert_eq!(coding(100, Some("br")), None);
    }

    #[test]
    fn pictures_and_streams_of_events_go_out_as_they_are() {
        for kind in ["image/png", "application/pdf", "text/event-stream"] {
            let response = Response::builder().content_type(kind).body("1".repeat(5000));
            assert!(compress(response, Some("br")).header("content-encoding").is_none(), "{kind}");
        }
    }
}
