//! Health for machines: `/healthz` (the process answers), `/readyz` (it can work), `/metrics`.

use std::sync::Arc;

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Json};
use poem::{IntoResponse, Response, handler};
use serde::Serialize;
use serde_json::json;

use super::house::House;
use super::metrics;

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

/// `GET /metrics`.
#[handler]
pub async fn figures(house: Data<&Arc<House>>) -> Response {
    let text = house.metrics.text(house.figures().await, house.checkpoints.state(), house.backups.known());
    let mut response = Response::builder().body(text);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
    response
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
