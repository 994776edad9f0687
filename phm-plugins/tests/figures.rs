//! What calls cost, beside the figures of the design, and that many of them leave nothing behind.
//!
//! The bounds here are loose, because tests share the machine with others; `PHM_LONG=1` prints the figures and runs 10,000
//! cycles. Design section 9: a fresh instance of a compiled module within 200 µs, a load from the cache within 5 ms.

mod house;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use house::{House, answers, manifest, plugin, plugin_with};
use phm_plugin_api::v1::calls::Level;
use phm_plugins::Limits;
use phm_plugins::Plugins;
use phm_plugins::runtime::{self, Engine, HostCalls, Module};

/// Asks the house many times; the benchmarks run the same.
const TALKS: &str = include_str!("wat/round-trips.wat");
/// How often.
const ROUND_TRIPS: u32 = 1_000;

/// Gives every message back.
struct Echo;

impl HostCalls for Echo {
    fn call(&mut self, request: &[u8]) -> Vec<u8> {
        request.to_vec()
    }

    fn log(&mut self, _: Level, _: &str) {}
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took[took.len() / 2]
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("a number") * 4096
}

#[test]
fn many_calls_are_quick_and_leave_nothing_behind() {
    let long = std::env::var_os("PHM_LONG").is_some();
    let cycles = if long { 10_000 } else { 500 };
    let wasm = wat::parse_str(answers(r#"{"findings":[]}"#)).expect("good text");
    let module = Module::compile(&Engine::shared().expect("an engine"), &wasm, "find").expect("a module");
    let once = || {
        let began = Instant::now();
        let run = runtime::run(&module, "find", b"{}".to_vec(), &Limits::USUAL, Echo);
        assert_eq!(run.output.expect("an answer"), br#"{"findings":[]}"#);
        began.elapsed()
    };
    (0..100).for_each(|_| _ = once());
    let before = resident();
    let fresh = median((0..cycles).map(|_| once()).collect());
    let grown = resident().saturating_sub(before);
    println!("fresh instance and call: {fresh:?}; {cycles} of them grew the process by {grown} bytes");
    assert!(fresh < Duration::from_millis(5), "{fresh:?}");
    assert!(grown < 8 << 20, "{grown} bytes in {cycles} calls");
}

#[test]
fn a_round_trip_to_the_house_is_quick() {
    let module =
        Module::compile(&Engine::shared().expect("an engine"), &wat::parse_str(TALKS).expect("good text"), "find");
    let module = module.expect("a module");
    let took = (0..20).map(|_| {
        let run = runtime::run(&module, "find", vec![b' '; 200], &Limits::USUAL, Echo);
        run.output.expect("an answer");
        run.took / ROUND_TRIPS
    });
    let took = median(took.collect());
    println!("a round trip of 200 bytes: {took:?}");
    assert!(took < Duration::from_micros(500), "{took:?}");
}

#[test]
fn a_compiled_module_is_loaded_from_the_cache() {
    let house = House::new();
    house.enable(&manifest(""), &answers(r#"{"findings":[]}"#));
    let input = serde_json::json!({"language": "en"});
    let took = (0..10).map(|_| {
        // As after a restart: nothing is ready.
        let plugins = Plugins::of(&house.vault);
        let began = Instant::now();
        plugins.call(&house.about_nobody(), "probe", &input, &[]).expect("an answer");
        began.elapsed()
    });
    let took = median(took.collect());
    println!("load from the cache and call, whole path: {took:?}");
    assert!(took < Duration::from_millis(200), "{took:?}");
}

/// Plugins that take all they can get, more of them at once than may run at a time.
#[test]
fn many_bombs_at_once_take_what_their_limits_allow_and_give_it_back() {
    let memory = plugin(
        "(local $at i32)
        (loop $on
            (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
            (loop $fill
                (i32.store8 (local.get $at) (i32.const 1))
                (local.set $at (i32.add (local.get $at) (i32.const 4096)))
                (br_if $fill (i32.lt_u (local.get $at) (i32.mul (memory.size) (i32.const 65536)))))
            (br $on))
        (i32.const 0)",
    );
    let tables = plugin_with(
        "(table $t 0 100000 funcref)",
        "(loop $on (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $on)) (i32.const 0)",
    );
    // Messages lie in the house's own memory: eight of the largest at most.
    let messages = plugin("(loop $on (drop (call $alloc (i64.const 4000000))) (br $on)) (i32.const 0)");
    for (what, wat) in [("memory", memory), ("tables", tables), ("messages", messages)] {
        let (most, left) = at_once(&wat);
        println!("twelve bombs of {what} at once: {most} bytes at most, {left} left");
        // Four at a time with 32 MiB each, beside what the other tests of this file take.
        assert!(most < 256 << 20, "{what}: {most} bytes more");
        assert!(left < 64 << 20, "{what}: {left} bytes are left");
    }
}

/// Runs twelve of a bomb at once, and another plugin beside them; how many bytes the process grew by at most, and in the end.
fn at_once(bomb: &str) -> (u64, u64) {
    let house = House::new();
    house.enable(&manifest("[limits]\nmemory_bytes = 33554432\ntime_ms = 30000"), bomb);
    let other = manifest("").replace("probe", "other");
    house.enable(&other, &answers(r#"{"findings":[]}"#));
    let input = serde_json::json!({"language": "en"});
    house.call().expect_err("what every call needs is there by now");
    let before = resident();
    let done = AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(resident());
                std::thread::sleep(Duration::from_millis(1));
            }
            most
        });
        let bombs: Vec<_> = (0..12).map(|_| scope.spawn(|| house.call())).collect();
        house.plugins.call(&house.about_nobody(), "other", &input, &[]).expect("others go on");
        for bomb in bombs {
            let error = bomb.join().expect("no panic").expect_err("stopped");
            assert_eq!(error.code(), "limit-reached", "{error}");
        }
        done.store(true, Ordering::Relaxed);
        watch.join().expect("no panic")
    });
    (most.saturating_sub(before), resident().saturating_sub(before))
}
