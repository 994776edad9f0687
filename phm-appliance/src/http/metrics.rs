//! Figures for Prometheus at `/metrics`.
//!
//! The label `endpoint` is the pattern of a route, never the path somebody asked for: ids of people do not belong
//! into a time series.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use poem::http::Method;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::checkpoints::Kept;
use crate::jobs::backup::Known;

/// Content type of the text `Metrics::text` makes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: the targets of the design (2 ms, 20 ms, 200 ms, 2 s) are among the edges.
const BUCKETS: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct Endpoint {
    method: String,
    endpoint: String,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq, EncodeLabelSet)]
struct Outcome {
    method: String,
    endpoint: String,
    status: u32,
}

/// What the vault reports about itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct VaultFigures {
    /// Whether the vault is open.
    pub open: bool,
    /// People and other profiles.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// Bytes of the store on disk.
    pub store_bytes: u64,
    /// Bytes of documents on disk.
    pub document_bytes: u64,
}

/// The figures of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Outcome, Counter>,
    durations: Family<Endpoint, Histogram>,
    open: Gauge,
    profiles: Gauge<u64, AtomicU64>,
    entries: Gauge<u64, AtomicU64>,
    store_bytes: Gauge<u64, AtomicU64>,
    document_bytes: Gauge<u64, AtomicU64>,
    checkpoints_kept: Gauge<u64, AtomicU64>,
    checkpoints_failed: Gauge<u64, AtomicU64>,
    checkpoint_rows: Gauge<u64, AtomicU64>,
    checkpoint_contradicted: Gauge,
    backup_newest: Gauge,
    backup_drilled: Gauge,
    backup_drill_ok: Gauge,
    backup_proven: Gauge,
    backup_failures: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            open: Gauge::default(),
            profiles: Gauge::default(),
            entries: Gauge::default(),
            store_bytes: Gauge::default(),
            document_bytes: Gauge::default(),
            checkpoints_kept: Gauge::default(),
            checkpoints_failed: Gauge::default(),
            checkpoint_rows: Gauge::default(),
            checkpoint_contradicted: Gauge::default(),
            backup_newest: Gauge::default(),
            backup_drilled: Gauge::default(),
            backup_drill_ok: Gauge::default(),
            backup_proven: Gauge::default(),
            backup_failures: Gauge::default(),
        };
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register("request_duration_seconds", "Time until the answer began", self.durations.clone());
        registry.register("phm_vault_open", "1 when the vault is unlocked", self.open.clone());
        registry.register("phm_profiles", "Profiles in the vault", self.profiles.clone());
        registry.register("phm_entries", "Journal entries in the vault", self.entries.clone());
        registry.register("phm_store_bytes", "Bytes of the store on disk", self.store_bytes.clone());
        registry.register("phm_document_bytes", "Bytes of documents on disk", self.document_bytes.clone());
        let (kept, failed) = (self.checkpoints_kept.clone(), self.checkpoints_failed.clone());
        registry.register("phm_audit_checkpoints_kept", "Checkpoints of the audit log kept since the start", kept);
        registry.register("phm_audit_checkpoints_failed", "Checkpoints that could not be kept", failed);
        let (rows, contradicted) = (self.checkpoint_rows.clone(), self.checkpoint_contradicted.clone());
        registry.register("phm_audit_checkpoint_rows", "Audit rows the newest kept checkpoint covers", rows);
        registry.register("phm_audit_checkpoint_contradicted", "1 when a kept one contradicts the log", contradicted);
        for (name, help, gauge) in [
            (
                "phm_backup_last_success_timestamp_seconds",
                "When the newest backup was made; 0 for never",
                &self.backup_newest,
            ),
            (
                "phm_backup_last_drill_timestamp_seconds",
                "When a backup was last tried out; 0 for never",
                &self.backup_drilled,
            ),
            (
                "phm_backup_last_drill_ok",
                "1 when the backup that was tried out last restored whole",
                &self.backup_drill_ok,
            ),
            (
                "phm_backup_last_proven_timestamp_seconds",
                "Of when the newest proven backup is; 0 for none",
                &self.backup_proven,
            ),
        ] {
            registry.register(name, help, gauge.clone());
        }
        registry.register(
            "phm_backup_failures",
            "Backups and drills that failed since the start",
            self.backup_failures.clone(),
        );
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("phm_build", "Version of PHM", Info::new(version));
        self
    }

    /// Counts one answered request.
    pub fn observe(&self, method: &Method, pattern: Option<&str>, status: u16, took: Duration) {
        let method = known_method(method).to_owned();
        let endpoint = pattern.map_or_else(|| "unmatched".to_owned(), endpoint);
        let outcome = Outcome { method: method.clone(), endpoint: endpoint.clone(), status: status.into() };
        self.requests.get_or_create(&outcome).inc();
        self.durations.get_or_create(&Endpoint { method, endpoint }).observe(took.as_secs_f64());
    }

    /// All figures as text, with those of the vault, its checkpoints and its backups as they are now.
    pub fn text(&self, vault: VaultFigures, checkpoints: Kept, backups: Known) -> String {
        self.checkpoints_kept.set(checkpoints.kept);
        self.checkpoints_failed.set(checkpoints.failed);
        self.checkpoint_rows.set(checkpoints.rows);
        self.checkpoint_contradicted.set(checkpoints.contradicted.into());
        let seconds = |at: Option<phm_core::time::Instant>| at.map_or(0, |at| at.millis() / 1000);
        self.backup_newest.set(seconds(backups.newest));
        self.backup_drilled.set(seconds(backups.drilled));
        self.backup_drill_ok.set(backups.drill_ok.into());
        self.backup_proven.set(seconds(backups.proven));
        self.backup_failures.set(backups.failures);
        self.open.set(vault.open.into());
        self.profiles.set(vault.profiles);
        self.entries.set(vault.entries);
        self.store_bytes.set(vault.store_bytes);
        self.document_bytes.set(vault.document_bytes);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }
}

/// Methods are a client's free text; a label takes the known ones only.
fn known_method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
        _ => "other",
    }
}

/// poem's pattern `/profiles/:param0/visits/:param1` as the document writes it.
fn endpoint(pattern: &str) -> String {
    let mut words = Vec::new();
    for part in pattern.split('/') {
        words.push(match (part.starts_with(':'), words.last()) {
            (true, Some(&"profiles" | &"p")) => "{profile}",
            (true, _) => "{id}",
            _ => part,
        });
    }
    words.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_pattern_and_status() {
        let metrics = Metrics::default();
        let pattern = Some("/api/v1/profiles/:param0/lab-results/:param1");
        metrics.observe(&Method::GET, pattern, 200, Duration::from_millis(3));
        metrics.observe(&Method::GET, pattern, 200, Duration::from_millis(3));
        metrics.observe(&Method::GET, None, 404, Duration::from_millis(1));
        let backups =
            Known { drill_ok: true, newest: Some(phm_core::time::Instant::from_millis(7_000)), ..Known::default() };
        let figures = VaultFigures { open: true, profiles: 4, ..VaultFigures::default() };
        let text = metrics.text(figures, Kept::default(), backups);
        assert!(text.contains("phm_backup_last_success_timestamp_seconds 7"), "{text}");
        assert!(text.contains("phm_backup_last_drill_ok 1"), "{text}");
        let labels = "method=\"GET\",endpoint=\"/api/v1/profiles/{profile}/lab-results/{id}\"";
        assert!(text.contains(&format!("http_requests_total{{{labels},status=\"200\"}} 2")), "{text}");
        assert!(text.contains(&format!("request_duration_seconds_count{{{labels}}} 2")), "{text}");
        assert!(text.contains("endpoint=\"unmatched\",status=\"404\"} 1"), "{text}");
        assert!(text.contains("phm_profiles 4"), "{text}");
        assert!(text.contains("phm_vault_open 1"), "{text}");
    }
}
