//! Health for machines: `/healthz` (the process answers), `/readyz` (it can work), `/metrics`.

use std::sync::Arc;

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Json};
use poem::{IntoResponse, Request, Response, handler};
use serde::Serialize;
use serde_json::json;

use super::context::Client;
use super::guard::bearer;
use super::house::{House, blocking};
use super::metrics;
use super::problem::Problem;
use crate::auth::invitation;

/// How well something does its job.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// All is well.
    Ready,
    /// It works, but somebody should look.
    Degraded,
    /// It does not work.
    NotReady,
    /// The vault waits for its passphrase.
    Locked,
}

/// One thing that was looked at.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// How it does.
    pub status: Readiness,
}

/// The whole from its parts: the worst of them.
fn worst(checks: &[Check]) -> Readiness {
    let of = |wanted| checks.iter().any(|check| check.status == wanted);
    [Readiness::Locked, Readiness::NotReady, Readiness::Degraded]
        .into_iter()
        .find(|status| of(*status))
        .unwrap_or(Readiness::Ready)
}

/// `GET /healthz` and `GET /health`.
#[handler]
pub fn alive() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /readyz`.
#[handler]
pub async fn ready(house: Data<&Arc<House>>) -> Response {
    let checks = house.checks().await;
    let status = worst(&checks);
    let code = match status {
        Readiness::Ready | Readiness::Degraded => StatusCode::OK,
        Readiness::NotReady | Readiness::Locked => StatusCode::SERVICE_UNAVAILABLE,
    };
    Json(json!({ "status": status, "checks": checks })).with_status(code).into_response()
}

/// `GET /metrics`: for this machine itself, and for whoever shows the token of `metrics.token_file`.
#[handler]
pub async fn figures(request: &Request, house: Data<&Arc<House>>, client: Data<&Client>) -> Response {
    if !client.is_here
        && let Err(problem) = admit(request, &house).await
    {
        return problem.into_response();
    }
    let text = house.metrics.text(house.figures().await, house.checkpoints.state(), house.backups.known());
    let mut response = Response::builder().body(text);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
    response
}

/// Passes for a request with the token of the settings. The file is read each time, so that a token can be changed.
///
/// # Errors
/// 403 where the settings name no token, 401 without the right one.
async fn admit(request: &Request, house: &House) -> Result<(), Problem> {
    let Some(file) = house.settings.metrics_token_file.clone() else {
        let text = "figures are for this machine itself; set metrics.token_file to read them from elsewhere";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", text));
    };
    let token = blocking(move || {
        std::fs::read_to_string(file).map_err(|error| {
            tracing::error!(%error, "the file of metrics.token_file cannot be read");
            Problem::internal()
        })
    })
    .await?;
    let token = token.lines().next().unwrap_or_default().trim();
    let shown = bearer(request).filter(|_| !token.is_empty()).ok_or_else(Problem::not_signed_in)?;
    // By their digests: how long comparing takes tells nothing of the token.
    if invitation::digest(&shown) == invitation::digest(token) { Ok(()) } else { Err(Problem::not_signed_in()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_as_ready_as_its_worst_part() {
        let check = |status| Check { id: "part", status };
        assert_eq!(worst(&[]), Readiness::Ready);
        assert_eq!(worst(&[check(Readiness::Ready), check(Readiness::Degraded)]), Readiness::Degraded);
        assert_eq!(worst(&[check(Readiness::Locked), check(Readiness::Degraded)]), Readiness::Locked);
        assert_eq!(serde_json::to_value(Readiness::NotReady).expect("text"), "not-ready");
    }
}
