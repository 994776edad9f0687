//! A plugin alone, outside any house: for its author, and for the conformance kit.
//!
//! There is no vault, so there are no records and nothing is kept; whatever needs a house is refused at the door of consent. The
//! limits are the real ones, and so is the form of input and output.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use phm_plugin_api::v1::calls::{Call, ClinicalCall, DocumentsContent, Level, Log, OPERATIONS, Piece, SettingsGet};
use phm_plugin_api::v1::{Door, Operation as _, Refusal, Reply, VERSION};
use serde_json::{Value, json};

use crate::api::v1::{misformed, wrong};
use crate::calls::{Called, input_of, output_of};
use crate::error::Result;
use crate::granter::{Granter, Wanted, refusal};
use crate::host::clinical;
use crate::logbook::Lines;
use crate::manifest::Manifest;
use crate::package::Package;
use crate::runtime::{self, Engine, HostCalls, Module};

/// A compiled plugin without a house.
pub struct Alone {
    manifest: Manifest,
    module: Module,
    file: Option<Arc<File>>,
}

/// A file that is lent to a plugin alone: there is no document it belongs to, so whatever it is called, it is this one.
struct File {
    media_type: String,
    bytes: Vec<u8>,
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
        Ok(Self { manifest, module, file: None })
    }

    /// The same with a file, which the plugin may ask for by `documents.content`.
    pub fn with_file(&self, media_type: &str, bytes: &[u8]) -> Self {
        let file = File { media_type: media_type.to_owned(), bytes: bytes.to_vec() };
        Self { manifest: self.manifest.clone(), module: self.module.clone(), file: Some(Arc::new(file)) }
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
        let limits = &self.manifest.limits;
        let host = Nobody {
            granter: Granter::new(declared.clone(), declared),
            used: BTreeSet::new(),
            lines: Lines::up_to(limits.log_bytes),
            file: self.file.clone(),
        };
        let mut run = runtime::run(&self.module, self.manifest.kind.export(), bytes, limits, host);
        if let Some(said) = run.said {
            run.host.lines.remark(Level::Error, said);
        }
        let lines = run.host.lines.taken();
        let called = run.output.and_then(|bytes| output_of(self.manifest.kind, &bytes)).map(|output| Called {
            output,
            capabilities: run.host.used.into_iter().collect(),
            proposals: Vec::new(),
            accepted: Vec::new(),
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
    lines: Lines,
    file: Option<Arc<File>>,
}

impl HostCalls for Nobody {
    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        let answer = match serde_json::from_slice::<Call>(request) {
            Ok(call) if call.v == VERSION => self.answer(call),
            Ok(_) => Err(misformed("unknown-version", "this PHM speaks version 1")),
            Err(_) => Err(misformed("bad-message", "a message is {\"v\":1,\"op\":…,\"args\":{…}}")),
        };
        let reply = answer.map_or_else(Reply::Error, Reply::Ok);
        serde_json::to_vec(&reply).expect("a reply is plain JSON")
    }

    fn log(&mut self, level: Level, line: &str) {
        // As in a house: the log of a plugin kit stands behind the door of `log`.
        self.used.insert(Log::NAME.to_owned());
        if self.granter.pass(Wanted { capability: Log::NAME, kind: None, host: None }).is_ok() {
            self.lines.add(level, line);
        }
    }
}

impl Nobody {
    fn answer(&mut self, call: Call) -> Result<Value, Refusal> {
        if !OPERATIONS.contains(&call.op.as_str()) {
            return Err(misformed("unknown-operation", "there is no such operation in version 1"));
        }
        self.used.insert(call.op.clone());
        self.granter.pass(Wanted { capability: &call.op, kind: None, host: None })?;
        match (call.op.as_str(), &self.file) {
            (DocumentsContent::NAME, Some(file)) => file.piece(call.args),
            (SettingsGet::NAME, _) => Ok(json!({})),
            (ClinicalCall::NAME, _) => {
                let asked: ClinicalCall = serde_json::from_value(call.args)
                    .map_err(|_| misformed("bad-arguments", "the arguments have another form"))?;
                clinical::answer(&asked)
            }
            (Log::NAME, _) => {
                let log: Log = serde_json::from_value(call.args)
                    .map_err(|_| misformed("bad-arguments", "the arguments have another form"))?;
                if self.lines.add(log.level, &log.message) {
                    Ok(json!({}))
                } else {
                    Err(refusal(
                        "log-full",
                        Door::Limit,
                        "this call has logged as much as it may; the line was dropped",
                    ))
                }
            }
            _ => Err(refusal("nobody", Door::Consent, "the plugin runs alone; there is nobody here")),
        }
    }
}

impl File {
    fn piece(&self, args: Value) -> Result<Value, Refusal> {
        let asked: DocumentsContent =
            serde_json::from_value(args).map_err(|_| misformed("bad-arguments", "the arguments have another form"))?;
        let from = usize::try_from(asked.from).unwrap_or(usize::MAX).min(self.bytes.len());
        let length = usize::try_from(asked.length.min(DocumentsContent::MOST)).unwrap_or(0);
        let to = from.saturating_add(length).min(self.bytes.len());
        let piece = Piece {
            bytes: STANDARD.encode(&self.bytes[from..to]),
            size: self.bytes.len() as u64,
            media_type: self.media_type.clone(),
        };
        serde_json::to_value(piece).map_err(|_| wrong("internal", "the answer could not be written"))
    }
}
