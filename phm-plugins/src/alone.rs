//! A plugin alone, outside any house: for its author, and for the conformance kit.
//!
//! There is no vault, so there are no records and nothing is kept; whatever needs a house is refused at the door of consent. The
//! limits are the real ones, and so is the form of input and output.

use std::collections::BTreeSet;

use phm_plugin_api::v1::calls::{Call, Level, Log, SettingsGet};
use phm_plugin_api::v1::{Door, Operation as _, Reply};
use serde_json::{Value, json};

use crate::calls::{Called, input_of, output_of};
use crate::error::Result;
use crate::granter::{Granter, Wanted, refusal};
use crate::manifest::Manifest;
use crate::package::Package;
use crate::runtime::{self, Engine, HostCalls, Module};

/// A compiled plugin without a house.
pub struct Alone {
    manifest: Manifest,
    module: Module,
}

/// What a plugin did alone.
#[derive(Debug)]
pub struct Tried {
    /// What it gave and took, or why it gave nothing.
    pub called: Result<Called>,
    /// What it logged, and what it says about its failure.
    pub lines: Vec<(Level, String)>,
}

impl Alone {
    /// Checks and compiles a package.
    pub fn new(package: &Package) -> Result<Self> {
        let manifest = package.manifest().clone();
        let module = Module::compile(&Engine::shared()?, package.module(), manifest.kind.export())?;
        Ok(Self { manifest, module })
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Calls it once.
    pub fn call(&self, input: &Value) -> Tried {
        let bytes = match input_of(self.manifest.kind, input) {
            Ok(bytes) => bytes,
            Err(error) => return Tried { called: Err(error), lines: Vec::new() },
        };
        let declared = self.manifest.permissions.clone();
        let host =
            Nobody { granter: Granter::new(declared.clone(), declared), used: BTreeSet::new(), lines: Vec::new() };
        let run = runtime::run(&self.module, self.manifest.kind.export(), bytes, &self.manifest.limits, host);
        let mut lines = run.host.lines;
        lines.extend(run.said.map(|said| (Level::Error, said)));
        let called = run.output.and_then(|bytes| output_of(self.manifest.kind, &bytes)).map(|output| Called {
            output,
            capabilities: run.host.used.into_iter().collect(),
            proposals: Vec::new(),
            ms: run.took.as_secs_f64() * 1000.0,
            peak_bytes: run.peak_bytes,
            fuel: run.fuel,
        });
        Tried { called, lines }
    }
}

/// Where a house would be.
struct Nobody {
    granter: Granter,
    used: BTreeSet<String>,
    lines: Vec<(Level, String)>,
}

impl HostCalls for Nobody {
    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        let reply = match serde_json::from_slice::<Call>(request) {
            Ok(call) => self.answer(call),
            Err(_) => {
                Reply::Error(crate::api::v1::wrong("bad-message", "a message is {\"v\":1,\"op\":…,\"args\":{…}}"))
            }
        };
        serde_json::to_vec(&reply).expect("a reply is plain JSON")
    }

    fn log(&mut self, level: Level, line: &str) {
        self.lines.push((level, line.to_owned()));
    }
}

impl Nobody {
    fn answer(&mut self, call: Call) -> Reply {
        self.used.insert(call.op.clone());
        let declared = Wanted { capability: &call.op, kind: None, host: None };
        if let Err(refusal) = self.granter.pass(declared) {
            return Reply::Error(refusal);
        }
        match call.op.as_str() {
            SettingsGet::NAME => Reply::Ok(json!({})),
            Log::NAME => {
                self.lines.extend(serde_json::from_value(call.args).ok().map(|log: Log| (log.level, log.message)));
                Reply::Ok(json!({}))
            }
            _ => Reply::Error(refusal("nobody", Door::Consent, "the plugin runs alone; there is nobody here")),
        }
    }
}
