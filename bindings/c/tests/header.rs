//! The committed header is what the sources say, and the library offers what the header declares.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The header as cbindgen makes it of the sources.
fn made() -> String {
    let config = cbindgen::Config::from_file(here("cbindgen.toml")).expect("a configuration");
    let bindings = cbindgen::Builder::new().with_config(config).with_crate(here("")).generate().expect("a header");
    let mut out = Vec::new();
    bindings.write(&mut out);
    String::from_utf8(out).expect("UTF-8")
}

/// The functions a header declares.
fn declared(header: &str) -> BTreeSet<String> {
    let names = header
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .zip(header.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_'));
    let called = names.filter(|(name, with)| name.starts_with("phm_") && with.ends_with('('));
    called.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let (path, made) = (here("include/phm.h"), made());
    if std::env::var_os("PHM_WRITE").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("the header");
    assert_eq!(committed, made, "write it anew with PHM_WRITE=1");
}

#[test]
fn the_library_offers_what_the_header_declares_and_nothing_else_of_that_name() {
    let library =
        std::env::current_exe().expect("this test").parent().expect("deps").parent().expect("debug").join("libphm.so");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output().expect("nm runs");
    assert!(output.status.success(), "{}: build it first with `cargo build -p phm-c --lib`", library.display());
    let offered: BTreeSet<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .filter(|name| name.starts_with("phm_"))
        .map(str::to_owned)
        .collect();
    let committed = std::fs::read_to_string(here("include/phm.h")).expect("the header");
    assert_eq!(offered, declared(&committed));
    let listed = std::fs::read_to_string(here("symbols.txt")).expect("the list");
    assert_eq!(offered.into_iter().collect::<Vec<_>>().join("\n") + "\n", listed, "a function came or went");
}
