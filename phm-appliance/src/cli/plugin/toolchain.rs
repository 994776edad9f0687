//! Compiling a plugin: by the Rust that is there, or, where that has no WebAssembly, by Debian's.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use phm_plugins::Manifest;
use serde_json::Value;

use super::super::Place;
use super::super::output::Failure;

const TARGET: &str = "wasm32-unknown-unknown";

/// What makes a module small: it is loaded and kept, and copied into every house.
const SMALL: [(&str, &str); 6] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s"),
    ("CARGO_PROFILE_RELEASE_LTO", "true"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
];

/// Compiles the plugin in `dir` and puts its module where the manifest says.
pub fn build(place: &Place, dir: &Path) -> Result<PathBuf, Failure> {
    let text = std::fs::read_to_string(dir.join("plugin.toml"))
        .map_err(|_| Failure::new("not-found", "there is no plugin.toml in this folder"))?;
    let manifest = Manifest::parse(&text)?;
    if !dir.join("Cargo.toml").exists() {
        // Written in another language: its module is there already.
        let wasm = dir.join(&manifest.entry);
        return if wasm.exists() {
            Ok(wasm)
        } else {
            Err(Failure::new("not-found", "there is no Cargo.toml, and no module"))
        };
    }
    let mut cargo = for_wasm()?;
    cargo.args(["build", "--release", "--lib", "--message-format=json-render-diagnostics", "--target", TARGET]);
    cargo.current_dir(dir).envs(SMALL).stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::piped());
    let output = cargo.output().map_err(|_| no_cargo())?;
    // What the compiler says is for whoever runs the command, wherever that is.
    place.error().write_all(&output.stderr)?;
    if !output.status.success() {
        return Err(Failure::new("check-failed", "the plugin does not compile"));
    }
    let built = module_of(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
        Failure::new(
            "check-failed",
            "the crate makes no module; its Cargo.toml needs `crate-type = [\"cdylib\", \"rlib\"]`",
        )
    })?;
    let wasm = dir.join(&manifest.entry);
    std::fs::copy(built, &wasm)?;
    Ok(wasm)
}

/// Runs the tests of the crate in `dir`, natively.
pub fn test(place: &Place, dir: &Path) -> Result<(), Failure> {
    if !dir.join("Cargo.toml").exists() {
        return Ok(());
    }
    let output = cargo().arg("test").current_dir(dir).stdin(Stdio::null()).output().map_err(|_| no_cargo())?;
    let mut errors = place.error();
    errors.write_all(&output.stdout)?;
    errors.write_all(&output.stderr)?;
    if output.status.success() { Ok(()) } else { Err(Failure::new("check-failed", "the plugin's own tests fail")) }
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // A plugin is built for itself, whatever builds around it.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("RUSTC_WORKSPACE_WRAPPER");
    cargo
}

fn for_wasm() -> Result<Command, Failure> {
    if has_target("rustc") {
        return Ok(cargo());
    }
    let [rustc, cargo, linker] = ["/usr/bin/rustc", "/usr/bin/cargo", "/usr/bin/wasm-ld"];
    if [rustc, cargo, linker].iter().all(|path| Path::new(path).exists()) {
        let mut command = Command::new(cargo);
        command.env("RUSTC", rustc).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        if !has_target(rustc) {
            // Debian brings the sources of the standard library instead of the library.
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        return Ok(command);
    }
    Err(Failure::new(
        "no-wasm",
        "this Rust cannot compile to WebAssembly; `rustup target add wasm32-unknown-unknown`, or on Debian install \
         rustc-web, cargo-web, rust-web-src and lld",
    ))
}

/// Whether the standard library for WebAssembly is there.
fn has_target(rustc: &str) -> bool {
    let printed = Command::new(rustc).args(["--print", "sysroot"]).output();
    printed.is_ok_and(|output| {
        let root = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        !root.is_empty() && Path::new(&root).join("lib/rustlib").join(TARGET).is_dir()
    })
}

fn no_cargo() -> Failure {
    Failure::new("not-found", "cargo does not run; install Rust from your system or by rustup")
}

/// The module that cargo says it made last, which is that of the crate itself.
fn module_of(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut made = messages.filter(|message| message["reason"] == "compiler-artifact").flat_map(|message| {
        let files = message["filenames"].as_array().cloned().unwrap_or_default();
        files.into_iter().filter_map(|file| Some(PathBuf::from(file.as_str()?)))
    });
    made.rfind(|path| path.extension().is_some_and(|end| end == "wasm"))
}
