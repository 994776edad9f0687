//! Installing and calling plugins.
//!
//! A call looks up what is installed and on, opens the sessions of whoever it is for, runs the module in a fresh instance, keeps
//! what the plugin logged, and notes in the audit that it ran, whether it did well or not: in that of the people it is about, and
//! where it is about nobody in the log of the house. Medicines that it proposed under a rule are checked when it is over.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use phm_core::crypto::durable;
use phm_core::id::RecordId;
use phm_core::vault::{Session, Vault};
use phm_plugin_api::Kind;
use phm_plugin_api::v1::calls::{Level, RecordsPropose};
use phm_plugin_api::v1::{Operation as _, Refusal, assistant, document, drugs, import, insight, notify};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::acceptance;
use crate::context::CallContext;
use crate::error::{PluginError, Result};
use crate::facts::Facts;
use crate::granter::Granter;
use crate::host::outside::Ways;
use crate::host::{Host, documents, records};
use crate::installed::{self, Installed};
use crate::manifest::{Manifest, Permission};
use crate::package::{EXTENSION, Package, fingerprint};
use crate::runtime::{self, Engine, Module};

/// Calls that may run at a time; each may take as much memory as its limit says.
const MOST_AT_A_TIME: usize = 4;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// The plugins of a vault.
#[derive(Clone)]
pub struct Plugins(Arc<Inner>);

struct Inner {
    vault: Vault,
    packages: PathBuf,
    compiled: PathBuf,
    ready: Mutex<HashMap<String, Ready>>,
    running: Mutex<usize>,
    turn: Condvar,
    ways: Option<Ways>,
    facts: Arc<Facts>,
}

/// A package that was read, checked and compiled.
#[derive(Clone)]
struct Ready {
    manifest: Arc<Manifest>,
    module: Module,
}

/// As what a package runs in this house.
struct Standing {
    granted: Vec<Permission>,
    settings: Value,
    /// How often what stands behind its name had changed when the call began; `None` where it is not installed.
    changes: Option<u64>,
}

/// What a call gave and took.
#[derive(Clone, Debug, Serialize)]
pub struct Called {
    /// What the plugin answers, in the form of its kind.
    pub output: Value,
    /// The operations it asked for, granted or not.
    pub capabilities: Vec<String>,
    /// The proposals that wait for a person now.
    pub proposals: Vec<String>,
    /// The records that rules of the person made of what it proposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// Milliseconds by the clock.
    pub ms: f64,
    /// Bytes of memory at most.
    pub peak_bytes: u64,
    /// Units of work.
    pub fuel: u64,
}

impl Plugins {
    /// The plugins of this vault, in a house without a way out: `http.fetch` is unavailable.
    pub fn of(vault: &Vault) -> Self {
        Self::with(vault, None)
    }

    /// The plugins of this vault, in a house with a way out.
    pub fn reaching(vault: &Vault, ways: Ways) -> Self {
        Self::with(vault, Some(ways))
    }

    fn with(vault: &Vault, ways: Option<Ways>) -> Self {
        let (packages, compiled) = (vault.dir().join("plugins"), vault.dir().join("cache").join("plugins"));
        Self(Arc::new(Inner {
            vault: vault.clone(),
            packages,
            compiled,
            ready: Mutex::default(),
            running: Mutex::default(),
            turn: Condvar::new(),
            ways,
            facts: Arc::default(),
        }))
    }

    /// The vault they are of.
    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Installs a package, switched off.
    ///
    /// # Errors
    /// Where it is no package, its signature is missing, false or of a key that is not trusted here, its name is another
    /// author's, a newer version is installed, or its module breaks a rule.
    pub fn install(&self, admin: &Session, bytes: &[u8]) -> Result<Installed> {
        admin.runs_the_house()?;
        let package = Package::read(bytes)?;
        let signer = package.signer()?;
        if !installed::is_trusted(&self.0.vault, signer)? {
            return Err(PluginError::UntrustedKey(signer.to_string()));
        }
        let sha256 = fingerprint(bytes);
        let name = package.manifest().name.clone();
        let earlier = installed::get(&self.0.vault, &name).ok();
        installed::admits(&self.0.vault, package.manifest(), signer)?;
        self.prepare(&package, &sha256)?;
        durable::create_folder(&self.0.packages)?;
        // Known before it lies there: a power cut in between leaves a package that is refused, never one that is unknown.
        let put =
            installed::put(&self.0.vault, admin, package.manifest(), package.schema_value()?, sha256.clone(), signer)?;
        durable::write_file(&self.place(&name), bytes)?;
        if let Some(earlier) = earlier.filter(|one| one.sha256 != sha256) {
            self.forget(&earlier)?;
        }
        Ok(put)
    }

    /// Takes a plugin out of the house, with its package and what was compiled of it.
    pub fn remove(&self, admin: &Session, name: &str) -> Result<Installed> {
        let removed = installed::remove(&self.0.vault, admin, name)?;
        durable::remove_file(&self.place(name))?;
        self.forget(&removed)?;
        Ok(removed)
    }

    /// Lets go of what was compiled of a package. Calls that run keep it.
    fn forget(&self, plugin: &Installed) -> Result<()> {
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner).remove(&plugin.sha256);
        if self.0.compiled.is_dir() {
            durable::remove_file(&Module::kept_at(&self.0.compiled, &plugin.sha256))?;
        }
        Ok(())
    }

    /// Every installed plugin, by name.
    pub fn list(&self) -> Result<Vec<Installed>> {
        installed::list(&self.0.vault)
    }

    /// The installed plugin of this kind that is on.
    pub fn enabled_of(&self, kind: Kind) -> Result<Option<Installed>> {
        installed::enabled_of(&self.0.vault, kind)
    }

    /// Whether the plugin of this kind that is on can run; `None` where none is on.
    pub fn usable(&self, kind: Kind) -> Result<Option<bool>> {
        let Some(plugin) = self.enabled_of(kind)? else { return Ok(None) };
        let there = self.place(&plugin.name).is_file();
        let knows = kind != Kind::Drugs || self.0.facts.are_whole(&self.0.vault)?;
        Ok(Some(there && knows && self.ready(&plugin).is_ok()))
    }

    /// Calls an installed plugin that is on. `handed` are the records of the person that stand in the input.
    pub fn call(&self, context: &CallContext, name: &str, input: &Value, handed: &[RecordId]) -> Result<Called> {
        let (plugin, changes) = installed::counted(&self.0.vault, name)?;
        let granted = plugin.granted.clone().ok_or(PluginError::NotEnabled)?;
        let ready = self.ready(&plugin)?;
        let standing = Standing { granted, settings: plugin.in_force()?, changes: Some(changes) };
        self.run(context, &ready, standing, input, handed)
    }

    /// Calls a package that is not installed, for its author. Whoever does this grants all it declares; consent is asked all the
    /// same, and what it proposes waits for a person, whatever rules there are. Nothing of it is kept compiled.
    ///
    /// # Errors
    /// `other-author` where the name is that of a plugin that is or was installed, and the package does not carry its author's
    /// signature: people granted something to that plugin, and not to whoever writes its name into a manifest. Else as
    /// [`Plugins::call`].
    pub fn try_out(&self, context: &CallContext, package: &Package, settings: Value, input: &Value) -> Result<Called> {
        let manifest = Arc::new(package.manifest().clone());
        let author = installed::author_of(&self.0.vault, &manifest.name)?;
        if author.is_some_and(|author| package.signer().ok() != Some(author)) {
            return Err(PluginError::OtherAuthor);
        }
        let module = Module::compile(&Engine::shared()?, package.module(), manifest.kind.export())?;
        let standing = Standing { granted: manifest.permissions.clone(), settings, changes: None };
        let ready = Ready { manifest, module };
        self.run(context, &ready, standing, input, &[])
    }

    fn run(
        &self,
        context: &CallContext,
        ready: &Ready,
        standing: Standing,
        input: &Value,
        handed: &[RecordId],
    ) -> Result<Called> {
        let manifest = &*ready.manifest;
        let export = manifest.kind.export();
        let document = document_of(manifest.kind, input);
        let input = input_of(manifest.kind, input)?;
        let vault = &self.0.vault;
        let turn = self.turn()?;
        let sessions = context.open(vault, &manifest.name, &manifest.version, export)?;
        let granter = Granter::new(manifest.permissions.clone(), standing.granted);
        let named = (manifest.name.clone(), manifest.version.clone());
        let host = Host::new(vault.clone(), sessions, granter, named, standing.settings, manifest.limits);
        let host = host.reaching(self.0.ways.clone()).knowing(Arc::clone(&self.0.facts)).counted(standing.changes);
        let mut run = runtime::run(&ready.module, export, input, &manifest.limits, host);
        let answer = run.output.and_then(|bytes| output_of(manifest.kind, &bytes)).and_then(|output| {
            propose(manifest.kind, document, &output, &mut run.host)?;
            Ok(output)
        });
        let at = run.host.sessions().noted().now();
        if let Some(said) = run.said {
            run.host.lines().remark(Level::Error, said);
        }
        if let Err(error) = &answer {
            run.host.lines().remark(Level::Error, error.told());
        }
        let noted = run.host.sessions().noted();
        for (permit, records) in context.permit().map(|permit| (permit, handed)).into_iter().chain(context.handed()) {
            noted.note_plugin("plugin", permit, records, answer.is_ok())?;
        }
        if context.is_about_nobody() {
            noted.note_plugin_about_nobody(answer.is_ok())?;
        }
        let (capabilities, mut proposals) = (run.host.capabilities(), run.host.proposed().to_vec());
        let mut accepted = run.host.accepted().to_vec();
        std::mem::replace(run.host.lines(), crate::logbook::Lines::up_to(0)).keep(
            vault,
            &manifest.name,
            context.profile(),
            at,
        )?;
        let ms = run.took.as_secs_f64() * 1000.0;
        let (peak_bytes, fuel) = (run.peak_bytes, run.fuel);
        let output = answer?;
        // The check of medicines is a call too: it has to get the place that this one had, or calls would wait for each other.
        drop(turn);
        if let Some((profile, (changes, ids))) = context.profile().zip(run.host.to_check()) {
            for made in acceptance::settle(self, profile, changes, ids)? {
                proposals.retain(|one| *one != made.proposal.to_string());
                accepted.push(made.record.to_string());
            }
        }
        Ok(Called { output, capabilities, proposals, accepted, ms, peak_bytes, fuel })
    }

    /// The package as it was installed, or nothing: a changed file is not run.
    fn ready(&self, plugin: &Installed) -> Result<Ready> {
        if let Some(ready) = self.known(&plugin.sha256) {
            return Ok(ready);
        }
        let bytes = std::fs::read(self.place(&plugin.name)).map_err(|_| PluginError::Changed)?;
        if fingerprint(&bytes) != plugin.sha256 {
            return Err(PluginError::Changed);
        }
        let package = Package::read(&bytes)?;
        if package.signer()? != plugin.signer {
            return Err(PluginError::Changed);
        }
        self.prepare(&package, &plugin.sha256)
    }

    fn known(&self, sha256: &str) -> Option<Ready> {
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned()
    }

    /// Compiles a package, or takes it from where it is kept compiled. Calls that run keep the module they began with.
    fn prepare(&self, package: &Package, sha256: &str) -> Result<Ready> {
        let manifest = Arc::new(package.manifest().clone());
        let key = self.0.vault.token_key()?;
        let (engine, export) = (Engine::shared()?, manifest.kind.export());
        let module = Module::load(&engine, package.module(), export, &self.0.compiled, &key, sha256)?;
        let ready = Ready { manifest, module };
        let mut all = self.0.ready.lock().unwrap_or_else(PoisonError::into_inner);
        // Earlier versions are let go of; there are few plugins.
        all.retain(|_, other| other.manifest.name != ready.manifest.name);
        all.insert(sha256.to_owned(), ready.clone());
        Ok(ready)
    }

    fn place(&self, name: &str) -> PathBuf {
        self.0.packages.join(format!("{name}.{EXTENSION}"))
    }

    /// Waits for one of the places that calls have.
    fn turn(&self) -> Result<Turn<'_>> {
        let until = Instant::now() + PATIENCE;
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        while *running >= MOST_AT_A_TIME {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let most = MOST_AT_A_TIME as u64;
                return Err(PluginError::Limit { limit: "too many calls of plugins run already", most });
            }
            running = self.0.turn.wait_timeout(running, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *running += 1;
        Ok(Turn(&self.0))
    }
}

impl std::fmt::Debug for Plugins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plugins(..)")
    }
}

/// A place among the calls that run.
struct Turn<'p>(&'p Inner);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.turn.notify_one();
    }
}

/// Reads a package, or the folder of one as its author has it: `plugin.toml`, the module and what else the manifest names.
pub fn package_at(path: &Path) -> Result<Package> {
    if !path.is_dir() {
        return Package::read(&std::fs::read(path)?);
    }
    let read = |name: &str| std::fs::read(path.join(name));
    let toml =
        read(crate::package::MANIFEST).map_err(|_| PluginError::Package("the folder has no plugin.toml".into()))?;
    let manifest = Manifest::parse(std::str::from_utf8(&toml).unwrap_or_default())?;
    let mut files = std::collections::BTreeMap::from([(crate::package::MANIFEST.to_owned(), toml)]);
    for name in [Some(&manifest.entry), manifest.settings.as_ref()].into_iter().flatten() {
        let missing =
            |_| PluginError::Package(format!("the folder has no {name}; `phm plugin build` makes the module"));
        files.insert(name.clone(), read(name).map_err(missing)?);
    }
    for name in ["README.md", "LICENSE"] {
        if let Ok(bytes) = read(name) {
            files.insert(name.to_owned(), bytes);
        }
    }
    Package::of(files)
}

/// The input in the form of the kind, or a refusal: a plugin is never given what its kind does not take.
pub(crate) fn input_of(kind: Kind, input: &Value) -> Result<Vec<u8>> {
    fn form<T: DeserializeOwned>(input: &Value) -> bool {
        T::deserialize(input).is_ok()
    }
    let fits = match kind {
        Kind::Drugs => form::<drugs::Input>(input),
        Kind::Document => form::<document::Input>(input),
        Kind::Notify => form::<notify::Input>(input),
        Kind::Assistant => form::<assistant::Input>(input),
        Kind::Import => form::<import::Input>(input),
        Kind::Insight => form::<insight::Input>(input),
    };
    if fits { Ok(input.to_string().into_bytes()) } else { Err(PluginError::BadInput) }
}

/// The output in the form of the kind: whatever else a plugin says does not get through.
pub(crate) fn output_of(kind: Kind, bytes: &[u8]) -> Result<Value> {
    fn form<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<Value> {
        serde_json::to_value(serde_json::from_slice::<T>(bytes).ok()?).ok()
    }
    let output = match kind {
        Kind::Drugs => form::<drugs::Output>(bytes),
        Kind::Document => form::<document::Output>(bytes),
        Kind::Notify => form::<notify::Output>(bytes),
        Kind::Assistant => form::<assistant::Output>(bytes),
        Kind::Import => form::<import::Output>(bytes),
        Kind::Insight => form::<insight::Output>(bytes),
    };
    output.ok_or(PluginError::BadAnswer)
}

/// The document that a document plugin is handed, where it is one of the house.
fn document_of(kind: Kind, input: &Value) -> Option<RecordId> {
    if kind == Kind::Document { input["document"].as_str()?.parse().ok() } else { None }
}

/// What a parser answers passes the same doors as what it would propose by itself.
fn propose(kind: Kind, document: Option<RecordId>, output: &Value, host: &mut Host) -> Result<()> {
    if !matches!(kind, Kind::Document | Kind::Import) {
        return Ok(());
    }
    let mut output: document::Output = serde_json::from_value(output.clone()).map_err(|_| PluginError::BadAnswer)?;
    if let Some(document) = document {
        documents::keep(host, document, &mut output).map_err(refused)?;
    }
    if output.proposals.is_empty() {
        return Ok(());
    }
    host.used(RecordsPropose::NAME);
    let one = |document::Proposal { kind, body, evidence }| RecordsPropose { kind, body, profile: None, evidence };
    records::propose_all(host, document, output.proposals.into_iter().map(one).collect()).map_err(refused)?;
    Ok(())
}

fn refused(refusal: Refusal) -> PluginError {
    PluginError::Refused { code: refusal.code, door: refusal.door, message: refusal.message }
}
