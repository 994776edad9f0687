//! The outermost layer around everything the server answers.
//!
//! Whatever happens inside, the client gets an answer with a request id, the security headers and, for an error, the
//! envelope; a panic is an internal error of one request and not the end of the server.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use poem::http::{HeaderValue, header};
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

impl<E: Endpoint> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let begun = Instant::now();
        let id = RequestId::of(&request);
        let client = Client::of(&request, self.house.settings.tls);
        let method = request.method().clone();
        let accepted = request.header(header::ACCEPT_ENCODING).map(str::to_owned);
        let private = request.uri().path().starts_with("/api/");
        request.set_data(client);
        request.set_data(Arc::clone(&self.house));
        let work = async {
            match self.house.limits.request(client) {
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

        headers::secure(response.headers_mut(), self.house.settings.is_https());
        if private {
            headers::keep_private(response.headers_mut());
        }
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert("x-request-id", value);
        }
        Ok(headers::compress(response, accepted.as_deref()))
    }
}
