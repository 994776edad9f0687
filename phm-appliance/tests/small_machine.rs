//! The appliance on a machine with 2 GB: with 512 MiB of memory and no more it makes the demo household, signs in who
//! lives there, shows everybody's dashboard and stops in order. Three quarters of the machine stay with others.
//!
//! The limit is the kernel's on all private memory that can be written (`ulimit -d`): what needs more does not get slow,
//! it fails. Addresses that are only reserved, as for plugins, do not count.
#![cfg(target_os = "linux")]

mod asking;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use asking::ask;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const LIMIT: u64 = 512 << 20;

/// Ends the appliance also where the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the demo with so much memory, and reads the line that says it is ready.
fn serve_demo(home: &Path) -> (Running, Value) {
    fs::write(home.join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d \"$0\" && exec \"$@\"", &(LIMIT >> 10).to_string(), env!("CARGO_BIN_EXE_phm")]);
    command.args(["--json", "serve", "--demo", "--listen", "127.0.0.1:0"]).current_dir(home);
    command.env_remove("PHM_PASSPHRASE_FILE").env_remove("PHM_RECOVERY_CODE_FILE");
    command.env("PHM_DATA_DIR", home.join("data")).env("PHM_KEY_FILE", home.join("key"));
    // As many as such a machine has: each has a stack, and this one may have a hundred cores.
    command.env("TOKIO_WORKER_THREADS", "4");
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell"));
    let mut line = String::new();
    BufReader::new(running.0.stdout.as_mut().expect("its output")).read_line(&mut line).expect("a line");
    let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}"));
    (running, ready)
}

/// Every text that stands under this name in an answer.
fn texts<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let begins = format!("\"{name}\":\"");
    answer.split(&begins).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_demo_is_made_shown_and_stopped_in_a_quarter_of_two_gigabytes() {
    let home = tempfile::tempdir().expect("a folder");
    let (mut running, ready) = serve_demo(home.path());
    let proc = Path::new("/proc").join(running.0.id().to_string());
    let limits = fs::read_to_string(proc.join("limits")).expect("the kernel tells");
    let data = limits.lines().find_map(|line| line.strip_prefix("Max data size")).expect("a line");
    assert_eq!(data.split_whitespace().next(), Some(LIMIT.to_string().as_str()), "{data}");

    let place = ready["url"].as_str().expect("an address").replace("http://localhost", "127.0.0.1");
    let (status, page) = ask(&place, "GET", "/sign-in", "", "");
    assert!(status == 200 && page.contains("<form"), "{status}");
    let sign_in = json!({"email": ready["sign_in"]["email"], "password": ready["sign_in"]["password"]}).to_string();
    let (status, answer) = ask(&place, "POST", "/api/v1/auth/login", "", &sign_in);
    assert_eq!(status, 200, "{answer}");
    let token = texts(&answer, "access_token")[0];
    let (status, people) = ask(&place, "GET", "/api/v1/profiles", token, "");
    let people = texts(&people, "profile");
    assert_eq!((status, people.len()), (200, 4), "a household of four");
    for person in people {
        let (status, shown) = ask(&place, "GET", &format!("/api/v1/profiles/{person}/dashboard"), token, "");
        assert!(status == 200 && shown.contains("\"success\":true"), "{status}");
    }

    kill_process(Pid::from_child(&running.0), Signal::TERM).expect("it runs");
    let ended = running.0.wait().expect("it ends");
    assert!(ended.success(), "{ended}");
}
