//! What runs the modules: wasmtime, spoken to by the guest ABI of Extism.
//!
//! Each call gets an instance of its own, with memory of its own, and the instance is gone when the call ends: nothing of one
//! person survives into the next call. An instance can do nothing but calculate and call the functions of `abi`; there is no
//! WASI, no network, no clock and no file.
//!
//! One engine serves all modules of the process. Wasmtime is driven directly and not through Extism's own runtime, because
//! that has no limit for tables, links WASI by itself, makes an engine for every module, and holds on to a line of wasmtime
//! that is no longer mended.

mod abi;
mod engine;
mod module;
mod state;
mod tables;

pub use engine::Engine;
pub use module::Module;

use std::time::{Duration, Instant};

use phm_plugin_api::v1::Door;
use wasmtime::{Store, Trap};

use crate::error::{PluginError, Result};
use crate::limits::Limits;
use state::{State, Stop};

/// Answers what a running plugin asks of the house. Every request gets a reply, whatever its bytes.
pub trait HostCalls: Send + 'static {
    /// The reply to one message of `phm_call`.
    fn call(&mut self, request: &[u8]) -> Vec<u8>;

    /// A line that the plugin logs by the way of its plugin kit, outside of `phm_call`.
    fn log(&mut self, level: phm_plugin_api::v1::calls::Level, line: &str);
}

/// How a run ended and what it took.
#[derive(Debug)]
pub struct Run<H> {
    /// The plugin's output, or why there is none.
    pub output: Result<Vec<u8>>,
    /// What the plugin says about its failure; may hold what it has read.
    pub said: Option<String>,
    /// Whoever answered its calls.
    pub host: H,
    /// Time by the clock.
    pub took: Duration,
    /// Bytes of linear memory at most.
    pub peak_bytes: u64,
    /// Units of work.
    pub fuel: u64,
}

/// Runs the function `export` of a module in a fresh instance.
pub fn run<H: HostCalls>(module: &Module, export: &str, input: Vec<u8>, limits: &Limits, host: H) -> Run<H> {
    let began = Instant::now();
    let ends = began + Duration::from_millis(limits.time_ms);
    let too_long = input.len() as u64 > limits.message_bytes;
    let mut store = Store::new(module.engine().raw(), State::new(*limits, input, ends, Box::new(host)));
    let done = if too_long {
        store.data_mut().stop(Stop::Limit("the input is too large", limits.message_bytes))
    } else {
        call(module, export, &mut store, limits)
    };
    let stopped = done.err().map(|error| reason(&error, store.data_mut(), limits));
    // Without fuel nothing ran; the store was made with the feature on.
    let fuel = limits.fuel - store.get_fuel().unwrap_or(0).min(limits.fuel);
    let mut state = store.into_data();
    let said = state.said();
    let output = match stopped {
        None if state.failed() => Err(PluginError::Failed),
        None => Ok(state.take_output()),
        Some(stopped) => Err(stopped),
    };
    let peak_bytes = state.peak();
    let host = state.into_host::<H>();
    Run { output, said, host, took: began.elapsed(), peak_bytes, fuel: if too_long { 0 } else { fuel } }
}

fn call(module: &Module, export: &str, store: &mut Store<State>, limits: &Limits) -> wasmtime::Result<()> {
    let _running = module.engine().running();
    store.limiter(|state| state);
    store.set_fuel(limits.fuel)?;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| context.data_mut().still_in_time());
    let instance = module.prepared().instantiate(&mut *store)?;
    if let Ok(begin) = instance.get_typed_func::<(), ()>(&mut *store, "_initialize") {
        begin.call(&mut *store, ())?;
    }
    let function = instance.get_typed_func::<(), i32>(&mut *store, export)?;
    let status = function.call(&mut *store, ())?;
    store.data_mut().ended_with(status);
    Ok(())
}

/// Why a call ended early. What stands in the error itself may come from the module, so it is not shown.
fn reason(error: &wasmtime::Error, state: &mut State, limits: &Limits) -> PluginError {
    if let Some(stop) = state.stopped() {
        return match stop {
            Stop::Limit(limit, most) => PluginError::Limit { limit, most },
            Stop::Misused(what) => PluginError::Trapped(what),
            Stop::Undeclared(what) => {
                let (code, door) = ("not-declared".to_owned(), Some(Door::Manifest));
                PluginError::Refused { code, door, message: what.to_owned() }
            }
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => PluginError::Limit { limit: "it used up its fuel", most: limits.fuel },
        Some(Trap::Interrupt) => PluginError::Limit { limit: "it took too long", most: limits.time_ms },
        Some(Trap::StackOverflow) => PluginError::Trapped("its stack overflowed"),
        Some(Trap::UnreachableCodeReached) => PluginError::Trapped("it gave up (unreachable)"),
        Some(Trap::MemoryOutOfBounds) => PluginError::Trapped("it reached outside its memory"),
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            PluginError::Trapped("it called what is no function")
        }
        Some(Trap::IntegerDivisionByZero | Trap::IntegerOverflow | Trap::BadConversionToInteger) => {
            PluginError::Trapped("its arithmetic failed")
        }
        _ => PluginError::Trapped("it could not go on"),
    }
}
