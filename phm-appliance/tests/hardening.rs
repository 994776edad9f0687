//! What the kernel says of a running `phm`: it leaves no core file, and nobody looks into its memory.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn phm(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
    command.env_clear().env("PHM_DATA_DIR", home.join("data")).env("PHM_KEY_FILE", home.join("key")).arg("--json");
    command
}

/// Ends the appliance also where the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_running_appliance_leaves_no_core_file_and_keeps_its_keys_out_of_the_swap() {
    let home = tempfile::tempdir().expect("a folder");
    fs::write(home.path().join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    let mut serve = phm(home.path());
    serve.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(serve.spawn().expect("the program runs"));
    let mut ready = String::new();
    let out = running.0.stdout.take().expect("standard output is piped");
    BufReader::new(out).read_line(&mut ready).expect("a line");
    assert_eq!(serde_json::from_str::<Value>(&ready).expect("JSON")["ready"], true, "{ready}");

    let proc = Path::new("/proc").join(running.0.id().to_string());
    let limits = fs::read_to_string(proc.join("limits")).expect("the kernel tells");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let status = fs::read_to_string(proc.join("status")).expect("the kernel tells");
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("a line").trim();
    drop(running);

    let doctor = phm(home.path()).arg("doctor").output().expect("the program runs");
    let report: Value = serde_json::from_slice(&doctor.stdout).expect("one JSON document");
    let checks = report["checks"].as_array().expect("checks");
    let memory = checks.iter().find(|check| check["id"] == "memory").expect("a check of the memory");
    let swap = memory["message"].as_str().expect("a message").contains("swap");
    // The system of the test may forbid locking; then the doctor says so.
    assert!(memory["status"] == "ok" || swap, "{memory}");
    assert_eq!(locked == "0 kB", memory["status"] != "ok", "{locked}: {memory}");
}
