//! A vault and the program `phm` on it, for tests of commands.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder with a vault that a key file opens.
pub struct Home(tempfile::TempDir);

impl Home {
    /// A new vault in a folder of its own.
    pub fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        home.done(&["init"]);
        home
    }

    /// The file `name` in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What `phm` with these arguments answers; nobody sits before it.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.env_remove("PHM_PASSPHRASE_FILE").env_remove("PHM_RECOVERY_CODE_FILE");
        command.env("PHM_DATA_DIR", self.path("data")).env("PHM_KEY_FILE", self.path("key"));
        command.args(args).stdin(Stdio::null()).output().expect("the program runs")
    }

    /// The answer of a command that succeeds.
    pub fn done(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// The exit code and error code of a command that fails.
    pub fn failed(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(&[args, &["--json"]].concat());
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        let code = value["error"]["code"].as_str().expect("an error").to_owned();
        (output.status.code().expect("it ended"), code)
    }
}
