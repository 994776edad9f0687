//! The rows about plugins: what it costs to have one ready, to call it, and to be called by it, and that calls leave nothing behind.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use phm_plugin_api::v1::calls::Level;
use phm_plugins::Limits;
use phm_plugins::runtime::{self, Engine, HostCalls, Module};

use crate::house::House;
use crate::machine;
use crate::table::{Row, Target, interleaved};

/// Calls whose median is taken, and after which nothing may have grown.
const CYCLES: u32 = 10_000;
/// Calls of the house in one call of a plugin, as [`TALKS`] counts them.
const ROUND_TRIPS: u32 = 1_000;
/// Functions of the module that is loaded: with them it is as large as the plugins that are shipped.
const FUNCTIONS: u32 = 2_000;

/// Gives every message back.
struct Echo;

impl HostCalls for Echo {
    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        request.to_vec()
    }

    fn log(&mut self, _: Level, _: &str) {}
}

/// Measures and gives the rows.
pub fn rows(data: &Path, rounds: usize) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let folder = data.join("plugins");
    std::fs::create_dir_all(&folder)?;
    let house = House::create(&folder)?;
    let (engine, key) = (Engine::shared()?, house.vault.token_key()?);
    let (wasm, cache) = (wat::parse_str(large())?, folder.join("cache"));
    let load = || Module::load(&engine, &wasm, "find", &cache, &key, "bench");
    // The first time it is compiled and kept.
    load()?;
    let mut loaded = || {
        let begun = Instant::now();
        load().expect("it is kept");
        begun.elapsed().as_secs_f64() * 1e3
    };
    let [load_ms] = interleaved(rounds, [&mut loaded]);

    let module = Module::compile(&engine, &wat::parse_str(ANSWERS)?, "find")?;
    let call = |input: &[u8]| {
        let run = runtime::run(&module, "find", input.to_vec(), &Limits::USUAL, Echo);
        assert_eq!(run.output.expect("an answer"), input);
        run.took.as_secs_f64() * 1e6
    };
    let mut fresh = || {
        let mut took: Vec<f64> = (0..1_000).map(|_| call(b"{}")).collect();
        crate::table::median(&mut took)
    };
    let [fresh_us] = interleaved(rounds, [&mut fresh]);

    let talker = Module::compile(&engine, &wat::parse_str(TALKS)?, "find")?;
    let mut trips = || {
        let run = runtime::run(&talker, "find", vec![b' '; 200], &Limits::USUAL, Echo);
        run.output.expect("an answer");
        run.took.as_secs_f64() * 1e6 / f64::from(ROUND_TRIPS)
    };
    let [trip_us] = interleaved(rounds, [&mut trips]);

    let now = || machine::resident_mb(std::process::id()).ok_or("no /proc");
    let before = now()?;
    for _ in 0..CYCLES {
        call(b"{}");
    }
    let grown = (now()? - before).max(0.0);

    let size = wasm.len().div_ceil(1000);
    Ok(vec![
        Row::alone(&format!("plugin: load a module of {size} KB from the cache"), "ms", Target::AtMost(5.0), load_ms),
        Row::alone("plugin: call in a fresh instance", "µs", Target::AtMost(200.0), fresh_us),
        Row::alone("plugin: a call of the house and back, 200 bytes", "µs", Target::ForTheRecord, trip_us),
        Row::alone("plugin: growth of the process in 10,000 calls", "MB", Target::AtMost(2.0), grown),
    ])
}

/// Answers with its input.
const ANSWERS: &str = r#"(module
    (import "extism:host/env" "input_offset" (func $input (result i64)))
    (import "extism:host/env" "input_length" (func $length (result i64)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (memory 1)
    (func (export "find") (result i32) (call $output (call $input) (call $length)) (i32.const 0)))"#;

/// Asks the house many times; the plugins' own tests run the same.
const TALKS: &str = include_str!("../../phm-plugins/tests/wat/round-trips.wat");

/// A module with much code.
fn large() -> String {
    let mut text = "(module (memory 1) (func (export \"find\") (result i32) (i32.const 0))".to_owned();
    for n in 0..FUNCTIONS {
        // A text takes everything. Each is another function, so that none stands for all.
        let _ = write!(
            text,
            "(func (param i32 i64) (result i64) (local i64) (local.set 2 (i64.mul (local.get 1) (i64.const {n}))) \
             (if (i32.gt_s (local.get 0) (i32.const {n})) (then (i64.store (local.get 0) (local.get 2)))) \
             (i64.add (local.get 2) (i64.load (i32.and (local.get 0) (i32.const 1023)))))"
        );
    }
    text + ")"
}
