//! What belongs to one instance while it runs: its blocks of message memory, its counters, its clock.

use std::any::Any;
use std::collections::BTreeMap;
use std::time::Instant;

use phm_plugin_api::v1::calls::Level;
use wasmtime::{ResourceLimiter, UpdateDeadline};

use super::HostCalls;
use crate::limits::Limits;

/// Where the first block begins: nothing stands at zero, which means "no block".
const START: u64 = 16;

/// Room that a block takes at least, so that no two have the same place.
const SMALLEST: u64 = 8;

/// Bytes that all messages of a call take at most, whatever its manifest asks for: they lie in the house's own memory.
const MOST_MESSAGES: u64 = 64 << 20;

/// What grows beyond this is given all it may ever take at once: memory that is not touched costs nothing, while growing by
/// copies would take twice the room.
const SMALL: u64 = 1 << 20;

/// Why the host itself ended a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// A limit and how much it allows.
    Limit(&'static str, u64),
    /// The plugin broke a rule of the ABI.
    Misused(&'static str),
    /// The plugin wanted what no manifest can declare.
    Undeclared(&'static str),
}

/// A host with its type forgotten, so that one engine serves all.
trait AnyHost: HostCalls {
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<H: HostCalls> AnyHost for H {
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// What belongs to one instance while it runs.
pub struct State {
    limits: Limits,
    /// Memory of messages, which the plugin reaches only by the functions of the ABI.
    arena: Vec<u8>,
    /// Where each block begins and how long it is.
    blocks: BTreeMap<u64, u64>,
    input: (u64, u64),
    output: (u64, u64),
    error: Option<u64>,
    status: i32,
    ends: Instant,
    calls: u64,
    peak: u64,
    elements: u64,
    stopped: Option<Stop>,
    host: Box<dyn AnyHost>,
}

impl State {
    pub fn new<H: HostCalls>(limits: Limits, input: Vec<u8>, ends: Instant, host: Box<H>) -> Self {
        let length = input.len() as u64;
        let mut arena = vec![0; usize::try_from(START).unwrap_or(0)];
        arena.extend(input);
        // An empty input has a place of its own too.
        arena.resize(arena.len().max(usize::try_from(START + SMALLEST).unwrap_or(0)), 0);
        Self {
            limits,
            arena,
            blocks: BTreeMap::from([(START, length)]),
            input: (START, length),
            output: (START, 0),
            error: None,
            status: 0,
            ends,
            calls: 0,
            peak: 0,
            elements: 0,
            stopped: None,
            host,
        }
    }

    /// Ends the call: the error travels through the module, the reason stays here.
    pub fn stop<T>(&mut self, why: Stop) -> wasmtime::Result<T> {
        self.stopped.get_or_insert(why);
        Err(wasmtime::Error::msg("stopped by the host"))
    }

    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    /// Lets the call go on for another tick, unless its time is over.
    pub fn still_in_time(&mut self) -> wasmtime::Result<UpdateDeadline> {
        if Instant::now() < self.ends { Ok(UpdateDeadline::Continue(1)) } else { self.too_late() }
    }

    fn too_late<T>(&mut self) -> wasmtime::Result<T> {
        self.stop(Stop::Limit("it took too long", self.limits.time_ms))
    }

    /// A new block. All blocks of a call together take at most eight messages, and never more than `MOST_MESSAGES`.
    pub fn alloc(&mut self, length: u64) -> wasmtime::Result<u64> {
        let most = self.limits.message_bytes.saturating_mul(8).min(MOST_MESSAGES);
        let at = (self.arena.len() as u64).next_multiple_of(8);
        if length > self.limits.message_bytes {
            return self.stop(Stop::Limit("a message is too large", self.limits.message_bytes));
        }
        // Each block also takes its place in the list of blocks.
        if at + length + self.blocks.len() as u64 * 64 > most {
            return self.stop(Stop::Limit("its messages together are too large", most));
        }
        let end = at + length.max(SMALLEST);
        if end > SMALL && end > self.arena.capacity() as u64 {
            let room = most.max(end) - self.arena.len() as u64;
            self.arena.reserve_exact(usize::try_from(room).unwrap_or(usize::MAX));
        }
        self.arena.resize(usize::try_from(end).unwrap_or(usize::MAX), 0);
        self.blocks.insert(at, length);
        Ok(at)
    }

    /// Gives a block back; the room of the last one is used again.
    pub fn free(&mut self, at: u64) {
        let Some(length) = self.blocks.remove(&at) else { return };
        if at + length.max(SMALLEST) == self.arena.len() as u64 && at > START {
            self.arena.truncate(usize::try_from(at).unwrap_or(usize::MAX));
        }
    }

    pub fn length(&self, at: u64) -> u64 {
        self.blocks.get(&at).copied().unwrap_or(0)
    }

    pub fn input(&self) -> (u64, u64) {
        self.input
    }

    pub fn load<const N: usize>(&mut self, at: u64) -> wasmtime::Result<[u8; N]> {
        let bytes = range(at, N as u64).and_then(|range| self.arena.get(range)).and_then(|bytes| bytes.try_into().ok());
        match bytes {
            Some(bytes) => Ok(bytes),
            None => self.stop(Stop::Misused("it read outside its messages")),
        }
    }

    pub fn load_input<const N: usize>(&mut self, at: u64) -> wasmtime::Result<[u8; N]> {
        let (start, length) = self.input;
        if at.checked_add(N as u64).is_none_or(|end| end > length) {
            return self.stop(Stop::Misused("it read outside its input"));
        }
        self.load(start + at)
    }

    pub fn store(&mut self, at: u64, bytes: &[u8]) -> wasmtime::Result<()> {
        match range(at, bytes.len() as u64).and_then(|range| self.arena.get_mut(range)) {
            Some(place) if at >= START => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            _ => self.stop(Stop::Misused("it wrote outside its messages")),
        }
    }

    /// The bytes of a whole block.
    fn block(&mut self, at: u64) -> wasmtime::Result<Vec<u8>> {
        match self.blocks.get(&at).and_then(|length| range(at, *length)).and_then(|range| self.arena.get(range)) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.stop(Stop::Misused("it named a message that it does not have")),
        }
    }

    pub fn set_output(&mut self, at: u64, length: u64) -> wasmtime::Result<()> {
        if length > self.limits.message_bytes {
            return self.stop(Stop::Limit("its output is too large", self.limits.message_bytes));
        }
        if range(at, length).and_then(|range| self.arena.get(range)).is_none() {
            return self.stop(Stop::Misused("its output lies outside its messages"));
        }
        self.output = (at, length);
        Ok(())
    }

    pub fn set_error(&mut self, at: u64) {
        self.error = (at != 0).then_some(at);
    }

    pub fn ended_with(&mut self, status: i32) {
        self.status = status;
    }

    pub fn failed(&self) -> bool {
        self.status != 0 || self.error.is_some()
    }

    /// What the plugin says about its failure, at most 2,000 bytes of it.
    pub fn said(&mut self) -> Option<String> {
        let block = self.block(self.error?).ok()?;
        Some(String::from_utf8_lossy(&block[..block.len().min(2_000)]).into_owned())
    }

    pub fn take_output(&mut self) -> Vec<u8> {
        let (at, length) = self.output;
        range(at, length).and_then(|range| self.arena.get(range)).map(<[u8]>::to_vec).unwrap_or_default()
    }

    /// Passes one message to the house and gives the block of the reply.
    pub fn phm_call(&mut self, at: u64) -> wasmtime::Result<u64> {
        self.calls += 1;
        if self.calls > self.limits.host_calls {
            return self.stop(Stop::Limit("it made too many host calls", self.limits.host_calls));
        }
        let request = self.block(at)?;
        let reply = self.host.call(&request);
        if Instant::now() >= self.ends {
            return self.too_late();
        }
        let place = self.alloc(reply.len() as u64)?;
        self.store(place, &reply)?;
        Ok(place)
    }

    pub fn log(&mut self, level: Level, at: u64) -> wasmtime::Result<()> {
        self.calls += 1;
        if self.calls > self.limits.host_calls {
            return self.stop(Stop::Limit("it made too many host calls", self.limits.host_calls));
        }
        let line = self.block(at)?;
        self.host.log(level, &String::from_utf8_lossy(&line));
        Ok(())
    }

    pub fn peak(&self) -> u64 {
        self.peak
    }

    pub fn into_host<H: HostCalls>(self) -> H {
        *self.host.into_any().downcast().expect("the host is of the type it was given as")
    }
}

fn range(at: u64, length: u64) -> Option<std::ops::Range<usize>> {
    Some(usize::try_from(at).ok()?..usize::try_from(at.checked_add(length)?).ok()?)
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired as u64 > self.limits.memory_bytes {
            return self.stop(Stop::Limit("it wants too much memory", self.limits.memory_bytes));
        }
        self.peak = self.peak.max(desired as u64);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.elements = self.elements.saturating_add(desired.saturating_sub(current) as u64);
        if self.elements > self.limits.table_elements {
            return self.stop(Stop::Limit("its tables are too large", self.limits.table_elements));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        8
    }

    fn memories(&self) -> usize {
        1
    }
}
