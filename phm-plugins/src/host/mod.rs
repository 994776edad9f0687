//! What the house does for a running plugin, one file for each family of operations.
//!
//! Every operation begins at the doors: `Host::pass` for manifest and administrator, `Sessions::consent` where a person is
//! concerned. What the doors leave is bounded: pages, sizes, counts.

pub mod clinical;
pub mod documents;
pub mod http;
pub mod kv;
pub mod lent;
pub mod log;
pub mod outside;
pub mod place;
pub mod records;
pub mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use phm_core::id::RecordId;
use phm_core::vault::Vault;
use phm_plugin_api::v1::Refusal;
use phm_plugin_api::v1::calls::Level;
use serde_json::Value;

use crate::api;
use crate::context::Sessions;
use crate::facts::Facts;
use crate::granter::{Granter, Wanted};
use crate::limits::Limits;
use crate::logbook::Lines;
use crate::runtime::HostCalls;
use outside::Ways;

/// The house as one call of a plugin sees it.
pub struct Host {
    vault: Vault,
    sessions: Sessions,
    granter: Granter,
    plugin: (String, String),
    settings: Value,
    limits: Limits,
    lines: Lines,
    used: BTreeSet<String>,
    proposed: Vec<String>,
    accepted: Vec<String>,
    to_check: Vec<RecordId>,
    changes: Option<u64>,
    ways: Option<Ways>,
    facts: Option<Arc<Facts>>,
    ends: Instant,
}

impl Host {
    /// The house for a call of the plugin with this name and version.
    pub fn new(
        vault: Vault,
        sessions: Sessions,
        granter: Granter,
        plugin: (String, String),
        settings: Value,
        limits: Limits,
    ) -> Self {
        let (used, proposed) = (BTreeSet::new(), Vec::new());
        Self {
            vault,
            sessions,
            granter,
            plugin,
            settings,
            limits,
            lines: Lines::up_to(limits.log_bytes),
            used,
            proposed,
            accepted: Vec::new(),
            to_check: Vec::new(),
            changes: None,
            ways: None,
            facts: None,
            ends: Instant::now() + Duration::from_millis(limits.time_ms),
        }
    }

    /// The same house with a way out.
    pub fn reaching(mut self, ways: Option<Ways>) -> Self {
        self.ways = ways;
        self
    }

    /// The same house with what the user brought about drugs.
    pub fn knowing(mut self, facts: Arc<Facts>) -> Self {
        self.facts = Some(facts);
        self
    }

    /// The same house for a package that is installed, where what stands behind its name had changed so often when the call began:
    /// a rule of acceptance is about that package. Without this nothing it proposes is accepted by a rule.
    pub fn counted(mut self, changes: Option<u64>) -> Self {
        self.changes = changes;
        self
    }

    /// How often what stands behind the plugin's name had changed, while rules of acceptance may be asked about what it proposes: not
    /// once it may know something sensitive, because that could come back unnamed.
    fn ruled_as(&self) -> Option<u64> {
        self.changes.filter(|_| !self.sessions.knows_sensitive())
    }

    /// The way out, where there is one.
    fn ways(&self) -> Option<Ways> {
        self.ways.clone()
    }

    /// When the call's time is over.
    fn ends(&self) -> Instant {
        self.ends
    }

    /// Passes the doors of manifest and administrator.
    fn pass(&self, capability: &str, kind: Option<&str>, host: Option<&str>) -> Result<(), Refusal> {
        self.granter.pass(Wanted { capability, kind, host })
    }

    /// How much the call may take.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Notes that an operation was asked for.
    pub fn used(&mut self, capability: &str) {
        self.used.insert(capability.to_owned());
    }

    /// The operations that were asked for.
    pub fn capabilities(&self) -> Vec<String> {
        self.used.iter().cloned().collect()
    }

    /// The proposals that were made and wait for a person.
    pub fn proposed(&self) -> &[String] {
        &self.proposed
    }

    /// The records that a rule made of what was proposed.
    pub fn accepted(&self) -> &[String] {
        &self.accepted
    }

    /// Of what was proposed, the medicines that a rule accepts once they were checked, and how often what stands behind the plugin's
    /// name had changed; nothing where the call has come to know something sensitive.
    pub fn to_check(&self) -> Option<(u64, &[RecordId])> {
        self.ruled_as().map(|changes| (changes, self.to_check.as_slice()))
    }

    /// The sessions of the call.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The lines the plugin logged.
    pub fn lines(&mut self) -> &mut Lines {
        &mut self.lines
    }
}

impl HostCalls for Host {
    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        api::v1::answer(self, request)
    }

    fn log(&mut self, level: Level, line: &str) {
        // The log of a plugin kit is the same log, behind the same door.
        self.used("log");
        if self.pass("log", None, None).is_ok() {
            self.lines.add(level, line);
        }
    }
}

/// The vault's refusal, in words that carry nothing of what it holds.
fn failed(error: &phm_core::Error) -> Refusal {
    api::v1::wrong(error.code(), "the vault could not do it")
}
