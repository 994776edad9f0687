//! How the house does: what `/readyz` and `/metrics` say of it, and the checkpoints that are kept outside.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use phm_core::id::ProfileId;
use phm_plugin_api::Kind;

use super::{House, blocking};
use crate::http::health::{Check, Readiness};
use crate::http::metrics::VaultFigures;

/// How long the figures of the vault are good for: counting opens every profile.
const COUNTED_FOR: Duration = Duration::from_mins(1);

/// As long may an erasure take, in milliseconds, before somebody has to look.
const OVERDUE: i64 = 60 * 60 * 1000;

/// How often it is asked whether a checkpoint of the audit log is due.
const CHECKPOINTS_LOOK: Duration = Duration::from_secs(1);

impl House {
    /// What `/readyz` looks at.
    pub async fn checks(self: &Arc<Self>) -> Vec<Check> {
        let vault = match self.open() {
            Err(problem) if problem.code() == "locked" => Readiness::Locked,
            Err(_) => Readiness::NotReady,
            // One small read through store, keys and seal, whether or not the row exists.
            Ok(opened) => match blocking(move || Ok(opened.vault.state::<bool>(ProfileId::SYSTEM, "ready")?)).await {
                Ok(_) => Readiness::Ready,
                Err(_) => Readiness::NotReady,
            },
        };
        let mut checks = vec![Check { id: "vault", status: vault }];
        if let Ok(opened) = self.open() {
            // Nothing installed is nothing missing; what is on and cannot run is.
            let usable = blocking(move || Ok(opened.plugins.usable(Kind::Drugs)?)).await;
            match usable {
                Ok(None) => {}
                Ok(Some(true)) => checks.push(Check { id: "drug-interactions", status: Readiness::Ready }),
                Ok(Some(false)) | Err(_) => checks.push(Check { id: "drug-interactions", status: Readiness::Degraded }),
            }
        }
        if let Ok(opened) = self.open() {
            // The words of reminders: without them nobody is reminded.
            let usable = blocking(move || Ok(opened.plugins.usable(Kind::Notify)?)).await;
            if !matches!(usable, Ok(None)) {
                let status = if matches!(usable, Ok(Some(true))) { Readiness::Ready } else { Readiness::Degraded };
                checks.push(Check { id: "reminders", status });
            }
        }
        if let Ok(opened) = self.open() {
            let unfinished = blocking(move || Ok(opened.vault.unfinished()?)).await;
            // One that is under way is none of these.
            let since = self.clock.now().plus_millis(-OVERDUE);
            let overdue = unfinished.is_ok_and(|unfinished| {
                unfinished.is_some_and(|unfinished| !unfinished.only_compaction && unfinished.begun_at < since)
            });
            if overdue {
                checks.push(Check { id: "erasure", status: Readiness::Degraded });
            }
        }
        if self.checkpoints.is_needed() {
            let kept = self.checkpoints.state();
            let status = if kept.failing || kept.contradicted { Readiness::Degraded } else { Readiness::Ready };
            checks.push(Check { id: "audit-checkpoints", status });
        }
        let backups = self.backups.known();
        if backups.wanted {
            let status = if backups.worrying { Readiness::Degraded } else { Readiness::Ready };
            checks.push(Check { id: "backup", status });
        }
        checks
    }

    /// Keeps checkpoints of the audit log where they are due, for as long as it is polled.
    pub async fn keep_checkpoints(self: Arc<Self>) {
        while self.checkpoints.is_needed() {
            if let Ok(opened) = self.open() {
                let house = Arc::clone(&self);
                let look = move || {
                    house.checkpoints.look(&opened.vault);
                    Ok(())
                };
                // A panic is in the log by then; the next look may go better.
                let _ = blocking(look).await;
            }
            tokio::time::sleep(CHECKPOINTS_LOOK).await;
        }
    }

    /// What `/metrics` reports of the vault.
    pub async fn figures(self: &Arc<Self>) -> VaultFigures {
        let Ok(opened) = self.open() else { return VaultFigures::default() };
        if let Some((counted, figures)) = *self.figures.lock().unwrap_or_else(PoisonError::into_inner)
            && counted.elapsed() < COUNTED_FOR
        {
            return figures;
        }
        let Ok(stats) = blocking(move || Ok(opened.vault.stats()?)).await else { return VaultFigures::default() };
        let figures = VaultFigures {
            open: true,
            profiles: stats.profiles,
            entries: stats.entries,
            store_bytes: stats.bytes.store,
            document_bytes: stats.bytes.documents,
        };
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), figures));
        figures
    }
}
