//! The outermost layer around everything the server answers.
//!
//! Whatever happens inside, the client gets an answer with a request id, the security headers and, for an error, the
//! envelope; a panic is an internal error of one request and not the end of the server.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Request, Response, Result};

use super::context::{Client, RequestId};
use super::headers;
use super::house::House;
use super::problem::Problem;

/// `inner` with everything that holds for all answers.
pub struct Shell<E> {
    house: Arc<House>,
    inner: E,
}

impl<E: Endpoint> Shell<E> {
    /// Wraps `inner`.
    pub fn new(house: Arc<House>, inner: E) -> Self {
        Self { house, inner }
    }

    async fn answer(&self, request: Request) -> Response {
        match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response.into_response(),
            Ok(Err(error)) => {
                let pattern = error.data::<poem::PathPattern>().cloned();
                let mut response = Problem::from_poem(error);
                if let Some(pattern) = pattern {
                    response.set_data(pattern);
                }
                response
            }
            Err(_) => {
                tracing::error!(request = RequestId::current(), "a handler panicked");
                Problem::internal().into_response()
            }
        }
    }
}

/// What a locked house still answers: the way to unlock it, how it does, and how to trust its certificate.
fn is_stand_by(path: &str) -> bool {
    const WHOLE: [&str; 8] =
        ["/unlock", "/api/v1/unlock", "/healthz", "/health", "/readyz", "/trust", "/trust/phm.crt", "/api/v1/setup"];
    WHOLE.contains(&path) || path.starts_with("/assets/")
}

/// The answer of a locked house to everything else: a browser is led to the one page there is.
fn stand_by(request: &Request) -> Response {
    let path = request.uri().path();
    let is_machinery = ["/api/", "/docs", "/metrics", "/fhir/"].iter().any(|start| path.starts_with(start));
    if is_machinery || request.method() != Method::GET {
        return Problem::locked().into_response();
    }
    if request.header("hx-request").is_some() {
        return Response::builder().status(StatusCode::NO_CONTENT).header("HX-Redirect", "/unlock").finish();
    }
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, "/unlock").finish()
}

impl<E: Endpoint> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let begun = Instant::now();
        let id = RequestId::of(&request);
        let client = Client::of(&request, &self.house.settings);
        let method = request.method().clone();
        let accepted = request.header(header::ACCEPT_ENCODING).map(str::to_owned);
        let private = request.uri().path().starts_with("/api/");
        request.set_data(client);
        request.set_data(Arc::clone(&self.house));
        let work = async {
            match self.house.limits.request(client) {
                Ok(()) if self.house.is_locked() && !is_stand_by(request.uri().path()) => stand_by(&request),
                Ok(()) => self.answer(request).await,
                Err(problem) => problem.into_response(),
            }
        };
        let mut response = id.clone().scope(work).await;

        let took = begun.elapsed();
        let pattern = response.data::<poem::PathPattern>().cloned();
        let pattern = pattern.as_ref().map(|pattern| &*pattern.0);
        let status = response.status().as_u16();
        self.house.metrics.observe(&method, pattern, status, took);
        tracing::debug!(request = id.as_str(), %method, pattern, status, ms = took.as_millis(), "answered");

        headers::secure(response.headers_mut(), client.https);
        if private {
            headers::keep_private(response.headers_mut());
        }
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert("x-request-id", value);
        }
        Ok(headers::compress(response, accepted.as_deref()))
    }
}
