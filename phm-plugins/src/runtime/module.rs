//! A module: checked, compiled, and kept compiled.
//!
//! Compiled code is machine code, so a kept file is run only where its authentication code, under a key of the vault, fits:
//! whoever can write to the folder but not open the vault cannot put code there.

use std::path::{Path, PathBuf};

use phm_core::crypto::digest::same;
use phm_core::crypto::durable;
use phm_core::crypto::secret::TokenKey;
use wasmtime::{ExternType, InstancePre, ValType};

use super::abi::{self, HOST, USER};
use super::engine::Engine;
use super::state::State;
use super::tables;
use crate::error::{PluginError, Result};

/// A module that is ready to be run.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    prepared: InstancePre<State>,
}

/// Bytes of a module at most: compiling takes many times as much memory.
const MOST: usize = 8 << 20;

/// What of a plugin's module says what compiled code belongs to.
const LABEL: &[u8] = b"phm compiled plugin 1";

pub(super) fn wrong(text: impl Into<String>) -> PluginError {
    PluginError::Module(text.into())
}

impl Module {
    /// Checks and compiles a module that must export `export`.
    pub fn compile(engine: &Engine, wasm: &[u8], export: &str) -> Result<Self> {
        // Text is no module: what is signed is what is run.
        if wasm.len() > MOST {
            return Err(wrong("it is larger than 8 MiB"));
        }
        if !wasm.starts_with(b"\0asm") {
            return Err(wrong("it is no WebAssembly module"));
        }
        let module = wasmtime::Module::from_binary(engine.raw(), wasm)
            .map_err(|_| wrong("it does not validate, or uses a proposal of WebAssembly that is off here"))?;
        check(&module, export)?;
        tables::check(wasm)?;
        Self::ready(engine, &module)
    }

    /// The module, from `folder` where it is kept compiled, else compiled and kept there.
    pub fn load(engine: &Engine, wasm: &[u8], export: &str, folder: &Path, key: &TokenKey, name: &str) -> Result<Self> {
        let path = Self::kept_at(folder, name);
        if let Some(module) = Self::kept(engine, &path, key, name) {
            return Ok(module);
        }
        let module = Self::compile(engine, wasm, export)?;
        let code = module.prepared.module().serialize().map_err(|_| wrong("it cannot be kept compiled"))?;
        let code = [key.digest(LABEL, &authenticated(name, &code)).as_slice(), &code].concat();
        durable::create_folder(folder)?;
        durable::write_file(&path, &code)?;
        Ok(module)
    }

    /// Where a module is kept compiled.
    pub fn kept_at(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.compiled"))
    }

    /// What is kept compiled, unless it is missing, was made by another version, or is not ours.
    fn kept(engine: &Engine, path: &Path, key: &TokenKey, name: &str) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let (code, compiled) = bytes.split_at_checked(32)?;
        if !same(code, &key.digest(LABEL, &authenticated(name, compiled))) {
            return None;
        }
        Self::deserialize(engine, compiled)
    }

    #[allow(unsafe_code, reason = "wasmtime cannot check compiled code; the authentication code says it is our own")]
    fn deserialize(engine: &Engine, compiled: &[u8]) -> Option<Self> {
        // SAFETY: these bytes were made by `serialize` in this very module: their authentication code under the vault's
        // key was just checked. Wasmtime itself refuses those of another version or configuration.
        let module = unsafe { wasmtime::Module::deserialize(engine.raw(), compiled) }.ok()?;
        Self::ready(engine, &module).ok()
    }

    fn ready(engine: &Engine, module: &wasmtime::Module) -> Result<Self> {
        let prepared = engine.linker().instantiate_pre(module).map_err(|_| wrong("its imports have other types"))?;
        Ok(Self { engine: engine.clone(), prepared })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn prepared(&self) -> &InstancePre<State> {
        &self.prepared
    }
}

fn authenticated(name: &str, compiled: &[u8]) -> Vec<u8> {
    [(name.len() as u64).to_be_bytes().as_slice(), name.as_bytes(), compiled].concat()
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Module(..)")
    }
}

/// The rules a module obeys before it is ever run.
fn check(module: &wasmtime::Module, export: &str) -> Result<()> {
    for import in module.imports() {
        let (from, name) = (import.module(), import.name());
        if from.starts_with("wasi") {
            return Err(wrong("it imports WASI, which plugins never get; build it for wasm32-unknown-unknown"));
        }
        let known = matches!(import.ty(), ExternType::Func(_))
            && ((from == HOST && abi::NAMES.contains(&name)) || (from == USER && name == abi::CALL));
        if !known {
            return Err(wrong("it imports something that plugins do not get"));
        }
    }
    if module.resources_required().num_memories > 1 {
        return Err(wrong("it has several memories"));
    }
    let function = module.get_export(export).and_then(|export| export.func().cloned());
    let fits = function.is_some_and(|function| {
        function.params().len() == 0
            && function.results().len() == 1
            && function.results().next().is_some_and(|result| matches!(result, ValType::I32))
    });
    if fits {
        Ok(())
    } else {
        Err(wrong(format!("it does not export `{export}` as a function without arguments that gives an i32")))
    }
}
