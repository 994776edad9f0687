//! How answers to browsers look: pages, ways on, and failures in words.

use askama::Template;
use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};

use super::visit::small_cookie;
use crate::http::context::RequestId;
use crate::http::problem::Problem;
use crate::http::web::forms::fill::problem_text;
use crate::http::web::view::gate::Failure;
use crate::http::web::view::page::Page;
use crate::i18n::Locale;

/// A page as an answer.
pub fn html(view: &impl Template) -> Result<Response, Problem> {
    html_with(StatusCode::OK, view)
}

/// A page with a status of its own, for forms that were not taken.
pub fn html_with(status: StatusCode, view: &impl Template) -> Result<Response, Problem> {
    let text = view.render().map_err(|_| Problem::internal())?;
    Ok(Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::VARY, "HX-Request")
        .body(text))
}

/// What is wrong with a form, each place by the name its field has on the page; `fields` are places and keys of names.
pub fn said_wrong(t: &Locale, error: &phm_core::Error, fields: &[(&str, &str)]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for fault in error.details() {
        let named = fields.iter().find(|(place, _)| fault.path.starts_with(place));
        let text = match named {
            Some((_, key)) => format!("{}: {}", t.say(key), problem_text(t, fault.code)),
            None => t.say("form-check-fields"),
        };
        if !said.contains(&text) {
            said.push(text);
        }
    }
    if said.is_empty() { vec![t.say("form-check-fields")] } else { said }
}

/// The way on after a form was done: 303.
pub fn go(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}

/// A path of ours, so that nobody is led elsewhere after signing in.
pub fn own_path(text: &str) -> Option<&str> {
    // Browsers leave tabs and line ends out of an address, so `/<tab>/evil.example` would be `//evil.example`.
    let safe =
        text.starts_with('/') && !text.starts_with("//") && !text.contains(|c: char| c == '\\' || c.is_control());
    Some(text).filter(|_| safe)
}

/// How one visitor is answered when something goes wrong, and what they are to remember.
pub struct Manner {
    /// The frame of the failure's page.
    pub page: Page,
    /// Whether htmx asked for a part.
    pub is_part: bool,
    /// Where they wanted to go.
    pub next: Option<String>,
    https: bool,
    cookies: Vec<HeaderValue>,
}

impl Manner {
    /// The manner for one visitor.
    pub fn new(page: Page, https: bool) -> Self {
        Self { page, is_part: false, next: None, https, cookies: Vec::new() }
    }

    /// Keeps a choice for a year.
    pub fn remember(&mut self, name: &str, value: &str) {
        self.cookies.extend(small_cookie(name, value, Some(365), self.https));
    }

    /// Keeps a mark until the browser closes.
    pub fn remember_for_session(&mut self, name: &str, value: &str) {
        self.cookies.extend(small_cookie(name, value, None, self.https));
    }

    /// Adds what is to be remembered.
    pub fn finish(&self, response: &mut Response) {
        for cookie in &self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
    }

    /// A problem as a page, or the page that solves it.
    pub fn failure(&self, problem: &Problem) -> Response {
        let to = match problem.code() {
            "not-signed-in" | "session-ended" => {
                let next = self.next.as_deref().filter(|next| *next != "/");
                Some(next.map_or_else(|| "/sign-in".to_owned(), |next| format!("/sign-in?next={}", encoded(next))))
            }
            "locked" => Some("/unlock".to_owned()),
            "setup-needed" => Some("/setup".to_owned()),
            _ => None,
        };
        match to {
            Some(to) if self.is_part => {
                Response::builder().status(StatusCode::NO_CONTENT).header("HX-Redirect", to).finish()
            }
            Some(to) => go(&to),
            None => self.page_of(problem),
        }
    }

    fn page_of(&self, problem: &Problem) -> Response {
        let kind = match problem.status_code() {
            _ if problem.code() == "form-expired" => "form",
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "not-found",
            StatusCode::FORBIDDEN => "denied",
            StatusCode::PAYLOAD_TOO_LARGE => "too-large",
            StatusCode::CONFLICT | StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "form",
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "busy",
            _ => "internal",
        };
        let t = &self.page.t;
        let heading = t.say(&format!("error-{kind}-heading"));
        let page = Page { title: heading.clone(), ..self.page.clone() };
        let view = Failure { text: t.say(&format!("error-{kind}-text")), heading, request: RequestId::current(), page };
        html_with(problem.status_code(), &view).unwrap_or_else(poem::IntoResponse::into_response)
    }
}

/// `text` for a query's value.
pub fn encoded(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).unwrap_or_default().trim_start_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(own_path("/p/me?trend=1y"), Some("/p/me?trend=1y"));
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\r\n/evil.example",
            "",
            "p",
        ] {
            assert_eq!(own_path(bad), None, "{bad}");
        }
        assert_eq!(encoded("/p/x?a=1&b=2"), "%2Fp%2Fx%3Fa%3D1%26b%3D2");
    }
}
