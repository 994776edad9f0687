//! The one engine, and the thread that lets calls notice that their time is over.

use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use wasmtime::{Config, Linker, OptLevel};

use super::abi;
use super::state::State;
use crate::error::{PluginError, Result};

/// How often a running call looks at the clock.
const TICK: Duration = Duration::from_millis(5);
/// Bytes of stack of a plugin at most.
const STACK: usize = 512 << 10;

/// The engine of this process.
#[derive(Clone)]
pub struct Engine {
    raw: wasmtime::Engine,
    linker: Arc<Linker<State>>,
    clock: Arc<Clock>,
}

/// How many calls run; the clock stands still while there are none.
#[derive(Default)]
struct Clock {
    running: Mutex<usize>,
    begun: Condvar,
}

/// A call that runs.
pub struct Running(Arc<Clock>);

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}

impl Engine {
    /// The engine of this process, made at the first call.
    pub fn shared() -> Result<Self> {
        static SHARED: OnceLock<Engine> = OnceLock::new();
        if let Some(engine) = SHARED.get() {
            return Ok(engine.clone());
        }
        let made = Self::new()?;
        Ok(SHARED.get_or_init(|| made).clone())
    }

    fn new() -> Result<Self> {
        let raw = wasmtime::Engine::new(&config()).map_err(|_| no_engine())?;
        let mut linker = Linker::new(&raw);
        abi::define(&mut linker).map_err(|_| no_engine())?;
        let clock = Arc::new(Clock::default());
        let (ticked, ticks) = (raw.weak(), Arc::clone(&clock));
        std::thread::Builder::new().name("phm-plugin-clock".into()).spawn(move || {
            loop {
                let running = ticks.running.lock().unwrap_or_else(PoisonError::into_inner);
                drop(ticks.begun.wait_while(running, |running| *running == 0).unwrap_or_else(PoisonError::into_inner));
                std::thread::sleep(TICK);
                let Some(engine) = ticked.upgrade() else { break };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { raw, linker: Arc::new(linker), clock })
    }

    pub(super) fn raw(&self) -> &wasmtime::Engine {
        &self.raw
    }

    pub(super) fn linker(&self) -> &Linker<State> {
        &self.linker
    }

    /// Lets the clock go while a call runs.
    pub(super) fn running(&self) -> Running {
        *self.clock.running.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.clock.begun.notify_one();
        Running(Arc::clone(&self.clock))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(..)")
    }
}

/// Work is counted, time is looked at, and only what languages compile to is on.
fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .wasm_backtrace_max_frames(None)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false);
    config
}

fn no_engine() -> PluginError {
    PluginError::Module("this machine cannot run plugins".to_owned())
}
