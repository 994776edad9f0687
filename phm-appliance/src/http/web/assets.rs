//! Styles, scripts, icons and fonts, embedded and compressed when they were built.
//!
//! A file's name carries the hash of its content, so browsers may keep it forever.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use poem::http::{HeaderMap, StatusCode, header};
use poem::web::Path;
use poem::{Response, handler};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

static MANIFEST: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
});

/// The address of an asset by its plain name, `app.css`.
pub fn address(name: &str) -> String {
    format!("/assets/{}", MANIFEST.get(name).map_or(name, String::as_str))
}

/// Serves one asset in the best encoding the browser takes.
#[handler]
pub fn serve(Path(name): Path<String>, headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = MANIFEST.values().any(|hashed| *hashed == name);
    let Some((bytes, encoding)) = known.then(|| best(&name, accepted)).flatten() else {
        return StatusCode::NOT_FOUND.into();
    };
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, content_type(&name))
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::VARY, "Accept-Encoding");
    if let Some(encoding) = encoding {
        response = response.header(header::CONTENT_ENCODING, encoding);
    }
    response.body(bytes.into_owned())
}

fn best(name: &str, accepted: &str) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    let takes =
        |encoding: &str| accepted.split(',').any(|item| item.split(';').next().is_some_and(|i| i.trim() == encoding));
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(file) = Dist::get(&format!("{name}.{suffix}"))
        {
            return Some((file.data, Some(encoding)));
        }
    }
    Dist::get(name).map(|file| (file.data, None))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{Route, get};

    use super::*;

    #[tokio::test]
    async fn an_asset_comes_compressed_and_may_be_kept_forever() {
        let client = TestClient::new(Route::new().at("/assets/:name", get(serve)));
        let answer = client.get(address("app.css")).header("accept-encoding", "gzip, br").send().await;
        answer.assert_status_is_ok();
        answer.assert_header("content-encoding", "br");
        answer.assert_header("content-type", "text/css; charset=utf-8");
        let size = answer.0.into_body().into_bytes().await.expect("a body").len();
        assert!(size < 16 * 1024, "the style sheet is {size} bytes");
    }

    #[tokio::test]
    async fn nothing_but_assets_is_served() {
        let client = TestClient::new(Route::new().at("/assets/:name", get(serve)));
        for name in ["manifest.json", "app.css", "..%2fpackage.json"] {
            client.get(format!("/assets/{name}")).send().await.assert_status(StatusCode::NOT_FOUND);
        }
    }
}
