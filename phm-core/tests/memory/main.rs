//! However many people a vault holds, the memory it takes stays within what it was given: the indexes' budget, the
//! engine's cache, and a margin for everything that does not grow. And a machine with 2 GB has room for it.
//!
//! What is measured or limited is a process of its own: this program again, with one of the "programs" below instead of
//! a test. `PHM_LONG=1` measures 1,000 people with 1,000 records each.

mod budget;
#[path = "../house/mod.rs"]
mod house;
mod limit;
mod scene;

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn is_long() -> bool {
    std::env::var_os("PHM_LONG").is_some_and(|value| value == "1")
}

/// Bytes of this process, from `/proc/self/status`.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field is there");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1024
}

/// The arguments with which this program runs the program `name` alone.
fn alone(name: &str) -> [&str; 4] {
    [name, "--exact", "--nocapture", "--test-threads=1"]
}

/// What a program said in its line of JSON; it has to end well.
fn said(command: &mut Command) -> Value {
    let Output { status, stderr, .. } = command.stdout(Stdio::null()).output().expect("it runs");
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{status}: {text}");
    let line = text.lines().find_map(|line| serde_json::from_str(line).ok());
    line.unwrap_or_else(|| panic!("it said nothing: {text}"))
}
