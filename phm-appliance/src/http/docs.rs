//! `/docs`: the OpenAPI document, readable and tried out in the browser.
//!
//! Swagger UI comes with poem-openapi as one page with scripts and styles inside, which our content security policy
//! forbids. So the page is taken apart once, at the first visit, and its parts are served as files of our own; nothing
//! is fetched from elsewhere.

use std::sync::OnceLock;

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response, Route, get, handler};

use super::api;

const PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
content=\"width=device-width, initial-scale=1\">\n<title>PHM API</title>\n<link rel=\"stylesheet\" \
href=\"/docs/swagger-ui.css\">\n<script src=\"/docs/swagger-ui.js\" defer></script>\n<script src=\"/docs/start.js\" \
defer></script>\n</head>\n<body>\n<noscript><p>This page needs script; the document itself is at <a \
href=\"/api/openapi.json\">/api/openapi.json</a>.</p></noscript>\n<main id=\"ui\"></main>\n</body>\n</html>\n";

const START: &str = "SwaggerUIBundle({ dom_id: '#ui', url: '/api/openapi.json', deepLinking: true });\n";

/// Style and script of Swagger UI, cut out of the page poem-openapi makes.
struct Parts {
    style: String,
    script: String,
}

fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let whole = api::swagger_page();
        Parts { style: between(&whole, "style"), script: between(&whole, "script") }
    })
}

/// What stands between the first opening and closing of an element.
fn between(whole: &str, element: &str) -> String {
    let inside = || {
        let (_, rest) = whole.split_once(&format!("<{element} charset=\"UTF-8\">"))?;
        rest.split_once(&format!("</{element}>\n"))
    };
    inside().map(|(inside, _)| inside.to_owned()).unwrap_or_default()
}

fn file(kind: &'static str, body: impl Into<poem::Body>) -> Response {
    let mut response = Response::builder().content_type(kind).body(body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    response
}

#[handler]
fn page() -> Response {
    poem::web::Html(PAGE).into_response()
}

#[handler]
fn style() -> Response {
    file("text/css; charset=utf-8", parts().style.as_str())
}

#[handler]
fn script() -> Response {
    file("text/javascript; charset=utf-8", parts().script.as_str())
}

#[handler]
fn start() -> Response {
    file("text/javascript; charset=utf-8", START)
}

/// The pages under `/docs`.
pub fn routes() -> Route {
    Route::new()
        .at("/", get(page))
        .at("/swagger-ui.css", get(style))
        .at("/swagger-ui.js", get(script))
        .at("/start.js", get(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swagger_ui_comes_apart_into_whole_files() {
        let parts = parts();
        assert!(parts.style.contains(".swagger-ui"));
        assert!(parts.script.contains("SwaggerUIBundle"));
        assert!(parts.script.len() > 1_000_000, "{}", parts.script.len());
        assert!(!parts.script.contains("https://cdn") && !parts.style.contains("https://fonts"));
    }
}
